package nfiq2

import (
	"math"
	"slices"
	"testing"
)

func TestHistogram(t *testing.T) {
	bounds := [9]float64{1, 2, 3, 4, 5, 6, 7, 8, 9}
	for _, c := range []struct {
		name      string
		values    []float64
		want      []float64 // bins 0 to 9
		mean, dev float64
	}{
		{"one in each", []float64{9.5, 0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5}, []float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 5, math.Sqrt(8.25)},
		{"a value on a bound belongs above it", []float64{1, 9}, []float64{0, 1, 0, 0, 0, 0, 0, 0, 0, 1}, 5, 4},
		{"below and above all", []float64{-3, 99}, []float64{1, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 48, 51},
		{"empty bins between", []float64{2, 8, 2, 8}, []float64{0, 0, 2, 0, 0, 0, 0, 0, 2, 0}, 5, 3},
		{"one value", []float64{4}, []float64{0, 0, 0, 0, 1, 0, 0, 0, 0, 0}, 4, 0},
		{"an infinite one counts with the one before", []float64{math.Inf(1), 4}, []float64{0, 0, 0, 0, 2, 0, 0, 0, 0, 0}, math.Inf(1), math.NaN()},
	} {
		out := make([]float64, group)
		if !fill(out, bounds, slices.Clone(c.values)) {
			t.Fatalf("%s: not filled", c.name)
		}
		if !slices.Equal(out[:10], c.want) {
			t.Errorf("%s: bins %v, want %v", c.name, out[:10], c.want)
		}
		if same := func(a, b float64) bool { return a == b || math.Abs(a-b) < 1e-12 || a != a && b != b }; !same(out[10], c.mean) || !same(out[11], c.dev) {
			t.Errorf("%s: mean %v, deviation %v, want %v, %v", c.name, out[10], out[11], c.mean, c.dev)
		}
	}
	out := []float64{7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7}
	if fill(out, bounds, nil) || out[0] != 7 || out[11] != 7 {
		t.Errorf("no values gave %v", out)
	}
}

// fused rounds once, like a processor that multiplies and adds in one step.
func TestFused(t *testing.T) {
	value := func(i, salt int) float64 {
		v := float64(grain(i, salt)-32768) + float64(grain(i, salt+1))/65536 + float64(grain(i, salt+2))*0x1p-36
		return v * math.Ldexp(1, grain(i, salt+3)%40-20)
	}
	for i := range 20000 {
		x, y, z := value(i, 1), value(i, 5), value(i, 9)
		if i%2 == 0 {
			z = -x * y * (1 + float64(i%7)*0x1p-52) // all but the rounding goes
		}
		if got, want := fused(x, y, z), math.FMA(x, y, z); got != want {
			t.Errorf("%v · %v + %v = %v, want %v", x, y, z, got, want)
		}
	}
	if got := fused(3, 0, 5); got != 5 {
		t.Errorf("3 · 0 + 5 = %v", got)
	}
}

func TestAverage(t *testing.T) {
	if got := average(nil); got != 0 {
		t.Errorf("average of nothing is %v, want 0", got)
	}
	if got := average([]float64{1, 2, 3, 4, 5, 6, 10}); math.Abs(got-31./7) > 1e-15 {
		t.Errorf("average %v, want %v", got, 31./7)
	}
	// Each four are summed first: 1e16 + 1 + 1 + 1 alone would lose the ones.
	if got := byFours([]float64{1e16, 0, 0, 0, 1, 1, 1, 1}); got != 1e16+4 {
		t.Errorf("sum %v, want 1e16 + 4", got)
	}
}
