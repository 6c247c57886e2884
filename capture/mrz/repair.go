package mrz

import (
	"fmt"
	"slices"
	"strings"
)

// A Repair is a character that was read otherwise than it is returned. From and
// To are characters of the zone; String leaves them out.
type Repair struct {
	Field  Field  `json:"field"`
	Line   int    `json:"line"`   // from 1
	Column int    `json:"column"` // from 1
	From   string `json:"from"`
	To     string `json:"to"`
}

// String says where something was repaired, and not what.
func (r Repair) String() string {
	return fmt.Sprintf("%s: line %d, column %d", r.Field, r.Line, r.Column)
}

// A kind is what may stand in a position.
type kind int

const (
	date    kind = iota // a digit or, where it is not known, a filler
	check               // a digit, or a filler where there is none
	letter              // a letter or a filler
	sex                 // F, M or a filler
	filling             // a filler
)

// admits reports whether a character may stand in a position of the kind.
func (k kind) admits(c byte) bool {
	switch {
	case c == '<':
		return true
	case k == date || k == check:
		return isDigit(c)
	case k == letter:
		return isLetter(c)
	}
	return k == sex && (c == 'F' || c == 'M')
}

// meant returns the characters of the kind that OCR takes for c: in OCR-B, 0
// and O, Q, D; 1 and I; 2 and Z; 5 and S; 6 and G; 8 and B; the filler and K, C.
func (k kind) meant(c byte) string {
	const digits, alike = "00012568", "OQDIZSGB"
	switch {
	case (c == 'K' || c == 'C') && k != check:
		return "<"
	case k == date || k == check:
		if i := strings.IndexByte(alike, c); i >= 0 {
			return digits[i : i+1]
		}
	case k == letter && c == '0':
		return "OQD"
	case k == letter:
		if i := strings.IndexByte(digits, c); i >= 0 {
			return alike[i : i+1]
		}
	}
	return ""
}

// A demand is a field whose positions demand a kind of character.
type demand struct {
	field Field
	span  span
	kind  kind
	fits  func(string) bool // what else the field must be, or nil
}

// demands are the fields of which the positions say what may stand there.
// Document number and optional data may hold anything, and so may the second
// character of the code.
func (l layout) demands(lines []string) []demand {
	d := []demand{
		{FieldCode, span{l.code.line, l.code.from, l.code.from + 1}, letter, func(s string) bool { return strings.Contains(l.codes, s) }},
		{FieldIssuer, l.issuer, letter, func(s string) bool { return Known(trim(s)) }},
		{FieldNationality, l.nationality, letter, func(s string) bool { return Known(trim(s)) }},
		{FieldBirth, l.birth, date, possible},
		{FieldExpiry, l.expiry, date, possible},
	}
	for _, p := range l.places() {
		d = append(d, demand{p.field, p.span.after(), check, nil})
	}
	if l.composite != nil {
		d = append(d, demand{FieldComposite, l.final, check, nil})
	}
	names, filler := l.names, l.names
	if end := strings.Index(l.names.of(lines), "<<<"); end >= 0 {
		names.to = names.from + end
	}
	filler.from = names.to
	return append(d, demand{FieldSex, l.sex, sex, nil}, demand{FieldNames, names, letter, nil}, demand{FieldNames, filler, filling, nil})
}

// repair returns the lines with what OCR has confused set right, and what was
// changed; or, where that is not certain, the lines as they are and a remark.
// What cannot be meant otherwise stays, and is remarked on like any other fault.
func (l layout) repair(lines []string) ([]string, []Repair, []Remark) {
	better := slices.Clone(lines)
	var repairs []Repair
	var remarks []Remark
	for _, d := range l.demands(lines) {
		field := d.span.of(lines)
		switch ways := d.ways(field); len(ways) {
		case 0:
		case 1:
			put(better, d.span, ways[0])
			repairs = append(repairs, d.changes(field, ways[0])...)
		default:
			remarks = append(remarks, Remark{d.field, "looks misread, and could be repaired in more than one way"})
		}
	}
	if len(repairs) == 0 {
		return lines, nil, remarks
	}
	if l.read(better).Err() != nil {
		return lines, nil, append(remarks, Remark{repairs[0].Field, "looks misread, but a repair would not make all check digits right"})
	}
	return better, repairs, remarks
}

// changes lists what differs between a field as read and as repaired.
func (d demand) changes(read, repaired string) []Repair {
	var all []Repair
	for i := range len(read) {
		if read[i] != repaired[i] {
			all = append(all, Repair{d.field, d.span.line + 1, d.span.from + i + 1, read[i : i+1], repaired[i : i+1]})
		}
	}
	return all
}

// manyWays is where counting them ends: more than one is too many already.
const manyWays = 100

// ways returns the ways to repair a field: none where nothing is wrong with it,
// or where something cannot be meant otherwise.
func (d demand) ways(field string) []string {
	ways, wrong := []string{""}, false
	for _, c := range []byte(field) {
		meant := string(rune(c))
		if !d.kind.admits(c) {
			meant, wrong = d.kind.meant(c), true
		}
		var longer []string
		for _, w := range ways {
			for _, m := range meant {
				longer = append(longer, w+string(m))
			}
		}
		ways = longer[:min(len(longer), manyWays)]
	}
	if !wrong {
		return nil
	}
	return slices.DeleteFunc(ways, func(w string) bool { return d.fits != nil && !d.fits(w) })
}
