package capture

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"slices"
	"time"

	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/finger/minutiae"
	"optag/capture/rule"
	"optag/device"
)

// A draft is a session in bytes: what the station keeps, sealed, against a
// crash. In order:
//
//	draftMagic, one byte of version
//	length of the head, 4 bytes, big-endian
//	the head: JSON, everything but the pictures
//	the portrait in its original bytes, as many as the head says
//	the pixels of each print the head names, row by row, one byte each
//
// What follows from these is computed again: the law's answer and the template
// of each print.
const (
	draftMagic   = "optag draft "
	draftVersion = 3
	draftPrefix  = len(draftMagic) + 1 + 4

	// maxDraftHead holds some thousands of attempts, and a note to each mark.
	maxDraftHead = 1 << 20
)

// MaxDraft is the most bytes a draft can have: the largest portrait and ten of
// the largest prints.
const MaxDraft = int64(draftPrefix + maxDraftHead + face.MaxBytes + 10*finger.MaxPixels)

// ErrDraft is wrapped by every error of [Restore], and by those of
// [Session.Draft] that say that the session is too large to be kept.
var ErrDraft = errors.New("not a draft of a capture")

// draftHead is everything of a session but its pictures and what follows from
// the rest.
type draftHead struct {
	Case     Case          `json:"case"`
	Profile  Profile       `json:"profile"`
	Portrait *Portrait     `json:"portrait"`
	Bytes    int           `json:"portrait_bytes"`
	Photos   int           `json:"photos"`
	Rights   *Rights       `json:"rights"`
	Unable   *Inability    `json:"unable"`
	Refused  *Refusal      `json:"refused"`
	Force    *Force        `json:"force"`
	Singly   bool          `json:"singly"`
	Fingers  []draftFinger `json:"fingers"` // those of which anything is known, in order
}

type draftFinger struct {
	Position  finger.Position      `json:"position"`
	Attempts  []Attempt            `json:"attempts"`
	Best      *draftSample         `json:"best"`
	Accepted  string               `json:"accepted"`
	Shown     []*minutiae.Template `json:"shown"` // by the attempts that count
	Exception *Exception           `json:"exception"`
}

// draftSample is a print without its pixels.
type draftSample struct {
	Width  int         `json:"width"`
	Height int         `json:"height"`
	PPI    [2]int      `json:"ppi"`
	Device device.Info `json:"device"`
	Score  int         `json:"score"`
	At     time.Time   `json:"at"`
	Slap   finger.Slap `json:"slap"`

	// What the quality was judged to be; it is not judged again, because the
	// model may not be at hand.
	Quality finger.Quality `json:"quality"`
}

// Draft is the whole session in bytes, pictures included, for [Restore]. The
// same session gives the same bytes. They are the person's biometrics in the
// clear: they never touch a disk, and whoever has used them wipes them.
func (s *Session) Draft() ([]byte, error) {
	h := s.draftHead()
	head, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("writing the draft: %w", err)
	}
	defer clear(head)
	n, ok := h.pictureBytes()
	if !ok || len(head) > maxDraftHead {
		return nil, fmt.Errorf("writing the draft: the session is too large: %w", ErrDraft)
	}
	data := make([]byte, 0, draftPrefix+len(head)+int(n)) // never grown, so that no copy is left behind
	data = append(append(data, draftMagic...), draftVersion)
	data = binary.BigEndian.AppendUint32(data, uint32(len(head)))
	data = append(data, head...)
	return s.appendPictures(data), nil
}

func (s *Session) appendPictures(data []byte) []byte {
	if s.portrait != nil {
		data = append(data, s.portrait.Encoded...)
	}
	for i := range s.fingers {
		if b := s.fingers[i].best; b != nil {
			for y := range b.Image.Rect.Dy() {
				data = append(data, b.Image.Pix[y*b.Image.Stride:][:b.Image.Rect.Dx()]...)
			}
		}
	}
	return data
}

func (s *Session) draftHead() draftHead {
	h := draftHead{Case: s.begun, Profile: s.profile, Portrait: s.portrait, Photos: s.photos,
		Rights: s.rights, Unable: s.unable, Refused: s.refused, Force: s.force, Singly: s.singly}
	if s.portrait != nil {
		h.Bytes = len(s.portrait.Encoded)
	}
	for _, p := range finger.All() {
		f := &s.fingers[p]
		if len(f.attempts) == 0 && f.exception == nil {
			continue
		}
		d := draftFinger{Position: p, Attempts: f.attempts, Accepted: f.accepted, Shown: f.shown, Exception: f.exception}
		if b := f.best; b != nil {
			d.Best = &draftSample{Width: b.Image.Rect.Dx(), Height: b.Image.Rect.Dy(), PPI: b.PPI,
				Device: b.Device, Score: f.score, At: b.At, Slap: b.Slap, Quality: b.quality}
		}
		h.Fingers = append(h.Fingers, d)
	}
	return h
}

// Restore makes a session again out of what [Session.Draft] wrote: it asks for
// the same finger next, keeps the same prints and makes the same record. The
// profile is the one it was begun with, so that one case is judged by one
// measure. The data stay the caller's, who wipes them. Every error wraps
// [ErrDraft], and none repeats what the draft holds.
func Restore(data []byte) (*Session, error) {
	head, pictures, err := splitDraft(data)
	if err != nil {
		return nil, fmt.Errorf("restoring the draft: %w: %w", ErrDraft, err)
	}
	s, err := Open(head.Case, head.Profile)
	if err == nil {
		err = s.restore(head, pictures)
	}
	if err != nil {
		return nil, fmt.Errorf("restoring the draft: %w: %w", ErrDraft, err)
	}
	return s, nil
}

// splitDraft takes a draft apart and checks that it holds as many bytes as it
// says.
func splitDraft(data []byte) (head draftHead, pictures []byte, err error) {
	switch {
	case int64(len(data)) > MaxDraft:
		return head, nil, errors.New("it is too large")
	case len(data) < draftPrefix || !bytes.HasPrefix(data, []byte(draftMagic)):
		return head, nil, errors.New("it does not begin as one")
	case data[len(draftMagic)] != draftVersion:
		return head, nil, fmt.Errorf("it is of version %d; this program reads %d", data[len(draftMagic)], draftVersion)
	}
	n := binary.BigEndian.Uint32(data[len(draftMagic)+1:])
	if n > maxDraftHead || int(n) > len(data)-draftPrefix {
		return head, nil, errors.New("it is cut short")
	}
	d := json.NewDecoder(bytes.NewReader(data[draftPrefix:][:n]))
	d.DisallowUnknownFields()
	if err := d.Decode(&head); err != nil {
		return head, nil, errors.New("its head cannot be read") // the cause may quote the person's data
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return head, nil, errors.New("its head is followed by something else")
	}
	pictures = data[draftPrefix+int(n):]
	if want, ok := head.pictureBytes(); !ok || want != int64(len(pictures)) {
		return head, nil, errors.New("its pictures do not have the size that its head says")
	}
	return head, pictures, nil
}

// pictureBytes adds up what the head says of the pictures; ok is false where
// that cannot be.
func (h *draftHead) pictureBytes() (n int64, ok bool) {
	if h.Bytes < 0 || h.Bytes > face.MaxBytes || (h.Portrait == nil) != (h.Bytes == 0) || len(h.Fingers) > 10 {
		return 0, false
	}
	n = int64(h.Bytes)
	for _, f := range h.Fingers {
		if b := f.Best; b != nil {
			if finger.CheckSize(b.Width, b.Height) != nil {
				return 0, false
			}
			n += int64(b.Width) * int64(b.Height)
		}
	}
	return n, true
}

// restore fills a session that was just opened.
func (s *Session) restore(h draftHead, pictures []byte) error {
	if err := h.check(); err != nil {
		return err
	}
	s.photos, s.rights, s.unable, s.refused, s.force, s.singly = h.Photos, h.Rights, h.Unable, h.Refused, h.Force, h.Singly
	if h.Portrait != nil {
		s.portrait = h.Portrait
		s.portrait.Encoded = slices.Clone(pictures[:h.Bytes])
		pictures = pictures[h.Bytes:]
	}
	var assessor finger.Assessor
	defer assessor.Wipe()
	for _, d := range h.Fingers {
		f := &s.fingers[d.Position]
		f.attempts, f.accepted, f.shown, f.exception = d.Attempts, d.Accepted, d.Shown, d.Exception
		if b := d.Best; b != nil {
			img := image.NewGray(image.Rect(0, 0, b.Width, b.Height))
			pictures = pictures[copy(img.Pix, pictures):]
			f.best, f.score = &Sample{Image: img, PPI: b.PPI, Device: b.Device, At: b.At, Slap: b.Slap, quality: b.Quality}, b.Score
			f.best.template = assessor.Template(img, b.PPI)
		}
	}
	return nil
}

// check says what in the head no session can have come to.
func (h *draftHead) check() error {
	facts := h.Case.Facts
	switch {
	case h.Photos < 0 || h.Portrait != nil && h.Photos == 0:
		return errors.New("it counts fewer portraits than it holds")
	case h.Unable != nil && (h.Unable.Kind == rule.Able || h.Unable.Kind != facts.Unable.Prints):
		return errors.New("its inability and its facts contradict each other")
	case h.Refused != nil && (len(h.Refused.Items) == 0 || !slices.Equal(h.Refused.Items, facts.Refuses)):
		return errors.New("its refusal and its facts contradict each other")
	}
	if h.Force != nil && !facts.Secured() {
		return errors.New("its force and its facts contradict each other")
	}
	before := finger.Position(0)
	for _, f := range h.Fingers {
		if !f.Position.Valid() || f.Position <= before {
			return errors.New("its fingers are not in order")
		}
		before = f.Position
		if err := f.check(h.Profile); err != nil {
			return fmt.Errorf("%v: %w", f.Position, err)
		}
	}
	return nil
}

func (f *draftFinger) check(p Profile) error {
	for _, a := range f.Attempts {
		known := slices.Contains([]Outcome{Sufficient, Insufficient, SameFinger, Discarded}, a.Outcome)
		slap := a.Slap == 0 || slices.Contains(a.Slap.Fingers(), f.Position)
		if !known || !slap || a.Score < 0 || a.Score > 100 || a.SameAs.Valid() != (a.Outcome == SameFinger) {
			return errors.New("it has an attempt that cannot be")
		}
	}
	if slices.Contains(f.Shown, nil) || len(f.Shown) > spent(f.Attempts) {
		return errors.New("its attempts have shown what they cannot have")
	}
	if e := f.Exception; e != nil {
		if _, err := ParseReason(string(e.Reason)); err != nil || e.Position != f.Position {
			return errors.New("it has a mark that cannot be")
		}
	}
	b := f.Best
	if b == nil {
		if f.Accepted != "" || spent(f.Attempts) > 0 || len(f.Attempts) == 0 && f.Exception == nil {
			return errors.New("it has no print of its attempts")
		}
		return nil
	}
	if _, err := finger.NominalPPI(float64(b.PPI[0]), float64(b.PPI[1])); err != nil {
		return ErrResolution
	}
	best := slices.ContainsFunc(f.Attempts, func(a Attempt) bool {
		return (a.Outcome == Sufficient || a.Outcome == Insufficient) && a.Score == b.Score
	})
	if f.Exception != nil || !best || spent(f.Attempts) > p.Attempts {
		return errors.New("its print fits none of its attempts")
	}
	return nil
}
