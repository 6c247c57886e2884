package mrz

import (
	"errors"
	"fmt"
	"strings"
)

// Lines writes the document as its format has it, with the check digits that
// fit; Checks, Repairs and Remarks are not looked at. A zone without a wrong
// digit and without remarks that was read is written as it was. Names are
// shortened where they have no room; what else has no room, or cannot stand
// where it is, is an error, which names the field and does not repeat it.
func (d Document) Lines() ([]string, error) {
	lines, err := d.lines()
	if err != nil {
		return nil, fmt.Errorf("writing a machine readable zone: %w", err)
	}
	return lines, nil
}

func (d Document) lines() ([]string, error) {
	l, ok := layoutOf(d.Format)
	if !ok {
		return nil, fmt.Errorf("there is no such format: %q", string(d.Format))
	}
	number, numberDigit, optional, err := d.numbers(l)
	if err != nil {
		return nil, err
	}
	names, err := d.Names.field(l.names.to - l.names.from)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", FieldNames, err)
	}
	lines := make([]string, l.lines)
	for i := range lines {
		lines[i] = strings.Repeat("<", l.length)
	}
	put(lines, l.names, names)
	put(lines, l.number.after(), numberDigit)
	for _, f := range []struct {
		field Field
		span  span
		text  string
		least int
		fits  func(string) bool
	}{
		{FieldCode, l.code, d.Code, 1, func(s string) bool { return isLetter(s[0]) && characters(s) }},
		{FieldIssuer, l.issuer, d.Issuer, 1, letters},
		{FieldNumber, l.number, number, 1, characters},
		{FieldNationality, l.nationality, d.Nationality, 1, letters},
		{FieldBirth, l.birth, string(d.Birth), 6, possible},
		{FieldSex, l.sex, strings.ReplaceAll(string(d.Sex), "X", "<"), 1, func(s string) bool { return strings.Contains("FM<", s) }},
		{FieldExpiry, l.expiry, string(d.Expiry), 6, possible},
		{FieldOptional, l.optional, optional, 0, characters},
		{FieldOptional, l.optional2, d.Optional2, 0, characters},
	} {
		if len(f.text) < f.least || len(f.text) > f.span.to-f.span.from || f.text != "" && !f.fits(f.text) {
			return nil, fmt.Errorf("%s cannot be written", f.field)
		}
		put(lines, f.span, f.text)
	}
	l.sign(lines, d.NoDigit)
	return lines, nil
}

// numbers returns what stands in the fields of number, check digit and optional
// data: see [layout.splitNumber].
func (d Document) numbers(l layout) (number, numberDigit, optional string, err error) {
	if len(d.Number) <= numberLength {
		return d.Number, digit(pad(d.Number, numberLength)), d.Optional, nil
	}
	room := l.optional.to - l.optional.from
	rest := d.Number[numberLength:] + digit(d.Number)
	switch {
	case !l.long:
		return "", "", "", fmt.Errorf("%s: a %s has no room for more than %d characters", FieldNumber, d.Format, numberLength)
	case strings.Contains(d.Number[numberLength:], "<"):
		return "", "", "", errors.New("a long document number has fillers in it")
	case d.Optional != "":
		rest += "<" + d.Optional
	}
	if len(rest) > room {
		return "", "", "", fmt.Errorf("%s and %s have no room", FieldNumber, FieldOptional)
	}
	return d.Number[:numberLength], "<", rest, nil
}

// sign writes the check digits, but for that of the number.
func (l layout) sign(lines []string, none bool) {
	for _, p := range l.places()[1:] {
		put(lines, p.span.after(), digit(p.span.of(lines)))
		if p.field == FieldOptional && none && trim(p.span.of(lines)) == "" {
			put(lines, p.span.after(), "<")
		}
	}
	if l.composite != nil {
		put(lines, l.final, digit(l.covered(lines)))
	}
}

// put writes text where a field begins.
func put(lines []string, s span, text string) {
	line := lines[s.line]
	lines[s.line] = line[:s.from] + text + line[s.from+len(text):]
}

func possible(s string) bool { return Date(s).Possible() }

// letters reports whether a field is of letters alone.
func letters(s string) bool { return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" }

// characters reports whether a field has no others than a zone has, and does
// not end in a filler.
func characters(s string) bool {
	for _, c := range []byte(s) {
		if !isLetter(c) && !isDigit(c) && c != '<' {
			return false
		}
	}
	return trim(s) == s
}
