package iso39794

import (
	"bytes"
	"os/exec"
	"reflect"
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
	for name, b := range fullRecords(t) {
		c := exec.Command(openssl, "asn1parse", "-inform", "DER")
		c.Stdin = bytes.NewReader(b)
		out, err := c.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "appl [ ") || strings.Contains(strings.ToLower(string(out)), "error") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
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
