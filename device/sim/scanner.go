package sim

import (
	"image"
	"sync"
	"time"

	"optag/device"
	"optag/testdata/gen"
)

// Options of a scanner. The zero value is a single-finger scanner of
// profile FAP 30, not certified.
type Options struct {
	Size      image.Point   // of the platen in pixels; default 400 × 500
	PPI       [2]int        // across and down; default 500
	FPS       float64       // images per second; default 15
	Seed      uint64        // of the sensor's noise
	Serial    string        // default "SIM-0001"
	Silence   time.Duration // after which the driver calls the device silent; default 2 s
	Settle    time.Duration // a finger takes to lie flat; default 250 ms
	Slaps     bool          // a scanner of profile FAP 60, which takes four fingers at once; default size 1600 × 1500
	Certified bool          // call the device fit for enrolment, which a simulator is not
	Person    gen.Person    // whose fingers they are, until SetPerson
	Flaws     Flaws         // of glass and sensor, until SetFlaws

	// Grow returns a finger of a person; the scanner asks once for each.
	// The default grows it; a test may keep what it has grown.
	Grow func(gen.Person, gen.Position) *gen.Finger
}

func (o Options) withDefaults() Options {
	if o.Size == (image.Point{}) {
		o.Size = image.Pt(400, 500)
		if o.Slaps {
			o.Size = image.Pt(1600, 1500)
		}
	}
	if o.PPI == ([2]int{}) {
		o.PPI = [2]int{gen.PPI, gen.PPI}
	}
	if o.FPS <= 0 {
		o.FPS = 15
	}
	if o.Serial == "" {
		o.Serial = "SIM-0001"
	}
	if o.Silence <= 0 {
		o.Silence = 2 * time.Second
	}
	if o.Settle <= 0 {
		o.Settle = 250 * time.Millisecond
	}
	if o.Grow == nil {
		o.Grow = gen.Person.Finger
	}
	return o
}

// A Scanner is a simulated fingerprint scanner and its glass. It exists from
// the beginning, plugged in; [Scanner.Open] is what a driver does with it. All
// methods may be called from any goroutine.
type Scanner struct {
	port
	opt Options

	glass   sync.Mutex // protects the fields below
	hand    *hand
	finger  *gen.Finger // on the glass, or nil
	slap    *slap       // fingers on the glass together, or nil
	target  *image.Gray // a ruled target on the glass, or nil
	flaws   Flaws
	marks   *marks // of the flaws; nil before they are drawn
	how     gen.Conditions
	since   time.Time // the finger was placed
	exposed uint64    // images so far
}

// NewScanner makes a scanner with a clear glass.
func NewScanner(o Options) *Scanner {
	o = o.withDefaults()
	return &Scanner{port: newPort(), opt: o, hand: newHand(o.Grow, o.Person), flaws: o.Flaws}
}

// Info describes the scanner as an opened one does.
func (s *Scanner) Info() device.Info {
	return device.Info{
		Maker: "optag", Model: "simulated scanner", Serial: s.opt.Serial, Firmware: "1.0",
		Driver: "sim", Version: Version, Slaps: s.opt.Slaps, Certified: s.opt.Certified,
	}
}

// Open opens the scanner. It fails with [device.ErrUnplugged].
func (s *Scanner) Open() (device.Scanner, error) {
	plate := image.NewGray(image.Rectangle{Max: s.opt.Size})
	h, err := open(&s.port, s.Info(), s.opt.FPS, s.opt.Silence, func(f Fault) (device.Frame, error) {
		frame := s.expose(plate, f)
		s.mar(frame.Image)
		return frame, nil
	})
	if err != nil {
		return nil, err
	}
	return &handleOfScanner{h, s}, nil
}

// SetPerson says whose fingers are placed from now on.
func (s *Scanner) SetPerson(p gen.Person) {
	s.glass.Lock()
	defer s.glass.Unlock()
	s.hand = newHand(s.opt.Grow, p)
}

// Place puts a finger on the glass, in place of any other. The first time a
// finger is placed it is grown, which takes some tenths of a second.
func (s *Scanner) Place(pos gen.Position, c gen.Conditions) {
	s.glass.Lock()
	hand := s.hand
	s.glass.Unlock()
	finger := hand.finger(pos)

	s.glass.Lock()
	defer s.glass.Unlock()
	s.finger, s.slap, s.target, s.how, s.since = finger, nil, nil, c, time.Now()
}

// Adjust changes how the finger lies that is on the glass, without lifting it.
func (s *Scanner) Adjust(c gen.Conditions) {
	s.glass.Lock()
	defer s.glass.Unlock()
	s.how = c
}

// Lift clears the glass, unless the finger is [Stuck].
func (s *Scanner) Lift() {
	if f, _ := s.state(); f == Stuck {
		return
	}
	s.glass.Lock()
	defer s.glass.Unlock()
	s.finger, s.slap, s.target, s.how = nil, nil, nil, gen.Conditions{}
}

// Lying returns the finger on the glass, or false when the glass is clear.
func (s *Scanner) Lying() (gen.Position, bool) {
	s.glass.Lock()
	defer s.glass.Unlock()
	switch {
	case s.slap != nil:
		return s.slap.fingers[0], true
	case s.finger != nil:
		return s.finger.Position, true
	}
	return 0, false
}

// How returns how the finger lies, or the zero value when the glass is clear.
func (s *Scanner) How() gen.Conditions {
	s.glass.Lock()
	defer s.glass.Unlock()
	return s.how
}

// expose draws the glass as it is now.
func (s *Scanner) expose(plate *image.Gray, fault Fault) device.Frame {
	s.glass.Lock()
	finger, laid, target, how, age := s.finger, s.slap, s.target, s.how, time.Since(s.since)
	noise := s.flaws.Noise
	s.exposed++
	seed := s.opt.Seed<<20 + s.exposed
	s.glass.Unlock()

	frame := device.Frame{Image: plate, PPI: s.opt.PPI, Contact: finger != nil || laid != nil}
	switch fault {
	case WrongSize:
		frame.Image = image.NewGray(image.Rect(0, 0, s.opt.Size.X*3/4, s.opt.Size.Y+16))
	case WrongPPI:
		frame.PPI = [2]int{frame.PPI[0] / 2, frame.PPI[1]}
	case Noise:
		gen.DrawStatic(plate, seed)
		return frame
	}
	if laid != nil {
		laid.draw(frame.Image, age, s.opt.Settle, seed)
		return frame
	}
	if finger == nil {
		gen.DrawBlank(frame.Image, noise, seed)
		if target != nil && target.Rect == frame.Image.Rect {
			for i, v := range target.Pix {
				frame.Image.Pix[i] = min(frame.Image.Pix[i], v)
			}
		}
		return frame
	}
	if age < s.opt.Settle {
		how = landing(how, float64(age)/float64(s.opt.Settle))
	}
	finger.Draw(frame.Image, frame.PPI, how, seed)
	return frame
}

// mar shows the flaws of glass and sensor in an image.
func (s *Scanner) mar(img *image.Gray) {
	s.glass.Lock()
	f := s.flaws
	if s.marks == nil {
		s.marks = f.mark(s.opt.Size, s.opt.Seed)
	}
	m := s.marks
	s.glass.Unlock()
	if img.Rect.Size() != s.opt.Size {
		m = nil
	}
	f.mar(img, m)
}

// landing is how a finger lies that is still being put down; t runs from 0 to 1.
func landing(c gen.Conditions, t float64) gen.Conditions {
	if c.Coverage == 0 {
		c.Coverage = 1
	}
	c.Coverage *= 0.25 + 0.75*t
	c.Pressure = -1 + t*(c.Pressure+1)
	return c
}

// A hand holds the fingers of a person, each grown when it is first needed.
type hand struct {
	grow    func(gen.Position) *gen.Finger
	fingers [gen.LeftLittle + 1]struct {
		once   sync.Once
		finger *gen.Finger
	}
}

func newHand(grow func(gen.Person, gen.Position) *gen.Finger, p gen.Person) *hand {
	return &hand{grow: func(pos gen.Position) *gen.Finger { return grow(p, pos) }}
}

func (h *hand) finger(pos gen.Position) *gen.Finger {
	f := &h.fingers[pos]
	f.once.Do(func() { f.finger = h.grow(pos) })
	return f.finger
}
