package pcsc

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ebfe/scard"

	"optag/device"
)

// Commands are of four bytes (ISO/IEC 7816-4, 5.1) to the most that the service
// takes.
const (
	shortest = 4
	longest  = 4 + 3 + 1<<16 + 3
)

// A Card is a card in a [Reader], held for this program alone. Commands are sent
// one after the other.
type Card struct {
	service *Service
	slot    slot
	session session
	handle  handle
	turn    chan struct{} // holds one element while something is asked of the card
	free    chan struct{} // closed once the service was told that the card is let go
	end     sync.Once
	watch   watch

	mu   sync.Mutex // protects the fields below
	over error      // why the card is of no more use
	left bool       // with a command that was cut short and runs on in the reader
}

var _ device.Card = (*Card)(nil)

// ATR is what the card, or the reader for it, answered to the reset; nil where
// the service did not say.
func (c *Card) ATR() []byte { return slices.Clone(c.slot.atr) }

// Transmit is as [device.Card] says. A command runs on in the reader when ctx
// ends; the card is of no more use then, and the reader takes no other until the
// service is done with it. A T=0 card gets the command as it stands.
func (c *Card) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if len(command) < shortest || len(command) > longest {
		return nil, fmt.Errorf("sending a command of %d bytes to a card: %w", len(command), device.ErrGarbled)
	}
	answer, err := c.ask(ctx, func() ([]byte, error) {
		answer, err := c.handle.Transmit(command)
		if err == nil && len(answer) < 2 { // some drivers say so when the card is gone
			err = scard.ErrCommDataLost
		}
		return answer, err
	})
	if err != nil {
		return nil, fmt.Errorf("sending a command to a card: %w", err)
	}
	return answer, nil
}

// ask asks one thing of the card, which is of no more use when that fails.
func (c *Card) ask(ctx context.Context, what func() ([]byte, error)) ([]byte, error) {
	if err := c.useless(ctx); err != nil {
		return nil, err
	}
	select {
	case c.turn <- struct{}{}:
	case <-c.free:
		return nil, c.useless(ctx)
	case <-ctx.Done():
		return nil, c.spoil(ctx.Err())
	}
	if err := c.useless(ctx); err != nil { // meanwhile
		<-c.turn
		return nil, err
	}
	answer, err := c.wait(ctx, what)
	var code scard.Error
	if errors.As(err, &code) {
		err = c.service.cause(ctx, c.slot.name, told(err))
	}
	if err != nil {
		return nil, c.spoil(err)
	}
	return answer, nil
}

// wait asks and waits for the answer, and gives the turn back after it. A session
// that can be cut short is asked from here: a goroutine beside it would cost more
// than all else this package does.
func (c *Card) wait(ctx context.Context, what func() ([]byte, error)) ([]byte, error) {
	stop := c.session.cut()
	if stop == nil {
		return call(ctx, c.service.patience.command, func() ([]byte, error) {
			defer func() { <-c.turn }()
			return what()
		}, func([]byte) {})
	}
	defer func() { <-c.turn }()
	c.watch.begin(c.service.patience.command, stop)
	done := make(chan struct{})
	spare := context.AfterFunc(ctx, func() { stop(); close(done) })
	answer, err := what()
	late := c.watch.end()
	ended := !spare()
	if ended {
		<-done
	}
	if !late && !ended {
		return answer, err
	}
	c.mu.Lock()
	c.left = true
	c.mu.Unlock()
	if ended {
		return nil, ctx.Err()
	}
	return nil, fmt.Errorf("nothing came within %v: %w", c.service.patience.command, device.ErrSilent)
}

// useless is why the card is of no more use; nil if it is.
func (c *Card) useless(ctx context.Context) error {
	c.mu.Lock()
	over := c.over
	c.mu.Unlock()
	if over == nil && ctx.Err() != nil {
		return c.spoil(ctx.Err())
	}
	return over
}

// spoil says that the card is of no more use, and why; the first reason stays.
func (c *Card) spoil(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over == nil {
		c.over = err
	}
	return err
}

// Close resets the card and lets go of it. While a command runs in the reader
// that comes later, by itself.
func (c *Card) Close() error {
	c.end.Do(func() {
		_ = c.spoil(fmt.Errorf("%w: %w", errClosed, device.ErrRemoved))
		go func() {
			c.turn <- struct{}{}
			c.watch.close()
			// Neither has anything to say: the card may be gone, or the service.
			_ = c.handle.Disconnect(c.parting())
			_ = c.session.Release()
			close(c.free)
		}()
	})
	over := time.NewTimer(c.service.patience.connect)
	defer over.Stop()
	select {
	case <-c.free:
	case <-over.C:
	}
	return nil
}

// parting is what becomes of the card once it is let go. Of a card that is gone,
// pcscd would say for ever that it lies there and is mute, had it to reset it.
func (c *Card) parting() scard.Disposition {
	c.mu.Lock()
	over := c.over
	c.mu.Unlock()
	c.service.mu.Lock()
	defer c.service.mu.Unlock()
	at, _ := c.service.now.slot(c.slot.name)
	if !at.card || errors.Is(over, device.ErrRemoved) && !errors.Is(over, errClosed) {
		return scard.LeaveCard
	}
	return scard.ResetCard
}

// cause finds out why a command failed. The service says the same of a card that
// was taken away and of a reader that was pulled out, and what became of them a
// moment later; it is waited for.
func (s *Service) cause(ctx context.Context, name string, err error) error {
	if errors.Is(err, device.ErrSilent) { // the service's own troubles
		return err
	}
	settled := time.After(s.patience.settle)
	for {
		v, changed, gone := s.view(ctx)
		if gone != nil {
			return gone
		}
		at, there := v.slot(name)
		switch {
		case !there:
			return device.ErrUnplugged
		case !at.card:
			return device.ErrRemoved
		}
		select {
		case <-changed:
		case <-settled:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Requests of PC/SC part 10: which features a reader has, and the one that tells
// its properties.
const (
	askFeatures   = 0x42000000 + 3400
	tellsProperty = 0x12
	longestData   = 0x0a // property dwMaxAPDUDataSize
)

// Extended reports whether the reader says that it takes commands of extended
// length. Where it does not say, it is not known to, and false.
func (c *Card) Extended(ctx context.Context) bool {
	data, err := c.ask(ctx, func() ([]byte, error) {
		features, err := c.handle.Control(askFeatures, nil)
		if err != nil {
			return nil, nil // no reader has to
		}
		code := value(features, tellsProperty)
		if len(code) != 4 {
			return nil, nil
		}
		properties, err := c.handle.Control(binary.BigEndian.Uint32(code), nil)
		if err != nil {
			return nil, nil
		}
		return value(properties, longestData), nil
	})
	if err != nil {
		return false
	}
	size := 0
	for i, b := range data[:min(len(data), 4)] {
		size |= int(b) << (8 * i)
	}
	return size > 256
}

// value is what stands under a tag in a list of tag, length and value; nil where
// it does not.
func value(list []byte, tag byte) []byte {
	for len(list) >= 2 && len(list) >= 2+int(list[1]) {
		v := list[2 : 2+int(list[1])]
		if list[0] == tag {
			return v
		}
		list = list[2+len(v):]
	}
	return nil
}
