// Package mrz reads and writes the machine readable zones of travel documents
// after ICAO Doc 9303: cards (TD1, TD2), passports (TD3) and visas (MRV-A,
// MRV-B).
//
// [Parse] takes what a reader, a chip or a keyboard delivered and says what is
// in it, and for each check digit by itself whether it is right. It refuses
// only what has not the shape of a zone; whether a document with a wrong digit
// serves is for others to decide, and so is whether it is genuine: the digits
// find misreadings, not forgeries. It knows no clock: who wants the century of
// a date says which day it is. Collecting the characters that a reader sends is
// for device/mrzreader, opening a chip with [Document.Key] for device/emrtd.
//
// The parts of Doc 9303 (8th edition) are named as 9303-3 and so on.
package mrz

import (
	"errors"
	"fmt"
	"strings"
)

// A Format is the size of a document's zone.
type Format string

// The formats of 9303-4 to 9303-7.
const (
	TD1  Format = "TD1"   // cards: three lines of 30 characters
	TD2  Format = "TD2"   // larger cards: two lines of 36
	TD3  Format = "TD3"   // passports: two lines of 44
	MRVA Format = "MRV-A" // visas: two lines of 44
	MRVB Format = "MRV-B" // visas: two lines of 36
)

// A Field is a part of a zone.
type Field string

// The fields, as 9303 names them.
const (
	FieldCode        Field = "document code"
	FieldIssuer      Field = "issuing state"
	FieldNames       Field = "name"
	FieldNumber      Field = "document number"
	FieldNationality Field = "nationality"
	FieldBirth       Field = "date of birth"
	FieldSex         Field = "sex"
	FieldExpiry      Field = "date of expiry"
	FieldOptional    Field = "optional data"
	FieldComposite   Field = "composite check digit"
)

// A Sex is as the zone states it.
type Sex string

// The sexes of 9303. Unspecified is printed X in the visual zone and "<" in the
// machine readable one.
const (
	Female      Sex = "F"
	Male        Sex = "M"
	Unspecified Sex = "X"
)

// A Document is what a zone says. No field holds the fillers that only fill it;
// those within number and optional data remain.
type Document struct {
	Format      Format `json:"format"`
	Code        string `json:"code"`   // one or two characters: P, PD, ID, AR, V
	Issuer      string `json:"issuer"` // one to three letters, see [Known]
	Number      string `json:"number"` // of the document; longer than nine in TD1 and TD2 only
	Nationality string `json:"nationality"`
	Sex         Sex    `json:"sex"` // "" when the zone has none that exists
	Birth       Date   `json:"birth"`
	Expiry      Date   `json:"expiry"` // of a visa: the last day on which it serves to enter
	Names

	// Optional is what the issuer adds: the personal number in TD3, the first
	// line's in TD1, whose second line holds Optional2.
	Optional  string `json:"optional,omitzero"`
	Optional2 string `json:"optional2,omitzero"`

	// NoDigit says that the check digit of a TD3's empty personal number is "<"
	// and not 0; 9303-4 leaves the choice to the issuer.
	NoDigit bool `json:"no_digit,omitzero"`

	Checks  []Check  `json:"checks,omitzero"`  // in the order of the zone
	Repairs []Repair `json:"repairs,omitzero"` // what was read otherwise
	Remarks []Remark `json:"remarks,omitzero"`
}

// A Check is one check digit of a zone.
type Check struct {
	Field Field  `json:"field"`
	Got   string `json:"got"`  // one character
	Want  string `json:"want"` // the digit that fits the field
	OK    bool   `json:"ok"`
}

// A Remark is something unusual that no check digit covers. It repeats nothing
// of the zone.
type Remark struct {
	Field Field  `json:"field"`
	Text  string `json:"text"`
}

// String returns format and issuer, and nothing of the person.
func (d Document) String() string { return fmt.Sprintf("%s of %s", d.Format, d.Issuer) }

// Visa reports whether the document is a visa. A visa has no composite check
// digit, none for its optional data, and no chip.
func (d Document) Visa() bool { return d.Format == MRVA || d.Format == MRVB }

// ErrDigits is wrapped by the error of [Document.Err].
var ErrDigits = errors.New("check digits are wrong")

// Err returns nil when every check digit is right, and else names the fields
// whose digits are wrong.
func (d Document) Err() error {
	var wrong []string
	for _, c := range d.Checks {
		if !c.OK {
			wrong = append(wrong, string(c.Field))
		}
	}
	if wrong == nil {
		return nil
	}
	return fmt.Errorf("checking a machine readable zone: %w: %s", ErrDigits, strings.Join(wrong, ", "))
}

// Key returns the MRZ information from which the access keys of a chip are made
// (9303-11: BAC and PACE): number, date of birth and date of expiry, each with
// the check digit that fits it.
func (d Document) Key() string {
	return pad(d.Number, numberLength) + d.numberDigit() + string(d.Birth) + digit(string(d.Birth)) + string(d.Expiry) + digit(string(d.Expiry))
}

// numberDigit returns the check digit of the number: as it was read, where that
// was right, since there are two ways to compute that of a long number.
func (d Document) numberDigit() string {
	for _, c := range d.Checks {
		if c.Field == FieldNumber && c.OK {
			return c.Got
		}
	}
	return digit(pad(d.Number, numberLength))
}

func (d *Document) remark(f Field, text string) { d.Remarks = append(d.Remarks, Remark{f, text}) }

// digit returns the check digit of a field (9303-3, 4.9): weights 7, 3, 1, a
// filler counts 0, A to Z count 10 to 35, modulo 10.
func digit(field string) string {
	sum := 0
	for i, c := range []byte(field) {
		sum += value(c) * [...]int{7, 3, 1}[i%3]
	}
	return string(rune('0' + sum%10))
}

func value(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case isLetter(c):
		return int(c-'A') + 10
	}
	return 0
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'A' && c <= 'Z' }

// pad fills a field up to its length.
func pad(field string, length int) string {
	return field + strings.Repeat("<", max(0, length-len(field)))
}

// trim takes the fillers that only fill.
func trim(field string) string { return strings.TrimRight(field, "<") }
