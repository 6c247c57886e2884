package mso

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/mso/msotest"
	"optag/device/serialport"
	"optag/device/serialport/serialporttest"
)

func TestContract(t *testing.T) {
	busy := func(t *testing.T, rs232 bool) (*Scanner, bench) {
		b := attach(msotest.Config{RS232: rs232, Tireless: true}, serialporttest.Faults{})
		b.sim.Touch(pattern())
		return open(t, b.line, framing(rs232)), b
	}
	bothFramings(t, func(t *testing.T, rs232 bool) {
		devicetest.TestSource(t, func(t *testing.T) device.Scanner {
			s, _ := busy(t, rs232)
			return s
		})
	})
	t.Run("on a pseudo-terminal", func(t *testing.T) {
		devicetest.TestSource(t, onTerminal)
	})
	t.Run("unplugged", func(t *testing.T) {
		devicetest.TestFailure(t, device.ErrUnplugged, func(t *testing.T) (device.Scanner, func()) {
			s, b := busy(t, false)
			return s, b.line.Unplug
		})
	})
	t.Run("silence", func(t *testing.T) {
		if os.Getenv("OPTAG_SOAK") == "" {
			t.Skip("ten seconds of waiting, done with OPTAG_SOAK=1; TestRandomFaults does it without")
		}
		devicetest.TestFailure(t, device.ErrSilent, func(t *testing.T) (device.Scanner, func()) {
			s, b := busy(t, false)
			return s, b.line.Mute
		})
	})
}

func onTerminal(t *testing.T) device.Scanner {
	far, path := devicetest.Terminal(t)
	port, err := serialport.Open(path, Mode(USB))
	if err != nil {
		t.Fatalf("opening the line: %v", err)
	}
	sim := msotest.Attach(far, msotest.Config{Tireless: true})
	sim.Touch(pattern())
	return open(t, devicetest.Hung{Serial: port, Far: far}, Options{})
}

// TestUnpluggedAtEveryByte: wherever the line is lost, up to the header of a
// picture and in some places of it, the scanner says so.
func TestUnpluggedAtEveryByte(t *testing.T) {
	bothFramings(t, func(t *testing.T, rs232 bool) {
		for at := 1; at < 105000; {
			synctest.Test(t, func(t *testing.T) { faulty(t, rs232, serialporttest.Faults{UnplugAt: at}) })
			if at++; at > 240 && at < 102000 {
				at += 3989
			} else if at > 102000 {
				at += 97
			}
		}
	})
}

// TestRandomFaults: whatever goes wrong on the line, the scanner ends as it
// should, and yields no picture that is not whole, nor one with a wrong bit
// where the framing has a checksum.
func TestRandomFaults(t *testing.T) {
	runs := 80
	if os.Getenv("OPTAG_SOAK") != "" {
		runs = 5000
	}
	bothFramings(t, func(t *testing.T, rs232 bool) {
		for seed := range runs {
			t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(uint64(seed), 4))
				among := []int{250, 250, 103000}[rng.IntN(3)]
				synctest.Test(t, func(t *testing.T) { faulty(t, rs232, serialporttest.Random(rng, among)) })
			})
		}
	})
}

// faulty has a finger scanned over a line with faults.
func faulty(t *testing.T, rs232 bool, faults serialporttest.Faults) {
	t.Helper()
	b := attach(msotest.Config{RS232: rs232, Product: "CBM", Columns: 256, Rows: 400, Tireless: true}, faults)
	s, err := Open(t.Context(), b.line, framing(rs232))
	begun, got := time.Now(), []string(nil)
	if err == nil {
		b.sim.Touch(msotest.Pattern(256, 400))
		got, err = scan(t, s, 1, 40*time.Second, nil)
		s.Close()
	}
	if took := time.Since(begun); took > 30*time.Second {
		t.Errorf("with %+v it took %v", faults, took)
	}
	harmless := faults == serialporttest.Faults{Piece: faults.Piece}
	unseen := !rs232 && faults.FlipAt > 0 // behind USB no checksum tells
	switch {
	case slices.Contains(got, "X") && !unseen:
		t.Errorf("with %+v: %q", faults, got)
	case err != nil && !device.Failed(err), err == nil && len(got) != 1:
		t.Errorf("with %+v: %q, %v", faults, got, err)
	case err != nil && harmless:
		t.Errorf("with %+v: %v", faults, err)
	}
	if b.sim.Wait(); !b.line.Closed() {
		t.Errorf("with %+v the line was left open", faults)
	}
}
