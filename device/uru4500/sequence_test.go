package uru4500

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/uru4500/uru4500test"
)

// TestCloseDuringFrames: closing from elsewhere ends a sequence.
func TestCloseDuringFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := small(uru4500test.Config{})
		s := open(t, sim, options())
		ended := make(chan string)
		go func() {
			seen, err := scan(t.Context(), s, sim, nil, 1000)
			ended <- fmt.Sprint(len(seen), " ", err)
		}()
		time.Sleep(600 * time.Millisecond)
		for range 2 {
			if err := s.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		}
		if got := <-ended; got != "2 scanning: the device was closed: device unplugged" {
			t.Errorf("frames and error %q, want two frames and that it was closed", got)
		}
		if _, err := scan(t.Context(), s, sim, nil, 1); !errors.Is(err, device.ErrUnplugged) {
			t.Errorf("Frames after Close: %v, want %v", err, device.ErrUnplugged)
		}
	})
}

// TestLoopPanics: a loop that panics leaves the sensor off and the scanner usable.
func TestLoopPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := uru4500test.New(uru4500test.Config{})
		s := open(t, sim, options())
		defer s.Close()
		func() {
			defer func() { recover() }()
			for range s.Frames(t.Context()) {
				panic("the caller's fault")
			}
		}()
		if sim.Mode() != modeOff {
			t.Errorf("mode %#02x, want off", sim.Mode())
		}
		if got, err := scan(t.Context(), s, sim, nil, 1); got != "c" || err != nil {
			t.Errorf("thereafter frames %q, error %v", got, err)
		}
	})
}

// TestTwoSequences: two at once are a mistake of the program.
func TestTwoSequences(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, uru4500test.New(uru4500test.Config{}), options())
		defer s.Close()
		for range s.Frames(t.Context()) {
			func() {
				defer func() {
					if recover() == nil {
						t.Error("a second sequence ran")
					}
				}()
				for range s.Frames(t.Context()) {
					break
				}
			}()
			break
		}
	})
}

// TestFailureLasts: after a failure a new sequence only repeats it.
func TestFailureLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := small(uru4500test.Config{})
		s := open(t, sim, options())
		defer s.Close()
		_, first := scan(t.Context(), s, sim, script{1: (*uru4500test.Sim).Unplug}, 9)
		_, second := scan(t.Context(), s, sim, nil, 9)
		if !errors.Is(first, device.ErrUnplugged) || first != second {
			t.Errorf("first %v, then %v", first, second)
		}
	})
}

// TestNothingStays: no pixel of a print is left in the driver's buffers.
func TestNothingStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := small(uru4500test.Config{})
		o := options()
		o.PPI = [2]float64{540, 370}
		s := open(t, sim, o)
		defer s.Close()
		if got, err := scan(t.Context(), s, sim, script{1: touch}, 4); got != "cFFF" || err != nil {
			t.Fatalf("frames %q, error %v", got, err)
		}
		for name, b := range map[string][]byte{"raw": s.raw, "picture": s.pix.Pix, "resampled": s.out.Pix} {
			if n := len(bytes.Trim(b, "\x00")); n > 0 {
				t.Errorf("%s: %d bytes left", name, n)
			}
		}
	})
}
