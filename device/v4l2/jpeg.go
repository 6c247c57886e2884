package v4l2

import (
	"bytes"
	"errors"
	"fmt"
	"image"
)

// A jpegFile is one baseline JPEG picture of a stream, taken apart as far as
// needed to see whether it is whole (ITU-T T.81).
type jpegFile struct {
	data   []byte // from SOI to EOI
	tables int    // where Huffman tables are missing, before SOS; -1 where they are there
	scan   int    // where the entropy-coded data begins
	size   image.Point

	restart    int // MCUs between two restart markers; 0 is none
	components []component
	huffman    [2][4]*huffman // DC and AC
	quantized  [4]bool        // which quantization tables are there
}

// A component is one plane of the picture.
type component struct {
	id, h, v byte
	quant    byte
	dc, ac   byte // its Huffman tables
}

// Markers of ITU-T T.81, table B.1.
const (
	markSOF0 = 0xc0
	markSOF1 = 0xc1
	markDHT  = 0xc4
	markRST0 = 0xd0
	markRST7 = 0xd7
	markSOI  = 0xd8
	markEOI  = 0xd9
	markSOS  = 0xda
	markDQT  = 0xdb
	markDRI  = 0xdd
	markAPP0 = 0xe0
	markCOM  = 0xfe
)

var errShort = errors.New("JPEG ends early")

// parseJPEG reads the headers of a picture and finds its end, without decoding
// it. What follows the picture is left out. Missing Huffman tables are those of
// Annex K.
func parseJPEG(data []byte) (*jpegFile, error) {
	if len(data) < 4 || data[0] != 0xff || data[1] != markSOI {
		return nil, errors.New("no JPEG")
	}
	f := &jpegFile{tables: -1}
	at := 2
	for f.scan == 0 {
		if len(data)-at < 4 {
			return nil, errShort
		}
		if data[at] != 0xff {
			return nil, fmt.Errorf("JPEG has no marker at %d", at)
		}
		mark := data[at+1]
		if mark == 0xff { // fill
			at++
			continue
		}
		n := int(data[at+2])<<8 | int(data[at+3])
		if n < 2 || len(data)-at-2 < n {
			return nil, errShort
		}
		if err := f.segment(mark, data[at+4:at+2+n]); err != nil {
			return nil, err
		}
		if mark == markSOS {
			f.scan = at + 2 + n
			if f.huffman == [2][4]*huffman{} {
				f.tables = at
				f.huffman = annexK()
			}
		}
		at += 2 + n
	}
	end, err := f.findEnd(data)
	if err != nil {
		return nil, err
	}
	f.data = data[:end]
	return f, f.check()
}

// segment reads one segment before the scan.
func (f *jpegFile) segment(mark byte, body []byte) error {
	switch {
	case mark == markSOF0 || mark == markSOF1:
		return f.frame(body)
	case mark == markDHT:
		return f.defineHuffman(body)
	case mark == markDQT:
		return f.defineQuantization(body)
	case mark == markDRI:
		if len(body) != 2 {
			return errors.New("JPEG has a bad restart interval")
		}
		f.restart = int(body[0])<<8 | int(body[1])
		return nil
	case mark == markSOS:
		return f.scanHeader(body)
	case mark >= markAPP0 && mark < markAPP0+16, mark == markCOM:
		return nil
	}
	return fmt.Errorf("JPEG has the marker %02x, which motion JPEG has not", mark)
}

func (f *jpegFile) frame(b []byte) error {
	if f.components != nil || len(b) < 6 || len(b) != 6+3*int(b[5]) {
		return errors.New("JPEG has a bad frame header")
	}
	f.size = image.Pt(int(b[3])<<8|int(b[4]), int(b[1])<<8|int(b[2]))
	if b[0] != 8 || f.size.X == 0 || f.size.Y == 0 || b[5] != 1 && b[5] != 3 {
		return fmt.Errorf("JPEG is of %d bits, %v, %d components", b[0], f.size, b[5])
	}
	for c := b[6:]; len(c) > 0; c = c[3:] {
		k := component{id: c[0], h: c[1] >> 4, v: c[1] & 15, quant: c[2]}
		if k.h < 1 || k.h > 4 || k.v < 1 || k.v > 4 || k.quant > 3 {
			return errors.New("JPEG has a bad component")
		}
		f.components = append(f.components, k)
	}
	return nil
}

func (f *jpegFile) defineQuantization(b []byte) error {
	for len(b) > 0 {
		n := 65
		if b[0]>>4 != 0 {
			n = 129
		}
		if len(b) < n || b[0]&15 > 3 {
			return errors.New("JPEG has a bad quantization table")
		}
		f.quantized[b[0]&15] = true
		b = b[n:]
	}
	return nil
}

func (f *jpegFile) scanHeader(b []byte) error {
	if f.components == nil || len(b) != 4+2*len(f.components) || int(b[0]) != len(f.components) {
		return errors.New("JPEG has a bad scan header")
	}
	for i := range f.components {
		c := &f.components[i]
		if b[1+2*i] != c.id || !f.quantized[c.quant] {
			return errors.New("JPEG has a scan of unknown components")
		}
		c.dc, c.ac = b[2+2*i]>>4, b[2+2*i]&15
		if c.dc > 3 || c.ac > 3 {
			return errors.New("JPEG has a bad scan header")
		}
	}
	return nil
}

// findEnd walks over the scan from marker to marker. It checks that restart
// markers follow each other, and returns where the picture ends.
func (f *jpegFile) findEnd(data []byte) (int, error) {
	restarts := 0
	for at := f.scan; ; {
		i := bytes.IndexByte(data[at:], 0xff)
		if i < 0 || at+i+1 >= len(data) {
			return 0, errShort
		}
		at += i + 1
		switch mark := data[at]; {
		case mark == 0xff:
		case mark == 0:
			at++
		case mark == markEOI:
			if want := f.restarts(); restarts != want {
				return 0, fmt.Errorf("JPEG has %d restart markers, want %d", restarts, want)
			}
			return at + 1, nil
		case mark >= markRST0 && mark <= markRST7:
			if int(mark-markRST0) != restarts%8 {
				return 0, errors.New("JPEG misses a restart marker")
			}
			restarts++
			at++
		default:
			return 0, fmt.Errorf("JPEG has the marker %02x in its scan", mark)
		}
	}
}

// check looks whether the scan's Huffman tables are there.
func (f *jpegFile) check() error {
	for _, c := range f.components {
		if f.huffman[0][c.dc] == nil || f.huffman[1][c.ac] == nil {
			return errors.New("JPEG misses a Huffman table")
		}
	}
	return nil
}

// mcus is the number of minimum coded units.
func (f *jpegFile) mcus() int {
	h, v := 1, 1
	if len(f.components) > 1 {
		for _, c := range f.components {
			h, v = max(h, int(c.h)), max(v, int(c.v))
		}
	}
	up := func(n, by int) int { return (n + by - 1) / by }
	return up(f.size.X, 8*h) * up(f.size.Y, 8*v)
}

// restarts is how many restart markers a whole picture has.
func (f *jpegFile) restarts() int {
	if f.restart == 0 {
		return 0
	}
	return (f.mcus() - 1) / f.restart
}

// appendTo appends the picture, with Huffman tables, to dst.
func (f *jpegFile) appendTo(dst []byte) []byte {
	if f.tables < 0 {
		return append(dst, f.data...)
	}
	dst = append(dst, f.data[:f.tables]...)
	dst = appendAnnexK(dst)
	return append(dst, f.data[f.tables:]...)
}
