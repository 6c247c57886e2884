package uru4500

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"

	"optag/device"
)

// An image comes in one bulk transfer: a header, then lines of 8 bits a pixel,
// one line less for each that is to be shown twice.
const (
	width      = 384
	height     = 290
	headerSize = 64
	imageSize  = headerSize + width*height
)

// Places in the header. What is not listed is not known.
const (
	atLines   = 4 // number of lines in the data, 2 bytes, little-endian
	atKey     = 6 // number of the key, 1 byte
	atBlocks  = 16
	maxBlocks = 15 // of two bytes each: flags and lines
)

// Flags of a block.
const (
	blockNewKey    = 0x80 // a new key is fetched first
	blockKeepKey   = 0x04 // the key does not move on
	blockScrambled = 0x02
	blockRepeated  = 0x01 // its lines are not in the data: those that follow there are shown twice
)

// A block is a run of lines that are treated alike.
type block struct {
	flags uint8
	lines int // 1 to 255
}

// A header says what is in an image.
type header struct {
	lines  int // in the data, 1 to height-1
	key    uint8
	blocks [maxBlocks]block
	count  int // of blocks
}

// parseHeader reads the header of an image as it was received. What it returns
// without an error can be decoded without looking beyond raw or the picture, and
// fills the picture: an image has no checksum, and the rest of one that was cut
// off may come as the next, so that its numbers must agree with each other. The
// error wraps [device.ErrGarbled].
func parseHeader(raw []byte) (header, error) {
	var h header
	if len(raw) < headerSize {
		return h, fmt.Errorf("image of %d bytes: %w", len(raw), device.ErrGarbled)
	}
	h.lines = int(binary.LittleEndian.Uint16(raw[atLines:]))
	h.key = raw[atKey]
	if h.lines == 0 || h.lines >= height || headerSize+h.lines*width > len(raw) {
		return h, fmt.Errorf("image of %d lines in %d bytes: %w", h.lines, len(raw), device.ErrGarbled)
	}
	from, shown := 0, 0
	for i := 0; i < maxBlocks && from < h.lines; i++ {
		b := block{raw[atBlocks+2*i], int(raw[atBlocks+2*i+1])}
		if b.lines == 0 {
			break
		}
		h.blocks[h.count] = b
		h.count++
		if shown += b.lines; from+b.lines > h.lines || shown > height {
			return h, fmt.Errorf("block %d of %d lines, %d in the image: %w", i, b.lines, h.lines, device.ErrGarbled)
		}
		if b.flags&blockRepeated == 0 {
			from += b.lines
		}
	}
	if from != h.lines || shown != height {
		return h, fmt.Errorf("blocks of %d lines, %d of %d in the image: %w", shown, from, h.lines, device.ErrGarbled)
	}
	return h, nil
}

// scrambled reports whether any block needs a key.
func (h *header) scrambled() bool {
	return slices.ContainsFunc(h.blocks[:h.count], func(b block) bool {
		return b.flags&(blockScrambled|blockKeepKey) == blockScrambled
	})
}

// descramble undoes the scrambling in the lines of raw. fetch asks the device
// for the key with a number; it is not called where nothing is scrambled.
func descramble(raw []byte, h *header, fetch func(number uint8) (uint32, error)) error {
	if !h.scrambled() {
		return nil
	}
	number := h.key
	key, err := fetch(number)
	if err != nil {
		return err
	}
	data := raw[headerSize : headerSize+h.lines*width]
	for _, b := range h.blocks[:h.count] {
		if b.flags&blockNewKey != 0 {
			number++
			if key, err = fetch(number); err != nil {
				return err
			}
		}
		run := data[:b.lines*width]
		switch b.flags & (blockScrambled | blockKeepKey) {
		case blockScrambled:
			key = unmask(run, key)
		case 0:
			for range run {
				key = step(key)
			}
		}
		if b.flags&blockRepeated == 0 {
			data = data[len(run):]
		}
	}
	return nil
}

// errNoise: an image was descrambled with a wrong key, or not at all.
var errNoise = fmt.Errorf("an image of noise: %w", device.ErrGarbled)

// A run of bytes is noise where they spread as those of a scrambler do, whose
// variance is 5461, and where each has nothing to do with the one before: the
// ratio of von Neumann, of the squared differences to the squared deviations, is
// 2 for noise, with a spread of 0.1 in one line. Ridges of six pixels and full
// contrast, finer than any finger's, come to 1.
const (
	noiseVariance = 4000
	noiseRatio    = 1.6
)

// isNoise reports whether any block of a descrambled image is noise. Nothing else
// tells that a key was the right one.
func isNoise(raw []byte, h *header) bool {
	data := raw[headerSize:]
	for _, b := range h.blocks[:h.count] {
		if b.flags&blockRepeated != 0 {
			continue
		}
		run := data[:b.lines*width]
		data = data[len(run):]
		sum, squares, steps := 0, 0, 0
		for i, v := range run[1:] {
			v, d := int(v), int(v)-int(run[i])
			sum += v
			squares += v * v
			steps += d * d
		}
		n := len(run) - 1
		deviations := squares - sum*sum/n
		if deviations > noiseVariance*n && float64(steps) > noiseRatio*float64(deviations) {
			return true
		}
	}
	return false
}

// step moves the key on by one byte: a shift register of 32 bits with feedback.
func step(key uint32) uint32 {
	parity := uint32(bits.OnesCount32(key&0x9248144d)) & 1
	return key>>1 | parity<<31
}

// unmask descrambles one run in place and returns the key after it. Every byte
// moves one place to the front; the last one is lost in the device, and zero.
func unmask(run []byte, key uint32) uint32 {
	last := len(run) - 1
	for i := range last {
		run[i] = run[i+1] ^ mask(key)
		key = step(key)
	}
	run[last] = 0
	return step(key)
}

// mask gathers the eight bits of the key that hide a byte.
func mask(key uint32) byte {
	return byte(key>>4&1 |
		key>>8&1<<1 |
		key>>11&1<<2 |
		key>>14&1<<3 |
		key>>18&1<<4 |
		key>>21&1<<5 |
		key>>24&1<<6 |
		key>>29&1<<7)
}

// layOut puts the descrambled lines into a picture of height lines, ridges
// dark: the device sends them bright. Repeated lines appear twice. turn rotates
// by 180 degrees.
func layOut(pix []byte, raw []byte, h *header, turn bool) {
	data := raw[headerSize : headerSize+h.lines*width]
	to := 0
	for _, b := range h.blocks[:h.count] {
		for i, v := range data[:b.lines*width] {
			pix[to+i] = ^v
		}
		to += b.lines * width
		if b.flags&blockRepeated == 0 {
			data = data[b.lines*width:]
		}
	}
	if turn {
		slices.Reverse(pix)
	}
}
