package uru4500

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"optag/device"
)

const (
	// heartbeat is how often a clear glass is reported, and how long a
	// finger that already lies there is given to be noticed (assumed: the
	// device reports it at once).
	heartbeat = 250 * time.Millisecond

	// checkup is how long a device may be quiet before it is asked how it is
	// and told anew what to report: its word may have been lost (assumed:
	// being told twice is no harm).
	checkup = 4 * heartbeat

	// imageTimeout bounds one image; the device takes about 130 ms.
	imageTimeout = 1200 * time.Millisecond

	// minTiles of an image, of 432, show ridges where there is a finger.
	minTiles = 20

	// rereads is how many images in a row may be short or wrong; restarts how
	// often the device may be powered up anew without a single good one.
	rereads  = 5
	restarts = 2

	// During a touch the device itself is asked whether the finger left: at
	// every image that shows no finger, and at every askEvery-th that does.
	// Nothing tells how quickly it answers (assumed: within these times).
	askEvery = 16
	askSoon  = 100 * time.Millisecond
	askLong  = 500 * time.Millisecond
)

// A lostImage is a failure to get an image from a device that otherwise answers;
// powering it up anew may help.
type lostImage struct{ err error }

func (l *lostImage) Error() string { return "taking image: " + l.err.Error() }
func (l *lostImage) Unwrap() error { return l.err }

// A yieldFunc takes a frame.
type yieldFunc = device.Yield[device.Frame]

// run yields frames until no more are wanted or the device fails. It always
// returns an error.
func (s *Scanner) run(ctx context.Context, yield yieldFunc) error {
	for lost := 0; ; {
		taken, err := s.presentation(ctx, yield)
		if taken > 0 {
			lost = 0
		}
		var l *lostImage
		switch {
		case err == nil:
			continue
		case !errors.As(err, &l):
			return err
		}
		if lost++; lost > restarts {
			return fmt.Errorf("%w, after %d restarts", err, restarts)
		}
		s.powered = false
	}
}

// presentation waits for a finger and follows it until it leaves. It returns the
// number of images taken.
func (s *Scanner) presentation(ctx context.Context, yield yieldFunc) (taken int, err error) {
	if !s.powered {
		s.events.drop()
		if err := s.powerUp(ctx); err != nil {
			return 0, err
		}
	}
	if err := s.awaitFinger(ctx, yield); err != nil {
		return 0, err
	}
	for arm := true; ; {
		if err := s.takeImage(ctx, arm); err != nil {
			return taken, err
		}
		taken++
		left, asked, err := s.hasLeft(ctx, taken)
		if err != nil {
			return taken, err
		}
		if left {
			return taken, s.yieldClear(yield)
		}
		if err := yield(s.frame(), nil); err != nil {
			return taken, err
		}
		if taken == s.opts.Images {
			return taken, s.awaitLift(ctx, yield)
		}
		arm = asked
	}
}

// awaitFinger waits until a finger comes, and reports a clear glass meanwhile.
func (s *Scanner) awaitFinger(ctx context.Context, yield yieldFunc) error {
	s.events.drop()
	if err := s.mode(ctx, modeFingerOn); err != nil {
		return fmt.Errorf("watching for a finger: %w", err)
	}
	for quiet := heartbeat; ; quiet += heartbeat {
		err := s.events.await(ctx, eventFingerOn, heartbeat)
		if !errors.Is(err, errNothing) {
			return err
		}
		if err := s.yieldClear(yield); err != nil {
			return err
		}
		if quiet%checkup != 0 {
			continue
		}
		err = s.stayAwake(ctx)
		if err == nil {
			err = s.mode(ctx, modeFingerOn)
		}
		if err != nil {
			return fmt.Errorf("watching for a finger: %w", err)
		}
	}
}

// stayAwake asks a quiet device how it is, and wakes it where it fell asleep.
func (s *Scanner) stayAwake(ctx context.Context) error {
	v, err := s.status(ctx)
	if err == nil && v&statusAsleep != 0 {
		err = s.powerUp(ctx)
	}
	return err
}

// awaitLift waits without a limit until the finger leaves.
func (s *Scanner) awaitLift(ctx context.Context, yield yieldFunc) error {
	for {
		left, err := s.ask(ctx, checkup)
		switch {
		case err != nil:
			return err
		case left:
			return s.yieldClear(yield)
		}
		if err := s.stayAwake(ctx); err != nil {
			return fmt.Errorf("watching for the finger to leave: %w", err)
		}
	}
}

// hasLeft finds out whether the finger left. The image only decides how soon and
// how patiently the device is asked; asked says that it was, and no longer
// sends images.
func (s *Scanner) hasLeft(ctx context.Context, taken int) (left, asked bool, err error) {
	switch {
	case taken == s.opts.Images:
		return false, false, nil
	case !device.ShowsRidges(s.pix, minTiles):
		left, err = s.ask(ctx, askLong)
	case taken%askEvery == 0:
		left, err = s.ask(ctx, askSoon)
	default:
		err = s.events.await(ctx, eventFingerOff, 0)
		if errors.Is(err, errNothing) {
			return false, false, nil
		}
		return err == nil, false, err
	}
	return left, true, err
}

// ask asks the device to report that the finger has left, and whether it does
// within d.
func (s *Scanner) ask(ctx context.Context, d time.Duration) (left bool, err error) {
	if err := s.mode(ctx, modeFingerOff); err != nil {
		return false, fmt.Errorf("watching for the finger to leave: %w", err)
	}
	err = s.events.await(ctx, eventFingerOff, d)
	if errors.Is(err, errNothing) {
		return false, nil
	}
	return err == nil, err
}

// takeImage reads images until a good one has come, and decodes it. arm tells
// the device to begin sending; else it has not stopped.
func (s *Scanner) takeImage(ctx context.Context, arm bool) error {
	var err error
	for range rereads {
		var n int
		if n, err = s.receive(ctx, arm); err != nil {
			return err
		}
		arm = false
		if n == 0 && s.events.dying.Load() {
			return &lostImage{fmt.Errorf("as the device announced: %w", device.ErrSilent)}
		}
		var h header
		if h, err = parseHeader(s.raw[:n]); err != nil {
			continue // the rest of an image cut off before, or one cut off now
		}
		s.events.dying.Store(false)
		if err = s.decode(ctx, &h); !errors.Is(err, errNoise) {
			return err
		}
	}
	return &lostImage{fmt.Errorf("%d in a row: %w", rereads, err)}
}

// receive reads one image into s.raw and returns its length. The read is on the
// bus before the device is told to send, as its own software does it.
func (s *Scanner) receive(ctx context.Context, arm bool) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, imageTimeout)
	defer cancel()
	var n int
	var readErr error
	done := make(chan struct{})
	go func() {
		defer close(done)
		n, readErr = s.bus.Bulk(ctx, endpointImages, s.raw)
	}()
	if arm {
		err := device.Pause(ctx, settling)
		if err == nil {
			err = s.mode(ctx, modeCapture)
		}
		if err != nil {
			cancel()
			<-done
			return 0, fmt.Errorf("starting capture: %w", err)
		}
	}
	select {
	case <-done:
	case <-s.events.done: // the device is gone: the image will not come
		cancel()
		<-done
		return 0, s.events.err
	}
	if readErr != nil && !errors.Is(readErr, device.ErrUnplugged) {
		return 0, &lostImage{readErr}
	}
	return n, readErr
}

// decode makes the picture of a received image.
func (s *Scanner) decode(ctx context.Context, h *header) error {
	err := descramble(s.raw, h, func(number uint8) (uint32, error) { return s.fetchKey(ctx, number) })
	if err != nil {
		return fmt.Errorf("fetching the key of an image: %w", err)
	}
	if isNoise(s.raw, h) {
		return errNoise
	}
	layOut(s.pix.Pix, s.raw, h, s.opts.USB.USBID == turned)
	return nil
}

// fetchKey has the device make the scrambler's key from a number and a seed.
func (s *Scanner) fetchKey(ctx context.Context, number uint8) (uint32, error) {
	out := [5]byte{number}
	if _, err := io.ReadFull(s.opts.Random, out[1:]); err != nil {
		return 0, fmt.Errorf("drawing a seed: %v: %w", err, device.ErrSilent)
	}
	if err := s.write(ctx, regSeed, out[:]...); err != nil {
		return 0, err
	}
	var in [4]byte
	if err := s.read(ctx, regKey, in[:]); err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint32(in[:]) ^ binary.LittleEndian.Uint32(out[1:]), nil
}

// frame is the picture just decoded, with the finger on it.
func (s *Scanner) frame() device.Frame {
	if s.at500 != nil {
		s.at500.Make(s.pix)
	}
	return device.Frame{Image: s.out, PPI: s.ppi, Contact: true}
}

// yieldClear yields the frame of a clear glass.
func (s *Scanner) yieldClear(yield yieldFunc) error {
	for i := range s.out.Pix {
		s.out.Pix[i] = 0xff
	}
	return yield(device.Frame{Image: s.out, PPI: s.ppi}, nil)
}
