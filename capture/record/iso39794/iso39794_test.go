package iso39794

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

// smallFinger is a record of a right index, byte by byte.
const smallFinger = `
64 4E
  A0 07  80 01 03  81 02 07E3                                       # generation 3 of 2019
  A1 43
    30 41
      A0 03  80 01 02                                               # right index
      A1 03  80 01 00                                               # plain contact
      A2 03  80 01 01                                               # WSQ
      83 06  FFA0 1234 FFA1                                         # the image
      A4 0A  80 02 07EA  81 01 02  82 01 03                         # 3 February 2026
      A6 10  30 0E  A0 07  80 02 0101  81 01 07  A1 03  80 01 48    # 72 by algorithm 7 of 257
      A7 07  80 02 01F4  81 01 00                                   # 500 to the inch
      8B 01 FF                                                      # lossy`

// smallFace is a record of a portrait by ICAO's profile, byte by byte.
const smallFace = `
65 5C
  A0 07  80 01 03  81 02 07E3                                       # generation 3 of 2019
  A1 51
    30 4F
      80 01 00                                                      # representation 0
      A1 35  A0 33  A0 31                                           # in two dimensions:
        80 07  FFD8FF E000 FFD9                                     # the image
        A1 1D
          A0 03  80 01 02                                           # JPEG, the only plain code
          A1 05  A1 03  80 01 00                                    # of a travel document
          A7 08  80 02 026E  81 02 0320                             # 622 by 800
          A9 05  A1 03  80 01 02                                    # 24 bits of colour
        A2 07  A1 05  A1 03  80 01 02                               # by a still camera
      A2 0A  80 02 07EA  81 01 02  82 01 03                         # 3 February 2026
      A8 07  A0 05  A1 03  80 01 03                                 # a woman`

// golden takes the bytes out of a record with remarks.
func golden(t testing.TB, text string) []byte {
	t.Helper()
	var digits strings.Builder
	for line := range strings.Lines(text) {
		code, _, _ := strings.Cut(line, "#")
		digits.WriteString(code)
	}
	return unhex(t, digits.String())
}

// A word is the name of a format of images.
type word string

func (w word) String() string { return string(w) }

func newSmallFinger() *FingerImageDataBlock {
	return &FingerImageDataBlock{
		Version: CurrentVersion(),
		Representations: []FingerRepresentation{{
			Position: Of(RightIndex), Impression: Of(PlainContact),
			ImageDataFormat: Of(FingerWSQ), ImageData: []byte("\xFF\xA0\x12\x34\xFF\xA1"),
			CaptureDateTime:               &DateTimeBlock{Year: 2026, Month: new(2), Day: new(3)},
			Quality:                       []QualityBlock{quality(72)},
			SamplingRate:                  &SpatialSamplingRateBlock{SamplesPerUnit: 500, Unit: Inch},
			ImageHasBeenLossilyCompressed: Yes,
		}},
	}
}

func newSmallFace() *FaceImageDataBlock {
	return &FaceImageDataBlock{
		Version: CurrentVersion(),
		Representations: []FaceRepresentation{{
			Image: FaceImage2D{
				Data: []byte("\xFF\xD8\xFF\xE0\x00\xFF\xD9"),
				Information: FaceImageInformation{
					ImageDataFormat: Of(FaceJPEG), FaceImageKind: new(Of(MRTD)),
					ImageSize: &ImageSizeBlock{622, 800}, ColourSpace: new(Of(RGB24)),
				},
				CaptureDevice: &FaceCaptureDevice2D{Technology: new(Of(PhotographOfStillCamera))},
			},
			CaptureDateTime: &DateTimeBlock{Year: 2026, Month: new(2), Day: new(3)},
			Identity:        &IdentityMetadataBlock{Gender: new(Of(Female))},
		}},
	}
}

func TestSmallFinger(t *testing.T) {
	want := golden(t, smallFinger)
	got, err := newSmallFinger().Encode()
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("wrote %X, %v\nwant  %X", got, err, want)
	}
	r, err := ReadFinger(want)
	if err != nil || !reflect.DeepEqual(r, newSmallFinger()) {
		t.Errorf("read %+v, %v", r, err)
	}
}

// TestSmallFace: the profile makes extension blocks of the codes, however the
// record has them, and a record that was read keeps them without the profile.
func TestSmallFace(t *testing.T) {
	want := golden(t, smallFace)
	got, err := newSmallFace().Encode(ICAO)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("wrote %X, %v\nwant  %X", got, err, want)
	}
	r, err := ReadFace(want)
	if err != nil {
		t.Fatal(err)
	}
	face := r.Representations[0]
	if g := face.Identity.Gender; g.Value != Female || !g.Extended || face.Image.Information.ImageDataFormat.Extended {
		t.Errorf("read %+v", face)
	}
	if got, err = r.Encode(Base); err != nil || !bytes.Equal(got, want) {
		t.Errorf("wrote again %X, %v\nwant  %X", got, err, want)
	}
}

// TestEveryField: what was written is read, and written again alike.
func TestEveryField(t *testing.T) {
	finger := fullFinger()
	b, err := finger.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if r, err := ReadFinger(b); err != nil || !reflect.DeepEqual(r, finger) {
		t.Errorf("read %+v, %v", r, err)
	}
	if len(b) != cap(b) {
		t.Errorf("written into %d bytes for %d: pixels may lie where they were before it grew", cap(b), len(b))
	}
	face := fullFace()
	if b, err = face.Encode(Base); err != nil {
		t.Fatal(err)
	}
	r, err := ReadFace(b)
	if err != nil || !reflect.DeepEqual(r, face) {
		t.Errorf("read %+v, %v", r, err)
	}
	profiled, err := r.Encode(ICAO)
	if err != nil {
		t.Fatal(err)
	}
	if r, err = ReadFace(profiled); err != nil {
		t.Fatal(err)
	}
	if again, err := r.Encode(Base); err != nil || !bytes.Equal(again, profiled) {
		t.Errorf("the forms of the profile are not kept: %v", err)
	}
	if again, err := r.Encode(ICAO); err != nil || !bytes.Equal(again, profiled) {
		t.Errorf("the profile twice is not the profile: %v", err)
	}
}

// TestTogether: writing changes nothing of a record, so that two may write it at
// once. The race detector looks.
func TestTogether(t *testing.T) {
	finger, face := fullFinger(), fullFace()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if _, err := finger.Encode(); err != nil {
				t.Error(err)
			}
			if _, err := face.Encode(ICAO); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if !reflect.DeepEqual(finger, fullFinger()) || !reflect.DeepEqual(face, fullFace()) {
		t.Error("writing has changed the record")
	}
}

// TestNothingEmptyIsForgotten: every field of the full records is filled, so that
// TestEveryField means what it says.
func TestNothingEmptyIsForgotten(t *testing.T) {
	filled := map[string]bool{}
	for _, r := range []any{fullFinger(), fullFace()} {
		visit(reflect.ValueOf(r), filled)
	}
	for field, ok := range filled {
		if !ok {
			t.Errorf("%s is nowhere filled", field)
		}
	}
}

// visit notes of each field of the package's types whether it is filled somewhere.
func visit(v reflect.Value, filled map[string]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			visit(v.Elem(), filled)
		}
	case reflect.Slice:
		for i := range v.Len() {
			visit(v.Index(i), filled)
		}
	case reflect.Struct:
		if v.Type().PkgPath() != reflect.TypeFor[Flag]().PkgPath() {
			return
		}
		for i := range v.NumField() {
			field := v.Type().Name() + "." + v.Type().Field(i).Name
			if !strings.HasPrefix(field, "Code[") && field != "SpatialSamplingRateBlock.Unit" {
				filled[field] = filled[field] || !v.Field(i).IsZero()
			}
			visit(v.Field(i), filled)
		}
	}
}

// TestOpenSSL shows what is written to a program that knows nothing but DER.
func TestOpenSSL(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not on this machine")
	}
	finger, err := fullFinger().Encode()
	if err != nil {
		t.Fatal(err)
	}
	face, err := fullFace().Encode(ICAO)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"finger": finger, "face": face} {
		c := exec.Command(openssl, "asn1parse", "-inform", "DER")
		c.Stdin = bytes.NewReader(b)
		out, err := c.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "appl [ ") || strings.Contains(strings.ToLower(string(out)), "error") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

func TestProfileRefuses(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(*FaceImageDataBlock)
		where   string
		mention string
	}{
		{"two portraits", func(b *FaceImageDataBlock) { b.Representations = append(b.Representations, b.Representations[0]) },
			"representationBlocks", "one in the ICAO profile (2)"},
		{"PNG", func(b *FaceImageDataBlock) {
			b.Representations[0].Image.Information.ImageDataFormat.Value = 5
			b.Representations[0].Image.Data = []byte(png)
		}, "representationBlocks[0].imageRepresentation.base.imageRepresentation2DBlock.imageInformation2DBlock.imageDataFormat", "(png)"},
		{"a format of a later edition", func(b *FaceImageDataBlock) {
			b.Representations[0].Image.Information.ImageDataFormat.Extended = true
		}, "representationBlocks[0].imageRepresentation.base.imageRepresentation2DBlock.imageInformation2DBlock.imageDataFormat", "(jpeg)"},
		{"a picture for general purposes", func(b *FaceImageDataBlock) {
			b.Representations[0].Image.Information.FaceImageKind.Value = GeneralPurpose
		}, "representationBlocks[0].imageRepresentation.base.imageRepresentation2DBlock.imageInformation2DBlock.faceImageKind2D", "(generalPurpose)"},
		{"a gender that is not known", func(b *FaceImageDataBlock) { b.Representations[0].Identity.Gender.Value = UnknownGender },
			"representationBlocks[0].identityMetadataBlock.gender", "(unknown)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newSmallFace()
			c.change(b)
			_, err := b.Encode(ICAO)
			var f *Fault
			if !errors.As(err, &f) || f.Where != c.where || !strings.Contains(err.Error(), c.mention) {
				t.Fatalf("error %v, want it at %s with %q", err, c.where, c.mention)
			}
			out, err := b.Encode(Base)
			if err == nil {
				_, err = ReadFace(out)
			}
			if err != nil {
				t.Errorf("by the base standard: %v", err)
			}
		})
	}
}

// TestProfileAccepts every format of a travel document.
func TestProfileAccepts(t *testing.T) {
	for format, image := range map[FaceImageDataFormat]string{FaceJPEG: jpeg, FaceJPEG2000Lossy: jp2, FaceJPEG2000Lossless: j2k} {
		b := newSmallFace()
		b.Representations[0].Image.Data = []byte(image)
		b.Representations[0].Image.Information.ImageDataFormat = Of(format)
		if _, err := b.Encode(ICAO); err != nil {
			t.Errorf("%s: %v", spell(format), err)
		}
	}
}

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

// TestFieldsOfLater are kept up to the largest tags that are read.
func TestFieldsOfLater(t *testing.T) {
	for _, fields := range []string{"91=05", "B1{30{04=01}}", "91=05 9F21=06 9F8101=07 BF8121{04=}", "9FFF7F="} {
		b := der(t, strings.Replace(fingerNote, "91=05", fields, 1))
		if again, err := reencode(b); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%s: %v", fields, err)
		}
	}
}

func TestImages(t *testing.T) {
	for _, c := range []struct {
		name, format, image, fault string
	}{
		{"WSQ", "wsq", wsq, ""},
		{"WSQ filled up with zeros", "wsq", wsq + "\x00\x00\x00", ""},
		{"WSQ cut short", "wsq", wsq[:len(wsq)-1], "does not end like wsq (13 bytes)"},
		{"WSQ with something behind", "wsq", wsq + "\xA4\x00", "does not end like wsq"},
		{"WSQ called PNG", "png", wsq, "does not begin like png (FFA0)"},
		{"PNG", "png", png, ""},
		{"PNG cut short", "png", png[:len(png)-4], "does not end like png"},
		{"JPEG", "jpeg", jpeg, ""},
		{"JPEG called JPEG 2000", "jpeg2000Lossy", jpeg, "does not begin like jpeg2000Lossy (FFD8)"},
		{"JPEG 2000 file", "jpeg2000Lossless", jp2, ""},
		{"JPEG 2000 file filled up with zeros", "jpeg2000Lossless", jp2 + "\x00\x00\x00\x00\x00\x00\x00\x00\x00", ""},
		{"JPEG 2000 file whose codestream goes to the end", "jpeg2000Lossy", jp2[:24] + "\x00\x00\x00\x00jp2c..\xFF\xD9", ""},
		{"JPEG 2000 file with a long box", "jpeg2000Lossy", jp2 + "\x00\x00\x00\x01xml \x00\x00\x00\x00\x00\x00\x00\x11.", ""},
		{"JPEG 2000 file with a box beyond the end", "jpeg2000Lossy", jp2 + "\x00\x00\x00\x01xml \x80\x00\x00\x00\x00\x00\x00\x11.", "does not end"},
		{"JPEG 2000 file whose codestream is cut short", "jpeg2000Lossy", jp2[:len(jp2)-1], "does not end"},
		{"JPEG 2000 file whose codestream has no end", "jpeg2000Lossy", jp2[:len(jp2)-1] + ".", "does not end"},
		{"JPEG 2000 file without a codestream", "jpeg2000Lossy", jp2[:24], "does not end"},
		{"JPEG 2000 file with something behind", "jpeg2000Lossy", jp2 + "\xA4\x00", "does not end"},
		{"JPEG 2000 codestream", "jpeg2000Lossy", j2k, ""},
		{"PGM", "pgm", pgm, ""},
		{"PGM of two bytes a sample", "pgm", "P5 3 1 1023 ......", ""},
		{"PGM cut short", "pgm", pgm[:len(pgm)-1], "does not end"},
		{"PGM with something behind", "pgm", pgm + ".", "does not end"},
		{"PGM without a width", "pgm", "P5 # 3 2 255", "does not end"},
		{"PGM of a width that overflows", "pgm", "P5 18446744073709551617 1 255 .", "does not end"},
		{"PPM", "ppm", "P6 1 1 255 rgb", ""},
		{"a format nobody knows", "other", "?", ""},
		{"nothing", "other", "", "must hold an image (0 bytes)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := &coder{job: &job{}}
			g.image("imageData", word(c.format), []byte(c.image))
			switch err := g.job.err(); {
			case c.fault == "" && err != nil:
				t.Error(err)
			case c.fault != "" && (err == nil || !strings.HasPrefix(err.Error(), "imageData: "+c.fault)):
				t.Errorf("%v, want %s", err, c.fault)
			}
		})
	}
}

func TestTime(t *testing.T) {
	got := At(taken)
	for field, n := range map[string][2]int{
		"year": {got.Year, 2026}, "month": {*got.Month, 2}, "day": {*got.Day, 3}, "hour": {*got.Hour, 13},
		"minute": {*got.Minute, 14}, "second": {*got.Second, 15}, "millisecond": {*got.Msec, 16},
	} {
		if n[0] != n[1] {
			t.Errorf("%s %d, want %d", field, n[0], n[1])
		}
	}
}
