package nfiq2

import (
	"image"

	"optag/capture/finger/nfiq2/internal/gradient"
)

// boundsOCL part the histogram of OCL (NFIQ 2.3.0).
func boundsOCL() [9]float64 {
	return [9]float64{0.337, 0.479, 0.579, 0.655, 0.716, 0.766, 0.81, 0.852, 0.898}
}

// measureOCL takes the orientation certainty level of each whole block from the
// upper left corner of the image on. Blocks without slopes have none.
func (b *blocks) measureOCL(img *image.Gray) {
	b.certainty = b.certainty[:0]
	for y := 0; y+side <= img.Rect.Dy(); y += side {
		for x := 0; x+side <= img.Rect.Dx(); x += side {
			if v, ok := gradient.Certainty(img, x, y); ok {
				b.certainty = append(b.certainty, v)
			}
		}
	}
}
