package nist

import (
	"encoding/binary"
	"fmt"
)

// legacyHead is the length of what stands before the image in Types 3 to 6.
const legacyHead = 18

// A LegacyPrint is a record of Types 3 to 6, which have no tags. It can only be
// read: since 2011 prints are written as Type-14.
type LegacyPrint struct {
	IDC           int
	Impression    int   // IMP
	Fingers       []int // FGP: the codes that are used, at most six
	Declared      bool  // ISR is 1: the density is NTR of the Type-1 record; else 19.69 pixels per millimetre
	Width, Height int   // HLL and VLL, pixels
	Algorithm     int   // GCA; BCA in Types 5 and 6. Its name in a Type-4 record is Compression
	Data          []byte
}

// Legacy reads a record of Types 3 to 6. Its data are a slice of the record.
func (rec *Record) Legacy() (LegacyPrint, error) {
	if rec.Type < 3 || rec.Type > 6 || len(rec.Whole) < legacyHead {
		return LegacyPrint{}, fmt.Errorf("reading a legacy print: a record of Type-%d with %d bytes", rec.Type, len(rec.Whole))
	}
	b := rec.Whole
	p := LegacyPrint{
		IDC: int(b[4]), Impression: int(b[5]), Declared: b[12] == 1,
		Width: int(binary.BigEndian.Uint16(b[13:])), Height: int(binary.BigEndian.Uint16(b[15:])),
		Algorithm: int(b[17]), Data: b[legacyHead:],
	}
	for _, f := range b[6:12] {
		if f != unusedFinger {
			p.Fingers = append(p.Fingers, int(f))
		}
	}
	return p, nil
}

// unusedFinger fills the places of FGP in a binary record that hold no code.
const unusedFinger = 255

// Compression returns the name that CGA has for the algorithm of a Type-4 record,
// or "" for a code of none.
func (p LegacyPrint) Compression() string {
	if p.Algorithm < len(compressions) {
		return compressions[p.Algorithm]
	}
	return ""
}
