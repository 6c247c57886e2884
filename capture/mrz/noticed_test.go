package mrz

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestNoticed counts, for single misread characters, how many are noticed: a
// check digit is wrong, a remark is made, or the character is repaired to what it
// was. Where a field has a check digit, only characters whose values differ by
// ten, such as A, K and U, are alike to it.
func TestNoticed(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"
	type count struct{ noticed, all, wrong int }
	total := map[string]*count{"covered": {}, "confused": {}, "elsewhere": {}}
	r := rand.New(rand.NewPCG(3, 3))
	for _, f := range formats() {
		l, _ := layoutOf(f)
		for range 4 {
			d := someDocument(r, f)
			lines, err := d.Lines()
			if err != nil {
				t.Fatal(err)
			}
			right, _ := Parse(strings.Join(lines, "\n"))
			for i, line := range lines {
				for j := range line {
					for _, c := range []byte(alphabet) {
						if c == line[j] {
							continue
						}
						place := "elsewhere"
						if l.digits(i, j) {
							place = "covered"
						}
						got, err := Parse(strings.Join(change(lines, i+1, j+1, string(c)), "\n"))
						if err != nil {
							t.Fatal(err)
						}
						same := sameZone(got, right)
						noticed := got.Err() != nil || got.Remarks != nil || same
						for _, name := range []string{place, "confused"} {
							if name == "confused" && !alike(c, line[j]) {
								continue
							}
							total[name].all++
							if noticed {
								total[name].noticed++
							}
							if got.Repairs != nil && !same {
								total[name].wrong++
							}
						}
					}
				}
			}
		}
	}
	for name, least := range map[string]float64{"covered": 0.93, "confused": 0.5, "elsewhere": 0.2} {
		c := total[name]
		share := float64(c.noticed) / float64(c.all)
		t.Logf("%s: %d of %d noticed, %.1f %%; %d repaired to something else", name, c.noticed, c.all, 100*share, c.wrong)
		if share < least {
			t.Errorf("%s: %.3f are noticed, want %.2f", name, share, least)
		}
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
