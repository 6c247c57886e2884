package pcsc

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ebfe/scard"

	"optag/device"
)

// silent is a card that answers when it is told to.
func silent() (*fakeCard, func()) {
	speak := make(chan struct{})
	c := newCard()
	c.answer = func([]byte) ([]byte, error) { <-speak; return []byte{0x90, 0}, nil }
	return c, func() { close(speak) }
}

func TestCommandWithoutAnAnswer(t *testing.T) {
	for _, c := range []struct {
		name string
		ctx  func(context.Context) (context.Context, context.CancelFunc)
		want error
	}{
		{"patience ends", context.WithCancel, device.ErrSilent},
		{"the officer cancels", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(20*time.Millisecond, cancel)
			return ctx, cancel
		}, context.Canceled},
		{"a deadline passes", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 20*time.Millisecond)
		}, context.DeadlineExceeded},
	} {
		for _, cuts := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, the session can be cut short %v", c.name, cuts), func(t *testing.T) {
				f := newFake(table)
				f.cuts = cuts
				r := open(t, f, "")
				defer r.Close()
				lies, speak := silent()
				f.lay(table, lies)
				held, err := r.Card(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := c.ctx(t.Context())
				defer cancel()
				for range 2 {
					if _, err := held.Transmit(ctx, make([]byte, 4)); !errors.Is(err, c.want) {
						t.Errorf("Transmit: error %v, want %v", err, c.want)
					}
				}
				if _, err := r.Card(t.Context()); !errors.Is(err, device.ErrSilent) || errors.Is(err, ErrBusy) {
					t.Errorf("Card while the command still runs: %v, want %v", err, device.ErrSilent)
				}
				speak()
				if _, err := r.Card(t.Context()); err != nil {
					t.Errorf("Card after that: %v", err)
				}
			})
		}
	}
}

// One watch sees to all commands of a card: each has its own time.
func TestPatienceIsForOneCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(table)
		f.cuts = true
		r := open(t, f, "")
		defer r.Close()
		lies, takes := newCard(), quick.command*2/3
		lies.answer = func([]byte) ([]byte, error) { time.Sleep(takes); return []byte{0x90, 0}, nil }
		f.lay(table, lies)
		c, err := r.Card(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for range 3 { // together longer than the patience for one
			if _, err := c.Transmit(t.Context(), make([]byte, 4)); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(2 * quick.command) // nothing runs, and nothing is late
		if _, err := c.Transmit(t.Context(), make([]byte, 4)); err != nil {
			t.Error(err)
		}
		takes = 2 * quick.command
		began := time.Now()
		if _, err := c.Transmit(t.Context(), make([]byte, 4)); !errors.Is(err, device.ErrSilent) || time.Since(began) != quick.command {
			t.Errorf("a command that takes too long: %v after %v, want it to end after %v", err, time.Since(began), quick.command)
		}
		time.Sleep(takes)
	})
}

func TestAnswersThatAreNone(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer []byte
		err    error
		want   error
	}{
		{"no byte", nil, nil, device.ErrGarbled},
		{"half a status", []byte{0x90}, nil, device.ErrGarbled},
		{"lost on the way", nil, scard.ErrCommDataLost, device.ErrGarbled},
		{"reset by another program", nil, scard.ErrResetCard, device.ErrRemoved},
		{"not transacted, though it lies there", nil, scard.ErrNotTransacted, device.ErrRemoved},
		{"the service ends", nil, scard.ErrCommError, ErrNoService},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(table)
			r := open(t, f, "")
			defer r.Close()
			lies := newCard()
			lies.answer = func([]byte) ([]byte, error) { return c.answer, c.err }
			f.lay(table, lies)
			held, err := r.Card(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if _, err := held.Transmit(t.Context(), make([]byte, 4)); !errors.Is(err, c.want) {
					t.Errorf("Transmit: error %v, want %v", err, c.want)
				}
			}
		})
	}
}

func TestCommandsThatAreNone(t *testing.T) {
	f := newFake(table)
	r := open(t, f, "")
	defer r.Close()
	f.lay(table, newCard())
	c, err := r.Card(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 3, longest + 1} {
		if _, err := c.Transmit(t.Context(), make([]byte, n)); err == nil {
			t.Errorf("a command of %d bytes was sent", n)
		}
	}
	if _, err := c.Transmit(t.Context(), make([]byte, longest)); err != nil {
		t.Errorf("the longest command: %v", err)
	}
}

func TestExtendedLengths(t *testing.T) {
	for name, want := range map[string]bool{"Extended 00 00": true, "Short 00 00": false, "Old Extended 00 00": false} {
		f := newFake(name)
		r := open(t, f, "")
		f.lay(name, newCard())
		c, err := r.Card(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := c.(*Card).Extended(t.Context()); got != want {
			t.Errorf("reader %q: Extended() = %v, want %v", name, got, want)
		}
		r.Close()
	}
}
