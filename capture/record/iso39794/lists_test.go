package iso39794

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestPositions: fingers have the numbers they always had, palms do not.
func TestPositions(t *testing.T) {
	for _, c := range []struct {
		old  int
		name string
	}{
		{0, "unknownPosition"}, {1, "rightThumbFinger"}, {5, "rightLittleFinger"}, {6, "leftThumbFinger"}, {10, "leftLittleFinger"},
		{13, "rightFourFingers"}, {14, "leftFourFingers"}, {15, "bothThumbFingers"},
		{20, "unknownPalm"}, {21, "rightFullPalm"}, {22, "rightWritersPalm"}, {23, "leftFullPalm"}, {24, "leftWritersPalm"},
		{25, "rightLowerPalm"}, {26, "rightUpperPalm"}, {27, "leftLowerPalm"}, {28, "leftUpperPalm"},
		{29, "rightOtherPalm"}, {30, "leftOtherPalm"}, {31, "rightInterdigital"}, {32, "rightThenar"}, {33, "rightHypothenar"},
		{34, "leftInterdigital"}, {35, "leftThenar"}, {36, "leftHypothenar"},
		{40, "rightIndexMiddleFingers"}, {46, "rightIndexLeftIndexFingers"}, {50, "leftMiddleRingLittleFingers"},
	} {
		p, ok := PositionOf19794(c.old)
		if !ok || p.String() != c.name {
			t.Errorf("PositionOf19794(%d) = %v, %v, want %s", c.old, p, ok, c.name)
		}
		if back, ok := p.To19794(); !ok || back != c.old {
			t.Errorf("%v.To19794() = %d, %v, want %d", p, back, ok, c.old)
		}
	}
	seen := map[Position]bool{}
	for n := -1; n <= 256; n++ {
		p, ok := PositionOf19794(n)
		if _, listed := lookup(p); ok && (!listed || seen[p]) {
			t.Errorf("PositionOf19794(%d) = %d, which is no position or of two", n, p)
		}
		seen[p] = ok
	}
	for _, n := range []int{-1, 11, 12, 16, 19, 37, 39, 51, 999} {
		if p, ok := PositionOf19794(n); ok {
			t.Errorf("PositionOf19794(%d) = %v, want none", n, p)
		}
		if old, ok := Position(n).To19794(); ok {
			t.Errorf("Position(%d).To19794() = %d, want none", n, old)
		}
	}
}

// TestLists: constants, and the last words of the lists, stand where the schema has
// them.
func TestLists(t *testing.T) {
	for _, c := range []struct {
		words []string
		want  string
	}{
		{words(RightThumb, RightIndex, RightMiddle, RightRing, RightLittle, LeftThumb, LeftIndex, LeftMiddle, LeftRing, LeftLittle),
			`rightThumbFinger rightIndexFinger rightMiddleFinger rightRingFinger rightLittleFinger
			leftThumbFinger leftIndexFinger leftMiddleFinger leftRingFinger leftLittleFinger`},
		{words(UnknownPosition, RightFour, LeftFour, BothThumbs, 79, 80, 86, 999),
			"unknownPosition rightFourFingers leftFourFingers bothThumbFingers leftMiddleFoot 80 leftBracelet otherPosition"},
		{words(PlainContact, RolledContact, LatentImage, SwipeContact, ContactlessPlain, ContactlessRolled, OtherImpression, UnknownImpression, 41, 42),
			`plainContact rolledContact latentImage swipeContact stationarySubjectContactlessPlain stationarySubjectContactlessRolled
			otherImpression unknownImpression movingSubjectContactlessPlain movingSubjectContactlessRolled`},
		{words(FingerPGM, FingerWSQ, FingerJPEG2000Lossy, FingerJPEG2000Lossless, FingerPNG, 5), "pgm wsq jpeg2000Lossy jpeg2000Lossless png 5"},
		{words(UnknownTechnology, OtherTechnology, ScannedInkOnPaper, OpticalTIRBrightField, OpticalTIRDarkField, OpticalImage, Capacitive, 22),
			`unknownCaptureDeviceTechnology otherCaptureDeviceTechnology scannedInkOnPaper opticalTIRBrightField
			opticalTIRDarkField opticalImage capacitive latentLift`},
		{words(UnknownReason, OtherReason, Amputated, UnableToPrint, Bandaged, PhysicallyChallenged, Diseased),
			"unknown other amputated unableToPrint bandaged physicallyChallenged diseased"},
		{words(FaceJPEG, FaceJPEG2000Lossy, FaceJPEG2000Lossless, 7, 8), "jpeg jpeg2000Lossy jpeg2000Lossless ppm 8"},
		{words(MRTD, GeneralPurpose, 2), "mrtd generalPurpose 2"},
		{words(PhotographOfUnknownSource, PhotographOfStillCamera, PhotographOfScanner, 6),
			`staticPhotographFromUnknownSource staticPhotographFromDigitalStillImageCamera staticPhotographFromScanner
			videoFrameFromDigitalVideoCamera`},
		{words(TransformationsUnknown, TransformedNever, TransformedOnce, TransformedMoreThanOnce), "unknown zero one moreThanOne"},
		{words(RGB24, Greyscale8, 6), "rgb24Bit greyscale8Bit greyscale16Bit"},
		{words(UnknownGender, OtherGender, Male, Female, -1), "unknown other male female -1"},
		{words[EyeColour](9, 10), "pink 10"},
		{words[HairColour](9, 10), "knownColoured 10"},
		{words(FailureToAssess, 1), "failureToAssess 1"},
		{words[PADDecision](2, 3), "failureToAssess 3"},
		{words[PADCaptureContext](2, 3), "identification 3"},
		{words[PADSupervisionLevel](4, 5), "unattended 5"},
		{words[PADCriteriaCategory](2, 3), "common 3"},
		{words[LandmarkName](17, 60, 61), "endocanthionLeft tragion 61"},
		{words[LandmarkPointName](16, 36, 37), "pointCode-03-01 pointCode-05-06 37"},
		{words[LandmarkPointID](21, 62, 63), "p-left t 63"},
	} {
		if want := strings.Fields(c.want); !slices.Equal(c.words, want) {
			t.Errorf("got %q, want %q", c.words, want)
		}
	}
	var want []string
	for i, points := range []int{14, 14, 6, 4, 4, 1, 10, 15, 10, 6, 4} { // of groups 2 to 12
		for n := range points {
			want = append(want, fmt.Sprintf("mpeg4PointCode-%02d-%02d", 2+i, 1+n))
		}
	}
	if got := strings.Fields(MPEG4FeaturePoint(0).names()); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// words are what values are called.
func words[T coded](vs ...T) (s []string) {
	for _, v := range vs {
		s = append(s, spell(v))
	}
	return s
}
