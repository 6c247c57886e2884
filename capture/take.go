package capture

import (
	"image"
	"slices"
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

// Live is what the screens show while a finger is presented. It holds no
// pixels.
type Live struct {
	Phase   Phase
	Quality finger.Quality
	Advice  device.Retry // "" when there is none
	Best    int          // the best score of this presentation so far
}

// A Take is one presentation of one finger, seen frame by frame. It waits for
// a clear glass first, so that a finger left lying is never taken for the next
// one. Time comes in with the frames.
type Take struct {
	threshold      int
	hold, patience time.Duration

	phase  Phase
	best   Sample
	score  int
	live   Live
	since  time.Time // when the finger came
	enough time.Time // since when the threshold holds, zero while it does not
	forced bool
}

// NewTake begins a presentation that is to reach the threshold.
func NewTake(threshold int, p Profile) *Take {
	return &Take{threshold: threshold, hold: p.Hold, patience: p.Patience, phase: Clearing, score: -1}
}

// Now ends the presentation with the best there is, or with the next frame
// that shows a finger. Before the glass is clear it does nothing, because the
// finger that lies there is the one before.
func (t *Take) Now() { t.forced = t.phase != Clearing }

// Frame looks at the next frame and says how the presentation stands. The
// frame is copied when it is the best so far.
func (t *Take) Frame(f device.Frame, at time.Time) Live {
	switch t.phase {
	case Clearing:
		if f.Contact {
			return t.tell(finger.Quality{}, device.Lift)
		}
		t.phase = Waiting
	case Done:
		return t.live
	}
	if !f.Contact || f.Image == nil {
		return t.clear(at)
	}
	if t.phase == Waiting {
		t.phase, t.since = Assessing, at
	}
	q := finger.Assess(f.Image, f.PPI)
	known := !slices.Contains(q.Reasons, finger.NoFinger)
	if q.Score > t.score && (known || q.Area > 0 && t.waited(at)) {
		t.keep(f, q.Score, at)
	}
	if t.over(q, at) {
		t.phase = Done
		return t.tell(q, "")
	}
	if !known && at.Sub(t.since) > 2*t.hold {
		return t.tell(q, device.PressHarder)
	}
	return t.tell(q, advice(q, t.threshold))
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
		if t.score < 0 || t.brushed(at) {
			t.Wipe()
			t.score, t.enough, t.phase = -1, time.Time{}, Waiting
		}
	}
	return t.tell(finger.Quality{}, "")
}

// brushed reports whether a finger that is gone touched the glass too briefly
// to count as an attempt.
func (t *Take) brushed(at time.Time) bool {
	return !t.forced && t.score < t.threshold && at.Sub(t.since) < t.hold
}

// over reports whether the presentation ends with this frame.
func (t *Take) over(q finger.Quality, at time.Time) bool {
	if q.Score < t.threshold {
		t.enough = time.Time{}
	} else if t.enough.IsZero() {
		t.enough = at
	}
	switch {
	case t.score < 0:
		return false
	case t.forced:
		return true
	case !t.enough.IsZero() && at.Sub(t.enough) >= t.hold:
		return true
	}
	return t.waited(at)
}

func (t *Take) keep(f device.Frame, score int, at time.Time) {
	if t.best.Image == nil || t.best.Image.Rect != f.Image.Rect {
		t.best.Wipe()
		t.best.Image = image.NewGray(f.Image.Rect)
	}
	for y := range f.Image.Rect.Dy() {
		copy(t.best.Image.Pix[y*t.best.Image.Stride:][:f.Image.Rect.Dx()], f.Image.Pix[y*f.Image.Stride:])
	}
	t.best.PPI, t.best.At, t.score = f.PPI, at, score
}

func (t *Take) tell(q finger.Quality, r device.Retry) Live {
	t.live = Live{Phase: t.phase, Quality: q, Advice: r, Best: max(t.score, 0)}
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
func advice(q finger.Quality, threshold int) device.Retry {
	if q.Score >= threshold || len(q.Reasons) == 0 {
		return ""
	}
	return map[finger.Reason]device.Retry{
		finger.SmallArea: device.PressHarder,
		finger.OffCentre: device.Centre,
		finger.TooLight:  device.PressHarder,
		finger.TooDark:   device.PressLess,
		finger.Smeared:   device.HoldStill,
	}[q.Reasons[0]]
}
