package records

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"optag/capture"
	"optag/capture/record/cbeff"
	"optag/capture/record/iso39794"
	"optag/capture/record/nist"
)

// card are the files of a residence card by name; asylum is the transaction of an
// asylum seeker who has two fingers.
func card(t testing.TB, to Receivers) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, p := range written(t, "a residence card", to) {
		files[p.Name] = p.Data
	}
	return files
}

func transactionOf(t testing.TB, name string) []byte {
	t.Helper()
	return written(t, name, Defaults())[0].Data
}

// spoiled is a transaction after something was done to it.
func spoiled(t testing.TB, file []byte, spoil func(tr *nist.Transaction)) []byte {
	t.Helper()
	tr, err := nist.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	spoil(tr)
	return tr.Bytes()
}

// patched is a file of which a byte is another.
func patched(file []byte, at int, b byte) []byte {
	file = bytes.Clone(file)
	file[at] = b
	return file
}

// overwritten is a file with some bytes of nothing in it.
func overwritten(file []byte, at int) []byte {
	return slices.Concat(file[:at], bytes.Repeat([]byte{0xff}, 100), file[at+100:])
}

// TestWhatIsWrong: what is wrong with a file is told, where, and by which rule.
func TestWhatIsWrong(t *testing.T) {
	thirdCard := Defaults()
	thirdCard.Card.Third = true
	first, third := card(t, Defaults()), card(t, thirdCard)
	fir, fac, dg3 := first["right_index.fir"], first["face.fac"], first["dg3.bin"]
	visa := transactionOf(t, "a visa applicant")
	stay := transactionOf(t, "an illegal stay")
	withIndex := func(do func(r *nist.Record)) []byte {
		return spoiled(t, visa, func(tr *nist.Transaction) { do(tr.OfType(14)[1]) })
	}
	for _, c := range []struct {
		name    string
		file    []byte
		profile string
		where   string
		rule    string
	}{
		{"an empty file", nil, "", "", "no transaction"},
		{"a portrait without a record", portrait(), "", "", "an image without a record"},
		{"a print whose score is 101", patched(fir, 39, 101), "", "quality of image 1 (byte 39)", "neither 0 to 100"},
		{"a print of no finger", patched(fir, 36, 12), "", "position of image 1 (byte 36)", "no position"},
		{"a record that is cut off", fir[:len(fir)-1], "", "record length", "other lengths"},
		{"a print in which bytes were changed", overwritten(fir, 400), "", "image 1", "cannot be unpacked"},
		{"a face whose width is another", patched(fac, 14+20+2, 1), "", "image of image 1", "another width"},
		{"a template of the other hand", swapped(t, dg3), "", "template 1, 82 biometric subtype", "of another finger"},
		{"a template of another format", patched(dg3, bytes.Index(dg3, []byte{0x88, 2, 0, 7})+3, 0x28), "", "", "reading biometric templates"},
		{"a face of the third generation whose size is another", resized(t, third["face.39794-5"]), "", "representation 1", "by its own header"},
		{"a print of the third generation, cut off", third["right_index.39794-4"][:900], "", "", ""},
		{"a transaction that is cut off", visa[:len(visa)-5], "", "", "bytes are left"},
		{"a visa without its agency", spoiled(t, visa, func(tr *nist.Transaction) {
			tr.Records[0].Fields = slices.DeleteFunc(tr.Records[0].Fields, func(f nist.Field) bool { return f.Number == 8 })
		}), "", "record 1, 1.008", "ORI is missing"},
		{"a print with a segment", withIndex(func(r *nist.Record) { r.Set(nist.NewField(21, []string{"2", "0", "9", "0", "9"})) }), "", "record 4, 14.021", "SEG is absent"},
		{"a print with the hash of another", withIndex(func(r *nist.Record) { r.Set(nist.NewField(996, []string{strings.Repeat("0", 64)})) }), "", "record 4, 14.996", "another image"},
		{"a print as wide as another", withIndex(func(r *nist.Record) { r.Set(nist.NewField(6, []string{"357"})) }), "", "record 4, 14.006", "356 pixels wide"},
		{"a sex, where the profile has none", spoiled(t, stay, func(tr *nist.Transaction) { tr.Records[1].Set(nist.NewField(24, []string{"F"})) }), "eurodac-3", "2.024", "surplus"},
		{"a stay held against the asylum seeker's profile", stay, "eurodac-1", "profile eurodac-1", "2.004 DAR has no value"},
		{"a profile that there is not", stay, "eurodac-9", "", "no profile"},
		{"a print held against a profile", fir, "vis", "", "this is none"},
	} {
		r := Inspect(c.file, Options{Profile: c.profile, Receivers: Defaults()})
		if r.OK || len(r.Faults) == 0 || r.Bytes != len(c.file) {
			t.Errorf("%s: nothing is wrong", c.name)
			continue
		}
		f := r.Faults[0]
		if !strings.Contains(f.Where, c.where) || !strings.Contains(f.Rule, c.rule) {
			t.Errorf("%s: %q, want %s: %s", c.name, r.Faults, c.where, c.rule)
		}
		tellsNobody(t, c.name, r)
	}
}

// swapped is a file of fingers whose first template calls itself the other hand's.
func swapped(t testing.TB, file []byte) []byte {
	t.Helper()
	at := bytes.Index(file, []byte{0x82, 1, byte(cbeff.SubtypeOf(2))})
	return patched(file, at+2, byte(cbeff.SubtypeOf(6)))
}

// resized is a face of the third generation that says another width.
func resized(t testing.TB, file []byte) []byte {
	t.Helper()
	r, err := iso39794.ReadFace(file)
	if err != nil {
		t.Fatal(err)
	}
	r.Representations[0].Image.Information.ImageSize.Width++
	out, err := r.Encode(iso39794.ICAO)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestAllFaultsAreTold: not the first alone.
func TestAllFaultsAreTold(t *testing.T) {
	fir := card(t, Defaults())["right_index.fir"]
	file := patched(patched(fir, 39, 101), 17, 33)
	file[45] = 1
	if r := Inspect(file, Options{}); len(r.Faults) != 3 {
		t.Errorf("%d faults are told: %v", len(r.Faults), r.Faults)
	}
}

// TestNames: what may tell of a person is told only to whom asks for it.
func TestNames(t *testing.T) {
	file := transactionOf(t, "an asylum seeker")
	find := func(r Report) (f Field) {
		for _, x := range r.Sections[1].Fields {
			if x.Mnemonic == "REF" {
				f = x
			}
		}
		return f
	}
	if f := find(Inspect(file, Options{Receivers: Defaults()})); f.Value != "" || f.Hidden != 10 || f.At != "2.010" {
		t.Errorf("without names: %+v", f)
	}
	if f := find(Inspect(file, Options{Receivers: Defaults(), Names: true})); f.Value != "DK1A118402" {
		t.Errorf("with names: %+v", f)
	}
}

// TestTerminal: what a stranger writes into a field does nothing to a terminal.
func TestTerminal(t *testing.T) {
	file := spoiled(t, transactionOf(t, "a visa applicant of seven"), func(tr *nist.Transaction) {
		tr.Records[0].Set(nist.NewField(4, []string{"VIS\x1b[2J"}))
		tr.Records[0].Set(nist.NewField(7, []string{"\x1b[2J\u202e"}))
	})
	text := fmt.Sprintf("%+v", Inspect(file, Options{Names: true}))
	if strings.ContainsAny(text, "\x1b\u202e") || !strings.Contains(text, "?[2J") {
		t.Errorf("the report holds control characters: %q", text)
	}
}

// TestTechnicianIsTold: the guide names every format and profile that there is.
func TestTechnicianIsTold(t *testing.T) {
	page, err := os.ReadFile("../../../docs/technician.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(Targets(), "eurodac-1", "vis", "register", "ident") {
		if !strings.Contains(string(page), "`"+name+"`") && !strings.Contains(string(page), "--profile "+name) {
			t.Errorf("docs/technician.md does not tell of %s", name)
		}
	}
}

// TestRemarks: what is worth knowing is no fault.
func TestRemarks(t *testing.T) {
	file := spoiled(t, transactionOf(t, "a visa applicant"), func(tr *nist.Transaction) {
		r := tr.OfType(14)[1]
		r.Set(nist.NewField(996, []string{nist.Hash(r.Data())}))
	})
	if r := Inspect(file, Options{}); !r.OK || !slices.ContainsFunc(r.Remarks, func(s string) bool { return strings.Contains(s, "hash of the image is right") }) {
		t.Errorf("a right hash: %v %v", r.Faults, r.Remarks)
	}
	file = spoiled(t, file, func(tr *nist.Transaction) {
		tr.Records[0].Set(nist.NewField(3, []string{"1", "13"}))
		iris := nist.Record{Type: 17, Fields: []nist.Field{{Number: 1}, nist.NewField(2, []string{"12"}), {Number: 999, Value: []byte("iris")}}}
		tr.Records = append(tr.Records, &iris)
	})
	if r := Inspect(file, Options{}); !r.OK || !slices.ContainsFunc(r.Remarks, func(s string) bool { return strings.Contains(s, "Type-17 only the frame") }) {
		t.Errorf("an iris: %v %v", r.Faults, r.Remarks)
	}
	dg3 := card(t, Defaults())["dg3.bin"]
	long := append([]byte{0x63, 0x83, 0}, dg3[2:]...)
	if dg3[1] != 0x82 {
		t.Fatalf("the length has %X", dg3[1])
	}
	if r := Inspect(long, Options{}); !r.OK || len(r.Remarks) != 1 {
		t.Errorf("a length of three bytes: %v %v", r.Faults, r.Remarks)
	}
}

// FuzzFile: whatever the file, nothing panics; what is converted is well-formed.
func FuzzFile(f *testing.F) {
	third := Defaults()
	third.Card.Third = true
	var all []capture.Part
	for _, to := range []Receivers{Defaults(), third} {
		all = append(all, written(f, "a card of who has one finger", to)...)
	}
	all = append(all, written(f, "a visa applicant of seven", Defaults())...)
	for i, p := range all {
		f.Add(p.Data, uint8(i))
	}
	f.Add([]byte("1.001:5\x1c"), uint8(0))
	terms := Terms{Transaction: "CNV", Destination: "D", Origin: "O", Control: "1", Taken: "20261123", Level: 31, Measure: [2]int{15, 1}, Now: noon}
	f.Fuzz(func(t *testing.T, file []byte, to uint8) {
		before := bytes.Clone(file)
		r := Inspect(file, Options{Receivers: Defaults(), Profile: Profiles()[int(to)%len(Profiles())]})
		if r.OK != (len(r.Faults) == 0) {
			t.Error("right and wrong at once")
		}
		target := Targets()[int(to)%len(Targets())]
		if c, err := Convert(file, target, terms); err == nil && c.Images == 0 {
			t.Errorf("%s without an image", target)
		}
		if !bytes.Equal(before, file) {
			t.Error("the file was changed")
		}
	})
}
