package rule_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"optag/capture/rule"
)

// facts are those of an adult's first application for family reunification at
// a police station.
func facts() rule.Facts {
	f := rule.Defaults()
	f.AppliedOn = rule.Date{2026, 11, 20}
	f.CaptureOn = rule.Date{2026, 11, 22}
	f.BirthDate = rule.BirthDate{1990, 5, 1}
	return f
}

// but returns those facts with the fields in over, written as in the contract,
// in the place of theirs.
func but(t testing.TB, over string) rule.Facts {
	t.Helper()
	base, err := json.Marshal(facts())
	if err != nil {
		t.Fatal(err)
	}
	var all, some map[string]json.RawMessage
	if err := json.Unmarshal(base, &all); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte("{"+over+"}"), &some); err != nil {
		t.Fatalf("%s: %v", over, err)
	}
	maps.Copy(all, some)
	data, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	f, err := rule.Parse(data)
	if err != nil {
		t.Fatalf("%s: %v", over, err)
	}
	return f
}

// day reads a date of a test; "" is the zero Date.
func day(t testing.TB, s string) rule.Date {
	t.Helper()
	var d rule.Date
	if err := d.UnmarshalText([]byte(s)); err != nil {
		t.Fatal(err)
	}
	return d
}

// summary puts a requirement on one line: the decision, what is asked, marks,
// the consequence of a refusal and who may take it.
func summary(r rule.Requirement) string {
	words := []string{string(r.Decision)}
	if r.Photo.Required {
		words = append(words, "photo")
	}
	if r.Asks(rule.ItemPrints) {
		words = append(words, string(r.Prints.Required))
	}
	for _, m := range r.Marks {
		words = append(words, string(m))
	}
	if r.Refusal != rule.NoRefusal {
		words = append(words, string(r.Refusal))
	}
	for _, s := range r.Where {
		words = append(words, string(s))
	}
	return strings.Join(words, " ")
}

// codes returns the codes of grounds, separated by blanks.
func codes(list []rule.Ground) string {
	var all []string
	for _, g := range list {
		all = append(all, g.Code)
	}
	return strings.Join(all, " ")
}
