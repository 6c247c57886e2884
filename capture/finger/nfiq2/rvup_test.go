package nfiq2

import (
	"slices"
	"testing"
)

// Ratios are ridge to valley where the first whole stretch and their number fit
// (the reference's order), each of two neighbours.
func TestUniformity(t *testing.T) {
	for _, c := range []struct {
		name  string
		patch *patch
		want  []float64
	}{
		{"one grey", upright(func(int) uint8 { return 90 }), nil},
		{"one border", stripes(16), nil},
		{"two whole stretches", stripes(8, 8, 8), nil},
		// Whole are 6, 5, 4, 7 between the cut ones; the 6 is left out.
		{"four whole stretches", stripes(4, 6, 5, 4, 7), []float64{4. / 7, 4. / 5}},
		{"four whole stretches, a valley first", stripes(0, 4, 6, 5, 4, 7), []float64{7. / 4, 1 / (4. / 5)}},
		{"even ridges", stripes(4, 4, 4, 4, 4, 4, 4), []float64{1, 1, 1, 1}},
		// The last column is not looked at, so the stretch that it ends is cut.
		{"a border in the last column", stripes(4, 4, 4, 4, 4, 4, 4, 3), []float64{1, 1, 1, 1}},
	} {
		got := appendUniformity([]float64{9}, c.patch)[1:]
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func BenchmarkUniformity(b *testing.B) {
	p := stripes(4, 4, 4, 4, 4, 4, 4)
	var ratios []float64
	for b.Loop() {
		ratios = appendUniformity(ratios[:0], p)
	}
}
