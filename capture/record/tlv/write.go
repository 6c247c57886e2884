package tlv

// An Object is a data object to be written: a value, or other objects. Writing
// copies a value once, however deep it lies.
type Object struct {
	Tag   Tag
	Value []byte
	Parts []Object // used instead of Value if Tag is constructed
}

// Primitive is an object with a value.
func Primitive(tag Tag, value []byte) Object { return Object{Tag: tag, Value: value} }

// Constructed is an object made of others.
func Constructed(tag Tag, parts ...Object) Object { return Object{Tag: tag, Parts: parts} }

// Len is how many bytes the object has when written.
func (o Object) Len() int {
	n := o.inner()
	return HeadLen(o.Tag, n) + n
}

// inner is how many bytes the value has.
func (o Object) inner() int {
	n := len(o.Value)
	for _, p := range o.Parts {
		n += p.Len()
	}
	return n
}

// Append writes the object behind b. Its lengths are the shortest.
func (o Object) Append(b []byte) []byte {
	b = AppendHead(b, o.Tag, o.inner())
	b = append(b, o.Value...)
	for _, p := range o.Parts {
		b = p.Append(b)
	}
	return b
}

// Bytes is the object written into memory of just its size.
func (o Object) Bytes() []byte { return o.Append(make([]byte, 0, o.Len())) }

// AppendHead writes a tag, and the length of a value of n bytes that the caller
// writes himself. n is less than 1<<32.
func AppendHead(b []byte, tag Tag, n int) []byte {
	b = appendBytes(b, uint64(tag), tagBytes(tag))
	if more := lengthBytes(n) - 1; more > 0 {
		return appendBytes(append(b, 0x80|byte(more)), uint64(n), more)
	}
	return append(b, byte(n))
}

// HeadLen is how many bytes [AppendHead] writes.
func HeadLen(tag Tag, n int) int { return tagBytes(tag) + lengthBytes(n) }

// appendBytes writes the last n bytes of a number.
func appendBytes(b []byte, v uint64, n int) []byte {
	for n--; n >= 0; n-- {
		b = append(b, byte(v>>(8*n)))
	}
	return b
}

// tagBytes is how many bytes a tag has.
func tagBytes(t Tag) int {
	switch {
	case t > 0xFFFF:
		return 3
	case t > 0xFF:
		return 2
	}
	return 1
}

// lengthBytes is how many bytes the length of n bytes needs.
func lengthBytes(n int) int {
	bytes := 1
	if n >= 0x80 {
		for ; n > 0; n >>= 8 {
			bytes++
		}
	}
	return bytes
}
