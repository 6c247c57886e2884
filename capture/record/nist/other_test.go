package nist_test

import (
	"strconv"
	"strings"
	"testing"

	"optag/capture/record/nist"
)

// TestOtherRecords checks records that are read and kept only, printed as in the
// golden files but for LEN.
func TestOtherRecords(t *testing.T) {
	const image = "«ffa0ffa2001100ff024601900000000000000000001c1d1e1fffa1»#\n"
	latent := "13.001:LEN\n13.002:0\n13.003:IMP\n13.004:DNKpol00\n13.005:20230425\n13.006:400\n13.007:582\n13.008:1\n13.009:500\n13.010:500\n" +
		"13.011:WSQ20\n13.012:8\n13.013:FGP\n13.999:" + image
	for _, c := range []struct{ name, version, typ, record, says string }{
		{"a latent", "0502", "13", strings.NewReplacer("IMP", "4", "FGP", "0^21").Replace(latent), ""},
		{"a latent of 1997", "0201", "13", strings.NewReplacer("IMP", "4", "FGP", "2").Replace(latent), ""},
		{"a latent of 1997 with a code of 2000", "0201", "13", strings.NewReplacer("IMP", "8", "FGP", "2").Replace(latent), `record 2, 13.003: IMP is one of 0-7, not "8"`},
		{"a latent of 2007 with a sole", "0400", "13", strings.NewReplacer("IMP", "20", "FGP", "61").Replace(latent),
			`record 2, 13.013: FGP is one of 0-15 19 20-36, not "61"`},
		{"a latent of 2011 with a sole", "0500", "13", strings.NewReplacer("IMP", "32", "FGP", "61").Replace(latent), ""},
		{"minutiae", "0502", "9", "9.001:LEN\n9.002:0\n9.003:0\n9.004:S#\n", ""},
		{"minutiae in an unknown form", "0502", "9", "9.001:LEN\n9.002:0\n9.003:0\n9.004:X#\n", `record 2, 9.004: FMT is one of S, U, not "X"`},
		{"minutiae that cannot be told apart", "0502", "9", "9.001:LEN\n9.002:0\n9.013:«1d1c1f1e2e3a»#\n", "record 2, 9: fields cannot be told apart"},
		{"a record that does not say its IDC", "0502", "42", "42.001:LEN\nGS#\n", "record 2, 42.002: IDC is a number from 0 to 99\nrecord 2, 42: fields cannot be told apart"},
		{"an iris", "0502", "17", "17.001:LEN\n17.002:0\n17.999:«1c1d»#\n", ""},
		{"a record before a comma", "0502", "17", "17.001:LEN\n17.002:,#\n", `record 2, 17.002: IDC is a number from 0 to 99, not ","`},
	} {
		n := len(encode(c.record)) - len("LEN")
		digits := 2 + n/98 // of all lengths here
		rec := strings.Replace(c.record, "LEN", strconv.Itoa(n+min(digits, 3)), 1)
		head := strings.NewReplacer("1.002:0502", "1.002:"+c.version, "1.003:1|1^2|0", "1.003:1|1^"+c.typ+"|0").Replace(smallest)
		head, _, _ = strings.Cut(head, "2.001")
		head = strings.Replace(head, "1.001:112", "1.001:"+strconv.Itoa(111+len(c.typ)), 1)
		expect(t, c.name, encode(head+rec), c.says)
	}
}

// expect checks a file against the lines that its check says.
func expect(t *testing.T, name string, data []byte, says string) {
	t.Helper()
	var lines []string
	for _, f := range nist.Check(roundTrip(t, data)) {
		lines = append(lines, f.String())
	}
	if got := strings.Join(lines, "\n"); got != says {
		t.Errorf("%s:\n    %s\nwant\n    %s", name, got, says)
	}
}

// binaryFile holds one binary record of so many bytes, the length in them.
func binaryFile(version, typ string, density string, record []byte) []byte {
	head := strings.NewReplacer("1.002:0502", "1.002:"+version, "1.003:1|1^2|0", "1.003:1|1^"+typ+"|1", ":00.00", ":"+density).Replace(smallest)
	head, _, _ = strings.Cut(head, "2.001")
	return append(encode(head), record...)
}

func TestBinaryRecords(t *testing.T) {
	raw := []byte("\x00\x00\x00\x12\x01\x00\x02\xff\xff\xff\xff\xff\x00\x01\x00\x01\x00\x00")
	short := []byte("\x00\x00\x00\x05\x01")
	for _, c := range []struct {
		name, version, typ, density string
		record                      []byte
		says                        string
	}{
		{"low resolution in 2000", "0300", "3", "09.84", raw, ""},
		{"low resolution since 2011", "0502", "3", "00.00", raw, "record 2, 3: Type-3 is not used from version 0500 on"},
		{"low resolution without an image's description", "0300", "5", "09.84", short,
			`record 2, 5.001: a record has 18 bytes before its image, not "5"`},
		{"a picture of the user's own", "0502", "7", "00.00", short, ""},
		{"no description", "0502", "4", "19.69", short, `record 2, 4.001: a record has 18 bytes before its image, not "5"`},
		{"no image", "0502", "4", "19.69", raw, "record 2, 4.009: DATA is missing"},
		{"a density below that of scanners", "0502", "4", "19.29", append(raw[:17:17], 7),
			"record 1, 1.011: NSR is 19.30 or more with a Type-4 record, not \"19.29\"\nrecord 1, 1.012: NTR is 19.30 or more with a Type-4 record, not \"19.29\"\n" +
				`record 2, 4.008: GCA is one of 0-6, not "7"`},
	} {
		expect(t, c.name, binaryFile(c.version, c.typ, c.density, c.record), c.says)
	}
	if _, err := nist.Parse(binaryFile("0502", "4", "19.69", short[:3])); err == nil || !strings.Contains(err.Error(), "the file ends within the record's length") {
		t.Error(err)
	}
}
