package iso39794

import (
	"errors"
	"fmt"
	"strconv"

	"optag/capture/record/tlv"
)

// A block is a SEQUENCE or CHOICE of the schema. It lists its fields once, in the
// order of their tags, for reading, checking and writing alike.
type block interface{ fields(*coder) }

// A pointer is how a block of type B is reached.
type pointer[B any] interface {
	*B
	block
}

// A coder goes through the fields of one block: it fills them from what is read,
// or measures or writes them. After the first fault it does nothing more.
type coder struct {
	up   *coder
	name string // of the block in the one above: a field's, or [0] in a list
	last int    // tag number of the field that came last, -1 before the first
	in   *tlv.Reader
	size int // of what was measured
	job  *job
}

// A job is what the coders of one record have in common. A record is written in
// two goes, so that an image is copied once, however deep it lies: the first
// measures the blocks and finds the faults, the second knows how long each is.
type job struct {
	profile Profile
	fault   *Fault
	read    []byte
	out     []byte // nil but in the second go
	sizes   []int  // of the blocks, in the order in which they begin
	number  [8]byte
	depth   int
	coders  [tlv.MaxDepth]coder // of the blocks gone into, one in the other
}

// read fills a block from the one object in b.
func read(b []byte, tag tlv.Tag, to block) error {
	c := newCoder(&job{read: b})
	r := tlv.NewReader(b, tlv.DER)
	e, err := r.Want(tag)
	if err == nil {
		err = r.End()
	}
	if err == nil {
		c.in, err = e.In()
	}
	if c.broken("", err); c.ok() {
		to.fields(c)
		c.end()
	}
	return c.job.err()
}

// write makes one object of a block.
func write(tag tlv.Tag, from block, p Profile) ([]byte, error) {
	j := &job{profile: p}
	c := newCoder(j)
	if from.fields(c); !c.ok() {
		return nil, j.err()
	}
	j.out = tlv.AppendHead(make([]byte, 0, tlv.HeadLen(tag, c.size)+c.size), tag, c.size)
	from.fields(newCoder(j))
	return j.out, nil
}

// newCoder is the coder of a record.
func newCoder(j *job) *coder {
	c := &j.coders[0]
	*c = coder{last: -1, job: j}
	return c
}

// err is the fault as an error, nil if there is none.
func (j *job) err() error {
	if j.fault == nil {
		return nil
	}
	return j.fault
}

func (c *coder) ok() bool      { return c.job.fault == nil }
func (c *coder) reading() bool { return c.in != nil }
func (c *coder) checks() bool  { return c.job.out == nil }

// where is the path of a field of the block, or of the block itself.
func (c *coder) where(field string) string {
	if c.up == nil {
		return field
	}
	path := c.up.where(c.name)
	if field != "" && field[0] != '[' {
		path += "."
	}
	return path + field
}

// fail states a fault, if it is the first.
func (c *coder) fail(field, rule, value string) {
	if c.ok() {
		c.job.fault = &Fault{Where: c.where(field), Rule: rule, Value: value}
	}
}

// broken states what is wrong with the encoding, if something is.
func (c *coder) broken(field string, err error) {
	var f *tlv.Fault
	if !errors.As(err, &f) {
		return
	}
	found := f.Tag.String()
	if f.Tag == 0 {
		found = "byte " + strconv.Itoa(f.At)
	}
	c.fail(field, f.Rule, found)
}

// context is the tag with a number of the context class.
func context(n int, constructed bool) tlv.Tag {
	if constructed {
		return tlv.Tag(0xA0 | n)
	}
	return tlv.Tag(0x80 | n)
}

// absent reports whether optional field n is left out: of what is read, or of
// what is to be written, where empty says so.
func (c *coder) absent(n int, constructed, empty bool) bool {
	c.last = n
	if c.reading() {
		return !c.ok() || c.in.Peek() != context(n, constructed)
	}
	return empty
}

// take reads an object that must come next.
func (c *coder) take(tag tlv.Tag, field string) (e tlv.Element, ok bool) {
	if !c.ok() {
		return e, false
	}
	if got := c.in.Peek(); got != tag && got != 0 {
		c.fail(field, "is missing, and something else in its place", got.String())
		return e, false
	}
	if !c.in.More() {
		c.fail(field, "is missing", "")
		return e, false
	}
	e, err := c.in.Next()
	c.broken(field, err)
	return e, err == nil
}

// put writes an object.
func (c *coder) put(tag tlv.Tag, value []byte) {
	if j := c.job; c.checks() {
		c.size += tlv.HeadLen(tag, len(value)) + len(value)
	} else {
		j.out = append(tlv.AppendHead(j.out, tag, len(value)), value...)
	}
}

// inside goes into an object that holds others.
func (c *coder) inside(tag tlv.Tag, field string, body func(*coder)) {
	j := c.job
	if j.depth+1 == len(j.coders) || !c.ok() {
		c.fail(field, "lies too deep", "")
		return
	}
	j.depth++
	in := &j.coders[j.depth]
	*in = coder{up: c, name: field, last: -1, job: j}
	if c.reading() {
		in.enter(tag, body)
	} else {
		in.write(tag, body)
	}
	j.depth--
}

// enter reads a block.
func (c *coder) enter(tag tlv.Tag, body func(*coder)) {
	e, ok := c.up.take(tag, c.name)
	if !ok {
		return
	}
	r, err := e.In()
	if c.broken("", err); err == nil {
		c.in = r
		body(c)
		c.end()
	}
}

// write measures a block in the first go, and writes it in the second.
func (c *coder) write(tag tlv.Tag, body func(*coder)) {
	j := c.job
	if !c.checks() {
		j.out = tlv.AppendHead(j.out, tag, j.sizes[0])
		j.sizes = j.sizes[1:]
		body(c)
		return
	}
	i := len(j.sizes)
	j.sizes = append(j.sizes, 0)
	body(c)
	j.sizes[i] = c.size
	c.up.size += tlv.HeadLen(tag, c.size) + c.size
}

// end sees to it that nothing of a block is left over.
func (c *coder) end() {
	if c.ok() && c.in.More() {
		c.fail("", "holds a field that is unknown, repeated or out of order", c.in.Peek().String())
	}
}

// within goes into field n, which holds others.
func (c *coder) within(n int, field string, body func(*coder)) {
	c.last = n
	c.inside(context(n, true), field, body)
}

// block goes through a block that must be there.
func (c *coder) block(n int, field string, b block) { c.within(n, field, b.fields) }

// may goes through a block that may be left out.
func may[B any, P pointer[B]](c *coder, n int, field string, b **B) {
	if c.absent(n, true, *b == nil) {
		return
	}
	if c.reading() {
		*b = new(B)
	}
	c.block(n, field, P(*b))
}

// list goes through a SEQUENCE OF blocks. One that may be left out is left out
// when it is nil, and written without blocks when it is empty.
func list[B any, P pointer[B]](c *coder, n int, field string, bs *[]B) {
	each(c, n, field, bs, func(c *coder, item string, b *B) { c.inside(0x30, item, P(b).fields) })
}

// mayList is a list that may be left out.
func mayList[B any, P pointer[B]](c *coder, n int, field string, bs *[]B) {
	if !c.absent(n, true, *bs == nil) {
		list[B, P](c, n, field, bs)
	}
}

// each goes through a SEQUENCE OF anything, whose items are called [0], [1]...
func each[B any](c *coder, n int, field string, bs *[]B, one func(c *coder, item string, b *B)) {
	c.within(n, field, func(c *coder) {
		if !c.reading() {
			for i := range *bs {
				one(c, item(i), &(*bs)[i])
			}
			return
		}
		*bs = []B{}
		for c.ok() && c.in.More() {
			var b B
			one(c, item(len(*bs)), &b)
			*bs = append(*bs, b)
		}
	})
}

func item(i int) string {
	if i < 10 {
		return "[0][1][2][3][4][5][6][7][8][9]"[3*i : 3*i+3] // nothing to allocate
	}
	return "[" + strconv.Itoa(i) + "]"
}

// others goes through the fields behind "..." of an extensible block: each with a
// tag of the context class above those of the schema, in order, and in DER
// however deep.
func (c *coder) others(fields *[]byte) {
	r := c.in
	if !c.reading() {
		if len(*fields) == 0 {
			return
		}
		r = tlv.NewReader(*fields, tlv.DER)
	}
	from := r.At()
	for last := c.last; c.ok() && r.More(); {
		tag := r.Peek()
		n, ok := number(tag)
		if tag != 0 && (!ok || n <= last) {
			c.fail("", "holds a field that is unknown, repeated or out of order", tag.String())
			return
		}
		e, err := r.Next()
		if err == nil {
			err = sound(e)
		}
		if c.broken("", err); err != nil {
			return
		}
		last = n
		if !c.reading() {
			c.put(tag, e.Value)
		}
	}
	if c.reading() && r.At() > from {
		*fields = c.job.read[from:r.At():r.At()]
	}
}

// number is the number of a tag of the context class.
func number(t tlv.Tag) (n int, ok bool) {
	switch {
	case t <= 0xFF:
		return int(t & 0x1F), t&0xC0 == 0x80
	case t <= 0xFFFF:
		return int(t & 0x7F), t&0xC000 == 0x8000
	}
	return int(t>>8&0x7F)<<7 | int(t&0x7F), t&0xC00000 == 0x800000
}

// sound goes through all that lies in an element.
func sound(e tlv.Element) error {
	if !e.Tag.Constructed() {
		return nil
	}
	r, err := e.In()
	for err == nil && r.More() {
		var in tlv.Element
		if in, err = r.Next(); err == nil {
			err = sound(in)
		}
	}
	return err
}

// one sees to it that a CHOICE holds just one of its alternatives.
func (c *coder) one(held ...bool) {
	n := 0
	for _, h := range held {
		if h {
			n++
		}
	}
	if n != 1 {
		c.fail("", "must hold one alternative", fmt.Sprint(n))
	}
}
