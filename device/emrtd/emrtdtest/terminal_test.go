package emrtdtest_test

import (
	"context"
	"slices"
	"testing"

	"optag/device/emrtd"
	"optag/device/emrtd/cvc"
	"optag/device/emrtd/cvc/cvctest"
	"optag/device/emrtd/lds"
)

// A terminal is a back office with a chain and a key of its own.
type terminal struct {
	chain [][]byte
	*cvctest.Holder
	spoil bool // its signatures are wrong
}

func (x terminal) Chain(context.Context, string) ([][]byte, error) { return x.chain, nil }

func (x terminal) Sign(_ context.Context, message []byte) ([]byte, error) {
	if x.spoil {
		message = append(slices.Clone(message), 0)
	}
	return x.Holder.Sign(seed(7), message)
}

// chained is a terminal at the end of a chain from the authority of the tests.
func chained(t *testing.T, specs ...cvctest.Spec) (x terminal) {
	t.Helper()
	x.Holder = utopia().Office.CVCA
	for i, s := range specs {
		if s.Holder == "" {
			s.Holder = []string{"UTDV00002", "UTIS00002", "UTIS00003"}[i]
		}
		if s.From.IsZero() {
			s.From, s.Until = day, day.AddDate(0, 1, 0)
		}
		h, err := x.Issue(seed(byte(20+i)), s)
		if err != nil {
			t.Fatal(err)
		}
		x.Holder, x.chain = h, append(x.chain, h.Certificate)
	}
	return x
}

// Who may read fingers, and who may not.
func TestWhoOpensFingers(t *testing.T) {
	dv := cvctest.Spec{Role: cvc.DomesticDV, Rights: cvc.Fingers}
	foreign := cvctest.Spec{Role: cvc.ForeignDV, Rights: cvc.Fingers}
	is := cvctest.Spec{Role: cvc.Terminal, Rights: cvc.Fingers}
	with := func(s cvctest.Spec, change func(*cvctest.Spec)) cvctest.Spec { change(&s); return s }
	over := func(s *cvctest.Spec) { s.From, s.Until = day.AddDate(0, -2, 0), day.AddDate(0, 0, -1) }
	short := chained(t, dv, is)
	spoilt := chained(t, dv, is)
	spoilt.spoil = true
	another := chained(t, dv, is)
	another.Holder = utopia().Office.Terminal
	for name, c := range map[string]struct {
		by    terminal
		opens bool
	}{
		"a terminal of the country":               {chained(t, dv, is), true},
		"one of another country":                  {chained(t, foreign, is), true},
		"on other curves":                         {chained(t, with(dv, func(s *cvctest.Spec) { s.Curve = "brainpoolP384r1" }), with(is, func(s *cvctest.Spec) { s.Curve = "brainpoolP384r1" })), true},
		"on its last day":                         {chained(t, dv, with(is, func(s *cvctest.Spec) { s.From, s.Until = day.AddDate(0, -1, 0), day })), true},
		"one that may not read fingers":           {chained(t, dv, with(is, func(s *cvctest.Spec) { s.Rights = cvc.Irises })), false},
		"one whose verifier may not":              {chained(t, with(dv, func(s *cvctest.Spec) { s.Rights = 0 }), is), false},
		"one whose time is over":                  {chained(t, dv, with(is, over)), false},
		"one whose verifier's time is over":       {chained(t, with(dv, over), is), false},
		"one that the authority certified itself": {chained(t, is), false},
		"a verifier":                              {chained(t, dv), false},
		"one that a terminal certified":           {chained(t, dv, is, is), false},
		"one with a wrong signature":              {spoilt, false},
		"one with another's key":                  {another, false},
		"one that hides its verifier":             {terminal{chain: short.chain[1:], Holder: short.Holder}, false},
		"one without certificates":                {terminal{Holder: short.Holder}, false},
	} {
		card, _ := made(t, nil)
		o := options()
		o.Terminal, o.Groups = c.by, []lds.File{lds.DG3}
		chip, err := emrtd.Read(t.Context(), card.Insert(), emrtd.Access{MRZ: key}, o)
		if err != nil || (len(chip.Fingers) == 2) != c.opens {
			t.Errorf("%s: %v, %s", name, err, told(chip))
		}
	}
}

// A card learns the day from certificates of its own country: what was good
// before is refused from then on.
func TestTheCardLearnsTheDay(t *testing.T) {
	card, _ := made(t, nil)
	later := cvctest.Spec{Rights: cvc.Fingers, From: day.AddDate(0, 2, 0), Until: day.AddDate(0, 3, 0)}
	dv, is := later, later
	dv.Role, is.Role = cvc.DomesticDV, cvc.Terminal
	read := func(by emrtd.TerminalAuthenticator) int {
		o := options()
		o.Terminal, o.Groups = by, []lds.File{lds.DG3}
		chip, err := emrtd.Read(t.Context(), card.Insert(), emrtd.Access{MRZ: key}, o)
		if err != nil {
			t.Fatal(err)
		}
		return len(chip.Fingers)
	}
	if now, then, again := read(utopia().Office), read(chained(t, dv, is)), read(utopia().Office); now != 2 || then != 2 || again != 0 {
		t.Errorf("the card gives %d prints now, %d in two months, and %d to a terminal whose time is over by then", now, then, again)
	}
}

// The authority has a new key: the card takes it over, and tells both.
func TestLinkToANewAuthority(t *testing.T) {
	card, _ := made(t, nil)
	next := cvctest.Spec{Holder: "UTCVCA00002", Role: cvc.CVCA, Rights: cvc.Fingers, From: day, Until: day.AddDate(10, 0, 0)}
	x := chained(t, next, cvctest.Spec{Role: cvc.DomesticDV, Rights: cvc.Fingers}, cvctest.Spec{Role: cvc.Terminal, Rights: cvc.Fingers})
	for _, by := range []emrtd.TerminalAuthenticator{x, terminal{chain: x.chain[1:], Holder: x.Holder}} {
		o := options()
		o.Terminal = by
		chip, err := emrtd.Read(t.Context(), card.Insert(), emrtd.Access{MRZ: key}, o)
		if err != nil || len(chip.Fingers) != 2 {
			t.Errorf("%v, %s", err, told(chip))
		}
	}
	if got, want := string(card.Files[lds.CVCA][:26]), "\x42\x0bUTCVCA00002\x42\x0bUTCVCA00001"; got != want {
		t.Errorf("EF.CVCA begins %q, want %q", got, want)
	}
}
