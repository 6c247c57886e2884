package finger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
)

// Bounds of a print's image. The smallest is the project's own: 256 × 256
// pixels at 500 ppi are 13 mm. The largest holds a four-finger slap at 1000 ppi.
const (
	MinSide   = 256
	MaxPixels = 3200 * 3000
)

// Resolutions a print may have: 500 or 1000 ppi, each within one in a hundred
// (BSI TR-03121-3, "±1 %").
const tolerance = 0.01

// ReadImage reads a print from a PNG or binary PGM file: 8-bit grey, ridges
// dark. The resolution stands in a PNG's pHYs chunk; a file that says none is
// taken to be 500 ppi, as assumed reports. The size is checked before the
// pixels are unpacked.
func ReadImage(data []byte) (img *image.Gray, ppi int, assumed bool, err error) {
	switch {
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return readPNG(data)
	case bytes.HasPrefix(data, []byte("P5")):
		img, err = readPGM(data)
		return img, 500, true, err
	}
	return nil, 0, false, errors.New("not a print: the file is neither PNG nor binary PGM")
}

func readPNG(data []byte) (*image.Gray, int, bool, error) {
	head, err := readHead(data)
	if err != nil {
		return nil, 0, false, err
	}
	if what := head.notGrey(); what != "" {
		return nil, 0, false, fmt.Errorf("a print is 8-bit grey; this PNG is %s", what)
	}
	if err := CheckSize(head.w, head.h); err != nil {
		return nil, 0, false, err
	}
	ppi, err := pngPPI(data)
	if err != nil {
		return nil, 0, false, err
	}
	decoded, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, 0, false, fmt.Errorf("reading the print's pixels: %w", err)
	}
	img, ok := decoded.(*image.Gray)
	if !ok {
		return nil, 0, false, errors.New("a print is 8-bit grey; this PNG is grey with transparency")
	}
	if ppi == 0 {
		return img, 500, true, nil
	}
	return img, ppi, false, nil
}

// A head is what the first chunk of a PNG, IHDR, says of the pixels.
type head struct {
	w, h  int
	depth byte // bits of a sample
	kind  byte // of colour, as PNG numbers them
}

func readHead(data []byte) (head, error) {
	if len(data) < 8+8+13 || string(data[12:16]) != "IHDR" {
		return head{}, errors.New("the PNG is cut short in its header")
	}
	w, h := binary.BigEndian.Uint32(data[16:]), binary.BigEndian.Uint32(data[20:])
	return head{w: int(w), h: int(h), depth: data[24], kind: data[25]}, nil
}

// notGrey says in words what a PNG is that is not 8-bit grey, "" when it is.
func (h head) notGrey() string {
	kinds := map[byte]string{2: "in colour", 3: "in colour, from a palette",
		4: "grey with transparency", 6: "in colour with transparency"}
	kind, other := kinds[h.kind]
	switch {
	case other && h.depth == 16:
		return "16-bit, " + kind
	case other:
		return kind
	case h.depth != 8:
		return fmt.Sprintf("%d-bit grey", h.depth)
	}
	return ""
}

// CheckSize says in words for the clerk why an image of w × h pixels cannot be
// a print; nil when it can.
func CheckSize(w, h int) error {
	if w < MinSide || h < MinSide {
		return fmt.Errorf("the print is %d × %d pixels; at least %d × %d are needed", w, h, MinSide, MinSide)
	}
	if w > MaxPixels/h {
		return fmt.Errorf("the print is %d × %d pixels, larger than any scanner delivers", w, h)
	}
	return nil
}

// pngPPI finds the resolution in a PNG, 0 where the file says none, and checks
// that nothing follows the PNG's end.
func pngPPI(data []byte) (ppi int, err error) {
	for at := 8; at+12 <= len(data); {
		n := int64(binary.BigEndian.Uint32(data[at:]))
		if n > int64(len(data)-at-12) {
			break
		}
		body, next := data[at+8:at+8+int(n)], at+12+int(n)
		switch string(data[at+4 : at+8]) {
		case "pHYs":
			if n == 9 && body[8] == 1 { // by the metre; else it is the aspect only
				if ppi, err = physical(body); err != nil {
					return 0, err
				}
			}
		case "IEND":
			if more := len(data) - next; more > 0 {
				return 0, fmt.Errorf("the PNG holds %d bytes after its end", more)
			}
			return ppi, nil
		}
		at = next
	}
	return 0, errors.New("the PNG is cut short")
}

func physical(body []byte) (int, error) {
	x, y := binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:])
	return NominalPPI(float64(x)*0.0254, float64(y)*0.0254)
}

// NominalPPI returns 500 or 1000 for a resolution that is one of them within one
// in a hundred, the same across and down, in pixels per inch.
func NominalPPI(x, y float64) (int, error) {
	for _, nominal := range []float64{500, 1000} {
		if within(x, nominal) && within(y, nominal) {
			return int(nominal), nil
		}
	}
	return 0, fmt.Errorf("the print is scanned at %.0f × %.0f ppi; 500 or 1000 are needed", x, y)
}

func within(v, nominal float64) bool {
	return v >= nominal*(1-tolerance) && v <= nominal*(1+tolerance)
}

// readPGM reads a binary PGM: "P5", width, height and largest value, each
// after white space or comments, one white space, the pixels.
func readPGM(data []byte) (*image.Gray, error) {
	at := 2
	var head [3]int
	for i := range head {
		var err error
		if head[i], at, err = pgmNumber(data, at); err != nil {
			return nil, err
		}
	}
	w, h, top := head[0], head[1], head[2]
	if top != 255 {
		return nil, fmt.Errorf("a print is 8-bit grey; this PGM counts to %d", top)
	}
	if err := CheckSize(w, h); err != nil {
		return nil, err
	}
	if at < len(data) && !bytes.ContainsRune([]byte(" \t\r\n"), rune(data[at])) {
		return nil, errors.New("the PGM's header is damaged")
	}
	at++ // the one white space
	switch pixels := len(data) - at; {
	case pixels < w*h:
		return nil, fmt.Errorf("the PGM is cut short: %d of %d pixels are there", max(pixels, 0), w*h)
	case pixels > w*h:
		return nil, fmt.Errorf("the PGM holds %d bytes after its pixels", pixels-w*h)
	}
	img := image.NewGray(image.Rect(0, 0, w, h))
	copy(img.Pix, data[at:])
	return img, nil
}

func pgmNumber(data []byte, at int) (n, next int, err error) {
	for at < len(data) {
		switch c := data[at]; {
		case c == '#':
			for at < len(data) && data[at] != '\n' {
				at++
			}
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			at++
		case c >= '0' && c <= '9':
			for ; at < len(data) && data[at] >= '0' && data[at] <= '9'; at++ {
				if n = n*10 + int(data[at]-'0'); n > 1<<20 {
					return 0, 0, errors.New("the PGM's header holds a number beyond all sizes")
				}
			}
			return n, at, nil
		default:
			return 0, 0, errors.New("the PGM's header is damaged")
		}
	}
	return 0, 0, errors.New("the PGM is cut short in its header")
}

// WriteImage packs a print without loss: a PNG with its resolution, in pixels
// per inch, in the pHYs chunk.
func WriteImage(img *image.Gray, ppi [2]int) ([]byte, error) {
	var buf bytes.Buffer
	buf.Grow(len(img.Pix) + len(img.Pix)/16 + 4096) // so that no smaller copy is left behind
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(&buf, img); err != nil {
		return nil, fmt.Errorf("packing the print: %w", err)
	}
	const header = 8 + 12 + 13 // signature and IHDR
	chunk := make([]byte, 0, 21)
	chunk = binary.BigEndian.AppendUint32(chunk, 9)
	chunk = append(chunk, "pHYs"...)
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre(ppi[0]))
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre(ppi[1]))
	chunk = append(chunk, 1)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	plain := buf.Bytes()
	out := make([]byte, 0, len(plain)+len(chunk))
	out = append(append(append(out, plain[:header]...), chunk...), plain[header:]...)
	clear(plain)
	return out, nil
}

func perMetre(ppi int) uint32 { return uint32(float64(ppi)/0.0254 + 0.5) }
