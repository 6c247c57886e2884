package uru4500

import (
	"image"
	"math"

	"optag/device/resample"
)

// targetPPI is the resolution, in pixels per inch, that prints are kept and
// compared at: ANSI/NIST-ITL 1, class of 500.
const targetPPI = 500

// minTiles of an image, of 432, show ridges where there is a finger.
const minTiles = 20

// A calibrated scanner makes frames of 500 by 500 ppi. The buffers are its own,
// so that a frame costs no allocation.
type calibrated struct {
	across, down *resample.Axis

	wide []int16 // the lines of the picture across the frame
	sums []int32 // one line of the frame
	out  *image.Gray
}

// newCalibrated makes frames of pictures of so many pixels per inch, across and
// down.
func newCalibrated(ppi [2]float64) *calibrated {
	size := func(n int, ppi float64) int { return int(math.Round(float64(n) * targetPPI / ppi)) }
	w, h := size(width, ppi[0]), size(height, ppi[1])
	return &calibrated{
		across: resample.New(width, 0, ppi[0]/targetPPI, w),
		down:   resample.New(height, 0, ppi[1]/targetPPI, h),
		wide:   make([]int16, height*w),
		sums:   make([]int32, w),
		out:    image.NewGray(image.Rect(0, 0, w, h)),
	}
}

// make fills c.out with a picture: columns first and lines after.
func (c *calibrated) make(pix *image.Gray) {
	w := len(c.sums)
	first, end := c.down.Reach()
	for y := first; y < end; y++ {
		c.across.Line(c.wide[y*w:][:w], pix.Pix[y*pix.Stride:][:width])
	}
	for y := range c.out.Rect.Dy() {
		c.down.Column(c.out.Pix[y*c.out.Stride:][:w], c.sums, c.wide, y)
	}
}

// wipe clears what of a print is left.
func (c *calibrated) wipe() {
	if c == nil {
		return
	}
	clear(c.wide)
	clear(c.sums)
	clear(c.out.Pix)
}
