package minutiae

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// golden is a record written by hand from ISO/IEC 19794-2:2005 § 7: a right
// index finger with two minutiae, and a left one with none and extended data.
const golden = `
	464d5200 20323000 00000036     format, version, length 54
	0000                           no capture equipment named
	01a0 0230 00c5 00c5            416 × 560 pixels, 197 to the centimetre
	02 00                          two views
	02 00 50 02                    right index, first view, live-scan plain, quality 80, two minutiae
	  4064 000a 40 5a              ending at 100, 10 upwards, quality 90
	  8065 00c8 c0 00              fork at 101, 200 downwards, no quality
	0000                           no extended data
	07 13 00 00                    left index, second view, from paper and rolled
	0006 0001 0006 abcd            ridge counts, passed over
`

func goldenBytes(t testing.TB) []byte {
	var digits strings.Builder
	for _, line := range strings.Split(golden, "\n") {
		line, _, _ = strings.Cut(strings.TrimSpace(line), "    ")
		digits.WriteString(strings.ReplaceAll(line, " ", ""))
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRecordGolden(t *testing.T) {
	data := goldenBytes(t)
	var got Record
	if err := got.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	want := Record{Views: []View{
		{Position: 2, Quality: 80, Template: Template{Width: 416, Height: 560, Minutiae: []Minutia{
			{X: 100, Y: 10, Angle: 64, Kind: Ending, Quality: 90},
			{X: 101, Y: 200, Angle: 192, Kind: Bifurcation},
		}}},
		{Position: 7, Impression: 3, Template: Template{Width: 416, Height: 560, Minutiae: []Minutia{}}},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("record\n%+v, want\n%+v", got, want)
	}
	// Written again it is the same but for the extended data, and the left
	// index finger is in its first view.
	again, err := got.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	want2 := bytes.Clone(data[:len(data)-6])
	want2[11], want2[len(want2)-5], want2[len(want2)-1] = 54-6, 0x03, 0
	if !bytes.Equal(again, want2) {
		t.Errorf("bytes\n%x, want\n%x", again, want2)
	}
}

func TestRecordRefused(t *testing.T) {
	cases := []struct {
		name  string
		at    int // byte to change
		value byte
		want  string
	}{
		{"another format", 0, 'X', "not of ISO/IEC 19794-2:2005"},
		{"the version of 2011", 5, '3', "not of ISO/IEC 19794-2:2005"},
		{"a longer length", 11, 59, "54 bytes, declared as 59"},
		{"a length of gigabytes", 8, 255, "declared as"},
		{"an image too wide", 14, 0x81, "image of"},
		{"no resolution", 19, 0, "resolution of 0"},
		{"no views", 22, 0, "no view"},
		{"more views than there are", 22, 3, "view 3: the record ends early"},
		{"fewer views than there are", 22, 1, "behind the last view"},
		{"a reserved byte in use", 23, 1, "reserved byte"},
		{"an eleventh finger", 24, 11, "position 11"},
		{"quality over 100", 26, 101, "quality 101"},
		{"more minutiae than there are", 27, 200, "the record ends early"},
		{"a minutia of a kind that is not defined", 28, 0xc0, "unknown kind"},
		{"a minutia to the right of the image", 28, 0x42, "outside the print"},
		{"a minutia below the image", 30, 0x03, "outside the print"},
		{"a reserved bit in use", 30, 0x40, "reserved bit"},
		{"a minutia of quality over 100", 33, 101, "quality 101"},
		{"extended data beyond the end", 47, 200, "the record ends early"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			data := goldenBytes(t)
			data[c.at] = c.value
			var r Record
			err := r.UnmarshalBinary(data)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "reading minutiae record: ") {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
			if len(r.Views) != 0 {
				t.Error("views despite an error")
			}
		})
	}
	data := goldenBytes(t)
	for n := range data {
		var r Record
		if err := r.UnmarshalBinary(data[:n]); err == nil {
			t.Errorf("the first %d bytes are a record", n)
		}
	}
}

func TestRecordNotWritten(t *testing.T) {
	view := func(change func(*View)) Record {
		v := View{Position: 1, Template: Template{Width: 100, Height: 100, Minutiae: []Minutia{{X: 5, Y: 5}}}}
		change(&v)
		return Record{Views: []View{v}}
	}
	same := view(func(*View) {})
	for name, r := range map[string]Record{
		"no view":                  {},
		"17 views of a finger":     {Views: slices.Repeat(same.Views, 17)},
		"an eleventh finger":       view(func(v *View) { v.Position = 11 }),
		"an unknown impression":    view(func(v *View) { v.Impression = 16 }),
		"quality over 100":         view(func(v *View) { v.Quality = 101 }),
		"no size":                  view(func(v *View) { v.Width = 0 }),
		"a minutia outside":        view(func(v *View) { v.Minutiae[0].X = 100 }),
		"a minutia left of it":     view(func(v *View) { v.Minutiae[0].X = -1 }),
		"a minutia of a new kind":  view(func(v *View) { v.Minutiae[0].Kind = 3 }),
		"a minutia of quality 101": view(func(v *View) { v.Minutiae[0].Quality = 101 }),
	} {
		if b, err := r.AppendBinary(nil); err == nil {
			t.Errorf("%s: written as %x", name, b)
		}
	}
	if _, err := same.AppendBinary(nil); err != nil {
		t.Errorf("a plain view: %v", err)
	}
}

// A record of 1000 ppi comes out at 500, one of 250 too.
func TestRecordResolution(t *testing.T) {
	for perCM, want := range map[uint16][4]int16{
		197: {416, 560, 100, 10},
		394: {208, 280, 50, 5},
		98:  {836, 1126, 201, 20},
	} {
		data := goldenBytes(t)
		binary.BigEndian.PutUint16(data[18:], perCM)
		binary.BigEndian.PutUint16(data[20:], perCM)
		var r Record
		if err := r.UnmarshalBinary(data); err != nil {
			t.Fatal(err)
		}
		v := r.Views[0]
		if got := [4]int16{int16(v.Width), int16(v.Height), v.Minutiae[0].X, v.Minutiae[0].Y}; got != want {
			t.Errorf("%d pixels per cm: %v, want %v", perCM, got, want)
		}
	}
}

// Of 300 minutiae the best 255 go out, still in order.
func TestRecordTooManyMinutiae(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	v := View{Position: 3, Template: Template{Width: 500, Height: 500}}
	for i := range 300 {
		v.Minutiae = append(v.Minutiae, Minutia{X: int16(r.IntN(500)), Y: int16(i), Kind: Ending, Quality: uint8(20 + 60*(i%3/2))})
	}
	before := slices.Clone(v.Minutiae)
	b, err := (&Record{Views: []View{v}}).AppendBinary([]byte("before"))
	if err != nil {
		t.Fatal(err)
	}
	var got Record
	if err := got.UnmarshalBinary(b[len("before"):]); err != nil {
		t.Fatal(err)
	}
	kept := got.Views[0].Minutiae
	best := 0
	for _, m := range kept {
		if m.Quality == 80 {
			best++
		}
	}
	if len(kept) != 255 || best != 100 || !slices.IsSortedFunc(kept, inOrder) {
		t.Errorf("%d minutiae, %d of the 100 best", len(kept), best)
	}
	if !slices.Equal(before, v.Minutiae) {
		t.Error("writing changed the template")
	}
}

// What is read can be written, and reads the same again.
func FuzzRecord(f *testing.F) {
	f.Add(goldenBytes(f))
	f.Add(goldenBytes(f)[:30])
	f.Fuzz(func(t *testing.T, data []byte) {
		var r Record
		if r.UnmarshalBinary(data) != nil {
			return
		}
		b, err := r.AppendBinary(nil)
		if err != nil {
			if strings.Contains(err.Error(), "over 16 views") {
				return
			}
			t.Fatalf("writing what was read: %v", err)
		}
		var again Record
		if err := again.UnmarshalBinary(b); err != nil || !reflect.DeepEqual(r, again) {
			t.Fatalf("read again: %v\n%+v\n%+v", err, r, again)
		}
	})
}
