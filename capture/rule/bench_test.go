package rule_test

import (
	"testing"

	"optag/capture/rule"
)

func BenchmarkFor(b *testing.B) {
	for _, c := range []struct {
		name string
		in   func(*rule.Facts)
	}{
		{"adult", func(*rule.Facts) {}},
		{"incomplete birth date", func(f *rule.Facts) { f.BirthDate = rule.BirthDate{Year: 2008} }},
		{"elsewhere", func(f *rule.Facts) { f.Station = rule.StationReturnAgency }},
		{"blocked", func(f *rule.Facts) { f.Basis = rule.Art4 }},
	} {
		f := facts()
		c.in(&f)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rule.For(f, rule.Date{})
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	data := []byte(workedCases(b)[0].In)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rule.Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}
