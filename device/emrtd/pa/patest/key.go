// Package patest makes what package pa verifies: authorities (CSCA), document
// signers, EF.SOD, master lists, lists of what is revoked. It is there for tests
// and for virtual cards: its keys sign in a time that depends on them, and what
// it certifies is worth nothing.
package patest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	_ "crypto/sha256" // what keys may sign with
	_ "crypto/sha512"
	"fmt"
	"io"
	"math/big"

	"optag/capture/record/tlv"
	"optag/device/emrtd/ec"
	"optag/device/emrtd/lds/der"
)

// A Kind is an algorithm to sign with: RSA where bits are told, or else ECDSA.
type Kind struct {
	RSA      int             // bits of the modulus
	Key      *rsa.PrivateKey // one that was made before, for making one is costly; nil for a new one
	PSS      bool            // RSASSA-PSS, with a salt as long as the hash
	Mask     crypto.Hash
	Curve    string      // as package ec names it; "" is secp256r1
	Explicit bool        // the curve is written out and not named
	Hash     crypto.Hash // 0 is SHA-256
}

func (k Kind) hash() crypto.Hash {
	if k.Hash == 0 {
		return crypto.SHA256
	}
	return k.Hash
}

// mask is the hash of the mask in PSS: that of the message if Mask is 0.
func (k Kind) mask() crypto.Hash {
	if k.Mask == 0 {
		return k.hash()
	}
	return k.Mask
}

// A Key is a pair of keys.
type Key struct {
	Kind
	Public der.PublicKey
	rsa    *rsa.PrivateKey
	secret *big.Int
}

// NewKey makes a pair of keys. Those of RSA are not the same for the same
// randomness.
func NewKey(random io.Reader, k Kind) (*Key, error) {
	key := &Key{Kind: k, Public: der.PublicKey{Parameter: -1, Explicit: k.Explicit}}
	if k.RSA > 0 {
		var err error
		if key.rsa = k.Key; key.rsa == nil {
			if key.rsa, err = rsa.GenerateKey(rand.Reader, k.RSA); err != nil {
				return nil, fmt.Errorf("making a key: %w", err)
			}
		}
		key.Public.RSA = &key.rsa.PublicKey
		return key, nil
	}
	if key.Curve == "" {
		key.Curve = "secp256r1"
	}
	c := ec.ByName(key.Curve)
	if c == nil {
		return nil, fmt.Errorf("making a key: no curve is called %q", key.Curve)
	}
	var err error
	key.secret, err = c.Scalar(random)
	if err == nil {
		key.Public.Curve, key.Public.Point = c, c.Multiply(c.G, key.secret)
	}
	return key, err
}

// Sign signs a message: RSA as it is, ECDSA as r and s in DER.
func (k *Key) Sign(random io.Reader, message []byte) ([]byte, error) {
	d := k.hash().New()
	d.Write(message)
	digest := d.Sum(nil)
	switch {
	case k.PSS && k.mask() != k.hash():
		return k.signPSS(random, digest)
	case k.PSS:
		return rsa.SignPSS(random, k.rsa, k.hash(), digest, &rsa.PSSOptions{SaltLength: k.hash().Size()})
	case k.rsa != nil:
		return rsa.SignPKCS1v15(nil, k.rsa, k.hash(), digest)
	}
	r, s, err := k.Public.Curve.Sign(random, k.secret, digest)
	if err != nil {
		return nil, err
	}
	return tlv.Constructed(der.Sequence, der.WriteUint(r), der.WriteUint(s)).Bytes(), nil
}

// signPSS is RSASSA-PSS with masks of another hash than the message's (RFC 8017,
// 9.1.1).
func (k *Key) signPSS(random io.Reader, digest []byte) ([]byte, error) {
	n, h := k.rsa.Size(), k.hash().Size()
	salt := make([]byte, h)
	if _, err := io.ReadFull(random, salt); err != nil {
		return nil, err
	}
	d := k.hash().New()
	d.Write(make([]byte, 8))
	d.Write(digest)
	d.Write(salt)
	want := d.Sum(nil)
	em := make([]byte, n-h-1, n)
	em[len(em)-len(salt)-1] = 1
	copy(em[len(em)-len(salt):], salt)
	var mask []byte
	for c := byte(0); len(mask) < len(em); c++ {
		m := k.mask().New()
		m.Write(want)
		m.Write([]byte{0, 0, 0, c})
		mask = m.Sum(mask)
	}
	for i := range em {
		em[i] ^= mask[i]
	}
	em[0] &= 0x7F
	em = append(append(em, want...), 0xBC)
	v := new(big.Int).SetBytes(em)
	return v.Exp(v, k.rsa.D, k.rsa.N).FillBytes(em), nil
}

var hashOIDs = map[crypto.Hash]string{
	crypto.SHA1: "1.3.14.3.2.26", crypto.SHA224: "2.16.840.1.101.3.4.2.4", crypto.SHA256: "2.16.840.1.101.3.4.2.1",
	crypto.SHA384: "2.16.840.1.101.3.4.2.2", crypto.SHA512: "2.16.840.1.101.3.4.2.3",
}

var rsaOIDs = map[crypto.Hash]string{
	crypto.SHA1: "1.2.840.113549.1.1.5", crypto.SHA224: "1.2.840.113549.1.1.14", crypto.SHA256: "1.2.840.113549.1.1.11",
	crypto.SHA384: "1.2.840.113549.1.1.12", crypto.SHA512: "1.2.840.113549.1.1.13",
}

var ecOIDs = map[crypto.Hash]string{
	crypto.SHA1: "1.2.840.10045.4.1", crypto.SHA224: "1.2.840.10045.4.3.1", crypto.SHA256: "1.2.840.10045.4.3.2",
	crypto.SHA384: "1.2.840.10045.4.3.3", crypto.SHA512: "1.2.840.10045.4.3.4",
}

// hashAlgorithm is an AlgorithmIdentifier of a hash.
func hashAlgorithm(h crypto.Hash) tlv.Object {
	return tlv.Constructed(der.Sequence, der.WriteOID(hashOIDs[h]))
}

// algorithm is the AlgorithmIdentifier of what the key signs.
func (k *Key) algorithm() tlv.Object {
	switch {
	case k.PSS:
		mgf := tlv.Constructed(der.Sequence, der.WriteOID("1.2.840.113549.1.1.8"), hashAlgorithm(k.mask()))
		return tlv.Constructed(der.Sequence, der.WriteOID(der.OIDRSAPSS), tlv.Constructed(der.Sequence,
			tlv.Constructed(0xA0, hashAlgorithm(k.hash())), tlv.Constructed(0xA1, mgf),
			tlv.Constructed(0xA2, tlv.Integer(der.Integer, int64(k.hash().Size())))))
	case k.rsa != nil:
		return tlv.Constructed(der.Sequence, der.WriteOID(rsaOIDs[k.hash()]), tlv.Primitive(der.Null, nil))
	}
	return tlv.Constructed(der.Sequence, der.WriteOID(ecOIDs[k.hash()]))
}

// keyID is a subject key identifier: the SHA-1 of the key's string of bits (RFC
// 5280, 4.2.1.2).
func keyID(k der.PublicKey) []byte {
	b := k.Object().Parts[1].Value
	id := sha1.Sum(b[1:])
	return id[:]
}
