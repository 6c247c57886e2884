package fm220

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"optag/device"
	"optag/device/fm220/fm220test"
)

// TestDark: without light there is nothing to see, whatever lies on the glass,
// and the scanner goes on as before.
func TestDark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := fm220test.New(fm220test.Config{})
		s := open(t, sim)
		defer s.Close()
		touch(sim)
		level := func(f device.Frame) float64 {
			sum := 0
			for _, v := range f.Image.Pix {
				sum += int(v)
			}
			return float64(sum) / float64(len(f.Image.Pix))
		}
		dark, err := s.Dark(t.Context())
		if err != nil || level(dark) > 40 || dark.Contact || dark.Image.Rect.Dx() != Width || sim.Lit() {
			t.Fatalf("level %v, contact %v, lit %v, %v", level(dark), dark.Contact, sim.Lit(), err)
		}
		for f, err := range s.Frames(t.Context()) {
			if err != nil || level(f) < 80 || !f.Contact {
				t.Errorf("with light: level %v, contact %v, %v", level(f), f.Contact, err)
			}
			break
		}
		if sim.Lit() {
			t.Error("the light was left on")
		}
	})
}

func TestDarkFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := fm220test.New(fm220test.Config{})
		s := open(t, sim)
		ended, stop := context.WithCancel(t.Context())
		stop()
		if _, err := s.Dark(ended); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		sim.Unplug()
		if _, err := s.Dark(t.Context()); !errors.Is(err, device.ErrUnplugged) {
			t.Errorf("unplugged: %v", err)
		}
		s.Close()
		if _, err := s.Dark(t.Context()); !errors.Is(err, device.ErrUnplugged) {
			t.Errorf("closed: %v", err)
		}
	})
}
