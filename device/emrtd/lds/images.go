package lds

import (
	"bytes"
	"fmt"

	"optag/capture/record/cbeff"
	"optag/capture/record/iso19794"
	"optag/capture/record/iso39794"
	"optag/capture/record/tlv"
)

// An Image is an image in a file. Its bytes are a part of the file.
type Image struct {
	Data   []byte
	Format Encoding
	// Width and Height are in pixels, as the record states them; 0 where it does
	// not.
	Width, Height int
}

// An Encoding is how an image is coded, by how it begins: "" where that is
// nothing known.
type Encoding string

const (
	JPEG     Encoding = "image/jpeg"
	JPEG2000 Encoding = "image/jp2" // in boxes, or a bare code stream
	PNG      Encoding = "image/png"
	WSQ      Encoding = "image/x-wsq"
)

// EncodingOf tells the encoding by the first bytes.
func EncodingOf(b []byte) Encoding {
	for _, m := range []struct {
		begins string
		is     Encoding
	}{
		{"\xFF\xD8\xFF", JPEG}, {"\x00\x00\x00\x0CjP  \r\n\x87\n", JPEG2000}, {"\xFF\x4F\xFF\x51", JPEG2000},
		{"\x89PNG\r\n\x1A\n", PNG}, {"\xFF\xA0", WSQ},
	} {
		if bytes.HasPrefix(b, []byte(m.begins)) {
			return m.is
		}
	}
	return ""
}

// A Face is one image of DG2.
type Face struct {
	Image
	Type   cbeff.Format // of the record
	Faults error        // rules that the record does not keep, and is legible all the same
}

// A Finger is one print of DG3.
type Finger struct {
	Image
	Position int // 1 to 10 as field FGP of ANSI/NIST-ITL 1; 0 unknown
	Type     cbeff.Format
	Faults   error
}

// templates reads the biometric templates of a file.
func templates(f File, b []byte) ([]cbeff.Template, error) {
	if _, _, err := open(f, b); err != nil {
		return nil, Named(f, err)
	}
	g, err := cbeff.Read(b, tlv.BER)
	if err != nil {
		return nil, Named(f, err)
	}
	return g.Templates, nil
}

// faulty is the fault of a record in a file.
func faulty(f File, b, record []byte, err error) error {
	return &Fault{f, max(0, bytes.Index(b, record)), err.Error()}
}

// ParseDG2 reads the faces, of which there is at least one.
func ParseDG2(b []byte) ([]Face, error) {
	all, err := templates(DG2, b)
	if err != nil {
		return nil, err
	}
	var faces []Face
	for _, t := range all {
		switch t.Header.Format {
		case cbeff.Face19794:
			r, err := iso19794.ReadFace(t.Record)
			if r == nil {
				return nil, faulty(DG2, b, t.Record, err)
			}
			for _, i := range r.Images {
				faces = append(faces, Face{Image{i.Data, EncodingOf(i.Data), i.Width, i.Height}, t.Header.Format, err})
			}
		case cbeff.Face39794:
			r, err := iso39794.ReadFace(t.Record)
			if err != nil {
				return nil, faulty(DG2, b, t.Record, err)
			}
			for _, p := range r.Representations {
				i := Image{Data: p.Image.Data, Format: EncodingOf(p.Image.Data)}
				if size := p.Image.Information.ImageSize; size != nil {
					i.Width, i.Height = size.Width, size.Height
				}
				faces = append(faces, Face{Image: i, Type: t.Header.Format})
			}
		default:
			return nil, faulty(DG2, b, t.Record, fmt.Errorf("record of type %04X is no face", uint16(t.Header.Format)))
		}
	}
	if len(faces) == 0 {
		return nil, &Fault{DG2, 0, "holds no face"}
	}
	return faces, nil
}

// ParseDG3 reads the prints. There are none where none could be taken.
func ParseDG3(b []byte) ([]Finger, error) {
	all, err := templates(DG3, b)
	if err != nil {
		return nil, err
	}
	var fingers []Finger
	for _, t := range all {
		switch t.Header.Format {
		case cbeff.Finger19794:
			r, err := iso19794.ReadFinger(t.Record)
			if r == nil {
				return nil, faulty(DG3, b, t.Record, err)
			}
			for _, i := range r.Images {
				fingers = append(fingers, Finger{Image{i.Data, EncodingOf(i.Data), i.Width, i.Height}, int(i.Position), t.Header.Format, err})
			}
		case cbeff.Finger39794:
			r, err := iso39794.ReadFinger(t.Record)
			if err != nil {
				return nil, faulty(DG3, b, t.Record, err)
			}
			for _, p := range r.Representations {
				position, _ := p.Position.Value.To19794()
				fingers = append(fingers, Finger{Image: Image{Data: p.ImageData, Format: EncodingOf(p.ImageData)}, Position: position, Type: t.Header.Format})
			}
		default:
			return nil, faulty(DG3, b, t.Record, fmt.Errorf("record of type %04X is no finger", uint16(t.Header.Format)))
		}
	}
	return fingers, nil
}

// ParseDG7 reads the images of the holder's signature.
func ParseDG7(b []byte) ([]Image, error) {
	images, err := parseDG7(b)
	return images, Named(DG7, err)
}

func parseDG7(b []byte) (images []Image, err error) {
	_, r, err := open(DG7, b)
	if err != nil {
		return nil, err
	}
	count, err := r.Want(0x02)
	if err != nil {
		return nil, err
	}
	for r.More() {
		e, err := r.Want(0x5F43)
		if err != nil {
			return nil, err
		}
		images = append(images, Image{Data: e.Value, Format: EncodingOf(e.Value)})
	}
	if len(count.Value) != 1 || int(count.Value[0]) != len(images) {
		return nil, count.Fault("is another number than that of the images")
	}
	return images, nil
}

// WriteDG7 writes images of the holder's signature, 255 at most.
func WriteDG7(images ...[]byte) []byte {
	parts := []tlv.Object{tlv.Primitive(0x02, []byte{byte(len(images))})}
	for _, i := range images {
		parts = append(parts, tlv.Primitive(0x5F43, i))
	}
	return tlv.Constructed(DG7.Tag(), parts...).Bytes()
}
