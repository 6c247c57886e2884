package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"optag/device/emrtd/emrtdtest"
	"optag/ui/flow"
)

// An abuser does whatever hands can do at a counter, in any order.
type abuser struct {
	*cardBench
	*rand.Rand
	land  land
	cards []*emrtdtest.Card
	names []string // of their holders
	lies  int      // which of them lies in the reader; -1 none
	did   []string

	officer bool // somebody was logged in when nobody worked last
	page    flow.Page
}

// settle waits until all that follows at once is done.
func (a *abuser) settle() {
	a.do()
	a.officer, a.page = a.state.Officer != nil, a.state.Page
}

// TestWhateverHandsDo plays a hundred random sequences at each of two counters, in
// long runs of a hundred: cards and readers come and go, also in mid-reading, keys
// are typed and zones drawn through, pages change, the counter is locked or left
// alone.
func TestWhateverHandsDo(t *testing.T) {
	counters := uint64(2)
	if os.Getenv("OPTAG_SOAK") != "" {
		counters = 100
	}
	for counter := range counters {
		t.Run(fmt.Sprint("counter ", counter+1), func(t *testing.T) {
			t.Parallel()
			atCounter(t, func(t *testing.T, b *cardBench, l land) {
				a := &abuser{cardBench: b, Rand: rand.New(rand.NewPCG(counter, 1)), land: l, lies: -1}
				a.cards = []*emrtdtest.Card{l.card(t, nil), l.card(t, other), l.card(t, func(s *emrtdtest.Spec) { s.PACE, s.Chip, s.CAN = nil, nil, "" })}
				a.names = []string{"ERIKSSON", "HADDAD", "ERIKSSON"}
				for i := range 100 {
					a.did = nil
					for range 12 + a.IntN(12) {
						a.act()
						a.look()
					}
					a.ends()
					if t.Failed() {
						t.Fatalf("sequence %d: %s", i, strings.Join(a.did, ", "))
					}
				}
			})
		})
	}
}

// act does something; often the next thing follows before its effect.
func (a *abuser) act() {
	a.port.set(func(p *port) { p.before = nil })
	what := a.choose()
	a.did = append(a.did, what)
	switch what {
	case "insert":
		a.insert()
	case "remove":
		a.remove()
	case "unplug":
		a.port.unplug()
		a.lies = -1
	case "plug":
		if a.port.now() == nil {
			a.port.plug()
		}
	case "mid-reading":
		a.midReading()
	case "wait":
		a.wait(time.Duration(a.IntN(5)) * time.Second)
	case "leave alone":
		a.wait(6 * time.Minute)
	default:
		for _, e := range a.clerk(what) {
			a.st.Send(e)
		}
	}
	if a.IntN(3) > 0 {
		a.settle()
	}
}

// choose is what comes next: every second time, what leads to a reading.
func (a *abuser) choose() string {
	if a.IntN(2) > 0 {
		switch {
		case !a.officer:
			return "log in"
		case a.page != flow.Card:
			return []string{"back", "cards"}[a.IntN(2)]
		case a.port.now() == nil:
			return "plug"
		case a.lies < 0:
			return "insert"
		}
		return []string{"mid-reading", "type", "read", "swipe"}[a.IntN(4)]
	}
	all := []string{"insert", "remove", "unplug", "plug", "mid-reading", "wait", "leave alone", "type", "type wrong", "read", "swipe",
		"swipe rubbish", "turn", "show", "lock", "log in", "cards", "home", "back", "case", "chip", "self-test", "contrast"}
	return all[a.IntN(len(all))]
}

func (a *abuser) insert() {
	if a.lies < 0 && a.port.now() != nil {
		a.lies = a.IntN(len(a.cards))
		a.port.now().Insert(a.cards[a.lies])
	}
}

// remove takes the card away. No hand lays down another before that is seen.
func (a *abuser) remove() {
	if a.port.now() != nil {
		a.port.now().Remove()
	}
	a.lies = -1
	a.do()
}

// midReading lets something happen at a command of the next reading, and has a
// reading asked for.
func (a *abuser) midReading() {
	n, how := 1+a.IntN(30), a.IntN(4)
	a.did = append(a.did, fmt.Sprint(n, " ", how))
	happens := at(n, func() {
		switch how {
		case 0:
			a.port.now().Remove()
			a.lies = -1
		case 1:
			a.port.unplug()
			a.lies = -1
		case 2:
			a.st.Send(flow.Lock{})
		case 3:
			a.st.Send(flow.Back{})
		}
	})
	a.port.set(func(p *port) { p.before = happens })
	a.do(append(byCAN(specimenCAN), flow.Next{})...)
	a.port.set(func(p *port) { p.before = nil })
}

// clerk is what the clerk does at the screen.
func (a *abuser) clerk(what string) []flow.Event {
	switch what {
	case "type":
		return byCAN(specimenCAN)
	case "type wrong":
		return byCAN([]string{"000000", "12", ""}[a.IntN(3)])
	case "read":
		return []flow.Event{flow.Next{}}
	case "swipe":
		return []flow.Event{flow.DocumentRead{Lines: zoneOf(a.t, a.land)}}
	case "swipe rubbish":
		return []flow.Event{flow.DocumentRead{Lines: []string{"RUBBISH"}}, flow.DocumentSpoilt{}}
	case "turn":
		return []flow.Event{flow.RightsTurn{By: 1 - 2*a.IntN(2)}}
	case "show":
		return []flow.Event{flow.HandOver{}}
	case "lock":
		return []flow.Event{flow.Lock{}}
	case "log in":
		return []flow.Event{flow.LoggedIn{Officer: flow.Officer{ID: "4718", Role: "clerk"}}}
	case "cards":
		return []flow.Event{flow.Go{To: flow.Card}}
	case "home":
		return []flow.Event{flow.Go{To: flow.Home}}
	case "case":
		return []flow.Event{flow.NewCase{}}
	case "chip":
		return []flow.Event{flow.ReadChip{}}
	case "self-test":
		return []flow.Event{flow.Go{To: flow.Devices}, flow.RunSelfTest{}}
	case "contrast":
		return []flow.Event{flow.Contrast{}, flow.TextSize{Percent: 200}}
	}
	return []flow.Event{flow.Back{}}
}

// look waits until all that follows at once is done, now and then, and checks
// what must always be so.
func (a *abuser) look() {
	a.t.Helper()
	if a.IntN(2) > 0 {
		return
	}
	answered := false
	a.st.Act(func(*flow.State) flow.Event { answered = true; return flow.Tick{} })
	a.settle()
	k := a.state.Card
	switch {
	case !answered:
		a.t.Errorf("the counter does not answer")
	case a.lies < 0 && (k.Seen != nil || k.Reading || k.Lies):
		a.t.Errorf("no card lies there: shown %v, reading %v, lies %v", k.Seen != nil, k.Reading, k.Lies)
	case k.Seen != nil && k.Seen.Zone.Primary != a.names[a.lies]:
		a.t.Errorf("the card of %s lies there, and that of %s is shown", a.names[a.lies], k.Seen.Zone.Primary)
	case a.state.Page != flow.Card && (k.Seen != nil || k.Reading):
		a.t.Errorf("on page %s: shown %v, reading %v", a.state.Page, k.Seen != nil, k.Reading)
	case k.Reading:
		a.t.Errorf("the reading hangs")
	case a.port.most > 1:
		a.t.Errorf("%d readings at a time", a.port.most)
	}
	if a.state.Page != flow.Card && a.state.Page != flow.CaseForm {
		a.nothingShown(holder()...)
	}
}

// ends has a clerk do what is usual, which always goes.
func (a *abuser) ends() {
	a.t.Helper()
	a.remove()
	a.port.unplug()
	a.port.plug()
	a.do(flow.LoggedIn{Officer: flow.Officer{ID: "4718", Role: "clerk"}})
	for range 5 {
		if a.state.Page != flow.Home {
			a.do(flow.Back{})
		}
	}
	a.do(flow.Go{To: flow.Card})
	for _, f := range flow.CardFields() {
		a.do(flow.Edit{Field: f})
	}
	a.port.now().Insert(a.cards[1])
	a.lies = 1
	a.wait(time.Second)
	a.do(append(byCAN(specimenCAN), flow.Next{})...)
	if s := a.state.Card.Seen; s == nil || a.state.Page != flow.Card {
		a.t.Errorf("in the end no card is read: page %s, it says %q, reader %q", a.state.Page, a.says(), a.state.Card.Gone)
	}
	if n := len(a.lookups()); n != a.state.Card.Ask {
		a.t.Errorf("%d look-ups are in the log, %d readings were asked for", n, a.state.Card.Ask)
	}
	a.remove()
	a.do(flow.Back{})
	a.nothingShown(append(holder(), "HADDAD")...)
}
