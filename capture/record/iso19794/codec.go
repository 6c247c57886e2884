package iso19794

import "slices"

// A codec goes through a record field by field, either reading it or writing it,
// so that the layout and the rules stand in one place for both.
type codec struct {
	writing bool
	b       []byte // what is read; or what is written, behind what stood there
	base    int    // writing: where the record begins in b
	at, end int    // reading: the next byte, and the end of what may be read
	image   int    // the image this is about, from 1; 0 in the header
	last    Fault  // place and value of the last field
	faults  Faults
	broken  bool // reading makes no sense any more
}

// number is a field of a record.
type number interface {
	~uint8 | ~uint16 | ~uint32 | ~int
}

// num reads or writes a number of n bytes, the most significant first.
func num[T number](c *codec, where string, n int, v *T) {
	switch {
	case c.broken && c.writing:
		return
	case c.broken:
		*v = 0
		return
	case c.writing:
		c.last = Fault{At: len(c.b) - c.base, Image: c.image, Where: where, Value: uint64(*v)}
		c.must(uint64(*v)>>(8*n) == 0, "there is no room for so much")
		for n--; n >= 0; n-- {
			c.b = append(c.b, byte(uint64(*v)>>(8*n)))
		}
		return
	}
	b := c.take(where, n)
	if b == nil {
		*v = 0
		return
	}
	c.last.Value = 0
	for _, x := range b {
		c.last.Value = c.last.Value<<8 | uint64(x)
	}
	*v = T(c.last.Value)
}

// bytes reads n bytes, or writes what v holds.
func (c *codec) bytes(where string, n int, v *[]byte) {
	if c.writing {
		c.last = Fault{At: len(c.b) - c.base, Image: c.image, Where: where, Value: uint64(len(*v))}
		c.b = append(c.b, *v...)
		return
	}
	*v = c.take(where, n)
}

// take is the next n bytes of what is read, nil if there are not so many.
func (c *codec) take(where string, n int) []byte {
	if c.broken {
		return nil
	}
	c.last = Fault{At: c.at, Image: c.image, Where: where, Value: uint64(max(n, 0))}
	if n < 0 || n > c.end-c.at {
		c.last.Value = uint64(c.end - c.at)
		c.fail("it ends early")
		return nil
	}
	b := c.b[c.at : c.at+n : c.at+n]
	c.at += n
	return b
}

// left is how many bytes there are to read.
func (c *codec) left() int { return c.end - c.at }

// must notes a fault of the last field if a rule is not kept.
func (c *codec) must(kept bool, rule string) { c.mustAt(c.last, kept, rule) }

// mustAt notes a fault of a field that was passed earlier.
func (c *codec) mustAt(place Fault, kept bool, rule string) {
	if kept || c.broken || len(c.faults) == MaxFaults {
		return
	}
	place.Rule = rule
	c.faults = append(c.faults, place)
}

// fail notes a fault of the last field behind which nothing can be read.
func (c *codec) fail(rule string) {
	if len(c.faults) == MaxFaults {
		c.faults = c.faults[:MaxFaults-1]
	}
	c.must(false, rule)
	c.broken = true
}

// length passes the length of the record or of a part of it, the field itself
// included, of which before bytes have gone already. When reading, nothing can be
// read behind its end until the end is restored to what this returns.
func (c *codec) length(where string, n, size, before int) (outer int) {
	length := size
	num(c, where, n, &length)
	outer = c.end
	if c.writing || c.broken {
		return outer
	}
	if rest := length - n - before; uint64(length) != c.last.Value || rest < 0 || rest > c.left() {
		c.fail("there are other lengths around it")
	} else {
		c.end = c.at + rest
	}
	return outer
}

// in reports whether a code is one of a list.
func in[T comparable](code T, list ...T) bool { return slices.Contains(list, code) }

// done gives what a reader or writer returns.
func (c *codec) done() error {
	if len(c.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(c.faults, func(a, b Fault) int { return a.At - b.At })
	return c.faults
}
