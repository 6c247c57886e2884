package iso39794

import (
	"bytes"
	"errors"
	"math/big"
	"strings"
	"testing"
)

// fingerNote is a finger record as a note of data objects.
const fingerNote = `64{ A0{80=03 81=07E3} A1{ 30{
	A0{80=02} A1{80=00} A2{80=01} 83=FFA01234FFA1
	A4{80=07EA 81=02 82=03}
	A5{A0{80=01 81=02} A1{80=03}}
	A6{30{A0{80=0101 81=07} A1{80=48}} 30{A0{80=0101 81=08} A1{A1{80=00}}}}
	A7{80=01F4 81=00} 88=00 89=00 8B=FF
	AC{30{A0{80=0101 81=07} A1{30{A0{80=02} A1{30{80=00 81=00} 30{80=17 81=17}}}}}}
	AD{30{A0{80=05} A1{80=02}}}
	AE{85=64 A8{04=AA}} AF{1A=4F4B} B0{30{A0{80=01 81=01} 81=AA}} 91=05
} } }`

// faceNote is a face record as a note of data objects.
const faceNote = `65{ A0{80=03 81=07E3} A1{ 30{ 80=00
	A1{A0{A0{ 80=FFD8FFE000FFD9 A1{A0{80=02} A1{A1{80=00}} 84=0BB8 A7{80=026E 81=0320}} A2{A1{A1{80=02}}} }}}
	A2{80=07EA} 85=00FF
	A8{A0{A1{80=03}} 83=00B4 A6{A0{80=0F 81=05}}}
	A9{30{A0{A0{A0{A1{80=0A}}}} A1{A0{A0{80=5A 81=16}}}}}
} } }`

const image2D = "representationBlocks[0].imageRepresentation.base.imageRepresentation2DBlock"

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name      string
		note      string
		find, put string // in the note
		where     string
		rule      string // the beginning of it
		value     string
	}{
		{"the second generation", fingerNote, "80=03 81=07E3", "80=02 81=07E3", "versionBlock.generation", "must be 3 to 65535", "2"},
		{"no year", fingerNote, " 81=07E3", "", "versionBlock.year", "is missing", ""},
		{"no version", fingerNote, "A0{80=03 81=07E3}", "", "versionBlock", "is missing, and something else in its place", "A1"},
		{"no prints", fingerNote, fingerNote[strings.Index(fingerNote, "30{"):strings.LastIndex(fingerNote, "} }")], "", "representationBlocks", "must hold an image", "none"},
		{"no image", fingerNote, "83=FFA01234FFA1", "", "representationBlocks[0].imageData", "is missing, and something else in its place", "A4"},
		{"an empty image", fingerNote, "83=FFA01234FFA1", "83=", "representationBlocks[0].imageData", "must hold an image", "0 bytes"},
		{"a PNG called WSQ", fingerNote, "83=FFA0", "83=8950", "representationBlocks[0].imageData", "does not begin like wsq", "8950"},
		{"half an image", fingerNote, "1234FFA1", "1234", "representationBlocks[0].imageData", "does not end like wsq", "4 bytes"},
		{"a format in no list", fingerNote, "A2{80=01}", "A2{80=05}", "representationBlocks[0].imageDataFormat.code", "is not in the list", "5"},
		{"a plain thumb of ANSI/NIST", fingerNote, "A0{80=02} A1{80=00}", "A0{80=0B} A1{80=00}", "representationBlocks[0].position.code", "is not in the list", "11"},
		{"a position below none", fingerNote, "A0{80=02} A1{80=00}", "A0{80=FF} A1{80=00}", "representationBlocks[0].position.code", "must be 0 to 2147483647", "-1"},
		{"a position without a code", fingerNote, "A0{80=02} A1{80=00}", "A0{} A1{80=00}", "representationBlocks[0].position.code", "is missing", ""},
		{"a position with two codes", fingerNote, "A0{80=02} A1{80=00}", "A0{80=02 81=02} A1{80=00}", "representationBlocks[0].position", "holds a field that is unknown", "81"},
		{"an extension without a code to fall back on", fingerNote, "A0{80=02} A1{80=00}", "A0{A1{85=01}} A1{80=00}", "representationBlocks[0].position.extensionBlock.fallback", "is missing", "85"},
		{"a primitive where a block belongs", fingerNote, "A0{80=02} A1{80=00}", "80=02 A1{80=00}", "representationBlocks[0].position", "is missing", "80"},
		{"a number of no bytes", fingerNote, "A0{80=02} A1{80=00}", "A0{80=} A1{80=00}", "representationBlocks[0].position.code", "is a whole number of no", "80"},
		{"a number with a zero too many", fingerNote, "80=07EA", "80=0007EA", "representationBlocks[0].captureDateTimeBlock.year", "is a whole number of more bytes", "80"},
		{"a thirteenth month", fingerNote, "81=02 82=03", "81=0D 82=03", "representationBlocks[0].captureDateTimeBlock.month", "must be 1 to 12", "13"},
		{"a date with a field of later", fingerNote, "81=02 82=03", "81=02 87=03", "representationBlocks[0].captureDateTimeBlock", "holds a field that is unknown", "87"},
		{"day before month", fingerNote, "81=02 82=03", "82=03 81=02", "representationBlocks[0].captureDateTimeBlock", "holds a field that is unknown, repeated or out of order", "81"},
		{"a date twice", fingerNote, "A4{80=07EA", "A4{80=07EA} A4{80=07EA", "representationBlocks[0]", "holds a field that is unknown, repeated or out of order", "A4"},
		{"a scanner registered as 0", fingerNote, "A5{A0{80=01 81=02}", "A5{A0{80=01 81=00}", "representationBlocks[0].captureDeviceBlock.modelIdBlock.id", "must be 1 to 65535", "0"},
		{"a score of 101", fingerNote, "A1{80=48}", "A1{80=65}", "representationBlocks[0].qualityBlocks[0].scoreOrError.score", "must be 0 to 100", "101"},
		{"neither score nor error", fingerNote, "A1{A1{80=00}}}}", "A1{}}}", "representationBlocks[0].qualityBlocks[1].scoreOrError.score", "is missing", ""},
		{"a reason in no list", fingerNote, "A1{A1{80=00}}}}", "A1{A1{80=01}}}}", "representationBlocks[0].qualityBlocks[1].scoreOrError.error.code", "is not in the list", "1"},
		{"dots to the mile", fingerNote, "A7{80=01F4 81=00}", "A7{80=01F4 81=02}", "representationBlocks[0].spatialSamplingRateBlock.unitDimension", "must be 0 to 1", "2"},
		{"a flag that is neither", fingerNote, "8B=FF", "8B=01", "representationBlocks[0].imageHasBeenLossilyCompressed", "must be one byte, 00 or FF", "1 bytes"},
		{"a flag of two bytes", fingerNote, "8B=FF", "8B=FFFF", "representationBlocks[0].imageHasBeenLossilyCompressed", "must be one byte, 00 or FF", "2 bytes"},
		{"a whole turn", fingerNote, "89=00", "89=0168", "representationBlocks[0].originalRotation", "must be 0 to 359", "360"},
		{"a segment of one corner", fingerNote, "30{80=17 81=17}", "", "representationBlocks[0].segmentationBlocks[0].segmentBlocks[0].enclosingCoordinatesBlock", "must have two corners", "1"},
		{"something else among the corners", fingerNote, "30{80=17 81=17}", "31{80=17 81=17}", "representationBlocks[0].segmentationBlocks[0].segmentBlocks[0].enclosingCoordinatesBlock[1]", "is missing, and something else", "31"},
		{"a missing finger without a reason", fingerNote, "A0{80=05} A1{80=02}", "A0{80=05}", "representationBlocks[0].annotationBlocks[0].reason", "is missing", ""},
		{"a challenge that is no string", fingerNote, "A8{04=AA}", "A8{05=}", "representationBlocks[0].pADDataBlock.challenges[0]", "is missing, and something else", "05"},
		{"a comment with an umlaut", fingerNote, "1A=4F4B", "1A=4FE4", "representationBlocks[0].commentBlocks[0]", "must be of the characters from blank to tilde", ""},
		{"a comment of two lines", fingerNote, "1A=4F4B", "1A=4F0A4B", "representationBlocks[0].commentBlocks[0]", "must be of the characters from blank to tilde", ""},
		{"data of a vendor without data", fingerNote, " 81=AA", "", "representationBlocks[0].vendorSpecificDataBlocks[0].data", "is missing", ""},
		{"a field of later twice", fingerNote, "91=05", "91=05 91=06", "representationBlocks[0]", "holds a field that is unknown, repeated", "91"},
		{"a field of no context", fingerNote, "91=05", "52=05", "representationBlocks[0]", "holds a field that is unknown", "52"},
		{"a field of no context with a long tag", fingerNote, "91=05", "5F8101=05", "representationBlocks[0]", "holds a field that is unknown", "5F8101"},
		{"fields of later out of order", fingerNote, "91=05", "9F8101=05 9F21=05", "representationBlocks[0]", "holds a field that is unknown", "9F21"},
		{"a field of later that is broken within", fingerNote, "91=05", "B1{24=0405}", "representationBlocks[0]", "is longer than what holds it", "04"},
		{"a face as a finger", faceNote, "", "", "", "stands in the place of 64", "65"},

		{"a face whose image is missing", faceNote, "80=FFD8FFE000FFD9", "", image2D + ".representationData2D", "is missing", "A1"},
		{"a shape in space", faceNote, "A1{A0{A0{", "A1{A0{A1{", "representationBlocks[0].imageRepresentation.base.imageRepresentation2DBlock", "is missing", "A1"},
		{"a JPEG called JPEG 2000", faceNote, "A1{A0{80=02}", "A1{A0{80=03}", image2D + ".representationData2D", "does not begin like jpeg2000Lossy", "FFD8"},
		{"a format of a later edition", faceNote, "A1{A0{80=02}", "A1{A0{A1{}}", image2D + ".imageInformation2DBlock.imageDataFormat.extensionBlock.fallback", "is missing", ""},
		{"a camera too far away", faceNote, "84=0BB8", "84=00C351", image2D + ".imageInformation2DBlock.cameraToSubjectDistance", "must be 0 to 50000", "50001"},
		{"a session below 0", faceNote, "85=00FF", "85=FF", "representationBlocks[0].sessionId", "must be a whole number from 0", "1 bytes"},
		{"a session of nothing", faceNote, "85=00FF", "85=", "representationBlocks[0].sessionId", "must be a whole number from 0", "0 bytes"},
		{"a session with a zero too many", faceNote, "85=00FF", "85=007F", "representationBlocks[0].sessionId", "must be a whole number from 0", "2 bytes"},
		{"no number of the image", faceNote, "80=00\n", "\n", "representationBlocks[0].representationId", "is missing", "A1"},
		{"a height of nothing", faceNote, "83=00B4", "83=00", "representationBlocks[0].identityMetadataBlock.subjectHeight", "must be 1 to 65535", "0"},
		{"a head turned too far", faceNote, "80=0F 81=05", "80=00B5 81=05", "representationBlocks[0].identityMetadataBlock.poseAngleBlock.yawAngleBlock.angleValue", "must be -180 to 180", "181"},
		{"a landmark of no kind", faceNote, "A0{A0{A0{A1{80=0A}}}}", "A0{A0{}}", "representationBlocks[0].landmarkBlocks[0].landmarkKind", "must hold one alternative", "0"},
		{"a landmark of two kinds", faceNote, "A0{A0{A0{A1{80=0A}}}}", "A0{A0{A0{80=0A} A1{A0{A0{80=01}}}}}", "representationBlocks[0].landmarkBlocks[0].landmarkKind", "must hold one alternative", "2"},
		{"a landmark in no list", faceNote, "A0{A0{A0{A1{80=0A}}}}", "A0{A0{A0{A1{80=58}}}}", "representationBlocks[0].landmarkBlocks[0].landmarkKind.base.mpeg4FeaturePoint.extensionBlock.fallback", "is not in the list", "88"},
		{"a landmark nowhere", faceNote, "A0{A0{80=5A 81=16}}", "A0{}", "representationBlocks[0].landmarkBlocks[0].landmarkCoordinates", "must hold one alternative", "0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(c.note, c.find) {
				t.Fatal("the note does not hold what is to be changed")
			}
			b := der(t, strings.Replace(c.note, c.find, c.put, 1))
			var err error
			if c.note == fingerNote || c.find == "" {
				_, err = ReadFinger(b)
			} else {
				_, err = ReadFace(b)
			}
			var f *Fault
			if !errors.As(err, &f) {
				t.Fatalf("no fault, but %v", err)
			}
			if f.Where != c.where || !strings.HasPrefix(f.Rule, c.rule) || f.Value != c.value {
				t.Errorf("fault at %q: %q (%s)\nwant at  %q: %q (%s)", f.Where, f.Rule, f.Value, c.where, c.rule, c.value)
			}
		})
	}
	for _, note := range []string{fingerNote, faceNote} {
		b := der(t, note)
		if again, err := reencode(b); err != nil || !bytes.Equal(again, b) {
			t.Errorf("the record without a fault: %v", err)
		}
	}
}

// TestEncodingFaults: records that are no DER to begin with.
func TestEncodingFaults(t *testing.T) {
	whole := golden(t, smallFinger)
	for _, c := range []struct {
		name, fault string
		record      []byte
	}{
		{"nothing", "64 is missing (byte 0)", nil},
		{"a tag alone", "has no length (64)", []byte{0x64}},
		{"a record cut short", "is longer than what holds it (64)", whole[:len(whole)-1]},
		{"a record with something behind", "is one too many (30)", append(bytes.Clone(whole), 0x30, 0)},
		{"an indefinite length", "has an indefinite length (64)", append(append([]byte{0x64, 0x80}, whole[2:]...), 0, 0)},
		{"a length with a byte too many", "has a length of more bytes than it needs (64)", append([]byte{0x64, 0x81}, whole[1:]...)},
		{"a block without an end", "versionBlock: is longer than what holds it (A0)", []byte{0x64, 2, 0xA0, 1}},
		{"half a tag", "versionBlock: a tag that ends early (byte 11)", []byte{0x64, 10, 0xA0, 8, 0x80, 1, 3, 0x81, 2, 7, 0xE3, 0x9F}},
	} {
		_, err := ReadFinger(c.record)
		if err == nil || !strings.HasSuffix(err.Error(), "ISO/IEC 39794-4: "+c.fault) {
			t.Errorf("%s: %v, want %s", c.name, err, c.fault)
		}
	}
}

// TestNotWritten: what would not be read is not written.
func TestNotWritten(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*FingerRepresentation)
		fault  string
	}{
		{"a finger in no list", func(r *FingerRepresentation) { r.Position.Value = 12 }, "position.code: is not in the list (12)"},
		{"no image", func(r *FingerRepresentation) { r.ImageData = nil }, "imageData: must hold an image (0 bytes)"},
		{"a comment with a letter of Danish", func(r *FingerRepresentation) { r.Comments = []string{"", "\xC3\xA6"} },
			"commentBlocks[1]: must be of the characters from blank to tilde"},
		{"a failed score of NFIQ 2", func(r *FingerRepresentation) { r.Quality[0].Score.Score = 255 },
			"qualityBlocks[0].scoreOrError.score: must be 0 to 100 (255)"},
		{"a field of later that is no DER", func(r *FingerRepresentation) { r.Extensions = []byte{0x91, 2, 0} },
			"representationBlocks[0]: is longer than what holds it (91)"},
		{"a field of later in the place of a known one", func(r *FingerRepresentation) { r.Extensions = []byte{0x90, 0} },
			"representationBlocks[0]: holds a field that is unknown, repeated or out of order (90)"},
		{"a field of later where no extension is", func(r *FingerRepresentation) { r.Position.Extensions = []byte{0x81, 0} },
			"position: has no place for the fields of an extension"},
	} {
		b := newSmallFinger()
		c.change(&b.Representations[0])
		out, err := b.Encode()
		if err == nil || !strings.HasSuffix(err.Error(), c.fault) || out != nil {
			t.Errorf("%s: %d bytes, %v, want %s", c.name, len(out), err, c.fault)
		}
	}
	face := newSmallFace()
	face.Representations[0].SessionID = big.NewInt(-1)
	if _, err := face.Encode(ICAO); err == nil || !strings.HasSuffix(err.Error(), "sessionId: must be a whole number from 0 (below 0)") {
		t.Errorf("a session below 0: %v", err)
	}
	if _, err := new(FaceImageDataBlock).Encode(Base); err == nil || !strings.Contains(err.Error(), "versionBlock.generation: must be 3") {
		t.Errorf("an empty record: %v", err)
	}
}
