package emrtdtest

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	_ "crypto/sha1" // the hash of active authentication with RSA
	_ "crypto/sha256"
	"fmt"
	"io"
	"math/big"

	"optag/capture/record/tlv"
	"optag/device/emrtd/apdu"
	"optag/device/emrtd/ec"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/lds/der"
	"optag/device/emrtd/sm"
)

// An agreement is a way of chip authentication: the card's own key on a curve,
// and the cipher that follows.
type agreement struct {
	curve *ec.Curve
	suite sm.Suite
	id    int // of the key where there are several; -1
}

func (a agreement) protocol() string { return fmt.Sprintf("%s.2.%d", lds.OIDChip, a.suite+1) }

// chooseAgreement chooses protocol and key (Doc 9303-11, 6.2.4.2).
func (p *powered) chooseAgreement(o map[tlv.Tag][]byte) apdu.Status {
	p.run = nil
	p.choice = p.agreement(o[0x84], func(a agreement) bool {
		return a.suite != sm.TripleDES && bytes.Equal(oidValue(a.protocol()), o[0x80])
	})
	switch {
	case p.session == nil:
		return apdu.NotAllowed
	case p.choice == nil:
		return apdu.WrongData
	}
	return apdu.OK
}

// agreement is the way with a number of a key, none where there is only one,
// and this property.
func (p *powered) agreement(id []byte, wanted func(agreement) bool) *agreement {
	for i, a := range p.agrees {
		if wanted(a) && (id == nil && len(p.agrees) == 1 || id != nil && new(big.Int).SetBytes(id).Int64() == int64(a.id)) {
			return &p.agrees[i]
		}
	}
	return nil
}

// agreeTripleDES is chip authentication in one command (Doc 9303-11, 6.2.4.1).
func (p *powered) agreeTripleDES(o map[tlv.Tag][]byte) apdu.Status {
	if p.session == nil {
		return apdu.NotAllowed
	}
	p.choice = p.agreement(o[0x84], func(a agreement) bool { return a.suite == sm.TripleDES })
	return p.agreeOn(o[0x91])
}

// agree is chip authentication by GENERAL AUTHENTICATE.
func (p *powered) agree(o map[tlv.Tag][]byte) apdu.Response {
	if s := p.agreeOn(o[0x80]); s != apdu.OK {
		return fail(s)
	}
	return done([]byte{0x7c, 0})
}

// agreeOn makes the keys that the next command comes under.
func (p *powered) agreeOn(key []byte) apdu.Status {
	if p.choice == nil || p.session == nil {
		return apdu.Conditions
	}
	a := *p.choice
	p.choice = nil
	theirs, err := a.curve.Parse(key)
	if err != nil {
		return apdu.WrongData
	}
	shared := a.curve.Multiply(theirs, p.own(a.curve))
	p.next = p.begin(a.suite, abscissa(a.curve, shared), nil)
	p.proved = abscissa(a.curve, theirs)
	p.terminal = terminal{}
	return apdu.OK
}

// An activeKey is the key of active authentication; one of the two is nil, or
// both.
type activeKey struct {
	rsa    *rsa.PrivateKey
	curve  *ec.Curve
	secret *big.Int
}

// sign is INTERNAL AUTHENTICATE, active authentication (Doc 9303-11, 6.1).
func (p *powered) sign(c apdu.Command) apdu.Response {
	switch {
	case !p.opened:
		return fail(apdu.NotAllowed)
	case len(c.Data) != 8:
		return fail(apdu.WrongLength)
	case p.active.rsa != nil:
		return done(p.signRSA(c.Data))
	case p.active.curve != nil:
		return done(p.signCurve(c.Data))
	}
	return fail(apdu.NoInstruction)
}

// signCurve is ECDSA with SHA-256, r and s one behind the other (BSI TR-03111,
// 5.2.1).
func (p *powered) signCurve(challenge []byte) []byte {
	h := crypto.SHA256.New()
	h.Write(challenge)
	c, secret := p.active.curve, p.active.secret
	if p.Clone {
		secret = must(c.Scalar(p.random))
	}
	r, s, err := c.Sign(p.random, secret, h.Sum(nil))
	n := (c.N.BitLen() + 7) / 8
	return append(must(r, err).FillBytes(make([]byte, n)), s.FillBytes(make([]byte, n))...)
}

// signRSA is scheme 1 of ISO/IEC 9796-2 with SHA-1 and its trailer BC: 6A, a
// nonce, the hash of nonce and challenge, and the trailer, as a whole number.
func (p *powered) signRSA(challenge []byte) []byte {
	k := p.active.rsa
	size := k.Size()
	m := append([]byte{0x6a}, p.draw(size-2-crypto.SHA1.Size())...)
	h := crypto.SHA1.New()
	h.Write(m[1:])
	h.Write(challenge)
	m = append(h.Sum(m), 0xbc)
	v := new(big.Int).SetBytes(m)
	if p.Clone {
		v.Add(v, big.NewInt(1))
	}
	return v.Exp(v, k.D, k.N).FillBytes(make([]byte, size))
}

// public is the key as DG15 has it.
func (a activeKey) public() der.PublicKey {
	if a.rsa != nil {
		return der.PublicKey{RSA: &a.rsa.PublicKey, Parameter: -1}
	}
	return der.PublicKey{Curve: a.curve, Point: a.curve.Multiply(a.curve.G, a.secret), Parameter: -1}
}

// newRSA makes a key that follows from the randomness alone, as that of the
// standard library does not.
func newRSA(random io.Reader, bits int) (*rsa.PrivateKey, error) {
	e := big.NewInt(65537)
	for {
		p, err := prime(random, bits/2)
		if err != nil {
			return nil, err
		}
		q, err := prime(random, bits-bits/2)
		if err != nil {
			return nil, err
		}
		one := big.NewInt(1)
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		n, d := new(big.Int).Mul(p, q), new(big.Int).ModInverse(e, phi)
		if d != nil && n.BitLen() == bits && p.Cmp(q) != 0 {
			return &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: 65537}, D: d, Primes: []*big.Int{p, q}}, nil
		}
	}
}

// prime is the first prime from a random number on, whose two highest bits are
// set.
func prime(random io.Reader, bits int) (*big.Int, error) {
	b := make([]byte, bits/8)
	if _, err := io.ReadFull(random, b); err != nil {
		return nil, fmt.Errorf("drawing a prime: %w", err)
	}
	b[0] |= 0xc0
	b[len(b)-1] |= 1
	v, two := new(big.Int).SetBytes(b), big.NewInt(2)
	for !v.ProbablyPrime(20) {
		v.Add(v, two)
	}
	return v, nil
}
