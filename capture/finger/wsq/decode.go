package wsq

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
)

// A Decoder restores images and keeps its buffers between them: once it has
// restored an image as large, it allocates nothing but the texts of comments.
// The zero value is ready.
type Decoder struct {
	plane
	rest   []byte // of the stream
	size   int    // bytes of the stream
	info   Info
	shift  float32 // added to the pixels
	scale  float32 // and what they are multiplied by
	filter bank
	bins   bins
	centre float32 // where in its bin a coefficient is restored
	codes  [8]lookup
	coeffs []int16
	gray   image.Gray

	haveFrame, haveFilter, haveBins, nistCom bool
}

// Wipe clears what is left of images in the buffers, the last image that was
// returned included.
func (d *Decoder) Wipe() {
	d.wipe()
	clear(d.coeffs[:cap(d.coeffs)])
	clear(d.gray.Pix[:cap(d.gray.Pix)])
}

// Decode restores the frame of a stream. See the function [Decode]. The image
// belongs to the decoder and holds until its next call.
func (d *Decoder) Decode(data []byte, limit int) (*image.Gray, Info, error) {
	if err := d.decode(data, limit); err != nil {
		return nil, Info{}, fmt.Errorf("decoding WSQ: %w", err)
	}
	return &d.gray, d.info, nil
}

func (d *Decoder) decode(data []byte, limit int) error {
	if limit <= 0 {
		limit = DefaultLimit
	}
	m, err := d.header(data)
	if err != nil {
		return err
	}
	w, h := d.info.Width, d.info.Height
	switch {
	case w > limit/h:
		return fmt.Errorf("the frame is %d × %d pixels; %d pixels are the limit", w, h, limit)
	case !d.haveFilter:
		return errors.New("the transform table is missing")
	case !d.haveBins:
		return errors.New("the quantisation table is missing")
	}
	if err := d.blocks(m); err != nil {
		return err
	}
	d.resize(w, h)
	d.restore()
	d.compose(&d.filter)
	d.paint()
	return nil
}

// config reads the header alone.
func (d *Decoder) config(data []byte) (Info, error) {
	if _, err := d.header(data); err != nil {
		return Info{}, fmt.Errorf("reading a WSQ header: %w", err)
	}
	return d.info, nil
}

// header reads up to the first block, whose marker it returns.
func (d *Decoder) header(data []byte) (uint8, error) {
	d.rest, d.size, d.info = data, len(data), Info{}
	d.haveFrame, d.haveFilter, d.haveBins, d.nistCom = false, false, false, false
	for i := range d.codes {
		d.codes[i].defined = false
	}
	if m, err := d.marker(); err != nil || m != markSOI {
		return 0, errors.New("it does not begin as WSQ does")
	}
	for {
		m, err := d.marker()
		if err != nil {
			return 0, err
		}
		if m == markSOB || m == markEOI {
			if !d.haveFrame {
				return 0, errors.New("the frame header is missing")
			}
			d.place()
			return m, nil
		}
		if err := d.table(m); err != nil {
			return 0, err
		}
	}
}

// place believes what the stream says of the image's place in the frame only
// where it lies in the frame.
func (d *Decoder) place() {
	frame := image.Rect(0, 0, d.info.Width, d.info.Height)
	if d.info.Content.Empty() || !d.info.Content.In(frame) {
		d.info.Content = frame
	}
}

var errShort = errors.New("the stream is cut short")

// marker reads the next marker. Bytes of ones may stand before it.
func (d *Decoder) marker() (uint8, error) {
	if len(d.rest) < 2 {
		return 0, errShort
	}
	if d.rest[0] != 0xff {
		return 0, errors.New("something else stands where a marker is due")
	}
	for i, m := range d.rest {
		if m != 0xff {
			d.rest = d.rest[i+1:]
			return m, nil
		}
	}
	return 0, errShort
}

// segment reads what follows a marker: its length and as many bytes.
func (d *Decoder) segment() (fields, error) {
	if len(d.rest) < 2 {
		return nil, errShort
	}
	n := int(binary.BigEndian.Uint16(d.rest))
	if n < 2 {
		return nil, errors.New("a segment is shorter than its own length")
	}
	if n > len(d.rest) {
		return nil, errShort
	}
	s := fields(d.rest[2:n])
	d.rest = d.rest[n:]
	return s, nil
}

// table reads the segment of any marker but those of a block and of the ends.
func (d *Decoder) table(m uint8) error {
	if m < markSOF || m > markCOM || m == markSOB {
		return fmt.Errorf("marker ff%02x is out of place", m)
	}
	if m == markDTT {
		return d.transformTable()
	}
	s, err := d.segment()
	if err != nil {
		return err
	}
	switch m {
	case markSOF:
		return d.frameHeader(s)
	case markDQT:
		return d.quantisationTable(s)
	case markDHT:
		return d.huffmanTables(s)
	case markCOM:
		if isNISTCom(s) && !d.nistCom {
			d.nistCom = true
			d.info.read(s)
		} else {
			d.info.Comments = append(d.info.Comments, string(s))
		}
	}
	return nil // a restart interval is not needed: restarts are found by their markers
}

// fields are the bytes of a segment that have not been read.
type fields []byte

func (f *fields) u8() uint8 {
	v := (*f)[0]
	*f = (*f)[1:]
	return v
}

func (f *fields) u16() uint16 {
	v := binary.BigEndian.Uint16(*f)
	*f = (*f)[2:]
	return v
}

func (f *fields) u32() uint32 {
	v := binary.BigEndian.Uint32(*f)
	*f = (*f)[4:]
	return v
}

// scaled reads a power of ten and 16 bits. It divides once for each ten, in
// single precision.
func (f *fields) scaled() float32 {
	power := f.u8()
	return divided(float32(f.u16()), power)
}

func divided(v float32, tens uint8) float32 {
	for range tens {
		v /= 10
	}
	return v
}

func (d *Decoder) frameHeader(s fields) error {
	if d.haveFrame {
		return errors.New("there is a second frame header")
	}
	if len(s) < 15 {
		return errors.New("the frame header is too short")
	}
	s.u16() // black and white
	d.info.Height, d.info.Width = int(s.u16()), int(s.u16())
	d.shift, d.scale = s.scaled(), s.scaled()
	d.info.Version = s.u8()
	d.info.Software = s.u16()
	if d.info.Width == 0 || d.info.Height == 0 {
		return errors.New("the frame has no pixels")
	}
	d.haveFrame = true
	return nil
}

// transformTable reads the analysis filters and turns them into those of the
// synthesis: low becomes high and high low, every other tap with its sign
// changed. The table ends where its filters do: NBIS with filters of even length
// writes the length that others would have.
func (d *Decoder) transformTable() error {
	if len(d.rest) < 4 {
		return errShort
	}
	s := fields(d.rest[2:])
	highs, lows := int(s.u8()), int(s.u8())
	if lows < 2 || highs < 2 || lows > maxTaps || highs > maxTaps || lows%2 != highs%2 {
		return fmt.Errorf("filters of %d and %d taps are none of WSQ's", highs, lows)
	}
	if len(s) < 6*((lows+1)/2+(highs+1)/2) {
		return errShort
	}
	d.filter = bank{lows: lowReach(lows), highs: highReach(highs)}
	if d.filter.lows.shift != d.filter.highs.shift {
		return fmt.Errorf("filters of %d and %d taps do not belong together", highs, lows)
	}
	s.halfFilter(d.filter.high[:highs], true)
	s.halfFilter(d.filter.low[:lows], false)
	d.rest = s
	d.haveFilter = true
	return nil
}

// halfFilter reads the right half of a filter and mirrors it. The mirror image of
// a high filter of even length has the opposite sign.
func (f *fields) halfFilter(taps []float32, high bool) {
	n := len(taps)
	even := n%2 == 0
	for i := range (n + 1) / 2 {
		negative, power := f.u8() != 0, f.u8()
		v := divided(float32(f.u32()), power)
		if negative != (i%2 != 0) {
			v = -v
		}
		if even && !high {
			v = -v
		}
		// Filters of even length and their high samples are both taken with
		// the opposite sign.
		right, left := n/2+i, (n-1)/2-i
		taps[right], taps[left] = v, v
		if even && high {
			taps[right] = -v
		}
	}
}

// quantisationTable reads the widths of the bins. Those of the four subbands
// that are never coded may be missing.
func (d *Decoder) quantisationTable(s fields) error {
	if len(s) < 3+6*bandCount {
		return errors.New("the quantisation table is too short")
	}
	d.centre = s.scaled()
	for i := range bandCount {
		d.bins.width[i], d.bins.zero[i] = s.scaled(), s.scaled()
	}
	d.haveBins = true
	return nil
}

// huffmanTables reads one code or more.
func (d *Decoder) huffmanTables(s fields) error {
	for len(s) > 0 {
		if len(s) < 1+maxBits {
			return errors.New("a Huffman table is too short")
		}
		number := s.u8()
		if int(number) >= len(d.codes) {
			return fmt.Errorf("there is no Huffman table %d", number)
		}
		var c code
		copy(c.counts[:], s)
		s = s[maxBits:]
		n := c.size()
		if n > symbolCount || n > len(s) {
			return errors.New("a Huffman table is too short")
		}
		copy(c.symbols[:n], s)
		s = s[n:]
		if err := d.codes[number].build(&c); err != nil {
			return err
		}
	}
	return nil
}

// expected is the number of coefficients in the subbands that are coded.
func (d *Decoder) expected() int {
	n := 0
	for i, b := range d.bands {
		if d.bins.width[i] != 0 {
			n += b.w * b.h
		}
	}
	return n
}

// blocks reads the coefficients of all blocks, however many there are, and what
// stands between them.
func (d *Decoder) blocks(m uint8) error {
	d.tree.build(d.info.Width, d.info.Height)
	want := d.expected()
	d.coeffs = grown(d.coeffs, want)
	clear(d.coeffs)
	have := 0
	for m != markEOI {
		var err error
		if m == markSOB {
			have, err = d.block(have)
		} else if m == markSOF || m == markDTT || m == markDQT {
			err = errors.New("a table comes after the first block that must come before it")
		} else {
			err = d.table(m)
		}
		if err != nil {
			return err
		}
		if m, err = d.marker(); err != nil {
			return err
		}
	}
	if have != want {
		return fmt.Errorf("%d of %d coefficients are missing", want-have, want)
	}
	d.info.Trailing = len(d.rest)
	return nil
}

// block reads one block into the coefficients from have, and returns how many
// there are then.
func (d *Decoder) block(have int) (int, error) {
	s, err := d.segment()
	if err != nil {
		return 0, err
	}
	if len(s) < 1 {
		return 0, errors.New("a block's header is too short")
	}
	number := s.u8()
	if int(number) >= len(d.codes) || !d.codes[number].defined {
		return 0, fmt.Errorf("the Huffman table %d is missing", number)
	}
	for {
		r := reader{data: d.rest}
		n, err := r.coefficients(d.coeffs[have:], &d.codes[number])
		if err != nil {
			return 0, err
		}
		have += n
		d.rest = d.rest[r.at:]
		// A restart only fills the last byte; the block goes on behind it.
		if len(d.rest) < 2 || d.rest[1]&^7 != markRST {
			return have, nil
		}
		d.rest = d.rest[2:]
	}
}

// restore puts the coefficients back into the plane as the middles of their bins.
func (d *Decoder) restore() {
	clear(d.pix)
	rest := d.coeffs
	for i, b := range d.bands {
		width, zero := d.bins.width[i], float32(d.bins.zero[i]/2)
		if width == 0 {
			continue
		}
		for y := range b.h {
			out := d.row(b, y)
			in := rest[:len(out)]
			rest = rest[len(out):]
			for x, c := range in {
				switch {
				case c > 0:
					out[x] = float32(width*(float32(c)-d.centre)) + zero
				case c < 0:
					out[x] = float32(width*(float32(c)+d.centre)) - zero
				}
			}
		}
	}
}

// paint turns the plane into pixels.
func (d *Decoder) paint() {
	w, h := d.info.Width, d.info.Height
	d.gray.Pix = grown(d.gray.Pix, w*h)
	d.gray.Stride, d.gray.Rect = w, image.Rect(0, 0, w, h)
	out := d.gray.Pix
	for i, v := range d.pix[:len(out)] {
		v = float32(v*d.scale) + d.shift + 0.5
		switch {
		case !(v >= 0): // also what is not a number
			out[i] = 0
		case v > 255:
			out[i] = 255
		default:
			out[i] = uint8(v)
		}
	}
}
