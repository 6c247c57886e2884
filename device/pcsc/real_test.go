package pcsc_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/lds"
	"optag/device/pcsc"
	"optag/device/pcsc/pcsctest"
)

// closing is a reader that closes its service and takes out its card as well.
type closing struct {
	*pcsc.Reader
	service *pcsc.Service
	hand    *pcsctest.Hand
}

func (c closing) Close() error {
	err := errors.Join(c.Reader.Close(), c.service.Close())
	c.hand.Remove()
	return err
}

func TestPCSCContract(t *testing.T) {
	pcsctest.Start(t, 1)
	card, h := press(t)("D23145890", nil), pcsctest.NewHand(t, 0, 0)
	devicetest.TestCardReader(t, func(t *testing.T) (device.CardReader, devicetest.Hand) {
		s := pcsc.New()
		r, err := s.Open(t.Context(), "Acme")
		if err != nil {
			t.Fatal(err)
		}
		h.Settle()
		return closing{r, s, h}, devicetest.Hand{Insert: func() { h.Insert(card) }, Remove: h.Remove}
	})
}

func TestPCSCSixCardsAtOnce(t *testing.T) {
	pcsctest.Start(t, 3)
	s := pcsc.New()
	defer s.Close()
	print := press(t)
	var all sync.WaitGroup
	for i := range 6 {
		number := fmt.Sprintf("D2314589%d", i)
		pcsctest.NewHand(t, i/2, i%2).Insert(print(number, nil))
		r := openIn(t, s, i/2, i%2)
		all.Go(func() {
			for range 3 {
				c, err := r.Card(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				if d, err := read(t.Context(), c, key(number)); err != nil || d.Number != number {
					t.Errorf("reader %d: document %q, %v, want %q", i, d.Number, err, number)
				}
			}
		})
	}
	all.Wait()
	slots, err := s.Slots(t.Context())
	if err != nil || len(slots) != 6 {
		t.Errorf("%d slots, %v, want 6", len(slots), err)
	}
}

// A tap counts commands and does something at one of them.
type tap struct {
	device.Card
	n, at int
	do    func()
}

func (c *tap) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if c.n++; c.n == c.at {
		c.do()
	}
	return c.Card.Transmit(ctx, command)
}

func TestPCSCServiceKilledInMidRead(t *testing.T) {
	d := pcsctest.Start(t, 1)
	r, h, print := open(t, 0, 0), pcsctest.NewHand(t, 0, 0), press(t)
	for _, how := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM} {
		h.Insert(print("D23145890", nil))
		c := cardOf(t, r)
		_, err := read(t.Context(), &tap{Card: c, at: 12, do: func() { d.End(how) }}, key("D23145890"))
		if !errors.Is(err, device.ErrSilent) && !errors.Is(err, device.ErrRemoved) {
			t.Errorf("a service that ends in mid-read: %v, want %v", err, pcsc.ErrNoService)
		}
		t.Logf("%v: %v", how, err)
		d.Begin()
		began := time.Now()
		h.Insert(print("D23145890", nil))
		for c = nil; c == nil && time.Since(began) < 10*time.Second; {
			var dev device.Card
			if dev, err = r.Card(t.Context()); err == nil {
				if _, err = read(t.Context(), dev, key("D23145890"), lds.DG1); err == nil {
					c = dev
				}
			}
		}
		if took := time.Since(began); c == nil || took > 2*time.Second {
			t.Errorf("the card is read %v after the service is there again, error %v, want at most 2 s", took, err)
		} else {
			t.Logf("%v: read again after %v", how, took)
		}
		h.Remove()
	}
}

// The service dies while the card thinks about a command.
func TestPCSCServiceKilledInMidCommand(t *testing.T) {
	d := pcsctest.Start(t, 1)
	r, h, print := open(t, 0, 0), pcsctest.NewHand(t, 0, 0), press(t)
	c := print("D23145890", nil)
	c.SilentAt = 5
	h.Insert(c)
	held, ended := cardOf(t, r), make(chan time.Time, 1)
	time.AfterFunc(300*time.Millisecond, func() {
		killed := time.Now()
		d.End(syscall.SIGKILL)
		ended <- killed
	})
	_, err := read(t.Context(), held, key("D23145890"))
	failed := time.Now()
	if took := failed.Sub(<-ended); !errors.Is(err, device.ErrSilent) && !errors.Is(err, device.ErrRemoved) || took > 2*time.Second {
		t.Errorf("%v after %v, want %v", err, took, pcsc.ErrNoService)
	}
	t.Log(err)
}

// The virtual reader has a name and tells no more; one that was asked what it is
// holds its card for one program as before.
func TestPCSCWhatTheReaderTells(t *testing.T) {
	pcsctest.Start(t, 1)
	s := pcsc.New()
	defer s.Close()
	slots, err := s.Slots(t.Context())
	if err != nil || len(slots) != 2 || slots[0].Model == "" {
		t.Fatalf("slots %+v, %v", slots, err)
	}
	t.Logf("%+v", slots[0])
	h := pcsctest.NewHand(t, 0, 0)
	h.Insert(press(t)("D23145890", nil))
	if _, err := read(t.Context(), cardOf(t, openIn(t, s, 0, 0)), key("D23145890"), lds.DG1); err != nil {
		t.Error(err)
	}
}

func TestPCSCServiceGoneAndReaderGone(t *testing.T) {
	d := pcsctest.Start(t, 2)
	r, h, print := open(t, 1, 0), pcsctest.NewHand(t, 1, 0), press(t)
	d.End(syscall.SIGTERM)
	if _, err := r.Card(t.Context()); !errors.Is(err, pcsc.ErrNoService) {
		t.Errorf("Card without a service: %v, want %v", err, pcsc.ErrNoService)
	}
	hidden, shown := d.Conf+"/reader1", d.Conf+"/.reader1"
	if err := os.Rename(hidden, shown); err != nil {
		t.Fatal(err)
	}
	d.Begin()
	until := func(want error) (err error) {
		for began := time.Now(); time.Since(began) < 5*time.Second; time.Sleep(10 * time.Millisecond) {
			if _, err = r.Card(t.Context()); errors.Is(err, want) {
				return nil
			}
		}
		return err
	}
	if err := until(device.ErrUnplugged); err != nil {
		t.Errorf("Card without the reader: %v, want %v", err, device.ErrUnplugged)
	}
	d.End(syscall.SIGTERM)
	if err := os.Rename(shown, hidden); err != nil {
		t.Fatal(err)
	}
	d.Begin()
	h.Insert(print("D23145890", nil))
	if err := until(nil); err != nil {
		t.Errorf("Card with the reader back: %v", err)
	}
}

func TestPCSCRemovedAtEveryCommand(t *testing.T) {
	pcsctest.Start(t, 1)
	r, h, print := open(t, 0, 0), pcsctest.NewHand(t, 0, 0), press(t)
	h.Insert(print("D23145890", nil))
	count := &tap{Card: cardOf(t, r)}
	if _, err := read(t.Context(), count, key("D23145890"), lds.DG1); err != nil {
		t.Fatal(err)
	}
	step := max(count.n/3, 1)
	if os.Getenv("OPTAG_SOAK") != "" {
		step = 1
	}
	for n := 1; n <= count.n; n += step {
		c := print("D23145890", nil)
		h.Remove()
		if err := r.Gone(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.RemovedAt = n
		h.Insert(c)
		if _, err := read(t.Context(), cardOf(t, r), key("D23145890"), lds.DG1); !errors.Is(err, device.ErrRemoved) {
			t.Errorf("removed at command %d of %d: %v, want %v", n, count.n, err, device.ErrRemoved)
		}
	}
}

func TestPCSCCardHeldByAnother(t *testing.T) {
	pcsctest.Start(t, 1)
	s := pcsc.New()
	defer s.Close()
	mine, other, h := openIn(t, s, 0, 0), openIn(t, s, 0, 0), pcsctest.NewHand(t, 0, 0)
	h.Insert(press(t)("D23145890", nil))
	held := cardOf(t, other)
	if _, err := mine.Card(t.Context()); !errors.Is(err, pcsc.ErrBusy) {
		t.Errorf("Card that another holds: %v, want %v", err, pcsc.ErrBusy)
	}
	ask := func() error {
		return exec.CommandContext(t.Context(), "opensc-tool", "--reader", "0", "--send-apdu", "00A4000C").Run()
	}
	if _, err := exec.LookPath("opensc-tool"); err == nil && ask() == nil {
		t.Error("another program talks to a card that is held for this one alone")
	}
	held.Close()
	cardOf(t, mine).Close()
}

func TestPCSCCardThatSaysNothing(t *testing.T) {
	pcsctest.Start(t, 1)
	r, h, print := open(t, 0, 0), pcsctest.NewHand(t, 0, 0), press(t)
	c := print("D23145890", nil)
	c.SilentAt = 5
	h.Insert(c)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if _, err := read(ctx, cardOf(t, r), key("D23145890")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a card that says nothing: %v, want %v", err, context.DeadlineExceeded)
	}
	if _, err := r.Card(t.Context()); !errors.Is(err, device.ErrSilent) || errors.Is(err, pcsc.ErrBusy) {
		t.Errorf("Card while it still says nothing: %v, want %v", err, device.ErrSilent)
	}
	h.Insert(print("D23145890", nil))
	for began := time.Now(); ; {
		var err error
		if d, e := r.Card(t.Context()); e == nil {
			if _, err = read(t.Context(), d, key("D23145890"), lds.DG1); err == nil {
				return
			}
		}
		if time.Since(began) > 5*time.Second {
			t.Fatalf("the next card is not read: %v", err)
		}
	}
}

func TestPCSCThousandCards(t *testing.T) {
	if os.Getenv("OPTAG_SOAK") == "" {
		t.Skip("a long run; OPTAG_SOAK=1 runs it")
	}
	pcsctest.Start(t, 3)
	s := pcsc.New()
	defer s.Close()
	print := press(t)
	open := func() int { e, _ := os.ReadDir("/proc/self/fd"); return len(e) }
	if _, err := s.Slots(t.Context()); err != nil {
		t.Fatal(err)
	}
	files, goroutines := open(), runtime.NumGoroutine()
	var all sync.WaitGroup
	for i := range 6 {
		r, h, card := openIn(t, s, i/2, i%2), pcsctest.NewHand(t, i/2, i%2), print("D23145890", nil)
		all.Go(func() {
			for n := range 167 {
				h.Insert(card)
				c, err := r.Card(t.Context())
				if err == nil && n%2 == 0 {
					_, err = c.Transmit(t.Context(), []byte{0, 0xa4, 0, 0x0c})
				}
				if err != nil {
					t.Errorf("reader %d, card %d: %v", i, n, err)
				}
				h.Remove()
				if err := r.Gone(t.Context()); err != nil {
					t.Errorf("reader %d, card %d: %v", i, n, err)
				}
			}
			r.Close()
		})
	}
	all.Wait()
	if f, g := open(), runtime.NumGoroutine(); f > files || g > goroutines {
		t.Errorf("after 1,002 cards %d files and %d goroutines, want %d and %d as before", f, g, files, goroutines)
	}
}

// TestPCSCExtendedLengths: the virtual reader passes them, said or not.
func TestPCSCExtendedLengths(t *testing.T) {
	pcsctest.Start(t, 1)
	r, h := open(t, 0, 0), pcsctest.NewHand(t, 0, 0)
	h.Insert(press(t)("D23145890", func(s *emrtdtest.Spec) {}))
	c := cardOf(t, r)
	t.Logf("the reader says that it takes extended lengths: %v", c.(*pcsc.Card).Extended(t.Context()))
	answer, err := c.Transmit(t.Context(), append([]byte{0, 0xa4, 4, 0x0c, 0, 0x0f, 0xff}, make([]byte, 0xfff)...))
	if err != nil || len(answer) != 2 {
		t.Errorf("a command of 4,102 bytes: %x, %v, want a status", answer, err)
	}
}
