package sbi

import (
	"errors"
	"testing"

	"optag/capture/record/iso19794"
)

// TestRecordsOfOneImage: well-formed records of which a device may send none.
func TestRecordsOfOneImage(t *testing.T) {
	good := iso19794.FingerImage{
		Image:    iso19794.Image{Width: 4, Height: 3, Coding: iso19794.Raw, Data: make([]byte, 12)},
		Position: 2, View: 1, Units: iso19794.PerInch, Scanned: [2]uint16{500, 500}, Sampling: [2]uint16{500, 500}, Depth: 8,
	}
	for _, c := range []struct {
		name  string
		spoil func(*iso19794.FingerRecord)
		want  error
	}{
		{"as it should be", func(*iso19794.FingerRecord) {}, nil},
		{"two views", func(r *iso19794.FingerRecord) {
			r.Images = append(r.Images, good)
			r.Images[1].View = 2
		}, BadRecord},
		{"another finger", func(r *iso19794.FingerRecord) { r.Images[0].Position = 3 }, BadPosition},
		{"bit-packed", func(r *iso19794.FingerRecord) { r.Images[0].Coding = iso19794.Packed }, ErrRefused},
		{"300 pixels per inch", func(r *iso19794.FingerRecord) { r.Images[0].Sampling = [2]uint16{300, 300} }, BadPPI},
		{"4 bits a pixel", func(r *iso19794.FingerRecord) { r.Images[0].Depth = 4 }, BadPPI},
		{"as JPEG", func(r *iso19794.FingerRecord) {
			r.Images[0].Coding, r.Images[0].Data = iso19794.JPEG, []byte("\xff\xd8\xff\xc0\x00\x0b\x08\x00\x03\x00\x04\x01\x01\x11\x00\xff\xd9")
		}, BadRecord},
		{"larger than any slap", func(r *iso19794.FingerRecord) {
			r.Images[0].Image = iso19794.Image{Width: 4001, Height: 4000, Coding: iso19794.Raw, Data: make([]byte, 4001*4000)}
		}, BadRecord},
	} {
		r := iso19794.FingerRecord{Edition: iso19794.Edition2011, Images: []iso19794.FingerImage{good}}
		c.spoil(&r)
		b, err := r.Bytes()
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if img, _, err := new(Host).print(sample{finger: 2, record: b}); !errors.Is(err, c.want) || (img == nil) != (c.want != nil) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.want)
		}
	}
}
