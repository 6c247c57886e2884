// Package sim is a fingerprint scanner, a camera and an applicant that do not
// exist. The scanner and the camera are drivers like any other, with a side that
// hardware does not have: fingers are placed, faces stand before the lens, and
// they can be told to fail in each way hardware fails.
//
// The images come from optag/testdata/gen; no person is in them. What a good
// image is, and what to ask for next, is decided elsewhere.
//
// Time is read through package time alone, so that everything here runs in a
// bubble of testing/synctest.
package sim

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"optag/device"
)

// Version is that of both drivers.
const Version = "1"

// A Fault is a way in which hardware fails.
type Fault string

// The faults. Those that last do so until Recover.
const (
	Unplugged Fault = "unplug"     // gone from the bus until Replug; what was opened stays dead
	Silent    Fault = "silent"     // nothing arrives any more; lasts
	Garbled   Fault = "garbled"    // the next answer breaks the protocol, once
	WrongSize Fault = "wrong_size" // images of another size than before; lasts
	WrongPPI  Fault = "wrong_ppi"  // another resolution is claimed; lasts; scanner only
	Noise     Fault = "noise"      // images hold nothing but noise; lasts
	Torn      Fault = "torn"       // stills end in the middle of the file; lasts; camera only
	Slow      Fault = "slow"       // an image takes a second longer than it should; lasts
	Stuck     Fault = "stuck"      // Lift is ignored, the finger stays on the glass; lasts; scanner only
)

// Faults lists all of them.
func Faults() []Fault {
	return []Fault{Unplugged, Silent, Garbled, WrongSize, WrongPPI, Noise, Torn, Slow, Stuck}
}

// slowness is what [Slow] adds to every image.
const slowness = time.Second

// A port is where a simulated device is plugged in, and where it is told how to
// fail. Scanner and Camera embed it.
type port struct {
	mu      sync.Mutex // protects the fields below
	gone    chan struct{}
	fault   Fault
	advice  []device.Retry
	changed chan struct{} // closed when fault changes, then replaced
}

func newPort() port {
	return port{gone: make(chan struct{}), changed: make(chan struct{})}
}

// Fail makes the device fail. A device has one fault at a time.
func (p *port) Fail(f Fault) {
	if f == Unplugged {
		p.Unplug()
		return
	}
	p.set(f)
}

// Recover ends a lasting fault. It does not plug in what is unplugged.
func (p *port) Recover() { p.set("") }

func (p *port) set(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
	close(p.changed)
	p.changed = make(chan struct{})
}

// Fault returns the fault the device has now, or "".
func (p *port) Fault() Fault {
	if !p.Plugged() {
		return Unplugged
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault
}

// Unplug takes the device from its bus. Twice is allowed.
func (p *port) Unplug() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.gone:
	default:
		close(p.gone)
	}
}

// Replug puts the device back, without the fault it had. Only what is opened
// afterwards works.
func (p *port) Replug() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.gone:
		p.gone = make(chan struct{})
		p.fault = ""
	default:
	}
}

// mend undoes whatever was done to the device.
func (p *port) mend() {
	p.Replug()
	p.Recover()
}

// Plugged reports whether the device is on its bus.
func (p *port) Plugged() bool {
	select {
	case <-p.plug():
		return false
	default:
		return true
	}
}

// plug returns the channel that is closed when the device is next unplugged.
func (p *port) plug() chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gone
}

// Advise makes the device yield an advice in place of its next image.
func (p *port) Advise(r device.Retry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.advice = append(p.advice, r)
}

// state returns what a driver reads off the device.
func (p *port) state() (Fault, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault, p.changed
}

// take removes and returns the fault if it is a single one, and the oldest
// advice.
func (p *port) take() (Fault, device.Retry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.fault
	if f == Garbled {
		p.fault = ""
	}
	if f == Garbled || len(p.advice) == 0 {
		return f, ""
	}
	r := p.advice[0]
	p.advice = p.advice[1:]
	return f, r
}

// A handle is an opened device.
type handle[T device.Frame | device.Picture] struct {
	info     device.Info
	port     *port
	interval time.Duration
	silence  time.Duration
	expose   func(Fault) (T, error) // makes the next image

	gone chan struct{} // of the port, at the time of opening
	use  device.Exclusive
}

// open makes a handle on a device that is plugged in.
func open[T device.Frame | device.Picture](p *port, info device.Info, fps float64, silence time.Duration, expose func(Fault) (T, error)) (*handle[T], error) {
	gone := p.plug()
	select {
	case <-gone:
		return nil, fmt.Errorf("opening the %s: %w", info.Model, device.ErrUnplugged)
	default:
	}
	return &handle[T]{
		info: info, port: p, gone: gone,
		interval: time.Duration(float64(time.Second) / fps), silence: silence, expose: expose,
	}, nil
}

// Info describes the device.
func (h *handle[T]) Info() device.Info { return h.info }

// Close ends a running sequence; see [device.Exclusive.Close].
func (h *handle[T]) Close() error {
	return h.use.Close(h.info.Model, func() error { return nil })
}

// Frames yields an image per interval; see [device.Frames].
func (h *handle[T]) Frames(ctx context.Context) iter.Seq2[T, error] {
	return device.Frames(ctx, &h.use, "reading from the "+h.info.Model, h.run)
}

func (h *handle[T]) run(ctx context.Context, yield device.Yield[T]) error {
	for due := time.Now(); ; {
		frame, err := h.next(ctx, due)
		if err != nil && !errors.As(err, new(device.Retry)) {
			return err
		}
		if err := yield(frame, err); err != nil {
			return err
		}
		// A slow reader gets the next image at once, and no backlog.
		if due = due.Add(h.interval); due.Before(time.Now()) {
			due = time.Now()
		}
	}
}

// next waits until due and returns an image, an advice or a failure.
func (h *handle[T]) next(ctx context.Context, due time.Time) (T, error) {
	var none T
	if err := h.await(ctx, due); err != nil {
		return none, err
	}
	fault, advice := h.port.take()
	if fault == Garbled {
		return none, fmt.Errorf("header of length 0: %w", device.ErrGarbled)
	}
	if advice != "" {
		return none, advice
	}
	return h.expose(fault)
}

// await waits until due, and longer while the device is slow or silent.
func (h *handle[T]) await(ctx context.Context, due time.Time) error {
	begun := time.Now()
	for {
		fault, changed := h.port.state()
		until := due
		switch fault {
		case Slow:
			until = due.Add(slowness)
		case Silent:
			until = begun.Add(h.silence)
		}
		timer := time.NewTimer(time.Until(until))
		select {
		case <-ctx.Done():
		case <-h.gone:
		case <-changed:
			timer.Stop()
			continue
		case <-timer.C:
		}
		timer.Stop()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case h.lost():
			return device.ErrUnplugged
		case fault == Silent:
			return fmt.Errorf("no image in %v: %w", h.silence, device.ErrSilent)
		}
		return nil
	}
}

// lost reports whether the device was pulled out since it was opened.
func (h *handle[T]) lost() bool {
	select {
	case <-h.gone:
		return true
	default:
		return false
	}
}
