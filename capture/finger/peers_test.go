package finger_test

import (
	"bytes"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"optag/capture/finger"
	"optag/capture/finger/minutiae"
	"optag/capture/finger/slap"
	"optag/capture/finger/wsq"
	"optag/testdata/gen"
)

// TestBesidePeers puts our packages beside NIST's programs, each as a black box:
// the same print goes through both, results are compared, and the processor time
// of both is measured in turn. OPTAG_PEERS names a directory that holds NBIS 5.0's
// cwsq, dwsq, mindtct, bozorth3 and nfseg, or some of them; docs/fingers.md says
// what came out. The time of a program is that of its process less that of the
// same program on a print of no size, so its start does not count.
func TestBesidePeers(t *testing.T) {
	dir := os.Getenv("OPTAG_PEERS")
	if dir == "" {
		t.Skip("not run: OPTAG_PEERS names no directory of peer programs")
	}
	p := &peers{t: t, dir: dir, work: t.TempDir()}
	img := gen.Master(7, gen.RightIndex).Impression(image.Pt(416, 560), at500, gen.Conditions{}, 1)
	packed := p.wsq(img)
	p.minutiae(img, packed)
	p.slap()
}

type peers struct {
	t         *testing.T
	dir, work string
}

// rounds is how often each side runs; the shortest time counts.
const rounds = 15

// run runs a peer and returns its processor time.
func (p *peers) run(name string, args ...string) time.Duration {
	p.t.Helper()
	cmd := exec.Command(filepath.Join(p.dir, name), args...)
	cmd.Dir = p.work
	if out, err := cmd.CombinedOutput(); err != nil {
		p.t.Fatalf("%s: %v: %s", name, err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// start is the processor time of a peer that finds nothing to do.
func (p *peers) start(name string) time.Duration {
	least := time.Hour
	for range rounds {
		cmd := exec.Command(filepath.Join(p.dir, name))
		_ = cmd.Run() // it complains about its arguments, and that is all it does
		least = min(least, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	}
	return least
}

// beside measures a peer and our function in turn, and tells the ratio.
func (p *peers) beside(what, name string, ours func(), args ...string) {
	p.t.Helper()
	theirs, mine := time.Hour, time.Hour
	for range rounds {
		theirs = min(theirs, p.run(name, args...))
		begun := time.Now()
		ours()
		mine = min(mine, time.Since(begun))
	}
	theirs -= p.start(name)
	p.t.Logf("%-28s %-9s %6.1f ms, ours %6.1f ms: %.2f", what, name, ms(theirs), ms(mine), float64(mine)/float64(theirs))
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (p *peers) has(name string) bool {
	_, err := os.Stat(filepath.Join(p.dir, name))
	if err != nil {
		p.t.Logf("not compared: %s is not there", name)
	}
	return err == nil
}

func (p *peers) write(name string, data []byte) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.work, name), data, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p *peers) read(name string) []byte {
	p.t.Helper()
	data, err := os.ReadFile(filepath.Join(p.work, name))
	if err != nil {
		p.t.Fatal(err)
	}
	return data
}

// wsq compares bytes and pixels, and returns the stream.
func (p *peers) wsq(img *image.Gray) []byte {
	p.t.Helper()
	var enc wsq.Encoder
	o := wsq.Options{Rate: 0.75, PPI: 500}
	packed, err := wsq.Encode(img, o)
	if err != nil {
		p.t.Fatal(err)
	}
	var again []byte
	p.write("a.raw", img.Pix)
	if p.has("cwsq") {
		size := fmt.Sprintf("%d,%d,8,500", img.Rect.Dx(), img.Rect.Dy())
		p.beside("WSQ, packing 416 × 560", "cwsq", func() { again, _ = enc.Encode(again[:0], img, o) },
			".75", "wsq", "a.raw", "-raw_in", size)
		if !bytes.Equal(p.read("a.wsq"), packed) {
			p.t.Error("our stream is not that of cwsq")
		}
	}
	p.write("b.wsq", packed)
	if p.has("dwsq") {
		var dec wsq.Decoder
		p.beside("WSQ, restoring 416 × 560", "dwsq", func() { _, _, _ = dec.Decode(packed, 0) }, "raw", "b.wsq", "-raw_out")
		got, _, err := dec.Decode(packed, 0)
		if err != nil || !bytes.Equal(p.read("b.raw"), got.Pix) {
			p.t.Errorf("our pixels are not those of dwsq: %v", err)
		}
	}
	return packed
}

func (p *peers) minutiae(img *image.Gray, packed []byte) {
	p.t.Helper()
	if !p.has("mindtct") || !p.has("bozorth3") {
		return
	}
	p.write("c.wsq", packed)
	var e minutiae.Extractor
	var m minutiae.Matcher
	var one, two minutiae.Template
	p.beside("minutiae of 416 × 560", "mindtct", func() { e.Extract(&one, img) }, "c.wsq", "c")
	other := gen.Master(8, gen.RightIndex).Impression(img.Rect.Size(), at500, gen.Conditions{}, 1)
	stream, err := wsq.Encode(other, wsq.Options{Rate: 0.75, PPI: 500})
	if err != nil {
		p.t.Fatal(err)
	}
	p.write("d.wsq", stream)
	p.run("mindtct", "d.wsq", "d")
	e.Extract(&two, other)
	p.beside("comparing two fingers", "bozorth3", func() { m.Match(&one, &two) }, "c.xyt", "d.xyt")
}

func (p *peers) slap() {
	p.t.Helper()
	if !p.has("nfseg") {
		return
	}
	fingers := []gen.Position{gen.RightIndex, gen.RightMiddle, gen.RightRing, gen.RightLittle}
	img, _ := gen.Person(7).Hands(fingers...).Slap(image.Pt(1600, 1000), fingers, gen.Laid{Rotation: 10}, 1)
	stream, err := wsq.Encode(img, wsq.Options{Rate: 0.75, PPI: 500})
	if err != nil {
		p.t.Fatal(err)
	}
	p.write("s.wsq", stream)
	var s slap.Segmenter
	p.beside("fingers of 1600 × 1000", "nfseg", func() { s.Segment(img, slap.RightFour) }, "13", "1", "1", "1", "1", "s.wsq")
}

// The assessor's own time, for the page of figures.
func BenchmarkSlap(b *testing.B) {
	fingers := []gen.Position{gen.RightIndex, gen.RightMiddle, gen.RightRing, gen.RightLittle}
	img, _ := gen.Person(7).Hands(fingers...).Slap(image.Pt(1600, 1000), fingers, gen.Laid{}, 1)
	var a finger.Assessor
	b.ReportAllocs()
	for b.Loop() {
		a.Slap(img, at500, finger.RightFour.Fingers())
	}
}
