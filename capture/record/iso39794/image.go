package iso39794

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// image looks whether an image is there, begins like its format and ends like it.
// The end matters where the length of an image is the only thing that says where
// it ends: a length that is wrong could otherwise cut an image short, or take in
// the fields behind it, and nobody would notice. Of a format whose form is not
// known nothing is asked.
func (c *coder) image(field string, of fmt.Stringer, b []byte) {
	if !c.ok() || !c.checks() {
		return
	}
	if len(b) == 0 {
		c.fail(field, "must hold an image", "0 bytes")
		return
	}
	format := of.String() // a word of the schema
	if begins, ends := looks(format, b); !begins {
		c.fail(field, "does not begin like "+format, fmt.Sprintf("%X", b[:min(2, len(b))]))
	} else if !ends {
		c.fail(field, "does not end like "+format, fmt.Sprint(len(b), " bytes"))
	}
}

// looks reports whether an image begins like those of a format, and then whether
// it ends like them.
func looks(format string, b []byte) (begins, ends bool) {
	switch format {
	case "pgm":
		return starts(b, "P5"), netpbm(b, 1)
	case "ppm":
		return starts(b, "P6"), netpbm(b, 3)
	case "wsq":
		return starts(b, "\xFF\xA0"), stops(b, "\xFF\xA1")
	case "jpeg":
		return starts(b, "\xFF\xD8\xFF"), stops(b, "\xFF\xD9")
	case "png":
		return starts(b, "\x89PNG\r\n\x1A\n"), stops(b, "\x00\x00\x00\x00IEND\xAE\x42\x60\x82")
	case "jpeg2000Lossy", "jpeg2000Lossless":
		return starts(b, jp2Signature) || starts(b, jp2Codestream), jpeg2000Ends(b)
	}
	return true, true
}

func starts(b []byte, s string) bool { return bytes.HasPrefix(b, []byte(s)) }

// stops allows for zeros behind the end, with which some fill up their files.
func stops(b []byte, s string) bool {
	return bytes.HasSuffix(bytes.TrimRight(b, "\x00"), []byte(s))
}

const (
	jp2Signature   = "\x00\x00\x00\x0CjP  \r\n\x87\n" // of a file
	jp2Codestream  = "\xFF\x4F\xFF\x51"               // of a bare codestream
	jp2EndOfStream = "\xFF\xD9"
)

// jpeg2000Ends reports whether a codestream ends with its marker, or the boxes of
// a file, one of them a codestream, are whole.
func jpeg2000Ends(b []byte) bool {
	if starts(b, jp2Codestream) {
		return stops(b, jp2EndOfStream)
	}
	stream, filling := false, len(b)-len(bytes.TrimRight(b, "\x00"))
	for len(b) > filling {
		if len(b) < 8 {
			return false
		}
		size, codestream := uint64(binary.BigEndian.Uint32(b)), string(b[4:8]) == "jp2c"
		switch {
		case size == 0 && codestream: // the last box, to the end
			size = uint64(len(b))
		case size == 1 && len(b) >= 16:
			size = binary.BigEndian.Uint64(b[8:])
		}
		if size < 8 || size > uint64(len(b)) {
			return false
		}
		if codestream {
			if stream = stops(b[:size], jp2EndOfStream); !stream {
				return false
			}
		}
		b = b[size:]
	}
	return stream
}

// netpbm reports whether an image has as many samples as its head says, each of
// one byte, or of two if they go beyond 255.
func netpbm(b []byte, channels uint64) bool {
	b = b[min(2, len(b)):]
	var n [3]uint64 // width, height, largest value
	for i := range n {
		for b = space(b); len(b) > 0 && b[0] >= '0' && b[0] <= '9' && n[i] <= 65535; b = b[1:] {
			n[i] = n[i]*10 + uint64(b[0]-'0')
		}
		if n[i] == 0 || n[i] > 65535 || len(b) == 0 {
			return false
		}
	}
	size := n[0] * n[1] * channels
	if n[2] > 255 {
		size *= 2
	}
	return uint64(len(b)-1) == size // a single blank stands before the samples
}

// space leaves out blanks, and comments to the end of their line.
func space(b []byte) []byte {
	for len(b) > 0 {
		switch b[0] {
		case ' ', '\t', '\n', '\r':
			b = b[1:]
		case '#':
			i := bytes.IndexByte(b, '\n')
			if i < 0 {
				return nil
			}
			b = b[i+1:]
		default:
			return b
		}
	}
	return b
}
