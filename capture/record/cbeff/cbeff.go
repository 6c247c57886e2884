// Package cbeff wraps biometric records for the chip of a travel document: the
// biometric information group template of EF.DG2 (face) and EF.DG3 (fingers), as
// ICAO Doc 9303-10 takes it from ISO/IEC 7816-11 and 19785-3. What is not there
// gets no template. Records are bytes here: packages iso19794 and iso39794 read
// and write them. Randomness is the caller's.
package cbeff

import (
	"errors"
	"fmt"

	"optag/capture/record/tlv"
)

// Tags of the template.
const (
	tagGroup         tlv.Tag = 0x7F61
	tagInstances     tlv.Tag = 0x02
	tagTemplate      tlv.Tag = 0x7F60
	tagHeader        tlv.Tag = 0xA1
	tagRecord        tlv.Tag = 0x5F2E // a record by ISO/IEC 19794
	tagRecord3       tlv.Tag = 0x7F2E // a record by ISO/IEC 39794
	tagBlock3        tlv.Tag = 0xA1   // within it
	tagDiscretionary tlv.Tag = 0x53
)

// A File is the elementary file a group lies in, by its tag.
type File tlv.Tag

// The files.
const (
	DG2 File = 0x75 // face
	DG3 File = 0x63 // fingers
	DG4 File = 0x76 // irises
)

// A Modality is the biometric type of a header.
type Modality byte

// The modalities.
const (
	Face   Modality = 0x02
	Finger Modality = 0x08
	Iris   Modality = 0x10
)

// A Format is the format type of a record, registered by ISO/IEC JTC 1/SC 37.
type Format uint16

// The formats.
const (
	Finger19794 Format = 0x0007 // ISO/IEC 19794-4
	Face19794   Format = 0x0008 // ISO/IEC 19794-5
	Iris19794   Format = 0x0009
	Finger39794 Format = 0x0028 // ISO/IEC 39794-4
	Face39794   Format = 0x002A // ISO/IEC 39794-5
	Iris39794   Format = 0x002C
)

// third reports whether the format is one of ISO/IEC 39794, the third generation,
// whose records are data objects themselves.
func (f Format) third() bool { return f == Finger39794 || f == Face39794 || f == Iris39794 }

// SC37 is the format owner ISO/IEC JTC 1/SC 37.
const SC37 = 0x0101

// Version is the only version of the header, which may be absent.
const Version = 0x0101

// A Group is a biometric information group template with the file around it.
type Group struct {
	File      File
	Templates []Template // at most 255
	// Discretionary is data object 53 behind the group, nil if there is none. It is
	// random where there are no templates, so that the hash of an empty file differs
	// from card to card.
	Discretionary []byte
}

// A Template is a biometric information template: a header and a record.
type Template struct {
	Header Header
	Record []byte // a part of what was read; by ISO/IEC 39794 the data object 64 or 65 itself
}

// A Header is a biometric header template. Fields that are absent are nil or 0.
type Header struct {
	Version  uint16 // 80: patron header version
	Modality Modality
	Subtype  *Subtype // 82
	Created  []byte   // 83: date and time, 7 bytes
	Validity []byte   // 85: from and to, 8 bytes
	Creator  []byte   // 86: product identifier, 2 or 4 bytes
	Owner    uint16   // 87: of the format
	Format   Format   // 88
}

// A Subtype tells which finger: bits 0 and 1 the hand, 1 right and 2 left; bits 2
// to 4 the finger, 1 thumb to 5 little finger. It is 0 where nothing is told, as
// for a face.
type Subtype byte

// SubtypeOf is the subtype of a finger, numbered 1 to 10 as field FGP of
// ANSI/NIST-ITL 1, and 0 for any other position.
func SubtypeOf(position int) Subtype {
	switch {
	case position >= 1 && position <= 5:
		return Subtype(position<<2 | 1)
	case position >= 6 && position <= 10:
		return Subtype((position-5)<<2 | 2)
	}
	return 0
}

// Position is the finger, numbered as field FGP of ANSI/NIST-ITL 1; 0 and false if
// the subtype tells none.
func (s Subtype) Position() (position int, ok bool) {
	hand, finger := int(s&3), int(s>>2)
	switch {
	case finger < 1 || finger > 5:
		return 0, false
	case hand == 1:
		return finger, true
	case hand == 2:
		return finger + 5, true
	}
	return 0, false
}

// FaceTemplate is a template with a face by ISO/IEC 19794-5 or 39794-5.
func FaceTemplate(format Format, record []byte) Template {
	none := Subtype(0)
	return Template{Header{Modality: Face, Subtype: &none, Owner: SC37, Format: format}, record}
}

// FingerTemplate is a template with one finger, numbered 1 to 10 as field FGP of
// ANSI/NIST-ITL 1, by ISO/IEC 19794-4 or 39794-4.
func FingerTemplate(format Format, position int, record []byte) Template {
	finger := SubtypeOf(position)
	return Template{Header{Modality: Finger, Subtype: &finger, Owner: SC37, Format: format}, record}
}

// Empty is the file of fingers where none could be taken. Random is what makes it
// unlike others: 8 bytes or more. Chips without it are read, but not written.
func Empty(random []byte) Group { return Group{File: DG3, Discretionary: random} }

// check says what would make no well-formed group.
func (g *Group) check() error {
	if g.File == DG2 && len(g.Templates) == 0 {
		return errors.New("a file of faces without a face")
	}
	fingers := map[Subtype]bool{}
	for i := range g.Templates {
		t := &g.Templates[i]
		rule := ""
		s := t.Header.Subtype
		switch {
		case !t.Header.fits(g.File):
			rule = "its modality and format do not belong into the file"
		case t.Header.Version != 0 && t.Header.Version != Version:
			rule = "there is no such version of the header"
		case !t.Header.sized():
			rule = "a field of the header has another length"
		case len(t.Record) == 0:
			rule = "there is no record"
		case g.File == DG3 && (s == nil || !s.finger()):
			rule = "the header tells no finger"
		case g.File == DG3 && fingers[*s]:
			rule = "the finger has a template already"
		}
		if rule != "" {
			return fmt.Errorf("template %d: %s", i+1, rule)
		}
		if g.File == DG3 {
			fingers[*s] = true
		}
	}
	return nil
}

// finger reports whether the subtype tells a finger.
func (s Subtype) finger() bool {
	_, ok := s.Position()
	return ok
}

// sized reports whether the fields of bytes are absent or of the length they must have.
func (h *Header) sized() bool {
	return (h.Created == nil || len(h.Created) == 7) && (h.Validity == nil || len(h.Validity) == 8) &&
		(h.Creator == nil || len(h.Creator) == 2 || len(h.Creator) == 4)
}

// fits reports whether the record is one of those a file holds.
func (h *Header) fits(f File) bool {
	switch {
	case h.Owner != SC37:
		return false
	case f == DG2:
		return (h.Modality == Face || h.Modality == 0) && (h.Format == Face19794 || h.Format == Face39794)
	case f == DG3:
		return (h.Modality == Finger || h.Modality == 0) && (h.Format == Finger19794 || h.Format == Finger39794)
	case f == DG4:
		return (h.Modality == Iris || h.Modality == 0) && (h.Format == Iris19794 || h.Format == Iris39794)
	}
	return false
}
