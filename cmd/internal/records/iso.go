package records

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"optag/capture/record/cbeff"
	"optag/capture/record/iso19794"
	"optag/capture/record/iso39794"
	"optag/capture/record/tlv"
)

// record tells of a record of ISO/IEC 19794 or 39794, which lies within another
// file where prefix is not empty.
func (i *inspector) record(k kind, data []byte, prefix string) Section {
	var s Section
	var format string
	switch k {
	case fingerFile:
		s, format = i.finger(data, prefix)
	case faceFile:
		s, format = i.face(data, prefix)
	case finger3File:
		s, format = i.finger3(data, prefix)
	default:
		s, format = i.face3(data, prefix)
	}
	s.Name = prefix + format
	if prefix == "" {
		i.Format = format
	}
	return s
}

// faults19794 notes the faults of a record of ISO/IEC 19794.
func (i *inspector) faults19794(prefix string, err error) {
	var all iso19794.Faults
	if err != nil && !errors.As(err, &all) {
		i.fault(strings.TrimSuffix(prefix, ", "), err.Error(), "")
	}
	for _, f := range all {
		where := f.Where
		if f.Image > 0 {
			where = fmt.Sprintf("%s of image %d", f.Where, f.Image)
		}
		i.fault(fmt.Sprintf("%s%s (byte %d)", prefix, where, f.At), f.Rule, fmt.Sprint(f.Value))
	}
}

// fault39794 notes the fault of a record of ISO/IEC 39794, or of its tags.
func (i *inspector) fault39794(prefix string, err error) {
	var f *iso39794.Fault
	switch {
	case errors.As(err, &f):
		i.fault(prefix+f.Where, f.Rule, f.Value)
	case err != nil:
		i.fault(strings.TrimSuffix(prefix, ", "), err.Error(), "")
	}
}

func (i *inspector) finger(data []byte, prefix string) (Section, string) {
	s := Section{Fields: []Field{}}
	r, err := iso19794.ReadFinger(data)
	i.faults19794(prefix, err)
	if r == nil {
		return s, "ISO/IEC 19794-4"
	}
	s.Fields = append(s.Fields, tell("images", len(r.Images)))
	if r.Edition == iso19794.Edition2005 {
		s.Fields = append(s.Fields, tell("acquisition level", r.Level))
	}
	for n := range r.Images {
		s.Sections = append(s.Sections, i.fingerImage(&r.Images[n], prefix, n))
	}
	return s, fmt.Sprintf("ISO/IEC 19794-4:%d", r.Edition)
}

// fingerImage tells of one image of fingers.
func (i *inspector) fingerImage(f *iso19794.FingerImage, prefix string, n int) Section {
	where := fmt.Sprintf("%simage %d", prefix, n+1)
	s := Section{Name: fmt.Sprintf("image %d", n+1), Fields: []Field{
		tell("position", coded(int(f.Position), positionName(int(f.Position)))),
		tell("view", f.View),
		tell("impression", coded(int(f.Impression), impressionName(int(f.Impression)))),
		tell("resolution", sampling(f.Units, f.Sampling)),
		tell("scan resolution", sampling(f.Units, f.Scanned)),
		tell("bits per pixel", f.Depth),
		tell("compression", f.Coding),
		tell("width", f.Width), tell("height", f.Height),
	}}
	s.Fields = append(s.Fields, captured(f.Capture, f.Qualities)...)
	for _, c := range f.Certificates {
		s.Fields = append(s.Fields, tell("certificate", fmt.Sprintf("scheme %d of authority %04X", c.Scheme, c.Authority)))
	}
	for _, b := range f.Blocks {
		s.Fields = append(s.Fields, Field{Name: fmt.Sprintf("extended block %d", b.Code), Hidden: len(b.Data)})
	}
	if len(f.Data) > 0 {
		s.Picture = i.picture(where, f.Data, f.Coding == iso19794.Raw || f.Coding == iso19794.Packed, f.Width, f.Height)
		if ppi, ok := f.PPI(); ok && s.Picture.PPI > 0 && s.Picture.PPI != ppi[0] {
			i.remark("%s: the image calls itself one of %d ppi, the record one of %d", where, s.Picture.PPI, ppi[0])
		}
	}
	return s
}

func sampling(u iso19794.Units, n [2]uint16) string {
	unit := map[iso19794.Units]string{iso19794.PerInch: "inch", iso19794.PerCentimetre: "centimetre"}[u]
	if unit == "" {
		unit = "unknown unit"
	}
	return fmt.Sprintf("%d × %d per %s", n[0], n[1], unit)
}

// captured tells when and with what an image was taken, and how good it is, where
// the record says so.
func captured(c iso19794.Capture, scores []iso19794.Quality) (all []Field) {
	if c.Time.Year > 0 && c.Time.Year < math.MaxUint16 {
		all = append(all, tell("captured", fmt.Sprintf("%04d-%02d-%02d", c.Time.Year, c.Time.Month, c.Time.Day)))
	}
	if c.Technology != 0 {
		all = append(all, tell("capture technology", c.Technology))
	}
	if c.Vendor != 0 || c.Device != 0 {
		all = append(all, tell("capture device", fmt.Sprintf("type %04X of vendor %04X", c.Device, c.Vendor)))
	}
	for _, q := range scores {
		by := ""
		if q.Vendor != 0 || q.Algorithm != 0 {
			by = fmt.Sprintf(" by algorithm %d of vendor %04X", q.Algorithm, q.Vendor)
		}
		all = append(all, tell("quality", fmt.Sprintf("%d%s", q.Score, by)))
	}
	return all
}

func (i *inspector) face(data []byte, prefix string) (Section, string) {
	s := Section{Fields: []Field{}}
	r, err := iso19794.ReadFace(data)
	i.faults19794(prefix, err)
	if r == nil {
		return s, "ISO/IEC 19794-5"
	}
	s.Fields = append(s.Fields, tell("images", len(r.Images)))
	for n := range r.Images {
		s.Sections = append(s.Sections, i.faceImage(r.Edition, &r.Images[n], prefix, n))
	}
	return s, fmt.Sprintf("ISO/IEC 19794-5:%d", r.Edition)
}

// faceImage tells of one image of a face.
func (i *inspector) faceImage(e iso19794.Edition, f *iso19794.FaceImage, prefix string, n int) Section {
	s := Section{Name: fmt.Sprintf("image %d", n+1), Fields: []Field{
		tell("face image type", coded(int(f.Kind), kindName(f.Kind))),
		tell("compression", f.Coding),
		tell("width", f.Width), tell("height", f.Height),
		tell("colour space", coded(int(f.ColourSpace), colourName(f.ColourSpace))),
		tell("feature points", len(f.Points)),
	}}
	s.Fields = append(s.Fields, captured(f.Capture, f.Qualities)...)
	if e == iso19794.Edition2005 {
		s.Fields = append(s.Fields, tell("quality", f.Quality))
	}
	for _, p := range []struct {
		name  string
		value any
		said  bool
	}{
		{"sex", f.Sex, f.Sex != 0}, {"eye colour", f.Eyes, f.Eyes != 0}, {"hair colour", f.Hair, f.Hair != 0}, {"height of the person", f.Stature, f.Stature != 0},
		{"properties", fmt.Sprintf("%06X", f.Properties), f.Properties != 0}, {"expression", fmt.Sprintf("%04X", f.Expression), f.Expression != 0},
		{"pose", f.Pose, f.Pose != [3]uint8{}},
	} {
		if p.said {
			s.Fields = append(s.Fields, i.secret(p.name, fmt.Sprint(p.value)))
		}
	}
	if len(f.Data) > 0 {
		s.Picture = i.picture(fmt.Sprintf("%simage %d", prefix, n+1), f.Data, false, f.Width, f.Height)
	}
	return s
}

func kindName(k iso19794.ImageKind) string {
	names := []string{"basic", "full frontal", "token frontal", "post-processed or other"}
	if int(k) < len(names) {
		return names[k]
	}
	return "with a shape"
}

func colourName(c uint8) string {
	names := []string{"unspecified", "RGB of 24 bits", "YUV 4:2:2", "grey of 8 bits"}
	if int(c) < len(names) {
		return names[c]
	}
	return "other"
}

func (i *inspector) finger3(data []byte, prefix string) (Section, string) {
	const format = "ISO/IEC 39794-4"
	s := Section{Fields: []Field{}}
	r, err := iso39794.ReadFinger(data)
	i.fault39794(prefix, err)
	if err != nil {
		return s, format
	}
	s.Fields = append(s.Fields, tell("version", fmt.Sprintf("generation %d of %d", r.Version.Generation, r.Version.Year)), tell("representations", len(r.Representations)))
	for n := range r.Representations {
		s.Sections = append(s.Sections, i.representation(&r.Representations[n], prefix, n))
	}
	return s, format
}

// representation tells of one image of fingers of the third generation.
func (i *inspector) representation(r *iso39794.FingerRepresentation, prefix string, n int) Section {
	s := Section{Name: fmt.Sprintf("representation %d", n+1), Fields: []Field{
		tell("position", r.Position), tell("impression", r.Impression), tell("imageDataFormat", r.ImageDataFormat),
	}}
	add := func(there bool, name string, value func() any) {
		if there {
			s.Fields = append(s.Fields, tell(name, value()))
		}
	}
	add(r.SamplingRate != nil, "spatialSamplingRate", func() any {
		return fmt.Sprintf("%d per %s", r.SamplingRate.SamplesPerUnit, map[iso39794.Unit]string{iso39794.Inch: "inch", iso39794.Centimetre: "centimetre"}[r.SamplingRate.Unit])
	})
	add(r.CaptureDateTime != nil, "captureDateTime", func() any { return dateOf(r.CaptureDateTime) })
	add(r.CaptureDevice != nil && r.CaptureDevice.Technology != nil, "captureDeviceTechnology", func() any { return r.CaptureDevice.Technology })
	add(r.ImageHasBeenLossilyCompressed != iso39794.Unstated, "imageHasBeenLossilyCompressed", func() any { return r.ImageHasBeenLossilyCompressed == iso39794.Yes })
	s.Fields = append(s.Fields, scores3(r.Quality)...)
	for _, a := range r.Annotations {
		s.Fields = append(s.Fields, tell("annotation", fmt.Sprintf("%v: %v", a.Position, a.Reason)))
	}
	for _, c := range r.Comments {
		s.Fields = append(s.Fields, i.secret("comment", c))
	}
	add(len(r.Segmentation) > 0, "segmentationBlocks", func() any { return len(r.Segmentation) })
	s.Picture = i.picture(fmt.Sprintf("%srepresentation %d", prefix, n+1), r.ImageData, false, 0, 0)
	return s
}

func scores3(blocks []iso39794.QualityBlock) (all []Field) {
	for _, q := range blocks {
		score := fmt.Sprint(q.Score.Score)
		if q.Score.Error != nil {
			score = "none"
		}
		all = append(all, tell("quality", fmt.Sprintf("%s by algorithm %d of organisation %04X", score, q.AlgorithmID.ID, q.AlgorithmID.Organization)))
	}
	return all
}

func dateOf(d *iso39794.DateTimeBlock) string {
	s := fmt.Sprintf("%04d", d.Year)
	if d.Month != nil && d.Day != nil {
		s += fmt.Sprintf("-%02d-%02d", *d.Month, *d.Day)
	}
	return s
}

func (i *inspector) face3(data []byte, prefix string) (Section, string) {
	const format = "ISO/IEC 39794-5"
	s := Section{Fields: []Field{}}
	r, err := iso39794.ReadFace(data)
	i.fault39794(prefix, err)
	if err != nil {
		return s, format
	}
	s.Fields = append(s.Fields, tell("version", fmt.Sprintf("generation %d of %d", r.Version.Generation, r.Version.Year)), tell("representations", len(r.Representations)))
	for n := range r.Representations {
		s.Sections = append(s.Sections, i.faceRepresentation(&r.Representations[n], prefix, n))
	}
	return s, format
}

// faceRepresentation tells of one image of a face of the third generation.
func (i *inspector) faceRepresentation(r *iso39794.FaceRepresentation, prefix string, n int) Section {
	info := &r.Image.Information
	s := Section{Name: fmt.Sprintf("representation %d", n+1), Fields: []Field{tell("imageDataFormat", info.ImageDataFormat)}}
	width, height := 0, 0
	if info.FaceImageKind != nil {
		s.Fields = append(s.Fields, tell("faceImageKind2D", info.FaceImageKind))
	}
	if size := info.ImageSize; size != nil {
		width, height = size.Width, size.Height
		s.Fields = append(s.Fields, tell("imageSize", fmt.Sprintf("%d × %d", width, height)))
	}
	if info.ColourSpace != nil {
		s.Fields = append(s.Fields, tell("imageColourSpace", info.ColourSpace))
	}
	if d := r.Image.CaptureDevice; d != nil && d.Technology != nil {
		s.Fields = append(s.Fields, tell("captureDeviceTechnology", d.Technology))
	}
	if r.CaptureDateTime != nil {
		s.Fields = append(s.Fields, tell("captureDateTime", dateOf(r.CaptureDateTime)))
	}
	s.Fields = append(s.Fields, scores3(r.Quality)...)
	s.Fields = append(s.Fields, tell("landmarks", len(r.Landmarks)))
	if m := r.Identity; m != nil && m.Gender != nil {
		s.Fields = append(s.Fields, i.secret("gender", m.Gender.String()))
	}
	if r.Identity != nil {
		s.Fields = append(s.Fields, tell("identityMetadataBlock", "there is one"))
	}
	s.Picture = i.picture(fmt.Sprintf("%srepresentation %d", prefix, n+1), r.Image.Data, false, width, height)
	return s
}

// chip tells of a data group of a chip.
func (i *inspector) chip(file []byte) {
	i.Format = map[byte]string{0x75: "EF.DG2", 0x63: "EF.DG3", 0x76: "EF.DG4"}[file[0]]
	g, err := cbeff.Read(file, tlv.DER)
	if err != nil {
		if longer, berr := cbeff.Read(file, tlv.BER); berr == nil {
			g, err = longer, nil
			i.remark("lengths have more bytes than they need: chips may, DER may not")
		}
	}
	if err != nil {
		i.fault("", err.Error(), "")
		return
	}
	if len(g.Templates) == 0 {
		i.remark("there are no templates in it")
	}
	for n := range g.Templates {
		i.Sections = append(i.Sections, i.template(&g.Templates[n], n))
	}
}

// template tells of one template and its record.
func (i *inspector) template(t *cbeff.Template, n int) Section {
	prefix := fmt.Sprintf("template %d, ", n+1)
	kinds := map[cbeff.Format]kind{cbeff.Finger19794: fingerFile, cbeff.Face19794: faceFile, cbeff.Finger39794: finger3File, cbeff.Face39794: face3File}
	k, known := kinds[t.Header.Format]
	s := Section{}
	switch {
	case !known:
		i.remark("%sirises are not looked at", prefix)
		s.Name = prefix + "iris"
	case recognise(t.Record) != k:
		i.fault(prefix+"the record", "it is of another format than its header says", fmt.Sprintf("%04X", uint16(t.Header.Format)))
		s.Name = prefix + "unknown record"
	default:
		s = i.record(k, t.Record, prefix)
	}
	header := []Field{tell("format type", fmt.Sprintf("%04X", uint16(t.Header.Format)))}
	if sub := t.Header.Subtype; sub != nil {
		if p, ok := sub.Position(); ok {
			header = append(header, tell("subtype", coded(int(*sub), positionName(p))))
			i.sameFinger(t, prefix, p)
		}
	}
	s.Fields = append(header, s.Fields...)
	return s
}

// sameFinger compares the finger of a header with those of its record.
func (i *inspector) sameFinger(t *cbeff.Template, prefix string, want int) {
	got, err := readSet(t.Record)
	if err != nil {
		return // what is wrong with the record was said
	}
	for _, f := range got.fingers {
		if int(f.Position) != want {
			i.fault(prefix+"82 biometric subtype", "the record is of another finger: "+positionName(int(f.Position)), positionName(want))
		}
	}
}
