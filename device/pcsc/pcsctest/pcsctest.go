// Package pcsctest runs the smart card service of the machine (pcscd) for tests,
// with virtual readers (vpcd of vsmartcard), and is the hand that lays cards into
// them. What a card answers is left to whoever lays it down. testdata/pcsc/run sets
// such tests apart from any other service.
package pcsctest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Name is how the virtual readers' names begin; a number follows from 0, and two
// numbers of pcscd's own.
const Name = "Acme Desk"

// driver is the virtual reader. It is copied for each pair of slots: two entries
// with one driver talk to the same two cards.
const driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"

// firstPort is where the first slot waits for its card; each slot has the next.
const firstPort = 0x8c7b

// A Daemon is a smart card service that a test runs.
type Daemon struct {
	Conf string // its folder of settings, a file "reader0" and so on for each reader

	t     testing.TB
	begun *exec.Cmd
	said  bytes.Buffer
}

// Start runs a service with so many readers of two slots, which ends with the
// test. It skips unless testdata/pcsc/run has set the test apart.
func Start(t testing.TB, readers int) *Daemon {
	t.Helper()
	if os.Getenv("OPTAG_PCSC") != "apart" {
		t.Skip("a step of its own runs it: sh testdata/pcsc/run go test -run TestPCSC")
	}
	d := &Daemon{t: t, Conf: t.TempDir()}
	lib, err := os.ReadFile(driver)
	if err != nil {
		t.Fatal(err)
	}
	for i := range readers {
		file := filepath.Join(t.TempDir(), "driver.so")
		port := fmt.Sprintf("0x%X", firstPort+2*i)
		entry := fmt.Sprintf("FRIENDLYNAME \"%s %d\"\nDEVICENAME /dev/null:%s\nLIBPATH %s\nCHANNELID %s\n", Name, i, port, file, port)
		if err := os.WriteFile(file, lib, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(d.Conf, fmt.Sprint("reader", i)), []byte(entry), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	d.Begin()
	t.Cleanup(func() { d.End(syscall.SIGTERM) })
	return d
}

// Begin starts the service again after it has ended, and waits until it can be
// spoken to.
func (d *Daemon) Begin() {
	d.t.Helper()
	d.begun = exec.Command("pcscd", "--foreground", "--error", "--config", d.Conf)
	d.begun.Stdout, d.begun.Stderr = &d.said, &d.said
	if err := d.begun.Start(); err != nil {
		d.t.Fatal(err)
	}
	for range 500 {
		if c, err := net.Dial("unix", "/run/pcscd/pcscd.comm"); err == nil {
			c.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	d.t.Fatalf("pcscd does not listen: %s", d.said.String())
}

// End ends the service, gently or not.
func (d *Daemon) End(how syscall.Signal) {
	if d.begun == nil {
		return
	}
	_ = d.begun.Process.Signal(how)
	_ = d.begun.Wait() // its status is that of the signal
	d.begun = nil
}

// A Card lies in a virtual reader at an address until ctx ends, which takes it
// away: that is no error.
type Card interface {
	Serve(ctx context.Context, address string) error
}

// A Hand holds a card, or has laid it into a slot.
type Hand struct {
	address string
	mu      sync.Mutex // protects the fields below
	out     context.CancelFunc
	empty   time.Time     // since when nothing is laid there
	done    chan struct{} // closed once the card is out
}

// NewHand is the hand at a slot, 0 or 1, of a reader. It is empty after the test.
func NewHand(t testing.TB, reader, slot int) *Hand {
	h := &Hand{address: fmt.Sprintf("127.0.0.1:%d", firstPort+2*reader+slot)}
	t.Cleanup(h.Remove)
	return h
}

// unseen is how long pcscd may not look at a slot (PCSCLITE_STATUS_POLL_RATE,
// 400 ms). No hand is faster.
const unseen = 450 * time.Millisecond

// Insert lays a card into the slot, in the place of what lay there.
func (h *Hand) Insert(c Card) {
	h.Remove()
	h.Settle()
	ctx, out := context.WithCancel(context.Background())
	h.mu.Lock()
	defer h.mu.Unlock()
	done := make(chan struct{})
	h.out, h.done = out, done
	go func() {
		defer close(done)
		for { // a service that is being started does not listen yet
			err := c.Serve(ctx, h.address)
			if err == nil || !strings.Contains(err.Error(), "refused") {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
}

// Settle waits until the service has seen that a card was removed.
func (h *Hand) Settle() {
	h.mu.Lock()
	empty := h.empty
	h.mu.Unlock()
	time.Sleep(time.Until(empty.Add(unseen)))
}

// Remove takes the card away, if one lies there.
func (h *Hand) Remove() {
	h.mu.Lock()
	out, done := h.out, h.done
	if out != nil {
		h.out, h.empty = nil, time.Now()
	}
	h.mu.Unlock()
	if out != nil {
		out()
		<-done
	}
}
