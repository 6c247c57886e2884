package nfiq2

import (
	"image"
	"math"
	"testing"
)

// lay measures the contrast of an image and lays blocks into it.
func lay(img *image.Gray) *blocks {
	var c contrast
	var b blocks
	c.measure(img)
	b.lay(img, &c)
	return &b
}

func TestBlocksFitBetweenMargins(t *testing.T) {
	for _, c := range []struct{ width, height, cols, rows int }{
		{35, 400, 0, 12}, {36, 36, 1, 1}, {67, 68, 1, 2}, {416, 560, 12, 17}, {2, 2, 0, 0}, {800, 1000, 24, 31},
	} {
		b := lay(numbered(c.width, c.height))
		if b.cols != c.cols || b.rows != c.rows || len(b.ridges) != c.cols*c.rows {
			t.Errorf("%d × %d pixels: %d × %d blocks, want %d × %d", c.width, c.height, b.cols, b.rows, c.cols, c.rows)
		}
	}
}

// A block is foreground when all four parts of the image that it lies across
// vary, also the small ones at the right and lower border.
func TestForeground(t *testing.T) {
	img := grey(132, 100, 128)
	for y := range 100 {
		for x := range 132 {
			if x >= 32 && y < 96 {
				img.Pix[y*img.Stride+x] = uint8(grain(x, y))
			}
		}
	}
	b := lay(img)
	want := []bool{
		false, true, true, true,
		false, true, true, true,
		false, false, false, false,
	}
	for i := range want {
		if b.ridges[i] != want[i] {
			t.Errorf("block %d, %d is foreground: %v, want %v", i%4, i/4, b.ridges[i], want[i])
		}
	}
}

func TestDirectionAcrossRidges(t *testing.T) {
	for _, c := range []struct {
		name string
		grey func(x, y int) int
		want float64 // degrees
	}{
		{"upright", func(x, y int) int { return ridges(16*x, 9, 100) }, 0},
		{"lying", func(x, y int) int { return ridges(16*y, 9, 100) }, 90},
		// The products of slopes are not doubled, so that 45° stays, and what lies
		// between is bent towards the axes: 22.5° becomes half of atan ½.
		{"falling to the right", func(x, y int) int { return ridges(11*(x-y), 9, 100) }, -45},
		{"rising to the right", func(x, y int) int { return ridges(11*(x+y), 9, 100) }, 45},
		{"steep", func(x, y int) int { return ridges((1478*x+612*y)/100, 9, 100) }, math.Atan(0.5) / 2 * 180 / math.Pi},
	} {
		b := lay(painting{width: 100, height: 100, grey: c.grey}.image())
		for i, a := range b.angles {
			got := a * 180 / math.Pi
			if d := math.Abs(got - c.want); !b.ridges[i] || d > 1.5 && math.Abs(d-180) > 1.5 {
				t.Errorf("%s: block %d has %.1f°, want %.1f°", c.name, i, got, c.want)
			}
		}
	}
}

func TestCertaintyOfWholeBlocksOnly(t *testing.T) {
	img := painting{width: 100, height: 70, grey: func(x, y int) int {
		if x >= 64 && x < 96 && y < 32 {
			return 50 // without slopes
		}
		return ridges(16*x, 9, 100)
	}}.image()
	var b blocks
	b.measureOCL(img)
	if len(b.certainty) != 5 {
		t.Fatalf("%d values, want 5", len(b.certainty))
	}
	for _, v := range b.certainty {
		if v != 1 {
			t.Errorf("certainty %v of straight ridges, want 1", v)
		}
	}
}
