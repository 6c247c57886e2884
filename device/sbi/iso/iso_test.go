package iso

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
)

// Records made by hand, after the tables of the standards; the pixels are counted.

func finger2005() []byte {
	b := []byte("FIR\x00010\x00\x00\x00\x00\x00\x00\x3a\x00\x00\x00\x1f\x01\x01")
	b = append(b, 0x01, 0xf4, 0x01, 0xf4, 0x01, 0xf4, 0x01, 0xf4, 8, 0, 0, 0)
	b = append(b, 0, 0, 0, 26, 2, 1, 1, 80, 0, 0, 4, 0, 3, 0)
	return append(b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
}

func finger2011(quality, certificates int) []byte {
	n := 58 + 5*quality + 3*certificates + 12
	b := []byte("FIR\x00020\x00\x00\x00\x00")
	b = append(b, byte(n), 0, 1, 1, 1, 0, 0, 0, byte(n-16))
	b = append(b, make([]byte, 14)...)
	b = append(append(b, byte(quality)), make([]byte, 5*quality)...)
	b = append(append(b, byte(certificates)), make([]byte, 3*certificates)...)
	b = append(b, 7, 1, 2, 0, 197, 0, 197, 0, 197, 0, 197, 8, 0, 0, 0, 4, 0, 3, 0, 0, 0, 12)
	return append(b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
}

func face2005() []byte {
	b := []byte("FAC\x00010\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x01")
	b = append(append(b, make([]byte, 14+8)...), 1, 1, 0, 240, 1, 64, 1, 2, 0, 0, 0, 0, 0xff, 0x4f, 0xff)
	binary.BigEndian.PutUint32(b[8:], uint32(len(b)))
	binary.BigEndian.PutUint32(b[14:], uint32(len(b)-14))
	return b
}

func face2011() []byte {
	b := []byte("FAC\x00030\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00")
	b = append(append(b, make([]byte, 14)...), 1, 80, 0, 0, 0, 0, 0, 1)
	b = append(append(b, make([]byte, 15+8)...), 1, 2, 0, 240, 1, 64, 0, 0, 0, 0, 1, 0, 0, 0, 3, 0xff, 0x4f, 0xff)
	binary.BigEndian.PutUint32(b[8:], uint32(len(b)))
	binary.BigEndian.PutUint32(b[17:], uint32(len(b)-17))
	return b
}

func TestFinger(t *testing.T) {
	for _, c := range []struct {
		name     string
		record   []byte
		position int
		pixelsAt int
	}{
		{"edition 2005", finger2005(), 2, 46},
		{"edition 2011, no blocks of quality, counted in centimetres", finger2011(0, 0), 7, 58},
		{"edition 2011, one quality and two certificates, as MOSIP's mock", finger2011(1, 2), 7, 69},
	} {
		f, err := ReadFinger(c.record)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		ppi, ok := f.PPI()
		if f.Position != c.position || f.Width != 4 || f.Height != 3 || f.Depth != 8 || f.Coding != Raw || ppi != [2]int{500, 500} || !ok {
			t.Errorf("%s: read %+v at %v ppi", c.name, f, ppi)
		}
		if !bytes.Equal(f.Data, c.record[c.pixelsAt:]) {
			t.Errorf("%s: the pixels do not begin at byte %d", c.name, c.pixelsAt)
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
	if _, err := ReadFinger(extended(0, 1, 0, 6, 9, 9, 0, 3, 0, 4)); err != nil {
		t.Errorf("two blocks: %v", err)
	}
	if _, err := ReadFinger(extended(0, 1, 0, 7, 9, 9)); !errors.Is(err, errShort) {
		t.Errorf("a block that ends early: error %v, want %v", err, errShort)
	}
	if _, err := ReadFinger(extended(0, 1, 0, 0)); !errors.Is(err, errLength) {
		t.Errorf("a block shorter than its header: error %v, want %v", err, errLength)
	}
}

func TestFace(t *testing.T) {
	for name, record := range map[string][]byte{"edition 2005": face2005(), "edition 2011": face2011()} {
		f, err := ReadFace(record)
		if err != nil || f.Width != 240 || f.Height != 320 || f.Coding != JP2 || !bytes.Equal(f.Data, []byte{0xff, 0x4f, 0xff}) {
			t.Errorf("%s: read %+v, error %v", name, f, err)
		}
	}
}

func TestRefused(t *testing.T) {
	finger := func(b []byte) error { _, err := ReadFinger(b); return err }
	face := func(b []byte) error { _, err := ReadFace(b); return err }
	for _, c := range []struct {
		name   string
		read   func([]byte) error
		record []byte
		at     int
		be     byte
		want   error
	}{
		{"a face for a finger", finger, face2011(), 0, 'F', errVersion},
		{"a finger for a face", face, finger2011(0, 0), 0, 'F', errVersion},
		{"another edition", finger, finger2011(0, 0), 5, '9', errVersion},
		{"2005: length of the record", finger, finger2005(), 13, 0x3b, errLength},
		{"2005: length of the finger", finger, finger2005(), 35, 27, errLength},
		{"2005: two fingers", finger, finger2005(), 18, 2, errSeveral},
		{"2005: two views", finger, finger2005(), 37, 2, errSeveral},
		{"2005: bit-packed", finger, finger2005(), 29, 1, errCoding},
		{"2005: a coding of 2011", finger, finger2005(), 29, 6, errCoding},
		{"2005: wider than its pixels", finger, finger2005(), 42, 5, errLength},
		{"2005: without height", finger, finger2005(), 44, 0, errSize},
		{"2005: finer than it was scanned", finger, finger2005(), 25, 0xf5, errSize},
		{"2011: length of the record", finger, finger2011(1, 2), 11, 80, errLength},
		{"2011: length of the representation", finger, finger2011(1, 2), 19, 80, errLength},
		{"2011: two representations", finger, finger2011(1, 2), 13, 2, errSeveral},
		{"2011: two positions", finger, finger2011(1, 2), 15, 2, errSeveral},
		{"2011: more quality blocks than bytes", finger, finger2011(0, 0), 34, 200, errShort},
		{"2011: image longer than the record", finger, finger2011(0, 0), 57, 13, errShort},
		{"2011: image shorter than the record", finger, finger2011(0, 0), 57, 9, errShort},
		{"face 2005: length", face, face2005(), 17, 1, errLength},
		{"face 2005: two faces", face, face2005(), 13, 2, errSeveral},
		{"face 2005: more points than bytes", face, face2005(), 18, 9, errShort},
		{"face 2011: length", face, face2011(), 11, 1, errLength},
		{"face 2011: an unknown coding", face, face2011(), 17 + 24 + 26, 9, errCoding},
	} {
		record := bytes.Clone(c.record)
		record[c.at] = c.be
		if err := c.read(record); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.want)
		}
	}
	for n := range finger2011(1, 2) {
		if finger(finger2011(1, 2)[:n]) == nil {
			t.Errorf("%d bytes of a record are a record", n)
		}
	}
}

func TestPPI(t *testing.T) {
	for _, c := range []struct {
		units  byte
		x, y   int
		ppi    int
		usable bool
	}{
		{1, 500, 500, 500, true}, {1, 1000, 1000, 1000, true}, {2, 197, 197, 500, true}, {2, 394, 394, 1000, true},
		{1, 300, 300, 0, false}, {1, 500, 1000, 500, false}, {2, 500, 500, 0, false}, {0, 500, 500, 0, false}, {1, 499, 500, 0, false},
	} {
		f := Finger{units: c.units, sampling: [2]int{c.x, c.y}}
		if ppi, ok := f.PPI(); ok != c.usable || ppi[0] != c.ppi {
			t.Errorf("%dx%d in units %d: %v, %v, want %d, %v", c.x, c.y, c.units, ppi, ok, c.ppi, c.usable)
		}
	}
}

func FuzzFinger(f *testing.F) {
	f.Add(finger2005())
	f.Add(finger2011(0, 0))
	f.Add(finger2011(1, 2))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := ReadFinger(b); err == nil && (len(r.Data) > len(b) || r.Width*r.Height > maxFinger || r.Coding == Raw && r.Depth == 8 && len(r.Data) != r.Width*r.Height) {
			t.Errorf("read %dx%d of %d bytes from %d", r.Width, r.Height, len(r.Data), len(b))
		}
	})
}

func FuzzFace(f *testing.F) {
	f.Add(face2005())
	f.Add(face2011())
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := ReadFace(b); err == nil && (len(r.Data) > len(b) || r.Width*r.Height > maxFace) {
			t.Errorf("read %dx%d of %d bytes from %d", r.Width, r.Height, len(r.Data), len(b))
		}
	})
}
