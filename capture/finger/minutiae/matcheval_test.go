package minutiae

import (
	"fmt"
	"image"
	"math"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"

	"optag/testdata/gen"
)

// A trial is a set of fingers, each taken several times.
type trial struct {
	fingers, times int
	conditions     func(seed uint64) gen.Conditions
}

var trials = map[string]trial{
	"as told":      {200, 5, func(seed uint64) gen.Conditions { return gen.Conditions{}.Vary(seed) }},
	"as they come": {200, 5, gen.AsTheyCome},
	"small part of the finger, askew": {200, 5, func(seed uint64) gen.Conditions {
		c := gen.AsTheyCome(seed)
		c.Rotation += float64(seed%7)*10 - 30
		c.Coverage = 0.15 + 0.05*float64(seed%9)
		return c
	}},
}

// TestErrorRates measures the thresholds. The figures beside [SameFinger] and
// [Verified], and those of docs/fingers.md, come from it.
func TestErrorRates(t *testing.T) {
	if os.Getenv("OPTAG_SOAK") == "" {
		t.Skip("error rates over 300,000 comparisons; set OPTAG_SOAK=1 to measure them")
	}
	for name, tr := range trials {
		t.Run(name, func(t *testing.T) {
			prints := tr.take()
			genuine, impostor := tr.compare(prints)
			report(t, prints, genuine, impostor)
			if fmr := 1 - below(impostor, Verified); fmr > 2e-4 {
				t.Errorf("FMR %.6f at Verified, want at most 1e-4", fmr)
			}
			if fmr := 1 - below(impostor, SameFinger); fmr > 2e-3 {
				t.Errorf("FMR %.6f at SameFinger, want at most 1e-3", fmr)
			}
		})
	}
}

func report(t *testing.T, prints []*Template, genuine, impostor []int) {
	few := 0
	for _, p := range prints {
		if len(p.Minutiae) < 10 {
			few++
		}
	}
	t.Logf("%d prints, %d with fewer than 10 minutiae; %d genuine and %d impostor comparisons", len(prints), few, len(genuine), len(impostor))
	for name, threshold := range map[string]int{"SameFinger": SameFinger, "Verified": Verified} {
		t.Logf("%s: FMR %.6f, FNMR %.4f", name, 1-below(impostor, threshold), below(genuine, threshold))
	}
	for _, fmr := range []float64{1e-2, 1e-3, 1e-4, 0} {
		threshold := impostor[len(impostor)-1-int(fmr*float64(len(impostor)))] + 1
		t.Logf("FMR %g from %d: FNMR %.4f", fmr, threshold, below(genuine, threshold))
	}
	t.Logf("EER %.4f", equalError(genuine, impostor))
}

// take grows the fingers and extracts a template from each impression.
func (tr trial) take() []*Template {
	out := make([]*Template, tr.fingers*tr.times)
	parallel(tr.fingers, func(e *Extractor, _ *Matcher, i int) {
		f := gen.Master(uint64(5000+i/10), gen.Position(1+i%10))
		for k := range tr.times {
			seed := uint64(i*100 + k)
			img := f.Impression(image.Pt(400, 500), [2]int{500, 500}, tr.conditions(seed), seed)
			out[i*tr.times+k] = new(Template)
			e.Extract(out[i*tr.times+k], img)
		}
	})
	return out
}

// compare returns the scores in ascending order: of all pairs of impressions of
// one finger, and of the k-th impressions of all pairs of fingers.
func (tr trial) compare(prints []*Template) (genuine, impostor []int) {
	var mu sync.Mutex // guards the results
	parallel(tr.fingers, func(_ *Extractor, m *Matcher, i int) {
		var same, other []int
		for k := range tr.times {
			one := prints[i*tr.times+k]
			for l := k + 1; l < tr.times; l++ {
				same = append(same, m.Match(one, prints[i*tr.times+l]).Score)
			}
			for j := range i {
				other = append(other, m.Match(one, prints[j*tr.times+k]).Score)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		genuine, impostor = append(genuine, same...), append(impostor, other...)
	})
	slices.Sort(genuine)
	slices.Sort(impostor)
	return genuine, impostor
}

// parallel does something for 0 to n-1 on all processors.
func parallel(n int, do func(*Extractor, *Matcher, int)) {
	next := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			e, m := new(Extractor), new(Matcher)
			for i := range next {
				do(e, m, i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// below is the share of sorted scores below a threshold.
func below(sorted []int, threshold int) float64 {
	n, _ := slices.BinarySearch(sorted, threshold)
	return float64(n) / float64(len(sorted))
}

func equalError(genuine, impostor []int) float64 {
	best := 1.0
	for threshold := range 1001 {
		best = math.Min(best, math.Max(below(genuine, threshold), 1-below(impostor, threshold)))
	}
	return best
}

// Six fingers suffice to see that the thresholds lie where they should.
func TestThresholds(t *testing.T) {
	tr := trial{6, 3, func(seed uint64) gen.Conditions { return gen.Conditions{}.Vary(seed) }}
	genuine, impostor := tr.compare(tr.take())
	figures := fmt.Sprintf("the same finger from %d, others up to %d", genuine[0], impostor[len(impostor)-1])
	if genuine[0] < Verified*3/2 || impostor[len(impostor)-1] >= SameFinger {
		t.Errorf("%s, want the thresholds %d and %d well between", figures, SameFinger, Verified)
	}
}
