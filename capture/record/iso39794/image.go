package iso39794

import (
	"fmt"
	"strings"
)

// magics are the beginnings an image may have by the word of the schema for its
// format. JPEG 2000 has two: of a file and of a bare codestream.
func magics(format string) []string {
	switch format {
	case "pgm":
		return []string{"P5", "P2"}
	case "ppm":
		return []string{"P6", "P3"}
	case "wsq":
		return []string{"\xFF\xA0"}
	case "jpeg":
		return []string{"\xFF\xD8\xFF"}
	case "png":
		return []string{"\x89PNG\r\n\x1A\n"}
	case "jpeg2000Lossy", "jpeg2000Lossless":
		return []string{"\x00\x00\x00\x0CjP  \r\n\x87\n", "\xFF\x4F\xFF\x51"}
	}
	return nil
}

// image looks whether an image is there and begins like its format. Of a format
// without a known beginning nothing more is asked.
func (c *coder) image(field, format string, b []byte) {
	if len(b) == 0 {
		c.fail(field, "must hold an image", "0 bytes")
		return
	}
	begins := magics(format)
	for _, m := range begins {
		if len(b) >= len(m) && string(b[:len(m)]) == m {
			return
		}
	}
	if len(begins) > 0 {
		c.fail(field, "does not begin like "+format, strings.ToUpper(fmt.Sprintf("%x", b[:min(2, len(b))])))
	}
}
