package uru4500test

import (
	"encoding/binary"
	"image"
	"slices"
)

// A Block is a run of lines that the device treats alike.
type Block struct {
	Flags, Lines byte
}

// Flags of a Block.
const (
	NewKey    = 0x80 // a new key from here on
	KeepKey   = 0x04 // the key does not move on
	Scrambled = 0x02
	Repeated  = 0x01 // left out: the lines that follow are shown for it too
)

// RealBlocks is the layout of the images of a real device.
func RealBlocks() []Block {
	return []Block{
		{Scrambled, 72}, {0, 1}, {Scrambled, 49}, {Repeated, 1},
		{0, 1}, {Scrambled, 49}, {0, 1}, {Scrambled, 116},
	}
}

// Delivered returns what of a picture a device with such a layout brings across:
// the last pixel of each scrambled block is lost and turns white, and a line that
// is left out shows the one after it. The lines are Height together.
func Delivered(img *image.Gray, blocks []Block) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, Width, Height))
	copy(out.Pix, img.Pix)
	slices.Reverse(out.Pix)
	at := 0
	for _, b := range blocks {
		n := int(b.Lines) * Width
		if b.Flags&(Scrambled|KeepKey) == Scrambled {
			out.Pix[at+n-1] = 0xff
		}
		at += n
	}
	for _, b := range slices.Backward(blocks) {
		n := int(b.Lines) * Width
		at -= n
		if b.Flags&Repeated != 0 {
			copy(out.Pix[at:at+n], out.Pix[at+n:])
		}
	}
	slices.Reverse(out.Pix)
	return out
}

// Encode makes the transfer of an image as the device sends it with a key that
// does not change.
func Encode(img *image.Gray, blocks []Block, number byte, key uint32) []byte {
	return encode(img, blocks, number, func(byte) uint32 { return key })
}

// encode makes the transfer of an image; img nil is a clear glass.
func encode(img *image.Gray, blocks []Block, number byte, keyOf func(byte) uint32) []byte {
	raw := make([]byte, Width*Height) // as the sensor sees it: upside down, ridges bright
	if img != nil {
		for i, v := range img.Pix {
			raw[len(raw)-1-i] = 255 - v
		}
	}
	out := make([]byte, 64, imageSize)
	copy(out, []byte{0x10, 0x40, 0x80, 0x01})
	out[6] = number
	key := keyOf(number)
	at := 0
	for i, b := range blocks {
		out[16+2*i], out[17+2*i] = b.Flags, b.Lines
		n := int(b.Lines) * Width
		run := slices.Clone(raw[at : at+n])
		if b.Flags&NewKey != 0 {
			number++
			key = keyOf(number)
		}
		key = scramble(run, b.Flags, key)
		if b.Flags&Repeated == 0 {
			out = append(out, run...)
		}
		at += n
	}
	binary.LittleEndian.PutUint16(out[4:], uint16((len(out)-64)/Width))
	return out
}

// scramble hides one run in place, as its flags say, and returns the key after it.
func scramble(run []byte, flags byte, key uint32) uint32 {
	if flags&KeepKey != 0 {
		return key
	}
	if flags&Scrambled == 0 {
		for range run {
			key = next(key)
		}
		return key
	}
	// Each byte moves one place towards the end; the last one has nowhere to go.
	before := byte(0xa5)
	for i, v := range run {
		run[i] = before
		before = v ^ hide(key)
		key = next(key)
	}
	return key
}

// next moves the shift register on; its taps are at bits 0, 2, 3, 6, 10, 12, 19,
// 22, 25, 28 and 31.
func next(key uint32) uint32 {
	var in uint32
	for _, tap := range []int{0, 2, 3, 6, 10, 12, 19, 22, 25, 28, 31} {
		in ^= key >> tap & 1
	}
	return in<<31 | key>>1
}

// hide takes the eight bits that hide a byte from the register.
func hide(key uint32) byte {
	var v byte
	for i, bit := range []int{4, 8, 11, 14, 18, 21, 24, 29} {
		v |= byte(key>>bit&1) << i
	}
	return v
}
