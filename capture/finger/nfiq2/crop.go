package nfiq2

import "image"

// What keeps an image from being measured at all. The reference throws for
// each of them; a score of 255 stands for that in a record (ISO/IEC 29794-1).
var (
	ErrBlank = &Refusal{NoFinger, "it is blank"}
	ErrSmall = &Refusal{SmallArea, "what is left without its white frame is too small to measure"}
	ErrLarge = &Refusal{TooLarge, "what is left without its white frame is larger than 800 × 1000 pixels"}
)

const (
	// A row or a column belongs to the white frame about a print when its mean
	// grey level is above frameGrey (NFIQ 2.3.0).
	frameGrey = 250

	// The largest print that can be measured, in pixels at 500 ppi.
	maxWidth, maxHeight = 800, 1000
)

// crop sets dst to the part of img without its white frame and returns where that
// lies in img. The part shares img's pixels and begins at (0, 0). Rows are looked at
// in the whole width and columns in the whole height, as in the reference. The
// error is one of those above.
func crop(dst, img *image.Gray) (at image.Point, err error) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if w <= 0 || h <= 0 {
		return at, ErrBlank
	}
	top, bottom, left, right := 0, h-1, 0, w-1
	for top < h && frame(img, 0, top, w, top+1) {
		top++
	}
	for left < w && frame(img, left, 0, left+1, h) {
		left++
	}
	if top == h || left == w {
		return at, ErrBlank
	}
	for frame(img, 0, bottom, w, bottom+1) {
		bottom--
	}
	for frame(img, right, 0, right+1, h) {
		right--
	}
	part := image.Rect(0, 0, right-left+1, bottom-top+1)
	switch {
	case part.Dx() < 2 || part.Dy() < 2:
		return at, ErrSmall
	case part.Dx() > maxWidth || part.Dy() > maxHeight:
		return at, ErrLarge
	}
	start := top*img.Stride + left
	end := start + (part.Dy()-1)*img.Stride + part.Dx()
	*dst = image.Gray{Pix: img.Pix[start:end:end], Stride: img.Stride, Rect: part}
	return image.Pt(left, top), nil
}

// frame tells whether the mean of the pixels in [x0, x1) × [y0, y1), counted
// from the image's corner, is that of the white frame.
func frame(img *image.Gray, x0, y0, x1, y1 int) bool {
	return total(img, x0, y0, x1, y1) > frameGrey*(x1-x0)*(y1-y0)
}

// total is the sum of the grey levels in [x0, x1) × [y0, y1), counted from the
// image's corner.
func total(img *image.Gray, x0, y0, x1, y1 int) int {
	sum := 0
	for y := y0; y < y1; y++ {
		for _, v := range img.Pix[y*img.Stride+x0 : y*img.Stride+x1] {
			sum += int(v)
		}
	}
	return sum
}
