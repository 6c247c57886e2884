// Package uru4500test simulates a U.are.U 4500 behind [device.USB], down to its
// registers, its interrupts and its scrambler, and can fail in each way the
// hardware is known to. It is written from the same facts as the driver and
// shares no code with it: it scrambles where the driver descrambles.
//
// What becomes of a finger on the glass is up to the caller: the simulator shows
// the image it is given.
package uru4500test

import (
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"slices"
	"sync"
	"time"

	"optag/device"
)

// Size of an image in pixels, and the bytes of its transfer at most.
const (
	Width     = 384
	Height    = 290
	imageSize = 64 + Width*Height
)

// imageInterval is what the device takes for one image.
const imageInterval = 130 * time.Millisecond

// Events, the first two bytes of an interrupt packet.
const (
	Powered   = 0x56aa
	FingerOn  = 0x0101
	FingerOff = 0x0200
	Death     = 0x0800
)

// A Config says how the simulated device is, and how it fails. The zero Config
// is a healthy device with the layout of images of a real one.
type Config struct {
	Secret uint32  // what the keys of its scrambler are made of
	Blocks []Block // layout of its images; nil is RealBlocks

	Status        byte          // register 7 at the plug; 0 is 0x01, awake
	AsleepReads   int           // reads of register 7 that still say asleep after a power-up
	RebootReads   int           // reads of register 7 that still say rebooting
	PoweredLost   int           // power-ups that no 56aa follows
	PoweredDelay  time.Duration // between the power-up and 56aa
	PoweredTimes  int           // how many 56aa follow each other; 0 is one
	EmptyPackets  int           // interrupts without a byte before each event
	FingerDelay   time.Duration // between a finger and its event
	ImageDelay    time.Duration // what an image takes beyond 130 ms
	BrokenEvents  int           // interrupt reads that fail, from the first one on
	StallEvents   bool          // no event at all, ever
	DeathAt       int           // the image, from 1, that is announced dead; it and all to the next power-up are empty
	ShortTransfer int           // the control transfer, from 1, that moves a byte less
	UnplugAt      int           // the transfer, from 1, in which the device leaves the bus
	SilentAt      int           // the transfer, from 1, from which on nothing is answered

	// Image, where not nil, alters the n-th image, from 1, before it is sent.
	Image func(n int, data []byte) []byte
}

// A Sim is a simulated device. It is a [device.USB].
type Sim struct {
	c Config

	mu        sync.Mutex    // protects the fields below
	changed   chan struct{} // closed and replaced at every change
	gone      bool
	silent    bool
	transfers int
	controls  int
	status    byte
	mode      byte
	key       [4]byte
	seeds     [][5]byte // as written, with their key numbers
	packets   [][]byte  // interrupts not fetched yet
	reported  bool      // the event that the mode asks for was sent
	ready     time.Time // when the next image is there
	images    int
	finger    *image.Gray // on the glass; nil is none
	cycles    int         // power-ups so far
	dead      bool        // images are empty until the next power-up
}

var _ device.USB = (*Sim)(nil)

// New returns a device that was just plugged in, its glass clear.
func New(c Config) *Sim {
	if c.Status == 0 {
		c.Status = 0x01
	}
	if c.Blocks == nil {
		c.Blocks = RealBlocks()
	}
	return &Sim{c: c, status: c.Status, changed: make(chan struct{})}
}

// Touch lays a finger on the glass, whose image, upright and with dark ridges,
// is img: Width by Height pixels. [Delivered] says which pixels the device can
// bring across.
func (s *Sim) Touch(img *image.Gray) { s.change(func() { s.finger = img }) }

// Lift takes the finger from the glass.
func (s *Sim) Lift() { s.change(func() { s.finger = nil }) }

// Unplug takes the device from the bus. What is outstanding fails.
func (s *Sim) Unplug() { s.change(func() { s.gone = true }) }

// Fail makes the device silent.
func (s *Sim) Fail() { s.change(func() { s.silent = true }) }

// Say sends an event unasked.
func (s *Sim) Say(event uint16) { s.change(func() { s.say(event) }) }

// Sleep puts the sensor into low power, as a suspended hub may.
func (s *Sim) Sleep() { s.change(func() { s.status |= 0x80; s.mode = 0 }) }

// Mode returns what register 0x4e was last set to.
func (s *Sim) Mode() byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mode
}

// Seeds returns the key numbers and seeds that were written so far.
func (s *Sim) Seeds() [][5]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seeds)
}

// Transfers returns how many transfers were begun so far.
func (s *Sim) Transfers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.transfers
}

// Gone reports whether the device is off the bus, as it is after Close.
func (s *Sim) Gone() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gone
}

// Close implements [device.USB].
func (s *Sim) Close() error {
	s.Unplug()
	return nil
}

// change changes the state and wakes whoever waits for a change.
func (s *Sim) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	s.report()
	close(s.changed)
	s.changed = make(chan struct{})
}

// report sends the event that the mode asks for, once.
func (s *Sim) report() {
	var event uint16
	switch {
	case s.reported:
		return
	case s.mode == 0x10 && s.finger != nil:
		event = FingerOn
	case s.mode == 0x12 && s.finger == nil:
		event = FingerOff
	default:
		return
	}
	s.reported = true
	s.later(s.c.FingerDelay, event)
}

// later sends an event after d, at once at zero.
func (s *Sim) later(d time.Duration, event uint16) {
	if d == 0 {
		s.say(event)
		return
	}
	time.AfterFunc(d, func() { s.Say(event) })
}

// say queues an event, behind the rest of whatever the packet held before.
func (s *Sim) say(event uint16) {
	if s.c.StallEvents {
		return
	}
	for range s.c.EmptyPackets {
		s.packets = append(s.packets, nil)
	}
	p := make([]byte, 64)
	binary.BigEndian.PutUint16(p, event)
	for i := range p[2:] {
		p[2+i] = byte(i * 7)
	}
	s.packets = append(s.packets, p)
}

// begin counts a transfer and lets the faults that hang on the count happen.
func (s *Sim) begin() {
	s.change(func() {
		s.transfers++
		s.gone = s.gone || s.transfers == s.c.UnplugAt
		s.silent = s.silent || s.transfers == s.c.SilentAt
	})
}

// wait calls try, after every change and whenever it asks for it by a time,
// until it says that it is done.
func (s *Sim) wait(ctx context.Context, try func() (done bool, at time.Time)) error {
	for {
		s.mu.Lock()
		gone, silent, changed := s.gone, s.silent, s.changed
		var done bool
		var at time.Time
		if !gone && !silent && ctx.Err() == nil {
			done, at = try()
		}
		s.mu.Unlock()
		if gone {
			return fmt.Errorf("simulated: %w", device.ErrUnplugged)
		}
		if done {
			return nil
		}
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
	}
}

// Control implements [device.USB].
func (s *Sim) Control(ctx context.Context, requestType, request uint8, value, index uint16, data []byte) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	s.begin()
	if err := s.wait(ctx, func() (bool, time.Time) { return true, time.Time{} }); err != nil {
		return 0, err
	}
	n, ok := 0, request == 0x04 && index == 0
	s.change(func() {
		s.controls++
		switch {
		case ok && requestType == 0x40:
			n, ok = s.write(value, data)
		case ok && requestType == 0xc0:
			n, ok = s.read(value, data)
		default:
			ok = false
		}
		if s.controls == s.c.ShortTransfer && n > 0 {
			n--
		}
	})
	if !ok {
		return 0, fmt.Errorf("simulated: stall: %w", device.ErrGarbled)
	}
	return n, nil
}

// write writes registers.
func (s *Sim) write(reg uint16, data []byte) (n int, ok bool) {
	switch {
	case reg == 0x07 && len(data) == 1:
		s.power(data[0])
	case reg == 0x4e && len(data) == 1:
		s.mode, s.reported = data[0], false
		s.ready = time.Now().Add(imageInterval + s.c.ImageDelay)
		if s.mode == 0x20 {
			s.announce()
		}
	case reg == 0x33 && len(data) == 5:
		s.seeds = append(s.seeds, [5]byte(data))
		binary.LittleEndian.PutUint32(s.key[:], s.keyOf(data[0])^binary.LittleEndian.Uint32(data[1:]))
	default:
		return 0, false
	}
	return len(data), true
}

// read reads registers.
func (s *Sim) read(reg uint16, data []byte) (n int, ok bool) {
	switch {
	case reg == 0x07 && len(data) == 1:
		data[0] = s.now()
	case reg == 0x34 && len(data) == 4:
		copy(data, s.key[:])
	case reg == 0xf0 && len(data) == 16:
		copy(data, []byte{0x1a, 0x0a, 0x1a, 0x0a, 0x01, 0x15, 0, 0, 0, 0x20, 0x00, 0x10, 0x8b, 0x21, 0x11, 0x30})
	default:
		return 0, false
	}
	return len(data), true
}

// power takes a write to register 7.
func (s *Sim) power(v byte) {
	was := s.status
	s.status = v
	switch {
	case was&0x84 == 0x84 && v&0xf0 == 0:
		s.status = 0x80 // rebooting; bit 0 comes when it is over
		if s.c.RebootReads == 0 {
			s.status |= 0x01
		}
	case was&0x80 != 0 && v&0x80 == 0:
		if s.c.AsleepReads > 0 {
			s.status |= 0x80
			return
		}
		s.mode, s.dead = 0, false
		s.cycles++
		if s.cycles > s.c.PoweredLost {
			for range max(1, s.c.PoweredTimes) {
				s.later(s.c.PoweredDelay, Powered)
			}
		}
	}
}

// now is register 7 as it reads.
func (s *Sim) now() byte {
	v := s.status
	switch {
	case v == 0x80 && s.c.RebootReads > 0:
		if s.c.RebootReads--; s.c.RebootReads == 0 {
			s.status |= 0x01
		}
	case v&0x80 != 0 && s.c.AsleepReads > 0:
		s.c.AsleepReads--
	}
	return v
}

// Interrupt implements [device.USB].
func (s *Sim) Interrupt(ctx context.Context, endpoint uint8, buf []byte) (int, error) {
	s.begin()
	if endpoint != 0x81 {
		return 0, fmt.Errorf("simulated: no interrupt endpoint %02x: %w", endpoint, device.ErrGarbled)
	}
	n, broken := 0, false
	err := s.wait(ctx, func() (bool, time.Time) {
		if s.c.BrokenEvents > 0 {
			s.c.BrokenEvents--
			broken = true
			return true, time.Time{}
		}
		if len(s.packets) == 0 {
			return false, time.Time{}
		}
		n = copy(buf, s.packets[0])
		s.packets = s.packets[1:]
		return true, time.Time{}
	})
	if broken {
		return 0, fmt.Errorf("simulated: broken packet: %w", device.ErrGarbled)
	}
	return n, err
}

// Bulk implements [device.USB].
func (s *Sim) Bulk(ctx context.Context, endpoint uint8, buf []byte) (int, error) {
	s.begin()
	if endpoint != 0x82 {
		return 0, fmt.Errorf("simulated: no bulk endpoint %02x: %w", endpoint, device.ErrGarbled)
	}
	n := 0
	err := s.wait(ctx, func() (bool, time.Time) {
		switch {
		case s.mode != 0x20:
			return false, time.Time{}
		case time.Now().Before(s.ready):
			return false, s.ready
		}
		n = copy(buf, s.image())
		s.ready = time.Now().Add(imageInterval + s.c.ImageDelay)
		return true, time.Time{}
	})
	return n, err
}

// image takes an image and returns it as the device sends it.
func (s *Sim) image() []byte {
	s.images++
	if s.dead {
		return nil
	}
	s.announce()
	data := encode(s.finger, s.c.Blocks, byte(s.images), s.keyOf)
	if s.c.Image != nil {
		data = s.c.Image(s.images, data)
	}
	return data
}

// announce says that the next image will be empty, where it will be.
func (s *Sim) announce() {
	if !s.dead && s.images+1 == s.c.DeathAt {
		s.dead = true
		s.say(Death)
	}
}

// keyOf is the scrambler's key with a number.
func (s *Sim) keyOf(number byte) uint32 {
	k := (s.c.Secret ^ uint32(number)*0x9e3779b9) * 0x85ebca6b
	return k ^ k>>15 | 1
}
