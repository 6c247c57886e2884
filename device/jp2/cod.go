package jp2

import (
	"encoding/binary"
	"errors"
)

// Limits of what OpenJPEG keeps account of, whatever the data hold: some 600 bytes
// for a precinct, and a look at each packet. A face of four million pixels in
// precincts of 64 by 64 in twenty layers has a quarter of both.
const (
	maxPrecincts = 1 << 16
	maxPackets   = 1 << 20
)

var errPackets = errors.New("too many packets")

// Markers, ISO/IEC 15444-1 table A.2.
const (
	markCOD = 0xff52 // coding style
	markCOC = 0xff53 // coding style of one component
	markSOT = 0xff90 // begin of a tile-part
	markSOD = 0xff93 // begin of its data
	markEOC = 0xffd9
)

// coding looks at every coding style in a codestream, in the main header and in
// those of tile-parts.
func (s siz) coding(code []byte) error {
	at, layers, err := s.header(code, 2, markSOT, 1<<16-1)
	for err == nil && at+2 <= len(code) && binary.BigEndian.Uint16(code[at:]) == markSOT {
		if len(code)-at < 12 {
			return errEnd
		}
		end := len(code)
		if size := binary.BigEndian.Uint32(code[at+6:]); size != 0 { // 0: until the end
			end = at + int(size)
		}
		if end < at+14 || end > len(code) {
			return errEnd
		}
		if _, _, err = s.header(code[:end], at+12, markSOD, layers); err == nil {
			at = end
		}
	}
	if err == nil && at < len(code) && (at+2 != len(code) || binary.BigEndian.Uint16(code[at:]) != markEOC) {
		err = errHeader
	}
	return err
}

// header goes over marker segments up to a marker, and returns where that is and
// how many layers there are. A component's style stands behind that of all.
func (s siz) header(code []byte, at int, until uint16, layers int) (int, int, error) {
	for single := false; ; {
		if len(code)-at < 4 {
			return 0, 0, errEnd
		}
		mark, size := binary.BigEndian.Uint16(code[at:]), int(binary.BigEndian.Uint16(code[at+2:]))
		if mark == until {
			return at, layers, nil
		}
		if size < 2 || size+2 > len(code)-at {
			return 0, 0, errHeader
		}
		body := code[at+4 : at+2+size]
		switch {
		case mark == markCOD && len(body) >= 10 && !single:
			layers = int(binary.BigEndian.Uint16(body[2:]))
			body = append([]byte{body[0]}, body[5:]...)
		case mark == markCOC && len(body) >= 7:
			single, body = true, body[1:] // behind the component, of which there are less than 257
		case mark == markCOD, mark == markCOC:
			return 0, 0, errHeader
		default:
			body = nil
		}
		if body != nil {
			if err := s.style(body, layers); err != nil {
				return 0, 0, err
			}
		}
		at += 2 + size
	}
}

// style counts the precincts and packets of a coding style: what it says of
// precincts, levels, code-blocks and transformation, and the exponents of each
// resolution's precincts from the smallest on, where there are any (A.6.1).
func (s siz) style(b []byte, layers int) error {
	const most = 32 // levels
	levels, sizes := int(b[1]), b[6:]
	if levels > most || b[0]&1 != 0 && len(sizes) != levels+1 {
		return errHeader
	}
	precincts := 0
	for r := range levels + 1 {
		x, y := 15, 15
		if b[0]&1 != 0 {
			x, y = int(sizes[r]&15), int(sizes[r]>>4)
		}
		shift := levels - r
		precincts += parts(s.tileWidth, shift+x) * parts(s.tileHeight, shift+y)
	}
	if precincts *= s.tiles * s.components; precincts > maxPrecincts || precincts*layers > maxPackets {
		return errPackets
	}
	return nil
}

// parts is how many pieces of 2 to the power of exponent a length has.
func parts(length, exponent int) int { return (length-1)>>exponent + 1 }
