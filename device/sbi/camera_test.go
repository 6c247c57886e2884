package sbi_test

import (
	"errors"
	"testing"
	"time"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/sbi"
	"optag/device/sbi/sbitest"
)

// openCamera opens a simulated camera in real time, as the contract suite needs.
func openCamera(t *testing.T) (*bench, device.Camera) {
	t.Helper()
	b := newBench(t, keys(t), sbitest.Config{Kind: "Face", Every: 5 * time.Millisecond})
	t.Cleanup(b.machine.Close)
	return b, b.open().Camera(sbi.Request{Threshold: 60})
}

func TestContract(t *testing.T) {
	keys(t) // made before goroutines are counted
	devicetest.TestSource(t, func(t *testing.T) device.Camera {
		_, c := openCamera(t)
		return c
	})
	for _, c := range []struct {
		want error
		fail func(*bench)
	}{
		{device.ErrUnplugged, func(b *bench) { b.machine.Stop(4501) }},
		{device.ErrGarbled, func(b *bench) { b.service.SetFaults(sbitest.NoJSON) }},
		{device.ErrSilent, func(b *bench) { b.service.SetFaults(sbitest.NotReady) }},
	} {
		devicetest.TestFailure(t, c.want, func(t *testing.T) (device.Camera, func()) {
			b, camera := openCamera(t)
			return camera, func() { c.fail(b) }
		})
	}
	devicetest.TestAdvice(t, device.LookHere, func(t *testing.T) (device.Camera, func()) {
		b, camera := openCamera(t)
		return camera, func() { b.service.SetFaults(sbitest.Timeout) }
	})
}

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
				previews++
			default:
				if stills++; stills == 1 {
					kept = p
				}
			}
			if stills == 2 {
				break
			}
		}
		if previews < 20 {
			t.Errorf("%d moving pictures before the second still, want some 30", previews)
		}
		if !blank(kept.Encoded) {
			t.Error("a still is not wiped after the next was asked for")
		}
	})
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
				}
			}
			if !errors.Is(last, want[0]) || !errors.Is(last, want[1]) {
				t.Errorf("%s: ended with %v, want %v and %v", fault, last, want[0], want[1])
			}
		})
	}
}
