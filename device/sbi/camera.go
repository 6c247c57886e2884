package sbi

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"optag/device"
)

// stillEvery is how long the stream runs between two stills.
const stillEvery = 1500 * time.Millisecond

// A camera is a face device as the station knows cameras.
type camera struct {
	*Device
	request Request
}

// Camera is a face device as a [device.Camera]: pictures of its live stream, and
// every one and a half seconds a still, which is a verified [Portrait]. While the
// device waits for the still, up to the timeout of the request, there may be no
// other pictures. Where nobody looks into the camera in time, or the score stays
// below the threshold, it advises so and goes on. The device is closed with it.
func (d *Device) Camera(r Request) device.Camera { return &camera{d, r} }

// Frames implements [device.Source].
func (c *camera) Frames(ctx context.Context) iter.Seq2[device.Picture, error] {
	return func(yield func(device.Picture, error) bool) {
		for ctx.Err() == nil {
			if more, err := c.look(ctx, yield); !more {
				if err != nil {
					yield(device.Picture{}, failure(err))
				}
				return
			}
			if ctx.Err() != nil {
				return
			}
			if more, err := c.shoot(ctx, yield); !more {
				if err != nil && ctx.Err() == nil {
					yield(device.Picture{}, failure(err))
				}
				return
			}
		}
	}
}

// look yields the stream for a while.
func (c *camera) look(ctx context.Context, yield func(device.Picture, error) bool) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, stillEvery)
	defer cancel()
	for p, err := range c.Preview(ctx, nil) {
		if err != nil {
			return false, err
		}
		if !yield(p, nil) {
			return false, nil
		}
	}
	return true, nil
}

// shoot yields one still, or an advice.
func (c *camera) shoot(ctx context.Context, yield func(device.Picture, error) bool) (more bool, err error) {
	p, err := c.Portrait(ctx, c.request)
	switch {
	case errors.Is(err, ErrTimeout), errors.Is(err, ErrPoor):
		return yield(device.Picture{}, device.LookHere), nil
	case errors.Is(err, ErrBusy):
		return true, nil
	case err != nil:
		return false, err
	}
	more = yield(p.Picture, nil)
	wipeImage(p.Image)
	clear(p.Encoded)
	return more, nil
}

// failure makes an error one of the three that a [device.Source] ends with, and
// keeps what it was.
func failure(err error) error {
	switch {
	case errors.Is(err, device.ErrUnplugged), errors.Is(err, device.ErrSilent), errors.Is(err, device.ErrGarbled):
		return err
	case errors.Is(err, ErrNotReady), errors.Is(err, ErrNotRegistered), errors.Is(err, ErrBusy):
		return fmt.Errorf("%w: %w", err, device.ErrSilent)
	}
	return fmt.Errorf("%w: %w", err, device.ErrGarbled)
}
