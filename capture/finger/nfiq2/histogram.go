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
// in the deviation.
func fill(out []float64, bounds [9]float64, values []float64) bool {
	if len(values) == 0 {
		return false
	}
	slices.Sort(values)
	clear(out[:group])
	bin, sum, squares := 0, 0.0, 0.0
	for _, v := range values {
		for bin < len(bounds) && v >= bounds[bin] {
			bin++
		}
		out[bin]++
		sum += v
		squares += float64(v * v)
	}
	share := 1 / float64(len(values))
	mean := float64(sum * share)
	out[10] = mean
	out[11] = math.Sqrt(max(float64(squares*share)-float64(mean*mean), 0))
	return true
}
