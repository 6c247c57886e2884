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
		{"as it should be", gen.Conditions{}, 60, 100, ""},
		{"turned a little", gen.Conditions{Rotation: 15}, 55, 100, ""},
		{"a noisy sensor", gen.Conditions{Noise: 0.3}, 40, 85, ""},
		{"hardly touching", gen.Conditions{Pressure: -1}, 30, 75, finger.TooLight},
		{"squashed", gen.Conditions{Pressure: 1}, 45, 85, finger.TooDark},
		{"very dry", gen.Conditions{Moisture: -1}, 15, 65, finger.TooLight},
		{"wet", gen.Conditions{Moisture: 1}, 20, 80, finger.TooDark},
		{"a third of the pad", gen.Conditions{Coverage: 0.3}, 10, 50, finger.SmallArea},
		{"too far to the right", gen.Conditions{ShiftX: 5}, 45, 100, finger.OffCentre},
		{"too far up", gen.Conditions{ShiftY: -8}, 45, 100, finger.OffCentre},
		{"moved while it was taken", gen.Conditions{Motion: 0.8}, 35, 80, finger.Smeared},
		{"a very noisy sensor", gen.Conditions{Noise: 1}, 5, 60, ""},
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

// Whatever gets much worse, the score falls with it. Of a finger that presses too
// hard the ridges stay clear, and only the reason tells.
func TestScoreFallsWithTheFault(t *testing.T) {
	good := assess(impression(gen.Conditions{}), at500).Score
	for name, how := range map[string]gen.Conditions{
		"hardly touching":  {Pressure: -1},
		"dry":              {Moisture: -1},
		"noise":            {Noise: 1},
		"a fifth of a pad": {Coverage: 0.2},
		"sliding":          {Motion: 0.8},
		"at the rim":       {ShiftX: 8},
	} {
		if q := assess(impression(how), at500); q.Score > good-5 {
			t.Errorf("%s: score %d, and %d as it should be", name, q.Score, good)
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
		if q.Score != 0 || q.Print() || len(q.Reasons) != 1 {
			t.Errorf("%s: score %d, reasons %v; want 0 and one reason", name, q.Score, q.Reasons)
		}
	}
}

// The measures are in the units they are said to be in.
func TestMeasures(t *testing.T) {
	q := assess(impression(gen.Conditions{}), at500)
	right := assess(impression(gen.Conditions{ShiftX: 3}), at500)
	if mm := (right.Region.Centre[0] - q.Region.Centre[0]) * float64(glass.X) * 25.4 / 500; mm < 2 || mm > 4 {
		t.Errorf("3 mm to the right are measured as %.1f mm", mm)
	}
	half := assess(impression(gen.Conditions{Coverage: 0.5}), at500)
	if share := half.Region.Area / q.Region.Area; share < 0.4 || share > 0.6 {
		t.Errorf("half the pad covers %.2f of the area", share)
	}
	if q.Region.Area < 150 || q.Region.Area > 512 {
		t.Errorf("a fingertip covers %.0f mm²", q.Region.Area)
	}
}

// fingers are grown once; growing one takes a while.
var fingers = map[uint64]*gen.Finger{7: gen.Master(7, gen.RightIndex), 8: gen.Master(8, gen.LeftMiddle)}

func assess(img *image.Gray, ppi [2]int) finger.Quality {
	var a finger.Assessor
	return a.Assess(img, ppi)
}

// Judging frame after frame allocates nothing.
func TestAssessAllocatesNothing(t *testing.T) {
	img := impression(gen.Conditions{Moisture: -0.8})
	var a finger.Assessor
	a.Assess(img, at500)
	if n := testing.AllocsPerRun(3, func() { a.Assess(img, at500) }); n > 0 {
		t.Errorf("%v allocations to a frame", n)
	}
}
