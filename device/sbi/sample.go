package sbi

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"optag/capture/record/iso19794"
	"optag/device"
)

// errNoDecoder: the station has no decoder for what the device sends.
var errNoDecoder = fmt.Errorf("no decoder for this image format: %w", ErrRefused)

// Limits of an image in pixels: a slap at 1000 ppi, a camera of 32 megapixels.
const (
	maxFinger = 4000 * 4000
	maxFace   = 32 << 20
)

// print makes an image of a verified sample of a finger. The image is the
// caller's, and holds nothing of the sample's memory.
func (h *Host) print(s sample) (*image.Gray, [2]int, error) {
	record, err := iso19794.ReadFinger(s.record)
	if err != nil {
		return nil, [2]int{}, fmt.Errorf("%w: %w", BadRecord, err)
	}
	if len(record.Images) != 1 {
		return nil, [2]int{}, fmt.Errorf("not exactly one image: %w", BadRecord)
	}
	r := &record.Images[0]
	ppi, ok := r.PPI()
	switch {
	case Finger(r.Position) != s.finger:
		return nil, ppi, BadPosition
	case !ok || r.Depth != 8:
		return nil, ppi, BadPPI
	case r.Coding == iso19794.JPEG: // no standard lets a print be stored so
		return nil, ppi, fmt.Errorf("a finger as JPEG: %w", BadRecord)
	case r.Width*r.Height > maxFinger:
		return nil, ppi, fmt.Errorf("%dx%d pixels: %w", r.Width, r.Height, BadRecord)
	}
	if r.Coding == iso19794.Raw {
		img := image.NewGray(image.Rect(0, 0, r.Width, r.Height))
		copy(img.Pix, r.Data)
		return img, ppi, nil
	}
	img, err := h.decode(r.Image)
	if err != nil {
		return nil, ppi, err
	}
	if grey, ok := img.(*image.Gray); ok && grey.Stride == r.Width && grey.Rect.Min == (image.Point{}) {
		return grey, ppi, nil
	}
	wipeImage(img)
	return nil, ppi, fmt.Errorf("image is not 8 bit grey: %w", BadPPI)
}

// picture makes a picture of a verified sample of a face. It keeps the image of
// the record in its own bytes.
func (h *Host) picture(s sample) (device.Picture, error) {
	record, err := iso19794.ReadFace(s.record)
	if err != nil {
		return device.Picture{}, fmt.Errorf("%w: %w", BadRecord, err)
	}
	if len(record.Images) != 1 {
		return device.Picture{}, fmt.Errorf("not exactly one image: %w", BadRecord)
	}
	r := &record.Images[0]
	if r.Width*r.Height > maxFace {
		return device.Picture{}, fmt.Errorf("%dx%d pixels: %w", r.Width, r.Height, BadRecord)
	}
	img, err := h.decode(r.Image)
	if err != nil {
		return device.Picture{}, err
	}
	return device.Picture{Image: img, Encoded: bytes.Clone(r.Data), MediaType: r.Coding.MediaType()}, nil
}

// decode decodes the image of a record, and refuses one of another size than the
// record says.
func (h *Host) decode(r iso19794.Image) (image.Image, error) {
	decoder := map[iso19794.Coding]Decoder{
		iso19794.JP2: h.opts.JP2, iso19794.JP2Lossless: h.opts.JP2, iso19794.WSQ: h.opts.WSQ,
		iso19794.PNG: sized(png.Decode, png.DecodeConfig), iso19794.JPEG: sized(jpeg.Decode, jpeg.DecodeConfig),
	}[r.Coding]
	if decoder == nil {
		return nil, errNoDecoder
	}
	img, err := decoder(r.Data, r.Width, r.Height)
	if err != nil {
		return nil, fmt.Errorf("decoding the image of the record: %w", BadRecord)
	}
	if b := img.Bounds(); b.Dx() != r.Width || b.Dy() != r.Height {
		wipeImage(img)
		return nil, fmt.Errorf("the image is %dx%d, its record says %dx%d: %w", b.Dx(), b.Dy(), r.Width, r.Height, BadRecord)
	}
	return img, nil
}

// sized makes a [Decoder] of the standard library's.
func sized(decode func(io.Reader) (image.Image, error), config func(io.Reader) (image.Config, error)) Decoder {
	return func(data []byte, width, height int) (image.Image, error) {
		c, err := config(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		if c.Width != width || c.Height != height {
			return nil, fmt.Errorf("%dx%d pixels, want %dx%d", c.Width, c.Height, width, height)
		}
		return decode(bytes.NewReader(data))
	}
}
