package v4l2

import (
	"context"
	"image"
	"iter"
	"sync/atomic"
	"testing"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/v4l2/v4l2test"
)

// An eager camera takes a still after every picture.
type eager struct{ *Camera }

func (e eager) Frames(ctx context.Context) iter.Seq2[device.Picture, error] {
	return func(yield func(device.Picture, error) bool) {
		e.Shoot()
		for p, err := range e.Camera.Frames(ctx) {
			if p.Encoded == nil {
				e.Shoot()
			}
			if !yield(p, err) {
				return
			}
		}
	}
}

func TestContract(t *testing.T) {
	fast := v4l2test.Config{Faster: 10}
	for _, c := range []struct {
		name string
		open func(*testing.T) device.Camera
	}{
		{"YUYV", func(t *testing.T) device.Camera { return open(t, sim(fast), small()) }},
		{"motion JPEG", func(t *testing.T) device.Camera {
			o := small()
			o.Preview = image.Pt(640, 480)
			return open(t, sim(fast), o)
		}},
		{"stills", func(t *testing.T) device.Camera { return eager{open(t, sim(fast), small())} }},
	} {
		t.Run(c.name, func(t *testing.T) { devicetest.TestSource(t, c.open) })
	}
}

func TestContractFailures(t *testing.T) {
	t.Run("unplugged", func(t *testing.T) {
		devicetest.TestFailure(t, device.ErrUnplugged, func(t *testing.T) (device.Camera, func()) {
			s := sim(v4l2test.Config{Faster: 10})
			return open(t, s, small()), s.Unplug
		})
	})
	t.Run("silence", func(t *testing.T) {
		devicetest.TestFailure(t, device.ErrSilent, func(t *testing.T) (device.Camera, func()) {
			s := sim(v4l2test.Config{Faster: 10})
			o := small()
			o.Silence = 1e8
			return open(t, s, o), s.Silence
		})
	})
	t.Run("wrong data", func(t *testing.T) {
		devicetest.TestFailure(t, device.ErrGarbled, func(t *testing.T) (device.Camera, func()) {
			var wrong atomic.Bool
			s := sim(v4l2test.Config{Faster: 10, Frame: func(_ int, f *v4l2test.Frame) {
				if wrong.Load() {
					f.Data = f.Data[:len(f.Data)/2]
				}
			}})
			o := small()
			o.Silence = 1e8
			return open(t, s, o), func() { wrong.Store(true) }
		})
	})
}
