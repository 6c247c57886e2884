package nfiq2

import (
	"math"
	"slices"
)

// fill puts values, which it sorts, into a group of measures: ten bins, of which
// bounds are the lower ends of all but the first, the mean and the standard
// deviation. Without values there is no mean, and fill reports false.
//
// Mean and deviation are summed in rising order and over the squares, as the
// reference does it: where all values are equal, the rounding that is left shows
// in the deviation. An infinite value counts in the bin of the one before it.
func fill(out []float64, bounds [9]float64, values []float64) bool {
	if len(values) == 0 {
		return false
	}
	slices.Sort(values)
	clear(out[:group])
	bin, sum, squares := 0, 0.0, 0.0
	for _, v := range values {
		for bin < len(bounds) && v >= bounds[bin] && !math.IsInf(v, 1) {
			bin++
		}
		out[bin]++
		sum += v
		squares = fused(v, v, squares)
	}
	share := 1 / float64(len(values))
	mean := float64(sum * share)
	out[10] = mean
	out[11] = math.Sqrt(max(float64(squares*share)-float64(mean*mean), 0))
	return true
}

// average is the mean of values, 0 for none. It is the sum times the reciprocal
// of the number, as in the reference: a mean of just three may come out below
// three.
func average(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return float64(byFours(values) * (1 / float64(len(values))))
}

// byFours sums values in the order of the reference: each four are summed before
// they are added to the rest.
func byFours(values []float64) float64 {
	sum := 0.0
	for ; len(values) >= 4; values = values[4:] {
		sum += values[0] + values[1] + values[2] + values[3]
	}
	for _, v := range values {
		sum += v
	}
	return sum
}

// fused is x·y + z, rounded once: what a processor does that can multiply and
// add in one step. The reference's sums of squares are made so. It is put
// together of plain operations (Dekker, Knuth), which are the same everywhere;
// the factors must be below 2^500, and not so small that their product's error
// is lost.
func fused(x, y, z float64) float64 {
	xh, xl := halves(x)
	yh, yl := halves(y)
	product := float64(x * y)
	lost := float64(xh*yh) - product
	lost += float64(xh * yl)
	lost += float64(xl * yh)
	lost += float64(xl * yl)
	sum := product + z
	part := sum - product
	lost += (product - (sum - part)) + (z - part)
	return sum + lost
}

// halves splits x in two parts of at most 26 bits.
func halves(x float64) (high, low float64) {
	c := float64(x * (1<<27 + 1))
	high = c - (c - x)
	return high, x - high
}
