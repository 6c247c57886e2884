package sim_test

import (
	"strings"
	"testing"
	"time"

	"optag/device/sim"
	"optag/testdata/gen"
)

const everything = `# The index is too light twice, and the scanner is pulled out.
right_index: press_harder, press_harder, ok   # and then well
left_index:  same_as right_index, lying for 2s, lying
face:        closer, two_faces, torn for 1m0s, idle

unplug at left_middle for 3s
left_middle: dry
`

func TestPlan(t *testing.T) {
	p, err := sim.ParsePlan(strings.NewReader(everything))
	if err != nil {
		t.Fatal(err)
	}
	index, middle := sim.FingerStep(gen.LeftIndex), sim.FingerStep(gen.LeftMiddle)
	for _, c := range []struct {
		step sim.Step
		n    int
		want sim.Act
	}{
		{sim.FingerStep(gen.RightIndex), 0, sim.Act{Do: "press_harder"}},
		{sim.FingerStep(gen.RightIndex), 2, sim.Act{Do: "ok"}},
		{sim.FingerStep(gen.RightIndex), 9, sim.Act{Do: "ok"}},
		{sim.FingerStep(gen.RightThumb), 0, sim.Act{Do: "ok"}},
		{index, 0, sim.Act{Do: "same_as", Other: gen.RightIndex}},
		{index, 1, sim.Act{Do: "lying", For: 2 * time.Second}},
		{middle, 0, sim.Act{Do: "unplug", For: 3 * time.Second}},
		{middle, 1, sim.Act{Do: "dry"}},
		{sim.FaceStep, 2, sim.Act{Do: "torn", For: time.Minute}},
		{sim.FaceStep, 3, sim.Act{Do: "idle"}},
	} {
		if got := p.Act(c.step, c.n); got != c.want {
			t.Errorf("Act(%s, %d) = %v, want %v", c.step, c.n, got, c.want)
		}
	}
	again, err := sim.ParsePlan(strings.NewReader(p.String()))
	if err != nil || again.String() != p.String() {
		t.Errorf("written and read again, %v:\n%swant:\n%s", err, again, p)
	}
	if got := (sim.Plan{}).Act(sim.FaceStep, 0); got != (sim.Act{Do: sim.OK}) {
		t.Errorf("without a plan: %v", got)
	}
}

func TestPlansThatAreNone(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no finger", "right_toe: ok", "neither a finger, a slap nor"},
		{"no act", "right_index:", "is empty"},
		{"an act too few", "right_index: ok,, ok", "is empty"},
		{"unknown act", "right_index: sneeze", "nothing that can happen"},
		{"a pose of a finger", "right_index: two_faces", "nothing that can happen"},
		{"a touch of the face", "face: press_harder", "nothing that can happen"},
		{"no other finger", "right_index: same_as", "wants the name"},
		{"a wrong other finger", "right_index: same_as nose", "not a finger"},
		{"no time", "right_index: lying for", "not understood"},
		{"a wrong time", "right_index: lying for ever", "no length of time"},
		{"no time at all", "right_index: lying for 0s", "no length of time"},
		{"neither form", "unplug left_index", "neither"},
		{"the line is told", "# fine\nright_index: ok\nface: sneeze", "line 3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := sim.ParsePlan(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("ParsePlan(%q) = %v, want %q in it", c.text, err, c.want)
			}
		})
	}
}

func FuzzParsePlan(f *testing.F) {
	f.Add(everything)
	f.Add("silent at face")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := sim.ParsePlan(strings.NewReader(text))
		if err != nil {
			return
		}
		again, err := sim.ParsePlan(strings.NewReader(p.String()))
		if err != nil || again.String() != p.String() {
			t.Errorf("written and read again, %v:\n%swant:\n%s", err, again, p)
		}
	})
}
