package nfiq2

import (
	"math"
	"testing"
)

// stripes is a patch of upright stretches with the given widths from the left,
// dark and light in turn, the first dark; what is left has the tone that follows.
func stripes(widths ...int) *patch {
	var tones [across]uint8
	x := 0
	for i, n := range append(widths, across) {
		for ; n > 0 && x < across; n-- {
			tones[x] = [2]uint8{40, 220}[i&1]
			x++
		}
	}
	return upright(func(x int) uint8 { return tones[x] })
}

// upright is a patch whose columns have one grey level each.
func upright(grey func(x int) uint8) *patch {
	var p patch
	for i := range p {
		p[i] = grey(i % across)
	}
	return &p
}

// flat is a patch for FDA, whose 32 rows of 16 have one grey level each.
func flat(grey func(y int) uint8) *patch {
	var p patch
	for i := range p {
		p[i] = grey(i / along)
	}
	return &p
}

func TestTrend(t *testing.T) {
	for _, c := range []struct {
		name         string
		grey         func(x int) uint8
		slope, start float64 // of the line from column 1 to 32
		ridges       int     // columns below it
	}{
		{"one grey", func(x int) uint8 { return 100 }, 0, 100, 0},
		{"lighter to the right", func(x int) uint8 { return uint8(10 + 4*x) }, 4, 6, 0},
		{"darker to the right", func(x int) uint8 { return uint8(250 - 5*x) }, -5, 255, 0},
		{"left half dark", func(x int) uint8 { return uint8(x / 16 * 128) }, 6.0058651026, -35.0967741935, 16},
		{"one dark column in the middle", func(x int) uint8 {
			if x == 15 {
				return 36
			}
			return 100
		}, 0.0117302053, 97.8064516129, 1},
	} {
		var p profile
		p.read(upright(c.grey))
		n := 0
		for i, ridge := range p.ridge {
			if ridge {
				n++
			}
			if want := float64(i+1)*c.slope + c.start; math.Abs(p.trend[i]-want) > 1e-8 {
				t.Errorf("%s: trend in column %d is %v, want %v", c.name, i, p.trend[i], want)
				break
			}
		}
		if n != c.ridges {
			t.Errorf("%s: %d columns are ridge, want %d", c.name, n, c.ridges)
		}
	}
}

func TestChanges(t *testing.T) {
	var p profile
	p.read(stripes(4, 4, 4, 4, 4, 4, 4, 3))
	var at [across]int
	if got := p.changes(&at, across-1); len(got) != 8 || got[0] != 3 || got[6] != 27 || got[7] != 30 {
		t.Errorf("changes after columns %v, want 3, 7, … 27 and 30", got)
	}
	if got := p.changes(&at, across-2); len(got) != 7 {
		t.Errorf("changes after columns %v, want none in the last two", got)
	}
}
