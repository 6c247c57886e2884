package ec

import "math/big"

// A jacobian point stands for (x/z², y/z³); z = 0 is the one at infinity.
type jacobian struct{ x, y, z *big.Int }

func (c *Curve) jacobian(p Point) jacobian {
	if p.Infinite() {
		return jacobian{z: new(big.Int)}
	}
	return jacobian{p.X, p.Y, big.NewInt(1)}
}

func (c *Curve) affine(p jacobian) Point {
	if p.z.Sign() == 0 {
		return Point{}
	}
	i := new(big.Int).ModInverse(p.z, c.P)
	i2 := c.mul(i, i)
	return Point{c.mul(p.x, i2), c.mul(p.y, c.mul(i2, i))}
}

func (c *Curve) mul(a, b *big.Int) *big.Int {
	r := new(big.Int).Mul(a, b)
	return r.Mod(r, c.P)
}

func (c *Curve) sub(a, b *big.Int) *big.Int {
	r := new(big.Int).Sub(a, b)
	return r.Mod(r, c.P)
}

// times is n·a.
func (c *Curve) times(n int64, a *big.Int) *big.Int { return c.mul(big.NewInt(n), a) }

// double is the doubling of a point for any a.
func (c *Curve) double(p jacobian) jacobian {
	if p.z.Sign() == 0 || p.y.Sign() == 0 {
		return jacobian{z: new(big.Int)}
	}
	y2 := c.mul(p.y, p.y)
	s := c.times(4, c.mul(p.x, y2))
	z2 := c.mul(p.z, p.z)
	m := c.times(3, c.mul(p.x, p.x))
	m.Add(m, c.mul(c.A, c.mul(z2, z2)))
	x := c.sub(c.mul(m, m), c.times(2, s))
	y := c.sub(c.mul(m, c.sub(s, x)), c.times(8, c.mul(y2, y2)))
	return jacobian{x, y, c.times(2, c.mul(p.y, p.z))}
}

// add is the sum of two points, which may be the same.
func (c *Curve) add(p, q jacobian) jacobian {
	switch {
	case p.z.Sign() == 0:
		return q
	case q.z.Sign() == 0:
		return p
	}
	pz, qz := c.mul(p.z, p.z), c.mul(q.z, q.z)
	u1, u2 := c.mul(p.x, qz), c.mul(q.x, pz)
	s1, s2 := c.mul(p.y, c.mul(q.z, qz)), c.mul(q.y, c.mul(p.z, pz))
	h, r := c.sub(u2, u1), c.sub(s2, s1)
	if h.Sign() == 0 {
		if r.Sign() == 0 {
			return c.double(p)
		}
		return jacobian{z: new(big.Int)}
	}
	h2 := c.mul(h, h)
	h3, v := c.mul(h, h2), c.mul(u1, h2)
	x := c.sub(c.sub(c.mul(r, r), h3), c.times(2, v))
	y := c.sub(c.mul(r, c.sub(v, x)), c.mul(s1, h3))
	return jacobian{x, y, c.mul(h, c.mul(p.z, q.z))}
}
