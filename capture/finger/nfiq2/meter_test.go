package nfiq2

import (
	"bytes"
	"errors"
	"image"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// bitsOf makes values comparable, NaN with NaN too.
func bitsOf(m Measures, f Feedback) (bits [Count + 4]uint64) {
	for i, v := range append(m[:], f.UniformImage, f.Empty, f.Minutiae, f.FingerprintROI) {
		bits[i] = math.Float64bits(v)
	}
	return bits
}

func grey(width, height int, v uint8) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = v
	}
	return img
}

func TestImagesThatCannotBeMeasured(t *testing.T) {
	stripes := painting{width: 70, height: 400, grey: func(x, y int) int { return ridges(16*x, 9, 100) }}
	large := painting{width: 801, height: 300, grey: func(x, y int) int { return grain(x, y) % 256 }}
	for _, c := range []struct {
		name     string
		img      *image.Gray
		want     error
		feedback bool // is known all the same
	}{
		{"no pixel", image.NewGray(image.Rectangle{}), ErrBlank, false},
		{"all white", grey(400, 400, 255), ErrBlank, false},
		{"one pixel", grey(1, 1, 90), ErrSmall, false},
		{"one row", grey(300, 1, 90), ErrSmall, false},
		{"wider than 800 pixels", large.image(), ErrLarge, false},
		{"all of one grey", grey(400, 400, 90), ErrTooLittle, true},
		{"all black", grey(400, 400, 0), ErrTooLittle, true},
		{"smaller than a block", grey(20, 20, 90), ErrTooLittle, true},
		{"a strip without inner blocks", stripes.image(), ErrTooLittle, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m Meter
			measures, f, err := m.Measure(c.img)
			if !errors.Is(err, c.want) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if known := !math.IsNaN(f.UniformImage) && !math.IsNaN(f.Empty); known != c.feedback {
				t.Errorf("feedback %+v, want it known: %v", f, c.feedback)
			}
			if !math.IsNaN(measures[FDA]) && !math.IsNaN(measures[OF]) {
				t.Error("every measure has a value")
			}
		})
	}
}

func TestMinutiaeAreLookedForWithoutTheFrame(t *testing.T) {
	p := paintings()[2]
	img := p.image()
	var m Meter
	without, f, err := m.Measure(img)
	if err != nil || !math.IsNaN(f.Minutiae) {
		t.Fatalf("error %v, feedback %v; want none, and no number of minutiae", err, f.Minutiae)
	}
	var seen image.Rectangle
	m.Minutiae = func(img *image.Gray) []image.Point {
		seen = img.Rect
		return []image.Point{{180, 200}, {190, 210}, {30, 220}}
	}
	with, f, err := m.Measure(img)
	if err != nil || f.Minutiae != 3 || with[MinutiaeCount] != 3 || with[MinutiaeInRect] != 2 {
		t.Errorf("error %v, %v minutiae, count %v, near the middle %v; want none, 3, 3, 2", err, f.Minutiae, with[MinutiaeCount], with[MinutiaeInRect])
	}
	if seen.Min != (image.Point{}) || seen.Dx() >= p.width || seen.Dy() >= p.height {
		t.Errorf("minutiae were looked for in %v of an image of %d × %d", seen, p.width, p.height)
	}
	for i := range with {
		if i < MinutiaeInRect || i > MinutiaeOCL {
			if math.Float64bits(with[i]) != math.Float64bits(without[i]) {
				t.Errorf("%s changes with the minutiae: %v, without %v", Names()[i], with[i], without[i])
			}
		}
	}
}

// A print gives the same bits on one processor and on two, after whatever other
// print, and as a part of a larger image.
func TestSameBits(t *testing.T) {
	var used Meter
	for _, p := range []painting{paintings()[1], paintings()[7], paintings()[5]} {
		img := p.image()
		var fresh Meter
		m, f, _ := fresh.Measure(img)
		for _, processors := range []int{1, 2} {
			before := runtime.GOMAXPROCS(processors)
			again, g, _ := used.Measure(img)
			runtime.GOMAXPROCS(before)
			if bitsOf(m, f) != bitsOf(again, g) {
				t.Errorf("%s: other bits after another print, %d processors", p.name, processors)
			}
		}
		larger := image.NewGray(image.Rect(-7, 3, p.width+20, p.height+30))
		for y := range p.height {
			copy(larger.Pix[(y+11)*larger.Stride+15:], img.Pix[y*img.Stride:][:p.width])
		}
		part := larger.SubImage(image.Rect(8, 14, 8+p.width, 14+p.height)).(*image.Gray)
		if again, g, _ := used.Measure(part); bitsOf(m, f) != bitsOf(again, g) {
			t.Errorf("%s: other bits as a part of an image", p.name)
		}
	}
}

func TestNothingIsAllocatedAfterTheFirstFrame(t *testing.T) {
	small, large := paintings()[5].image(), paintings()[0].image()
	m := Meter{Minutiae: func(*image.Gray) []image.Point { return nil }}
	m.Measure(large)
	if n := testing.AllocsPerRun(2, func() { m.Measure(small); m.Measure(large) }); n > 0 {
		t.Errorf("%v allocations for two frames, want 0", n)
	}
}

func TestWipe(t *testing.T) {
	var m Meter
	want, f, _ := m.Measure(paintings()[1].image())
	m.Wipe()
	b := &m.blocks
	for _, s := range [][]float64{b.angles, b.frequency, b.clarity, b.certainty, b.flow, b.uniformity} {
		for _, v := range s[:cap(s)] {
			if v != 0 {
				t.Fatal("values are left")
			}
		}
	}
	if b.narrow != (window{}) || b.wide != (window{}) || b.patch != (patch{}) || m.print.Pix != nil {
		t.Error("pixels are left")
	}
	if m.measures != (Measures{}) {
		t.Error("measures are left")
	}
	again, g, _ := m.Measure(paintings()[1].image())
	if bitsOf(want, f) != bitsOf(again, g) {
		t.Error("a wiped meter measures something else")
	}
}

// The examples of NFIQ 2 (SFinGe, Cappelli) with its output, to the six digits
// printed there.
func TestExamplesOfTheReference(t *testing.T) {
	dir := os.Getenv("OPTAG_NFIQ2_DATA")
	if dir == "" {
		t.Skip("OPTAG_NFIQ2_DATA does not name a directory with NFIQ 2's examples")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "SFinGe_Test*.pgm"))
	if len(files) == 0 {
		t.Fatalf("no SFinGe_Test*.pgm in %s", dir)
	}
	var m Meter
	for _, file := range files {
		want := table(t, strings.TrimSuffix(file, ".pgm")+"_output.txt")
		measures, f, err := m.Measure(readPGM(t, file))
		if err != nil {
			t.Fatalf("%s: %v", filepath.Base(file), err)
		}
		names, got := named(measures, f)
		for i, name := range names {
			if math.IsNaN(got[i]) {
				continue // for want of minutiae
			}
			if g, w := strconv.FormatFloat(got[i], 'g', 6, 64), want[name+":"]; len(w) != 1 || g != w[0] {
				t.Errorf("%s: %s is %s, want %s", filepath.Base(file), name, g, w)
			}
		}
	}
}

// readPGM reads a binary PGM without remarks.
func readPGM(t *testing.T, path string) *image.Gray {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head := bytes.SplitN(data, []byte("\n"), 4)
	size := bytes.Fields(head[1])
	if len(head) < 4 || string(head[0]) != "P5" || len(size) != 2 {
		t.Fatalf("%s is no PGM", path)
	}
	width, _ := strconv.Atoi(string(size[0]))
	height, _ := strconv.Atoi(string(size[1]))
	return &image.Gray{Pix: head[3], Stride: width, Rect: image.Rect(0, 0, width, height)}
}

// Whatever image comes, there is an answer, and its histograms count the same
// blocks as their means.
func FuzzMeasure(f *testing.F) {
	f.Add(uint16(70), uint16(200), []byte{1, 200, 90})
	f.Add(uint16(150), uint16(170), []byte{0, 255, 0, 0, 255})
	f.Add(uint16(801), uint16(2), []byte{7})
	f.Add(uint16(2), uint16(1001), []byte{7})
	f.Add(uint16(0), uint16(9), []byte{})
	f.Add(uint16(120), uint16(120), bytes.Repeat([]byte{249, 250, 251}, 50))
	var m Meter
	f.Fuzz(func(t *testing.T, width, height uint16, tile []byte) {
		w, h := int(width)%1100, int(height)%1100
		img := image.NewGray(image.Rect(0, 0, w, h))
		for i := range img.Pix {
			if len(tile) > 0 {
				img.Pix[i] = tile[i%len(tile)]
			}
		}
		measures, _, err := m.Measure(img)
		for _, at := range []int{FDA, LCS, OCL, OF, RVUP} {
			sum := 0.0
			for _, n := range measures[at : at+10] {
				sum += n
			}
			if err == nil && (!(sum >= 1) || sum != math.Trunc(sum)) {
				t.Errorf("%s: %v values without an error", Names()[at], sum)
			}
			if mean := measures[at+10]; mean < 0 || (at == LCS || at == OCL) && mean > 1+1e-12 {
				t.Errorf("%s: mean %v", Names()[at], mean)
			}
		}
	})
}

func BenchmarkMeasure(b *testing.B) {
	img := paintings()[0].image()
	var m Meter
	b.ReportAllocs()
	for b.Loop() {
		m.Measure(img)
	}
}

func BenchmarkModules(b *testing.B) {
	img := paintings()[0].image()
	var m Meter
	m.Measure(img)
	if _, err := crop(&m.print, img); err != nil {
		b.Fatal(err)
	}
	for _, module := range []struct {
		name string
		run  func()
	}{
		{"Crop", func() { _, _ = crop(&m.print, img) }},
		{"Contrast", func() { m.contrast.measure(&m.print) }},
		{"Lay", func() { m.blocks.lay(&m.print, &m.contrast) }},
		{"FDA+LCS+RVUP", func() { m.blocks.turn(&m.print) }},
		{"OCL", func() { m.blocks.measureOCL(&m.print) }},
		{"OF", func() { m.blocks.measureOF() }},
		{"ROI", func() { m.roi.measure(&m.print) }},
		{"Coherence", func() { m.roi.coherence(&m.print) }},
	} {
		b.Run(module.name, func(b *testing.B) {
			for b.Loop() {
				module.run()
			}
		})
	}
}
