package gen

import (
	"math"
	"math/rand/v2"
)

// The functions below use only operations that every processor rounds alike,
// so that a finger has the same pixels everywhere: package math's own are
// written in assembly on some, and products fuse with sums on others.

// sinCos returns the sine and cosine of x, exact to about 1e-10 for |x| < 1e4.
func sinCos(x float64) (sin, cos float64) {
	k := math.Floor(float64(x*(2/math.Pi)) + 0.5)
	r := x - float64(k*(math.Pi/2))
	q := float64(r * r)
	sin = r * horner(q, 1, -1.0/6, 1.0/120, -1.0/5040, 1.0/362880, -1.0/39916800)
	cos = horner(q, 1, -1.0/2, 1.0/24, -1.0/720, 1.0/40320, -1.0/3628800)
	switch int64(k) & 3 {
	case 1:
		return cos, -sin
	case 2:
		return -sin, -cos
	case 3:
		return -cos, sin
	}
	return sin, cos
}

// exp returns e to the power of x, exact to about 1e-9 of itself.
func exp(x float64) float64 {
	x = clamp(x, -700, 700)
	k := math.Floor(float64(x*math.Log2E) + 0.5)
	r := x - float64(k*math.Ln2)
	return math.Ldexp(horner(r, 1, 1, 1.0/2, 1.0/6, 1.0/24, 1.0/120, 1.0/720, 1.0/5040, 1.0/40320), int(k))
}

// atan2 returns the angle of (x, y) from -π to π, exact to about 1e-5 (Hastings,
// Approximations for Digital Computers, sheet 11).
func atan2(y, x float64) float64 {
	ax, ay := math.Abs(x), math.Abs(y)
	if ax == 0 && ay == 0 {
		return 0
	}
	t := min(ax, ay) / max(ax, ay)
	a := float64(t * horner(float64(t*t), 0.9998660, -0.3302995, 0.1801410, -0.0851330, 0.0208351))
	if ay > ax {
		a = math.Pi/2 - a
	}
	if x < 0 {
		a = math.Pi - a
	}
	if y < 0 {
		return -a
	}
	return a
}

// horner evaluates a polynomial, the constant first.
func horner(x float64, c ...float64) float64 {
	v := c[len(c)-1]
	for i := len(c) - 2; i >= 0; i-- {
		v = float64(v*x) + c[i]
	}
	return v
}

// normal returns a number with mean 0 and deviation 1, never beyond ±3.5: the
// sum of four even ones.
func normal(r *rand.Rand) float64 {
	sum := -(int64(2) << 32)
	for range 4 {
		sum += int64(r.Uint32())
	}
	return float64(sum) * (1.7320508075688772 / (1 << 32))
}

// about returns a number near mean, never beyond three deviations from it.
func about(r *rand.Rand, mean, deviation float64) float64 {
	return mean + float64(deviation*clamp(normal(r), -3, 3))
}

// between returns an even number from low to high.
func between(r *rand.Rand, low, high float64) float64 {
	return low + float64((high-low)*r.Float64())
}

func clamp(v, low, high float64) float64 { return max(low, min(high, v)) }
