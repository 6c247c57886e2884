package station

import (
	"context"
	"errors"
	"sync"

	"optag/capture"
	"optag/capture/finger"
	"optag/device"
	"optag/ui/flow"
)

// A scannerLoop drives the fingerprint scanner: while a finger is asked for,
// each frame goes to the preview and is judged.
type scannerLoop struct {
	loop

	mu       sync.Mutex // protects the fields below
	asked    flow.Watch
	take     *capture.Take // of asked; nil while nothing is judged
	assessor finger.Assessor
}

func newScannerLoop(s *Station) *scannerLoop {
	l := &scannerLoop{loop: loop{s: s, name: "scanner", hurry: make(chan struct{}, 1), use: make(chan struct{}, 1), probe: probing(s.opt.OpenScanner)}}
	l.read = l.frames
	l.assessor.Model = s.opt.Model
	return l
}

// watch begins the presentation of one finger.
func (l *scannerLoop) watch(w flow.Watch) {
	l.mu.Lock()
	l.wipe()
	l.asked, l.take = w, capture.NewTake(w.Task, w.Thresholds, w.Profile, &l.assessor)
	l.mu.Unlock()
	l.start()
}

// rest ends watching; frames of a presentation that is not done are wiped.
func (l *scannerLoop) rest() {
	l.mu.Lock()
	l.wipe()
	l.mu.Unlock()
	l.end()
}

func (l *scannerLoop) wipe() {
	if l.take != nil {
		l.take.Wipe()
	}
	l.take, l.asked = nil, flow.Watch{}
	l.assessor.Wipe()
}

// force ends the presentation with the best there is.
func (l *scannerLoop) force() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.take != nil {
		l.take.Now()
	}
}

// frames opens the scanner and judges its frames until it fails or ctx ends.
func (l *scannerLoop) frames(ctx context.Context, works func()) error {
	scanner, err := l.s.opt.OpenScanner()
	if err != nil {
		return err
	}
	defer scanner.Close()
	l.tell(scanner.Info(), true)
	l.s.Send(flow.ScannerIs{Slaps: scanner.Info().Slaps})
	for frame, err := range scanner.Frames(ctx) {
		var advice device.Retry
		switch {
		case errors.As(err, &advice):
			l.advise(advice)
			continue
		case err != nil:
			return err
		}
		works()
		l.s.Finger.Put(frame.Image)
		l.judge(frame, scanner.Info())
	}
	return nil
}

// judge looks at one frame and reports how the presentation stands.
func (l *scannerLoop) judge(f device.Frame, from device.Info) {
	l.mu.Lock()
	task, take := l.asked.Task, l.take
	if take == nil {
		l.mu.Unlock()
		return
	}
	live := take.Frame(f, l.s.now())
	sample, taken := take.Sample(from)
	nobody := task.First() == 0
	over := live.Phase == capture.Done || nobody && live.Phase != capture.Clearing
	if over {
		l.take = nil
	}
	var event flow.Event
	if !nobody && live.Phase == capture.Done {
		event = l.outcome(task, live, sample, taken)
	}
	l.mu.Unlock()
	switch {
	case nobody && over:
		l.s.Send(flow.GlassClear{})
	case !nobody:
		l.s.Send(flow.FingerLive{Task: task, Live: live})
	}
	if event != nil {
		l.s.Send(event)
	}
}

// outcome makes of a presentation that is over what the counter is told. The
// samples are prepared here, where nobody waits for a screen. Called with mu
// locked.
func (l *scannerLoop) outcome(task capture.Task, live capture.Live, sample capture.Sample, taken bool) flow.Event {
	switch {
	case !taken:
		return flow.Unusable{Task: task, Fault: live.Wrong}
	case task.Slap == 0:
		sample.Prepare(&l.assessor)
		return flow.Presented{Task: task, Samples: []capture.Sample{sample}}
	}
	samples, err := sample.Split(task.Fingers, &l.assessor)
	if err != nil {
		return flow.Unusable{Task: task, Fault: finger.MissingFinger}
	}
	return flow.Presented{Task: task, Samples: samples}
}

// advise passes on the device's own advice.
func (l *scannerLoop) advise(r device.Retry) {
	l.mu.Lock()
	task, live := l.asked.Task, capture.Live{}
	if l.take != nil {
		live = l.take.Live()
	}
	l.mu.Unlock()
	live.Advice = r
	if task.First() != 0 {
		l.s.Send(flow.FingerLive{Task: task, Live: live})
	}
}
