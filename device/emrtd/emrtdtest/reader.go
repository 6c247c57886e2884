package emrtdtest

import (
	"context"
	"fmt"
	"sync"

	"optag/device"
)

// A Reader is a card reader in this process, and the hand that lays cards into
// it. Its methods may be called from any goroutine.
type Reader struct {
	mu      sync.Mutex // protects the fields below
	changed chan struct{}
	card    *Card // nil: none lies there
	held    *powered
	gone    error // the reader is
}

// NewReader is a reader without a card.
func NewReader() *Reader { return &Reader{changed: make(chan struct{})} }

// Insert lays a card into the reader, in the place of what lay there.
func (r *Reader) Insert(c *Card) { r.change(c, nil) }

// Remove takes the card away.
func (r *Reader) Remove() { r.change(nil, nil) }

// Unplug takes the reader away for ever.
func (r *Reader) Unplug() { r.change(nil, device.ErrUnplugged) }

func (r *Reader) change(c *Card, gone error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	why := gone
	if why == nil {
		why = device.ErrRemoved
	}
	r.letGo(why)
	r.card = c
	if r.gone == nil {
		r.gone = gone
	}
	close(r.changed)
	r.changed = make(chan struct{})
}

// letGo ends the card that is held.
func (r *Reader) letGo(why error) {
	if r.held == nil {
		return
	}
	r.held.end(why)
	r.held = nil
}

// Info describes the reader.
func (r *Reader) Info() device.Info {
	return device.Info{Maker: "optag", Model: "simulated card reader", Driver: "emrtdtest", Version: "1"}
}

// Card waits for a card. The one before is closed.
func (r *Reader) Card(ctx context.Context) (device.Card, error) {
	var card *powered
	err := r.wait(ctx, "waiting for a card", func() bool {
		if r.card == nil {
			return false
		}
		r.letGo(device.ErrRemoved)
		card = r.card.power()
		r.held = card
		return true
	})
	if err != nil {
		return nil, err
	}
	return card, nil
}

// Gone waits until no card lies there.
func (r *Reader) Gone(ctx context.Context) error {
	return r.wait(ctx, "waiting for the card to be taken away", func() bool { return r.card == nil })
}

// wait returns once there is what is waited for.
func (r *Reader) wait(ctx context.Context, doing string, there func() bool) error {
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
		r.mu.Lock()
		gone, changed := r.gone, r.changed
		ok := gone == nil && there()
		r.mu.Unlock()
		switch {
		case gone != nil:
			return fmt.Errorf("%s: %w", doing, gone)
		case ok:
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// Close lets go of the card.
func (r *Reader) Close() error { r.Unplug(); return nil }
