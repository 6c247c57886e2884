package portable_test

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"

	"optag/capture/finger/internal/portable"
)

// Each function agrees with package math to a few units in the last place.
func TestAgreesWithMath(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	spread := func(size float64) func() (float64, float64) {
		return func() (float64, float64) { return (2*r.Float64() - 1) * size, (2*r.Float64() - 1) * size }
	}
	one := func(f func(float64) float64) func(x, y float64) float64 {
		return func(x, _ float64) float64 { return f(x) }
	}
	for _, c := range []struct {
		name      string
		got, want func(x, y float64) float64
		in        func() (float64, float64)
		absolute  bool // measured against 1 where the result may be near 0
	}{
		{"sine of an angle", one(portable.Sin), one(math.Sin), spread(10), true},
		{"sine of many turns", one(portable.Sin), one(math.Sin), spread(1e5), true},
		{"cosine of an angle", one(portable.Cos), one(math.Cos), spread(10), true},
		{"exponential", one(portable.Exp), one(math.Exp), spread(700), false},
		{"exponential near 0", one(portable.Exp), one(math.Exp), spread(0.5), false},
		{"logarithm", func(x, _ float64) float64 { return portable.Log(math.Abs(x)) }, func(x, _ float64) float64 { return math.Log(math.Abs(x)) }, spread(1e6), false},
		{"logarithm near 1", func(x, _ float64) float64 { return portable.Log(1 + x) }, func(x, _ float64) float64 { return math.Log(1 + x) }, spread(0.3), false},
		{"direction", portable.Atan2, math.Atan2, spread(5), false},
	} {
		worst := 0.0
		for range 20000 {
			x, y := c.in()
			got, want := c.got(x, y), c.want(x, y)
			scale := math.Abs(want)
			if c.absolute {
				scale = 1
			}
			worst = max(worst, math.Abs(got-want)/(scale*0x1p-52))
		}
		if !(worst <= 3) {
			t.Errorf("%s: %.1f units in the last place off", c.name, worst)
		}
	}
}

func TestSpecialValues(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"sine of nothing", portable.Sin(0), 0},
		{"cosine of nothing", portable.Cos(0), 1},
		{"exponential of nothing", portable.Exp(0), 1},
		{"too large an exponent", portable.Exp(1000), math.Inf(1)},
		{"too small an exponent", portable.Exp(-1000), 0},
		{"logarithm of one", portable.Log(1), 0},
		{"logarithm of nothing", portable.Log(0), math.Inf(-1)},
		{"no direction", portable.Atan2(0, 0), 0},
		{"to the left", portable.Atan2(0, -1), math.Pi},
		{"downwards", portable.Atan2(-1, 0), -math.Pi / 2},
		{"downwards on the left", portable.Atan2(-1, 0) - portable.Atan2(0, -1), -3 * math.Pi / 2},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	if !math.IsNaN(portable.Log(-1)) || !math.IsNaN(portable.Atan2(math.NaN(), 1)) || !math.IsNaN(portable.Exp(math.NaN())) {
		t.Error("what has no value must be NaN")
	}
}

// The bits are the same on every processor: this sum was made on amd64.
func TestSameBitsEverywhere(t *testing.T) {
	h := fnv.New64a()
	add := func(v float64) {
		b := math.Float64bits(v)
		for range 8 {
			h.Write([]byte{byte(b)})
			b >>= 8
		}
	}
	for i := range 20000 {
		x, y := float64(i-10000)/1237, float64(i*7919%20011-9973)/619
		add(portable.Sin(x))
		add(portable.Cos(y))
		add(portable.Exp(x))
		add(portable.Log(1 + float64(y*y)))
		add(portable.Atan2(y, x))
	}
	if got, want := h.Sum64(), uint64(0x1033f56bd0e4e3dd); got != want {
		t.Errorf("checksum %#x, want %#x", got, want)
	}
}
