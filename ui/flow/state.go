// Package flow is the counter as a state machine: what the clerk and the
// devices do comes in as events, what the station must do goes out as effects,
// and in between there is nothing but the state. It knows no widget, device,
// disk or clock: the time comes in with each event.
//
// One goroutine owns a [Counter]. Neither events nor effects print a name, a
// number or a pixel.
package flow

import (
	"time"

	"optag/capture"
	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/rule"
	"optag/device"
)

// A Page is what the clerk's screen is about.
type Page string

// The pages.
const (
	Login      Page = "login"
	Home       Page = "home"
	CaseForm   Page = "case"
	Law        Page = "law"
	Decision   Page = "decision" // the law asks for nothing here, or a fact is missing
	Rights     Page = "rights"
	Prints     Page = "prints"
	Exceptions Page = "exceptions"
	Refusal    Page = "refusal"
	Force      Page = "force" // the police secured what was refused
	Portrait   Page = "portrait"
	Reason     Page = "reason" // why something is kept or thrown away
	Review     Page = "review"
	Delivery   Page = "delivery"
	Queue      Page = "queue"
	Devices    Page = "devices"
	Lost       Page = "lost" // a device that is needed now is gone
)

// State is all that the two screens show. Whoever draws it may read it and
// must not change it.
type State struct {
	Station  Station
	Settings Settings
	Page     Page
	Now      time.Time // of the last event
	Officer  *Officer  // nil: nobody is logged in
	Login    LoginState
	Staff    StaffCard // what lies in the reader of staff cards
	Status   Status
	Notice   Notice
	Look     Look

	// The case. Session is nil until the facts are decided.
	Form    Form
	Session *capture.Session
	Number  string // the case's number, for Eurodac the reference number; stays when the session is gone
	Draft   string // "safe": all of the case is on disk, sealed; "failed": it could not be kept; "" otherwise

	RightsPage  int // from 0
	RightsPages int
	Aloud       bool // the rights text was read aloud
	Finger      FingerState
	Slaps       bool // the scanner takes several fingers at once
	Marking     Marking
	Refusing    Refusing
	Securing    Securing
	Reasoning   Reasoning
	Photo       PhotoState
	Face        FaceState // in the chip of the document
	Delivery    DeliveryState
	Gone        *Gone // the device that is gone; nil when none is
	Test        SelfTest
	Told        Told // the notice in front
	Card        CardState
	Asking      Page // page to return to from Refusal, Exceptions or Lost
}

// Station is where the counter stands.
type Station struct {
	ID    string       `json:"id"`
	Name  string       `json:"name"`  // "Nordjylland Police, Aalborg"
	Place string       `json:"place"` // "Counter 2"
	Kind  rule.Station `json:"kind"`
}

// Settings are the counter's own, from the station's settings file.
type Settings struct {
	Language string          // of the clerk's screen, "da" or "en"
	Profile  capture.Profile // of taking prints
	Texts    RightsTexts     // of the rights information
	Idle     time.Duration   // after which the counter locks; 0 never
	Cards    bool            // the counter has a reader of chips
	Staff    StaffCards      // how officers log in
}

// RightsTexts finds the rights information for a case in a language.
type RightsTexts func(f rule.Facts, need rule.Requirement, language string) RightsText

// RightsText is the rights information of a case, without its words.
type RightsText struct {
	ID, Version, SHA256 string
	Pages               int
}

// Officer is who is logged in. The id goes into the package, the name does not.
type Officer struct {
	ID   string
	Name string
	Role string // "clerk", "supervisor", "technician"

	// Certificate is the SHA-256 of that of the card with which they logged in,
	// in hexadecimal; "" where they typed a PIN alone. It stands for them in the
	// log.
	Certificate string
}

// Actor is what the log calls the officer: by the certificate of the card with
// which they logged in, or else by their id.
func (o Officer) Actor() string {
	if o.Certificate != "" {
		return "card:" + o.Certificate
	}
	return o.ID
}

// LoginState is how logging in stands.
type LoginState struct {
	ByCard   bool   // the PIN asked for is the card's
	Refused  string // why the card was, a code of CardRefused; "" otherwise
	Refusals int    // of cards, since the page was opened: after each, the PIN is typed anew
	Gone     bool   // the counter locked because the card was taken away
	Typed    bool   // something stands in the field of the staff number
	Checking bool
	Wrong    bool
	Left     int       // tries left; meaningful while Wrong
	Until    time.Time // no try by number before
	Waiting  bool      // a case is held while the counter is locked
}

// Status is what the status bar tells.
type Status struct {
	Online    bool
	Waiting   int // packages not delivered
	Delivered int // today
	Devices   int // in order
	Expected  int // devices that should be there
	FreeGB    int
	KeysUntil time.Time
	Packages  []Package  // of the queue, oldest first
	Attached  []Attached // in order, and those that should be there
	Stuck     int        // packages the service refused
}

// Attached is one device of the counter.
type Attached struct {
	Kind string // "scanner", "camera", "mrz" or "card"
	Gone bool   // it should be there, and does not answer; then Info is empty
	device.Info
}

// SelfTest is the last test of the devices, on the devices page.
type SelfTest struct {
	Running bool
	At      time.Time // it began; zero before the first
	Checks  []Tested  // in order
}

// Tested is one check of a self-test, as package selftest words it.
type Tested struct {
	Device, ID  string // codes
	Name, Found string // in English, for what the screen has no words
	Outcome     string // "pass", "warn", "fail" or "skipped"
	Trend       []float64
}

// A Package is one line of the queue page.
type Package struct {
	ID      string
	State   string // of package queue: "queued", "sending", "delivered", "refused"
	Sealed  time.Time
	Size    int64
	Tries   int
	Problem string // code; "" when there is none
}

// Look is how the screens are drawn and in which language.
type Look struct {
	Language     string // of the clerk's screen
	Person       string // language of the applicant's screen
	HighContrast bool
	Still        bool // reduced motion
	TextSize     int  // percent
	HandedOver   bool // the applicant's screen covers the work area
}

// A Notice is what the advice line says, as a code with its particulars.
type Notice struct {
	Code   string
	Tone   string // "", "good", "advice", "stop", "info", "retry", "wait"
	Finger finger.Position
	Slap   finger.Slap // where it is about all the fingers of a slap
	Other  finger.Position
	Number int
	Word   string // a code: of a fact, device or cause
}

// Form is the case as the clerk has typed it so far.
type Form struct {
	Values map[string]string // by field; flags are "yes" or ""
	Wrong  map[string]string // by field: code of what is wrong
	Reading
}

// A Reading is the document that was read for the form last: the zone that was
// drawn through the reader while it was open, or a chip.
type Reading struct {
	Read      map[string]string // what it says, by field; nil: none was read. It fills what is empty and is compared with the rest
	Source    string            // FromZone, FromChip or FromUnproven
	Shortened bool              // its names may be cut
	Explained map[string]string // what it says in the fields of which an officer said why the case has something else
}

// FingerState is the finger in front of the glass.
type FingerState struct {
	Task  capture.Task    // asked for; without fingers while the last one is being lifted
	Taken finger.Position // the first of those just taken and not lifted yet; 0 otherwise
	Live  capture.Live

	// Last is the last presentation, until the next one begins: of a slap, that
	// of the finger furthest from its threshold.
	Last *capture.Attempt

	Presented capture.Task // last, whatever is asked for now
	Unusable  int          // slaps in a row that could not be used
}

// Asked is the finger asked for, the first of a slap; 0 for none.
func (f FingerState) Asked() finger.Position { return f.Task.First() }

// Marking is the exceptions page.
type Marking struct {
	Picked finger.Position
	Palm   bool // the whole hand of Picked
	Reason capture.Reason
	Note   string
}

// Refusing is the refusal page.
type Refusing struct {
	Prints, Photo    bool
	Explained, Asked bool
}

// Reasoning is the page on which the officer says why.
type Reasoning struct {
	What   string          // "accept_print", "accept_portrait", "discard", "change_read" or "abandon"
	Finger finger.Position // of accept_print and discard
	Code   string          // one of Codes
	Note   string
	From   Page
}

// PhotoState is the portrait page.
type PhotoState struct {
	Checks   []face.Check // of the live picture
	Shooting bool
	Judged   map[string]bool
	Reason   string // why it is kept against a check
}

// DeliveryState is the way of the package.
type DeliveryState struct {
	Package              string
	Size                 int64
	Sealing              bool
	Sealed, Sent         time.Time
	Receipted, Destroyed time.Time
	Receipt              string // short form for the paper
	Portrait             bool
	Fingers              []finger.Position
	Purpose              rule.Purpose
	Controller           rule.Controller
	Clock                Clock
	Offline              bool
	Refused              string // code
}

// A Clock runs from the capture to the hand-over, where the law wants that
// promptly.
type Clock struct {
	From  time.Time     // when the first print was taken; zero where no clock runs
	Limit time.Duration // by the law; 0 where it says promptly and no more
	Took  time.Duration // until the service signed; 0 while it has not
}

// Gone is a device that is needed and does not answer.
type Gone struct {
	Device string // "scanner" or "camera"
	Cause  string // "unplugged", "silent", "garbled" or "failed"
	Since  time.Time
}

// Steps lists the six steps of a case in the order of the rail.
func Steps() []Page { return []Page{CaseForm, Rights, Prints, Portrait, Review, Delivery} }

// Step is the step of the rail to which a page belongs; "" outside a case.
func (s *State) Step() Page {
	page := s.Page
	if page == Lost {
		page = s.Asking
	}
	switch page {
	case CaseForm, Law, Decision:
		return CaseForm
	case Reason:
		return s.Reasoning.From
	case Card:
		return s.Card.For
	case Exceptions, Refusal, Force:
		if s.Session != nil && !s.Session.WantsPrints() && s.Asking == Portrait {
			return Portrait
		}
		return Prints
	case Rights, Prints, Portrait, Review, Delivery:
		return page
	}
	return ""
}

// Done reports whether a step of the rail is finished.
func (s *State) Done(step Page) bool {
	if step == Delivery {
		return !s.Delivery.Destroyed.IsZero()
	}
	if s.Delivery.Package != "" {
		return true
	}
	if s.Session == nil {
		return false
	}
	switch step {
	case CaseForm:
		return s.Session.Requirement().Decision == rule.Capture && s.Page != Law && s.Page != CaseForm
	case Rights:
		return s.Session.Rights() != nil
	case Prints:
		_, more := s.Session.NextPrint()
		return s.Session.Rights() != nil && !more
	case Portrait:
		kept, _ := s.Session.Portrait()
		return s.Session.Rights() != nil && (!s.Session.WantsPortrait() || s.photoGood(kept))
	}
	return false
}

// photoGood reports whether a picture may go into the package.
func (s *State) photoGood(p *capture.Portrait) bool {
	return p != nil && (len(face.Blocking(p.Checks)) == 0 || p.Accepted != "")
}

// Ready reports whether everything the law asks for is there.
func (s *State) Ready() bool {
	return s.Session != nil && s.Session.Requirement().Decision == rule.Capture &&
		s.Done(Rights) && s.Done(Prints) && s.Done(Portrait)
}

// Would is the law's answer if the refusal on the page were recorded.
func (s *State) Would() rule.Requirement { return s.Session.Would(s.Refusing.items()) }

// Later is what follows what is asked for, if that is taken.
func (s *State) Later() capture.Task { return s.Session.After(s.Finger.Task) }

// Clock is that of the case in front, while it is open and after it was
// sealed.
func (s *State) Clock() (h Clock) {
	if s.Session == nil {
		return s.Delivery.Clock
	}
	k := s.Session.Case()
	limit, timed := s.Settings.Profile.Law.HandOver(k.Facts, k.LawDate)
	if !timed {
		return h
	}
	h.Limit = limit
	for _, p := range s.Session.Kept() {
		if at := s.Session.Print(p).At; h.From.IsZero() || at.Before(h.From) {
			h.From = at
		}
	}
	return h
}
