// Package notice is what is said about a capture after it has left the station:
// a follow-up notice to Eurodac, the deletion of what was taken of somebody who
// is found to be younger, and what the person asks to have corrected or erased.
// It says which notice may be made of which capture, by whom and until when,
// reads what an officer writes, and writes and judges what travels.
//
// A notice refers to a capture and holds no biometrics. It knows no clock, disk
// or key: sealing and delivery are those of any package.
package notice

import (
	"time"

	"optag/capture"
	"optag/capture/rule"
)

// Version numbers the shape of [Notice].
const Version = 1

// A Kind is what a notice is for.
type Kind string

// The kinds of notice.
const (
	FollowUps   Kind = "follow_up"  // so that Eurodac blocks or erases (AA § 58 j)
	Deletions   Kind = "deletion"   // found to be too young after having been judged an adult (L167 no. 15, 17)
	Corrections Kind = "correction" // what the person asks for (ED art. 18; AA § 40 a(13); R380 art. 4)
)

// Kinds returns every kind.
func Kinds() []Kind { return []Kind{FollowUps, Deletions, Corrections} }

// An Event is what a follow-up notice tells of.
type Event string

// The events of AA § 58 j.
const (
	AsylumPermit  Event = "permit_7_1" // permit under AA § 7(1)
	RefugeeStatus Event = "refugee_status"
	Permit        Event = "permit" // any residence permit
	Citizenship   Event = "citizenship"
	LeftTerritory Event = "left_territory"
)

// Events returns every event.
func Events() []Event {
	return []Event{AsylumPermit, RefugeeStatus, Permit, Citizenship, LeftTerritory}
}

// A Request is what an officer asks to have sent: one notice of one capture.
// Exactly the member that Kind names is there of the last three.
type Request struct {
	Kind       Kind        `json:"kind"`
	Capture    Capture     `json:"capture"`
	FollowUp   *FollowUp   `json:"follow_up,omitempty"`
	Deletion   *Deletion   `json:"deletion,omitempty"`
	Correction *Correction `json:"correction,omitempty"`
}

// A Capture says which capture the notice is of. One of the first three at
// least is there; the station itself keeps none of them.
type Capture struct {
	Package     string       `json:"package,omitempty"`          // id of its package, 32 hex digits: it stands on the receipt
	Number      string       `json:"case_number,omitempty"`      // the authority's own
	Reference   string       `json:"reference_number,omitempty"` // Eurodac's, of the category
	Purpose     rule.Purpose `json:"purpose"`
	Basis       rule.Basis   `json:"basis"`
	On          rule.Date    `json:"captured_on"`
	JudgedAdult bool         `json:"judged_adult,omitempty"` // the package is marked as of disputed age
}

// A FollowUp is what has happened to the person.
type FollowUp struct {
	Event Event     `json:"event"`
	On    rule.Date `json:"on"`              // the day of the permit, the status, the citizenship or the departure
	State string    `json:"state,omitempty"` // that gave it, as in a travel document: "DNK"
}

// A Deletion says that somebody who was judged an adult is found to be younger.
type Deletion struct {
	Birth   rule.BirthDate `json:"birth_date"` // as it is found to be, as far as it is known
	FoundOn rule.Date      `json:"found_on"`
	FoundBy string         `json:"found_by"` // the authority or court
}

// A Correction is what the person asks for.
type Correction struct {
	By             Asker  `json:"by"`
	Representative string `json:"representative,omitempty"` // who asks for the person, in one line
	Asks           []Ask  `json:"asks"`
	Statement      string `json:"statement,omitempty"` // in the person's own words
}

// An Asker is who brings a person's request.
type Asker string

// The askers.
const (
	ThePerson       Asker = "person"
	ARepresentative Asker = "representative" // a guardian or a lawyer
)

// An Action is what is to become of something that is kept.
type Action string

// The actions.
const (
	Correct Action = "correct" // it is inaccurate
	Erase   Action = "erase"   // it was recorded unlawfully
)

// An Ask is one thing that is to be corrected or erased.
type Ask struct {
	Item   Item   `json:"item"`
	Action Action `json:"action"`
	Right  string `json:"right,omitempty"` // what it has to be; never of a photo or prints, which are taken anew
}

// An Item is something that is kept of a capture.
type Item string

// The items. What goes with Eurodac's prints has the names of [rule.Datum].
const (
	Photo      = Item(rule.ItemPhoto)
	Prints     = Item(rule.ItemPrints)
	Name       = Item("name")
	BirthDate  = Item("birth_date")
	CaseNumber = Item("case_number")
	CapturedOn = Item("captured_on")
	Everything = Item("everything") // to be erased
)

// A Notice is what travels: the request, who made it, and the law's answer. It
// never leaves the station unsealed.
type Notice struct {
	Version int          `json:"version"`
	Station string       `json:"station"`
	Counter rule.Station `json:"station_kind"`
	Officer string       `json:"officer"`
	MadeAt  time.Time    `json:"made_at"` // whole seconds, UTC
	Day     rule.Date    `json:"day"`     // the station's own, on which the law was asked
	Request
	Controller rule.Controller    `json:"controller"`
	Until      rule.Date          `json:"until,omitzero"` // the last day for it; zero: the law names none
	Grounds    []rule.Ground      `json:"grounds"`
	Law        rule.Settings      `json:"law,omitzero"`
	Categories capture.Categories `json:"categories"` // how reference numbers begin
}

// A Maker is the counter at which a notice is made, and who makes it.
type Maker struct {
	Station string       // id
	Kind    rule.Station //
	Officer string       // id
}

// Make makes the notice that an officer asks for, at a moment in the station's
// own zone. It fails with [Faults] where the law does not let it be made.
func (s Settings) Make(r Request, by Maker, at time.Time) (Notice, error) {
	day := rule.DateOf(at)
	a, err := s.For(r, by.Kind, day)
	if err != nil {
		return Notice{}, err
	}
	n := Notice{
		Version: Version, Station: by.Station, Counter: by.Kind, Officer: by.Officer,
		MadeAt: at.UTC().Truncate(time.Second), Day: day, Request: r,
		Controller: a.Controller, Until: a.Until, Grounds: a.Grounds, Law: s.Law, Categories: s.Categories,
	}
	return n, Check(n)
}
