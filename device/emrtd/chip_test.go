package emrtd

import (
	"bytes"
	"context"
	"errors"
	"math/big"
	"math/rand/v2"
	"testing"

	"optag/capture/record/tlv"
	"optag/device/emrtd/apdu"
	"optag/device/emrtd/sm"
)

// A mill is a chip that knows chip authentication with a key in any group, and
// says under which keys it answers.
type mill struct {
	shelf
	group  group
	secret *big.Int // its own
	suite  sm.Suite
	chain  []byte
	next   *sm.Session
}

func (m *mill) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	c, err := apdu.Parse(command)
	if err != nil {
		return nil, err
	}
	plain, err := m.session.Open(c)
	if err != nil {
		return apdu.Response{Status: apdu.WrongObjects}.Bytes(), nil
	}
	r, err := m.session.Seal(m.carryOut(plain), false)
	if m.next != nil {
		m.session, m.next = m.next, nil
	}
	return r.Bytes(), err
}

func (m *mill) carryOut(c apdu.Command) apdu.Response {
	m.chain = append(m.chain, c.Data...)
	if c.Class&apdu.Chained != 0 {
		return apdu.Response{Status: apdu.OK}
	}
	data := m.chain
	m.chain = nil
	switch {
	case c.Instruction == 0x22 && c.P2 == 0xa6:
		return m.agree(data)
	case c.Instruction == 0x86:
		e, _ := tlv.NewReader(data, tlv.BER).Want(0x7c)
		r := m.agree(e.Value)
		r.Data = []byte{0x7c, 0}
		return r
	}
	return apdu.Response{Status: apdu.OK}
}

// agree takes the terminal's key from the object in data.
func (m *mill) agree(data []byte) apdu.Response {
	e, err := tlv.NewReader(data, tlv.BER).Next()
	if err != nil {
		return apdu.Response{Status: apdu.WrongData}
	}
	theirs, err := m.group.parse(e.Value)
	if err != nil {
		return apdu.Response{Status: apdu.WrongData}
	}
	shared := m.group.agree(theirs, m.secret)
	m.next, err = sm.New(m.suite, m.suite.Derive(shared, sm.ForEncryption), m.suite.Derive(shared, sm.ForMAC), nil)
	if err != nil {
		return apdu.Response{Status: apdu.Unknown}
	}
	return apdu.Response{Status: apdu.OK}
}

// Keys of every kind of group, those too long for one command among them.
func TestChipAuthenticationInEveryGroup(t *testing.T) {
	random := rand.NewChaCha8([32]byte{1})
	for _, parameter := range []int{0, 1, 2, 8, 12, 13, 16, 17, 18} {
		g := groupOf(parameter)
		for _, suite := range []sm.Suite{sm.TripleDES, sm.AES192} {
			secret, err := g.secret(random)
			if err != nil {
				t.Fatal(err)
			}
			card := &mill{group: g, secret: secret, suite: suite}
			l := &link{card: card}
			l.session, card.session = sessions(t)
			key := chipKey{group: g, key: g.power(g.generator(), secret), suite: suite, oid: []byte{1}, id: []byte{3}}
			if _, err := l.authenticateChip(t.Context(), random, key); err != nil {
				t.Errorf("%v, %v: %v", g, suite, err)
				continue
			}
			if _, err := l.do(t.Context(), "going on", apdu.Command{Instruction: 0xa4}); err != nil || l.session.Suite() != suite {
				t.Errorf("%v, %v: under the new keys: %v", g, suite, err)
			}

			card.secret = new(big.Int).Add(secret, big.NewInt(1)) // a copy
			if _, err := l.authenticateChip(t.Context(), random, key); err != nil {
				t.Fatal(err)
			}
			if _, err := l.do(t.Context(), "going on", apdu.Command{Instruction: 0xa4}); !errors.Is(err, sm.ErrBroken) {
				t.Errorf("%v, %v: a copy goes on: %v", g, suite, err)
			}
		}
	}
}

func TestElementsOfGroups(t *testing.T) {
	for _, parameter := range []int{0, 1, 2} {
		g := groupOf(parameter).(powers)
		if !g.p.ProbablyPrime(10) || !g.q.ProbablyPrime(10) || new(big.Int).Exp(g.g, g.q, g.p).Cmp(big.NewInt(1)) != 0 {
			t.Errorf("%v: its prime, order or generator is wrong", g)
		}
		b := g.bytes(g.generator())
		if p, err := g.parse(b); err != nil || !bytes.Equal(g.bytes(p), b) {
			t.Errorf("%v: an element does not survive its bytes: %v", g, err)
		}
		for name, v := range map[string]*big.Int{
			"0": {}, "1": big.NewInt(1), "p-1": new(big.Int).Sub(g.p, big.NewInt(1)), "p": g.p,
			"more than p": new(big.Int).Add(g.p, g.g), "an element of another order": big.NewInt(2),
		} {
			if _, err := g.parse(v.Bytes()); err == nil {
				t.Errorf("%v: %s is taken", g, name)
			}
		}
		free := g
		free.q = nil // a chip's key that comes without it
		k, err := free.secret(rand.NewChaCha8([32]byte{2}))
		if err != nil || k.BitLen() > 256 || k.Sign() <= 0 {
			t.Errorf("%v: a secret of %d bits: %v", g, k.BitLen(), err)
		}
	}
	if groupOf(7) != nil || groupOf(-1) != nil || groupOf(19) != nil {
		t.Error("a group that is not assigned")
	}
}
