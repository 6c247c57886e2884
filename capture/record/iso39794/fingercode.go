package iso39794

// A Position is a finger, some fingers, or a part of a palm or foot. The numbers
// up to 22, and from 34 to 50, are those of ANSI/NIST-ITL; the palms between are
// not, and [PositionOf19794] knows them.
type Position int

const (
	UnknownPosition Position = iota
	RightThumb
	RightIndex
	RightMiddle
	RightRing
	RightLittle
	LeftThumb
	LeftIndex
	LeftMiddle
	LeftRing
	LeftLittle
	RightFour  Position = 13
	LeftFour   Position = 14
	BothThumbs Position = 15
)

func (Position) names() string {
	return `unknownPosition rightThumbFinger rightIndexFinger rightMiddleFinger rightRingFinger rightLittleFinger
		leftThumbFinger leftIndexFinger leftMiddleFinger leftRingFinger leftLittleFinger
		13=rightFourFingers leftFourFingers bothThumbFingers rightExtraDigitFinger leftExtraDigitFinger
		unknownFrictionRidge entireJointImage unknownPalm
		rightFullPalm rightWritersPalm rightLowerPalm rightUpperPalm rightOtherPalm
		rightInterdigital rightThenar rightHypothenar
		leftFullPalm leftWritersPalm leftLowerPalm leftUpperPalm leftOtherPalm
		leftInterdigital leftThenar leftHypothenar rightGrasp leftGrasp
		40=rightIndexMiddleFingers rightMiddleRingFingers rightRingLittleFingers
		leftIndexMiddleFingers leftMiddleRingFingers leftRingLittleFingers rightIndexLeftIndexFingers
		rightIndexMiddleRingFingers rightMiddleRingLittleFingers
		leftIndexMiddleRingFingers leftMiddleRingLittleFingers
		rightFourFingertips leftFourFingertips rightFingertips leftFingertips
		leftMiddleIndexRightIndexMiddleFingers
		60=unknownSole rightSole leftSole unknownToe
		rightBigToe rightSecondToe rightMiddleToe rightFourthToe rightLittleToe
		leftBigToe leftSecondToe leftMiddleToe leftFourthToe leftLittleToe
		rightFrontBallFoot rightBackHeelFoot leftFrontBallFoot leftBackHeelFoot rightMiddleFoot leftMiddleFoot
		81=rightCarpalDelta leftCarpalDelta rightFullWithWriterPalm leftFullWithWriterPalm
		rightBracelet leftBracelet 999=otherPosition`
}

// String is the position in the words of the schema.
func (p Position) String() string { return spell(p) }

// palms are the positions of ISO/IEC 19794-4 from 23 to 33 in the numbers of
// ISO/IEC 39794-4, which has all of the right hand before the left.
const palms = "\x1D\x1E\x17\x18\x1F\x20\x19\x21\x1A\x1B\x1C"

// PositionOf19794 is the position that has a number in ISO/IEC 19794-4 (and in
// field FGP of ANSI/NIST-ITL): 0 to 10, 13 to 15, palms 20 to 36, and fingers that
// lie together 40 to 50.
func PositionOf19794(fgp int) (p Position, ok bool) {
	switch {
	case fgp >= 23 && fgp <= 33:
		return Position(palms[fgp-23]), true
	case shared(fgp):
		return Position(fgp), true
	}
	return UnknownPosition, false
}

// To19794 is the number of the position in ISO/IEC 19794-4, if it has one there.
func (p Position) To19794() (fgp int, ok bool) {
	for i := range len(palms) {
		if Position(palms[i]) == p {
			return 23 + i, true
		}
	}
	return int(p), shared(int(p))
}

// shared are the numbers that mean the same in both standards.
func shared(n int) bool {
	return n >= 0 && n <= 10 || n >= 13 && n <= 15 || n >= 20 && n <= 22 || n >= 34 && n <= 36 || n >= 40 && n <= 50
}

// An Impression is how the friction ridges were brought before the sensor.
type Impression int

const (
	PlainContact      Impression = 0
	RolledContact     Impression = 1
	LatentImage       Impression = 4
	SwipeContact      Impression = 8
	ContactlessPlain  Impression = 24 // of a person who stands still
	ContactlessRolled Impression = 25 // of a person who stands still
	OtherImpression   Impression = 28
	UnknownImpression Impression = 29
)

func (Impression) names() string {
	return `plainContact rolledContact 4=latentImage 8=swipeContact
		24=stationarySubjectContactlessPlain stationarySubjectContactlessRolled 28=otherImpression unknownImpression
		41=movingSubjectContactlessPlain movingSubjectContactlessRolled`
}

// A FingerImageDataFormat is how the pixels of a finger are coded.
type FingerImageDataFormat int

const (
	FingerPGM FingerImageDataFormat = iota
	FingerWSQ
	FingerJPEG2000Lossy
	FingerJPEG2000Lossless
	FingerPNG
)

func (FingerImageDataFormat) names() string { return "pgm wsq jpeg2000Lossy jpeg2000Lossless png" }

// A FingerTechnology is how a device makes an image of friction ridges.
type FingerTechnology int

const (
	UnknownTechnology     FingerTechnology = 0
	OtherTechnology       FingerTechnology = 1
	ScannedInkOnPaper     FingerTechnology = 2
	OpticalTIRBrightField FingerTechnology = 3
	OpticalTIRDarkField   FingerTechnology = 4
	OpticalImage          FingerTechnology = 5
	Capacitive            FingerTechnology = 9
)

func (FingerTechnology) names() string {
	return `unknownCaptureDeviceTechnology otherCaptureDeviceTechnology scannedInkOnPaper
		opticalTIRBrightField opticalTIRDarkField opticalImage
		opticalLowFrequency3DMapped opticalHighFrequency3DMapped
		9=capacitive capacitiveRF electroLuminescence reflectedUltrasonic impediographicUltrasonic
		thermal directPressure indirectPressure
		liveTape latentImpression latentPhoto latentMolded latentTracing latentLift`
}

// An AnnotationReason is why a finger is missing, or not as it should be.
type AnnotationReason int

const (
	UnknownReason AnnotationReason = iota
	OtherReason
	Amputated
	UnableToPrint
	Bandaged
	PhysicallyChallenged
	Diseased
)

func (AnnotationReason) names() string {
	return "unknown other amputated unableToPrint bandaged physicallyChallenged diseased"
}
