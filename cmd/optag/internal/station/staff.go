package station

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"optag/ui/flow"
)

// A StaffCard is a card that lies in a reader of staff cards.
type StaffCard struct {
	Slot         uint
	Serial       string
	Tries        string // "" plenty, "low", "final" or "locked"
	Keypad       bool   // the PIN is typed at the reader
	Certificates [][]byte
}

// StaffReaders are the readers of staff cards, as package device/token has them.
// One question is asked at a time. Each ends with its ctx.
type StaffReaders interface {
	// Cards lists the cards that lie there.
	Cards(ctx context.Context) ([]StaffCard, error)

	// Lies reports whether a card lies where it was; an error says nothing of
	// the card.
	Lies(ctx context.Context, c StaffCard) (bool, error)

	// Usable says why nobody may log in with one of a card's certificates, DER,
	// at a time; nil where somebody may.
	Usable(c StaffCard, certificate []byte, at time.Time) error

	// Prove has the certificate's key sign what nobody could know before, and
	// verifies that. The PIN is tried once, and wiped. An error that is a
	// [CardRefusal] says what the matter is with the card.
	Prove(ctx context.Context, c StaffCard, certificate, pin []byte) error
}

// A CardRefusal is why a card did not log anybody in, a code of [flow.CardRefused].
type CardRefusal string

// Error returns the code.
func (c CardRefusal) Error() string { return "the staff card was refused: " + string(c) }

// CardHash is by what a staff card's certificate, DER, is known in settings and log.
func CardHash(certificate []byte) string {
	h := sha256.Sum256(certificate)
	return hex.EncodeToString(h[:])
}

const (
	staffPoll = 250 * time.Millisecond // between two looks at the readers
	staffRest = 5 * time.Second        // at most, once they do not answer

	// staffPatience is how long nobody may have seen the card of whoever is
	// logged in by it. An answer that is lost, or a library that crashed once, is
	// made up for within it. One that is silent for longer might hide that the
	// card was taken away and somebody else sits there, so the counter locks; it
	// loses nothing by that, for a case waits at the log-in.
	staffPatience = 3 * time.Second

	// staffLoads is the same for the first look after a PIN was tried, for which
	// the library is loaded anew and reads the card.
	staffLoads = 5 * time.Second
)

// A staffLoop watches the readers of staff cards. Until somebody is logged in it
// looks for cards; then for that one alone by which they are, if by any. For a
// library looks for staff cards in every reader there is, and a holder whose chip
// is read in one of them must not be disturbed.
type staffLoop struct {
	s      *Station
	checks chan flow.CheckCard // the newest PIN that is to be tried
	used   atomic.Bool         // somebody is logged in
	in     atomic.Bool         // by card

	// These belong to the goroutine of run.
	found foundCard // what lies there, as the counter was told
	seen  time.Time // when the readers answered last
	said  string    // to the technician
}

// A foundCard is what lies in the readers, and of "one" the card and its owner's
// certificate.
type foundCard struct {
	flow.StaffCard
	card        StaffCard
	certificate []byte
}

func newStaffLoop(s *Station) *staffLoop {
	return &staffLoop{s: s, checks: make(chan flow.CheckCard, 1)}
}

// ask has a PIN tried. It is called on the station's goroutine.
func (l *staffLoop) ask(e flow.CheckCard) {
	select {
	case <-l.checks: // one that nobody waits for any more
	default:
	}
	l.checks <- e
}

// follow is told, on the station's goroutine, who is logged in.
func (l *staffLoop) follow(o *flow.Officer) {
	l.used.Store(o != nil)
	l.in.Store(o != nil && o.Certificate != "")
}

// run watches until the station ends.
func (l *staffLoop) run() {
	ctx := l.s.ctx
	for pause := staffPoll; ctx.Err() == nil; {
		if l.used.Load() || l.look(ctx) {
			pause = staffPoll
		} else {
			pause = min(2*pause, staffRest)
		}
		select {
		case <-ctx.Done():
		case e := <-l.checks:
			if l.check(ctx, e) {
				l.guard(ctx, l.found)
			}
		case <-time.After(pause):
		}
	}
}

// look tells the counter what lies in the readers, where that has changed; false
// where they do not answer.
func (l *staffLoop) look(ctx context.Context) bool {
	now := time.Now()
	cards, err := l.s.opt.Staff.Cards(ctx)
	switch {
	case ctx.Err() != nil:
		return false
	case err != nil:
		l.complain(err)
		if now.Sub(l.seen) > staffPatience || time.Since(now) > staffPatience {
			l.tell(foundCard{StaffCard: flow.StaffCard{Is: "failed"}})
		}
		return false
	}
	l.seen, l.said = time.Now(), ""
	l.tell(l.find(cards))
	return true
}

func (l *staffLoop) tell(f foundCard) {
	changed := f.StaffCard != l.found.StaffCard
	l.found = f
	if changed {
		l.s.Send(flow.StaffCardIs{Card: f.StaffCard})
	}
}

// complain tells the technician, once, why the readers do not answer.
func (l *staffLoop) complain(err error) {
	if said := err.Error(); said != l.said {
		l.said = said
		l.s.tech.Warn("staff cards", "err", err)
	}
}

// find says what the cards in the readers are good for: the best of them counts,
// and two that are equally good are one too many.
func (l *staffLoop) find(cards []StaffCard) foundCard {
	order := []string{"none", "stranger", "unusable", "locked", "one"}
	best, good := foundCard{StaffCard: flow.StaffCard{Is: "none"}}, 0
	for _, c := range cards {
		f := l.judge(c)
		if f.Is == "one" {
			good++
		}
		if slices.Index(order, f.Is) > slices.Index(order, best.Is) {
			best = f
		}
	}
	if good > 1 {
		return foundCard{StaffCard: flow.StaffCard{Is: "several"}}
	}
	return best
}

// judge says what one card is good for. Whose it is stands in the settings, by
// the hash of a certificate; nothing that a certificate says decides it.
func (l *staffLoop) judge(c StaffCard) foundCard {
	f := foundCard{StaffCard: flow.StaffCard{Is: "stranger"}}
	if len(c.Certificates) == 0 {
		f.Is = "unusable"
	}
	for _, der := range c.Certificates {
		o, bound := l.owner(CardHash(der))
		switch {
		case !bound:
		case l.s.opt.Staff.Usable(c, der, l.s.now()) != nil:
			f = foundCard{flow.StaffCard{Is: "unusable"}, c, der}
		case c.Tries == "locked":
			return foundCard{flow.StaffCard{Is: "locked", Officer: o}, c, der}
		default:
			return foundCard{flow.StaffCard{Is: "one", Officer: o, Tries: c.Tries, Keypad: c.Keypad}, c, der}
		}
	}
	return f
}

func (l *staffLoop) owner(hash string) (o flow.Officer, bound bool) {
	for _, known := range l.s.settings.Officers {
		if known.Card == hash {
			return flow.Officer{ID: known.ID, Name: known.Name, Role: known.Role, Certificate: hash}, true
		}
	}
	return o, false
}

// check has a PIN tried and tells the counter, which has taken that when check
// returns; true where somebody was let in.
func (l *staffLoop) check(ctx context.Context, e flow.CheckCard) bool {
	pin := []byte(e.PIN)
	defer clear(pin)
	err := l.prove(ctx, e.Staff, pin)
	if ctx.Err() != nil {
		return false
	}
	told := make(chan struct{})
	l.s.later(func() {
		defer close(told)
		if err == nil {
			l.s.handle(flow.LoggedIn{Officer: l.found.Officer})
			return
		}
		code := CardRefusal("failed")
		if !errors.As(err, &code) {
			l.s.tech.Warn("logging in by staff card", "err", err)
		}
		l.s.log("login_failed", string(code), "")
		l.s.handle(flow.CardRefused{Code: string(code)})
	})
	select {
	case <-told:
	case <-l.s.done:
	}
	return err == nil && l.in.Load()
}

// prove has the card sign that the counter showed. Another one that lies there by
// now is not asked, so that no try of its is lost to a PIN that was meant for the
// first.
func (l *staffLoop) prove(ctx context.Context, staff string, pin []byte) error {
	shown := l.found
	cards, err := l.s.opt.Staff.Cards(ctx)
	if err != nil {
		return err
	}
	f := l.find(cards)
	same := f.card.Serial == shown.card.Serial && bytes.Equal(f.certificate, shown.certificate)
	switch {
	case f.Is == "none":
		return CardRefusal("removed")
	case shown.Officer.ID != staff || !same:
		return CardRefusal("changed")
	case f.Is == "locked":
		return CardRefusal("locked")
	case f.Is != "one":
		return CardRefusal("unusable")
	}
	l.found.card = f.card
	return l.s.opt.Staff.Prove(ctx, f.card, f.certificate, pin)
}

// guard watches the card of whoever is logged in by it, and has the counter lock
// when it is gone.
func (l *staffLoop) guard(ctx context.Context, f foundCard) {
	until := time.Now().Add(staffLoads)
	anew := true // the library may have been loaded since the card was seen
	for l.in.Load() && ctx.Err() == nil {
		limited, stop := context.WithDeadline(ctx, until)
		lies, err := l.lies(limited, &f, anew)
		stop()
		switch {
		case ctx.Err() != nil:
			return
		case lies:
			until, anew = time.Now().Add(staffPatience), false
		case err == nil:
			l.gone("none")
			return
		case !time.Now().Before(until):
			l.gone("failed")
			return
		default:
			anew = true
			l.complain(err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(staffPoll):
		}
	}
}

// gone has the counter lock, and tells what lies there, so that the log-in does not
// ask for a card that was just taken away.
func (l *staffLoop) gone(is string) {
	l.found = foundCard{StaffCard: flow.StaffCard{Is: is}}
	now := flow.StaffCardIs{Card: l.found.StaffCard}
	l.s.later(func() {
		l.s.step(flow.StaffCardGone{})
		l.s.handle(now)
	})
}

// lies reports whether a card lies where it was. A library that was loaded anew may
// have given its slot another number. Only then is it looked for in all of them: a
// copy of what it shows to everybody, which may lie in another reader, is not it.
func (l *staffLoop) lies(ctx context.Context, f *foundCard, anew bool) (bool, error) {
	lies, err := l.s.opt.Staff.Lies(ctx, f.card)
	if lies || err != nil || !anew {
		return lies, err
	}
	cards, err := l.s.opt.Staff.Cards(ctx)
	if err != nil {
		return false, nil // the library has said that it is gone
	}
	same := slices.DeleteFunc(slices.Clone(cards), func(c StaffCard) bool {
		return c.Serial != f.card.Serial || !slices.ContainsFunc(c.Certificates, func(der []byte) bool { return bytes.Equal(der, f.certificate) })
	})
	if len(same) != 1 {
		return false, nil
	}
	f.card = same[0]
	return true, nil
}
