package nist

import (
	"bytes"
	"encoding/binary"
)

// pictureSize reads width and height from the header of a stream, compressed as
// CGA names it; false where the stream is of another kind or ends too early.
func pictureSize(compression string, data []byte) (width, height int, ok bool) {
	switch compression {
	case "WSQ20":
		return frameSize(data, 0xa0, func(m byte) int {
			if m == 0xa2 { // start of frame: black, white, height, width
				return 2
			}
			return -1
		})
	case "JPEGB", "JPEGL":
		return frameSize(data, 0xd8, func(m byte) int {
			if m >= 0xc0 && m <= 0xcf && m != 0xc4 && m != 0xc8 && m != 0xcc { // SOF: precision, height, width
				return 1
			}
			return -1
		})
	case "PNG":
		if len(data) >= 24 && bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")) {
			return int(binary.BigEndian.Uint32(data[16:])), int(binary.BigEndian.Uint32(data[20:])), true
		}
	case "JP2", "JP2L":
		return jp2Size(data)
	}
	return 0, 0, false
}

// frameSize walks the markers of a JPEG or WSQ stream that begins with FF start.
// size says how far behind the length of a marker its height and width are, or
// below 0 that it has none.
func frameSize(data []byte, start byte, size func(marker byte) int) (width, height int, ok bool) {
	if len(data) < 2 || data[0] != 0xff || data[1] != start {
		return 0, 0, false
	}
	for p := 2; p+9 < len(data) && data[p] == 0xff; {
		if data[p+1] == 0xff { // fill
			p++
			continue
		}
		if at := size(data[p+1]); at >= 0 {
			b := data[p+4+at:]
			if len(b) < 4 {
				return 0, 0, false
			}
			return int(binary.BigEndian.Uint16(b[2:])), int(binary.BigEndian.Uint16(b)), true
		}
		p += 2 + int(binary.BigEndian.Uint16(data[p+2:]))
	}
	return 0, 0, false
}

// jp2Size reads the size of a JPEG 2000 codestream, or of the image header box
// in a JP2 file.
func jp2Size(data []byte) (width, height int, ok bool) {
	if bytes.HasPrefix(data, []byte{0xff, 0x4f, 0xff, 0x51}) && len(data) >= 24 {
		at := func(i int) int { return int(binary.BigEndian.Uint32(data[i:])) }
		return at(8) - at(16), at(12) - at(20), true
	}
	if !bytes.HasPrefix(data, []byte("\x00\x00\x00\x0cjP  \r\n\x87\n")) {
		return 0, 0, false
	}
	i := bytes.Index(data, []byte("ihdr"))
	if i < 0 || i+12 > len(data) {
		return 0, 0, false
	}
	return int(binary.BigEndian.Uint32(data[i+8:])), int(binary.BigEndian.Uint32(data[i+4:])), true
}
