package emrtdtest

import (
	"bytes"
	"crypto/sha1"
	"crypto/subtle"
	"fmt"
	"math/big"

	"optag/capture/record/tlv"
	"optag/device/emrtd/apdu"
	"optag/device/emrtd/ec"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/lds/der"
	"optag/device/emrtd/sm"
)

// A Mapping is how PACE makes a generator out of the nonce (Doc 9303-11,
// 4.4.3.3). Its number is the arc of the protocol.
type Mapping int

// The mappings, over elliptic curves.
const (
	Generic            Mapping = 2
	Integrated         Mapping = 4
	ChipAuthentication Mapping = 6
)

func (m Mapping) String() string {
	return map[Mapping]string{Generic: "GM", Integrated: "IM", ChipAuthentication: "CAM"}[m]
}

// A PACE is one way in which a card opens.
type PACE struct {
	Mapping Mapping
	Curve   string // as package ec names it
	Suite   sm.Suite
}

func (w PACE) String() string { return fmt.Sprintf("%s %s %s", w.Mapping, w.Curve, w.Suite) }

// protocol is its object identifier.
func (w PACE) protocol() string { return fmt.Sprintf("%s.%d.%d", lds.OIDPACE, w.Mapping, w.Suite+1) }

// info is how EF.CardAccess announces it.
func (w PACE) info() lds.SecurityInfo {
	return lds.SecurityInfo{Protocol: w.protocol(), Version: 2, Parameter: parameter(w.Curve)}
}

// parameter is the number of a curve (BSI TR-03110-3, table 4).
func parameter(curve string) int {
	for id := 8; id <= 18; id++ {
		if ec.ByParameter(id).Name == curve {
			return id
		}
	}
	panic("emrtdtest: " + curve + " is no curve of travel documents")
}

// oidValue is an object identifier as commands have it.
func oidValue(dotted string) []byte { return der.WriteOID(dotted).Value }

// The passwords of PACE (BSI TR-03110-3, B.14.1).
const (
	byMRZ = 1
	byCAN = 2
)

// A paceRun is one run of the protocol, as far as it has come.
type paceRun struct {
	PACE
	curve    *ec.Curve
	password byte
	terminal bool // the other side said that it will sign in as one
	step     int  // that is due
	nonce    []byte
	mapped   *big.Int // our key of the mapping
	base     ec.Point
	ours     ec.Point
	theirs   ec.Point
	shared   []byte
}

// setSecurity is MANAGE SECURITY ENVIRONMENT.
func (p *powered) setSecurity(c apdu.Command) apdu.Status {
	o := objects(c.Data)
	switch uint16(c.P1)<<8 | uint16(c.P2) {
	case 0xc1a4:
		return p.choosePACE(o)
	case 0x41a4:
		return p.chooseAgreement(o)
	case 0x41a6:
		return p.agreeTripleDES(o)
	case 0x81b6:
		return p.chooseAuthority(o)
	case 0x81a4:
		return p.chooseTerminal(o)
	}
	return apdu.WrongParameters
}

// choosePACE begins a run.
func (p *powered) choosePACE(o map[tlv.Tag][]byte) apdu.Status {
	p.run = nil
	if len(o[0x83]) != 1 || o[0x83][0] != byMRZ && (o[0x83][0] != byCAN || p.can == "") {
		return apdu.NoReference
	}
	for _, w := range p.pace {
		id, told := o[0x84]
		if !bytes.Equal(oidValue(w.protocol()), o[0x80]) || told && new(big.Int).SetBytes(id).Int64() != int64(parameter(w.Curve)) {
			continue
		}
		p.run = &paceRun{PACE: w, curve: ec.ByName(w.Curve), password: o[0x83][0], terminal: o[0x7f4c] != nil}
		if s := p.left(); s != apdu.OK {
			return s
		}
		return apdu.OK
	}
	return apdu.WrongData
}

// left is how many tries the CAN has left, where they are counted and some were
// used.
func (p *powered) left() apdu.Status {
	if p.run.password != byCAN || p.Tries == 0 || p.tries == 0 {
		return apdu.OK
	}
	if p.tries >= p.Tries {
		p.run = nil
		return apdu.Blocked
	}
	return apdu.Status(0x63c0 | min(p.Tries-p.tries, 15))
}

// generalAuthenticate is GENERAL AUTHENTICATE: a step of PACE, or chip
// authentication.
func (p *powered) generalAuthenticate(c apdu.Command) apdu.Response {
	outer := objects(c.Data)
	if c.P1 != 0 || c.P2 != 0 || len(outer) != 1 || outer[0x7c] == nil {
		return fail(apdu.WrongData)
	}
	o := objects(outer[0x7c])
	if p.run == nil {
		return p.agree(o)
	}
	steps := [...]func(*paceRun, map[tlv.Tag][]byte) ([]byte, apdu.Status){
		p.handOutNonce, p.mapNonce, p.agreeKeys, p.confirm,
	}
	last := p.run.step == len(steps)-1
	if last != (c.Class&apdu.Chained == 0) {
		p.run = nil
		return fail(apdu.Status(0x6883))
	}
	b, s := steps[p.run.step](p.run, o)
	if s != apdu.OK {
		p.run = nil
		return fail(s)
	}
	p.run.step++
	if last {
		p.run = nil
	}
	return done(tlv.Primitive(0x7c, b).Bytes())
}

// handOutNonce encrypts a nonce with the key of the password.
func (p *powered) handOutNonce(r *paceRun, _ map[tlv.Tag][]byte) ([]byte, apdu.Status) {
	sum := sha1.Sum([]byte(p.mrz))
	password := sum[:]
	if r.password == byCAN {
		password = []byte(p.can)
	}
	n := 16
	if r.Mapping == Integrated {
		n, _ = r.Suite.Nonces()
	}
	r.nonce = p.draw(n)
	key := r.Suite.Derive(password, sm.ForPassword)
	return tlv.Primitive(0x80, must(r.Suite.Encrypt(key, nil, r.nonce))).Bytes(), apdu.OK
}

// mapNonce makes the generator of this run.
func (p *powered) mapNonce(r *paceRun, o map[tlv.Tag][]byte) ([]byte, apdu.Status) {
	if r.Mapping == Integrated {
		random, err := r.Suite.Random(r.nonce, o[0x81], r.curve.Bits)
		if err != nil {
			return nil, apdu.WrongData
		}
		v := new(big.Int).SetBytes(random)
		if r.base, err = r.curve.Encode(v.Mod(v, r.curve.P)); err != nil {
			return nil, apdu.Unknown
		}
		return tlv.Primitive(0x82, nil).Bytes(), apdu.OK
	}
	theirs, err := r.curve.Parse(o[0x81])
	if err != nil {
		return nil, apdu.WrongData
	}
	r.mapped = must(r.curve.Scalar(p.random))
	s := new(big.Int).SetBytes(r.nonce)
	r.base = r.curve.Add(r.curve.Multiply(r.curve.G, s), r.curve.Multiply(theirs, r.mapped))
	if r.base.Infinite() {
		return nil, apdu.WrongData
	}
	return tlv.Primitive(0x82, r.curve.Bytes(r.curve.Multiply(r.curve.G, r.mapped))).Bytes(), apdu.OK
}

// agreeKeys agrees on a secret over the generator.
func (p *powered) agreeKeys(r *paceRun, o map[tlv.Tag][]byte) ([]byte, apdu.Status) {
	var err error
	if r.theirs, err = r.curve.Parse(o[0x83]); err != nil {
		return nil, apdu.WrongData
	}
	secret := must(r.curve.Scalar(p.random))
	r.ours = r.curve.Multiply(r.base, secret)
	if r.ours.Equal(r.theirs) {
		return nil, apdu.WrongData
	}
	r.shared = abscissa(r.curve, r.curve.Multiply(r.theirs, secret))
	return tlv.Primitive(0x84, r.curve.Bytes(r.ours)).Bytes(), apdu.OK
}

// abscissa is the x of a point, which keys are made from and which is its
// compressed form (BSI TR-03110-3, A.2.2).
func abscissa(c *ec.Curve, p ec.Point) []byte { return p.X.FillBytes(make([]byte, c.Size())) }

// confirm compares the terminal's token, and begins secure messaging.
func (p *powered) confirm(r *paceRun, o map[tlv.Tag][]byte) ([]byte, apdu.Status) {
	if subtle.ConstantTimeCompare(r.token(r.ours), o[0x85]) != 1 {
		return nil, p.wrongPassword(r)
	}
	p.wrong = 0
	if r.password == byCAN {
		p.tries = 0
	}
	answer := tlv.Primitive(0x86, r.token(r.theirs)).Bytes()
	if r.terminal { // is told whose certificates are wanted (BSI TR-03110-3, B.1)
		for i, a := range p.anchors {
			answer = tlv.Primitive(tlv.Tag(0x87+i), []byte(a.Holder)).Append(answer)
		}
	}
	p.goesBy = abscissa(r.curve, r.ours)
	if r.Mapping == ChipAuthentication {
		answer = tlv.Primitive(0x8a, p.show(r)).Append(answer)
		p.proved = abscissa(r.curve, r.theirs)
	}
	p.session = p.begin(r.Suite, r.shared, nil)
	p.opened = true
	return answer, apdu.OK
}

// wrongPassword counts a wrong password.
func (p *powered) wrongPassword(r *paceRun) apdu.Status {
	p.refuse()
	if r.password != byCAN || p.Tries == 0 {
		return apdu.AuthFailed
	}
	p.tries++
	return apdu.Status(0x63c0 | min(max(p.Tries-p.tries, 0), 15))
}

// token is the code over a key in its public key object (Doc 9303-11, 4.4.3.4).
func (r *paceRun) token(of ec.Point) []byte {
	object := tlv.Constructed(0x7f49, tlv.Primitive(der.ObjectID, oidValue(r.protocol())), tlv.Primitive(0x86, r.curve.Bytes(of)))
	return must(r.Suite.MAC(r.Suite.Derive(r.shared, sm.ForMAC), object.Bytes()))
}

// show is the proof of the third mapping that the card has the secret of its own
// key, encrypted: the key of the mapping divided by that secret (Doc 9303-11,
// 4.4.3.5).
func (p *powered) show(r *paceRun) []byte {
	n := r.curve.N
	proof := new(big.Int).ModInverse(p.own(r.curve), n)
	proof.Mul(proof, r.mapped).Mod(proof, n)
	enc := r.Suite.Derive(r.shared, sm.ForEncryption)
	iv := must(r.Suite.Encrypt(enc, nil, bytes.Repeat([]byte{0xff}, r.Suite.Block())))
	plain := proof.FillBytes(make([]byte, r.curve.Size()))
	return must(r.Suite.Encrypt(enc, iv, sm.Pad(plain, r.Suite.Block())))
}

// own is the card's own secret on a curve; a clone has to guess it.
func (p *powered) own(c *ec.Curve) *big.Int {
	if secret := p.chip[c.Name]; secret != nil && !p.Clone {
		return secret
	}
	return must(c.Scalar(p.random))
}
