package cvc_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"optag/device/emrtd/cvc"
	"optag/device/emrtd/cvc/cvctest"
)

func random(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// A chain is three certificates and the key of the last.
type chain struct {
	anchor *cvc.Certificate
	below  []*cvc.Certificate
	end    *cvctest.Holder
}

func parse(t testing.TB, b []byte) *cvc.Certificate {
	t.Helper()
	c, err := cvc.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// make three: each changes what its certificate would say.
func issue(t testing.TB, base cvctest.Spec, change func(dv, is *cvctest.Spec)) chain {
	t.Helper()
	all := cvc.Fingers | cvc.Irises
	ca, dv, is := base, base, base
	ca.Holder, ca.Rights, ca.From, ca.Until = "UTCVCA00001", all, day("2024-01-01"), day("2027-01-01")
	dv.Holder, dv.Role, dv.Rights, dv.From, dv.Until = "UTDV0000001", cvc.DomesticDV, all, day("2026-01-01"), day("2026-12-31")
	is.Holder, is.Role, is.Rights, is.From, is.Until = "UTIS0000001", cvc.Terminal, cvc.Fingers, day("2026-06-01"), day("2026-06-30")
	if change != nil {
		change(&dv, &is)
	}
	a, err := cvctest.NewCVCA(random(1), ca)
	if err != nil {
		t.Fatal(err)
	}
	v, err := a.Issue(random(2), dv)
	if err != nil {
		t.Fatal(err)
	}
	e, err := v.Issue(random(3), is)
	if err != nil {
		t.Fatal(err)
	}
	return chain{parse(t, a.Certificate), []*cvc.Certificate{parse(t, v.Certificate), parse(t, e.Certificate)}, e}
}

func TestEveryAlgorithm(t *testing.T) {
	for name, s := range map[string]cvctest.Spec{
		"P-256":           {},
		"P-384":           {Algorithm: cvc.ECDSASHA384, Curve: "secp384r1"},
		"P-521":           {Algorithm: cvc.ECDSASHA512, Curve: "secp521r1"},
		"brainpoolP224r1": {Algorithm: cvc.ECDSASHA224, Curve: "brainpoolP224r1"},
		"brainpoolP256r1": {Curve: "brainpoolP256r1"},
		"RSA":             {Algorithm: cvc.RSASHA256},
		"RSA, PSS":        {Algorithm: cvc.PSSSHA256},
	} {
		t.Run(name, func(t *testing.T) {
			c := issue(t, s, nil)
			if err := c.anchor.SignedBy(c.anchor.Key); err != nil {
				t.Errorf("the authority did not certify itself: %v", err)
			}
			to, err := cvc.Verify(c.anchor, c.below, day("2026-06-15"))
			if err != nil {
				t.Fatal(err)
			}
			if to.Holder != "UTIS0000001" || to.Rights != cvc.Fingers || !to.Until.Equal(day("2026-06-30")) {
				t.Errorf("the chain ends at %q with rights %b until %v", to.Holder, to.Rights, to.Until)
			}
			signature, err := c.end.Sign(random(4), []byte("a chip's challenge"))
			if err != nil || to.Key.Verify([]byte("a chip's challenge"), signature) != nil {
				t.Errorf("the terminal's signature is wrong: %v", err)
			}
			if err := to.Key.Verify([]byte("another challenge"), signature); !errors.Is(err, cvc.ErrSignature) {
				t.Errorf("a signature over something else: %v", err)
			}
		})
	}
}
