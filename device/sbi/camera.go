package sbi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"iter"
	"sync"
	"time"

	"optag/device"
)

const (
	// between is how long the stream runs after a still that did not come.
	between = 1500 * time.Millisecond

	// often is how many times in a row a camera may be busy.
	often = 4
)

// A Camera is a face device as the station knows cameras. It is a
// [device.Camera].
type Camera struct {
	*Device
	request Request

	mu     sync.Mutex // protects the fields below
	wanted bool       // a still
	leave  func()     // ends the look that runs, or the next
}

var _ device.Camera = (*Camera)(nil)

// Camera is a face device as a [device.Camera]: pictures of its live stream, and
// a still, which is a verified [Portrait], each time [Camera.Shoot] asks for one.
// A still that came as JPEG 2000 is handed on as PNG, with the same pixels. The
// device is closed with it.
func (d *Device) Camera(r Request) *Camera { return &Camera{Device: d, request: r, leave: func() {}} }

// Shoot asks for one still, which the sequence that runs, or the next one,
// yields. While the device waits for a face, up to the timeout of the request,
// there may be no other pictures. Where nobody looks into the camera in time, or
// the score stays below the threshold, the sequence advises so, shows the stream
// for a while and tries again.
func (c *Camera) Shoot() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wanted = true
	c.leave()
}

// Frames implements [device.Source].
func (c *Camera) Frames(ctx context.Context) iter.Seq2[device.Picture, error] {
	return func(yield func(device.Picture, error) bool) {
		if err := c.run(ctx, yield); err != nil && !errors.Is(err, errLeft) && ctx.Err() == nil {
			yield(device.Picture{}, failure(err))
		}
	}
}

// run looks and shoots until ctx ends, the loop over it is left or the device
// fails.
func (c *Camera) run(ctx context.Context, yield func(device.Picture, error) bool) error {
	busy := 0
	for again := false; ctx.Err() == nil; again = true {
		if err := c.look(ctx, again, yield); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
		err := c.shoot(ctx, yield)
		if busy++; !errors.Is(err, ErrBusy) {
			busy = 0
		}
		if err != nil && (busy == 0 || busy == often) {
			return err
		}
	}
	return nil
}

// look yields the stream until a still is wanted; where one is wanted still,
// for a while.
func (c *Camera) look(ctx context.Context, again bool, yield func(device.Picture, error) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c.mu.Lock()
	c.leave = cancel
	switch {
	case c.wanted && again:
		t := time.AfterFunc(between, cancel)
		defer t.Stop()
	case c.wanted:
		cancel()
	}
	c.mu.Unlock()
	for p, err := range c.Preview(ctx, nil) {
		if err != nil {
			return err
		}
		if !yield(p, nil) {
			return errLeft
		}
	}
	return nil
}

// shoot yields one still, or an advice.
func (c *Camera) shoot(ctx context.Context, yield func(device.Picture, error) bool) error {
	p, err := c.Portrait(ctx, c.request)
	if err == nil {
		err = p.intoPNG()
	}
	switch {
	case errors.Is(err, ErrTimeout), errors.Is(err, ErrPoor):
		if !yield(device.Picture{}, device.LookHere) {
			return errLeft
		}
		return nil
	case err != nil:
		return err
	}
	c.mu.Lock()
	c.wanted = false
	c.mu.Unlock()
	more := yield(p.Picture, nil)
	p.Wipe()
	if !more {
		return errLeft
	}
	return nil
}

// intoPNG writes a picture anew that is encoded as nothing but devices of this
// kind encode it. No pixel changes.
func (p *Portrait) intoPNG() error {
	if p.MediaType != "image/jp2" {
		return nil
	}
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := e.Encode(&b, p.Image); err != nil {
		return fmt.Errorf("encoding a face as PNG: %w: %w", BadRecord, err)
	}
	clear(p.Encoded)
	p.Encoded, p.MediaType = b.Bytes(), "image/png"
	return nil
}

// failure makes an error one of the three that a [device.Source] ends with, and
// keeps what it was.
func failure(err error) error {
	switch {
	case device.Failed(err):
		return err
	case errors.Is(err, ErrNotReady), errors.Is(err, ErrNotRegistered), errors.Is(err, ErrBusy):
		return fmt.Errorf("%w: %w", err, device.ErrSilent)
	}
	return fmt.Errorf("%w: %w", err, device.ErrGarbled)
}
