package mrz

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzParse: whatever comes, it is refused with one line that repeats nothing of
// it, or read; and what is read with all digits right and nothing to remark is
// written as it was, but for what was repaired.
func FuzzParse(f *testing.F) {
	for _, s := range specimens() {
		f.Add(strings.Join(s.lines(), "\n"))
		f.Add(strings.Join(s.lines(), ""))
	}
	f.Add("V<\n")
	f.Add(strings.Repeat("<", 90))
	f.Add(strings.Repeat("0", 88))
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse(text)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\r\n") || len(err.Error()) > 120 {
				t.Errorf("the error is %q", err)
			}
			return
		}
		on := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
		_, _, _ = d.Birth.Birth(on), d.Expiry.Expiry(on), d.Key()
		if d.Err() != nil || d.Remarks != nil {
			return
		}
		lines, err := d.Lines()
		if err != nil {
			t.Fatalf("%q cannot be written: %v", text, err)
		}
		was, err := split(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range d.Repairs {
			put(was, span{r.Line - 1, r.Column - 1, r.Column}, r.To)
		}
		if !slices.Equal(lines, was) {
			t.Errorf("%q is written as %q", was, lines)
		}
	})
}

// FuzzTransliterate: what comes out can stand in a zone, and is its own
// transliteration.
func FuzzTransliterate(f *testing.F) {
	for _, s := range []string{"Søren Ørsted-Åkjær", "A\u030A", "d'Artagnan", "8", "Ελένη", "\xff", "ŉ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got, err := Transliterate(name)
		if err != nil {
			return
		}
		if again, err := Transliterate(got); again != got || err != nil {
			t.Errorf("%q became %q, and that %q, %v", name, got, again, err)
		}
		if _, err := (Names{Primary: got}).field(39); err != nil {
			t.Errorf("%q became %q: %v", name, got, err)
		}
	})
}
