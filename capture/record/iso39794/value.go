package iso39794

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"optag/capture/record/tlv"
)

// A Flag is a BOOLEAN that may be left out.
type Flag uint8

const (
	Unstated Flag = iota
	No
	Yes
)

// FlagOf is a flag that is stated.
func FlagOf(v bool) Flag {
	if v {
		return Yes
	}
	return No
}

// integer is a whole number that must be there.
func (c *coder) integer(n int, field string, v *int, lo, hi int) {
	c.last = n
	got := int64(*v)
	if c.reading() {
		e, ok := c.take(context(n, false), field)
		if !ok {
			return
		}
		var err error
		if got, err = e.Int(); err != nil {
			c.broken(field, err)
			return
		}
		*v = int(got)
	} else {
		c.put(context(n, false), c.job.digits(got))
	}
	if got < int64(lo) || got > int64(hi) {
		c.fail(field, fmt.Sprintf("must be %d to %d", lo, hi), strconv.FormatInt(got, 10))
	}
}

// digits are the bytes of a whole number, no more than it needs. They are good
// until the next number.
func (j *job) digits(v int64) []byte {
	b := j.number[:]
	binary.BigEndian.PutUint64(b, uint64(v))
	for len(b) > 1 && (b[0] == 0 && b[1] < 0x80 || b[0] == 0xFF && b[1] >= 0x80) {
		b = b[1:]
	}
	return b
}

// mayInteger is a whole number that may be left out.
func (c *coder) mayInteger(n int, field string, v **int, lo, hi int) {
	if c.absent(n, false, *v == nil) {
		return
	}
	if c.reading() {
		*v = new(int)
	}
	c.integer(n, field, *v, lo, hi)
}

// serial is a whole number from 0 without an upper end that must be there; nil is
// written as 0.
func (c *coder) serial(n int, field string, v **big.Int) {
	c.last = n
	if c.reading() {
		e, ok := c.take(context(n, false), field)
		if !ok {
			return
		}
		if b := e.Value; len(b) == 0 || len(b) > 1 && b[0] == 0 && b[1] < 0x80 || b[0] >= 0x80 {
			c.fail(field, "must be a whole number from 0 in the fewest bytes", strconv.Itoa(len(b))+" bytes")
			return
		}
		*v = new(big.Int).SetBytes(e.Value)
		return
	}
	from := *v
	if from == nil {
		from = new(big.Int)
	}
	if from.Sign() < 0 {
		c.fail(field, "must be a whole number from 0", "below 0")
	}
	b := from.Bytes()
	if len(b) == 0 || b[0] >= 0x80 {
		b = append([]byte{0}, b...)
	}
	c.put(context(n, false), b)
}

// maySerial is a whole number from 0 that may be left out.
func (c *coder) maySerial(n int, field string, v **big.Int) {
	if !c.absent(n, false, *v == nil) {
		c.serial(n, field, v)
	}
}

// flag is a BOOLEAN that may be left out.
func (c *coder) flag(n int, field string, v *Flag) {
	if c.absent(n, false, *v == Unstated) {
		return
	}
	if !c.reading() {
		b := []byte{0}
		if *v == Yes {
			b[0] = 0xFF
		}
		c.put(context(n, false), b)
		return
	}
	e, ok := c.take(context(n, false), field)
	if !ok {
		return
	}
	if len(e.Value) != 1 || e.Value[0] != 0 && e.Value[0] != 0xFF {
		c.fail(field, "must be one byte, 00 or FF", strconv.Itoa(len(e.Value))+" bytes")
		return
	}
	*v = FlagOf(e.Value[0] != 0)
}

// octets is an OCTET STRING that must be there.
func (c *coder) octets(n int, field string, v *[]byte) {
	c.last = n
	c.text(context(n, false), field, v)
}

// mayOctets is an OCTET STRING that may be left out; nil leaves it out.
func (c *coder) mayOctets(n int, field string, v *[]byte) {
	if !c.absent(n, false, *v == nil) {
		c.octets(n, field, v)
	}
}

// text is a primitive object of bytes.
func (c *coder) text(tag tlv.Tag, field string, v *[]byte) {
	if !c.reading() {
		c.put(tag, *v)
	} else if e, ok := c.take(tag, field); ok {
		*v = e.Value
	}
}

// A Code is a value of a list. The base standard has two forms of it, a plain code
// and an extension block, in which a list of a later edition states a value of
// today's to fall back on, and ICAO's profile has the second alone. The zero Form
// is the plain one.
type Code[T coded] struct {
	Value      T
	Extended   bool   // an extension block, in which Value is the fallback
	Extensions []byte // fields behind the fallback: data objects in DER
}

// A coded value is a number of a list.
type coded interface {
	~int

	// names are the words of the schema for the values from 0 on, separated by
	// blanks; after a gap stands the number with the word: 13=rightFourFingers.
	names() string
}

// Of is a value in the plain form.
func Of[T coded](v T) Code[T] { return Code[T]{Value: v} }

// String is the value in the words of the schema.
func (k Code[T]) String() string { return spell(k.Value) }

// spell is the word of the schema for a value, its number if the list has none.
func spell[T coded](v T) string {
	if name, ok := lookup(v); ok {
		return name
	}
	return strconv.Itoa(int(v))
}

// lookup finds the word for a value, if the list has one.
func lookup[T coded](v T) (string, bool) {
	i := 0
	for name := range strings.FieldsSeq(v.names()) {
		if n, after, gap := strings.Cut(name, "="); gap {
			i, _ = strconv.Atoi(n)
			name = after
		}
		if i == int(v) {
			return name, true
		}
		i++
	}
	return "", false
}

func (k *Code[T]) fields(c *coder) {
	extended := k.Extended
	if c.reading() {
		extended = c.in.Peek() == context(1, true)
		k.Extended = extended
	} else if c.job.profile == ICAO {
		_, format := any(k.Value).(FaceImageDataFormat)
		extended = !format
	}
	if !extended {
		if k.value(c, "code"); len(k.Extensions) > 0 {
			c.fail("", "has no place for the fields of an extension", "")
		}
		return
	}
	c.within(1, "extensionBlock", func(c *coder) {
		k.value(c, "fallback")
		c.others(&k.Extensions)
	})
}

// value is the number itself, an ENUMERATED.
func (k *Code[T]) value(c *coder, field string) {
	v := int(k.Value)
	c.integer(0, field, &v, 0, math.MaxInt32)
	if c.reading() {
		k.Value = T(v)
	}
	if !c.ok() || !c.checks() {
		return
	}
	if _, ok := lookup(k.Value); !ok {
		c.fail(field, "is not in the list", strconv.Itoa(v))
	}
}
