package sbi_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/sbi"
	"optag/device/sbi/sbitest"
)

// openCamera opens a simulated camera in real time, as the contract suite needs.
func openCamera(t *testing.T) (*bench, *sbi.Camera) {
	t.Helper()
	b := newBench(t, keys(t), sbitest.Config{Kind: "Face", Every: 5 * time.Millisecond})
	t.Cleanup(b.machine.Close)
	return b, b.open().Camera(sbi.Request{Threshold: 60})
}

// An eager camera takes a still after every third picture.
type eager struct{ *sbi.Camera }

func (e eager) Frames(ctx context.Context) iter.Seq2[device.Picture, error] {
	return func(yield func(device.Picture, error) bool) {
		n := 0
		for p, err := range e.Camera.Frames(ctx) {
			if n++; n%3 == 0 {
				e.Shoot()
			}
			if !yield(p, err) {
				return
			}
		}
	}
}

func TestContract(t *testing.T) {
	keys(t) // made before goroutines are counted
	t.Run("live pictures", func(t *testing.T) {
		devicetest.TestSource(t, func(t *testing.T) device.Camera {
			_, c := openCamera(t)
			return c
		})
	})
	t.Run("stills", func(t *testing.T) {
		devicetest.TestSource(t, func(t *testing.T) device.Camera {
			_, c := openCamera(t)
			return eager{c}
		})
	})
	for _, c := range []struct {
		want error
		fail func(*bench)
	}{
		{device.ErrUnplugged, func(b *bench) { b.machine.Stop(4501) }},
		{device.ErrUnplugged, func(b *bench) { b.service.SetFaults(sbitest.Lost) }},
		{device.ErrGarbled, func(b *bench) { b.service.SetFaults(sbitest.NoJSON) }},
		{device.ErrSilent, func(b *bench) { b.service.SetFaults(sbitest.NotReady) }},
	} {
		devicetest.TestFailure(t, c.want, func(t *testing.T) (device.Camera, func()) {
			b, camera := openCamera(t)
			return camera, func() { c.fail(b); camera.Shoot() }
		})
	}
	devicetest.TestAdvice(t, device.LookHere, func(t *testing.T) (device.Camera, func()) {
		b, camera := openCamera(t)
		return camera, func() { b.service.SetFaults(sbitest.Timeout); camera.Shoot() }
	})
}

// TestCameraTakesStills when it is told to, and only then.
func TestCameraTakesStills(t *testing.T) {
	inBubble(t, sbitest.Config{Kind: "Face"}, func(b *bench) {
		c := b.open().Camera(sbi.Request{Threshold: 60})
		defer c.Close()
		previews, stills := 0, 0
		var kept device.Picture
		for p, err := range c.Frames(b.Context()) {
			switch {
			case err != nil:
				t.Fatal(err)
			case p.Encoded == nil:
				if previews++; previews == 30 || previews == 60 {
					c.Shoot()
				}
			default:
				if stills++; stills == 1 {
					kept = p
				}
			}
			if previews == 90 {
				break
			}
		}
		if stills != 2 {
			t.Errorf("%d stills, want one for each time it was told to", stills)
		}
		if !blank(kept.Encoded) {
			t.Error("a still is not wiped after the next was asked for")
		}
	})
}

// TestCameraTriesAgain: nobody looks into the camera at first.
func TestCameraTriesAgain(t *testing.T) {
	inBubble(t, sbitest.Config{Kind: "Face"}, func(b *bench) {
		c := b.open().Camera(sbi.Request{Threshold: 60})
		defer c.Close()
		b.service.SetFaults(sbitest.Timeout)
		c.Shoot()
		var said []string
		for p, err := range c.Frames(b.Context()) {
			what := "picture"
			switch {
			case errors.Is(err, device.LookHere):
				what = "look here"
			case err != nil:
				t.Fatal(err)
			case p.Encoded != nil:
				what = "still"
			}
			if n := len(said); n == 0 || said[n-1] != what {
				said = append(said, what)
			}
			if len(said) == 4 {
				b.service.SetFaults()
			}
			if what == "still" {
				break
			}
		}
		if want := []string{"look here", "picture", "look here", "picture", "still"}; !slices.Equal(said, want) {
			t.Errorf("%q, want %q", said, want)
		}
	})
}

// TestCameraThatStaysBusy is given up, and one that is busy for a while is not.
func TestCameraThatStaysBusy(t *testing.T) {
	for name, busy := range map[string]time.Duration{"for three seconds": 3 * time.Second, "for good": time.Hour} {
		inBubble(t, sbitest.Config{Kind: "Face"}, func(b *bench) {
			c := b.open().Camera(sbi.Request{})
			defer c.Close()
			b.service.SetFaults(sbitest.Busy)
			mend := time.AfterFunc(busy, func() { b.service.SetFaults() })
			defer mend.Stop()
			c.Shoot()
			var last error
			for p, err := range c.Frames(b.Context()) {
				if last = err; p.Encoded != nil {
					break
				}
			}
			if gone := errors.Is(last, sbi.ErrBusy) && errors.Is(last, device.ErrSilent); gone != (busy == time.Hour) {
				t.Errorf("busy %s: ended with %v", name, last)
			}
		})
	}
}

// TestReady tells a device that is there from a service that has lost its.
func TestReady(t *testing.T) {
	for fault, want := range map[sbitest.Fault]error{
		"": nil, sbitest.Lost: device.ErrUnplugged, sbitest.NotReady: sbi.ErrNotReady, sbitest.Busy: sbi.ErrBusy, sbitest.Hang: device.ErrSilent,
	} {
		inBubble(t, sbitest.Config{}, func(b *bench) {
			d := b.open()
			defer d.Close()
			b.service.SetFaults(fault)
			if err := d.Ready(b.Context()); !errors.Is(err, want) {
				t.Errorf("%q: %v, want %v", fault, err, want)
			}
		})
	}
}

// TestCameraSaysWhyItEnds in the words of the contract and in its own.
func TestCameraSaysWhyItEnds(t *testing.T) {
	for fault, want := range map[sbitest.Fault][2]error{
		sbitest.ForeignIssuer: {sbi.ErrUntrusted, device.ErrGarbled},
		sbitest.ClockOff:      {sbi.ErrClock, device.ErrGarbled},
		sbitest.NotReady:      {sbi.ErrNotReady, device.ErrSilent},
		sbitest.Hang:          {device.ErrSilent, device.ErrSilent},
	} {
		inBubble(t, sbitest.Config{Kind: "Face"}, func(b *bench) {
			c := b.open().Camera(sbi.Request{})
			defer c.Close()
			var last error
			for _, err := range c.Frames(b.Context()) {
				if last = err; err == nil {
					b.service.SetFaults(fault)
					c.Shoot()
				}
			}
			if !errors.Is(last, want[0]) || !errors.Is(last, want[1]) {
				t.Errorf("%s: ended with %v, want %v and %v", fault, last, want[0], want[1])
			}
		})
	}
}
