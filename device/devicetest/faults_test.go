package devicetest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"iter"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/devicetest"
)

// A plate is a device of one bulk endpoint that sends what lies on its glass: a
// picture of eight pixels, all of the same grey, every tenth of a second.
type plate struct {
	device.USB

	mu   sync.Mutex // protects the fields below
	gone bool
	grey byte
}

func (p *plate) Bulk(ctx context.Context, _ uint8, buf []byte) (int, error) {
	select {
	case <-time.After(100 * time.Millisecond):
	case <-ctx.Done():
		return 0, fmt.Errorf("simulated: %w", device.ErrSilent)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return 0, fmt.Errorf("simulated: %w", device.ErrUnplugged)
	}
	return copy(buf, bytes.Repeat([]byte{p.grey}, 8)), nil
}

func (p *plate) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone = true
	return nil
}

func (p *plate) Gone() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gone
}

func (p *plate) lay(picture int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.grey = byte(255 - picture)
}

// A driver of a plate keeps its promises but for one.
type driver struct {
	device.Scanner
	bus    device.USB
	breaks string
}

func (d *driver) Close() error {
	if d.breaks == "leaves the device open" {
		return nil
	}
	return d.bus.Close()
}

func (d *driver) Frames(ctx context.Context) iter.Seq2[device.Frame, error] {
	return func(yield func(device.Frame, error) bool) {
		img := image.NewGray(image.Rect(0, 0, 4, 2))
		for ctx.Err() == nil {
			err := d.read(ctx, img.Pix)
			if ctx.Err() != nil {
				return
			}
			if err != nil && d.breaks == "says nothing of what failed" {
				err = errors.New("something is wrong")
			}
			if err != nil {
				yield(device.Frame{}, err)
				return
			}
			if !yield(device.Frame{Image: img, PPI: [2]int{500, 500}, Contact: img.Pix[0] != 255}, nil) {
				return
			}
		}
	}
}

func (d *driver) read(ctx context.Context, pix []byte) error {
	limit := time.Second
	if d.breaks == "waits too long" {
		limit = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	n, err := d.bus.Bulk(ctx, 0x82, pix)
	if err == nil && n != len(pix) && d.breaks != "looks at no length" {
		err = fmt.Errorf("%d bytes: %w", n, device.ErrGarbled)
	}
	return err
}

// TestFaults runs a driver that keeps its promises, or, in a process of its own,
// one that breaks the promise that the variable names.
func TestFaults(t *testing.T) {
	breaks := os.Getenv(brokenBy)
	rig := devicetest.Rig{
		Plug: func(picture int) (devicetest.Simulated, func(int)) {
			p := &plate{}
			p.lay(picture)
			return p, p.lay
		},
		Open: func(_ context.Context, bus device.USB) (device.Scanner, error) {
			return &driver{bus: bus, breaks: breaks}, nil
		},
		Runs: 60,
	}
	for picture := range 4 {
		img := image.NewGray(image.Rect(0, 0, 4, 2))
		for i := range img.Pix {
			img.Pix[i] = byte(255 - picture)
		}
		rig.Pictures = append(rig.Pictures, img)
	}
	devicetest.TestFaults(t, rig)
}

// The random faults find every broken promise.
func TestFaultsFindWhatIsBroken(t *testing.T) {
	for breaks, want := range map[string]string{
		"leaves the device open":      "is still open",
		"says nothing of what failed": "which says nothing",
		"waits too long":              "want within 2s",
		"looks at no length":          "frame",
	} {
		t.Run(breaks, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFaults$", "-test.timeout=60s")
			cmd.Env = append(os.Environ(), brokenBy+"="+breaks)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), want) {
				t.Errorf("ended with %v, want a failure with %q in it:\n%s", err, want, out)
			}
		})
	}
}

// TestFaultsRepeat: the same seed makes the same faults.
func TestFaultsRepeat(t *testing.T) {
	var first string
	for range 3 {
		synctest.Test(t, func(t *testing.T) {
			dev := devicetest.Disturb(&plate{}, 7, 0.3, time.Now().Add(time.Minute), nil)
			said := ""
			for range 40 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				n, err := dev.Bulk(ctx, 0x82, make([]byte, 8))
				cancel()
				said += fmt.Sprintln(n, err)
			}
			if first == "" {
				first = said
			}
			if said != first {
				t.Errorf("the same seed, and first\n%sthen\n%s", first, said)
			}
		})
	}
}
