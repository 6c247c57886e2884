package iso19794

import (
	"bytes"
	"encoding/binary"
)

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

// ends reports whether coded data that begins as it should ends so, too: a length
// that is wrong by a few bytes makes an image that does not.
func (i *Image) ends() bool {
	end := ""
	switch i.Coding {
	case PNG:
		end = "\x00\x00\x00\x00IEND\xaeB`\x82"
	case WSQ:
		end = "\xff\xa1"
	case JPEG:
		end = "\xff\xd9"
	case JP2, JP2Lossless:
		stream, whole := streamOf(i.Data)
		return whole && bytes.HasSuffix(stream, []byte("\xff\xd9"))
	}
	return bytes.HasSuffix(i.Data, []byte(end))
}

// codeStream is the size that a code stream of JPEG 2000 states.
func codeStream(b []byte) (width, height int, ok bool) {
	b, _ = streamOf(b)
	if len(b) < 24 || string(b[:4]) != "\xff\x4f\xff\x51" { // start of code stream, SIZ
		return 0, 0, false
	}
	return u32(b[8:]) - u32(b[16:]), u32(b[12:]) - u32(b[20:]), true
}

// streamOf is the code stream of JPEG 2000, which may stand in a box among others,
// and whether data and boxes end together.
func streamOf(b []byte) (stream []byte, whole bool) {
	if !bytes.HasPrefix(b, []byte("\x00\x00\x00\x0cjP  \r\n\x87\n")) {
		return b, true
	}
	for len(b) >= 8 {
		length, head := uint64(binary.BigEndian.Uint32(b)), 8
		switch {
		case length == 0: // to the end
			length = uint64(len(b))
		case length == 1 && len(b) >= 16: // a longer length
			length, head = binary.BigEndian.Uint64(b[8:]), 16
		}
		if length < uint64(head) || length > uint64(len(b)) {
			return stream, false
		}
		if string(b[4:8]) == "jp2c" && stream == nil {
			stream = b[head:length]
		}
		b = b[length:]
	}
	return stream, len(b) == 0
}

func u16(b []byte) int { return int(binary.BigEndian.Uint16(b)) }
func u32(b []byte) int { return int(binary.BigEndian.Uint32(b)) }
