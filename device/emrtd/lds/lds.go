// Package lds reads and writes the files in the chip of a travel document: the
// logical data structure of ICAO Doc 9303-10, and of BSI TR-03110-3 what tells
// how the chip is opened. A chip that someone prepared may hold anything: sizes
// and depth are bounded, and what is wrong is named by file and place, never by
// content. Images are bytes here and are not decoded. Fetching files is left to
// package emrtd, whether they are genuine to package pa, which also opens the
// envelope of EF.SOD and EF.CardSecurity.
package lds

import (
	"errors"
	"fmt"

	"optag/capture/record/tlv"
)

// A File is an elementary file of a travel document. 1 to 16 are the data
// groups.
type File uint8

const (
	DG1          File = 1 + iota // machine readable zone
	DG2                          // face
	DG3                          // fingers
	DG4                          // irises
	DG5                          // portrait as displayed
	DG6                          // reserved
	DG7                          // signature as displayed
	DG8                          // data features
	DG9                          // structure features
	DG10                         // substance features
	DG11                         // further details of the holder
	DG12                         // further details of the document
	DG13                         // of the issuer's choice
	DG14                         // protocols and keys of the chip
	DG15                         // key for active authentication
	DG16                         // persons to notify
	COM                          // which files there are
	SOD                          // what they hold, signed
	CVCA                         // who may open DG3, by BSI TR-03110
	CardAccess                   // how the chip is opened; in the master file
	CardSecurity                 // the same, signed; in the master file
)

// AID is the application that the files lie in, but for those of the master
// file.
const AID = "\xA0\x00\x00\x02\x47\x10\x01"

// A place is where a file lies and what it is called.
type place struct {
	name     string
	id       uint16
	tag      tlv.Tag // 0: the file is no single object of its own tag
	sizeable bool    // it may be of images
}

// places are in the order of the files. Sources: Doc 9303-10, table 33 and 4.7;
// BSI TR-03110-3, table 1.
var places = [...]place{
	{"EF.DG1", 0x0101, 0x61, false}, {"EF.DG2", 0x0102, 0x75, true}, {"EF.DG3", 0x0103, 0x63, true}, {"EF.DG4", 0x0104, 0x76, true},
	{"EF.DG5", 0x0105, 0x65, true}, {"EF.DG6", 0x0106, 0x66, true}, {"EF.DG7", 0x0107, 0x67, true}, {"EF.DG8", 0x0108, 0x68, true},
	{"EF.DG9", 0x0109, 0x69, true}, {"EF.DG10", 0x010A, 0x6A, true}, {"EF.DG11", 0x010B, 0x6B, true}, {"EF.DG12", 0x010C, 0x6C, true},
	{"EF.DG13", 0x010D, 0x6D, true}, {"EF.DG14", 0x010E, 0x6E, false}, {"EF.DG15", 0x010F, 0x6F, false}, {"EF.DG16", 0x0110, 0x70, true},
	{"EF.COM", 0x011E, 0x60, false}, {"EF.SOD", 0x011D, 0x77, false}, {"EF.CVCA", 0x011C, 0, false},
	{"EF.CardAccess", 0x011C, 0x31, false}, {"EF.CardSecurity", 0x011D, 0x30, false},
}

func (f File) place() place {
	if f < 1 || int(f) > len(places) {
		return place{name: fmt.Sprintf("file %d", uint8(f))}
	}
	return places[f-1]
}

// String is the name in Doc 9303: EF.DG1, EF.SOD.
func (f File) String() string { return f.place().name }

// ID is the file identifier, 0 for what is no file.
func (f File) ID() uint16 { return f.place().id }

// SFI is the short file identifier, 1 to 30.
func (f File) SFI() byte { return byte(f.place().id) & 0x1F }

// Tag is the tag of the object that is the whole file; 0 for EF.CVCA.
func (f File) Tag() tlv.Tag { return f.place().tag }

// Group reports whether the file is a data group, which EF.SOD has the hash of.
func (f File) Group() bool { return f >= DG1 && f <= DG16 }

// Master reports whether the file lies in the master file and not in the
// application.
func (f File) Master() bool { return f == CardAccess || f == CardSecurity }

// Limit is the size of the largest file that is read, in bytes. The largest in
// use are those of DG3 with uncompressed prints, below 400 kB.
func (f File) Limit() int {
	if f.place().sizeable {
		return 1 << 20
	}
	return 1 << 16
}

// ByTag returns the data group, EF.COM or EF.SOD with this tag.
func ByTag(tag tlv.Tag) (File, bool) {
	for f := DG1; f <= SOD; f++ {
		if f.Tag() == tag {
			return f, true
		}
	}
	return 0, false
}

// Length is how many bytes a file has, by its first ones: six are enough for any
// file, and all of it for a shorter one. What a chip has behind them is not part
// of the file.
func Length(f File, head []byte) (int, error) {
	switch {
	case f == CVCA:
		return cvcaSize, nil
	case len(head) < 2:
		return 0, &Fault{f, 0, "is empty"}
	case tlv.Tag(head[0]) != f.Tag():
		return 0, &Fault{f, 0, "does not begin with its tag"}
	}
	n, size := 2, int(head[1])
	if size >= 0x80 {
		n += size & 0x7F
		if size == 0x80 || n > 6 || n > len(head) {
			return 0, &Fault{f, 1, "has a length that cannot be read"}
		}
		size = 0
		for _, c := range head[2:n] {
			if size = size<<8 | int(c); size > f.Limit() {
				break
			}
		}
	}
	if n+size > f.Limit() {
		return 0, &Fault{f, 1, "is longer than such a file may be"}
	}
	return n + size, nil
}

// A Fault is what is wrong with a file. It holds nothing of its content.
type Fault struct {
	File File
	At   int    // where the object begins: bytes from the beginning of the file
	Rule string // what is not kept
}

func (e *Fault) Error() string {
	return fmt.Sprintf("reading %v at byte %d: %s", e.File, e.At, e.Rule)
}

// Named puts the name of the file into an error of reading its objects, wherever
// it happened: every error of this package is a *[Fault].
func Named(f File, err error) error {
	var named *Fault
	var fault *tlv.Fault
	switch {
	case err == nil:
		return nil
	case errors.As(err, &named):
		return err
	case errors.As(err, &fault):
		rule := fault.Rule
		if fault.Tag != 0 {
			rule = fmt.Sprintf("data object %v %s", fault.Tag, rule)
		}
		return &Fault{f, fault.At, rule}
	}
	return &Fault{f, 0, err.Error()}
}

// open reads the one object that a file is, and the objects in it.
func open(f File, b []byte) (tlv.Element, *tlv.Reader, error) {
	if len(b) > f.Limit() {
		return tlv.Element{}, nil, &Fault{f, 0, "is longer than such a file may be"}
	}
	file := tlv.NewReader(b, tlv.BER)
	e, err := file.Want(f.Tag())
	if err != nil {
		return e, nil, err
	}
	if err := file.End(); err != nil {
		return e, nil, err
	}
	r, err := e.In()
	return e, r, err
}
