package finger_test

import (
	"image"
	"slices"
	"testing"

	"optag/capture/finger"
	"optag/testdata/gen"
)

// How a finger lies on the glass decides the score and what is said of it. The
// bounds hold for any generated finger; the threshold of an index finger is 45.
func TestAssessByCondition(t *testing.T) {
	for _, c := range []struct {
		name     string
		how      gen.Conditions
		min, max int
		reason   finger.Reason // "": nothing is said
	}{
		{"as it should be", gen.Conditions{}, 75, 100, ""},
		{"turned a little", gen.Conditions{Rotation: 15}, 75, 100, ""},
		{"a noisy sensor", gen.Conditions{Noise: 0.3}, 70, 95, ""},
		{"hardly touching", gen.Conditions{Pressure: -1}, 35, 75, finger.TooLight},
		{"squashed", gen.Conditions{Pressure: 1}, 50, 80, finger.TooDark},
		{"very dry", gen.Conditions{Moisture: -1}, 15, 60, finger.TooLight},
		{"wet", gen.Conditions{Moisture: 1}, 40, 70, finger.TooDark},
		{"a third of the pad", gen.Conditions{Coverage: 0.3}, 15, 50, finger.SmallArea},
		{"too far to the right", gen.Conditions{ShiftX: 5}, 70, 100, finger.OffCentre},
		{"too far up", gen.Conditions{ShiftY: -8}, 70, 100, finger.OffCentre},
		{"moved while it was taken", gen.Conditions{Motion: 0.8}, 50, 87, ""},
		{"hidden in noise", gen.Conditions{Noise: 1}, 5, 40, finger.Smeared},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, seed := range []uint64{7, 8} {
				q := assess(fingers[seed].Impression(glass, at500, c.how, seed), at500)
				if q.Score < c.min || q.Score > c.max {
					t.Errorf("finger %d: score %d, want %d to %d", seed, q.Score, c.min, c.max)
				}
				switch {
				case c.reason == "" && len(q.Reasons) > 0:
					t.Errorf("finger %d: reasons %v, want none", seed, q.Reasons)
				case c.reason != "" && !slices.Contains(q.Reasons, c.reason):
					t.Errorf("finger %d: reasons %v, want %v among them", seed, q.Reasons, c.reason)
				}
			}
		})
	}
}

// Whatever gets worse, the score falls with it.
func TestScoreFallsWithTheFault(t *testing.T) {
	series := map[string]func(x float64) gen.Conditions{
		"lighter": func(x float64) gen.Conditions { return gen.Conditions{Pressure: -x} },
		"harder":  func(x float64) gen.Conditions { return gen.Conditions{Pressure: x} },
		"drier":   func(x float64) gen.Conditions { return gen.Conditions{Moisture: -x} },
		"wetter":  func(x float64) gen.Conditions { return gen.Conditions{Moisture: x} },
		"noisier": func(x float64) gen.Conditions { return gen.Conditions{Noise: x} },
		"less":    func(x float64) gen.Conditions { return gen.Conditions{Coverage: 1 - 0.8*x} },
	}
	for name, how := range series {
		last := 101
		for _, x := range []float64{0.2, 0.6, 1} {
			q := assess(impression(how(x)), at500)
			if q.Score >= last {
				t.Errorf("%s by %v: score %d, want less than %d", name, x, q.Score, last)
			}
			last = q.Score
		}
	}
}

func TestNoFinger(t *testing.T) {
	static := gen.Blank(glass, 0, 1)
	gen.DrawStatic(static, 1)
	for name, q := range map[string]finger.Quality{
		"an empty glass":         assess(gen.Blank(glass, 0, 1), at500),
		"an empty, noisy glass":  assess(gen.Blank(glass, 1, 1), at500),
		"a broken sensor":        assess(static, at500),
		"no resolution":          assess(impression(gen.Conditions{}), [2]int{}),
		"an image of nine cells": assess(gen.Blank(glass.Div(8), 1, 1), at500),
	} {
		if q.Score != 0 || !slices.Equal(q.Reasons, []finger.Reason{finger.NoFinger}) {
			t.Errorf("%s: score %d, reasons %v; want 0 and no_finger", name, q.Score, q.Reasons)
		}
	}
}

// The measures are in the units they are said to be in.
func TestMeasures(t *testing.T) {
	q := assess(impression(gen.Conditions{}), at500)
	right := assess(impression(gen.Conditions{ShiftX: 3}), at500)
	if mm := (right.Centre[0] - q.Centre[0]) * float64(glass.X) * 25.4 / 500; mm < 2 || mm > 4 {
		t.Errorf("3 mm to the right are measured as %.1f mm", mm)
	}
	half := assess(impression(gen.Conditions{Coverage: 0.5}), at500)
	if share := half.Area / q.Area; share < 0.4 || share > 0.6 {
		t.Errorf("half the pad covers %.2f of the area", share)
	}
	if q.Area < 200 || q.Area > 512 {
		t.Errorf("a fingertip covers %.0f mm²", q.Area)
	}
}

// fingers are grown once; growing one takes a while.
var fingers = map[uint64]*gen.Finger{7: gen.Master(7, gen.RightIndex), 8: gen.Master(8, gen.LeftMiddle)}

func assess(img *image.Gray, ppi [2]int) finger.Quality {
	var a finger.Assessor
	return a.Assess(img, ppi)
}
