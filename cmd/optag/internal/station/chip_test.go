package station

import (
	"bytes"
	"errors"
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"optag/capture/finger/wsq"
	"optag/device/emrtd"
	"optag/device/emrtd/lds"
)

// manyScans is a progressive JPEG of 2000 by 2000 pixels that is drawn in so many
// passes, each of which says in five bytes that nothing changes.
func manyScans(scans int) []byte {
	table := func(class, value byte) []byte {
		return append([]byte{0xff, 0xc4, 0, 20, class, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, value)
	}
	return slices.Concat([]byte{0xff, 0xd8, 0xff, 0xdb, 0, 67, 0}, bytes.Repeat([]byte{1}, 64),
		[]byte{0xff, 0xc2, 0, 11, 8, 2000 >> 8, 2000 & 0xff, 2000 >> 8, 2000 & 0xff, 1, 1, 0x11, 0}, table(0x00, 0), table(0x10, 0xe0),
		[]byte{0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0}, make([]byte, 250*250/8+1),
		bytes.Repeat([]byte{0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 0, 0x7f, 0xfe, 0xff, 0x00, 0xfc}, scans-1), []byte{0xff, 0xd9})
}

// TestFacesOfHostileChips: none takes longer or more room than a face does.
func TestFacesOfHostileChips(t *testing.T) {
	jp2 := func(_ []byte, w, h int) (image.Image, error) {
		if w <= 0 || h <= 0 || w*h > mostFace {
			t.Errorf("%d by %d pixels are decoded", w, h)
			return nil, errors.New("no size of a face")
		}
		return image.NewGray(image.Rect(0, 0, w, h)), nil
	}
	boxes := []byte("\x00\x00\x00\x0CjP  \r\n\x87\n")
	for _, c := range []struct {
		name string
		f    lds.Image
		want bool
	}{
		{"JPEG in ten passes", lds.Image{Data: manyScans(10)}, true},
		{"JPEG in 50,000 passes", lds.Image{Data: manyScans(50_000)}, false},
		{"JPEG 2000", lds.Image{Data: boxes, Width: 300, Height: 400}, true},
		{"JPEG 2000 of a wall", lds.Image{Data: boxes, Width: 0xffff, Height: 400}, false},
		{"JPEG 2000, size not told", lds.Image{Data: boxes}, false},
	} {
		if got := picture(c.f, jp2) != nil; got != c.want {
			t.Errorf("%s: drawn is %v, want %v", c.name, got, c.want)
		}
	}
}

// TestFacesWithoutEnd: the first that is legible is shown, and few are tried.
func TestFacesWithoutEnd(t *testing.T) {
	broken, whole := lds.Face{Image: lds.Image{Data: []byte("no face")}}, lds.Face{Image: lds.Image{Data: manyScans(1)}}
	for before, want := range map[int]bool{0: true, 2: true, 3: false, 5000: false} {
		s := seenOf(&emrtd.Chip{Faces: append(slices.Repeat([]lds.Face{broken}, before), whole)}, time.Time{}, nil)
		if got := s.Face != nil; got != want {
			t.Errorf("behind %d that are not legible: a face is %v, want %v", before, got, want)
		}
	}
}

// TestMorePrintsThanFingers: they are told of, and not decoded.
func TestMorePrintsThanFingers(t *testing.T) {
	packed, err := wsq.Encode(image.NewGray(image.Rect(0, 0, 64, 64)), wsq.Options{PPI: 500})
	if err != nil {
		t.Fatal(err)
	}
	one := lds.Finger{Image: lds.Image{Data: packed, Format: lds.WSQ}}
	s := seenOf(&emrtd.Chip{Fingers: slices.Repeat([]lds.Finger{one}, 30)}, time.Time{}, nil)
	drawn := 0
	for _, f := range s.Fingers {
		if f.Picture != nil {
			drawn++
		}
	}
	if len(s.Fingers) != 30 || drawn != 10 {
		t.Errorf("%d prints, %d drawn, want 30 and 10", len(s.Fingers), drawn)
	}
}

// TestTextsOfHostileChips: none is longer than a screen has room for, or takes hold
// of the line in which it stands.
func TestTextsOfHostileChips(t *testing.T) {
	for text, want := range map[string]string{
		"Ørsted's agent":                 "Ørsted's agent",
		"shown \u202eesrever ni\u202c":   "shown esrever ni",
		"one\nline\x00more":              "one line more",
		"\u200f\n":                       "",
		strings.Repeat("x", 60_000):      strings.Repeat("x", 300) + "…",
		"می\u200cخواهم, which is joined": "می\u200cخواهم, which is joined",
	} {
		got := ""
		for _, d := range details(&emrtd.Chip{Holder: lds.Holder{Summary: text}}) {
			got += d.Value
		}
		if got != want {
			t.Errorf("%.40q is shown as %.40q, want %.40q", text, got, want)
		}
	}
}
