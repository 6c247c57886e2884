package nist

import (
	"fmt"
	"strconv"
)

// A Face is a Type-10 record of a face. Records of scars, marks and tattoos can
// be read as one too; what only they have is in OtherFields.
type Face struct {
	Sample
	Image
	Kind        string         // IMT; "" is written as FACE
	Colours     string         // CSP: SRGB, RGB, GRAY, YCC, SYCC or UNK
	Profile     int            // SAP: 1, 10 to 15, 20, 30, 40, 42, 50 to 52; 0 is written too
	Pose        string         // POS: F front, R and L profile, A angled, D by Angles
	Angle       int            // POA: -180 to 180 degrees; only with pose A or D
	Angles      []int          // SPA: yaw, pitch and roll in degrees, and their uncertainties
	Acquisition Acquisition    // PAS
	Scores      []Quality      // SQS; Position is not used
	Attributes  []string       // SXS: as GLASSES, BEARD or MOUTH OPEN
	Eyes        string         // SEC: colour as BLU, BRO, GRY; XXX unknown
	Hair        []string       // SHC: colours as BRO, BLN; XXX unknown
	Points      []FeaturePoint // FFP
	Transforms  []string       // ITX: as AGE, CROPPED, DOWNSAMPLED
}

// An Acquisition is where a photo comes from: a code as DIGITAL CAMERA, SCANNER
// or VENDOR, and a description, for VENDOR and OTHER.
type Acquisition struct{ Code, Description string }

// A FeaturePoint is a point of the face, in pixels from the top left corner.
type FeaturePoint struct {
	Kind int    // 1 of MPEG-4, 2 anthropometric
	Name string // as "12.1", the centre of the left eye's pupil
	X, Y int
}

// AddFace adds a Type-10 record.
func (t *Transaction) AddFace(f Face) *Record {
	m := maker{typ: 10}
	m.text(fieldIDC, strconv.Itoa(t.nextIDC(f.IDC)))
	m.text(3, or(f.Kind, "FACE"))
	m.image(f.Image)
	m.sample(f.Sample, 38)
	m.text(12, f.Colours)
	m.text(13, strconv.Itoa(f.Profile))
	m.text(20, f.Pose)
	if f.Pose == "A" || f.Pose == "D" {
		m.text(21, strconv.Itoa(f.Angle))
	}
	m.text(23, f.Acquisition.Code, f.Acquisition.Description)
	m.list(24, qualities(f.Scores, false))
	m.text(25, numbers(f.Angles...)...)
	m.list(26, column(f.Attributes))
	m.text(27, f.Eyes)
	m.list(28, column(f.Hair))
	var points [][]string
	for _, p := range f.Points {
		points = append(points, []string{strconv.Itoa(p.Kind), p.Name, strconv.Itoa(p.X), strconv.Itoa(p.Y)})
	}
	m.list(29, points)
	m.list(44, column(f.Transforms))
	return t.add(m)
}

// Face reads a Type-10 record.
func (rec *Record) Face() (Face, error) {
	if rec.Type != 10 || len(rec.Whole) > 0 {
		return Face{}, fmt.Errorf("reading a face: a record of Type-%d", rec.Type)
	}
	r := reader{rec: rec}
	f := Face{
		Image: r.image(), Kind: r.text(3), Colours: r.text(12), Profile: r.number(13), Pose: r.text(20),
		Acquisition: Acquisition{r.item(23, 0), r.item(23, 1)}, Scores: r.qualities(24, false),
		Attributes: r.column(26), Eyes: r.text(27), Hair: r.column(28), Transforms: r.column(44),
	}
	if s := r.text(21); s != "" {
		f.Angle = r.signed(21, s)
	}
	for _, items := range r.list(25) {
		for _, s := range items {
			f.Angles = append(f.Angles, r.signed(25, s))
		}
	}
	for _, s := range r.list(29) {
		f.Points = append(f.Points, FeaturePoint{r.atoi(29, s[0]), at(s, 1), r.atoi(29, at(s, 2)), r.atoi(29, at(s, 3))})
	}
	f.Sample = r.sample(38)
	return f, r.err
}

// column writes a list of sub-fields of one item each.
func column(values []string) [][]string {
	var out [][]string
	for _, v := range values {
		out = append(out, []string{v})
	}
	return out
}

func (r *reader) column(number int) []string {
	var list []string
	for _, s := range r.list(number) {
		list = append(list, s[0])
	}
	return list
}

// signed reads an item of digits with a sign before them.
func (r *reader) signed(field int, s string) int {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		n := r.atoi(field, s[1:])
		if s[0] == '-' {
			return -n
		}
		return n
	}
	return r.atoi(field, s)
}
