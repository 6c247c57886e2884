package wsq

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"math"
	"runtime"
	"slices"
	"testing"
)

// fingerImage paints a finger of w × h pixels.
func fingerImage(seed uint64, w, h int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	b := brush(seed)
	b.finger(img.Pix, w, h)
	return img
}

// grey is an image of one grey level.
func grey(w, h int, v byte) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = v
	}
	return img
}

func mustEncode(t testing.TB, img *image.Gray, o Options) []byte {
	t.Helper()
	data, err := Encode(img, o)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func mustDecode(t testing.TB, data []byte) (*image.Gray, Info) {
	t.Helper()
	img, info, err := Decode(data, 0)
	if err != nil {
		t.Fatal(err)
	}
	return img, info
}

// psnr is the peak signal-to-noise ratio of b to a in decibels.
func psnr(a, b *image.Gray) float64 {
	sum, size := 0.0, a.Rect.Size()
	for y := range size.Y {
		for x := range size.X {
			d := float64(a.Pix[y*a.Stride+x]) - float64(b.Pix[y*b.Stride+x])
			sum += d * d
		}
	}
	return 10 * math.Log10(255*255*float64(size.X*size.Y)/sum)
}

// TestAnySize: an image of any size comes back where the stream says it lies,
// and the frame is never smaller than other readers take.
func TestAnySize(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {2, 1}, {1, 2}, {3, 5}, {64, 64}, {255, 255}, {255, 300}, {300, 17}, {256, 256}, {257, 259}, {1, 1000}, {400, 500}} {
		img := fingerImage(11, size.X, size.Y)
		frame, info := mustDecode(t, mustEncode(t, img, Options{Rate: 2.25}))
		if info.Content.Size() != size || !info.Content.In(frame.Rect) {
			t.Errorf("%v: the image lies at %v of %v", size, info.Content, frame.Rect)
			continue
		}
		if frame.Rect.Size() != image.Pt(max(size.X, MinSide), max(size.Y, MinSide)) {
			t.Errorf("%v: the frame is %v", size, frame.Rect)
		}
		if got := psnr(img, frame.SubImage(info.Content).(*image.Gray)); got < 24 && min(size.X, size.Y) > 16 {
			t.Errorf("%v: %.1f dB", size, got)
		}
		margins := [4]int{info.Content.Min.X, info.Content.Min.Y, frame.Rect.Max.X - info.Content.Max.X, frame.Rect.Max.Y - info.Content.Max.Y}
		if d := margins[2] - margins[0]; d < 0 || d > 1 {
			t.Errorf("%v: %d and %d columns of white", size, margins[0], margins[2])
		}
		if d := margins[3] - margins[1]; d < 0 || d > 1 {
			t.Errorf("%v: %d and %d rows of white", size, margins[1], margins[3])
		}
	}
}

// TestPadding: what is added is white, and but for the comment the stream is that
// of an image with as much white about it.
func TestPadding(t *testing.T) {
	small, white := fingerImage(11, 201, 300), grey(256, 300, 255)
	for y := range 300 {
		copy(white.Pix[y*256+27:], small.Pix[y*201:][:201])
	}
	got, want := taken(t, mustEncode(t, small, Options{})), taken(t, mustEncode(t, white, Options{}))
	if !bytes.Equal(joined(got[atDTT:]...), joined(want[atDTT:]...)) {
		t.Error("the padded image gives another stream than one with white about it")
	}
	frame, info := mustDecode(t, mustEncode(t, grey(100, 80, 60), Options{}))
	for _, p := range []image.Point{{2, 2}, {253, 2}, {2, 253}, {253, 253}, {128, 40}} {
		if v := frame.GrayAt(p.X, p.Y).Y; v < 250 {
			t.Errorf("at %v the padding is %d", p, v)
		}
	}
	middle := info.Content.Min.Add(info.Content.Size().Div(2))
	if v := frame.GrayAt(middle.X, middle.Y).Y; v < 55 || v > 65 {
		t.Errorf("the middle of the image is %d, want 60", v)
	}
}

// TestPartOfAnImage: a part of a larger image is packed as a copy of it is.
func TestPartOfAnImage(t *testing.T) {
	whole := fingerImage(4, 500, 600)
	part := whole.SubImage(image.Rect(37, 91, 400, 555)).(*image.Gray)
	alone := image.NewGray(image.Rect(0, 0, 363, 464))
	for y := range 464 {
		copy(alone.Pix[y*363:][:363], part.Pix[y*part.Stride:])
	}
	if !bytes.Equal(mustEncode(t, part, Options{}), mustEncode(t, alone, Options{})) {
		t.Error("the part gives another stream")
	}
}

// TestRefusedByTheEncoder: what cannot be packed is refused with a reason.
func TestRefusedByTheEncoder(t *testing.T) {
	img := fingerImage(5, 300, 300)
	for _, c := range []struct {
		name string
		img  *image.Gray
		o    Options
	}{
		{"no pixels", image.NewGray(image.Rect(0, 0, 0, 10)), Options{}},
		{"wider than 65,535", image.NewGray(image.Rect(0, 0, 65536, 1)), Options{}},
		{"a sum beyond 32 bits", &image.Gray{Rect: image.Rect(0, 0, 5000, 5000), Stride: 5000}, Options{}},
		{"a negative rate", img, Options{Rate: -0.75}},
		{"a rate that is no number", img, Options{Rate: math.NaN()}},
		{"a rate that is 0 in single precision", img, Options{Rate: 1e-60}},
		{"more bits than the image has", img, Options{Rate: 9}},
		{"a negative resolution", img, Options{PPI: -500}},
		{"a comment that would be taken for NIST's", img, Options{Comments: []string{"NIST_COM 2\nPPI 1"}}},
		{"a comment longer than a segment", img, Options{Comments: []string{string(make([]byte, 65534))}}},
	} {
		if _, err := Encode(c.img, c.o); err == nil {
			t.Errorf("%s: no error", c.name)
		}
	}
	if _, err := Encode(img, Options{Lossy: true}); !errors.Is(err, ErrLossy) {
		t.Errorf("pixels from a lossy source: %v", err)
	}
	if _, _, err := EncodeFor(img, Options{Lossy: true}, Chip()); !errors.Is(err, ErrLossy) {
		t.Errorf("pixels from a lossy source, for a chip: %v", err)
	}
}

// TestWhatAStreamSays: resolution, rate, certificate and comments come back.
func TestWhatAStreamSays(t *testing.T) {
	comments := []string{"taken at counter 3", "", "\x00\xff\n"}
	data := mustEncode(t, fingerImage(6, 300, 256), Options{Rate: 0.9, PPI: 508, Software: 54321, Comments: comments})
	_, got := mustDecode(t, append(data, 1, 2, 3))
	if got.PPI != 508 || math.Abs(got.Rate-0.9) > 1e-6 || got.Software != 54321 || got.Version != 2 || got.Trailing != 3 {
		t.Errorf("%+v", got)
	}
	if !slices.Equal(got.Comments, comments) {
		t.Errorf("comments %q, want %q", got.Comments, comments)
	}
	config, err := DecodeConfig(data)
	if err != nil || config.PPI != 508 || config.Width != 300 || config.Software != 54321 || !slices.Equal(config.Comments, comments) {
		t.Errorf("DecodeConfig = %+v, %v", config, err)
	}
	if got, _ := DecodeConfig(mustEncode(t, fingerImage(6, 300, 256), Options{})); got.PPI != 0 || got.Rate != DefaultRate {
		t.Errorf("nothing asked for: %+v", got)
	}
}

// TestSmooth: an image too smooth for its rate is packed at a lower one, and
// comes back well.
func TestSmooth(t *testing.T) {
	ramp := image.NewGray(image.Rect(0, 0, 400, 500))
	for i := range ramp.Pix {
		ramp.Pix[i] = byte(i % 400 * 255 / 400)
	}
	dot := grey(400, 500, 200)
	dot.SetGray(200, 250, color.Gray{Y: 20})
	for name, img := range map[string]*image.Gray{"a ramp": ramp, "a dot": dot} {
		frame, info := mustDecode(t, mustEncode(t, img, Options{}))
		if got := psnr(img, frame); got < 45 {
			t.Errorf("%s: %.1f dB", name, got)
		}
		if info.Rate >= DefaultRate {
			t.Errorf("%s: the stream says it has the rate %v", name, info.Rate)
		}
	}
}

// TestTargets: the size is what enrolment and chip ask for.
func TestTargets(t *testing.T) {
	for _, c := range []struct {
		name        string
		img         *image.Gray
		rate        float64
		target      Target
		least, most int
	}{
		{"enrolment, within from the start", fingerImage(11, 400, 500), 0.75, Enrolment(), 10000, 20000},
		{"enrolment, too large at first", fingerImage(11, 400, 500), 3, Enrolment(), 19300, 20000},
		{"enrolment, too small at first", fingerImage(11, 400, 500), 0.1, Enrolment(), 10001, 10400},
		{"chip, already small enough", fingerImage(11, 400, 500), 0.25, Chip(), 1000, 17000},
		{"chip, too large at first", fingerImage(11, 640, 700), 0.75, Chip(), 17408, 18000},
		{"chip, a slap", fingerImage(12, 1608, 1000), 0.75, Chip(), 17408, 18000},
		{"both", fingerImage(11, 500, 700), 0.75, Target{MinRatio: 10, MaxRatio: 20, MaxBytes: 18000}, 17501, 18000},
	} {
		data, r, err := EncodeFor(c.img, Options{Rate: c.rate}, c.target)
		if err != nil || len(data) < c.least || len(data) > c.most {
			t.Errorf("%s: %d bytes, %v; want %d to %d", c.name, len(data), err, c.least, c.most)
			continue
		}
		if same := mustEncode(t, c.img, Options{Rate: r.Rate}); !bytes.Equal(data, same) || r.Bytes != len(data) {
			t.Errorf("%s: %+v is not how the stream was made", c.name, r)
		}
	}
	if _, _, err := EncodeFor(grey(400, 500, 255), Options{}, Enrolment()); !errors.Is(err, ErrTarget) {
		t.Errorf("a blank image for enrolment: %v", err)
	}
	if _, _, err := EncodeFor(fingerImage(11, 400, 500), Options{}, Target{MaxBytes: 600}); !errors.Is(err, ErrTarget) {
		t.Errorf("a finger in 600 bytes: %v", err)
	}
	if data, r, err := EncodeFor(grey(400, 500, 255), Options{}, Chip()); err != nil || len(data) > 700 || r.Ratio < 100 {
		t.Errorf("a blank image for a chip: %d bytes, %+v, %v", len(data), r, err)
	}
}

// TestNothingIsAllocated: an encoder and a decoder that are kept take no memory
// for an image as large as the last.
func TestNothingIsAllocated(t *testing.T) {
	var e Encoder
	var d Decoder
	img, small := fingerImage(10, 300, 400), fingerImage(11, 200, 300)
	out := mustEncode(t, img, Options{})
	target := Target{MaxBytes: 6000}
	for name, f := range map[string]func() error{
		"Encode":        func() (err error) { out, err = e.Encode(out[:0], img, Options{}); return },
		"Encode padded": func() (err error) { out, err = e.Encode(out[:0], small, Options{}); return },
		"EncodeFor":     func() (err error) { out, _, err = e.EncodeFor(out[:0], img, Options{}, target); return },
	} {
		if n := testing.AllocsPerRun(3, func() {
			if err := f(); err != nil {
				t.Fatal(name, err)
			}
		}); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	data := mustEncode(t, img, Options{PPI: 500})
	if n := testing.AllocsPerRun(3, func() {
		if _, _, err := d.Decode(data, 0); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("Decode: %v allocations", n)
	}
}

// TestReuse: nothing of an image shows in the next, larger or smaller, after
// failures as well.
func TestReuse(t *testing.T) {
	var e Encoder
	var d Decoder
	for i, size := range []image.Point{{300, 400}, {256, 256}, {90, 100}, {416, 560}, {257, 300}} {
		img := fingerImage(uint64(20+i), size.X, size.Y)
		want := mustEncode(t, img, Options{})
		got, err := e.Encode(nil, img, Options{})
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%v: another stream than a fresh encoder's, %v", size, err)
		}
		if _, _, err := d.Decode(want[:len(want)*2/3], 0); err == nil {
			t.Errorf("%v: a stream cut short was restored", size)
		}
		frame, _, err := d.Decode(want, 0)
		fresh, _ := mustDecode(t, want)
		if err != nil || !bytes.Equal(frame.Pix, fresh.Pix) {
			t.Errorf("%v: other pixels than a fresh decoder's, %v", size, err)
		}
	}
}

// TestWipe: nothing of an image is left in the buffers.
func TestWipe(t *testing.T) {
	var e Encoder
	var d Decoder
	out, _, err := e.EncodeFor(nil, fingerImage(12, 200, 300), Options{}, Target{MaxBytes: 5000})
	if err != nil {
		t.Fatal(err)
	}
	img, _, err := d.Decode(out, 0)
	if err != nil {
		t.Fatal(err)
	}
	e.Wipe()
	d.Wipe()
	left := func(p *plane) bool {
		return slices.ContainsFunc(slices.Concat(p.pix, p.half, p.line, p.other), func(v float32) bool { return v != 0 })
	}
	if left(&e.plane) || left(&d.plane) || anyByte(e.framed) || anyByte(e.trial) || anyByte(img.Pix) ||
		slices.ContainsFunc(e.tokens[:cap(e.tokens)], func(t token) bool { return t != 0 }) ||
		slices.ContainsFunc(d.coeffs[:cap(d.coeffs)], func(c int16) bool { return c != 0 }) {
		t.Error("pixels are left in the buffers")
	}
	if again, err := e.Encode(nil, fingerImage(12, 200, 300), Options{}); err != nil || len(again) == 0 {
		t.Errorf("a wiped encoder: %v", err)
	}
}

func anyByte(s []byte) bool {
	return slices.ContainsFunc(s[:cap(s)], func(b byte) bool { return b != 0 })
}

// TestNoMoreMemoryThanClaimed: a header that claims too much costs nothing, one
// within the limit 11 bytes for a pixel.
func TestNoMoreMemoryThanClaimed(t *testing.T) {
	spent := func(data []byte, limit int) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, _ = Decode(data, limit)
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	const fixed = 100 << 10 // the decoder itself, its tables and lines
	blank := mustEncode(t, grey(256, 256, 255), Options{})
	at := bytes.Index(blank, []byte{0xff, markSOF})
	for i := range 4 {
		blank[at+6+i] = 0xff
	}
	if n := spent(blank, 0); n > fixed {
		t.Errorf("65,535 × 65,535 pixels: %d bytes", n)
	}
	const w, h = 700, 600
	data := mustEncode(t, fingerImage(13, w, h), Options{})
	if n := spent(data, w*h); n > 11*w*h+fixed {
		t.Errorf("%d × %d pixels: %d bytes", w, h, n)
	}
	if n := spent(data, w*h-1); n > fixed {
		t.Errorf("one pixel beyond the limit: %d bytes", n)
	}
}
