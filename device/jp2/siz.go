// Package jp2 decodes JPEG 2000 images (ISO/IEC 15444-1), as JP2 files or bare
// codestreams, with Debian's OpenJPEG. It is a leaf that holds cgo and nothing
// else; without cgo every call is an error that says so. What it decodes comes
// from a device whose signature was verified before, or from a chip of which
// nothing is known.
//
// It takes what a biometric record holds and refuses everything else: 8 bit grey
// or colour of three components, whole, at one resolution. Its memory bounds are
// checked in Go before C sees a byte. OpenJPEG's own working memory is freed but
// not cleared.
package jp2

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// Limits checked before OpenJPEG allocates anything.
const (
	maxPixels = 32 << 20
	maxTiles  = 4096 // OpenJPEG holds some 6 kB for each
)

var (
	errShape  = errors.New("not 8 bit grey or colour of three components")
	errHeader = errors.New("no JPEG 2000 header")
	errTiles  = errors.New("too many tiles")
	errEnd    = errors.New("codestream breaks off")
	errSize   = errors.New("size is not the one expected")
)

// A siz is what the size marker of a codestream says, ISO/IEC 15444-1 A.5.1.
type siz struct {
	width, height, components int
	tiles                     int
	tileWidth, tileHeight     int    // at most the image's
	file                      bool   // a JP2 file, not a bare codestream
	code                      []byte // the codestream
}

// readSIZ finds the codestream and reads its size marker.
func readSIZ(data []byte) (siz, error) {
	code, file, err := codestream(data)
	if err != nil {
		return siz{}, err
	}
	// SOC, SIZ, length, capabilities: 8 bytes; then 8 numbers and the components.
	if len(code) < 42 || binary.BigEndian.Uint32(code) != 0xff4fff51 {
		return siz{}, errHeader
	}
	var n [8]int // image size, image offset, tile size, tile offset; across and down
	for i := range n {
		n[i] = int(binary.BigEndian.Uint32(code[8+4*i:]))
	}
	s := siz{width: n[0] - n[2], height: n[1] - n[3], components: int(binary.BigEndian.Uint16(code[40:])), file: file, code: code}
	if s.width <= 0 || s.height <= 0 || s.width > maxPixels || s.height > maxPixels || s.width*s.height > maxPixels {
		return s, errSize
	}
	if n[4] <= 0 || n[5] <= 0 || n[6] > n[2] || n[7] > n[3] {
		return s, errTiles
	}
	across, down := (n[0]-n[6]+n[4]-1)/n[4], (n[1]-n[7]+n[5]-1)/n[5]
	if across > maxTiles || down > maxTiles || across*down > maxTiles {
		return s, errTiles
	}
	s.tiles, s.tileWidth, s.tileHeight = across*down, min(n[4], s.width), min(n[5], s.height)
	if s.components != 1 && s.components != 3 || len(code) < 42+3*s.components {
		return s, errShape
	}
	for i := range s.components { // depth minus one, without sign; no subsampling
		if c := code[42+3*i:]; c[0] != 7 || c[1] != 1 || c[2] != 1 {
			return s, errShape
		}
	}
	if !bytes.HasSuffix(code, []byte{0xff, 0xd9}) { // EOC; OpenJPEG does not miss it
		return s, errEnd
	}
	return s, nil
}

// codestream finds the first contiguous codestream of a file, ISO/IEC 15444-1
// annex I: boxes of a length, a type and their content.
func codestream(data []byte) (code []byte, file bool, err error) {
	if len(data) >= 4 && binary.BigEndian.Uint32(data) == 0xff4fff51 {
		return data, false, nil
	}
	if len(data) < 12 || string(data[:12]) != "\x00\x00\x00\x0cjP  \r\n\x87\n" {
		return nil, false, errHeader
	}
	for len(data) >= 8 {
		size, head := uint64(binary.BigEndian.Uint32(data)), uint64(8)
		kind := string(data[4:8])
		switch size {
		case 0:
			size = uint64(len(data))
		case 1:
			if len(data) < 16 {
				return nil, true, errHeader
			}
			size, head = binary.BigEndian.Uint64(data[8:]), 16
		}
		if size < head || size > uint64(len(data)) {
			return nil, true, errHeader
		}
		if kind == "jp2c" {
			return data[head:size], true, nil
		}
		data = data[size:]
	}
	return nil, true, errHeader
}

// check compares an image with what its record promised.
func check(data []byte, width, height int) (siz, error) {
	s, err := readSIZ(data)
	switch {
	case err != nil:
		return s, fmt.Errorf("decoding JPEG 2000: %w", err)
	case s.width != width || s.height != height:
		return s, fmt.Errorf("decoding JPEG 2000: %w: %dx%d, want %dx%d", errSize, s.width, s.height, width, height)
	}
	if err := s.coding(s.code); err != nil {
		return s, fmt.Errorf("decoding JPEG 2000: %w", err)
	}
	return s, nil
}
