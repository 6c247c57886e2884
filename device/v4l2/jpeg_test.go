package v4l2

import (
	"bytes"
	"errors"
	"image"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"optag/device/v4l2/v4l2test"
)

// whole reports whether a file passes the check of a still.
func whole(data []byte) bool {
	f, err := parseJPEG(data)
	return err == nil && f.walk() == nil
}

// TestAnnexK: the tables put into a file are those image/jpeg writes, which are
// the standard's.
func TestAnnexK(t *testing.T) {
	file := v4l2test.File(64, 48, 0)
	f, err := parseJPEG(append(v4l2test.Bare(file), 0, 0, 0xff, 0xd9))
	if err != nil {
		t.Fatal(err)
	}
	if got := f.appendTo(nil); !bytes.Equal(got, file) {
		t.Errorf("a file of %d bytes without its tables became one of %d bytes", len(file), len(got))
	}
}

func TestFilesOfOtherCameras(t *testing.T) {
	for _, c := range []struct {
		name string
		o    v4l2test.Coding
	}{
		{"grey", v4l2test.Coding{Planes: 1}},
		{"4:4:4", v4l2test.Coding{Across: 1, Down: 1}},
		{"4:2:2", v4l2test.Coding{Across: 2, Down: 1}},
		{"4:2:2 with restart markers", v4l2test.Coding{Across: 2, Down: 1, Restart: 4}},
		{"4:2:0 with a restart marker in each line", v4l2test.Coding{Across: 2, Down: 2, Restart: 5}},
		{"a restart marker after every unit", v4l2test.Coding{Across: 2, Down: 2, Restart: 1}},
		{"fill bytes before markers", v4l2test.Coding{Across: 2, Down: 1, Restart: 4, Fill: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := v4l2test.Flat(77, 50, c.o)
			f, err := parseJPEG(append(slices.Clone(data), 0, 1, 2))
			if err != nil {
				t.Fatal(err)
			}
			if err := f.walk(); err != nil {
				t.Fatal(err)
			}
			if f.size != image.Pt(77, 50) || len(f.data) != len(data) {
				t.Errorf("%v, %d bytes, want 77x50 and %d", f.size, len(f.data), len(data))
			}
			if _, err := jpeg.Decode(bytes.NewReader(f.appendTo(nil))); err != nil {
				t.Errorf("decoding: %v", err)
			}
		})
	}
}

func TestTorn(t *testing.T) {
	data := v4l2test.Flat(77, 50, v4l2test.Coding{Across: 2, Down: 1, Restart: 4})
	if !whole(data) {
		t.Fatal("the whole one is not")
	}
	for n := range len(data) {
		if whole(data[:n]) {
			t.Errorf("cut off at %d of %d bytes, and whole", n, len(data))
		}
	}
	at := bytes.Index(data, []byte{0xff, 0xd1})
	swapped := slices.Clone(data)
	swapped[at+1] = 0xd2
	for name, torn := range map[string][]byte{
		"a restart marker out of order": swapped,
		"a restart marker missing":      slices.Delete(slices.Clone(data), at, at+2),
		"another picture's end":         append(slices.Clone(data[:at]), data[at+9:]...),
	} {
		if whole(torn) {
			t.Errorf("%s, and whole", name)
		}
	}
}

// TestPiecesLost measures how many pictures with a piece lost on the bus, of a
// byte to three packets, pass for whole.
func TestPiecesLost(t *testing.T) {
	file := v4l2test.File(320, 240, 1)
	f, err := parseJPEG(file)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(7, 7))
	const n = 3000
	passed := 0
	for range n {
		at := f.scan + r.IntN(len(file)-f.scan-2)
		lost := min(1+r.IntN(3072), len(file)-2-at)
		if whole(slices.Delete(slices.Clone(file), at, at+lost)) {
			passed++
		}
	}
	t.Logf("%d of %d torn pictures pass", passed, n)
	if passed > n/200 {
		t.Errorf("%d of %d torn pictures pass, want at most 0.5 %%", passed, n)
	}
}

// FuzzJPEG: whatever a camera sends, a file called whole stays whole when its
// tables are put in and its padding is gone, and image/jpeg can read it.
func FuzzJPEG(f *testing.F) {
	f.Add(v4l2test.File(32, 24, 0))
	f.Add(v4l2test.Scene("MJPG", 40, 24, 1))
	f.Add(v4l2test.Flat(33, 17, v4l2test.Coding{Across: 2, Down: 1, Restart: 2, Fill: true}))
	f.Add(v4l2test.Flat(33, 17, v4l2test.Coding{Planes: 1}))
	f.Add([]byte("\xff\xd8\xff\xda\x00\x02"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := parseJPEG(data)
		if err != nil || file.size.X*file.size.Y > 1<<20 || file.walk() != nil {
			return
		}
		again := file.appendTo(nil)
		second, err := parseJPEG(again)
		if err != nil || second.tables >= 0 || len(second.data) != len(again) || second.walk() != nil {
			t.Fatalf("a whole file is not when written again: %v", err)
		}
		_, err = jpeg.Decode(bytes.NewReader(again))
		var lacks jpeg.UnsupportedError
		if err != nil && !errors.As(err, &lacks) {
			t.Fatalf("image/jpeg: %v", err)
		}
	})
}

func BenchmarkShow(b *testing.B) {
	const w, h = 1280, 720
	file := v4l2test.Scene("MJPG", w, h, 0)
	parsed, err := parseJPEG(file)
	if err != nil {
		b.Fatal(err)
	}
	with := parsed.appendTo(nil)
	raw := v4l2test.Scene("YUYV", w, h, 0)
	table, dst := colourOf(0, 0, 0).table(), image.NewRGBA(image.Rect(0, 0, w, h))
	for _, c := range []struct {
		name string
		do   func()
	}{
		{"parse", func() { _, _ = parseJPEG(file) }},
		{"walk", func() { _ = parsed.walk() }},
		{"decode", func() { _, _ = jpeg.Decode(bytes.NewReader(with)) }},
		{"YUYV", func() { table.convert(dst, raw, 2*w) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				c.do()
			}
		})
	}
}

// BenchmarkYUYV compares the way from YUYV to the screen with the standard
// library's from the same samples, turn by turn.
func BenchmarkYUYV(b *testing.B) {
	const w, h = 1280, 720
	raw := v4l2test.Scene("YUYV", w, h, 0)
	peer := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio422)
	table, dst := colourOf(7, 0, 0).table(), image.NewRGBA(image.Rect(0, 0, w, h))
	ours, theirs := time.Hour, time.Hour
	for b.Loop() {
		begun := time.Now()
		table.convert(dst, raw, 2*w)
		ours = min(ours, time.Since(begun))
		begun = time.Now()
		for i := 0; i < w*h/2; i++ {
			peer.Y[2*i], peer.Cb[i], peer.Y[2*i+1], peer.Cr[i] = raw[4*i], raw[4*i+1], raw[4*i+2], raw[4*i+3]
		}
		draw.Draw(dst, dst.Rect, peer, image.Point{}, draw.Src)
		theirs = min(theirs, time.Since(begun))
	}
	b.ReportMetric(float64(ours.Microseconds()), "µs/picture")
	b.ReportMetric(float64(ours)/float64(theirs), "of-image/draw")
}
