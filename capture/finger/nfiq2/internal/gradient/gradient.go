// Package gradient tells from the slopes of the grey level how surely the ridges of
// a block run in one direction. Which blocks are looked at, and what follows
// from their direction, is left to others.
package gradient

import (
	"image"
	"math"
)

// Side is the length and height of a block, in pixels at 500 ppi (a local region
// of ISO/IEC 29794-4).
const Side = 32

// Covariance returns the mean products of the slopes in the whole block of an
// image that begins at (left, top): of the slope across with itself, of the slope
// down with itself, of both. Slopes are in grey levels by pixel: half the
// difference of the two neighbours, at the block's border the difference to its
// one neighbour. The image begins at (0, 0).
func Covariance(img *image.Gray, left, top int) (xx, yy, xy float64) {
	var sxx, syy, sxy int
	for y := range Side {
		at := row(img, left, top+y)
		above, below := row(img, left, top+max(y-1, 0)), row(img, left, top+min(y+1, Side-1))
		down := 1
		if y == 0 || y == Side-1 {
			down = 2
		}
		for x := 1; x < Side-1; x++ {
			dx, dy := int(at[x+1])-int(at[x-1]), (int(below[x])-int(above[x]))*down
			sxx, syy, sxy = sxx+dx*dx, syy+dy*dy, sxy+dx*dy
		}
		for x := 0; x < Side; x += Side - 1 {
			dx := 2 * (int(at[min(x+1, Side-1)]) - int(at[max(x-1, 0)]))
			dy := (int(below[x]) - int(above[x])) * down
			sxx, syy, sxy = sxx+dx*dx, syy+dy*dy, sxy+dx*dy
		}
	}
	// Both slopes were doubled, and the mean is over Side² places: exact.
	const share = 1.0 / (4 * Side * Side)
	return float64(sxx) * share, float64(syy) * share, float64(sxy) * share
}

func row(img *image.Gray, left, y int) *[Side]uint8 {
	return (*[Side]uint8)(img.Pix[y*img.Stride+left:])
}

// Certainty is the orientation certainty level of the block at (left, top), from
// 0 for slopes in all directions alike to 1 for slopes in one: 1 less the ratio
// of the eigenvalues of their covariance. It is not ok for a block without
// slopes.
func Certainty(img *image.Gray, left, top int) (level float64, ok bool) {
	xx, yy, xy := Covariance(img, left, top)
	root := math.Sqrt(float64((xx-yy)*(xx-yy)) + float64(4*float64(xy*xy)))
	least, most := (xx+yy-root)/2, (xx+yy+root)/2
	if most == 0 {
		return 0, false
	}
	return 1 - least/most, true
}
