package emrtdtest

import (
	"bytes"
	"crypto/sha1"
	"crypto/subtle"

	"optag/device/emrtd/apdu"
	"optag/device/emrtd/sm"
)

// getChallenge is GET CHALLENGE: for basic access control, or for terminal
// authentication.
func (p *powered) getChallenge(c apdu.Command) apdu.Response {
	if c.P1 != 0 || c.P2 != 0 {
		return fail(apdu.WrongParameters)
	}
	if c.Expect < 8 {
		return fail(apdu.WrongLength)
	}
	if p.session == nil && !(p.bac && p.applied) {
		return fail(apdu.Conditions)
	}
	p.challenge = p.draw(8)
	return done(p.challenge)
}

// externalAuthenticate is EXTERNAL AUTHENTICATE: the terminal's half of basic
// access control, or the signature of terminal authentication.
func (p *powered) externalAuthenticate(c apdu.Command) apdu.Response {
	if c.P1 != 0 || c.P2 != 0 {
		return fail(apdu.WrongParameters)
	}
	challenge := p.challenge
	p.challenge = nil
	switch {
	case challenge == nil:
		return fail(apdu.Conditions)
	case p.session != nil:
		return fail(p.checkTerminal(challenge, c.Data))
	case len(c.Data) != 40:
		return fail(apdu.WrongLength)
	}
	return p.mutual(challenge, c.Data)
}

// mutual answers the terminal's cryptogram with the card's (Doc 9303-11, 4.3).
func (p *powered) mutual(challenge, data []byte) apdu.Response {
	seed := sha1.Sum([]byte(p.mrz))
	enc, mac := sm.TripleDES.Derive(seed[:16], sm.ForEncryption), sm.TripleDES.Derive(seed[:16], sm.ForMAC)
	plain := must(sm.TripleDES.Decrypt(enc, nil, data[:32])) // RND.IFD, RND.IC, K.IFD
	if subtle.ConstantTimeCompare(must(sm.TripleDES.MAC(mac, data[:32])), data[32:]) != 1 || !bytes.Equal(plain[8:16], challenge) {
		p.refuse()
		return fail(apdu.AuthFailed)
	}
	p.wrong = 0
	ours := p.draw(16)
	shared := make([]byte, 16)
	subtle.XORBytes(shared, plain[16:], ours)
	cryptogram := must(sm.TripleDES.Encrypt(enc, nil, bytes.Join([][]byte{challenge, plain[:8], ours}, nil)))
	p.session = p.begin(sm.TripleDES, shared, append(bytes.Clone(challenge[4:]), plain[4:8]...))
	p.opened, p.goesBy = true, p.number()
	return done(append(cryptogram, must(sm.TripleDES.MAC(mac, cryptogram))...))
}

// number is the document number with its check digit: what stands in the MRZ
// information before two dates with theirs.
func (c *Card) number() []byte { return []byte(c.mrz[:len(c.mrz)-14]) }

// begin is a session with keys from a shared secret.
func (p *powered) begin(s sm.Suite, secret, counter []byte) *sm.Session {
	return must(sm.New(s, s.Derive(secret, sm.ForEncryption), s.Derive(secret, sm.ForMAC), counter))
}

// must is for what can fail only if this package is wrong.
func must[T any](v T, err error) T {
	if err != nil {
		panic("emrtdtest: internal error: " + err.Error())
	}
	return v
}
