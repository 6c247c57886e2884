package v4l2

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"

	"optag/device"
)

// A colour says how YCbCr stands for RGB: the weights of red and blue in luma,
// and whether samples fill 0 to 255 or the narrow range of ITU-R BT.601.
type colour struct {
	kr, kb float64
	full   bool
}

// colourOf reads the fields colorspace, ycbcr_enc and quantization of a format,
// with the defaults the kernel documents for them.
func colourOf(space, encoding, quantization uint32) colour {
	const (
		rec709, jpeg, bt2020, dciP3      = 3, 7, 10, 12 // of colorspace
		enc709, encXV709, encBT2020      = 2, 4, 6      // of ycbcr_enc
		defaultRange, fullRange     uint = 0, 1         // of quantization
	)
	if encoding == 0 {
		switch space {
		case rec709, dciP3:
			encoding = enc709
		case bt2020:
			encoding = encBT2020
		}
	}
	c := colour{kr: 0.299, kb: 0.114}
	switch encoding {
	case enc709, encXV709:
		c.kr, c.kb = 0.2126, 0.0722
	case encBT2020:
		c.kr, c.kb = 0.2627, 0.0593
	}
	q := uint(quantization)
	c.full = q == fullRange || q == defaultRange && space == jpeg
	return c
}

// shift is the fixed point of the tables.
const shift = 16

// A table turns YCbCr into RGB: what each sample adds to each primary.
type table struct {
	y, rv, gu, gv, bu [256]int32
}

func (c colour) table() *table {
	t := &table{}
	black, white, chroma := 0.0, 255.0, 127.5
	if !c.full {
		black, white, chroma = 16, 235, 112
	}
	if c.full {
		chroma = 128 // as JFIF has it
	}
	kg := 1 - c.kr - c.kb
	one := float64(int(1) << shift)
	for i := range 256 {
		v := (float64(i) - 128) / chroma / 2 * 255
		y := (float64(i) - black) / (white - black) * 255
		t.y[i] = int32(y*one) + 1<<(shift-1)
		t.rv[i] = int32(2 * (1 - c.kr) * v * one)
		t.bu[i] = int32(2 * (1 - c.kb) * v * one)
		t.gu[i] = int32(-2 * (1 - c.kb) * c.kb / kg * v * one)
		t.gv[i] = int32(-2 * (1 - c.kr) * c.kr / kg * v * one)
	}
	return t
}

// clamp returns v in fixed point as a byte.
func clamp(v int32) uint8 {
	if uint32(v)>>(shift+8) != 0 { // below 0 or above 255
		return uint8(^(v >> 31))
	}
	return uint8(v >> shift)
}

// convert paints YUYV, whose lines are stride bytes apart, into dst.
func (t *table) convert(dst *image.RGBA, src []byte, stride int) {
	w, h := dst.Rect.Dx(), dst.Rect.Dy()
	for y := range h {
		in := src[y*stride:][:2*w]
		out := dst.Pix[y*dst.Stride:][:4*w]
		for len(in) >= 4 && len(out) >= 8 {
			u, v := in[1], in[3]
			r, g, b := t.rv[v], t.gu[u]+t.gv[v], t.bu[u]
			y0, y1 := t.y[in[0]], t.y[in[2]]
			out[0], out[1], out[2], out[3] = clamp(y0+r), clamp(y0+g), clamp(y0+b), 0xff
			out[4], out[5], out[6], out[7] = clamp(y1+r), clamp(y1+g), clamp(y1+b), 0xff
			in, out = in[4:], out[8:]
		}
	}
}

// errTorn: a picture did not arrive whole. It is counted, and leaves the package
// only where nothing else comes.
var errTorn = errors.New("picture torn")

// A film holds the last picture, until the next one.
type film struct {
	colour colour
	table  *table // of colour
	rgba   *image.RGBA
	jpeg   []byte       // a JPEG file with its tables
	pixels *image.YCbCr // of it
	png    bytes.Buffer
}

// wipe clears the pictures this driver holds.
func (f *film) wipe() {
	if f.rgba != nil {
		clear(f.rgba.Pix)
	}
	clear(f.jpeg[:cap(f.jpeg)])
	f.forget()
	f.png.Reset()
	clear(f.png.AvailableBuffer()[:f.png.Available()])
}

// forget clears the pixels of a JPEG file that was yielded before.
func (f *film) forget() {
	if f.pixels != nil {
		clear(f.pixels.Y)
		clear(f.pixels.Cb)
		clear(f.pixels.Cr)
		f.pixels = nil
	}
}

// develop makes a picture of the bytes of a buffer; a still has Encoded.
func (f *film) develop(m Mode, data []byte, still bool, decode func(io.Reader) (image.Image, error)) (device.Picture, error) {
	if m.Format.isJPEG() {
		return f.developJPEG(m, data, still, decode)
	}
	if len(data) < (m.Size.Y-1)*m.stride+2*m.Size.X {
		return device.Picture{}, fmt.Errorf("%d bytes of %d: %w", len(data), m.Size.Y*m.stride, errTorn)
	}
	if f.table == nil || f.colour != m.colour {
		f.colour, f.table = m.colour, m.colour.table()
	}
	if f.rgba == nil || f.rgba.Rect.Size() != m.Size {
		f.rgba = image.NewRGBA(image.Rectangle{Max: m.Size})
	}
	f.table.convert(f.rgba, data, m.stride)
	if !still {
		return device.Picture{Image: f.rgba}, nil
	}
	f.png.Reset()
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&f.png, f.rgba); err != nil {
		return device.Picture{}, fmt.Errorf("writing PNG: %w", err)
	}
	return device.Picture{Image: f.rgba, Encoded: f.png.Bytes(), MediaType: "image/png"}, nil
}

func (f *film) developJPEG(m Mode, data []byte, still bool, decode func(io.Reader) (image.Image, error)) (device.Picture, error) {
	file, err := parseJPEG(data)
	if err == nil {
		err = file.walk() // a decoder may be content with less
	}
	switch {
	case err != nil:
		return device.Picture{}, fmt.Errorf("%w: %w", errTorn, err)
	case file.size != m.Size:
		return device.Picture{}, fmt.Errorf("a file of %v in the mode %v: %w", file.size, m, errTorn)
	}
	f.forget()
	f.jpeg = file.appendTo(f.jpeg[:0])
	img, err := decode(bytes.NewReader(f.jpeg))
	f.pixels, _ = img.(*image.YCbCr)
	if err != nil {
		return device.Picture{}, fmt.Errorf("%w: %w", errTorn, err)
	}
	if img.Bounds().Size() != m.Size {
		return device.Picture{}, fmt.Errorf("decoded to %v in the mode %v: %w", img.Bounds().Size(), m, errTorn)
	}
	if !still {
		return device.Picture{Image: img}, nil
	}
	return device.Picture{Image: img, Encoded: f.jpeg, MediaType: "image/jpeg"}, nil
}
