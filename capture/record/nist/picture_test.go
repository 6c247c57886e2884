package nist_test

import (
	"slices"
	"strings"
	"testing"

	"optag/capture/record/nist"
)

// TestPictures: the header of each kind of image is compared with HLL and VLL.
func TestPictures(t *testing.T) {
	for _, c := range []struct {
		name, compression string
		data              []byte
	}{
		{"WSQ", "WSQ20", wsqOf(t, 300, 260, 0.75)},
		{"JPEG", "JPEGB", jpegOf(t, 300, 260)},
		{"JPEG after a comment", "JPEGB", slices.Concat([]byte("\xff\xd8\xff\xfe\x00\x07hello\xff"), jpegOf(t, 300, 260)[2:])},
		{"lossless JPEG", "JPEGL", []byte("\xff\xd8\xff\xc3\x00\x0b\x08\x01\x04\x01\x2c\x01\x01\x11\x00\xff\xd9")},
		{"PNG", "PNG", pngOf(t, 300, 260)},
		{"JPEG 2000", "JP2", jp2Head(300, 260, false)},
		{"a codestream of JPEG 2000 alone", "JP2L", jp2Head(300, 260, true)},
		{"pixels", "NONE", picture(300, 260).Pix},
	} {
		faults := func(width, height int, data []byte) string {
			p := onePrint(2, data, width, height)
			p.Compression = c.compression
			file := nist.New(header())
			file.AddPrint(p)
			var fields []string
			for _, f := range nist.Check(roundTrip(t, file.Bytes())) {
				fields = append(fields, f.Field)
			}
			return strings.Join(fields, " ")
		}
		want := [2]string{"14.006", "14.007"}
		if c.compression == "NONE" {
			want = [2]string{"14.999", "14.999"}
		}
		got := []string{faults(300, 260, c.data), faults(301, 260, c.data), faults(300, 261, c.data), faults(300, 260, c.data[1:]), faults(300, 260, c.data[:7])}
		if want := []string{"", want[0], want[1], "14.999", "14.999"}; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", c.name, got, want)
		}
	}
}

// TestCrowdedFiles: the time for a file grows with its length and not with the
// square of it, whatever it is filled with.
func TestCrowdedFiles(t *testing.T) {
	many := func(s string, n int) []byte { return encode(strings.Repeat(s, n)[1:]) }
	print13 := onePrint(13, wsqHead(400, 582), 400, 582)
	for name, fill := range map[string]func(*nist.Transaction, int){
		"fields": func(file *nist.Transaction, n int) {
			file.AddText(slices.Repeat([]nist.Field{nist.NewField(3, []string{"x"})}, n)...)
		},
		"segments": func(file *nist.Transaction, n int) {
			r := file.AddPrint(print13)
			r.Set(nist.Field{Number: 21, Value: many("^2|0|1|0|1", n)})
			r.Set(nist.Field{Number: 23, Value: many("^3|0|000F|1", n)})
		},
		"records": func(file *nist.Transaction, n int) {
			r := file.AddPrint(nist.Print{Finger: 2})
			file.Records = append(file.Records, slices.Repeat([]*nist.Record{r}, n)...)
		},
	} {
		var check []func()
		for _, n := range []int{300, 4_800} {
			file := nist.New(header())
			fill(file, n)
			data := file.Bytes()
			check = append(check, func() {
				file, _ := nist.Parse(data)
				nist.Check(file)
			})
		}
		least := fastest(4, check...)
		t.Logf("%s: %v, of 16 times as many %v", name, least[0], least[1])
		if least[1] > 150*least[0] {
			t.Errorf("16 times as many %s take %d times as long", name, least[1]/least[0])
		}
	}
}
