package iso39794

import (
	"math"
	"math/big"
	"strconv"
)

// maxInt is the end of ranges that the schema leaves open.
const maxInt = math.MaxInt

// A FaceImageDataBlock is a record of face images: in a travel document of one,
// by the base standard of several. Field names, tags and ranges of this part: the
// schema ID-ICAO-ISO-IEC-39794-5-ed-1-v1.
type FaceImageDataBlock struct {
	Version         VersionBlock
	Representations []FaceRepresentation // at least one
	Extensions      []byte
}

func (b *FaceImageDataBlock) fields(c *coder) {
	c.block(0, "versionBlock", &b.Version)
	list(c, 1, "representationBlocks", &b.Representations)
	switch n := len(b.Representations); {
	case n == 0:
		c.fail("representationBlocks", "must hold an image", "none")
	case n > 1 && c.job.profile == ICAO:
		c.fail("representationBlocks", "must be one in the ICAO profile", strconv.Itoa(n))
	}
	c.others(&b.Extensions)
}

// A FaceRepresentation is one image of a face, and what is known of it. Images of
// which the base standard knows other forms, such as shapes in space, are refused.
type FaceRepresentation struct {
	ID              *big.Int // from 0; nil is 0
	Image           FaceImage2D
	CaptureDateTime *DateTimeBlock
	Quality         []QualityBlock
	PAD             *PADDataBlock
	SessionID       *big.Int // from 0
	DerivedFrom     *big.Int // from 0: the ID of another representation
	CaptureDevice   *FaceCaptureDevice
	Identity        *IdentityMetadataBlock
	Landmarks       []LandmarkBlock
	Extensions      []byte
}

func (b *FaceRepresentation) fields(c *coder) {
	c.serial(0, "representationId", &b.ID)
	c.within(1, "imageRepresentation", func(c *coder) {
		c.within(0, "base", func(c *coder) {
			c.block(0, "imageRepresentation2DBlock", &b.Image)
		})
	})
	may(c, 2, "captureDateTimeBlock", &b.CaptureDateTime)
	mayList(c, 3, "qualityBlocks", &b.Quality)
	may(c, 4, "padDataBlock", &b.PAD)
	c.maySerial(5, "sessionId", &b.SessionID)
	c.maySerial(6, "derivedFrom", &b.DerivedFrom)
	may(c, 7, "captureDeviceBlock", &b.CaptureDevice)
	may(c, 8, "identityMetadataBlock", &b.Identity)
	mayList(c, 9, "landmarkBlocks", &b.Landmarks)
	c.others(&b.Extensions)
}

// A FaceCaptureDevice says what took an image.
type FaceCaptureDevice struct {
	ModelID        *RegistryIDBlock
	Certifications []RegistryIDBlock // the authority and its scheme
	Extensions     []byte
}

func (b *FaceCaptureDevice) fields(c *coder) {
	may(c, 0, "modelIdBlock", &b.ModelID)
	mayList(c, 1, "certificationIdBlocks", &b.Certifications)
	c.others(&b.Extensions)
}

// A FaceImage2D is a flat image of a face.
type FaceImage2D struct {
	Data          []byte
	Information   FaceImageInformation
	CaptureDevice *FaceCaptureDevice2D
	Extensions    []byte
}

func (b *FaceImage2D) fields(c *coder) {
	c.octets(0, "representationData2D", &b.Data)
	c.block(1, "imageInformation2DBlock", &b.Information)
	c.image("representationData2D", &b.Information.ImageDataFormat, b.Data)
	may(c, 2, "captureDevice2DBlock", &b.CaptureDevice)
	c.others(&b.Extensions)
}

// A FaceCaptureDevice2D says what kind of camera or scanner took an image.
type FaceCaptureDevice2D struct {
	Spectral   *SpectralBlock
	Technology *Code[FaceTechnology]
	Extensions []byte
}

func (b *FaceCaptureDevice2D) fields(c *coder) {
	may(c, 0, "captureDeviceSpectral2DBlock", &b.Spectral)
	may(c, 1, "captureDeviceTechnologyId2D", &b.Technology)
	c.others(&b.Extensions)
}

// A SpectralBlock is the light a camera sees.
type SpectralBlock struct {
	WhiteLight, NearInfrared, Thermal Flag
	Extensions                        []byte
}

func (b *SpectralBlock) fields(c *coder) {
	c.flag(0, "whiteLight", &b.WhiteLight)
	c.flag(1, "nearInfrared", &b.NearInfrared)
	c.flag(2, "thermal", &b.Thermal)
	c.others(&b.Extensions)
}

// FaceImageInformation is what is known of the pixels of a face.
type FaceImageInformation struct {
	ImageDataFormat             Code[FaceImageDataFormat]
	FaceImageKind               *Code[FaceImageKind]
	PostAcquisitionProcessing   *PostAcquisitionProcessingBlock
	LossyTransformationAttempts *Code[LossyTransformations]
	CameraToSubjectDistance     *int // millimetres, 0 to 50000
	SensorDiagonal              *int // millimetres, 0 to 2000
	LensFocalLength             *int // millimetres, 0 to 2000
	ImageSize                   *ImageSizeBlock
	FaceMeasurements            *FaceMeasurementsBlock
	ColourSpace                 *Code[ColourSpace]
	ReferenceColourMapping      *ReferenceColourMappingBlock
	Extensions                  []byte
}

func (b *FaceImageInformation) fields(c *coder) {
	c.block(0, "imageDataFormat", &b.ImageDataFormat)
	may(c, 1, "faceImageKind2D", &b.FaceImageKind)
	if c.job.profile == ICAO {
		b.keepProfile(c)
	}
	may(c, 2, "postAcquisitionProcessingBlock", &b.PostAcquisitionProcessing)
	may(c, 3, "lossyTransformationAttempts", &b.LossyTransformationAttempts)
	c.mayInteger(4, "cameraToSubjectDistance", &b.CameraToSubjectDistance, 0, 50000)
	c.mayInteger(5, "sensorDiagonal", &b.SensorDiagonal, 0, 2000)
	c.mayInteger(6, "lensFocalLength", &b.LensFocalLength, 0, 2000)
	may(c, 7, "imageSizeBlock", &b.ImageSize)
	may(c, 8, "imageFaceMeasurementsBlock", &b.FaceMeasurements)
	may(c, 9, "imageColourSpace", &b.ColourSpace)
	may(c, 10, "referenceColourMappingBlock", &b.ReferenceColourMapping)
	c.others(&b.Extensions)
}

// keepProfile sees to it that format and kind are among those of travel documents.
func (b *FaceImageInformation) keepProfile(c *coder) {
	format := b.ImageDataFormat
	if format.Extended || format.Value < FaceJPEG || format.Value > FaceJPEG2000Lossless {
		c.fail("imageDataFormat", "must be JPEG or JPEG 2000 in the ICAO profile", format.String())
	}
	if kind := b.FaceImageKind; kind != nil && kind.Value != MRTD {
		c.fail("faceImageKind2D", "must be mrtd in the ICAO profile", kind.String())
	}
}

// A PostAcquisitionProcessingBlock is what was done to an image after it was taken.
type PostAcquisitionProcessingBlock struct {
	Rotated, Cropped, DownSampled, WhiteBalanceAdjusted Flag
	MultiplyCompressed, Interpolated, ContrastStretched Flag
	PoseCorrected, MultiViewImage, AgeProgressed        Flag
	SuperResolutionProcessed, Normalised                Flag
	Extensions                                          []byte
}

func (b *PostAcquisitionProcessingBlock) fields(c *coder) {
	c.flag(0, "rotated", &b.Rotated)
	c.flag(1, "cropped", &b.Cropped)
	c.flag(2, "downSampled", &b.DownSampled)
	c.flag(3, "whiteBalanceAdjusted", &b.WhiteBalanceAdjusted)
	c.flag(4, "multiplyCompressed", &b.MultiplyCompressed)
	c.flag(5, "interpolated", &b.Interpolated)
	c.flag(6, "contrastStretched", &b.ContrastStretched)
	c.flag(7, "poseCorrected", &b.PoseCorrected)
	c.flag(8, "multiViewImage", &b.MultiViewImage)
	c.flag(9, "ageProgressed", &b.AgeProgressed)
	c.flag(10, "superResolutionProcessed", &b.SuperResolutionProcessed)
	c.flag(11, "normalised", &b.Normalised)
	c.others(&b.Extensions)
}

// An ImageSizeBlock is how many pixels an image has, each 0 to 65535.
type ImageSizeBlock struct{ Width, Height int }

func (b *ImageSizeBlock) fields(c *coder) {
	c.integer(0, "width", &b.Width, 0, 65535)
	c.integer(1, "height", &b.Height, 0, 65535)
}

// A FaceMeasurementsBlock is how large the face is, in pixels from 0 on.
type FaceMeasurementsBlock struct {
	HeadWidth, InterEyeDistance, EyeToMouthDistance, HeadLength *int
	Extensions                                                  []byte
}

func (b *FaceMeasurementsBlock) fields(c *coder) {
	c.mayInteger(0, "imageHeadWidth", &b.HeadWidth, 0, maxInt)
	c.mayInteger(1, "imageInterEyeDistance", &b.InterEyeDistance, 0, maxInt)
	c.mayInteger(2, "imageEyeToMouthDistance", &b.EyeToMouthDistance, 0, maxInt)
	c.mayInteger(3, "imageHeadLength", &b.HeadLength, 0, maxInt)
	c.others(&b.Extensions)
}

// A ReferenceColourMappingBlock says which colours of a chart in the image are which.
type ReferenceColourMappingBlock struct {
	Schema     []byte
	Values     []ReferenceColour
	Extensions []byte
}

func (b *ReferenceColourMappingBlock) fields(c *coder) {
	c.mayOctets(0, "referenceColourSchema", &b.Schema)
	mayList(c, 1, "referenceColourDefinitionAndValueBlocks", &b.Values)
	c.others(&b.Extensions)
}

// A ReferenceColour is one colour of a chart.
type ReferenceColour struct{ Definition, Value, Extensions []byte }

func (b *ReferenceColour) fields(c *coder) {
	c.mayOctets(0, "referenceColourDefinition", &b.Definition)
	c.mayOctets(1, "referenceColourValue", &b.Value)
	c.others(&b.Extensions)
}
