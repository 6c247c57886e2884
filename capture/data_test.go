package capture_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"optag/capture"
	"optag/capture/finger"
	"optag/capture/rule"
)

// recast is the profile of a site where Regulation (EU) 2024/1358 binds.
func recast() capture.Profile {
	p := capture.EU()
	p.Law.EurodacRecastFrom = rule.Date{Year: 2026, Month: 6, Day: 12}
	return p
}

// taken is the record of a case in which everything asked for was taken.
func taken(t *testing.T, c capture.Case, p capture.Profile) capture.Record {
	t.Helper()
	c.Facts.CaptureOn = rule.DateOf(noon)
	if c.Facts.BirthDate.IsZero() {
		c.Facts.BirthDate = rule.BirthDate{Year: 1990, Month: 5, Day: 1}
	}
	s, err := capture.Open(filled(c), p)
	if err != nil {
		t.Fatal(err)
	}
	s.Inform(capture.Rights{Text: "t", Language: "da", How: "shown", At: noon})
	if s.WantsPortrait() {
		if err := s.Photograph(capture.Portrait{Encoded: []byte{1}, MediaType: "image/png", Width: 1, Height: 1, Checks: passed, At: noon}); err != nil {
			t.Fatal(err)
		}
	}
	for ask, more := s.NextPrint(); more; ask, more = s.NextPrint() {
		if _, err := s.Present(ask, capture.NewSample(80, capture.NewSkin(uint64(ask)), noon)); err != nil {
			t.Fatal(err)
		}
	}
	r, _, err := s.Finish("SIM-01", "4711", noon)
	if err != nil {
		t.Fatal(err)
	}
	r.Case = c
	return r
}

// filled is a case with all the data that the law names, whatever it had.
func filled(c capture.Case) capture.Case {
	begin := capture.EU().Eurodac.Begin(c.Facts.Basis)
	switch c.Facts.Basis {
	case rule.Art4:
		c.Facts.AppliedOn = rule.DateOf(noon)
		c.Data = &capture.Data{Reference: begin + "118402", Sex: capture.Female, Place: "Sandholm"}
	case rule.Art8:
		c.Data = &capture.Data{Reference: begin + "118402", Sex: capture.Male, Place: "Kastrup", Apprehended: rule.DateOf(noon)}
	case rule.Art11:
		c.Data = &capture.Data{Reference: begin + "118402"}
	default:
		c.Data = nil
	}
	return c
}

func eurodac(basis rule.Basis, d *capture.Data) capture.Case {
	f := rule.Defaults()
	f.Purpose, f.Basis = rule.Eurodac, basis
	return capture.Case{Facts: f, Data: d}
}

func applied(c capture.Case) capture.Case {
	c.Facts.AppliedOn = rule.DateOf(noon)
	return c
}

func minor(c capture.Case) capture.Case {
	c.Facts.BirthDate = rule.BirthDate{Year: 2012, Month: 1, Day: 1}
	return c
}

// TestDataOfTheLawAndNoOther: what goes with the prints is what the article
// names. A surplus piece is refused as a missing one is.
func TestDataOfTheLawAndNoOther(t *testing.T) {
	yesterday := rule.DateOf(noon).AddDays(-1)
	passport := capture.TravelDocument{Type: "P", Number: "X1234567", Issuer: "UTO"}
	card := capture.Case{Facts: rule.Defaults()}
	with := func(c capture.Case, d capture.Data) capture.Case { c.Data = &d; return c }
	for _, k := range []struct {
		name    string
		c       capture.Case
		profile capture.Profile
		want    string // the fault, "" for none
	}{
		{"an asylum seeker, everything there",
			applied(eurodac(rule.Art4, &capture.Data{Reference: "DK1A118402", Sex: capture.Female, Place: "Sandholm"})), capture.EU(), ""},
		{"an illegal stay of which nothing was entered", eurodac(rule.Art11, nil), capture.EU(), "reference_number missing"},
		{"an asylum seeker without the place",
			applied(eurodac(rule.Art4, &capture.Data{Reference: "DK1A118402", Sex: capture.Female})), capture.EU(), "place missing"},
		{"an asylum seeker without the day of the application",
			eurodac(rule.Art4, &capture.Data{Reference: "DK1A118402", Sex: capture.Female, Place: "Sandholm"}), capture.EU(), "applied_on missing"},
		{"an asylum seeker who was apprehended as well",
			applied(eurodac(rule.Art4, &capture.Data{Reference: "DK1A118402", Sex: capture.Female, Place: "Sandholm", Apprehended: yesterday})),
			capture.EU(), "apprehended_on surplus"},
		{"an irregular crossing, everything there",
			eurodac(rule.Art8, &capture.Data{Reference: "DK2118402", Sex: capture.Male, Place: "Kastrup", Apprehended: yesterday}), capture.EU(), ""},
		{"an irregular crossing numbered as an asylum seeker",
			eurodac(rule.Art8, &capture.Data{Reference: "DK1118402", Sex: capture.Male, Place: "Kastrup", Apprehended: yesterday}),
			capture.EU(), "reference_number differs"},
		{"apprehended tomorrow",
			eurodac(rule.Art8, &capture.Data{Reference: "DK2118402", Sex: capture.Male, Place: "Kastrup", Apprehended: yesterday.AddDays(2)}),
			capture.EU(), "apprehended_on differs"},
		{"an illegal stay, the number alone", eurodac(rule.Art11, &capture.Data{Reference: "DK3118402"}), capture.EU(), ""},
		{"an illegal stay with the sex",
			eurodac(rule.Art11, &capture.Data{Reference: "DK3118402", Sex: capture.Male}), capture.EU(), "sex surplus"},
		{"an illegal stay without a number", eurodac(rule.Art11, &capture.Data{}), capture.EU(), "reference_number missing"},
		{"a sex of another alphabet",
			applied(eurodac(rule.Art4, &capture.Data{Reference: "DK1A118402", Sex: "K", Place: "Sandholm"})), capture.EU(), "sex differs"},
		{"a place of two lines",
			applied(eurodac(rule.Art4, &capture.Data{Reference: "DK1A118402", Sex: "F", Place: "Sand\x1dholm"})), capture.EU(), "place differs"},
		{"a passport, which the law of today does not want",
			applied(eurodac(rule.Art4, &capture.Data{Reference: "DK1A118402", Sex: "F", Place: "Sandholm", Document: passport})),
			capture.EU(), "travel_document surplus"},
		{"a passport under the recast",
			applied(eurodac(rule.Art4, &capture.Data{Reference: "DK1A118402", Sex: "F", Place: "Sandholm", Document: passport})), recast(), ""},
		{"a passport that was not read whole",
			applied(eurodac(rule.Art4, &capture.Data{Reference: "DK1A118402", Sex: "F", Place: "Sandholm", Document: capture.TravelDocument{Type: "P<"}})),
			recast(), "travel_document differs"},
		{"who accompanied a minor, under the recast",
			minor(applied(eurodac(rule.Art4, &capture.Data{Reference: "DK1A118402", Sex: "F", Place: "Sandholm", With: capture.Companion{Role: "representative"}}))),
			recast(), ""},
		{"who accompanied an adult",
			applied(eurodac(rule.Art4, &capture.Data{Reference: "DK1A118402", Sex: "F", Place: "Sandholm", With: capture.Companion{Role: "family"}})),
			recast(), "accompanied_by surplus"},
		{"accompanied by a stranger",
			minor(applied(eurodac(rule.Art4, &capture.Data{Reference: "DK1A118402", Sex: "F", Place: "Sandholm", With: capture.Companion{Role: "stranger"}}))),
			recast(), "accompanied_by differs"},
		{"a card", card, capture.EU(), ""},
		{"a card with a number of Eurodac's", with(card, capture.Data{Reference: "DK1A118402"}), capture.EU(), "reference_number surplus"},
		{"a card with the sex", with(card, capture.Data{Sex: capture.Female}), capture.EU(), "sex surplus"},
	} {
		t.Run(k.name, func(t *testing.T) {
			got := ""
			if faults, ok := capture.AsFaults(capture.Check(taken(t, k.c, k.profile))); ok {
				got = faults.Error()
			}
			if k.want == "" && got != "" || !strings.HasPrefix(got, k.want) || strings.Contains(got, ";") {
				t.Errorf("Check = %q, want %q and nothing else", got, k.want)
			}
			if strings.Contains(got, "118402") {
				t.Errorf("the fault tells the number: %q", got)
			}
		})
	}
}

// TestForce: the police alone may secure what is refused, and who decided is
// on record.
func TestForce(t *testing.T) {
	whole := capture.Force{Authority: "vicepolitiinspektør, Nordsjælland", By: "4711", At: noon}
	asylum := rule.Defaults()
	asylum.Basis = rule.AA7
	stay := eurodac(rule.Art11, &capture.Data{Reference: "DK3118402"})
	for _, k := range []struct {
		name  string
		c     capture.Case
		force capture.Force
		want  string
	}{
		{"an asylum seeker's card", capture.Case{Facts: asylum}, whole, ""},
		{"Eurodac", stay, whole, ""},
		{"a card for family", capture.Case{Facts: rule.Defaults()}, whole, "force surplus"},
		{"nobody who decided", stay, capture.Force{By: "4711", At: noon}, "force missing"},
		{"nobody who recorded it", stay, capture.Force{Authority: "police", At: noon}, "force missing"},
	} {
		t.Run(k.name, func(t *testing.T) {
			r := taken(t, k.c, capture.EU())
			r.Force = &k.force
			err := capture.Check(r)
			if (err == nil) != (k.want == "") || err != nil && !strings.HasPrefix(err.Error(), k.want) {
				t.Errorf("Check = %v, want %q", err, k.want)
			}
			s, err := capture.Open(r.Case, r.Profile)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Secure(&k.force); errors.Is(err, capture.ErrNotAsked) != (k.want == "force surplus") {
				t.Errorf("Secure = %v", err)
			}
		})
	}
	r := taken(t, stay, capture.EU())
	r.Force, r.Prints = &whole, nil
	if err := capture.Check(r); err == nil || !strings.Contains(err.Error(), "force differs") {
		t.Errorf("force that gave nothing: %v", err)
	}
}

// TestForceSurvivesACrash: the draft holds it, and the record after it.
func TestForceSurvivesACrash(t *testing.T) {
	c := eurodac(rule.Art11, &capture.Data{Reference: "DK3118402"})
	c.Facts.CaptureOn, c.Facts.BirthDate = rule.DateOf(noon), rule.BirthDate{Year: 1990}
	s, err := capture.Open(c, capture.EU())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Secure(&capture.Force{Authority: "police", By: "4711", At: noon}); err != nil {
		t.Fatal(err)
	}
	draft, err := s.Draft()
	if err != nil {
		t.Fatal(err)
	}
	again, err := capture.Restore(draft)
	if err != nil {
		t.Fatal(err)
	}
	if f := again.Force(); f == nil || *f != *s.Force() || again.Case().Data.Reference != "DK3118402" {
		t.Errorf("the restored session has force %+v", f)
	}
}

// TestDataAmended: data change nothing of what the law asks.
func TestDataAmended(t *testing.T) {
	c := eurodac(rule.Art11, &capture.Data{})
	c.Facts.CaptureOn, c.Facts.BirthDate = rule.DateOf(noon), rule.BirthDate{Year: 1990}
	s, err := capture.Open(c, capture.EU())
	if err != nil {
		t.Fatal(err)
	}
	if lacks := s.Case().Lacks(s.Profile().Law); len(lacks) != 1 || lacks[0].Datum != rule.ReferenceNumber {
		t.Fatalf("lacks %v, want the reference number", lacks)
	}
	c.Data = &capture.Data{Reference: "DK3118402"}
	if !s.Amend(c) || len(s.Case().Lacks(s.Profile().Law)) > 0 {
		t.Error("the data were not amended")
	}
}

// TestProfilesOfReferenceNumbers: a site's table may differ, and never be half.
func TestProfilesOfReferenceNumbers(t *testing.T) {
	for _, k := range []struct {
		name string
		set  func(*capture.Profile)
		ok   bool
	}{
		{"as it stands", func(*capture.Profile) {}, true},
		{"an agency", func(p *capture.Profile) { p.Agency = "DNKpol00" }, true},
		{"an agency without a state", func(p *capture.Profile) { p.Agency = "pol00" }, false},
		{"an agency with a separator", func(p *capture.Profile) { p.Agency = "DNKpol\x1d0" }, false},
		{"other digits", func(p *capture.Profile) { p.Eurodac.Art4 = "9" }, true},
		{"one digit for two categories", func(p *capture.Profile) { p.Eurodac.Art4 = "2" }, false},
		{"a category without a digit", func(p *capture.Profile) { p.Eurodac.Art11 = "" }, false},
		{"no state", func(p *capture.Profile) { p.Eurodac.State = "" }, false},
	} {
		p := capture.EU()
		k.set(&p)
		if err := p.Validate(); (err == nil) != k.ok {
			t.Errorf("%s: Validate = %v", k.name, err)
		}
	}
}

// TestRecordRoundTrip: a record that was written reads as the same.
func TestRecordRoundTrip(t *testing.T) {
	r := taken(t, applied(eurodac(rule.Art4, &capture.Data{Reference: "DK1A1", Sex: "F", Place: "Sandholm"})), recast())
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	again, err := capture.ReadRecord(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := capture.Check(again); err != nil {
		t.Errorf("Check of what was read = %v", err)
	}
	if second, _ := json.Marshal(again); !slices.Equal(second, text) {
		t.Errorf("the record reads otherwise:\n%s\n%s", text, second)
	}
	if len(r.Prints) != len(finger.All()) {
		t.Errorf("%d prints", len(r.Prints))
	}
}

// TestRecordsThatAreNone: what cannot be read is refused, and not repeated.
func TestRecordsThatAreNone(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "", "a list": "[]", "a field of another version": `{"version":3,"shoe_size":"118402"}`,
		"a finger that is not": `{"prints":[{"position":"118402"}]}`, "two records": "{} {}",
	} {
		if _, err := capture.ReadRecord([]byte(text)); err == nil || strings.Contains(err.Error(), "118402") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzReadRecord: whatever is read is written and read again as the same, and
// the check of it comes to an end.
func FuzzReadRecord(f *testing.F) {
	f.Add([]byte(`{"version":3,"case":{"facts":{"purpose":"eurodac","basis":"art11"},"data":{"reference_number":"DK31"}},"prints":[{"position":"right_index"}]}`))
	f.Add([]byte(`{"profile":{"order":["index"],"eurodac":{"state":"DK"}},"force":{},"refusal":{"items":["photo"]},"inability":{"kind":"permanent"}}`))
	f.Add([]byte(`{"finished":"2026-11-23T12:00:00+01:00","portrait":{"checks":[]},"exceptions":[{"position":"left_thumb","reason":"missing"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := capture.ReadRecord(text)
		if err != nil {
			return
		}
		_ = capture.Check(r)
		written, err := json.Marshal(r)
		if err != nil {
			return // a value that is none of the law's
		}
		again, err := capture.ReadRecord(written)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if second, err := json.Marshal(again); err != nil || !slices.Equal(second, written) {
			t.Fatalf("it reads otherwise:\n%s\n%s", written, second)
		}
	})
}
