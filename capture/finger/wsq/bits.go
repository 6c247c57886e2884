package wsq

import "errors"

// fastBits is the length of the codes that one look into a table decodes.
const fastBits = 11

// A lookup decodes a Huffman code.
type lookup struct {
	defined bool
	fast    [1 << fastBits]word16 // by the next fastBits bits; size 0: the code is longer, or none
	code    code
	first   [maxBits + 1]uint32 // first code of each length, at the left end of 16 bits
	limit   [maxBits + 1]uint32 // the one behind the last
	index   [maxBits + 1]int    // of the first one's symbol
}

// A word16 is a symbol and the length of its code.
type word16 struct{ symbol, size uint8 }

// build prepares a code. It refuses one that has more words than its lengths
// allow.
func (l *lookup) build(c *code) error {
	l.code, l.defined = *c, false
	next, at := uint32(0), 0
	for i, count := range c.counts {
		size := i + 1
		shift := maxBits - size
		l.first[size], l.index[size] = next, at
		next += uint32(count) << shift
		at += int(count)
		l.limit[size] = next
	}
	if next > 1<<maxBits {
		return errors.New("a Huffman table has more codes than there is room for")
	}
	clear(l.fast[:])
	for size := 1; size <= fastBits; size++ {
		step := 1 << (fastBits - size)
		slot := int(l.first[size] >> (maxBits - fastBits))
		for i := range int(c.counts[size-1]) {
			for range step {
				l.fast[slot] = word16{c.symbols[l.index[size]+i], uint8(size)}
				slot++
			}
		}
	}
	l.defined = true
	return nil
}

// long finds a code longer than fastBits in the next 16 bits; size 0 where there
// is none.
func (l *lookup) long(next uint32) word16 {
	for size := fastBits + 1; size <= maxBits; size++ {
		if next < l.limit[size] {
			return word16{l.code.symbols[l.index[size]+int((next-l.first[size])>>(maxBits-size))], uint8(size)}
		}
	}
	return word16{}
}

// A reader takes bits from a block, up to the next marker.
type reader struct {
	data []byte
	at   int    // of the next byte
	bits uint64 // that have been read, the next one the uppermost
	n    uint   // how many of them
}

// fill reads bytes until 56 bits are there or a marker stands next. A byte of
// ones is followed by one of zeros.
func (r *reader) fill() {
	for r.n <= 56 && r.at < len(r.data) {
		b := r.data[r.at]
		if b == 0xff {
			if r.at+1 == len(r.data) || r.data[r.at+1] != 0 {
				return
			}
			r.at++
		}
		r.at++
		r.bits |= uint64(b) << (56 - r.n)
		r.n += 8
	}
}

var (
	errBits  = errors.New("a block holds a code that its table does not")
	errAhead = errors.New("there are more coefficients than the frame has room for")
)

// coefficients reads a block into out, which holds zeros, and returns how many
// there were. It ends at a marker, where bits are left that fill the last byte.
func (r *reader) coefficients(out []int16, l *lookup) (int, error) {
	at := 0
	for {
		if r.n < 32 {
			r.fill()
		}
		w := l.fast[r.bits>>(64-fastBits)]
		if w.size == 0 {
			w = l.long(uint32(r.bits >> (64 - maxBits)))
		}
		size := uint(w.size)
		if size == 0 || size > r.n || at == len(out) {
			return at, r.end(at == len(out))
		}
		r.bits <<= size
		r.n -= size
		extra := extraBits(w.symbol)
		if extra > r.n {
			return 0, errShort
		}
		value := int(r.bits >> 48 >> (16 - extra))
		r.bits <<= extra
		r.n -= extra
		switch s := w.symbol; {
		case s > symRun16 && s < 255:
			out[at] = int16(int(s) - symZero)
			at++
			continue
		case s == 0 || s == 255:
			return 0, errBits
		case s == symPlus8 || s == symPlus16:
			out[at] = int16(value)
			at++
			continue
		case s == symMinus8 || s == symMinus16:
			out[at] = int16(-value)
			at++
			continue
		case s <= maxRun:
			value = int(s)
		}
		if value > len(out)-at {
			return 0, errAhead
		}
		at += value
	}
}

// end says what is wrong with a block that ends here: nothing where fewer bits
// are left than the longest code has. Some encoders fill up a whole byte.
func (r *reader) end(full bool) error {
	r.fill()
	switch {
	case r.n < maxBits:
		return nil
	case full:
		return errAhead
	}
	return errBits
}
