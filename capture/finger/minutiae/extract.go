package minutiae

import "image"

// An Extractor finds the minutiae of a print: it evens out the contrast, reads
// the flow and the period of the ridges, strengthens what follows both, thins
// the ridges to lines and reads where the lines end or fork.
//
// Its arithmetic is integer but for a few roots and angles per block, so that a
// print has the same template on every processor. The zero Extractor is ready.
// It keeps its buffers from print to print, which [Extractor.Wipe] overwrites,
// and belongs to one goroutine.
type Extractor struct {
	size   image.Point // of the print in pixels
	blocks image.Point // the print in blocks of 8 × 8, the last ones incomplete
	stride int         // of the planes

	kernels kernels
	field   field

	even    []uint8 // plane: the print, evened; 128 + ink
	smooth  []uint8 // plane: smoothed along the ridges, later the skeleton
	ridge   []uint8 // plane: the ridges strengthened; ≥ 128 on a ridge
	line    []int16 // scratch: two rows of the print
	bits    bitmap
	columns []column
	lags    [lags][]int32 // autocorrelation across the ridges, per lag and block
	nodes   []node
}

// A plane is the print in whole blocks with a margin all around, so that no
// filter needs to ask where the print ends.
const (
	block  = 8
	margin = 32
)

// longest is the longest side of a print, that of a coordinate in ISO/IEC
// 19794-2:2005 § 7.4.2.2 (14 bits).
const longest = 1<<14 - 1

// Extract writes the template of a print of 500 ppi to dst, whose old minutiae
// it overwrites. The template is empty if the image shows no ridges, as of a
// blank glass or of noise, or has a side over 16383 pixels.
//
// Whether ridges are dark is for the caller to know: an inverted print has its
// minutiae in the same places, with endings and forks exchanged.
func (e *Extractor) Extract(dst *Template, img *image.Gray) {
	size := img.Rect.Size()
	dst.Width, dst.Height, dst.Minutiae = size.X, size.Y, dst.Minutiae[:0]
	if size.X < block || size.Y < block || size.X > longest || size.Y > longest {
		return
	}
	e.resize(size)
	e.flatten(img)
	e.orient(e.even)
	e.followRidges()
	e.measurePeriod()
	e.strengthen()
	e.judge()
	for _, d := range demands() {
		if e.read(dst, d); len(dst.Minutiae) >= enough {
			return
		}
	}
}

// resize makes room for a print.
func (e *Extractor) resize(size image.Point) {
	if size == e.size {
		return
	}
	e.size = size
	e.blocks = image.Pt((size.X+block-1)/block, (size.Y+block-1)/block)
	e.stride = e.blocks.X*block + 2*margin
	area := e.stride * (e.blocks.Y*block + 2*margin)
	e.even = fit(e.even, area)
	e.smooth = fit(e.smooth, area)
	e.ridge = fit(e.ridge, area)
	for i := range e.even {
		e.even[i] = 128
	}
	e.line = fit(e.line, 2*e.stride)
	e.columns = fit(e.columns, e.blocks.X+2)
	e.field.resize(e.blocks)
	e.bits.resize(size)
	e.kernels.build(e.stride)
}

// at is the index in a plane of a pixel of the print.
func (e *Extractor) at(x, y int) int { return (y+margin)*e.stride + x + margin }

// Wipe overwrites what is left of the last print.
func (e *Extractor) Wipe() {
	for _, plane := range [][]uint8{e.even, e.smooth, e.ridge} {
		clear(plane[:cap(plane)])
	}
	clear(e.line[:cap(e.line)])
	clear(e.columns[:cap(e.columns)])
	e.field.wipe()
	e.bits.wipe()
	for _, s := range e.lags {
		clear(s[:cap(s)])
	}
	clear(e.nodes[:cap(e.nodes)])
	e.size = image.Point{}
}

// fit returns a cleared slice of n elements, s itself if it is long enough.
func fit[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}
