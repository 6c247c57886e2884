package iso39794

import (
	"strconv"
	"strings"
)

// A FingerImageDataBlock is a record of finger images: of one print, or several.
// Field names and tags of this part: the record that ISO published with it and
// the public implementations that read it; where a range is known from those
// alone, the field says so.
type FingerImageDataBlock struct {
	Version         VersionBlock
	Representations []FingerRepresentation // at least one
	Extensions      []byte
}

func (b *FingerImageDataBlock) fields(c *coder) {
	c.block(0, "versionBlock", &b.Version)
	list(c, 1, "representationBlocks", &b.Representations)
	if len(b.Representations) == 0 {
		c.fail("representationBlocks", "must hold an image", "none")
	}
	c.others(&b.Extensions)
}

// A FingerRepresentation is one image of one finger, slap or palm, and what is
// known of it.
type FingerRepresentation struct {
	Position        Code[Position]
	Impression      Code[Impression]
	ImageDataFormat Code[FingerImageDataFormat]
	ImageData       []byte

	CaptureDateTime *DateTimeBlock
	CaptureDevice   *FingerCaptureDevice
	Quality         []QualityBlock
	SamplingRate    *SpatialSamplingRateBlock

	PositionComputedByCaptureSystem Flag
	OriginalRotation                *int // degrees, 0 to 359; the range by implementations
	ImageRotatedToVertical          Flag
	ImageHasBeenLossilyCompressed   Flag

	Segmentation       []SegmentationBlock
	Annotations        []AnnotationBlock
	PAD                *PADDataBlock
	Comments           []string // of the characters from blank to tilde
	VendorSpecificData []ExtendedDataBlock
	Extensions         []byte
}

func (b *FingerRepresentation) fields(c *coder) {
	c.block(0, "position", &b.Position)
	c.block(1, "impression", &b.Impression)
	c.block(2, "imageDataFormat", &b.ImageDataFormat)
	c.octets(3, "imageData", &b.ImageData)
	c.image("imageData", &b.ImageDataFormat, b.ImageData)
	may(c, 4, "captureDateTimeBlock", &b.CaptureDateTime)
	may(c, 5, "captureDeviceBlock", &b.CaptureDevice)
	mayList(c, 6, "qualityBlocks", &b.Quality)
	may(c, 7, "spatialSamplingRateBlock", &b.SamplingRate)
	c.flag(8, "positionComputedByCaptureSystem", &b.PositionComputedByCaptureSystem)
	c.mayInteger(9, "originalRotation", &b.OriginalRotation, 0, 359)
	c.flag(10, "imageRotatedToVertical", &b.ImageRotatedToVertical)
	c.flag(11, "imageHasBeenLossilyCompressed", &b.ImageHasBeenLossilyCompressed)
	mayList(c, 12, "segmentationBlocks", &b.Segmentation)
	mayList(c, 13, "annotationBlocks", &b.Annotations)
	may(c, 14, "pADDataBlock", &b.PAD)
	if !c.absent(15, true, b.Comments == nil) {
		each(c, 15, "commentBlocks", &b.Comments, comment)
	}
	mayList(c, 16, "vendorSpecificDataBlocks", &b.VendorSpecificData)
	c.others(&b.Extensions)
}

// comment is a VisibleString.
func comment(c *coder, item string, v *string) {
	b := []byte(*v)
	c.text(0x1A, item, &b)
	if c.reading() {
		*v = string(b)
	}
	if strings.ContainsFunc(*v, func(r rune) bool { return r < ' ' || r > '~' }) {
		c.fail(item, "must be of the characters from blank to tilde", "")
	}
}

// A FingerCaptureDevice says what took an image.
type FingerCaptureDevice struct {
	ModelID        RegistryIDBlock
	Technology     *Code[FingerTechnology]
	Certifications []RegistryIDBlock // the authority and its scheme
	Extensions     []byte
}

func (b *FingerCaptureDevice) fields(c *coder) {
	c.block(0, "modelIdBlock", &b.ModelID)
	may(c, 1, "technologyId", &b.Technology)
	mayList(c, 2, "certificationIdBlocks", &b.Certifications)
	c.others(&b.Extensions)
}

// A SpatialSamplingRateBlock is how many samples lie on an inch or a centimetre.
type SpatialSamplingRateBlock struct {
	SamplesPerUnit int // 0 to 65535; the range by implementations
	Unit           Unit
}

// A Unit is what samples are counted on.
type Unit int

const (
	Inch Unit = iota
	Centimetre
)

func (b *SpatialSamplingRateBlock) fields(c *coder) {
	c.integer(0, "samplesPerUnit", &b.SamplesPerUnit, 0, 65535)
	unit := int(b.Unit)
	c.integer(1, "unitDimension", &unit, int(Inch), int(Centimetre))
	if c.reading() {
		b.Unit = Unit(unit)
	}
}

// A SegmentationBlock says where an algorithm found the fingers of a slap.
type SegmentationBlock struct {
	AlgorithmID RegistryIDBlock
	Segments    []SegmentBlock
	Extensions  []byte
}

func (b *SegmentationBlock) fields(c *coder) {
	c.block(0, "algorithmIdBlock", &b.AlgorithmID)
	list(c, 1, "segmentBlocks", &b.Segments)
	c.others(&b.Extensions)
}

// A SegmentBlock is one finger of a slap. Two corners that face each other are a
// rectangle, more are a polygon.
type SegmentBlock struct {
	Position    Code[Position]
	Coordinates []Point2D
	Orientation *int // 0 to 255; the range by implementations
	Quality     []QualityBlock
	Confidence  *ScoreOrError
	Extensions  []byte
}

func (b *SegmentBlock) fields(c *coder) {
	c.block(0, "position", &b.Position)
	list(c, 1, "enclosingCoordinatesBlock", &b.Coordinates)
	if len(b.Coordinates) < 2 {
		c.fail("enclosingCoordinatesBlock", "must have two corners or more", strconv.Itoa(len(b.Coordinates)))
	}
	c.mayInteger(2, "orientation", &b.Orientation, 0, 255)
	mayList(c, 3, "qualityBlocks", &b.Quality)
	may(c, 4, "confidence", &b.Confidence)
	c.others(&b.Extensions)
}

// A Point2D is a place in an image in pixels from its upper left corner, each 0
// to 65535.
type Point2D struct{ X, Y int }

func (b *Point2D) fields(c *coder) {
	c.integer(0, "x", &b.X, 0, 65535)
	c.integer(1, "y", &b.Y, 0, 65535)
}

// An AnnotationBlock says why a finger is missing, or not as it should be.
type AnnotationBlock struct {
	Position   Code[Position]
	Reason     Code[AnnotationReason]
	Extensions []byte
}

func (b *AnnotationBlock) fields(c *coder) {
	c.block(0, "position", &b.Position)
	c.block(1, "reason", &b.Reason)
	c.others(&b.Extensions)
}
