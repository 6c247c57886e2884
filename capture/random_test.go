package capture_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"optag/capture"
	"optag/capture/finger"
	"optag/capture/finger/minutiae"
	"optag/capture/rule"
)

// Whatever clerk and person do, in whatever order, what leaves the session is
// what the law asks for, with a reason for every finger passed over; and a
// record to which something is added, or from which something is taken away,
// does not pass the check. OPTAG_SOAK=1 plays thirty times as many cases.
func TestRandomCases(t *testing.T) {
	cases := 1000
	if os.Getenv("OPTAG_SOAK") != "" {
		cases *= 30
	}
	finished, spoilt := 0, 0
	for seed := range cases {
		c := newRandomCase(uint64(seed))
		for range 10 + c.r.IntN(50) {
			c.step()
		}
		if c.r.IntN(8) > 0 {
			c.complete()
		}
		rec, parts, err := c.s.Finish("SIM-01", "4711", noon)
		if err != nil {
			continue
		}
		finished++
		if wrong := c.oracle(rec); wrong != "" {
			t.Fatalf("seed %d: %s\n%s\n%+v", seed, wrong, strings.Join(c.log, "\n"), rec.Prints)
		}
		if want := 1 + len(rec.Prints) + map[bool]int{true: 1}[rec.Portrait != nil]; len(parts) != want {
			t.Fatalf("seed %d: %d parts, want %d", seed, len(parts), want)
		}
		spoilt += c.spoil(t, parts[0].Data)
	}
	if finished < cases/3 || spoilt < 10*finished {
		t.Errorf("only %d of %d cases came to an end, with %d ways to spoil them", finished, cases, spoilt)
	}
	t.Logf("%d of %d cases came to an end; %d spoilt records were refused", finished, cases, spoilt)
}

// A randomCase plays one case and remembers what the clerk has marked.
type randomCase struct {
	r      *rand.Rand
	s      *capture.Session
	skin   [11]*minutiae.Template
	marked map[finger.Position]capture.Reason
	log    []string
}

var situations = []map[string]any{
	{}, {}, {}, {"basis": "7"},
	{"birth_date": "2021-01-01"},                                            // five: the photo alone
	{"birth_date": "2012-05"},                                               // a minor who does not live with the custodian
	{"purpose": "eurodac", "basis": "art4"},                                 // ten
	{"purpose": "eurodac", "basis": "art11"},                                // ten, or the index fingers
	{"purpose": "vis", "basis": "visa", "station": "mission"},               // photo and ten
	{"judged_adult": true, "birth_date": "2010-01-01", "basis": "7"},        // age disputed
	{"biometrics_on_pending_case": true},                                    // reuse
	{"with_custodian": true, "birth_date": "2015-01-01"},                    // nothing
	{"birth_date": "2008"},                                                  // an adult or a minor, alike
	{"purpose": "police_register", "basis": "40a(2)1", "station": "police"}, // ten
}

func newRandomCase(seed uint64) *randomCase {
	c := &randomCase{r: rand.New(rand.NewPCG(seed, 1)), marked: map[finger.Position]capture.Reason{}}
	facts := map[string]any{"capture_on": "2026-11-22", "birth_date": "1990-05-01"}
	for k, v := range situations[c.r.IntN(len(situations))] {
		facts[k] = v
	}
	data, _ := json.Marshal(facts)
	f, err := rule.Parse(data)
	if err != nil {
		panic(err)
	}
	p := capture.EU()
	p.Order = slices.Clone(p.Order)
	c.r.Shuffle(len(p.Order), func(i, j int) { p.Order[i], p.Order[j] = p.Order[j], p.Order[i] })
	p.FirstHand, p.Attempts, p.IndexOnly = finger.Hand(c.r.IntN(2)), 1+c.r.IntN(3), c.r.IntN(2) == 0
	if c.s, err = capture.Open(filled(capture.Case{Number: "1", Facts: f}), p); err != nil {
		panic(err)
	}
	for i := range c.skin {
		c.skin[i] = capture.NewSkin(uint64(i))
	}
	return c
}

func (c *randomCase) did(format string, args ...any) {
	c.log = append(c.log, fmt.Sprintf(format, args...))
}

func (c *randomCase) finger() finger.Position { return finger.Position(1 + c.r.IntN(10)) }

// step does one thing; more often than not it is to present a finger.
func (c *randomCase) step() {
	switch p := c.finger(); c.r.IntN(20) {
	default:
		c.present()
	case 0, 1, 2:
		c.mark(p)
	case 3:
		c.s.Restore(p)
		delete(c.marked, p)
		c.did("unmark %v", p)
	case 4:
		c.did("accept %v: %v", p, c.s.Accept(p, "scar"))
	case 5:
		c.did("discard %v: %v", p, c.s.Discard(p, "dirt"))
	case 6:
		c.s.Refuse(capture.Refusal{Items: c.items(), By: "4711", At: noon})
		c.did("refuse %v", c.s.Case().Facts.Refuses)
	case 7:
		kind := rule.Inabilities()[max(0, c.r.IntN(6)-3)]
		c.s.Unable(capture.Inability{Kind: kind, Note: "seen", SeenBy: "4711", At: noon})
		c.did("unable %v", kind)
	case 8, 9:
		c.photo()
	case 10:
		c.s.Inform(capture.Rights{Text: "t", Language: "da", How: "shown", At: noon})
	case 11:
		h := finger.Hand(c.r.IntN(2))
		for d := finger.Thumb; d <= finger.Little; d++ {
			c.mark(finger.Of(h, d))
		}
	}
}

func (c *randomCase) mark(p finger.Position) {
	reason := []capture.Reason{capture.Missing, capture.Temporary, capture.Permanent}[c.r.IntN(3)]
	if err := c.s.Except(capture.Exception{Position: p, Reason: reason, SeenBy: "4711", At: noon}); err != nil {
		panic(err)
	}
	c.marked[p] = reason
	c.did("mark %v %v", p, reason)
}

func (c *randomCase) items() []rule.Item {
	return [][]rule.Item{nil, nil, nil, {rule.ItemPrints}, {rule.ItemPhoto}, {rule.ItemPhoto, rule.ItemPrints}}[c.r.IntN(6)]
}

// present offers the finger asked for, now and then another one, and at times
// under a name that was not asked for.
func (c *randomCase) present() {
	ask, more := c.s.NextPrint()
	skin := ask
	if c.r.IntN(6) == 0 {
		skin = c.finger()
	}
	if !more || c.r.IntN(10) == 0 {
		ask = c.finger()
	}
	a, err := c.s.Present(ask, capture.NewSample(c.r.IntN(100), c.skin[skin], noon.Add(time.Duration(len(c.log))*time.Second)))
	c.did("finger %v as %v: %v %v %d", skin, ask, err, a.Outcome, a.Score)
}

func (c *randomCase) photo() {
	p := capture.Portrait{Encoded: []byte{1}, MediaType: "image/jpeg", Width: 1244, Height: 1600, Source: "live", Checks: slices.Clone(passed), At: noon}
	if c.r.IntN(3) == 0 {
		p.Checks[2].Value = -1
	}
	c.did("photo: %v", c.s.Photograph(p))
	if c.r.IntN(2) == 0 {
		c.s.AcceptPortrait("cannot keep still")
	}
}

// complete does what is still missing.
func (c *randomCase) complete() {
	c.s.Inform(capture.Rights{Text: "t", Language: "da", How: "shown", At: noon})
	if c.s.WantsPortrait() {
		c.s.Photograph(capture.Portrait{Encoded: []byte{1}, MediaType: "image/png", Width: 1, Height: 1, Checks: passed, At: noon})
	}
	for range 200 {
		if _, more := c.s.NextPrint(); !more {
			return
		}
		c.present()
	}
}

// oracle looks at a record the slow way, finger by finger, and says what is
// wrong with it; "" is nothing. It shares no code with the session or the check.
func (c *randomCase) oracle(r capture.Record) string {
	need := rule.For(r.Case.Facts, r.Case.LawDate)
	refuses := func(i rule.Item) bool { return slices.Contains(r.Case.Facts.Refuses, i) }
	if need.Decision != rule.Capture {
		return "nothing may be captured"
	}
	if (r.Portrait != nil) != (need.Photo.Required && !refuses(rule.ItemPhoto)) {
		return "portrait"
	}
	printed, excepted := map[string]bool{}, map[string]capture.Reason{}
	for _, p := range r.Prints {
		if _, marked := c.marked[p.Position]; marked || printed[p.Position.String()] {
			return p.Position.String() + " printed and marked, or twice"
		}
		printed[p.Position.String()] = true
	}
	for _, e := range r.Exceptions {
		if reason := c.marked[e.Position]; reason != e.Reason && e.Reason != capture.LowQuality || printed[e.Position.String()] {
			return e.Position.String() + " is excepted and nobody marked it so, or it is printed"
		}
		excepted[e.Position.String()] = e.Reason
	}
	if refuses(rule.ItemPrints) || r.Case.Facts.Unable.Prints != rule.Able || need.Prints.Required == rule.NoPrints {
		if len(printed)+len(excepted) > 0 {
			return "prints or exceptions that nothing asks for"
		}
		return ""
	}
	if need.Prints.Required == rule.TwoFlat {
		return oracleTwo(r, printed, excepted)
	}
	return oracleTen(r, need, printed, excepted)
}

func oracleTen(r capture.Record, need rule.Requirement, printed map[string]bool, excepted map[string]capture.Reason) string {
	if need.Prints.Required == rule.TenOrIndex && r.Profile.IndexOnly && printed["right_index"] && printed["left_index"] {
		if len(printed) != 2 || len(excepted) != 0 {
			return "more than the index fingers"
		}
		return ""
	}
	if len(printed)+len(excepted) != 10 {
		return "not ten fingers accounted for"
	}
	heals := false
	for _, reason := range excepted {
		heals = heals || reason == capture.Temporary
		if reason == capture.LowQuality {
			return "a print was left out for its quality"
		}
	}
	if heals != slices.Contains(r.Marks, rule.Recall) {
		return "new appointment"
	}
	return ""
}

// oracleTwo counts what each hand gave, and what each could have given.
func oracleTwo(r capture.Record, printed map[string]bool, excepted map[string]capture.Reason) string {
	gave, could := map[string]int{}, map[string]int{}
	heals, low := false, false
	needed := map[string]bool{}
	for _, hand := range []string{"right", "left"} {
		before := []string{}
		for _, d := range r.Profile.Order {
			name := hand + "_" + d.String()
			reason, out := excepted[name]
			switch {
			case printed[name]:
				gave[hand]++
				could[hand]++
				for _, b := range before {
					needed[b] = true // each finger before a print has a reason
				}
			case !out || reason == capture.LowQuality:
				could[hand]++
			}
			heals = heals || reason == capture.Temporary
			if !printed[name] {
				before = append(before, name)
			}
		}
	}
	for _, p := range r.Prints {
		low = low || p.Score < p.Threshold && p.Accepted == ""
	}
	for name := range needed {
		if excepted[name] == "" {
			return name + " was passed over without a reason"
		}
	}
	if gave["right"]+gave["left"] != len(printed) || len(printed) > 2 {
		return "a finger that is not asked for, or more than two"
	}
	if len(printed) < min(2, could["right"]+could["left"]) {
		return "fewer prints than the person can give"
	}
	if len(printed) == 2 && gave["right"] != 1 && could["right"] > 0 && could["left"] > 0 {
		return "two of one hand though both can give one"
	}
	if !low && len(printed) == 2 && gave["right"] == 1 && len(excepted) != len(needed) {
		return "an exception that explains nothing"
	}
	if len(printed) < 2 && len(printed)+len(excepted) != 8 {
		return "a finger without a print or a reason"
	}
	if (heals && len(printed) < 2) != slices.Contains(r.Marks, rule.Recall) {
		return "new appointment"
	}
	return ""
}

// spoil changes one thing of a record after another and expects each to be
// found. The record is what the service would read.
func (c *randomCase) spoil(t *testing.T, data []byte) (tried int) {
	t.Helper()
	var whole capture.Record
	if err := json.Unmarshal(data, &whole); err != nil {
		t.Fatal(err)
	}
	if err := capture.Check(whole); err != nil {
		t.Fatalf("as the service reads it: %v", err)
	}
	for name, change := range c.changes(whole) {
		r := whole
		r.Prints, r.Exceptions, r.Marks = slices.Clone(r.Prints), slices.Clone(r.Exceptions), slices.Clone(r.Marks)
		change(&r)
		tried++
		if capture.Check(r) == nil {
			t.Fatalf("%s: the check is content\n%s\n%s", name, strings.Join(c.log, "\n"), data)
		}
	}
	return tried
}

// changes are the ways to spoil a record.
func (c *randomCase) changes(r capture.Record) map[string]func(*capture.Record) {
	all := map[string]func(*capture.Record){
		"another version":    func(r *capture.Record) { r.Version++ },
		"no rights":          func(r *capture.Record) { r.Rights = nil },
		"no officer":         func(r *capture.Record) { r.Officer = "" },
		"a mark more":        func(r *capture.Record) { r.Marks = append(r.Marks, spareMark(r.Marks)) },
		"a portrait or none": togglePortrait,
		"an unknown basis":   func(r *capture.Record) { r.Case.Facts.Basis = "9z" },
		"a refusal or none":  toggleRefusal,
		"an inability or none": func(r *capture.Record) {
			if r.Inability == nil {
				r.Inability = &capture.Inability{Kind: rule.UnablePermanently, Note: "x", SeenBy: "x"}
			} else {
				r.Inability = nil
			}
		},
		"another requirement": func(r *capture.Record) { r.Requirement.Photo.Required = !r.Requirement.Photo.Required },
		"a profile without a thumb": func(r *capture.Record) {
			r.Profile.Order = r.Profile.Order[:3]
		},
	}
	child := r.Case.Facts
	child.BirthDate = rule.BirthDate{Year: 2024, Month: 1, Day: 1}
	if need := rule.For(child, r.Case.LawDate); need.Decision != rule.Capture || need.Prints.Required != r.Requirement.Prints.Required {
		all["a child"] = func(r *capture.Record) { r.Case.Facts = child }
	}
	if len(r.Marks) > 0 {
		all["a mark less"] = func(r *capture.Record) { r.Marks = r.Marks[1:] }
	}
	for i, p := range r.Prints {
		all["without "+p.Position.String()] = func(r *capture.Record) { r.Prints = slices.Delete(r.Prints, i, i+1) }
		all["twice "+p.Position.String()] = func(r *capture.Record) { r.Prints = append(r.Prints, r.Prints[i]) }
		all["rolled "+p.Position.String()] = func(r *capture.Record) { r.Prints[i].Plain = false }
		all["bettered "+p.Position.String()] = func(r *capture.Record) { r.Prints[i].Score++ }
		all["lowered "+p.Position.String()] = func(r *capture.Record) { r.Prints[i].Threshold-- }
		all["coarse "+p.Position.String()] = func(r *capture.Record) { r.Prints[i].PPI = [2]int{300, 300} }
	}
	for i, e := range r.Exceptions {
		all["without exception "+e.Position.String()] = func(r *capture.Record) { r.Exceptions = slices.Delete(r.Exceptions, i, i+1) }
		all["exception twice "+e.Position.String()] = func(r *capture.Record) { r.Exceptions = append(r.Exceptions, r.Exceptions[i]) }
		all["no reason "+e.Position.String()] = func(r *capture.Record) { r.Exceptions[i].Reason = "because" }
		if e.Reason != capture.LowQuality {
			all["unseen "+e.Position.String()] = func(r *capture.Record) { r.Exceptions[i].SeenBy = "" }
		} else {
			all["untried "+e.Position.String()] = func(r *capture.Record) { r.Tried = nil }
		}
	}
	for _, p := range finger.All() {
		if !slices.ContainsFunc(r.Prints, func(x capture.Print) bool { return x.Position == p }) {
			all["with "+p.String()] = func(r *capture.Record) { r.Prints = append(r.Prints, aPrint(r.Profile, p)) }
		}
		if !slices.ContainsFunc(r.Exceptions, func(x capture.Exception) bool { return x.Position == p }) {
			all["with exception "+p.String()] = func(r *capture.Record) {
				r.Exceptions = append(r.Exceptions, capture.Exception{Position: p, Reason: capture.Missing, SeenBy: "x"})
			}
		}
	}
	all["a sixth finger"] = func(r *capture.Record) { r.Prints = append(r.Prints, aPrint(r.Profile, 11)) }
	all["exception of a sixth finger"] = func(r *capture.Record) {
		r.Exceptions = append(r.Exceptions, capture.Exception{Position: 0, Reason: capture.LowQuality})
	}
	return all
}

func spareMark(marks []rule.Mark) rule.Mark {
	for _, m := range []rule.Mark{rule.Recall, rule.AgeDisputed, rule.RetakePhoto} {
		if !slices.Contains(marks, m) {
			return m
		}
	}
	return "a fourth"
}

func togglePortrait(r *capture.Record) {
	if r.Portrait != nil {
		r.Portrait = nil
		return
	}
	r.Portrait = &capture.Portrait{MediaType: "image/jpeg", Width: 1244, Height: 1600, Checks: passed}
}

func toggleRefusal(r *capture.Record) {
	if r.Refusal != nil {
		r.Refusal = nil
		return
	}
	r.Refusal = &capture.Refusal{Items: []rule.Item{rule.ItemPrints}, By: "x"}
}

// aPrint is a print that nothing is wrong with but that it is there.
func aPrint(p capture.Profile, at finger.Position) capture.Print {
	score := 99
	threshold := p.Threshold[finger.Index]
	if at.Valid() {
		threshold = p.Threshold[at.Digit()]
	}
	return capture.Print{Position: at, Plain: true, Width: 256, Height: 256, PPI: [2]int{500, 500}, Score: score,
		Threshold: threshold, Attempts: []capture.Attempt{{Score: score, Outcome: capture.Sufficient}}}
}
