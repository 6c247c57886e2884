package ptp

import (
	"context"
	"iter"
	"testing"
	"time"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/ptp/ptptest"
)

// An eager camera takes a still after every picture.
type eager struct{ *Camera }

func (e eager) Frames(ctx context.Context) iter.Seq2[device.Picture, error] {
	return func(yield func(device.Picture, error) bool) {
		e.Shoot()
		for p, err := range e.Camera.Frames(ctx) {
			e.Shoot()
			if !yield(p, err) {
				return
			}
		}
	}
}

// hurry is for tests in real time.
func hurry(kind ptptest.Kind) *ptptest.Sim {
	return sim(ptptest.Config{Kind: kind, CaptureTime: time.Millisecond})
}

func TestContract(t *testing.T) {
	for mode, kind := range kinds() {
		t.Run(mode+", stills", func(t *testing.T) {
			devicetest.TestSource(t, func(t *testing.T) device.Camera { return eager{open(t, hurry(kind), Options{})} })
		})
		if kind == ptptest.Standard {
			continue
		}
		t.Run(mode+", moving pictures", func(t *testing.T) {
			devicetest.TestSource(t, func(t *testing.T) device.Camera { return open(t, hurry(kind), Options{FPS: 100}) })
		})
	}
}

func TestContractFailures(t *testing.T) {
	for mode, kind := range kinds() {
		t.Run(mode+", unplugged", func(t *testing.T) {
			devicetest.TestFailure(t, device.ErrUnplugged, func(t *testing.T) (device.Camera, func()) {
				s := hurry(kind)
				return eager{open(t, s, Options{})}, s.Unplug
			})
		})
		t.Run(mode+", silence", func(t *testing.T) {
			devicetest.TestFailure(t, device.ErrSilent, func(t *testing.T) (device.Camera, func()) {
				s := hurry(kind)
				return eager{open(t, s, Options{Silence: 50 * time.Millisecond})}, s.Fail
			})
		})
	}
}

func TestContractAdvice(t *testing.T) {
	devicetest.TestAdvice(t, device.HoldStill, func(t *testing.T) (device.Camera, func()) {
		s := hurry(ptptest.Standard)
		return eager{open(t, s, Options{})}, func() { s.Refuse(2) }
	})
}
