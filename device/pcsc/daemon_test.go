package pcsc_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"optag/capture/mrz"
	"optag/device"
	"optag/device/emrtd"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa/patest"
	"optag/device/pcsc"
)

// driver is the virtual reader. It is copied for each pair of slots: two entries
// with one driver talk to the same two cards.
const driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"

// firstPort is where the first slot waits for its card; each slot has the next.
const firstPort = 0x8c7b

// A daemon is a smart card service that this test runs.
type daemon struct {
	t     testing.TB
	conf  string // its folder of settings
	begun *exec.Cmd
	said  bytes.Buffer
}

// startDaemon runs a service with so many readers of two slots. It skips unless
// testdata/pcsc/run has set the test apart.
func startDaemon(t testing.TB, readers int) *daemon {
	t.Helper()
	if os.Getenv("OPTAG_PCSC") != "apart" {
		t.Skip("a step of its own runs it: sh testdata/pcsc/run go test -run TestPCSC ./device/pcsc")
	}
	d := &daemon{t: t, conf: t.TempDir()}
	lib, err := os.ReadFile(driver)
	if err != nil {
		t.Fatal(err)
	}
	for i := range readers {
		file := filepath.Join(t.TempDir(), "driver.so")
		port := fmt.Sprintf("0x%X", firstPort+2*i)
		entry := fmt.Sprintf("FRIENDLYNAME \"Acme Desk %d\"\nDEVICENAME /dev/null:%s\nLIBPATH %s\nCHANNELID %s\n", i, port, file, port)
		if err := os.WriteFile(file, lib, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(d.conf, fmt.Sprint("reader", i)), []byte(entry), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	d.start()
	t.Cleanup(func() { d.end(syscall.SIGTERM) })
	return d
}

// start waits until the service can be spoken to.
func (d *daemon) start() {
	d.t.Helper()
	d.begun = exec.Command("pcscd", "--foreground", "--error", "--config", d.conf)
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

// end ends the service, gently or not.
func (d *daemon) end(how syscall.Signal) {
	if d.begun == nil {
		return
	}
	_ = d.begun.Process.Signal(how)
	_ = d.begun.Wait() // its status is that of the signal
	d.begun = nil
}

// open is a slot of a reader: 0 or 1.
func open(t testing.TB, reader, slot int) *pcsc.Reader {
	t.Helper()
	s := pcsc.New()
	t.Cleanup(func() { s.Close() })
	return openIn(t, s, reader, slot)
}

func openIn(t testing.TB, s *pcsc.Service, reader, slot int) *pcsc.Reader {
	t.Helper()
	slots, err := s.Slots(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range slots { // those of a reader in their order
		if !strings.HasPrefix(at.Name, fmt.Sprintf("Acme Desk %d ", reader)) {
			continue
		}
		if slot > 0 {
			slot--
			continue
		}
		r, err := s.Open(t.Context(), at.Name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		return r
	}
	t.Fatalf("reader %d is not among %v", reader, slots)
	return nil
}

// A hand holds a card, or has laid it into a slot.
type hand struct {
	t       testing.TB
	address string
	mu      sync.Mutex // protects the fields below
	out     context.CancelFunc
	empty   time.Time     // since when nothing is laid there
	done    chan struct{} // closed once the card is out
}

func newHand(t testing.TB, reader, slot int) *hand {
	h := &hand{t: t, address: fmt.Sprintf("127.0.0.1:%d", firstPort+2*reader+slot)}
	t.Cleanup(h.remove)
	return h
}

// unseen is how long pcscd may not look at a slot (PCSCLITE_STATUS_POLL_RATE,
// 400 ms). No hand is faster.
const unseen = 450 * time.Millisecond

// insert lays a card into the slot, in the place of what lay there.
func (h *hand) insert(c *emrtdtest.Card) {
	h.remove()
	h.settle()
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

// settle waits until the service has seen that a card was removed.
func (h *hand) settle() {
	h.mu.Lock()
	empty := h.empty
	h.mu.Unlock()
	time.Sleep(time.Until(empty.Add(unseen)))
}

func (h *hand) remove() {
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

func random(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

var day = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// press is a maker of cards that are alike but for their numbers.
func press(t testing.TB) func(number string, change func(*emrtdtest.Spec)) *emrtdtest.Card {
	t.Helper()
	issuer, err := emrtdtest.NewIssuer(random(1), patest.Kind{}, day.AddDate(-1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return func(number string, change func(*emrtdtest.Spec)) *emrtdtest.Card {
		t.Helper()
		s := emrtdtest.Specimen(issuer, day)
		s.Document.Number = number
		if change != nil {
			change(&s)
		}
		c, err := emrtdtest.Personalise(random(2), s)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

// key opens the cards of a press.
func key(number string) emrtd.Access {
	s := emrtdtest.Specimen(nil, day)
	s.Document.Number = number
	return emrtd.Access{MRZ: s.Document.Key()}
}

// read reads a chip whole, and returns its document number.
func read(ctx context.Context, c device.Card, a emrtd.Access, groups ...lds.File) (mrz.Document, error) {
	chip, err := emrtd.Read(ctx, c, a, emrtd.Options{Random: random(3), Today: day, Groups: groups})
	if err != nil {
		return mrz.Document{}, err
	}
	return chip.Zone, nil
}

// cardOf waits for a card, so long as a person would.
func cardOf(t testing.TB, r *pcsc.Reader) device.Card {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c, err := r.Card(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
