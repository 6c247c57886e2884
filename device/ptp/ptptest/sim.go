// Package ptptest simulates still cameras behind [device.USB] that speak PTP:
// one with nothing but ISO 15740, a Canon EOS and a Nikon as far as is known of
// them, down to containers, packets and sessions. It is written from the same
// facts as the driver and shares no code with it, and can fail in each way that
// hardware may.
package ptptest

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"time"

	"optag/device"
)

// A Kind is a family of cameras.
type Kind int

// The families.
const (
	Standard Kind = iota
	EOS
	Nikon
)

// A Config says how the simulated camera is, and how it fails. The zero Config
// is a healthy camera.
type Config struct {
	Kind    Kind
	Picture func(n int) []byte // the file of the n-th picture, from 0
	Preview func(n int) []byte // of the n-th moving picture

	CaptureTime time.Duration // from the release to the picture; 0 is 20 ms
	OnCard      int           // pictures on the card at the plug
	NoPartial   bool          // files are given whole only
	NoEvents    bool          // nothing is told on the interrupt endpoint
	NoLive      bool          // no moving pictures
	NoCard      bool          // object handles are refused
	Raw         bool          // each picture comes with a raw file before it
	RawOnly     bool          // or is one
	Refuse      int           // releases refused, for want of focus
	Busy        int           // releases refused as busy
	NotReady    int           // moving pictures that are not there yet
	NotDeleted  bool          // deleting is refused
	SessionOpen bool          // another program left its session open
	NoEnd       bool          // what fills its packets is not ended by an empty one
	HeaderAlone bool          // a header comes in a transfer of its own
	Empty       int           // transfers without a byte before each container
	SizeOff     int           // so much the announced size of a picture is off
	NoConfig    bool          // descriptors are not told

	UnplugAt int                           // the transfer, from 1, in which the camera leaves
	SilentAt int                           // the transfer, from 1, from which on nothing is answered
	StallAt  int                           // the transfer, from 1, that is refused by the bus
	ShortAt  int                           // the transfer IN, from 1, that is cut short
	LostAt   int                           // the command, from 1, that is not answered
	LateAt   int                           // the command, from 1, that is answered after 4 s
	GarbleAt int                           // the container IN, from 1, that is changed
	Garble   func(container []byte) []byte // how
	Seed     uint64                        // names a drawn Config; the simulator does not use it
}

// Numbers of operations and answers.
const (
	ok           = 0x2001
	notOpen      = 0x2003
	unsupported  = 0x2005
	badObject    = 0x2009
	accessDenied = 0x200f
	deviceBusy   = 0x2019
	alreadyOpen  = 0x201e
	notLive      = 0xa00b
	outOfFocus   = 0xa002
	notReady     = 0xa102
)

// An object is a file on the camera.
type object struct {
	format uint16
	name   string
	data   []byte
	taken  bool // in this program's time
}

// A Sim is a simulated camera. It is a [device.USB].
type Sim struct {
	c Config

	mu         sync.Mutex    // protects the fields below
	changed    chan struct{} // closed and replaced at every change
	gone       bool
	silent     bool
	transfers  int
	reads      int
	commands   int
	containers int
	session    bool
	command    []byte    // a command whose data is to come
	in         [][]byte  // transfers IN that are ready
	ready      time.Time // before, nothing of in is
	interrupts [][]byte
	objects    map[uint32]*object
	next       uint32 // handle
	pictures   int
	previews   int
	due        time.Time // a picture is under way until then
	underWay   bool
	remote     bool
	live       bool
	toHost     bool
	eosNews    []byte
	nikonNews  []byte
	wrong      []string
}

var _ device.USB = (*Sim)(nil)

// New returns a camera that was just plugged in.
func New(c Config) *Sim {
	if c.CaptureTime == 0 {
		c.CaptureTime = 20 * time.Millisecond
	}
	s := &Sim{c: c, changed: make(chan struct{}), objects: map[uint32]*object{}, next: 1, session: c.SessionOpen}
	s.objects[s.handle()] = &object{format: 0x3001, name: "DCIM"}
	for i := range c.OnCard {
		s.objects[s.handle()] = &object{format: 0x3801, name: fmt.Sprintf("OLD%04d.JPG", i), data: []byte("somebody else's")}
	}
	return s
}

func (s *Sim) handle() uint32 { s.next++; return s.next }

// Unplug takes the camera from the bus.
func (s *Sim) Unplug() { s.change(func() { s.gone = true }) }

// Fail makes the camera silent.
func (s *Sim) Fail() { s.change(func() { s.silent = true }) }

// Press presses the button of the camera.
func (s *Sim) Press() { s.change(func() { s.due, s.underWay = time.Now(), true; s.develop() }) }

// Left returns how many pictures that were taken are on the camera.
func (s *Sim) Left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, o := range s.objects {
		if o.taken {
			n++
		}
	}
	return n
}

// Card returns how many files are on the camera, folders not counted.
func (s *Sim) Card() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.objects) - 1
}

// Transfers returns how many transfers were begun so far, interrupts left out.
func (s *Sim) Transfers() int { s.mu.Lock(); defer s.mu.Unlock(); return s.transfers }

// Pictures returns how many pictures were taken.
func (s *Sim) Pictures() int { s.mu.Lock(); defer s.mu.Unlock(); return s.pictures }

// Remote reports whether the camera's own buttons are locked.
func (s *Sim) Remote() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.remote || s.live }

// Wrong returns what a camera would not have understood.
func (s *Sim) Wrong() []string { s.mu.Lock(); defer s.mu.Unlock(); return slices.Clone(s.wrong) }

// Gone reports whether the camera is off the bus, as it is after Close.
func (s *Sim) Gone() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.gone }

// Close implements [device.USB].
func (s *Sim) Close() error {
	s.Unplug()
	return nil
}

func (s *Sim) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.changed)
	s.changed = make(chan struct{})
}

// begin counts a transfer and lets the faults that hang on the count happen.
func (s *Sim) begin() (stalled bool) {
	s.change(func() {
		s.transfers++
		s.gone = s.gone || s.transfers == s.c.UnplugAt
		s.silent = s.silent || s.transfers == s.c.SilentAt
		stalled = s.transfers == s.c.StallAt
	})
	return stalled
}

// wait calls try, after every change and at the time it names, until it says
// that it is done.
func (s *Sim) wait(ctx context.Context, try func() (done bool, at time.Time)) error {
	for {
		s.mu.Lock()
		gone, changed := s.gone, s.changed
		var done bool
		var at time.Time
		if !gone && ctx.Err() == nil && !s.silent {
			s.develop()
			done, at = try()
			if s.underWay && (at.IsZero() || s.due.Before(at)) {
				at = s.due
			}
		}
		s.mu.Unlock()
		switch {
		case gone:
			return fmt.Errorf("simulated: %w", device.ErrUnplugged)
		case done:
			return nil
		}
		if err := sleep(ctx, changed, at); err != nil {
			return err
		}
	}
}

// sleep waits for a change, for a time where one is named, or for ctx.
func sleep(ctx context.Context, changed <-chan struct{}, at time.Time) error {
	var timer <-chan time.Time
	if !at.IsZero() {
		t := time.NewTimer(time.Until(at))
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-changed:
	case <-timer:
	case <-ctx.Done():
		if ctx.Err() == context.DeadlineExceeded {
			return fmt.Errorf("simulated: %w", device.ErrSilent)
		}
		return fmt.Errorf("simulated: %w", ctx.Err())
	}
	return nil
}

// Control implements [device.USB]: the configuration, and the requests of the
// class.
func (s *Sim) Control(ctx context.Context, requestType, request uint8, value, index uint16, data []byte) (int, error) {
	stalled := s.begin()
	n, known := 0, true
	err := s.wait(ctx, func() (bool, time.Time) {
		switch {
		case requestType == 0x80 && request == 6 && value == 0x0200 && !s.c.NoConfig:
			n = copy(data, descriptors())
		case requestType == 0x21 && request == 0x64 && index == 1: // cancel
			s.in, s.ready, s.command = nil, time.Time{}, nil
		case requestType == 0x21 && request == 0x66 && index == 1: // reset
			s.in, s.ready, s.command = nil, time.Time{}, nil
			s.session, s.remote, s.live = false, false, false
		case requestType == 0xa1 && request == 0x67 && index == 1: // status
			n = copy(data, []byte{4, 0, 0x01, 0x20})
		default:
			known = false
		}
		return true, time.Time{}
	})
	if err == nil && (stalled || !known) {
		err = fmt.Errorf("simulated: stall: %w", device.ErrGarbled)
	}
	return n, err
}

// descriptors are a configuration whose second interface is the camera.
func descriptors() []byte {
	return []byte{
		9, 2, 48, 0, 2, 1, 0, 0x80, 50,
		9, 4, 0, 0, 0, 0xff, 0, 0, 0,
		9, 4, 1, 0, 3, 6, 1, 1, 0,
		7, 5, 0x84, 2, 0, 2, 0, 7, 5, 0x05, 2, 0, 2, 0, 7, 5, 0x86, 3, 64, 0, 8,
	}
}

// Interrupt implements [device.USB].
func (s *Sim) Interrupt(ctx context.Context, endpoint uint8, buf []byte) (int, error) {
	n := 0
	err := s.wait(ctx, func() (bool, time.Time) {
		if endpoint != 0x86 || len(s.interrupts) == 0 {
			return false, time.Time{}
		}
		n = copy(buf, s.interrupts[0])
		s.interrupts = s.interrupts[1:]
		return true, time.Time{}
	})
	return n, err
}

// Bulk implements [device.USB].
func (s *Sim) Bulk(ctx context.Context, endpoint uint8, buf []byte) (int, error) {
	stalled := s.begin()
	n, wrong := 0, false
	err := s.wait(ctx, func() (bool, time.Time) {
		switch endpoint {
		case 0x05:
			s.receive(buf)
			n = len(buf)
			return true, time.Time{}
		case 0x84:
			return s.send(buf, &n)
		}
		wrong = true
		return true, time.Time{}
	})
	if err == nil && (stalled || wrong) {
		return 0, fmt.Errorf("simulated: stall: %w", device.ErrGarbled)
	}
	return n, err
}

// full is the size of a packet.
const full = 512

// send moves what is ready into buf. A transfer ends with a packet that is not
// full, or when buf is.
func (s *Sim) send(buf []byte, n *int) (done bool, at time.Time) {
	for len(s.in) > 0 {
		if time.Now().Before(s.ready) {
			return false, s.ready
		}
		t := s.in[0]
		moved := copy(buf[*n:], t)
		*n += moved
		if moved < len(t) {
			s.in[0] = t[moved:]
			return s.sent(n), time.Time{}
		}
		s.in = s.in[1:]
		fills := moved > 0 && moved%full == 0
		switch {
		case fills && *n == len(buf) && !s.c.NoEnd:
			s.in = append([][]byte{nil}, s.in...) // the empty packet comes in the next transfer
			return s.sent(n), time.Time{}
		case !fills || *n == len(buf) || !s.c.NoEnd:
			return s.sent(n), time.Time{}
		}
	}
	return false, time.Time{}
}

// sent counts a transfer IN, and cuts it short where it is to be.
func (s *Sim) sent(n *int) bool {
	s.reads++
	if s.reads == s.c.ShortAt {
		*n /= 2
	}
	return true
}

// answer makes a container ready.
func (s *Sim) answer(kind, code uint16, transaction uint32, body []byte) {
	b := make([]byte, 12, 12+len(body))
	binary.LittleEndian.PutUint32(b, uint32(12+len(body)))
	binary.LittleEndian.PutUint16(b[4:], kind)
	binary.LittleEndian.PutUint16(b[6:], code)
	binary.LittleEndian.PutUint32(b[8:], transaction)
	b = append(b, body...)
	s.containers++
	if s.containers == s.c.GarbleAt && s.c.Garble != nil {
		b = s.c.Garble(b)
	}
	for range s.c.Empty {
		s.in = append(s.in, nil)
	}
	if s.c.HeaderAlone && kind == 2 && len(b) > 12 {
		s.in = append(s.in, b[:12], b[12:])
		return
	}
	s.in = append(s.in, b)
}

// tell makes an event.
func (s *Sim) tell(code uint16, parameter uint32) {
	if s.c.NoEvents {
		return
	}
	b := make([]byte, 16)
	binary.LittleEndian.PutUint32(b, 16)
	binary.LittleEndian.PutUint16(b[4:], 4)
	binary.LittleEndian.PutUint16(b[6:], code)
	binary.LittleEndian.PutUint32(b[12:], parameter)
	s.interrupts = append(s.interrupts, nil, b)
}

// Refuse makes the camera refuse its next releases, for want of focus.
func (s *Sim) Refuse(n int) { s.change(func() { s.c.Refuse = n }) }
