package pcsc

import (
	"context"
	"errors"
	"testing"
	"time"

	"optag/device"
	"optag/device/devicetest"
)

// quick is patience for tests.
var quick = patience{command: 150 * time.Millisecond, connect: 60 * time.Millisecond, restart: 60 * time.Millisecond, look: 50 * time.Millisecond, settle: 50 * time.Millisecond}

const (
	table = "Acme Desk 7 [Contactless] (0042) 00 00"
	card  = "Acme Desk 7 [Contact] (0042) 00 01"
)

func newCard() *fakeCard { return &fakeCard{atr: []byte{0x3b, 0x80, 0x80, 0x01, 0x01}} }

// closing is a reader that closes its service as well, and sees that nothing is
// left open.
type closing struct {
	*Reader
	t *testing.T
	f *fakeService
}

func (c closing) Close() error {
	err := errors.Join(c.Reader.Close(), c.service.Close())
	if s, h := c.f.open(); s != 0 || h != 0 {
		c.t.Errorf("after closing, %d sessions and %d cards are held", s, h)
	}
	return err
}

func open(t *testing.T, f *fakeService, pattern string) closing {
	t.Helper()
	r, err := newService(f, quick).Open(t.Context(), pattern)
	if err != nil {
		t.Fatal(err)
	}
	return closing{r, t, f}
}

func TestContract(t *testing.T) {
	devicetest.TestCardReader(t, func(t *testing.T) (device.CardReader, devicetest.Hand) {
		f := newFake(table)
		f.cuts = true // as on Linux
		return open(t, f, "acme"), devicetest.Hand{
			Insert: func() { f.lay(table, newCard()) },
			Remove: func() { f.lay(table, nil) },
			Unplug: func() { f.pull(table) },
		}
	})
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"", table, true},
		{"Acme", table, true},
		{"acme desk", table, true},
		{"Desk", table, false},
		{"*desk", table, true},
		{"*[Contactless]", table, true},
		{"*[Contactless]", card, false},
		{"Acme*(0042)", table, true},
		{"Acme*(0043)", table, false},
		{"Acme*(0042)*Desk", table, false},
		{table, table, true},
		{table + " 00", table, false},
	} {
		if got := fits(c.pattern, c.name); got != c.want {
			t.Errorf("fits(%q, %q) = %v, want %v", c.pattern, c.name, got, c.want)
		}
	}
}

func TestDescribe(t *testing.T) {
	for _, c := range []struct{ name, maker, model, serial string }{
		{"ACS ACR122U PICC Interface 00 00", "ACS", "ACR122U PICC Interface", ""},
		{"Identiv uTrust 4701 F [uTrust 4701 F Contact Reader] (55041417602056) 01 00", "Identiv", "uTrust 4701 F [uTrust 4701 F Contact Reader]", "55041417602056"},
		{"Virtual PCD 00 0A", "Virtual", "PCD", ""},
		{"Reader", "", "Reader", ""},
		{"", "", "", ""},
	} {
		want := device.Info{Maker: c.maker, Model: c.model, Serial: c.serial, Driver: "pcsc", Version: "1"}
		if got := describe(c.name); got != want {
			t.Errorf("describe(%q) = %+v, want %+v", c.name, got, want)
		}
	}
}

func TestSlots(t *testing.T) {
	f := newFake(table, card)
	f.lay(card, newCard())
	s := newService(f, quick)
	defer s.Close()
	got, err := s.Slots(t.Context())
	if err != nil || len(got) != 2 || got[0].Name != card || !got[0].Card || got[1].Card {
		t.Errorf("Slots() = %+v, %v, want %q with a card and %q without", got, err, card, table)
	}
}

func TestWhatCannotBeOpened(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(*fakeService)
		want    error
	}{
		{"no reader at all", func(f *fakeService) { f.pull(table) }, device.ErrUnplugged},
		{"another reader", func(f *fakeService) { f.pull(table); f.plug("Other 00 00") }, device.ErrUnplugged},
		{"no service", (*fakeService).stop, ErrNoService},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(table)
			c.prepare(f)
			s := newService(f, quick)
			defer s.Close()
			if _, err := s.Open(t.Context(), "Acme"); !errors.Is(err, c.want) {
				t.Errorf("Open: error %v, want %v", err, c.want)
			}
		})
	}
}

func TestWhyThereIsNoCard(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(*fakeSlot)
		want error
	}{
		{"another program holds it", func(s *fakeSlot) { s.other = true }, ErrBusy},
		{"it lies the wrong way up", func(s *fakeSlot) { s.mute = true }, ErrMute},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(table)
			r := open(t, f, "")
			defer r.Close()
			f.lay(table, newCard())
			f.do(func() { c.set(f.slots[table]) })
			if _, err := r.Card(t.Context()); !errors.Is(err, c.want) || !errors.Is(err, device.ErrSilent) {
				t.Errorf("Card: error %v, want %v", err, c.want)
			}
			f.do(func() { f.slots[table].other, f.slots[table].mute = false, false })
			if _, err := r.Card(t.Context()); err != nil {
				t.Errorf("Card once that is over: %v", err)
			}
		})
	}
}

func TestAnotherProgramTriesTheCardFirst(t *testing.T) {
	f := newFake(table)
	r := open(t, f, "")
	defer r.Close()
	f.lay(table, newCard())
	f.do(func() { f.slots[table].other = true })
	time.AfterFunc(quick.connect/3, func() { f.do(func() { f.slots[table].other = false }) })
	if _, err := r.Card(t.Context()); err != nil {
		t.Errorf("Card: %v", err)
	}
}

func TestTheSlotWithTheCard(t *testing.T) {
	f := newFake(table, card)
	r := open(t, f, "Acme")
	defer r.Close()
	for _, name := range []string{table, card, table} {
		f.lay(name, newCard())
		if _, err := r.Card(t.Context()); err != nil || r.lastSlot() != name {
			t.Fatalf("card in %q, %v, want one in %q", r.lastSlot(), err, name)
		}
		f.lay(name, nil)
		if err := r.Gone(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReaderPluggedInAgainUnderAnotherNumber(t *testing.T) {
	f := newFake(table)
	r := open(t, f, "Acme Desk 7 [Contactless]")
	defer r.Close()
	f.pull(table)
	if _, err := r.Card(t.Context()); err == nil {
		t.Error("a reader that was pulled out has a card")
	}
	other := "Acme Desk 7 [Contactless] (0042) 03 00"
	f.plug(other)
	f.lay(other, newCard())
	for range 100 { // until the news is there
		if c, err := r.Card(t.Context()); err == nil {
			if _, err := c.Transmit(t.Context(), make([]byte, 4)); err != nil {
				t.Error(err)
			}
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Error("the reader is not found again")
}

func TestServiceStartedAnew(t *testing.T) {
	f := newFake(table)
	r := open(t, f, "")
	defer r.Close()
	f.lay(table, newCard())
	c, err := r.Card(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f.stop()
	if _, err := c.Transmit(t.Context(), make([]byte, 4)); !errors.Is(err, ErrNoService) {
		t.Errorf("Transmit without a service: %v, want %v", err, ErrNoService)
	}
	f.lay(table, nil)
	f.start()
	time.AfterFunc(20*time.Millisecond, func() { f.lay(table, newCard()) })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for { // a card that was there is believed in until the new service says otherwise
		if c, err = r.Card(ctx); err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		t.Fatalf("Card of the service that was started anew: %v", err)
	}
	if _, err := c.Transmit(ctx, make([]byte, 4)); err != nil {
		t.Error(err)
	}
}

func TestServiceStaysAway(t *testing.T) {
	f := newFake(table)
	r := open(t, f, "")
	defer r.Close()
	f.stop()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := r.Card(ctx); !errors.Is(err, ErrNoService) || !errors.Is(err, device.ErrSilent) {
		t.Errorf("Card: error %v, want %v", err, ErrNoService)
	}
	f.start()
	f.lay(table, newCard())
	for ctx.Err() == nil {
		if _, err := r.Card(ctx); err == nil {
			return
		}
	}
	t.Error("a service that came back is not found")
}
