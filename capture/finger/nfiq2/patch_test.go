package nfiq2

import (
	"image"
	"math"
	"testing"

	"optag/capture/finger/internal/portable"
)

// numbered is an image in which each pixel tells where it stands: 5·x + 3·y.
func numbered(width, height int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.Pix[y*img.Stride+x] = place(x, y)
		}
	}
	return img
}

func place(x, y int) uint8 { return uint8(1 + 5*x + 3*y) }

// The middle of a patch of 32 × 16 lies at (16, 8) of it and, without a turn, at
// (18, 18) of the window.
func TestPatchIsTurned(t *testing.T) {
	img := numbered(60, 60)
	var w window
	w.cut(img, 10, 10, 36)
	for _, c := range []struct {
		name  string
		angle float64
		at    func(x, y int) (int, int) // in the image, of a place relative to the middle
	}{
		{"not at all", 0, func(x, y int) (int, int) { return x, y }},
		{"by a quarter", math.Pi / 2, func(x, y int) (int, int) { return -y, x }},
		{"by half a turn", math.Pi, func(x, y int) (int, int) { return -x, -y }},
		{"by a quarter backwards", -math.Pi / 2, func(x, y int) (int, int) { return y, -x }},
	} {
		var p patch
		p.take(&w, portable.Cos(c.angle), portable.Sin(c.angle), 18, across)
		for y := range along {
			for x := range across {
				dx, dy := c.at(x-16, y-8)
				// What is turned onto column or row 36 lies outside the window.
				want := uint8(0)
				if dx < 18 && dy < 18 {
					want = place(28+dx, 28+dy)
				}
				if got := p[y*across+x]; got != want {
					t.Fatalf("turned %s: pixel %d, %d is %d, want %d", c.name, x, y, got, want)
				}
			}
		}
	}
}

// Turned by half of a right angle, a stripe along the diagonal stands upright.
func TestDiagonalStandsUpright(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 40, 40))
	for i := range 40 {
		for j := -2; j <= 2; j++ {
			if x := 39 - i + j; x >= 0 && x < 40 {
				img.Pix[i*img.Stride+x] = 200 // from the lower left to the upper right
			}
		}
	}
	var w window
	w.cut(img, 2, 2, 36)
	var p patch
	p.take(&w, portable.Cos(math.Pi/4), portable.Sin(math.Pi/4), 18, across)
	for y := range along {
		for x := range across {
			if bright := p[y*across+x] == 200; bright != (x >= 14 && x <= 17) && (x < 13 || x > 18) {
				t.Errorf("row %d column %d is bright: %v", y, x, bright)
			}
		}
	}
}

func TestWindowBeyondTheImageIsBlack(t *testing.T) {
	img := numbered(50, 45)
	var w window
	w.cut(img, 5, 5, 40)
	for _, at := range []image.Point{{-2, -2}, {12, 7}, {3, -2}, {-2, 6}} {
		w.cut(img, at.X, at.Y, 40)
		for y := -4; y < 44; y++ {
			for x := -4; x < 44; x++ {
				want := uint8(0)
				if p := at.Add(image.Pt(x, y)); p.In(img.Rect) && x >= 0 && x < 40 && y >= 0 && y < 40 {
					want = place(p.X, p.Y)
				}
				if got := w[(y+windowEdge)*64+x+windowEdge]; got != want {
					t.Fatalf("window at %v: pixel %d, %d is %d, want %d", at, x, y, got, want)
				}
			}
		}
	}
}

// Whatever the angle, a patch comes from the 40 × 40 pixels of its window and at
// most two more to each side, which are black.
func TestPatchOfEveryAngleStaysInItsWindow(t *testing.T) {
	var w window
	for i := range w {
		w[i] = 255
	}
	for y := -1; y < 42; y++ {
		for x := -1; x < 42; x++ {
			w[(y+windowEdge)*64+x+windowEdge] = 1
		}
	}
	for step := range 720 {
		angle := float64(step) * math.Pi / 360
		for _, width := range []int{across, along} {
			var p patch
			p.take(&w, portable.Cos(angle), portable.Sin(angle), 20, width)
			for i, v := range p {
				if v != 1 {
					t.Fatalf("angle %v, width %d: pixel %d comes from beyond", angle, width, i)
				}
			}
		}
	}
}
