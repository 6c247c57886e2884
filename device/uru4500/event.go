package uru4500

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"optag/device"
)

// An event is what the device says unasked: the first two bytes, big-endian, of
// an interrupt packet. The other 62 are what was in its buffer before.
type event uint16

const (
	eventFingerOn  event = 0x0101
	eventFingerOff event = 0x0200
	eventDeath     event = 0x0800 // the next image will probably be empty
	eventPowered   event = 0x56aa
)

// errNothing: no event came in the time given. It never leaves this package.
var errNothing = errors.New("no event")

const (
	// settling is what an outstanding read is given to reach the bus before
	// the first register is written; without it replay is not in order.
	settling = 5 * time.Millisecond

	// An empty packet is not an event, and no more is a broken one, but a
	// device that sends only them must not keep a processor busy, nor for
	// ever.
	emptyPause  = 2 * time.Millisecond
	brokenReads = 3
)

// events keeps one interrupt read outstanding from listen to close, and the
// events that came until they are asked for.
type events struct {
	queue  chan event // the oldest are dropped when nobody asks
	done   chan struct{}
	err    error       // why reading ended; set before done is closed
	dying  atomic.Bool // eventDeath came; whoever copes with it clears it
	cancel context.CancelFunc
}

// listen begins to read.
func listen(bus device.USB) *events {
	ctx, cancel := context.WithCancel(context.Background())
	e := &events{queue: make(chan event, 32), done: make(chan struct{}), cancel: cancel}
	go func() {
		defer close(e.done)
		e.err = e.read(ctx, bus)
	}()
	time.Sleep(settling)
	return e
}

// close ends reading and waits for it.
func (e *events) close() {
	if e == nil {
		return
	}
	e.cancel()
	<-e.done
}

// read reads until ctx ends or the device fails.
func (e *events) read(ctx context.Context, bus device.USB) error {
	buf := make([]byte, 64)
	defer clear(buf) // the leftover may be part of an image
	for broken := 0; ; {
		n, err := bus.Interrupt(ctx, endpointEvents, buf)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch {
		case errors.Is(err, device.ErrUnplugged):
			return fmt.Errorf("reading events: %w", err)
		case err != nil:
			if broken++; broken == brokenReads {
				return fmt.Errorf("reading events, %d times: %w", broken, err)
			}
		case n >= 2:
			broken = 0
			e.put(event(buf[0])<<8 | event(buf[1]))
			continue
		}
		if err := device.Pause(ctx, emptyPause); err != nil {
			return err
		}
	}
}

// put queues an event without ever waiting: there is one writer only.
func (e *events) put(v event) {
	if v == eventDeath {
		e.dying.Store(true)
		return
	}
	for {
		select {
		case e.queue <- v:
			return
		default:
		}
		select {
		case <-e.queue:
		default:
		}
	}
}

// drop forgets the events that came so far.
func (e *events) drop() {
	for {
		select {
		case <-e.queue:
		default:
			return
		}
	}
}

// next returns the next event, or errNothing where none comes within d; at zero
// it does not wait.
func (e *events) next(ctx context.Context, d time.Duration) (event, error) {
	select {
	case v := <-e.queue:
		return v, nil
	default:
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case v := <-e.queue:
		return v, nil
	case <-e.done:
		return 0, e.err
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-t.C:
		return 0, errNothing
	}
}

// await drops events until the wanted one comes. The error is errNothing where
// it does not within d, negative for ever.
func (e *events) await(ctx context.Context, want event, d time.Duration) error {
	deadline := time.Now().Add(d)
	for {
		v, err := e.next(ctx, max(0, time.Until(deadline)))
		if err != nil || v == want {
			return err
		}
	}
}
