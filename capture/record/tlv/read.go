// Package tlv takes data objects of BER-TLV apart and puts them together: tag,
// length, value, as ISO/IEC 7816-4 and ISO/IEC 8825-1 lay them out and as the
// files of a travel document, CBEFF and ISO/IEC 39794 use them. Lengths are
// definite, of one to five bytes; tags have one to three bytes. What the tags
// mean is left to the packages that know the files.
package tlv

import (
	"fmt"
	"strings"
)

// A Tag is the tag of a data object, its bytes read as one number: 0x02, 0x7F61.
type Tag uint32

// Constructed reports whether the value of an object with this tag is made of
// data objects.
func (t Tag) Constructed() bool { return t.first()&0x20 != 0 }

// first is the first byte of a tag.
func (t Tag) first() byte {
	for t > 0xFF {
		t >>= 8
	}
	return byte(t)
}

// String writes the tag in hexadecimal, two digits for each byte.
func (t Tag) String() string {
	s := fmt.Sprintf("%X", uint32(t))
	return strings.Repeat("0", len(s)%2) + s
}

// Rules say which of the encodings of a length are read. What is written follows
// [DER], and so [BER].
type Rules uint8

const (
	BER Rules = iota // lengths may have more bytes than they need
	DER              // the shortest length only
)

// MaxDepth is how deep objects may lie in one another. The deepest file that is
// specified, a face by ISO/IEC 39794-5 in its template, needs about twenty.
const MaxDepth = 32

// An Element is a data object as it was read.
type Element struct {
	Tag   Tag
	Value []byte // a part of what is read, not a copy
	At    int    // where its tag begins: bytes from the beginning of what is read
	Head  int    // bytes of tag and length together
	depth int
	rules Rules
}

// A Fault says what is wrong with an object. It holds nothing of a value.
type Fault struct {
	At   int    // where the object begins: bytes from the beginning of what is read
	Tag  Tag    // of the object; 0 where no tag could be read
	Rule string // what is not kept
}

func (f *Fault) Error() string {
	if f.Tag == 0 {
		return fmt.Sprintf("reading data objects at byte %d: %s", f.At, f.Rule)
	}
	return fmt.Sprintf("reading data object %v at byte %d: %s", f.Tag, f.At, f.Rule)
}

// Fault makes a fault of an object, for those who know what it should hold.
func (e Element) Fault(rule string) *Fault { return &Fault{At: e.At, Tag: e.Tag, Rule: rule} }

// A Reader reads the objects that stand one after the other. Every error it
// returns is a *[Fault].
type Reader struct {
	rest  []byte
	at    int // of rest
	depth int
	rules Rules
}

// NewReader reads the objects in b.
func NewReader(b []byte, rules Rules) *Reader { return &Reader{rest: b, rules: rules} }

// In reads the objects within an element, which must be constructed.
func (e Element) In() (*Reader, error) {
	switch {
	case !e.Tag.Constructed():
		return nil, e.Fault("holds no other objects")
	case e.depth+1 >= MaxDepth:
		return nil, e.Fault("lies too deep")
	}
	return &Reader{rest: e.Value, at: e.At + e.Head, depth: e.depth + 1, rules: e.rules}, nil
}

// More reports whether something is left to read.
func (r *Reader) More() bool { return len(r.rest) > 0 }

// At is where the reader stands: bytes from the beginning of what is read.
func (r *Reader) At() int { return r.at }

// Peek is the tag of the next object, 0 if there is none.
func (r *Reader) Peek() Tag {
	tag, _, _ := readTag(r.rest)
	return tag
}

// Next reads one object.
func (r *Reader) Next() (Element, error) {
	tag, n, rule := readTag(r.rest)
	if rule == "" {
		var size, head int
		if size, head, rule = readLength(r.rest[n:], r.rules); rule == "" {
			e := Element{Tag: tag, At: r.at, Head: n + head, depth: r.depth, rules: r.rules}
			end := e.Head + size
			e.Value = r.rest[e.Head:end:end]
			r.rest, r.at = r.rest[end:], r.at+end
			return e, nil
		}
	}
	return Element{}, &Fault{At: r.at, Tag: tag, Rule: rule}
}

// Want reads the next object, which must have this tag.
func (r *Reader) Want(tag Tag) (Element, error) {
	if !r.More() {
		return Element{}, &Fault{At: r.at, Rule: tag.String() + " is missing"}
	}
	if got := r.Peek(); got != tag {
		return Element{}, &Fault{At: r.at, Tag: got, Rule: "stands in the place of " + tag.String()}
	}
	return r.Next()
}

// Maybe reads the next object if it has this tag.
func (r *Reader) Maybe(tag Tag) (e Element, ok bool, err error) {
	if !r.More() || r.Peek() != tag {
		return Element{}, false, nil
	}
	e, err = r.Next()
	return e, err == nil, err
}

// End is nil when everything has been read.
func (r *Reader) End() error {
	if !r.More() {
		return nil
	}
	return &Fault{At: r.at, Tag: r.Peek(), Rule: "is one too many"}
}

// readTag reads a tag and says how many bytes it has. A number of the second
// byte below 31, as in 5F01, is used on travel documents and therefore read.
func readTag(b []byte) (tag Tag, n int, rule string) {
	if len(b) == 0 {
		return 0, 0, "an object is missing"
	}
	if b[0] == 0 {
		return 0, 0, "tag 00, which only ends an indefinite length"
	}
	tag = Tag(b[0])
	if b[0]&0x1F != 0x1F {
		return tag, 1, ""
	}
	for n = 1; n < 3; n++ {
		if n == len(b) {
			return 0, 0, "a tag that ends early"
		}
		tag = tag<<8 | Tag(b[n])
		if n == 1 && b[n]&0x7F == 0 {
			return 0, 0, "a tag with nothing in its second byte"
		}
		if b[n]&0x80 == 0 {
			return tag, n + 1, ""
		}
	}
	return 0, 0, "a tag of more than three bytes"
}

// readLength reads the length of a value that must lie in what follows it.
func readLength(b []byte, rules Rules) (size, n int, rule string) {
	if len(b) == 0 {
		return 0, 0, "has no length"
	}
	if b[0] == 0x80 {
		return 0, 0, "has an indefinite length"
	}
	size, n = int(b[0]), 1
	if b[0] > 0x80 {
		n += int(b[0] & 0x7F)
		if n > 5 {
			return 0, 0, "has a length of more than five bytes"
		}
		if len(b) < n {
			return 0, 0, "has a length that ends early"
		}
		var long uint64
		for _, c := range b[1:n] {
			long = long<<8 | uint64(c)
		}
		if long > uint64(len(b)-n) {
			return 0, 0, "is longer than what holds it"
		}
		size = int(long)
	}
	if size > len(b)-n {
		return 0, 0, "is longer than what holds it"
	}
	if rules == DER && n != lengthBytes(size) {
		return 0, 0, "has a length of more bytes than it needs"
	}
	return size, n, ""
}
