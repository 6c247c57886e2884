package station

import (
	"context"
	"sync"
	"time"

	"optag/device"
	"optag/ui/flow"
)

// again is how long a device that failed is left alone before it is tried
// again. Opening takes up to a second, and both together less than two.
const again = 700 * time.Millisecond

// A loop keeps one device going while it is needed: it opens it, reads it, and
// opens it again when it fails, by itself. The counter is told when the device
// is lost and when it is back.
type loop struct {
	s     *Station
	name  string                                        // "scanner", "camera" or "mrz"
	read  func(ctx context.Context, works func()) error // opens the device and reads it; calls works with each image
	probe func() (device.Info, error)                   // opens the device only to see that it is there
	hurry chan struct{}
	use   chan struct{} // holds one element while somebody has the device open

	mu      sync.Mutex // protects the fields below
	running bool
	stop    context.CancelFunc
	lost    bool // the device being read has failed, and is tried again
	info    device.Info
	known   bool // info is of a device that answers
}

// start begins reading; nothing when the device is read already.
func (l *loop) start() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.running {
		ctx, stop := context.WithCancel(l.s.ctx)
		l.running, l.stop = true, stop
		l.s.background(func() { l.run(ctx) })
	}
}

// end stops reading.
func (l *loop) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running {
		l.stop()
		l.running = false
	}
}

// plugged tries at once a device that was lost in use: something was plugged in.
func (l *loop) plugged() {
	l.mu.Lock()
	lost := l.running && l.lost
	l.mu.Unlock()
	if lost {
		l.retry()
	}
}

// hold keeps the device for somebody else; a counter that needs it waits.
func (l *loop) hold() (release func()) {
	l.use <- struct{}{}
	return l.release
}

func (l *loop) release() { <-l.use }

// retry tries a device that is gone at once.
func (l *loop) retry() {
	select {
	case l.hurry <- struct{}{}:
	default:
	}
}

func (l *loop) run(ctx context.Context) {
	lost, why := false, ""
	works := func() {
		if lost {
			lost = false
			l.s.Send(flow.DeviceBack{Device: l.name})
		}
	}
	for {
		select {
		case l.use <- struct{}{}:
		case <-ctx.Done():
			return
		}
		err := l.read(ctx, works)
		l.release()
		if ctx.Err() != nil {
			return
		}
		if err == nil { // ended without a reason
			err = device.ErrSilent
		}
		l.tell(device.Info{}, false)
		if said := err.Error(); !lost || said != why { // and not again with every try
			lost, why = true, said
			l.s.tech.Warn("device lost", "device", l.name, "err", err)
		}
		l.s.Send(flow.DeviceLost{Device: l.name, Cause: cause(err)})
		select {
		case <-ctx.Done():
			return
		case <-l.hurry:
		case <-time.After(again):
		}
	}
}

// state is the device as last seen; one that is not in use is asked, if it is
// not known to be there.
func (l *loop) state(ask bool) (i device.Info, known bool) {
	if info, known := l.last(); known && !ask {
		return info, known
	}
	select {
	case l.use <- struct{}{}:
		info, err := l.probe()
		l.tell(info, err == nil)
		l.release()
	default: // it is in use
	}
	return l.last()
}

func (l *loop) last() (i device.Info, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.info, l.known
}

func (l *loop) tell(i device.Info, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.info, l.known, l.lost = i, known, !known
}

// probing opens a device and closes it again.
func probing[T device.Reading](open func() (device.Source[T], error)) func() (device.Info, error) {
	return func() (device.Info, error) {
		d, err := open()
		if err != nil {
			return device.Info{}, err
		}
		return d.Info(), d.Close()
	}
}
