package iso39794

// An IdentityMetadataBlock is what an image shows of a person.
type IdentityMetadataBlock struct {
	Gender        *Code[Gender]
	EyeColour     *Code[EyeColour]
	HairColour    *Code[HairColour]
	SubjectHeight *int // 1 to 65535; published examples disagree whether it is centimetres or millimetres
	Properties    *PropertiesBlock
	Expression    *ExpressionBlock
	PoseAngle     *PoseAngleBlock
	Extensions    []byte
}

func (b *IdentityMetadataBlock) fields(c *coder) {
	may(c, 0, "gender", &b.Gender)
	if b.Gender != nil && b.Gender.Value == UnknownGender && c.job.profile == ICAO {
		c.fail("gender", "must be known or left out in the ICAO profile", b.Gender.String())
	}
	may(c, 1, "eyeColour", &b.EyeColour)
	may(c, 2, "hairColour", &b.HairColour)
	c.mayInteger(3, "subjectHeight", &b.SubjectHeight, 1, 65535)
	may(c, 4, "propertiesBlock", &b.Properties)
	may(c, 5, "expressionBlock", &b.Expression)
	may(c, 6, "poseAngleBlock", &b.PoseAngle)
	c.others(&b.Extensions)
}

// A PropertiesBlock is what is on a face or hides it.
type PropertiesBlock struct {
	Glasses, Moustache, Beard, TeethVisible  Flag
	PupilOrIrisNotVisible, MouthOpen         Flag
	LeftEyePatch, RightEyePatch, DarkGlasses Flag
	BiometricAbsent, HeadCoveringsPresent    Flag
	Extensions                               []byte
}

func (b *PropertiesBlock) fields(c *coder) {
	c.flag(0, "glasses", &b.Glasses)
	c.flag(1, "moustache", &b.Moustache)
	c.flag(2, "beard", &b.Beard)
	c.flag(3, "teethVisible", &b.TeethVisible)
	c.flag(4, "pupilOrIrisNotVisible", &b.PupilOrIrisNotVisible)
	c.flag(5, "mouthOpen", &b.MouthOpen)
	c.flag(6, "leftEyePatch", &b.LeftEyePatch)
	c.flag(7, "rightEyePatch", &b.RightEyePatch)
	c.flag(8, "darkGlasses", &b.DarkGlasses)
	c.flag(9, "biometricAbsent", &b.BiometricAbsent)
	c.flag(10, "headCoveringsPresent", &b.HeadCoveringsPresent)
	c.others(&b.Extensions)
}

// An ExpressionBlock is what a face does.
type ExpressionBlock struct {
	Neutral, Smile, RaisedEyebrows Flag
	EyesLookingAwayFromTheCamera   Flag
	Squinting, Frowning            Flag
	Extensions                     []byte
}

func (b *ExpressionBlock) fields(c *coder) {
	c.flag(0, "neutral", &b.Neutral)
	c.flag(1, "smile", &b.Smile)
	c.flag(2, "raisedEyebrows", &b.RaisedEyebrows)
	c.flag(3, "eyesLookingAwayFromTheCamera", &b.EyesLookingAwayFromTheCamera)
	c.flag(4, "squinting", &b.Squinting)
	c.flag(5, "frowning", &b.Frowning)
	c.others(&b.Extensions)
}

// A PoseAngleBlock is how a head is turned.
type PoseAngleBlock struct{ Yaw, Pitch, Roll *AngleBlock }

func (b *PoseAngleBlock) fields(c *coder) {
	may(c, 0, "yawAngleBlock", &b.Yaw)
	may(c, 1, "pitchAngleBlock", &b.Pitch)
	may(c, 2, "rollAngleBlock", &b.Roll)
}

// An AngleBlock is an angle in degrees.
type AngleBlock struct {
	Value       int  // -180 to 180
	Uncertainty *int // 0 to 180
	Extensions  []byte
}

func (b *AngleBlock) fields(c *coder) {
	c.integer(0, "angleValue", &b.Value, -180, 180)
	c.mayInteger(1, "angleUncertainty", &b.Uncertainty, 0, 180)
	c.others(&b.Extensions)
}

// A FaceImageDataFormat is how the pixels of a face are coded. ICAO's profile has
// the three from JPEG on; the names of the others are not from the schema.
type FaceImageDataFormat int

const (
	FaceJPEG             FaceImageDataFormat = 2
	FaceJPEG2000Lossy    FaceImageDataFormat = 3
	FaceJPEG2000Lossless FaceImageDataFormat = 4
)

func (FaceImageDataFormat) names() string {
	return "unknown other jpeg jpeg2000Lossy jpeg2000Lossless png pgm ppm"
}

// A FaceImageKind is the set of rules that an image keeps.
type FaceImageKind int

const (
	MRTD           FaceImageKind = iota // of a travel document
	GeneralPurpose                      // in the base standard alone
)

func (FaceImageKind) names() string { return "mrtd generalPurpose" }

// A FaceTechnology is what kind of camera or scanner took an image.
type FaceTechnology int

const (
	PhotographOfUnknownSource FaceTechnology = 1
	PhotographOfStillCamera   FaceTechnology = 2
	PhotographOfScanner       FaceTechnology = 3
)

func (FaceTechnology) names() string {
	return `unknown staticPhotographFromUnknownSource staticPhotographFromDigitalStillImageCamera
		staticPhotographFromScanner videoFrameFromUnknownSource videoFrameFromAnalogueVideoCamera
		videoFrameFromDigitalVideoCamera`
}

// LossyTransformations are how often an image lost something in a transformation.
type LossyTransformations int

const (
	TransformationsUnknown LossyTransformations = iota
	TransformedNever
	TransformedOnce
	TransformedMoreThanOnce
)

func (LossyTransformations) names() string { return "unknown zero one moreThanOne" }

// A ColourSpace is what the samples of an image stand for.
type ColourSpace int

const (
	RGB24      ColourSpace = 2
	Greyscale8 ColourSpace = 5
)

func (ColourSpace) names() string {
	return "unknown other rgb24Bit rgb48Bit yuv422 greyscale8Bit greyscale16Bit"
}

// A Gender is as a document states it.
type Gender int

const (
	UnknownGender Gender = iota // in the base standard alone
	OtherGender
	Male
	Female
)

func (Gender) names() string { return "unknown other male female" }

// The colours of eyes and hair.
type (
	EyeColour  int
	HairColour int
)

func (EyeColour) names() string {
	return "unknown other black blue brown grey green hazel multi-coloured pink"
}

func (HairColour) names() string {
	return "unknown other bald black blonde brown grey white red knownColoured"
}
