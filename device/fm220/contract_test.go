package fm220

import (
	"os"
	"sync/atomic"
	"testing"
	"time"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/fm220/fm220test"
)

// hurry is a device that takes a picture in a millisecond, for tests in real time.
func hurry(c fm220test.Config) *fm220test.Sim {
	c.ImageTime = time.Millisecond
	return fm220test.New(c)
}

// openFast opens a device whose EEPROM answers at once.
func openFast(t *testing.T, sim *fm220test.Sim) *Scanner {
	t.Helper()
	s, err := openAt(t.Context(), sim, options(), 0)
	if err != nil {
		t.Fatalf("opening: %v", err)
	}
	return s
}

func TestContract(t *testing.T) {
	t.Run("a finger lies", func(t *testing.T) {
		devicetest.TestSource(t, func(t *testing.T) device.Scanner {
			sim := hurry(fm220test.Config{Type: 3})
			touch(sim)
			return openFast(t, sim)
		})
	})
	t.Run("the glass is clear", func(t *testing.T) {
		devicetest.TestSource(t, func(t *testing.T) device.Scanner {
			return openFast(t, hurry(fm220test.Config{}))
		})
	})
}

func TestContractFailures(t *testing.T) {
	t.Run("unplugged", func(t *testing.T) {
		devicetest.TestFailure(t, device.ErrUnplugged, func(t *testing.T) (device.Scanner, func()) {
			sim := hurry(fm220test.Config{})
			return openFast(t, sim), sim.Unplug
		})
	})
	t.Run("wrong data", func(t *testing.T) {
		devicetest.TestFailure(t, device.ErrGarbled, func(t *testing.T) (device.Scanner, func()) {
			var wrong atomic.Bool
			sim := hurry(fm220test.Config{Image: func(_ int, data []byte) []byte {
				if wrong.Load() {
					return data[:imageSize/2]
				}
				return data
			}})
			return openFast(t, sim), func() { wrong.Store(true) }
		})
	})
	t.Run("silence", func(t *testing.T) {
		if os.Getenv("OPTAG_SOAK") == "" {
			t.Skip("eight seconds of waiting, done with OPTAG_SOAK=1; TestFailsAnywhere does it without")
		}
		devicetest.TestFailure(t, device.ErrSilent, func(t *testing.T) (device.Scanner, func()) {
			sim := hurry(fm220test.Config{})
			return openFast(t, sim), sim.Fail
		})
	})
}
