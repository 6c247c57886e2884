// Package resample brings the pixels of a sensor to another pitch, each axis by
// its own factor, so that a print can be labelled 500 ppi. It computes in whole
// numbers: every machine gives the same frame. What the factor is, and that it
// was measured, is the driver's business.
package resample

import "math"

// Fixed point of the resampling: weights are parts of 1<<weightBits, and what
// lies between the two passes has intermediateBits after the point. Overshoot
// of the kernel, at most a quarter, fits in 16 bits.
const (
	weightBits       = 14
	intermediateBits = 6
)

// An Axis says how one axis of a frame comes from one of the sensor's picture:
// for each new pixel, the first old one and the weights of taps from there on.
type Axis struct {
	taps    int
	first   []int
	weights []int16
}

// New makes the axis of n old pixels, from the given one on, to
// size new ones that lie step old ones apart, with a Catmull-Rom kernel, widened
// where the picture shrinks so that no ridge aliases. Edges repeat.
func New(n, from int, step float64, size int) *Axis {
	wide := max(1, step)
	r := &Axis{taps: 2 * int(math.Ceil(2*wide))}
	for i := range size {
		centre := float64(from) + times(float64(i)+0.5, step) - 0.5
		begin := int(math.Floor(centre)) - r.taps/2 + 1
		first := min(max(begin, 0), n-r.taps)
		kernel := make([]float64, r.taps)
		sum := 0.0
		for j := begin; j < begin+r.taps; j++ {
			w := catmullRom((float64(j) - centre) / wide)
			kernel[min(max(j, 0), n-1)-first] += w
			sum += w
		}
		r.first = append(r.first, first)
		r.weights = append(r.weights, fixed(kernel, sum)...)
	}
	return r
}

// fixed makes a kernel of whole parts that are one together; the largest takes
// what rounding leaves.
func fixed(kernel []float64, sum float64) []int16 {
	parts := make([]int16, len(kernel))
	left, largest := 1<<weightBits, 0
	for i, w := range kernel {
		parts[i] = int16(math.Round(w / sum * (1 << weightBits)))
		left -= int(parts[i])
		if parts[i] > parts[largest] {
			largest = i
		}
	}
	parts[largest] += int16(left)
	return parts
}

// catmullRom is the cubic interpolation kernel of that name, zero beyond 2.
func catmullRom(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x < 1:
		return times(times(times(1.5, x)-2.5, x), x) + 1
	case x < 2:
		return times(times(times(-0.5, x)+2.5, x)-4, x) + 2
	}
	return 0
}

// times is a product rounded by itself: no processor may fuse it with a sum.
func times(a, b float64) float64 { return float64(a * b) }

// Reach is the range of old pixels that are looked at.
func (r *Axis) Reach() (first, end int) {
	return r.first[0], r.first[len(r.first)-1] + r.taps
}

// Line makes one line of the frame's width.
func (r *Axis) Line(dst []int16, src []byte) {
	for x, first := range r.first {
		v := int32(1 << (weightBits - intermediateBits - 1))
		old := src[first:][:r.taps]
		for k, w := range r.weights[x*r.taps:][:r.taps] {
			v += int32(w) * int32(old[k])
		}
		dst[x] = int16(v >> (weightBits - intermediateBits))
	}
}

// Column makes line y of the frame of lines that have its width already; sums
// is scratch.
func (r *Axis) Column(dst []byte, sums []int32, wide []int16, y int) {
	const bits = weightBits + intermediateBits
	for x := range sums {
		sums[x] = 1 << (bits - 1)
	}
	for k, w := range r.weights[y*r.taps:][:r.taps] {
		for x, v := range wide[(r.first[y]+k)*len(sums):][:len(sums)] {
			sums[x] += int32(w) * int32(v)
		}
	}
	for x, v := range sums {
		dst[x] = uint8(min(max(v>>bits, 0), 255))
	}
}
