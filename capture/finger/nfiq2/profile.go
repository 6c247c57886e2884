package nfiq2

import "math"

// A profile is the course of the grey levels across the ridges of a patch.
type profile struct {
	trend [across]float64 // grey level of the line fitted through the columns' means
	ridge [across]bool    // the column's mean is below the line
}

// read fits the line by least squares. Its two coefficients are rounded to ten
// decimals, as in the reference: where a mean lies on the line, that decides.
func (p *profile) read(patch *patch) {
	var sums [across]int // of the columns: 16 times their means
	for y := range along {
		for x, v := range patch[y*across:][:across] {
			sums[x] += int(v)
		}
	}
	// Sums over x = 1 to 32 of x, of x² and n times the variance times n.
	const n, sx, sxx = across, across * (across + 1) / 2, across * (across + 1) * (2*across + 1) / 6
	const det = n*sxx - sx*sx
	s, sxs := 0, 0
	for i, v := range sums {
		s, sxs = s+v, sxs+(i+1)*v
	}
	slope := tenDecimals(float64(n*sxs-sx*s) / (det * along))
	start := tenDecimals(float64(sxx*s-sx*sxs) / (det * along))
	for i, v := range sums {
		p.trend[i] = float64(float64(i+1)*slope) + start
		p.ridge[i] = float64(v)/along < p.trend[i]
	}
}

func tenDecimals(v float64) float64 { return math.Round(v*1e10) / 1e10 }

// changes returns the columns, of those before limit, whose right neighbour is
// valley where it is ridge or ridge where it is valley.
func (p *profile) changes(at *[across]int, limit int) []int {
	n := 0
	for i := range limit {
		if p.ridge[i] != p.ridge[i+1] {
			at[n] = i
			n++
		}
	}
	return at[:n]
}
