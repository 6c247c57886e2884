package device_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
)

// A counter is a device that counts, a number a second, as resolutions of empty
// frames. It fails at the number that is set.
type counter struct {
	use    device.Exclusive
	fail   int
	with   error
	asked  int
	closed int
}

func (c *counter) Frames(ctx context.Context) func(func(device.Frame, error) bool) {
	return device.Frames(ctx, &c.use, "counting", c.run)
}

func (c *counter) run(ctx context.Context, yield device.Yield[device.Frame]) error {
	for c.asked++; ; c.asked++ {
		if c.asked == c.fail {
			return c.with
		}
		if err := yield(device.Frame{PPI: [2]int{c.asked, c.asked}}, nil); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the next number: %w", device.ErrSilent) // what a bus says of a transfer cut off
		case <-time.After(time.Second):
		}
	}
}

func (c *counter) Close() error {
	return c.use.Close("the counter", func() error { c.closed++; return nil })
}

// hear reads a sequence and writes down what it said.
func hear(ctx context.Context, c *counter, each func(n int) (more bool)) (said []string) {
	for f, err := range c.Frames(ctx) {
		if err != nil {
			said = append(said, err.Error())
		} else if said = append(said, fmt.Sprint(f.PPI[0])); !each(f.PPI[0]) {
			break
		}
	}
	return said
}

// TestHowASequenceEnds: one that nobody wanted to end says why it did, once, and
// whoever ended it is told nothing.
func TestHowASequenceEnds(t *testing.T) {
	on := func(int) bool { return true }
	short := fmt.Errorf("reading 3 bytes: %w", device.ErrGarbled)
	for _, c := range []struct {
		name string
		c    *counter
		ends func(c *counter, cancel func())
		each func(n int) bool
		want []string
	}{
		{"the context ends while the device is waited for", &counter{}, func(_ *counter, cancel func()) { time.Sleep(1500 * time.Millisecond); cancel() }, on, []string{"1", "2"}},
		{"closed elsewhere", &counter{}, func(c *counter, _ func()) { time.Sleep(1500 * time.Millisecond); c.Close() }, on,
			[]string{"1", "2", "counting: the device was closed: device unplugged"}},
		{"closed elsewhere after the context ended", &counter{}, func(c *counter, cancel func()) { time.Sleep(1500 * time.Millisecond); cancel(); c.Close() }, on, []string{"1", "2"}},
		{"the loop is left", &counter{}, nil, func(n int) bool { return n < 2 }, []string{"1", "2"}},
		{"the loop is left while another closes", &counter{}, func(c *counter, _ func()) { time.Sleep(time.Second); c.Close() },
			func(n int) bool { time.Sleep(1500 * time.Millisecond); return false }, []string{"1"}},
		{"the device fails", &counter{fail: 3, with: short}, nil, on, []string{"1", "2", "counting: reading 3 bytes: device answers with wrong data"}},
		{"the device fails when nobody wants it any more", &counter{fail: 2, with: short}, func(_ *counter, cancel func()) { time.Sleep(500 * time.Millisecond); cancel() }, on, []string{"1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if c.ends != nil {
					go c.ends(c.c, cancel)
				}
				if got := hear(ctx, c.c, c.each); !slices.Equal(got, c.want) {
					t.Errorf("heard %q, want %q", got, c.want)
				}
				synctest.Wait()
			})
		})
	}
}

// TestAfterwards: what a device that ended in some way does when it is asked
// again.
func TestAfterwards(t *testing.T) {
	upTo := func(last int) func(int) bool { return func(n int) bool { return n < last } }
	for _, c := range []struct {
		name  string
		c     *counter
		first func(t *testing.T, c *counter)
		want  string
	}{
		{"left, it goes on", &counter{}, func(t *testing.T, c *counter) { hear(t.Context(), c, upTo(2)) }, "3"},
		{"the loop panicked, it goes on", &counter{}, func(t *testing.T, c *counter) {
			defer func() { _ = recover() }()
			hear(t.Context(), c, func(int) bool { panic("the caller is wrong") })
		}, "2"},
		{"failed, it stays failed", &counter{fail: 1, with: device.ErrSilent}, func(t *testing.T, c *counter) { hear(t.Context(), c, upTo(9)) }, "counting: device does not answer"},
		{"an answer that is no failure, it goes on", &counter{fail: 1, with: errors.New("no finger")}, func(t *testing.T, c *counter) { hear(t.Context(), c, upTo(9)) }, "2"},
		{"closed, it is gone", &counter{}, func(t *testing.T, c *counter) { c.Close() }, "counting: the device was closed: device unplugged"},
		{"failed and closed, it is gone", &counter{fail: 1, with: device.ErrSilent}, func(t *testing.T, c *counter) { hear(t.Context(), c, upTo(9)); c.Close() }, "counting: the device was closed: device unplugged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.first(t, c.c)
				if got := strings.Join(hear(t.Context(), c.c, upTo(c.c.asked)), " "); got != c.want {
					t.Errorf("heard %q, want %q", got, c.want)
				}
			})
		})
	}
}

// TestOneAtATime: a device in use answers nobody else.
func TestOneAtATime(t *testing.T) {
	var c counter
	hear(t.Context(), &c, func(int) bool {
		if err := c.use.Do(t.Context(), "asking", func(context.Context) error { t.Error("called"); return nil }); !errors.Is(err, device.ErrInUse) {
			t.Errorf("a call meanwhile: %v, want %v", err, device.ErrInUse)
		}
		defer func() {
			if said := fmt.Sprint(recover()); !strings.Contains(said, "in use") {
				t.Errorf("a second sequence: %v, want a panic that says in use", said)
			}
		}()
		for range c.Frames(t.Context()) {
			t.Error("a second sequence yielded")
		}
		return false
	})
}

// TestCall: who asks one question is owed an answer, whoever ended it.
func TestCall(t *testing.T) {
	hang := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	for _, c := range []struct {
		name string
		ends func(x *device.Exclusive, cancel func())
		call func(context.Context) error
		want error
	}{
		{"answered", nil, func(context.Context) error { return nil }, nil},
		{"the context ends", func(_ *device.Exclusive, cancel func()) { cancel() }, hang, context.Canceled},
		{"closed elsewhere", func(x *device.Exclusive, _ func()) { x.Close("it", func() error { return nil }) }, hang, device.ErrUnplugged},
		{"answered just when the context ends", func(_ *device.Exclusive, cancel func()) { cancel() }, func(ctx context.Context) error { <-ctx.Done(); return nil }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var x device.Exclusive
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if c.ends != nil {
					time.AfterFunc(time.Second, func() { c.ends(&x, cancel) })
				}
				if err := x.Do(ctx, "asking", c.call); !errors.Is(err, c.want) || c.want == nil && err != nil {
					t.Errorf("Do: %v, want %v", err, c.want)
				}
				synctest.Wait()
			})
		})
	}
}

// TestClose: the device is released once, and not before what runs has ended.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var x device.Exclusive
		var said []string
		go x.Do(t.Context(), "asking", func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(time.Second) // switches the light off
			said = append(said, "ended")
			return ctx.Err()
		})
		synctest.Wait()
		err := x.Close("lamp", func() error { said = append(said, "released"); return device.ErrGarbled })
		if err == nil || err.Error() != "closing lamp: device answers with wrong data" {
			t.Errorf("Close: %v", err)
		}
		if err := x.Close("lamp", func() error { said = append(said, "released"); return nil }); err != nil {
			t.Errorf("a second Close: %v", err)
		}
		if got := strings.Join(said, ", "); got != "ended, released" {
			t.Errorf("happened: %s", got)
		}
	})
}
