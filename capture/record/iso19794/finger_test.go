package iso19794

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestCardPrint: the header that BSI's sample passport of 2008 has for its right
// index finger, 620 by 620 pixels of WSQ in 16435 bytes, written by us.
func TestCardPrint(t *testing.T) {
	const header = "FIR\x00" + "010\x00" + // format, version
		"\x00\x00\x00\x00\x40\x33" + "\x00\x00" + "\x00\x1f" + // record length, device, level 31
		"\x01" + "\x01" + "\x01\xf4\x01\xf4" + "\x01\xf4\x01\xf4" + "\x08\x02" + "\x00\x00" + // one finger, per inch, 500, 500, 8 bits, WSQ
		"\x00\x00\x40\x13" + "\x02" + "\x01\x01" + "\x64" + "\x00" + // view length, position, view 1 of 1, quality 100, live plain
		"\x02\x6c\x02\x6c" + "\x00" // 620 by 620
	data := padded(wsq(620, 620), 0x4033-46)
	r := FingerRecord{Edition: Edition2005, Level: 31, Images: []FingerImage{{
		Image: Image{Width: 620, Height: 620, Coding: WSQ, Data: data}, Position: 2, View: 1,
		Qualities: []Quality{{Score: 100}}, Units: PerInch, Scanned: [2]uint16{500, 500}, Sampling: [2]uint16{500, 500}, Depth: 8,
	}}}
	b, err := r.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if len(b) != 0x4033 || cap(b) != len(b) || string(b[:46]) != header || !bytes.Equal(b[46:], data) {
		t.Errorf("wrote % x", b[:46])
	}
}

func TestFinger(t *testing.T) {
	for _, c := range []struct {
		name     string
		record   []byte
		position Position
		pixelsAt int
	}{
		{"edition 2005", finger2005(), 2, 46},
		{"edition 2011, no blocks of quality, counted in centimetres", finger2011(0, 0), 7, 58},
		{"edition 2011, one quality and two certificates, as MOSIP's mock", finger2011(1, 2), 7, 69},
	} {
		r, err := ReadFinger(c.record)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		f := &r.Images[0]
		ppi, ok := f.PPI()
		if len(r.Images) != 1 || f.Position != c.position || f.Width != 4 || f.Height != 3 || f.Depth != 8 || f.Coding != Raw || ppi != [2]int{500, 500} || !ok {
			t.Errorf("%s: read %+v at %v ppi", c.name, f, ppi)
		}
		if &f.Data[0] != &c.record[c.pixelsAt] || len(f.Data) != 12 {
			t.Errorf("%s: the pixels do not begin at byte %d", c.name, c.pixelsAt)
		}
		if again, err := r.Bytes(); err != nil || !bytes.Equal(again, c.record) {
			t.Errorf("%s: written again as % x, error %v", c.name, again, err)
		}
	}
}

func TestFingerWithBlocksAfterTheImage(t *testing.T) {
	extended := func(more ...byte) []byte {
		b := append(finger2011(0, 0), more...)
		b[11] += byte(len(more))
		b[19] += byte(len(more))
		return b
	}
	r, err := ReadFinger(extended(0, 1, 0, 6, 9, 9, 0, 3, 0, 4))
	if err != nil || len(r.Images[0].Blocks) != 2 || !bytes.Equal(r.Images[0].Blocks[0].Data, []byte{9, 9}) {
		t.Errorf("two blocks: %v", err)
	}
	if err := fault(ReadFinger(extended(0, 1, 0, 7, 9, 9))); err.Where != "length of an extended block" {
		t.Errorf("a block that ends early: %v", err)
	}
	if err := fault(ReadFinger(extended(0, 1, 0, 0))); err.Where != "length of an extended block" {
		t.Errorf("a block shorter than its header: %v", err)
	}
}

// fault is the first fault of reading, an empty one if there is none.
func fault[T any](_ T, err error) Fault {
	var all Faults
	if !errors.As(err, &all) {
		return Fault{}
	}
	return all[0]
}

func TestRefusedFinger(t *testing.T) {
	for _, c := range []struct {
		name   string
		record []byte
		at     int
		be     byte
		where  string
		image  int
		rule   string
	}{
		{"a face for a finger", face2011(), 0, 'F', "format identifier", 0, "another record's"},
		{"another edition", finger2011(0, 0), 5, '9', "version", 0, "neither the edition of 2005"},
		{"2005: length of the record", finger2005(), 13, 0x3b, "record length", 0, "other lengths"},
		{"2005: four gigabytes more", finger2005(), 9, 1, "record length", 0, "other lengths"},
		{"2005: length of the finger", finger2005(), 35, 27, "length of the view", 1, "other lengths"},
		{"2005: a finger shorter than its header", finger2005(), 35, 13, "reserved", 1, "ends early"},
		{"2005: no level of the standard", finger2005(), 17, 32, "acquisition level", 0, "no level"},
		{"2005: two fingers", finger2005(), 18, 2, "number of fingers", 0, "neither"},
		{"2005: two views", finger2005(), 37, 2, "count of views", 1, "another number"},
		{"2005: view nought", finger2005(), 38, 0, "view number", 1, "outside"},
		{"2005: the second view of one", finger2005(), 38, 2, "view number", 1, "outside"},
		{"2005: quality above 100", finger2005(), 39, 101, "quality", 1, "neither"},
		{"2005: an impression of 2011", finger2005(), 40, 4, "impression", 1, "no impression"},
		{"2005: a position between fingers and slaps", finger2005(), 36, 11, "position", 1, "no position"},
		{"2005: three fingers of 2011", finger2005(), 36, 47, "position", 1, "no position"},
		{"2005: reserved bytes used", finger2005(), 31, 1, "reserved", 0, "not 0"},
		{"2005: nine bits in one byte", finger2005(), 28, 9, "image", 1, "another number of bytes"},
		{"2005: no depth", finger2005(), 28, 0, "depth", 0, "outside"},
		{"2005: counted in no unit", finger2005(), 19, 0, "scale units", 0, "neither"},
		{"2005: a coding of 2011", finger2005(), 29, 6, "coding", 0, "no coding"},
		{"2005: raw pixels for WSQ", finger2005(), 29, 2, "image", 1, "does not begin"},
		{"2005: wider than its pixels", finger2005(), 42, 5, "image", 1, "another number of bytes"},
		{"2005: without height", finger2005(), 44, 0, "height", 1, "no pixels"},
		{"2005: finer than it was scanned", finger2005(), 25, 0xf5, "image resolution across", 0, "finer"},
		{"2011: a record longer than there is", finger2011(1, 2), 11, 82, "record length", 0, "other lengths"},
		{"2011: a record shorter than its representation", finger2011(1, 2), 11, 80, "representation length", 1, "other lengths"},
		{"2011: length of the representation", finger2011(1, 2), 19, 80, "representation length", 1, "other lengths"},
		{"2011: a representation that ends before its image", finger2011(1, 2), 19, 60, "image", 1, "ends early"},
		{"2011: a representation that ends before the record", finger2011(0, 0), 19, 53, "image", 1, "ends early"},
		{"2011: two representations", finger2011(1, 2), 13, 2, "number of representations", 0, "room"},
		{"2011: no representation", finger2011(1, 2), 13, 0, "number of representations", 0, "no image"},
		{"2011: two positions", finger2011(1, 2), 15, 2, "number of positions", 0, "another number"},
		{"2011: half certified", finger2011(1, 2), 14, 2, "certification flag", 0, "neither"},
		{"2011: month 13", finger2011(1, 2), 22, 13, "month", 1, "no month"},
		{"2011: day 32", finger2011(1, 2), 23, 32, "day", 1, "no day"},
		{"2011: hour 24", finger2011(1, 2), 24, 24, "hour", 1, "no hour"},
		{"2011: minute 60", finger2011(1, 2), 25, 60, "minute", 1, "no minute"},
		{"2011: second 60", finger2011(1, 2), 26, 60, "second", 1, "no second"},
		{"2011: millisecond 1024", finger2011(1, 2), 27, 4, "millisecond", 1, "no millisecond"},
		{"2011: a technology not yet invented", finger2011(1, 2), 29, 0x15, "technology", 1, "no technology"},
		{"2011: quality 101", finger2011(1, 2), 35, 101, "quality score", 1, "neither"},
		{"2011: more quality blocks than bytes", finger2011(0, 0), 34, 200, "number of quality blocks", 1, "room"},
		{"2011: more certificates than bytes", finger2011(0, 0), 35, 200, "number of certification blocks", 1, "room"},
		{"2011: no impression of the standard", finger2011(0, 0), 49, 30, "impression", 1, "no impression"},
		{"2011: image longer than the record", finger2011(0, 0), 57, 13, "image", 1, "ends early"},
		{"2011: image shorter than the record", finger2011(0, 0), 57, 9, "image", 1, "another number of bytes"},
	} {
		record := bytes.Clone(c.record)
		record[c.at] = c.be
		got := fault(ReadFinger(record))
		if got.Where != c.where || got.Image != c.image || !strings.Contains(got.Rule, c.rule) {
			t.Errorf("%s: %q, want %s of image %d: %s", c.name, got.Error(), c.where, c.image, c.rule)
		}
	}
}

// TestCutShort: no part of a record is a record.
func TestCutShort(t *testing.T) {
	for n := range finger2011(1, 2) {
		if r, err := ReadFinger(finger2011(1, 2)[:n]); err == nil || r != nil {
			t.Errorf("%d bytes of a record are a record", n)
		}
	}
	for n := range face2011() {
		if r, err := ReadFace(face2011()[:n]); err == nil || r != nil {
			t.Errorf("%d bytes of a record are a record", n)
		}
	}
}

// TestSomethingBehind: a record is followed by nothing.
func TestSomethingBehind(t *testing.T) {
	for _, b := range [][]byte{finger2005(), finger2011(1, 2)} {
		if got := fault(ReadFinger(append(b, 0))); got.Where != "rest" || got.At != len(b) {
			t.Errorf("read: %v", got)
		}
	}
	for _, b := range [][]byte{face2005(), face2011()} {
		if got := fault(ReadFace(append(b, 0))); got.Where != "rest" || got.At != len(b) {
			t.Errorf("read: %v", got)
		}
	}
}

// TestAllFaultsAreTold, with their places, and the record can still be looked at.
func TestAllFaultsAreTold(t *testing.T) {
	b := finger2005()
	b[17], b[19], b[30], b[40], b[42] = 0, 0, 1, 99, 5
	r, err := ReadFinger(b)
	if r == nil || r.Images[0].Width != 5 || r.Images[0].Impression != 99 {
		t.Error("the record cannot be looked at")
	}
	want := "reading a finger image record: " +
		"acquisition level (byte 16) is 0: no level of the standard; " +
		"scale units (byte 19) is 0: neither 1, inch, nor 2, centimetre; " +
		"reserved (byte 30) is 256: reserved and not 0; " +
		"impression of image 1 (byte 40) is 99: no impression of the edition; " +
		"image of image 1 (byte 46) is 12: width, height and depth make another number of bytes"
	if err == nil || err.Error() != want {
		t.Errorf("error\n%v, want\n%s", err, want)
	}
}

func TestSeveralViews(t *testing.T) {
	view := func(p Position, n uint8) FingerImage {
		return FingerImage{
			Image: Image{Width: 2, Height: 1, Coding: Raw, Data: []byte{n, n}}, Position: p, View: n,
			Units: PerInch, Scanned: [2]uint16{500, 500}, Sampling: [2]uint16{500, 500}, Depth: 8,
		}
	}
	for _, c := range []struct {
		name    string
		fingers bool
		images  []FingerImage
		count   byte
		rule    string
	}{
		{"the images are counted", false, []FingerImage{view(2, 1), view(2, 2), view(7, 1)}, 3, ""},
		{"the fingers are counted", true, []FingerImage{view(2, 1), view(2, 2), view(7, 1)}, 2, ""},
		{"the second before the first", false, []FingerImage{view(2, 2), view(2, 1)}, 2, "not behind"},
		{"the first twice", false, []FingerImage{view(2, 1), view(2, 1)}, 2, "not behind"},
		{"the third of two", false, []FingerImage{view(2, 1), view(2, 3)}, 2, "outside"},
		{"none", false, nil, 0, "neither"},
	} {
		r := FingerRecord{Edition: Edition2005, Level: 31, CountsFingers: c.fingers, Images: c.images}
		b, err := r.Bytes()
		if got := fault(b, err); !strings.Contains(got.Rule, c.rule) || (err == nil) != (c.rule == "") {
			t.Errorf("%s: error %v, want %q", c.name, err, c.rule)
		}
		if err != nil {
			continue
		}
		again, err := ReadFinger(b)
		if err != nil || b[18] != c.count || again.CountsFingers != c.fingers || len(again.Images) != len(c.images) {
			t.Errorf("%s: counted %d, read %+v, error %v", c.name, b[18], again, err)
		}
	}
}

// TestSharedIn2005: what stands in the header is that of every image.
func TestSharedIn2005(t *testing.T) {
	r, _ := ReadFinger(finger2005())
	second := r.Images[0]
	second.Position, second.Device = 7, 99
	r.Images = append(r.Images, second)
	if got := fault(r.Bytes()); !strings.Contains(got.Rule, "share") || got.Image != 2 {
		t.Errorf("a second device: %v", got)
	}
	r.Images[1].Device = 0
	if _, err := r.Bytes(); err != nil {
		t.Errorf("the same device: %v", err)
	}
}

// TestEditions: a record of one edition is written in the other, in whose numbers
// codings and impressions have other places.
func TestEditions(t *testing.T) {
	for _, c := range []struct {
		coding     Coding
		in05, in11 byte
		back       Coding
	}{{Raw, 0, 0, Raw}, {WSQ, 2, 2, WSQ}, {JPEG, 3, 3, JPEG}, {JP2, 4, 4, JP2}, {JP2Lossless, 4, 5, JP2}, {PNG, 5, 6, PNG}} {
		r := FingerRecord{Edition: Edition2005, Level: 31, Images: []FingerImage{{
			Image: coded(t, c.coding, 9, 7), Position: 1, View: 1, Impression: Contactless, Units: PerInch,
			Scanned: [2]uint16{500, 500}, Sampling: [2]uint16{500, 500}, Depth: 8, Qualities: []Quality{{Score: 50}},
		}}}
		old, err := r.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		r.Edition = Edition2011
		young, err := r.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if old[29] != c.in05 || old[40] != 9 || young[16+36] != c.in11 || young[16+37] != 24 {
			t.Errorf("%v: %d and %d in 2005, %d and %d in 2011", c.coding, old[29], old[40], young[16+36], young[16+37])
		}
		a, _ := ReadFinger(old)
		b, err := ReadFinger(young)
		if err != nil || a.Images[0].Coding != c.back || b.Images[0].Coding != c.coding || a.Images[0].Impression != Contactless ||
			!slices.Equal(a.Images[0].Qualities, b.Images[0].Qualities) {
			t.Errorf("%v: read %v and %v, error %v", c.coding, a.Images[0].Coding, b.Images[0].Coding, err)
		}
	}
}

func TestPPI(t *testing.T) {
	for _, c := range []struct {
		units  Units
		x, y   uint16
		ppi    int
		usable bool
	}{
		{1, 500, 500, 500, true}, {1, 1000, 1000, 1000, true}, {2, 197, 197, 500, true}, {2, 394, 394, 1000, true},
		{1, 300, 300, 0, false}, {1, 500, 1000, 500, false}, {2, 500, 500, 0, false}, {0, 500, 500, 0, false}, {1, 499, 500, 0, false},
	} {
		f := FingerImage{Units: c.units, Sampling: [2]uint16{c.x, c.y}}
		if ppi, ok := f.PPI(); ok != c.usable || ppi[0] != c.ppi {
			t.Errorf("%dx%d in units %d: %v, %v, want %d, %v", c.x, c.y, c.units, ppi, ok, c.ppi, c.usable)
		}
	}
}
