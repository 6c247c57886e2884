package notice

import (
	"slices"
	"strings"

	"optag/capture"
	"optag/capture/rule"
)

// Settings is what the law leaves to the authorities.
type Settings struct {
	Law        rule.Settings
	Categories capture.Categories // how Eurodac's reference numbers begin
}

// A states says which state a follow-up notice names.
type states uint8

const (
	noState  states = iota
	danish          // Denmark, which need not be named
	anyState        // Denmark or another, which is named
)

// A line is one line of the law on notices. What no line names may not be made.
type line struct {
	kind    Kind
	event   Event // of a follow-up notice
	purpose rule.Purpose
	bases   []rule.Basis // nil: all of the purpose
	state   states
	below   int // age on the day of capture that has to be found, of a deletion
	rule.Ground
}

const (
	adult      = 18
	eurodacAge = 14
	recastAge  = 6
)

var (
	category1 = []rule.Basis{rule.Art4}
	category2 = []rule.Basis{rule.Art8}
	asylum    = []rule.Basis{rule.AA7, rule.AA8}
)

// lines is the law on notices (sections 1, 3 and 7 of the digest). The last day
// of a follow-up notice is that of what Eurodac keeps ([rule.Kept]); for
// deletions and corrections the digest names none.
//
// That a finding of under fourteen has a Eurodac set deleted is our reading: the
// set is marked by row 10 as a card's is, and under that age there is none.
var lines = []line{
	{FollowUps, AsylumPermit, rule.Eurodac, category1, danish, 0,
		rule.Ground{Code: "notice_permit_7_1", Text: "Eurodac is told when an asylum applicant is given a permit under § 7(1).", Source: "AA § 58 j"}},
	{FollowUps, RefugeeStatus, rule.Eurodac, category1, anyState, 0,
		rule.Ground{Code: "notice_refugee_status", Text: "Eurodac is told when an asylum applicant is given refugee status in Denmark or another state.", Source: "AA § 58 j"}},
	{FollowUps, Citizenship, rule.Eurodac, category1, anyState, 0,
		rule.Ground{Code: "notice_citizenship", Text: "Eurodac is told when an asylum applicant becomes a citizen of Denmark or another state.", Source: "AA § 58 j"}},
	{FollowUps, Permit, rule.Eurodac, category2, anyState, 0,
		rule.Ground{Code: "notice_permit", Text: "Eurodac is told when somebody who crossed a border irregularly is given a permit.", Source: "AA § 58 j"}},
	{FollowUps, Citizenship, rule.Eurodac, category2, anyState, 0,
		rule.Ground{Code: "notice_border_citizenship", Text: "Eurodac is told when somebody who crossed a border irregularly becomes a citizen.", Source: "AA § 58 j"}},
	{FollowUps, LeftTerritory, rule.Eurodac, category2, noState, 0,
		rule.Ground{Code: "notice_left_territory", Text: "Eurodac is told when somebody who crossed a border irregularly has left the territory.", Source: "AA § 58 j"}},

	{Deletions, "", rule.ResidenceCard, nil, noState, adult,
		rule.Ground{Code: "notice_found_under_eighteen", Text: "What was taken of somebody judged an adult is deleted when the person is found to be under 18.", Source: "L167 no. 15, 17"}},
	{Deletions, "", rule.Eurodac, []rule.Basis{rule.Art4, rule.Art8}, noState, eurodacAge,
		rule.Ground{Code: "notice_found_under_eurodac_age", Text: "A Eurodac set of somebody judged an adult is deleted when the person is found to be below the age of Eurodac.", Source: "L167 no. 15, 17; ED art. 4, 8"}},

	{Corrections, "", rule.ResidenceCard, asylum, noState, 0,
		rule.Ground{Code: "notice_ask_asylum", Text: "The person may ask for correction or erasure of what the asylum track keeps.", Source: "AA § 40 a(13); R380 art. 4"}},
	{Corrections, "", rule.ResidenceCard, nil, noState, 0,
		rule.Ground{Code: "notice_ask_card", Text: "The holder may ask for correction or erasure of what the card has.", Source: "R380 art. 4"}},
	{Corrections, "", rule.Eurodac, nil, noState, 0,
		rule.Ground{Code: "notice_ask_eurodac", Text: "The person may ask that inaccurate data in Eurodac be corrected and unlawfully recorded ones erased.", Source: "ED art. 18"}},
	{Corrections, "", rule.PoliceRegister, nil, noState, 0,
		rule.Ground{Code: "notice_ask_register", Text: "The person may ask for correction or erasure of what the register has.", Source: "AA § 40 a(13)"}},
	{Corrections, "", rule.LongStayVisa, nil, noState, 0,
		rule.Ground{Code: "notice_ask_visa", Text: "The person may ask for correction or erasure of what was taken for the visa.", Source: "L167 7"}},
	{Corrections, "", rule.VIS, nil, noState, 0,
		rule.Ground{Code: "notice_ask_vis", Text: "The person may ask for correction or erasure of what was taken for the Visa Information System.", Source: "VIS rules"}},
}

// find returns the line that speaks of a notice.
func find(kind Kind, event Event, c Capture) (*line, bool) {
	for i := range lines {
		l := &lines[i]
		if l.kind == kind && l.event == event && l.purpose == c.Purpose && (l.bases == nil || slices.Contains(l.bases, c.Basis)) {
			return l, true
		}
	}
	return nil, false
}

// youngest is the age below which the line has a capture deleted, under the law
// of the day of capture.
func (s Settings) youngest(l *line, on rule.Date) int {
	if l.purpose == rule.Eurodac && s.recast(on) {
		return recastAge
	}
	return l.below
}

// recast reports whether Regulation (EU) 2024/1358 binds on a day.
func (s Settings) recast(on rule.Date) bool {
	from := s.Law.EurodacRecastFrom
	return !from.IsZero() && !on.Before(from)
}

// facts of the capture, as far as the law on notices asks for them.
func (c Capture) facts() rule.Facts {
	f := rule.Defaults()
	f.Purpose, f.Basis, f.CaptureOn, f.JudgedAdult = c.Purpose, c.Basis, c.On, c.JudgedAdult
	return f
}

// until is the last day of a follow-up notice: that on which Eurodac keeps the
// set. ok is false where it keeps none.
func (c Capture) until() (day rule.Date, by rule.Retention, ok bool) {
	for _, k := range rule.Kept(c.facts()) {
		if k.From == rule.FromCapture {
			return k.Ends(c.On), k, true
		}
	}
	return rule.Date{}, rule.Retention{}, false
}

// aims are those for which a notice may take a way that the law has for
// something else: a notice of Eurodac its own, every other the capture's.
func (k Kind) aims() []rule.Aim {
	switch k {
	case FollowUps:
		return []rule.Aim{rule.AimNotice}
	case Deletions:
		return []rule.Aim{rule.AimNotice, rule.AimEnrolment, rule.AimVisa}
	}
	return []rule.Aim{rule.AimEnrolment, rule.AimVisa}
}

// where lists the kinds of station at which a notice may be made: those of the
// parties that may tell the controller of the case, by the provisions source.
func (s Settings) where(kind Kind, c Capture, to rule.Controller) (list []rule.Station, source string) {
	var sources []string
	for _, p := range s.Law.Passages(c.facts(), rule.Date{}) {
		if string(p.To) != string(to) || !slices.Contains(kind.aims(), p.Aim) {
			continue
		}
		for _, at := range rule.Stations() {
			if slices.Contains(p.From, at.Authority()) && !slices.Contains(list, at) {
				list = append(list, at)
			}
		}
		if !slices.Contains(sources, p.Source) {
			sources = append(sources, p.Source)
		}
	}
	return list, strings.Join(sources, "; ")
}

// EventsOf lists the events of which Eurodac is told of a capture; none for what
// has no follow-up notice.
func EventsOf(c Capture) (list []Event) {
	for _, e := range Events() {
		if _, ok := find(FollowUps, e, c); ok {
			list = append(list, e)
		}
	}
	return list
}

// Items lists what the controller keeps of a capture.
func (s Settings) Items(c Capture) (list []Item) {
	if c.Purpose == rule.Eurodac {
		list = append(list, Prints, Everything)
		if s.recast(c.On) {
			list = append(list, Photo)
		}
		if c.Basis != rule.Art11 { // the law has its reference number and nothing else
			list = append(list, CapturedOn)
		}
		for _, d := range s.Law.Data(c.facts(), rule.Date{}) {
			list = append(list, Item(d.Datum))
		}
		return list
	}
	list = append(list, Name, BirthDate, CaseNumber, CapturedOn, Everything)
	if c.Purpose != rule.PoliceRegister {
		list = append(list, Photo)
	}
	if c.Purpose != rule.LongStayVisa {
		list = append(list, Prints)
	}
	return list
}
