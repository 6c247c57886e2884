package slap_test

import (
	"image"
	"math"
	"testing"

	"optag/capture/finger/slap"
)

// ramp is a surface that a turn of the image shows exactly.
func ramp(w, h int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Pix[y*img.Stride+x] = uint8(20 + x/4 + y/4)
		}
	}
	return img
}

func TestAnUprightCropKeepsEveryPixel(t *testing.T) {
	img := ramp(300, 280)
	crop := slap.Crop(img, slap.Box{X: 150, Y: 140, Width: 100, Height: 120}, image.Point{})
	if crop.Rect != image.Rect(0, 0, 100, 120) {
		t.Fatalf("crop of %v, want that of the box", crop.Rect)
	}
	for y := range 120 {
		for x := range 100 {
			if got, want := crop.GrayAt(x, y), img.GrayAt(x+100, y+80); got != want {
				t.Fatalf("pixel %d, %d is %v, want %v", x, y, got, want)
			}
		}
	}
}

func TestATurnedCropStandsUpright(t *testing.T) {
	img := ramp(300, 280)
	for _, angle := range []float64{-45, -17, 3, 45} {
		b := slap.Box{X: 150, Y: 140, Width: 100, Height: 120, Angle: angle}
		crop := slap.Crop(img, b, image.Point{})
		sin, cos := math.Sincos(angle * math.Pi / 180)
		for _, p := range []image.Point{{5, 5}, {94, 7}, {50, 60}, {90, 110}} {
			u, v := float64(p.X)+0.5-50, float64(p.Y)+0.5-60
			want := 20 + (150+cos*u-sin*v-0.5)/4 + (140+sin*u+cos*v-0.5)/4 - 0.75
			if got := float64(crop.GrayAt(p.X, p.Y).Y); math.Abs(got-want) > 1.5 {
				t.Errorf("turned %v°: pixel %v is %v, want %.1f", angle, p, got, want)
			}
		}
	}
}

// A pixel stays a pixel: what is missing is filled with white on both sides
// alike, what is too much falls away on both sides alike.
func TestACropIsPaddedEvenly(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 100, 100)) // black
	b := slap.Box{X: 50, Y: 50, Width: 40, Height: 60}
	for _, x := range []struct {
		size  image.Point
		black image.Rectangle
	}{
		{image.Pt(60, 100), image.Rect(10, 20, 50, 80)},
		{image.Pt(20, 70), image.Rect(0, 5, 20, 65)},
		{image.Pt(0, 0), image.Rect(0, 0, 40, 60)},
	} {
		crop := slap.Crop(img, b, x.size)
		for y := range crop.Rect.Dy() {
			for i := range crop.Rect.Dx() {
				inside, v := image.Pt(i, y).In(x.black), crop.GrayAt(i, y).Y
				if inside && v != 0 || !inside && v != 255 {
					t.Fatalf("size %v: pixel %d, %d is %d", x.size, i, y, v)
				}
			}
		}
	}
}

func TestACropBeyondTheRimIsWhite(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 100, 100)) // black
	crop := slap.Crop(img, slap.Box{X: 0, Y: 0, Width: 40, Height: 40}, image.Point{})
	if a, b := crop.GrayAt(5, 5).Y, crop.GrayAt(35, 35).Y; a != 255 || b != 0 {
		t.Errorf("outside the image %d, inside %d, want 255 and 0", a, b)
	}
}

// The fields SEG and ASEG of ANSI/NIST-ITL 1.
func TestBoxesAsFields(t *testing.T) {
	b := slap.Box{X: 100, Y: 50, Width: 40, Height: 80, Angle: 90}
	if got, want := b.Bounds(image.Pt(200, 60)), image.Rect(60, 30, 140, 60); got != want {
		t.Errorf("bounds %v, want %v", got, want)
	}
	want := [4]image.Point{{140, 30}, {140, 60}, {60, 60}, {60, 30}}
	if got := b.Polygon(image.Pt(200, 60)); got != want {
		t.Errorf("polygon %v, want %v: clockwise from the finger's upper left corner", got, want)
	}
}
