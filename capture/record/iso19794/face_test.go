package iso19794

import (
	"bytes"
	"strings"
	"testing"
)

// TestPassportFace: the header that BSI's sample passport of 2008 has for its
// face, 337 by 449 pixels of JPEG 2000 in 15045 bytes, written by us.
func TestPassportFace(t *testing.T) {
	header := "FAC\x00" + "010\x00" + "\x00\x00\x3a\xc5" + "\x00\x01" + // format, version, record length, one face
		"\x00\x00\x3a\xb7" + "\x00\x00" + strings.Repeat("\x00", 14) + // block length, no points, all unspecified
		"\x01\x01" + "\x01\x51\x01\xc1" + "\x00\x00" + "\x00\x00" + "\x00\x00" // full frontal, JPEG 2000, 337 by 449
	data := padded(boxed(337, 449), 14999)
	r := FaceRecord{Edition: Edition2005, Images: []FaceImage{{Image: Image{Width: 337, Height: 449, Coding: JP2, Data: data}, Kind: FullFrontal}}}
	b, err := r.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if len(b) != 15045 || cap(b) != len(b) || string(b[:46]) != header || !bytes.Equal(b[46:], data) {
		t.Errorf("wrote % x", b[:46])
	}
}

func TestFace(t *testing.T) {
	for _, c := range []struct {
		name     string
		record   []byte
		points   int
		pixelsAt int
	}{
		{"edition 2005, a feature point", face2005(), 1, 54},
		{"edition 2011, a landmark and a quality", face2011(), 1, 17 + 4 + 14 + 6 + 17 + 8 + 11 + 4},
	} {
		r, err := ReadFace(c.record)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		f := &r.Images[0]
		if len(r.Images) != 1 || f.Width != 240 || f.Height != 320 || f.Coding.MediaType() != "image/jp2" || len(f.Points) != c.points || f.Kind != FullFrontal {
			t.Errorf("%s: read %+v", c.name, f)
		}
		if &f.Data[0] != &c.record[c.pixelsAt] {
			t.Errorf("%s: the image does not begin at byte %d", c.name, c.pixelsAt)
		}
		if again, err := r.Bytes(); err != nil || !bytes.Equal(again, c.record) {
			t.Errorf("%s: written again as % x, error %v", c.name, again, err)
		}
	}
}

func TestRefusedFace(t *testing.T) {
	const image2011 = 17 + 24 + 17 + 8 // image information
	for _, c := range []struct {
		name   string
		record []byte
		at     int
		be     byte
		where  string
		image  int
		rule   string
	}{
		{"a finger for a face", finger2011(0, 0), 0, 'F', "format identifier", 0, "another record's"},
		{"an edition of fingers", face2011(), 5, '2', "version", 0, "neither"},
		{"2005: length of the block", face2005(), 17, 1, "block length", 1, "other lengths"},
		{"2005: length of the record", face2005(), 11, 1, "record length", 0, "other lengths"},
		{"2005: two faces", face2005(), 13, 2, "block length", 2, "ends early"},
		{"2005: no face", face2005(), 13, 0, "number of faces", 0, "no image"},
		{"2005: more points than bytes", face2005(), 18, 9, "points", 1, "ends early"},
		{"2005: a sex of its own", face2005(), 20, 4, "sex", 1, "neither"},
		{"2005: a reserved expression", face2005(), 26, 1, "expression", 1, "reserved"},
		{"2005: a face that looks backwards", face2005(), 28, 182, "yaw", 1, "outside"},
		{"2005: a pose that may be anything", face2005(), 33, 182, "uncertainty of roll", 1, "outside"},
		{"2005: an image type of 2011", face2005(), 42, 128, "face image type", 1, "no type"},
		{"2005: PNG, which is of 2011", face2005(), 43, 3, "coding", 1, "no coding"},
		{"2005: JPEG 2000 called JPEG", face2005(), 43, 0, "image", 1, "does not begin"},
		{"2005: narrower than its image", face2005(), 45, 239, "image", 1, "another width"},
		{"2005: without width", face2005(), 45, 0, "width", 1, "no pixels"},
		{"2005: a reserved colour space", face2005(), 48, 5, "colour space", 1, "reserved"},
		{"2005: a reserved source", face2005(), 49, 8, "source type", 1, "reserved"},
		{"2011: length", face2011(), 11, 1, "record length", 0, "other lengths"},
		{"2011: certified", face2011(), 14, 1, "certification flag", 0, "no scheme"},
		{"2011: one face in a sequence", face2011(), 16, 1, "temporal semantics", 0, "single"},
		{"2011: two faces", face2011(), 13, 2, "number of faces", 0, "room"},
		{"2011: an image longer than the record", face2011(), image2011 + 14, 40, "image", 1, "ends early"},
		{"2011: an image that ends early", face2011(), image2011 + 14, 30, "face image type", 1, "a shape"},
		{"2011: no shape behind an image that has one", face2011(), image2011, 129, "face image type", 1, "three dimensions"},
		{"2011: an unknown coding", face2011(), image2011 + 1, 9, "coding", 1, "no coding"},
		{"2011: a reserved level", face2011(), image2011 + 6, 8, "sampling rate level", 1, "reserved"},
		{"2011: made from itself", face2011(), image2011 + 9, 1, "cross-reference", 1, "no other"},
		{"2011: a reserved colour space", face2011(), image2011 + 10, 7, "colour space", 1, "reserved"},
	} {
		record := bytes.Clone(c.record)
		record[c.at] = c.be
		got := fault(ReadFace(record))
		if got.Where != c.where || got.Image != c.image || !strings.Contains(got.Rule, c.rule) {
			t.Errorf("%s: %q, want %s of image %d: %s", c.name, got.Error(), c.where, c.image, c.rule)
		}
	}
	for name, short := range map[string][]byte{"2005": face2005()[:14], "2011": face2011()[:17]} {
		b := bytes.Clone(short)
		b[11] = byte(len(b))
		if r, err := ReadFace(b); r != nil || err == nil {
			t.Errorf("%s: a header is a record", name)
		}
	}
}

// TestFacesWritten: what makes no record is not written, and told.
func TestFacesWritten(t *testing.T) {
	good := FaceImage{Image: coded(t, JPEG, 5, 6), Kind: FullFrontal}
	for _, c := range []struct {
		name  string
		spoil func(*FaceRecord)
		where string
	}{
		{"as it should be", func(*FaceRecord) {}, ""},
		{"no edition", func(r *FaceRecord) { r.Edition = 0 }, "edition"},
		{"no image", func(r *FaceRecord) { r.Images = nil }, "number of faces"},
		{"wider than a field can say", func(r *FaceRecord) { r.Images[0].Width = 1 << 16 }, "width"},
		{"PNG in 2005", func(r *FaceRecord) { r.Images[0].Coding = PNG }, "coding"},
		{"raw pixels", func(r *FaceRecord) { r.Images[0].Coding = Raw }, "coding"},
		{"another height than its image", func(r *FaceRecord) { r.Images[0].Height++ }, "image"},
		{"a shape behind a flat image", func(r *FaceRecord) { r.Edition, r.Images[0].Shape = Edition2011, []byte{1} }, "face image type"},
		{"no data", func(r *FaceRecord) { r.Images[0].Data = nil }, "image"},
	} {
		r := FaceRecord{Edition: Edition2005, Images: []FaceImage{good}}
		c.spoil(&r)
		before := []byte("before")
		b, err := r.Append(before)
		if got := fault(b, err); got.Where != c.where || (err == nil) != (c.where == "") || !bytes.HasPrefix(b, before) {
			t.Errorf("%s: %v, want a fault of %q", c.name, err, c.where)
		}
		if err != nil && len(b) != len(before) {
			t.Errorf("%s: something was written", c.name)
		}
	}
}
