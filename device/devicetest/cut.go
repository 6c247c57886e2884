package devicetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"optag/device"
)

// A cutter takes a device from the bus in the midst of one transfer.
type cutter struct {
	device.USB
	at    int           // the transfer, from 1
	after func(int) int // of so many bytes, how many still arrive

	mu    sync.Mutex // protects count
	count int        // of transfers begun
}

// move performs a transfer, or the part of it that comes before the cut.
func (c *cutter) move(buf []byte, in bool, pass func() (int, error)) (int, error) {
	c.mu.Lock()
	c.count++
	now := c.count == c.at
	c.mu.Unlock()
	n, err := pass()
	if !now {
		return n, err
	}
	_ = c.USB.Close()
	less := min(c.after(n), n)
	if in {
		clear(buf[less:])
	}
	return less, fmt.Errorf("cut off after %d of %d bytes: %w", less, n, device.ErrUnplugged)
}

func (c *cutter) Control(ctx context.Context, requestType, request uint8, value, index uint16, data []byte) (int, error) {
	return c.move(data, requestType&0x80 != 0, func() (int, error) {
		return c.USB.Control(ctx, requestType, request, value, index, data)
	})
}

func (c *cutter) Interrupt(ctx context.Context, endpoint uint8, buf []byte) (int, error) {
	return c.move(buf, endpoint&0x80 != 0, func() (int, error) { return c.USB.Interrupt(ctx, endpoint, buf) })
}

func (c *cutter) Bulk(ctx context.Context, endpoint uint8, buf []byte) (int, error) {
	return c.move(buf, endpoint&0x80 != 0, func() (int, error) { return c.USB.Bulk(ctx, endpoint, buf) })
}

// TestCut unplugs a device in every transfer of a session, after no byte of it,
// one, a packet, half, all but one and all. plug plugs in a device and returns a
// session with it, which a driver on the given bus goes through to the end, or to
// the error it returns: that has to be [device.ErrUnplugged]. With -short only
// every seventh transfer is cut.
func TestCut(t *testing.T, plug func() (dev device.USB, session func(t *testing.T, bus device.USB) error)) {
	stride := 1
	if testing.Short() {
		stride = 7
	}
	cuts := 0
	for name, after := range map[string]func(int) int{
		"no byte":     func(int) int { return 0 },
		"one byte":    func(int) int { return 1 },
		"a packet":    func(int) int { return 64 },
		"half":        func(n int) int { return n / 2 },
		"all but one": func(n int) int { return max(0, n-1) },
		"all":         func(n int) int { return n },
	} {
		for at, over := 1, false; !over; at += stride {
			synctest.Test(t, func(t *testing.T) {
				dev, session := plug()
				c := &cutter{USB: dev, at: at, after: after}
				err := session(t, c)
				c.mu.Lock()
				defer c.mu.Unlock()
				if over = c.count < at; !over {
					cuts++
				}
				if err != nil && !errors.Is(err, device.ErrUnplugged) {
					t.Errorf("unplugged in transfer %d, after %s: %v", at, name, err)
				}
			})
		}
	}
	t.Logf("%d cuts", cuts)
	if cuts < 60/stride {
		t.Errorf("only %d cuts", cuts)
	}
}
