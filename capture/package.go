package capture

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"optag/capture/finger"
	"optag/capture/rule"
	"optag/device"
)

// RecordVersion numbers the shape of [Record].
const RecordVersion = 3

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
	Exceptions  []Exception      `json:"exceptions"` // fingers passed over, each once
	Tried       []Tried          `json:"tried"`      // fingers with attempts but no print in the package
	Inability   *Inability       `json:"inability"`
	Refusal     *Refusal         `json:"refusal"`
	Force       *Force           `json:"force"`
	Profile     Profile          `json:"profile"`
	Finished    time.Time        `json:"finished"`
}

// ReadRecord reads session.json of a package. The error repeats nothing of what
// it holds; what is in it [Check] judges.
func ReadRecord(text []byte) (Record, error) {
	var r Record
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if d.Decode(&r) != nil {
		return Record{}, errors.New("reading a record: it is no session.json of this version")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Record{}, errors.New("reading a record: something follows it")
	}
	return r, nil
}

// A Print is one print in the package; its image is a part of its own.
type Print struct {
	Position  finger.Position `json:"position"`
	Plain     bool            `json:"plain"`         // placed flat, not rolled
	Slap      finger.Slap     `json:"slap,omitzero"` // what it was cut out of and turned upright; none: it lay alone
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
// [Check] finds, and the session goes on as it was. Whoever has used the parts
// wipes them.
func (s *Session) Finish(station, officer string, at time.Time) (Record, []Part, error) {
	if ask, more := s.NextPrint(); more {
		return Record{}, nil, fmt.Errorf("closing the case: %w", Faults{{Gap, ask.String(), "it has neither a print nor an exception"}})
	}
	r := s.record(station, officer, at)
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
		Inability: s.unable, Refusal: s.refused, Force: s.force, Profile: s.profile, Finished: at,
		Prints: []Print{}, Exceptions: []Exception{}, Tried: []Tried{},
	}
	if s.WantsPortrait() {
		r.Portrait = s.portrait
	}
	if s.Recall() && !slices.Contains(r.Marks, rule.Recall) {
		r.Marks = append(r.Marks, rule.Recall)
	}
	c := s.choose()
	for _, p := range c.kept {
		r.Prints = append(r.Prints, s.print(p))
	}
	for _, p := range finger.All() {
		if slices.Contains(c.passed, p) {
			r.Exceptions = append(r.Exceptions, *s.Exception(p))
		}
		if a := s.fingers[p].attempts; len(a) > 0 && !slices.Contains(c.kept, p) {
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
		Score: f.score, Threshold: s.Threshold(p), Algorithm: s.profile.Algorithm, Slap: f.best.Slap,
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
