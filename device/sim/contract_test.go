package sim_test

import (
	"image"
	"sync"
	"testing"
	"time"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/sim"
	"optag/testdata/gen"
)

// quick options: small images, many a second.
var (
	quickScanner = sim.Options{FPS: 60, Silence: 100 * time.Millisecond, Person: 7, Grow: grown}
	quickCamera  = sim.CameraOptions{FPS: 60, Silence: 100 * time.Millisecond, Person: 7,
		Preview: image.Pt(240, 320), Still: image.Pt(311, 400),
		Steady: time.Millisecond, StillEvery: 40 * time.Millisecond}
)

// grown keeps the fingers that the tests have in common.
var grown = func() func(gen.Person, gen.Position) *gen.Finger {
	type key struct {
		person gen.Person
		pos    gen.Position
	}
	var mu sync.Mutex
	fingers := map[key]*gen.Finger{}
	return func(p gen.Person, pos gen.Position) *gen.Finger {
		mu.Lock()
		defer mu.Unlock()
		k := key{p, pos}
		if fingers[k] == nil {
			fingers[k] = p.Finger(pos)
		}
		return fingers[k]
	}
}()

func openScanner(t *testing.T, s *sim.Scanner) device.Scanner {
	t.Helper()
	d, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func openCamera(t *testing.T, c *sim.Camera) device.Camera {
	t.Helper()
	d, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestContract(t *testing.T) {
	t.Run("scanner with a clear glass", func(t *testing.T) {
		devicetest.TestSource(t, func(t *testing.T) device.Scanner {
			return openScanner(t, sim.NewScanner(quickScanner))
		})
	})
	t.Run("scanner with a finger", func(t *testing.T) {
		s := sim.NewScanner(quickScanner)
		s.Place(gen.RightIndex, gen.Conditions{})
		devicetest.TestSource(t, func(t *testing.T) device.Scanner { return openScanner(t, s) })
	})
	t.Run("camera with nobody before it", func(t *testing.T) {
		devicetest.TestSource(t, func(t *testing.T) device.Camera {
			return openCamera(t, sim.NewCamera(quickCamera))
		})
	})
	t.Run("camera with a person", func(t *testing.T) {
		c := sim.NewCamera(quickCamera)
		c.Place(gen.Pose{})
		devicetest.TestSource(t, func(t *testing.T) device.Camera { return openCamera(t, c) })
	})
}

func TestFailures(t *testing.T) {
	for _, c := range []struct {
		fault sim.Fault
		want  error
	}{
		{sim.Unplugged, device.ErrUnplugged},
		{sim.Silent, device.ErrSilent},
		{sim.Garbled, device.ErrGarbled},
	} {
		t.Run("scanner "+string(c.fault), func(t *testing.T) {
			devicetest.TestFailure(t, c.want, func(t *testing.T) (device.Scanner, func()) {
				s := sim.NewScanner(quickScanner)
				return openScanner(t, s), func() { s.Fail(c.fault) }
			})
		})
		t.Run("camera "+string(c.fault), func(t *testing.T) {
			devicetest.TestFailure(t, c.want, func(t *testing.T) (device.Camera, func()) {
				s := sim.NewCamera(quickCamera)
				return openCamera(t, s), func() { s.Fail(c.fault) }
			})
		})
	}
}

func TestAdvice(t *testing.T) {
	t.Run("scanner", func(t *testing.T) {
		devicetest.TestAdvice(t, device.PressHarder, func(t *testing.T) (device.Scanner, func()) {
			s := sim.NewScanner(quickScanner)
			return openScanner(t, s), func() { s.Advise(device.PressHarder) }
		})
	})
	t.Run("camera", func(t *testing.T) {
		devicetest.TestAdvice(t, device.LookHere, func(t *testing.T) (device.Camera, func()) {
			s := sim.NewCamera(quickCamera)
			return openCamera(t, s), func() { s.Advise(device.LookHere) }
		})
	})
}
