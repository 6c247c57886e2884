// Package nist reads, writes and checks ANSI/NIST-ITL 1 transactions in the
// traditional encoding, up to 1-2011 Update 2015 (version 0502).
//
// It has two layers. A [Transaction] is the file as it stands: records, fields,
// sub-fields and items. What [Parse] takes, [Transaction.Append] gives back byte
// for byte, whatever the records hold; the lengths, the counts and the list of
// records are right by construction in what is built here. [Header], [Print],
// [Palm], [Face], [LegacyPrint] and [Minutiae] are typed views of single records,
// and all but the last two can be written as well.
//
// [Check] says what is wrong in a file that can be read. Whether an image shows
// what its record says, and which fields a receiver wants, is left to others:
// no image is unpacked here, only the width and height in its header are read.
//
// Field numbers, mnemonics and codes are those of the standard; the names of
// the code tables are in codes.go.
package nist

import (
	"bytes"
	"strconv"
	"strings"
)

// Separators of the traditional encoding.
const (
	fs = 0x1c // ends a record
	gs = 0x1d // between fields
	rs = 0x1e // between sub-fields
	us = 0x1f // between items
)

// Numbers of the fields that mean the same in every tagged record.
const (
	fieldLEN  = 1
	fieldIDC  = 2
	fieldDATA = 999
)

// A Transaction is a file: its records in their order, the Type-1 record first.
type Transaction struct {
	Records []*Record
}

// A Record is tagged, with Fields, or is kept whole, in Whole.
//
// Types 3 to 8 are binary and always whole. So is a record of a type without a
// view here in which fields cannot be told apart.
type Record struct {
	Type   int     // 1 to 99
	Fields []Field // in the file's order: LEN, IDC (in Type-1 VER), and so on
	Whole  []byte  // every byte, LEN included
}

// A Field is one field of a tagged record.
type Field struct {
	Number int    // behind the point: 3 for 14.003
	Value  []byte // behind the colon; sub-fields are separated by RS, items by US
	tag    []byte // as it was read; nil for a field that was made here
}

// NewField makes a field of sub-fields with their items. A separator within an
// item becomes a space.
func NewField(number int, subfields ...[]string) Field {
	var v []byte
	for i, items := range subfields {
		if i > 0 {
			v = append(v, rs)
		}
		for k, item := range items {
			if k > 0 {
				v = append(v, us)
			}
			from := len(v)
			v = append(v, item...)
			spaced(v[from:], fs, us)
		}
	}
	return Field{Number: number, Value: v}
}

// spaced makes a space of every byte between two.
func spaced(b []byte, low, high byte) {
	for i, c := range b {
		if c >= low && c <= high {
			b[i] = ' '
		}
	}
}

// whole returns the field with a value that ends neither field nor record.
func (f Field) whole(typ int) Field {
	if f.Number == fieldDATA && hasData(typ) || !bytes.ContainsAny(f.Value, "\x1c\x1d") {
		return f
	}
	f.Value = bytes.Clone(f.Value)
	spaced(f.Value, fs, gs)
	return f
}

// Subfields splits the value: sub-fields, and in each its items. An empty value
// has none.
func (f Field) Subfields() [][]string {
	if len(f.Value) == 0 {
		return nil
	}
	parts := strings.Split(string(f.Value), string(rune(rs)))
	all := make([][]string, len(parts))
	for i, p := range parts {
		all[i] = strings.Split(p, string(rune(us)))
	}
	return all
}

// Field returns the first field of a number.
func (r *Record) Field(number int) (Field, bool) {
	for _, f := range r.Fields {
		if f.Number == number {
			return f, true
		}
	}
	return Field{}, false
}

// Text returns the value of the first field of a number; none is "".
func (r *Record) Text(number int) string {
	f, _ := r.Field(number)
	return string(f.Value)
}

// Data returns the image of a record with field 999: a slice of the bytes that
// were parsed. Types 3 to 6 have theirs in a [LegacyPrint].
func (r *Record) Data() []byte {
	if !hasData(r.Type) {
		return nil
	}
	f, _ := r.Field(fieldDATA)
	return f.Value
}

// IDC returns the information designation character, which ties the records of
// one sample together: 0 to 99, or -1 where the record has none that can be read.
// A Type-1 record has none.
func (r *Record) IDC() int {
	if len(r.Whole) > 0 {
		return wholeIDC(r)
	}
	if r.Type == 1 || len(r.Fields) < 2 || r.Fields[1].Number != fieldIDC {
		return -1
	}
	return number(r.Fields[1].Value)
}

// wholeIDC finds the IDC of a record that is kept whole: the byte behind the
// length of a binary one, the second field of another.
func wholeIDC(r *Record) int {
	if isBinary(r.Type) {
		return int(r.Whole[4])
	}
	_, rest, _ := bytes.Cut(r.Whole, []byte{gs})
	f, _, err := cutField(rest, r.Type)
	if err != nil || f.Number != fieldIDC {
		return -1
	}
	return number(f.Value)
}

// OfType returns the records of a type in their order.
func (t *Transaction) OfType(typ int) []*Record {
	var of []*Record
	for _, r := range t.Records {
		if r.Type == typ {
			of = append(of, r)
		}
	}
	return of
}

// isBinary reports whether records of a type begin with a length in four bytes
// and have no separators.
func isBinary(typ int) bool { return typ >= 3 && typ <= 8 }

// hasData reports whether field 999 of a type holds bytes that may be
// separators, so that only LEN says where it ends.
func hasData(typ int) bool { return typ >= 10 }

// number reads up to nine digits; anything else is -1.
func number(b []byte) int {
	if len(b) == 0 || len(b) > 9 {
		return -1
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return -1
		}
		n = 10*n + int(c-'0')
	}
	return n
}

// tagOf writes the tag of a field, as in "14.003:".
func tagOf(dst []byte, typ int, f Field) []byte {
	if f.tag != nil {
		return append(append(dst, f.tag...), ':')
	}
	dst = strconv.AppendInt(dst, int64(typ), 10)
	dst = append(dst, '.')
	for _, limit := range []int{100, 10} {
		if f.Number < limit {
			dst = append(dst, '0')
		}
	}
	return append(strconv.AppendInt(dst, int64(f.Number), 10), ':')
}
