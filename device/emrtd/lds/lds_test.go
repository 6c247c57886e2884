package lds_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"optag/device/emrtd/lds"
	"optag/device/emrtd/lds/der"
)

// EF.COM of the reference chip of BSI: version 1.7, Unicode 4.0.
func TestCommonFileOfAReferenceChip(t *testing.T) {
	file := []byte("\x60\x16\x5F\x01\x040107\x5F\x36\x06040000\x5C\x04\x75\x61\x63\x6E")
	c, err := lds.ParseCOM(file)
	if err != nil {
		t.Fatal(err)
	}
	if c.Version != "0107" || c.Unicode != "040000" || len(c.Groups) != 4 || c.Groups[0] != lds.DG2 || c.Groups[3] != lds.DG14 {
		t.Errorf("read %+v", c)
	}
	if !bytes.Equal(c.Bytes(), file) {
		t.Errorf("written as %X", c.Bytes())
	}
}

func TestWhereFilesLie(t *testing.T) {
	for f, want := range map[lds.File]struct {
		name string
		id   uint16
		sfi  byte
	}{
		lds.COM: {"EF.COM", 0x011E, 0x1E}, lds.SOD: {"EF.SOD", 0x011D, 0x1D}, lds.DG1: {"EF.DG1", 0x0101, 1},
		lds.DG16: {"EF.DG16", 0x0110, 0x10}, lds.CardAccess: {"EF.CardAccess", 0x011C, 0x1C}, lds.CVCA: {"EF.CVCA", 0x011C, 0x1C}, 77: {"file 77", 0, 0},
	} {
		if f.String() != want.name || f.ID() != want.id || f.SFI() != want.sfi {
			t.Errorf("%v: identifier %04X, short %02X", f, f.ID(), f.SFI())
		}
	}
	for f := lds.DG1; f <= lds.SOD; f++ {
		if g, ok := lds.ByTag(f.Tag()); !ok || g != f {
			t.Errorf("%v is not found by its tag", f)
		}
	}
	if f, ok := lds.ByTag(0x62); ok {
		t.Errorf("tag 62 is %v", f)
	}
}

func TestHowLongAFileIs(t *testing.T) {
	for _, c := range []struct {
		name string
		file lds.File
		head string
		want int
		rule string
	}{
		{"short", lds.DG1, "615D5F1F5A41", 95, ""},
		{"whole", lds.DG1, "6100", 2, ""},
		{"one byte of length", lds.SOD, "7781C8308181", 203, ""},
		{"two bytes of length", lds.DG2, "758240007F61", 0x4004, ""},
		{"a zero too many", lds.DG2, "75830040007F", 0x4005, ""},
		{"master file", lds.CardAccess, "311430120609", 22, ""},
		{"of a fixed length", lds.CVCA, "", 36, ""},
		{"empty", lds.DG1, "", 0, "is empty"},
		{"a tag alone", lds.DG1, "61", 0, "is empty"},
		{"another file", lds.DG1, "75824000", 0, "does not begin with its tag"},
		{"nothing was written", lds.DG1, "000000000000", 0, "does not begin with its tag"},
		{"no definite length", lds.DG1, "618000000000", 0, "has a length that cannot be read"},
		{"five bytes of length", lds.DG2, "758500000000", 0, "has a length that cannot be read"},
		{"longer than a chip", lds.DG2, "758400200000", 0, "is longer than such a file may be"},
		{"four gigabytes", lds.DG2, "7584FFFFFFFF", 0, "is longer than such a file may be"},
		{"a zone of 70 kB", lds.DG1, "6183011170", 0, "is longer than such a file may be"},
	} {
		n, err := lds.Length(c.file, unhex(c.head))
		var f *lds.Fault
		errors.As(err, &f)
		if n != c.want || (f == nil) != (c.rule == "") || f != nil && (f.Rule != c.rule || f.File != c.file) {
			t.Errorf("%s: %d bytes, %v; want %d, %q", c.name, n, err, c.want, c.rule)
		}
	}
}

func TestZone(t *testing.T) {
	d, err := lds.ParseDG1(groups()[lds.DG1])
	if err != nil || d.Err() != nil || d.Number != "D23145890" || d.Primary != "ERIKSSON" {
		t.Errorf("read %v, %v, %v", d, err, d.Err())
	}
}

func TestFaces(t *testing.T) {
	for name, b := range map[string][]byte{"ISO/IEC 19794-5": groups()[lds.DG2], "ISO/IEC 39794-5": face39794()} {
		faces, err := lds.ParseDG2(b)
		if err != nil || len(faces) != 1 {
			t.Errorf("%s: %d faces, %v", name, len(faces), err)
			continue
		}
		f := faces[0]
		if f.Width != 30 || f.Height != 40 || f.Faults != nil || lds.EncodingOf(f.Data) != f.Format || f.Format == "" {
			t.Errorf("%s: %dx%d, %s, %v", name, f.Width, f.Height, f.Format, f.Faults)
		}
	}
}

func TestFingers(t *testing.T) {
	prints, err := lds.ParseDG3(groups()[lds.DG3])
	if err != nil || len(prints) != 2 || prints[0].Position != 2 || prints[1].Position != 7 || prints[1].Format != lds.WSQ || prints[1].Width != 30 || prints[0].Faults != nil {
		t.Errorf("read %+v, %v", prints, err)
	}
	prints, err = lds.ParseDG3(fingers39794())
	if err != nil || len(prints) != 1 || prints[0].Position != 7 || prints[0].Format != lds.WSQ {
		t.Errorf("of the third generation: %+v, %v", prints, err)
	}
	prints, err = lds.ParseDG3(unhex("63 10 7F6103020100 5308 0102030405060708"))
	if err != nil || len(prints) != 0 {
		t.Errorf("where none could be taken: %d, %v", len(prints), err)
	}
}

func TestSignatureAsDisplayed(t *testing.T) {
	images, err := lds.ParseDG7(lds.WriteDG7(photo(50, 20), stream(3, 3)))
	if err != nil || len(images) != 2 || images[0].Format != lds.JPEG || images[1].Format != lds.JPEG2000 {
		t.Errorf("%d images, %v", len(images), err)
	}
}

func TestDetails(t *testing.T) {
	h, err := lds.ParseDG11(holder.Bytes())
	if err != nil || !reflect.DeepEqual(h, holder) {
		t.Errorf("holder: %v\n%+v\n%+v", err, h, holder)
	}
	i, err := lds.ParseDG12(issue.Bytes())
	if err != nil || !reflect.DeepEqual(i, issue) {
		t.Errorf("document: %v\n%+v\n%+v", err, i, issue)
	}
	if p, s := h.Name.Parts(); p != "ERIKSSON" || s != "ANNA MARIA" {
		t.Errorf("the name's parts are %q and %q", p, s)
	}
}

// What chips in the field have that the standard does not foresee, or did once.
func TestDetailsOfOlderChips(t *testing.T) {
	for name, file := range map[string]string{
		"date of birth in BCD":             "6B 0B 5C 02 5F2B 5F2B 04 19740812",
		"no list of tags":                  "6B 0B 5F2B 08 3139373430383132",
		"list of tags that are not there":  "6B 0F 5C 02 5F0E 5F2B 08 3139373430383132",
		"an object of the issuer's choice": "6B 13 5C 02 5F2B 5F7F 01 00 5F2B 08 3139373430383132",
	} {
		if h, err := lds.ParseDG11(unhex(file)); err != nil || h.Birth != "19740812" {
			t.Errorf("%s: birth %q, %v", name, h.Birth, err)
		}
	}
	if h, err := lds.ParseDG11(unhex("6B 0A 5C 02 5F13 5F13 03 53D84D")); err != nil || h.Profession != "SØM" {
		t.Errorf("letters of ISO/IEC 8859-1: %q, %v", h.Profession, err)
	}
	if h, err := lds.ParseDG11(unhex("6B 09 5C 02 5F0F 5F0F 02 413C")); err != nil || len(h.OtherNames) != 1 {
		t.Errorf("another name without its template: %v, %v", h.OtherNames, err)
	}
}

func TestProtocols(t *testing.T) {
	want := infos()
	for name, read := range map[string]func() (lds.SecurityInfos, error){
		"EF.DG14":         func() (lds.SecurityInfos, error) { return lds.ParseDG14(want.DG14()) },
		"EF.CardAccess":   func() (lds.SecurityInfos, error) { return lds.ParseCardAccess(want.Bytes()) },
		"EF.CardSecurity": func() (lds.SecurityInfos, error) { return lds.ParseSecurityInfos(want.Bytes()) },
	} {
		got, err := read()
		if err != nil || len(got) != len(want) {
			t.Errorf("%s: %d infos, %v", name, len(got), err)
			continue
		}
		for _, w := range want {
			g := got.Of(w.Protocol)
			for n := range g {
				g[n].Raw = nil
			}
			found := false
			for _, i := range g {
				found = found || reflect.DeepEqual(i, w)
			}
			if !found {
				t.Errorf("%s: %s is read as %+v", name, w.Protocol, g)
			}
		}
	}
	chip := want.Of(lds.OIDChip)
	if len(chip) != 1 || chip[0].Parameter != 7 || len(want.Of(lds.OIDPACE+".2")) != 1 || len(want.Of("0.4.0.127.0.7.2.2.40")) != 0 {
		t.Errorf("of chip authentication: %+v", chip)
	}
}

// A key that nobody knows does not hide what else the chip offers.
func TestKeyOfAnUnknownKind(t *testing.T) {
	file := unhex("31 2F" +
		"30 19 0609 04007F00070202 0102 300C 3007 0605 2A03040506 0301 00" + // a key of 1.2.3.4.5.6
		"30 12 060A 04007F00070202040202 020102 02010D")
	file[1] = byte(len(file) - 2)
	s, err := lds.ParseCardAccess(file)
	if err != nil || len(s) != 2 || s[0].Key != nil || s[1].Parameter != 13 {
		t.Errorf("read %+v, %v", s, err)
	}
}

func TestActiveAuthenticationKey(t *testing.T) {
	for name, k := range map[string]der.PublicKey{"RSA": rsaKey, "named curve": point("secp384r1"), "older curve": point("secp192r1")} {
		got, err := lds.ParseDG15(lds.WriteDG15(k))
		if err != nil || !reflect.DeepEqual(got, k) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestAuthoritiesOfInspection(t *testing.T) {
	for name, want := range map[string][]string{"two": {"UTCVCA00002", "UTCVCA00001"}, "one": {"UTCVCA00001"}, "the longest": {"UTCVCACVCA000001", "UTCVCACVCA000002"}} {
		b := lds.WriteCVCA(want...)
		if got, err := lds.ParseCVCA(b); err != nil || !reflect.DeepEqual(got, want) || len(b) != 36 {
			t.Errorf("%s: %q of %d bytes, %v", name, got, len(b), err)
		}
	}
	for name, b := range map[string][]byte{"nothing": nil, "zeros": make([]byte, 36), "an empty name": {0x42, 0}, "another object": {0x43, 1, 0x41}, "three": append(lds.WriteCVCA("A", "B"), 1)} {
		if got, err := lds.ParseCVCA(b); err == nil {
			t.Errorf("%s: %q", name, got)
		}
	}
}
