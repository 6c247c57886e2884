package sim

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"optag/device"
	"optag/testdata/gen"
)

// A Step is what an applicant can be asked for: a finger or a slap by its name,
// or [FaceStep].
type Step string

// FaceStep asks for the face.
const FaceStep Step = "face"

// FingerStep asks for a finger.
func FingerStep(p gen.Position) Step { return Step(p.String()) }

// The slaps. Which fingers are laid down is said by whoever asks.
const (
	RightFour Step = "right_four"
	LeftFour  Step = "left_four"
	Thumbs    Step = "thumbs"
	Indexes   Step = "indexes"
)

func (s Step) slap() bool { return s == RightFour || s == LeftFour || s == Thumbs || s == Indexes }

// stepOf is the step in which fingers are asked for together, or one alone.
func stepOf(fingers []gen.Position) Step {
	switch a := fingers[0]; {
	case len(fingers) == 1:
		return FingerStep(a)
	case a.Right() == fingers[1].Right() && a.Right():
		return RightFour
	case a.Right() == fingers[1].Right():
		return LeftFour
	case a == gen.RightThumb || a == gen.LeftThumb:
		return Thumbs
	}
	return Indexes
}

// An Act is how an applicant, or a device, behaves when the applicant is asked
// for something once.
type Act struct {
	Do    string        // "ok", an advice to be earned, a way of standing or placing, or a [Fault]
	Other gen.Position  // the finger placed instead, of "same_as"
	For   time.Duration // how long a fault, idleness or a finger left lying lasts; 0 is for ever, for "lying" 3 s
}

// What Do may be beside advice and faults.
const (
	OK     = "ok"
	SameAs = "same_as" // places the finger Other, whatever was asked
	Lying  = "lying"   // does not lift the finger for a while when asked to
	Idle   = "idle"    // does nothing, this time
)

// String returns the act as it stands in a plan.
func (a Act) String() string {
	s := a.Do
	if a.Other != 0 {
		s += " " + a.Other.String()
	}
	if a.For != 0 {
		s += " for " + a.For.String()
	}
	return s
}

// A Plan says how an applicant deviates from doing what is asked. The first act
// of a step is done when it is asked for the first time, and so on; after the
// last all is well. The zero Plan has no deviation.
//
// Its text has a step to a line, a fault being written the other way round if
// that reads better:
//
//	# The index is too light twice, and the scanner is pulled out.
//	right_index: press_harder, press_harder, ok
//	left_index:  same_as right_index, lying for 2s
//	face:        closer, two_faces
//	unplug at left_middle for 3s
type Plan struct {
	acts map[Step][]Act
}

// Act returns what happens when a step is asked for the n-th time, from 0.
func (p Plan) Act(s Step, n int) Act {
	if acts := p.acts[s]; n >= 0 && n < len(acts) {
		return acts[n]
	}
	return Act{Do: OK}
}

// ParsePlan reads a plan. An error names the line.
func ParsePlan(r io.Reader) (Plan, error) {
	p := Plan{acts: map[Step][]Act{}}
	in := bufio.NewScanner(r)
	for n := 1; in.Scan(); n++ {
		line, _, _ := strings.Cut(in.Text(), "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := p.line(line); err != nil {
			return Plan{}, fmt.Errorf("parsing a plan: line %d: %w", n, err)
		}
	}
	if err := in.Err(); err != nil {
		return Plan{}, fmt.Errorf("reading a plan: %w", err)
	}
	return p, nil
}

func (p Plan) line(line string) error {
	if name, acts, ok := strings.Cut(line, ":"); ok {
		step, err := parseStep(name)
		if err != nil {
			return err
		}
		for _, text := range strings.Split(acts, ",") {
			act, err := parseAct(step, strings.Fields(text))
			if err != nil {
				return err
			}
			p.acts[step] = append(p.acts[step], act)
		}
		return nil
	}
	words := strings.Fields(line)
	if len(words) < 3 || words[1] != "at" {
		return fmt.Errorf("%q is neither \"step: act, …\" nor \"fault at step\"", line)
	}
	step, err := parseStep(words[2])
	if err != nil {
		return err
	}
	act, err := parseAct(step, append(words[:1:1], words[3:]...))
	if err != nil {
		return err
	}
	p.acts[step] = slices.Insert(p.acts[step], 0, act)
	return nil
}

func parseStep(name string) (Step, error) {
	name = strings.TrimSpace(name)
	if Step(name) == FaceStep {
		return FaceStep, nil
	}
	if Step(name).slap() {
		return Step(name), nil
	}
	pos, err := gen.ParsePosition(name)
	if err != nil {
		return "", fmt.Errorf("%q is neither a finger, a slap nor %q", name, FaceStep)
	}
	return FingerStep(pos), nil
}

func parseAct(step Step, words []string) (Act, error) {
	if len(words) == 0 {
		return Act{}, fmt.Errorf("an act of %s is empty", step)
	}
	a := Act{Do: words[0]}
	if !known(step, a.Do) {
		return Act{}, fmt.Errorf("%q is nothing that can happen at %s", a.Do, step)
	}
	words = words[1:]
	if a.Do == SameAs {
		if len(words) == 0 {
			return Act{}, fmt.Errorf("%s wants the name of a finger", SameAs)
		}
		var err error
		if a.Other, err = gen.ParsePosition(words[0]); err != nil {
			return Act{}, err
		}
		words = words[1:]
	}
	if len(words) == 2 && words[0] == "for" {
		var err error
		if a.For, err = time.ParseDuration(words[1]); err != nil || a.For <= 0 {
			return Act{}, fmt.Errorf("%q is no length of time such as 2s", words[1])
		}
		words = nil
	}
	if len(words) != 0 {
		return Act{}, fmt.Errorf("%q after %q is not understood", strings.Join(words, " "), a.Do)
	}
	return a, nil
}

// known reports whether a word means something at a step.
func known(step Step, do string) bool {
	if do == OK || do == Idle {
		return true
	}
	if step == FaceStep {
		_, ok := poses[do]
		return ok || slices.Contains(Faults(), Fault(do)) && Fault(do) != WrongPPI && Fault(do) != Stuck
	}
	if step.slap() {
		_, ok := slapTouches[do]
		return ok || do == Lying || slices.Contains(Faults(), Fault(do)) && Fault(do) != Torn
	}
	_, ok := touches[do]
	return ok || do == SameAs || do == Lying || slices.Contains(Faults(), Fault(do)) && Fault(do) != Torn
}

// String returns the plan as text that [ParsePlan] reads.
func (p Plan) String() string {
	var b strings.Builder
	steps := make([]Step, 0, len(p.acts))
	for s := range p.acts {
		steps = append(steps, s)
	}
	slices.Sort(steps)
	for _, s := range steps {
		texts := make([]string, len(p.acts[s]))
		for i, a := range p.acts[s] {
			texts[i] = a.String()
		}
		fmt.Fprintf(&b, "%s: %s\n", s, strings.Join(texts, ", "))
	}
	return b.String()
}

// touches are the ways to place a finger badly. Those named as an advice are put
// right when the person is given any advice; the device gives that one by
// itself.
var touches = map[string]gen.Conditions{
	string(device.Centre):      {ShiftX: 6.5, ShiftY: -5},
	string(device.PressHarder): {Pressure: -0.9, Coverage: 0.4},
	string(device.PressLess):   {Pressure: 1},
	string(device.WipeFinger):  {Moisture: 1},
	string(device.WipeGlass):   {Noise: 0.6},
	string(device.HoldStill):   {Motion: 0.8},
	"dry":                      {Moisture: -1},
	"partial":                  {Coverage: 0.25},
	"rotated":                  {Rotation: 40},
	"poor":                     {Noise: 0.5, Moisture: -0.9, Pressure: -0.6, Coverage: 0.5},
}

// slapTouches are the ways to lay several fingers down badly. Each is put right
// when the person is given any advice.
var slapTouches = map[string]struct {
	how   gen.Laid
	other bool // the other hand, or the thumbs for the index fingers
	fewer bool // one finger is kept back
	more  bool // and the thumb beside them
}{
	string(device.CentreHand):   {how: gen.Laid{ShiftY: -40}},
	string(device.PressHarder):  {how: gen.Laid{Pressure: -1, Moisture: -0.9}},
	string(device.Spread):       {how: gen.Laid{Joined: true}},
	string(device.Straighten):   {how: gen.Laid{Rotation: 60}},
	string(device.OtherHand):    {other: true},
	string(device.AllFingers):   {fewer: true},
	string(device.TheseFingers): {more: true},
	"rotated":                   {how: gen.Laid{Rotation: 35}},
	"dry":                       {how: gen.Laid{Moisture: -1}},
	"dirt":                      {how: gen.Laid{Dirt: 1, Latent: 0.6}},
}

// poses are the ways to stand badly before the camera, likewise.
var poses = map[string]gen.Pose{
	string(device.LookHere):  {Yaw: 32},
	string(device.Closer):    {Distance: 3},
	string(device.Back):      {Distance: 0.55},
	string(device.Centre):    {OffsetX: 0.24},
	string(device.HoldStill): {Blur: 0.2},
	"dark":                   {Exposure: -4.5},
	"bright":                 {Exposure: 2.5},
	"shadow":                 {Shadow: 0.9},
	"no_face":                {Absent: true},
	"two_faces":              {Distance: 1.3, Others: 1},
	"eyes_closed":            {EyesClosed: true},
	"tilted":                 {Roll: 18},
	"background":             {Background: gen.Cluttered},
}

// adviceIn returns the advice an act is named after, or "".
func adviceIn(do string) device.Retry {
	switch r := device.Retry(do); r {
	case device.Centre, device.PressHarder, device.PressLess, device.WipeFinger, device.WipeGlass,
		device.HoldStill, device.LookHere, device.Closer, device.Back:
		return r
	}
	return ""
}
