package devicetest

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"optag/device"
)

// A Hand lays cards into a reader under test, and takes them and the reader
// away. Its functions return once they are done; what follows from it may take
// the reader a moment more.
type Hand struct {
	Insert func() // a card that answers every command; at most one lies there
	Remove func()
	Unplug func() // for good; nil where that cannot be done
}

// noFile selects a file that no card has (ISO/IEC 7816-4, 11.2): some status
// other than 9000 is the answer.
var noFile = []byte{0x00, 0xa4, 0x02, 0x0c, 0x02, 0x7e, 0x57}

// TestCardReader checks that a reader keeps the promises of [device.CardReader],
// and its cards those of [device.Card]. The function opens a reader in which no
// card lies; it is called once for every subtest, after the reader before has
// been closed. The tests count goroutines, and do not run in parallel with
// others.
func TestCardReader(t *testing.T, open func(t *testing.T) (device.CardReader, Hand)) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, *table)
	}{
		{"information is known from the moment of opening", readerKnown},
		{"a card that lies there already", cardThere},
		{"a card is waited for, and its going", cardAwaited},
		{"waiting ends with its context", cardWaitEnds},
		{"a status other than 9000 is an answer", statusIsAnswer},
		{"a command whose context has ended spoils the card", commandEnded},
		{"a card asked for again closes the one before", oneCardAtATime},
		{"a card that was let go answers no more, and may be had again", cardClosed},
		{"a card is taken away", cardTaken},
		{"a card is taken away and laid back ten times", cardAgain},
		{"the reader is closed with a card in it", readerClosed},
		{"closing ends waiting for a card", readerClosedWaiting},
		{"the reader is pulled out while a card is waited for", readerPulledWaiting},
		{"the reader is pulled out under a card", readerPulled},
	} {
		t.Run(c.name, func(t *testing.T) {
			leaks := countGoroutines()
			r, hand := open(t)
			c.run(t, &table{r, hand})
			closeReader(t, r)
			leaks.check(t)
		})
	}
}

// A table is a reader and the hand before it.
type table struct {
	device.CardReader
	hand Hand
}

// card is the card in the reader.
func (r *table) card(t *testing.T) device.Card {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), firstFrame)
	defer cancel()
	c, err := r.Card(ctx)
	if err != nil {
		t.Fatalf("Card: %v", err)
	}
	return c
}

// gone waits until the card is.
func (r *table) gone(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), firstFrame)
	defer cancel()
	if err := r.Gone(ctx); err != nil {
		t.Fatalf("Gone: %v", err)
	}
}

// answers checks that a card does, with any status.
func answers(t *testing.T, c device.Card) {
	t.Helper()
	if answer, err := c.Transmit(t.Context(), noFile); err != nil || len(answer) < 2 {
		t.Fatalf("Transmit: %d bytes, error %v, want a status", len(answer), err)
	}
}

// fails checks that a card answers no more, and why; want is nil for any reason.
func fails(t *testing.T, c device.Card, want error) {
	t.Helper()
	var err error
	within(t, firstFrame, "a command", func() { _, err = c.Transmit(t.Context(), noFile) })
	if err == nil || want != nil && !errors.Is(err, want) {
		t.Errorf("Transmit: error %v, want %v", err, want)
	}
}

func closeReader(t *testing.T, r device.CardReader) {
	t.Helper()
	within(t, prompt, "closing the reader", func() {
		if err := r.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}

func closeCard(t *testing.T, c device.Card) {
	t.Helper()
	within(t, prompt, "closing the card", func() {
		if err := c.Close(); err != nil {
			t.Errorf("closing the card: %v", err)
		}
	})
}

func readerKnown(t *testing.T, r *table) {
	info := r.Info()
	if info.Driver == "" || info.Version == "" || info.Model == "" {
		t.Errorf("Info() = %+v, want a driver, its version and a model", info)
	}
	r.hand.Insert()
	r.card(t)
	if got := r.Info(); got != info {
		t.Errorf("Info() with a card = %+v, want %+v as before", got, info)
	}
}

func cardThere(t *testing.T, r *table) {
	r.hand.Insert()
	c := r.card(t)
	atr := c.ATR()
	if len(atr) < 2 || atr[0] != 0x3b && atr[0] != 0x3f {
		t.Errorf("ATR() = %x, want one that begins with 3b or 3f", atr)
	}
	clear(atr)
	if bytes.Equal(c.ATR(), atr) {
		t.Error("who changes an ATR changes that of the card")
	}
	answers(t, c)
}

func cardAwaited(t *testing.T, r *table) {
	r.gone(t) // none is there
	time.AfterFunc(20*time.Millisecond, r.hand.Insert)
	answers(t, r.card(t))
	time.AfterFunc(20*time.Millisecond, r.hand.Remove)
	r.gone(t)
}

func cardWaitEnds(t *testing.T, r *table) {
	ended := func(what string, err, want error) {
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	before, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := r.Card(before)
	ended("Card with a context that had ended", err, context.Canceled)

	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	within(t, prompt, "Card with a deadline", func() { _, err = r.Card(soon) })
	ended("Card with a deadline", err, context.DeadlineExceeded)

	r.hand.Insert()
	answers(t, r.card(t))
	_, err = r.Card(before)
	ended("Card with a context that had ended, and a card", err, context.Canceled)
	later, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	within(t, prompt, "Gone that is cancelled", func() { err = r.Gone(later) })
	ended("Gone that is cancelled", err, context.Canceled)
	answers(t, r.card(t))
}

func statusIsAnswer(t *testing.T, r *table) {
	r.hand.Insert()
	c := r.card(t)
	answer, err := c.Transmit(t.Context(), noFile)
	if n := len(answer); err != nil || n < 2 || answer[n-2] == 0x90 {
		t.Errorf("selecting a file that no card has: %x, error %v, want a status other than 9000", answer, err)
	}
	answers(t, c)
}

func commandEnded(t *testing.T, r *table) {
	r.hand.Insert()
	c := r.card(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Transmit(ctx, noFile); !errors.Is(err, context.Canceled) {
		t.Errorf("Transmit: error %v, want %v", err, context.Canceled)
	}
	fails(t, c, nil)
	answers(t, r.card(t))
}

func oneCardAtATime(t *testing.T, r *table) {
	r.hand.Insert()
	first := r.card(t)
	answers(t, first)
	second := r.card(t)
	fails(t, first, nil)
	answers(t, second)
	closeCard(t, first)
	answers(t, second)
}

func cardClosed(t *testing.T, r *table) {
	r.hand.Insert()
	for range 3 {
		c := r.card(t)
		answers(t, c)
		closeCard(t, c)
		closeCard(t, c)
		fails(t, c, nil)
	}
}

func cardTaken(t *testing.T, r *table) {
	r.hand.Insert()
	c := r.card(t)
	answers(t, c)
	r.hand.Remove()
	r.gone(t)
	fails(t, c, device.ErrRemoved)
	fails(t, c, device.ErrRemoved)
	closeCard(t, c)
}

func cardAgain(t *testing.T, r *table) {
	for range 10 {
		r.hand.Insert()
		c := r.card(t)
		answers(t, c)
		r.hand.Remove()
		fails(t, c, device.ErrRemoved)
		r.gone(t)
	}
}

func readerClosed(t *testing.T, r *table) {
	r.hand.Insert()
	c := r.card(t)
	answers(t, c)
	closeReader(t, r)
	closeReader(t, r)
	fails(t, c, nil)
	if _, err := r.Card(t.Context()); err == nil {
		t.Error("a closed reader has a card")
	}
}

func readerClosedWaiting(t *testing.T, r *table) {
	time.AfterFunc(30*time.Millisecond, func() { r.Close() })
	within(t, prompt, "waiting for a card in a reader that is closed", func() {
		if _, err := r.Card(t.Context()); err == nil {
			t.Error("a closed reader has a card")
		}
	})
}

func readerPulledWaiting(t *testing.T, r *table) {
	if r.hand.Unplug == nil {
		t.Skip("this reader cannot be pulled out")
	}
	time.AfterFunc(30*time.Millisecond, r.hand.Unplug)
	for _, again := range []string{"", "again "} {
		within(t, prompt, again+"waiting for a card in a reader that is gone", func() {
			if _, err := r.Card(t.Context()); !errors.Is(err, device.ErrUnplugged) {
				t.Errorf("Card: error %v, want %v", err, device.ErrUnplugged)
			}
		})
	}
	if err := r.Gone(t.Context()); !errors.Is(err, device.ErrUnplugged) {
		t.Errorf("Gone: error %v, want %v", err, device.ErrUnplugged)
	}
}

func readerPulled(t *testing.T, r *table) {
	if r.hand.Unplug == nil {
		t.Skip("this reader cannot be pulled out")
	}
	r.hand.Insert()
	c := r.card(t)
	answers(t, c)
	r.hand.Unplug()
	fails(t, c, device.ErrUnplugged)
	closeCard(t, c)
}
