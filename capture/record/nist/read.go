package nist

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// Parse reads a file. The values are slices of data, which must not change as
// long as they are used; no image is copied.
//
// An error says why the bytes cannot be told apart: a length, a separator or a
// tag that is not where it must be, a list of records that is not the file's,
// an end too early or too late. It holds nothing of what the file says.
func Parse(data []byte) (*Transaction, error) {
	first, rest, err := cutTagged(data, 1)
	if err != nil {
		return nil, place(err, 0, 1, 0)
	}
	listed, err := contents(first)
	if err != nil {
		return nil, place(err, 0, 1, 0)
	}
	t := &Transaction{Records: append(make([]*Record, 0, 1+len(listed)), first)}
	for i, typ := range listed {
		cut := cutTagged
		if isBinary(typ) {
			cut = cutBinary
		}
		at := len(data) - len(rest)
		var r *Record
		if r, rest, err = cut(rest, typ); err != nil {
			return nil, place(err, 1+i, typ, at)
		}
		t.Records = append(t.Records, r)
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("reading a transaction: %d bytes behind the last record that 1.003 lists", len(rest))
	}
	return t, nil
}

// place says in which record an error was met.
func place(err error, index, typ, at int) error {
	return fmt.Errorf("reading record %d (Type-%d) at byte %d: %w", index+1, typ, at, err)
}

// contents reads the types of the further records from field 1.003, CNT: first
// 1 and their number, then the type and the IDC of each.
func contents(first *Record) ([]int, error) {
	f, ok := first.Field(3)
	if !ok {
		return nil, errors.New("no field 1.003 lists the records")
	}
	listed := bytes.Split(f.Value, []byte{rs})
	_, count, _ := bytes.Cut(listed[0], []byte{us})
	n := number(count)
	if n < 0 {
		return nil, errors.New("1.003 does not say how many records follow")
	}
	if n != len(listed)-1 {
		return nil, fmt.Errorf("1.003 counts %d further records and lists %d", n, len(listed)-1)
	}
	types := make([]int, n)
	for i, s := range listed[1:] {
		typ, _, _ := bytes.Cut(s, []byte{us})
		if types[i] = number(typ); types[i] < 2 || types[i] > 99 {
			return nil, fmt.Errorf("entry %d of 1.003 names no record type", i+2)
		}
	}
	return types, nil
}

// cutBinary takes a record of Types 3 to 8 off the front.
func cutBinary(data []byte, typ int) (*Record, []byte, error) {
	if len(data) < 5 {
		return nil, nil, errors.New("the file ends within the record's length")
	}
	n := int64(binary.BigEndian.Uint32(data))
	if n < 5 || n > int64(len(data)) {
		return nil, nil, fmt.Errorf("its length says %d, and %d bytes are left", n, len(data))
	}
	return &Record{Type: typ, Whole: data[:n:n]}, data[n:], nil
}

// cutTagged takes a tagged record off the front.
func cutTagged(data []byte, typ int) (*Record, []byte, error) {
	n, err := taggedLength(data, typ)
	if err != nil {
		return nil, nil, err
	}
	rec := data[:n:n]
	fields, err := splitFields(rec[:n-1], typ)
	switch {
	case err == nil:
		return &Record{Type: typ, Fields: fields}, data[n:], nil
	case viewed(typ):
		return nil, nil, err
	}
	return &Record{Type: typ, Whole: rec}, data[n:], nil
}

// viewed reports whether records of a type have to be understood, field by field.
func viewed(typ int) bool {
	return typ <= 2 || typ == 10 || typ >= 13 && typ <= 15
}

// taggedLength finds the length of the record at the front: its first field must
// be LEN, and FS must stand where LEN says.
func taggedLength(data []byte, typ int) (int, error) {
	head := data[:min(len(data), 64)]
	end := bytes.IndexAny(head, "\x1c\x1d")
	if end < 0 {
		return 0, errors.New("no field LEN at its beginning")
	}
	f, _, err := cutField(head[:end], typ)
	if err != nil {
		return 0, err
	}
	n := number(f.Value)
	switch {
	case f.Number != fieldLEN:
		return 0, fmt.Errorf("its first field is %d.%03d, not LEN", typ, f.Number)
	case n < 0:
		return 0, errors.New("LEN is no number of up to nine digits")
	case n > len(data):
		return 0, fmt.Errorf("LEN says %d, and %d bytes are left", n, len(data))
	case n <= end:
		return 0, fmt.Errorf("LEN says %d, which ends within LEN itself", n)
	case data[n-1] != fs:
		return 0, fmt.Errorf("LEN says %d, and no FS stands there", n)
	}
	return n, nil
}

// splitFields splits a record without its FS.
func splitFields(rec []byte, typ int) ([]Field, error) {
	fields := make([]Field, 0, 20) // as many as a print has
	for more := true; more; {
		f, rest, err := cutField(rec, typ)
		if err != nil {
			return nil, err
		}
		fields = append(fields, f)
		rec, more = rest, rest != nil
	}
	return fields, nil
}

// cutField takes a field off the front. The rest is nil behind the last one.
// Field 999 of a record with an image is everything that is left.
func cutField(rec []byte, typ int) (Field, []byte, error) {
	tag, _, found := bytes.Cut(rec[:min(len(rec), 16)], []byte{':'})
	major, minor, point := bytes.Cut(tag, []byte{'.'})
	f := Field{Number: number(minor), tag: tag}
	switch {
	case !found || !point || number(major) < 0 || f.Number < 1:
		return Field{}, nil, errors.New("a field does not begin with its number")
	case number(major) != typ:
		return Field{}, nil, fmt.Errorf("a field of Type-%d stands in it", number(major))
	}
	value := rec[len(tag)+1:]
	if f.Number == fieldDATA && hasData(typ) {
		f.Value = value[:len(value):len(value)]
		return f, nil, nil
	}
	var rest []byte
	if end := bytes.IndexByte(value, gs); end >= 0 {
		value, rest = value[:end:end], value[end+1:]
	}
	if bytes.IndexByte(value, fs) >= 0 {
		return Field{}, nil, fmt.Errorf("FS stands within field %d.%03d, before the end that LEN names", typ, f.Number)
	}
	f.Value = value
	return f, rest, nil
}
