package station

import (
	"context"
	"sync"
	"time"

	"optag/capture"
	"optag/capture/finger"
	"optag/device"
	"optag/ui/flow"
)

// again is how long a device that failed is left alone before it is tried
// again.
const again = time.Second

// A scannerLoop drives the fingerprint scanner: while a finger is asked for it
// reads frames, puts each on the preview, and judges it. It recovers a device
// that failed by itself.
type scannerLoop struct {
	s   *Station
	use sync.Mutex // held by whoever has the device open

	mu      sync.Mutex // protects the fields below
	asked   flow.Watch
	take    *capture.Take // of asked; nil while nothing is judged
	running bool          // a goroutine reads frames
	stop    context.CancelFunc
	hurry   chan struct{}
	info    device.Info
	known   bool // info is of a device that answers
}

func newScannerLoop(s *Station) *scannerLoop {
	return &scannerLoop{s: s, hurry: make(chan struct{}, 1)}
}

// watch begins the presentation of one finger.
func (l *scannerLoop) watch(w flow.Watch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wipe()
	l.asked, l.take = w, capture.NewTake(w.Threshold, w.Profile)
	if !l.running {
		ctx, stop := context.WithCancel(l.s.ctx)
		l.running, l.stop = true, stop
		l.s.background(func() { l.run(ctx) })
	}
}

// rest ends watching; frames of a presentation that is not done are wiped.
func (l *scannerLoop) rest() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wipe()
	if l.running {
		l.stop()
		l.running = false
	}
}

func (l *scannerLoop) wipe() {
	if l.take != nil {
		l.take.Wipe()
	}
	l.take, l.asked = nil, flow.Watch{}
}

// force ends the presentation with the best there is.
func (l *scannerLoop) force() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.take != nil {
		l.take.Now()
	}
}

// retry tries a device that is gone at once.
func (l *scannerLoop) retry() {
	select {
	case l.hurry <- struct{}{}:
	default:
	}
}

// run reads frames until ctx ends, and opens the device again when it fails.
func (l *scannerLoop) run(ctx context.Context) {
	lost := false
	for ctx.Err() == nil {
		err := l.read(ctx, func() {
			if lost {
				lost = false
				l.s.Send(flow.DeviceBack{Device: "scanner"})
			}
		})
		if ctx.Err() != nil {
			return
		}
		lost = true
		l.setInfo(device.Info{}, false)
		l.s.tech.Warn("scanner lost", "err", err)
		l.s.Send(flow.DeviceLost{Device: "scanner", Cause: cause(err)})
		if !pauseOr(ctx, l.hurry) {
			return
		}
	}
}

// pauseOr waits before a device is tried again; false when ctx ended.
func pauseOr(ctx context.Context, hurry <-chan struct{}) bool {
	select {
	case <-ctx.Done():
		return false
	case <-hurry:
	case <-time.After(again):
	}
	return true
}

// read opens the scanner and judges its frames until it fails or ctx ends.
// works is called with the first frame.
func (l *scannerLoop) read(ctx context.Context, works func()) error {
	l.use.Lock()
	defer l.use.Unlock()
	scanner, err := l.s.opt.OpenScanner()
	if err != nil {
		return err
	}
	defer scanner.Close()
	l.setInfo(scanner.Info(), true)
	for frame, err := range scanner.Frames(ctx) {
		if advice, ok := err.(device.Retry); ok {
			l.advise(advice)
			continue
		}
		if err != nil {
			return err
		}
		works()
		l.s.Finger.Put(frame.Image)
		l.frame(frame, scanner.Info())
	}
	if ctx.Err() == nil {
		return device.ErrSilent
	}
	return nil
}

// state is the device as last seen; one that is not in use is asked.
func (l *scannerLoop) state() (i device.Info, known bool) {
	if l.use.TryLock() {
		if d, err := l.s.opt.OpenScanner(); err == nil {
			l.setInfo(d.Info(), true)
			d.Close()
		} else {
			l.setInfo(device.Info{}, false)
		}
		l.use.Unlock()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.info, l.known
}

func (l *scannerLoop) setInfo(i device.Info, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.info, l.known = i, known
}

// frame judges one frame and reports it.
func (l *scannerLoop) frame(f device.Frame, from device.Info) {
	l.mu.Lock()
	asked, take := l.asked, l.take
	if take == nil {
		l.mu.Unlock()
		return
	}
	live := take.Frame(f, l.s.now())
	var sample capture.Sample
	var done bool
	if asked.Finger == 0 {
		done = live.Phase != capture.Clearing
	} else if sample, done = take.Sample(from); done || live.Phase == capture.Done {
		live.Phase = capture.Done
	}
	if done {
		l.take = nil
	}
	l.mu.Unlock()
	l.report(asked.Finger, live, sample, done)
}

func (l *scannerLoop) report(p finger.Position, live capture.Live, sample capture.Sample, done bool) {
	switch {
	case !done && p != 0:
		l.s.Send(flow.FingerLive{Finger: p, Live: live})
	case done && p == 0:
		l.s.Send(flow.GlassClear{})
	case done:
		l.s.Send(flow.FingerLive{Finger: p, Live: live})
		sample.Prepare()
		l.s.Send(flow.Presented{Finger: p, Sample: sample})
	}
}

// advise passes on the device's own advice.
func (l *scannerLoop) advise(r device.Retry) {
	l.mu.Lock()
	p := l.asked.Finger
	live := capture.Live{Advice: r}
	if l.take != nil {
		live = l.take.Live()
		live.Advice = r
	}
	l.mu.Unlock()
	if p != 0 {
		l.s.Send(flow.FingerLive{Finger: p, Live: live})
	}
}
