package records

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"optag/capture/record/cbeff"
	"optag/capture/record/iso19794"
	"optag/capture/record/iso39794"
	"optag/capture/record/nist"
	"optag/capture/record/tlv"
)

// A set is the images of a file with what is known of them, in the words of
// ISO/IEC 19794, which every format can be read into. What there is no place for
// is in lost, by its name and never by its value.
type set struct {
	fingers []iso19794.FingerImage
	faces   []iso19794.FaceImage
	level   uint16 // image acquisition level of ISO/IEC 19794-4:2005; 0 is not said
	lost    []string
	said    []string // what was done or assumed
}

// loses notes what is left behind, once.
func (s *set) loses(there bool, what string) {
	if there && !slices.Contains(s.lost, what) {
		s.lost = append(s.lost, what)
	}
}

// says notes what was done, once.
func (s *set) says(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(s.said, text) {
		s.said = append(s.said, text)
	}
}

// readSet reads the images of a well-formed file. They are parts of the file.
func readSet(file []byte) (*set, error) {
	s := &set{}
	var err error
	switch recognise(file) {
	case transactionFile:
		err = s.transaction(file)
	case fingerFile:
		err = s.finger(file)
	case faceFile:
		err = s.face(file)
	case finger3File:
		err = s.finger3(file)
	case face3File:
		err = s.face3(file)
	case chipFile:
		err = s.chip(file)
	default:
		err = errors.New(unknown(file))
	}
	if err == nil && len(s.fingers) == 0 && len(s.faces) == 0 {
		err = errors.New("there is no image in it")
	}
	return s, err
}

func (s *set) chip(file []byte) error {
	g, err := cbeff.Read(file, tlv.BER)
	if err != nil {
		return err
	}
	for n := range g.Templates {
		one, err := readSet(g.Templates[n].Record)
		if err != nil {
			return fmt.Errorf("template %d: %w", n+1, err)
		}
		s.fingers, s.faces, s.level = append(s.fingers, one.fingers...), append(s.faces, one.faces...), one.level
		s.lost, s.said = append(s.lost, one.lost...), append(s.said, one.said...)
		h := g.Templates[n].Header
		s.loses(h.Created != nil || h.Validity != nil || h.Creator != nil, "date, validity or creator of a template's header")
	}
	return nil
}

func (s *set) finger(file []byte) error {
	r, err := iso19794.ReadFinger(file)
	if err == nil {
		s.fingers, s.level = r.Images, r.Level
	}
	return err
}

func (s *set) face(file []byte) error {
	r, err := iso19794.ReadFace(file)
	if err != nil {
		return err
	}
	s.faces = r.Images
	for i := range s.faces {
		f := &s.faces[i]
		if r.Edition == iso19794.Edition2005 { // whose numbers are others than those of 2011
			s.loses(f.Quality != 0, "quality, which the edition of 2005 does not define")
			s.loses(f.Expression != 0, "expression")
			s.loses(f.Eyes != 0 || f.Hair != 0, "colours of eyes and hair")
			f.Quality, f.Expression, f.Eyes, f.Hair = 0, 0, 0, 0
			if f.Sex == 3 {
				f.Sex = 255
			}
			if f.ColourSpace == 4 {
				f.ColourSpace = 6
			}
			if f.Kind == iso19794.PostProcessed { // "other" by 2005
				f.Kind = iso19794.Basic
			}
		}
	}
	return nil
}

// unknownTime is a moment of which no part is known.
func unknownTime() iso19794.DateTime {
	return iso19794.DateTime{Year: math.MaxUint16, Month: 255, Day: 255, Hour: 255, Minute: 255, Second: 255, Millisecond: math.MaxUint16}
}

// dayTime is a day YYYYMMDD of which the hour is not known; the zero of one is not
// known at all.
func dayTime(day string) iso19794.DateTime {
	d := unknownTime()
	var y, m, n int
	if _, err := fmt.Sscanf(day, "%4d%2d%2d", &y, &m, &n); err != nil {
		return iso19794.DateTime{}
	}
	d.Year, d.Month, d.Day = uint16(y), uint8(m), uint8(n)
	return d
}

func (s *set) transaction(file []byte) error {
	t, err := nist.Parse(file)
	if err != nil {
		return err
	}
	s.loses(true, "the Type-1 record")
	for n, r := range t.Records[1:] {
		switch {
		case r.Type == 14:
			err = s.nistPrint(r)
		case r.Type == 10:
			err = s.nistFace(r)
		case r.Type == 4:
			err = s.legacy(r, t.Records[0].Text(12))
		default:
			s.loses(true, fmt.Sprintf("records of Type-%d (%s)", r.Type, typeName(r.Type)))
		}
		if err != nil {
			return fmt.Errorf("record %d: %w", n+2, err)
		}
	}
	return nil
}

// codings are those of field CGA.
func codings(cga string) (iso19794.Coding, error) {
	c := map[string]iso19794.Coding{"NONE": iso19794.Raw, "WSQ20": iso19794.WSQ, "JPEGB": iso19794.JPEG,
		"JP2": iso19794.JP2, "JP2L": iso19794.JP2Lossless, "PNG": iso19794.PNG}[cga]
	if c == 0 {
		return 0, fmt.Errorf("images coded as %.10q have no place in other formats, and are not packed anew here", cga)
	}
	return c, nil
}

// nistPrint takes a Type-14 record.
func (s *set) nistPrint(r *nist.Record) error {
	p, err := r.Print()
	if err != nil {
		return err
	}
	s.loses(len(p.Amputations) > 0, "fingers missing (14.018)")
	s.loses(p.Comment != "", "comment (14.020)")
	if len(p.Data) == 0 {
		s.loses(true, "records without an image")
		return nil
	}
	s.loses(len(p.Segments) > 0 || len(p.Outlines) > 0 || len(p.SegmentScores) > 0, "segments of a slap (14.021, 14.023, 14.025)")
	s.loses(len(p.NISTScores) > 0, "NFIQ 1 quality (14.022)")
	s.loses(p.Simultaneous > 0 || p.Stitched || p.Profile > 0, "simultaneous capture, stitching, acquisition profile (14.026, 14.027, 14.031)")
	s.nistSample(p.Sample, 14)
	f := iso19794.FingerImage{Position: iso19794.Position(p.Finger), Impression: iso19794.Impression(p.Impression), Depth: uint8(p.Depth)}
	if f.Coding, err = codings(p.Compression); err != nil {
		return err
	}
	f.Width, f.Height, f.Data, f.Time = p.Width, p.Height, p.Data, dayTime(p.Date)
	if thumb := map[int]iso19794.Position{11: 1, 12: 6}[p.Finger]; thumb != 0 {
		f.Position = thumb
		s.says("a plain thumb (FGP 11, 12) became a thumb")
	}
	switch {
	case p.Technology == inkOnPaper && p.Impression <= 1:
		f.Impression += iso19794.NonlivePlain
	default:
		s.loses(p.Technology != 0, "capture technology (14.901)")
	}
	for _, q := range p.Scores {
		s.loses(q.Score == 254, "a quality that was not tried (14.024)")
		if q.Position == p.Finger && q.Score != 254 {
			f.Qualities = append(f.Qualities, iso19794.Quality{Score: uint8(q.Score), Vendor: q.Vendor, Algorithm: uint16(q.Algorithm)})
		} else {
			s.loses(true, "quality of single fingers of a slap (14.024)")
		}
	}
	return s.resolved(f, p.Unit, [2]int{p.Across, p.Down}, [2]int{p.ScanAcross, p.ScanDown})
}

// inkOnPaper is "scanned ink on paper" in field FCT, and in ISO/IEC 39794-4.
const inkOnPaper = int(iso39794.ScannedInkOnPaper)

// nistSample notes what Types 10 and 14 say of the origin that no other format does.
func (s *set) nistSample(m nist.Sample, typ int) {
	field := func(there bool, what string, number int) {
		s.loses(there, fmt.Sprintf("%s (%d.%03d)", what, typ, number))
	}
	field(true, "source agency", 4)
	field(m.Monitoring != "", "monitoring mode", 30)
	field(len(m.Condition) > 0, "status of the subject", 46)
	field(m.Organiser != "", "capture organisation", 47)
	field(len(m.Steps) > 0, "annotation", 902)
	field(m.Device != "", "device identifier", 903)
	field(m.Maker != [3]string{}, "make, model and serial number", 904)
	field(m.Agency != "", "source agency name", 993)
	field(m.Hash != "", "hash of the image", 996)
	for _, f := range m.OtherFields {
		s.loses(true, fmt.Sprintf("field %d.%03d", typ, f.Number))
	}
}

// resolved takes an image of fingers with its resolution; nought is not said.
func (s *set) resolved(f iso19794.FingerImage, unit int, sampling, scanned [2]int) error {
	switch unit {
	case nist.PerInch:
		f.Units = iso19794.PerInch
	case nist.PerCm:
		f.Units = iso19794.PerCentimetre
	default:
		return errors.New("it says no resolution (SLC 0), and other formats demand one")
	}
	for i := range sampling {
		f.Sampling[i], f.Scanned[i] = uint16(sampling[i]), uint16(scanned[i])
		if scanned[i] == 0 {
			f.Scanned[i] = f.Sampling[i]
			s.says("the scan resolution is not said and taken to be the image's")
		}
	}
	s.fingers = append(s.fingers, f)
	return nil
}

// legacy takes a Type-4 record.
func (s *set) legacy(r *nist.Record, transmitted string) error {
	p, err := r.Legacy()
	if err != nil {
		return err
	}
	if len(p.Fingers) != 1 {
		return errors.New("a Type-4 record that may be of several fingers says of none which it is")
	}
	ppi := 500
	if p.Declared && transmitted != "19.69" {
		return errors.New("its resolution is another than 500 ppi")
	}
	f := iso19794.FingerImage{Position: iso19794.Position(p.Fingers[0]), Impression: iso19794.Impression(p.Impression), Depth: 8}
	if thumb := map[int]iso19794.Position{11: 1, 12: 6}[p.Fingers[0]]; thumb != 0 {
		f.Position = thumb
		s.says("a plain thumb (FGP 11, 12) became a thumb")
	}
	if f.Coding, err = codings(p.Compression()); err != nil {
		return err
	}
	f.Width, f.Height, f.Data = p.Width, p.Height, p.Data
	return s.resolved(f, nist.PerInch, [2]int{ppi, ppi}, [2]int{})
}

// nistFace takes a Type-10 record.
func (s *set) nistFace(r *nist.Record) error {
	p, err := r.Face()
	if err != nil {
		return err
	}
	if p.Kind != "FACE" {
		s.loses(true, "images of scars, marks and tattoos")
		return nil
	}
	s.nistSample(p.Sample, 10)
	s.loses(p.Comment != "", "comment (10.038)")
	s.loses(len(p.Angles) > 0 || p.Pose != "" && p.Pose != "F", "pose (10.020, 10.021, 10.025)")
	s.loses(len(p.Attributes) > 0 || p.Eyes != "" || len(p.Hair) > 0, "description of the face (10.026 to 10.028)")
	s.loses(len(p.Transforms) > 0, "image transforms (10.044)")
	f := iso19794.FaceImage{}
	if f.Coding, err = codings(p.Compression); err != nil {
		return err
	}
	f.Width, f.Height, f.Data, f.Time = p.Width, p.Height, p.Data, dayTime(p.Date)
	f.Kind = map[int]iso19794.ImageKind{11: iso19794.FullFrontal, 13: iso19794.FullFrontal, 12: iso19794.TokenFrontal, 14: iso19794.TokenFrontal}[p.Profile]
	s.loses(f.Kind == iso19794.Basic && p.Profile > 1, "acquisition profile (10.013)")
	f.ColourSpace = map[string]uint8{"SRGB": 1, "RGB": 1, "GRAY": 3}[p.Colours]
	s.loses(f.ColourSpace == 0 && p.Colours != "UNK", "colour space (10.012)")
	sources := map[string]uint8{"UNKNOWN PHOTO": 1, "DIGITAL CAMERA": 2, "SCANNER": 3}
	f.Technology = sources[p.Acquisition.Code]
	s.loses(f.Technology == 0 && p.Acquisition.Code != "" && p.Acquisition.Code != "UNSPECIFIED", "photo acquisition source (10.023)")
	for _, q := range p.Scores {
		f.Qualities = append(f.Qualities, iso19794.Quality{Score: uint8(min(q.Score, 255)), Vendor: q.Vendor, Algorithm: uint16(q.Algorithm)})
	}
	s.loses(len(p.Points) > 0, "feature points (10.029)")
	s.faces = append(s.faces, f)
	return nil
}
