package tape

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"optag/device"
)

// patience is how long an operation without a deadline of its own waits for the
// ones recorded before it.
const patience = 5 * time.Second

// A Playback answers a driver as a recorded device did. An operation ends when
// every operation above it in the transcript has ended, so that a driver that
// keeps a read outstanding while it writes registers sees what it saw when it
// was recorded. A driver that says anything else than was recorded gets
// [device.ErrGarbled], and Close tells what it should have said.
type Playback struct {
	ops Transcript

	mu      sync.Mutex // protects the fields below
	state   []opState
	ended   int           // operations from the top that have all ended
	changed chan struct{} // closed when ended or closed changes, then replaced
	closed  bool
	wrong   error
}

type opState uint8

const (
	waiting opState = iota // nobody has asked for it
	begun                  // a call waits to end it
	over
)

var _ device.USB = (*Playback)(nil)

// Play makes a device of a transcript.
func Play(t Transcript) *Playback {
	return &Playback{ops: t, state: make([]opState, len(t)), changed: make(chan struct{})}
}

// PlayText is [Play] of a transcript as text.
func PlayText(r io.Reader) (*Playback, error) {
	t, err := Parse(r)
	if err != nil {
		return nil, err
	}
	return Play(t), nil
}

// Control implements [device.USB].
func (p *Playback) Control(ctx context.Context, requestType, request uint8, value, index uint16, data []byte) (int, error) {
	return p.do(ctx, Op{Kind: Control, RequestType: requestType, Request: request, Value: value, Index: index}, data)
}

// Interrupt implements [device.USB].
func (p *Playback) Interrupt(ctx context.Context, endpoint uint8, buf []byte) (int, error) {
	return p.do(ctx, Op{Kind: Interrupt, Endpoint: endpoint}, buf)
}

// Bulk implements [device.USB].
func (p *Playback) Bulk(ctx context.Context, endpoint uint8, buf []byte) (int, error) {
	return p.do(ctx, Op{Kind: Bulk, Endpoint: endpoint}, buf)
}

// Close fails when the driver said something wrong, or left operations undone.
// Operations that were cancelled when they were recorded may be left.
func (p *Playback) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.closed = true
		p.wake()
	}
	if p.wrong != nil {
		return p.wrong
	}
	left, first := 0, -1
	for i, s := range p.state {
		if s != over && !errors.Is(p.ops[i].Err, context.Canceled) {
			if left++; first < 0 {
				first = i
			}
		}
	}
	if left > 0 {
		return fmt.Errorf("playing back: %d of %d operations were not done, the first is operation %d: %s",
			left, len(p.ops), first+1, p.ops[first].head())
	}
	return nil
}

// do finds the operation, waits for its turn and moves its bytes.
func (p *Playback) do(ctx context.Context, asked Op, buf []byte) (int, error) {
	if err := ctx.Err(); err != nil {
		p.cancelled(asked)
		_, err = failure(err)
		return 0, err
	}
	i, err := p.take(asked, buf)
	if err != nil {
		return 0, err
	}
	if err := p.await(ctx, i); err != nil {
		return 0, err
	}
	op := &p.ops[i]
	if op.In() {
		return copy(buf, op.Data), op.Err
	}
	if op.Err != nil {
		return 0, op.Err
	}
	return len(op.Data), nil
}

// cancelled is a call that came when its context had ended already: where the
// recorded one was cancelled too, this is it.
func (p *Playback) cancelled(asked Op) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := p.ended; i < len(p.ops); i++ {
		if p.state[i] == waiting && sameEndpoint(&p.ops[i], &asked) {
			if errors.Is(p.ops[i].Err, context.Canceled) {
				p.end(i)
			}
			return
		}
	}
}

// take finds the next operation on the same endpoint, which must be the one
// asked for.
func (p *Playback) take(asked Op, buf []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return 0, fmt.Errorf("playing back: closed: %w", device.ErrUnplugged)
	}
	for i := p.ended; i < len(p.ops); i++ {
		if p.state[i] != waiting || !sameEndpoint(&p.ops[i], &asked) {
			continue
		}
		if diff := difference(&p.ops[i], asked, buf); diff != "" {
			return 0, p.fail("operation %d is %s %s", i+1, p.ops[i].head(), diff)
		}
		p.state[i] = begun
		return i, nil
	}
	return 0, p.fail("nothing more was recorded for %s", asked.head())
}

// fail remembers the first thing that went wrong. Called with mu locked.
func (p *Playback) fail(format string, args ...any) error {
	err := fmt.Errorf("playing back: "+format+": %w", append(args, device.ErrGarbled)...)
	if p.wrong == nil {
		p.wrong = err
	}
	return err
}

func sameEndpoint(a, b *Op) bool { return a.Kind == b.Kind && a.Endpoint == b.Endpoint }

// difference says how a call is not the operation recorded, or "".
func difference(op *Op, asked Op, buf []byte) string {
	if op.In() {
		asked.Room = len(buf)
	}
	if op.head() != asked.head() {
		return "but the driver asked for " + asked.head()
	}
	if op.In() || bytes.Equal(op.Data, buf) {
		return ""
	}
	if len(op.Data) != len(buf) {
		return fmt.Sprintf("%d bytes, but the driver sent %d", len(op.Data), len(buf))
	}
	for i := range buf {
		if buf[i] != op.Data[i] {
			return fmt.Sprintf("but byte %d was %02x, and the driver sent %02x", i, op.Data[i], buf[i])
		}
	}
	return ""
}

// await waits until operation i is the next to end, and ends it. When ctx ends
// before, the operation is there to be asked for again.
func (p *Playback) await(ctx context.Context, i int) error {
	late := time.NewTimer(patience)
	defer late.Stop()
	_, limited := ctx.Deadline()
	for {
		p.mu.Lock()
		changed := p.changed
		switch {
		case p.closed:
			p.state[i] = waiting
			p.mu.Unlock()
			return fmt.Errorf("playing back: closed: %w", device.ErrUnplugged)
		case p.next(i):
			p.end(i)
			p.mu.Unlock()
			return nil
		}
		p.mu.Unlock()
		select {
		case <-changed:
			continue
		case <-ctx.Done():
			return p.giveUp(ctx, i)
		case <-late.C:
			if limited {
				continue
			}
			p.mu.Lock()
			err := p.fail("operation %d, %s waits for operation %d, %s", i+1, p.ops[i].head(), p.ended+1, p.ops[p.ended].head())
			p.mu.Unlock()
			return err
		}
	}
}

// next reports whether operation i may end now. One that was cancelled when it
// was recorded ends only by being cancelled again. Called with mu locked.
func (p *Playback) next(i int) bool {
	return p.ended == i && !errors.Is(p.ops[i].Err, context.Canceled)
}

// end marks an operation, and passes over those below that have ended already.
// Called with mu locked.
func (p *Playback) end(i int) {
	p.state[i] = over
	for p.ended < len(p.ops) && p.state[p.ended] == over {
		p.ended++
	}
	p.wake()
}

func (p *Playback) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// giveUp is the end of a call whose context ended first.
func (p *Playback) giveUp(ctx context.Context, i int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if errors.Is(p.ops[i].Err, context.Canceled) {
		p.end(i)
	} else {
		p.state[i] = waiting
	}
	_, err := failure(ctx.Err())
	return fmt.Errorf("playing back %s %w", p.ops[i].head(), err)
}
