package nfiq2

import (
	"image"
	"math"
)

// A window is a block with its surroundings, and beyond them black. Pixel (x, y)
// of it, -12 ≤ x, y < 52, stands at [(y+12)*64+x+12].
type window [64 * 64]uint8

const windowEdge = 12

// cut takes size × size pixels of the image, at most 40 × 40, from (left, top)
// on. What lies outside the image is black. A window is always cut in one size.
func (w *window) cut(img *image.Gray, left, top, size int) {
	from, to := max(left, 0), min(left+size, img.Rect.Max.X)
	above, below := max(top, 0), min(top+size, img.Rect.Max.Y)
	if to-from < size || below-above < size {
		clear(w[:])
	}
	for y := above; y < below; y++ {
		at := (y-top+windowEdge)*64 + from - left + windowEdge
		copy(w[at:at+to-from], img.Pix[y*img.Stride+from:])
	}
}

// A patch is the rectangle of a window that lies along or across the ridges of
// its block, turned upright: row by row, 32 rows of 16 pixels or 16 of 32.
type patch [across * along]uint8

// take fills the patch with width columns from the window, turned about
// (centre, centre) by the angle whose cosine and sine are given. The patch lies
// about (18, 18): the middle of a block with its margins.
//
// A pixel is its nearest neighbour. Where between two lies the border between
// them follows the reference: what a column and what a row add to a place is
// rounded on its own, to 1024ths of a pixel and half to even.
func (p *patch) take(w *window, cos, sin, centre float64, width int) {
	const middle = side/2 + margin
	height := len(p) / width
	left, top := middle-width/2, middle-height/2
	// The point of the window that comes to lie at (0, 0).
	x0 := centre - float64(cos*centre) + float64(sin*centre)
	y0 := centre - float64(sin*centre) - float64(cos*centre)
	var byX, byY [across]int
	for x := range width {
		byX[x] = fixed(float64(cos * float64(left+x)))
		byY[x] = fixed(float64(sin * float64(left+x)))
	}
	for y := range height {
		row := p[y*width : (y+1)*width]
		fromX := fixed(x0-float64(sin*float64(top+y))) + fixedOne*windowEdge + fixedOne/2
		fromY := fixed(y0+float64(cos*float64(top+y))) + fixedOne*windowEdge + fixedOne/2
		for x := range row {
			sx, sy := (fromX+byX[x])>>fixedBits, (fromY+byY[x])>>fixedBits
			row[x] = w[(sy<<6|sx)&(len(w)-1)]
		}
	}
}

const (
	fixedBits = 10
	fixedOne  = 1 << fixedBits
)

// fixed rounds to 1024ths, half to even.
func fixed(v float64) int { return int(math.RoundToEven(v * fixedOne)) }
