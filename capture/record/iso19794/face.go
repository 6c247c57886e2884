package iso19794

import "fmt"

// A FaceRecord is a face image record, FAC.
type FaceRecord struct {
	Edition Edition
	Images  []FaceImage // at least one

	// Temporal says how several images follow one another, in the edition of 2011
	// only: 0 where there is one image, 1 unspecified, 2 and 3 irregularly in one
	// session or in several, above that every so many milliseconds.
	Temporal uint16
}

// A FaceImage is a face image with what is known about it. Nought is "unspecified"
// in every field but those of [Image]. What the edition has no place for is not
// written.
type FaceImage struct {
	Image
	Capture
	Qualities []Quality // edition of 2011

	Sex        uint8     // 1 male, 2 female, 255 unknown; in the edition of 2005 also 3 unknown
	Eyes, Hair uint8     // colours; the numbers differ between writers of the edition of 2005
	Stature    uint8     // centimetres, in the edition of 2011
	Properties uint32    // 24 bits; bit 0: the others are specified
	Expression uint16    // edition of 2005: 1 neutral and others; edition of 2011: bits
	Pose       [3]uint8  // yaw, pitch, roll: 1 to 181, in steps of two degrees
	Within     [3]uint8  // uncertainty of the pose: 1 to 181
	Points     []Point   // feature points (2005), landmarks (2011)
	Kind       ImageKind // face image type

	ColourSpace    uint8  // 1 RGB of 24 bits, 2 YUV 4:2:2, 3 grey of 8 bits; 2011: 4 RGB of 48, 5 grey of 16
	Quality        uint16 // edition of 2005, which does not define it
	SamplingLevel  uint8  // edition of 2011: width of the head in pixels, 0 up to 180 to 7 from 750
	PostProcessing uint16 // edition of 2011: bits
	CrossReference uint8  // edition of 2011: the image of the record this one was made from; 0 none

	Shape []byte // edition of 2011: what stands behind the image of a three-dimensional Kind
}

// An ImageKind is the face image type. The edition of 2011 adds 128 to those with
// a shape in three dimensions.
type ImageKind uint8

// The kinds.
const (
	Basic ImageKind = iota
	FullFrontal
	TokenFrontal
	PostProcessed // frontal, edition of 2011; "other" in that of 2005
)

// A Point is a feature point or a landmark. It may lie outside the image.
type Point struct {
	Type uint8  // 1 MPEG-4 feature point; 2011 also 2 and 3, anthropometric in two and three dimensions
	Code uint8  // by MPEG-4: major number in the high, minor in the low four bits
	X, Y uint16 // pixels from the upper left corner
	Z    uint16 // edition of 2011; reserved in that of 2005
}

// ReadFace reads a face image record as [ReadFinger] does one of fingers.
func ReadFace(b []byte) (*FaceRecord, error) {
	c := codec{b: b, end: len(b)}
	var r FaceRecord
	c.faceRecord(&r)
	err := c.done()
	if err != nil {
		err = fmt.Errorf("reading a face image record: %w", err)
	}
	if c.broken {
		return nil, err
	}
	return &r, err
}

// Append writes the record behind b, or nothing if it has [Faults].
func (r *FaceRecord) Append(b []byte) ([]byte, error) {
	c := codec{writing: true, b: b, base: len(b)}
	c.faceRecord(r)
	if err := c.done(); err != nil {
		return b, fmt.Errorf("writing a face image record: %w", err)
	}
	return c.b, nil
}

// Bytes writes the record into memory of just its size.
func (r *FaceRecord) Bytes() ([]byte, error) { return r.Append(make([]byte, 0, r.Len())) }

// Len is how many bytes the record has when written.
func (r *FaceRecord) Len() int {
	n := face2011Header
	if r.Edition == Edition2005 {
		n = face2005Header
	}
	for i := range r.Images {
		n += r.imageLen(&r.Images[i])
	}
	return n
}

// imageLen is how many bytes an image has with its header.
func (r *FaceRecord) imageLen(f *FaceImage) int {
	n := pointSize*len(f.Points) + len(f.Data)
	if r.Edition == Edition2005 {
		return face2005Image + n
	}
	return face2011Image + 5*len(f.Qualities) + n + len(f.Shape)
}
