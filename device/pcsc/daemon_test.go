package pcsc_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"optag/capture/mrz"
	"optag/device"
	"optag/device/emrtd"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa/patest"
	"optag/device/pcsc"
	"optag/device/pcsc/pcsctest"
)

// open is a slot of a reader: 0 or 1.
func open(t testing.TB, reader, slot int) *pcsc.Reader {
	t.Helper()
	s := pcsc.New()
	t.Cleanup(func() { s.Close() })
	return openIn(t, s, reader, slot)
}

func openIn(t testing.TB, s *pcsc.Service, reader, slot int) *pcsc.Reader {
	t.Helper()
	slots, err := s.Slots(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range slots { // those of a reader in their order
		if !strings.HasPrefix(at.Name, fmt.Sprintf("%s %d ", pcsctest.Name, reader)) {
			continue
		}
		if slot > 0 {
			slot--
			continue
		}
		r, err := s.Open(t.Context(), at.Name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		return r
	}
	t.Fatalf("reader %d is not among %v", reader, slots)
	return nil
}

func random(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

var day = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// press is a maker of cards that are alike but for their numbers.
func press(t testing.TB) func(number string, change func(*emrtdtest.Spec)) *emrtdtest.Card {
	t.Helper()
	issuer, err := emrtdtest.NewIssuer(random(1), patest.Kind{}, day.AddDate(-1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return func(number string, change func(*emrtdtest.Spec)) *emrtdtest.Card {
		t.Helper()
		s := emrtdtest.Specimen(issuer, day)
		s.Document.Number = number
		if change != nil {
			change(&s)
		}
		c, err := emrtdtest.Personalise(random(2), s)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

// key opens the cards of a press.
func key(number string) emrtd.Access {
	s := emrtdtest.Specimen(nil, day)
	s.Document.Number = number
	return emrtd.Access{MRZ: s.Document.Key()}
}

// read reads a chip whole, and returns its document number.
func read(ctx context.Context, c device.Card, a emrtd.Access, groups ...lds.File) (mrz.Document, error) {
	chip, err := emrtd.Read(ctx, c, a, emrtd.Options{Random: random(3), Today: day, Groups: groups})
	if err != nil {
		return mrz.Document{}, err
	}
	return chip.Zone, nil
}

// cardOf waits for a card, so long as a person would.
func cardOf(t testing.TB, r *pcsc.Reader) device.Card {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c, err := r.Card(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
