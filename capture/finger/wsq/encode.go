package wsq

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"math"
)

// An Encoder packs images and keeps its buffers between them: once it has packed
// an image as large, it allocates nothing. The zero value is ready.
type Encoder struct {
	plane
	info     Info    // of the image in the plane
	shift    float32 // mean of the pixels
	scale    float32 // what the distances from the mean were divided by
	variance [bandCount]float32
	tokens   []token
	ends     [3]int // where the tokens of each block end
	trial    []byte // a stream of EncodeFor
	framed   []byte // an image padded with white
}

// A token is a symbol and the bits that follow its code, in the upper ones.
type token uint32

// Wipe clears what is left of images in the buffers.
func (e *Encoder) Wipe() {
	e.wipe()
	clear(e.tokens[:cap(e.tokens)])
	clear(e.trial[:cap(e.trial)])
	clear(e.framed[:cap(e.framed)])
}

// Encode appends the stream of an image to dst. See the function [Encode].
func (e *Encoder) Encode(dst []byte, img *image.Gray, o Options) ([]byte, error) {
	rate, err := e.load(img, o)
	if err != nil {
		return nil, err
	}
	for {
		out, err := e.pack(dst, o, rate)
		switch {
		case err == nil:
			return out, nil
		case !errors.Is(err, errFine):
			return nil, err
		}
		rate /= 2
	}
}

// What pack returns for a rate that few subbands cannot use up, since they would
// be divided so finely that a coefficient takes more than 16 bits, and for one so
// low that the width of a bin does.
var (
	errFine   = errors.New("encoding WSQ: the rate is too high for an image as smooth")
	errCoarse = errors.New("encoding WSQ: the rate is too low for the image")
)

// load transforms an image and returns the rate to begin with.
func (e *Encoder) load(img *image.Gray, o Options) (float32, error) {
	if err := o.check(); err != nil {
		return 0, err
	}
	pix, w, h, err := e.frame(img, o)
	if err != nil {
		return 0, err
	}
	e.resize(w, h)
	e.info.Width, e.info.Height = w, h
	e.tokens = grown(e.tokens, w*h)
	e.normalise(pix)
	e.variance = [bandCount]float32{}
	if e.scale != 0 { // else the image is uniform, and has no subbands
		e.decompose()
		e.variance = e.variances()
	}
	if o.Rate == 0 {
		return DefaultRate, nil
	}
	return float32(o.Rate), nil
}

// check refuses what cannot be packed or written.
func (o Options) check() error {
	if o.Lossy {
		return fmt.Errorf("encoding WSQ: %w", ErrLossy)
	}
	if o.Rate != 0 && !(float32(o.Rate) > 0 && o.Rate <= maxRate) {
		return fmt.Errorf("encoding WSQ: the rate is %v bits for a pixel; above 0 to %v are possible", o.Rate, maxRate)
	}
	if o.PPI < 0 || o.PPI > maxPPI {
		return fmt.Errorf("encoding WSQ: the resolution is %d ppi", o.PPI)
	}
	for i, c := range o.Comments {
		if len(c) > maxComment || isNISTCom(c) {
			return fmt.Errorf("encoding WSQ: comment %d is a NIST_COM, or longer than %d bytes", i+1, maxComment)
		}
	}
	return nil
}

// frame returns the pixels of the frame, row by row without gaps.
func (e *Encoder) frame(img *image.Gray, o Options) (pix []byte, w, h int, err error) {
	size := img.Rect.Size()
	if size.X < 1 || size.Y < 1 {
		return nil, 0, 0, errors.New("encoding WSQ: the image is empty")
	}
	least := MinSide
	if o.Native {
		least = minNative
	}
	w, h = max(size.X, least), max(size.Y, least)
	if w > maxSide || h > maxSide || w > maxPixels/h {
		return nil, 0, 0, fmt.Errorf("encoding WSQ: the image is %d × %d pixels, more than the format holds", size.X, size.Y)
	}
	at := image.Pt((w-size.X)/2, (h-size.Y)/2)
	e.info.Content = image.Rectangle{at, at.Add(size)}
	if w == size.X && h == size.Y && img.Stride == w {
		return img.Pix[:w*h], w, h, nil
	}
	e.framed = grown(e.framed, w*h)
	for i := range e.framed {
		e.framed[i] = 255
	}
	for y := range size.Y {
		copy(e.framed[(at.Y+y)*w+at.X:], img.Pix[y*img.Stride:][:size.X])
	}
	return e.framed, w, h, nil
}

// normalise brings the pixels to ±128 about their mean.
func (e *Encoder) normalise(pix []byte) {
	sum, low, high := uint32(0), uint8(255), uint8(0)
	for _, v := range pix {
		sum += uint32(v)
		low, high = min(low, v), max(high, v)
	}
	e.shift = float32(sum) / float32(len(pix))
	e.scale = max(e.shift-float32(low), float32(high)-e.shift) / 128
	if e.scale == 0 {
		return
	}
	var levels [256]float32
	for v := range levels {
		levels[v] = (float32(v) - e.shift) / e.scale
	}
	out := e.pix[:len(pix)]
	for i, v := range pix {
		out[i] = levels[v]
	}
}

// pack appends the stream of the image in the plane at a rate.
func (e *Encoder) pack(dst []byte, o Options, rate float32) ([]byte, error) {
	b := binsFor(&e.variance, rate)
	if err := e.quantise(&b); err != nil {
		return dst[:0], err
	}
	if dst == nil {
		dst = make([]byte, 0, streamRoom(e.info.Width*e.info.Height))
	}
	s := stream(dst)
	s.marker(markSOI)
	e.comments(&s, o, rate)
	s.transformTable()
	s.quantisationTable(&b)
	s.frameHeader(e, o.Software)
	begin := 0
	var w [symbolCount]word
	for block, end := range e.ends {
		switch block {
		case 0:
			w = s.huffmanTable(0, e.tokens[:end])
		case 1:
			w = s.huffmanTable(1, e.tokens[begin:e.ends[2]])
		}
		s.blockHeader(uint8(min(block, 1)))
		s.block(e.tokens[begin:end], &w)
		begin = end
	}
	s.marker(markEOI)
	return s, nil
}

// streamRoom is what the stream of a frame hardly ever exceeds, so that no
// smaller copy is left behind when it grows.
func streamRoom(pixels int) int { return pixels/2 + 4096 }

// A stream is what has been written of one.
type stream []byte

func (s *stream) u8(v uint8)   { *s = append(*s, v) }
func (s *stream) u16(v uint16) { *s = binary.BigEndian.AppendUint16(*s, v) }
func (s *stream) u32(v uint32) { *s = binary.BigEndian.AppendUint32(*s, v) }

func (s *stream) marker(m uint8) { *s = append(*s, 0xff, m) }

// transformTable writes the right half of each analysis filter.
func (s *stream) transformTable() {
	low, high := [...]float32{low0, low1, low2, low3, low4}, [...]float32{high0, high1, high2, high3}
	s.marker(markDTT)
	s.u16(58)
	s.u8(9)
	s.u8(7)
	for _, v := range low {
		s.tap(v)
	}
	for _, v := range high {
		s.tap(v)
	}
}

// tap writes a coefficient: its sign, a power of ten and an integer.
func (s *stream) tap(v float32) {
	sign := uint8(0)
	if v < 0 {
		sign, v = 1, -v
	}
	power, digits := decimal(v, 1<<32-1)
	s.u8(sign)
	s.u8(power)
	s.u32(digits)
}

// decimal writes a positive number as digits · 10^-power with as many digits as
// stay below the limit. The tens are multiplied in single precision, and only
// the last step is in double.
func decimal(v, limit float32) (power uint8, digits uint32) {
	if v == 0 {
		return 0, 0
	}
	for v < limit {
		power++
		v *= 10
	}
	return power - 1, uint32(float64(v)/10 + 0.5)
}

// maxScaled bounds what is written as a power of ten and 16 bits.
const maxScaled = 1<<16 - 1

// scaled writes a number below maxScaled as a power of ten and 16 bits.
func (s *stream) scaled(v float32) {
	power, digits := decimal(v, maxScaled)
	s.u8(power)
	s.u16(uint16(digits))
}

func (s *stream) quantisationTable(b *bins) {
	s.marker(markDQT)
	s.u16(389)
	s.u8(2)
	s.u16(100 * binCentre)
	for i := range bandCount {
		s.scaled(b.width[i])
		s.scaled(b.zero[i])
	}
	*s = append(*s, make([]byte, 4*6)...) // the four that are never coded
}

func (s *stream) frameHeader(e *Encoder, software uint16) {
	s.marker(markSOF)
	s.u16(17)
	s.u8(0)   // black
	s.u8(255) // white
	s.u16(uint16(e.info.Height))
	s.u16(uint16(e.info.Width))
	s.scaled(e.shift)
	s.scaled(e.scale)
	s.u8(2) // the encoder's parameters are those of version 3
	s.u16(software)
}

// huffmanTable writes the code that is best for the tokens, and returns it.
func (s *stream) huffmanTable(number uint8, tokens []token) [symbolCount]word {
	var often [symbolCount]uint32
	for _, t := range tokens {
		often[uint8(t)]++
	}
	c := codeFor(&often)
	n := c.size()
	s.marker(markDHT)
	s.u16(uint16(3 + maxBits + n))
	s.u8(number)
	*s = append(*s, c.counts[:]...)
	*s = append(*s, c.symbols[:n]...)
	return c.words()
}

func (s *stream) blockHeader(code uint8) {
	s.marker(markSOB)
	s.u16(3)
	s.u8(code)
}

// block writes tokens in a code. A byte of ones is followed by one of zeros, and
// the last byte is filled with ones.
func (s *stream) block(tokens []token, words *[symbolCount]word) {
	out, bits, n := *s, uint64(0), uint(0)
	for _, t := range tokens {
		w := words[uint8(t)]
		bits, n = bits<<w.size|uint64(w.bits), n+uint(w.size)
		if extra := extraBits(uint8(t)); extra > 0 {
			bits, n = bits<<extra|uint64(t>>8), n+extra
		}
		for n >= 8 {
			n -= 8
			b := uint8(bits >> n)
			out = append(out, b)
			if b == 0xff {
				out = append(out, 0)
			}
		}
	}
	if n > 0 {
		b := uint8(bits<<(8-n)) | 0xff>>n
		out = append(out, b)
		if b == 0xff {
			out = append(out, 0)
		}
	}
	*s = out
}

// extraBits is how many bits follow the code of a symbol.
func extraBits(symbol uint8) uint {
	switch symbol {
	case symPlus8, symMinus8, symRun8:
		return 8
	case symPlus16, symMinus16, symRun16:
		return 16
	}
	return 0
}

// quantise makes tokens of the subbands that are coded, block by block.
func (e *Encoder) quantise(b *bins) error {
	tokens, run := e.tokens[:0], 0
	for i, box := range e.bands {
		switch i {
		case firstBlock, secondBlock:
			tokens, run = appendRun(tokens, run), 0
			e.ends[i/secondBlock] = len(tokens)
		}
		if b.width[i] == 0 {
			continue
		}
		if b.zero[i] >= maxScaled {
			return errCoarse
		}
		width, zero := b.width[i], float32(b.zero[i]/2)
		inside := math.Float32bits(zero)
		for y := range box.h {
			for _, v := range e.row(box, y) {
				if math.Float32bits(v)&^(1<<31) <= inside {
					run++
					continue
				}
				tokens, run = appendRun(tokens, run), 0
				t, err := coefficient(v, zero, width)
				if err != nil {
					return err
				}
				tokens = append(tokens, t)
			}
		}
	}
	e.tokens = appendRun(tokens, run)
	e.ends[2] = len(e.tokens)
	return nil
}

// coefficient is the token of a value outside the zero bin.
func coefficient(v, zero, width float32) (token, error) {
	var n int
	if v > 0 {
		n = int((v-zero)/width) + 1
	} else {
		n = int((v+zero)/width) - 1
	}
	switch {
	case n >= minLiteral && n <= maxLiteral:
		return token(n + symZero), nil
	case n > math.MaxInt16 || n < -math.MaxInt16:
		return 0, errFine
	case n > 255:
		return token(n<<8 | symPlus16), nil
	case n > 0:
		return token(n<<8 | symPlus8), nil
	case n < -255:
		return token(-n<<8 | symMinus16), nil
	}
	return token(-n<<8 | symMinus8), nil
}

// appendRun appends the tokens of a run of zeros.
func appendRun(tokens []token, run int) []token {
	for ; run > math.MaxUint16; run -= math.MaxUint16 {
		tokens = append(tokens, math.MaxUint16<<8|symRun16)
	}
	switch {
	case run == 0:
		return tokens
	case run <= maxRun:
		return append(tokens, token(run))
	case run <= math.MaxUint8:
		return append(tokens, token(run<<8|symRun8))
	}
	return append(tokens, token(run<<8|symRun16))
}
