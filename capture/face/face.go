// Package face checks a portrait, each check by its own name. The measures are
// simple ones of our own, on a person before a plain ground: they advise and
// never block, and brightness in particular never decides about a person. It
// finds no eyes and recognises nobody.
package face

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"slices"
)

// Algorithm names the measures in the record.
const Algorithm = "optag-portrait-1"

// Size of a portrait, in pixels. MinWidth and MinHeight are what a card is made
// from (BSI TR-03121-3 vol. 2 §§ 5.3.1, 5.12); below leastSide there is no
// portrait, and above MaxPixels no camera at a counter.
const (
	MinWidth, MinHeight = 622, 800
	leastSide           = 240
	MaxPixels           = 60_000_000
	MaxBytes            = 32 << 20

	// maxUnpacked bounds the memory that unpacking takes, in bytes. A camera's
	// own JPEG of 60 million pixels stays below it; a picture of a few bytes
	// that claims as many, progressive or of 16 bits, does not.
	maxUnpacked = 256 << 20
)

// A Name is a check.
type Name string

// The checks.
const (
	Size       Name = "size"       // smaller side against the smallest allowed, as a ratio; at least 1
	Subject    Name = "subject"    // share of the middle that differs from the ground
	Centred    Name = "centred"    // middle of the head, share of the width
	Distance   Name = "distance"   // head's width, share of the picture's width
	Brightness Name = "brightness" // mean luminance of the middle, 0 to 1
	Contrast   Name = "contrast"   // entropy of the middle's luminance, in bits
	Sharpness  Name = "sharpness"  // height of the steepest edges in the middle, grey levels
	Background Name = "background" // deviation of the ground, grey levels
)

// A Check is one measure with its bounds.
type Check struct {
	Name  Name    `json:"name"`
	Value float64 `json:"value"`
	Min   float64 `json:"min"`
	Max   float64 `json:"max"`
}

// OK reports whether the value lies within the bounds.
func (c Check) OK() bool { return c.Value >= c.Min && c.Value <= c.Max }

// Low reports whether the value lies under the bounds.
func (c Check) Low() bool { return c.Value < c.Min }

// bounds of each check. Distance and Centred follow BSI TR-03121-3 vol. 2
// § 5.4.1 with room for a picture that is still to be cropped; the others are
// settings of ours.
var bounds = [...]Check{
	{Size, 0, 1, math.MaxFloat64},
	{Subject, 0, 0.5, 1},
	{Centred, 0, 0.42, 0.58},
	{Distance, 0, 0.31, 0.77},
	{Brightness, 0, 0.10, 0.90},
	{Contrast, 0, 3, 8},
	{Sharpness, 0, 12, 255},
	{Background, 0, 0, 22},
}

// Assess measures a portrait. Every check is in the answer, in the order above.
func Assess(img image.Image) []Check {
	p := shrink(img)
	m := measure(p)
	b := img.Bounds()
	values := map[Name]float64{
		Size:       math.Min(float64(b.Dx())/MinWidth, float64(b.Dy())/MinHeight),
		Subject:    m.subject,
		Centred:    m.centre,
		Distance:   m.headWidth,
		Brightness: m.brightness,
		Contrast:   m.contrast,
		Sharpness:  sharpness(img),
		Background: m.background,
	}
	checks := make([]Check, len(bounds))
	for i, c := range bounds {
		c.Value = math.Round(values[c.Name]*1000) / 1000
		checks[i] = c
	}
	return checks
}

// AssessLive measures a moving picture, which may be smaller than the portrait
// will be: every check but that of its size.
func AssessLive(img image.Image) []Check { return Assess(img)[1:] }

// Names lists every check in the order of [Assess].
func Names() []Name {
	names := make([]Name, len(bounds))
	for i, b := range bounds {
		names[i] = b.Name
	}
	return names
}

// Failed lists the checks whose value is out of bounds.
func Failed(checks []Check) []Name {
	var names []Name
	for _, c := range checks {
		if !c.OK() {
			names = append(names, c.Name)
		}
	}
	return names
}

// Blocking lists the failed checks against which a portrait is kept only with a
// reason: all but those of light, which judge the skin as well (OFIQ issue 93)
// and only advise.
func Blocking(checks []Check) []Name {
	return slices.DeleteFunc(Failed(checks), func(n Name) bool { return n == Brightness || n == Contrast })
}

// Read decodes a portrait, JPEG or PNG, within the limits on size. The size is
// checked before the pixels are unpacked.
func Read(data []byte) (img image.Image, mediaType string, err error) {
	if len(data) > MaxBytes {
		return nil, "", fmt.Errorf("the portrait's file holds %d bytes; at most %d are read", len(data), MaxBytes)
	}
	mediaType, decode, config, pixelBytes := kind(data)
	if mediaType == "" {
		return nil, "", errors.New("not a portrait: the file is neither JPEG nor PNG")
	}
	head, err := config(bytes.NewReader(data))
	if err != nil {
		return nil, "", fmt.Errorf("reading the portrait's header: %w", err)
	}
	w, h := head.Width, head.Height
	switch {
	case w < leastSide || h < leastSide:
		return nil, "", fmt.Errorf("the portrait is %d × %d pixels; %d × %d are needed", w, h, MinWidth, MinHeight)
	case w > MaxPixels/h || w*h > maxUnpacked/pixelBytes:
		return nil, "", fmt.Errorf("the portrait is %d × %d pixels, larger than any camera delivers", w, h)
	}
	if img, err = decode(bytes.NewReader(data)); err != nil {
		return nil, "", fmt.Errorf("reading the portrait's pixels: %w", err)
	}
	return img, mediaType, nil
}

// kind tells JPEG from PNG, with the most bytes that unpacking a pixel takes:
// what image/jpeg and image/png make of it.
func kind(data []byte) (mediaType string, decode func(io.Reader) (image.Image, error),
	config func(io.Reader) (image.Config, error), pixelBytes int) {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		pixelBytes = 4 // three or four planes of a byte
		if progressive(data) {
			pixelBytes += 4 * 4 // and all coefficients, of four bytes each
		}
		return "image/jpeg", jpeg.Decode, jpeg.DecodeConfig, pixelBytes
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		pixelBytes = 4
		if len(data) > 24 && data[24] == 16 { // bits of a sample
			pixelBytes = 8
		}
		return "image/png", png.Decode, png.DecodeConfig, pixelBytes
	}
	return "", nil, nil, 0
}

// progressive reports whether a JPEG's frame is one, by the marker SOF2.
func progressive(data []byte) bool {
	for at := 2; at+4 <= len(data) && data[at] == 0xff; {
		switch marker := data[at+1]; {
		case marker == 0xc2:
			return true
		case marker == 0xff: // fill
			at++
			continue
		case marker == 0xda || marker == 0xd9: // the scan, the end
			return false
		}
		at += 2 + int(data[at+2])<<8 + int(data[at+3])
	}
	return false
}
