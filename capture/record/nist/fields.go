package nist

import (
	"fmt"
	"slices"
	"strconv"
)

// A maker collects the fields of a record. Values that are empty or zero are
// left out: a field without a value does not exist in the traditional encoding.
type maker struct {
	typ    int
	fields []Field
}

func (m *maker) add(f Field) { m.fields = append(m.fields, f) }

// text adds a field of one sub-field, without the empty items at its end.
func (m *maker) text(number int, items ...string) {
	for len(items) > 0 && items[len(items)-1] == "" {
		items = items[:len(items)-1]
	}
	if len(items) > 0 {
		m.add(NewField(number, items))
	}
}

func (m *maker) number(number, value int) {
	if value != 0 {
		m.text(number, strconv.Itoa(value))
	}
}

func (m *maker) list(number int, subfields [][]string) {
	if len(subfields) > 0 {
		m.add(NewField(number, subfields...))
	}
}

func (m *maker) data(image []byte) {
	if len(image) > 0 {
		m.add(Field{Number: fieldDATA, Value: image})
	}
}

// other adds the fields of the caller. LEN and IDC are made here.
func (m *maker) other(fields []Field) {
	for _, f := range fields {
		if f.Number > fieldIDC {
			m.add(Field{Number: f.Number, Value: f.whole(m.typ).Value})
		}
	}
}

// record returns the record, its fields in ascending order and its length said.
func (m *maker) record() *Record {
	r := &Record{Type: m.typ, Fields: append([]Field{{Number: fieldLEN}}, m.fields...)}
	slices.SortStableFunc(r.Fields, func(a, b Field) int { return a.Number - b.Number })
	_, r.Fields[0].Value = r.length()
	return r
}

// A reader takes the fields of a record, and keeps what was first wrong with one
// and which ones nobody asked for.
type reader struct {
	rec   *Record
	asked []int
	err   error
}

func (r *reader) seen(number int) { r.asked = append(r.asked, number) }

func (r *reader) text(number int) string {
	r.seen(number)
	return r.rec.Text(number)
}

func (r *reader) list(number int) [][]string {
	r.seen(number)
	f, _ := r.rec.Field(number)
	return f.Subfields()
}

// item returns an item of the first sub-field.
func (r *reader) item(number, i int) string {
	list := r.list(number)
	if len(list) == 0 {
		return ""
	}
	return at(list[0], i)
}

// number reads a field of digits; a field that is not there is 0.
func (r *reader) number(number int) int {
	s := r.text(number)
	if s == "" {
		return 0
	}
	return r.atoi(number, s)
}

// atoi reads an item of digits.
func (r *reader) atoi(field int, s string) int {
	n := number([]byte(s))
	if n < 0 && r.err == nil {
		r.err = fmt.Errorf("reading field %d.%03d: an item is no number", r.rec.Type, field)
	}
	return max(n, 0)
}

// hex reads an item of up to four hexadecimal digits.
func (r *reader) hex(field int, s string) uint16 {
	n, err := strconv.ParseUint(s, 16, 16)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("reading field %d.%03d: an item is no hexadecimal number", r.rec.Type, field)
	}
	return uint16(n)
}

// rest returns the fields that were not asked for, but for LEN and IDC.
func (r *reader) rest() []Field {
	var rest []Field
	for _, f := range r.rec.Fields {
		if f.Number > fieldIDC && !slices.Contains(r.asked, f.Number) {
			rest = append(rest, f)
		}
	}
	return rest
}

// at returns an item, or "" where there are not so many.
func at(items []string, i int) string {
	if i < len(items) {
		return items[i]
	}
	return ""
}
