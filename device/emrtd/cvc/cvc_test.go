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

func TestChainsThatAreRefused(t *testing.T) {
	june := day("2026-06-15")
	for _, c := range []struct {
		name   string
		change func(dv, is *cvctest.Spec)
		on     time.Time
		want   error
	}{
		{"nothing is wrong", nil, june, nil},
		{"the terminal's first day", nil, day("2026-06-01"), nil},
		{"the day before", nil, day("2026-05-31"), cvc.ErrDate},
		{"late on the terminal's last day", nil, day("2026-06-30").Add(23 * time.Hour), nil},
		{"the day after", nil, day("2026-07-01"), cvc.ErrDate},
		{"the verifier is out of date", func(dv, is *cvctest.Spec) { dv.Until = day("2026-06-14") }, june, cvc.ErrDate},
		{"the authority is out of date", func(dv, is *cvctest.Spec) { dv.Until, is.Until = day("2027-06-01"), day("2027-06-01") }, day("2027-02-01"), cvc.ErrDate},
		{"a verifier certifies a verifier", func(dv, is *cvctest.Spec) { is.Role = cvc.ForeignDV }, june, cvc.ErrRole},
		{"a verifier certifies an authority", func(dv, is *cvctest.Spec) { is.Role = cvc.CVCA }, june, cvc.ErrRole},
		{"a terminal certifies a terminal", func(dv, is *cvctest.Spec) { dv.Role = cvc.Terminal }, june, cvc.ErrRole},
		{"a foreign verifier", func(dv, is *cvctest.Spec) { dv.Role = cvc.ForeignDV }, june, nil},
		{"an authority instead of a verifier", func(dv, is *cvctest.Spec) { dv.Role = cvc.CVCA }, june, cvc.ErrRole},
	} {
		ch := issue(t, cvctest.Spec{}, c.change)
		if _, err := cvc.Verify(ch.anchor, ch.below, c.on); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	ch, other := issue(t, cvctest.Spec{}, nil), issue(t, cvctest.Spec{Curve: "brainpoolP256r1"}, nil)
	for name, c := range map[string]struct {
		anchor *cvc.Certificate
		below  []*cvc.Certificate
		want   error
	}{
		"no terminal":                        {ch.anchor, ch.below[:1], cvc.ErrRole},
		"no chain":                           {ch.anchor, nil, cvc.ErrRole},
		"no verifier":                        {ch.anchor, ch.below[1:], cvc.ErrAuthority},
		"upside down":                        {ch.anchor, []*cvc.Certificate{ch.below[1], ch.below[0]}, cvc.ErrAuthority},
		"another authority of the same name": {other.anchor, ch.below, cvc.ErrSignature},
		"hung on the verifier":               {ch.below[0], ch.below[1:], cvc.ErrRole},
	} {
		if _, err := cvc.Verify(c.anchor, c.below, june); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// What a terminal may do is what all above it may.
func TestRightsAreThoseOfAll(t *testing.T) {
	for _, c := range []struct{ dv, is, want cvc.Rights }{
		{cvc.Fingers | cvc.Irises, cvc.Fingers | cvc.Irises, cvc.Fingers | cvc.Irises},
		{cvc.Irises, cvc.Fingers | cvc.Irises, cvc.Irises},
		{cvc.Irises, cvc.Fingers, 0},
	} {
		ch := issue(t, cvctest.Spec{}, func(dv, is *cvctest.Spec) { dv.Rights, is.Rights = c.dv, c.is })
		if to, err := cvc.Verify(ch.anchor, ch.below, day("2026-06-15")); err != nil || to.Rights != c.want {
			t.Errorf("verifier %b, terminal %b: %b, want %b, %v", c.dv, c.is, to.Rights, c.want, err)
		}
	}
}

// A link certifies the authority's next key with the one before.
func TestLinkToANewAuthority(t *testing.T) {
	spec := cvctest.Spec{Holder: "UTCVCA00001", From: day("2024-01-01"), Until: day("2027-01-01"), Rights: cvc.Fingers}
	old, err := cvctest.NewCVCA(random(1), spec)
	if err != nil {
		t.Fatal(err)
	}
	spec.Holder, spec.Role, spec.Curve, spec.Algorithm, spec.Until = "UTCVCA00002", cvc.CVCA, "secp384r1", cvc.ECDSASHA384, day("2029-01-01")
	young, err := old.Issue(random(2), spec)
	if err != nil {
		t.Fatal(err)
	}
	spec.Holder, spec.Role = "UTDV0000001", cvc.DomesticDV
	dv, _ := young.Issue(random(3), spec)
	spec.Holder, spec.Role = "UTIS0000001", cvc.Terminal
	is, err := dv.Issue(random(4), spec)
	if err != nil {
		t.Fatal(err)
	}
	chain := []*cvc.Certificate{parse(t, young.Certificate), parse(t, dv.Certificate), parse(t, is.Certificate)}
	if to, err := cvc.Verify(parse(t, old.Certificate), chain, day("2026-06-15")); err != nil || to.Key.Curve.Name != "secp384r1" {
		t.Errorf("over the link: %v", err)
	}
	if _, err := cvc.Verify(chain[0], chain[1:], day("2028-06-15")); err != nil {
		t.Errorf("from the new key: %v", err)
	}
}

// Whoever changes a byte of a certificate is noticed.
func TestEveryChangedByteIsNoticed(t *testing.T) {
	ch := issue(t, cvctest.Spec{}, nil)
	for n, c := range ch.below {
		for at := range c.Raw {
			for _, mask := range []byte{0x01, 0x20, 0x80, 0xFF} {
				b := append([]byte(nil), c.Raw...)
				b[at] ^= mask
				changed, err := cvc.Parse(b)
				if err != nil {
					continue
				}
				below := append([]*cvc.Certificate(nil), ch.below...)
				below[n] = changed
				if _, err := cvc.Verify(ch.anchor, below, day("2026-06-15")); err == nil {
					t.Errorf("certificate %d, byte %d changed by %02X: accepted", n+1, at, mask)
				}
			}
		}
		for end := range c.Raw {
			if _, err := cvc.Parse(c.Raw[:end]); err == nil {
				t.Errorf("certificate %d of %d bytes of %d: read", n+1, end, len(c.Raw))
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []cvctest.Spec{{}, {Curve: "brainpoolP384r1", Algorithm: cvc.ECDSASHA384}} {
		ch := issue(f, s, nil)
		f.Add(ch.anchor.Raw)
		f.Add(ch.below[0].Raw)
		f.Add(ch.below[1].Raw)
	}
	anchor := issue(f, cvctest.Spec{}, nil).anchor
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := cvc.Parse(b)
		if err != nil {
			return
		}
		if c.Holder == "" || c.Authority == "" || c.Role > cvc.CVCA || c.Until.IsZero() {
			t.Errorf("read %+v", c)
		}
		if _, err := cvc.Verify(anchor, []*cvc.Certificate{c}, day("2026-06-15")); err == nil {
			t.Error("a chain of one certificate is accepted")
		}
	})
}
