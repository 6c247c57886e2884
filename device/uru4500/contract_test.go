package uru4500

import (
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/tape"
	"optag/device/uru4500/uru4500test"
)

// hurry is a device that takes an image in 5 ms, for tests in real time.
func hurry(c uru4500test.Config) *uru4500test.Sim {
	c.ImageDelay = -125 * time.Millisecond
	return small(c)
}

func TestContract(t *testing.T) {
	t.Run("a finger lies", func(t *testing.T) {
		devicetest.TestSource(t, func(t *testing.T) device.Scanner {
			sim := hurry(uru4500test.Config{})
			touch(sim)
			return open(t, sim, options())
		})
	})
	t.Run("resampled", func(t *testing.T) {
		devicetest.TestSource(t, func(t *testing.T) device.Scanner {
			sim := hurry(uru4500test.Config{})
			touch(sim)
			o := options()
			o.PPI = [2]float64{540, 370}
			return open(t, sim, o)
		})
	})
	t.Run("the glass is clear", func(t *testing.T) {
		if testing.Short() {
			t.Skip("not with -short: six seconds of waiting")
		}
		devicetest.TestSource(t, func(t *testing.T) device.Scanner {
			return open(t, hurry(uru4500test.Config{}), options())
		})
	})
}

func TestContractFailures(t *testing.T) {
	t.Run("unplugged", func(t *testing.T) {
		devicetest.TestFailure(t, device.ErrUnplugged, func(t *testing.T) (device.Scanner, func()) {
			sim := hurry(uru4500test.Config{})
			touch(sim)
			return open(t, sim, options()), sim.Unplug
		})
	})
	t.Run("wrong data", func(t *testing.T) {
		devicetest.TestFailure(t, device.ErrGarbled, func(t *testing.T) (device.Scanner, func()) {
			var wrong atomic.Bool
			sim := hurry(uru4500test.Config{Image: func(_ int, data []byte) []byte {
				if wrong.Load() {
					data[atLines+1] = 0xff
				}
				return data
			}})
			touch(sim)
			return open(t, sim, options()), func() { wrong.Store(true) }
		})
	})
	t.Run("silence", func(t *testing.T) {
		if os.Getenv("OPTAG_SOAK") == "" {
			t.Skip("a quarter of a minute of waiting, done with OPTAG_SOAK=1; TestSilentAnywhere does it without")
		}
		devicetest.TestFailure(t, device.ErrSilent, func(t *testing.T) (device.Scanner, func()) {
			sim := hurry(uru4500test.Config{})
			touch(sim)
			return open(t, sim, options()), sim.Fail
		})
	})
}

// TestTranscripts plays conversations that stand in testdata, written by hand
// after the order of a real device's, with pictures of a few lines.
func TestTranscripts(t *testing.T) {
	for _, c := range []struct {
		file   string
		frames int    // the loop is left after so many
		want   string // F a finger, c a clear glass
	}{
		{"touch.transcript", 2, "Fc"},
		{"trouble.transcript", 1, "F"},
	} {
		t.Run(c.file, func(t *testing.T) {
			f, err := os.Open("testdata/" + c.file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			dev, err := tape.PlayText(f)
			if err != nil {
				t.Fatal(err)
			}
			o := options()
			o.Images = 1
			o.Random = strings.NewReader("\x24\x21\xea\x51\x01\x02\x03\x04")
			s, err := Open(t.Context(), dev, o)
			if err != nil {
				t.Fatalf("Open: %v", err)
			}
			if got, err := scan(t.Context(), s, nil, nil, c.frames); got != c.want || err != nil {
				t.Errorf("frames %q, error %v, want %q and none", got, err, c.want)
			}
			if err := s.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
}
