// Package record writes what leaves the service for other systems: the records
// of a card producer, of Eurodac, of the Visa Information System, of the police's
// register and of another country's search system. Each is a profile: a table
// of fields that says of each where it comes from and by which rule. Writers,
// checks and documents are made from the same tables.
//
// A [Set] is what was taken for one purpose. Each writer takes the sets of its
// own purpose alone, and no set turns into another: prints of a card enter no
// register, and prints of a register no card (AA § 40 a(12)).
//
// The layouts of the files are those of the packages below; whether something
// may be handed over, and to whom, is rule's to say; sealing and sending are
// others'.
package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // portraits
	_ "image/png"
	"slices"

	"optag/capture"
	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/rule"
)

// A Purpose is one of the regimes that never mix (law digest § 2).
type Purpose interface {
	Card | Eurodac | Register | Visa
	purposes() []rule.Purpose
}

// The regimes.
type (
	Card     struct{} // issue of a residence card
	Eurodac  struct{} // articles 4, 8 and 11
	Register struct{} // captures under AA § 40 a(2)
	Visa     struct{} // VIS, and the sticker of a long-stay visa
)

func (Card) purposes() []rule.Purpose     { return []rule.Purpose{rule.ResidenceCard} }
func (Eurodac) purposes() []rule.Purpose  { return []rule.Purpose{rule.Eurodac} }
func (Register) purposes() []rule.Purpose { return []rule.Purpose{rule.PoliceRegister} }
func (Visa) purposes() []rule.Purpose     { return []rule.Purpose{rule.VIS, rule.LongStayVisa} }

// A Set is what was taken of one person for one purpose, checked against the
// law. Its images are the caller's parts and copies of them; see [Set.Wipe].
type Set[P Purpose] struct {
	_ [0]P // keeps a set from being converted into one of another purpose
	taken
}

// taken is a set without its purpose.
type taken struct {
	record   capture.Record
	portrait []byte // in its own bytes; nil where none was taken
	prints   []printed
}

// A printed is one print with its pixels, in the order of the positions.
type printed struct {
	capture.Print
	image *image.Gray
}

// Why a set is not made, or not written. Other errors are faults in what was
// given: those of [capture.Check], and of images.
var (
	ErrPurpose = errors.New("it was taken for another purpose")
	ErrRefused = errors.New("something was refused: that is for the controller to decide, and nothing is passed on")
	ErrNothing = errors.New("there is nothing in it that the receiver could use")
	ErrDensity = errors.New("a print is at 1000 ppi, and the receiver takes 500")
	ErrRecast  = errors.New("the law of the day asks for the data set of Regulation (EU) 2024/1358, which is another profile")
)

// Of makes a set of a record and its parts, as [capture.Session.Finish] made
// them or as they came out of a package. It refuses a record of another purpose
// with [ErrPurpose], one that the law's check does not pass, and parts that are
// not exactly the record's.
func Of[P Purpose](r capture.Record, parts []capture.Part) (Set[P], error) {
	var s Set[P]
	var p P
	if !slices.Contains(p.purposes(), r.Case.Facts.Purpose) {
		return s, fmt.Errorf("taking over a record of %s: %w", r.Case.Facts.Purpose, ErrPurpose)
	}
	if err := capture.Check(r); err != nil {
		return s, fmt.Errorf("taking over a record: %w", err)
	}
	if err := s.fill(r, parts); err != nil {
		s.Wipe()
		return Set[P]{}, fmt.Errorf("taking over a record: %w", err)
	}
	return s, nil
}

// Wipe overwrites the pixels of the prints. The parts are the caller's to wipe.
func (s Set[P]) Wipe() {
	for _, p := range s.prints {
		clear(p.image.Pix)
	}
}

// fill takes the images out of the parts.
func (t *taken) fill(r capture.Record, parts []capture.Part) error {
	t.record = r
	by := map[string]capture.Part{}
	for _, p := range parts {
		if _, twice := by[p.Name]; twice {
			return fmt.Errorf("the part %s is there twice", p.Name)
		}
		by[p.Name] = p
	}
	take := func(name, mediaType string) (capture.Part, error) {
		p, ok := by[name]
		delete(by, name)
		switch {
		case !ok:
			return p, fmt.Errorf("the part %s is missing", name)
		case p.MediaType != mediaType:
			return p, fmt.Errorf("the part %s is of another type than %s", name, mediaType)
		}
		return p, nil
	}
	head, err := take("session.json", "application/json")
	if err == nil {
		err = same(r, head.Data)
	}
	if err == nil {
		err = t.images(take)
	}
	if err == nil && len(by) > 0 {
		err = fmt.Errorf("%d parts are surplus", len(by))
	}
	return err
}

// same checks that a record is the one in session.json.
func same(r capture.Record, text []byte) error {
	there, err := capture.ReadRecord(text)
	if err != nil {
		return err
	}
	want, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("writing the record: %w", err)
	}
	if got, err := json.Marshal(there); err != nil || !bytes.Equal(got, want) {
		return errors.New("session.json is of another record")
	}
	return nil
}

// images takes portrait and prints, and compares them with what the record says.
func (t *taken) images(take func(name, mediaType string) (capture.Part, error)) error {
	if p := t.record.Portrait; p != nil {
		part, err := take(capture.PortraitName(p.MediaType), p.MediaType)
		if err != nil {
			return err
		}
		c, kind, err := image.DecodeConfig(bytes.NewReader(part.Data))
		if c.Width*c.Height > face.MaxPixels || len(part.Data) > face.MaxBytes {
			return errors.New("the portrait is larger than any camera delivers")
		}
		if err != nil || "image/"+kind != p.MediaType || c.Width != p.Width || c.Height != p.Height {
			return errors.New("the portrait is not the picture that the record describes")
		}
		t.portrait = part.Data
	}
	for _, p := range t.record.Prints {
		part, err := take(capture.PrintName(p.Position), "image/png")
		if err != nil {
			return err
		}
		img, ppi, _, err := finger.ReadImage(part.Data)
		if err != nil {
			return fmt.Errorf("%v: %w", p.Position, err)
		}
		t.prints = append(t.prints, printed{p, img})
		if img.Rect.Dx() != p.Width || img.Rect.Dy() != p.Height || ppi != nominal(p) {
			return fmt.Errorf("%v: the print is not the image that the record describes", p.Position)
		}
	}
	slices.SortFunc(t.prints, func(a, b printed) int { return int(a.Position) - int(b.Position) })
	return nil
}

// nominal is the resolution of a print, 500 or 1000 pixels per inch; 0 where it
// is neither.
func nominal(p capture.Print) int {
	ppi, err := finger.NominalPPI(float64(p.PPI[0]), float64(p.PPI[1]))
	if err != nil {
		return 0
	}
	return ppi
}
