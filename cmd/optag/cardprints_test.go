package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"image"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"optag/capture/finger"
	"optag/cmd/internal/trust"
	"optag/cmd/optag/internal/station"
	"optag/device/emrtd"
	"optag/ui/flow"
)

// A backOffice is the simulated one, or what a test makes of it.
type backOffice struct {
	station.Terminal
	thinks func(context.Context) error // before it signs
}

func (b backOffice) Sign(ctx context.Context, message []byte) ([]byte, error) {
	if err := b.thinks(ctx); err != nil {
		return nil, err
	}
	return b.Terminal.Sign(ctx, message)
}

// thinking puts an office that thinks into a counter.
func thinking(thinks func(context.Context) error) func(*station.Options) {
	return func(o *station.Options) {
		open := o.Chips.Terminal
		o.Chips.Terminal = func() station.Terminal { return backOffice{open(), thinks} }
	}
}

// TestPrintsAreShownToTheirHolder: with names, and wiped with the rest.
func TestPrintsAreShownToTheirHolder(t *testing.T) {
	d := openCounter(t)
	d.lies()
	d.ask(specimenCAN)
	s := d.until("what the chip holds", func(v glance) bool { return v.card.Seen != nil }).card.Seen
	if s.Prints != "read" || len(s.Fingers) != 2 || s.Fingers[0].Position != finger.RightIndex || s.Fingers[1].Position != finger.LeftIndex {
		t.Fatalf("prints are %q: %d", s.Prints, len(s.Fingers))
	}
	for _, f := range s.Fingers {
		if f.Picture == nil || f.Picture.Bounds().Size() != image.Pt(160, 200) || dark(f.Picture) < 0.2 || dark(f.Picture) > 0.8 {
			t.Fatalf("%v is not shown as a print", f.Position)
		}
	}
	d.Send(flow.Next{})
	d.until("nothing", func(v glance) bool { return v.card.Seen == nil })
	for _, f := range s.Fingers {
		if _, _, _, a := f.Picture.At(80, 100).RGBA(); a != 0 {
			t.Errorf("%v is still there", f.Position)
		}
	}
}

// dark is how much of a picture is dark.
func dark(img image.Image) float64 {
	n, size := 0, img.Bounds().Size()
	for y := range size.Y {
		for x := range size.X {
			if r, _, _, _ := img.At(x, y).RGBA(); r < 0xa000 {
				n++
			}
		}
	}
	return float64(n) / float64(size.X*size.Y)
}

// A case has no use for the prints in a document: nobody asks for them.
func TestPrintsStayClosedForACase(t *testing.T) {
	asked := false
	d := openCounter(t, thinking(func(context.Context) error { asked = true; return nil }))
	d.Send(flow.Back{})
	d.Send(flow.NewCase{})
	d.until("the form", func(v glance) bool { return v.page == flow.CaseForm })
	d.Send(flow.ReadChip{})
	d.lies()
	d.ask(specimenCAN)
	s := d.until("what the chip holds", func(v glance) bool { return v.card.Seen != nil }).card.Seen
	if s.Prints != "not_asked" || len(s.Fingers) > 0 || asked {
		t.Errorf("prints are %q, the office was asked: %v", s.Prints, asked)
	}
}

// A copy has not the key that the office signs for: its prints stay closed, and the
// counter does not say that it has no office.
func TestPrintsOfACopyStayClosed(t *testing.T) {
	d := openCounter(t)
	d.lies()
	card, err := d.Cards.specimen()
	if err != nil {
		t.Fatal(err)
	}
	d.Cards.Remove()
	d.until("no card", func(v glance) bool { return !v.card.Lies })
	card.Clone = true
	d.Cards.Insert(card.Card)
	d.lies()
	d.ask(specimenCAN)
	if s := d.until("what the chip holds", func(v glance) bool { return v.card.Seen != nil }).card.Seen; s.Prints != "unopened" || s.Lamps[2].Verdict != "failed" {
		t.Errorf("prints are %q, the lamps %v", s.Prints, s.Lamps)
	}
}

// An office that does not sign: everything else is there, soon.
func TestAnOfficeThatDoesNotSign(t *testing.T) {
	for name, thinks := range map[string]func(context.Context) error{
		"it refuses": func(context.Context) error { return context.DeadlineExceeded },
		"it thinks as long as it may": func(ctx context.Context) error {
			select {
			case <-ctx.Done():
			case <-time.After(200 * time.Millisecond): // its client has given up
			}
			return context.DeadlineExceeded
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := openCounter(t, thinking(thinks))
			d.lies()
			d.ask(specimenCAN)
			s := d.until("what the chip holds", func(v glance) bool { return v.card.Seen != nil }).card.Seen
			if s.Prints != "unopened" || len(s.Fingers) > 0 || s.Face == nil || len(s.Unread) > 0 || s.Lamps[1].Verdict != "ok" {
				t.Errorf("prints are %q; face %v, not legible %v, %v", s.Prints, s.Face != nil, s.Unread, s.Lamps)
			}
			if got := lookups(t, d.Queue()); len(got) != 1 || strings.Contains(got[0], "prints-opened") {
				t.Errorf("the log says %q", got)
			}
		})
	}
}

// The card is taken away, or the reader pulled out, while the office thinks: the
// page says so at once, not when the office is done.
func TestTheCardGoesWhileTheOfficeThinks(t *testing.T) {
	for name, c := range map[string]struct {
		take func(*counterDesk)
		is   func(glance) bool
	}{
		"the card":   {func(d *counterDesk) { d.Cards.Remove() }, func(v glance) bool { return v.notice == "card_removed" }},
		"the reader": {func(d *counterDesk) { d.Cards.Unplug() }, func(v glance) bool { return v.card.Gone == "unplugged" }},
	} {
		t.Run(name, func(t *testing.T) {
			thinks := make(chan struct{})
			d := openCounter(t, thinking(func(ctx context.Context) error {
				close(thinks)
				<-ctx.Done()
				return ctx.Err()
			}))
			d.lies()
			d.ask(specimenCAN)
			<-thinks
			began := time.Now()
			c.take(d)
			if v := d.until("it is gone", c.is); v.card.Seen != nil || time.Since(began) > 2*time.Second {
				t.Errorf("seen %v, after %v", v.card.Seen != nil, time.Since(began))
			}
		})
	}
}

// TestChipReadWithAnOffice: what a technician is told, with an office that opens
// prints and with one that is out of reach.
func TestChipReadWithAnOffice(t *testing.T) {
	today := time.Now()
	card, trusted, err := specimen(today)
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(t.TempDir(), "home")
	cards := &simulatedCards{specimen: func() (specimenCard, error) { return card, nil }}
	service, err := trust.StartPrivate(home, home+"-service", "SIM-01", nil, cards.opens(nil))
	if err != nil {
		t.Fatal(err)
	}
	set := station.Defaults()
	set.Cards = &station.Cards{Signer: &station.Signer{}}
	if err := set.Save(station.SettingsFile(home)); err != nil {
		t.Fatal(err)
	}
	read := func() string {
		var out bytes.Buffer
		e := &env{out: &out, home: home}
		office, err := e.terminal()
		if err != nil {
			t.Fatal(err)
		}
		defer office.Close()
		if err := e.readCard(t.Context(), card.Insert(), card.Access(), emrtd.Options{Random: rand.Reader, Today: today, Trust: trusted, Terminal: office}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	if told := read(); !strings.Contains(told, "fingerprints           stored, and opened with the help of the authority\nprint                  right index: image/x-wsq, 320 x 400 pixels, ") {
		t.Errorf("told\n%s", told)
	}
	if err := service.Close(); err != nil {
		t.Fatal(err)
	}
	if told := read(); !strings.Contains(told, "fingerprints           a file for fingerprints is there, and it could not be opened now") ||
		!strings.Contains(told, "not readable           EF.DG3: asking for the terminal's certificates: asking the office: ") || !strings.Contains(told, "content unchanged      ok") {
		t.Errorf("told\n%s", told)
	}
	set.Cards.Signer.URL = "http://office.example"
	if err := set.Save(station.SettingsFile(home)); err == nil || !strings.Contains(err.Error(), "is not https") {
		t.Errorf("an address without TLS: %v", err)
	}
}
