package emrtdtest_test

import (
	"bytes"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"optag/device"
	"optag/device/emrtd/apdu"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/pa/patest"
	"optag/device/emrtd/sm"
)

var day = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func seed(n byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{n}) }

// utopia is the one issuer of these tests.
var utopia = sync.OnceValue(func() *emrtdtest.Issuer {
	i, err := emrtdtest.NewIssuer(seed(1), patest.Kind{}, day)
	if err != nil {
		panic(err)
	}
	return i
})

// made is a specimen with changes.
func made(t testing.TB, change func(*emrtdtest.Spec)) (*emrtdtest.Card, emrtdtest.Spec) {
	t.Helper()
	s := emrtdtest.Specimen(utopia(), day)
	if change != nil {
		change(&s)
	}
	c, err := emrtdtest.Personalise(seed(2), s)
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

func hx(s string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		panic(err)
	}
	return b
}

// A counter speaks to a card by hand: in plain, or once it has opened it,
// secured.
type counter struct {
	t    testing.TB
	card device.Card
	*sm.Session
}

func (c *counter) plain(command apdu.Command) apdu.Response {
	c.t.Helper()
	b, err := c.card.Transmit(c.t.Context(), command.Bytes())
	if err != nil {
		c.t.Fatal(err)
	}
	r, err := apdu.ParseResponse(b)
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

func (c *counter) say(command apdu.Command) apdu.Response {
	c.t.Helper()
	if c.Session == nil {
		return c.plain(command)
	}
	w, err := c.Wrap(command)
	if err != nil {
		c.t.Fatal(err)
	}
	r := c.plain(w)
	if len(r.Data) == 0 {
		return r
	}
	if r, err = c.Unwrap(r); err != nil {
		c.t.Fatal(err)
	}
	return r
}

// open opens the card with basic access control.
func (c *counter) open(information string) apdu.Status {
	c.t.Helper()
	c.say(apply)
	seed := sha1.Sum([]byte(information))
	enc, mac := sm.TripleDES.Derive(seed[:16], sm.ForEncryption), sm.TripleDES.Derive(seed[:16], sm.ForMAC)
	challenge := c.plain(apdu.Command{Instruction: 0x84, Expect: 8}).Data
	ours := bytes.Repeat([]byte{7}, 8+16)
	cryptogram, _ := sm.TripleDES.Encrypt(enc, nil, bytes.Join([][]byte{ours[:8], challenge, ours[8:]}, nil))
	code, _ := sm.TripleDES.MAC(mac, cryptogram)
	r := c.plain(apdu.Command{Instruction: 0x82, Data: append(cryptogram, code...), Expect: 40})
	if r.Status != apdu.OK {
		return r.Status
	}
	theirs, _ := sm.TripleDES.Decrypt(enc, nil, r.Data[:32])
	shared := make([]byte, 16)
	subtle.XORBytes(shared, ours[8:], theirs[16:])
	var err error
	c.Session, err = sm.New(sm.TripleDES, sm.TripleDES.Derive(shared, sm.ForEncryption), sm.TripleDES.Derive(shared, sm.ForMAC), append(bytes.Clone(challenge[4:]), ours[4:8]...))
	if err != nil {
		c.t.Fatal(err)
	}
	return r.Status
}

// apply selects the application.
var apply = apdu.Command{Instruction: 0xa4, P1: 4, P2: 0x0c, Data: hx("A0000002471001")}

// at begins a conversation.
func at(t testing.TB, c *emrtdtest.Card) *counter { return &counter{t: t, card: c.Insert()} }

// opened begins one with an open card.
func opened(t testing.TB, c *emrtdtest.Card, s emrtdtest.Spec) *counter {
	t.Helper()
	k := at(t, c)
	if status := k.open(s.Document.Key()); status != apdu.OK {
		t.Fatal(status)
	}
	return k
}
