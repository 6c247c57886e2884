package nfiq2

import (
	"math"
	"math/bits"
)

// boundsFDA part the histogram of FDA (NFIQ 2.3.0).
func boundsFDA() [9]float64 {
	return [9]float64{0.268, 0.304, 0.33, 0.355, 0.38, 0.407, 0.44, 0.50, 1}
}

// dominance tells how much of the course of grey levels across the ridges is one
// frequency: the largest magnitude of its Fourier transform and 0.3 times its
// two neighbours, divided by the sum of those below half the sampling rate. Where
// one period a patch is the largest, it is 1. The patch lies with its ridges
// along rows of 16 pixels.
//
// Above half the sampling rate magnitudes come again in reverse but for their
// rounding, which decides between frequencies of equal strength.
func (w *wave) dominance(patch *patch) float64 {
	var level [across]complex128
	for y := range level {
		sum := 0
		for _, v := range patch[y*along:][:along] {
			sum += int(v)
		}
		level[y] = complex(float64(sum)/along, 0)
	}
	w.transform(&level)
	var strength [across - 1]float64 // of 1 to 31 periods a patch
	largest := 0
	for i, v := range level[1:] {
		strength[i] = math.Sqrt(fused(real(v), real(v), float64(imag(v)*imag(v))))
		if strength[i] > strength[largest] {
			largest = i
		}
	}
	if largest == 0 || largest == len(strength)-1 {
		return 1
	}
	beside := strength[largest-1] + strength[largest+1]
	return (strength[largest] + float64(0.3*beside)) / byFours(strength[:len(strength)/2])
}

// A wave holds powers of the 32nd root of one with the least angle, clockwise.
// The zero wave is ready.
type wave [across]complex128

// make multiplies the root with itself, so that errors grow as the reference's do.
func (w *wave) make() {
	const root = 0.98078528040323043 - 0.19509032201612825i
	w[0], w[across/2] = 1, -1
	for i := 1; i < across/2; i++ {
		w[i] = times(w[i-1], root)
		w[across-i] = complex(real(w[i]), -imag(w[i]))
	}
}

// transform is the Fourier transform of 32 values in place, in three steps of 4,
// 4 and 2 (Cooley and Tukey). The order of its operations is that of the
// reference, to the last bit.
func (w *wave) transform(v *[across]complex128) {
	if w[0] == 0 {
		w.make()
	}
	for i := range v {
		if j := int(bits.Reverse8(uint8(i)) >> 3); i < j {
			v[i], v[j] = v[j], v[i]
		}
	}
	for n := 1; n < across/2; n *= 4 {
		turn := across / 4 / n
		for i := 0; i < across; i += 4 * n {
			for j := range n {
				p := v[i+j : i+j+3*n+1]
				a, b := p[0], times(p[n], w[2*j*turn])
				c, d := times(p[2*n], w[j*turn]), times(p[3*n], w[3*j*turn])
				even, odd := c+d, c-d
				odd = complex(imag(odd), -real(odd))
				p[0], p[2*n] = a+b+even, a+b-even
				p[n], p[3*n] = a-b+odd, a-b-odd
			}
		}
	}
	for j := range across / 2 {
		a, b := v[j], times(v[j+across/2], w[j])
		v[j], v[j+across/2] = a+b, a-b
	}
}

func times(a, b complex128) complex128 {
	return complex(
		float64(real(a)*real(b))-float64(imag(a)*imag(b)),
		float64(real(a)*imag(b))+float64(imag(a)*real(b)))
}
