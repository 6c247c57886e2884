package wsq

import (
	"image"
	"testing"
)

// benchmarked is a finger of the size of NIST's examples.
func benchmarked() *image.Gray {
	const w, h = 416, 560
	img := image.NewGray(image.Rect(0, 0, w, h))
	b := brush(77)
	b.finger(img.Pix, w, h)
	return img
}

func BenchmarkEncode(b *testing.B) {
	var e Encoder
	img := benchmarked()
	out, err := e.Encode(nil, img, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if out, err = e.Encode(out[:0], img, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	var d Decoder
	data, err := Encode(benchmarked(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := d.Decode(data, 0); err != nil {
			b.Fatal(err)
		}
	}
}
