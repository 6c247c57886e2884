// Package fm220test simulates a Startek FM220 behind [device.USB], down to its
// EEPROM, its light and the registers of its sensor, and can fail in each way
// that hardware may. It is written from the same facts as the driver and shares
// no code with it.
//
// What becomes of a finger on the glass is up to the caller: the simulator shows
// the picture of the camera that it is given.
package fm220test

import (
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"maps"
	"sync"
	"time"

	"optag/device"
)

// Size of a picture of the camera in pixels, and the bytes of its transfer.
const (
	SensorWidth  = 640
	SensorHeight = 480
	imageSize    = SensorWidth * SensorHeight
)

// Clear is the grey of a clear glass.
const Clear = 230

// A Clip is the platen in the picture of the camera, as the maker measured it.
type Clip struct{ Width, Height, Left, Top int }

// A Config says how the simulated device is, and how it fails. The zero Config
// is a healthy device with a sensor of type 0.
type Config struct {
	Type byte // of the sensor
	Clip Clip // the zero Clip is {300, 290, 160, 90}

	ROM map[int]byte // bytes of the EEPROM that are otherwise

	ImageTime    time.Duration // from the command to the picture; 0 is 50 ms
	ROMSilent    int           // reads of the EEPROM that are not answered
	NeedsReset   bool          // nothing is answered before a reset
	Babble       int           // bytes that lie ready on the image endpoint at the plug
	Chatter      bool          // the image endpoint never falls silent
	EmptyPackets bool          // it falls silent with packets without a byte
	StaleAnswers int           // answers to somebody else that lie ready at the plug
	UnplugAt     int           // the transfer, from 1, in which the device leaves the bus
	SilentAt     int           // the transfer, from 1, from which on nothing is answered
	ShortAt      int           // the transfer, from 1, that moves half of its bytes
	Unresettable bool          // it leaves the bus at a reset

	// Image, where not nil, alters the n-th picture, from 1, before it is sent.
	Image func(n int, data []byte) []byte
}

// A Sim is a simulated device. It is a [device.USB].
type Sim struct {
	c   Config
	rom [48]byte

	mu        sync.Mutex    // protects the fields below
	changed   chan struct{} // closed and replaced at every change
	gone      bool
	silent    bool
	transfers int
	resets    int
	light     bool
	half      byte         // register of a Micron whose second command is awaited
	registers map[byte]int // of the sensor
	wrong     []string     // commands that the device does not know
	answers   []byte       // of the EEPROM, not fetched yet
	data      []byte       // of a picture, not fetched yet
	ready     time.Time    // when the picture that was begun is there; zero is none
	images    int
	finger    *image.Gray // what the camera sees; nil is a clear glass
}

var _ device.USB = (*Sim)(nil)

// New returns a device that was just plugged in, its glass clear.
func New(c Config) *Sim {
	if c.Clip == (Clip{}) {
		c.Clip = Clip{300, 290, 160, 90}
	}
	if c.ImageTime == 0 {
		c.ImageTime = 50 * time.Millisecond
	}
	s := &Sim{c: c, changed: make(chan struct{}), registers: map[byte]int{}}
	copy(s.rom[:], "FM220")
	copy(s.rom[6:], []byte{1, 5})
	for i, v := range []int{c.Clip.Width, c.Clip.Height, c.Clip.Left, c.Clip.Top} {
		binary.BigEndian.PutUint16(s.rom[8+2*i:], uint16(v))
	}
	copy(s.rom[16:], []byte{10, 20, 30, 200, 128, 72, c.Type})
	copy(s.rom[32:], []byte{20, 16, 3, 9})
	for at, v := range c.ROM {
		s.rom[at] = v
	}
	s.data = make([]byte, c.Babble)
	s.answers = make([]byte, c.StaleAnswers)
	return s
}

// Touch lays a finger on the glass: img is what the camera sees, SensorWidth by
// SensorHeight pixels, upside down as it stands. Behind the colour filters of a
// sensor of type 3 it is seen in grey.
func (s *Sim) Touch(img *image.Gray) { s.change(func() { s.finger = img }) }

// Lift takes the finger from the glass.
func (s *Sim) Lift() { s.change(func() { s.finger = nil }) }

// Unplug takes the device from the bus. What is outstanding fails.
func (s *Sim) Unplug() { s.change(func() { s.gone = true }) }

// Fail makes the device silent.
func (s *Sim) Fail() { s.change(func() { s.silent = true }) }

// Lit reports whether the light is on.
func (s *Sim) Lit() bool { return get(s, func() bool { return s.light }) }

// Transfers returns how many transfers were begun so far.
func (s *Sim) Transfers() int { return get(s, func() int { return s.transfers }) }

// Resets returns how often the device was reset.
func (s *Sim) Resets() int { return get(s, func() int { return s.resets }) }

// Gone reports whether the device is off the bus, as it is after Close.
func (s *Sim) Gone() bool { return get(s, func() bool { return s.gone }) }

// Wrong returns the commands that the device does not know, and those that
// would have written to its EEPROM.
func (s *Sim) Wrong() []string { return get(s, func() []string { return s.wrong }) }

// Registers returns those of the sensor that were written.
func (s *Sim) Registers() map[byte]int {
	return get(s, func() map[byte]int { return maps.Clone(s.registers) })
}

func get[T any](s *Sim, f func() T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f()
}

// Close implements [device.USB].
func (s *Sim) Close() error {
	s.Unplug()
	return nil
}

// Reset resets the device, as a driver may ask for.
func (s *Sim) Reset(context.Context) error {
	s.change(func() {
		s.resets++
		s.gone = s.gone || s.c.Unresettable
		s.c.NeedsReset = false
		s.light, s.answers, s.data, s.ready = false, nil, nil, time.Time{}
		clear(s.registers)
	})
	if s.Gone() {
		return fmt.Errorf("simulated: %w", device.ErrUnplugged)
	}
	return nil
}

// change changes the state and wakes whoever waits for a change.
func (s *Sim) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.changed)
	s.changed = make(chan struct{})
}

// begin counts a transfer and lets the faults that hang on the count happen. It
// reports whether this is the one to be cut short.
func (s *Sim) begin() (short bool) {
	s.change(func() {
		s.transfers++
		s.gone = s.gone || s.transfers == s.c.UnplugAt
		s.silent = s.silent || s.transfers == s.c.SilentAt
		short = s.transfers == s.c.ShortAt
	})
	return short
}

// wait calls try, after every change and at the time it names, until it says
// that it is done.
func (s *Sim) wait(ctx context.Context, try func() (done bool, at time.Time)) error {
	for {
		s.mu.Lock()
		gone, silent, changed := s.gone, s.silent || s.c.NeedsReset, s.changed
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

// Control implements [device.USB]: the device has no requests of its own.
func (s *Sim) Control(ctx context.Context, requestType, request uint8, value, index uint16, data []byte) (int, error) {
	s.begin()
	return 0, fmt.Errorf("simulated: stall: %w", device.ErrGarbled)
}

// Interrupt implements [device.USB]: there is no such endpoint.
func (s *Sim) Interrupt(ctx context.Context, endpoint uint8, buf []byte) (int, error) {
	s.begin()
	return 0, fmt.Errorf("simulated: no interrupt endpoint %02x: %w", endpoint, device.ErrGarbled)
}

// Bulk implements [device.USB].
func (s *Sim) Bulk(ctx context.Context, endpoint uint8, buf []byte) (int, error) {
	short := s.begin()
	n := 0
	err := s.wait(ctx, func() (bool, time.Time) {
		switch endpoint {
		case 0x01:
			n = s.command(buf)
			return true, time.Time{}
		case 0x81:
			n = copy(buf, s.answers)
			s.answers = s.answers[n:]
			return n > 0, time.Time{}
		case 0x82:
			var at time.Time
			n, at = s.send(buf)
			return n >= 0, at
		}
		n = -1
		return true, time.Time{}
	})
	switch {
	case err != nil:
		return 0, err
	case n < 0:
		return 0, fmt.Errorf("simulated: no bulk endpoint %02x: %w", endpoint, device.ErrGarbled)
	case short:
		n /= 2
	}
	return n, nil
}

// command takes a command and returns how many bytes of it were taken.
func (s *Sim) command(c []byte) int {
	switch {
	case len(c) == 3 && c[0] == 0x51:
		s.readROM(int(binary.BigEndian.Uint16(c[1:])) - 0x1c00)
	case len(c) == 3 && c[0] == 0x21:
		s.registers[c[1]] = int(c[2])
	case len(c) == 3 && c[0] == 0x5d && c[1] == 0x80:
		s.registers[s.half] = s.registers[s.half]<<8 | int(c[2])
	case len(c) == 3 && c[0] == 0x5d:
		s.half = c[1]
		s.registers[s.half] = int(c[2])
	case len(c) == 3 && c[0] == 0x00 && c[1] == 0x07 && (c[2] == 0x07 || c[2] == 0x00):
		s.light = c[2] != 0
	case len(c) == 2 && c[0] == 0x00 && c[1] == 0x0a:
		s.ready = time.Now().Add(s.c.ImageTime)
	default:
		s.wrong = append(s.wrong, fmt.Sprintf("% x", c))
	}
	return len(c)
}

// readROM answers with a byte of the EEPROM.
func (s *Sim) readROM(at int) {
	switch {
	case s.c.ROMSilent > 0:
		s.c.ROMSilent--
	case at < 0 || at >= len(s.rom):
		s.answers = append(s.answers, 0xff)
	default:
		s.answers = append(s.answers, s.rom[at])
	}
}

// send sends of the picture what is there: -1 where nothing is yet, and when it
// will be.
func (s *Sim) send(buf []byte) (int, time.Time) {
	if !s.ready.IsZero() && !time.Now().Before(s.ready) {
		s.ready = time.Time{}
		s.data = append(s.data, s.image()...)
	}
	switch {
	case len(s.data) > 0:
		n := copy(buf, s.data)
		s.data = s.data[n:]
		return n, time.Time{}
	case s.c.Chatter:
		return 1, time.Time{}
	case !s.ready.IsZero():
		return -1, s.ready
	case s.c.EmptyPackets:
		s.c.EmptyPackets = false
		return 0, time.Time{}
	}
	return -1, time.Time{}
}

// image takes a picture. In the dark it is dark.
func (s *Sim) image() []byte {
	s.images++
	data := make([]byte, imageSize)
	switch {
	case !s.light:
	case s.finger == nil:
		for i := range data {
			data[i] = Clear
		}
	default:
		copy(data, s.finger.Pix)
	}
	if s.c.Image != nil {
		data = s.c.Image(s.images, data)
	}
	return data
}
