package gradient_test

import (
	"image"
	"math"
	"testing"

	"optag/capture/finger/nfiq2/internal/gradient"
)

func paint(grey func(x, y int) int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 40, 40))
	for y := range 40 {
		for x := range 40 {
			img.Pix[y*img.Stride+x] = uint8(grey(x, y))
		}
	}
	return img
}

func TestSlopes(t *testing.T) {
	for _, c := range []struct {
		name       string
		grey       func(x, y int) int
		xx, yy, xy float64
		certainty  float64
		ok         bool
	}{
		{"nothing to see", func(x, y int) int { return 77 }, 0, 0, 0, 0, false},
		{"lighter to the right", func(x, y int) int { return 3 * x }, 9, 0, 0, 1, true},
		{"darker to the right", func(x, y int) int { return 200 - 3*x }, 9, 0, 0, 1, true},
		{"lighter downwards", func(x, y int) int { return 5 * y }, 0, 25, 0, 1, true},
		{"lighter to the right and down", func(x, y int) int { return 2*x + 3*y }, 4, 9, 6, 1, true},
		{"lighter to the right and up", func(x, y int) int { return 150 + 2*x - 3*y }, 4, 9, -6, 1, true},
		// Two columns wide stripes: within, half of 10; at both borders the
		// block's own neighbour alone counts, and it is equal.
		{"vertical stripes", func(x, y int) int { return 10 * (x / 2 % 2) }, 25 * 30. / 32, 0, 0, 1, true},
		// One pixel: its four neighbours see it, half of 20.
		{"a dot", func(x, y int) int {
			if x == 20 && y == 20 {
				return 20
			}
			return 0
		}, 2 * 100. / 1024, 2 * 100. / 1024, 0, 0, true},
		// In the corner the slope is not halved, and two more neighbours see it.
		{"a dot in the corner", func(x, y int) int {
			if x == 4 && y == 4 {
				return 20
			}
			return 0
		}, 500. / 1024, 500. / 1024, 400. / 1024, 1 - 1./9, true},
	} {
		img := paint(c.grey)
		xx, yy, xy := gradient.Covariance(img, 4, 4)
		if xx != c.xx || yy != c.yy || xy != c.xy {
			t.Errorf("%s: covariance %v, %v, %v, want %v, %v, %v", c.name, xx, yy, xy, c.xx, c.yy, c.xy)
		}
		got, ok := gradient.Certainty(img, 4, 4)
		if math.Abs(got-c.certainty) > 1e-15 || ok != c.ok {
			t.Errorf("%s: certainty %v, %v, want %v, %v", c.name, got, ok, c.certainty, c.ok)
		}
	}
}

// A block at the lower right corner is whole.
func TestLastBlock(t *testing.T) {
	img := paint(func(x, y int) int { return 2 * x })
	if xx, _, _ := gradient.Covariance(img, 8, 8); xx != 4 {
		t.Errorf("covariance %v, want 4", xx)
	}
}

func BenchmarkCertainty(b *testing.B) {
	img := paint(func(x, y int) int { return x * y & 255 })
	for b.Loop() {
		gradient.Certainty(img, 4, 4)
	}
}
