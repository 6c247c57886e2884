package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"

	"optag/capture/finger"
	"optag/capture/finger/wsq"
	"optag/cmd/internal/trust"
)

// A wsqReport is what wsq encode and wsq decode say of the stream.
type wsqReport struct {
	File     string   `json:"file"` // that was written
	Width    int      `json:"width"`
	Height   int      `json:"height"`
	PPI      int      `json:"ppi"`         // 0 is unknown
	Assumed  bool     `json:"ppi_assumed"` // encode: the image names no resolution
	Rate     float64  `json:"rate"`        // bits for a pixel; 0 is unknown
	Bytes    int      `json:"bytes"`       // of the stream
	Ratio    float64  `json:"ratio"`       // of the pixels to the stream
	Software uint16   `json:"software"`    // number of the certificate
	Comments []string `json:"comments"`
}

// wsqEncode packs a print.
func wsqEncode(_ context.Context, e *env, args []string) error {
	f := newFlags(e, "optag wsq encode")
	rate := f.Float64("rate", wsq.DefaultRate, "bits for a pixel")
	use := f.String("for", "", "enrolment or chip: the rate is changed until the size is right")
	software := f.Uint("software", 0, "number of the certificate")
	if err := parse(f, args); err != nil {
		return err
	}
	target, err := targetOf(*use)
	switch {
	case err != nil:
		return err
	case f.NArg() != 2:
		return usageError("optag wsq encode takes an image and the file to write")
	case *software > 1<<16-1 || !(*rate > 0):
		return usageError("optag wsq encode: --rate is above 0, --software at most 65535")
	}
	in, out := f.Arg(0), f.Arg(1)
	img, ppi, assumed, err := readOriginal(in)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	data, _, err := wsq.EncodeFor(img, wsq.Options{Rate: *rate, PPI: ppi, Software: uint16(*software)}, target)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	info, err := wsq.DecodeConfig(data)
	if err != nil {
		return err
	}
	if err := writeBeside(in, out, data); err != nil {
		return err
	}
	return e.tellWSQ(out, info, len(data), assumed)
}

// targetOf is the size that a use asks for; none is the rate alone.
func targetOf(use string) (wsq.Target, error) {
	switch use {
	case "":
		return wsq.Target{}, nil
	case "enrolment":
		return wsq.Enrolment(), nil
	case "chip":
		return wsq.Chip(), nil
	}
	return wsq.Target{}, usageError("optag wsq encode: --for is enrolment or chip")
}

// readOriginal reads a print that has not been through a lossy compression, as
// far as its file tells.
func readOriginal(name string) (img *image.Gray, ppi int, assumed bool, err error) {
	raw, err := readLimited(name, finger.MaxPixels+1<<20)
	if err != nil {
		return nil, 0, false, err
	}
	if bytes.Contains(raw[:min(len(raw), 256)], []byte(lossyMark)) {
		return nil, 0, false, wsq.ErrLossy
	}
	return finger.ReadImage(raw)
}

// wsqDecode restores the image of a stream.
func wsqDecode(_ context.Context, e *env, args []string) error {
	files, err := noFlags(e, "wsq decode", args, 2, "a WSQ file and the image to write")
	if err != nil {
		return err
	}
	in, out := files[0], files[1]
	pack := map[string]func(*image.Gray, int) ([]byte, error){".pgm": lossyPGM, ".png": lossyPNG}[strings.ToLower(filepath.Ext(out))]
	if pack == nil {
		return usageError("optag wsq decode writes .pgm or .png")
	}
	data, err := readLimited(in, finger.MaxPixels)
	if err != nil {
		return err
	}
	img, info, err := wsq.Decode(data, finger.MaxPixels)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	packed, err := pack(img.SubImage(info.Content).(*image.Gray), info.PPI)
	if err != nil {
		return err
	}
	if err := writeBeside(in, out, packed); err != nil {
		return err
	}
	if info.Trailing > 0 {
		fmt.Fprintf(e.err, "optag: note: %s holds %d bytes after its end\n", in, info.Trailing)
	}
	return e.tellWSQ(out, info, len(data)-info.Trailing, false)
}

func (e *env) tellWSQ(file string, i wsq.Info, size int, assumed bool) error {
	r := wsqReport{
		File: file, Width: i.Content.Dx(), Height: i.Content.Dy(), PPI: i.PPI, Assumed: assumed,
		Rate: i.Rate, Bytes: size, Ratio: round(float64(i.Width*i.Height) / float64(size)),
		Software: i.Software, Comments: append([]string{}, i.Comments...),
	}
	if e.json {
		return e.print(r)
	}
	ppi := "unknown resolution"
	if i.PPI > 0 {
		ppi = fmt.Sprintf("%d ppi", i.PPI)
	}
	_, err := fmt.Fprintf(e.out, "%s: %d × %d at %s, %d bytes of WSQ, %.1f:1, aimed at %g bits for a pixel, certificate %d\n",
		file, r.Width, r.Height, ppi, r.Bytes, r.Ratio, r.Rate, r.Software)
	return err
}

// writeBeside writes out as a whole, never over in.
func writeBeside(in, out string, content []byte) error {
	from, err := os.Stat(in)
	if err != nil {
		return err
	}
	to, err := os.Stat(out)
	switch {
	case err == nil && os.SameFile(from, to):
		return fmt.Errorf("%s would be written over itself", out)
	case err == nil && !to.Mode().IsRegular():
		return fmt.Errorf("%s is not a file that can be written over", out)
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return err
	}
	return trust.WriteFile(out, content)
}

// lossyMark stands near the beginning of an image that was restored from WSQ, so
// that it is not compressed a second time.
const lossyMark = "lossy: restored from WSQ"

// lossyPGM packs an image as PGM, which has no place for a resolution.
func lossyPGM(img *image.Gray, _ int) ([]byte, error) {
	size := img.Rect.Size()
	out := fmt.Appendf(nil, "P5\n# %s\n%d %d\n255\n", lossyMark, size.X, size.Y)
	for y := range size.Y {
		out = append(out, img.Pix[y*img.Stride:][:size.X]...)
	}
	return out, nil
}

// lossyPNG packs an image as PNG with the mark in its first chunk but one, and
// with its resolution where that is known.
func lossyPNG(img *image.Gray, ppi int) ([]byte, error) {
	var plain []byte
	var err error
	if ppi > 0 {
		plain, err = finger.WriteImage(img, [2]int{ppi, ppi})
	} else {
		var buf bytes.Buffer
		err = png.Encode(&buf, img)
		plain = buf.Bytes()
	}
	if err != nil {
		return nil, err
	}
	text := "tEXtComment\x00" + lossyMark
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(text)-len("tEXt")))
	chunk = append(chunk, text...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE([]byte(text)))
	const header = 8 + 12 + 13 // signature and IHDR
	return append(append(append([]byte{}, plain[:header]...), chunk...), plain[header:]...), nil
}
