package iso19794

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"testing"
)

// Records made by hand, after the tables of the standards; the pixels are counted.

func finger2005() []byte {
	b := []byte("FIR\x00010\x00\x00\x00\x00\x00\x00\x3a\x00\x00\x00\x1f\x01\x01")
	b = append(b, 0x01, 0xf4, 0x01, 0xf4, 0x01, 0xf4, 0x01, 0xf4, 8, 0, 0, 0)
	b = append(b, 0, 0, 0, 26, 2, 1, 1, 80, 0, 0, 4, 0, 3, 0)
	return append(b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
}

func finger2011(quality, certificates int) []byte {
	n := 58 + 5*quality + 3*certificates + 12
	b := []byte("FIR\x00020\x00\x00\x00\x00")
	b = append(b, byte(n), 0, 1, 1, 1, 0, 0, 0, byte(n-16))
	b = append(b, make([]byte, 14)...)
	b = append(append(b, byte(quality)), make([]byte, 5*quality)...)
	b = append(append(b, byte(certificates)), make([]byte, 3*certificates)...)
	b = append(b, 7, 1, 2, 0, 197, 0, 197, 0, 197, 0, 197, 8, 0, 0, 0, 4, 0, 3, 0, 0, 0, 12)
	return append(b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
}

func face2005() []byte {
	b := []byte("FAC\x00010\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x01")
	b = append(append(b, make([]byte, 14+8)...), 1, 1, 0, 240, 1, 64, 1, 2, 0, 0, 0, 0)
	return lengthened(append(b, jp2(240, 320)...), 14)
}

func face2011() []byte {
	b := []byte("FAC\x00030\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00")
	b = append(append(b, make([]byte, 14)...), 1, 80, 0, 0, 0, 0, 0, 1)
	b = append(append(b, make([]byte, 15+8)...), 1, 2, 0, 240, 1, 64, 0, 0, 0, 0, 1, 0, 0, 0, byte(len(jp2(240, 320))))
	return lengthened(append(b, jp2(240, 320)...), 17)
}

// lengthened fills in the lengths of a record with one image, which begins at at.
func lengthened(b []byte, at int) []byte {
	binary.BigEndian.PutUint32(b[8:], uint32(len(b)))
	binary.BigEndian.PutUint32(b[at:], uint32(len(b)-at))
	return b
}

// The beginnings of coded images of a size, followed by nothing in particular.

func jp2(w, h int) []byte {
	b := append([]byte("\xff\x4f\xff\x51\x00\x2f\x00\x00"), be32(w)...)
	b = append(append(b, be32(h)...), make([]byte, 8)...)
	return append(b, "tiles\xff\xd9"...)
}

func boxed(w, h int) []byte {
	b := []byte("\x00\x00\x00\x0cjP  \r\n\x87\n\x00\x00\x00\x14ftypjp2 \x00\x00\x00\x00jp2 ")
	b = append(b, "\x00\x00\x00\x01uuid\x00\x00\x00\x00\x00\x00\x00\x12\x00\x00\x00\x00\x00\x00jp2c"...)
	return append(b, jp2(w, h)...)
}

func wsq(w, h int) []byte {
	b := []byte("\xff\xa0\xff\xa8\x00\x04hi\xff\xa2\x00\x11\x00\xff")
	b = append(append(b, be32(h)[2:]...), be32(w)[2:]...)
	return append(b, "\x03\x00\x00\x03\x00\x00\x02\x00\x01blocks\xff\xa1"...)
}

// padded has n bytes, the last two of which end the image.
func padded(b []byte, n int) []byte {
	end := b[len(b)-2:]
	return append(append(b[:len(b)-2:len(b)-2], make([]byte, n-len(b))...), end...)
}

func be32(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }

// coded is an image of any coding and size.
func coded(t testing.TB, c Coding, w, h int) Image {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = byte(i * 7)
	}
	var b bytes.Buffer
	var err error
	switch c {
	case JPEG:
		err = jpeg.Encode(&b, img, nil)
	case PNG:
		err = png.Encode(&b, img)
	case JP2:
		b.Write(boxed(w, h))
	case JP2Lossless:
		b.Write(jp2(w, h))
	case WSQ:
		b.Write(wsq(w, h))
	default:
		b.Write(img.Pix)
	}
	if err != nil {
		t.Fatal(err)
	}
	return Image{Width: w, Height: h, Coding: c, Data: b.Bytes()}
}

// pick is one of several.
func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func randomQualities(r *rand.Rand) []Quality {
	return pick(r, nil, []Quality{{Score: 70, Vendor: 1, Algorithm: 2}}, []Quality{{Score: Failed}, {Score: 3, Vendor: 0xFFFF}})
}

func randomCapture(r *rand.Rand) Capture {
	return Capture{
		Time:       pick(r, DateTime{}, DateTime{2026, 11, 23, 9, 5, 59, 999}, DateTime{0xFFFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFFFF}),
		Technology: pick[uint8](r, 0, 1, 2, 6), Vendor: uint16(r.UintN(1 << 16)), Device: uint16(r.UintN(1 << 16)),
	}
}

// randomFinger is any well-formed record of fingers.
func randomFinger(t testing.TB, r *rand.Rand, e Edition) *FingerRecord {
	rec := &FingerRecord{Edition: e}
	if e == Edition2005 {
		rec.Level = pick[uint16](r, 31, 41)
	} else {
		rec.Certified = pick(r, false, true)
	}
	ppi, depth := pick[uint16](r, 500, 1000), uint8(8)
	shared := FingerImage{Units: PerInch, Scanned: [2]uint16{1000, 1000}, Sampling: [2]uint16{ppi, ppi}, Depth: depth}
	coding := pick(r, Raw, Packed, WSQ, JPEG, JP2, PNG)
	for i := range 1 + r.IntN(3) {
		f := shared
		f.Position, f.View, f.Impression = Position(1+r.IntN(2)), uint8(i+1), pick(r, LivePlain, LiveRolled, Latent, Contactless)
		if e == Edition2005 {
			f.Position, f.View = pick(r, Position(7), Position(i+1)), 1
			for _, before := range rec.Images {
				if before.Position == f.Position {
					f.View++
				}
			}
			f.Qualities = pick(r, nil, []Quality{{Score: 64}}, []Quality{{Score: Failed}})
			f.Image = coded(t, coding, 3+i, 4)
		} else {
			f.Capture, f.Qualities = randomCapture(r), randomQualities(r)
			f.Image = coded(t, pick(r, Raw, Packed, WSQ, JPEG, JP2, JP2Lossless, PNG), 3+i, 4)
			f.Blocks = pick(r, nil, []Block{{Code: 2, Data: []byte{1, 9, 2}}}, []Block{{Code: 3, Data: []byte("hello")}, {Code: 0x100, Data: []byte{}}})
		}
		if rec.Certified {
			f.Certificates = pick(r, nil, []Certificate{{Authority: 3, Scheme: 1}})
		}
		rec.Images = append(rec.Images, f)
	}
	return rec
}

// randomFace is any well-formed record of faces.
func randomFace(t testing.TB, r *rand.Rand, e Edition) *FaceRecord {
	rec := &FaceRecord{Edition: e}
	n := 1 + r.IntN(2)
	for range n {
		f := FaceImage{
			Sex: pick[uint8](r, 0, 1, 2, 0xFF), Eyes: 1, Hair: 2, Properties: uint32(r.UintN(1 << 24)), Expression: 1,
			Pose: [3]uint8{1, 90, 181}, Within: [3]uint8{0, 1, 2}, Kind: pick(r, Basic, FullFrontal, TokenFrontal), ColourSpace: 1,
			Points: pick(r, nil, []Point{{1, 0xC1, 10, 20, 0}}, []Point{{1, 0xC1, 10, 20, 0}, {1, 0xC2, 30, 20, 0}}),
		}
		f.Image = coded(t, pick(r, JPEG, JP2), 5, 6)
		f.Technology, f.Device = 2, uint16(r.UintN(1<<16))
		if e == Edition2011 {
			f.Capture, f.Qualities = randomCapture(r), randomQualities(r)
			f.Image = coded(t, pick(r, JPEG, JP2, JP2Lossless, PNG), 5, 6)
			f.Stature, f.SamplingLevel, f.PostProcessing = 180, 3, 2
			if r.IntN(3) == 0 {
				f.Kind, f.Shape = 128, []byte("relief")
			}
		}
		rec.Images = append(rec.Images, f)
	}
	if e == Edition2011 && n > 1 {
		rec.Temporal = 1
	}
	return rec
}
