package finger

import (
	"math"
	"math/bits"
	"math/cmplx"
)

// roots are the powers of the first root of unity, exp(-2πi k/side).
var roots = newRoots()

func newRoots() (w [side / 2]complex64) {
	for k := range w {
		w[k] = complex64(cmplx.Rect(1, -2*math.Pi*float64(k)/side))
	}
	return w
}

// transform is the two-dimensional Fourier transform of side × side values in
// place, with rows and columns exchanged; back is the inverse without its
// factor.
func transform(f []complex64, back bool) {
	columns(f, back)
	transpose(f)
	columns(f, back)
}

// columns transforms every column (Cooley and Tukey, radix 2). It walks along
// the rows, which is how they lie in memory.
func columns(f []complex64, back bool) {
	for i := range side {
		if j := int(bits.Reverse8(uint8(i)) >> 1); i < j {
			a, b := f[i*side:][:side], f[j*side:][:side]
			for x := range a {
				a[x], b[x] = b[x], a[x]
			}
		}
	}
	for half := 1; half < side; half *= 2 {
		for start := 0; start < side; start += 2 * half {
			butterfly(f[start*side:][:side], f[(start+half)*side:][:side])
			for k := 1; k < half; k++ {
				w := roots[k*(side/2/half)]
				if back {
					w = complex(real(w), -imag(w))
				}
				twiddled(f[(start+k)*side:][:side], f[(start+k+half)*side:][:side], w)
			}
		}
	}
}

func butterfly(a, b []complex64) {
	b = b[:len(a)]
	for x, u := range a {
		v := b[x]
		a[x], b[x] = u+v, u-v
	}
}

func twiddled(a, b []complex64, w complex64) {
	b = b[:len(a)]
	wr, wi := real(w), imag(w)
	for x, u := range a {
		r, i := real(b[x]), imag(b[x])
		v := complex(r*wr-i*wi, r*wi+i*wr)
		a[x], b[x] = u+v, u-v
	}
}

func transpose(f []complex64) {
	for y := range side {
		for x := range y {
			f[y*side+x], f[x*side+y] = f[x*side+y], f[y*side+x]
		}
	}
}
