package mrz

import (
	"testing"
	"time"
)

func day(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestBirth(t *testing.T) {
	for _, c := range []struct {
		name string
		date Date
		on   string
		want string
	}{
		{"an adult", "740812", "2026-11-23", "1974-08-12"},
		{"a child", "200229", "2026-11-23", "2020-02-29"},
		{"born today", "261123", "2026-11-23", "2026-11-23"},
		{"tomorrow's digits: a hundred years ago", "261124", "2026-11-23", "1926-11-24"},
		{"29 February, a hundred years before a year that has none", "000229", "2000-02-28", ""},
		{"29 February 2000", "000229", "2026-11-23", "2000-02-29"},
		{"29 February of the year itself, still to come", "240229", "2024-02-28", "1924-02-29"},
		{"day not known", "7408<<", "2026-11-23", "1974-08"},
		{"day not known, the month still to come", "2612<<", "2026-11-23", "1926-12"},
		{"day not known, this month", "2611<<", "2026-11-23", "2026-11"},
		{"month and day not known", "26<<<<", "2026-11-23", "2026"},
		{"next year's digits", "27<<<<", "2026-11-23", "1927"},
		{"month not known, day known", "74<<12", "2026-11-23", "1974"},
		{"year not known", "<<0812", "2026-11-23", ""},
		{"nothing known", "<<<<<<", "2026-11-23", ""},
		{"no such month", "741312", "2026-11-23", ""},
		{"no such day", "740230", "2026-11-23", ""},
		{"half of the day", "74081<", "2026-11-23", ""},
		{"letters", "74O812", "2026-11-23", ""},
		{"too short", "7408", "2026-11-23", ""},
	} {
		if got := c.date.Birth(day(t, c.on)); got != c.want {
			t.Errorf("%s: Birth of %s on %s = %q, want %q", c.name, c.date, c.on, got, c.want)
		}
	}
}

func TestExpiry(t *testing.T) {
	for _, c := range []struct {
		name string
		date Date
		on   string
		want string
	}{
		{"in five years", "311122", "2026-11-23", "2031-11-22"},
		{"last week", "261115", "2026-11-23", "2026-11-15"},
		{"twenty years ago", "060101", "2026-11-23", "2006-01-01"},
		{"for ever", "991231", "2026-11-23", "2099-12-31"},
		{"in 79 years", "050101", "2026-11-23", "2105-01-01"},
		{"around a century", "020101", "1999-11-23", "2002-01-01"},
		{"the day is not known", "3112<<", "2026-11-23", "2031-12"},
	} {
		if got := c.date.Expiry(day(t, c.on)); got != c.want {
			t.Errorf("%s: Expiry of %s on %s = %q, want %q", c.name, c.date, c.on, got, c.want)
		}
	}
}

func TestPossible(t *testing.T) {
	for d, want := range map[Date]bool{
		"000229": true, "040229": true, "010229": false, "<<0229": true, "<<0230": false,
		"990431": false, "99<<31": true, "99<<32": false, "990400": false, "990001": false,
		"<<<<<<": true, "9904<1": false, "": false, "9904011": false,
	} {
		if got := d.Possible(); got != want {
			t.Errorf("Possible of %s = %t, want %t", d, got, want)
		}
	}
}

func TestKnown(t *testing.T) {
	for code, want := range map[string]bool{
		"DNK": true, "GRL": true, "FRO": true, "D": true, "DEU": true, "UTO": true, "XXA": true, "XXX": true, "EUE": true, "RKS": true, "GBN": true,
		"": false, "DN": false, "K A": false, "NK D": false, "ZZZ": false, "A": false, "D<<": false, "dnk": false,
	} {
		if got := Known(code); got != want {
			t.Errorf("Known(%q) = %t, want %t", code, got, want)
		}
	}
}
