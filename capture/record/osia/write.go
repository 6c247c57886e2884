package osia

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"optag/capture"
	"optag/capture/finger"
	"optag/capture/record"
	"optag/capture/record/jcs"
	"optag/capture/rule"
)

// ByDigest begins the references to pictures that lie beside the file: names by
// their own SHA-256 (RFC 6920).
const ByDigest = "ni:///sha-256;"

// Options are what one hand-over is made with.
type Options struct {
	ID   string        // of the enrolment: 32 hex digits, as of a package
	At   time.Time     // when the aim is stated
	By   crypto.Signer // Ed25519, of who hands over
	WSQ  bool          // prints at 500 ppi as WSQ, 10:1 to 20:1; else all as PNG without loss
	Refs string        // what references to pictures begin with, as [ByDigest] or the address of OSIA's buffers; "": pictures lie in the file
}

// A File is a hand-over, and the pictures it refers to. Whoever has sent it
// wipes it.
type File struct {
	JSON    []byte
	Buffers []Buffer
}

// A Buffer is a picture that a file refers to.
type Buffer struct {
	ID        string // SHA-256 in base64url; the reference ends in it
	MediaType string
	Data      []byte
}

// Digest is the header with which a buffer is sent (RFC 3230).
func (b Buffer) Digest() string {
	sum := sha256.Sum256(b.Data)
	return "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
}

// Wipe overwrites the file and its pictures.
func (f File) Wipe() {
	clear(f.JSON)
	for _, b := range f.Buffers {
		clear(b.Data)
	}
}

// Write makes the file of a record and its parts, as they came out of a
// package, for one way. The record passes the law's check and the parts are
// exactly its own, see [record.Of]. The law is the record's. Parts stay the
// caller's.
func Write(r capture.Record, parts []capture.Part, w Way, o Options) (File, error) {
	f, err := write(r, parts, w, o)
	if err != nil {
		f.Wipe()
		return File{}, fmt.Errorf("handing over a case: %w", err)
	}
	return f, nil
}

func write(r capture.Record, parts []capture.Part, w Way, o Options) (f File, err error) {
	by, err := w.allowed(r.Case, r.Profile.Law)
	if err != nil {
		return f, err
	}
	switch {
	case !isID(o.ID) || o.At.Before(r.Finished) || o.By == nil:
		return f, errors.New("an id of 32 hex digits, a time after the capture and a key are needed")
	case w.Aim == rule.AimSecure && (r.Refusal == nil || !w.has(rule.CargoRefusal)):
		return f, ErrNothing
	}
	if err := checked(r, parts); err != nil {
		return f, err
	}
	e, err := head(r, w, by, o)
	if err != nil {
		return f, err
	}
	if err := f.pictures(&e, r, parts, w, o); err != nil {
		return f, err
	}
	f.JSON, err = seal(&e, o.By)
	return f, err
}

// isID reports whether a text is 32 hex digits.
func isID(s string) bool { return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == "" }

// checked passes a record through the set of its purpose.
func checked(r capture.Record, parts []capture.Part) error {
	switch r.Case.Facts.Purpose {
	case rule.ResidenceCard:
		return pass[record.Card](r, parts)
	case rule.Eurodac:
		return pass[record.Eurodac](r, parts)
	case rule.PoliceRegister:
		return pass[record.Register](r, parts)
	}
	return pass[record.Visa](r, parts)
}

func pass[P record.Purpose](r capture.Record, parts []capture.Part) error {
	s, err := record.Of[P](r, parts)
	s.Wipe()
	return err
}

// second brings a time to what the file says.
func second(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// head is the file without pictures.
func head(r capture.Record, w Way, by rule.Passage, o Options) (enrollment, error) {
	c := w.trim(r.Case)
	e := enrollment{
		ID: o.ID, Status: finalized, Type: c.Facts.Purpose, Flags: flags{slices.Clone(r.Marks)},
		Request: request{Number: c.Number, LawDate: r.Requirement.LawDate, Facts: c.Facts},
		Context: context{
			Day: c.Facts.CaptureOn, Station: r.Station, Finished: second(r.Finished), From: w.From, To: w.To, Aim: w.Aim,
			Carries: w.carries(), Ground: by.Source, Condition: by.Condition, Stated: second(o.At),
		},
		Person: biographic{Given: c.Holder.Given, Family: c.Holder.Family, Birth: c.Facts.BirthDate},
	}
	if r.Refusal != nil && w.has(rule.CargoRefusal) {
		e.Request.Refusal = &Refusal{r.Refusal.Consequence, r.Refusal.Explained, second(r.Refusal.At)}
	}
	if c.Data == nil {
		return e, nil
	}
	rest := *c.Data
	e.Person.Gender, rest.Sex = rest.Sex, ""
	if rest.Document != (capture.TravelDocument{}) {
		text, err := jcs.Marshal(rest.Document)
		if err != nil {
			return e, fmt.Errorf("writing the travel document: %w", err)
		}
		e.Documents = []document{travelDocument(rest.Document.Type, text)}
		rest.Document = capture.TravelDocument{}
	}
	e.Request.Data = &rest
	return e, nil
}

// travelDocument is OSIA's form of a travel document with a code of ICAO Doc 9303.
func travelDocument(code string, text []byte) document {
	d := document{Parts: []documentPart{{Pages: []int{1}, Data: text, MediaType: "application/json"}}}
	switch {
	case strings.HasPrefix(code, "P"):
		d.Type = "PASSPORT"
	case strings.HasPrefix(code, "I") || strings.HasPrefix(code, "A") || strings.HasPrefix(code, "C"):
		d.Type = "ID_CARD"
	default:
		d.Type, d.Other = "OTHER", code
	}
	return d
}

// pictures adds portrait and prints, and the fingers that are not there.
func (f *File) pictures(e *enrollment, r capture.Record, parts []capture.Part, w Way, o Options) error {
	if p := r.Portrait; p != nil && w.has(rule.CargoPhoto) {
		b, err := faceOf(p, part(parts, capture.PortraitName(p.MediaType)))
		if err == nil {
			err = f.add(e, b, o)
		}
		if err != nil {
			return err
		}
	}
	for _, p := range finger.All() {
		if !w.has(rule.CargoPrints) {
			break
		}
		i := slices.IndexFunc(r.Prints, func(one capture.Print) bool { return one.Position == p })
		if i < 0 {
			e.Biometrics = append(e.Biometrics, gone(r, p)...)
			continue
		}
		b, err := printOf(r.Prints[i], part(parts, capture.PrintName(p)), o.WSQ)
		if err == nil {
			err = f.add(e, b, o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// part is the content of a part that is known to be there.
func part(parts []capture.Part, name string) []byte {
	return parts[slices.IndexFunc(parts, func(p capture.Part) bool { return p.Name == name })].Data
}

// add puts a picture into the file, or beside it.
func (f *File) add(e *enrollment, b biometric, o Options) (err error) {
	if o.Refs != "" {
		sum := sha256.Sum256(b.Image)
		one := Buffer{ID: b64.EncodeToString(sum[:]), MediaType: b.MediaType, Data: slices.Clone(b.Image)}
		f.Buffers = append(f.Buffers, one)
		b.Image, b.Reference = nil, o.Refs+one.ID
		b.Integrity, err = follows(b.Reference, one.Data)
	}
	e.Biometrics = append(e.Biometrics, b)
	return err
}
