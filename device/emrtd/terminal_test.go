package emrtd_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"optag/device/emrtd"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/lds"
)

// An office does what its functions say, and the rest as the one of the land.
type office struct {
	emrtd.TerminalAuthenticator
	chain func([][]byte) ([][]byte, error)
	sign  func([]byte) ([]byte, error)
}

func (o office) Chain(ctx context.Context, ref string) ([][]byte, error) {
	c, err := o.TerminalAuthenticator.Chain(ctx, ref)
	if err == nil && o.chain != nil {
		return o.chain(c)
	}
	return c, err
}

func (o office) Sign(ctx context.Context, message []byte) ([]byte, error) {
	s, err := o.TerminalAuthenticator.Sign(ctx, message)
	if err == nil && o.sign != nil {
		return o.sign(s)
	}
	return s, err
}

func TestFingersOpenToTerminalsAlone(t *testing.T) {
	l := newLand(t)
	closed := errors.New("the office is closed")
	for _, c := range []struct {
		name  string
		spec  func(*emrtdtest.Spec)
		chain func([][]byte) ([][]byte, error)
		sign  func([]byte) ([]byte, error)
		want  string // the error of DG3
	}{
		{name: "with the help of the office"},
		{name: "after basic access control", spec: func(s *emrtdtest.Spec) { s.PACE = nil }},
		{name: "after the third mapping", spec: cam},
		{name: "the office has no certificates", chain: func([][]byte) ([][]byte, error) { return nil, nil }, want: "asking for the terminal's certificates: there are none"},
		{name: "the office is closed", chain: func([][]byte) ([][]byte, error) { return nil, closed }, want: "asking for the terminal's certificates: the office is closed"},
		{name: "the office does not sign", sign: func([]byte) ([]byte, error) { return nil, closed }, want: "having the chip's challenge signed: the office is closed"},
		{name: "something else than a certificate", chain: func([][]byte) ([][]byte, error) { return [][]byte{{1, 2, 3}}, nil }, want: "presenting a certificate: "},
		{name: "the terminal's certificate alone", chain: func(c [][]byte) ([][]byte, error) { return c[len(c)-1:], nil }, want: "presenting a certificate: the card refuses: "},
		{name: "a wrong signature", sign: func(s []byte) ([]byte, error) { s[3] ^= 1; return s, nil }, want: "signing in as a terminal: the card refuses: "},
	} {
		o := l.options()
		o.Terminal = office{l.Office, c.chain, c.sign}
		chip, err := emrtd.Read(t.Context(), l.card(t, l.spec(c.spec)).Insert(), l.zone(), o)
		if err != nil || said(chip) != "ok; ok; ok; ok" {
			t.Errorf("%s: %v, %v", c.name, chip, err)
			continue
		}
		g, _ := chip.Group(lds.DG3)
		open := len(chip.Fingers) == 2 && g.Content == emrtd.OK && !g.Closed && g.Err == nil
		if c.want == "" && !open || c.want != "" && (open || !g.Closed || g.Err == nil || !strings.HasPrefix(g.Err.Error(), c.want)) {
			t.Errorf("%s: %d prints, %+v", c.name, len(chip.Fingers), g)
		}
	}
}

func TestNothingOfTheHolderInALog(t *testing.T) {
	l := newLand(t)
	a := emrtd.Access{MRZ: l.zone().MRZ, CAN: "240917"}
	chip, err := emrtd.Read(t.Context(), l.card(t, l.spec(nil)).Insert(), a, l.options())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprintf("%v %+v %s", chip, a, chip), "opened with PACE-GM secp256r1 AES-128: signature ok, content ok, genuine ok, belongs ok"; got != want+" zone and CAN "+want {
		t.Errorf("logged as %s", got)
	}
}
