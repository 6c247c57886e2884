package ptp

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/ptp/ptptest"
)

// TestFails: how soon a camera that is gone, or hangs, is noticed while it does
// nothing.
func TestFails(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault func(*ptptest.Sim)
		want  error
		limit time.Duration
	}{
		{"unplugged", (*ptptest.Sim).Unplug, device.ErrUnplugged, 1100 * time.Millisecond},
		{"hangs", (*ptptest.Sim).Fail, device.ErrSilent, 10 * time.Second},
	} {
		for mode, kind := range kinds() {
			t.Run(mode+", "+c.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := sim(ptptest.Config{Kind: kind, NoLive: true})
					cam := open(t, s, Options{})
					var since time.Time
					time.AfterFunc(500*time.Millisecond, func() { since = time.Now(); c.fault(s) })
					var last error
					for _, err := range cam.Frames(t.Context()) {
						last = err
					}
					if took := time.Since(since); !errors.Is(last, c.want) || took > c.limit {
						t.Errorf("error %v after %v, want %v within %v", last, took, c.want, c.limit)
					}
					for _, err := range cam.Frames(t.Context()) {
						if err != last {
							t.Errorf("a second sequence gives %v, want %v as before", err, last)
						}
					}
					shut(t, cam, s)
				})
			})
		}
	}
}

// TestFaultsEverywhere: at each transfer of a session the camera leaves, falls
// silent, is refused by the bus, or the transfer is cut short.
func TestFaultsEverywhere(t *testing.T) {
	for _, kind := range kinds() {
		transfers, _ := session(t, ptptest.Config{Kind: kind})
		if transfers < 40 {
			t.Fatalf("a session has %d transfers only", transfers)
		}
		for at := 1; at <= transfers; at++ {
			session(t, ptptest.Config{Kind: kind, UnplugAt: at})
			session(t, ptptest.Config{Kind: kind, SilentAt: at})
			session(t, ptptest.Config{Kind: kind, StallAt: at})
			session(t, ptptest.Config{Kind: kind, ShortAt: at, NoPartial: at%2 == 0})
			session(t, ptptest.Config{Kind: kind, LostAt: at})
			session(t, ptptest.Config{Kind: kind, LateAt: at})
		}
	}
}

// TestRandomFaults plays sessions in which several things go wrong, drawn from a
// number that a failure names.
func TestRandomFaults(t *testing.T) {
	n := uint64(300)
	if os.Getenv("OPTAG_SOAK") != "" {
		n = 10000
	}
	taken := 0
	for seed := range n {
		if _, got := session(t, randomFaults(seed)); got > 0 {
			taken++
		}
	}
	t.Logf("%d of %d sessions took pictures", taken, n)
	if taken < int(n)/2 || taken == int(n) {
		t.Errorf("%d of %d sessions took pictures: the faults are too many or too few", taken, n)
	}
}

// randomFaults draws what goes wrong.
func randomFaults(seed uint64) ptptest.Config {
	r := rand.New(rand.NewPCG(seed, 5))
	half := func() bool { return r.IntN(2) == 0 }
	rarely := func(most int) int {
		if r.IntN(7) > 0 {
			return 0
		}
		return 1 + r.IntN(most)
	}
	return ptptest.Config{
		Seed: seed, Kind: ptptest.Kind(r.IntN(3)), OnCard: r.IntN(5),
		CaptureTime: time.Duration(1+r.IntN(2000)) * time.Millisecond,
		NoPartial:   half(), NoEvents: rarely(2) == 1, NoLive: half(), NoCard: rarely(2) == 1, NoEnd: half(), HeaderAlone: half(),
		Raw: half(), Refuse: rarely(3), Busy: rarely(3), NotReady: rarely(9), NotDeleted: rarely(2) == 1, SessionOpen: half(),
		Empty: rarely(3), SizeOff: rarely(16)%9 - rarely(4), NoConfig: rarely(4) == 1,
		UnplugAt: rarely(150), SilentAt: rarely(150), StallAt: rarely(150), ShortAt: rarely(80), LostAt: rarely(60), LateAt: rarely(60),
		GarbleAt: rarely(120), Garble: func(b []byte) []byte {
			at := min(len(b), 40)
			if len(b) > 400 { // the bus has sums against changes in the midst of a file
				at = 12
			}
			b[r.IntN(at)] ^= 1 << r.IntN(8)
			return b
		},
	}
}

// session opens a camera, looks through it, takes two stills and closes it.
func session(t *testing.T, c ptptest.Config) (transfers, stills int) {
	t.Helper()
	what := fmt.Sprintf("seed %d, kind %d, unplugged %d, silent %d, stalled %d, short %d, lost %d, late %d, garbled %d",
		c.Seed, c.Kind, c.UnplugAt, c.SilentAt, c.StallAt, c.ShortAt, c.LostAt, c.LateAt, c.GarbleAt)
	synctest.Test(t, func(t *testing.T) {
		s := sim(c)
		begun := time.Now()
		cam, err := Open(t.Context(), s, Options{})
		if err == nil {
			err = play(t, what, cam)
			stills = cam.Stats().Stills
			if err := cam.Close(); err != nil {
				t.Errorf("%s: closing: %v", what, err)
			}
		}
		if err != nil && !errors.Is(err, device.ErrUnplugged) && !errors.Is(err, device.ErrSilent) && !errors.Is(err, device.ErrGarbled) {
			t.Errorf("%s: %v, which is none of the errors promised", what, err)
		}
		if took := time.Since(begun); took > 90*time.Second {
			t.Errorf("%s: took %v", what, took)
		}
		if !s.Gone() {
			t.Errorf("%s: the bus is open", what)
		}
		transfers = s.Transfers()
	})
	return transfers, stills
}

// play takes a few pictures in two sequences.
func play(t *testing.T, what string, cam *Camera) error {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for range 2 {
		i := 0
		cam.Shoot()
		for p, err := range cam.Frames(ctx) {
			if errors.As(err, new(device.Retry)) {
				continue
			}
			if err != nil {
				return err
			}
			if p.Encoded != nil && !among(p.Encoded, shots()) {
				t.Errorf("%s: picture %d is none the camera took", what, i)
			}
			if i++; i == 4 || !cam.Moves() {
				break
			}
		}
	}
	return nil
}
