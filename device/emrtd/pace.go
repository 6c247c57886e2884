package emrtd

import (
	"bytes"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"math/big"

	"optag/capture/record/tlv"
	"optag/device/emrtd/apdu"
	"optag/device/emrtd/ec"
	"optag/device/emrtd/sm"
)

// A mapping is how PACE makes a generator out of the nonce (ICAO Doc 9303-11,
// 4.4.3.3).
type mapping string

const (
	generic    mapping = "GM"
	integrated mapping = "IM"
	chipAuth   mapping = "CAM" // generic, and the chip shows its own key as well
)

// A pace is one way of PACE that a chip offers.
type pace struct {
	oid       []byte // value of the object identifier
	mapping   mapping
	suite     sm.Suite
	group     group
	parameter int  // number of the group
	several   bool // the chip offers the same identifier with other groups, too
}

// String names the way for the technician.
func (p pace) String() string { return fmt.Sprintf("PACE-%s %s %s", p.mapping, p.group, p.suite) }

// The passwords of PACE (BSI TR-03110-3, B.14.1).
const (
	byMRZ byte = 1
	byCAN byte = 2
)

// A paceRun is one run of the protocol.
type paceRun struct {
	*link
	pace
	random io.Reader

	mapped ec.Point // the chip's key of the mapping
	ours   ec.Point // our key of the agreement
	theirs ec.Point // the chip's
	proof  []byte   // the chip's own authentication data, of the third mapping
	cvca   []byte   // name of the authority that certifies terminals, if the chip told
}

// errNotOffered: the chip does not know the protocol that its file announces.
// No key was tried.
var errNotOffered = errors.New("the chip refuses the protocol that it announces")

// run opens the chip (Doc 9303-11, 4.4): password is the SHA-1 of the MRZ
// information, or the CAN.
func (p *paceRun) run(ctx context.Context, reference byte, password []byte) error {
	if err := p.choose(ctx, reference); err != nil {
		return err
	}
	nonce, err := p.nonce(ctx, password)
	if err != nil {
		return err
	}
	defer clear(nonce)
	base, err := p.mapNonce(ctx, nonce)
	if err != nil {
		return err
	}
	defer base.wipe()
	return p.agree(ctx, base)
}

// choose selects protocol and password.
func (p *paceRun) choose(ctx context.Context, reference byte) error {
	data := tlv.Primitive(0x80, p.oid).Append(nil)
	data = tlv.Primitive(0x83, []byte{reference}).Append(data)
	if p.several {
		data = tlv.Primitive(0x84, []byte{byte(p.parameter)}).Append(data)
	}
	const doing = "choosing PACE"
	r, err := p.send(ctx, doing, apdu.Command{Instruction: 0x22, P1: 0xc1, P2: 0xa4, Data: data})
	if err != nil {
		return err
	}
	left, counted := r.Status.Tries()
	switch {
	case r.Status == apdu.Blocked, counted && left == 0:
		return &KeyError{0, r.Status}
	case r.Status == apdu.OK, counted:
		return nil
	}
	return fmt.Errorf("%w: %w", errNotOffered, refused(doing, r.Status))
}

// authenticate is one GENERAL AUTHENTICATE: it sends an object of dynamic
// authentication data, none for tag 0, and returns those that come.
func (l *link) authenticate(ctx context.Context, doing string, chained bool, tag tlv.Tag, value []byte) (map[tlv.Tag][]byte, apdu.Status, error) {
	c := apdu.Command{Instruction: 0x86, Data: []byte{0x7c, 0}, Expect: apdu.MaxShort}
	if len(value) > 200 { // and the answer will be as long
		c.Expect += len(value)
	}
	if chained {
		c.Class = apdu.Chained
	}
	if tag != 0 {
		c.Data = tlv.Constructed(0x7c, tlv.Primitive(tag, value)).Bytes()
	}
	r, err := l.send(ctx, doing, c)
	if err != nil || r.Status != apdu.OK {
		return nil, r.Status, err
	}
	objects := map[tlv.Tag][]byte{}
	if len(r.Data) == 0 {
		return objects, r.Status, nil
	}
	outer, err := tlv.NewReader(r.Data, tlv.BER).Want(0x7c)
	if err != nil {
		return nil, r.Status, broken(doing, "%w", err)
	}
	in, err := outer.In()
	for err == nil && in.More() {
		var e tlv.Element
		if e, err = in.Next(); err == nil {
			objects[e.Tag] = e.Value
		}
	}
	if err != nil {
		return nil, r.Status, broken(doing, "%w", err)
	}
	return objects, r.Status, nil
}

// step is one of the chained steps of PACE: it returns the one object that is
// due.
func (p *paceRun) step(ctx context.Context, doing string, tag tlv.Tag, value []byte, due tlv.Tag) ([]byte, error) {
	objects, status, err := p.authenticate(ctx, doing, true, tag, value)
	if err != nil {
		return nil, err
	}
	if status == apdu.Blocked {
		return nil, &KeyError{0, status}
	}
	if status != apdu.OK {
		return nil, refused(doing, status)
	}
	b, ok := objects[due]
	if !ok {
		return nil, broken(doing, "the answer lacks object %v", due)
	}
	return b, nil
}

// nonce fetches the chip's nonce and decrypts it.
func (p *paceRun) nonce(ctx context.Context, password []byte) ([]byte, error) {
	const doing = "asking the chip for a nonce"
	encrypted, err := p.step(ctx, doing, 0, nil, 0x80)
	if err != nil {
		return nil, err
	}
	if n := len(encrypted); n == 0 || n > 32 || n%p.suite.Block() != 0 {
		return nil, broken(doing, "a nonce of %d bytes", n)
	}
	key := p.suite.Derive(password, sm.ForPassword)
	defer clear(key)
	return p.suite.Decrypt(key, nil, encrypted)
}

// A basis is the generator that a run makes out of the nonce, which its keys are
// powers of. That of the generic mapping is the group's to the nonce and the
// chip's key to ours, and is not computed: a power of it takes no longer.
type basis struct {
	group
	point       ec.Point // the chip's key; the basis itself, if there are no numbers
	nonce, ours *big.Int
}

func (b basis) power(k *big.Int) ec.Point {
	if b.nonce == nil {
		return b.group.power(b.point, k)
	}
	n, m := new(big.Int).Mul(k, b.nonce), new(big.Int).Mul(k, b.ours)
	defer wipe(n)
	defer wipe(m)
	return b.combine(n.Mod(n, b.order()), b.point, m.Mod(m, b.order()))
}

// wipe overwrites the numbers.
func (b basis) wipe() {
	if b.nonce != nil {
		wipe(b.nonce)
		wipe(b.ours)
	}
}

// mapNonce makes the generator of this run.
func (p *paceRun) mapNonce(ctx context.Context, nonce []byte) (basis, error) {
	if p.mapping == integrated {
		return p.mapIntegrated(ctx, nonce)
	}
	const doing = "mapping the nonce"
	g := p.group
	ours, err := g.secret(p.random)
	if err != nil {
		return basis{}, err
	}
	b, err := p.step(ctx, doing, 0x81, g.bytes(g.power(g.generator(), ours)), 0x82)
	if err == nil {
		if p.mapped, err = g.parse(b); err != nil {
			err = broken(doing, "%w", err)
		}
	}
	if err != nil {
		wipe(ours)
		return basis{}, err
	}
	return basis{g, p.mapped, new(big.Int).SetBytes(nonce), ours}, nil
}

func (p *paceRun) mapIntegrated(ctx context.Context, nonce []byte) (basis, error) {
	const doing = "mapping the nonce"
	_, length := p.suite.Nonces()
	ours := make([]byte, length)
	if _, err := io.ReadFull(p.random, ours); err != nil {
		return basis{}, fmt.Errorf("drawing a nonce: %w", err)
	}
	objects, status, err := p.authenticate(ctx, doing, true, 0x81, ours)
	if err != nil {
		return basis{}, err
	}
	if status != apdu.OK || len(objects[0x82]) > 0 {
		return basis{}, refused(doing, status)
	}
	r, err := p.suite.Random(nonce, ours, p.group.bits())
	if err != nil {
		return basis{}, broken(doing, "%w", err)
	}
	point, err := p.group.encode(new(big.Int).SetBytes(r))
	if err != nil {
		return basis{}, broken(doing, "%w", err)
	}
	return basis{group: p.group, point: point}, nil
}

// agree agrees on the keys of the session and has both sides show that they
// have them.
func (p *paceRun) agree(ctx context.Context, base basis) error {
	const doing = "agreeing on a key"
	g := p.group
	secret, err := g.secret(p.random)
	if err != nil {
		return err
	}
	defer wipe(secret)
	ours := base.power(secret)
	if ours.Infinite() {
		return broken(doing, "the generator is no generator")
	}
	b, err := p.step(ctx, doing, 0x83, g.bytes(ours), 0x84)
	if err != nil {
		return err
	}
	theirs, err := g.parse(b)
	if err != nil {
		return broken(doing, "%w", err)
	}
	if theirs.X.Cmp(ours.X) == 0 {
		return broken(doing, "the chip sends our own key back")
	}
	p.ours, p.theirs = ours, theirs
	k := g.agree(theirs, secret)
	if k == nil {
		return broken(doing, "the shared secret is none")
	}
	defer clear(k)
	if err := p.confirm(ctx, k, ours, theirs); err != nil {
		return err
	}
	return p.secure(p.suite, k, nil)
}

// confirm exchanges the tokens.
func (p *paceRun) confirm(ctx context.Context, k []byte, ours, theirs ec.Point) error {
	const doing = "opening the chip with PACE"
	mac := p.suite.Derive(k, sm.ForMAC)
	defer clear(mac)
	token, err := p.token(mac, theirs)
	if err != nil {
		return err
	}
	objects, status, err := p.authenticate(ctx, doing, false, 0x85, token)
	if err != nil {
		return err
	}
	if status != apdu.OK {
		return keyRefused(doing, status)
	}
	if token, err = p.token(mac, ours); err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(token, objects[0x86]) != 1 {
		return broken(doing, "the chip does not show that it knows the key")
	}
	if p.cvca = objects[0x87]; p.mapping != chipAuth {
		return nil
	}
	return p.openProof(k, objects[0x8a])
}

// token is the code over the other side's key in its public key object
// (Doc 9303-11, 4.4.3.4).
func (p *paceRun) token(mac []byte, of ec.Point) ([]byte, error) {
	object := tlv.Constructed(0x7f49, tlv.Primitive(6, p.oid), tlv.Primitive(tlv.Tag(p.group.tag()), p.group.bytes(of)))
	return p.suite.MAC(mac, object.Bytes())
}

// openProof decrypts the chip authentication data of the third mapping
// (Doc 9303-11, 4.4.3.5).
func (p *paceRun) openProof(k, encrypted []byte) error {
	const doing = "opening the chip's own authentication data"
	enc := p.suite.Derive(k, sm.ForEncryption)
	defer clear(enc)
	iv, err := p.suite.Encrypt(enc, nil, bytes.Repeat([]byte{0xff}, p.suite.Block()))
	if err != nil {
		return err
	}
	data, err := p.suite.Decrypt(enc, iv, encrypted)
	if err != nil {
		return broken(doing, "%w", err)
	}
	var ok bool
	if p.proof, ok = sm.Unpad(data); !ok {
		return broken(doing, "without padding")
	}
	return nil
}

// proves reports whether the data of the third mapping are proof that the chip
// has the secret of a key: multiplied by them, the key is that of the mapping.
func (p *paceRun) proves(key ec.Point) bool {
	if len(p.proof) == 0 {
		return false
	}
	return p.group.power(key, new(big.Int).SetBytes(p.proof)).Equal(p.mapped)
}

// wipe overwrites a secret number.
func wipe(v *big.Int) {
	clear(v.Bits())
	v.SetInt64(0)
}
