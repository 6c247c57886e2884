// Package capture is one person's capture: it holds the facts and what has been
// taken, and computes from them what is next, until nothing the law asks for is
// missing and nothing else is there. It knows no clock, device, disk or screen.
package capture

import (
	"errors"
	"fmt"
	"image"
	"reflect"
	"slices"
	"time"

	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/finger/minutiae"
	"optag/capture/rule"
	"optag/device"
)

// A Case is what a capture begins with. The law's answer follows from Facts and
// LawDate alone.
type Case struct {
	Number  string     `json:"case_number,omitempty"` // the authority's own; may identify a person
	Holder  Holder     `json:"holder"`
	Facts   rule.Facts `json:"facts"`
	LawDate rule.Date  `json:"law_date,omitzero"` // zero: the day of the capture
	Data    *Data      `json:"data,omitempty"`    // nil where the law names none
}

// A Holder is who the card will be for, as far as the application says.
type Holder struct {
	Family string `json:"family,omitempty"`
	Given  string `json:"given,omitempty"`
}

// Rights says which information was given to the person, and how.
type Rights struct {
	Text     string    `json:"text"`     // id of the text
	Version  string    `json:"version"`  //
	Language string    `json:"language"` // BCP 47
	SHA256   string    `json:"sha256"`   // of the text as shown, in hex
	How      string    `json:"how"`      // "shown", "read_aloud", or "elsewhere" where not at this station
	At       time.Time `json:"at"`
}

// A Reason says why a finger was not taken.
type Reason string

// The reasons of the law digest § 4.
const (
	Missing    Reason = "missing"     // there is no fingertip
	Temporary  Reason = "temporary"   // bandaged or injured; it will heal
	Permanent  Reason = "permanent"   // never usable, with a stated basis
	LowQuality Reason = "low_quality" // below the threshold after the allowed attempts
)

// ParseReason reads a reason a person may give; low quality is found by the
// station itself.
func ParseReason(s string) (Reason, error) {
	if r := Reason(s); r == Missing || r == Temporary || r == Permanent {
		return r, nil
	}
	return "", fmt.Errorf("capture: no reason is called %q; there are missing, temporary and permanent", s)
}

// An Exception is a finger that is not taken.
type Exception struct {
	Position finger.Position `json:"position"`
	Reason   Reason          `json:"reason"`
	Note     string          `json:"note,omitempty"` // what was seen, in the clerk's words
	SeenBy   string          `json:"seen_by,omitempty"`
	At       time.Time       `json:"at"`
}

// An Outcome is how one presentation of a finger ended.
type Outcome string

// The outcomes.
const (
	Sufficient   Outcome = "sufficient"
	Insufficient Outcome = "insufficient"
	SameFinger   Outcome = "same_finger" // taken before under another name; spends no attempt
	Discarded    Outcome = "discarded"   // by the operator, with a reason
)

// An Attempt is one presentation of a finger, without its image.
type Attempt struct {
	At      time.Time       `json:"at"` // the same for all fingers of a slap
	Slap    finger.Slap     `json:"slap,omitzero"`
	Score   int             `json:"score"`
	Reasons []finger.Reason `json:"reasons,omitempty"`
	Outcome Outcome         `json:"outcome"`
	SameAs  finger.Position `json:"same_as,omitzero"`
	Odd     bool            `json:"odd,omitempty"`  // the other two attempts show one finger, and this another
	Note    string          `json:"note,omitempty"` // the operator's reason
}

// A Sample is what one presentation leaves. The session owns it once presented.
type Sample struct {
	Image  *image.Gray
	PPI    [2]int
	Device device.Info
	At     time.Time
	Slap   finger.Slap // what it was cut out of, or shows as a whole before [Sample.Split]

	quality  finger.Quality
	template *minutiae.Template // nil until prepared
}

// Prepare measures the sample and makes it comparable, which takes some tens
// of milliseconds. Presenting does it where it has not been done; a screen that
// must not wait has it done before. A nil assessor is one without a model.
func (sm *Sample) Prepare(a *finger.Assessor) {
	if sm.template != nil {
		return
	}
	if a == nil {
		a = new(finger.Assessor)
		defer a.Wipe()
	}
	sm.quality = a.Assess(sm.Image, sm.PPI)
	sm.template = a.Template(sm.Image, sm.PPI)
}

// Copy is a sample of its own with the same image and measures.
func (sm Sample) Copy() Sample {
	if sm.Image != nil {
		img := *sm.Image
		img.Pix = slices.Clone(sm.Image.Pix)
		sm.Image = &img
	}
	sm.template = sm.template.Copy()
	return sm
}

// Split cuts the image of a slap into prepared samples, one for each finger, in
// their order, and wipes it. It fails where not every finger is found.
func (sm *Sample) Split(fingers []finger.Position, a *finger.Assessor) ([]Sample, error) {
	defer sm.Wipe()
	images, err := a.Cut(sm.Image, sm.PPI, fingers)
	if err != nil {
		return nil, fmt.Errorf("cutting the slap: %w", err)
	}
	samples := make([]Sample, len(images))
	for i, img := range images {
		samples[i] = Sample{Image: img, PPI: sm.PPI, Device: sm.Device, At: sm.At, Slap: sm.Slap}
		samples[i].Prepare(a)
	}
	return samples, nil
}

// A Portrait is the picture of the person in its original bytes.
type Portrait struct {
	Encoded   []byte       `json:"-"`
	MediaType string       `json:"media_type"`
	Width     int          `json:"width"`
	Height    int          `json:"height"`
	Source    string       `json:"source"` // "live" or "paper"
	Checks    []face.Check `json:"checks"`
	Judged    []string     `json:"judged,omitempty"`   // what the operator saw to be so: "eyes_open", …
	Accepted  string       `json:"accepted,omitempty"` // the operator's reason to keep it against a check
	Device    device.Info  `json:"device"`
	At        time.Time    `json:"at"`
}

// A Session is one person's capture. It belongs to one goroutine.
type Session struct {
	begun    Case
	profile  Profile
	need     rule.Requirement
	fingers  [11]state // by position
	portrait *Portrait
	photos   int // portraits taken, the kept one included
	rights   *Rights
	unable   *Inability
	refused  *Refusal
	force    *Force
	slaps    bool // the scanner takes several fingers at once
	singly   bool // and yet they are asked for one by one
	matcher  minutiae.Matcher
}

// state is what is known of one finger.
type state struct {
	attempts  []Attempt
	best      *Sample
	score     int                  // of best
	accepted  string               // the operator's reason to keep best below the threshold
	shown     []*minutiae.Template // by the attempts that count; those of a restored draft are not known
	exception *Exception
}

// An Inability is that of a whole person, with who saw it (AA § 40 a(11), § 47 b(2)).
type Inability struct {
	Kind   rule.Inability `json:"kind"`
	Note   string         `json:"note,omitempty"`
	SeenBy string         `json:"seen_by,omitempty"`
	At     time.Time      `json:"at"`
}

// A Refusal is the person's, with what was explained before it was recorded.
type Refusal struct {
	Items       []rule.Item  `json:"items"`
	Consequence rule.Refusal `json:"consequence"`
	Explained   bool         `json:"explained"` // the consequence was explained to the person
	By          string       `json:"recorded_by,omitempty"`
	At          time.Time    `json:"at"`
}

// What the session refuses. Each leaves it as it was.
var (
	ErrNotAsked    = errors.New("the law does not ask for this now")
	ErrResolution  = errors.New("the print is not at 500 or 1000 ppi")
	ErrSize        = errors.New("the print's image is smaller than 256 × 256 pixels or larger than any scanner delivers")
	ErrUncertified = errors.New("the scanner is not certified for enrolment, and the site's policy does not allow it for cards")
	ErrAlgorithm   = errors.New("the print was scored by another algorithm than the case's")
	ErrNothing     = errors.New("there is no print of this finger")
	ErrSuffices    = errors.New("the print suffices by itself")
	ErrReason      = errors.New("a reason is needed")
	ErrFinger      = errors.New("there is no such finger")
)

// Open begins a capture. It fails when the facts hold a value the law does not
// know, or the profile one that would ask for less than the law; facts that
// contradict each other are the law's to answer, as *blocked*.
func Open(c Case, p Profile) (*Session, error) {
	if err := c.Facts.Validate(); err != nil {
		return nil, fmt.Errorf("opening the case: %w", err)
	}
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("opening the case: %w", err)
	}
	s := &Session{begun: c, profile: p}
	s.decide()
	return s, nil
}

// decide asks the law again after a fact has changed.
func (s *Session) decide() { s.need = s.profile.Law.For(s.begun.Facts, s.begun.LawDate) }

// Would is the law's answer if the person refused these items.
func (s *Session) Would(refused []rule.Item) rule.Requirement {
	f := s.begun.Facts
	f.Refuses = refused
	return s.profile.Law.For(f, s.begun.LawDate)
}

// Requirement is the law's answer to the facts as they stand.
func (s *Session) Requirement() rule.Requirement { return s.need }

// Profile is what the prints of this case are judged by.
func (s *Session) Profile() Profile { return s.profile }

// Case is what the session knows about the person and the application.
func (s *Session) Case() Case { return s.begun }

// Inform records that the person was informed of their rights.
func (s *Session) Inform(r Rights) { s.rights = &r }

// Rights is the information given, nil if none yet.
func (s *Session) Rights() *Rights { return s.rights }

// Unable records that no finger of the person can be taken, or, with
// rule.Able, that the record was mistaken. Prints already taken stay with
// the session and out of the record.
func (s *Session) Unable(i Inability) {
	s.begun.Facts.Unable.Prints = i.Kind
	s.unable = &i
	if i.Kind == rule.Able {
		s.unable = nil
	}
	s.decide()
}

// Refuse records what the person will not give; no items means that they
// changed their mind.
//
// What the law does not ask for cannot be refused, and is left out.
func (s *Session) Refuse(r Refusal) {
	r.Items = slices.DeleteFunc(slices.Clone(r.Items), func(i rule.Item) bool { return !s.need.Asks(i) })
	s.begun.Facts.Refuses = r.Items
	s.decide()
	r.Consequence = s.need.Refusal
	s.refused = &r
	if len(r.Items) == 0 {
		s.refused = nil
	}
}

// refuses reports whether the person will not give this.
func (s *Session) refuses(i rule.Item) bool { return slices.Contains(s.begun.Facts.Refuses, i) }

// WantsPortrait reports whether a portrait is to be taken and not refused.
func (s *Session) WantsPortrait() bool {
	return s.need.Photo.Required && !s.refuses(rule.ItemPhoto)
}

// WantsPrints reports whether prints are to be taken, are not refused and can
// be given today.
func (s *Session) WantsPrints() bool {
	return s.need.Prints.Required != rule.NoPrints && !s.refuses(rule.ItemPrints) &&
		s.begun.Facts.Unable.Prints == rule.Able
}

// Photograph keeps a portrait in place of an earlier one.
func (s *Session) Photograph(p Portrait) error {
	if !s.WantsPortrait() {
		return fmt.Errorf("keeping the portrait: %w", ErrNotAsked)
	}
	s.DropPortrait()
	s.portrait = &p
	s.photos++
	return nil
}

// Portrait is the picture kept, nil if none yet, and how many were taken.
func (s *Session) Portrait() (kept *Portrait, attempts int) { return s.portrait, s.photos }

// DropPortrait wipes the picture so that another can be taken.
func (s *Session) DropPortrait() {
	if s.portrait != nil {
		clear(s.portrait.Encoded)
		s.portrait = nil
	}
}

// AcceptPortrait keeps a picture against its checks, for a reason. A picture
// that meets them, or fails those of light alone, needs none.
func (s *Session) AcceptPortrait(reason string) {
	if s.portrait != nil && len(face.Blocking(s.portrait.Checks)) > 0 {
		s.portrait.Accepted = reason
	}
}

// JudgePortrait records what the operator saw to be so in the picture kept.
func (s *Session) JudgePortrait(seen []string) {
	if s.portrait != nil {
		s.portrait.Judged = slices.Clone(seen)
	}
}

// Wipe overwrites every image the session holds, and what was made of them for
// comparison, and forgets the person. The session asks for nothing afterwards.
func (s *Session) Wipe() {
	s.DropPortrait()
	for i := range s.fingers {
		s.fingers[i].best.Wipe()
		s.fingers[i].forget()
	}
	s.matcher.Wipe()
	*s = Session{need: rule.Requirement{Prints: rule.Prints{Required: rule.NoPrints}}}
}

// Wipe overwrites the image and what was made of it for comparison. A nil
// sample holds nothing.
func (sm *Sample) Wipe() {
	if sm == nil {
		return
	}
	if sm.Image != nil {
		clear(sm.Image.Pix)
	}
	sm.template.Wipe()
	sm.template = nil
}

// Amend changes the case while nothing the law decides on changes with it. It
// reports false, and changes nothing, when the facts differ: what was taken
// then belongs to another decision.
func (s *Session) Amend(c Case) bool {
	now := s.begun.Facts
	c.Facts.Refuses, c.Facts.Unable = now.Refuses, now.Unable
	if !reflect.DeepEqual(c.Facts, now) || c.LawDate != s.begun.LawDate {
		return false
	}
	s.begun.Number, s.begun.Holder, s.begun.Data = c.Number, c.Holder, c.Data
	return true
}
