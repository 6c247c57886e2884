package nfiq2

import (
	"math"

	"optag/capture/finger/internal/portable"
)

// boundsFDA part the histogram of FDA (NFIQ 2.3.0).
func boundsFDA() [9]float64 {
	return [9]float64{0.268, 0.304, 0.33, 0.355, 0.38, 0.407, 0.44, 0.50, 1}
}

// A wave is a full turn in 32 steps: [i] is the cosine of i/32 of a turn. The
// zero wave is ready.
type wave [across]float64

// dominance tells how much of the course of grey levels across the ridges is one
// frequency: the largest magnitude of its Fourier transform and 0.3 times its
// two neighbours, divided by the sum of all below half the sampling rate. Where
// the lowest frequency, one period a patch, is the largest, it is 1.
//
// The patch lies with the ridges along its rows of 16 pixels.
func (w *wave) dominance(patch *patch) float64 {
	var magnitude [across/2 + 1]float64
	w.transform(patch, &magnitude)
	largest, sum := 1, 0.0
	for k := 1; k <= across/2; k++ {
		if magnitude[k] > magnitude[largest] {
			largest = k
		}
	}
	if largest == 1 {
		return 1
	}
	for _, v := range magnitude[1 : across/2] {
		sum += v
	}
	// Above half the sampling rate the magnitudes come again in reverse.
	next := magnitude[min(largest+1, across-1-largest)]
	return (magnitude[largest] + float64(0.3*(magnitude[largest-1]+next))) / sum
}

// transform takes the magnitudes of the Fourier transform of the rows' means,
// for none to 16 periods a patch.
func (w *wave) transform(patch *patch, magnitude *[across/2 + 1]float64) {
	if w[0] == 0 {
		for i := range w {
			w[i] = portable.Cos(float64(i) * (2 * math.Pi / across))
		}
	}
	var level [across]float64
	for y := range level {
		sum := 0
		for _, v := range patch[y*along:][:along] {
			sum += int(v)
		}
		level[y] = float64(sum) / along
	}
	for k := range magnitude {
		var re, im float64
		for n, v := range level {
			re += float64(v * w[k*n%across])
			im -= float64(v * w[(k*n+across*3/4)%across])
		}
		magnitude[k] = portable.Hypot(re, im)
	}
}
