// Package portable holds elementary functions that give the same bits on every
// processor. Those of package math may differ in the last place: some are
// written in assembly on one architecture, and multiplication and addition may
// be fused on another. Here every product is rounded before it is added to.
//
// Errors stay below two units in the last place of a float64 over the ranges
// that images need: angles within ±1e6 radians, exponents within ±700.
package portable

import "math"

// Half a turn, and its two halves for exact reduction: quarterHigh has so few
// bits that its product with a count of quarters is exact.
const (
	quarterHigh   = 1.57079632673412561417e+00 // the first 33 bits of π/2
	quarterMiddle = 6.07710050630396597660e-11 // the next 33
	quarterLow    = 2.02226624879595063154e-21
	log2High      = 6.93147180369123816490e-01
	log2Low       = 1.90821492927058770002e-10
)

// Sin is the sine of x radians.
func Sin(x float64) float64 {
	r, quarter := reduce(x)
	switch quarter & 3 {
	case 0:
		return sine(r)
	case 1:
		return cosine(r)
	case 2:
		return -sine(r)
	}
	return -cosine(r)
}

// Cos is the cosine of x radians.
func Cos(x float64) float64 {
	r, quarter := reduce(x)
	switch quarter & 3 {
	case 0:
		return cosine(r)
	case 1:
		return -sine(r)
	case 2:
		return -cosine(r)
	}
	return sine(r)
}

// reduce returns x less a whole number of quarter turns, at most π/4 in size,
// and the number.
func reduce(x float64) (r float64, quarter int) {
	n := math.Floor(float64(x*(2/math.Pi)) + 0.5)
	r = x - float64(n*quarterHigh)
	r -= float64(n * quarterMiddle)
	r -= float64(n * quarterLow)
	return r, int(n)
}

// sine and cosine are their Taylor polynomials, which within π/4 leave less
// than half a unit in the last place.
func sine(x float64) float64 {
	z := float64(x * x)
	p := series(z, 1./355687428096000, -1./1307674368000, 1./6227020800, -1./39916800, 1./362880, -1./5040, 1./120, -1./6)
	return x + float64(x*float64(z*p))
}

func cosine(x float64) float64 {
	z := float64(x * x)
	p := series(z, -1./6402373705728000, 1./20922789888000, -1./87178291200, 1./479001600, -1./3628800, 1./40320, -1./720, 1./24)
	half := float64(0.5 * z)
	w := 1 - half
	return w + ((1 - w - half) + float64(z*float64(z*p)))
}

// series is a polynomial in z, the highest coefficient first (Horner).
func series(z float64, c ...float64) float64 {
	sum := c[0]
	for _, next := range c[1:] {
		sum = float64(sum*z) + next
	}
	return sum
}

// Exp is e to the power of x.
func Exp(x float64) float64 {
	switch {
	case math.IsNaN(x):
		return x
	case x > 709.78:
		return math.Inf(1)
	case x < -745:
		return 0
	}
	n := math.Floor(float64(x*(1/math.Ln2)) + 0.5)
	r := x - float64(n*log2High)
	r -= float64(n * log2Low)
	p := series(r, 1./6227020800, 1./479001600, 1./39916800, 1./3628800, 1./362880, 1./40320, 1./5040, 1./720, 1./120, 1./24, 1./6, 0.5)
	return math.Ldexp(1+(r+float64(r*float64(r*p))), int(n))
}

// Log is the natural logarithm of x > 0; NaN for a negative x, -Inf for 0.
func Log(x float64) float64 {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 1):
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	f, e := math.Frexp(x)
	if f < math.Sqrt2/2 {
		f, e = 2*f, e-1
	}
	// log f = 2 artanh s
	f--
	s := f / (2 + f)
	z := float64(s * s)
	p := series(z, 1./23, 1./21, 1./19, 1./17, 1./15, 1./13, 1./11, 1./9, 1./7, 1./5, 1./3)
	n := float64(e)
	// 2s = f - s·f, which keeps the digits that 2s alone would lose.
	rest := float64(s*(f-float64(2*float64(z*p)))) - float64(n*log2Low)
	return float64(n*log2High) - (rest - f)
}

// Atan2 is the angle of the point (x, y) from the x-axis, in radians from -π to
// π; 0 for the origin.
func Atan2(y, x float64) float64 {
	ax, ay := math.Abs(x), math.Abs(y)
	var a float64
	switch {
	case math.IsNaN(x) || math.IsNaN(y):
		return math.NaN()
	case ay == 0 && x >= 0:
		return 0
	case ax >= ay:
		a = arc(ay / ax)
	default:
		a = math.Pi/2 - arc(ax/ay)
	}
	if x < 0 {
		a = math.Pi - a
	}
	if y < 0 {
		return -a
	}
	return a
}

// arc is the arc tangent of t from 0 to 1. Twice halving the angle brings it
// below tan π/16, where the series is short.
func arc(t float64) float64 {
	scale := 1.0
	for range 2 {
		t /= 1 + math.Sqrt(1+float64(t*t))
		scale *= 2
	}
	z := float64(t * t)
	p := series(z, -1./23, 1./21, -1./19, 1./17, -1./15, 1./13, -1./11, 1./9, -1./7, 1./5, -1./3)
	return scale * (t + float64(t*float64(z*p)))
}
