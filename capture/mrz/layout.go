package mrz

import "strings"

// numberLength is the number of positions for a document number in all formats.
const numberLength = 9

// A span is a run of positions in one line, counted from 0; to is exclusive.
type span struct{ line, from, to int }

func (s span) of(lines []string) string { return lines[s.line][s.from:s.to] }

// A layout is where the fields of a format stand. Check digits stand right
// behind what they check.
type layout struct {
	format        Format
	lines, length int
	codes         string // what the document code may begin with

	code, issuer, names, nationality, sex span
	number, birth, expiry                 span // each without its check digit
	optional, optional2                   span // TD3: without its check digit

	personal  bool   // a check digit stands behind optional
	long      bool   // a number may go on in optional
	composite []span // what the composite digit covers; nil where there is none
	final     span   // the composite digit
}

// layoutOf returns the layout of a format; false when there is no such format.
func layoutOf(f Format) (layout, bool) {
	switch f {
	case TD1:
		return td1(), true
	case TD2, TD3, MRVA, MRVB:
		return twoLines(f), true
	}
	return layout{}, false
}

// td1 is the table of 9303-5, 4.2.2 and 4.2.4.
func td1() layout {
	return layout{
		format: TD1, lines: 3, length: 30, codes: "ACI", long: true,
		code: span{0, 0, 2}, issuer: span{0, 2, 5}, number: span{0, 5, 14}, optional: span{0, 15, 30},
		birth: span{1, 0, 6}, sex: span{1, 7, 8}, expiry: span{1, 8, 14}, nationality: span{1, 15, 18}, optional2: span{1, 18, 29},
		names:     span{2, 0, 30},
		composite: []span{{0, 5, 30}, {1, 0, 7}, {1, 8, 15}, {1, 18, 29}}, final: span{1, 29, 30},
	}
}

// twoLines is the tables of 9303-4, 9303-6 and 9303-7, which differ in length
// and in what follows the date of expiry.
func twoLines(f Format) layout {
	l := layout{
		format: f, lines: 2, length: 44, codes: "P",
		code: span{0, 0, 2}, issuer: span{0, 2, 5},
		number: span{1, 0, 9}, nationality: span{1, 10, 13}, birth: span{1, 13, 19}, sex: span{1, 20, 21}, expiry: span{1, 21, 27},
	}
	composite := func(end int) ([]span, span) {
		return []span{{1, 0, 10}, {1, 13, 20}, {1, 21, end}}, span{1, end, end + 1}
	}
	switch f {
	case TD3:
		l.optional, l.personal = span{1, 28, 42}, true
		l.composite, l.final = composite(43)
	case TD2:
		l.length, l.codes, l.optional, l.long = 36, "ACI", span{1, 28, 35}, true
		l.composite, l.final = composite(35)
	case MRVA:
		l.codes, l.optional = "V", span{1, 28, 44}
	case MRVB:
		l.length, l.codes, l.optional = 36, "V", span{1, 28, 36}
	}
	l.names = span{0, 5, l.length}
	return l
}

// A place is a check digit of its own: what it checks, and where it stands.
type place struct {
	field Field
	span  span
}

// places are the fields with a check digit of their own, in the order of the
// zone, without the composite digit.
func (l layout) places() []place {
	p := []place{{FieldNumber, l.number}, {FieldBirth, l.birth}, {FieldExpiry, l.expiry}}
	if l.personal {
		p = append(p, place{FieldOptional, l.optional})
	}
	return p
}

// after is the position behind a span: that of its check digit.
func (s span) after() span { return span{s.line, s.to, s.to + 1} }

// covered is what the composite digit is computed from.
func (l layout) covered(lines []string) string {
	var b strings.Builder
	for _, s := range l.composite {
		b.WriteString(s.of(lines))
	}
	return b.String()
}
