package nfiq2

import (
	"image"
	"math"
)

// coherence returns how far the gradients within each region of the print
// agree, 0 for noise and 1 for parallel ridges (Kass and Witkin): the sum over
// the regions and their mean. The roi must have been measured on the same image.
func (r *roi) coherence(img *image.Gray) (sum, rel float64) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	n := 0
	for y := 0; y < h; y += side {
		for x := 0; x < w; x += side {
			if !r.blocks[n] {
				n++
				continue
			}
			n++
			sum += alignment(img, x, y, min(x+side, w), min(y+side, h))
		}
	}
	if r.taken == 0 {
		return 0, 0
	}
	return sum, sum / float64(r.taken)
}

// alignment is the coherence of [x0, x1) × [y0, y1). Gradients are central
// differences, one-sided at the region's own border; nothing outside is looked
// at. With gradients in half grey levels every sum is a whole number, and the
// length of a squared gradient is the sum of its squares, so that rounding
// begins at the quotient.
func alignment(img *image.Gray, x0, y0, x1, y1 int) float64 {
	var real, imaginary, length int
	for y := y0; y < y1; y++ {
		up, down := max(y-1, y0), min(y+1, y1-1)
		row := img.Pix[y*img.Stride:][:x1]
		above, below := img.Pix[up*img.Stride:][:x1], img.Pix[down*img.Stride:][:x1]
		scaleY := oneSided(down - up)
		for x := x0; x < x1; x++ {
			left, right := max(x-1, x0), min(x+1, x1-1)
			gx := (int(row[right]) - int(row[left])) * oneSided(right-left)
			gy := (int(below[x]) - int(above[x])) * scaleY
			real += gx*gx - gy*gy
			imaginary += 2 * gx * gy
			length += gx*gx + gy*gy
		}
	}
	if length == 0 {
		return 0
	}
	re, im := float64(real)/4, float64(imaginary)/4
	return math.Sqrt(float64(re*re)+float64(im*im)) / (float64(length) / 4)
}

// oneSided makes a difference over one pixel as long as one over two.
func oneSided(span int) int {
	if span == 1 {
		return 2
	}
	return 1
}
