package uru4500

import (
	"image"
	"math"
)

// targetPPI is the resolution, in pixels per inch, that prints are kept and
// compared at: ANSI/NIST-ITL 1, class of 500.
const targetPPI = 500

// Ridges are seen tile by tile: a tile shows them where the grey levels of its
// pixels spread by more than minSpread, standard deviation in levels, and a
// picture shows a finger where minTiles of its 432 tiles do.
const (
	tile      = 16
	minSpread = 16
	minTiles  = 20
)

// showsFinger reports whether a picture may show a finger. It errs towards yes:
// a dirty glass may show one too.
func showsFinger(p *image.Gray) bool {
	found := 0
	for y := 0; y+tile <= height; y += tile {
		for x := 0; x+tile <= width; x += tile {
			if spread(p, x, y) > minSpread*minSpread {
				if found++; found == minTiles {
					return true
				}
			}
		}
	}
	return false
}

// spread returns the variance of every second pixel, both ways, of the tile at x, y.
func spread(p *image.Gray, x, y int) int {
	const n = tile * tile / 4
	sum, squares := 0, 0
	for dy := 0; dy < tile; dy += 2 {
		line := p.Pix[(y+dy)*p.Stride+x:][:tile]
		for dx := 0; dx < tile; dx += 2 {
			v := int(line[dx])
			sum += v
			squares += v * v
		}
	}
	return squares/n - sum*sum/(n*n)
}

// A resampling says how one axis of a picture comes from another resolution:
// for each new pixel, the first old one and the weights of those from there on,
// in parts of one.
type resampling struct {
	first   []int
	weights [][]float32
}

// newResampling makes the resampling of n pixels at ppi pixels per inch to
// targetPPI, with a Catmull-Rom kernel, widened where the picture shrinks so
// that no ridge aliases. Edges repeat.
func newResampling(n int, ppi float64) *resampling {
	scale := ppi / targetPPI // old pixels per new one
	support := 2 * max(1, scale)
	r := &resampling{}
	for i := range int(math.Round(float64(n) / scale)) {
		centre := (float64(i)+0.5)*scale - 0.5
		from, to := int(math.Ceil(centre-support)), int(math.Floor(centre+support))
		first := min(max(from, 0), n-1)
		weights := make([]float32, min(max(to, 0), n-1)-first+1)
		sum := 0.0
		for j := from; j <= to; j++ {
			w := catmullRom((float64(j) - centre) / max(1, scale))
			weights[min(max(j, 0), n-1)-first] += float32(w)
			sum += w
		}
		for k := range weights {
			weights[k] /= float32(sum)
		}
		r.first = append(r.first, first)
		r.weights = append(r.weights, weights)
	}
	return r
}

// size is the number of new pixels.
func (r *resampling) size() int { return len(r.first) }

// catmullRom is the cubic interpolation kernel of that name, zero beyond 2.
func catmullRom(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x < 1:
		return (1.5*x-2.5)*x*x + 1
	case x < 2:
		return ((-0.5*x+2.5)*x-4)*x + 2
	}
	return 0
}

// resample fills dst from src, lines first and columns after.
func resample(dst, src *image.Gray, across, down *resampling) {
	wide := make([]float32, across.size()*height)
	for y := range height {
		line := src.Pix[y*src.Stride:][:width]
		for x, first := range across.first {
			var v float32
			for k, w := range across.weights[x] {
				v += w * float32(line[first+k])
			}
			wide[y*across.size()+x] = v
		}
	}
	sums := make([]float32, across.size())
	for y, first := range down.first {
		clear(sums)
		for k, w := range down.weights[y] {
			for x, v := range wide[(first+k)*across.size():][:across.size()] {
				sums[x] += w * v
			}
		}
		for x, v := range sums {
			dst.Pix[y*dst.Stride+x] = uint8(min(max(v+0.5, 0), 255))
		}
	}
	clear(wide) // a print too
}
