package nfiq2

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEstimatorIsWhole: trees that ask for measures the estimate knows.
func TestEstimatorIsWhole(t *testing.T) {
	if n := len(estimator) - treesAt; n <= 0 || n%treeSize != 0 || len(estimator) > 60<<10 {
		t.Fatalf("%d bytes hold no whole number of trees, or too many", len(estimator))
	}
	for tree := treesAt; tree < len(estimator); tree += treeSize {
		for n := range treeInner {
			if k := int(estimator[tree+n*treeNode]); k >= Count || restsOnMinutiae(k) {
				t.Fatalf("a tree asks for measure %d", k)
			}
		}
	}
	for i := range Count {
		if !restsOnMinutiae(i) && !(limitAt(i*8) <= limitAt(i*8+4)) {
			t.Errorf("measure %d lies between %v and %v", i, limitAt(i*8), limitAt(i*8+4))
		}
	}
}

// between returns measures that lie a share of the way from the least to the
// greatest known, each its own share.
func between(share func() float64) (m Measures) {
	for i := range m {
		low, high := float64(limitAt(i*8)), float64(limitAt(i*8+4))
		m[i] = low + float64(share()*(high-low))
	}
	return m
}

// TestEstimateIsTheSameEverywhere: the scores that amd64 and arm64 must give.
func TestEstimateIsTheSameEverywhere(t *testing.T) {
	lot := rand.New(rand.NewPCG(5, 6))
	var got []string
	for i := range 24 {
		score, within := Estimate(between(func() float64 {
			if i < 12 {
				return float64(i) / 16
			}
			return float64(lot.IntN(65)) / 64
		}))
		got = append(got, fmt.Sprintf("%d±%d", score, within))
	}
	if got, want := strings.Join(got, " "), "24±17 28±18 36±18 45±19 49±19 52±19 55±19 57±19 57±19 59±19 58±19 56±19 55±19 59±19 44±19 62±19 55±19 53±19 46±19 56±19 52±19 64±19 59±19 51±19"; got != want {
		t.Errorf("estimates are\n%s, want\n%s", got, want)
	}
}

// TestEstimateOfStrangePrints: what lies outside of the known has a wider error,
// what has no measures is not judged, and minutiae do not count.
func TestEstimateOfStrangePrints(t *testing.T) {
	known := between(func() float64 { return 0.5 })
	score, within := Estimate(known)
	if score < 1 || within < 5 || within > 25 {
		t.Fatalf("a print amid the known: %d ± %d", score, within)
	}
	m := known
	for _, i := range []int{MinutiaeInRect, MinutiaeCount, MinutiaeMu, MinutiaeOCL} {
		m[i] = math.NaN()
	}
	if s, w := Estimate(m); s != score || w != within {
		t.Errorf("without minutiae: %d ± %d, want %d ± %d", s, w, score, within)
	}
	for i := range Count {
		if restsOnMinutiae(i) {
			continue
		}
		m := known
		m[i] = math.Inf(-1)
		if s, w := Estimate(m); s != 0 || w != 100 {
			t.Errorf("measure %d without a value: %d ± %d", i, s, w)
		}
	}
	far := known
	for i := range far {
		far[i] = 1e9
	}
	if s, w := Estimate(far); s > 100 || w < within+50 {
		t.Errorf("nothing as known: %d ± %d", s, w)
	}
	if s, w := Estimate(Measures{}); s > 100 || w < within+10 {
		t.Errorf("all measures 0: %d ± %d", s, w)
	}
}

// TestEstimateOfSyntheticPrints: NIST's synthetic examples are unlike its
// conformance set; the error says so.
func TestEstimateOfSyntheticPrints(t *testing.T) {
	dir := os.Getenv("OPTAG_NFIQ2_DATA")
	if dir == "" {
		t.Skip("OPTAG_NFIQ2_DATA does not name the directory of NIST's example results")
	}
	for _, name := range []string{"SFinGe_Test01", "SFinGe_Test02", "SFinGe_Test03"} {
		raw, err := os.ReadFile(filepath.Join(dir, name+"_output.txt"))
		if err != nil {
			t.Fatal(err)
		}
		values := map[string]float64{}
		for line := range strings.Lines(string(raw)) {
			if key, v, ok := strings.Cut(line, ":"); ok {
				var x float64
				if _, err := fmt.Sscan(v, &x); err == nil {
					values[key] = x
				}
			}
		}
		var m Measures
		for i, key := range Names() {
			m[i] = values[key]
		}
		score, within := Estimate(m)
		t.Logf("%s: %d ± %d, NFIQ 2 %.0f", name, score, within, values["UnifiedQualityScore"])
		if within < 20 {
			t.Errorf("%s: ± %d only", name, within)
		}
	}
}

func BenchmarkEstimate(b *testing.B) {
	m := between(func() float64 { return 0.4 })
	b.ReportAllocs()
	for b.Loop() {
		Estimate(m)
	}
}
