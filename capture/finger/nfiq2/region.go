package nfiq2

import (
	"image"
	"math"
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
