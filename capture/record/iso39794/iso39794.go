// Package iso39794 reads and writes the third generation of biometric records:
// finger images by ISO/IEC 39794-4, face images by ISO/IEC 39794-5 with the
// application profile that ICAO made of it for travel documents. A record is DER
// with implicit tags. What is read may be in the words of the base standard or of
// the profile; fields and blocks that later editions added are kept, and written
// again as they were.
//
// It leaves images alone, but for looking whether they begin like the format that
// is stated: whoever decodes them says what they show. The template around a
// record in a chip is left to CBEFF, the choice of prints to the session.
//
// Notice: the layouts are those of the schemas in ISO/IEC 39794-1, ISO/IEC 39794-4
// and ISO/IEC 39794-5, to which ISO and IEC hold the copyright and which they
// license for software like this on condition that it says so. The schemas come
// as they are, without warranty of any kind and without liability for what is
// made of them; neither ISO nor IEC nor a contributor to them endorses this
// package.
package iso39794

import (
	"fmt"

	"optag/capture/record/tlv"
)

// What an encoding states as its version: the third generation, of 2019. Both
// parts began with it, and it is what the published examples state.
const (
	Generation = 3
	Year       = 2019
)

// The tags of the records, [APPLICATION 4] and [APPLICATION 5].
const (
	TagFinger tlv.Tag = 0x64
	TagFace   tlv.Tag = 0x65
)

// A Profile is a set of rules beside the schema by which a record is written.
type Profile uint8

const (
	// Base writes what the record says, in the forms it was read in.
	Base Profile = iota

	// ICAO is the application profile of ISO/IEC 39794-5 for travel documents:
	// one representation, of JPEG or JPEG 2000, and each code but the format of
	// the image as the fallback of an extension block.
	ICAO
)

// A Fault says what is wrong with a record, and where. It holds no pixel and
// nothing of a comment.
type Fault struct {
	Where string // the path in the schema's words: representationBlocks[0].imageData
	Rule  string // what is not kept
	Value string // what was found instead: a number, a tag or a length; may be empty
}

func (f *Fault) Error() string {
	s := f.Rule
	if f.Where != "" {
		s = f.Where + ": " + s
	}
	if f.Value != "" {
		s += " (" + f.Value + ")"
	}
	return s
}

// ReadFinger reads a finger image record, which is all of b. Images and unknown
// fields of the record are parts of b, not copies. The error wraps a *[Fault].
func ReadFinger(b []byte) (*FingerImageDataBlock, error) {
	r := new(FingerImageDataBlock)
	if err := read(b, TagFinger, r); err != nil {
		return nil, fmt.Errorf("reading a finger image of ISO/IEC 39794-4: %w", err)
	}
	return r, nil
}

// Encode writes the record. Reading what it writes gives the record again, and
// writing a record that was read gives the same bytes. The error wraps a *[Fault].
func (b *FingerImageDataBlock) Encode() ([]byte, error) {
	out, err := write(TagFinger, b, Base)
	if err != nil {
		return nil, fmt.Errorf("writing a finger image of ISO/IEC 39794-4: %w", err)
	}
	return out, nil
}

// ReadFace reads a face image record, which is all of b. Images and unknown
// fields of the record are parts of b, not copies. The error wraps a *[Fault].
func ReadFace(b []byte) (*FaceImageDataBlock, error) {
	r := new(FaceImageDataBlock)
	if err := read(b, TagFace, r); err != nil {
		return nil, fmt.Errorf("reading a face image of ISO/IEC 39794-5: %w", err)
	}
	return r, nil
}

// Encode writes the record by a profile. By [Base], writing a record that was
// read gives the same bytes. The error wraps a *[Fault].
func (b *FaceImageDataBlock) Encode(p Profile) ([]byte, error) {
	out, err := write(TagFace, b, p)
	if err != nil {
		return nil, fmt.Errorf("writing a face image of ISO/IEC 39794-5: %w", err)
	}
	return out, nil
}
