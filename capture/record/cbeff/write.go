package cbeff

import (
	"encoding/binary"
	"errors"
	"fmt"

	"optag/capture/record/tlv"
)

// least is how many random bytes an empty file of fingers has at least.
const least = 8

// Bytes writes the file, with one copy of each record. A file of fingers without
// templates must have discretionary data.
func (g *Group) Bytes() ([]byte, error) {
	var err error
	switch {
	case g.File != DG2 && g.File != DG3 && g.File != DG4:
		err = errors.New("no file of biometric templates")
	case len(g.Templates) > 255:
		err = errors.New("more than 255 templates")
	case len(g.Templates) == 0 && len(g.Discretionary) < least:
		err = errors.New("an empty file without random data is the same on every card")
	default:
		err = g.check()
	}
	if err != nil {
		return nil, fmt.Errorf("writing biometric templates: %w", err)
	}
	parts := []tlv.Object{tlv.Primitive(tagInstances, []byte{byte(len(g.Templates))})}
	for i := range g.Templates {
		parts = append(parts, g.Templates[i].object())
	}
	ef := tlv.Constructed(tlv.Tag(g.File), tlv.Constructed(tagGroup, parts...))
	if g.Discretionary != nil {
		ef.Parts = append(ef.Parts, tlv.Primitive(tagDiscretionary, g.Discretionary))
	}
	return ef.Bytes(), nil
}

// object is the template as a data object.
func (t *Template) object() tlv.Object {
	record := tlv.Primitive(tagRecord, t.Record)
	if t.Header.Format.third() {
		record = tlv.Constructed(tagRecord3, tlv.Primitive(tagBlock3, t.Record))
	}
	return tlv.Constructed(tagTemplate, t.Header.object(), record)
}

// object is the header as a data object, of the fields that are there.
func (h *Header) object() tlv.Object {
	o := tlv.Constructed(tagHeader)
	add := func(tag tlv.Tag, there bool, v []byte) {
		if there {
			o.Parts = append(o.Parts, tlv.Primitive(tag, v))
		}
	}
	add(0x80, h.Version != 0, two(h.Version))
	add(0x81, h.Modality != 0, []byte{byte(h.Modality)})
	if h.Subtype != nil {
		add(0x82, true, []byte{byte(*h.Subtype)})
	}
	add(0x83, h.Created != nil, h.Created)
	add(0x85, h.Validity != nil, h.Validity)
	add(0x86, h.Creator != nil, h.Creator)
	add(0x87, true, two(h.Owner))
	add(0x88, true, two(uint16(h.Format)))
	return o
}

func two(v uint16) []byte { return binary.BigEndian.AppendUint16(nil, v) }
