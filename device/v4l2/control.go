package v4l2

import (
	"errors"
	"syscall"
)

// An Adjustment is what a camera adjusts by itself unless it is told not to.
type Adjustment int

// The adjustments, with the unit of their values.
const (
	Exposure     Adjustment = iota // 100 µs
	WhiteBalance                   // kelvin
	Focus                          // the camera's own steps, growing towards the camera
)

func adjustments() []Adjustment { return []Adjustment{Exposure, WhiteBalance, Focus} }

// String returns the word for it.
func (a Adjustment) String() string {
	switch a {
	case Exposure:
		return "exposure"
	case WhiteBalance:
		return "white balance"
	case Focus:
		return "focus"
	}
	return "unknown adjustment"
}

// A Control is the state of an adjustment.
type Control struct {
	Automatic bool // the camera adjusts by itself
	CanAuto   bool // it is able to
	CanSet    bool // it can be set by hand; without, the fields below are 0

	Min, Max, Step, Default int
	Value                   int // now; what the camera chose by itself only where it tells
}

// Numbers of controls, from the kernel's v4l2-controls.h.
const (
	idAutoWhiteBalance = 0x0098090c
	idMainsFrequency   = 0x00980918
	idColourTemp       = 0x0098091a
	idExposureAuto     = 0x009a0901
	idExposure         = 0x009a0902
	idExposurePriority = 0x009a0903 // 1: the rate may fall in the dark
	idFocus            = 0x009a090a
	idFocusAuto        = 0x009a090c
)

// Values of idExposureAuto; the others let the camera choose the exposure.
const exposureManual, exposureAperture, exposureAuto = 1, 3, 0

// controls returns the numbers of an adjustment's switch and value.
func (a Adjustment) controls() (auto, value uint32) {
	switch a {
	case Exposure:
		return idExposureAuto, idExposure
	case WhiteBalance:
		return idAutoWhiteBalance, idColourTemp
	}
	return idFocusAuto, idFocus
}

// Control returns the state of an adjustment. A camera without it gives the
// zero Control.
func (c *Camera) Control(a Adjustment) (Control, error) {
	var state Control // may still be written after a call that was left behind
	err := c.adjust("asking for "+a.String(), func(p *port) (err error) {
		state, err = p.control(a)
		return err
	})
	if err != nil {
		return Control{}, err
	}
	return state, nil
}

// Auto lets the camera adjust by itself. It does nothing with a camera that
// cannot.
func (c *Camera) Auto(a Adjustment) error {
	return c.adjust("freeing "+a.String(), func(p *port) error { return p.setAuto(a, true) })
}

// Lock keeps an adjustment as the camera has it now. It does nothing with a
// camera that does not adjust by itself.
func (c *Camera) Lock(a Adjustment) error {
	return c.adjust("locking "+a.String(), func(p *port) error {
		state, err := p.control(a)
		if err != nil || !state.Automatic {
			return err
		}
		if err := p.setAuto(a, false); err != nil || !state.CanSet {
			return err
		}
		_, id := a.controls()
		return p.setControl(id, state.Value)
	})
}

// errFixed: an adjustment cannot be set by hand.
var errFixed = errors.New("this camera's cannot be set")

// Set sets an adjustment by hand, to the nearest value that the camera has.
func (c *Camera) Set(a Adjustment, value int) error {
	return c.adjust("setting "+a.String(), func(p *port) error { return p.set(a, value) })
}

func (p *port) set(a Adjustment, value int) error {
	state, err := p.control(a)
	if err != nil {
		return err
	}
	if !state.CanSet {
		return errFixed
	}
	if state.Automatic {
		if err := p.setAuto(a, false); err != nil {
			return err
		}
	}
	_, id := a.controls()
	return p.setControl(id, state.nearest(value))
}

// nearest returns the value of a control that lies nearest to v.
func (s Control) nearest(v int) int {
	v = min(max(v, s.Min), s.Max)
	step := max(1, s.Step)
	v = s.Min + (v-s.Min+step/2)/step*step
	if v > s.Max {
		v -= step
	}
	return v
}

// adjust does something with the port, not at the same time as another call.
func (c *Camera) adjust(what string, f func(*port) error) error {
	return c.port.attend(what, func() error { return f(c.port) })
}

// prepare lets the camera adjust by itself whatever it can, as another program
// may have left it otherwise, but for what it is to hold, and tells it the mains'
// frequency. What it cannot hold is no error; [Camera.Settings] tell of it.
func (p *port) prepare(mains int, hold map[Adjustment]int) error {
	for _, a := range adjustments() {
		err := p.setAuto(a, true)
		if v, held := hold[a]; held && err == nil {
			err = p.set(a, v)
		}
		if err = tolerate(err); err != nil && !errors.Is(err, errFixed) {
			return err
		}
	}
	frequency := 1 // 50 Hz
	if mains == 60 {
		frequency = 2
	}
	for id, value := range map[uint32]int{idMainsFrequency: frequency, idExposurePriority: 0} {
		if err := tolerate(p.setControl(id, value)); err != nil {
			return err
		}
	}
	return nil
}

// tolerate passes over what says that a camera lacks a control, or its value.
func tolerate(err error) error {
	if is(err, syscall.EINVAL, syscall.ENOTTY, syscall.ERANGE, syscall.EACCES, syscall.EBUSY, syscall.EIO, syscall.EPIPE) {
		return nil
	}
	return err
}

// A query is the kernel's description of one control.
type query struct {
	min, max, step, preset int
	readable, settable     bool
}

// query asks for a control; found is false where the camera has none.
func (p *port) query(id uint32) (q query, found bool, err error) {
	const disabled, readOnly, writeOnly = 0x01, 0x04, 0x40
	a := argFor(vidiocQueryControl)
	a.set32(0, id)
	if err := p.ioctl("QUERYCTRL", vidiocQueryControl, a); err != nil {
		return query{}, false, tolerate(err)
	}
	flags := a.u32(56)
	q = query{
		min: a.int(40), max: a.int(44), step: a.int(48), preset: a.int(52),
		readable: flags&writeOnly == 0,
		settable: flags&readOnly == 0,
	}
	return q, flags&disabled == 0 && q.min <= q.max, nil
}

// int reads a signed field.
func (a arg) int(at int) int { return int(int32(a.u32(at))) }

func (p *port) getControl(id uint32) (int, error) {
	a := argFor(vidiocGetControl)
	a.set32(0, id)
	err := p.ioctl("G_CTRL", vidiocGetControl, a)
	return a.int(4), err
}

func (p *port) setControl(id uint32, value int) error {
	a := argFor(vidiocSetControl)
	a.set32(0, id)
	a.set32(4, uint32(int32(value)))
	return p.ioctl("S_CTRL", vidiocSetControl, a)
}

// control asks for the state of an adjustment.
func (p *port) control(a Adjustment) (Control, error) {
	auto, value := a.controls()
	var state Control
	q, found, err := p.query(value)
	if err != nil {
		return Control{}, err
	}
	if found && q.settable {
		state = Control{CanSet: true, Min: q.min, Max: q.max, Step: q.step, Default: q.preset, Value: q.preset}
		if q.readable {
			if state.Value, err = p.getControl(value); err != nil {
				return Control{}, err
			}
		}
	}
	if q, found, err = p.query(auto); err != nil || !found {
		return state, err
	}
	state.CanAuto = q.settable
	now, err := p.getControl(auto)
	if a == Exposure {
		state.Automatic = now != exposureManual
	} else {
		state.Automatic = now != 0
	}
	return state, err
}

// setAuto switches an adjustment to automatic or manual; a camera without the
// switch is left as it is.
func (p *port) setAuto(a Adjustment, on bool) error {
	id, _ := a.controls()
	q, found, err := p.query(id)
	if err != nil || !found || !q.settable {
		return err
	}
	if a != Exposure {
		v := 0
		if on {
			v = 1
		}
		return tolerate(p.setControl(id, v))
	}
	if !on {
		return p.setControl(id, exposureManual)
	}
	for _, v := range []int{q.preset, exposureAperture, exposureAuto} {
		if v == exposureManual {
			continue
		}
		if err = p.setControl(id, v); !is(err, syscall.EINVAL, syscall.ERANGE) {
			break
		}
	}
	return tolerate(err)
}
