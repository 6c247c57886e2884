package nfiq2

import "testing"

func TestClarity(t *testing.T) {
	pores, bridge := stripes(5, 5, 5, 5, 5, 5), stripes(5, 5, 5, 5, 5, 5)
	for i := range 4 {
		pores[4*i*across+12] = 220
		bridge[(3+i)*across+7] = 40
	}
	for _, c := range []struct {
		name  string
		patch *patch
		want  float64
	}{
		{"clean ridges and valleys", stripes(5, 5, 5, 5, 5, 5), 1},
		{"clean, beginning with a valley", stripes(0, 5, 5, 5, 5, 5, 5), 1},
		{"four pores in 17 columns of ridge", pores, 1 - 4./(17*16)/2},
		{"a bridge of four pixels in 15 columns of valley", bridge, 1 - 4./(15*16)/2},
		{"one grey", upright(func(int) uint8 { return 90 }), 0},
		{"lighter to the right", upright(func(x int) uint8 { return uint8(8 * x) }), 0},
		{"ridges too thin", stripes(2, 4, 2, 4, 2, 4, 2, 4, 2, 4), 0},
		{"ridges too thick", stripes(12, 3, 12, 3), 0},
		{"valleys too thick", stripes(3, 12, 3, 12), 0},
		{"a ridge alone", stripes(0, 12, 5, 15), 0},
		{"one ridge and nothing beside it", stripes(6), 0},
	} {
		if got := clarity(c.patch); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestPlausibleWidths(t *testing.T) {
	for _, c := range []struct {
		name       string
		changes    []int
		ridgeFirst bool
		want       bool
	}{
		{"ridge of three, valley of two", []int{3, 5}, true, true},
		{"ridge of two, valley of three", []int{2, 5}, true, false},
		{"valley of two, ridge of three", []int{2, 5}, false, true},
		{"valley of one, ridge of three", []int{1, 4}, false, false},
		{"ridge of ten, valley of ten", []int{10, 20}, true, true},
		{"ridge of eleven", []int{11, 20}, true, false},
		{"valley of eleven", []int{10, 21}, true, false},
		{"ridge only", []int{5}, true, false},
		{"valley only", []int{5}, false, false},
		{"ridges of two and four", []int{2, 6, 10, 14}, true, true},
		// The reference adds 3/20 up and multiplies by a third: less than 3/20.
		{"two ridges of just three", []int{3, 6, 9}, true, true},
		{"three ridges of just three", []int{3, 6, 9, 12, 15}, true, false},
		{"four ridges of just three", []int{3, 6, 9, 12, 15, 18, 21}, true, true},
	} {
		if got := plausible(c.changes, c.ridgeFirst); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func BenchmarkClarity(b *testing.B) {
	p := stripes(5, 5, 5, 5, 5, 5)
	for b.Loop() {
		clarity(p)
	}
}
