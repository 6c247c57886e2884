package station

import (
	"context"
	"errors"
	"iter"
	"sync"

	"optag/capture"
	"optag/capture/finger"
	"optag/device"
	"optag/ui/flow"
)

// A Capturer is a scanner that takes fingers by itself, in one presentation, and
// hands over an image of each: a certified slap scanner behind its maker's
// service.
type Capturer interface {
	Info() device.Info

	// Preview yields pictures to look at, never to keep, until ctx ends.
	Preview(ctx context.Context, fingers []finger.Position) iter.Seq2[device.Picture, error]

	// Capture takes one presentation: a sample for each finger, in their order.
	// A [device.Retry] among the errors is advice to the person, after which it
	// may be called again.
	Capture(ctx context.Context, fingers []finger.Position, thresholds []int) ([]capture.Sample, error)

	Close() error
}

// A capturerLoop drives a scanner that takes fingers by itself.
type capturerLoop struct {
	loop
	assessor finger.Assessor // of the one presentation that runs

	mu    sync.Mutex // protects the fields below
	asked flow.Watch
	ended func()        // ends the presentation that runs, nil while none does
	news  chan struct{} // a finger is asked for
}

func newCapturerLoop(s *Station) *capturerLoop {
	l := &capturerLoop{loop: loop{s: s, name: "scanner", hurry: make(chan struct{}, 1), use: make(chan struct{}, 1)}, news: make(chan struct{}, 1)}
	l.assessor.Model = s.opt.Model
	l.read = l.presentations
	l.probe = func() (device.Info, error) {
		c, err := s.opt.OpenCapturer()
		if err != nil {
			return device.Info{}, err
		}
		return c.Info(), c.Close()
	}
	return l
}

// watch begins the presentation of a task. Such a device says nothing of its
// glass, so a clear one is taken for granted.
func (l *capturerLoop) watch(w flow.Watch) {
	l.ask(w)
	if w.Task.First() == 0 {
		l.s.background(func() { l.s.Send(flow.GlassClear{}) })
		return
	}
	l.start()
	select {
	case l.news <- struct{}{}:
	default:
	}
}

func (l *capturerLoop) ask(w flow.Watch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = w
	if l.ended != nil {
		l.ended()
		l.ended = nil
	}
}

// rest ends watching.
func (l *capturerLoop) rest() {
	l.ask(flow.Watch{})
	l.end()
}

// force does nothing: the device itself decides when it has seen enough.
func (l *capturerLoop) force() {}

// presentations opens the device and has it take what is asked for, until it
// fails or ctx ends.
func (l *capturerLoop) presentations(ctx context.Context, works func()) error {
	c, err := l.s.opt.OpenCapturer()
	if err != nil {
		return err
	}
	defer c.Close()
	defer l.assessor.Wipe()
	l.tell(c.Info(), true)
	l.s.Send(flow.ScannerIs{Slaps: c.Info().Slaps})
	works()
	for ctx.Err() == nil {
		w, now, done := l.next(ctx)
		if w.Task.First() == 0 {
			select {
			case <-l.news:
			case <-ctx.Done():
			}
			continue
		}
		err := l.present(now, c, w)
		cancelled := now.Err() != nil
		done()
		if err != nil && !cancelled {
			return err
		}
	}
	return nil
}

// next is what is asked for now, and a context that ends with its presentation.
func (l *capturerLoop) next(ctx context.Context) (flow.Watch, context.Context, func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, done := context.WithCancel(ctx)
	l.ended = done
	return l.asked, now, done
}

// present has the device take the fingers of a task, and tells the counter how
// it went. The error is one of the device.
func (l *capturerLoop) present(ctx context.Context, c Capturer, w flow.Watch) error {
	l.s.Send(flow.FingerLive{Task: w.Task, Live: capture.Live{Phase: capture.Waiting}})
	ctx, stop := context.WithCancel(ctx)
	var shown sync.WaitGroup
	shown.Go(func() { l.show(ctx, c, w) })
	samples, err := c.Capture(ctx, w.Task.Fingers, w.Thresholds)
	stop()
	shown.Wait()
	var advice device.Retry
	switch {
	case errors.As(err, &advice):
		l.spoilt(w.Task, advice)
		return nil
	case err != nil:
		return err
	}
	for i := range samples {
		samples[i].Slap = w.Task.Slap
		samples[i].Prepare(&l.assessor)
	}
	l.taken(w.Task)
	l.s.Send(flow.Presented{Task: w.Task, Samples: samples})
	return nil
}

// taken has nothing asked for until the counter asks for what comes next.
func (l *capturerLoop) taken(t capture.Task) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked.Task.Is(t) {
		l.asked = flow.Watch{}
	}
}

// show puts the device's pictures on the screen.
func (l *capturerLoop) show(ctx context.Context, c Capturer, w flow.Watch) {
	for picture, err := range c.Preview(ctx, w.Task.Fingers) {
		if err != nil {
			return // the capture meets the same, and says so
		}
		l.s.Finger.Put(picture.Image)
	}
}

// spoilt tells that a presentation has given nothing.
func (l *capturerLoop) spoilt(t capture.Task, advice device.Retry) {
	l.s.Send(flow.FingerLive{Task: t, Live: capture.Live{Phase: capture.Waiting, Advice: advice}})
	if t.Slap == 0 {
		return // and again
	}
	fault := map[device.Retry]finger.SlapFault{
		device.OtherHand: finger.WrongHand, device.OtherFinger: finger.WrongHand,
		device.AllFingers: finger.MissingFinger, device.Spread: finger.JoinedFingers,
	}[advice]
	if fault == "" {
		fault = finger.NoFingers
	}
	l.s.Send(flow.Unusable{Task: t, Fault: fault})
}
