// Package ec is the arithmetic of elliptic curves over prime fields that a
// travel document's chip asks for and the standard library does not offer: the
// addition of points for PACE's mapping (ICAO Doc 9303-11, 4.4), and the curves
// of RFC 5639 (brainpool).
//
// Where the standard library can do it, it does: multiples of G, agreements and
// signatures on its own curves. The rest is not constant in time. What it computes with are
// keys of one session at one counter, used once and thrown away, or public
// values; whoever could time them stands beside the card. No key of the station
// is ever used here.
package ec

import (
	"crypto/ecdh"
	"crypto/elliptic"
	"errors"
	"fmt"
	"io"
	"math/big"
)

// A Curve is y² = x³ + ax + b over the integers modulo P, and a point G of prime
// order N on it; the cofactor is 1 for every curve here. Curves are shared: what
// is in them is read only.
type Curve struct {
	Name string
	Bits int // of P
	P    *big.Int
	A, B *big.Int
	G    Point
	N    *big.Int

	f      *field
	a      element // A in the field
	minus3 bool    // A is P-3

	agrees ecdh.Curve     // of the standard library, where it has the curve; nil
	signs  elliptic.Curve // the same
}

// newCurve makes a curve ready to compute with.
func newCurve(name string, p, a, b *big.Int, g Point, n *big.Int) *Curve {
	c := &Curve{Name: name, Bits: p.BitLen(), P: p, A: a, B: b, G: g, N: n, f: newField(p)}
	c.a = c.f.in(a)
	c.minus3 = new(big.Int).Sub(p, a).Cmp(big.NewInt(3)) == 0
	return c
}

// A Point is a point of a curve in affine coordinates; the zero value is the
// point at infinity.
type Point struct{ X, Y *big.Int }

// Infinite reports whether the point is the one at infinity.
func (p Point) Infinite() bool { return p.X == nil }

// Equal reports whether two points are the same.
func (p Point) Equal(q Point) bool {
	if p.Infinite() || q.Infinite() {
		return p.Infinite() == q.Infinite()
	}
	return p.X.Cmp(q.X) == 0 && p.Y.Cmp(q.Y) == 0
}

// ErrPoint: bytes from outside are not a point of the curve.
var ErrPoint = errors.New("not a point of the curve")

// Size is the length of a coordinate in bytes.
func (c *Curve) Size() int { return (c.Bits + 7) / 8 }

// On reports whether a point lies on the curve; the one at infinity does not
// count.
func (c *Curve) On(p Point) bool {
	if p.Infinite() || p.X.Sign() < 0 || p.Y.Sign() < 0 || p.X.Cmp(c.P) >= 0 || p.Y.Cmp(c.P) >= 0 {
		return false
	}
	l := new(big.Int).Mul(p.Y, p.Y)
	return l.Mod(l, c.P).Cmp(c.right(p.X)) == 0
}

// right is x³ + ax + b.
func (c *Curve) right(x *big.Int) *big.Int {
	r := new(big.Int).Mul(x, x)
	r.Add(r, c.A).Mul(r, x).Add(r, c.B)
	return r.Mod(r, c.P)
}

// Add returns p + q.
func (c *Curve) Add(p, q Point) Point {
	a, b := c.jacobian(p), c.jacobian(q)
	s := c.add(&a, &b)
	return c.affine(&s)
}

// Negative returns -p.
func (c *Curve) Negative(p Point) Point {
	if p.Infinite() {
		return p
	}
	y := new(big.Int).Neg(p.Y)
	return Point{p.X, y.Mod(y, c.P)}
}

// Multiply returns k times p. k may be of any size and is not negative.
func (c *Curve) Multiply(p Point, k *big.Int) Point {
	if p.Equal(c.G) {
		if key := c.key(k); key != nil {
			b, n := key.PublicKey().Bytes(), c.Size()
			return Point{new(big.Int).SetBytes(b[1 : 1+n]), new(big.Int).SetBytes(b[1+n:])}
		}
	}
	return c.sum(term{p, k})
}

// Combine returns k times G and m times p, added, in less time than the two
// multiplications take.
func (c *Curve) Combine(k *big.Int, p Point, m *big.Int) Point {
	return c.sum(term{c.G, k}, term{p, m})
}

// Agree returns the x coordinate of k times p, which lies on the curve: the
// secret of a key agreement. It is nil where there is none.
func (c *Curve) Agree(p Point, k *big.Int) []byte {
	if key := c.key(k); key != nil {
		public, err := c.agrees.NewPublicKey(c.Bytes(p))
		if err != nil {
			return nil
		}
		secret, err := key.ECDH(public)
		if err != nil {
			return nil
		}
		return secret
	}
	s := c.Multiply(p, k)
	if s.Infinite() {
		return nil
	}
	return s.X.FillBytes(make([]byte, c.Size()))
}

// key is k in the standard library; nil where that lacks the curve, or k is not
// from 1 to N-1.
func (c *Curve) key(k *big.Int) *ecdh.PrivateKey {
	if c.agrees == nil || k.Sign() <= 0 || k.Cmp(c.N) >= 0 {
		return nil
	}
	b := k.FillBytes(make([]byte, c.Size()))
	defer clear(b)
	key, err := c.agrees.NewPrivateKey(b)
	if err != nil {
		return nil
	}
	return key
}

// Bytes writes a point uncompressed: 04, x, y (BSI TR-03111, 3.2.1). The point
// at infinity has no such form and gives nil.
func (c *Curve) Bytes(p Point) []byte {
	if p.Infinite() {
		return nil
	}
	n := c.Size()
	b := make([]byte, 1+2*n)
	b[0] = 4
	p.X.FillBytes(b[1 : 1+n])
	p.Y.FillBytes(b[1+n:])
	return b
}

// Parse reads an uncompressed point and fails with [ErrPoint] for what does not
// lie on the curve.
func (c *Curve) Parse(b []byte) (Point, error) {
	n := c.Size()
	if len(b) != 1+2*n || b[0] != 4 {
		return Point{}, fmt.Errorf("reading a point of %s: %d bytes of another form: %w", c.Name, len(b), ErrPoint)
	}
	p := Point{new(big.Int).SetBytes(b[1 : 1+n]), new(big.Int).SetBytes(b[1+n:])}
	if !c.On(p) {
		return Point{}, fmt.Errorf("reading a point of %s: %w", c.Name, ErrPoint)
	}
	return p, nil
}

// Scalar reads a random number from 1 to N-1.
func (c *Curve) Scalar(random io.Reader) (*big.Int, error) {
	b := make([]byte, (c.N.BitLen()+7)/8+8) // eight more, so that no value is noticeably more frequent
	if _, err := io.ReadFull(random, b); err != nil {
		return nil, fmt.Errorf("drawing a key: %w", err)
	}
	k := new(big.Int).SetBytes(b)
	clear(b)
	k.Mod(k, new(big.Int).Sub(c.N, big.NewInt(1)))
	return k.Add(k, big.NewInt(1)), nil
}
