package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"optag/cmd/optag/internal/station"
	"optag/device/emrtd/emrtdtest"
	"optag/device/pcsc/pcsctest"
	"optag/ui/flow"
)

// A pcscDesk is a counter whose card reader is one of a real smart card service.
type pcscDesk struct {
	*counterDesk
	*pcsctest.Hand
	env  *env
	land land
}

// openPCSC opens a counter at one of the readers of a service. Those of one test
// share a connection to it, as a program has one.
func openPCSC(t *testing.T, e *env, l land, reader int) pcscDesk {
	t.Helper()
	set := station.Defaults()
	set.Cards = &station.Cards{Reader: pcsctest.Name + " " + string(rune('0'+reader))}
	d := pcscDesk{Hand: pcsctest.NewHand(t, reader, 0), env: e, land: l}
	d.counterDesk = openCounter(t, func(o *station.Options) {
		var err error
		if o.Chips, err = e.chips(set, o.Identity, o.Service); err != nil {
			t.Error(err)
		}
	})
	return d
}

// program is what the counters of a test share: the service's connection, and the
// certificate of the land that issues the cards.
func program(t *testing.T, l land) *env {
	t.Helper()
	e := &env{home: t.TempDir()}
	t.Cleanup(func() {
		if e.cards != nil {
			e.cards.Close()
		}
	})
	dir := filepath.Join(e.home, issuers)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "utopia"), l.Authority.Certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	return e
}

// reads lays a card down and has it read.
func (d pcscDesk) reads(c *emrtdtest.Card) {
	d.t.Helper()
	d.Insert(c)
	d.lies()
	begun := time.Now()
	d.ask(specimenCAN)
	v := d.until("what the chip holds", func(v glance) bool { return v.card.Seen != nil })
	if l := v.card.Seen.Lamps; l[0].Verdict != "ok" || l[1].Verdict != "ok" || l[2].Verdict != "ok" {
		d.t.Errorf("the lamps are %v", l)
	}
	d.t.Logf("read in %v", time.Since(begun))
}

// takes takes the card away, of which nothing is left.
func (d pcscDesk) takes() {
	d.t.Helper()
	begun := time.Now()
	d.Remove()
	d.until("no card", func(v glance) bool { return !v.card.Lies && v.card.Seen == nil })
	d.t.Logf("cleared after %v", time.Since(begun))
}

// TestPCSCCounter is the counter at readers of a real service: a card comes, is
// read and goes; another program holds it; one says nothing more; the service is
// killed and begun again, while a card is read and while one is shown.
func TestPCSCCounter(t *testing.T) {
	daemon := pcsctest.Start(t, 2)
	l := newLand(t, time.Now())
	e := program(t, l)
	t.Run("at two readers", func(t *testing.T) {
		t.Run("a card that says nothing more", func(t *testing.T) {
			t.Parallel()
			d := openPCSC(t, e, l, 1)
			mute := l.card(t, nil)
			mute.SilentAt = 9
			d.Insert(mute)
			d.lies()
			d.ask(specimenCAN)
			d.until("that the chip does not answer", func(v glance) bool { return v.notice == "card_silent" })
			d.takes()
			d.reads(l.card(t, nil))
		})
		t.Run("in, read, out, and held by another", func(t *testing.T) {
			t.Parallel()
			openPCSC(t, e, l, 0).inAndOut(t)
		})
	})
	d := openPCSC(t, e, l, 0)
	d.killedInMidRead(daemon)
	d.killedWhileShown(daemon)
	if n := len(lookups(t, d.Queue())); n != 4 {
		t.Errorf("%d look-ups in the log, want 4", n)
	}
}

func (d pcscDesk) inAndOut(t *testing.T) {
	card := d.land.card(t, nil)
	d.reads(card)
	d.takes()
	d.Send(flow.Back{})
	d.until("home", func(v glance) bool { return v.page == flow.Home })
	d.Insert(card)
	reader, err := d.env.smartCards().Open(t.Context(), pcsctest.Name+" 0")
	if err != nil {
		t.Fatal(err)
	}
	held, err := reader.Card(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d.Send(flow.Go{To: flow.Card})
	d.until("that another program holds it", func(v glance) bool { return v.notice == "card_busy" && !v.card.Lies })
	held.Close()
	reader.Close()
	d.reads(card)
	d.takes()
}

// killedInMidRead ends the service at a command, and begins it again at once.
func (d pcscDesk) killedInMidRead(daemon *pcsctest.Daemon) {
	d.t.Helper()
	card := d.land.card(d.t, nil)
	card.Answer = func(n int, _, answer []byte) []byte {
		if n == 12 {
			daemon.End(syscall.SIGKILL)
		}
		return answer
	}
	d.Insert(card)
	d.lies()
	d.ask(specimenCAN)
	d.until("that it was not read", func(v glance) bool { return v.notice == "card_silent" || v.notice == "card_removed" })
	daemon.Begin()
	d.readsSoon(d.land.card(d.t, nil))
	d.takes()
}

// killedWhileShown ends the service for some seconds: nothing stays on the screen.
func (d pcscDesk) killedWhileShown(daemon *pcsctest.Daemon) {
	d.t.Helper()
	card := d.land.card(d.t, nil)
	d.reads(card)
	begun := time.Now()
	daemon.End(syscall.SIGTERM)
	d.until("that the reader is gone", func(v glance) bool { return v.card.Gone != "" && v.card.Seen == nil })
	d.t.Logf("cleared %v after the service ended", time.Since(begun))
	daemon.Begin()
	d.readsSoon(card)
	d.takes()
}

// readsSoon is reads with a service that was just begun.
func (d pcscDesk) readsSoon(c *emrtdtest.Card) {
	d.t.Helper()
	begun := time.Now()
	d.reads(c)
	if took := time.Since(begun); took > 5*time.Second {
		d.t.Errorf("the next card is read %v after the service is there again", took)
	}
}
