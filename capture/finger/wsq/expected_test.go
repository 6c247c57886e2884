package wsq

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

// paintedCount is how many images the table of expected hashes holds.
const paintedCount = 1200

const expectedFile = "testdata/expected.txt"

// expectedHead says of the table what a reader has to know.
const expectedHead = `# What becomes of the images that paint_test.go paints, by their number: the first
# eight bytes of the SHA-256 of the stream, and of the pixels it is restored to.
# Written by go test -run TestExpected -update after every stream had been
# compared with that of NBIS 5.0.0 cwsq and the pixels with those of its dwsq,
# byte for byte. Behind a ! cwsq's stream is broken and was not followed: too few
# subbands carry the rate, and its coefficients overflow 16 bits.
`

var update = flag.Bool("update", false, "write the table of expected hashes anew")

// outcome is a line of the table for image n.
func outcome(t *testing.T, e *Encoder, d *Decoder, n int) string {
	t.Helper()
	s := painted(n)
	o := Options{Rate: s.rate, PPI: s.ppi, Native: true}
	stream, err := e.Encode(nil, s.img, o)
	if err != nil {
		t.Fatalf("image %d: %v", n, err)
	}
	img, info, err := d.Decode(stream, 0)
	if err != nil {
		t.Fatalf("image %d: %v", n, err)
	}
	if info.Width != s.img.Rect.Dx() || info.Height != s.img.Rect.Dy() || info.PPI != s.ppi {
		t.Errorf("image %d: %+v", n, info)
	}
	mark := ""
	if _, err := e.pack(nil, o, float32(s.rate)); errors.Is(err, errFine) {
		mark = " !"
	}
	a, b := sha256.Sum256(stream), sha256.Sum256(img.Pix)
	return fmt.Sprintf("%d %x %x%s", n, a[:8], b[:8], mark)
}

// TestExpected: streams and pixels are those that were compared with NBIS. Every
// twentieth in a plain run.
func TestExpected(t *testing.T) {
	step := 20
	if os.Getenv("OPTAG_SOAK") != "" || *update {
		step = 1
	}
	var e Encoder
	var d Decoder
	if *update {
		out := bytes.NewBufferString(expectedHead)
		for n := range paintedCount {
			fmt.Fprintln(out, outcome(t, &e, &d, n))
		}
		if err := os.WriteFile(expectedFile, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	lines := expectedLines(t)
	if len(lines) != paintedCount {
		t.Fatalf("the table holds %d images, want %d", len(lines), paintedCount)
	}
	for n := 0; n < paintedCount; n += step {
		// Another image in each run of the step, so that all kinds are met.
		n := n + n/step%step
		if n >= paintedCount {
			break
		}
		if got := outcome(t, &e, &d, n); got != lines[n] {
			t.Errorf("image %d: got %s, want %s", n, got, lines[n])
		}
	}
	if step > 1 {
		t.Logf("checked every %dth of %d images; OPTAG_SOAK=1 checks all", step, paintedCount)
	}
}

func expectedLines(t *testing.T) []string {
	t.Helper()
	f, err := os.Open(expectedFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines []string
	for s := bufio.NewScanner(f); s.Scan(); {
		if !strings.HasPrefix(s.Text(), "#") {
			lines = append(lines, s.Text())
		}
	}
	return lines
}
