package nfiq2

import (
	"image"
	"math"

	"optag/capture/finger/nfiq2/internal/gradient"
)

// A Region is where the finger lies in an image and how its ridges look there.
// It is what [Reasons] are drawn from beside the measures.
type Region struct {
	Area   float64    // square millimetres
	Centre [2]float64 // of gravity, as a share of the image's width and height
	// Share of the image's left, right, upper and lower border along which the
	// region reaches it.
	Cut    [4]float64
	Ridge  float64 // mean grey level of the ridges, 0 to 255
	Valley float64 // and of the valleys
	Dark   float64 // share of the region that is ridge, 0 to 1
	// Contrast of the ridges that run in the direction in which it is least,
	// as a share of that in the direction in which it is largest. A finger that
	// slides blurs the ridges across its way and spares those along it.
	Slide float64
}

// Region is that of the last print measured; the zero Region where it could not
// be.
func (m *Meter) Region() Region { return m.roi.found }

// millimetre is its length in pixels at 500 ppi.
const millimetre = 500 / 25.4

// place completes the region for an image of the given size in which the print
// lies at a point.
func (r *roi) place(at, size image.Point) {
	w, h := float64(size.X), float64(size.Y)
	r.found.Centre[0] = (r.found.Centre[0] + float64(at.X)) / w
	r.found.Centre[1] = (r.found.Centre[1] + float64(at.Y)) / h
	var cut [4]int
	for _, s := range r.spans {
		if at.X+s.x0 == 0 {
			cut[0]++
		}
		if at.X+s.x1 == size.X {
			cut[1]++
		}
		if at.Y+s.y == 0 {
			cut[2] += s.x1 - s.x0
		}
		if at.Y+s.y == size.Y-1 {
			cut[3] += s.x1 - s.x0
		}
	}
	r.found.Cut = [4]float64{float64(cut[0]) / h, float64(cut[1]) / h, float64(cut[2]) / w, float64(cut[3]) / w}
}

// look measures the region within the print.
func (r *roi) look(img *image.Gray) {
	r.found = Region{Area: float64(r.pixels) / (millimetre * millimetre)}
	if r.pixels == 0 {
		return
	}
	var x, y int
	for _, s := range r.spans {
		n := s.x1 - s.x0
		x += n * (s.x0 + s.x1 - 1) / 2
		y += n * s.y
	}
	r.found.Centre = [2]float64{float64(x)/float64(r.pixels) + 0.5, float64(y)/float64(r.pixels) + 0.5}
	r.contrast(img)
	r.found.Slide = r.slide(img)
}

// inner is how far inside the region ridges are looked at, in pixels: its border
// lies in the white about the print.
const inner = 16

func (r *roi) contrast(img *image.Gray) {
	var count [256]int
	n := 0
	w := img.Rect.Dx()
	for _, s := range r.spans {
		if s.y < inner || s.y+inner >= img.Rect.Dy() {
			continue
		}
		for x := s.x0 + inner; x < s.x1-inner; x++ {
			if r.pix[(s.y-inner)*w+x]|r.pix[(s.y+inner)*w+x] == 0 {
				count[img.Pix[s.y*img.Stride+x]]++
				n++
			}
		}
	}
	if n == 0 {
		r.found.Ridge, r.found.Valley = math.NaN(), math.NaN()
		return
	}
	at := otsu(&count, n)
	var dark, darkSum, lightSum int
	for v, c := range count {
		if v <= at {
			dark, darkSum = dark+c, darkSum+v*c
		} else {
			lightSum += v * c
		}
	}
	r.found.Dark = float64(dark) / float64(n)
	r.found.Ridge = float64(darkSum) / float64(max(dark, 1))
	r.found.Valley = float64(lightSum) / float64(max(n-dark, 1))
}

// slide sorts the whole blocks of the region by the direction of their ridges, in
// four sectors, and returns the lowest mean contrast of a sector as a share of
// the highest; 1 where there is one sector only.
func (r *roi) slide(img *image.Gray) float64 {
	const enough = 4 // blocks for a mean
	var blocks [4]int
	var contrast [4]float64
	across := (img.Rect.Dx() + side - 1) / side
	for i, in := range r.blocks {
		x, y := i%across*side, i/across*side
		if !in || x+side > img.Rect.Dx() || y+side > img.Rect.Dy() || !r.inside(x, y, img.Rect.Dx()) {
			continue
		}
		var m moments
		m.add(img, x, y, x+side, y+side)
		xx, yy, xy := gradient.Covariance(img, x, y)
		re, im := xx-yy, 2*xy
		k := 0
		if math.Abs(im) > math.Abs(re) {
			k, re = 1, im
		}
		if re < 0 {
			k += 2
		}
		blocks[k]++
		contrast[k] += m.deviation()
	}
	least, most := math.Inf(1), 0.0
	for k, n := range blocks {
		if n >= enough {
			c := contrast[k] / float64(n)
			least, most = min(least, c), max(most, c)
		}
	}
	if most == 0 {
		return 1
	}
	return least / most
}

// inside tells whether the corners of a block lie in the region.
func (r *roi) inside(x, y, w int) bool {
	const last = side - 1
	return r.pix[y*w+x]|r.pix[y*w+x+last]|r.pix[(y+last)*w+x]|r.pix[(y+last)*w+x+last] == 0
}
