package records

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"

	"optag/capture/face"
	"optag/capture/finger/wsq"
)

// A Picture is an image as it lies in a record.
type Picture struct {
	Coding   string  `json:"coding"`
	Width    int     `json:"width"` // pixels, by the image's own header; 0 is not known
	Height   int     `json:"height"`
	PPI      int     `json:"ppi,omitempty"` // by a WSQ stream; 0 is not said
	Bytes    int     `json:"bytes"`
	Ratio    float64 `json:"ratio,omitempty"` // bytes of the pixels to those of the image
	Unpacked bool    `json:"unpacked"`        // it was, whole
}

// String returns the picture as a line.
func (p Picture) String() string {
	s := p.Coding
	if p.Width > 0 {
		s += fmt.Sprintf(", %d × %d pixels", p.Width, p.Height)
	}
	if p.PPI > 0 {
		s += fmt.Sprintf(" at %d ppi", p.PPI)
	}
	s += fmt.Sprintf(", %d bytes", p.Bytes)
	if p.Ratio > 0 {
		s += fmt.Sprintf(", %.1f:1", p.Ratio)
	}
	return s
}

// Codings of images, as they are told.
const (
	codingRaw  = "raw"
	codingPGM  = "PGM"
	codingWSQ  = "WSQ"
	codingJPEG = "JPEG"
	codingJP2  = "JPEG 2000"
	codingPNG  = "PNG"
)

// codingOf is what an image begins like, "" where it begins like none.
func codingOf(data []byte) string {
	for _, c := range [][2]string{
		{"\xff\xa0", codingWSQ}, {"\xff\xd8\xff", codingJPEG}, {"\x89PNG\r\n\x1a\n", codingPNG},
		{"\x00\x00\x00\x0cjP  \r\n\x87\n", codingJP2}, {"\xff\x4f\xff\x51", codingJP2}, {"P5", codingPGM},
	} {
		if bytes.HasPrefix(data, []byte(c[0])) {
			return c[1]
		}
	}
	return ""
}

// picture looks at the image of a record, of the size that the record tells: 0
// where it tells none. Where this program can, it unpacks the image. Raw pixels
// are told by the caller, for they begin like anything.
func (i *inspector) picture(where string, data []byte, raw bool, width, height int) *Picture {
	p := &Picture{Coding: codingOf(data), Width: width, Height: height, Bytes: len(data)}
	if raw {
		p.Coding = codingRaw
		return p
	}
	p.Width, p.Height = 0, 0
	err := p.unpack(data)
	var beyondJPEG jpeg.UnsupportedError
	var beyondPNG png.UnsupportedError
	switch {
	case errors.As(err, &beyondJPEG) || errors.As(err, &beyondPNG):
		i.remark("%s: this %s is of a kind that is not unpacked here", where, p.Coding)
	case p.Coding == "":
		p.Coding = "unknown"
		i.fault(where, "the image is of no coding that this program knows", "")
	case err != nil:
		i.fault(where, "the image cannot be unpacked: "+err.Error(), "")
	case p.Width == 0:
		i.remark("%s: %s is not unpacked here", where, p.Coding)
	case width > 0 && (p.Width != width || p.Height != height):
		i.fault(where, fmt.Sprintf("the image is %d × %d pixels by its own header", p.Width, p.Height), fmt.Sprintf("%d × %d", width, height))
	}
	return p
}

// unpack unpacks the image and throws the pixels away.
func (p *Picture) unpack(data []byte) error {
	var pixel int
	switch p.Coding {
	case codingWSQ:
		var d wsq.Decoder
		defer d.Wipe()
		_, info, err := d.Decode(data, wsq.DefaultLimit)
		if err != nil {
			return err
		}
		p.Width, p.Height, p.PPI, pixel = info.Width, info.Height, info.PPI, 1
	case codingJPEG, codingPNG:
		c, _, err := image.DecodeConfig(bytes.NewReader(data))
		if err == nil && c.Width*c.Height > face.MaxPixels {
			err = fmt.Errorf("%d × %d pixels are more than any device delivers", c.Width, c.Height)
		}
		var img image.Image
		if err == nil {
			img, _, err = image.Decode(bytes.NewReader(data))
		}
		if err != nil {
			return err
		}
		p.Width, p.Height, pixel = c.Width, c.Height, 3
		if _, grey := img.(*image.Gray); grey {
			pixel = 1
		}
		scrub(img)
	default:
		return nil
	}
	p.Ratio, p.Unpacked = float64(10*pixel*p.Width*p.Height/max(p.Bytes, 1))/10, true
	return nil
}

// scrub overwrites the pixels of an image that was unpacked.
func scrub(img image.Image) {
	switch m := img.(type) {
	case *image.Gray:
		clear(m.Pix)
	case *image.RGBA:
		clear(m.Pix)
	case *image.NRGBA:
		clear(m.Pix)
	case *image.YCbCr:
		clear(m.Y)
		clear(m.Cb)
		clear(m.Cr)
	}
}
