package cbeff

import (
	"encoding/binary"
	"fmt"

	"optag/capture/record/tlv"
)

// Read reads a whole file: EF.DG2, EF.DG3 or EF.DG4. Records are parts of b. By
// [tlv.DER] what is read without error is written to the same bytes again; by
// [tlv.BER] chips are read whose lengths are longer than need be. Errors are
// *[tlv.Fault] where a data object is wrong.
func Read(b []byte, rules tlv.Rules) (*Group, error) {
	g, err := read(b, rules)
	if err == nil {
		err = g.check()
	}
	if err != nil {
		return nil, fmt.Errorf("reading biometric templates: %w", err)
	}
	return g, nil
}

func read(b []byte, rules tlv.Rules) (*Group, error) {
	file := tlv.NewReader(b, rules)
	ef, err := file.Next()
	if err != nil {
		return nil, err
	}
	g := &Group{File: File(ef.Tag)}
	if g.File != DG2 && g.File != DG3 && g.File != DG4 {
		return nil, ef.Fault("is no file of biometric templates")
	}
	if err := file.End(); err != nil {
		return nil, err
	}
	r, err := ef.In()
	if err != nil {
		return nil, err
	}
	group, err := r.Want(tagGroup)
	if err != nil {
		return nil, err
	}
	if err := g.templates(group); err != nil {
		return nil, err
	}
	if discretionary, ok, err := r.Maybe(tagDiscretionary); err != nil {
		return nil, err
	} else if ok {
		g.Discretionary = discretionary.Value
	}
	return g, r.End()
}

// templates reads the templates of a group, and whether they are as many as it says.
func (g *Group) templates(group tlv.Element) error {
	r, err := group.In()
	if err != nil {
		return err
	}
	count, err := r.Want(tagInstances)
	if err != nil {
		return err
	}
	if len(count.Value) != 1 {
		return count.Fault("is not one byte")
	}
	for r.More() {
		bit, err := r.Want(tagTemplate)
		if err != nil {
			return err
		}
		t, err := template(bit)
		if err != nil {
			return err
		}
		g.Templates = append(g.Templates, t)
	}
	if int(count.Value[0]) != len(g.Templates) {
		return count.Fault("is another number than that of the templates")
	}
	return nil
}

// template reads one template.
func template(bit tlv.Element) (t Template, err error) {
	r, err := bit.In()
	if err != nil {
		return t, err
	}
	head, err := r.Want(tagHeader)
	if err != nil {
		return t, err
	}
	if t.Header, err = header(head); err != nil {
		return t, err
	}
	if t.Header.Format.third() {
		t.Record, err = third(r)
	} else {
		var record tlv.Element
		record, err = r.Want(tagRecord)
		t.Record = record.Value
	}
	if err != nil {
		return t, err
	}
	return t, r.End()
}

// third reads a record that is a data object itself, two objects deep.
func third(r *tlv.Reader) ([]byte, error) {
	for _, tag := range []tlv.Tag{tagRecord3, tagBlock3} {
		outer, err := r.Want(tag)
		if err != nil {
			return nil, err
		}
		if err := r.End(); err != nil {
			return nil, err
		}
		if tag == tagBlock3 {
			return outer.Value, one(outer)
		}
		if r, err = outer.In(); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// one: the element holds just one other.
func one(e tlv.Element) error {
	r, err := e.In()
	if err != nil {
		return err
	}
	if _, err := r.Next(); err != nil {
		return err
	}
	return r.End()
}

// header reads a header, whose fields come in the order of their tags.
func header(head tlv.Element) (h Header, err error) {
	r, err := head.In()
	if err != nil {
		return h, err
	}
	for last := tlv.Tag(0); r.More(); {
		e, err := r.Next()
		if err != nil {
			return h, err
		}
		if e.Tag <= last {
			return h, e.Fault("comes too late, or twice")
		}
		last = e.Tag
		if !h.field(e.Tag, e.Value) {
			return h, e.Fault("is no field of a header, or not of that length")
		}
	}
	if h.Owner == 0 || h.Format == 0 {
		return h, head.Fault("does not tell owner and type of the format")
	}
	return h, nil
}

// field takes the value of one field.
func (h *Header) field(tag tlv.Tag, v []byte) bool {
	n := len(v)
	switch {
	case tag == 0x80 && n == 2:
		h.Version = binary.BigEndian.Uint16(v)
		return h.Version != 0
	case tag == 0x81 && n == 1:
		h.Modality = Modality(v[0])
		return h.Modality != 0
	case tag == 0x82 && n == 1:
		s := Subtype(v[0])
		h.Subtype = &s
	case tag == 0x83 && n == 7:
		h.Created = v
	case tag == 0x85 && n == 8:
		h.Validity = v
	case tag == 0x86 && (n == 2 || n == 4):
		h.Creator = v
	case tag == 0x87 && n == 2:
		h.Owner = binary.BigEndian.Uint16(v)
	case tag == 0x88 && n == 2:
		h.Format = Format(binary.BigEndian.Uint16(v))
	default:
		return false
	}
	return true
}
