//go:build cgo

package sbi_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"slices"
	"testing"

	"optag/device/jp2"
	"optag/device/sbi"
	"optag/device/sbi/sbitest"
)

// TestJPEG2000 from the device's encoder to our pixels.
func TestJPEG2000(t *testing.T) {
	for _, edition := range []int{2005, 2011} {
		inBubble(t, sbitest.Config{JP2: jp2.Encode, Edition: edition}, func(b *bench) {
			b.options.JP2 = jp2.Decode
			prints, err := b.capture(rightSlap())
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range prints {
				if !slices.Equal(p.Image.Pix, print(int(p.Finger)).Pix) {
					t.Errorf("edition %d: %v has other pixels than lay there", edition, p.Finger)
				}
			}
			d := b.open()
			defer d.Close()
			b.service.SetFaults(sbitest.TornImage)
			if _, err := d.Capture(b.Context(), rightSlap()); !errors.Is(err, sbi.BadRecord) {
				t.Errorf("edition %d: an image that breaks off: error %v, want %v", edition, err, sbi.BadRecord)
			}
		})
		inBubble(t, sbitest.Config{Kind: "Face", JP2: jp2.Encode, Edition: edition}, func(b *bench) {
			b.options.JP2 = jp2.Decode
			d := b.open()
			defer d.Close()
			p, err := d.Portrait(b.Context(), sbi.Request{})
			if err != nil || p.MediaType != "image/jp2" || p.Image.Bounds() != image.Rect(0, 0, 240, 320) {
				t.Fatalf("edition %d: a face of type %q, error %v", edition, p.MediaType, err)
			}
			if p.Image.At(120, 160) != sbitest.Oval().At(120, 160) {
				t.Errorf("edition %d: the face has other pixels than the camera saw", edition)
			}
		})
	}
}

// TestFaceAsPNG: a portrait leaves the station in a form that everybody reads.
func TestFaceAsPNG(t *testing.T) {
	inBubble(t, sbitest.Config{Kind: "Face", JP2: jp2.Encode}, func(b *bench) {
		b.options.JP2 = jp2.Decode
		c := b.open().Camera(sbi.Request{})
		defer c.Close()
		c.Shoot()
		for p, err := range c.Frames(b.Context()) {
			if err != nil || p.MediaType != "image/png" {
				t.Fatalf("a still of type %q, error %v", p.MediaType, err)
			}
			img, err := png.Decode(bytes.NewReader(p.Encoded))
			if err != nil || color.NRGBAModel.Convert(img.At(120, 160)) != sbitest.Oval().At(120, 160) {
				t.Errorf("the still has other pixels than the camera saw, %v", err)
			}
			break
		}
	})
}

// BenchmarkSlap: four fingers of 280 by 448 in JPEG 2000, from the request to the
// pixels, the simulated device's encoding and signing counted too.
func BenchmarkSlap(b *testing.B) {
	k := keys(b)
	encoded := map[*image.Gray][]byte{}
	fingers := map[int]*image.Gray{}
	for f := 1; f <= 10; f++ {
		fingers[f] = sbitest.Ridges(f)
		encoded[fingers[f]], _ = jp2.Encode(fingers[f])
	}
	bench := newBench(nil, k, sbitest.Config{
		Finger: func(f int) *image.Gray { return fingers[f] },
		JP2:    func(i image.Image) ([]byte, error) { return encoded[i.(*image.Gray)], nil },
	})
	defer bench.machine.Close()
	bench.options.JP2 = jp2.Decode
	h, err := sbi.New(bench.options)
	if err != nil {
		b.Fatal(err)
	}
	var found sbi.Found
	for found = range h.Scan(b.Context()) {
	}
	d, err := h.Open(found)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	for b.Loop() {
		prints, err := d.Capture(b.Context(), sbi.Request{Fingers: []sbi.Finger{2, 3, 4, 5}})
		if err != nil {
			b.Fatal(err)
		}
		sbi.Wipe(prints)
	}
}
