package main

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"optag/cmd/optag/internal/simulate"
	"optag/cmd/optag/internal/station"
	"optag/ui/flow"
)

// A counterDesk is a simulated counter at which a clerk is logged in, with the
// page for cards open.
type counterDesk struct {
	*simulation
	t    *testing.T
	seen chan glance
	tech bytes.Buffer
	home string
}

// A glance is what the page shows.
type glance struct {
	card   flow.CardState
	notice string
	page   flow.Page
}

func openCounter(t *testing.T, amend ...func(*station.Options)) *counterDesk {
	t.Helper()
	d := &counterDesk{t: t, seen: make(chan glance, 4096), home: filepath.Join(t.TempDir(), "home")}
	e := &env{home: d.home, out: &d.tech, err: &d.tech}
	var err error
	see := func(s *flow.State) { d.seen <- glance{s.Card, s.Notice.Code, s.Page} }
	if d.simulation, err = newSimulation(e, simulate.Script{Person: 1}, slog.New(slog.NewTextHandler(&d.tech, nil)), see, amend...); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		d.simulation.Close()
	})
	d.Send(flow.LoggedIn{Officer: flow.Officer{ID: "4718", Role: "clerk"}})
	d.Send(flow.Go{To: flow.Card})
	return d
}

// until waits for the page to look as it should.
func (d *counterDesk) until(what string, is func(glance) bool) glance {
	d.t.Helper()
	late := time.After(40 * time.Second)
	last := glance{}
	for {
		select {
		case last = <-d.seen:
			if is(last) {
				return last
			}
		case <-late:
			d.t.Fatalf("%s: not within forty seconds; says %q, lies %v, reading %v, gone %q", what, last.notice, last.card.Lies, last.card.Reading, last.card.Gone)
		}
	}
}

func (d *counterDesk) lies() {
	d.t.Helper()
	d.until("a card in the reader", func(v glance) bool { return v.card.Lies })
}

// ask types the number on the face of the card, and has it read.
func (d *counterDesk) ask(can string) {
	d.Send(flow.Edit{Field: flow.CAN, Value: can})
	d.Send(flow.Next{})
}

const specimenCAN = "240917"

// TestHolderAtTheCounter: the holder is shown what the card holds and what is
// proven; when the card is taken away nothing of it is left but the fact.
func TestHolderAtTheCounter(t *testing.T) {
	d := openCounter(t)
	d.lies()
	d.ask(specimenCAN)
	v := d.until("what the chip holds", func(v glance) bool { return v.card.Seen != nil })
	s := v.card.Seen
	if s.Zone.Primary != "ERIKSSON" || s.Face == nil || s.Prints != "read" || len(s.Unread) > 0 || s.Signer == "" {
		t.Errorf("face %v, prints %q, signer %q, not legible %v", s.Face != nil, s.Prints, s.Signer, s.Unread)
	}
	for _, l := range s.Lamps {
		want := "ok"
		if l.ID == "belongs" { // with the number alone nothing is there to compare with
			want = "not_checked"
		}
		if l.Verdict != want {
			t.Errorf("%s is %s, %s", l.ID, l.Verdict, l.Why)
		}
	}
	d.Cards.Remove()
	d.until("the page is cleared", func(v glance) bool { return v.notice == "card_wiped" })
	got := lookups(t, d.Queue())
	if len(got) != 1 || !strings.Contains(got[0], "signature-ok content-ok genuine-ok belongs-not_checked prints-opened") || !strings.Contains(got[0], `"4718"`) {
		t.Errorf("the log says %q", got)
	}
	d.nothingOf("ERIKSSON", "D23145890", specimenCAN)
}

// nothingOf looks for words in the station's files and in what the technician reads.
func (d *counterDesk) nothingOf(words ...string) {
	d.t.Helper()
	(&desk{home: d.home}).nothingKept(d.t, words...)
}

// The reader is pulled out while the holder reads: nothing is left on the screen,
// and every other page goes on.
func TestCardReaderPulledOut(t *testing.T) {
	d := openCounter(t)
	d.lies()
	d.ask(specimenCAN)
	d.until("what the chip holds", func(v glance) bool { return v.card.Seen != nil })
	d.Cards.Unplug()
	d.until("the reader is gone", func(v glance) bool { return v.card.Gone == "unplugged" && v.card.Seen == nil })
	d.Send(flow.Back{})
	d.Send(flow.NewCase{})
	d.until("a new case", func(v glance) bool { return v.page == flow.CaseForm })
}
