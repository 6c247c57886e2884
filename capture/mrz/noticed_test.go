package mrz

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// A tally counts misread characters of one sort.
type tally struct {
	sort                string
	least               float64 // share to be noticed
	all, noticed, wrong int     // wrong: repaired to something else
}

// TestNoticed counts, for single misread characters, how many are noticed: a
// check digit is wrong, a remark is made, or the character is repaired to what it
// was. Where a check digit covers it, only characters whose values differ by ten,
// such as A, K, U and the filler, are alike to it; 6 and G are among them. What OCR does not confuse may
// be repaired to something else: any digit in a name counts as a letter misread.
func TestNoticed(t *testing.T) {
	covered := &tally{sort: "under a check digit", least: 0.94}
	confused := &tally{sort: "under a check digit, of what OCR confuses", least: 0.78}
	elsewhere := &tally{sort: "elsewhere", least: 0.35}
	r := rand.New(rand.NewPCG(3, 3))
	for _, f := range formats() {
		l, _ := layoutOf(f)
		for range 4 {
			lines, err := someDocument(r, f).Lines()
			if err != nil {
				t.Fatal(err)
			}
			right, err := Parse(strings.Join(lines, "\n"))
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range misreadings(lines) {
				switch {
				case !l.digits(m.line, m.column):
					elsewhere.add(t, lines, right, m)
				case alike(m.c, lines[m.line][m.column]):
					confused.add(t, lines, right, m)
					fallthrough
				default:
					covered.add(t, lines, right, m)
				}
			}
		}
	}
	for _, y := range []*tally{covered, confused, elsewhere} {
		share := float64(y.noticed) / float64(y.all)
		t.Logf("%s: %d of %d noticed, %.1f %%; %d repaired to something else", y.sort, y.noticed, y.all, 100*share, y.wrong)
		if share < y.least {
			t.Errorf("%s: %.3f are noticed, want %.2f", y.sort, share, y.least)
		}
	}
}

// A misreading is one character of a zone read as another.
type misreading struct {
	line, column int
	c            byte
}

// misreadings are all that there are of a zone.
func misreadings(lines []string) []misreading {
	var all []misreading
	for i, line := range lines {
		for j := range line {
			for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<") {
				if c != line[j] {
					all = append(all, misreading{i, j, c})
				}
			}
		}
	}
	return all
}

func (y *tally) add(t *testing.T, lines []string, right Document, m misreading) {
	got, err := Parse(strings.Join(change(lines, m.line+1, m.column+1, string(m.c)), "\n"))
	if err != nil {
		t.Fatal(err)
	}
	y.all++
	same := sameZone(got, right)
	if got.Err() != nil || got.Remarks != nil || same {
		y.noticed++
	}
	if got.Repairs != nil && !same {
		y.wrong++
	}
}

// digits reports whether a check digit covers a position, or it is one.
func (l layout) digits(line, column int) bool {
	in := func(s span) bool { return s.line == line && column >= s.from && column < s.to }
	for _, p := range l.places() {
		if in(p.span) || in(p.span.after()) {
			return true
		}
	}
	for _, s := range l.composite {
		if in(s) {
			return true
		}
	}
	return l.composite != nil && in(l.final)
}

// alike reports whether OCR confuses two characters.
func alike(a, b byte) bool {
	for k := date; k <= filling; k++ {
		if strings.IndexByte(k.meant(a), b) >= 0 || strings.IndexByte(k.meant(b), a) >= 0 {
			return true
		}
	}
	return false
}
