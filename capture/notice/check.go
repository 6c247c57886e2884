package notice

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"optag/capture/mrz"
	"optag/capture/rule"
)

// A Fault is one reason why a notice may not be made. It repeats nothing of what
// was asked but the days that the law counts.
type Fault struct {
	Field   string `json:"field"`          // as in the request, "capture.captured_on"; "" for the whole
	Code    Code   `json:"code,omitempty"` // of what the law refuses; "" of what is written wrong
	Problem string `json:"problem"`
	Source  string `json:"source,omitempty"` // the provision; "" where nobody needs one
}

// A Code names a refusal of the law, for other languages and other programs. It
// is never given another meaning.
type Code string

// The refusals.
const (
	TooLate       Code = "too_late"       // the last day is over
	NotEurodac    Code = "not_eurodac"    // a follow-up notice of something else
	CategoryThree Code = "category_three" // which has no follow-up notice
	NotTold       Code = "not_told"       // of this event, in this category
	NotHere       Code = "not_here"       // this kind of station may not make it
	NoDeletion    Code = "no_deletion"    // follows from an age in such a capture
	NotJudged     Code = "not_judged"     // an adult
	OldEnough     Code = "old_enough"     // for what was captured
	AgeOpen       Code = "age_open"       // the date of birth is too incomplete
)

// Faults is the error of [Parse], [Settings.For] and [Check]: every fault that
// was found, in the order of the request's fields.
type Faults []Fault

// Error joins the faults into one line.
func (fs Faults) Error() string {
	words := make([]string, len(fs))
	for i, f := range fs {
		words[i] = f.Problem
		if f.Field != "" {
			words[i] = f.Field + ": " + f.Problem
		}
		if f.Source != "" {
			words[i] += " (" + f.Source + ")"
		}
	}
	return strings.Join(words, "; ")
}

// AsFaults returns the faults inside err.
func AsFaults(err error) (Faults, bool) {
	var fs Faults
	return fs, errors.As(err, &fs)
}

// An Answer is what the law says of a notice that may be made.
type Answer struct {
	Controller rule.Controller `json:"controller"`     // who is told
	Until      rule.Date       `json:"until,omitzero"` // the last day; zero: the law names none
	Grounds    []rule.Ground   `json:"grounds"`
}

// Limits of what an officer writes, in characters, but for maxAsks.
const (
	maxNumber    = 64
	maxLine      = 200
	maxStatement = 2000
	maxAsks      = 32
)

// For says whether a notice may be made on a day at a kind of station, to whom
// it goes, until when and why. It fails with [Faults].
func (s Settings) For(r Request, at rule.Station, today rule.Date) (Answer, error) {
	c := checker{s: s, r: r, today: today}
	c.words()
	if len(c.faults) > 0 {
		return Answer{}, c.faults // the law is asked about what is understood
	}
	c.capture()
	switch r.Kind {
	case FollowUps:
		c.followUp()
	case Deletions:
		c.deletion()
	case Corrections:
		c.correction()
	}
	a := c.answer(at)
	if len(c.faults) > 0 {
		return Answer{}, c.faults
	}
	return a, nil
}

// A checker collects what is wrong with a request.
type checker struct {
	s      Settings
	r      Request
	today  rule.Date
	faults Faults
}

func (c *checker) find(bad bool, field, problem, source string) bool {
	if bad {
		c.faults = append(c.faults, Fault{Field: field, Problem: problem, Source: source})
	}
	return bad
}

// refuse is find for what the law refuses.
func (c *checker) refuse(bad bool, code Code, field, problem, source string) bool {
	if bad {
		c.faults = append(c.faults, Fault{field, code, problem, source})
	}
	return bad
}

// words checks that the notice is of a kind and a capture that there are, and
// says what belongs to its kind and nothing else.
func (c *checker) words() {
	r := c.r
	if c.find(!slices.Contains(Kinds(), r.Kind), "kind", oneOf(Kinds()), "") {
		return
	}
	if !c.find(!slices.Contains(rule.Purposes(), r.Capture.Purpose), "capture.purpose", oneOf(rule.Purposes()), "") {
		bases := rule.Bases(r.Capture.Purpose)
		c.find(!slices.Contains(bases, r.Capture.Basis), "capture.basis", oneOf(bases), "")
	}
	for _, member := range []struct {
		kind  Kind
		there bool
	}{
		{FollowUps, r.FollowUp != nil}, {Deletions, r.Deletion != nil}, {Corrections, r.Correction != nil},
	} {
		if member.kind == r.Kind {
			c.find(!member.there, string(member.kind), "it is missing", "")
		} else {
			c.find(member.there, string(member.kind), "it does not belong to a notice of this kind", "")
		}
	}
}

// capture checks what the notice says of the capture.
func (c *checker) capture() {
	m := c.r.Capture
	c.find(m.Package != "" && !packageID(m.Package), "capture.package", "it is 32 hex digits", "")
	c.find(!written(m.Number, maxNumber), "capture.case_number", fmt.Sprintf("it is one line of at most %d characters", maxNumber), "")
	c.find(m.Package == "" && m.Number == "" && m.Reference == "", "capture", "the package, the case number or the reference number is needed", "")
	eurodac := m.Purpose == rule.Eurodac
	switch {
	case c.find(!eurodac && m.Reference != "", "capture.reference_number", "only Eurodac has one", ""):
	case c.find(m.Reference != "" && !c.s.Categories.Numbered(m.Basis, m.Reference), "capture.reference_number",
		"it is the state's letters, the digit of the category, and letters and digits of the authority's own", ""):
	case c.find(eurodac && m.Reference == "" && c.r.Kind != Corrections, "capture.reference_number", "Eurodac finds the set by it", "ED art. 5, 8"):
	}
	switch {
	case c.find(m.On.IsZero(), "capture.captured_on", "it is missing", ""):
	case c.find(m.On.After(c.today), "capture.captured_on", "it lies in the future", ""):
	}
}

func (c *checker) followUp() {
	f := c.r.FollowUp
	if c.find(!slices.Contains(Events(), f.Event), "follow_up.event", oneOf(Events()), "") {
		return
	}
	c.day("follow_up.on", f.On)
	if c.refuse(c.r.Capture.Purpose != rule.Eurodac, NotEurodac, "capture.purpose", "follow-up notices are of Eurodac's sets", "AA § 58 j") ||
		c.refuse(c.r.Capture.Basis == rule.Art11, CategoryThree, "capture.basis", "of category 3 there is no notice: its set is erased after the comparison", "AA § 58 j; ED art. 11") {
		return
	}
	l, ok := find(FollowUps, f.Event, c.r.Capture)
	if c.refuse(!ok, NotTold, "follow_up.event", "of this category Eurodac is not told of it; it is told of "+words(EventsOf(c.r.Capture)), "AA § 58 j") {
		return
	}
	c.find(f.Event == LeftTerritory && f.On.Before(c.r.Capture.On) && !f.On.IsZero(), "follow_up.on", "it lies before the capture", "")
	switch l.state {
	case noState:
		c.find(f.State != "", "follow_up.state", "no state gave it", "")
	case danish:
		c.find(f.State != "" && f.State != "DNK", "follow_up.state", "the permit is Denmark's", "AA § 7(1)")
	case anyState:
		c.find(len(f.State) < 1 || f.State != strings.ToUpper(f.State) || !mrz.Known(f.State), "follow_up.state", "it is the code of a state as in a travel document, DNK for Denmark", "")
	}
}

// day checks the day of something that has happened.
func (c *checker) day(field string, d rule.Date) bool {
	return !c.find(d.IsZero(), field, "it is missing", "") && !c.find(d.After(c.today), field, "it lies in the future", "")
}

func (c *checker) deletion() {
	d, m := c.r.Deletion, c.r.Capture
	c.find(d.FoundBy == "" || !written(d.FoundBy, maxLine), "deletion.found_by", fmt.Sprintf("the authority or court is needed, in one line of at most %d characters", maxLine), "")
	c.find(c.day("deletion.found_on", d.FoundOn) && d.FoundOn.Before(m.On), "deletion.found_on", "it lies before the capture", "")
	l, ok := find(Deletions, "", m)
	if c.refuse(!ok, NoDeletion, "capture.basis", "no deletion follows from an age in a capture of this kind; the person may ask for erasure", "L167 no. 15, 17") {
		return
	}
	c.refuse(!m.JudgedAdult, NotJudged, "capture.judged_adult", "only who was judged an adult is found to be younger; others ask for erasure", "L167 no. 15, 17")
	below := c.s.youngest(l, m.On)
	switch {
	case c.find(d.Birth.IsZero(), "deletion.birth_date", "it is missing", ""):
	case c.find(d.Birth.Earliest().After(m.On), "deletion.birth_date", "it lies after the capture", ""):
	case rule.Age(d.Birth.Earliest(), m.On) < below:
	case rule.Age(d.Birth.Latest(), m.On) < below && !d.Birth.Complete():
		c.refuse(true, AgeOpen, "deletion.birth_date", fmt.Sprintf("whether the person was under %d on the day of the capture cannot be said of so little of a date", below), l.Source)
	default:
		c.refuse(true, OldEnough, "deletion.birth_date", fmt.Sprintf("the person was not under %d on the day of the capture", below), l.Source)
	}
}

func (c *checker) correction() {
	q := c.r.Correction
	c.find(q.By != ThePerson && q.By != ARepresentative, "correction.by", oneOf([]Asker{ThePerson, ARepresentative}), "")
	switch line := written(q.Representative, maxLine); q.By {
	case ThePerson:
		c.find(q.Representative != "", "correction.representative", "the person asks", "")
	case ARepresentative:
		c.find(q.Representative == "" || !line, "correction.representative", fmt.Sprintf("it is needed, in one line of at most %d characters", maxLine), "")
	}
	c.find(len(q.Asks) == 0, "correction.asks", "nothing is asked for", "")
	c.find(len(q.Asks) > maxAsks, "correction.asks", fmt.Sprintf("there are more than %d", maxAsks), "")
	seen := map[Item]bool{}
	for i, a := range q.Asks {
		c.ask(fmt.Sprintf("correction.asks[%d].", i), a, seen[a.Item])
		seen[a.Item] = true
	}
	c.find(seen[Everything] && len(seen) > 1, "correction.asks", "everything is asked for, and something beside it", "")
	c.find(!text(q.Statement, maxStatement), "correction.statement", fmt.Sprintf("it is at most %d characters", maxStatement), "")
}

func (c *checker) ask(field string, a Ask, twice bool) {
	kept := c.s.Items(c.r.Capture)
	c.find(!slices.Contains(kept, a.Item), field+"item", oneOf(kept)+"; nothing else is kept of such a capture", "")
	c.find(twice, field+"item", "it is asked about twice", "")
	image := a.Item == Photo || a.Item == Prints
	switch a.Action {
	case Erase:
		c.find(a.Right != "", field+"right", "what is erased has no right value", "")
	case Correct:
		c.find(a.Item == Everything, field+"action", "everything can be erased and not corrected", "")
		c.find(image && a.Right != "", field+"right", "a notice holds no biometrics: they are taken anew", "")
		c.find(!image && a.Item != Everything && a.Right == "", field+"right", "it is missing", "")
		c.find(!written(a.Right, maxLine), field+"right", fmt.Sprintf("it is one line of at most %d characters", maxLine), "")
	default:
		c.find(true, field+"action", oneOf([]Action{Correct, Erase}), "")
	}
}

// answer asks who is told, who may tell, and until when.
func (c *checker) answer(at rule.Station) Answer {
	m := c.r.Capture
	var event Event
	if c.r.FollowUp != nil {
		event = c.r.FollowUp.Event
	}
	l, ok := find(c.r.Kind, event, m)
	if !ok || m.On.IsZero() {
		return Answer{} // said already
	}
	a := Answer{Controller: rule.For(m.facts(), rule.Date{}).Controller, Grounds: []rule.Ground{l.Ground}}
	where, by := c.s.where(c.r.Kind, m, a.Controller)
	c.refuse(!slices.Contains(where, at), NotHere, "", "this kind of station may not make the notice; it may be made at "+words(where), by)
	if c.r.Kind != FollowUps {
		return a
	}
	until, kept, ok := m.until()
	if !ok {
		panic("notice: internal error: a follow-up notice of what is not kept")
	}
	a.Until = until
	a.Grounds = append(a.Grounds, rule.Ground{Code: "notice_in_time", Text: kept.Text, Source: kept.Source})
	c.refuse(c.today.After(until), TooLate, "capture.captured_on", "the last day was "+until.String()+": "+strings.TrimSuffix(kept.Text, "."), kept.Source)
	return a
}

// packageID reports whether a text is the id of a package.
func packageID(s string) bool { return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == "" }

// written reports whether a text is empty or one trimmed line.
func written(s string, most int) bool {
	return text(s, most) && s == strings.TrimSpace(s) && !strings.Contains(s, "\n")
}

// text reports whether a text is empty or printed lines.
func text(s string, most int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most &&
		!strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) })
}

// oneOf says which words there are.
func oneOf[T ~string](list []T) string { return "it is " + words(list) }

func words[T ~string](list []T) string {
	all := make([]string, len(list))
	for i, w := range list {
		all[i] = string(w)
	}
	return strings.Join(all, ", ")
}
