package ptp

import (
	"context"
	"errors"
	"sync"
	"time"

	"optag/device"
)

// deaf is how many reads in a row may fail before nobody listens any more. A
// camera without its events is of use still.
const deaf = 10

// events reads the interrupt endpoint of a camera, from its opening to its end.
type events struct {
	come chan event    // the newest ones
	done chan struct{} // closed when nothing more comes
	stop context.CancelFunc

	mu     sync.Mutex // protects failed
	failed error      // the camera is gone
}

// listen begins to read.
func listen(bus device.USB, endpoint uint8) *events {
	ctx, cancel := context.WithCancel(context.Background())
	e := &events{come: make(chan event, 64), done: make(chan struct{}), stop: cancel}
	go func() {
		defer close(e.done)
		if endpoint == 0 {
			return
		}
		e.read(ctx, bus, endpoint)
	}()
	return e
}

func (e *events) read(ctx context.Context, bus device.USB, endpoint uint8) {
	buf := make([]byte, 512)
	for failures := 0; failures < deaf; {
		n, err := bus.Interrupt(ctx, endpoint, buf)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, device.ErrUnplugged):
			e.mu.Lock()
			e.failed = err
			e.mu.Unlock()
			return
		case err != nil:
			failures++
			if device.Pause(ctx, 50*time.Millisecond) != nil {
				return
			}
			continue
		}
		failures = 0
		if n == 0 && device.Pause(ctx, time.Millisecond) != nil {
			return
		}
		if ev, ok := parseEvent(buf[:n]); ok {
			e.put(ev)
		}
	}
}

// put keeps an event; the oldest is lost where nobody takes them.
func (e *events) put(ev event) {
	for {
		select {
		case e.come <- ev:
			return
		default:
		}
		select {
		case <-e.come:
		default:
		}
	}
}

// drop forgets what came so far.
func (e *events) drop() {
	for {
		select {
		case <-e.come:
		default:
			return
		}
	}
}

// err says that the camera is gone.
func (e *events) err() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.failed
}

// close ends the reading and waits for it.
func (e *events) close() {
	e.stop()
	<-e.done
}
