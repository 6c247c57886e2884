package cvc

import (
	"crypto"
	"crypto/rsa"
	_ "crypto/sha1" // what old chips verify
	_ "crypto/sha256"
	_ "crypto/sha512"
	"math/big"
	"strings"

	"optag/capture/record/tlv"
	"optag/device/emrtd/ec"
	"optag/device/emrtd/lds/der"
)

// A PublicKey is a key for terminal authentication: RSA, or ECDSA.
type PublicKey struct {
	Algorithm string // dotted: what it signs with (TR-03110-3, A.6.4)
	RSA       *rsa.PublicKey
	Curve     *ec.Curve // nil where the certificate leaves it to the one above
	Point     ec.Point
	point     []byte // as it stands, until the curve is known
}

// Algorithms of terminal authentication.
const (
	rsaFamily   = "0.4.0.127.0.7.2.2.2.1."
	ecdsaFamily = "0.4.0.127.0.7.2.2.2.2."

	RSASHA256   = rsaFamily + "2"
	PSSSHA256   = rsaFamily + "4"
	RSASHA512   = rsaFamily + "5"
	PSSSHA512   = rsaFamily + "6"
	ECDSASHA224 = ecdsaFamily + "2"
	ECDSASHA256 = ecdsaFamily + "3"
	ECDSASHA384 = ecdsaFamily + "4"
	ECDSASHA512 = ecdsaFamily + "5"
	rsaSHA1     = rsaFamily + "1"
	pssSHA1     = rsaFamily + "3"
	ecdsaSHA1   = ecdsaFamily + "1"
)

var hashes = map[string]crypto.Hash{
	rsaSHA1: crypto.SHA1, RSASHA256: crypto.SHA256, RSASHA512: crypto.SHA512,
	pssSHA1: crypto.SHA1, PSSSHA256: crypto.SHA256, PSSSHA512: crypto.SHA512,
	ecdsaSHA1: crypto.SHA1, ECDSASHA224: crypto.SHA224, ECDSASHA256: crypto.SHA256, ECDSASHA384: crypto.SHA384, ECDSASHA512: crypto.SHA512,
}

// Hash is the hash function of an algorithm; 0 for one that is not known.
func (k PublicKey) Hash() crypto.Hash { return hashes[k.Algorithm] }

// PSS reports whether an algorithm pads as RSASSA-PSS does.
func (k PublicKey) PSS() bool {
	return k.Algorithm == pssSHA1 || k.Algorithm == PSSSHA256 || k.Algorithm == PSSSHA512
}

// readKey reads a public key object (TR-03110-3, D.3).
func readKey(e tlv.Element) (k PublicKey, err error) {
	r, err := e.In()
	if err != nil {
		return k, err
	}
	if k.Algorithm, err = der.OID(r); err != nil {
		return k, err
	}
	parts := map[tlv.Tag][]byte{}
	for last := tlv.Tag(0x80); r.More(); {
		p, err := r.Next()
		if err != nil {
			return k, err
		}
		if p.Tag <= last || p.Tag > 0x87 || len(p.Value) == 0 {
			return k, p.Fault("comes too late, twice or empty, or is no part of a key")
		}
		parts[p.Tag], last = p.Value, p.Tag
	}
	ok := false
	switch {
	case strings.HasPrefix(k.Algorithm, rsaFamily):
		ok = k.rsa(parts)
	case strings.HasPrefix(k.Algorithm, ecdsaFamily):
		ok = k.ec(parts)
	}
	if !ok || k.Hash() == 0 {
		return k, e.Fault("is no key that can serve")
	}
	return k, nil
}

func (k *PublicKey) rsa(parts map[tlv.Tag][]byte) bool {
	n, e := new(big.Int).SetBytes(parts[0x81]), new(big.Int).SetBytes(parts[0x82])
	if len(parts) != 2 || n.BitLen() < 1024 || n.BitLen() > 8192 || n.Bit(0) == 0 || e.BitLen() > 31 || e.Bit(0) == 0 || e.Int64() < 3 {
		return false
	}
	k.RSA = &rsa.PublicKey{N: n, E: int(e.Int64())}
	return true
}

// ec takes the parts of an elliptic curve key: the point alone, or all of the
// parameters of a known curve.
func (k *PublicKey) ec(parts map[tlv.Tag][]byte) bool {
	if k.point = parts[0x86]; len(parts) == 1 {
		return k.point != nil
	}
	v := func(tag tlv.Tag) *big.Int { return new(big.Int).SetBytes(parts[tag]) }
	g := parts[0x84]
	if len(g)%2 == 0 || len(g) < 3 || g[0] != 4 || k.point == nil || v(0x87).Cmp(big.NewInt(1)) != 0 {
		return false
	}
	n := (len(g) - 1) / 2
	at := ec.Point{X: new(big.Int).SetBytes(g[1 : 1+n]), Y: new(big.Int).SetBytes(g[1+n:])}
	if k.Curve = ec.ByDomain(v(0x81), v(0x82), v(0x83), at, v(0x85)); k.Curve == nil {
		return false
	}
	var err error
	k.Point, err = k.Curve.Parse(k.point)
	return err == nil
}

// Within is the key with the curve of the key above it, where it leaves that
// open.
func (k PublicKey) Within(above PublicKey) (PublicKey, error) {
	if k.RSA != nil || k.Curve != nil {
		return k, nil
	}
	if above.Curve == nil {
		return k, ErrKey
	}
	p, err := above.Curve.Parse(k.point)
	if err != nil {
		return k, ErrKey
	}
	k.Curve, k.Point = above.Curve, p
	return k, nil
}

// Verify looks whether a message is signed with the key: ECDSA with r and s of
// the same length behind each other. It fails with [ErrSignature] or [ErrKey].
func (k PublicKey) Verify(message, signature []byte) error {
	if k.RSA == nil && k.Curve == nil || k.Hash() == 0 {
		return ErrKey
	}
	d := k.Hash().New()
	d.Write(message)
	digest := d.Sum(nil)
	ok := false
	switch n := len(signature) / 2; {
	case k.PSS():
		ok = rsa.VerifyPSS(k.RSA, k.Hash(), digest, signature, &rsa.PSSOptions{SaltLength: k.Hash().Size()}) == nil
	case k.RSA != nil:
		ok = rsa.VerifyPKCS1v15(k.RSA, k.Hash(), digest, signature) == nil
	case n == (k.Curve.N.BitLen()+7)/8 && len(signature) == 2*n:
		ok = k.Curve.Verify(k.Point, digest, new(big.Int).SetBytes(signature[:n]), new(big.Int).SetBytes(signature[n:]))
	}
	if !ok {
		return ErrSignature
	}
	return nil
}

// Object writes the key as a public key object, its curve's parameters only if
// whole.
func (k PublicKey) Object(whole bool) tlv.Object {
	parts := []tlv.Object{der.WriteOID(k.Algorithm)}
	part := func(tag tlv.Tag, b []byte) { parts = append(parts, tlv.Primitive(tag, b)) }
	if k.RSA != nil {
		part(0x81, k.RSA.N.Bytes())
		part(0x82, big.NewInt(int64(k.RSA.E)).Bytes())
		return tlv.Constructed(0x7F49, parts...)
	}
	c := k.Curve
	full := func(v *big.Int) []byte { return v.FillBytes(make([]byte, c.Size())) }
	if whole {
		part(0x81, full(c.P))
		part(0x82, full(c.A))
		part(0x83, full(c.B))
		part(0x84, c.Bytes(c.G))
		part(0x85, full(c.N))
	}
	part(0x86, c.Bytes(k.Point))
	if whole {
		part(0x87, []byte{1})
	}
	return tlv.Constructed(0x7F49, parts...)
}
