package cbeff

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"optag/capture/record/tlv"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// fir is where a record of fingers of n bytes would be.
func fir(n int) []byte { return append([]byte("FIR\x00010\x00"), make([]byte, n-8)...) }

// TestTwoPrints: DG3 of BSI's sample passport of 2008 begins so, whose index
// fingers have records of 0x4033 and 0x3E69 bytes.
func TestTwoPrints(t *testing.T) {
	right, left := fir(0x4033), fir(0x3E69)
	g := Group{File: DG3, Templates: []Template{FingerTemplate(Finger19794, 2, right), FingerTemplate(Finger19794, 7, left)}}
	b, err := g.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	start := unhex(t, "63827ED8 7F61827ED3 020102 7F60824048 A10E 810108 820109 87020101 88020007 5F2E824033 46495200")
	second := unhex(t, "7F60823E7E A10E 810108 82010A 87020101 88020007 5F2E823E69 46495200")
	if !bytes.HasPrefix(b, start) || !bytes.Contains(b[0x4033:], second) || len(b) != 4+0x7ED8 {
		t.Errorf("%d bytes, which begin % x", len(b), b[:len(start)])
	}
	again, err := Read(b, tlv.DER)
	if err != nil || len(again.Templates) != 2 || &again.Templates[0].Record[0] != &b[len(start)-4] {
		t.Fatalf("read %+v, error %v", again, err)
	}
	if p, ok := again.Templates[1].Header.Subtype.Position(); p != 7 || !ok || !bytes.Equal(again.Templates[1].Record, left) {
		t.Errorf("the second is finger %d, %v", p, ok)
	}
}

// TestFaces: DG2 with the old record and the new.
func TestFaces(t *testing.T) {
	for _, c := range []struct {
		name   string
		format Format
		record string
		want   string
	}{
		{"ISO/IEC 19794-5", Face19794, "46414300", "75 20 7F61 1D 020101 7F60 17 A10E 810102 820100 87020101 88020008 5F2E 04 46414300"},
		{"ISO/IEC 39794-5", Face39794, "6502A000", "75 22 7F61 1F 020101 7F60 19 A10E 810102 820100 87020101 8802002A 7F2E 06 A1 04 6502A000"},
	} {
		g := Group{File: DG2, Templates: []Template{FaceTemplate(c.format, unhex(t, c.record))}}
		b, err := g.Bytes()
		if err != nil || !bytes.Equal(b, unhex(t, c.want)) {
			t.Errorf("%s: wrote %x, error %v", c.name, b, err)
		}
		again, err := Read(b, tlv.DER)
		if err != nil || !bytes.Equal(again.Templates[0].Record, unhex(t, c.record)) || again.Templates[0].Header.Modality != Face {
			t.Errorf("%s: read %+v, error %v", c.name, again, err)
		}
	}
}

// TestNoPrint: a file without prints differs from card to card.
func TestNoPrint(t *testing.T) {
	g := Empty([]byte("8 random"))
	b, err := g.Bytes()
	if want := append(unhex(t, "63 10 7F61 03 020100 53 08"), "8 random"...); err != nil || !bytes.Equal(b, want) {
		t.Errorf("wrote %x, error %v", b, err)
	}
	if again, err := Read(b, tlv.DER); err != nil || len(again.Templates) != 0 || string(again.Discretionary) != "8 random" {
		t.Errorf("read %+v, error %v", again, err)
	}
	g = Empty([]byte("7 bytes"))
	if b, err := g.Bytes(); err == nil {
		t.Errorf("too little to tell cards apart was written: %x", b)
	}
	if _, err := Read(unhex(t, "63 06 7F61 03 020100"), tlv.DER); err != nil {
		t.Errorf("a chip without random data: %v", err)
	}
}

func TestSubtypes(t *testing.T) {
	want := []Subtype{0, 0x05, 0x09, 0x0D, 0x11, 0x15, 0x06, 0x0A, 0x0E, 0x12, 0x16, 0, 0, 0}
	for position, s := range want {
		if got := SubtypeOf(position); got != s {
			t.Errorf("finger %d has subtype %02X, want %02X", position, got, s)
		}
		if p, ok := s.Position(); s != 0 && (p != position || !ok) {
			t.Errorf("subtype %02X is finger %d, %v", s, p, ok)
		}
	}
	for _, s := range []Subtype{0, 1, 2, 3, 4, 7, 0x08, 0x19, 0x1A, 0xFF} {
		if p, ok := s.Position(); ok {
			t.Errorf("subtype %02X is finger %d", s, p)
		}
	}
}

func TestFullHeader(t *testing.T) {
	file := unhex(t, "63 3C 7F61 39 020101 7F60 33 A12B 80020101 810108 820111 8307 20261123100559 8508 2026112320361123 8604 00010002 87020101 88020007 5F2E 03 464952")
	g, err := Read(file, tlv.DER)
	if err != nil {
		t.Fatal(err)
	}
	h := g.Templates[0].Header
	if p, _ := h.Subtype.Position(); h.Version != Version || p != 4 || len(h.Created) != 7 || len(h.Validity) != 8 || len(h.Creator) != 4 {
		t.Errorf("read %+v", h)
	}
	if b, err := g.Bytes(); err != nil || !bytes.Equal(b, file) {
		t.Errorf("wrote %x, error %v", b, err)
	}
}

func TestMalformed(t *testing.T) {
	const bit = "7F60 17 A10E 810108 820109 87020101 88020007 5F2E 04 46495200"
	for _, c := range []struct{ name, file, want string }{
		{"DG1", "61 06 7F61 03 020100", "61 at byte 0: is no file"},
		{"another file behind it", "63 06 7F61 03 020100 00", "at byte 8"},
		{"no group", "63 03 020100", "stands in the place of 7F61"},
		{"no number", "63 03 7F61 00", "02 is missing"},
		{"a number of two bytes", "63 07 7F61 04 02020000", "is not one byte"},
		{"two said, one there", "63 20 7F61 1D 020102" + bit, "another number"},
		{"one said, two there", "63 3A 7F61 37 020101" + bit + bit, "another number"},
		{"the same finger twice", "63 3A 7F61 37 020102" + bit + bit, "template 2: the finger has a template already"},
		{"a finger among faces", "75 20 7F61 1D 020101" + bit, "do not belong"},
		{"no face", "75 06 7F61 03 020100", "without a face"},
		{"a record of the third generation in the old object", "63 20 7F61 1D 020101 7F60 17 A10E 810108 820109 87020101 88020028 5F2E 04 46495200", "stands in the place of 7F2E"},
		{"two records of the third generation", "63 24 7F61 21 020101 7F60 1B A10E 810108 820109 87020101 88020028 7F2E 08 A1 06 6401 00 6401 00", "is one too many"},
		{"a header after the record", "63 1D 7F61 1A 020101 7F60 14 5F2E 04 46495200 A10B 810108 87020101 88020007", "stands in the place of A1"},
		{"fields in disorder", "63 20 7F61 1D 020101 7F60 17 A10E 820109 810108 87020101 88020007 5F2E 04 46495200", "too late"},
		{"no subtype", "63 1D 7F61 1A 020101 7F60 14 A10B 810108 87020101 88020007 5F2E 04 46495200", "tells no finger"},
		{"no owner", "63 1C 7F61 19 020101 7F60 13 A10A 810108 820109 88020007 5F2E 04 46495200", "does not tell owner"},
		{"a field nobody knows", "63 20 7F61 1D 020101 7F60 17 A10E 810108 840109 87020101 88020007 5F2E 04 46495200", "is no field"},
		{"another owner", "63 20 7F61 1D 020101 7F60 17 A10E 810108 820109 87020102 88020007 5F2E 04 46495200", "do not belong"},
		{"another version", "63 24 7F61 21 020101 7F60 1B A112 80020102 810108 820109 87020101 88020007 5F2E 04 46495200", "no such version"},
		{"an empty record", "63 1C 7F61 19 020101 7F60 13 A10E 810108 820109 87020101 88020007 5F2E 00", "no record"},
		{"a length longer than need be", "63 8106 7F61 03 020100", "more bytes than it needs"},
	} {
		_, err := Read(unhex(t, c.file), tlv.DER)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := Read(unhex(t, "63 8106 7F61 03 020100"), tlv.BER); err != nil {
		t.Errorf("by BER a length may be longer: %v", err)
	}
	var f *tlv.Fault
	if _, err := Read(unhex(t, "63 03 7F61 00"), tlv.DER); !errors.As(err, &f) || f.At != 5 {
		t.Errorf("the place is not told: %v", err)
	}
}

func TestNotWritten(t *testing.T) {
	for name, g := range map[string]Group{
		"no file":          {},
		"no finger":        {File: DG3, Templates: []Template{FingerTemplate(Finger19794, 0, fir(9))}},
		"a slap":           {File: DG3, Templates: []Template{FingerTemplate(Finger19794, 13, fir(9))}},
		"a face in DG3":    {File: DG3, Templates: []Template{FaceTemplate(Face19794, fir(9))}},
		"no record":        {File: DG2, Templates: []Template{FaceTemplate(Face19794, nil)}},
		"half a date":      {File: DG2, Templates: []Template{{Header{Created: []byte{1}, Owner: SC37, Format: Face19794}, fir(9)}}},
		"too many":         {File: DG2, Templates: make([]Template, 256)},
		"nothing, no data": {File: DG3},
	} {
		if b, err := g.Bytes(); err == nil {
			t.Errorf("%s was written: %x", name, b)
		}
	}
}

// random is any well-formed file.
func random(r *rand.Rand) []byte {
	record := make([]byte, 9+r.IntN(300))
	var g Group
	switch r.IntN(4) {
	case 0:
		g = Group{File: DG2, Templates: []Template{FaceTemplate(Face19794, record)}}
	case 1:
		g = Group{File: DG2, Templates: []Template{FaceTemplate(Face39794, tlv.Primitive(0x65, record).Bytes())}}
	case 2:
		g = Empty(record)
	case 3:
		g = Group{File: DG3}
		for i := range 1 + r.IntN(10) {
			g.Templates = append(g.Templates, FingerTemplate(Finger19794, i+1, record[i%9:]))
		}
	}
	b, err := g.Bytes()
	if err != nil {
		panic(err)
	}
	return b
}

// same: what is read is written again, and no record is larger than the file.
func same(t *testing.T, b []byte) bool {
	t.Helper()
	g, err := Read(b, tlv.DER)
	if err != nil {
		return false
	}
	again, err := g.Bytes()
	old := len(g.Templates) == 0 && len(g.Discretionary) < least
	if !old && (err != nil || !bytes.Equal(again, b)) {
		t.Errorf("read % x, wrote % x, error %v", b, again, err)
	}
	return true
}

// TestEveryByte of 50 files, changed, makes an error or another well-formed file.
func TestEveryByte(t *testing.T) {
	r := rand.New(rand.NewPCG(9303, 10))
	for range 50 {
		b := random(r)
		if !same(t, b) {
			t.Fatal("a file is not read")
		}
		for at := range b {
			for _, by := range []byte{1, 0x80, 0xFF} {
				b[at] ^= by
				same(t, b)
				b[at] ^= by
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 8 {
		f.Add(random(r))
	}
	f.Fuzz(func(t *testing.T, b []byte) { same(t, b) })
}
