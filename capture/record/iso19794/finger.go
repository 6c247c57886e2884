package iso19794

import "fmt"

// A FingerRecord is a finger image record, FIR.
type FingerRecord struct {
	Edition Edition
	Images  []FingerImage // at least one

	// Level is the image acquisition level, in the edition of 2005 only: 10, 20,
	// 30, 31, 35, 40 or 41. 31 is what cards ask for at 500 pixels per inch, 41 at
	// 1000.
	Level uint16

	// CountsFingers: the header counts fingers, not images. Readers disagree about
	// it in the edition of 2005; it matters only where one finger has several images.
	CountsFingers bool

	// Certified: images may have certificates, in the edition of 2011 only.
	Certified bool
}

// A FingerImage is a finger image view (2005) or representation (2011). What the
// edition has no place for is not written. In the edition of 2005 all images of a
// record have the same Coding, Device, Units, Scanned, Sampling and Depth.
type FingerImage struct {
	Image
	Capture
	Qualities    []Quality
	Certificates []Certificate

	Position   Position
	View       uint8 // number of the image among those of its position; in the edition of 2005 from 1
	Impression Impression

	Units    Units
	Scanned  [2]uint16 // samples per unit of the scanner, across and down
	Sampling [2]uint16 // samples per unit of the image, no more than Scanned
	Depth    uint8     // bits per pixel, 1 to 16

	Blocks []Block // extended data of the edition of 2011, as it stands
}

// A Position is the finger or palm, numbered as by ISO/IEC 19794-4 and as field
// FGP of ANSI/NIST-ITL 1: 0 unknown, 1 to 5 right thumb to little finger, 6 to 10
// left, 13 and 14 four fingers right and left, 15 thumbs, 20 to 36 palms, and
// from the edition of 2011 on 40 to 50 two or three fingers.
type Position uint8

// An Impression is how the finger met the sensor, numbered as in the edition of
// 2011. Writing by that of 2005 numbers contactless prints as that does.
type Impression uint8

// The impressions of both editions; that of 2011 also has 4 to 7 latent, 9
// vertical roll, 10 to 15 palms, 28 other, 29 unknown.
const (
	LivePlain     Impression = 0
	LiveRolled    Impression = 1
	NonlivePlain  Impression = 2
	NonliveRolled Impression = 3
	Latent        Impression = 7 // a lift, by 2011
	Swipe         Impression = 8
	Contactless   Impression = 24
)

// Units are what samples are counted in.
type Units uint8

// The units.
const (
	PerInch       Units = 1
	PerCentimetre Units = 2
)

// A Certificate says which scheme the device passed, and who says so.
type Certificate struct {
	Authority uint16 // registered with IBIA
	Scheme    uint8  // 1 image quality for AFIS (Appendix F), 2 personal verification, 3 optical scanners
}

// A Block is an extended data block: what an encoder adds behind an image.
type Block struct {
	Code uint16 // 1 segmentation, 2 annotation, 3 to 255 comment, above that a vendor's own
	Data []byte // at most 65531 bytes
}

// PPI is the resolution across and down, and false where it is neither 500 nor
// 1000 pixels per inch in both directions. Where samples are counted per
// centimetre 197 stands for 500 and 394 for 1000, the nearest whole numbers.
func (f *FingerImage) PPI() (ppi [2]int, ok bool) {
	for i, n := range f.Sampling {
		switch {
		case f.Units == PerInch && n == 500, f.Units == PerCentimetre && n == 197:
			ppi[i] = 500
		case f.Units == PerInch && n == 1000, f.Units == PerCentimetre && n == 394:
			ppi[i] = 1000
		}
	}
	return ppi, ppi[0] != 0 && ppi[0] == ppi[1]
}

// ReadFinger reads a finger image record; images and blocks are parts of b. The
// error is [Faults] in what this says was being done. With it comes the record as
// far as it makes sense, for who must show a foreign record that is not quite
// right; nil if its parts could not be told from one another. A record without
// error is written back to the same bytes.
func ReadFinger(b []byte) (*FingerRecord, error) {
	c := codec{b: b, end: len(b)}
	var r FingerRecord
	c.fingerRecord(&r)
	err := c.done()
	if err != nil {
		err = fmt.Errorf("reading a finger image record: %w", err)
	}
	if c.broken {
		return nil, err
	}
	return &r, err
}

// Append writes the record behind b, or nothing if it has [Faults].
func (r *FingerRecord) Append(b []byte) ([]byte, error) {
	c := codec{writing: true, b: b, base: len(b)}
	c.fingerRecord(r)
	if err := c.done(); err != nil {
		return b, fmt.Errorf("writing a finger image record: %w", err)
	}
	return c.b, nil
}

// Bytes writes the record into memory of just its size.
func (r *FingerRecord) Bytes() ([]byte, error) { return r.Append(make([]byte, 0, r.Len())) }

// Len is how many bytes the record has when written.
func (r *FingerRecord) Len() int {
	n := finger2011Header
	if r.Edition == Edition2005 {
		n = finger2005Header
	}
	for i := range r.Images {
		n += r.imageLen(&r.Images[i])
	}
	return n
}

// imageLen is how many bytes an image has with its header.
func (r *FingerRecord) imageLen(f *FingerImage) int {
	if r.Edition == Edition2005 {
		return finger2005View + len(f.Data)
	}
	n := finger2011Image + 5*len(f.Qualities) + len(f.Data)
	if r.Certified {
		n += 1 + 3*len(f.Certificates)
	}
	for _, b := range f.Blocks {
		n += blockHead + len(b.Data)
	}
	return n
}
