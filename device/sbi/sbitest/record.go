package sbitest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
)

// Ridges draws concentric ridges, whose centre differs from finger to finger:
// something to look at for who gives no better fingers. They are nobody's.
func Ridges(fgp int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 280, 448))
	cx, cy := 100+8*float64(fgp), 180+6*float64(fgp)
	for y := range 448 {
		for x := range 280 {
			r := math.Hypot(float64(x)-cx, float64(y)-cy)
			img.Pix[y*img.Stride+x] = uint8(140 + int(90*math.Sin(r*2*math.Pi/9)))
		}
	}
	return img
}

// Oval draws an oval on a grey ground, for a face.
func Oval() image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, 240, 320))
	for y := range 320 {
		for x := range 240 {
			c := color.NRGBA{0xc0, 0xc0, 0xc0, 0xff}
			if dx, dy := float64(x-120)/80, float64(y-160)/110; dx*dx+dy*dy < 1 {
				c = color.NRGBA{uint8(150 + y/8), 120, 100, 0xff}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// jpegOf is for images of this package's own making.
func jpegOf(img image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 80}); err != nil {
		panic("sbitest: internal error: " + err.Error())
	}
	return b.Bytes()
}

// finger writes a record of ISO/IEC 19794-4 with one image, as MOSIP's mock does:
// one quality block and two certification blocks in the edition of 2011.
func (c *Config) finger(fgp int, ppi, score int) ([]byte, error) {
	img := c.Finger(fgp)
	if img.Stride != img.Rect.Dx() {
		return nil, fmt.Errorf("finger %d: rows with padding", fgp)
	}
	data, coding2005, coding2011 := img.Pix, byte(0), byte(0)
	if c.JP2 != nil {
		var err error
		if data, err = c.JP2(img); err != nil {
			return nil, err
		}
		coding2005, coding2011 = 4, 5
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if c.Edition == 2005 {
		b := []byte("FIR\x00010\x00\x00\x00")
		b = u32(b, 32+14+len(data))
		b = u16(b, 0, 31)
		b = append(b, 1, 1)
		b = u16(b, ppi, ppi, ppi, ppi)
		b = append(b, 8, coding2005, 0, 0)
		b = u32(b, 14+len(data))
		b = append(b, byte(fgp), 1, 1, byte(score), 0)
		b = append(u16(b, w, h), 0)
		return append(b, data...), nil
	}
	b := []byte("FIR\x00020\x00")
	b = u32(b, 69+len(data))
	b = append(b, 0, 1, 1, 1)
	b = u32(b, 53+len(data))
	b = append(b, 0x07, 0xea, 6, 1, 12, 0, 0, 0, 0, 1, 0, 0, 0, 0)
	b = append(b, 1, byte(score), 0, 0, 0, 0)
	b = append(b, 2, 0, 0, 1, 0, 0, 2)
	b = append(b, byte(fgp), 1, 1)
	b = u16(b, ppi, ppi, ppi, ppi)
	b = append(b, 8, coding2011, 0)
	b = u32(u16(b, w, h), len(data))
	return append(b, data...), nil
}

// face writes a record of ISO/IEC 19794-5 with one image.
func (c *Config) face(score int) ([]byte, error) {
	img := c.Face()
	data, coding := []byte(nil), byte(0)
	if c.JP2 != nil {
		var err error
		if data, err = c.JP2(img); err != nil {
			return nil, err
		}
		coding = 1
	} else {
		data = jpegOf(img)
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	if c.Edition == 2005 {
		b := u32([]byte("FAC\x00010\x00"), 14+20+12+len(data))
		b = u32(u16(b, 1), 20+12+len(data))
		b = append(b, make([]byte, 16)...)
		b = append(b, 1, coding)
		b = append(u16(b, w, h), 1, 2, 0, 0, 0, 0)
		return append(b, data...), nil
	}
	b := u32([]byte("FAC\x00030\x00"), 73+len(data))
	b = append(u16(b, 1), 0, 0, 0)
	b = u32(b, 56+len(data))
	b = append(b, 0x07, 0xea, 6, 1, 12, 0, 0, 0, 0, 1, 0, 0, 0, 0)
	b = append(b, 1, byte(score), 0, 0, 0, 0)
	b = append(b, make([]byte, 17)...)
	b = append(b, 1, coding)
	b = append(u16(b, w, h), 0, 0, 0, 0, 1)
	return append(u32(b, len(data)), data...), nil
}

func u16(b []byte, all ...int) []byte {
	for _, n := range all {
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	}
	return b
}

func u32(b []byte, n int) []byte { return binary.BigEndian.AppendUint32(b, uint32(n)) }
