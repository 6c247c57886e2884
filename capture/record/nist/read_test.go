package nist_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"optag/capture/record/nist"
)

// TestBrokenFiles breaks the golden file in one place each.
func TestBrokenFiles(t *testing.T) {
	whole := string(encode(entryExit))
	swap := func(from, to string) string {
		if !strings.Contains(whole, from) {
			t.Fatalf("no %q in the file", from)
		}
		return strings.Replace(whole, from, to, 1)
	}
	for _, c := range []struct{ name, data, reason string }{
		{"nothing at all", "", "no field LEN at its beginning"},
		{"text of another kind", "Dear Sir or Madam", "no field LEN at its beginning"},
		{"a JPEG", "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x1d", "a field does not begin with its number"},
		{"Type-1 is called Type-0", swap("1.002:0502", "0.002:0502"), "reading record 1 (Type-1) at byte 0: a field of Type-0 stands in it"},
		{"first LEN one too small", swap("1.001:173", "1.001:172"), "LEN says 172, and no FS stands there"},
		{"first LEN one too large", swap("1.001:173", "1.001:174"), "LEN says 174, and no FS stands there"},
		{"a print's LEN one too small", swap("14.001:203", "14.001:202"), "reading record 3 (Type-14) at byte 216: LEN says 202, and no FS stands there"},
		{"a print's LEN one too large", swap("14.001:203", "14.001:204"), "LEN says 204, and no FS stands there"},
		{"LEN reaches the FS within the image", swap("14.001:203", "14.001:197"), "reading record 4 (Type-14) at byte 413: a field does not begin with its number"},
		{"LEN larger than the file", swap("14.001:203", "14.001:99999999"), "LEN says 99999999, and"},
		{"LEN of ten digits", swap("14.001:203", "14.001:4294967296"), "LEN is no number of up to nine digits"},
		{"LEN is negative", swap("14.001:203", "14.001:-03"), "LEN is no number"},
		{"LEN ends within LEN", swap("14.001:203", "14.001:3"), "LEN says 3, which ends within LEN itself"},
		{"LEN is not first", swap("14.001:203\x1d14.002:2", "14.002:2\x1d14.001:203"), "its first field is 14.002, not LEN"},
		{"no FS between two records", swap("20230425\x1c14.001", "20230425\x1d14.001"), "LEN says 43, and no FS stands there"},
		{"FS within a field", swap("\x1d14.005", "\x1c14.005"), "FS stands within field 14.004, before the end that LEN names"},
		{"GS before FS", strings.Replace(swap("2.001:43", "2.001:44"), "20230425\x1c14", "20230425\x1d\x1c14", 1), "a field does not begin with its number"},
		{"GS within a field", swap("DNKpol00\x1d1.009", "DNKpo\x1d00\x1d1.009"), "a field does not begin with its number"},
		{"1.003 counts too many", swap("1\x1f3\x1e2", "1\x1f4\x1e2"), "1.003 counts 4 further records and lists 3"},
		{"1.003 counts nothing", swap("1\x1f3\x1e2", "1\x1fX\x1e2"), "1.003 does not say how many records follow"},
		{"1.003 is not there", swap("1.003:", "1.033:"), "no field 1.003 lists the records"},
		{"1.003 lists another type", swap("\x1e14\x1f2\x1e", "\x1e15\x1f2\x1e"), "a field of Type-14 stands in it"},
		{"1.003 lists a binary record", swap("\x1e14\x1f2\x1e", "\x1e04\x1f2\x1e"), "its length says 825503280"},
		{"1.003 lists no type", swap("\x1e14\x1f2\x1e", "\x1eXX\x1f2\x1e"), "entry 3 of 1.003 names no record type"},
		{"1.003 lists a second Type-1", swap("\x1e14\x1f2\x1e", "\x1e01\x1f2\x1e"), "entry 3 of 1.003 names no record type"},
		{"cut off in the last image", whole[:len(whole)-9], "reading record 4 (Type-14) at byte 419: LEN says 203, and 194 bytes are left"},
		{"cut off between records", whole[:216], "reading record 3 (Type-14) at byte 216: no field LEN at its beginning"},
		{"a byte behind the end", whole + "\n", "1 bytes behind the last record that 1.003 lists"},
		{"the file twice", whole + whole, "622 bytes behind the last record"},
	} {
		_, err := nist.Parse([]byte(c.data))
		if err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v, want %q", c.name, err, c.reason)
		}
	}
}

// legacyFile holds a Type-4 record, made by hand.
func legacyFile(length uint32) []byte {
	rec := binary.BigEndian.AppendUint32(nil, length)
	rec = append(rec, 1, 0, 14, 255, 255, 255, 255, 255, 0)
	rec = append(binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(rec, 1600), 1000), 1)
	rec = append(rec, wsqHead(1600, 1000)...)
	head := strings.NewReplacer("2|0", "2|00^4|1", "1|1^", "1|2^", ":112", ":117", ":00.00", ":19.69", "2.002:0", "2.002:0").Replace(smallest)
	return append(encode(head), rec...)
}

func TestLegacyPrint(t *testing.T) {
	file := roundTrip(t, legacyFile(45))
	noFault(t, file)
	p, err := file.Records[2].Legacy()
	if err != nil || !slices.Equal(p.Fingers, []int{14}) || p.Width != 1600 || p.Height != 1000 || p.Compression() != "WSQ20" ||
		!bytes.Equal(p.Data, wsqHead(1600, 1000)) || p.IDC != 1 || p.Declared {
		t.Errorf("%+v, %v", p, err)
	}
	for length, reason := range map[uint32]string{
		46: "its length says 46, and 45 bytes are left", 44: "1 bytes behind the last record", 4: "its length says 4", 1 << 31: "its length says 2147483648",
	} {
		if _, err := nist.Parse(legacyFile(length)); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("length %d: %v, want %q", length, err, reason)
		}
	}
}

// TestFormsAreKept reads what may be written in more than one way.
func TestFormsAreKept(t *testing.T) {
	for name, c := range map[string][2]string{
		"an IDC with a zero in the list":    {"1.001:112\n1.002:0502\n1.003:1|1^2|0", "1.001:113\n1.002:0502\n1.003:1|1^2|00"},
		"an IDC with a zero in the record":  {"2.001:17\n2.002:0", "2.001:18\n2.002:00"},
		"a LEN with zeros":                  {"2.001:17\n", "2.001:00020\n"},
		"a field number with many digits":   {"2.001:17\n2.002:0", "2.001:31\n2.002:0\n2.999999999:0"},
		"a field number with few digits":    {"2.001:17\n2.002:0", "2.1:13\n2.2:0"},
		"a Type-2 record with a field 999":  {"2.001:17\n2.002:0", "2.001:36\n2.002:0\n2.999:a\n2.1000:b|^"},
		"a field that has no value":         {"2.001:17\n2.002:0", "2.001:24\n2.002:0\n2.003:"},
		"a type that nobody knows":          {"2.001:17\n2.002:0", "42.001:42\n42.002:0\n42.003:some thing else"},
		"fields that cannot be told apart":  {"2.001:17\n2.002:0", "9.001:41\n9.002:0\n9.013:«1d1c1f1e2e3a0000000000000000000000»"},
		"an image that is all separators":   {"2.001:17\n2.002:0", "10.001:38\n10.002:0\n10.999:«1c1d1e1f1c1c1d1d1c1c1c»"},
		"a second field of the same number": {"2.001:17\n2.002:0", "2.001:33\n2.002:0\n2.003:a\n2.003:b"},
	} {
		if !strings.Contains(smallest, c[0]) {
			t.Fatal(name)
		}
		printed := strings.Replace(smallest, c[0], c[1], 1)
		if typ, _, _ := strings.Cut(c[1], "."); typ != "1" && typ != "2" {
			printed = strings.Replace(strings.Replace(printed, "^2|0", "^"+typ+"|0", 1), "1.001:112", "1.001:"+map[int]string{1: "112", 2: "113"}[len(typ)], 1)
		}
		file, err := nist.Parse(encode(printed))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := file.Bytes(); !bytes.Equal(got, encode(printed)) {
			t.Errorf("%s: %q, want %q", name, got, encode(printed))
		}
	}
}

// TestDataAreSlices: an image is not copied when a file is read.
func TestDataAreSlices(t *testing.T) {
	data := encode(entryExit)
	file := roundTrip(t, data)
	image := file.Records[2].Data()
	if at := bytes.Index(data, wsqHead(400, 582)); &image[0] != &data[at] || cap(image) != len(image) {
		t.Error("the image is a copy, or what stands behind it can be reached by appending")
	}
}

// generated makes a small file with hashes of all its images.
func generated(r *rand.Rand) *nist.Transaction {
	h := header()
	h.Control = strings.Repeat("x", 1+r.IntN(20))
	file := nist.New(h)
	file.AddText(nist.NewField(3, []string{"0100"}))
	for range r.IntN(3) + 1 {
		width, height := 100+r.IntN(900), 100+r.IntN(900)
		data := append(wsqHead(width, height), make([]byte, r.IntN(20))...)
		for i := 25; i < len(data); i++ {
			data[i] = []byte{0x1c, 0x1d, 0x1e, 0x1f, byte(r.IntN(256))}[r.IntN(5)]
		}
		p := onePrint(1+r.IntN(10), data, width, height)
		p.IDC = 0
		p.Hash = nist.Hash(data)
		file.AddPrint(p)
	}
	return file
}

// TestEveryByteCorrupted changes each byte of 15 files, and of 200 to 12 other
// values each when soaked. What comes out is an error, a fault, an image with
// another hash, or the images as they were.
func TestEveryByteCorrupted(t *testing.T) {
	files, rounds := 15, 1
	if os.Getenv("OPTAG_SOAK") == "1" {
		files, rounds = 200, 12
	}
	r := rand.New(rand.NewPCG(1, 2))
	verdicts := map[string]int{}
	for range files {
		file := generated(r)
		data := file.Bytes()
		for i := range data {
			for range rounds {
				was := data[i]
				data[i] ^= byte(1 + r.IntN(255))
				v := verdict(data, file)
				if v == "" {
					t.Fatalf("byte %d, %#x for %#x: another image, and nobody notices, in\n%q", i, data[i], was, data)
				}
				verdicts[v]++
				data[i] = was
			}
		}
	}
	t.Log(verdicts)
}

// verdict says how a corrupted file is found out, or that its images are those
// of the file it was; "" is neither.
func verdict(data []byte, was *nist.Transaction) string {
	file, err := nist.Parse(data)
	if err != nil {
		return "refused"
	}
	if !bytes.Equal(file.Bytes(), data) {
		return ""
	}
	for i, r := range file.Records {
		if bytes.Equal(r.Data(), was.Records[i].Data()) {
			continue
		}
		if len(nist.Check(file)) > 0 {
			return "fault"
		}
		if r.CheckHash() != nil {
			return "hash"
		}
		return ""
	}
	return "same images"
}

func FuzzParse(f *testing.F) {
	f.Add(encode(smallest))
	f.Add(encode(entryExit))
	f.Add(legacyFile(45))
	f.Add(fullFile(f).Bytes())
	f.Add(encode(strings.Replace(strings.Replace(smallest, "^2|0", "^9|0", 1), "2.001:17\n2.002:0",
		"9.001:41\n9.002:0\n9.012:1|00112222333|5|A^2|44445555066", 1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := nist.Parse(data)
		if err != nil {
			return
		}
		out := file.Bytes()
		if !bytes.Equal(out, data) {
			t.Errorf("another file after reading and writing: %q from %q", out, data)
		}
		nist.Check(file)
		file.Header()
		for _, r := range file.Records {
			r.IDC()
			r.CheckHash()
			r.Print()
			r.Palm()
			r.Face()
			r.Legacy()
			r.Minutiae()
		}
	})
}
