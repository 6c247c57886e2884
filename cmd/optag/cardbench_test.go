package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"optag/capture/mrz"
	"optag/cmd/internal/trust"
	"optag/cmd/optag/internal/simulate"
	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/pa"
	"optag/device/emrtd/pa/patest"
	"optag/queue"
	"optag/ui/flow"
	"optag/ui/i18n"
	"optag/ui/present"
)

// A cardBench is a counter at which a clerk is logged in and the page for cards
// is open, in a world of its own (testing/synctest): its clock goes on when
// nobody has anything to do, and whatever is left running at its end is found.
type cardBench struct {
	t     *testing.T
	st    *station.Station
	port  *port
	trust *pa.Trust
	home  string

	seen // when nobody worked last

	mu     sync.Mutex // protects newest
	newest seen
}

// What a counter has shown.
type seen struct {
	state flow.State
	told  []string // codes of what the page said, in order
	asks  int      // readings that were asked for
}

// A port is where a card reader may be plugged in.
type port struct {
	mu     sync.Mutex // protects the fields below
	reader *emrtdtest.Reader
	plugs  int // how often something was plugged in
	inUse  int // cards that are being asked something
	most   int

	// What happens to a card that is held, nil for nothing; see set.
	before func(n int)  // its command n, from 1 since it was reset
	letGo  func()       // it is let go
	deny   func() error // it is wanted
}

// hooks are what happens to a card that is held; read whole, as they may change.
func (p *port) hooks() (before func(int), letGo func(), deny func() error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.before, p.letGo, p.deny
}

// set changes what happens to a card that is held.
func (p *port) set(change func(*port)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(p)
}

// plug puts a new reader there, in the place of what was there.
func (p *port) plug() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reader = emrtdtest.NewReader()
	p.plugs++
}

// bus is what the station sees of it when it looks what is plugged in.
func (p *port) bus() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return fmt.Sprint(p.plugs, p.reader != nil)
}

// now is the reader that is plugged in; nil for none.
func (p *port) now() *emrtdtest.Reader {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reader
}

func (p *port) unplug() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reader != nil {
		p.reader.Unplug()
	}
	p.reader = nil
}

func (p *port) open(context.Context) (station.CardReader, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reader == nil {
		return nil, fmt.Errorf("opening the card reader: %w", device.ErrUnplugged)
	}
	return counting{held{p.reader}, p}, nil
}

// errTaken is what the reader says whose card another program holds.
var errTaken = fmt.Errorf("another program holds the card: %w", device.ErrSilent)

// A counting reader counts the conversations with its cards.
type counting struct {
	held
	port *port
}

func (c counting) Card(ctx context.Context) (device.Card, error) {
	if _, _, deny := c.port.hooks(); deny != nil {
		if err := deny(); err != nil {
			return nil, err
		}
	}
	card, err := c.held.Card(ctx)
	if err != nil {
		return nil, err
	}
	return &counted{Card: card, port: c.port}, nil
}

type counted struct {
	device.Card
	port *port
	n    int // commands
}

func (c *counted) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	c.port.talk(1)
	defer c.port.talk(-1)
	c.n++
	if before, _, _ := c.port.hooks(); before != nil {
		before(c.n)
	}
	return c.Card.Transmit(ctx, command)
}

func (c *counted) Close() error {
	if _, letGo, _ := c.port.hooks(); letGo != nil {
		letGo()
	}
	return c.Card.Close()
}

func (p *port) talk(by int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inUse += by
	p.most = max(p.most, p.inUse)
}

// A land makes cards, and is trusted.
type land struct {
	*emrtdtest.Issuer
	trust *pa.Trust
	day   time.Time
}

func newLand(t *testing.T, day time.Time) land {
	t.Helper()
	issuer, err := emrtdtest.NewIssuer(rand.Reader, patest.Kind{}, day.AddDate(-1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	l := land{issuer, new(pa.Trust), day}
	l.trust.Add("utopia", issuer.Authority.Certificate)
	return l
}

// card is a specimen of the land, changed.
func (l land) card(t *testing.T, change func(*emrtdtest.Spec)) *emrtdtest.Card {
	t.Helper()
	s := emrtdtest.Specimen(l.Issuer, l.day)
	if change != nil {
		change(&s)
	}
	card, err := emrtdtest.Personalise(rand.Reader, s)
	if err != nil {
		t.Fatal(err)
	}
	return card
}

// other is the document of somebody else.
func other(s *emrtdtest.Spec) {
	s.Document.Number, s.Document.Names = "X99887766", mrz.Names{Primary: "HADDAD", Secondary: "SAMIRA"}
}

// atCounter plays at a counter in a world of its own.
func atCounter(t *testing.T, play func(t *testing.T, b *cardBench, l land)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := newLand(t, time.Now())
		b := openBench(t, l.trust)
		play(t, b, l)
	})
}

func openBench(t *testing.T, trusted *pa.Trust) *cardBench {
	t.Helper()
	b := &cardBench{t: t, port: &port{reader: emrtdtest.NewReader()}, trust: trusted, home: filepath.Join(t.TempDir(), "home")}
	pair, err := trust.NewPair(b.home, b.home+"-service", "SIM-01", "https://127.0.0.1:9", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	devices := simulate.NewDevices(simulate.Script{Person: 1})
	set := station.Defaults()
	set.Idle = station.Duration(5 * time.Minute)
	b.st, err = station.New(station.Options{Home: b.home, Settings: set, Identity: pair.Station, Service: pair.Service,
		OpenScanner: devices.OpenScanner, OpenCamera: devices.OpenCamera, Buses: b.port.bus, Now: time.Now, Screens: b.see, Log: slog.New(slog.DiscardHandler),
		SelfTest: func(context.Context) flow.SelfTest { time.Sleep(500 * time.Millisecond); return flow.SelfTest{} },
		Chips:    &station.Chips{Open: b.port.open, Busy: errTaken, Trust: func() (*pa.Trust, error) { return b.trust, nil }}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.st.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-ended, b.st.Close()); err != nil {
			t.Error(err)
		}
		devices.Close()
	})
	b.do(flow.LoggedIn{Officer: flow.Officer{ID: "4718", Role: "clerk"}}, flow.Go{To: flow.Card})
	return b
}

// see is told of each state, on the station's goroutine.
func (b *cardBench) see(s *flow.State) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := &b.newest
	if code := s.Notice.Code; len(n.told) == 0 || n.told[len(n.told)-1] != code {
		n.told = append(n.told, code)
	}
	if !n.state.Card.Reading && s.Card.Reading {
		n.asks++
	}
	n.state = *s
}

// rest waits until nobody works, and sees what the counter shows.
func (b *cardBench) rest() {
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen = b.newest
}

// do has the clerk do something, and waits until all that follows at once is done.
func (b *cardBench) do(events ...flow.Event) {
	for _, e := range events {
		b.st.Send(e)
	}
	b.rest()
}

// wait lets time go by.
func (b *cardBench) wait(d time.Duration) {
	time.Sleep(d)
	b.rest()
}

// hand is what somebody does with cards and readers.
func (b *cardBench) hand(act func(*port)) {
	act(b.port)
	b.rest()
}

func (b *cardBench) insert(c *emrtdtest.Card) {
	b.hand(func(p *port) { p.now().Insert(c) })
	if !b.state.Card.Lies {
		b.t.Errorf("a card is laid down and not seen; reader gone %q", b.state.Card.Gone)
	}
}

func (b *cardBench) remove() {
	b.hand(func(p *port) { p.now().Remove() })
	if b.state.Card.Lies || b.state.Card.Seen != nil || b.state.Card.Reading {
		b.t.Errorf("the card is taken away: lies %v, reading %v, shown %v", b.state.Card.Lies, b.state.Card.Reading, b.state.Card.Seen != nil)
	}
}

// A key is what the clerk types of a card.
type key []flow.Event

// byCAN is the number on the face of a card.
func byCAN(can string) key { return key{flow.Edit{Field: flow.CAN, Value: can}} }

// byZone are the three of the zone.
func byZone(d mrz.Document, day time.Time) key {
	return key{flow.Edit{Field: flow.DocumentNumber, Value: d.Number}, flow.Edit{Field: flow.Birth, Value: d.Birth.Birth(day)},
		flow.Edit{Field: flow.DocumentExpiry, Value: d.Expiry.Expiry(day)}}
}

// read has the card read with a key, and waits for its end.
func (b *cardBench) read(k key) {
	b.mu.Lock()
	b.newest.told = nil
	b.mu.Unlock()
	b.do(append(k, flow.Next{})...)
	if b.state.Card.Reading {
		b.t.Errorf("the reading does not end")
	}
}

// clear empties the page as a clerk does.
func (b *cardBench) clear() {
	if b.state.Card.Seen != nil {
		b.do(flow.Next{})
	}
	for _, f := range flow.CardFields() {
		b.do(flow.Edit{Field: f})
	}
}

// says is the sentence on the clerk's screen.
func (b *cardBench) says() string { return present.OperatorScreen(&b.state, true).Advice.Bold }

// text is a sentence of the clerk's catalogue, which is to have it.
func (b *cardBench) text(key string, args ...any) string {
	b.t.Helper()
	l, err := i18n.For(b.state.Look.Language)
	if err != nil || !l.Has(key) {
		b.t.Fatalf("there are no words for %s: %v", key, err)
	}
	return l.Text(key, args...)
}

// lookups are what the log says of chips, in order.
func (b *cardBench) lookups() (list []string) {
	b.t.Helper()
	return lookups(b.t, b.st.Queue())
}

func lookups(t *testing.T, q *queue.Queue) (list []string) {
	t.Helper()
	for leaf, err := range q.Leaves() {
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(leaf), `"chip_read"`) {
			list = append(list, string(leaf))
		}
	}
	return list
}

// nothingShown checks that neither screen holds a face or one of the words.
func (b *cardBench) nothingShown(words ...string) {
	b.t.Helper()
	all, faces := onScreens(&b.state)
	for _, w := range words {
		if strings.Contains(all, w) {
			b.t.Errorf("%q is left on a screen", w)
		}
	}
	if faces > 0 || b.state.Card.Seen != nil {
		b.t.Errorf("%d faces are left on the screens, shown %v", faces, b.state.Card.Seen != nil)
	}
}

// onScreens is all text of both screens, and the number of pictures on them.
func onScreens(s *flow.State) (text string, pictures int) {
	var all strings.Builder
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			all.WriteString(v.String() + "\n")
		case reflect.Pointer, reflect.Interface:
			if v.IsNil() {
				return
			}
			if _, picture := v.Interface().(image.Image); picture {
				pictures++
				return
			}
			walk(v.Elem())
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		case reflect.Slice, reflect.Array:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		}
	}
	walk(reflect.ValueOf(present.OperatorScreen(s, true)))
	walk(reflect.ValueOf(present.ApplicantScreen(s)))
	return all.String(), pictures
}
