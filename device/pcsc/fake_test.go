package pcsc

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ebfe/scard"
)

// A fakeService is the smart card service in this process: it answers as pcscd
// and libpcsclite 1.9.9 do, with their habits.
type fakeService struct {
	mu       sync.Mutex // protects all below
	changed  chan struct{}
	down     bool
	life     int // counted up by every start
	slots    map[string]*fakeSlot
	sessions int // that are open
	handles  int
	cuts     bool // its sessions can be cut short
	tells    func(scard.Attrib) ([]byte, error)
	asked    int // for attributes
}

// A fakeSlot is one slot of a reader.
type fakeSlot struct {
	card   *fakeCard
	mute   bool
	other  bool // another program holds the card
	events int
	held   *fakeHandle
}

// A fakeCard answers commands; nil answers 6A82.
type fakeCard struct {
	atr        []byte
	answer     func(command []byte) ([]byte, error)
	properties []byte // of the reader, while it lies there; nil: as its name says
}

func newFake(names ...string) *fakeService {
	f := &fakeService{changed: make(chan struct{}), slots: map[string]*fakeSlot{}}
	for _, n := range names {
		f.slots[n] = &fakeSlot{}
	}
	return f
}

// do changes something and tells who waits.
func (f *fakeService) do(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *fakeService) plug(name string) { f.do(func() { f.slots[name] = &fakeSlot{} }) }
func (f *fakeService) pull(name string) { f.do(func() { delete(f.slots, name) }) }

func (f *fakeService) lay(name string, c *fakeCard) {
	f.do(func() { f.slots[name].card = c; f.slots[name].events++ })
}

func (f *fakeService) stop() {
	f.do(func() {
		f.down = true
		for _, s := range f.slots {
			s.held = nil
		}
	})
}

func (f *fakeService) start() { f.do(func() { f.down = false; f.life++ }) }

// open is how many sessions and cards are held.
func (f *fakeService) open() (sessions, handles int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sessions, f.handles
}

func (f *fakeService) establish() (session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return nil, scard.ErrNoService
	}
	f.sessions++
	return &fakeSession{f: f, life: f.life, cancelled: make(chan struct{}, 1), dead: make(chan struct{})}, nil
}

type fakeSession struct {
	f         *fakeService
	life      int
	waits     bool
	cancelled chan struct{}
	once      sync.Once
	dead      chan struct{} // closed once the session was cut
}

// alive is an error unless the service is the one that the session began with.
func (s *fakeSession) alive() error {
	if s.f.down || s.life != s.f.life || s.isCut() {
		return scard.ErrNoService
	}
	return nil
}

func (s *fakeSession) isCut() bool {
	select {
	case <-s.dead:
		return true
	default:
		return false
	}
}

func (s *fakeSession) ListReaders() ([]string, error) {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	if err := s.alive(); err != nil {
		return nil, err
	}
	var names []string
	for n := range s.f.slots {
		names = append(names, n)
	}
	if names == nil {
		return nil, scard.ErrNoReadersAvailable
	}
	return names, nil
}

func (s *fakeSession) GetStatusChange(states []scard.ReaderState, timeout time.Duration) error {
	over := time.After(timeout)
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	count := len(s.f.slots)
	for _, st := range states {
		if st.Reader != pnp && s.f.slots[st.Reader] == nil {
			return scard.ErrUnknownReader
		}
	}
	for {
		if err := s.alive(); err != nil {
			return err
		}
		if s.f.states(states) || count != len(s.f.slots) {
			return nil
		}
		changed := s.f.changed
		s.waits = true
		s.f.mu.Unlock()
		var err error
		select {
		case <-changed:
		case <-s.cancelled:
			err = scard.ErrCancelled
		case <-over:
			err = scard.ErrTimeout
		}
		s.f.mu.Lock()
		s.waits = false
		if err != nil {
			return err
		}
	}
}

// states fills in what is; true when something is not as it was.
func (f *fakeService) states(states []scard.ReaderState) (news bool) {
	for i := range states {
		st := &states[i]
		if st.Reader == pnp {
			continue
		}
		s := f.slots[st.Reader]
		if s == nil {
			st.EventState = scard.StateUnknown | scard.StateUnavailable | scard.StateChanged
			return true
		}
		st.EventState = scard.StateFlag(s.events<<16) | scard.StateEmpty
		if s.card != nil {
			st.EventState, st.Atr = scard.StateFlag(s.events<<16)|scard.StatePresent, s.card.atr
		}
		if s.mute {
			st.EventState |= scard.StateMute
		}
		if s.other || s.held != nil {
			st.EventState |= scard.StateExclusive
		}
		if st.CurrentState != st.EventState {
			st.EventState |= scard.StateChanged
			news = true
		}
	}
	return news
}

// Cancel does nothing while nobody waits, as that of libpcsclite.
func (s *fakeSession) Cancel() error {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	if s.waits {
		select {
		case s.cancelled <- struct{}{}:
		default:
		}
	}
	return nil
}

// cut is possible where the service is told so: both ways to wait are tried.
func (s *fakeSession) cut() func() {
	if !s.f.cuts {
		return nil
	}
	return func() { s.once.Do(func() { close(s.dead) }) }
}

func (s *fakeSession) Release() error {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	s.f.sessions--
	return s.alive()
}

func (s *fakeSession) connect(name string) (handle, error) {
	var h *fakeHandle
	var err error
	s.f.do(func() {
		at := s.f.slots[name]
		switch err = s.alive(); {
		case err != nil:
		case at == nil:
			err = scard.ErrUnknownReader
		case at.card == nil:
			err = scard.ErrNoSmartcard
		case at.other || at.held != nil:
			err = scard.ErrSharingViolation
		case at.mute:
			err = scard.ErrUnpoweredCard
		default:
			h = &fakeHandle{session: s, slot: at, name: name, card: at.card}
			at.held = h
			s.f.handles++
		}
	})
	return h, err
}

func (s *fakeSession) attributes(name string, ids ...scard.Attrib) ([][]byte, error) {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	at := s.f.slots[name]
	switch err := s.alive(); {
	case err != nil:
		return nil, err
	case at == nil:
		return nil, scard.ErrUnknownReader
	case at.other || at.held != nil:
		return nil, scard.ErrSharingViolation
	}
	s.f.asked++
	values := make([][]byte, len(ids))
	for i, id := range ids {
		if s.f.tells != nil {
			values[i], _ = s.f.tells(id)
		}
	}
	return values, nil
}

type fakeHandle struct {
	session *fakeSession
	slot    *fakeSlot
	name    string
	card    *fakeCard
}

func (h *fakeHandle) Transmit(command []byte) ([]byte, error) {
	f := h.session.f
	f.mu.Lock()
	err := h.session.alive()
	switch {
	case err != nil:
	case f.slots[h.name] != h.slot:
		err = scard.ErrReaderUnavailable
	case h.slot.card != h.card:
		err = scard.ErrNotTransacted
	}
	f.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if h.card.answer == nil {
		return []byte{0x6a, 0x82}, nil
	}
	return h.answer(slices.Clone(command))
}

// answer is what the card says, unless the session is cut before: the command
// runs on in the reader then, and the service holds the card until it is done.
func (h *fakeHandle) answer(command []byte) ([]byte, error) {
	var answer []byte
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		answer, err = h.card.answer(command)
	}()
	select {
	case <-done:
		return answer, err
	case <-h.session.dead:
		go func() { <-done; h.letGo() }()
		return nil, scard.ErrCommError
	}
}

func (h *fakeHandle) Control(code uint32, _ []byte) ([]byte, error) {
	extended := strings.Contains(h.name, "Extended")
	switch {
	case h.card.properties != nil:
		return h.card.properties, nil
	case code == 0x42000000+3400 && !strings.Contains(h.name, "Old"):
		return []byte{0x06, 4, 0, 0, 0, 1, 0x12, 4, 0x42, 0x33, 0, 0x12}, nil
	case code == 0x42330012 && extended:
		return []byte{0x09, 1, 0, 0x0a, 4, 0, 0, 1, 0}, nil
	case code == 0x42330012:
		return []byte{0x0a, 4, 0, 0, 0, 0}, nil
	}
	return nil, scard.ErrUnsupportedFeature
}

func (h *fakeHandle) Disconnect(scard.Disposition) error {
	h.session.f.do(func() { h.session.f.handles-- })
	if h.session.isCut() {
		return scard.ErrNoService
	}
	h.letGo()
	return nil
}

// letGo gives the slot free.
func (h *fakeHandle) letGo() {
	h.session.f.do(func() {
		if h.slot.held == h {
			h.slot.held = nil
		}
	})
}
