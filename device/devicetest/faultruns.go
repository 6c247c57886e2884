package devicetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/tape"
)

// Variables of the environment: soakVar lengthens a run, seedVar names the one
// sequence that is repeated.
const (
	soakVar = "OPTAG_SOAK"
	seedVar = "OPTAG_FAULT_SEED"

	soakRuns = 10_000
)

// A Simulated is a simulated fingerprint scanner on its bus.
type Simulated interface {
	device.USB
	Gone() bool // it was closed, or left the bus
}

// A Rig is a driver and what it drives, for [TestFaults].
type Rig struct {
	// Plug plugs in a new device with a picture on its glass: 0 is none, and
	// others are counted from 1 to len(Pictures)-1. The function it returns
	// changes the picture.
	Plug func(picture int) (dev Simulated, lay func(picture int))

	// Open opens the driver, which owns the bus from here on.
	Open func(ctx context.Context, bus device.USB) (device.Scanner, error)

	// Pictures are the frames of each picture, the clear glass first.
	Pictures []*image.Gray

	// Lie, where not nil, alters data from the device; see [Disturb].
	Lie func(op tape.Op, r *rand.Rand)

	// Runs is how many sequences are run without OPTAG_SOAK=1; with -short it
	// is a quarter of them.
	Runs int
}

// Limits of a sequence, in its own time.
const (
	troubled  = 4 * time.Second        // things go wrong for so long
	recovered = 2 * time.Second        // to the right frame, from the end of trouble
	looking   = 100 * time.Millisecond // from a failure to the next look at the bus
	stale     = 2 * time.Second        // a frame may show the glass as it was so long ago
	overall   = time.Minute
)

// TestFaults runs random sequences of faults while fingers come and go, with a
// station's loop around the driver: open, take frames, close after a failure,
// look again. Every frame must be a picture that lay on the glass; two seconds
// after the last fault, with the device plugged in, the right one must be there;
// every device that was opened must be closed, and no goroutine be left. With
// OPTAG_SOAK=1 there are 10,000 sequences; OPTAG_FAULT_SEED repeats one.
func TestFaults(t *testing.T, rig Rig) {
	runs, first := rig.Runs, 1
	switch {
	case os.Getenv(soakVar) != "":
		runs = soakRuns
	case testing.Short():
		runs = max(1, runs/4)
	}
	if s := os.Getenv(seedVar); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("%s=%q: %v", seedVar, s, err)
		}
		runs, first = 1, n
	}
	counts := map[string]int{}
	var took []time.Duration
	for seed := first; seed < first+runs && !t.Failed(); seed++ {
		synctest.Test(t, func(t *testing.T) {
			r := newFaultRun(t, rig, uint64(seed))
			took = append(took, r.run())
			addCounts(counts, r.counts)
		})
	}
	slices.Sort(took)
	t.Logf("%d sequences, faults %v; right again after %v (median), %v (worst)", len(took), counts, took[len(took)/2], took[len(took)-1])
}

// A faultRun is one sequence.
type faultRun struct {
	t      *testing.T
	rig    Rig
	seed   uint64
	r      *rand.Rand
	rate   float64
	until  time.Time
	counts map[string]int

	dev    Simulated
	lay    func(int)
	opened []Simulated
	glass  []laid // what lay on the glass, in the order of time
	good   time.Time
}

// A laid is a picture on the glass from a time on.
type laid struct {
	picture int
	from    time.Time
}

func newFaultRun(t *testing.T, rig Rig, seed uint64) *faultRun {
	r := rand.New(rand.NewPCG(seed, 0xfa017))
	rates := []float64{0.003, 0.01, 0.03, 0.1, 0.3}
	f := &faultRun{t: t, rig: rig, seed: seed, r: r, rate: rates[r.IntN(len(rates))], counts: map[string]int{}}
	f.until = time.Now().Add(troubled)
	f.glass = []laid{{0, time.Now()}}
	f.plug()
	return f
}

func (f *faultRun) errorf(format string, args ...any) {
	f.t.Helper()
	f.t.Errorf("%s=%d, %v in: %s", seedVar, f.seed, time.Since(f.until)+troubled, fmt.Sprintf(format, args...))
}

// plug plugs in a new device, with what lies on the glass.
func (f *faultRun) plug() {
	f.dev, f.lay = f.rig.Plug(f.glass[len(f.glass)-1].picture)
}

// run runs the sequence and returns how long after the last fault the right
// frame was there.
func (f *faultRun) run() time.Duration {
	ctx, cancel := context.WithTimeout(f.t.Context(), overall)
	defer cancel()
	for f.good.IsZero() && ctx.Err() == nil {
		f.attempt(ctx)
		f.fingers()
		time.Sleep(looking)
		if f.dev.Gone() && (f.r.IntN(10) == 0 || !time.Now().Before(f.until)) {
			f.plug()
		}
	}
	took := f.good.Sub(f.until)
	if f.good.IsZero() || took > recovered {
		f.errorf("the right frame came %v after the last fault, want within %v", took, recovered)
	}
	for i, d := range f.opened {
		if !d.Gone() {
			f.errorf("device %d of %d is still open", i+1, len(f.opened))
		}
	}
	return took
}

// attempt opens the device and takes frames until it fails, the caller wants no
// more, or all is well.
func (f *faultRun) attempt(ctx context.Context) {
	if f.dev.Gone() {
		return
	}
	f.opened = append(f.opened, f.dev)
	bus := Disturb(f.dev, f.r.Uint64(), f.rate, f.until, f.rig.Lie)
	defer func() { addCounts(f.counts, bus.Counts()) }()
	s, err := f.rig.Open(ctx, bus)
	if err != nil {
		f.checkError(err)
		return
	}
	for f.good.IsZero() && ctx.Err() == nil {
		if err := f.frames(ctx, s); err != nil {
			f.checkError(err)
			break
		}
	}
	if err := s.Close(); err != nil {
		f.errorf("closing: %v", err)
	}
}

// frames runs one sequence of the driver.
func (f *faultRun) frames(ctx context.Context, s device.Scanner) error {
	if time.Now().Before(f.until) && f.r.IntN(3) == 0 {
		var cancel func()
		ctx, cancel = context.WithTimeout(ctx, time.Duration(f.r.Int64N(int64(troubled))))
		defer cancel()
	}
	for frame, err := range s.Frames(ctx) {
		if err != nil {
			return err
		}
		f.check(frame)
		f.fingers()
		if !f.good.IsZero() || f.r.IntN(50) == 0 {
			return nil
		}
	}
	return nil
}

// checkError: what ends a sequence is one of three.
func (f *faultRun) checkError(err error) {
	for _, want := range []error{device.ErrUnplugged, device.ErrSilent, device.ErrGarbled} {
		if errors.Is(err, want) {
			return
		}
	}
	f.errorf("failed with %v, which says nothing", err)
}

// fingers has a finger come or go now and then; the last one, when trouble is
// over, stays.
func (f *faultRun) fingers() {
	last := f.glass[len(f.glass)-1]
	over := !time.Now().Before(f.until)
	next := 0
	switch {
	case over && last.from.Before(f.until):
		next = 1 + (last.picture+1)%(len(f.rig.Pictures)-1)
	case over, f.r.IntN(4) > 0:
		return
	case last.picture == 0:
		next = 1 + f.r.IntN(len(f.rig.Pictures)-1)
	}
	f.glass = append(f.glass, laid{next, time.Now()})
	f.lay(next)
}

// check compares a frame with what lay on the glass.
func (f *faultRun) check(frame device.Frame) {
	now := time.Now()
	last := len(f.glass) - 1
	if !frame.Contact {
		if !samePixels(frame.Image, f.rig.Pictures[0]) {
			f.errorf("a frame of a clear glass is not clear")
		}
		return
	}
	for i, end := last, now; i >= 0 && now.Sub(end) <= stale; i-- {
		if samePixels(frame.Image, f.rig.Pictures[f.glass[i].picture]) {
			if i == last && !f.glass[i].from.Before(f.until) {
				f.good = now
			}
			return
		}
		end = f.glass[i].from
	}
	f.errorf("a wrong frame")
}

func samePixels(a, b *image.Gray) bool {
	return a.Rect == b.Rect && a.Stride == b.Stride && bytes.Equal(a.Pix, b.Pix)
}
