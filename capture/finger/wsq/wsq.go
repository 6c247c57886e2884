// Package wsq packs 8-bit grey fingerprints by wavelet scalar quantisation and
// unpacks them: the FBI's "WSQ gray-scale fingerprint image compression
// specification", version 3.1, which BSI TR-03121-3 asks for.
//
// The order of every floating-point operation is part of the format in
// practice. The streams are those that NIST's NBIS 5.0 cwsq writes at the same
// rate, byte for byte, and the pixels those that its dwsq restores; both are the
// same on every processor.
//
// The package knows no file, no record and no finger. Which resolution, size or
// quality a print must have is decided above it. An implementation needs its
// own certificate of the FBI before it is used in production; its number is
// [Options.Software].
package wsq

import (
	"errors"
	"image"
)

// DefaultRate is the rate of BSI TR-03121-3 in bits for a pixel, about 15:1.
const DefaultRate = 0.75

// MinSide is the least width and height of a frame. Readers of WSQ refuse less,
// cwsq among them, so a smaller image is padded evenly with white.
const MinSide = 256

// minNative is the least width and height that the transform holds at all: the
// deepest subbands would have no pixels to take a variance from.
const minNative = 81

// Bounds of a frame: the header counts 16 bits for a side, and the sum of the
// pixels must stay within 32 bits.
const (
	maxSide   = 1<<16 - 1
	maxPixels = (1<<32 - 1) / 255
)

// DefaultLimit is the largest number of pixels that is decoded where the caller
// names no limit: a four-finger slap at 1000 ppi.
const DefaultLimit = 3200 * 3000

// ErrLossy is returned by the encoders for pixels that have been through a lossy
// compression before: TR-03121-3 allows one such step.
var ErrLossy = errors.New("the pixels come from a lossy source; they are compressed only once")

// ErrTarget is returned by [EncodeFor] where no rate reaches the target, as for
// a blank image.
var ErrTarget = errors.New("no rate reaches the size that is asked for")

// Options say how an image is packed. The zero value packs at [DefaultRate].
type Options struct {
	Rate     float64  // bits for a pixel, above 0 to 8; 0 is DefaultRate
	PPI      int      // scanning resolution in pixels per inch; 0 is unknown
	Software uint16   // number of the certificate in the frame header; cwsq writes 0
	Comments []string // each becomes a comment of its own, at most 65,533 bytes long
	Lossy    bool     // the pixels come from a lossy source: ErrLossy
	Native   bool     // sides from 81 to 255 pixels are not padded; some readers refuse the stream
}

// Info is what a stream says of itself.
type Info struct {
	Width, Height int             // of the frame in pixels
	Content       image.Rectangle // the image within the frame; all of it unless white was added
	PPI           int             // pixels per inch; 0 is unknown
	Rate          float64         // bits for a pixel that were aimed at; 0 is unknown
	Version       uint8           // of the encoder's parameters; 2 for the specification's version 3.1
	Software      uint16          // number of the certificate of the program that wrote it
	Comments      []string        // in the stream's order, without the NIST_COM; whatever bytes a stranger wrote
	Trailing      int             // bytes behind the end, which are ignored
}

// Encode packs an image of any size from 1 × 1. A side below [MinSide] is padded
// evenly with white, and the stream says where the image lies. A rate that an
// image too smooth for it cannot use up is halved until it can; cwsq writes a
// broken stream there.
func Encode(img *image.Gray, o Options) ([]byte, error) {
	return new(Encoder).Encode(nil, img, o)
}

// EncodeFor packs an image at the rate of o, or where that misses the target at
// the nearest rate that reaches it. It says which. The error wraps [ErrTarget]
// where there is none.
func EncodeFor(img *image.Gray, o Options, t Target) ([]byte, Result, error) {
	return new(Encoder).EncodeFor(nil, img, o, t)
}

// Decode restores the frame of a stream, limit pixels at most; 0 is
// [DefaultLimit]. It takes up to 11 bytes for each pixel that the header claims,
// and nothing before the claim is within the limit. The frame may be larger
// than the image that was packed: see [Info.Content].
func Decode(data []byte, limit int) (*image.Gray, Info, error) {
	return new(Decoder).Decode(data, limit)
}

// DecodeConfig reads what stands before the first block of coefficients.
func DecodeConfig(data []byte) (Info, error) {
	return new(Decoder).config(data)
}

// Markers, each behind 0xff: specification, table of markers.
const (
	markSOI = 0xa0 // start of image
	markEOI = 0xa1 // end of image
	markSOF = 0xa2 // start of frame: its header
	markSOB = 0xa3 // start of a block of coefficients
	markDTT = 0xa4 // transform table: the filters
	markDQT = 0xa5 // quantisation table
	markDHT = 0xa6 // Huffman tables
	markDRT = 0xa7 // restart interval
	markCOM = 0xa8 // comment
	markRST = 0xb0 // to 0xb7: restart
)

// Symbols of the Huffman code: 1 to 100 are runs of zeros, 107 to 254 the
// coefficients from -73 to 74, and between them the escapes.
const (
	maxRun      = 100
	symPlus8    = 101 // a coefficient in 8 further bits
	symMinus8   = 102
	symPlus16   = 103
	symMinus16  = 104
	symRun8     = 105 // a run of zeros in 8 further bits
	symRun16    = 106
	symZero     = 180 // what a coefficient is added to
	minLiteral  = -73
	maxLiteral  = 74
	symbolCount = 256
)
