package mrzreader

import (
	"context"
	"errors"
	"fmt"
	"time"

	"optag/device"
)

// A yieldFunc takes a reading, or advice.
type yieldFunc = device.Yield[device.Swipe]

// A watch is what is known of the line while a sequence runs.
type watch struct {
	framer    Framer
	heard     time.Time // the last character
	begun     time.Time // the first one since the last pause
	triggered time.Time // an imager; zero when it has stopped looking
	asked     time.Time // whether the reader is there; zero while nobody waits for an answer
	asks      int       // without an answer
	answered  bool      // something came since
	noises    int       // readings in a row that were mostly noise
}

// run yields readings until no more are wanted or the reader fails. It always
// returns an error.
func (r *Reader) run(ctx context.Context, yield yieldFunc) error {
	if err := r.start(ctx); err != nil {
		return err
	}
	now := time.Now()
	w := watch{framer: Framer{Quiet: r.o.Profile.Quiet, Alias: r.o.Profile.Alias}, heard: now, triggered: now}
	defer w.framer.Reset()
	buf := make([]byte, 1024)
	defer clear(buf)
	for {
		n, err := r.readFor(ctx, time.Until(r.next(&w)), buf)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && !errors.Is(err, device.ErrSilent):
			return err
		}
		if err := r.feed(&w, buf[:n], yield); err != nil {
			return err
		}
		if err := r.tend(ctx, &w); err != nil {
			return err
		}
	}
}

// start makes the reader ready, and forgets what it sent before.
func (r *Reader) start(ctx context.Context) error {
	if err := r.drop(ctx); err != nil {
		return err
	}
	for _, command := range append(r.o.Profile.Start[:len(r.o.Profile.Start):len(r.o.Profile.Start)], r.o.Profile.Trigger) {
		if err := r.send(ctx, command); err != nil {
			return fmt.Errorf("starting the reader: %w", err)
		}
	}
	return nil
}

// next is when there is something to do if nothing comes.
func (r *Reader) next(w *watch) time.Time {
	if due, waiting := w.framer.Due(); waiting {
		return due
	}
	p, next := &r.o.Profile, w.heard.Add(time.Hour)
	if p.triggers() {
		next = later(w.heard, w.triggered).Add(p.Every)
	}
	switch {
	case !w.asked.IsZero():
		next = sooner(next, w.asked.Add(answer))
	case p.asks():
		next = sooner(next, w.heard.Add(p.KeepAlive))
	}
	return next
}

func (p *Profile) triggers() bool { return p.Every > 0 && len(p.Trigger) > 0 }
func (p *Profile) asks() bool     { return p.KeepAlive > 0 && len(p.Version) > 0 }

func sooner(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// feed gives what came to the framer, and yields what that makes of it.
func (r *Reader) feed(w *watch, came []byte, yield yieldFunc) error {
	now := time.Now()
	s, err := w.framer.Tick(now)
	for i := 0; ; i++ {
		if err := r.tell(w, s, err, yield); err != nil {
			return err
		}
		if i == len(came) {
			break
		}
		s, err = w.framer.Feed(rune(came[i]), now)
	}
	if len(came) == 0 {
		return nil
	}
	if now.Sub(w.heard) > quietUsually || w.begun.IsZero() {
		w.begun = now
	}
	w.heard, w.answered = now, true
	if now.Sub(w.begun) > babble {
		return fmt.Errorf("the reader sends without a pause for %v: %w", babble, device.ErrGarbled)
	}
	return nil
}

// tell yields what the framer found.
func (r *Reader) tell(w *watch, s device.Swipe, err error, yield yieldFunc) error {
	switch {
	case s.Lines == nil && err == nil:
		return nil
	case errors.Is(err, errNoise):
		if w.noises++; w.noises == noises {
			return fmt.Errorf("%w: %w", errNoise, device.ErrGarbled)
		}
	default:
		w.noises = 0
	}
	w.triggered = time.Time{} // an imager has stopped looking
	if s.Lines != nil {
		w.begun = time.Time{}
	}
	if err != nil && !w.asked.IsZero() {
		return nil // the answer, not a document
	}
	return yield(s, err)
}

// tend does what is due on a line that is quiet: it triggers an imager, and asks
// a reader whether it is there.
func (r *Reader) tend(ctx context.Context, w *watch) error {
	if _, waiting := w.framer.Due(); waiting {
		return nil
	}
	now, p := time.Now(), &r.o.Profile
	if len(p.Trigger) > 0 && (w.triggered.IsZero() || p.triggers() && !now.Before(later(w.heard, w.triggered).Add(p.Every))) {
		if err := r.send(ctx, p.Trigger); err != nil {
			return fmt.Errorf("triggering the reader: %w", err)
		}
		w.triggered = now
	}
	if w.answered {
		w.answered, w.asked, w.asks = false, time.Time{}, 0
	}
	switch {
	case !p.asks(), now.Before(w.asked.Add(answer)), now.Before(w.heard.Add(p.KeepAlive)):
		return nil
	case w.asks == patience:
		return fmt.Errorf("asking whether the reader is there: %w", device.ErrSilent)
	}
	if err := r.send(ctx, p.Version); err != nil {
		return fmt.Errorf("asking whether the reader is there: %w", err)
	}
	w.asked = now
	w.asks++
	return nil
}
