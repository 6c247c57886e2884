package lds_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"optag/device/emrtd/lds"
)

// A hostile chip gets an error that names file and place.
func TestHostileFiles(t *testing.T) {
	for _, c := range []struct {
		name, file string
		of         lds.File
		want       string
	}{
		{"empty", "", lds.DG1, "reading EF.DG1 at byte 0: 61 is missing"},
		{"another file", "75 00", lds.DG1, "reading EF.DG1 at byte 0: data object 75 stands in the place of 61"},
		{"something behind", "60 00 00", lds.COM, "reading EF.COM at byte 2: is one too many"},
		{"ends early", "61 5D 5F1F 5A 41", lds.DG1, "reading EF.DG1 at byte 0: data object 61 is longer than what holds it"},
		{"a zone of three characters", "61 06 5F1F 03 413C3C", lds.DG1, "reading EF.DG1 at byte 2: data object 5F1F has 3 characters, as no zone"},
		{"a zone of zeros", "61 4B 5F1F 48" + strings.Repeat("00", 72), lds.DG1, "reading EF.DG1 at byte 2: data object 5F1F is no machine readable zone"},
		{"version in letters", "60 16 5F01 04 30317837 5F36 06 303430303030 5C 04 75616376", lds.COM, "reading EF.COM at byte 2: data object 5F01 is no version"},
		{"a file listed twice", "60 14 5F01 04 30313037 5F36 06 303430303030 5C 02 7575", lds.COM, "reading EF.COM at byte 18: data object 5C names what is no data group, or one twice"},
		{"EF.SOD as a data group", "60 13 5F01 04 30313037 5F36 06 303430303030 5C 01 77", lds.COM, "reading EF.COM at byte 18: data object 5C names what is no data group, or one twice"},
		{"no face", "75 06 7F61 03 020100", lds.DG2, "reading EF.DG2 at byte 0: "},
		{"a finger for a face", "75 1E 7F61 1B 020101 7F60 15 A10B 810108 87020101 88020007 5F2E 05 4649520030", lds.DG2, "reading EF.DG2 at byte 0: reading biometric templates: template 1: "},
		{"a face that is none", "75 1E 7F61 1B 020101 7F60 15 A10B 810102 87020101 88020008 5F2E 05 4641430030", lds.DG2, "reading EF.DG2 at byte 27: reading a face image record"},
		{"more images than are there", "67 03 020102", lds.DG7, "reading EF.DG7 at byte 2: data object 02 is another number than that of the images"},
		{"a birth in letters", "6B 0B 5F2B 08 3139373430383141", lds.DG11, "reading EF.DG11 at byte 2: data object 5F2B is no date"},
		{"two dates of birth", "6B 0E 5F2B 04 19740812 5F2B 04 19740813", lds.DG11, "reading EF.DG11 at byte 9: data object 5F2B comes twice"},
		{"more names than are there", "6B 0A A008 020102 5F0F 02 413C", lds.DG11, "reading EF.DG11 at byte 4: data object 02 is another number than that of the names"},
		{"a protocol without identifier", "31 05 3003 020101", lds.CardAccess, "reading EF.CardAccess at byte 4: data object 02 stands in the place of 06"},
		{"an identifier that does not end", "31 05 3003 060184", lds.CardAccess, "reading EF.CardAccess at byte 4: data object 06 is no object identifier"},
		{"a curve out of numbers", "31 14 3012 060A04007F00070202040202 0201FF 02010D", lds.CardAccess, "reading EF.CardAccess at byte 16: data object 02 is a number out of its range"},
		{"a key of nothing", "6F 02 3000", lds.DG15, "reading EF.DG15 at byte 4: 30 is missing"},
		{"a key that is even", "6F 1C 301A 300D 06092A864886F70D0101010500 0309 00 3006 020104 020103", lds.DG15, "reading EF.DG15 at byte 2: data object 30 holds an RSA key that cannot serve"},
	} {
		err := parse(c.of, unhex(c.file))
		var f *lds.Fault
		if !errors.As(err, &f) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %s", c.name, err, c.want)
		}
	}
}

func TestOversizedFiles(t *testing.T) {
	for f := lds.DG1; f <= lds.CardSecurity; f++ {
		if f.Tag() == 0 || f == lds.SOD {
			continue
		}
		b := append([]byte{byte(f.Tag()), 0x83, 0x20, 0, 0}, bytes.Repeat([]byte{0x30}, 0x200000)...)
		if err := parse(f, b); err == nil && parsed(f) {
			t.Errorf("%v of %d bytes is read", f, len(b))
		}
	}
}

func parsed(f lds.File) bool { return parse(f, nil) != nil }

// Files that end early are refused, or read as far as they make sense: DG11 alone
// has objects none of which must be there.
func TestShortenedFiles(t *testing.T) {
	for f, b := range groups() {
		for n := range b {
			if err := parse(f, b[:n]); err == nil && f != lds.CVCA {
				t.Errorf("%v of %d bytes of %d is read", f, n, len(b))
			}
		}
	}
}

func TestErrorsHoldNothingOfTheHolder(t *testing.T) {
	for f, b := range groups() {
		for at := range b {
			changed := bytes.Clone(b)
			changed[at] ^= 0x15
			err := parse(f, changed)
			if err == nil {
				continue
			}
			for _, secret := range []string{"ERIKSSON", "D23145890", "740812", "ODENSE", "ANNA"} {
				if strings.Contains(err.Error(), secret) {
					t.Fatalf("%v, byte %d: the error tells of the holder", f, at)
				}
			}
		}
	}
}

// FuzzFiles reads anything as any file. What is read is written again where there
// is a writer, and reads the same.
func FuzzFiles(f *testing.F) {
	for file, b := range groups() {
		f.Add(byte(file), b)
	}
	f.Add(byte(lds.DG2), face39794())
	f.Add(byte(lds.DG3), fingers39794())
	f.Add(byte(lds.CardAccess), infos().Bytes())
	f.Add(byte(lds.CardSecurity), infos().Bytes())
	f.Add(byte(lds.DG15), lds.WriteDG15(rsaKey))
	f.Fuzz(func(t *testing.T, file byte, b []byte) {
		of := lds.File(file)
		err := parse(of, b)
		var fault *lds.Fault
		if err != nil && (!errors.As(err, &fault) || fault.File != of || fault.At > len(b)) {
			t.Errorf("%v: %v", of, err)
		}
		again(t, of, b)
		if n, err := lds.Length(of, b); err == nil && (n > of.Limit() || n < 2) {
			t.Errorf("%v: %d bytes", of, n)
		}
	})
}

// again writes what was read, and reads it.
func again(t *testing.T, f lds.File, b []byte) {
	var written []byte
	switch f {
	case lds.COM:
		if c, err := lds.ParseCOM(b); err == nil {
			written = c.Bytes()
		}
	case lds.DG1:
		if d, err := lds.ParseDG1(b); err == nil && d.Err() == nil && len(d.Remarks) == 0 {
			written, _ = lds.WriteDG1(d)
		}
	case lds.DG11:
		if h, err := lds.ParseDG11(b); err == nil {
			written = h.Bytes()
		}
	case lds.DG15:
		if k, err := lds.ParseDG15(b); err == nil {
			written = lds.WriteDG15(k)
		}
	}
	if written == nil {
		return
	}
	if err := parse(f, written); err != nil && len(written) < f.Limit() {
		t.Errorf("%v is not read as it was written: %v", f, err)
	}
}
