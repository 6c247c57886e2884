package main

import (
	"bytes"
	"encoding/json"
	"image"
	"os"
	"path/filepath"
	"testing"

	"optag/capture/finger"
	"optag/capture/finger/wsq"
)

// ridged is an image that is like a print enough to be packed.
func ridged(w, h int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		x, y := i%w-w/2, i/w-h/2
		v := byte((x*x + y*y) / 180)
		if v > 127 {
			v = ^v
		}
		img.Pix[i] = 40 + v + byte(x*y*7&15)
	}
	return img
}

// decodeReport runs a command with --json and returns what it reports.
func (d *desk) wsqReport(args ...string) wsqReport {
	d.t.Helper()
	var r wsqReport
	if code := d.run(append([]string{"--json"}, args...)...); code != 0 {
		d.t.Fatalf("%v = %d: %s", args, code, d.errout.String())
	}
	if err := json.Unmarshal(d.out.Bytes(), &r); err != nil {
		d.t.Fatal(err)
	}
	return r
}

// TestWSQ: a print goes to WSQ and back, as PGM and as PNG, with its size and
// resolution.
func TestWSQ(t *testing.T) {
	d := newDesk(t)
	in := d.file("print.png", printPNG(t, ridged(400, 500), 500))
	packed := filepath.Join(d.dir, "print.wsq")
	r := d.wsqReport("wsq", "encode", "--software", "4711", in, packed)
	if r.Width != 400 || r.Height != 500 || r.PPI != 500 || r.Assumed || r.Rate != 0.75 || r.Software != 4711 {
		t.Errorf("wsq encode reports %+v", r)
	}
	data, err := os.ReadFile(packed)
	if err != nil || len(data) != r.Bytes {
		t.Fatalf("%d bytes, %v; reported %d", len(data), err, r.Bytes)
	}
	want, _, err := wsq.Decode(data, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"back.pgm", "back.PNG"} {
		out := filepath.Join(d.dir, name)
		if r := d.wsqReport("wsq", "decode", packed, out); r.PPI != 500 || r.Width != 400 || r.Height != 500 {
			t.Errorf("%s: wsq decode reports %+v", name, r)
		}
		raw, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		got, _, _, err := finger.ReadImage(raw)
		if err != nil || !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("%s does not hold the pixels: %v", name, err)
		}
	}
}

// TestWSQFor: the size is right for what the print is for.
func TestWSQFor(t *testing.T) {
	d := newDesk(t)
	in := d.file("print.png", printPNG(t, ridged(640, 700), 500))
	out := filepath.Join(d.dir, "print.wsq")
	if r := d.wsqReport("wsq", "encode", "--for", "chip", in, out); r.Bytes > 18000 || r.Bytes < 17000 {
		t.Errorf("for a chip: %d bytes", r.Bytes)
	}
	if r := d.wsqReport("wsq", "encode", "--for", "enrolment", "--rate", "3", in, out); r.Ratio < 10 || r.Ratio > 20 {
		t.Errorf("for enrolment: %.1f:1", r.Ratio)
	}
}

// TestWSQRefusals: each refusal has its exit status, and leaves no file behind.
func TestWSQRefusals(t *testing.T) {
	d := newDesk(t)
	in := d.file("print.png", printPNG(t, ridged(300, 300), 500))
	packed, lossy := filepath.Join(d.dir, "print.wsq"), filepath.Join(d.dir, "lossy.png")
	d.wsqReport("wsq", "encode", in, packed)
	d.wsqReport("wsq", "decode", packed, lossy)
	lossyPGM := filepath.Join(d.dir, "lossy.pgm")
	d.wsqReport("wsq", "decode", packed, lossyPGM)
	small := d.file("small.png", asPNG(t, image.NewGray(image.Rect(0, 0, 100, 100))))
	text := d.file("text.wsq", []byte("hello"))
	none := filepath.Join(d.dir, "none.pgm")
	for _, c := range []struct {
		name string
		code int
		args []string
	}{
		{"one file", 2, []string{"encode", in}},
		{"a use that is none", 2, []string{"encode", "--for", "passport", in, none}},
		{"a negative rate", 2, []string{"encode", "--rate", "-1", in, none}},
		{"a rate beyond eight bits", 1, []string{"encode", "--rate", "9", in, none}},
		{"a certificate beyond 16 bits", 2, []string{"encode", "--software", "65536", in, none}},
		{"an image too small for a print", 1, []string{"encode", small, none}},
		{"a print that was restored from WSQ, as PNG", 1, []string{"encode", lossy, none}},
		{"a print that was restored from WSQ, as PGM", 1, []string{"encode", lossyPGM, none}},
		{"a file over itself", 1, []string{"encode", in, in}},
		{"a directory in the way", 1, []string{"encode", in, d.dir}},
		{"a file that is not there", 1, []string{"encode", none, none}},
		{"a text", 1, []string{"decode", text, none}},
		{"a kind of image that is not written", 2, []string{"decode", packed, filepath.Join(d.dir, "a.bmp")}},
	} {
		if code := d.run(append([]string{"wsq"}, c.args...)...); code != c.code {
			t.Errorf("%s: exit status %d, want %d: %s", c.name, code, c.code, d.errout.String())
		}
		if _, err := os.Stat(none); err == nil {
			t.Fatalf("%s left a file behind", c.name)
		}
	}
	if raw, err := os.ReadFile(in); err != nil || !bytes.HasPrefix(raw, []byte("\x89PNG")) {
		t.Error("the print was written over")
	}
}
