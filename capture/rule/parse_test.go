package rule

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestParseDefaults(t *testing.T) {
	got, err := Parse([]byte(`{}`))
	want := Facts{Purpose: ResidenceCard, Basis: AA9, Application: First, LodgedAt: LodgedAtStation,
		Station: StationPolice, Unable: Unable{Prints: Able}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	if got, err := Parse([]byte(`{"unable":{}}`)); err != nil || got.Unable.Prints != Able {
		t.Errorf("an empty unable: %+v, %v", got, err)
	}
}

// The contract's example, all its fields, none with the default's value.
func TestParseEverything(t *testing.T) {
	got, err := Parse([]byte(` { "purpose": "long_stay_visa", "basis": "9q", "application": "extension",
		"applied_on": "2026-11-20", "capture_on": "2026-11-22", "lodged_at": "online", "station": "mission",
		"birth_date": "1990-05", "judged_adult": true, "unaccompanied": true, "with_custodian": true,
		"card_requested": true, "biometrics_on_pending_case": true, "unable": { "prints": "temporary" },
		"refuses": [ "prints", "photo" ] } `))
	want := Facts{LongStayVisa, AA9q, Extension, Date{2026, 11, 20}, Date{2026, 11, 22}, LodgedOnline, StationMission,
		BirthDate{1990, 5, 0}, true, true, true, true, true, Unable{UnableTemporarily}, []Item{ItemPrints, ItemPhoto}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
}

// TestParseWords reads every word of the contract.
func TestParseWords(t *testing.T) {
	check := func(field, value string, got func(Facts) string) {
		t.Helper()
		f, err := Parse([]byte(`{"` + field + `":"` + value + `"}`))
		if err != nil || got(f) != value {
			t.Errorf("%s %s: %v", field, value, err)
		}
	}
	for p := range strings.FieldsSeq("residence_card eurodac police_register long_stay_visa vis") {
		check("purpose", p, func(f Facts) string { return string(f.Purpose) })
	}
	for b := range strings.FieldsSeq("7 8 9 9a 9b 9c 9d 9e 9f 9i 9j 9k 9l 9m 9n 9p 9q 47(1) art4 art8 art11 visa " +
		"40a(2)1 40a(2)2 40a(2)3 40a(2)4 40a(2)5 40a(2)6 40a(2)7 40a(2)8") {
		check("basis", b, func(f Facts) string { return string(f.Basis) })
	}
	for l := range strings.FieldsSeq("station post online other_schengen_mission unhcr") {
		check("lodged_at", l, func(f Facts) string { return string(f.LodgedAt) })
	}
	for s := range strings.FieldsSeq("mission private_partner police police_copenhagen immigration_service foreign_ministry return_agency") {
		check("station", s, func(f Facts) string { return string(f.Station) })
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct {
		name, in string
		fact     string // what the error names
	}{
		{"unknown field", `{"colour":"blue"}`, `"colour"`},
		{"field in capitals", `{"Purpose":"vis"}`, `"Purpose"`},
		{"unknown field of unable", `{"unable":{"photo":"permanent"}}`, `unable."photo"`},
		{"unknown purpose", `{"purpose":"passport"}`, "purpose"},
		{"no purpose at all", `{"purpose":""}`, "purpose"},
		{"basis between two others", `{"basis":"9g"}`, "basis"},
		{"unknown application", `{"application":"renewal"}`, "application"},
		{"unknown lodging", `{"lodged_at":"mission"}`, "lodged_at"},
		{"unknown station", `{"station":"sirius"}`, "station"},
		{"unknown inability", `{"unable":{"prints":"maybe"}}`, "unable.prints"},
		{"unknown item", `{"refuses":["iris"]}`, "refuses"},
		{"item refused twice", `{"refuses":["photo","photo"]}`, "refuses"},
		{"item by itself", `{"refuses":"photo"}`, "refuses"},
		{"null list", `{"refuses":null}`, "refuses"},
		{"number in the list", `{"refuses":[1]}`, "refuses"},
		{"number for a word", `{"basis":9}`, "basis"},
		{"null for a word", `{"station":null}`, "station"},
		{"word for yes or no", `{"judged_adult":"true"}`, "judged_adult"},
		{"number for yes or no", `{"with_custodian":1}`, "with_custodian"},
		{"null for yes or no", `{"card_requested":null}`, "card_requested"},
		{"null for a date", `{"birth_date":null}`, "birth_date"},
		{"number for a year", `{"birth_date":1990}`, "birth_date"},
		{"impossible birth date", `{"birth_date":"1990-02-30"}`, "birth_date"},
		{"empty birth date", `{"birth_date":""}`, "birth_date"},
		{"month for the day of capture", `{"capture_on":"2026-11"}`, "capture_on"},
		{"impossible day of application", `{"applied_on":"2026-11-31"}`, "applied_on"},
		{"unable as a word", `{"unable":"permanent"}`, "unable"},
		{"unable as null", `{"unable":null}`, "unable"},
		{"field given twice", `{"basis":"9","basis":"7"}`, "basis"},
		{"inability given twice", `{"unable":{"prints":"none","prints":"permanent"}}`, "unable.prints"},
		{"field without a value", `{"basis":}`, "basis"},
		{"cut off in a value", `{"basis":"9`, "basis"},
		{"cut off behind a value", `{"basis":"9"`, "facts"},
		{"a second document", `{} {}`, "facts"},
		{"rubbish behind", `{} x`, "facts"},
		{"a list", `[]`, "facts"},
		{"null", `null`, "facts"},
		{"a word", `"residence_card"`, "facts"},
		{"nothing", ``, "facts"},
		{"no JSON", `purpose: vis`, "facts"},
		{"comma at the end", `{"basis":"9",}`, "facts"},
		{"other encoding", "{\"basis\":\"\xa7 9\"}", "facts"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Parse([]byte(tt.in))
			var bad *FactError
			if !errors.As(err, &bad) {
				t.Fatalf("%+v, %v, want a FactError", f, err)
			}
			if !strings.HasPrefix(err.Error(), tt.fact+": ") {
				t.Errorf("%q, want %s named first", err, tt.fact)
			}
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("%q is more than a line", err)
			}
			if !reflect.DeepEqual(f, Facts{}) {
				t.Errorf("facts beside the error: %+v", f)
			}
		})
	}
}

// An error can be shown and logged: it repeats no date and no long text.
func TestParseErrorsAreDiscreet(t *testing.T) {
	for _, in := range []string{
		`{"birth_date":"19900501"}`,
		`{"birth_date":"1990-05-01x"}`,
		`{"purpose":"` + strings.Repeat("y", 1000) + `"}`,
		`{"` + strings.Repeat("y", 1000) + `":1}`,
		`{"` + strings.Repeat("å", 1000) + `":1}`,
	} {
		_, err := Parse([]byte(in))
		if err == nil {
			t.Fatalf("%.40s: no error", in)
		}
		if text := err.Error(); strings.Contains(text, "1990") || len(text) > 200 || !utf8.ValidString(text) {
			t.Errorf("the error says too much: %q", text)
		}
	}
}

// Facts travel in packages: what is written is read again.
func TestFactsRoundTrip(t *testing.T) {
	for _, f := range []Facts{
		Defaults(),
		{LongStayVisa, AA471, Extension, Date{2026, 11, 20}, Date{2026, 11, 22}, LodgedByPost, StationMission,
			BirthDate{1990, 5, 0}, true, true, true, true, true, Unable{UnablePermanently}, []Item{ItemPhoto}},
	} {
		roundTrip(t, f)
	}
}

func roundTrip(t *testing.T, f Facts) {
	t.Helper()
	data, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse(data)
	if err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	if !reflect.DeepEqual(f, again) {
		t.Errorf("%+v became %+v", f, again)
	}
}

// FuzzParse: whatever comes, it is an error that names a fact, or facts that
// are valid, survive being written, and get an answer that keeps the promises.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"unable":{"prints":"permanent"},"refuses":["photo","prints"]}`, `{"basis":"47(1)","station":"foreign_ministry"}`,
		`{"purpose":"eurodac","basis":"art11","birth_date":"2012-02-29","capture_on":"2026-02-28"}`,
		`{"purpose":"residence_card","basis":"9","application":"extension","applied_on":"2026-11-20","capture_on":"2026-11-22","lodged_at":"post","station":"police_copenhagen","birth_date":"2020-11","judged_adult":true,"unaccompanied":true,"with_custodian":false,"card_requested":true,"biometrics_on_pending_case":false}`,
		`{"birth_date":"1990`, `{"refuses":[`, `[[[[`, `{"unable":{"unable":{}}}`, "\xff", `{"a":1,"a":2}`, `{"\u0070urpose":"vis"} `, "\ufeff{}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		facts, err := Parse(data)
		if err != nil {
			var bad *FactError
			if !errors.As(err, &bad) || strings.ContainsAny(err.Error(), "\n\r") || len(err.Error()) > 300 {
				t.Fatalf("%q", err)
			}
			return
		}
		if err := facts.Validate(); err != nil {
			t.Fatal(err)
		}
		roundTrip(t, facts)
		for _, law := range lawDays {
			a := Settings{}.decide(&facts, law)
			if facts.CaptureOn.IsZero() && a.decision != Blocked {
				t.Fatalf("no day of capture: %+v", a)
			}
			if err := sound(Settings{}, &facts, law, &a); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzFor puts facts together in code, good and bad; the answer always keeps
// the promises, and what is not understood is blocked.
func FuzzFor(f *testing.F) {
	f.Add("residence_card", "9", "first", "station", "police", "none", "prints", 2026, 11, 22, 1990, 5, 1, uint8(0))
	f.Add("vis", "visa", "first", "station", "mission", "permanent", "photo", 2026, 11, 22, 2014, 0, 0, uint8(16))
	f.Add("", "9g", "", "", "", "", "iris", -1, 13, 32, 1, -1, -1, uint8(255))
	f.Fuzz(func(t *testing.T, purpose, basis, application, lodged, station, unable, refuses string,
		year, month, day, birthYear, birthMonth, birthDay int, x uint8) {
		facts := Facts{Purpose: Purpose(purpose), Basis: Basis(basis), Application: Application(application),
			CaptureOn: Date{year, time.Month(month), day}, LodgedAt: Lodging(lodged), Station: Station(station),
			BirthDate: BirthDate{birthYear, time.Month(birthMonth), birthDay}, Unable: Unable{Inability(unable)}}
		flags(x).set(&facts)
		if refuses != "" {
			facts.Refuses = []Item{Item(refuses)}
		}
		a := Settings{}.decide(&facts, captureDay)
		if facts.Validate() != nil {
			if a.decision != Blocked {
				t.Fatalf("%+v: %+v, want blocked", facts, a)
			}
			return
		}
		if err := sound(Settings{}, &facts, captureDay, &a); err != nil {
			t.Fatalf("%+v: %v", facts, err)
		}
	})
}
