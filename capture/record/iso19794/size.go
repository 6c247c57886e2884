package iso19794

import "encoding/binary"

// jp2 reports whether the coding is one of JPEG 2000.
func (c Coding) jp2() bool { return c == JP2 || c == JP2Lossless }

// size is the width and height in pixels that coded data states in its header, as
// far as that can be found without decoding; ok is false for data that does not
// begin as its coding does. Of pixels that are not coded size says nothing.
func (i *Image) size() (width, height int, ok bool) {
	switch b := i.Data; i.Coding {
	case PNG:
		if len(b) >= 24 && string(b[:16]) == "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR" {
			return u32(b[16:]), u32(b[20:]), true
		}
	case WSQ: // ISO/IEC 19794-4 by way of FBI's IAFIS-IC-0110: start of image, tables, start of frame
		frame := segment(b, 0xA0, func(marker byte) bool { return marker == 0xA2 })
		if len(frame) >= 6 {
			return u16(frame[4:]), u16(frame[2:]), true
		}
	case JPEG: // any start of frame: C0 to CF without the tables C4, C8, CC
		frame := segment(b, 0xD8, func(marker byte) bool { return marker&0xF0 == 0xC0 && marker&0x03 != 0 || marker == 0xC0 })
		if len(frame) >= 5 {
			return u16(frame[3:]), u16(frame[1:]), true
		}
	case JP2, JP2Lossless:
		return codeStream(b)
	default:
		return i.Width, i.Height, true
	}
	return 0, 0, false
}

// segment finds the first wanted segment of data made of markers, each followed by
// a length and so many bytes. It is nil if other things come first.
func segment(b []byte, start byte, wanted func(marker byte) bool) []byte {
	if len(b) < 2 || b[0] != 0xFF || b[1] != start {
		return nil
	}
	for b = b[2:]; len(b) >= 4 && b[0] == 0xFF; {
		if b[1] == 0xFF { // fill
			b = b[1:]
			continue
		}
		end := 2 + u16(b[2:])
		if end < 4 || end > len(b) {
			return nil
		}
		if wanted(b[1]) {
			return b[4:end]
		}
		b = b[end:]
	}
	return nil
}

// codeStream looks into the code stream of JPEG 2000, bare or in its box.
func codeStream(b []byte) (width, height int, ok bool) {
	if len(b) >= 12 && string(b[:12]) == "\x00\x00\x00\x0cjP  \r\n\x87\n" {
		for len(b) >= 8 && string(b[4:8]) != "jp2c" {
			length := u32(b)
			if length == 1 && len(b) >= 16 && u32(b[8:]) == 0 {
				length = u32(b[12:])
			}
			if length < 8 || length > len(b) {
				return 0, 0, false
			}
			b = b[length:]
		}
		if len(b) < 8 {
			return 0, 0, false
		}
		if b = b[8:]; len(b) >= 8 && u32(b[:4]) == 0 { // the length was one of eight bytes
			b = b[8:]
		}
	}
	if len(b) < 24 || string(b[:4]) != "\xff\x4f\xff\x51" { // start of code stream, SIZ
		return 0, 0, false
	}
	return u32(b[8:]) - u32(b[16:]), u32(b[12:]) - u32(b[20:]), true
}

func u16(b []byte) int { return int(binary.BigEndian.Uint16(b)) }
func u32(b []byte) int { return int(binary.BigEndian.Uint32(b)) }
