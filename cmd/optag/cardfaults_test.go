package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"optag/device"
	"optag/device/emrtd/emrtdtest"
	"optag/ui/flow"
)

// A way is how a chip is opened at the counter.
type way struct {
	name string
	card *emrtdtest.Card
	key  key
	n    int // commands of a whole reading
}

// ways are those of the cards that a counter meets.
func ways(t *testing.T, b *cardBench, l land) []way {
	t.Helper()
	document := emrtdtest.Specimen(nil, l.day).Document
	list := []way{
		{name: "basic access control", card: l.card(t, func(s *emrtdtest.Spec) { s.PACE, s.Chip = nil, nil }), key: byZone(document, l.day)},
		{name: "PACE with the zone", card: l.card(t, nil), key: byZone(document, l.day)},
		{name: "PACE with the number on its face", card: l.card(t, nil), key: byCAN(specimenCAN)},
	}
	for i := range list {
		w := &list[i]
		b.port.set(func(p *port) { p.before = func(n int) { w.n = n } })
		b.insert(w.card)
		b.read(w.key)
		if b.state.Card.Seen == nil || w.n < 20 {
			t.Fatalf("%s: %d commands, says %q", w.name, w.n, b.says())
		}
		b.port.set(func(p *port) { p.before = nil })
		b.remove()
	}
	return list
}

// holder are words of what is in a specimen, none of which opens it.
func holder() []string { return []string{"ERIKSSON", "ANNA", "ZENITH", "120890-0000"} }

// A fault is what happens to a card or its reader at command n of a reading.
type fault struct {
	name string
	does func(b *cardBench, card *emrtdtest.Card, n int)
	says func(b *cardBench) error // what is wrong with what the counter says then
	mend func(b *cardBench)
}

// TestAtEveryCommand: whatever happens to a card or its reader at whichever
// command, the page says so, nothing is left of the card, one look-up is in the
// log, and the next card is read.
func TestAtEveryCommand(t *testing.T) {
	for _, f := range []fault{
		{"the card is taken away", func(b *cardBench, _ *emrtdtest.Card, n int) {
			b.port.set(func(p *port) { p.before = at(n, func() { b.port.now().Remove() }) })
		}, saying("card_removed"), nil},
		{"the card loses the field for a moment", func(_ *cardBench, c *emrtdtest.Card, n int) { c.RemovedAt = n }, func(b *cardBench) error {
			if !slices.Contains(b.told, "card_removed") || !b.state.Card.Lies {
				return fmt.Errorf("it said %q, lies %v", b.told, b.state.Card.Lies)
			}
			return nil
		}, nil},
		{"the card says nothing more", func(_ *cardBench, c *emrtdtest.Card, n int) { c.SilentAt = n }, saying("card_silent"), nil},
		{"the reader is pulled out", func(b *cardBench, _ *emrtdtest.Card, n int) {
			b.port.set(func(p *port) { p.before = at(n, func() { b.port.unplug() }) })
		}, func(b *cardBench) error {
			if got := b.says(); got != b.text("card.gone") || b.state.Card.Gone != "unplugged" {
				return fmt.Errorf("it says %q, reader %q", got, b.state.Card.Gone)
			}
			return nil
		}, func(b *cardBench) {
			b.port.plug()
			b.wait(time.Second)
		}},
	} {
		t.Run(f.name, func(t *testing.T) { t.Parallel(); f.atEveryCommand(t) })
	}
}

// at does something at one command of a card.
func at(n int, do func()) func(int) {
	return func(now int) {
		if now == n {
			do()
		}
	}
}

// saying checks that the page says a notice, in the clerk's language.
func saying(code string) func(*cardBench) error {
	return func(b *cardBench) error {
		if got := b.says(); b.state.Notice.Code != code || got != b.text("notice."+code) {
			return fmt.Errorf("it says %q, %q, want %s", b.state.Notice.Code, got, code)
		}
		return nil
	}
}

// atEveryCommand plays the fault at every command of every way.
func (f fault) atEveryCommand(t *testing.T) {
	t.Helper()
	atCounter(t, func(t *testing.T, b *cardBench, l land) {
		next := l.card(t, other)
		all := ways(t, b, l)
		seen := len(b.lookups())
		for _, w := range all {
			for n := 1; n <= w.n; n++ {
				was := w.card.Faults
				b.insert(w.card)
				f.does(b, w.card, n)
				b.read(w.key)
				if err := f.says(b); err != nil {
					t.Errorf("%s, command %d of %d: %v", w.name, n, w.n, err)
				}
				b.nothingShown(holder()...)
				w.card.Faults = was
				b.port.set(func(p *port) { p.before = nil })
				if f.mend != nil {
					f.mend(b)
				}
				b.remove()
				seen++
				if log := b.lookups(); len(log) != seen {
					t.Fatalf("%s, command %d of %d: %d look-ups in the log, want %d", w.name, n, w.n, len(log), seen)
				}
				seen++
				b.next(next)
			}
		}
	})
}

// next has the card of somebody else read, and taken away.
func (b *cardBench) next(card *emrtdtest.Card) {
	b.t.Helper()
	b.clear()
	b.insert(card)
	b.read(byCAN(specimenCAN))
	if s := b.state.Card.Seen; s == nil || s.Zone.Primary != "HADDAD" {
		b.t.Fatalf("the next card is not read, it says %q", b.says())
	}
	b.remove()
	b.nothingShown("HADDAD")
	if card.Wrong() > 0 {
		b.t.Errorf("the next card saw a wrong key")
	}
}

// A card is held as long as what is in it is shown, so that nobody else takes it
// and it is missed when it goes.
func TestAnotherProgramWantsTheCardThatIsShown(t *testing.T) {
	atCounter(t, func(t *testing.T, b *cardBench, l land) {
		b.insert(l.card(t, nil))
		b.port.set(func(p *port) { p.deny = func() error { return device.ErrSilent } })
		b.read(byCAN(specimenCAN))
		b.wait(time.Minute)
		if b.state.Card.Seen == nil || !b.state.Card.Lies {
			t.Errorf("it is not shown for a minute; it says %q", b.says())
		}
	})
}

// A card that cannot be had: the page says why, again and again, and has it as soon
// as it can be had.
func TestACardThatCannotBeHad(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		says string
	}{
		{"another program holds it", errTaken, "card_busy"},
		{"it lies the wrong way up", device.ErrSilent, "card_mute"},
	} {
		t.Run(c.name, func(t *testing.T) {
			atCounter(t, func(t *testing.T, b *cardBench, l land) {
				b.do(flow.Back{})
				b.port.set(func(p *port) { p.deny = func() error { return c.err } })
				b.hand(func(p *port) { p.now().Insert(l.card(t, nil)) })
				b.do(flow.Go{To: flow.Card})
				for range 3 {
					if err := saying(c.says)(b); err != nil || b.state.Card.Lies {
						t.Errorf("%v, lies %v", err, b.state.Card.Lies)
					}
					b.do(flow.Edit{Field: flow.CAN, Value: "2"}) // the sentence goes, and comes again
					b.wait(4 * time.Second)
				}
				b.port.set(func(p *port) { p.deny = nil })
				b.wait(4 * time.Second)
				b.read(byCAN(specimenCAN))
				if b.state.Card.Seen == nil || len(b.lookups()) != 1 {
					t.Errorf("it says %q; %d look-ups in the log", b.says(), len(b.lookups()))
				}
			})
		})
	}
}

// What was asked of a card that is gone is not asked of the next.
func TestAKeyIsForTheCardThatLiesThere(t *testing.T) {
	atCounter(t, func(t *testing.T, b *cardBench, l land) {
		next := l.card(t, func(s *emrtdtest.Spec) { other(s); s.CAN = "987654" })
		b.insert(l.card(t, nil))
		b.port.set(func(p *port) { p.before = at(9, func() { b.port.now().Remove() }) })
		b.port.set(func(p *port) { p.letGo = func() { b.st.Send(flow.Next{}) } }) // pressed once more, before it is known
		b.read(byCAN(specimenCAN))
		b.port.set(func(p *port) { p.before, p.letGo = nil, nil })
		b.insert(next)
		if got := b.lookups(); next.Wrong() > 0 || len(got) != 2 || !strings.Contains(got[1], "broken_off") {
			t.Errorf("the next card saw %d wrong keys; the log says %q", next.Wrong(), got)
		}
	})
}

// garbles are what a bad field or a broken chip makes of an answer.
func garbles() []func(answer []byte) []byte {
	return []func([]byte) []byte{
		func([]byte) []byte { return nil },
		func(a []byte) []byte { a[len(a)/2] ^= 4; return a },
		func([]byte) []byte { return []byte{0x6f, 0} },
		func(a []byte) []byte { return append(a[:len(a)/2], 0x90, 0) },
		func([]byte) []byte { return []byte{0x69, 0x82} },
		func([]byte) []byte { return []byte{0x90, 0} },
		func([]byte) []byte { return []byte{0x61, 0} },
		func(a []byte) []byte { return append(make([]byte, 70000), 0x90, 0) },
	}
}

// TestAnyAnswerGarbledAtTheCounter: a card that answers otherwise at one command is
// not read, or is shown with a doubt, or it does not matter; a forged name is
// never shown as proven.
func TestAnyAnswerGarbledAtTheCounter(t *testing.T) {
	all, turns := garbles(), 1
	if os.Getenv("OPTAG_SOAK") != "" { // each at each command
		turns = len(all)
	}
	for turn := range turns {
		garbled := fault{does: func(_ *cardBench, c *emrtdtest.Card, n int) {
			c.Answer = func(now int, _, answer []byte) []byte {
				if now == n {
					return all[(n+turn)%len(all)](answer)
				}
				return answer
			}
		}, says: plausible}
		t.Run(fmt.Sprint("turn ", turn+1), func(t *testing.T) { t.Parallel(); garbled.atEveryCommand(t) })
	}
}

// plausible is what may be said of a card whose answer was garbled.
func plausible(b *cardBench) error {
	s := b.state.Card.Seen
	if s == nil {
		codes := []string{"card_failed", "card_wrong_key", "card_wrong_key_tries", "card_no_access", "card_no_document"}
		if !slices.Contains(codes, b.state.Notice.Code) {
			return fmt.Errorf("it says %q", b.state.Notice.Code)
		}
		return nil
	}
	defer b.do(flow.Next{})
	if content := s.Lamps[1]; s.Zone.Primary != "ERIKSSON" && content.Verdict == "ok" || s.Face == nil && content.Verdict == "ok" && len(s.Unread) == 0 {
		return fmt.Errorf("another name or no face, and it is said to be as it was signed")
	}
	return nil
}

// The case form opens the page with a key before the card lies there: it is read
// as soon as it does.
func TestReadingBeginsWithTheCard(t *testing.T) {
	atCounter(t, func(t *testing.T, b *cardBench, l land) {
		b.do(flow.Back{}, flow.NewCase{}, flow.DocumentRead{Lines: zoneOf(t, l)}, flow.ReadChip{})
		b.insert(l.card(t, nil))
		if b.state.Card.Seen == nil {
			t.Errorf("it is not read; it says %q", b.says())
		}
	})
}

// zoneOf is the zone of the land's specimen, as a reader draws it.
func zoneOf(t *testing.T, l land) []string {
	t.Helper()
	lines, err := emrtdtest.Specimen(nil, l.day).Document.Lines()
	if err != nil {
		t.Fatal(err)
	}
	return lines
}
