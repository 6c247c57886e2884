package pcsc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ebfe/scard"

	"optag/device"
)

// pnp is the name under which the service tells of readers that come.
const pnp = `\\?PnP?\Notification`

// most readers that the service knows, and states that one wait takes.
const most = 16

// A view is what was last seen of all readers.
type view struct {
	known bool  // something was seen
	err   error // why nothing is seen
	slots []slot
}

// A slot is one place for a card.
type slot struct {
	name string
	card bool // one lies in it
	mute bool // it did not answer when it was powered
	busy bool // a program holds it
	atr  []byte
}

// fitting are the slots whose names fit.
func (v *view) fitting(pattern string) (list []slot) {
	for _, s := range v.slots {
		if fits(pattern, s.name) {
			list = append(list, s)
		}
	}
	return list
}

// best is the slot that the pattern is for: one with a card, if possible the one
// of last time. Its name is "" where none fits.
func (v *view) best(pattern, last string) (found slot) {
	for _, s := range v.fitting(pattern) {
		better := s.card && !found.card || s.card == found.card && s.name == last
		if found.name == "" || better {
			found = s
		}
	}
	return found
}

// slot is the one of that name.
func (v *view) slot(name string) (slot, bool) {
	i := slices.IndexFunc(v.slots, func(s slot) bool { return s.name == name })
	if i < 0 {
		return slot{}, false
	}
	return v.slots[i], true
}

// fits reports whether a name begins as the pattern says.
func fits(pattern, name string) bool {
	parts := strings.Split(strings.ToLower(pattern), "*")
	name, ok := strings.CutPrefix(strings.ToLower(name), parts[0])
	for _, part := range parts[1:] {
		if !ok {
			return false
		}
		_, name, ok = strings.Cut(name, part)
	}
	return ok
}

// view is what is seen now, and a channel that is closed when something else is.
// It waits for the first look. The error is that of the view, or of ctx.
func (s *Service) view(ctx context.Context) (view, <-chan struct{}, error) {
	s.begin.Do(func() { go s.watch() })
	for {
		s.mu.Lock()
		v, changed := s.now, s.changed
		s.mu.Unlock()
		if v.known {
			return v, changed, v.err
		}
		select {
		case <-changed:
		case <-s.closed:
			return v, nil, fmt.Errorf("%w: %w", errClosed, device.ErrUnplugged)
		case <-ctx.Done():
			return v, nil, ctx.Err()
		}
	}
}

// show publishes a view.
func (s *Service) show(v view) {
	v.known = true
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = v
	s.forget()
	close(s.changed)
	s.changed = make(chan struct{})
}

// watch follows all readers until the service is closed.
func (s *Service) watch() {
	defer close(s.done)
	var seen time.Time // when the service last answered
	for {
		ses, err := s.lib.establish()
		if err == nil {
			s.setWaiting(ses)
			err = s.follow(ses)
			s.setWaiting(nil)
			_ = ses.Release() // it may be gone already
			seen = time.Now()
		}
		if s.isClosed() {
			s.show(view{err: fmt.Errorf("%w: %w", errClosed, device.ErrUnplugged)})
			return
		}
		if time.Since(seen) > s.patience.restart {
			s.show(view{err: told(err)})
		}
		select {
		case <-s.closed:
		case <-time.After(s.patience.look / 10):
		}
	}
}

func (s *Service) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

func (s *Service) setWaiting(ses session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = ses
}

// follow shows what is seen through one session, until it breaks.
func (s *Service) follow(ses session) error {
	var states []scard.ReaderState
	for !s.isClosed() {
		names, err := ses.ListReaders()
		switch {
		case errors.Is(err, scard.ErrNoReadersAvailable):
			names = nil
		case errors.Is(err, scard.ErrInsufficientBuffer): // one came between the two calls
			continue
		case err != nil:
			return err
		}
		states = carry(states, names)
		fresh := slices.ContainsFunc(states, func(st scard.ReaderState) bool {
			return st.Reader != pnp && st.CurrentState == scard.StateUnaware
		})
		if len(names) == 0 {
			s.show(view{})
		}
		wait := s.patience.look
		if fresh {
			wait = 0
		}
		err = ses.GetStatusChange(states, wait)
		switch {
		case errors.Is(err, scard.ErrUnknownReader), errors.Is(err, scard.ErrCancelled):
			continue // one went between the two calls; or Close
		case err != nil && !errors.Is(err, scard.ErrTimeout):
			return err
		case err == nil:
			s.show(seenIn(states))
		default: // nothing has changed
			for i := range states {
				states[i].EventState = states[i].CurrentState
			}
		}
	}
	return nil
}

// carry makes the states to wait with from those of the wait before. What is new
// is unknown as yet.
func carry(old []scard.ReaderState, names []string) []scard.ReaderState {
	slices.Sort(names) // the service has them in no order
	var states []scard.ReaderState
	for _, name := range names {
		st := scard.ReaderState{Reader: name}
		if i := slices.IndexFunc(old, func(o scard.ReaderState) bool { return o.Reader == name }); i >= 0 {
			st.CurrentState = old[i].EventState &^ scard.StateChanged
		}
		states = append(states, st)
	}
	if len(states) < most {
		states = append(states, scard.ReaderState{Reader: pnp})
	}
	return states
}

// seenIn reads the states after a wait. The upper half of a state counts events.
func seenIn(states []scard.ReaderState) (v view) {
	for _, st := range states {
		if st.Reader == pnp || st.EventState&(scard.StateUnknown|scard.StateUnavailable) != 0 {
			continue
		}
		v.slots = append(v.slots, slot{
			name: st.Reader,
			card: st.EventState&scard.StatePresent != 0,
			mute: st.EventState&scard.StateMute != 0,
			busy: st.EventState&(scard.StateInuse|scard.StateExclusive) != 0,
			atr:  st.Atr,
		})
	}
	return v
}
