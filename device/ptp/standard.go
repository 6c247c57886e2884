package ptp

import (
	"context"
	"fmt"
	"time"

	"optag/device"
)

// look is how often the card is looked at while a picture is awaited, in case
// its event was lost.
const look = time.Second

// standard releases with ISO 15740 alone.
type standard struct{ c *Camera }

func (s *standard) name() string                            { return "standard" }
func (s *standard) enter(context.Context) error             { return nil }
func (s *standard) leave(context.Context) error             { return nil }
func (s *standard) moves() bool                             { return false }
func (s *standard) preview(context.Context) ([]byte, error) { return nil, nil }

// shoot takes a picture. One that is there already, because the answer to the
// release before was lost, is taken instead.
func (s *standard) shoot(ctx context.Context) ([]byte, error) {
	c := s.c
	ctx, cancel := context.WithTimeout(ctx, c.opts.Capture)
	defer cancel()
	c.events.drop()
	if file, err := s.pending(ctx); err != nil || file != nil {
		return file, err
	}
	_, _, err := c.line.transact(ctx, request{code: opInitiateCapture, parameters: []uint32{0, 0}, limit: c.opts.Capture})
	if err != nil {
		return nil, err
	}
	return c.await(ctx, func(ctx context.Context) ([]byte, error) {
		timer := time.NewTimer(look)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return nil, nil
		case <-c.events.done:
			if err := c.events.err(); err != nil {
				return nil, err
			}
			if device.Pause(ctx, look/4) != nil { // no events any more: the card tells
				return nil, nil
			}
		case e := <-c.events.come:
			if e.code == eventObjectAdded {
				return c.collect(ctx, []uint32{e.object})
			}
			if e.code != eventCaptureIsDone {
				return nil, nil
			}
		case <-timer.C:
		}
		return s.pending(ctx)
	})
}

// pending fetches what is new on the card.
func (s *standard) pending(ctx context.Context) ([]byte, error) {
	fresh, err := s.c.fresh(ctx)
	if err != nil {
		return nil, err
	}
	return s.c.collect(ctx, fresh)
}

// idle looks for a picture that somebody took at the camera.
func (s *standard) idle(ctx context.Context) ([]byte, error) {
	for {
		select {
		case e := <-s.c.events.come:
			if e.code != eventObjectAdded {
				continue
			}
			return s.c.collect(ctx, []uint32{e.object})
		default:
			_, _, err := s.c.line.transact(ctx, request{code: opGetStorageIDs, most: 4096})
			if refused(err) != 0 {
				err = nil // it answers
			}
			return nil, err
		}
	}
}

// await calls step until it gives a file or ctx ends.
func (c *Camera) await(ctx context.Context, step func(context.Context) ([]byte, error)) ([]byte, error) {
	for ctx.Err() == nil {
		if file, err := step(ctx); err != nil || file != nil {
			return file, err
		}
		if err := c.events.err(); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("no picture in %v: %w", c.opts.Capture, device.ErrSilent)
}
