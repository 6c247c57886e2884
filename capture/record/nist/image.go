package nist

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Units of an image's pixel density: field SLC.
const (
	AspectOnly = 0 // the densities are a ratio
	PerInch    = 1
	PerCm      = 2
)

// An Image is what Types 10, 13, 14 and 15 say of their image in the same fields.
// A record without an image leaves all of it empty.
type Image struct {
	Width, Height int    // HLL and VLL, pixels: 10 to 99,999
	Unit          int    // SLC: what the densities count
	Across, Down  int    // THPS and TVPS, pixels for a unit as sent
	Compression   string // CGA: NONE, WSQ20, JPEGB, JPEGL, JP2, JP2L or PNG
	Data          []byte // field 999: the stream, or pixels in rows for NONE
}

// A Sample is what Types 10, 13, 14 and 15 say of their origin in the same fields.
type Sample struct {
	IDC         int       // 0 is written as the next that is free
	Source      string    // SRC: agency
	Date        string    // of the capture: PHD, LCD, FCD or PCD, YYYYMMDD
	ScanAcross  int       // SHPS, SVPS: pixels for a unit of SLC as scanned; 0 is not said
	ScanDown    int       //
	Comment     string    // COM
	Monitoring  string    // DMM: CONTROLLED, ASSISTED, OBSERVED, UNATTENDED or UNKNOWN
	Condition   []string  // SUB: state of the subject, A, X or D with its two details; from version 0501
	Organiser   string    // CON: organisation that captured it; from version 0501
	Steps       []Step    // ANN: what has been done to it
	Device      string    // DUI: M or P and 12 to 15 characters
	Maker       [3]string // MMS: make, model and serial number of the device
	Agency      string    // SAN: name of the source agency
	Hash        string    // HAS: SHA-256 of the image, 64 hexadecimal digits; see [Hash]
	OtherFields []Field   // fields of no number that the view knows
}

// A Step is one of ANN: what was done to the data, when, by whom.
type Step struct{ GMT, Process, Owner, Description string }

// A Quality is one of SQM, FQM, PQM and SQS: a score with its measure.
type Quality struct {
	Position  int    // finger or palm; not used for a face
	Score     int    // QVU: 0 to 100; 254 was not tried, 255 failed
	Vendor    uint16 // QAV: in the registry of CBEFF; 000F is NIST
	Algorithm int    // QAP: 1 to 65,535, of the vendor; 65,535 where no number is registered
}

// Hash returns the value of field HAS for an image.
func Hash(image []byte) string {
	sum := sha256.Sum256(image)
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// ErrNoHash is returned by [Record.CheckHash] for a record that says no hash.
var ErrNoHash = errors.New("the record has no hash of its image")

// CheckHash compares the image with field HAS.
func (r *Record) CheckHash() error {
	says := r.Text(996)
	switch {
	case says == "":
		return ErrNoHash
	case !strings.EqualFold(says, Hash(r.Data())):
		return fmt.Errorf("checking the image of a Type-%d record: field %d.996 has another hash", r.Type, r.Type)
	}
	return nil
}

// image adds the fields of an image. Without data there are none.
func (m *maker) image(i Image) {
	if len(i.Data) == 0 {
		return
	}
	for k, v := range []int{i.Width, i.Height, i.Unit, i.Across, i.Down} {
		m.text(6+k, strconv.Itoa(v))
	}
	m.text(11, i.Compression)
	m.data(i.Data)
}

func (r *reader) image() Image {
	r.seen(fieldDATA)
	return Image{
		Width: r.number(6), Height: r.number(7), Unit: r.number(8), Across: r.number(9), Down: r.number(10),
		Compression: r.text(11), Data: r.rec.Data(),
	}
}

// sample adds the fields of the origin; comment is the number of COM.
func (m *maker) sample(s Sample, comment int) {
	m.text(4, s.Source)
	m.text(5, s.Date)
	m.number(16, s.ScanAcross)
	m.number(17, s.ScanDown)
	m.text(comment, s.Comment)
	m.text(30, s.Monitoring)
	m.text(46, s.Condition...)
	m.text(47, s.Organiser)
	var steps [][]string
	for _, a := range s.Steps {
		steps = append(steps, []string{a.GMT, a.Process, a.Owner, a.Description})
	}
	m.list(902, steps)
	m.text(903, s.Device)
	m.text(904, s.Maker[:]...)
	m.text(993, s.Agency)
	m.text(996, s.Hash)
	m.other(s.OtherFields)
}

// sample reads what [maker.sample] writes. It is the last to read: what nobody
// asked for becomes OtherFields.
func (r *reader) sample(comment int) Sample {
	s := Sample{
		IDC: max(r.rec.IDC(), 0), Source: r.text(4), Date: r.text(5), ScanAcross: r.number(16), ScanDown: r.number(17),
		Comment: r.text(comment), Monitoring: r.text(30), Organiser: r.text(47),
		Device: r.text(903), Maker: [3]string{r.item(904, 0), r.item(904, 1), r.item(904, 2)},
		Agency: r.text(993), Hash: r.text(996),
	}
	for _, items := range r.list(46) {
		s.Condition = items
	}
	for _, a := range r.list(902) {
		s.Steps = append(s.Steps, Step{at(a, 0), at(a, 1), at(a, 2), at(a, 3)})
	}
	s.OtherFields = r.rest()
	return s
}

// qualities writes scores: position, score, vendor and algorithm, the position
// left out for a face.
func qualities(list []Quality, position bool) [][]string {
	var out [][]string
	for _, q := range list {
		items := []string{strconv.Itoa(q.Position), strconv.Itoa(q.Score), fmt.Sprintf("%04X", q.Vendor), strconv.Itoa(q.Algorithm)}
		if !position {
			items = items[1:]
		}
		out = append(out, items)
	}
	return out
}

func (r *reader) qualities(field int, position bool) []Quality {
	var list []Quality
	for _, items := range r.list(field) {
		var q Quality
		if position {
			q.Position, items = r.atoi(field, items[0]), items[1:]
		}
		q.Score = r.atoi(field, at(items, 0))
		q.Vendor = r.hex(field, at(items, 1))
		q.Algorithm = r.atoi(field, at(items, 2))
		list = append(list, q)
	}
	return list
}
