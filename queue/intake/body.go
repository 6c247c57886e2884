package intake

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	// patience bounds how long a request waits for an older one on the same
	// package.
	patience = 10 * time.Second

	// silence is how long nothing must have come by an older request before a
	// newer one ends it: its link is most likely dead.
	silence = 500 * time.Millisecond
)

// A claim is a request at work on a package.
type claim struct {
	body *body
	done chan struct{}
}

// claim makes the request the one at work on k. An older one is waited for, and
// ended when nothing comes by it.
func (h *Handler) claim(w http.ResponseWriter, r *http.Request, k Key) (*body, func(), error) {
	mine := &claim{done: make(chan struct{}), body: &body{from: r.Body, link: http.NewResponseController(w), stall: h.c.Stall, last: time.Now()}}
	tired := time.NewTimer(patience)
	defer tired.Stop()
	for {
		h.mu.Lock()
		older := h.running[k]
		if older == nil {
			h.running[k] = mine
			h.mu.Unlock()
			return mine.body, func() { h.release(k, mine) }, nil
		}
		h.mu.Unlock()
		select {
		case <-older.done:
		case <-time.After(older.body.quiet(silence)):
			older.body.interrupt()
		case <-tired.C:
			return nil, nil, busy.with("the package is being worked on")
		case <-r.Context().Done():
			return nil, nil, &linkError{r.Context().Err()}
		}
	}
}

func (h *Handler) release(k Key, c *claim) {
	h.mu.Lock()
	delete(h.running, k)
	h.mu.Unlock()
	close(c.done)
}

// A body is what a request brings. It ends when nothing comes for a while, or when
// it is interrupted.
type body struct {
	from  io.Reader
	link  *http.ResponseController
	stall time.Duration

	mu      sync.Mutex // protects the fields below, and the order of deadlines
	off     bool       // interrupted
	reading bool       // between the first Read and finish
	last    time.Time  // of the beginning or the latest Read
}

var errInterrupted = errors.New("another request took over")

// Read reads on. Its errors but io.EOF are *linkError.
func (b *body) Read(p []byte) (int, error) {
	if err := b.extend(); err != nil {
		return 0, &linkError{err}
	}
	n, err := b.from.Read(p)
	if err != nil && err != io.EOF {
		err = &linkError{err}
	}
	return n, err
}

func (b *body) extend() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.off {
		return errInterrupted
	}
	b.reading, b.last = true, time.Now()
	// A server that knows no deadlines has its own.
	_ = b.link.SetReadDeadline(time.Now().Add(b.stall))
	return nil
}

// interrupt ends the reading at once.
func (b *body) interrupt() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.off = true
	if b.reading {
		_ = b.link.SetReadDeadline(time.Unix(1, 0))
	}
}

// quiet is how much longer nothing may come before there has been silence for
// so long.
func (b *body) quiet(silence time.Duration) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(silence-time.Since(b.last), 20*time.Millisecond)
}

// finish says that nothing more is read, so that an answer on its way is not
// disturbed.
func (b *body) finish() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reading = false
}
