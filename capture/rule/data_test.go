package rule_test

import (
	"strings"
	"testing"
	"time"

	"optag/capture/rule"
)

// TestDataByCategory reads section 7 of the digest.
func TestDataByCategory(t *testing.T) {
	recast := rule.Settings{EurodacRecastFrom: rule.Date{Year: 2026, Month: 6, Day: 12}}
	adult, minor := rule.BirthDate{Year: 1990}, rule.BirthDate{Year: 2011, Month: 1, Day: 1}
	judged := func(f *rule.Facts) { f.JudgedAdult = true }
	for _, c := range []struct {
		name  string
		s     rule.Settings
		p     rule.Purpose
		b     rule.Basis
		birth rule.BirthDate
		want  string // a question mark: where it is known
		but   func(*rule.Facts)
	}{
		{"asylum seeker", rule.Settings{}, rule.Eurodac, rule.Art4, adult, "place applied_on sex reference_number", nil},
		{"irregular crossing", rule.Settings{}, rule.Eurodac, rule.Art8, adult, "place apprehended_on sex reference_number", nil},
		{"illegal stay", rule.Settings{}, rule.Eurodac, rule.Art11, adult, "reference_number", nil},
		{"asylum seeker, recast", recast, rule.Eurodac, rule.Art4, adult, "place applied_on sex reference_number travel_document?", nil},
		{"minor, recast", recast, rule.Eurodac, rule.Art4, minor, "place applied_on sex reference_number travel_document? accompanied_by?", nil},
		{"judged an adult, recast", recast, rule.Eurodac, rule.Art4, minor, "place applied_on sex reference_number travel_document?", judged},
		{"card", recast, rule.ResidenceCard, rule.AA7, adult, "", nil},
		{"register", recast, rule.PoliceRegister, rule.Register3, adult, "", nil},
		{"VIS", recast, rule.VIS, rule.Visa, adult, "", nil},
	} {
		f := rule.Defaults()
		f.Purpose, f.Basis, f.BirthDate, f.CaptureOn = c.p, c.b, c.birth, rule.Date{Year: 2026, Month: 11, Day: 22}
		if c.but != nil {
			c.but(&f)
		}
		var got []string
		for _, d := range c.s.Data(f, rule.Date{}) {
			word := string(d.Datum)
			if !d.Must {
				word += "?"
			}
			if d.Source == "" {
				t.Errorf("%s: %s has no source", c.name, word)
			}
			got = append(got, word)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: Data = %v, want %s", c.name, got, c.want)
		}
	}
}

// TestSecured: whose refusal the police answer.
func TestSecured(t *testing.T) {
	for _, c := range []struct {
		name string
		p    rule.Purpose
		b    rule.Basis
		a    rule.Application
		want bool
	}{
		{"asylum", rule.ResidenceCard, rule.AA7, rule.First, true},
		{"extension of a refugee's permit", rule.ResidenceCard, rule.AA8, rule.Extension, true},
		{"quota refugee", rule.ResidenceCard, rule.AA8, rule.First, false},
		{"family", rule.ResidenceCard, rule.AA9, rule.First, false},
		{"Eurodac", rule.Eurodac, rule.Art11, rule.First, true},
		{"register", rule.PoliceRegister, rule.Register1, rule.First, true},
		{"access to a centre", rule.PoliceRegister, rule.Register6, rule.First, false},
		{"visa", rule.VIS, rule.Visa, rule.First, false},
		{"no purpose", "", rule.AA7, rule.First, false},
	} {
		f := rule.Defaults()
		f.Purpose, f.Basis, f.Application = c.p, c.b, c.a
		if got := f.Secured(); got != c.want {
			t.Errorf("%s: Secured = %v", c.name, got)
		}
	}
}

// TestHandOver: the clock runs for Eurodac alone, and has a limit under the recast.
func TestHandOver(t *testing.T) {
	recast := rule.Settings{EurodacRecastFrom: rule.Date{Year: 2026, Month: 6, Day: 12}}
	for _, c := range []struct {
		name  string
		s     rule.Settings
		p     rule.Purpose
		day   rule.Date
		limit time.Duration
		timed bool
	}{
		{"Eurodac", rule.Settings{}, rule.Eurodac, rule.Date{}, 0, true},
		{"Eurodac, recast", recast, rule.Eurodac, rule.Date{}, 72 * time.Hour, true},
		{"Eurodac, the day before the recast", recast, rule.Eurodac, rule.Date{Year: 2026, Month: 6, Day: 11}, 0, true},
		{"card", recast, rule.ResidenceCard, rule.Date{}, 0, false},
		{"register", recast, rule.PoliceRegister, rule.Date{}, 0, false},
	} {
		f := rule.Defaults()
		f.Purpose, f.CaptureOn = c.p, rule.Date{Year: 2026, Month: 11, Day: 22}
		if limit, timed := c.s.HandOver(f, c.day); limit != c.limit || timed != c.timed {
			t.Errorf("%s: HandOver = %v, %v, want %v, %v", c.name, limit, timed, c.limit, c.timed)
		}
	}
}
