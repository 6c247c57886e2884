package finger_test

import (
	"fmt"
	"os"
	"testing"

	"optag/capture/finger"
	"optag/testdata/gen"
)

// A person who lays a finger on the glass again is recognised, and another
// finger is not taken for it. OPTAG_SOAK=1 runs the figures of docs/fingers.md.
func TestSameFinger(t *testing.T) {
	people, fingers, times := 1, []gen.Position{gen.RightIndex, gen.LeftIndex, gen.RightMiddle, gen.LeftMiddle}, 3
	if os.Getenv("OPTAG_SOAK") != "" {
		people, times = 8, 6
		fingers = append(fingers, gen.RightThumb, gen.LeftThumb, gen.RightRing, gen.LeftRing, gen.RightLittle, gen.LeftLittle)
	}
	var patterns [][]*finger.Pattern
	var names []string
	for who := range people {
		for _, p := range fingers {
			patterns = append(patterns, impressions(gen.Person(100+who).Finger(p), times))
			names = append(names, fmt.Sprintf("person %d, %v", who, p))
		}
	}
	lowest, highest := figures(t, patterns, names)
	t.Logf("%d fingers, %d impressions each: the same finger from %.2f, others up to %.2f", len(patterns), times, lowest, highest)
	if lowest < finger.SameFinger*1.1 || highest > finger.SameFinger/1.1 {
		t.Errorf("the threshold %v does not lie well between %.2f (other fingers) and %.2f (the same)", finger.SameFinger, highest, lowest)
	}
}

// impressions are made as one person makes them: never quite alike.
func impressions(f *gen.Finger, times int) []*finger.Pattern {
	all := make([]*finger.Pattern, times)
	for i := range all {
		all[i] = finger.NewPattern(f.Impression(glass, at500, gen.Conditions{}.Vary(uint64(i)), uint64(i)), at500)
	}
	return all
}

// figures finds the least similar impressions of one finger and the most
// similar ones of two.
func figures(t *testing.T, patterns [][]*finger.Pattern, names []string) (lowest, highest float64) {
	t.Helper()
	lowest = 1
	genuine, impostor := histogram{}, histogram{}
	for i := range patterns {
		for a, one := range patterns[i] {
			for _, two := range patterns[i][a+1:] {
				s := finger.Similarity(one, two)
				lowest = min(lowest, s)
				genuine.add(s)
				if s < finger.SameFinger {
					t.Errorf("%s: similarity %.2f to itself", names[i], s)
				}
			}
		}
		for j := range i {
			for k := range min(2, len(patterns[i])) {
				s := finger.Similarity(patterns[i][k], patterns[j][k])
				highest = max(highest, s)
				impostor.add(s)
				if s >= finger.SameFinger {
					t.Errorf("%s and %s: similarity %.2f", names[i], names[j], s)
				}
			}
		}
	}
	t.Logf("similarity in steps of 0.05 from 0: one finger %v, two fingers %v", genuine, impostor)
	return lowest, highest
}

type histogram [20]int

func (h *histogram) add(s float64) { h[min(int(s*20), 19)]++ }

func TestSimilarityOfOneImageIsOne(t *testing.T) {
	img := impression(gen.Conditions{})
	one, two := finger.NewPattern(img, at500), finger.NewPattern(img, at500)
	if s := finger.Similarity(one, two); s < 0.999 || s > 1.001 {
		t.Errorf("Similarity = %v, want 1", s)
	}
}

func TestAnEmptyGlassIsLikeNothing(t *testing.T) {
	empty := finger.NewPattern(gen.Blank(glass, 0, 1), at500)
	print := finger.NewPattern(impression(gen.Conditions{}), at500)
	for _, pair := range [][2]*finger.Pattern{{empty, print}, {print, empty}, {new(finger.Pattern), empty}, {new(finger.Pattern), print}} {
		if s := finger.Similarity(pair[0], pair[1]); s >= finger.SameFinger/1.2 {
			t.Errorf("Similarity = %v, want it near 0", s)
		}
	}
}

func TestWipedPatternIsLikeNothing(t *testing.T) {
	img := impression(gen.Conditions{})
	one, two := finger.NewPattern(img, at500), finger.NewPattern(img, at500)
	one.Wipe()
	if s := finger.Similarity(one, two); s != 0 {
		t.Errorf("Similarity = %v after wiping, want 0", s)
	}
}

// A scanner of 1000 ppi and one of 500 see the same finger.
func TestTwoResolutionsOneFinger(t *testing.T) {
	fine := fingers[7].Impression(glass.Mul(2), [2]int{1000, 1000}, gen.Conditions{}, 1)
	coarse := impression(gen.Conditions{Rotation: 3})
	if s := finger.Similarity(finger.NewPattern(fine, [2]int{1000, 1000}), finger.NewPattern(coarse, at500)); s < finger.SameFinger {
		t.Errorf("Similarity = %v, want at least %v", s, finger.SameFinger)
	}
	a, b := finger.Assess(fine, [2]int{1000, 1000}), finger.Assess(impression(gen.Conditions{}), at500)
	if d := a.Score - b.Score; d < -10 || d > 10 {
		t.Errorf("score %d at 1000 ppi and %d at 500, want them within 10", a.Score, b.Score)
	}
}
