// Package iso19794 reads and writes the records of one kind of image that cards,
// scanners and authorities exchange: finger images by ISO/IEC 19794-4 and face
// images by ISO/IEC 19794-5, each in the editions of 2005 and of 2011. One Go
// type holds a record of either edition; what it may hold is one set of rules for
// reading and writing. Images are bytes here. They are neither copied nor decoded
// when they are read; only the size that an image states in its own header is
// compared with the record's. Wrapping for a chip is left to package cbeff.
package iso19794

import (
	"time"
)

// An Edition is the year of a standard's edition.
type Edition int

// The editions of ISO/IEC 19794-4 and -5. Travel documents hold the first.
const (
	Edition2005 Edition = 2005 // FIR 010, FAC 010
	Edition2011 Edition = 2011 // FIR 020, FAC 030
)

// A Coding is how the pixels of an image are stored. Its number in a record
// differs from edition to edition; see [Coding.String] for names.
type Coding uint8

// The codings. In the edition of 2005 JP2 may have lost something or not; in
// that of 2011 it has, unless it is JP2Lossless, which 2005 writes as JP2.
const (
	Raw    Coding = iota + 1 // a byte for each pixel, two where the depth is more than 8
	Packed                   // without gaps between the bits
	WSQ
	JPEG
	JP2 // JPEG 2000, in the boxes of JP2 or as a bare code stream
	JP2Lossless
	PNG
)

func (c Coding) String() string {
	names := [...]string{"unknown", "raw", "bit-packed", "WSQ", "JPEG", "JPEG 2000", "JPEG 2000 lossless", "PNG"}
	if int(c) >= len(names) {
		c = 0
	}
	return names[c]
}

// MediaType is the media type of data so coded, "" where it has none.
func (c Coding) MediaType() string {
	switch c {
	case WSQ:
		return "image/x-wsq"
	case JPEG:
		return "image/jpeg"
	case JP2, JP2Lossless:
		return "image/jp2"
	case PNG:
		return "image/png"
	}
	return ""
}

// An Image is the image of a record.
type Image struct {
	Width, Height int // pixels, 1 to 65535
	Coding        Coding
	Data          []byte // after reading a part of the record, not a copy
}

// A Capture tells when and with what an image was taken. The edition of 2005 has
// a place for Device alone; for a face also for Technology.
type Capture struct {
	Time DateTime
	// Technology of the device. Finger: 0 unspecified, 1 to 14 hexadecimal by
	// table 4 of ISO/IEC 19794-4:2011. Face: 0 unspecified, 1 photograph of
	// unknown source, 2 of a digital camera, 3 from a scanner, 4 to 6 video, from
	// 128 the vendor's own.
	Technology uint8
	Vendor     uint16 // registered with IBIA; 0 unreported
	Device     uint16 // type, of this vendor; 0 unreported
}

// A DateTime is a moment in UTC of which parts may be unknown: all bits of such a
// part are set or, where 0 is no value, clear. The zero DateTime knows nothing.
type DateTime struct {
	Year                             uint16
	Month, Day, Hour, Minute, Second uint8
	Millisecond                      uint16
}

// At is the DateTime of a moment.
func At(t time.Time) DateTime {
	t = t.UTC()
	return DateTime{
		Year: uint16(t.Year()), Month: uint8(t.Month()), Day: uint8(t.Day()),
		Hour: uint8(t.Hour()), Minute: uint8(t.Minute()), Second: uint8(t.Second()),
		Millisecond: uint16(t.Nanosecond() / 1e6),
	}
}

// A Quality is what an algorithm thinks of an image. The edition of 2005 has a
// place for the score of a finger alone, and for the first only.
type Quality struct {
	Score             uint8  // 0 to 100, higher is better; 255 if it could not be computed
	Vendor, Algorithm uint16 // registered with IBIA; 0 unreported
}

// Failed is the score of an image whose quality could not be computed.
const Failed = 255
