package station

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/sim"
	"optag/ui/flow"
	"optag/ui/preview"
)

// A plugBoard is the part of a station that looks after devices, in a bubble.
type plugBoard struct {
	*Station
	hw      *sim.Scanner
	cam     *sim.Camera
	opened  atomic.Int32 // how often the scanner was opened
	changed chan int
}

// setUp starts watching. buses says whether the buses can be looked at.
func setUp(t *testing.T, buses bool, amend ...func(*Options)) *plugBoard {
	d := &plugBoard{hw: sim.NewScanner(sim.Options{}), cam: sim.NewCamera(sim.CameraOptions{}), changed: make(chan int, 64)}
	s := &Station{Finger: preview.New(), tech: slog.New(slog.DiscardHandler), inbox: make(chan func(), 64), done: make(chan struct{}),
		counter: flow.New(flow.Station{}, flow.Settings{Language: "en"})}
	s.opt = Options{Now: time.Now, OpenCamera: d.cam.Open,
		OpenScanner: func() (device.Scanner, error) { d.opened.Add(1); return d.hw.Open() }}
	if buses {
		s.opt.Buses = func() string { return fmt.Sprint(d.hw.Plugged(), d.cam.Plugged()) }
	}
	for _, a := range amend {
		a(&s.opt)
	}
	s.seen.whole = map[string]bool{"outside": true}
	ctx, stop := context.WithCancel(t.Context())
	s.ctx, d.Station = ctx, s
	s.scanner, s.camera = newScannerLoop(s), newCameraLoop(s)
	s.screens = func(st *flow.State) { d.changed <- st.Status.Devices }
	if s.opt.OpenReader != nil {
		s.reader = newReaderLoop(s)
		s.reader.start()
	}
	s.background(s.watchDevices)
	go func() {
		for {
			select {
			case work := <-s.inbox:
				work()
			case <-s.done:
				return
			}
		}
	}()
	t.Cleanup(func() {
		stop()
		s.helpers.Wait()
		s.Finger.Close()
		close(s.done)
	})
	return d
}

// within waits until so many devices are told of, at most two seconds.
func (d *plugBoard) within(t *testing.T, what string, want int) {
	t.Helper()
	begun := time.Now()
	for {
		select {
		case got := <-d.changed:
			if got == want {
				t.Logf("%s: shown after %v", what, time.Since(begun))
				return
			}
		case <-time.After(time.Until(begun.Add(2 * time.Second))):
			t.Fatalf("%s: %d devices are not shown within two seconds", what, want)
		}
	}
}

func TestHotPlug(t *testing.T) {
	for name, buses := range map[string]bool{"where the buses can be looked at": true, "where they cannot": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := setUp(t, buses)
				d.within(t, "at the start", 2)
				time.Sleep(20 * time.Second)
				if buses && d.opened.Load() != 1 {
					t.Errorf("the scanner at rest was opened %d times", d.opened.Load())
				}
				d.hw.Unplug()
				d.within(t, "the scanner is pulled out", 1)
				time.Sleep(5 * time.Second)
				d.hw.Replug()
				d.within(t, "the scanner is plugged in", 2)
				d.cam.Unplug()
				d.within(t, "the camera is pulled out", 1)
				d.cam.Replug()
				d.within(t, "the camera is plugged in", 2)
			})
		})
	}
}

// TestLostInUse: a device that is being read is back within two seconds after
// what was wrong with it is over, whatever it was.
func TestLostInUse(t *testing.T) {
	for _, c := range []struct {
		name        string
		wrong, mend func(*sim.Scanner)
	}{
		{"pulled out", (*sim.Scanner).Unplug, (*sim.Scanner).Replug},
		{"silent", func(s *sim.Scanner) { s.Fail(sim.Silent) }, (*sim.Scanner).Recover},
		{"sends rubbish once", func(s *sim.Scanner) { s.Fail(sim.Garbled) }, func(*sim.Scanner) {}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := setUp(t, true)
				d.within(t, "at the start", 2)
				loop := d.scanner.(*scannerLoop)
				loop.start()
				defer loop.end()
				time.Sleep(time.Second)
				c.wrong(d.hw)
				time.Sleep(10 * time.Second)
				c.mend(d.hw)
				time.Sleep(2*time.Second - time.Millisecond)
				if _, known := loop.last(); !known {
					t.Error("the scanner is not back")
				}
			})
		})
	}
}

// TestCameraOnNoBus: one behind a service is asked again and again, and the rest
// is left alone.
func TestCameraOnNoBus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := setUp(t, true, func(o *Options) { o.AskCamera, o.Buses = true, func() string { return "" } })
		d.within(t, "at the start", 2)
		d.cam.Unplug()
		d.within(t, "the service loses its camera", 1)
		time.Sleep(10 * time.Second)
		d.cam.Replug()
		d.within(t, "the service has it again", 2)
		if n := d.opened.Load(); n != 1 {
			t.Errorf("the scanner at rest was opened %d times", n)
		}
	})
}
