package nfiq2

import (
	"image"

	"optag/capture/finger/internal/portable"
	"optag/capture/finger/nfiq2/internal/gradient"
)

// Sizes in pixels (ISO/IEC 29794-4: a local region is 32 × 32, that aligned to
// its ridges 32 × 16).
const (
	side   = gradient.Side
	across = 32 // of a patch, across the ridges
	along  = 16 // of a patch, along the ridges
	// margin is kept free around the blocks of FDA, LCS, OF and RVUP, so that a
	// patch stays within however it is turned: its diagonal is 36.
	margin = 2
)

// blocks measures what is measured block by block: FDA, LCS, OCL, OF and RVUP.
// The blocks of all but OCL begin margin pixels inside the image.
type blocks struct {
	cols, rows int       // whole blocks between the margins
	ridges     []bool    // by block: it lies in the foreground
	angles     []float64 // by block of the foreground: direction across its ridges in radians, -π/2 to π/2

	frequency, clarity, certainty, flow, uniformity []float64 // values of each measure, in no order

	narrow, wide window // a block with its margins, and with twice as much
	patch        patch
	wave         wave
}

// measure fills the sixty measures of blocks. Those without a value stay as
// they are.
func (b *blocks) measure(img *image.Gray, c *contrast, out *Measures) error {
	b.lay(img, c)
	b.turn(img)
	b.measureOCL(img)
	b.measureOF()
	if len(b.frequency) < 10 { // the reference does not count fewer
		b.frequency = b.frequency[:0]
	}
	enough := true
	for _, g := range []struct {
		at     int
		bounds [9]float64
		values []float64
	}{
		{FDA, boundsFDA(), b.frequency},
		{LCS, boundsLCS(), b.clarity},
		{OCL, boundsOCL(), b.certainty},
		{OF, boundsOF(), b.flow},
		{RVUP, boundsRVUP(), b.uniformity},
	} {
		enough = fill(out[g.at:g.at+group], g.bounds, g.values) && enough
	}
	if !enough {
		return ErrTooLittle
	}
	return nil
}

// wipe overwrites all that was derived from pixels.
func (b *blocks) wipe() {
	clear(b.ridges[:cap(b.ridges)])
	for _, s := range [][]float64{b.angles, b.frequency, b.clarity, b.certainty, b.flow, b.uniformity} {
		clear(s[:cap(s)])
	}
	b.narrow, b.wide, b.patch = window{}, window{}, patch{}
}

// lay places the blocks in the image, tells foreground from background and
// finds the direction in each block of the foreground.
func (b *blocks) lay(img *image.Gray, c *contrast) {
	width, height := img.Rect.Dx(), img.Rect.Dy()
	b.cols, b.rows = max(width-2*margin, 0)/side, max(height-2*margin, 0)/side
	b.ridges, b.angles = b.ridges[:0], b.angles[:0]
	for row := range b.rows {
		for col := range b.cols {
			ridges, angle := c.varies(width, col, row), 0.0
			if ridges {
				angle = direction(gradient.Covariance(img, col*side+margin, row*side+margin))
			}
			b.ridges, b.angles = append(b.ridges, ridges), append(b.angles, angle)
		}
	}
}

// varies tells whether a block belongs to the foreground. With its margin it
// lies across four blocks of the contrast; in each of them the grey levels must
// deviate by more than a tenth of what they do in the whole image.
func (c *contrast) varies(width, col, row int) bool {
	cols := (width + side - 1) / side
	for _, at := range [4]int{0, 1, cols, cols + 1} {
		if !(c.blocks[row*cols+col+at].deviation()/c.deviation > 0.1) {
			return false
		}
	}
	return true
}

// direction returns the angle across the ridges of a block with these mean
// products of slopes, in radians from -π/2 to π/2. The product of both is not
// doubled, as the reference does not; it bends diagonal directions towards the
// axes.
func direction(xx, yy, xy float64) float64 {
	d := xx - yy
	scale := float64(xy*xy) + float64(d*d) + 0x1p-52
	return portable.Atan2(xy/scale, d/scale) / 2
}
