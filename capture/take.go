package capture

import (
	"image"
	"time"

	"optag/capture/finger"
	"optag/device"
)

// A Phase is where one presentation of a finger stands.
type Phase string

// The phases, in order. A presentation never goes back.
const (
	Clearing  Phase = "clearing"  // the glass is not clear: lift the finger
	Waiting   Phase = "waiting"   // the glass is clear: put the finger on it
	Assessing Phase = "assessing" // a finger lies on the glass
	Done      Phase = "done"      // there is a sample
)

// Live is what the screens show while a finger or a slap is presented. It holds
// no pixels.
type Live struct {
	Phase   Phase
	Quality finger.Quality // of the finger that is furthest from its threshold
	Advice  device.Retry   // "" when there is none
	Best    int            // the best score of this presentation so far; of a slap, of its worst finger

	// Of a slap: how many fingers were found, and the score of each finger
	// asked for, in the task's order, while nothing is wrong with the slap.
	Found  int
	Scores [4]int
	Worst  int              // which of them is furthest from its threshold
	Wrong  finger.SlapFault // "" while nothing is
}

// A Take is one presentation of one finger or slap, seen frame by frame. It
// waits for a clear glass first, so that a finger left lying is never taken for
// the next one. Time comes in with the frames.
type Take struct {
	task           Task
	thresholds     []int // of the task's fingers
	assessor       *finger.Assessor
	hold, patience time.Duration

	phase  Phase
	best   Sample
	worth  int // of the best frame: what its worst finger is above its threshold
	score  int // of that finger
	live   Live
	since  time.Time // when the finger came
	enough time.Time // since when the threshold holds, zero while it does not
	forced bool
}

// nothing is what a presentation is worth that has shown no print.
const nothing = -1000

// NewTake begins the presentation of what a task asks for, each finger to reach
// its threshold; a task without a finger only waits for a clear glass. The
// assessor is the caller's and used by one presentation at a time; nil stands
// for one without a model.
func NewTake(task Task, thresholds []int, p Profile, a *finger.Assessor) *Take {
	if a == nil {
		a = new(finger.Assessor)
	}
	return &Take{task: task, thresholds: thresholds, assessor: a, hold: p.Hold, patience: p.Patience, phase: Clearing, worth: nothing}
}

// Now ends the presentation with the best there is, or with the next frame
// that shows a finger. Before the glass is clear it does nothing, because the
// finger that lies there is the one before.
func (t *Take) Now() { t.forced = t.phase != Clearing }

// A view is what a frame shows.
type view struct {
	Live
	worth int  // what the worst finger is above its threshold
	known bool // ridges are seen
	skin  bool // something lies there
	whole bool // a sample could be made of it
}

// Frame looks at the next frame and says how the presentation stands. The
// frame is copied when it is the best so far.
func (t *Take) Frame(f device.Frame, at time.Time) Live {
	switch t.phase {
	case Clearing:
		if f.Contact {
			return t.tell(view{}, device.Lift)
		}
		t.phase = Waiting
	case Done:
		return t.live
	}
	if !f.Contact || f.Image == nil || len(t.task.Fingers) == 0 {
		return t.clear(at)
	}
	if t.phase == Waiting {
		t.phase, t.since = Assessing, at
	}
	v := t.look(f)
	if v.whole && v.worth > t.worth && (v.known || v.skin && t.waited(at)) {
		t.keep(f, v, at)
	}
	if t.over(v, at) {
		t.phase = Done
		return t.tell(v, "")
	}
	if !v.known && (v.Wrong == "" || v.Wrong == finger.NoFingers) && at.Sub(t.since) > 2*t.hold {
		return t.tell(v, device.PressHarder)
	}
	r := advice(v)
	if r == device.PressLess && at.Sub(t.since) >= t.patience/2 {
		r = device.WipeFinger // pressing less has not helped: the skin is wet
	}
	return t.tell(v, r)
}

// look judges a frame.
func (t *Take) look(f device.Frame) view {
	if t.task.Slap != 0 {
		return t.lookSlap(f)
	}
	q := t.assessor.Assess(f.Image, f.PPI)
	return view{Live: Live{Quality: q}, worth: q.Score - t.thresholds[0],
		known: q.Print(), skin: q.Region.Area > 0, whole: true}
}

// lookSlap judges a frame that should show several fingers. While something is
// wrong with the slap it is worth nothing, unless the clerk has taken it as it
// is and every finger is there.
func (t *Take) lookSlap(f device.Frame) view {
	s := t.assessor.Slap(f.Image, f.PPI, t.task.Fingers)
	v := view{Live: Live{Found: s.Found, Wrong: s.Fault}, worth: 100, skin: s.Found > 0}
	v.known, v.whole = v.skin, s.Fault == "" || t.forced && s.Complete
	for i := range s.Fingers {
		q := s.Fingers[i].Quality
		v.Scores[i] = q.Score
		if worth := q.Score - t.thresholds[i]; worth < v.worth {
			v.worth, v.Quality, v.Worst = worth, q, i
		}
	}
	if len(s.Fingers) == 0 {
		v.worth = nothing
	}
	return v
}

// waited reports whether the finger has lain as long as it may. Skin that shows
// no ridges by then is an attempt like any other, or the person would stand
// there for ever; a glass that only claims to be touched is none.
func (t *Take) waited(at time.Time) bool { return at.Sub(t.since) >= t.patience }

// clear handles a frame without a finger: before one came we wait, and after
// it has gone the presentation is over if it left anything. A finger that only
// brushed the glass has presented nothing.
func (t *Take) clear(at time.Time) Live {
	if t.phase == Assessing {
		t.phase = Done
		if t.worth == nothing || t.brushed(at) {
			t.Wipe()
			t.worth, t.score, t.enough, t.phase = nothing, 0, time.Time{}, Waiting
		}
	}
	return t.tell(view{}, "")
}

// brushed reports whether a finger that is gone touched the glass too briefly
// to count as an attempt.
func (t *Take) brushed(at time.Time) bool {
	return !t.forced && t.worth < 0 && at.Sub(t.since) < t.hold
}

// over reports whether the presentation ends with this frame. A slap with which
// something is wrong ends too when patience is over, and leaves no sample.
func (t *Take) over(v view, at time.Time) bool {
	if v.worth < 0 || !v.whole {
		t.enough = time.Time{}
	} else if t.enough.IsZero() {
		t.enough = at
	}
	switch {
	case t.worth == nothing:
		return t.task.Slap != 0 && v.skin && (t.forced || t.waited(at))
	case t.forced:
		return true
	case !t.enough.IsZero() && at.Sub(t.enough) >= t.hold:
		return true
	}
	return t.waited(at)
}

func (t *Take) keep(f device.Frame, v view, at time.Time) {
	if t.best.Image == nil || t.best.Image.Rect != f.Image.Rect {
		t.best.Wipe()
		t.best.Image = image.NewGray(f.Image.Rect)
	}
	for y := range f.Image.Rect.Dy() {
		copy(t.best.Image.Pix[y*t.best.Image.Stride:][:f.Image.Rect.Dx()], f.Image.Pix[y*f.Image.Stride:])
	}
	t.best.PPI, t.best.At, t.best.Slap = f.PPI, at, t.task.Slap
	t.worth, t.score = v.worth, v.Quality.Score
}

func (t *Take) tell(v view, r device.Retry) Live {
	t.live = v.Live
	t.live.Phase, t.live.Advice, t.live.Best = t.phase, r, t.score
	return t.live
}

// Live is how the presentation stands.
func (t *Take) Live() Live { return t.live }

// Sample hands out what a presentation that is done has left; ok is false
// before. The take gives the sample up.
func (t *Take) Sample(from device.Info) (s Sample, ok bool) {
	if t.phase != Done || t.best.Image == nil {
		return Sample{}, false
	}
	s = t.best
	s.Device = from
	t.best = Sample{}
	return s, true
}

// Wipe overwrites what the presentation holds.
func (t *Take) Wipe() {
	t.best.Wipe()
	t.best = Sample{}
}

// advice turns the most urgent reason into what the person can do. A print
// that suffices needs none.
func advice(v view) device.Retry {
	if v.Wrong != "" {
		return map[finger.SlapFault]device.Retry{
			finger.WrongHand:     device.OtherHand,
			finger.ExtraFinger:   device.TheseFingers,
			finger.MissingFinger: device.AllFingers,
			finger.NotASlap:      device.TheseFingers,
			finger.TurnedTooFar:  device.Straighten,
			finger.CutOff:        device.CentreHand,
			finger.JoinedFingers: device.Spread,
		}[v.Wrong]
	}
	if v.worth >= 0 || len(v.Quality.Reasons) == 0 {
		return ""
	}
	return map[finger.Reason]device.Retry{
		finger.NotAPrint: device.WipeGlass,
		finger.SmallArea: device.PressHarder,
		finger.OffCentre: device.Centre,
		finger.TooFaint:  device.PressHarder,
		finger.TooLight:  device.PressHarder,
		finger.TooDark:   device.PressLess,
		finger.Smeared:   device.HoldStill,
	}[v.Quality.Reasons[0]]
}
