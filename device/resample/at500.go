package resample

import (
	"image"
	"math"
)

// PPI is the resolution, in pixels per inch, that prints are kept and compared at:
// ANSI/NIST-ITL 1, class of 500.
const PPI = 500

// An At500 makes frames of 500 by 500 ppi of the pictures of one sensor. The buffers
// are its own, so that a frame costs no allocation.
type At500 struct {
	Image *image.Gray // the frame made last

	across, down *Axis
	wide         []int16 // the lines of the picture across the frame
	sums         []int32 // one line of the frame
}

// NewAt500 makes frames of pictures of a size in pixels, which have so many pixels
// per inch, across and down.
func NewAt500(from image.Point, ppi [2]float64) *At500 {
	size := func(n int, ppi float64) int { return int(math.Round(float64(n) * PPI / ppi)) }
	w, h := size(from.X, ppi[0]), size(from.Y, ppi[1])
	return &At500{
		Image:  image.NewGray(image.Rect(0, 0, w, h)),
		across: New(from.X, 0, ppi[0]/PPI, w),
		down:   New(from.Y, 0, ppi[1]/PPI, h),
		wide:   make([]int16, from.Y*w),
		sums:   make([]int32, w),
	}
}

// Make makes the frame of a picture: columns first and lines after.
func (a *At500) Make(pix *image.Gray) {
	w := len(a.sums)
	first, end := a.down.Reach()
	for y := first; y < end; y++ {
		a.across.Line(a.wide[y*w:][:w], pix.Pix[y*pix.Stride:][:pix.Rect.Dx()])
	}
	for y := range a.Image.Rect.Dy() {
		a.down.Column(a.Image.Pix[y*a.Image.Stride:][:w], a.sums, a.wide, y)
	}
}

// Wipe clears what of a print is left; nil has none.
func (a *At500) Wipe() {
	if a == nil {
		return
	}
	clear(a.wide)
	clear(a.sums)
	clear(a.Image.Pix)
}
