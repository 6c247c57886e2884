package ec

import (
	"crypto/ecdsa"
	"io"
	"math/big"
)

// truncate is the leftmost bits of a digest, as ECDSA uses it (FIPS 186-5, 6.4).
func (c *Curve) truncate(digest []byte) *big.Int {
	e := new(big.Int).SetBytes(digest)
	if over := len(digest)*8 - c.N.BitLen(); over > 0 {
		e.Rsh(e, uint(over))
	}
	return e
}

// Verify reports whether (r, s) is the ECDSA signature of a digest under a
// public key. A key that is no point of the curve verifies nothing.
func (c *Curve) Verify(public Point, digest []byte, r, s *big.Int) bool {
	if !c.On(public) || r.Sign() <= 0 || s.Sign() <= 0 || r.Cmp(c.N) >= 0 || s.Cmp(c.N) >= 0 {
		return false
	}
	if c.signs != nil {
		key, err := ecdsa.ParseUncompressedPublicKey(c.signs, c.Bytes(public))
		return err == nil && ecdsa.Verify(key, digest, r, s)
	}
	w := new(big.Int).ModInverse(s, c.N)
	u := new(big.Int).Mul(c.truncate(digest), w)
	v := new(big.Int).Mul(r, w)
	p := c.Combine(u.Mod(u, c.N), public, v.Mod(v, c.N))
	if p.Infinite() {
		return false
	}
	return new(big.Int).Mod(p.X, c.N).Cmp(r) == 0
}

// Sign makes an ECDSA signature. It is there for test cards and test
// authorities: it takes time that depends on the key.
func (c *Curve) Sign(random io.Reader, secret *big.Int, digest []byte) (r, s *big.Int, err error) {
	for {
		k, err := c.Scalar(random)
		if err != nil {
			return nil, nil, err
		}
		r = new(big.Int).Mod(c.Multiply(c.G, k).X, c.N)
		s = new(big.Int).Mul(r, secret)
		s.Add(s, c.truncate(digest)).Mul(s, k.ModInverse(k, c.N)).Mod(s, c.N)
		if r.Sign() != 0 && s.Sign() != 0 {
			return r, s, nil
		}
	}
}
