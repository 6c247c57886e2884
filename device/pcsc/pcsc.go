// Package pcsc reads smart cards through the service for them that runs on the
// machine (PC/SC; pcscd on Linux). It follows which readers are plugged in and
// which hold a card, survives readers that come and go and a service that is
// started anew, and holds a card for this program alone. What is said to a card
// is left to others.
//
// It is the only package that imports scard, a thin layer over libpcsclite. That
// library keeps one table of readers for the whole process, without a lock: so
// there is one [Service] in a program, and one goroutine of it looks at readers.
package pcsc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"optag/device"
)

// What a technician can do something about, beside the errors of package device.
var (
	// ErrNoService: the service is not installed, does not run, or does not let
	// this user in.
	ErrNoService = fmt.Errorf("the smart card service does not run: %w", device.ErrSilent)

	// ErrBusy: another program holds the card.
	ErrBusy = fmt.Errorf("another program holds the card: %w", device.ErrSilent)

	// ErrMute: what lies in the reader does not answer when it is powered: no
	// card, a card the wrong way up, or a broken one.
	ErrMute = fmt.Errorf("the card does not answer: %w", device.ErrSilent)
)

// Limits on real time. They are fields of a [Service], so that tests need not
// wait for them.
type patience struct {
	command time.Duration // for the answer to one command; chips slow down after wrong keys
	connect time.Duration // for a card that is just being powered, or that another program tries
	restart time.Duration // in which a service that ran is started anew without anybody being told
	look    time.Duration // between two looks at the list of readers, if nothing tells of a change
	settle  time.Duration // for the news of what broke a command
}

var usual = patience{command: 20 * time.Second, connect: time.Second, restart: 1500 * time.Millisecond, look: time.Second, settle: 700 * time.Millisecond}

// A Service is this program's connection to the smart card service. A program
// has one.
type Service struct {
	lib      library
	patience patience
	closed   chan struct{}
	done     chan struct{} // closed once the watcher has ended
	begin    sync.Once
	end      sync.Once

	mu      sync.Mutex // protects the fields below
	now     view
	changed chan struct{} // closed with the next view
	waiting session       // on which the watcher waits; nil: on none
	natures map[string]nature
}

// New is a Service. It is connected when it is first needed, and from then on
// as often as it must.
func New() *Service { return newService(&system{}, usual) }

func newService(lib library, p patience) *Service {
	return &Service{lib: lib, patience: p, closed: make(chan struct{}), done: make(chan struct{}), changed: make(chan struct{}), natures: map[string]nature{}}
}

// A Slot is one place for a card that is plugged in.
type Slot struct {
	Name string // by which the service calls it: reader, serial number, two numbers
	Card bool   // a card lies in it
	Busy bool   // a program holds the card
	device.Info
}

// Slots are those that are plugged in, in the order of their names. An error is
// or wraps [ErrNoService], or is that of ctx.
func (s *Service) Slots(ctx context.Context) ([]Slot, error) {
	v, _, err := s.view(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing card readers: %w", err)
	}
	var list []Slot
	for _, st := range v.slots {
		list = append(list, Slot{Name: st.name, Card: st.card, Busy: st.busy, Info: s.info(ctx, st.name)})
	}
	return list, nil
}

// Open returns the reader whose name fits the pattern: one that begins with it,
// or with its parts between asterisks in their order; upper and lower case are
// alike, and "" fits all. Of several slots that fit, the reader is the one in
// which a card lies. An error is or wraps [device.ErrUnplugged] where none fits,
// or [ErrNoService], or is that of ctx. It goes on to be the reader of that
// pattern when it is pulled out and plugged in again.
func (s *Service) Open(ctx context.Context, pattern string) (*Reader, error) {
	v, _, err := s.view(ctx)
	if err == nil && len(v.fitting(pattern)) == 0 {
		err = device.ErrUnplugged
	}
	if err != nil {
		return nil, fmt.Errorf("opening card reader %q: %w", pattern, err)
	}
	return &Reader{service: s, pattern: pattern, info: s.info(ctx, v.best(pattern, "").name), closed: make(chan struct{}), free: closedChannel()}, nil
}

// Close ends all that waits for a card, and lets go of the service. Readers and
// cards are closed before. Closing twice is allowed.
func (s *Service) Close() error {
	s.end.Do(func() { close(s.closed) })
	s.begin.Do(func() { close(s.done) }) // it was never begun
	for limit := time.After(s.patience.connect); ; {
		s.mu.Lock()
		if s.waiting != nil {
			// Told before the wait has begun, the library does not hear it.
			_ = s.waiting.Cancel()
		}
		s.mu.Unlock()
		select {
		case <-s.done:
			return nil
		case <-limit: // the service hangs; the watcher ends when it does no more
			return nil
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// describe reads a name as pcscd makes it: maker, model, sometimes an interface
// in brackets and a serial number in parentheses, and the numbers of reader and
// slot.
func describe(name string) device.Info {
	words := strings.Fields(name)
	for range 2 {
		if n := len(words); n > 1 && len(words[n-1]) == 2 && strings.Trim(words[n-1], "0123456789ABCDEFabcdef") == "" {
			words = words[:n-1]
		}
	}
	info := device.Info{Driver: "pcsc", Version: "1"}
	words = slices.DeleteFunc(words, func(w string) bool {
		if len(w) < 3 || w[0] != '(' || w[len(w)-1] != ')' {
			return false
		}
		info.Serial = w[1 : len(w)-1]
		return true
	})
	if len(words) > 1 {
		info.Maker, words = words[0], words[1:]
	}
	info.Model = strings.Join(words, " ")
	return info
}

func closedChannel() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

var (
	errClosed = errors.New("closed") // Close was called

	// errStillRuns: the reader is busy with a command that nobody waits for.
	errStillRuns = fmt.Errorf("the command before still runs: %w", device.ErrSilent)
)
