package sim

import (
	"fmt"
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

	mu     sync.Mutex     // protects the fields below
	asked  string         // what the screen says now
	wanted []gen.Position // the fingers it asks for, or none
	turn   int            // counts what was asked; a move of an older turn is not made
	timer  *time.Timer
	times  map[Step]int // how often each step was asked
	act    Act          // being done
	heeded device.Retry // the last advice, of what is asked now
	lying  time.Time    // until when the finger is left lying
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

// A move is something the person does after a pause; 0 stands for their pace.
type move struct {
	pause time.Duration
	do    func()
}

// Ask says: place this finger, or lay these down together.
func (a *Applicant) Ask(fingers ...gen.Position) {
	if a.scanner == nil || len(fingers) == 0 {
		return
	}
	for _, p := range fingers {
		if !p.Valid() {
			return
		}
	}
	a.begin(fmt.Sprint(fingers), stepOf(fingers), func(before, act Act, n int) []move {
		a.wanted = fingers
		return a.placing(before, fingers, act, n)
	})
}

// AskLift says: lift the finger.
func (a *Applicant) AskLift() {
	if a.scanner == nil {
		return
	}
	a.begin("lift", "", func(before, _ Act, _ int) []move { return []move{a.lifting(before)} })
}

// AskLook says: look at the camera.
func (a *Applicant) AskLook() {
	if a.camera == nil {
		return
	}
	a.begin(string(FaceStep), FaceStep, a.looking)
}

// Heed gives the person an advice, once however often the screen shows it: they
// lift the finger and place it anew when told to lift it or to use another one,
// and for any other advice do better what they are doing.
func (a *Applicant) Heed(r device.Retry) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || r == a.heeded {
		return
	}
	a.heeded = r
	if r == device.Lift || r == device.OtherFinger {
		a.again()
		return
	}
	if better := a.better(); better != nil {
		a.act = Act{Do: OK}
		a.schedule([]move{{do: better}})
	}
}

// again takes the finger that is asked for off the glass and places it the next
// time. Called with mu locked.
func (a *Applicant) again() {
	if len(a.wanted) == 0 {
		return
	}
	before, n := a.count(stepOf(a.wanted))
	a.stop()
	a.schedule(a.placing(before, a.wanted, a.act, n))
}

// better returns how to put right what is being done badly, or nil. Called with
// mu locked.
func (a *Applicant) better() func() {
	if fingers := a.wanted; len(fingers) > 1 {
		if _, bad := slapTouches[a.act.Do]; !bad {
			return nil
		}
		return func() { a.scanner.PlaceSlap(fingers, a.laid(Act{Do: OK})) }
	}
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
	a.begin("", "", func(before, _ Act, _ int) []move {
		if a.scanner == nil {
			return nil
		}
		return []move{a.lifting(before)}
	})
}

// Leave makes the person go away from the counter.
func (a *Applicant) Leave() {
	a.begin("leave", "", func(Act, Act, int) []move {
		return []move{{do: func() {
			if a.scanner != nil {
				a.scanner.Lift()
			}
			if a.camera != nil {
				a.camera.Leave()
			}
		}}}
	})
}

// Close stops whatever the person was about to do, and leaves the devices as
// they are. A device that was to be mended is still mended.
func (a *Applicant) Close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	a.stop()
}

// begin takes up what the screen says, if it is something new, and makes the
// moves one after the other. A step of the plan is counted.
func (a *Applicant) begin(asked string, step Step, moves func(before, act Act, n int) []move) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || asked == a.asked {
		return
	}
	a.asked, a.wanted, a.heeded = asked, nil, ""
	before, n := a.count(step)
	a.stop()
	a.schedule(moves(before, a.act, n))
}

// count takes up the next act of a step, or none, and returns the act before and
// how often the step was asked until now. Called with mu locked.
func (a *Applicant) count(step Step) (before Act, n int) {
	before, a.act = a.act, Act{Do: OK}
	if step != "" {
		n = a.times[step]
		a.times[step]++
		a.act = a.opt.Plan.Act(step, n)
	}
	return before, n
}

// stop forgets what was about to be done. Called with mu locked.
func (a *Applicant) stop() {
	a.turn++
	if a.timer != nil {
		a.timer.Stop()
	}
}

// schedule makes the moves unless something else is asked meanwhile. Called with
// mu locked.
func (a *Applicant) schedule(moves []move) {
	if len(moves) == 0 {
		return
	}
	pause := moves[0].pause
	if pause == 0 {
		pause = a.opt.Pace * time.Duration(67+(a.turn*29+len(moves)*17)%67) / 100
	}
	turn := a.turn
	current := func() bool { return turn == a.turn && !a.closed }
	a.timer = time.AfterFunc(pause, func() {
		a.mu.Lock()
		do := current()
		a.mu.Unlock()
		if !do {
			return
		}
		moves[0].do() // without the lock: growing a finger takes its time
		a.mu.Lock()
		defer a.mu.Unlock()
		switch {
		case current():
			a.schedule(moves[1:])
		case !a.closed && a.scanner != nil && len(a.wanted) == 0 && !time.Now().Before(a.lying):
			a.scanner.Lift() // placed after the screen had asked for it to be lifted
		}
	})
}

// lifting returns the move of taking the finger off, after what was done before.
// A finger that is left lying stays from the first time it should be lifted.
// Called with mu locked.
func (a *Applicant) lifting(before Act) move {
	if before.Do == Lying {
		stay := before.For
		if stay == 0 {
			stay = lyingFor
		}
		a.lying = time.Now().Add(stay)
	}
	return move{pause: max(0, time.Until(a.lying)), do: a.scanner.Lift}
}

// placing returns the moves of placing what is asked for the n-th time. Called
// with mu locked.
func (a *Applicant) placing(before Act, fingers []gen.Position, act Act, n int) []move {
	var moves []move
	if _, lies := a.scanner.Lying(); lies {
		moves = append(moves, a.lifting(before))
	}
	if act.Do == Idle && act.For == 0 {
		return moves
	}
	if len(fingers) > 1 {
		shown, how := showing(fingers, act), a.laid(act)
		moves = append(moves, move{pause: idling(act), do: func() {
			a.scanner.PlaceSlap(shown, how)
			a.placed(&a.scanner.port, Act{})
		}})
		return append(moves, a.breaking(&a.scanner.port, act)...)
	}
	pos := fingers[0]
	how := touches[act.Do].Vary(a.opt.Seed + uint64(pos)<<32 + uint64(n))
	if act.Do == SameAs {
		pos = act.Other
	}
	moves = append(moves, move{pause: idling(act), do: func() {
		a.scanner.Place(pos, how)
		a.placed(&a.scanner.port, act)
	}})
	return append(moves, a.breaking(&a.scanner.port, act)...)
}

// showing returns the fingers that are laid down for a slap.
func showing(fingers []gen.Position, act Act) []gen.Position {
	shown, bad := slices.Clone(fingers), slapTouches[act.Do]
	thumb := gen.RightThumb
	if !fingers[0].Right() {
		thumb = gen.LeftThumb
	}
	switch {
	case bad.other && stepOf(fingers) == Thumbs:
		shown = []gen.Position{gen.RightIndex, gen.RightMiddle}
	case bad.other:
		for i, p := range fingers {
			shown[i] = (p+4)%10 + 1 // the same finger of the other hand
		}
	case bad.fewer:
		shown = shown[:len(shown)-1]
	case bad.more:
		shown = append(shown, thumb)
	}
	return shown
}

// laid is how fingers are laid down together. Called with mu locked, or with an
// act that is all well.
func (a *Applicant) laid(act Act) gen.Laid {
	l := slapTouches[act.Do].how
	l.Build = uint64(a.opt.Person)
	return l
}

// looking returns the moves of showing the face.
func (a *Applicant) looking(_, act Act, _ int) []move {
	if act.Do == Idle && act.For == 0 {
		return nil
	}
	moves := []move{{pause: idling(act), do: func() {
		a.camera.Place(poses[act.Do])
		a.placed(&a.camera.port, act)
	}}}
	return append(moves, a.breaking(&a.camera.port, act)...)
}

// idling is the pause before an act: none of its own but for [Idle].
func idling(act Act) time.Duration {
	if act.Do == Idle {
		return act.For
	}
	return 0
}

// placed has the device give the advice an act is named after. Whatever advice
// was heeded before was about something else.
func (a *Applicant) placed(p *port, act Act) {
	if r := adviceIn(act.Do); r != "" {
		p.Advise(r)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.heeded = ""
}

// breaking returns the move with which a device fails, if that is planned, and
// mends it after the planned time whatever is asked meanwhile. The finger stays
// where it is.
func (a *Applicant) breaking(p *port, act Act) []move {
	if !slices.Contains(Faults(), Fault(act.Do)) {
		return nil
	}
	return []move{{do: func() {
		p.Fail(Fault(act.Do))
		if act.For != 0 {
			time.AfterFunc(act.For, p.mend)
		}
	}}}
}
