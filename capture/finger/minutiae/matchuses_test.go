package minutiae

import (
	"testing"

	"optag/testdata/gen"
)

func TestFingerGivenBefore(t *testing.T) {
	before := []*Template{
		taken(rightIndex, gen.Conditions{}.Vary(1), 1), nil,
		taken(leftIndex, gen.Conditions{}.Vary(2), 2), new(Template),
	}
	for _, c := range []struct {
		name  string
		print *Template
		want  int
	}{
		{"the right index finger given a second time", taken(rightIndex, gen.Conditions{}.Vary(3), 3), 0},
		{"as right thumb the left index finger, taken before", taken(leftIndex, gen.Conditions{}.Vary(4), 4), 2},
		{"a finger not given before", taken(rightMiddle, gen.Conditions{}, 5), -1},
		{"nothing on the glass", new(Template), -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m Matcher
			if at, r := m.Find(c.print, before); at != c.want || (at >= 0) != (r.Score >= SameFinger) {
				t.Errorf("Find = %d, %+v, want %d", at, r, c.want)
			}
		})
	}
}

func TestSwappedHands(t *testing.T) {
	slapRight, slapLeft := taken(rightIndex, gen.Conditions{}.Vary(1), 1), taken(leftIndex, gen.Conditions{}.Vary(2), 2)
	right, left := taken(rightIndex, gen.Conditions{}.Vary(3), 3), taken(leftIndex, gen.Conditions{}.Vary(4), 4)
	for _, c := range []struct {
		name                     string
		asRight, asLeft          *Template
		earlierRight, earlierOld *Template
		want                     bool
	}{
		{"each hand as in the slap", right, left, slapRight, slapLeft, false},
		{"hands swapped between slap and single prints", left, right, slapRight, slapLeft, true},
		{"only one single print, of the other hand", left, nil, slapRight, slapLeft, true},
		{"the left index finger given twice", left, left, slapRight, slapLeft, false},
		{"two other fingers", taken(rightMiddle, gen.Conditions{}, 5), taken(stranger, gen.Conditions{}, 6), slapRight, slapLeft, false},
		{"nothing to compare with", left, right, nil, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m Matcher
			if got := m.Swapped(c.asRight, c.asLeft, c.earlierRight, c.earlierOld); got != c.want {
				t.Errorf("Swapped = %v, want %v", got, c.want)
			}
		})
	}
}

func TestOddAttempt(t *testing.T) {
	a, b, c := taken(rightIndex, gen.Conditions{}.Vary(1), 1), taken(rightIndex, gen.Conditions{}.Vary(2), 2), taken(rightIndex, gen.Conditions{}.Vary(3), 3)
	x, y := taken(leftIndex, gen.Conditions{}, 4), taken(rightMiddle, gen.Conditions{}, 5)
	for _, test := range []struct {
		name     string
		attempts []*Template
		want     int
	}{
		{"three attempts of one finger", []*Template{a, b, c}, -1},
		{"another finger at the second attempt", []*Template{a, x, c}, 1},
		{"another finger at the first", []*Template{x, b, c}, 0},
		{"another finger at the last", []*Template{a, b, y}, 2},
		{"three different fingers", []*Template{a, x, y}, -1},
		{"two different fingers", []*Template{a, x}, -1},
		{"one attempt", []*Template{a}, -1},
		{"an attempt without a print", []*Template{a, b, nil}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			var m Matcher
			if got := m.Odd(test.attempts); got != test.want {
				t.Errorf("Odd = %d, want %d", got, test.want)
			}
		})
	}
}
