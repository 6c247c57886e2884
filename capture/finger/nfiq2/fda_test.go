package nfiq2

import (
	"math"
	"testing"

	"optag/capture/finger/internal/portable"
)

func TestDominance(t *testing.T) {
	sine := func(periods float64) func(y int) uint8 {
		return func(y int) uint8 {
			return uint8(math.Round(128 + 100*portable.Sin(2*math.Pi*periods*float64(y)/across)))
		}
	}
	for _, c := range []struct {
		name        string
		grey        func(y int) uint8
		least, most float64
	}{
		{"ridges of eight pixels", sine(4), 0.97, 1},
		{"ridges of four pixels", sine(8), 0.99, 1},
		{"ridges between two frequencies", sine(3.5), 0.3, 0.6},
		{"nothing but one period", sine(1), 1, 1},
		{"one grey", func(int) uint8 { return 77 }, 1, 1},
		{"lighter downwards", func(y int) uint8 { return uint8(8 * y) }, 1, 1},
		{"without order", func(y int) uint8 { return uint8(grain(y, 1)) }, 0.05, 0.35},
		// Sharp stripes have odd multiples of their frequency: 1, 1/3 …
		{"sharp stripes of eight pixels", func(y int) uint8 { return uint8(y / 4 % 2 * 200) }, 0.7, 0.75},
		// Half the sampling rate is in no sum: the reference divides by nothing.
		{"every other row", func(y int) uint8 { return uint8(y % 2 * 200) }, math.Inf(1), math.Inf(1)},
	} {
		var w wave
		if got := w.dominance(flat(c.grey)); !(got >= c.least && got <= c.most) {
			t.Errorf("%s: %v, want %v to %v", c.name, got, c.least, c.most)
		}
	}
}

func TestTransform(t *testing.T) {
	var v [across]complex128
	for i := range v {
		v[i] = complex(float64(grain(i, 5)%4081)/16, 0)
	}
	in := v
	var w wave
	w.transform(&v)
	for k, got := range v {
		var re, im float64
		for n, x := range in {
			angle := 2 * math.Pi * float64(k*n%across) / across
			re += real(x) * math.Cos(angle)
			im -= real(x) * math.Sin(angle)
		}
		if math.Abs(real(got)-re) > 1e-9 || math.Abs(imag(got)-im) > 1e-9 {
			t.Errorf("%d periods: %v, want %v", k, got, complex(re, im))
		}
	}
	// The bits are those of the reference's transform for the same levels.
	if re, im := math.Float64bits(real(v[5])), math.Float64bits(imag(v[27])); re != 0xc0632eef029e0483 || im != 0x4073465a79d49b58 {
		t.Errorf("bits %#x, %#x", re, im)
	}
}

func BenchmarkDominance(b *testing.B) {
	var w wave
	p := flat(func(y int) uint8 { return uint8(grain(y, 1)) })
	for b.Loop() {
		w.dominance(p)
	}
}
