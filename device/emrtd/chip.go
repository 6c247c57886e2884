package emrtd

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	_ "crypto/sha1" // the hashes of active authentication
	_ "crypto/sha256"
	_ "crypto/sha512"
	"fmt"
	"io"
	"math/big"

	"optag/capture/record/tlv"
	"optag/device/emrtd/apdu"
	"optag/device/emrtd/ec"
	"optag/device/emrtd/sm"
)

// A chipKey is a public key of the chip for chip authentication, and how it is
// to be used.
type chipKey struct {
	group group
	key   ec.Point
	suite sm.Suite
	oid   []byte // of the protocol
	id    []byte // that tells the key from others; nil where there is one only
}

// authenticateChip agrees on new keys with the chip's own key, and goes on
// under them (ICAO Doc 9303-11, 6.2): only the chip that has the secret to the
// key can answer from then on. What it returns is our public key. The first
// answer under the new keys is the proof; whoever calls this asks for one.
func (l *link) authenticateChip(ctx context.Context, random io.Reader, k chipKey) (ec.Point, error) {
	secret, err := k.group.secret(random)
	if err != nil {
		return ec.Point{}, err
	}
	defer wipe(secret)
	ours := k.group.power(k.group.generator(), secret)
	if err := l.sendKey(ctx, k, k.group.bytes(ours)); err != nil {
		return ec.Point{}, err
	}
	b := k.group.agree(k.key, secret)
	if b == nil {
		return ec.Point{}, broken("agreeing on a key with the chip's own", "the shared secret is none")
	}
	defer clear(b)
	return ours, l.secure(k.suite, b, nil)
}

// sendKey sends our public key: in one command for triple DES, which came
// first, in two for AES (Doc 9303-11, 6.2.4).
func (l *link) sendKey(ctx context.Context, k chipKey, ours []byte) error {
	const doing = "sending a key to the chip"
	c := apdu.Command{Instruction: 0x22, P1: 0x41, P2: 0xa4, Data: tlv.Primitive(0x80, k.oid).Append(nil)}
	if k.suite == sm.TripleDES {
		c.P2, c.Data = 0xa6, tlv.Primitive(0x91, ours).Append(nil)
	}
	if k.id != nil {
		c.Data = tlv.Primitive(0x84, k.id).Append(c.Data)
	}
	if _, err := l.do(ctx, doing, c); err != nil || k.suite == sm.TripleDES {
		return err
	}
	_, status, err := l.authenticate(ctx, doing, false, 0x80, ours)
	if err == nil && status != apdu.OK {
		err = refused(doing, status)
	}
	return err
}

// signChallenge has the chip sign a challenge of ours (Doc 9303-11, 6.1).
func (l *link) signChallenge(ctx context.Context, random io.Reader, longest int) (challenge, signature []byte, err error) {
	challenge = make([]byte, 8)
	if _, err := io.ReadFull(random, challenge); err != nil {
		return nil, nil, fmt.Errorf("drawing a challenge: %w", err)
	}
	signature, err = l.do(ctx, "having the chip sign a challenge", apdu.Command{Instruction: 0x88, Data: challenge, Expect: max(apdu.MaxShort, longest)})
	return challenge, signature, err
}

// trailers are the hashes of the two-byte trailers of ISO/IEC 9796-2 (ISO/IEC
// 10118-3 has the numbers).
func trailer(b []byte) (h crypto.Hash, n int) {
	if len(b) < 2 {
		return 0, 0
	}
	if b[len(b)-1] == 0xbc {
		return crypto.SHA1, 1
	}
	if b[len(b)-1] != 0xcc {
		return 0, 0
	}
	switch b[len(b)-2] {
	case 0x33:
		return crypto.SHA1, 2
	case 0x34:
		return crypto.SHA256, 2
	case 0x35:
		return crypto.SHA512, 2
	case 0x36:
		return crypto.SHA384, 2
	case 0x38:
		return crypto.SHA224, 2
	}
	return 0, 0
}

// recovers reports whether an RSA signature with message recovery is one over a
// challenge (ISO/IEC 9796-2, scheme 1: 6A, a nonce of the chip's, the hash of
// nonce and challenge, the trailer).
func recovers(key *rsa.PublicKey, challenge, signature []byte) bool {
	s := new(big.Int).SetBytes(signature)
	if s.Cmp(key.N) >= 0 {
		return false
	}
	m := s.Exp(s, big.NewInt(int64(key.E)), key.N).FillBytes(make([]byte, key.Size()))
	hash, n := trailer(m)
	if hash == 0 || m[0] != 0x6a || len(m) < 1+hash.Size()+n {
		return false
	}
	digest := m[len(m)-n-hash.Size() : len(m)-n]
	h := hash.New()
	h.Write(m[1 : len(m)-n-hash.Size()])
	h.Write(challenge)
	return bytes.Equal(h.Sum(nil), digest)
}

// signed reports whether r and s, one behind the other, are the ECDSA signature
// over a challenge (BSI TR-03111, 5.2.1). The hash is the one that the chip
// announces; where it announces none, any that it may use.
func signed(c *ec.Curve, key ec.Point, announced crypto.Hash, challenge, signature []byte) bool {
	n := len(signature) / 2
	if len(signature)%2 != 0 || n == 0 || n > (c.N.BitLen()+7)/8 {
		return false
	}
	r, s := new(big.Int).SetBytes(signature[:n]), new(big.Int).SetBytes(signature[n:])
	hashes := []crypto.Hash{announced}
	if announced == 0 {
		hashes = []crypto.Hash{crypto.SHA256, crypto.SHA1, crypto.SHA384, crypto.SHA512, crypto.SHA224}
	}
	for _, hash := range hashes {
		h := hash.New()
		h.Write(challenge)
		if c.Verify(key, h.Sum(nil), r, s) {
			return true
		}
	}
	return false
}
