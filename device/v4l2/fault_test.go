package v4l2

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/v4l2/v4l2test"
)

// calls are those of a session of n pictures, closing included.
func calls(t *testing.T, n int) []string {
	s := sim(v4l2test.Config{})
	c := open(t, s, small())
	if err := take(t, c, n, nil); err != nil {
		t.Fatal(err)
	}
	shut(t, c, s)
	return s.Calls()
}

func TestFails(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault func(*v4l2test.Sim)
		want  error
		limit time.Duration // from the fault to the error
	}{
		{"unplugged", (*v4l2test.Sim).Unplug, device.ErrUnplugged, 100 * time.Millisecond},
		{"hangs", (*v4l2test.Sim).Silence, device.ErrSilent, 4100 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := sim(v4l2test.Config{})
				cam := open(t, s, small())
				var since time.Time
				err := take(t, cam, 100, func(i int, _ device.Picture) {
					if i == 3 {
						since = time.Now()
						c.fault(s)
					}
				})
				if took := time.Since(since); !errors.Is(err, c.want) || took > c.limit {
					t.Errorf("error %v after %v, want %v within %v", err, took, c.want, c.limit)
				}
				if again := take(t, cam, 1, nil); again != err {
					t.Errorf("a second sequence gives %v, want %v as before", again, err)
				}
				shut(t, cam, s)
			})
		})
	}
}

// TestAnotherProgram: the camera is held, and works as soon as it is let go.
func TestAnotherProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sim(v4l2test.Config{})
		s.Busy(true)
		_, err := Open(t.Context(), opener(s), found(), small())
		if !errors.Is(err, ErrBusy) || !errors.Is(err, device.ErrSilent) {
			t.Errorf("Open: %v, want ErrBusy and ErrSilent", err)
		}
		s.Busy(false)
		c := open(t, s, small())
		s.Busy(true)
		if err := take(t, c, 1, nil); !errors.Is(err, ErrBusy) {
			t.Errorf("Frames: %v, want ErrBusy", err)
		}
		shut(t, c, s)
		s.Busy(false)
		c = open(t, s, small())
		if err := take(t, c, 3, nil); err != nil {
			t.Errorf("after the other let go: %v", err)
		}
		shut(t, c, s)
	})
}

// TestStuckInTheKernel: a call that does not return leaves the camera silent,
// and all is given back when it does.
func TestStuckInTheKernel(t *testing.T) {
	for _, call := range []string{"open", "QUERYCAP", "S_FMT", "S_CTRL", "REQBUFS", "mmap", "STREAMON", "STREAMOFF", "close"} {
		t.Run(call, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := sim(v4l2test.Config{HangAt: slices.Index(calls(t, 2), call) + 1})
				begun := time.Now()
				c, err := Open(t.Context(), opener(s), found(), small())
				if err == nil {
					err = take(t, c, 2, nil)
					err = errors.Join(err, c.Close())
				}
				if took := time.Since(begun); took > 9*time.Second {
					t.Errorf("gave up after %v", took)
				}
				if call != "STREAMOFF" && !errors.Is(err, device.ErrSilent) {
					t.Errorf("error %v, want %v", err, device.ErrSilent)
				}
				s.Release()
				synctest.Wait()
				if left := s.Left(); left != "" {
					t.Errorf("after the call returned: %s", left)
				}
			})
		})
	}
}

// ways are the errors of the kernel that calls fail with.
func ways() []syscall.Errno {
	return []syscall.Errno{syscall.EIO, syscall.ENODEV, syscall.EBUSY, syscall.EINVAL, syscall.EAGAIN, syscall.ENOMEM, syscall.EPIPE, syscall.ENOSPC, syscall.EPROTO, syscall.ETIMEDOUT}
}

// TestFaultsEverywhere: each call of a session fails in some way, once and for
// good, or is the one in which the camera leaves. What comes out is a picture
// the camera took, or one of the errors that are promised.
func TestFaultsEverywhere(t *testing.T) {
	calls := session(t, v4l2test.Config{})
	if calls < 60 {
		t.Fatalf("a session has %d calls only", calls)
	}
	for at := 1; at <= calls; at++ {
		session(t, v4l2test.Config{FailAt: at, FailWith: ways()[at%len(ways())]})
		session(t, v4l2test.Config{FailAt: at, FailWith: ways()[at/2%len(ways())], FailFor: 1000})
		session(t, v4l2test.Config{UnplugAt: at})
	}
}

// TestRandomFaults plays sessions in which several things go wrong, drawn from a
// number that a failure names.
func TestRandomFaults(t *testing.T) {
	n := uint64(200)
	if os.Getenv("OPTAG_SOAK") != "" {
		n = 10000
	}
	for seed := range n {
		session(t, randomFaults(seed))
	}
}

// randomFaults draws what goes wrong.
func randomFaults(seed uint64) v4l2test.Config {
	r := rand.New(rand.NewPCG(seed, 4))
	c := v4l2test.Config{Seed: seed, Uncounted: r.IntN(8) == 0, OtherClock: r.IntN(8) == 0}
	if r.IntN(2) == 0 {
		c.FailAt, c.FailFor, c.FailWith = 1+r.IntN(160), 1+r.IntN(8), ways()[r.IntN(len(ways()))]
	}
	switch r.IntN(6) {
	case 0:
		c.UnplugAt = 1 + r.IntN(160)
	case 1:
		c.HangAt = 1 + r.IntN(160)
	}
	if r.IntN(2) == 0 {
		c.Formats = []v4l2test.Format{{Letters: "MJPG", Sizes: []v4l2test.Size{{Width: 160, Height: 120}, {Width: 320, Height: 240}}}}
	}
	rate := r.IntN(3)
	c.Frame = func(n int, f *v4l2test.Frame) {
		switch r.IntN(40) * (3 - rate) {
		case 0:
			f.Lost = true
		case 1, 2:
			f.Error = true
			f.Data = f.Data[:r.IntN(len(f.Data))]
		case 3, 6:
			f.Data = f.Data[:r.IntN(len(f.Data)-100)]
		case 4:
			f.Used = 1 + r.IntN(1<<31)
		case 5:
			f.Index = 1 + r.IntN(40)
		case 8, 9: // a piece is lost on the bus
			lost := 188 + r.IntN(1000) // a packet of the smallest size in use, and more
			at := r.IntN(max(1, len(f.Data)-lost-100))
			f.Data = slices.Delete(slices.Clone(f.Data), at, min(len(f.Data), at+lost))
		}
	}
	return c
}

// session opens a camera, takes a few pictures and a still, and closes it.
func session(t *testing.T, c v4l2test.Config) (calls int) {
	t.Helper()
	what := fmt.Sprintf("seed %d, call %d for %d times %v, hung %d, unplugged %d", c.Seed, c.FailAt, c.FailFor, c.FailWith, c.HangAt, c.UnplugAt)
	synctest.Test(t, func(t *testing.T) {
		s := sim(c)
		begun := time.Now()
		cam, err := Open(t.Context(), opener(s), found(), small())
		if err == nil {
			err = play(t, cam)
			if err := cam.Close(); err != nil && c.HangAt == 0 {
				t.Errorf("%s: closing: %v", what, err)
			}
		}
		if err != nil && !device.Failed(err) {
			t.Errorf("%s: %v, which is none of the errors promised", what, err)
		}
		if took := time.Since(begun); took > 30*time.Second {
			t.Errorf("%s: took %v", what, took)
		}
		s.Release()
		synctest.Wait()
		if left := s.Left(); left != "" {
			t.Errorf("%s: %s", what, left)
		}
		calls = len(s.Calls())
	})
	return calls
}

// play takes pictures in two sequences, a still in the first.
func play(t *testing.T, cam *Camera) error {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for range 2 {
		i := 0
		for p, err := range cam.Frames(ctx) {
			if err != nil {
				return err
			}
			if shows(t, p) < 0 {
				t.Errorf("picture %d is none the camera took", i)
			}
			if i == 1 {
				cam.Shoot()
			}
			if i++; i == 4 {
				break
			}
		}
	}
	return nil
}
