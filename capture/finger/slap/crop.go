package slap

import (
	"image"
	"math"
)

// white is the ground of a cropped print.
const white = 255

// Crop cuts the box out of the image and turns it upright, in the middle of a
// white image of the given size; a size of zero in either direction stands for
// that of the box. A pixel stays a pixel: nothing is enlarged or reduced. What
// does not fit is cut off on both sides alike. What lies outside img is white.
func Crop(img *image.Gray, b Box, size image.Point) *image.Gray {
	if size.X <= 0 {
		size.X = pixels(b.Width)
	}
	if size.Y <= 0 {
		size.Y = pixels(b.Height)
	}
	dst := image.NewGray(image.Rectangle{Max: size})
	CropInto(dst, img, b)
	return dst
}

// pixels rounds a length up to whole pixels, at most those of a large image.
func pixels(length float64) int { return int(max(1, min(1<<13, math.Ceil(length)))) }

// CropInto is [Crop] into an image the caller has. It allocates nothing.
func CropInto(dst, img *image.Gray, b Box) {
	w, h := dst.Rect.Dx(), dst.Rect.Dy()
	for y := range h {
		row := dst.Pix[y*dst.Stride:][:w]
		for x := range row {
			row[x] = white
		}
	}
	inner := image.Pt(min(w, pixels(b.Width)), min(h, pixels(b.Height)))
	left, top := (w-inner.X)/2, (h-inner.Y)/2
	t := newSampler(img, b, inner)
	for y := range inner.Y {
		t.row(dst.Pix[(top+y)*dst.Stride+left:][:inner.X], y)
	}
}

// A sampler reads an image along turned rows. Places and steps are in 1/65536
// of a pixel, from the middle of the image's first pixel.
type sampler struct {
	img            *image.Gray
	x, y           int64
	acrossX, downX int64
	acrossY, downY int64
	weights        [phases][4]int32
}

func newSampler(img *image.Gray, b Box, size image.Point) sampler {
	const one = 1 << 16
	u, v := b.axes()
	t := sampler{
		img:     img,
		acrossX: int64(math.Round(float64(one * u[0]))), acrossY: int64(math.Round(float64(one * u[1]))),
		downX: int64(math.Round(float64(one * v[0]))), downY: int64(math.Round(float64(one * v[1]))),
		weights: weights(),
	}
	x, y := clampTo(b.X, 1<<20)-0.5, clampTo(b.Y, 1<<20)-0.5
	t.x, t.y = int64(math.Round(float64(one*x))), int64(math.Round(float64(one*y)))
	t.x -= (t.acrossX*int64(size.X-1) + t.downX*int64(size.Y-1)) / 2
	t.y -= (t.acrossY*int64(size.X-1) + t.downY*int64(size.Y-1)) / 2
	if t.acrossX == one && t.acrossY == 0 {
		// Not turned: whole pixels, so that each keeps its value.
		t.x, t.y = (t.x+one/2)&^(one-1), (t.y+one/2)&^(one-1)
	}
	return t
}

// clampTo keeps v within ±limit; 0 for what is not a number.
func clampTo(v, limit float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return max(-limit, min(limit, v))
}

// row fills a row of the upright print.
func (t *sampler) row(row []uint8, y int) {
	w, h := t.img.Rect.Dx(), t.img.Rect.Dy()
	px, py := t.x+t.downX*int64(y), t.y+t.downY*int64(y)
	for i := range row {
		x, y := int(px>>16), int(py>>16)
		wx, wy := &t.weights[px>>8&(phases-1)], &t.weights[py>>8&(phases-1)]
		switch {
		case x >= 1 && y >= 1 && x < w-2 && y < h-2:
			row[i] = t.inside(x, y, wx, wy)
		case x >= -2 && y >= -2 && x < w+2 && y < h+2:
			row[i] = t.rim(x, y, wx, wy)
		}
		px, py = px+t.acrossX, py+t.acrossY
	}
}

// inside interpolates between sixteen pixels of the image.
func (t *sampler) inside(x, y int, wx, wy *[4]int32) uint8 {
	var sum int32
	at := (y-1)*t.img.Stride + x - 1
	for j := range 4 {
		p := t.img.Pix[at : at+4 : at+4]
		line := int32(p[0])*wx[0] + int32(p[1])*wx[1] + int32(p[2])*wx[2] + int32(p[3])*wx[3]
		sum += (line + 64) >> 7 * wy[j]
		at += t.img.Stride
	}
	return uint8(max(0, min(255, (sum+1<<16)>>17)))
}

// rim is inside where some of the pixels lie outside the image.
func (t *sampler) rim(x, y int, wx, wy *[4]int32) uint8 {
	var sum int32
	for j := range 4 {
		var line int32
		for i := range 4 {
			at, v := image.Pt(x-1+i, y-1+j), int32(white)
			if at.In(image.Rectangle{Max: t.img.Rect.Size()}) {
				v = int32(t.img.Pix[at.Y*t.img.Stride+at.X])
			}
			line += v * wx[i]
		}
		sum += (line + 64) >> 7 * wy[j]
	}
	return uint8(max(0, min(255, (sum+1<<16)>>17)))
}

// phases is the number of places between two pixels for which weights are kept.
const phases = 256

// weights are those of the cubic convolution of Keys (1981) with a = -1/2, of
// 4096; each four sum to that.
func weights() (w [phases][4]int32) {
	for i := range int64(phases) {
		const n = phases
		// The polynomials in s = i/n over 2n³, worked out in whole numbers.
		a := -i*i*i + 2*n*i*i - n*n*i
		b := 3*i*i*i - 5*n*i*i + 2*n*n*n
		c := -3*i*i*i + 4*n*i*i + n*n*i
		d := i*i*i - n*i*i
		w[i] = [4]int32{scale(a), scale(b), scale(c), scale(d)}
		w[i][1] += 4096 - w[i][0] - w[i][1] - w[i][2] - w[i][3]
	}
	return w
}

// scale rounds v/(2·phases³) to 1/4096.
func scale(v int64) int32 { return int32((v*4096 + phases*phases*phases) >> 25) }
