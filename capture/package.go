package capture

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/rule"
	"optag/device"
)

// RecordVersion numbers the shape of [Record].
const RecordVersion = 1

// A Record is everything about a capture but its pictures: what the package
// holds as session.json. It never leaves the station unsealed.
type Record struct {
	Version     int              `json:"version"`
	Station     string           `json:"station"`
	Officer     string           `json:"officer"`
	Case        Case             `json:"case"`
	Requirement rule.Requirement `json:"requirement"`
	Marks       []rule.Mark      `json:"marks"` // the law's and those found during the capture
	Rights      *Rights          `json:"rights"`
	Portrait    *Portrait        `json:"portrait"`
	Photos      int              `json:"portrait_attempts"`
	Prints      []Print          `json:"prints"`
	Exceptions  []Exception      `json:"exceptions"`
	Tried       []Tried          `json:"tried"` // fingers with attempts but no print in the package
	Inability   *Inability       `json:"inability"`
	Refusal     *Refusal         `json:"refusal"`
	Profile     Profile          `json:"profile"`
	Finished    time.Time        `json:"finished"`
}

// A Print is one print in the package; its image is a part of its own.
type Print struct {
	Position  finger.Position `json:"position"`
	Plain     bool            `json:"plain"` // placed flat, not rolled
	Width     int             `json:"width"`
	Height    int             `json:"height"`
	PPI       [2]int          `json:"ppi"`
	Score     int             `json:"score"`
	Threshold int             `json:"threshold"`
	Algorithm string          `json:"algorithm"`
	Attempts  []Attempt       `json:"attempts"`
	Accepted  string          `json:"accepted,omitempty"` // why it was kept below the threshold
	Device    device.Info     `json:"device"`
	At        time.Time       `json:"at"`
}

// Tried is a finger that was presented and gave no print for the package.
type Tried struct {
	Position finger.Position `json:"position"`
	Attempts []Attempt       `json:"attempts"`
}

// A Part is one file of the package.
type Part struct {
	Name      string // "session.json", "portrait.jpg", "right_index.png"
	MediaType string
	Data      []byte
}

// Finish makes the record and the parts of the package. It fails with what
// [Check] finds, and the session goes on as it was.
func (s *Session) Finish(station, officer string, at time.Time) (Record, []Part, error) {
	r := s.record(station, officer, at)
	if _, more := s.NextPrint(); more {
		ask, _ := s.NextPrint()
		return Record{}, nil, fmt.Errorf("closing the case: %w", Faults{{Gap, ask.String(), "it has neither a print nor an exception"}})
	}
	if err := Check(r); err != nil {
		return Record{}, nil, fmt.Errorf("closing the case: %w", err)
	}
	parts, err := s.parts(r)
	if err != nil {
		return Record{}, nil, fmt.Errorf("closing the case: %w", err)
	}
	return r, parts, nil
}

func (s *Session) record(station, officer string, at time.Time) Record {
	r := Record{
		Version: RecordVersion, Station: station, Officer: officer, Case: s.begun,
		Requirement: s.need, Marks: slices.Clone(s.need.Marks), Rights: s.rights, Photos: s.photos,
		Inability: s.unable, Refusal: s.refused, Profile: s.profile, Finished: at,
		Prints: []Print{}, Exceptions: []Exception{}, Tried: []Tried{},
	}
	if s.WantsPortrait() {
		r.Portrait = s.portrait
	}
	if s.Recall() && !slices.Contains(r.Marks, rule.Recall) {
		r.Marks = append(r.Marks, rule.Recall)
	}
	kept := s.Kept()
	for _, p := range kept {
		r.Prints = append(r.Prints, s.print(p))
	}
	for _, p := range finger.All() {
		if slices.Contains(kept, p) {
			continue
		}
		if e := s.Exception(p); e != nil {
			r.Exceptions = append(r.Exceptions, *e)
		}
		if a := s.fingers[p].attempts; len(a) > 0 {
			r.Tried = append(r.Tried, Tried{p, slices.Clone(a)})
		}
	}
	return r
}

func (s *Session) print(p finger.Position) Print {
	f := &s.fingers[p]
	return Print{
		Position: p, Plain: true,
		Width: f.best.Image.Rect.Dx(), Height: f.best.Image.Rect.Dy(), PPI: f.best.PPI,
		Score: f.score, Threshold: s.Threshold(p), Algorithm: finger.Algorithm,
		Attempts: slices.Clone(f.attempts), Accepted: f.accepted, Device: f.best.Device, At: f.best.At,
	}
}

// parts packs exactly what the record names.
func (s *Session) parts(r Record) ([]Part, error) {
	head, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the record: %w", err)
	}
	parts := []Part{{"session.json", "application/json", head}}
	if r.Portrait != nil {
		name := PortraitName(r.Portrait.MediaType)
		if name == "" {
			return nil, fmt.Errorf("packing the portrait: its type %q is not known", r.Portrait.MediaType)
		}
		parts = append(parts, Part{name, r.Portrait.MediaType, slices.Clone(r.Portrait.Encoded)})
	}
	for _, p := range r.Prints {
		sm := s.fingers[p.Position].best
		data, err := finger.WriteImage(sm.Image, sm.PPI)
		if err != nil {
			return nil, err
		}
		parts = append(parts, Part{PrintName(p.Position), "image/png", data})
	}
	return parts, nil
}

// PortraitName is the name of the part that holds a portrait of this type; ""
// for a type that is not known.
func PortraitName(mediaType string) string {
	return map[string]string{"image/jpeg": "portrait.jpg", "image/png": "portrait.png"}[mediaType]
}

// PrintName is the name of the part that holds the print of a finger.
func PrintName(p finger.Position) string { return p.String() + ".png" }

// What can be wrong with a record.
const (
	Gap     = "missing" // the law asks for it and it is not there
	Surplus = "surplus" // it is there and the law does not ask for it
	Differs = "differs" // the record contradicts the law's answer or itself
)

// A Fault is one thing that [Check] found.
type Fault struct {
	Kind string // Gap, Surplus or Differs
	What string // "portrait", "right_index", …
	Why  string
}

// Faults is the error of [Check].
type Faults []Fault

func (fs Faults) Error() string {
	words := make([]string, len(fs))
	for i, f := range fs {
		words[i] = f.What + " " + f.Kind + ": " + f.Why
	}
	return strings.Join(words, "; ")
}

// Check asks the law once more, from the facts in the record alone, and
// compares: every item the law asks for is there, refused or excepted with a
// reason, and nothing else is there. It is what the station runs before it
// seals and what the service may run after it has opened.
func Check(r Record) error {
	c := checker{r: r, need: rule.For(r.Case.Facts, r.Case.LawDate)}
	c.answer()
	c.portrait()
	c.prints()
	c.exceptions()
	if len(c.faults) > 0 {
		return c.faults
	}
	return nil
}

type checker struct {
	r      Record
	need   rule.Requirement
	faults Faults
}

func (c *checker) find(kind, what, why string) {
	c.faults = append(c.faults, Fault{kind, what, why})
}

func (c *checker) refused(i rule.Item) bool { return slices.Contains(c.r.Case.Facts.Refuses, i) }

// answer compares the decision itself, and what must accompany it.
func (c *checker) answer() {
	if c.need.Decision != rule.Capture {
		c.find(Surplus, "case", "the law's answer is "+string(c.need.Decision)+", so there is nothing to send")
		return
	}
	was, now := c.r.Requirement, c.need
	if was.Decision != now.Decision || was.Photo.Required != now.Photo.Required ||
		was.Prints.Required != now.Prints.Required || was.Refusal != now.Refusal || was.Controller != now.Controller {
		c.find(Differs, "requirement", "the law answers these facts otherwise")
	}
	for _, m := range c.need.Marks {
		if !slices.Contains(c.r.Marks, m) {
			c.find(Gap, "mark "+string(m), "the law demands it")
		}
	}
	if c.r.Rights == nil {
		c.find(Gap, "rights information", "it is due before or at the capture")
	}
	if u := c.r.Case.Facts.Unable.Prints; u != rule.Able && (c.r.Inability == nil || c.r.Inability.Kind != u) {
		c.find(Gap, "inability", "who saw it and what was seen must be recorded")
	}
	if len(c.r.Case.Facts.Refuses) > 0 && c.r.Refusal == nil {
		c.find(Gap, "refusal", "who recorded it must be recorded")
	}
}

func (c *checker) portrait() {
	wanted, there := c.need.Photo.Required && !c.refused(rule.ItemPhoto), c.r.Portrait != nil
	switch {
	case wanted && !there:
		c.find(Gap, "portrait", "the law asks for it")
	case there && !wanted:
		c.find(Surplus, "portrait", "the law does not ask for it or it was refused")
	case there && len(face.Failed(c.r.Portrait.Checks)) > 0 && c.r.Portrait.Accepted == "":
		c.find(Gap, "portrait", "a check is not met and nobody accepted it with a reason")
	}
}

func (c *checker) prints() {
	facts := c.r.Case.Facts
	allowed := !c.refused(rule.ItemPrints) && facts.Unable.Prints == rule.Able
	seen := map[finger.Position]bool{}
	for _, p := range c.r.Prints {
		switch {
		case c.need.Prints.Required == rule.NoPrints || !allowed:
			c.find(Surplus, p.Position.String(), "the law does not ask for it, or it cannot or will not be given")
		case seen[p.Position]:
			c.find(Surplus, p.Position.String(), "it is there twice")
		case !p.Position.Valid():
			c.find(Differs, p.Position.String(), "there is no such finger")
		case !p.Plain:
			c.find(Differs, p.Position.String(), "a flat print is asked for")
		}
		seen[p.Position] = true
	}
	if !allowed || c.need.Decision != rule.Capture {
		return
	}
	switch c.need.Prints.Required {
	case rule.TwoFlat:
		c.two(seen)
	case rule.Ten:
		c.each(finger.All(), seen)
	case rule.TenOrIndex:
		index := []finger.Position{finger.RightIndex, finger.LeftIndex}
		if seen[index[0]] && seen[index[1]] && len(seen) == 2 {
			return
		}
		c.each(finger.All(), seen)
	}
}

// two checks the two flat prints: no more than two, and for each one that is
// not the index finger of its hand the reason why not.
func (c *checker) two(seen map[finger.Position]bool) {
	if len(seen) > 2 {
		c.find(Surplus, "prints", fmt.Sprintf("there are %d and the law asks for two", len(seen)))
	}
	perHand := [2]int{}
	for p := range seen {
		if !slices.Contains(c.r.Profile.Order, p.Digit()) {
			c.find(Surplus, p.String(), "this finger is not one of those asked for")
		}
		perHand[p.Hand()]++
	}
	c.recall(len(seen) < 2)
	for _, h := range []finger.Hand{finger.Right, finger.Left} {
		want := 1
		if perHand[h.Other()] == 0 {
			want = 2
		}
		c.hand(h, want, seen)
	}
}

// recall checks that whoever may be able to give more prints later is asked to
// come again.
func (c *checker) recall(short bool) {
	heals := func(e Exception) bool { return e.Reason == Temporary }
	if short && slices.ContainsFunc(c.r.Exceptions, heals) && !slices.Contains(c.r.Marks, rule.Recall) {
		c.find(Gap, "mark "+string(rule.Recall), "a finger that will heal could give a print")
	}
}

// hand checks one hand: either the wanted prints are there, or every finger of
// the order has an exception; and each finger passed over has one.
func (c *checker) hand(h finger.Hand, want int, seen map[finger.Position]bool) {
	there := 0
	for _, d := range c.r.Profile.Order {
		if seen[finger.Of(h, d)] {
			there++
		}
	}
	if there > want {
		c.find(Surplus, h.String()+" hand", "more prints of this hand than the law asks for")
	}
	got := 0
	for _, d := range c.r.Profile.Order {
		p := finger.Of(h, d)
		switch {
		case seen[p]:
			got++
		case got < there || there < want:
			if !c.excepted(p) {
				c.find(Gap, p.String(), "it has neither a print nor an exception")
			}
		}
	}
}

func (c *checker) each(all []finger.Position, seen map[finger.Position]bool) {
	for _, p := range all {
		if !seen[p] && !c.excepted(p) {
			c.find(Gap, p.String(), "it has neither a print nor an exception")
		}
	}
}

func (c *checker) excepted(p finger.Position) bool {
	return slices.ContainsFunc(c.r.Exceptions, func(e Exception) bool { return e.Position == p })
}

func (c *checker) exceptions() {
	for _, e := range c.r.Exceptions {
		if slices.ContainsFunc(c.r.Prints, func(p Print) bool { return p.Position == e.Position }) {
			c.find(Differs, e.Position.String(), "it has both a print and an exception")
		}
		if e.Reason != LowQuality && e.SeenBy == "" {
			c.find(Gap, e.Position.String(), "nobody is named as having seen the exception")
		}
		switch e.Reason {
		case Missing, Temporary, Permanent, LowQuality:
		default:
			c.find(Gap, e.Position.String(), "the exception has no known reason")
		}
	}
}

// AsFaults returns what Check found inside err.
func AsFaults(err error) (Faults, bool) {
	var fs Faults
	return fs, errors.As(err, &fs)
}
