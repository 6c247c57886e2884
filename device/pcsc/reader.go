package pcsc

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"optag/device"
)

// A Reader is a slot for cards, the one that fits a pattern. It outlives being
// pulled out and plugged in again. One goroutine uses it at a time; Close may be
// called from any.
type Reader struct {
	service *Service
	pattern string
	info    device.Info
	closed  chan struct{}
	end     sync.Once

	mu   sync.Mutex // protects the fields below
	last string     // name of the slot of the last card
	held *Card
	free chan struct{} // closed once the last card was let go
}

var _ device.CardReader = (*Reader)(nil)

// Info describes the reader as its name does, and it itself where it was not held
// by another program when it was opened.
func (r *Reader) Info() device.Info { return r.info }

// Card waits until a card lies in the reader, and holds it for this program
// alone. An error is or wraps [device.ErrUnplugged], [ErrBusy], [ErrMute],
// [ErrNoService] or another [device.ErrSilent], or is that of ctx; Card may be
// called again after any of them. A service that is started anew is waited for.
func (r *Reader) Card(ctx context.Context) (device.Card, error) {
	c, err := r.card(ctx)
	if err != nil {
		return nil, fmt.Errorf("waiting for a card: %w", err)
	}
	return c, nil
}

func (r *Reader) card(ctx context.Context) (*Card, error) {
	if err := r.letGo(ctx); err != nil {
		return nil, err
	}
	var tried time.Time // since when the card is there and cannot be had
	for {
		s, changed, err := r.look(ctx, r.lastSlot())
		if err != nil {
			return nil, err
		}
		if !s.card {
			tried = time.Time{}
			if err := r.wait(ctx, changed, -1); err != nil {
				return nil, err
			}
			continue
		}
		c, err := r.take(ctx, s)
		switch {
		case err == nil:
			return c, nil
		case tried.IsZero():
			tried = time.Now()
		case errors.Is(err, device.ErrUnplugged), ctx.Err() != nil:
			return nil, err
		case errors.Is(err, device.ErrRemoved): // the news is on its way
		case time.Since(tried) > r.service.patience.connect:
			if errors.Is(err, ErrBusy) && r.leftBehind() {
				err = errStillRuns
			}
			return nil, err
		}
		if err := r.wait(ctx, changed, r.service.patience.connect/20); err != nil {
			return nil, err
		}
	}
}

// Gone waits until no card lies in the reader. Errors are those of Card.
func (r *Reader) Gone(ctx context.Context) error {
	for {
		s, changed, err := r.look(ctx, r.lastSlot())
		if err == nil && !s.card {
			return nil
		}
		if err == nil {
			err = r.wait(ctx, changed, -1)
		}
		if err != nil {
			return fmt.Errorf("waiting for the card to be taken out: %w", err)
		}
	}
}

// Close lets go of the reader and of its card, and ends what waits for one.
func (r *Reader) Close() error {
	r.end.Do(func() { close(r.closed) })
	r.mu.Lock()
	held := r.held
	r.mu.Unlock()
	if held == nil {
		return nil
	}
	return held.Close()
}

func (r *Reader) lastSlot() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

// leftBehind reports whether the card before was left with a command that was cut
// short.
func (r *Reader) leftBehind() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held == nil {
		return false
	}
	r.held.mu.Lock()
	defer r.held.mu.Unlock()
	return r.held.left
}

// look is the slot that the reader is now, and a channel that is closed when
// something changes.
func (r *Reader) look(ctx context.Context, last string) (slot, <-chan struct{}, error) {
	select {
	case <-r.closed:
		return slot{}, nil, fmt.Errorf("%w: %w", errClosed, device.ErrUnplugged)
	case <-ctx.Done():
		return slot{}, nil, ctx.Err()
	default:
	}
	v, changed, err := r.service.view(ctx)
	if err != nil {
		return slot{}, nil, err
	}
	s := v.best(r.pattern, last)
	if s.name == "" {
		return slot{}, nil, device.ErrUnplugged
	}
	return s, changed, nil
}

// wait waits for a change, at most so long; a negative limit is none.
func (r *Reader) wait(ctx context.Context, changed <-chan struct{}, limit time.Duration) error {
	var over <-chan time.Time
	if limit >= 0 {
		over = time.After(limit)
	}
	select {
	case <-changed:
	case <-over:
	case <-r.closed:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// letGo closes the card before, and waits until the service has let go of it: a
// command that nobody waits for any more may still run.
func (r *Reader) letGo(ctx context.Context) error {
	r.mu.Lock()
	held, free := r.held, r.free
	r.mu.Unlock()
	if held != nil {
		_ = held.Close() // what becomes of it is no longer of interest
	}
	select {
	case <-free:
		return nil
	case <-time.After(r.service.patience.connect):
		return errStillRuns
	case <-ctx.Done():
		return ctx.Err()
	}
}

// take connects to the card in a slot, through a session of its own.
func (r *Reader) take(ctx context.Context, s slot) (*Card, error) {
	taken, err := call(ctx, r.service.patience.command, func() (*Card, error) { return r.service.connect(s) }, func(c *Card) { _ = c.Close() })
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.held, r.last, r.free = taken, s.name, taken.free
	r.mu.Unlock()
	select {
	case <-r.closed: // meanwhile
		return nil, errors.Join(fmt.Errorf("%w: %w", errClosed, device.ErrUnplugged), taken.Close())
	default:
		return taken, nil
	}
}

// connect holds the card in a slot.
func (s *Service) connect(at slot) (*Card, error) {
	ses, err := s.lib.establish()
	if err != nil {
		return nil, told(err)
	}
	h, err := ses.connect(at.name)
	if err != nil {
		_ = ses.Release()
		return nil, told(err)
	}
	return &Card{service: s, slot: at, session: ses, handle: h, turn: make(chan struct{}, 1), free: make(chan struct{})}, nil
}

// call runs what cannot be cut short, and waits for it as long as ctx and the
// limit allow. What comes after that is given to late.
func call[T any](ctx context.Context, limit time.Duration, run func() (T, error), late func(T)) (T, error) {
	type result struct {
		value T
		err   error
	}
	out, left := make(chan result), make(chan struct{})
	go func() {
		v, err := run()
		select {
		case out <- result{v, err}:
		case <-left:
			if err == nil {
				late(v)
			}
		}
	}()
	over := time.NewTimer(limit)
	defer over.Stop()
	err := fmt.Errorf("nothing came within %v: %w", limit, device.ErrSilent)
	select {
	case r := <-out:
		return r.value, r.err
	case <-over.C:
	case <-ctx.Done():
		err = ctx.Err()
	}
	close(left)
	var none T
	return none, err
}
