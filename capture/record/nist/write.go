package nist

import (
	"bytes"
	"strconv"
)

// Bytes writes the file.
func (t *Transaction) Bytes() []byte { return t.Append(nil) }

// Append writes the file behind dst. LEN of each record and the list of records
// in 1.003 are kept as they were read where they are right, and set where they
// are not. Every image is copied once.
func (t *Transaction) Append(dst []byte) []byte {
	if len(t.Records) == 0 {
		return dst
	}
	head := *t.Records[0]
	head.Fields = append([]Field(nil), head.Fields...)
	if !t.listed() {
		head.Set(NewField(3, t.contents()...))
	}
	records := append([]*Record{&head}, t.Records[1:]...)

	total := 0
	lengths := make([][]byte, len(records))
	for i, r := range records {
		var n int
		n, lengths[i] = r.length()
		total += n
	}
	if free := cap(dst) - len(dst); free < total {
		dst = append(make([]byte, 0, len(dst)+total), dst...)
	}
	for i, r := range records {
		dst = r.append(dst, lengths[i])
	}
	return dst
}

// Set puts a field in the place of the first of its number, or behind the last
// field that has a lower one; LEN and IDC stand first and field 999 last. FS and GS
// in a text become spaces.
func (r *Record) Set(f Field) {
	f = f.whole(r.Type)
	at := len(r.Fields)
	for i := range r.Fields {
		if r.Fields[i].Number == f.Number {
			r.Fields[i].Value = f.Value
			return
		}
		if r.Fields[i].Number > f.Number {
			at = min(at, i)
		}
	}
	r.Fields = append(r.Fields[:at:at], append([]Field{f}, r.Fields[at:]...)...)
}

// contents is the list of records for field 1.003.
func (t *Transaction) contents() [][]string {
	list := [][]string{{"1", strconv.Itoa(len(t.Records) - 1)}}
	for _, r := range t.Records[1:] {
		list = append(list, []string{strconv.Itoa(r.Type), strconv.Itoa(max(r.IDC(), 0))})
	}
	return list
}

// listed reports whether field 1.003 lists the records, in whatever form of the
// numbers. An IDC that was read wrong stays wrong, for [Check] to say.
func (t *Transaction) listed() bool {
	f, _ := t.Records[0].Field(3)
	entry, rest, more := bytes.Cut(f.Value, []byte{rs})
	_, count, _ := bytes.Cut(entry, []byte{us})
	if number(count) != len(t.Records)-1 {
		return false
	}
	for _, r := range t.Records[1:] {
		if !more {
			return false
		}
		entry, rest, more = bytes.Cut(rest, []byte{rs})
		typ, idc, _ := bytes.Cut(entry, []byte{us})
		if number(typ) != r.Type || f.tag == nil && number(idc) != r.IDC() {
			return false
		}
	}
	return !more
}

// length returns the number of bytes of a record, and what its LEN has to say:
// what it says already, where that is right.
func (r *Record) length() (int, []byte) {
	if len(r.Whole) > 0 {
		return len(r.Whole), nil
	}
	if len(r.Fields) == 0 {
		return 0, nil
	}
	var tag [32]byte
	n := -len(r.Fields[0].Value)
	for _, f := range r.Fields {
		n += len(tagOf(tag[:0], r.Type, f)) + len(f.Value) + 1 // and the separator behind it
	}
	if says := r.Fields[0].Value; number(says) == n+len(says) {
		return n + len(says), says
	}
	digits := len(strconv.Itoa(n))
	if len(strconv.Itoa(n+digits)) > digits {
		digits++
	}
	return n + digits, strconv.AppendInt(nil, int64(n+digits), 10)
}

// append writes a record with the given LEN.
func (r *Record) append(dst, length []byte) []byte {
	if len(r.Whole) > 0 {
		return append(dst, r.Whole...)
	}
	for i, f := range r.Fields {
		if i > 0 {
			dst = append(dst, gs)
			length = f.Value
		}
		dst = append(tagOf(dst, r.Type, f), length...)
	}
	return append(dst, fs)
}
