package lds

import (
	"slices"
	"strings"
	"unicode/utf8"

	"optag/capture/record/tlv"
)

// A Holder is DG11: what is not in the machine readable zone about the holder.
// Fields that the chip does not have are empty.
type Holder struct {
	Name           Name
	OtherNames     []Name
	PersonalNumber string
	Birth          string // YYYYMMDD; what is not known is 00
	Birthplace     []string
	Address        []string
	Telephone      string
	Profession     string
	Title          string
	Summary        string
	Citizenship    []byte   // image of a proof
	OtherDocuments []string // numbers
	Custody        string
}

// An Issue is DG12: what is not in the machine readable zone about the document.
type Issue struct {
	Authority    string
	Date         string // YYYYMMDD
	OtherPersons []Name
	Endorsements string
	TaxExit      string
	Front, Rear  []byte // images
	Personalised string // YYYYMMDDhhmmss
	System       string // serial number of the personalisation system
}

// A Name is as the chip has it: PRIMARY<<SECONDARY, the components parted by "<".
type Name string

// Parts are the two identifiers, their components parted by blanks.
func (n Name) Parts() (primary, secondary string) {
	primary, secondary, _ = strings.Cut(string(n), "<<")
	plain := func(s string) string { return strings.Join(strings.FieldsFunc(s, filler), " ") }
	return plain(primary), plain(secondary)
}

func filler(r rune) bool { return r == '<' || r == ' ' }

// String returns nothing of the name.
func (Name) String() string { return "name of the holder" }

// A field is a data object of DG11 or DG12 and what becomes of it.
type field struct {
	tag   tlv.Tag
	read  func(tlv.Element) error
	write func() []byte // nil where there is nothing
}

// others is the template in which several names lie, each in an object of its own
// tag.
const others = tlv.Tag(0xA0)

func (h *Holder) fields() []field {
	return []field{
		text(0x5F0E, &h.Name), names(0x5F0F, &h.OtherNames), text(0x5F10, &h.PersonalNumber), date(0x5F2B, 8, &h.Birth),
		list(0x5F11, &h.Birthplace), list(0x5F42, &h.Address), text(0x5F12, &h.Telephone), text(0x5F13, &h.Profession),
		text(0x5F14, &h.Title), text(0x5F15, &h.Summary), raw(0x5F16, &h.Citizenship), list(0x5F17, &h.OtherDocuments),
		text(0x5F18, &h.Custody),
	}
}

func (i *Issue) fields() []field {
	return []field{
		text(0x5F19, &i.Authority), date(0x5F26, 8, &i.Date), names(0x5F1A, &i.OtherPersons), text(0x5F1B, &i.Endorsements),
		text(0x5F1C, &i.TaxExit), raw(0x5F1D, &i.Front), raw(0x5F1E, &i.Rear), date(0x5F55, 14, &i.Personalised),
		text(0x5F56, &i.System),
	}
}

// ParseDG11 reads the details of the holder.
func ParseDG11(b []byte) (Holder, error) {
	var h Holder
	err := readFields(DG11, b, h.fields())
	return h, Named(DG11, err)
}

// Bytes writes DG11. Birth has eight digits or is empty.
func (h Holder) Bytes() []byte { return writeFields(DG11, h.fields()) }

// ParseDG12 reads the details of the document.
func ParseDG12(b []byte) (Issue, error) {
	var i Issue
	err := readFields(DG12, b, i.fields())
	return i, Named(DG12, err)
}

// Bytes writes DG12.
func (i Issue) Bytes() []byte { return writeFields(DG12, i.fields()) }

// readFields reads a list of tags and the objects behind it. Objects that are
// not known are passed over; the list is not compared with them, for many chips
// have it wrong.
func readFields(f File, b []byte, fields []field) error {
	_, r, err := open(f, b)
	if err != nil {
		return err
	}
	if _, _, err := r.Maybe(0x5C); err != nil {
		return err
	}
	seen := map[tlv.Tag]bool{}
	for r.More() {
		e, err := r.Next()
		if err != nil {
			return err
		}
		if e.Tag == others {
			err = readOthers(e, fields, seen)
		} else {
			err = readField(e, fields, seen)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func readField(e tlv.Element, fields []field, seen map[tlv.Tag]bool) error {
	i := slices.IndexFunc(fields, func(f field) bool { return f.tag == e.Tag })
	if i < 0 {
		return nil
	}
	if seen[e.Tag] {
		return e.Fault("comes twice")
	}
	seen[e.Tag] = e.Tag != 0x5F0F && e.Tag != 0x5F1A // the names of others
	return fields[i].read(e)
}

// readOthers reads a template of several names, which says first how many.
func readOthers(e tlv.Element, fields []field, seen map[tlv.Tag]bool) error {
	r, err := e.In()
	if err != nil {
		return err
	}
	count, err := r.Want(0x02)
	if err != nil {
		return err
	}
	n := 0
	for ; r.More(); n++ {
		name, err := r.Next()
		if err != nil {
			return err
		}
		if err := readField(name, fields, seen); err != nil {
			return err
		}
	}
	if len(count.Value) != 1 || int(count.Value[0]) != n {
		return count.Fault("is another number than that of the names")
	}
	return nil
}

func writeFields(f File, fields []field) []byte {
	var tags []byte
	parts := []tlv.Object{{}}
	for _, d := range fields {
		v := d.write()
		if len(v) == 0 {
			continue
		}
		tags = append(tags, byte(d.tag>>8), byte(d.tag))
		if d.tag == 0x5F0F || d.tag == 0x5F1A {
			parts = append(parts, tlv.Primitive(others, v))
		} else {
			parts = append(parts, tlv.Primitive(d.tag, v))
		}
	}
	parts[0] = tlv.Primitive(0x5C, tags)
	return tlv.Constructed(f.Tag(), parts...).Bytes()
}

// utf is text as UTF-8, which chips of before 2006 do not have: those have
// ISO/IEC 8859-1.
func utf(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return s.String()
}

func text[T ~string](tag tlv.Tag, p *T) field {
	return field{tag, func(e tlv.Element) error { *p = T(utf(e.Value)); return nil }, func() []byte { return []byte(*p) }}
}

func raw(tag tlv.Tag, p *[]byte) field {
	return field{tag, func(e tlv.Element) error { *p = e.Value; return nil }, func() []byte { return *p }}
}

// list is text of several parts, parted by "<".
func list(tag tlv.Tag, p *[]string) field {
	return field{tag, func(e tlv.Element) error {
		for part := range strings.SplitSeq(utf(e.Value), "<") {
			if part = strings.TrimSpace(part); part != "" {
				*p = append(*p, part)
			}
		}
		return nil
	}, func() []byte { return []byte(strings.Join(*p, "<")) }}
}

// date is a date of n digits, which older chips have as n/2 bytes of BCD.
func date(tag tlv.Tag, n int, p *string) field {
	return field{tag, func(e tlv.Element) error {
		v := e.Value
		if len(v) == n/2 {
			v = make([]byte, 0, n)
			for _, c := range e.Value {
				v = append(v, '0'+c>>4, '0'+c&0xF)
			}
		}
		if len(v) != n || !digits(v) {
			return e.Fault("is no date")
		}
		*p = string(v)
		return nil
	}, func() []byte { return []byte(*p) }}
}

func names(tag tlv.Tag, p *[]Name) field {
	return field{tag, func(e tlv.Element) error { *p = append(*p, Name(utf(e.Value))); return nil }, func() []byte {
		if len(*p) == 0 {
			return nil
		}
		b := tlv.Integer(0x02, int64(len(*p))).Bytes()
		for _, n := range *p {
			b = tlv.Primitive(tag, []byte(n)).Append(b)
		}
		return b
	}}
}
