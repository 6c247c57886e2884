package tlv

// Integer is an object with a whole number: two's complement, in the fewest
// bytes, as ISO/IEC 8825-1 has it.
func Integer(tag Tag, v int64) Object {
	n := 8
	for n > 1 && v<<(64-8*(n-1))>>(64-8*(n-1)) == v {
		n--
	}
	return Primitive(tag, appendBytes(nil, uint64(v), n))
}

// Int is the whole number an element holds: one to eight bytes, by DER no more
// than it needs.
func (e Element) Int() (int64, error) {
	b := e.Value
	switch {
	case len(b) == 0 || len(b) > 8:
		return 0, e.Fault("is a whole number of no or of more than eight bytes")
	case e.rules == DER && len(b) > 1 && (b[0] == 0 && b[1] < 0x80 || b[0] == 0xFF && b[1] >= 0x80):
		return 0, e.Fault("is a whole number of more bytes than it needs")
	}
	v := int64(int8(b[0]))
	for _, c := range b[1:] {
		v = v<<8 | int64(c)
	}
	return v, nil
}
