package iso39794

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"optag/capture/record/tlv"
)

// TestRanges goes to the ends of every range of the schema, and beyond.
func TestRanges(t *testing.T) {
	finger, face := fullFinger(), fullFace()
	print, portrait := &finger.Representations[0], &face.Representations[0]
	info, person := &portrait.Image.Information, portrait.Identity
	segment := &print.Segmentation[0].Segments[0]
	for _, c := range []struct {
		field  string
		value  *int
		lo, hi int
	}{
		{"generation", &finger.Version.Generation, 3, 65535},
		{"year", &face.Version.Year, 2019, 9999},
		{"organization", &print.CaptureDevice.ModelID.Organization, 1, 65535},
		{"id", &print.CaptureDevice.ModelID.ID, 1, 65535},
		{"year", &print.CaptureDateTime.Year, 0, 9999},
		{"month", print.CaptureDateTime.Month, 1, 12},
		{"day", print.CaptureDateTime.Day, 1, 31},
		{"hour", print.CaptureDateTime.Hour, 0, 23},
		{"minute", print.CaptureDateTime.Minute, 0, 59},
		{"second", print.CaptureDateTime.Second, 0, 59},
		{"millisecond", print.CaptureDateTime.Msec, 0, 999},
		{"score", &print.Quality[0].Score.Score, 0, 100},
		{"riskLevel", print.PAD.RiskLevel, 0, 100},
		{"samplesPerUnit", &print.SamplingRate.SamplesPerUnit, 0, 65535},
		{"originalRotation", print.OriginalRotation, 0, 359},
		{"x", &segment.Coordinates[0].X, 0, 65535},
		{"y", &segment.Coordinates[0].Y, 0, 65535},
		{"orientation", segment.Orientation, 0, 255},
		{"cameraToSubjectDistance", info.CameraToSubjectDistance, 0, 50000},
		{"sensorDiagonal", info.SensorDiagonal, 0, 2000},
		{"lensFocalLength", info.LensFocalLength, 0, 2000},
		{"width", &info.ImageSize.Width, 0, 65535},
		{"height", &info.ImageSize.Height, 0, 65535},
		{"imageHeadWidth", info.FaceMeasurements.HeadWidth, 0, math.MaxInt},
		{"imageInterEyeDistance", info.FaceMeasurements.InterEyeDistance, 0, math.MaxInt},
		{"imageEyeToMouthDistance", info.FaceMeasurements.EyeToMouthDistance, 0, math.MaxInt},
		{"imageHeadLength", info.FaceMeasurements.HeadLength, 0, math.MaxInt},
		{"subjectHeight", person.SubjectHeight, 1, 65535},
		{"angleValue", &person.PoseAngle.Yaw.Value, -180, 180},
		{"angleUncertainty", person.PoseAngle.Roll.Uncertainty, 0, 180},
		{"uInPixel", &portrait.Landmarks[1].Coordinates.Texture.U, 0, math.MaxInt},
		{"vInPixel", &portrait.Landmarks[1].Coordinates.Texture.V, 0, math.MaxInt},
		{"x", &portrait.Landmarks[2].Coordinates.Cartesian3D.X, 0, 65535},
		{"y", &portrait.Landmarks[2].Coordinates.Cartesian3D.Y, 0, 65535},
		{"z", &portrait.Landmarks[2].Coordinates.Cartesian3D.Z, 0, 65535},
	} {
		before := *c.value
		for _, v := range []int{c.lo - 1, c.lo, c.hi, c.hi + 1} {
			if c.hi == math.MaxInt && v == c.hi+1 {
				continue
			}
			*c.value = v
			_, err := finger.Encode()
			if err == nil {
				_, err = face.Encode(Base)
			}
			if v >= c.lo && v <= c.hi {
				if err != nil {
					t.Errorf("%s %d: %v", c.field, v, err)
				}
				continue
			}
			var f *Fault
			if !errors.As(err, &f) || !strings.HasSuffix("."+f.Where, "."+c.field) || f.Value != strconv.Itoa(v) {
				t.Errorf("%s %d: %v", c.field, v, err)
			}
		}
		*c.value = before
	}
}

// fullRecords are records with every field there is, written.
func fullRecords(t *testing.T) map[string][]byte {
	t.Helper()
	finger, err := fullFinger().Encode()
	if err != nil {
		t.Fatal(err)
	}
	face, err := fullFace().Encode(ICAO)
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{"finger": finger, "face": face}
}

// TestEveryTag compares the full records, object by object, with what lies beside:
// tags that ISO's and ICAO's examples have at the same places.
func TestEveryTag(t *testing.T) {
	for name, b := range fullRecords(t) {
		want, err := os.ReadFile("testdata/" + name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		head, text, _ := strings.Cut(string(want), "\n\n")
		if !strings.HasPrefix(head, "# ") {
			t.Errorf("%s.txt does not say where it comes from", name)
		}
		var got strings.Builder
		note(t, &got, tlv.NewReader(b, tlv.DER), 0)
		for i, line := range strings.Split(got.String(), "\n") {
			if lines := strings.Split(text, "\n"); i >= len(lines) || lines[i] != line {
				t.Errorf("%s, line %d of the record: %q", name, i+1, line)
				break
			}
		}
		if got.Len() != len(text) {
			t.Errorf("%s: %d characters, want %d:\n%s", name, got.Len(), len(text), got.String())
		}
	}
}

// note writes objects as text, one to a line, the inner ones further right.
func note(t *testing.T, to *strings.Builder, r *tlv.Reader, depth int) {
	for r.More() {
		e, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(to, "%s%v", strings.Repeat(" ", depth), e.Tag)
		if !e.Tag.Constructed() {
			fmt.Fprintf(to, " %X\n", e.Value)
			continue
		}
		to.WriteString("\n")
		in, err := e.In()
		if err != nil {
			t.Fatal(err)
		}
		note(t, to, in, depth+1)
	}
}
