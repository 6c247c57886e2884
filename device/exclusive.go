package device

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
)

// ErrInUse: another call uses the device. [Exclusive.Do] returns it.
var ErrInUse = errors.New("device in use")

// An Exclusive lets one call at a device at a time, has Close end it from another
// goroutine and wait for it, and remembers that a device failed for good. A
// driver keeps one for each device that it opened; the zero value is one that
// works and is idle.
type Exclusive struct {
	mu      sync.Mutex // protects the fields below
	closed  bool
	failure error         // the device failed for good
	stop    func()        // ends the call that runs; nil when none does
	over    chan struct{} // closed when it has ended
}

// Do runs a call, whose context ends with ctx and with Close. what is being done
// stands before each error, which says who ended the call: that of ctx where ctx
// has ended, [ErrUnplugged] where the device was closed, else the call's own.
// Where the device has [Failed], no call is made any more, and each returns the same
// error. A device in use is [ErrInUse].
func (x *Exclusive) Do(ctx context.Context, what string, call func(context.Context) error) (err error) {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := x.begin(what, cancel); err != nil {
		return err
	}
	defer func() { err = x.end(ctx, what, err) }() // after a panic too
	return call(inner)
}

func (x *Exclusive) begin(what string, stop func()) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.closed:
		return wasClosed(what)
	case x.failure != nil:
		return x.failure
	case x.stop != nil:
		return fmt.Errorf("%s: %w", what, ErrInUse)
	}
	x.stop, x.over = stop, make(chan struct{})
	return nil
}

func (x *Exclusive) end(ctx context.Context, what string, err error) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case err == nil:
	case ctx.Err() != nil:
		err = fmt.Errorf("%s: %w", what, ctx.Err())
	case x.closed:
		err = wasClosed(what)
	default:
		err = fmt.Errorf("%s: %w", what, err)
		if Failed(err) {
			x.failure = err
		}
	}
	x.stop = nil
	close(x.over)
	return err
}

func wasClosed(what string) error {
	return fmt.Errorf("%s: the device was closed: %w", what, ErrUnplugged)
}

// Close ends the call that runs, waits for it and releases the device, which what
// names. A second time it does nothing. It is not to be called from within a call.
func (x *Exclusive) Close(what string, release func() error) error {
	x.mu.Lock()
	again, stop, over := x.closed, x.stop, x.over
	x.closed = true
	x.mu.Unlock()
	if again {
		return nil
	}
	if stop != nil {
		stop()
		<-over
	}
	if err := release(); err != nil {
		return fmt.Errorf("closing %s: %w", what, err)
	}
	return nil
}

// A Yield hands on a reading, or an advice without one. Its error says that no
// more is wanted, and is to be returned at once.
type Yield[T Reading] func(T, error) error

// Frames is the sequence that a [Source] promises, of what run hands on until it
// fails. It ends silently when ctx ends or the loop over it is left, and with
// [ErrUnplugged] when the device is closed meanwhile, so that a sequence that
// nobody wanted to end always says why it did. It panics when the device is in
// use. The errors are those of [Exclusive.Do].
func Frames[T Reading](ctx context.Context, x *Exclusive, what string, run func(context.Context, Yield[T]) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		wanted, leave := context.WithCancel(ctx)
		defer leave()
		err := x.Do(wanted, what, func(ctx context.Context) error {
			return run(ctx, func(r T, advice error) error {
				if ctx.Err() == nil && !yield(r, advice) {
					leave()
				}
				return ctx.Err()
			})
		})
		switch {
		case errors.Is(err, ErrInUse):
			panic(err)
		case err != nil && wanted.Err() == nil:
			var none T
			yield(none, err)
		}
	}
}
