package sim

import (
	"slices"
	"sync"
	"time"

	"optag/device"
	"optag/testdata/gen"
)

// lyingFor is how long a finger is left lying unless the plan says.
const lyingFor = 3 * time.Second

// An Applicant is a person at the counter who reads the applicant's screen and
// does what it says, each time after a short while, and deviates as planned.
// Asking twice for the same changes nothing, so that a screen may be drawn
// twice. All methods return at once, and may be called from any goroutine.
type Applicant struct {
	scanner *Scanner // or nil
	camera  *Camera  // or nil
	opt     ApplicantOptions

	mu     sync.Mutex // protects the fields below
	asked  string     // what the screen says now
	turn   int        // counts what was asked; a step of an older turn is not done
	timers []*time.Timer
	times  map[Step]int // how often each step was asked
	act    Act          // being done
	closed bool
}

// ApplicantOptions say who the applicant is, and how they behave.
type ApplicantOptions struct {
	Person gen.Person
	Plan   Plan
	Pace   time.Duration // from being asked to doing it; default 500 ms, varying by a third
	Seed   uint64        // of the small differences between presentations
}

// NewApplicant brings a person to the counter. Either device may be nil.
func NewApplicant(s *Scanner, c *Camera, o ApplicantOptions) *Applicant {
	if o.Pace <= 0 {
		o.Pace = 500 * time.Millisecond
	}
	if s != nil {
		s.SetPerson(o.Person)
	}
	if c != nil {
		c.SetPerson(o.Person)
	}
	return &Applicant{scanner: s, camera: c, opt: o, times: map[Step]int{}}
}

// Ask says: place this finger.
func (a *Applicant) Ask(pos gen.Position) {
	step := FingerStep(pos)
	if a.scanner == nil || !pos.Valid() {
		return
	}
	a.begin(string(step), step, func(act Act, n int) []func() { return a.placing(pos, act, n) })
}

// AskLift says: lift the finger.
func (a *Applicant) AskLift() {
	if a.scanner == nil {
		return
	}
	a.begin("lift", "", func(act Act, _ int) []func() {
		if act.Do != Lying {
			return []func(){a.scanner.Lift}
		}
		wait := act.For
		if wait == 0 {
			wait = lyingFor
		}
		return []func(){func() { a.later(wait, a.scanner.Lift) }}
	})
}

// AskLook says: look at the camera.
func (a *Applicant) AskLook() {
	if a.camera == nil {
		return
	}
	a.begin(string(FaceStep), FaceStep, a.looking)
}

// Heed gives the person an advice: they lift the finger when told so, and for
// any other advice do better what they are doing.
func (a *Applicant) Heed(r device.Retry) {
	switch r {
	case device.Lift, device.OtherFinger:
		a.AskLift()
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	better := a.better()
	if a.closed || better == nil {
		return
	}
	a.act = Act{Do: OK}
	a.schedule([]func(){better})
}

// better returns how to put right what is being done badly, or nil. Called with
// mu locked.
func (a *Applicant) better() func() {
	if adviceIn(a.act.Do) == "" {
		return nil
	}
	if a.asked == string(FaceStep) {
		return func() { a.camera.Place(gen.Pose{}) }
	}
	how := gen.Conditions{}.Vary(a.opt.Seed + uint64(a.turn))
	return func() { a.scanner.Adjust(how) }
}

// Rest says nothing: the screen asks for neither finger nor face. A finger on
// the glass is lifted.
func (a *Applicant) Rest() {
	a.begin("", "", func(Act, int) []func() {
		if a.scanner == nil {
			return nil
		}
		return []func(){a.scanner.Lift}
	})
}

// Leave makes the person go away from the counter.
func (a *Applicant) Leave() {
	a.begin("leave", "", func(Act, int) []func() {
		return []func(){func() {
			if a.scanner != nil {
				a.scanner.Lift()
			}
			if a.camera != nil {
				a.camera.Leave()
			}
		}}
	})
}

// Close stops whatever the person was about to do, and leaves the devices as
// they are.
func (a *Applicant) Close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	a.stop()
}

// begin takes up what the screen says, if it is something new, and does the
// steps one after the other. A step of the plan is counted.
func (a *Applicant) begin(asked string, step Step, steps func(act Act, n int) []func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || asked == a.asked {
		return
	}
	a.asked = asked
	act, n := a.act, 0
	if step != "" {
		n = a.times[step]
		a.times[step]++
		act = a.opt.Plan.Act(step, n)
	}
	a.act = act
	a.stop()
	a.schedule(steps(act, n))
}

// stop forgets what was about to be done. Called with mu locked.
func (a *Applicant) stop() {
	a.turn++
	for _, t := range a.timers {
		t.Stop()
	}
	a.timers = nil
}

// schedule does the steps with a pause before each. Called with mu locked.
func (a *Applicant) schedule(steps []func()) {
	if len(steps) == 0 {
		return
	}
	pause := a.opt.Pace * time.Duration(67+(a.turn*29+len(steps)*17)%67) / 100
	a.wait(pause, func() {
		steps[0]()
		a.mu.Lock()
		defer a.mu.Unlock()
		if !a.closed {
			a.schedule(steps[1:])
		}
	})
}

// wait runs f later unless something else is asked before. Called with mu
// locked.
func (a *Applicant) wait(d time.Duration, f func()) {
	turn := a.turn
	a.timers = append(a.timers, time.AfterFunc(d, func() {
		a.mu.Lock()
		current := turn == a.turn && !a.closed
		a.mu.Unlock()
		if current {
			f()
		}
	}))
}

// later is wait for a step that is being done.
func (a *Applicant) later(d time.Duration, f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.closed {
		a.wait(d, f)
	}
}

// placing returns the steps of placing a finger the n-th time.
func (a *Applicant) placing(pos gen.Position, act Act, n int) []func() {
	var steps []func()
	if _, lies := a.scanner.Lying(); lies {
		steps = append(steps, a.scanner.Lift)
	}
	if act.Do == Idle {
		return steps
	}
	how := touches[act.Do].Vary(a.opt.Seed + uint64(pos)<<32 + uint64(n))
	if act.Do == SameAs {
		pos = act.Other
	}
	steps = append(steps, func() {
		if r := adviceIn(act.Do); r != "" {
			a.scanner.Advise(r)
		}
		a.scanner.Place(pos, how)
	})
	if slices.Contains(Faults(), Fault(act.Do)) {
		steps = append(steps, func() { a.breaks(&a.scanner.port, act) })
	}
	return steps
}

// looking returns the steps of showing the face the n-th time.
func (a *Applicant) looking(act Act, _ int) []func() {
	if act.Do == Idle {
		return nil
	}
	steps := []func(){func() {
		if r := adviceIn(act.Do); r != "" {
			a.camera.Advise(r)
		}
		a.camera.Place(poses[act.Do])
	}}
	if slices.Contains(Faults(), Fault(act.Do)) {
		steps = append(steps, func() { a.breaks(&a.camera.port, act) })
	}
	return steps
}

// breaks makes a device fail, and mends it after the planned time. What the
// screen asked is over then: asked again for the same, the person does it
// again.
func (a *Applicant) breaks(p *port, act Act) {
	p.Fail(Fault(act.Do))
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = "nothing any more"
	if act.For == 0 || a.closed {
		return
	}
	a.mend(p, act)
}

// mend is not undone by what is asked meanwhile. Called with mu locked.
func (a *Applicant) mend(p *port, act Act) {
	time.AfterFunc(act.For, func() {
		if Fault(act.Do) == Unplugged {
			p.Replug()
			return
		}
		p.Recover()
	})
}
