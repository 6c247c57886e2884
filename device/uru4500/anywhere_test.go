package uru4500

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/uru4500/uru4500test"
)

// stride is how many transfers an exhaustive test goes on at a time: with -short,
// as under the race detector, it is not exhaustive.
func stride() int {
	if testing.Short() {
		return 6
	}
	return 1
}

// transfers is how many transfers an undisturbed session has.
func transfers(t *testing.T) int {
	n := 0
	synctest.Test(t, func(t *testing.T) {
		sim := small(uru4500test.Config{})
		if got, err := session(t, sim); got != sessionFrames || err != nil {
			t.Fatalf("session: frames %q, error %v", got, err)
		}
		n = sim.Transfers()
	})
	return n
}

// TestUnplugAnywhere takes the device away in every single transfer of a session.
func TestUnplugAnywhere(t *testing.T) {
	n := transfers(t)
	if n < 60 {
		t.Fatalf("a session has %d transfers; it should have some 70", n)
	}
	for at := 1; at < n; at += stride() { // the last one switches off
		synctest.Test(t, func(t *testing.T) {
			sim := small(uru4500test.Config{UnplugAt: at})
			begin := time.Now()
			got, err := session(t, sim)
			if !errors.Is(err, device.ErrUnplugged) || !strings.HasPrefix(sessionFrames, got) {
				t.Errorf("unplugged in transfer %d: frames %q, error %v, want %v", at, got, err, device.ErrUnplugged)
			}
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("unplugged in transfer %d: noticed after %v", at, took)
			}
		})
	}
}

// TestCutAnywhere takes it away in the midst of each, too.
func TestCutAnywhere(t *testing.T) {
	devicetest.TestCut(t, func() (device.USB, func(*testing.T, device.USB) error) {
		sim := small(uru4500test.Config{})
		return sim, func(t *testing.T, bus device.USB) error {
			frames := "cFFcc"
			got, err := playOn(t, bus, sim, options(), script{1: touch, 3: lift}, len(frames))
			if !strings.HasPrefix(frames, got) || err == nil && got != frames {
				t.Errorf("frames %q, want %q", got, frames)
			}
			return err
		}
	})
}

// TestSilentAnywhere has the device fall silent in every single transfer: it is
// noticed, within what the driver gives a device that may still come round.
func TestSilentAnywhere(t *testing.T) {
	n := transfers(t)
	for at := 1; at < n; at += stride() {
		synctest.Test(t, func(t *testing.T) {
			sim := small(uru4500test.Config{SilentAt: at})
			begin := time.Now()
			got, err := session(t, sim)
			if !errors.Is(err, device.ErrSilent) {
				t.Errorf("silent from transfer %d: frames %q, error %v, want %v", at, got, err, device.ErrSilent)
			}
			if took := time.Since(begin); took > 8*time.Second {
				t.Errorf("silent from transfer %d: noticed after %v", at, took)
			}
		})
	}
}

// TestShortAnywhere cuts every single register transfer short by a byte.
func TestShortAnywhere(t *testing.T) {
	for at := 1; ; at += stride() {
		done := false
		synctest.Test(t, func(t *testing.T) {
			_, err := session(t, small(uru4500test.Config{ShortTransfer: at}))
			if done = err == nil; !done && !errors.Is(err, device.ErrGarbled) {
				t.Errorf("register transfer %d short: %v, want %v", at, err, device.ErrGarbled)
			}
		})
		if done {
			if at < 40 {
				t.Errorf("only %d register transfers", at)
			}
			return
		}
	}
}

// TestCancelAnywhen ends the context at every seventeenth millisecond of a session:
// nothing is yielded any more, the sensor is switched off, and a sequence begun
// thereafter works.
func TestCancelAnywhen(t *testing.T) {
	for ms := 0; ms < 1500; ms += 17 * stride() {
		synctest.Test(t, func(t *testing.T) {
			sim := small(uru4500test.Config{})
			s := open(t, sim, options())
			defer s.Close()
			kind := context.WithCancel
			if ms%2 == 0 {
				kind = func(ctx context.Context) (context.Context, context.CancelFunc) {
					return context.WithTimeout(ctx, time.Duration(ms)*time.Millisecond)
				}
			}
			ctx, cancel := kind(t.Context())
			defer cancel()
			time.AfterFunc(time.Duration(ms)*time.Millisecond, cancel)
			steps := script{1: touch, 6: lift}
			_, err := scan(ctx, s, sim, steps, 100)
			if err != nil || sim.Mode() != modeOff {
				t.Errorf("cancelled after %d ms: error %v, mode %#02x; want none and off", ms, err, sim.Mode())
			}
			sim.Lift()
			if got, err := scan(t.Context(), s, sim, script{1: touch, 2: lift}, 3); got != "cFc" || err != nil {
				t.Errorf("cancelled after %d ms, then a new sequence: frames %q, error %v", ms, got, err)
			}
		})
	}
}

// TestEndedBefore: a context that has ended already yields nothing.
func TestEndedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, small(uru4500test.Config{}), options())
		defer s.Close()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for f, err := range s.Frames(ctx) {
			t.Fatalf("yielded %+v, %v", f, err)
		}
	})
}
