package notice_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"optag/capture/notice"
	"optag/capture/rule"
)

// atNoon is a moment of today, in the zone of Denmark in winter.
var atNoon = time.Date(2026, time.February, 10, 12, 0, 0, 0, time.FixedZone("CET", 3600))

func day(t testing.TB, s string) rule.Date {
	t.Helper()
	d, err := rule.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestLastDay: a follow-up notice may be made up to its last day, and the day
// after it is refused.
func TestLastDay(t *testing.T) {
	for _, c := range []struct {
		name           string
		basis          rule.Basis
		captured, last string
	}{
		{"asylum applicant, ten years", rule.Art4, "2016-02-10", "2026-02-10"},
		{"asylum applicant, on the last of the year", rule.Art4, "2015-12-31", "2025-12-31"},
		{"asylum applicant captured on 29 February: 1 March, for there is no such day", rule.Art4, "2016-02-29", "2026-03-01"},
		{"asylum applicant captured on 28 February of a leap year", rule.Art4, "2016-02-28", "2026-02-28"},
		{"irregular crossing, two years", rule.Art8, "2024-02-10", "2026-02-10"},
		{"irregular crossing captured on 29 February", rule.Art8, "2024-02-29", "2026-03-01"},
		{"irregular crossing, the last day is a 29 February's eve", rule.Art8, "2022-02-28", "2024-02-28"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := of(notice.FollowUps, notice.Citizenship, rule.Eurodac, c.basis)
			r.Capture.On, r.FollowUp.On = day(t, c.captured), day(t, c.captured)
			last := day(t, c.last)
			for n := -1; n <= 0; n++ {
				if a, err := law.For(r, rule.StationPolice, last.AddDays(n)); err != nil || a.Until != last {
					t.Errorf("%d days to the last: until %v, %v", -n, a.Until, err)
				}
			}
			_, err := law.For(r, rule.StationPolice, last.AddDays(1))
			if err == nil || !strings.Contains(err.Error(), "the last day was "+c.last) {
				t.Errorf("the day after: %v", err)
			}
		})
	}
}

// TestRefused: each notice is right but for one thing, which is told by the name
// of its field.
func TestRefused(t *testing.T) {
	asylum := func(e notice.Event) notice.Request { return of(notice.FollowUps, e, rule.Eurodac, rule.Art4) }
	border := func(e notice.Event) notice.Request { return of(notice.FollowUps, e, rule.Eurodac, rule.Art8) }
	card := func() notice.Request { return of(notice.Deletions, "", rule.ResidenceCard, rule.AA7) }
	ask := func(a ...notice.Ask) notice.Request {
		r := of(notice.Corrections, "", rule.ResidenceCard, rule.AA9)
		r.Correction.Asks = a
		return r
	}
	changed := func(r notice.Request, f func(*notice.Request)) notice.Request { f(&r); return r }
	for _, c := range []struct {
		name  string
		r     notice.Request
		at    rule.Station
		field string // "-": it may be made
		says  string
	}{
		{"a permit under § 7(1) of an asylum applicant", asylum(notice.AsylumPermit), rule.StationPolice, "-", ""},
		{"the permit is always Denmark's and need not say so", changed(asylum(notice.AsylumPermit), func(r *notice.Request) { r.FollowUp.State = "" }), rule.StationPolice, "-", ""},
		{"a permit under § 7(1) given by Sweden", changed(asylum(notice.AsylumPermit), func(r *notice.Request) { r.FollowUp.State = "SWE" }), rule.StationPolice, "follow_up.state", "Denmark's"},
		{"refugee status in Sweden", changed(asylum(notice.RefugeeStatus), func(r *notice.Request) { r.FollowUp.State = "SWE" }), rule.StationPolice, "-", ""},
		{"refugee status that nobody gave", changed(asylum(notice.RefugeeStatus), func(r *notice.Request) { r.FollowUp.State = "" }), rule.StationPolice, "follow_up.state", "code of a state"},
		{"citizenship of a state that there is not", changed(asylum(notice.Citizenship), func(r *notice.Request) { r.FollowUp.State = "QQQ" }), rule.StationPolice, "follow_up.state", "code of a state"},
		{"an asylum applicant who has left", asylum(notice.LeftTerritory), rule.StationPolice, "follow_up.event", "permit_7_1, refugee_status, citizenship"},
		{"any permit of an asylum applicant", asylum(notice.Permit), rule.StationPolice, "follow_up.event", "AA § 58 j"},
		{"refugee status of who crossed a border", border(notice.RefugeeStatus), rule.StationPolice, "follow_up.event", "permit, citizenship, left_territory"},
		{"who crossed a border has left", border(notice.LeftTerritory), rule.StationImmigrationService, "-", ""},
		{"left before the capture", changed(border(notice.LeftTerritory), func(r *notice.Request) { r.FollowUp.On = captured.AddDays(-1) }), rule.StationPolice, "follow_up.on", "before the capture"},
		{"left on the day of the capture", changed(border(notice.LeftTerritory), func(r *notice.Request) { r.FollowUp.On = captured }), rule.StationPolice, "-", ""},
		{"leaves tomorrow", changed(border(notice.LeftTerritory), func(r *notice.Request) { r.FollowUp.On = today.AddDays(1) }), rule.StationPolice, "follow_up.on", "future"},
		{"citizen before the capture", changed(border(notice.Citizenship), func(r *notice.Request) { r.FollowUp.On = captured.AddDays(-1) }), rule.StationPolice, "-", ""},
		{"a state gave the departure", changed(border(notice.LeftTerritory), func(r *notice.Request) { r.FollowUp.State = "DNK" }), rule.StationPolice, "follow_up.state", "no state"},
		{"an illegal stay", of(notice.FollowUps, notice.Citizenship, rule.Eurodac, rule.Art11), rule.StationPolice, "capture.basis", "category 3"},
		{"a card", of(notice.FollowUps, notice.Citizenship, rule.ResidenceCard, rule.AA7), rule.StationPolice, "capture.purpose", "Eurodac"},
		{"at a mission", asylum(notice.Citizenship), rule.StationMission, "", "police, police_copenhagen, immigration_service (AA § 58 j)"},
		{"at the Return Agency, which no line names", border(notice.LeftTerritory), rule.StationReturnAgency, "", "may not make the notice"},
		{"the number of another category", changed(asylum(notice.Citizenship), func(r *notice.Request) { r.Capture.Reference = "DK218402" }), rule.StationPolice, "capture.reference_number", "digit of the category"},
		{"no number, by which Eurodac finds the set", changed(asylum(notice.Citizenship), func(r *notice.Request) { r.Capture.Reference = "" }), rule.StationPolice, "capture.reference_number", "finds the set"},
		{"captured tomorrow", changed(asylum(notice.Citizenship), func(r *notice.Request) { r.Capture.On = today.AddDays(1) }), rule.StationPolice, "capture.captured_on", "future"},
		{"no day of capture", changed(asylum(notice.Citizenship), func(r *notice.Request) { r.Capture.On = rule.Date{} }), rule.StationPolice, "capture.captured_on", "missing"},
		{"no event", changed(asylum(notice.Citizenship), func(r *notice.Request) { r.FollowUp.Event = "" }), rule.StationPolice, "follow_up.event", "it is permit_7_1"},
		{"a notice of no kind", changed(card(), func(r *notice.Request) { r.Kind = "" }), rule.StationPolice, "kind", "follow_up, deletion, correction"},
		{"a basis of another purpose", changed(card(), func(r *notice.Request) { r.Capture.Basis = rule.Art4 }), rule.StationPolice, "capture.basis", "47(1)"},
		{"a deletion that asks for a correction too", changed(card(), func(r *notice.Request) { r.Correction = &notice.Correction{} }), rule.StationPolice, "correction", "does not belong"},

		{"found to be seventeen on the day of the capture", changed(card(), func(r *notice.Request) { r.Deletion.Birth = rule.BirthDate{Year: 2006, Month: 3, Day: 2} }), rule.StationPolice, "-", ""},
		{"the capture was on the eighteenth birthday", changed(card(), func(r *notice.Request) { r.Deletion.Birth = rule.BirthDate{Year: 2006, Month: 3, Day: 1} }), rule.StationPolice, "deletion.birth_date", "not under 18"},
		{"born in 2007, and no more is known", changed(card(), func(r *notice.Request) { r.Deletion.Birth = rule.BirthDate{Year: 2007} }), rule.StationPolice, "-", ""},
		{"born in 2006, and no more is known", changed(card(), func(r *notice.Request) { r.Deletion.Birth = rule.BirthDate{Year: 2006} }), rule.StationPolice, "deletion.birth_date", "so little of a date"},
		{"born in March 2006, and no more is known", changed(card(), func(r *notice.Request) { r.Deletion.Birth = rule.BirthDate{Year: 2006, Month: 3} }), rule.StationPolice, "deletion.birth_date", "so little of a date"},
		{"born in 2005, and no more is known", changed(card(), func(r *notice.Request) { r.Deletion.Birth = rule.BirthDate{Year: 2005} }), rule.StationPolice, "deletion.birth_date", "not under 18"},
		{"born after the capture", changed(card(), func(r *notice.Request) { r.Deletion.Birth = rule.BirthDate{Year: 2025} }), rule.StationPolice, "deletion.birth_date", "after the capture"},
		{"no date of birth", changed(card(), func(r *notice.Request) { r.Deletion.Birth = rule.BirthDate{} }), rule.StationPolice, "deletion.birth_date", "missing"},
		{"never judged an adult", changed(card(), func(r *notice.Request) { r.Capture.JudgedAdult = false }), rule.StationPolice, "capture.judged_adult", "L167 no. 15, 17"},
		{"found before the capture", changed(card(), func(r *notice.Request) { r.Deletion.FoundOn = captured.AddDays(-1) }), rule.StationPolice, "deletion.found_on", "before the capture"},
		{"found by nobody", changed(card(), func(r *notice.Request) { r.Deletion.FoundBy = "" }), rule.StationPolice, "deletion.found_by", "needed"},
		{"a card taken twenty-five years ago: no day is the last", changed(card(), func(r *notice.Request) {
			r.Capture.On, r.Deletion.Birth = today.AddYears(-25), rule.BirthDate{Year: 1990}
		}), rule.StationPolice, "-", ""},
		{"a Eurodac set of who is found to be sixteen", changed(of(notice.Deletions, "", rule.Eurodac, rule.Art4), func(r *notice.Request) { r.Deletion.Birth = rule.BirthDate{Year: 2007, Month: 5} }), rule.StationPolice, "deletion.birth_date", "not under 14"},
		{"a Eurodac set of who is found to be thirteen", changed(of(notice.Deletions, "", rule.Eurodac, rule.Art4), func(r *notice.Request) { r.Deletion.Birth = rule.BirthDate{Year: 2010, Month: 3, Day: 2} }), rule.StationPolice, "-", ""},
		{"the police's register takes prints of every age", of(notice.Deletions, "", rule.PoliceRegister, rule.Register1), rule.StationPolice, "capture.basis", "may ask for erasure"},

		{"a name is misspelt", ask(notice.Ask{Item: notice.Name, Action: notice.Correct, Right: "Ærø Test"}), rule.StationMission, "-", ""},
		{"a name is wrong and nobody says how it is right", ask(notice.Ask{Item: notice.Name, Action: notice.Correct}), rule.StationPolice, "correction.asks[0].right", "missing"},
		{"a print is of somebody else", ask(notice.Ask{Item: notice.Prints, Action: notice.Correct}), rule.StationPolice, "-", ""},
		{"a print in the notice", ask(notice.Ask{Item: notice.Prints, Action: notice.Correct, Right: "iVBORw0KGgo"}), rule.StationPolice, "correction.asks[0].right", "no biometrics"},
		{"erased, with a right value", ask(notice.Ask{Item: notice.Photo, Action: notice.Erase, Right: "x"}), rule.StationPolice, "correction.asks[0].right", "erased"},
		{"everything is wrong", ask(notice.Ask{Item: notice.Everything, Action: notice.Correct}), rule.StationPolice, "correction.asks[0].action", "erased"},
		{"everything, and the photo", ask(notice.Ask{Item: notice.Everything, Action: notice.Erase}, notice.Ask{Item: notice.Photo, Action: notice.Erase}), rule.StationPolice, "correction.asks", "beside it"},
		{"the photo twice", ask(notice.Ask{Item: notice.Photo, Action: notice.Erase}, notice.Ask{Item: notice.Photo, Action: notice.Correct}), rule.StationPolice, "correction.asks[1].item", "twice"},
		{"what no card has", ask(notice.Ask{Item: "reference_number", Action: notice.Erase}), rule.StationPolice, "correction.asks[0].item", "nothing else is kept"},
		{"nothing", ask(), rule.StationPolice, "correction.asks", "nothing"},
		{"to be told", ask(notice.Ask{Item: notice.Photo, Action: "read"}), rule.StationPolice, "correction.asks[0].action", "correct, erase"},
		{"a lawyer without a name", changed(ask(notice.Ask{Item: notice.Photo, Action: notice.Erase}), func(r *notice.Request) { r.Correction.By = notice.ARepresentative }), rule.StationPolice, "correction.representative", "needed"},
		{"in the person's own words, on lines", changed(ask(notice.Ask{Item: notice.Photo, Action: notice.Erase}), func(r *notice.Request) { r.Correction.Statement = "It is\nnot me." }), rule.StationPolice, "-", ""},
		{"more words than a notice holds", changed(ask(notice.Ask{Item: notice.Photo, Action: notice.Erase}), func(r *notice.Request) { r.Correction.Statement = strings.Repeat("x", 2001) }), rule.StationPolice, "correction.statement", "2000"},
		{"no capture is named", changed(ask(notice.Ask{Item: notice.Photo, Action: notice.Erase}), func(r *notice.Request) { r.Capture.Package = "" }), rule.StationPolice, "capture", "needed"},
		{"a package's id with a letter too few", changed(ask(notice.Ask{Item: notice.Photo, Action: notice.Erase}), func(r *notice.Request) { r.Capture.Package = "0a" }), rule.StationPolice, "capture.package", "32 hex"},
		{"of a card, with a number of Eurodac", changed(ask(notice.Ask{Item: notice.Photo, Action: notice.Erase}), func(r *notice.Request) { r.Capture.Reference = "DK118402" }), rule.StationPolice, "capture.reference_number", "only Eurodac"},
		{"the sex in a category 3 set, which has none", changed(of(notice.Corrections, "", rule.Eurodac, rule.Art11), func(r *notice.Request) {
			r.Correction.Asks = []notice.Ask{{Item: "sex", Action: notice.Correct, Right: "F"}}
		}), rule.StationPolice, "correction.asks[0].item", "prints, everything, reference_number"},
		{"the sex in a category 1 set", changed(of(notice.Corrections, "", rule.Eurodac, rule.Art4), func(r *notice.Request) {
			r.Correction.Asks = []notice.Ask{{Item: "sex", Action: notice.Correct, Right: "F"}}
		}), rule.StationPolice, "-", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := law.For(c.r, c.at, today)
			if c.field == "-" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			faults, _ := notice.AsFaults(err)
			if len(faults) != 1 || faults[0].Field != c.field || !strings.Contains(faults.Error(), c.says) {
				t.Errorf("For = %v; want one fault of %q that says %q", err, c.field, c.says)
			}
		})
	}
}

// TestRecast: under Regulation (EU) 2024/1358 Eurodac begins at six and has a face.
func TestRecast(t *testing.T) {
	r := of(notice.Deletions, "", rule.Eurodac, rule.Art4)
	r.Deletion.Birth = rule.BirthDate{Year: 2017}
	if _, err := recast.For(r, rule.StationPolice, today); err == nil || !strings.Contains(err.Error(), "under 6 on") {
		t.Errorf("found to be seven: %v", err)
	}
	r.Deletion.Birth = rule.BirthDate{Year: 2019}
	if _, err := recast.For(r, rule.StationPolice, today); err != nil {
		t.Errorf("found to be five: %v", err)
	}
	q := of(notice.Corrections, "", rule.Eurodac, rule.Art4)
	q.Correction.Asks = []notice.Ask{{Item: notice.Photo, Action: notice.Erase}}
	if _, err := recast.For(q, rule.StationPolice, today); err != nil {
		t.Errorf("the face is to be erased: %v", err)
	}
	if _, err := law.For(q, rule.StationPolice, today); err == nil {
		t.Error("a face is to be erased where none is kept")
	}
}

// TestCodes: what the law refuses has a code by which others know it.
func TestCodes(t *testing.T) {
	young := of(notice.Deletions, "", rule.ResidenceCard, rule.AA7)
	for code, change := range map[notice.Code]func(*notice.Request){
		notice.NotJudged:  func(r *notice.Request) { r.Capture.JudgedAdult = false },
		notice.OldEnough:  func(r *notice.Request) { r.Deletion.Birth = rule.BirthDate{Year: 1990} },
		notice.AgeOpen:    func(r *notice.Request) { r.Deletion.Birth = rule.BirthDate{Year: 2006} },
		notice.NoDeletion: func(r *notice.Request) { r.Capture.Purpose, r.Capture.Basis = rule.PoliceRegister, rule.Register1 },
		notice.TooLate: func(r *notice.Request) {
			*r = of(notice.FollowUps, notice.Permit, rule.Eurodac, rule.Art8)
			r.Capture.On = today.AddYears(-3)
		},
		notice.NotTold:       func(r *notice.Request) { *r = of(notice.FollowUps, notice.Permit, rule.Eurodac, rule.Art4) },
		notice.CategoryThree: func(r *notice.Request) { *r = of(notice.FollowUps, notice.Permit, rule.Eurodac, rule.Art11) },
		notice.NotEurodac:    func(r *notice.Request) { *r = of(notice.FollowUps, notice.Permit, rule.VIS, rule.Visa) },
	} {
		r := young
		d := *young.Deletion
		r.Deletion = &d
		change(&r)
		_, err := law.For(r, rule.StationPolice, today)
		if faults, _ := notice.AsFaults(err); len(faults) != 1 || faults[0].Code != code {
			t.Errorf("%s: %+v", code, faults)
		}
	}
	_, err := law.For(young, rule.StationReturnAgency, today)
	if faults, _ := notice.AsFaults(err); len(faults) != 1 || faults[0].Code != notice.NotHere {
		t.Errorf("at the Return Agency: %+v", faults)
	}
}

// TestManyFaults: an officer is told of everything at once.
func TestManyFaults(t *testing.T) {
	r := of(notice.FollowUps, notice.Citizenship, rule.Eurodac, rule.Art4)
	r.Capture.Package, r.Capture.On, r.FollowUp.State = "x", captured.AddYears(-20), ""
	_, err := law.For(r, rule.StationMission, today)
	faults, _ := notice.AsFaults(err)
	var fields []string
	for _, f := range faults {
		fields = append(fields, f.Field)
	}
	if got, want := strings.Join(fields, " "), "capture.package follow_up.state  capture.captured_on"; got != want {
		t.Errorf("faults of %q, want %q", got, want)
	}
}

// TestWrittenNotice: the worked example, to the byte, and what makes another
// text of it is refused.
func TestWrittenNotice(t *testing.T) {
	r := of(notice.FollowUps, notice.RefugeeStatus, rule.Eurodac, rule.Art4)
	r.Capture.Number = "1234567"
	n, err := law.Make(r, notice.Maker{Station: "SIM-01", Kind: rule.StationPolice, Officer: "4711"}, atNoon)
	if err != nil {
		t.Fatal(err)
	}
	text, err := n.Encode()
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/notice.json"
	if *rewrite {
		write(t, golden, string(text))
	}
	if want := read(t, golden); string(text) != want {
		t.Errorf("written:\n%s\nwant:\n%s", text, want)
	}
	again, err := notice.Read(text)
	if err != nil || notice.Check(again) != nil {
		t.Fatalf("read again: %v, %v", err, notice.Check(again))
	}
	for name, to := range map[string][2]string{
		"a space more":               {`"version": 1`, `"version":  1`},
		"another version":            {`"version": 1`, `"version": 2`},
		"a member that there is not": {`"version": 1,`, `"version": 1, "prints": "…",`},
		"a member twice":             {`"version": 1,`, `"version": 1, "version": 1,`},
		"another case of a name":     {`"version"`, `"Version"`},
		"no day":                     {`"2024-03-01"`, `"2024-02-30"`},
		"something behind it":        {"}\n}\n", "}\n}\n{}"},
	} {
		spoilt := strings.Replace(string(text), to[0], to[1], 1)
		if spoilt == string(text) && !strings.HasPrefix(name, "something") {
			t.Fatalf("%s: nothing was changed", name)
		}
		if name == "something behind it" {
			spoilt = string(text) + "{}"
		}
		if _, err := notice.Read([]byte(spoilt)); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}

// TestCheckFindsWhatWasChanged: a notice that says something else than the law is
// found by whoever asks the law again.
func TestCheckFindsWhatWasChanged(t *testing.T) {
	for field, change := range map[string]func(*notice.Notice){
		"controller":          func(n *notice.Notice) { n.Controller = rule.ForeignMinistry },
		"until":               func(n *notice.Notice) { n.Until = n.Until.AddDays(1) },
		"grounds":             func(n *notice.Notice) { n.Grounds = n.Grounds[:1] },
		"officer":             func(n *notice.Notice) { n.Officer = "" },
		"station":             func(n *notice.Notice) { n.Station = "no station" },
		"day":                 func(n *notice.Notice) { n.Day = n.Day.AddDays(-2) },
		"made_at":             func(n *notice.Notice) { n.MadeAt = n.MadeAt.Add(1) },
		"version":             func(n *notice.Notice) { n.Version = 2 },
		"":                    func(n *notice.Notice) { n.Counter = rule.StationMission },
		"capture.captured_on": func(n *notice.Notice) { n.Capture.On = n.Capture.On.AddYears(-9) },
		"follow_up":           func(n *notice.Notice) { n.FollowUp = nil },
	} {
		n, err := law.Make(of(notice.FollowUps, notice.RefugeeStatus, rule.Eurodac, rule.Art4), notice.Maker{Station: "SIM-01", Kind: rule.StationPolice, Officer: "4711"}, atNoon)
		if err != nil {
			t.Fatal(err)
		}
		change(&n)
		faults, _ := notice.AsFaults(notice.Check(n))
		if len(faults) == 0 || faults[0].Field != field {
			t.Errorf("%q: %v", field, faults)
		}
	}
	_, err := law.Make(of(notice.FollowUps, notice.RefugeeStatus, rule.Eurodac, rule.Art4), notice.Maker{Station: "SIM-01", Kind: rule.StationPolice}, atNoon)
	if err == nil {
		t.Error("a notice that nobody made")
	}
}

// TestFaultsAreJSON: what a program is told has the fields by name.
func TestFaultsAreJSON(t *testing.T) {
	_, err := law.For(notice.Request{}, rule.StationPolice, today)
	faults, _ := notice.AsFaults(err)
	text, err := json.Marshal(faults)
	if err != nil || !strings.HasPrefix(string(text), `[{"field":"kind","problem":"it is follow_up, deletion, correction"}`) {
		t.Errorf("%s, %v", text, err)
	}
}
