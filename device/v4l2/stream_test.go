package v4l2

import (
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/v4l2/v4l2test"
)

func TestCounting(t *testing.T) {
	for _, c := range []struct {
		name string
		sim  v4l2test.Config
		want Stats
	}{
		{"all is well", v4l2test.Config{}, Stats{Pictures: 9, Interval: 33 * time.Millisecond}},
		{"two in a row are lost", v4l2test.Config{Frame: func(n int, f *v4l2test.Frame) { f.Lost = n == 3 || n == 4 }},
			Stats{Pictures: 9, Dropped: 2, Interval: 33 * time.Millisecond}},
		{"one is marked faulty", v4l2test.Config{Frame: func(n int, f *v4l2test.Frame) { f.Error = n == 3 }},
			Stats{Pictures: 9, Torn: 1, Interval: 33 * time.Millisecond}},
		{"one is too short", v4l2test.Config{Frame: func(n int, f *v4l2test.Frame) {
			if n == 3 {
				f.Data = f.Data[:len(f.Data)-1]
			}
		}}, Stats{Pictures: 9, Torn: 1, Interval: 33 * time.Millisecond}},
		{"one is empty", v4l2test.Config{Frame: func(n int, f *v4l2test.Frame) {
			if n == 3 {
				f.Data = nil
			}
		}}, Stats{Pictures: 9, Torn: 1, Interval: 33 * time.Millisecond}},
		{"one claims more than a buffer holds", v4l2test.Config{Frame: func(n int, f *v4l2test.Frame) {
			if n == 3 {
				f.Used = 1 << 30
			}
		}}, Stats{Pictures: 9, Torn: 1, Interval: 33 * time.Millisecond}},
		{"the driver does not count", v4l2test.Config{Uncounted: true}, Stats{Pictures: 9, Interval: 33 * time.Millisecond}},
		{"stamps of another clock", v4l2test.Config{OtherClock: true}, Stats{Pictures: 9}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := sim(c.sim)
				cam := open(t, s, small())
				if err := take(t, cam, 9, nil); err != nil {
					t.Fatal(err)
				}
				got := cam.Stats()
				got.Interval = got.Interval.Truncate(time.Millisecond)
				if got.Behind > time.Millisecond {
					t.Errorf("behind by %v", got.Behind)
				}
				got.Behind = 0
				if got != c.want {
					t.Errorf("counted %+v, want %+v", got, c.want)
				}
				shut(t, cam, s)
			})
		})
	}
}

// TestNewest: who looks away for a second is shown what is there now.
func TestNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sim(v4l2test.Config{})
		c := open(t, s, small())
		err := take(t, c, 4, func(i int, p device.Picture) {
			if i == 1 {
				time.Sleep(100 * time.Millisecond) // three more come meanwhile
			}
		})
		if stats := c.Stats(); err != nil || stats.Passed != 2 || stats.Behind > 40*time.Millisecond {
			t.Errorf("error %v, %+v, want 2 passed over", err, stats)
		}
		shut(t, c, s)
	})
}

// TestHeals: what a camera gets over, and what is counted.
func TestHeals(t *testing.T) {
	for _, c := range []struct {
		name string
		call string // whose fourth call fails
		with syscall.Errno
	}{
		{"an error of the bus while a buffer is taken", "DQBUF", syscall.EIO},
		{"the stream was stopped", "DQBUF", syscall.EINVAL},
		{"the camera does not start at once", "STREAMON", syscall.EIO},
		{"polling fails", "poll", syscall.EINVAL},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				all := calls(t, 3)
				slices.Reverse(all)
				s := sim(v4l2test.Config{FailAt: len(all) - slices.Index(all, c.call), FailWith: c.with})
				cam := open(t, s, small())
				if err := take(t, cam, 12, nil); err != nil || cam.Stats().Restarts != 1 {
					t.Errorf("error %v, %+v, want a restart", err, cam.Stats())
				}
				shut(t, cam, s)
			})
		})
	}
}
