package nfiq2

import (
	"image"
	"math"
)

// A contrast is how light an image is and how much it varies.
type contrast struct {
	mean, deviation float64 // of the grey levels
	ofBlocks        float64 // mean of the means of the blocks
	blocks          []moments
}

// measure takes the whole image, which begins at (0, 0). Blocks are smaller at
// the right and lower border; their moments are kept, row by row.
func (c *contrast) measure(img *image.Gray) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	blocks := float64(((w + side - 1) / side) * ((h + side - 1) / side))
	var all moments
	c.ofBlocks, c.blocks = 0, c.blocks[:0]
	for y := 0; y < h; y += side {
		for x := 0; x < w; x += side {
			var m moments
			m.add(img, x, y, min(x+side, w), min(y+side, h))
			all.n, all.sum, all.squares = all.n+m.n, all.sum+m.sum, all.squares+m.squares
			c.ofBlocks += m.mean() / blocks
			c.blocks = append(c.blocks, m)
		}
	}
	c.mean, c.deviation = all.mean(), all.deviation()
}

// moments are the number of some pixels and the sums of their grey levels and of
// the squares of these.
type moments struct{ n, sum, squares int }

// add takes the pixels in [x0, x1) × [y0, y1) of an image that begins at (0, 0).
func (m *moments) add(img *image.Gray, x0, y0, x1, y1 int) {
	sum, squares := 0, 0
	for y := y0; y < y1; y++ {
		for _, v := range img.Pix[y*img.Stride+x0 : y*img.Stride+x1] {
			sum += int(v)
			squares += int(v) * int(v)
		}
	}
	m.n, m.sum, m.squares = m.n+(x1-x0)*(y1-y0), m.sum+sum, m.squares+squares
}

func (m *moments) mean() float64 { return mean(m.sum, m.n) }

// wipe overwrites what follows from the last image.
func (c *contrast) wipe() {
	clear(c.blocks[:cap(c.blocks)])
	*c = contrast{blocks: c.blocks[:0]}
}

// deviation is the standard deviation of the grey levels.
func (m *moments) deviation() float64 {
	mu := m.mean()
	return math.Sqrt(max(0, mean(m.squares, m.n)-float64(mu*mu)))
}

// mean is a sum of n values times the reciprocal of n, as the reference has it.
// That is not always the quotient: for n times 255 it may come out below 255.
func mean(sum, n int) float64 { return float64(float64(sum) * (1 / float64(n))) }
