package nist_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"optag/capture/record/nist"
)

// TestViewsAreTheRecords writes each view and reads it back.
func TestViewsAreTheRecords(t *testing.T) {
	file := roundTrip(t, fullFile(t).Bytes())
	noFault(t, file)
	same := func(name string, got, want any, err error) {
		t.Helper()
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\n%+v, want\n%+v", name, err, got, want)
		}
	}
	want := header()
	want.Version, want.Charset, want.Scanned, want.Sent = nist.Version, 3, "00.00", "00.00"
	got, err := file.Header()
	same("header", got, want, err)

	slap, err := file.OfType(14)[0].Print()
	for i := range slap.OtherFields { // but for how its number was written
		slap.OtherFields[i] = nist.Field{Number: slap.OtherFields[i].Number, Value: slap.OtherFields[i].Value}
	}
	same("slap", slap, slapPrint(wsqHead(1600, 1000), 1600, 1000), err)

	palm, err := file.OfType(15)[0].Palm()
	wantPalm := onePalm(wsqHead(1200, 2500), 1200, 2500)
	wantPalm.IDC = 9
	same("palm", palm, wantPalm, err)

	face, err := file.OfType(10)[0].Face()
	wantFace := oneFace(face.Data, 62, 80)
	wantFace.IDC = 10
	same("face", face, wantFace, err)
	if err := file.OfType(14)[0].CheckHash(); err != nil {
		t.Error(err)
	}
	if err := file.OfType(10)[0].CheckHash(); err != nist.ErrNoHash {
		t.Error(err)
	}
}

// TestFullHeader writes what the other tests leave out of a Type-1 record.
func TestFullHeader(t *testing.T) {
	want := header()
	want.Version, want.Scanned, want.Sent = nist.Version, "00.00", "00.00"
	want.Reference, want.Agencies, want.Geography = "R-1", [2]string{"sBMS", "Politiet"}, "ISO"
	want.Profiles = []nist.Profile{{"EU", "EES", "1"}, {"EU", "VIS", "2"}}
	file := roundTrip(t, nist.New(want).Bytes())
	noFault(t, file)
	if got, err := file.Header(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n%+v, want\n%+v", err, got, want)
	}
}

func TestNoPrintsAtAll(t *testing.T) {
	file := nist.New(header())
	file.AddText()
	noFault(t, roundTrip(t, file.Bytes()))
	if prints := file.OfType(14); prints != nil {
		t.Error(prints)
	}
}

// TestNumbersTaken: the next IDC is above all that are taken, and what is read
// can be added to.
func TestNumbersTaken(t *testing.T) {
	file := roundTrip(t, encode(entryExit))
	p := onePrint(7, wsqHead(400, 582), 400, 582)
	p.IDC = 0
	if r := file.AddPrint(p); r.IDC() != 4 {
		t.Errorf("IDC %d, want 4", r.IDC())
	}
	if list := file.Records[0].Text(3); list != "1\x1f4\x1e2\x1f0\x1e14\x1f2\x1e14\x1f3\x1e14\x1f4" {
		t.Errorf("%q", list)
	}
	noFault(t, roundTrip(t, file.Bytes()))

	file.Records = slices.Delete(file.Records, 2, 3) // 1.003 lists it still
	noFault(t, roundTrip(t, file.Bytes()))
}

// TestLengthOfLength writes records whose LEN grows by its own digits.
func TestLengthOfLength(t *testing.T) {
	for n := range 1100 {
		if n > 120 && n < 950 {
			continue
		}
		file := nist.New(header())
		file.AddText(nist.NewField(3, []string{strings.Repeat("x", n)}))
		roundTrip(t, file.Bytes())
	}
}

func TestSet(t *testing.T) {
	file := roundTrip(t, encode(entryExit))
	r := file.Records[2]
	r.Set(nist.NewField(30, []string{"CONTROLLED"}))
	r.Set(nist.NewField(9, []string{"0500"}))
	file = roundTrip(t, file.Bytes())
	var order []int
	for _, f := range file.Records[2].Fields {
		order = append(order, f.Number)
	}
	if !slices.IsSorted(order) || file.Records[2].Text(30) != "CONTROLLED" || file.Records[2].Text(9) != "0500" {
		t.Errorf("%v %q", order, file.Records[2].Text(9))
	}
}

// TestSeparatorsInText: nothing that somebody types can end an item, a field or a
// record.
func TestSeparatorsInText(t *testing.T) {
	h := header()
	h.Control = "a\x1cb\x1dc\x1ed\x1fe"
	file := nist.New(h)
	file.AddText(nist.NewField(3, []string{"x\x1fy", "z\x1e"}, []string{"\x1d"}), nist.Field{Number: 4, Value: []byte("p\x1cq\x1dr\x1es\x1ft")})
	file.Records[1].Set(nist.Field{Number: 5, Value: []byte("\x1c2.999:")})
	file = roundTrip(t, file.Bytes())
	for number, want := range map[int]string{3: "x y\x1fz \x1e ", 4: "p q r\x1es\x1ft", 5: " 2.999:"} {
		if got := file.Records[1].Text(number); got != want {
			t.Errorf("2.%03d is %q, want %q", number, got, want)
		}
	}
	if got, err := file.Header(); err != nil || got.Control != "a b c d e" {
		t.Errorf("%q, %v", got.Control, err)
	}
}

func TestMinutiae(t *testing.T) {
	for _, c := range []struct {
		name, fields string
		want         nist.Minutiae
	}{
		{"to 2008", "9.003:4\n9.004:S\n9.006:02\n9.012:001|01000200359|05|A|1,2^002|99999999000||",
			nist.Minutiae{Impression: 4, Set: nist.SetLegacy, Fingers: []int{2}, Points: []nist.Minutia{{100, 200, 359, "A", 5}, {9999, 9999, 0, "", -1}}}},
		{"INCITS 378 at 197 pixels per centimetre", "9.003:0\n9.004:U\n9.130:2\n9.131:197\n9.132:197\n9.134:08\n9.137:1|197|394|137|2|100",
			nist.Minutiae{Set: nist.SetM1, Fingers: []int{8}, Points: []nist.Minutia{{1000, 2000, 274, "2", 100}}}},
		{"INCITS 378 at 500 pixels per inch", "9.003:0\n9.130:1\n9.131:500\n9.132:1000\n9.134:8\n9.137:1|500|500|0|0|0",
			nist.Minutiae{Set: nist.SetM1, Fingers: []int{8}, Points: []nist.Minutia{{2540, 1270, 0, "0", 0}}}},
		{"extended feature set", "9.003:0\n9.302:3|FI\n9.331:120|340|45|E|1^5|6|7|B",
			nist.Minutiae{Set: nist.SetEFS, Fingers: []int{3}, Points: []nist.Minutia{{120, 340, 45, "E", -1}, {5, 6, 7, "B", -1}}}},
		{"of a manufacturer only", "9.003:0\n9.004:U\n9.071:something", nist.Minutiae{}},
	} {
		file := nist.New(header())
		file.AddText()
		file.Records[1].Type = 9
		for line := range strings.SplitSeq(c.fields, "\n") {
			number, value, _ := strings.Cut(line, ":")
			n := 0
			for _, d := range number[2:] {
				n = 10*n + int(d-'0')
			}
			file.Records[1].Set(nist.Field{Number: n, Value: encode(value)})
		}
		file = roundTrip(t, file.Bytes())
		if got, err := file.Records[1].Minutiae(); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v\n%+v, want\n%+v", c.name, err, got, c.want)
		}
	}
}

// TestViewsOfOtherRecords: a view of a record of another type is refused.
func TestViewsOfOtherRecords(t *testing.T) {
	r := fullFile(t).Records[0]
	for name, view := range map[string]func() error{
		"print": func() error { _, err := r.Print(); return err }, "palm": func() error { _, err := r.Palm(); return err },
		"face": func() error { _, err := r.Face(); return err }, "legacy": func() error { _, err := r.Legacy(); return err },
		"minutiae": func() error { _, err := r.Minutiae(); return err },
	} {
		if err := view(); err == nil {
			t.Errorf("%s: a Type-1 record is taken for one", name)
		}
	}
}

// TestUnreadableNumbers: a view says which field is no number, not what it is.
func TestUnreadableNumbers(t *testing.T) {
	file := fullFile(t)
	for number, value := range map[int]string{6: "many", 13: "two", 18: "x|UP", 21: "2|1", 22: "2|-1", 24: "2|50|XYZ|1", 25: "2|three"} {
		r := *file.OfType(14)[0]
		r.Fields = slices.Clone(r.Fields)
		r.Set(nist.Field{Number: number, Value: encode(value)})
		_, err := r.Print()
		if err == nil || !strings.HasPrefix(err.Error(), "reading field 14.0") || strings.Contains(err.Error(), value) {
			t.Errorf("14.%03d %q: %v", number, value, err)
		}
	}
}
