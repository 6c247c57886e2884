package record

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"

	"optag/capture"
	"optag/capture/finger/wsq"
	"optag/capture/record/cbeff"
	"optag/capture/record/iso19794"
	"optag/capture/record/iso39794"
)

// CardSettings are what the card producer sets.
type CardSettings struct {
	Third    bool   `json:"iso_39794"`          // records of the third generation in place of ISO/IEC 19794:2005
	Chip     bool   `json:"chip"`               // prints as they go on the chip: 18 kB at most
	Software uint16 `json:"software,omitempty"` // certificate of the WSQ encoder
	Measure  [2]int `json:"measure"`            // organisation and number of NFIQ 2 in the registry that ISO/IEC 39794 names
}

// CardDefaults are the settings of a producer who has said nothing: records of
// ISO/IEC 19794:2005, prints for enrolment; NIST, and no registered number.
func CardDefaults() CardSettings { return CardSettings{Measure: [2]int{0x000F, 65535}} }

// A cardScope is what the fields of one record of a card are made from.
type cardScope struct {
	*taken
	CardSettings
	print  *printed
	packed []byte // the print, or the portrait as JPEG
}

// A cardRow is a field of a record of type T, and what sets it.
type cardRow[T any] struct {
	Field
	set func(x *cardScope, to T)
}

// WriteCard writes what the card producer needs: the face, each print by
// itself, and the templates of data groups 2 and 3 in which they go on the chip.
// What was not captured has no file and no place in a template. A card without
// a face is none: that is [ErrNothing].
func WriteCard(s Set[Card], c CardSettings) ([]capture.Part, error) {
	parts, err := s.card(c)
	if err != nil {
		return nil, fmt.Errorf("writing the records of a card: %w", err)
	}
	return parts, nil
}

// WriteSticker writes the face of a long-stay visa's sticker. Any other visa's
// is [ErrPurpose].
func WriteSticker(s Set[Visa]) (capture.Part, error) {
	err := ErrPurpose
	var data []byte
	if s.sticker() {
		data, err = s.face(CardSettings{})
	}
	if err != nil {
		return capture.Part{}, fmt.Errorf("writing the record of a sticker: %w", err)
	}
	return capture.Part{Name: "face.fac", MediaType: octets, Data: data}, nil
}

const octets = "application/octet-stream"

// card makes the files of a card, the face first.
func (t *taken) card(c CardSettings) ([]capture.Part, error) {
	faces, fingers := "fac", "fir"
	if c.Third {
		faces, fingers = "39794-5", "39794-4"
	}
	data, err := t.face(c)
	if err != nil {
		return nil, err
	}
	parts := []capture.Part{{Name: "face." + faces, MediaType: octets, Data: data}}
	groups := []cbeff.Group{{File: cbeff.DG2, Templates: []cbeff.Template{t.template(c, nil, data)}}, {File: cbeff.DG3}}
	var e encoder
	defer e.Wipe()
	for i := range t.prints {
		p := &t.prints[i]
		data, err := t.finger(&e, p, c)
		if err != nil {
			return nil, err
		}
		parts = append(parts, capture.Part{Name: p.Position.String() + "." + fingers, MediaType: octets, Data: data})
		groups[1].Templates = append(groups[1].Templates, t.template(c, p, data))
	}
	for i, name := range []string{"dg2.bin", "dg3.bin"} {
		if len(groups[i].Templates) == 0 {
			continue
		}
		data, err := groups[i].Bytes()
		if err != nil {
			return nil, fmt.Errorf("wrapping %s: %w", name, err)
		}
		parts = append(parts, capture.Part{Name: name, MediaType: octets, Data: data})
	}
	return parts, nil
}

// template wraps the record of a print, or without one of the face.
func (t *taken) template(c CardSettings, p *printed, data []byte) cbeff.Template {
	rows := faceTemplateRows()
	if p != nil {
		rows = fingerTemplateRows()
	}
	return *filled(&cardScope{taken: t, CardSettings: c, print: p, packed: data}, rows, new(cbeff.Template))
}

// face makes the record of the portrait.
func (t *taken) face(c CardSettings) ([]byte, error) {
	switch {
	case t.record.Refusal != nil:
		return nil, ErrRefused
	case t.portrait == nil:
		return nil, ErrNothing
	}
	x := cardScope{taken: t, CardSettings: c}
	var err error
	if x.packed, err = t.jpeg(); err != nil {
		return nil, err
	}
	if c.Third {
		to := &iso39794.FaceImageDataBlock{Version: iso39794.CurrentVersion(), Representations: make([]iso39794.FaceRepresentation, 1)}
		return filled(&x, face39794Rows(), to).Encode(iso39794.ICAO)
	}
	to := &iso19794.FaceRecord{Edition: iso19794.Edition2005, Images: make([]iso19794.FaceImage, 1)}
	return filled(&x, faceRows2005(), to).Bytes()
}

// jpeg is the portrait in the camera's own bytes. One without loss is packed
// for the first time.
func (t *taken) jpeg() ([]byte, error) {
	if t.record.Portrait.MediaType == "image/jpeg" {
		return t.portrait, nil
	}
	img, _, err := image.Decode(bytes.NewReader(t.portrait))
	if err != nil {
		return nil, fmt.Errorf("reading the portrait: %w", err)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}); err != nil {
		return nil, fmt.Errorf("packing the portrait: %w", err)
	}
	return b.Bytes(), nil
}

// finger makes the record of one print.
func (t *taken) finger(e *encoder, p *printed, c CardSettings) ([]byte, error) {
	target := wsq.Enrolment()
	if c.Chip {
		target = wsq.Chip()
	}
	data, err := e.wsq(p, c.Software, target)
	if err != nil {
		return nil, err
	}
	defer clear(data) // the record holds a copy
	x := cardScope{taken: t, CardSettings: c, print: p, packed: data}
	if c.Third {
		to := &iso39794.FingerImageDataBlock{Version: iso39794.CurrentVersion(), Representations: make([]iso39794.FingerRepresentation, 1)}
		return filled(&x, finger39794Rows(), to).Encode()
	}
	to := &iso19794.FingerRecord{Edition: iso19794.Edition2005, Images: make([]iso19794.FingerImage, 1)}
	return filled(&x, fingerRows2005(), to).Bytes()
}

// filled sets every field of a record.
func filled[T any](x *cardScope, rows []cardRow[T], to T) T {
	for _, r := range rows {
		r.set(x, to)
	}
	return to
}
