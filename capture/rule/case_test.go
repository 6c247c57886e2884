package rule_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"optag/capture/rule"
)

// A workedCase is one entry of testdata/cases.json.
type workedCase struct {
	Name    string          `json:"name"`
	In      json.RawMessage `json:"in"`
	LawDate rule.Date       `json:"law_date"`
	Out     struct {
		Decision   *rule.Decision   `json:"decision"`
		Photo      *bool            `json:"photo"`
		Prints     *rule.PrintSet   `json:"prints"`
		Marks      []rule.Mark      `json:"marks"`
		Refusal    *rule.Refusal    `json:"refusal"`
		Where      []rule.Station   `json:"where"`
		Controller *rule.Controller `json:"controller"`
	} `json:"out"`
}

func workedCases(t testing.TB) []workedCase {
	t.Helper()
	data, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var cases []workedCase
	if err := d.Decode(&cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestWorkedCases(t *testing.T) {
	cases := workedCases(t)
	if len(cases) < 50 {
		t.Fatalf("%d cases, want all of them", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			f, err := rule.Parse(c.In)
			if err != nil {
				t.Fatal(err)
			}
			r := rule.For(f, c.LawDate)
			same(t, "decision", r.Decision, c.Out.Decision)
			same(t, "photo", r.Photo.Required, c.Out.Photo)
			same(t, "prints", r.Prints.Required, c.Out.Prints)
			same(t, "refusal", r.Refusal, c.Out.Refusal)
			same(t, "controller", r.Controller, c.Out.Controller)
			for _, m := range c.Out.Marks {
				if !r.Marked(m) {
					t.Errorf("marks = %v, want %v among them", r.Marks, m)
				}
			}
			if where := slices.Sorted(slices.Values(c.Out.Where)); where != nil &&
				!slices.Equal(slices.Sorted(slices.Values(r.Where)), where) {
				t.Errorf("where = %v, want %v", r.Where, where)
			}
			if t.Failed() {
				t.Logf("grounds: %v", r.Grounds())
			}
		})
	}
}

// same compares what came out with what the case names, if it names it.
func same[T comparable](t *testing.T, what string, got T, want *T) {
	t.Helper()
	if want != nil && got != *want {
		t.Errorf("%s = %v, want %v", what, got, *want)
	}
}
