package wsq

import (
	"bytes"
	"image"
	"strconv"
	"strings"
)

// Bounds of what is written and believed.
const (
	maxComment = 1<<16 - 1 - 2
	maxPPI     = 1 << 16
	maxRate    = 8
)

// nistCom begins a comment that is a list of names and values, one a line, by
// which NIST's programs tell each other what an image is.
const nistCom = "NIST_COM"

func isNISTCom[S ~string | ~[]byte](comment S) bool {
	return strings.HasPrefix(string(comment[:min(len(comment), len(nistCom))]), nistCom)
}

// contentBox names in the NIST_COM where the image lies in a padded frame: left,
// top, width and height in pixels. It is this program's own.
const contentBox = "CONTENT_BOX"

// comments writes the NIST_COM, its lines in NIST's order, and those of o.
func (e *Encoder) comments(s *stream, o Options, rate float32) {
	s.marker(markCOM)
	at := len(*s)
	s.u16(0)
	content := e.info.Content
	padded := content != image.Rect(0, 0, e.info.Width, e.info.Height)
	lines := 9
	if padded {
		lines++
	}
	s.value(nistCom, lines)
	s.value("\nPIX_WIDTH", e.info.Width)
	s.value("\nPIX_HEIGHT", e.info.Height)
	s.value("\nPIX_DEPTH", 8)
	if o.PPI == 0 {
		s.value("\nPPI", -1)
	} else {
		s.value("\nPPI", o.PPI)
	}
	s.value("\nLOSSY", 1)
	*s = append(*s, "\nCOLORSPACE GRAY\nCOMPRESSION WSQ\nWSQ_BITRATE "...)
	*s = strconv.AppendFloat(*s, float64(rate), 'f', 6, 64)
	if padded {
		s.value("\n"+contentBox, content.Min.X, content.Min.Y, content.Dx(), content.Dy())
	}
	n := len(*s) - at
	(*s)[at], (*s)[at+1] = byte(n>>8), byte(n)
	for _, c := range o.Comments {
		s.marker(markCOM)
		s.u16(uint16(2 + len(c)))
		*s = append(*s, c...)
	}
}

// value writes a name and its values.
func (s *stream) value(name string, values ...int) {
	*s = append(*s, name...)
	for _, v := range values {
		*s = append(*s, ' ')
		*s = strconv.AppendInt(*s, int64(v), 10)
	}
}

// read takes over what a NIST_COM says that can be true.
func (i *Info) read(comment []byte) {
	for len(comment) > 0 {
		var line []byte
		line, comment, _ = bytes.Cut(comment, []byte("\n"))
		name, value, _ := bytes.Cut(line, []byte(" "))
		switch string(name) {
		case "PPI":
			if n := numbers(value); n[0] > 0 && n[0] <= maxPPI {
				i.PPI = n[0]
			}
		case "WSQ_BITRATE":
			if v, err := strconv.ParseFloat(string(bytes.TrimSpace(value)), 32); err == nil && v > 0 && v <= maxRate {
				i.Rate = v
			}
		case contentBox:
			n := numbers(value)
			i.Content = image.Rect(n[0], n[1], n[0]+n[2], n[1]+n[3])
		}
	}
}

// numbers reads up to four non-negative numbers of at most six digits; what is
// none is 0.
func numbers(s []byte) (n [4]int) {
	for i := range n {
		var field []byte
		field, s, _ = bytes.Cut(bytes.TrimSpace(s), []byte(" "))
		for _, c := range field {
			if c < '0' || c > '9' || n[i] > 99999 {
				n[i] = 0
				break
			}
			n[i] = 10*n[i] + int(c-'0')
		}
	}
	return n
}
