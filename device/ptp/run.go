package ptp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"time"

	"optag/device"
)

const (
	restarts  = 1           // of a session, without a single good picture
	refusals  = 5           // of a release in a row
	heartbeat = time.Second // between two looks at a camera that is idle
)

// A yieldFunc takes a picture, or an advice.
type yieldFunc = device.Yield[device.Picture]

// run yields pictures until no more are wanted or the camera fails. It always
// returns an error.
func (c *Camera) run(ctx context.Context, yield yieldFunc) error {
	defer c.unshoot()
	if err := c.tidy(ctx); errors.Is(err, device.ErrUnplugged) {
		return err
	}
	for broken := 0; ; {
		good, err := c.session(ctx, yield)
		if good {
			broken = 0
		}
		switch {
		case ctx.Err() != nil, errors.Is(err, device.ErrUnplugged):
			return err
		}
		if broken++; broken > restarts {
			return fmt.Errorf("%w, after %d restarts", err, restarts)
		}
		c.count(func(s *Stats) { s.Restarts++ })
		if err := c.revive(ctx); err != nil {
			return err
		}
	}
}

// revive opens the session anew with a camera that was reset.
func (c *Camera) revive(ctx context.Context) error {
	err := c.line.reset(ctx)
	if err == nil {
		err = c.line.openSession(ctx)
	}
	if err != nil {
		return fmt.Errorf("starting anew: %w", err)
	}
	return nil
}

// session runs the camera's mode once, from entering to leaving it.
func (c *Camera) session(ctx context.Context, yield yieldFunc) (good bool, err error) {
	defer func() {
		if !errors.Is(err, device.ErrUnplugged) && c.events.err() == nil {
			after, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.line.settling())
			defer cancel()
			_ = c.mode.leave(after) // a camera that does not even do that is noticed when it is used next
		}
	}()
	if err := c.mode.enter(ctx); err != nil {
		return false, fmt.Errorf("preparing: %w", err)
	}
	s := &showing{c: c, yield: yield, since: time.Now()}
	for {
		if err := s.step(ctx); err != nil {
			return s.good, err
		}
	}
}

// A showing is one session as it runs.
type showing struct {
	c       *Camera
	yield   yieldFunc
	since   time.Time // of the last good picture, or of the start
	refused int       // releases in a row
	good    bool      // a picture was yielded
}

// step yields the next picture, or waits for a while.
func (s *showing) step(ctx context.Context) error {
	switch err := s.c.events.err(); {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return err
	case s.c.wantsStill():
		return s.still(ctx)
	case s.c.mode.moves():
		return s.moving(ctx)
	}
	return s.rest(ctx)
}

// rest waits for the wish for a picture, for the camera's own button, and now
// and then looks whether the camera is still there.
func (s *showing) rest(ctx context.Context) error {
	timer := time.NewTimer(heartbeat)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.c.wake:
		return nil
	case <-timer.C:
	case e := <-s.c.events.come:
		s.c.events.put(e)
	}
	file, err := s.c.mode.idle(ctx)
	if err != nil || file == nil {
		return err
	}
	return s.show(ctx, file, true)
}

// still takes a picture. Where the camera refuses, the person is told to hold
// still.
func (s *showing) still(ctx context.Context) error {
	file, err := s.c.mode.shoot(ctx)
	if err == nil {
		s.refused = 0
		return s.show(ctx, file, true)
	}
	if refused(err) == 0 {
		return fmt.Errorf("releasing: %w", err)
	}
	s.c.count(func(st *Stats) { st.Refused++ })
	if s.refused++; s.refused >= refusals || refused(err) == rcNotSupported {
		return fmt.Errorf("releasing, %d times: %w", s.refused, err)
	}
	if err := s.yield(device.Picture{}, device.HoldStill); err != nil {
		return err
	}
	return device.Pause(ctx, 300*time.Millisecond)
}

// moving yields a moving picture.
func (s *showing) moving(ctx context.Context) error {
	begun := time.Now()
	file, err := s.c.mode.preview(ctx)
	if err != nil {
		return fmt.Errorf("looking through the lens: %w", err)
	}
	if file != nil {
		err = s.show(ctx, file, false)
	}
	switch late := time.Since(s.since) > s.c.opts.Silence; {
	case err != nil:
		return err
	case late && file != nil:
		return fmt.Errorf("no good picture in %v: %w", s.c.opts.Silence, device.ErrGarbled)
	case late:
		return fmt.Errorf("no picture in %v: %w", s.c.opts.Silence, device.ErrSilent)
	}
	return device.Pause(ctx, time.Second/time.Duration(s.c.opts.FPS)-time.Since(begun))
}

// show decodes a file and yields it. A moving picture that is torn is passed
// over; a still that is must not be.
func (s *showing) show(ctx context.Context, file []byte, still bool) error {
	c := s.c
	c.wipe()
	img, err := c.opts.Decode(bytes.NewReader(file))
	if err != nil || img.Bounds().Empty() {
		c.count(func(st *Stats) { st.Torn++ })
		if still {
			return fmt.Errorf("decoding a picture of %d bytes: %w: %w", len(file), device.ErrGarbled, err)
		}
		return nil
	}
	c.pixels, _ = img.(*image.YCbCr)
	c.file = file
	p := device.Picture{Image: img}
	if still {
		p.Encoded, p.MediaType = file, "image/jpeg"
		c.unshoot()
	}
	c.count(func(st *Stats) {
		st.Pictures++
		if still {
			st.Stills++
		}
	})
	s.good = true
	if err := s.yield(p, nil); err != nil {
		return err
	}
	s.since = time.Now()
	return nil
}
