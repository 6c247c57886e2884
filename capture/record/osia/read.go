package osia

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"optag/capture"
	"optag/capture/rule"
)

// MaxFile is the most bytes a file may have: a portrait and ten prints of the
// largest kind, in base64.
const MaxFile = 96 << 20

// A Receiver is who takes over, and for which aim.
type Receiver struct {
	Party   rule.Party
	Aim     rule.Aim
	Law     rule.Settings // its own
	Trusted []Key
	Fetch   func(reference string) ([]byte, error) // pictures that do not lie in the file; nil: there are none
}

// Taken is a case that was taken over.
type Taken struct {
	ID        string
	Way       Way
	Ground    string // the provision by which it travelled
	Condition string // that a person has to see to; "" for none
	Stated    time.Time
	Signer    string // see [KeyID]

	Case     capture.Case // as far as it travelled
	Station  string       // where it was taken
	Finished time.Time
	Marks    []rule.Mark
	Refusal  *Refusal // nil where nothing was refused, or where that did not travel
	Portrait *Picture
	Prints   []Picture
	Missing  []Missing
}

// Wipe overwrites the pictures.
func (t Taken) Wipe() {
	if t.Portrait != nil {
		clear(t.Portrait.Data)
	}
	for _, p := range t.Prints {
		clear(p.Data)
	}
}

// Read verifies a file and takes its case over. It returns nothing unless all
// of it fits: the signature, by a key of who hands over; the receiver and the
// aim; the law's leave for everything in it; each picture.
func Read(file []byte, to Receiver) (Taken, error) {
	t, err := read(file, to)
	if err != nil {
		t.Wipe()
		return Taken{}, fmt.Errorf("taking over a case: %w", err)
	}
	return t, nil
}

func read(file []byte, to Receiver) (Taken, error) {
	if len(file) > MaxFile {
		return Taken{}, fmt.Errorf("%d bytes: %w", len(file), ErrForm)
	}
	e, by, err := unseal(file, to.Trusted)
	if err != nil {
		return Taken{}, err
	}
	switch {
	case by.Party != e.Context.From:
		return Taken{}, fmt.Errorf("the key is %s's: %w", by.Party, ErrUntrusted)
	case e.Context.To != to.Party || e.Context.Aim != to.Aim:
		return Taken{}, ErrNotForUs
	}
	t := Taken{
		ID: e.ID, Stated: e.Context.Stated, Signer: KeyID(by.Public), Ground: e.Context.Ground, Condition: e.Context.Condition,
		Way:     Way{e.Context.From, e.Context.To, e.Context.Aim, slices.DeleteFunc(slices.Clone(e.Context.Carries), func(c rule.Cargo) bool { return c == rule.CargoCase })},
		Station: e.Context.Station, Finished: e.Context.Finished, Marks: e.Flags.Marks, Refusal: e.Request.Refusal,
	}
	if err := t.begun(&e); err != nil {
		return t, err
	}
	if err := t.judge(&e, to.Law); err != nil {
		return t, err
	}
	return t, t.pictures(e.Biometrics, to.Fetch)
}

// begun takes the case itself.
func (t *Taken) begun(e *enrollment) error {
	f := e.Request.Facts
	t.Case = capture.Case{Number: e.Request.Number, Holder: capture.Holder{Family: e.Person.Family, Given: e.Person.Given}, Facts: f, Data: e.Request.Data}
	if e.Request.LawDate != f.CaptureOn {
		t.Case.LawDate = e.Request.LawDate
	}
	if f.Validate() != nil || !isID(e.ID) || e.Status != finalized || e.Type != f.Purpose || e.Person.Birth != f.BirthDate ||
		e.Context.Day != f.CaptureOn || f.CaptureOn.IsZero() || e.Request.LawDate.IsZero() ||
		e.Context.Finished.IsZero() || e.Context.Stated.Before(e.Context.Finished) {
		return fmt.Errorf("its members contradict each other: %w", ErrForm)
	}
	d := t.Case.Data
	if d == nil {
		if e.Person.Gender != "" || e.Documents != nil {
			return fmt.Errorf("data of the person: %w", ErrSurplus)
		}
		return nil
	}
	if d.Sex != "" || d.Document != (capture.TravelDocument{}) || len(e.Documents) > 1 {
		return fmt.Errorf("data stand twice: %w", ErrForm)
	}
	d.Sex = e.Person.Gender
	if e.Documents == nil {
		return nil
	}
	var err error
	d.Document, err = readDocument(e.Documents[0])
	return err
}

// judge asks the law about what is in a file.
func (t *Taken) judge(e *enrollment, law rule.Settings) error {
	by, err := t.Way.allowed(t.Case, law)
	if err != nil {
		return err
	}
	if by.Source != t.Ground || by.Condition != t.Condition || !slices.Equal(e.Context.Carries, t.Way.carries()) {
		return fmt.Errorf("it states another ground or cargo than the law has: %w", ErrForm)
	}
	need := law.For(t.Case.Facts, t.Case.LawDate)
	if what := t.surplus(e, need, law); what != "" {
		return fmt.Errorf("%s: %w", what, ErrSurplus)
	}
	refused := len(t.Case.Facts.Refuses) > 0
	switch {
	case refused != (t.Refusal != nil) || refused && t.Refusal.Consequence != need.Refusal:
		return fmt.Errorf("it states another consequence than the law has: %w", ErrForm)
	case t.Way.Aim == rule.AimSecure && !refused:
		return ErrNothing
	}
	return nil
}

// surplus names what a file holds and the way does not carry, or the law does
// not ask for in such a case; "" where there is nothing.
func (t *Taken) surplus(e *enrollment, need rule.Requirement, law rule.Settings) string {
	f, faces, prints := t.Case.Facts, 0, 0
	for _, b := range e.Biometrics {
		switch {
		case b.Type == face:
			faces++
		case b.Missing == nil:
			prints++
		}
	}
	most := map[rule.PrintSet]int{rule.TwoFlat: 2, rule.Ten: 10, rule.TenOrIndex: 10}[need.Prints.Required]
	for _, one := range []struct {
		bad  bool
		what string
	}{
		{need.Decision != rule.Capture, "case"},
		{faces > 0 && !t.Way.has(rule.CargoPhoto) || faces > 1 || faces > 0 && (!need.Photo.Required || f.Refused(rule.ItemPhoto)), "photo"},
		{len(e.Biometrics) > faces && !t.Way.has(rule.CargoPrints) || prints > most, "prints"},
		{prints > 0 && (f.Unable.Prints != rule.Able || f.Refused(rule.ItemPrints)), "prints"},
		{f.Unable.Prints != rule.Able && !t.Way.has(rule.CargoPrints), "inability"},
		{(len(f.Refuses) > 0 || t.Refusal != nil) && !t.Way.has(rule.CargoRefusal), "refusal"},
		{t.Case.Data != nil && !t.Way.has(rule.CargoData) || !demanded(t.Case, law), "data"},
	} {
		if one.bad {
			return one.what
		}
	}
	return ""
}

// pictures takes portrait, prints and missing fingers.
func (t *Taken) pictures(all []biometric, fetch func(string) ([]byte, error)) error {
	last := -1
	for _, b := range all {
		p := position(b.SubType)
		if int(p) <= last || p != 0 && b.Type != fingers {
			return fmt.Errorf("its pictures stand twice or in another order: %w", ErrForm)
		}
		last = int(p)
		if b.Missing != nil {
			m, err := b.absent(t.Case.Facts)
			if err != nil {
				return err
			}
			t.Missing = append(t.Missing, m)
			continue
		}
		data, err := b.fetch(fetch)
		if err != nil {
			return err
		}
		one, err := b.read(data)
		switch {
		case err != nil:
			return err
		case p == 0:
			t.Portrait = &one
		default:
			t.Prints = append(t.Prints, one)
		}
	}
	return nil
}

// absent is the finger that an entry without a picture is about.
func (b biometric) absent(f rule.Facts) (Missing, error) {
	m := Missing{Finger: position(b.SubType)}
	for reason, word := range presences {
		if len(b.Missing) == 1 && b.Missing[0] == (absence{b.SubType, word}) {
			m.Reason = reason
		}
	}
	only := biometric{Type: fingers, SubType: b.SubType, Missing: b.Missing}
	if !reflect.DeepEqual(only, b) || m.Finger == 0 || m.Reason == "" ||
		f.Unable.Prints != rule.Able && m.Reason != unableAs(f.Unable.Prints) {
		return m, fmt.Errorf("an entry without a picture says more or less than a reason: %w", ErrForm)
	}
	return m, nil
}

// fetch brings the bytes of a picture.
func (b biometric) fetch(from func(string) ([]byte, error)) ([]byte, error) {
	switch {
	case b.Reference == "" && len(b.Image) > 0 && b.Integrity == nil:
		return b.Image, nil
	case b.Reference == "" || b.Image != nil:
		return nil, fmt.Errorf("a picture lies neither in the file nor beside it alone: %w", ErrForm)
	case from == nil:
		return nil, fmt.Errorf("its pictures lie elsewhere: %w", ErrForm)
	}
	data, err := from(b.Reference)
	if err != nil {
		return nil, fmt.Errorf("fetching a picture: %w", err)
	}
	want, err := follows(b.Reference, data)
	if err != nil || !slices.Equal(b.Integrity, want) {
		return nil, fmt.Errorf("a picture is another than the one referred to: %w", ErrSignature)
	}
	return data, nil
}
