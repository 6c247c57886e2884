package nfiq2

import (
	"image"
	"math"
)

// boundsOCL part the histogram of OCL (NFIQ 2.3.0).
func boundsOCL() [9]float64 {
	return [9]float64{0.337, 0.479, 0.579, 0.655, 0.716, 0.766, 0.81, 0.852, 0.898}
}

// measureOCL takes the orientation certainty level of each whole block from the
// upper left corner of the image on.
func (b *blocks) measureOCL(img *image.Gray) {
	b.certainty = b.certainty[:0]
	for y := 0; y+side <= img.Rect.Dy(); y += side {
		for x := 0; x+side <= img.Rect.Dx(); x += side {
			if v, ok := certainty(img, x, y); ok {
				b.certainty = append(b.certainty, v)
			}
		}
	}
}

// certainty is how much of the slopes in the block at (left, top) lies in one
// direction, from 0 for none to 1 for all: 1 less the ratio of the eigenvalues
// of their covariance. A block without slopes has no value.
func certainty(img *image.Gray, left, top int) (value float64, ok bool) {
	xx, yy, xy := covariance(img, left, top)
	root := math.Sqrt(float64((xx-yy)*(xx-yy)) + float64(4*float64(xy*xy)))
	least, most := (xx+yy-root)/2, (xx+yy+root)/2
	if most == 0 {
		return 0, false
	}
	return 1 - least/most, true
}
