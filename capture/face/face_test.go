package face_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"runtime"
	"slices"
	"testing"

	"optag/capture/face"
	"optag/testdata/gen"
)

// live is the size of a portrait as a camera takes it (BSI TR-03121-3).
var live = image.Pt(1244, 1600)

// portrait is drawn at the size that a card is made from, which is faster.
func portrait(seed uint64, p gen.Pose) *image.RGBA {
	return gen.NewFace(seed).Portrait(image.Pt(face.MinWidth, face.MinHeight), p, 1)
}

func value(checks []face.Check, n face.Name) face.Check {
	return checks[slices.IndexFunc(checks, func(c face.Check) bool { return c.Name == n })]
}

// A portrait as it should be meets every check, whoever is on it.
func TestGoodPortraits(t *testing.T) {
	for seed := range uint64(6) {
		for _, img := range []*image.RGBA{portrait(seed, gen.Pose{}), gen.NewFace(seed).Portrait(live, gen.Pose{}, 1)} {
			if failed := face.Failed(face.Assess(img)); len(failed) > 0 {
				t.Errorf("face %d of %v fails %v", seed, img.Rect.Size(), failed)
			}
		}
	}
}

// Each fault fails the check that is named for it.
func TestFaultsByName(t *testing.T) {
	for _, c := range []struct {
		name string
		pose gen.Pose
		want face.Name
		low  bool
	}{
		{"much too near", gen.Pose{Distance: 0.6}, face.Distance, false},
		{"too near", gen.Pose{Distance: 0.8}, face.Distance, false},
		{"too far", gen.Pose{Distance: 2.5}, face.Distance, true},
		{"too far to the left", gen.Pose{OffsetX: -0.1}, face.Centred, true},
		{"too far to the right", gen.Pose{OffsetX: 0.2}, face.Centred, false},
		{"blurred", gen.Pose{Blur: 0.1}, face.Sharpness, true},
		{"badly blurred", gen.Pose{Blur: 0.3}, face.Sharpness, true},
		{"too dark", gen.Pose{Exposure: -3}, face.Contrast, true},
		{"somebody else in the picture", gen.Pose{Others: 1}, face.Background, false},
		{"a room behind", gen.Pose{Background: gen.Cluttered}, face.Background, false},
		{"nobody", gen.Pose{Absent: true}, face.Subject, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, seed := range []uint64{1, 4} { // a light and a dark skin
				got := value(face.Assess(portrait(seed, c.pose)), c.want)
				if got.OK() || got.Low() != c.low {
					t.Errorf("face %d: %s = %v within %v to %v", seed, got.Name, got.Value, got.Min, got.Max)
				}
			}
		})
	}
}

// What is no fault fails nothing.
func TestHarmlessPoses(t *testing.T) {
	for name, p := range map[string]gen.Pose{
		"a little farther":         {Distance: 1.3},
		"still farther":            {Distance: 1.6},
		"a little higher":          {OffsetY: -0.04},
		"lower":                    {OffsetY: 0.15},
		"a dark, even ground":      {Background: gen.Dark},
		"eyes closed: not claimed": {EyesClosed: true},
	} {
		if failed := face.Failed(face.Assess(portrait(2, p))); len(failed) > 0 {
			t.Errorf("%s: fails %v", name, failed)
		}
	}
}

// The more of a fault, the farther its measure goes.
func TestMeasuresAreMonotone(t *testing.T) {
	for name, c := range map[string]struct {
		check face.Name
		poses []gen.Pose // by rising value
	}{
		"nearer":     {face.Distance, []gen.Pose{{Distance: 2.5}, {Distance: 1.6}, {Distance: 1.3}, {}, {Distance: 0.8}}},
		"rightwards": {face.Centred, []gen.Pose{{OffsetX: -0.15}, {OffsetX: -0.05}, {}, {OffsetX: 0.05}, {OffsetX: 0.15}}},
		"sharper":    {face.Sharpness, []gen.Pose{{Blur: 0.1}, {Blur: 0.06}, {Blur: 0.03}, {Blur: 0.01}, {}}},
		"brighter":   {face.Brightness, []gen.Pose{{Exposure: -3}, {Exposure: -1}, {}, {Exposure: 1}, {Exposure: 3}}},
	} {
		last := -1.0
		for i, p := range c.poses {
			got := value(face.Assess(portrait(3, p)), c.check).Value
			if got <= last {
				t.Errorf("%s: %s is %v at step %d, after %v", name, c.check, got, i, last)
			}
			last = got
		}
	}
}

// Light advises and never asks for a reason: it would judge the skin.
func TestLightNeverBlocks(t *testing.T) {
	for name, e := range map[string]float64{"dark": -3, "bright": 3} {
		checks := face.Assess(portrait(4, gen.Pose{Exposure: e}))
		if blocking := face.Blocking(checks); len(blocking) > 0 {
			t.Errorf("%s: %v want a reason", name, blocking)
		}
	}
	if checks := face.Assess(portrait(4, gen.Pose{Exposure: -3})); len(face.Failed(checks)) == 0 {
		t.Error("and nothing advises")
	}
	if got := face.Blocking(face.Assess(portrait(4, gen.Pose{Blur: 0.1}))); !slices.Contains(got, face.Sharpness) {
		t.Errorf("blurred: %v want a reason, and sharpness not among them", got)
	}
}

func TestEveryCheckIsInTheAnswer(t *testing.T) {
	for name, img := range map[string]image.Image{
		"a portrait":        portrait(1, gen.Pose{}),
		"a few pixels":      image.NewGray(image.Rect(0, 0, 3, 2)),
		"no pixel":          image.NewGray(image.Rectangle{}),
		"a line":            image.NewGray(image.Rect(0, 0, 2000, 1)),
		"part of a picture": portrait(1, gen.Pose{}).SubImage(image.Rect(100, 150, 450, 600)),
	} {
		var got []face.Name
		for _, c := range face.Assess(img) {
			got = append(got, c.Name)
			if c.Value != c.Value || c.Value < 0 {
				t.Errorf("%s: %s = %v", name, c.Name, c.Value)
			}
		}
		if !slices.Equal(got, face.Names()) {
			t.Errorf("%s: checks %v, want %v", name, got, face.Names())
		}
	}
}

// The camera's way of storing a picture changes nothing that matters.
func TestSameChecksForJPEGAndPixels(t *testing.T) {
	img := portrait(5, gen.Pose{})
	data, err := gen.JPEG(img)
	if err != nil {
		t.Fatal(err)
	}
	packed, _, err := face.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range face.Assess(img) {
		b := face.Assess(packed)[i]
		if d := a.Value - b.Value; d > 0.1*a.Value+0.05 || d < -0.1*a.Value-0.05 {
			t.Errorf("%s: %v, and %v as JPEG", a.Name, a.Value, b.Value)
		}
	}
}

func encoded(tb testing.TB, img image.Image, as string) []byte {
	tb.Helper()
	var b bytes.Buffer
	err := png.Encode(&b, img)
	if as == "image/jpeg" {
		b.Reset()
		err = jpeg.Encode(&b, img, nil)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// pngHead is a PNG that claims a size, and ends there.
func pngHead(w, h uint32, bits, kind byte) []byte {
	c := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)...)
	c = append(c, bits, kind, 0, 0, 0)
	c = binary.BigEndian.AppendUint32(c, crc32.ChecksumIEEE(c))
	return append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), c...)
}

// jpegHead is a JPEG of three components that claims a size, and ends there.
func jpegHead(w, h uint16, sof byte) []byte {
	d := []byte{0xff, 0xd8, 0xff, sof, 0, 17, 8, byte(h >> 8), byte(h), byte(w >> 8), byte(w), 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0}
	return append(d, 0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0)
}

func TestReadRefuses(t *testing.T) {
	small := encoded(t, image.NewGray(image.Rect(0, 0, 239, 800)), "image/png")
	whole := encoded(t, image.NewGray(image.Rect(0, 0, 622, 800)), "image/jpeg")
	const large = ", larger than any camera delivers"
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"nothing", nil, "not a portrait: the file is neither JPEG nor PNG"},
		{"a GIF", []byte("GIF89a"), "not a portrait: the file is neither JPEG nor PNG"},
		{"too many bytes", make([]byte, face.MaxBytes+1), "the portrait's file holds 33554433 bytes; at most 33554432 are read"},
		{"no portrait's size", small, "the portrait is 239 × 800 pixels; 622 × 800 are needed"},
		{"a JPEG cut in its header", whole[:20], "reading the portrait's header: unexpected EOF"},
		{"a JPEG cut in its pixels", whole[:len(whole)-50], "reading the portrait's pixels: invalid JPEG format: short Huffman data"},
		{"a huge PNG", pngHead(100_000, 100_000, 8, 2), "the portrait is 100000 × 100000 pixels" + large},
		{"a huge JPEG", jpegHead(65_500, 65_500, 0xc0), "the portrait is 65500 × 65500 pixels" + large},
		{"a large progressive JPEG", jpegHead(7000, 7000, 0xc2), "the portrait is 7000 × 7000 pixels" + large},
		{"a large PNG of 16 bits", pngHead(7000, 7000, 16, 2), "the portrait is 7000 × 7000 pixels" + large},
	} {
		t.Run(c.name, func(t *testing.T) {
			var err error
			n := allocated(func() { _, _, err = face.Read(c.data) })
			if err == nil || err.Error() != c.want {
				t.Errorf("error %v\nwant  %s", err, c.want)
			}
			if n > 8<<20 {
				t.Errorf("%d bytes were allocated", n)
			}
		})
	}
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestReadTakes(t *testing.T) {
	palette := color.Palette{color.Black, color.White}
	for name, img := range map[string]image.Image{
		"colour": portrait(1, gen.Pose{}), "grey": image.NewGray(image.Rect(0, 0, 622, 800)),
		"16 bits": image.NewRGBA64(image.Rect(0, 0, 622, 800)), "a palette": image.NewPaletted(image.Rect(0, 0, 622, 800), palette),
	} {
		for _, as := range []string{"image/png", "image/jpeg"} {
			got, mediaType, err := face.Read(encoded(t, img, as))
			if err != nil || mediaType != as || got.Bounds().Size() != img.Bounds().Size() {
				t.Errorf("%s as %s: %v, %v", name, as, mediaType, err)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	small := image.NewGray(image.Rect(0, 0, 240, 240))
	for _, seed := range [][]byte{encoded(f, small, "image/png"), encoded(f, small, "image/jpeg"),
		pngHead(240, 240, 8, 2), jpegHead(240, 240, 0xc2), jpegHead(7000, 7000, 0xc2), jpegHead(300, 300, 0xc0), {}} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		img, mediaType, err := face.Read(data)
		if (err == nil) != (img != nil) || (err == nil) != (mediaType != "") {
			t.Fatalf("Read = %v, %q, %v", img != nil, mediaType, err)
		}
		if err != nil {
			return
		}
		if s := img.Bounds().Size(); s.X*s.Y > face.MaxPixels {
			t.Fatalf("read %v", s)
		}
		face.Assess(img)
	})
}

func BenchmarkAssess(b *testing.B) {
	img := gen.NewFace(1).Portrait(live, gen.Pose{}, 1)
	b.ReportAllocs()
	for b.Loop() {
		face.Assess(img)
	}
}
