//go:build cgo

package jp2

import (
	"bytes"
	"image"
	"image/color"
	"math/rand/v2"
	"testing"
)

// grain is an image that compresses badly, so that every coding pass is used.
func grain(w, h int) *image.Gray {
	r := rand.New(rand.NewPCG(1, 2))
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = uint8(i%w) ^ uint8(r.IntN(64))
	}
	return img
}

func encoded(t testing.TB, img image.Image) []byte {
	t.Helper()
	data, err := Encode(img)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestGreyComesBackAsItWas(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {3, 200}, {280, 448}} {
		img := grain(size.X, size.Y)
		got, err := Decode(encoded(t, img), size.X, size.Y)
		if err != nil {
			t.Errorf("%v: %v", size, err)
			continue
		}
		if g, ok := got.(*image.Gray); !ok || !bytes.Equal(g.Pix, img.Pix) || g.Rect != img.Rect {
			t.Errorf("%v: the pixels are not those that were encoded", size)
		}
	}
}

func TestColourComesBackAsItWas(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 40, 30))
	for y := range 30 {
		for x := range 40 {
			img.SetNRGBA(x, y, color.NRGBA{uint8(6 * x), uint8(8 * y), uint8(x * y), 255})
		}
	}
	got, err := Decode(encoded(t, img), 40, 30)
	if err != nil {
		t.Fatal(err)
	}
	if n, ok := got.(*image.NRGBA); !ok || !bytes.Equal(n.Pix, img.Pix) {
		t.Error("the pixels are not those that were encoded")
	}
}

func TestPartOfAFileIsAlsoAPicture(t *testing.T) {
	img := grain(64, 64)
	sub := img.SubImage(image.Rect(8, 8, 40, 30)).(*image.Gray)
	got, err := Decode(encoded(t, sub), 32, 22)
	if err != nil {
		t.Fatal(err)
	}
	if g := got.(*image.Gray); g.GrayAt(5, 7) != sub.GrayAt(13, 15) {
		t.Error("the part that was encoded is another one")
	}
}

func TestBareCodestream(t *testing.T) {
	img := grain(50, 40)
	code, file, err := codestream(encoded(t, img))
	if err != nil || !file {
		t.Fatalf("codestream: file %v, error %v", file, err)
	}
	got, err := Decode(code, 50, 40)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.(*image.Gray).Pix, img.Pix) {
		t.Error("the pixels are not those that were encoded")
	}
}

// TestCutOffIsNoImage: OpenJPEG by itself would give a blurred one.
func TestCutOffIsNoImage(t *testing.T) {
	data := encoded(t, grain(100, 80))
	for n := 0; n < len(data); n += 61 {
		if _, err := Decode(data[:n], 100, 80); err == nil {
			t.Errorf("%d of %d bytes decode without an error", n, len(data))
		}
	}
	code, _, _ := codestream(data)
	for n := 200; n < len(code)-2; n += 61 { // the end is there, and something before it is not
		if _, err := Decode(append(code[:n:n], 0xff, 0xd9), 100, 80); err == nil {
			t.Errorf("%d of %d bytes and an end decode without an error", n, len(code))
		}
	}
}

func TestNoPixelsAreNoImage(t *testing.T) {
	if _, err := Encode(image.NewGray(image.Rectangle{})); err == nil {
		t.Error("an image without pixels was encoded")
	}
}

func FuzzDecode(f *testing.F) {
	grey := encoded(f, grain(24, 20))
	f.Add(grey)
	code, _, _ := codestream(grey)
	f.Add(code)
	f.Add(encoded(f, image.NewNRGBA(image.Rect(0, 0, 24, 20))))
	f.Add(grey[:len(grey)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := readSIZ(data)
		if err != nil || s.width*s.height > 1<<16 {
			return
		}
		img, err := Decode(data, s.width, s.height)
		if err == nil && (img.Bounds().Dx() != s.width || img.Bounds().Dy() != s.height) {
			t.Errorf("an image of %v, its header says %dx%d", img.Bounds(), s.width, s.height)
		}
	})
}

func BenchmarkDecodeFinger(b *testing.B) {
	data := encoded(b, grain(280, 448))
	for b.Loop() {
		if _, err := Decode(data, 280, 448); err != nil {
			b.Fatal(err)
		}
	}
}
