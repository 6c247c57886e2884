package v4l2

import (
	"errors"
	"fmt"
)

// A huffman is a table of codes by their lengths (ITU-T T.81, Annex C).
type huffman struct {
	counts [16]byte // of codes of 1 to 16 bits
	values []byte

	fast  [256]uint16 // by the next eight bits: length<<8 | value; 0 is a longer code
	least [17]int32   // by length: least code
	most  [17]int32   // and the one after the greatest
	first [17]int     // and the index of the least one's value
}

var errCode = errors.New("JPEG has a bad Huffman code")

// defineHuffman reads a DHT segment.
func (f *jpegFile) defineHuffman(b []byte) error {
	for len(b) > 0 {
		if len(b) < 17 || b[0]>>4 > 1 || b[0]&15 > 3 {
			return errors.New("JPEG has a bad Huffman table")
		}
		class, id := b[0]>>4, b[0]&15
		n := 0
		for _, c := range b[1:17] {
			n += int(c)
		}
		if n > 256 || len(b) < 17+n {
			return errors.New("JPEG has a bad Huffman table")
		}
		h, err := newHuffman([16]byte(b[1:17]), b[17:17+n])
		if err != nil {
			return err
		}
		f.huffman[class][id] = h
		b = b[17+n:]
	}
	return nil
}

func newHuffman(counts [16]byte, values []byte) (*huffman, error) {
	h := &huffman{counts: counts, values: values}
	code, at := int32(0), 0
	for n := 1; n <= 16; n++ {
		h.least[n], h.first[n] = code, at
		for range counts[n-1] {
			if n <= 8 {
				from := code << (8 - n)
				for i := from; i < from+1<<(8-n) && i < 256; i++ {
					h.fast[i] = uint16(n)<<8 | uint16(values[at])
				}
			}
			code++
			at++
		}
		h.most[n] = code
		if code > 1<<n {
			return nil, errCode
		}
		code <<= 1
	}
	return h, nil
}

// walk goes through every code of the scan, without computing a pixel. A picture
// with a piece missing or foreign has a code that does not exist, or does not
// end with its last code.
func (f *jpegFile) walk() error {
	w := &walker{data: f.data[f.scan:]}
	left := f.mcus()
	for left > 0 {
		n := left
		if f.restart > 0 {
			n = min(n, f.restart)
		}
		left -= n
		for range n {
			if err := f.unit(w); err != nil {
				return err
			}
		}
		if err := w.mark(left == 0); err != nil {
			return err
		}
	}
	return nil
}

// unit walks over one minimum coded unit.
func (f *jpegFile) unit(w *walker) error {
	for _, c := range f.components {
		blocks := int(c.h) * int(c.v)
		if len(f.components) == 1 {
			blocks = 1
		}
		for range blocks {
			if err := w.block(f.huffman[0][c.dc], f.huffman[1][c.ac]); err != nil {
				return err
			}
		}
	}
	return nil
}

// A walker reads bits of a scan.
type walker struct {
	data []byte
	at   int
	bits uint64 // the next ones, in the high end
	n    int    // how many
}

// fill reads bytes up to a marker.
func (w *walker) fill() {
	for w.n <= 48 && w.at < len(w.data) {
		b := w.data[w.at]
		if b == 0xff {
			if w.at+1 >= len(w.data) || w.data[w.at+1] != 0 {
				return
			}
			w.at++
		}
		w.at++
		w.bits |= uint64(b) << (56 - w.n)
		w.n += 8
	}
}

// skip moves on by n bits.
func (w *walker) skip(n int) error {
	if n > w.n {
		return errShort
	}
	w.bits <<= n
	w.n -= n
	return nil
}

// value reads one code.
func (w *walker) value(h *huffman) (byte, error) {
	if w.n < 32 {
		w.fill()
	}
	if f := h.fast[w.bits>>56]; f != 0 {
		return byte(f), w.skip(int(f >> 8))
	}
	for n := 9; n <= 16; n++ {
		code := int32(w.bits >> (64 - n))
		if code >= h.least[n] && code < h.most[n] {
			return h.values[h.first[n]+int(code-h.least[n])], w.skip(n)
		}
	}
	return 0, errCode
}

// block walks over the 64 coefficients of a block (ITU-T T.81, F.2.2).
func (w *walker) block(dc, ac *huffman) error {
	size, err := w.value(dc)
	if err != nil {
		return err
	}
	if size > 11 {
		return fmt.Errorf("JPEG has a difference of %d bits", size)
	}
	if err := w.skip(int(size)); err != nil {
		return err
	}
	for k := 1; k < 64; k++ {
		v, err := w.value(ac)
		if err != nil {
			return err
		}
		run, size := int(v>>4), int(v&15)
		if size == 0 && run != 15 {
			return nil // the end of the block
		}
		if k += run; k > 63 {
			return errors.New("JPEG has a block that is too long")
		}
		if err := w.skip(size); err != nil {
			return err
		}
	}
	return nil
}

// mark passes a marker: EOI at the end, a restart marker before. Less than a
// byte may be left before it.
func (w *walker) mark(end bool) error {
	w.fill()
	for w.at+1 < len(w.data) && w.data[w.at] == 0xff && w.data[w.at+1] == 0xff {
		w.at++
	}
	if w.n >= 8 || w.at+1 >= len(w.data) || w.data[w.at] != 0xff {
		return errors.New("JPEG has more data than pixels")
	}
	if (w.data[w.at+1] == markEOI) != end {
		return errors.New("JPEG has a marker in the wrong place")
	}
	w.at += 2
	w.bits, w.n = 0, 0
	return nil
}
