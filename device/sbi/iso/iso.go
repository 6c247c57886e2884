// Package iso reads the records that a device puts into an answer of SBI: one
// finger image by ISO/IEC 19794-4, one face image by ISO/IEC 19794-5, each in the
// edition of 2005 or of 2011. It reads exactly that and is strict: one
// representation, lengths that agree, nothing left over. It decodes no image and
// writes no record.
package iso

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// A Coding is how the pixels of a record are stored.
type Coding uint8

// The codings, whose numbers differ from edition to edition. Bit-packed pixels
// are refused: at 8 bits there is nothing to pack.
const (
	Raw Coding = iota + 1
	WSQ
	JPEG
	JP2
	PNG
)

// MediaType is the media type of the data, "" where it has none.
func (c Coding) MediaType() string {
	return map[Coding]string{WSQ: "image/x-wsq", JPEG: "image/jpeg", JP2: "image/jp2", PNG: "image/png"}[c]
}

// Limits of an image in pixels: a slap at 1000 ppi, a camera of 32 megapixels.
const (
	maxFinger = 4000 * 4000
	maxFace   = 32 << 20
)

// An Image is the image of a record.
type Image struct {
	Width, Height int // pixels
	Coding        Coding
	Data          []byte // part of the record it was read from
}

// A Finger is the record of one finger.
type Finger struct {
	Image
	Position   int    // FGP of ANSI/NIST-ITL 1
	Impression int    // 0 live-scan plain, 1 live-scan rolled; others as in the standard
	Depth      int    // bits per pixel
	units      byte   // of sampling: 1 inch, 2 centimetre
	sampling   [2]int // of the image, across and down
}

// PPI is the resolution across and down, and false where it is neither 500 nor
// 1000 pixels per inch in both directions. Where the record counts in
// centimetres 197 stands for 500 and 394 for 1000, the nearest whole numbers.
func (f *Finger) PPI() (ppi [2]int, ok bool) {
	for i, n := range f.sampling {
		switch {
		case f.units == 1 && n == 500, f.units == 2 && n == 197:
			ppi[i] = 500
		case f.units == 1 && n == 1000, f.units == 2 && n == 394:
			ppi[i] = 1000
		}
	}
	return ppi, ppi[0] != 0 && ppi[0] == ppi[1]
}

var (
	errShort   = errors.New("record ends early")
	errLength  = errors.New("lengths within the record do not agree")
	errVersion = errors.New("neither edition 2005 nor 2011")
	errSeveral = errors.New("not exactly one image")
	errCoding  = errors.New("image coding is not allowed")
	errSize    = errors.New("size of the image is not allowed")
)

// ReadFinger reads a record of one finger.
func ReadFinger(record []byte) (Finger, error) {
	r := reader{rest: record}
	var f Finger
	switch id := string(r.take(8)); id {
	case "FIR\x00010\x00":
		f = r.finger2005(len(record))
	case "FIR\x00020\x00":
		f = r.finger2011(len(record))
	default:
		r.fail(errVersion)
	}
	r.check(f.Image, maxFinger)
	if f.Coding == Raw && len(f.Data) != f.Width*f.Height*max(f.Depth, 8)/8 {
		r.fail(errLength)
	}
	if r.err != nil {
		return Finger{}, fmt.Errorf("reading a finger record: %w", r.err)
	}
	return f, nil
}

// finger2005 reads ISO/IEC 19794-4:2005, clauses 7 and 8: 32 bytes of header, 14
// of a finger, the image to the end.
func (r *reader) finger2005(size int) (f Finger) {
	if r.uint(6) != size {
		r.fail(errLength)
	}
	r.skip(2 + 2) // capture device, acquisition level
	if r.uint(1) != 1 {
		r.fail(errSeveral)
	}
	r.scale(&f)
	f.Depth = r.uint(1)
	coding := r.uint(1)
	r.skip(2)
	if r.uint(4) != size-32 {
		r.fail(errLength)
	}
	f.Position = r.uint(1)
	if views, number := r.uint(1), r.uint(1); views != 1 || number != 1 {
		r.fail(errSeveral)
	}
	r.skip(1) // quality
	f.Impression = r.uint(1)
	f.Width, f.Height = r.uint(2), r.uint(2)
	r.skip(1)
	f.Coding = r.coding(coding, Raw, 0, WSQ, JPEG, JP2, PNG)
	f.Data = r.take(len(r.rest))
	return f
}

// finger2011 reads ISO/IEC 19794-4:2011, clauses 8.2 and 8.3.
func (r *reader) finger2011(size int) (f Finger) {
	if r.uint(4) != size {
		r.fail(errLength)
	}
	if r.uint(2) != 1 {
		r.fail(errSeveral)
	}
	certified := r.uint(1)
	if certified > 1 || r.uint(1) != 1 {
		r.fail(errSeveral)
	}
	r.representation(size - 16)
	if certified == 1 {
		r.skip(3 * r.uint(1))
	}
	f.Position = r.uint(1)
	r.skip(1) // representation number
	r.scale(&f)
	f.Depth = r.uint(1)
	f.Coding = r.coding(r.uint(1), Raw, 0, WSQ, JPEG, JP2, JP2, PNG)
	f.Impression = r.uint(1)
	f.Width, f.Height = r.uint(2), r.uint(2)
	f.Data = r.take(r.uint(4))
	r.extended()
	return f
}

// scale reads the units, what the device scanned with, and what the image has,
// which cannot be more.
func (r *reader) scale(f *Finger) {
	f.units = byte(r.uint(1))
	scanned := [2]int{r.uint(2), r.uint(2)}
	f.sampling = [2]int{r.uint(2), r.uint(2)}
	if f.sampling[0] > scanned[0] || f.sampling[1] > scanned[1] {
		r.fail(errSize)
	}
}

// A Face is the record of one face.
type Face struct{ Image }

// ReadFace reads a record of one face.
func ReadFace(record []byte) (Face, error) {
	r := reader{rest: record}
	var f Face
	switch id := string(r.take(8)); id {
	case "FAC\x00010\x00":
		f = r.face2005(len(record))
	case "FAC\x00030\x00":
		f = r.face2011(len(record))
	default:
		r.fail(errVersion)
	}
	r.check(f.Image, maxFace)
	if r.err != nil {
		return Face{}, fmt.Errorf("reading a face record: %w", r.err)
	}
	return f, nil
}

// face2005 reads ISO/IEC 19794-5:2005, clause 5.
func (r *reader) face2005(size int) (f Face) {
	if r.uint(4) != size {
		r.fail(errLength)
	}
	if r.uint(2) != 1 {
		r.fail(errSeveral)
	}
	if r.uint(4) != size-14 {
		r.fail(errLength)
	}
	points := r.uint(2)
	r.skip(14 + 8*points)
	r.skip(1)
	f.Coding = r.coding(r.uint(1), JPEG, JP2)
	f.Width, f.Height = r.uint(2), r.uint(2)
	r.skip(6)
	f.Data = r.take(len(r.rest))
	return f
}

// face2011 reads ISO/IEC 19794-5:2011, clause 5.
func (r *reader) face2011(size int) (f Face) {
	if r.uint(4) != size {
		r.fail(errLength)
	}
	if r.uint(2) != 1 {
		r.fail(errSeveral)
	}
	r.skip(1 + 2) // certification, temporal semantics
	r.representation(size - 17)
	points := r.uint(2)
	r.skip(15 + 8*points)
	r.skip(1)
	f.Coding = r.coding(r.uint(1), JPEG, JP2, JP2, PNG)
	f.Width, f.Height = r.uint(2), r.uint(2)
	r.skip(5)
	f.Data = r.take(r.uint(4))
	if len(r.rest) != 0 {
		r.fail(errLength)
	}
	return f
}

// representation reads what both parts of 2011 have in common: the length, the
// date, the device, its quality blocks of 5 bytes.
func (r *reader) representation(size int) {
	if r.uint(4) != size {
		r.fail(errLength)
	}
	r.skip(9 + 1 + 2 + 2)
	r.skip(5 * r.uint(1))
}

// extended passes over the blocks after an image: a type, a length that counts
// these four bytes too, and data.
func (r *reader) extended() {
	for r.err == nil && len(r.rest) > 0 {
		r.skip(2)
		n := r.uint(2)
		if n < 4 {
			r.fail(errLength)
			return
		}
		r.skip(n - 4)
	}
}

// A reader takes a record apart, and remembers the first thing wrong with it.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) take(n int) []byte {
	if n > len(r.rest) {
		r.fail(errShort)
		r.rest = nil
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) skip(n int) { r.take(n) }

// uint reads n bytes, at most 6, the most significant first.
func (r *reader) uint(n int) int {
	var b [8]byte
	copy(b[8-n:], r.take(n))
	return int(binary.BigEndian.Uint64(b[:]))
}

// coding looks up a number in the edition's list. 0 is one that is refused.
func (r *reader) coding(n int, list ...Coding) Coding {
	if n >= len(list) || list[n] == 0 {
		r.fail(errCoding)
		return 0
	}
	return list[n]
}

// check looks at what every image must be.
func (r *reader) check(i Image, most int) {
	if i.Width == 0 || i.Height == 0 || i.Width*i.Height > most || len(i.Data) == 0 {
		r.fail(errSize)
	}
}
