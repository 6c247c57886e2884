package osia

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // portraits
	_ "image/png"
	"slices"
	"strings"
	"time"

	"optag/capture"
	portraits "optag/capture/face"
	"optag/capture/finger"
	"optag/capture/finger/wsq"
	"optag/capture/rule"
)

// A Picture is a portrait or a print that was taken over.
type Picture struct {
	Finger        finger.Position // 0 for the portrait
	MediaType     string          // image/jpeg, image/png or image/x-wsq
	Width, Height int
	PPI           int // of a print: 500 or 1000
	Score         int // of NFIQ 2, 0 to 100; -1 where that did not measure it
	Source        string
	Device        string // maker, model and serial number
	At            time.Time
	Data          []byte
}

// A Missing is a finger that was asked for and not taken.
type Missing struct {
	Finger finger.Position
	Reason capture.Reason
}

// subType is OSIA's name of a finger.
func subType(p finger.Position) string { return strings.ToUpper(p.String()) }

// position is the finger of such a name; 0 for none.
func position(name string) finger.Position {
	for _, p := range finger.All() {
		if subType(p) == name {
			return p
		}
	}
	return 0
}

// faceOf describes a portrait in the camera's own bytes.
func faceOf(p *capture.Portrait, data []byte) (biometric, error) {
	_, depth, err := inside(p.MediaType, data)
	return biometric{
		Type: face, SubType: portrait, Image: data, At: second(p.At), Device: called(p.Device.Maker, p.Device.Model, p.Device.Serial), Width: p.Width, Height: p.Height,
		Depth: depth, MediaType: p.MediaType, Compression: compressions[p.MediaType], Metadata: sourceIs + p.Source,
	}, err
}

const sourceIs = "source=" // "live" or "paper", of a portrait

// printOf describes a print, as PNG or packed for the first time.
func printOf(p capture.Print, data []byte, pack bool) (biometric, error) {
	ppi, err := finger.NominalPPI(float64(p.PPI[0]), float64(p.PPI[1]))
	b := biometric{
		Type: fingers, SubType: subType(p.Position), Image: data, At: second(p.At), Device: called(p.Device.Maker, p.Device.Model, p.Device.Serial),
		Impression: plain, Width: p.Width, Height: p.Height, Depth: 8, MediaType: "image/png", Resolution: ppi,
	}
	if err == nil && pack && ppi == 500 {
		b.MediaType = "image/x-wsq"
		b.Image, err = packed(data)
	}
	if p.Algorithm == finger.NFIQ2 {
		b.Quality, b.Format = &p.Score, nfiq2
	}
	b.Compression = compressions[b.MediaType]
	if err != nil {
		return b, fmt.Errorf("packing %v: %w", p.Position, err)
	}
	return b, nil
}

// packed is a print at 500 ppi as WSQ.
func packed(data []byte) ([]byte, error) {
	img, ppi, _, err := finger.ReadImage(data)
	if err != nil {
		return nil, err
	}
	defer clear(img.Pix)
	out, _, err := wsq.EncodeFor(img, wsq.Options{PPI: ppi}, wsq.Enrolment())
	return out, err
}

// called is the name of a device: what is known of its maker, model and serial
// number.
func called(words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(s string) bool { return s == "" }), " ")
}

// gone says why a finger was not taken: for a reason of its own, or because no
// finger could be. It is empty for one that was not asked for.
func gone(r capture.Record, p finger.Position) []biometric {
	reason, ok := capture.Reason(""), false
	if i := slices.IndexFunc(r.Exceptions, func(e capture.Exception) bool { return e.Position == p }); i >= 0 {
		reason, ok = r.Exceptions[i].Reason, true
	} else if r.Inability != nil {
		reason, ok = unableAs(r.Inability.Kind), true
	}
	if !ok {
		return nil
	}
	name := subType(p)
	return []biometric{{Type: fingers, SubType: name, Missing: []absence{{name, presences[reason]}}}}
}

// unableAs is the reason of each finger where a person can give no print.
func unableAs(kind rule.Inability) capture.Reason {
	if kind == rule.UnablePermanently {
		return capture.Permanent
	}
	return capture.Temporary
}

// read takes a picture over and compares it with what is said of it.
func (b biometric) read(data []byte) (Picture, error) {
	p := Picture{
		Finger: position(b.SubType), MediaType: b.MediaType, Width: b.Width, Height: b.Height, PPI: b.Resolution,
		Score: -1, Device: b.Device, At: b.At, Data: data,
	}
	if b.Quality != nil {
		p.Score = *b.Quality
	}
	wrong := b.Compression == "" || b.Compression != compressions[b.MediaType] || b.At.IsZero() || b.Missing != nil ||
		(b.Quality == nil) != (b.Format == "") || p.Score < -1 || p.Score > 100
	ppi, size, depth := 0, image.Point{}, 0
	var err error
	if b.Type == face {
		var ok bool
		p.Source, ok = strings.CutPrefix(b.Metadata, sourceIs)
		size, depth, err = inside(b.MediaType, data)
		wrong = wrong || !ok || b.SubType != portrait || b.Quality != nil || b.Impression != "" || b.MediaType == "image/x-wsq" ||
			p.Source != "live" && p.Source != "paper"
	} else {
		size, ppi, err = printInside(b.MediaType, data)
		depth = 8
		wrong = wrong || p.Finger == 0 || b.Type != fingers || b.Impression != plain || b.Format != "" && b.Format != nfiq2 || b.Metadata != ""
	}
	if err != nil || wrong || size != image.Pt(b.Width, b.Height) || depth != b.Depth || ppi != b.Resolution {
		return p, fmt.Errorf("a picture of %.30q is other than is said of it: %w", b.SubType, ErrForm)
	}
	return p, nil
}

// inside is the size and depth of a portrait.
func inside(mediaType string, data []byte) (image.Point, int, error) {
	c, kind, err := image.DecodeConfig(bytes.NewReader(data))
	if err == nil && ("image/"+kind != mediaType || len(data) > portraits.MaxBytes || c.Width > portraits.MaxPixels/max(1, c.Height)) {
		err = ErrForm
	}
	depth := 24
	if c.ColorModel == color.GrayModel {
		depth = 8
	}
	return image.Pt(c.Width, c.Height), depth, err
}

// printInside is the size and resolution of a print, whose pixels can be read.
func printInside(mediaType string, data []byte) (image.Point, int, error) {
	var img *image.Gray
	var ppi int
	var err error
	switch {
	case mediaType == "image/x-wsq":
		var info wsq.Info
		img, info, err = wsq.Decode(data, finger.MaxPixels)
		ppi = info.PPI
	case mediaType == "image/png" && bytes.HasPrefix(data, []byte("\x89PNG")):
		img, ppi, _, err = finger.ReadImage(data)
	default:
		err = ErrForm
	}
	if err != nil {
		return image.Point{}, 0, err
	}
	defer clear(img.Pix)
	return img.Rect.Size(), ppi, finger.CheckSize(img.Rect.Dx(), img.Rect.Dy())
}
