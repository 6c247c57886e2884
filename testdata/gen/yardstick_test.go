package gen_test

import (
	"cmp"
	_ "embed"
	"encoding/csv"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"optag/capture/finger/minutiae"
	"optag/capture/finger/nfiq2"
	"optag/testdata/gen"
)

// realPrints holds, of each measure of NFIQ 2, how it is spread over real plain
// prints: the 5th, 25th, 50th, 75th and 95th percentile of the 199 rows with
// measures in NIST's conformance results of NFIQ 2.3.0.
//
//go:embed realprints_test.txt
var realPrints string

// A spread is the percentiles 5, 25, 50, 75 and 95.
type spread [5]float64

var shares = spread{0.05, 0.25, 0.5, 0.75, 0.95}

func spreadOf(v []float64) (s spread) {
	slices.Sort(v)
	for i, p := range shares {
		at := p * float64(len(v)-1)
		low := int(at)
		s[i] = v[low] + (v[min(low+1, len(v)-1)]-v[low])*(at-float64(low))
	}
	return s
}

func readSpreads(t *testing.T) map[string]spread {
	out := map[string]spread{}
	for line := range strings.Lines(realPrints) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var name string
		var s spread
		if _, err := fmt.Sscan(line, &name, &s[0], &s[1], &s[2], &s[3], &s[4]); err != nil {
			t.Fatalf("reading %q: %v", line, err)
		}
		out[name] = s
	}
	return out
}

// cropped draws a finger as it comes, cut out as the real prints are.
func cropped(f *gen.Finger, c gen.Conditions, seed uint64) *image.Gray {
	img, contact := f.Impression(fap30, at500, c, seed), f.Contact(fap30, at500, c)
	var box image.Rectangle
	for i, v := range contact.Pix {
		if v != 0 {
			at := image.Pt(i%contact.Stride, i/contact.Stride)
			box = box.Union(image.Rectangle{at, at.Add(image.Pt(1, 1))})
		}
	}
	box = box.Inset(-4).Intersect(img.Rect)
	out := image.NewGray(image.Rectangle{Max: box.Size()})
	for y := range box.Dy() {
		copy(out.Pix[y*out.Stride:], img.Pix[img.PixOffset(box.Min.X, box.Min.Y+y):][:box.Dx()])
	}
	return out
}

// newMeter returns a meter that finds minutiae with the station's extractor.
func newMeter() *nfiq2.Meter {
	e, found := new(minutiae.Extractor), new(minutiae.Template)
	return &nfiq2.Meter{Minutiae: func(img *image.Gray) []image.Point {
		e.Extract(found, img)
		var at []image.Point
		for _, m := range found.Minutiae {
			at = append(at, image.Pt(int(m.X), int(m.Y)))
		}
		return at
	}}
}

// Prints as they come are spread as real ones: by every measure of NFIQ 2 their
// median lies among nine tenths of the real prints, and for those that sum up,
// most of them do.
func TestPrintsAreSpreadAsRealOnes(t *testing.T) {
	fingers, times := someFingers(), 3
	if os.Getenv("OPTAG_SOAK") != "" {
		fingers, times = nil, 2
		for i := range uint64(100) {
			fingers = append(fingers, gen.Person(1000+i).Finger(gen.Position(1+i%10)))
		}
	}
	meter, values := newMeter(), map[string][]float64{}
	for i, f := range fingers {
		for k := range times {
			seed := uint64(100*i + k)
			got, _, err := meter.Measure(cropped(f, gen.AsTheyCome(seed), seed))
			if err != nil {
				t.Errorf("finger %d, touch %d: %v", i, k, err)
				continue
			}
			for n, name := range nfiq2.Names() {
				values[name] = append(values[name], got[n])
			}
		}
	}
	for name, want := range readSpreads(t) {
		v := values[name]
		got := spreadOf(v)
		inside := 0.0
		for _, x := range v {
			if x >= want[0] && x <= want[4] {
				inside += 1 / float64(len(v))
			}
		}
		t.Logf("%-42s real %8.3f … %8.3f … %8.3f, ours %8.3f … %8.3f … %8.3f, %2.0f %% inside",
			name, want[0], want[2], want[4], got[0], got[2], got[4], 100*inside)
		if got[2] < want[0] || got[2] > want[4] || math.IsNaN(got[2]) {
			t.Errorf("%s: half of the prints lie below %.3f; of real ones nine tenths from %.3f to %.3f", name, got[2], want[0], want[4])
		}
		if whole := !strings.Contains(name, "Bin10_") || strings.HasSuffix(name, "Mean") || strings.HasSuffix(name, "StdDev"); whole && inside < 0.55 {
			t.Errorf("%s: %.0f %% of the prints lie where nine tenths of the real ones do, want 55 %%", name, 100*inside)
		}
	}
}

// The worse a finger lies, the worse the print: at its worst each fault costs a
// good print at least a fifth of its estimated quality.
func TestFaultsCostQuality(t *testing.T) {
	meter := newMeter()
	mean := func(c gen.Conditions) float64 {
		sum := 0
		for i, f := range someFingers()[4:7] {
			c.Touch = uint64(i + 1)
			m, _, err := meter.Measure(f.Impression(fap30, at500, c, 1))
			if err == nil {
				score, _ := nfiq2.Estimate(m)
				sum += score
			}
		}
		return float64(sum) / 3
	}
	good := mean(gen.Conditions{})
	if good < 60 {
		t.Errorf("a good impression has quality %.0f, want at least 60", good)
	}
	for name, c := range map[string]gen.Conditions{
		"hardly touching":     {Pressure: -1},
		"very dry":            {Moisture: -1},
		"dripping wet":        {Moisture: 1},
		"worn down":           {Wear: 1},
		"hidden in noise":     {Noise: 1},
		"a fifth of the pad":  {Coverage: 0.2},
		"half off the glass":  {ShiftX: 9},
		"dry, worn and rough": {Moisture: -0.7, Wear: 0.5, Rough: 1},
	} {
		if got := mean(c); got > 0.8*good {
			t.Errorf("%s: quality %.0f, of a good impression %.0f; want four fifths of it at most", name, got, good)
		}
	}
}

// The percentiles are those of the published rows.
func TestSpreadsAreThoseOfThePublishedRows(t *testing.T) {
	dir := os.Getenv("OPTAG_NFIQ2_DATA")
	if dir == "" {
		t.Skip("OPTAG_NFIQ2_DATA does not name the directory of NIST's conformance results")
	}
	f, err := os.Open(filepath.Join(dir, "conformance_expected_output-v2.3.0.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	spreads := readSpreads(t)
	for column, name := range rows[0] {
		want, measured := spreads[name]
		if !measured {
			continue
		}
		delete(spreads, name)
		var v []float64
		for _, row := range rows[1:] {
			if x, err := strconv.ParseFloat(row[column], 64); err == nil {
				v = append(v, x)
			}
		}
		got := spreadOf(v)
		if len(v) != 199 || slices.CompareFunc(got[:], want[:], nearly) != 0 {
			t.Errorf("%s: %v of %d rows, want %v of 199", name, got, len(v), want)
		}
	}
	if len(spreads) > 0 {
		t.Errorf("not in the rows: %v", spreads)
	}
}

func nearly(a, b float64) int {
	if math.Abs(a-b) <= 1e-4*max(1, math.Abs(b)) {
		return 0
	}
	return cmp.Compare(a, b)
}
