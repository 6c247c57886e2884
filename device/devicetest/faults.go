package devicetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"optag/device"
	"optag/device/tape"
)

// A fault is what goes wrong in one transfer.
type fault int

const (
	healthy     fault = iota
	unplug            // the device leaves the bus
	hang              // nothing is answered on any endpoint for a while
	lostRequest       // the device never hears of it
	lostAnswer        // the device does it, and its answer is lost
	late              // it waits before it reaches the device
	short             // fewer bytes arrive than were moved
	split             // as short, and the rest comes with the next transfer
	broken            // as short, with an error of the bus
	stall             // the device refuses it
	lie               // bytes are others, as the driver's test would have it
	faults            // how many there are
)

func (f fault) String() string {
	return [...]string{"healthy", "unplug", "hang", "lost request", "lost answer", "late", "short", "split", "broken", "stall", "lie"}[f]
}

// What a device that is not answered in time is given: the transport's own limit
// for control transfers, and the longest hang and lateness.
const (
	controlLimit = 5 * time.Second
	longest      = 3 * time.Second
)

// A Faults passes transfers on to a device and has some of them go wrong. Which
// and how follows from a seed and from the number of the transfer on its
// endpoint, so that a run can be repeated although transfers of several
// endpoints are under way at once.
type Faults struct {
	dev   device.USB
	seed  uint64
	rate  float64   // of transfers that go wrong
	until time.Time // nothing goes wrong from here on
	lie   func(op tape.Op, r *rand.Rand)

	mu     sync.Mutex // protects the fields below
	random map[uint8]*rand.Rand
	left   map[uint8][]byte // of transfers that were split
	hung   time.Time        // nothing is answered before
	gone   bool
	counts [faults]int
}

var _ device.USB = (*Faults)(nil)

// Disturb lets transfers of dev go wrong at the rate, from 0 to 1, until a time.
// lie, which may be nil, alters the data of an operation in a way that its
// driver has to notice, or that does no harm.
func Disturb(dev device.USB, seed uint64, rate float64, until time.Time, lie func(op tape.Op, r *rand.Rand)) *Faults {
	return &Faults{dev: dev, seed: seed, rate: rate, until: until, lie: lie, random: map[uint8]*rand.Rand{}, left: map[uint8][]byte{}}
}

// Counts says how often what went wrong.
func (f *Faults) Counts() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := map[string]int{}
	for i, n := range f.counts {
		if n > 0 {
			m[fault(i).String()] = n
		}
	}
	return m
}

// Control implements [device.USB].
func (f *Faults) Control(ctx context.Context, requestType, request uint8, value, index uint16, data []byte) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, controlLimit)
	defer cancel()
	op := tape.Op{Kind: tape.Control, RequestType: requestType, Request: request, Value: value, Index: index, Endpoint: requestType & 0x80}
	return f.do(ctx, op, data, func(buf []byte) (int, error) {
		return f.dev.Control(ctx, requestType, request, value, index, buf)
	})
}

// Interrupt implements [device.USB].
func (f *Faults) Interrupt(ctx context.Context, endpoint uint8, buf []byte) (int, error) {
	return f.do(ctx, tape.Op{Kind: tape.Interrupt, Endpoint: endpoint}, buf, func(buf []byte) (int, error) {
		return f.dev.Interrupt(ctx, endpoint, buf)
	})
}

// Bulk implements [device.USB].
func (f *Faults) Bulk(ctx context.Context, endpoint uint8, buf []byte) (int, error) {
	return f.do(ctx, tape.Op{Kind: tape.Bulk, Endpoint: endpoint}, buf, func(buf []byte) (int, error) {
		return f.dev.Bulk(ctx, endpoint, buf)
	})
}

// Reset resets the device where it can be.
func (f *Faults) Reset(ctx context.Context) error {
	f.mu.Lock()
	clear(f.left)
	f.mu.Unlock()
	if r, ok := f.dev.(interface{ Reset(context.Context) error }); ok {
		return r.Reset(ctx)
	}
	return fmt.Errorf("disturbed: no reset: %w", device.ErrGarbled)
}

// Close implements [device.USB].
func (f *Faults) Close() error { return f.dev.Close() }

// draw decides what goes wrong in the next transfer of an endpoint, and gives
// the number that decides how.
func (f *Faults) draw(op *tape.Op) (fault, *rand.Rand) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.random[op.Endpoint]
	if r == nil {
		r = rand.New(rand.NewPCG(f.seed, uint64(op.Endpoint)))
		f.random[op.Endpoint] = r
	}
	how := rand.New(rand.NewPCG(r.Uint64(), 0))
	if r.Float64() >= f.rate || !time.Now().Before(f.until) || f.gone {
		return healthy, how
	}
	what := fault(1 + how.IntN(int(faults)-1))
	f.counts[what]++
	return what, how
}

// do performs one transfer, as it goes wrong.
func (f *Faults) do(ctx context.Context, op tape.Op, buf []byte, pass func([]byte) (int, error)) (int, error) {
	what, r := f.draw(&op)
	switch what {
	case unplug:
		f.mu.Lock()
		f.gone = true
		f.mu.Unlock()
		_ = f.dev.Close()
		return 0, fmt.Errorf("disturbed: %w", device.ErrUnplugged)
	case hang:
		f.mu.Lock()
		f.hung = f.before(r)
		f.mu.Unlock()
	case late:
		if err := sleepUntil(ctx, f.before(r)); err != nil {
			return 0, err
		}
	case stall:
		return 0, fmt.Errorf("disturbed: stall: %w", device.ErrGarbled)
	}
	f.mu.Lock()
	hung := f.hung
	f.mu.Unlock()
	if err := sleepUntil(ctx, hung); err != nil {
		return 0, err
	}
	if op.Kind == tape.Interrupt && (what == lostRequest || what == lostAnswer) {
		if n, err := pass(buf); err != nil { // an event is lost: the next one comes
			return n, err
		}
		what = healthy
	}
	switch what {
	case lostRequest:
		return 0, sleepUntil(ctx, time.Now().Add(time.Hour))
	case lostAnswer:
		if n, err := pass(make([]byte, len(buf))); err != nil {
			return n, err
		}
		return 0, sleepUntil(ctx, time.Now().Add(time.Hour))
	}
	n, err := f.move(&op, buf, pass)
	if err != nil {
		return n, err
	}
	return f.spoil(what, op, buf, n, r)
}

// before is a time not long from now, while things may still go wrong.
func (f *Faults) before(r *rand.Rand) time.Time {
	t := time.Now().Add(time.Duration(r.Int64N(int64(longest))))
	if t.After(f.until) {
		return f.until
	}
	return t
}

// move moves the bytes: what was left of a split transfer first.
func (f *Faults) move(op *tape.Op, buf []byte, pass func([]byte) (int, error)) (int, error) {
	if op.In() {
		f.mu.Lock()
		n := copy(buf, f.left[op.Endpoint])
		f.left[op.Endpoint] = f.left[op.Endpoint][n:]
		gone := f.gone
		f.mu.Unlock()
		if n > 0 && !gone {
			return n, nil
		}
	}
	return pass(buf)
}

// spoil makes of n bytes that were moved what the caller is told of them.
func (f *Faults) spoil(what fault, op tape.Op, buf []byte, n int, r *rand.Rand) (int, error) {
	switch {
	case what == lie && f.lie != nil && op.In():
		op.Data = buf[:n]
		f.lie(op, r)
	case what == short, what == split, what == broken:
		less := r.IntN(n + 1)
		if op.In() {
			if what == split && op.Kind == tape.Bulk {
				f.mu.Lock()
				f.left[op.Endpoint] = slices.Clone(buf[less:n])
				f.mu.Unlock()
			}
			for i := range buf[less:n] {
				buf[less+i] = 0xa5 // nobody may look at it
			}
		}
		if what == broken {
			return less, fmt.Errorf("disturbed: broken transfer: %w", device.ErrGarbled)
		}
		return less, nil
	}
	return n, nil
}

// sleepUntil waits for a time. It fails as a transfer does whose ctx ends first.
func sleepUntil(ctx context.Context, at time.Time) error {
	d := time.Until(at)
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
	}
	err := context.Canceled
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = device.ErrSilent
	}
	return fmt.Errorf("disturbed: %w", err)
}

// addCounts adds up what went wrong.
func addCounts(to, more map[string]int) {
	for k := range maps.Keys(more) {
		to[k] += more[k]
	}
}
