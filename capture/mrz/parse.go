package mrz

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// longest is the most that is looked at, in bytes: any zone with room for line
// ends and blanks around it.
const longest = 1024

// Parse reads a zone. Its lines end in "\n", "\r" or "\r\n", or are one run of
// 72, 88 or 90 characters; blanks around lines and empty lines do not count.
//
// The error says that this is no zone, by line and column, both counted from 1,
// and repeats nothing of it. What is a zone is returned with all its check
// digits judged and never refused for them: see [Document.Err].
//
// Characters that OCR confuses are repaired where their position demands a
// digit or a letter, when exactly one repair is possible and makes all check
// digits right; otherwise nothing is touched, and a remark says so.
func Parse(text string) (Document, error) {
	lines, err := split(text)
	if err != nil {
		return Document{}, fmt.Errorf("reading a machine readable zone: %w", err)
	}
	l, err := shape(lines)
	if err != nil {
		return Document{}, fmt.Errorf("reading a machine readable zone: %w", err)
	}
	lines, repairs, remarks := l.repair(lines)
	d := l.read(lines)
	d.Repairs = repairs
	d.Remarks = append(d.Remarks, remarks...)
	return d, nil
}

// split cuts a text into lines and looks at every character.
func split(text string) ([]string, error) {
	if len(text) > longest {
		return nil, fmt.Errorf("%d bytes are more than a zone has", len(text))
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	var lines []string
	for n, raw := range strings.Split(text, "\n") {
		line := strings.Trim(raw, " \t")
		if line == "" {
			continue
		}
		for i, r := range line {
			if r >= utf8.RuneSelf || !isLetter(byte(r)) && !isDigit(byte(r)) && r != '<' {
				column := 1 + strings.Index(raw, line) + utf8.RuneCountInString(line[:i])
				return nil, fmt.Errorf("line %d, column %d is none of A to Z, 0 to 9 and <", n+1, column)
			}
		}
		lines = append(lines, line)
	}
	if len(lines) == 1 {
		lines = unroll(lines[0])
	}
	return lines, nil
}

// unroll cuts a run without line ends by its length, where that is one of a zone.
func unroll(run string) []string {
	switch n := len(run); n {
	case 72, 88:
		return []string{run[:n/2], run[n/2:]}
	case 90:
		return []string{run[:30], run[30:60], run[60:]}
	}
	return []string{run}
}

// shape finds the layout by the number and length of the lines. The first
// letter tells visas from the others.
func shape(lines []string) (layout, error) {
	var format Format
	if len(lines) == 0 {
		return layout{}, fmt.Errorf("there is nothing")
	}
	visa := lines[0][0] == 'V'
	switch n := len(lines[0]); {
	case n == 30:
		format = TD1
	case n == 36 && visa:
		format = MRVB
	case n == 36:
		format = TD2
	case n == 44 && visa:
		format = MRVA
	case n == 44:
		format = TD3
	case len(lines) == 1:
		return layout{}, fmt.Errorf("line 1 has %d characters; a zone in one run has 72, 88 or 90", n)
	default:
		return layout{}, fmt.Errorf("line 1 has %d characters; a zone has 30, 36 or 44", n)
	}
	l, _ := layoutOf(format)
	if len(lines) != l.lines {
		return layout{}, fmt.Errorf("%d lines of %d characters; %s has %d", len(lines), l.length, format, l.lines)
	}
	for i, line := range lines {
		if len(line) != l.length {
			return layout{}, fmt.Errorf("line %d has %d characters; line 1 has %d", i+1, len(line), l.length)
		}
	}
	return l, nil
}

// read takes the fields of a zone.
func (l layout) read(lines []string) Document {
	d := Document{
		Format:      l.format,
		Code:        trim(l.code.of(lines)),
		Issuer:      trim(l.issuer.of(lines)),
		Nationality: trim(l.nationality.of(lines)),
		Birth:       Date(l.birth.of(lines)),
		Expiry:      Date(l.expiry.of(lines)),
		Optional2:   trim(l.optional2.of(lines)),
	}
	d.Number, d.Optional = l.splitNumber(lines)
	d.NoDigit = l.personal && d.Optional == "" && l.optional.after().of(lines) == "<"
	d.Names = d.readNames(l.names.of(lines))
	d.readSex(l.sex.of(lines))
	d.Checks = l.checks(lines, d.Number)
	d.look(l)
	return d
}

// splitNumber returns the document number and the optional data behind it.
//
// A number of more than nine characters has a filler in the place of its check
// digit; the rest of it, its digit and a filler begin the optional data
// (9303-5, note j; 9303-6, note j). Visas and passports have no such numbers.
func (l layout) splitNumber(lines []string) (number, optional string) {
	number, optional = l.number.of(lines), l.optional.of(lines)
	if rest, ok := l.rest(lines); ok {
		return number + rest[:len(rest)-1], trim(strings.TrimPrefix(optional[len(rest):], "<"))
	}
	return trim(number), trim(optional)
}

// rest returns what of a long number stands in the optional data, with its
// check digit.
func (l layout) rest(lines []string) (string, bool) {
	number := l.number.of(lines)
	if !l.long || l.number.after().of(lines) != "<" || trim(number) != number {
		return "", false
	}
	rest, _, _ := strings.Cut(l.optional.of(lines), "<")
	return rest, len(rest) >= 2
}

func (d *Document) readSex(sex string) {
	switch sex {
	case "F", "M":
		d.Sex = Sex(sex)
	case "<":
		d.Sex = Unspecified
	default:
		d.remark(FieldSex, "is none of F, M and <")
	}
}

// checks judges every check digit by itself.
func (l layout) checks(lines []string, number string) []Check {
	var all []Check
	for _, p := range l.places() {
		content, got := p.span.of(lines), p.span.after().of(lines)
		if p.field == FieldNumber && len(number) > numberLength {
			all = append(all, l.checkLong(lines, number))
			continue
		}
		c := Check{Field: p.field, Got: got, Want: digit(content)}
		c.OK = c.Got == c.Want || p.field == FieldOptional && c.Got == "<" && trim(content) == ""
		all = append(all, c)
	}
	if l.composite != nil {
		c := Check{Field: FieldComposite, Got: l.final.of(lines), Want: digit(l.covered(lines))}
		c.OK = c.Got == c.Want
		all = append(all, c)
	}
	return all
}

// checkLong judges the digit of a long number. The filler in the place of its
// usual digit does not count (9303-5, 4.2.4). Cards are in use whose issuers
// counted it: that is no misreading, and is remarked on.
func (l layout) checkLong(lines []string, number string) Check {
	rest, _ := l.rest(lines)
	c := Check{Field: FieldNumber, Got: rest[len(rest)-1:], Want: digit(number)}
	if old := digit(withFiller(number)); c.Got == old {
		c.Want = old
	}
	c.OK = c.Got == c.Want
	return c
}

// withFiller is a long number as it stands in the zone.
func withFiller(number string) string { return number[:numberLength] + "<" + number[numberLength:] }

// look remarks on what no check digit covers.
func (d *Document) look(l layout) {
	if !strings.Contains(l.codes, first(d.Code)) {
		d.remark(FieldCode, "is not one of "+string(d.Format))
	}
	switch n := d.Number; {
	case n == "":
		d.remark(FieldNumber, "is empty")
	case len(n) > numberLength && d.numberDigit() != digit(n):
		d.remark(FieldNumber, "is longer than nine, and its check digit counts the filler within it, against 9303-5")
	}
	for _, code := range []struct {
		field Field
		code  string
	}{{FieldIssuer, d.Issuer}, {FieldNationality, d.Nationality}} {
		if !Known(code.code) {
			d.remark(code.field, "is no code of ISO 3166-1 or 9303-3")
		}
	}
	if !d.Birth.Possible() {
		d.remark(FieldBirth, "is no date")
	}
	if !d.Expiry.Possible() {
		d.remark(FieldExpiry, "is no date")
	}
}

// first returns the first letter, or something that is none.
func first(code string) string {
	if code == "" {
		return "<"
	}
	return code[:1]
}
