package pcsc

import (
	"sync"
	"time"
)

// A watch ends a command that takes too long. It has one timer for all commands
// of a card: one for each wakes a thread for each, which takes a fifth of the
// time that a card needs for a short answer.
type watch struct {
	mu    sync.Mutex // protects the fields below
	timer *time.Timer
	began time.Time // of the command that runs; zero: none does
	limit time.Duration
	stop  func() // ends it
	late  bool   // it was ended
}

// begin watches a command until end.
func (w *watch) begin(limit time.Duration, stop func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.began, w.limit, w.stop, w.late = time.Now(), limit, stop, false
	if w.timer == nil {
		w.timer = time.AfterFunc(limit, w.look)
	}
}

// end reports whether the command was ended for taking too long.
func (w *watch) end() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.began = time.Time{}
	return w.late
}

// look comes when a command that began with the timer would be late.
func (w *watch) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.began.IsZero() { // the next command begins with the timer
		w.timer = nil
		return
	}
	if left := w.limit - time.Since(w.began); left > 0 {
		w.timer.Reset(left)
		return
	}
	w.late, w.timer = true, nil
	w.stop()
}

// close lets go of the timer. No command runs any more.
func (w *watch) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.timer.Stop()
	}
}
