package ec

import "math/big"

// A jacobian point stands for (x/z², y/z³); z = 0 is the one at infinity.
type jacobian struct{ x, y, z element }

func (c *Curve) jacobian(p Point) (j jacobian) {
	if !p.Infinite() {
		j = jacobian{c.f.in(p.X), c.f.in(p.Y), c.f.one}
	}
	return j
}

func (c *Curve) affine(p *jacobian) Point {
	f := c.f
	if f.zero(&p.z) {
		return Point{}
	}
	i := f.in(new(big.Int).ModInverse(f.out(&p.z), c.P))
	var i2, x, y element
	f.mul(&i2, &i, &i)
	f.mul(&x, &p.x, &i2)
	f.mul(&y, &p.y, &i2)
	f.mul(&y, &y, &i)
	return Point{f.out(&x), f.out(&y)}
}

// double is the doubling of a point for any a.
func (c *Curve) double(p *jacobian) (r jacobian) {
	f := c.f
	if f.zero(&p.z) || f.zero(&p.y) {
		return r
	}
	var y2, s, m, t element
	f.mul(&y2, &p.y, &p.y)
	f.mul(&s, &p.x, &y2)
	f.add(&s, &s, &s)
	f.add(&s, &s, &s) // 4xy²
	c.slope(&m, p)
	f.mul(&r.x, &m, &m)
	f.sub(&r.x, &r.x, &s)
	f.sub(&r.x, &r.x, &s)
	f.mul(&r.z, &p.y, &p.z)
	f.add(&r.z, &r.z, &r.z)
	f.mul(&t, &y2, &y2)
	f.add(&t, &t, &t)
	f.add(&t, &t, &t)
	f.add(&t, &t, &t) // 8y⁴
	f.sub(&s, &s, &r.x)
	f.mul(&r.y, &m, &s)
	f.sub(&r.y, &r.y, &t)
	return r
}

// slope sets m to 3x² + az⁴.
func (c *Curve) slope(m *element, p *jacobian) {
	f := c.f
	var t, z2 element
	f.mul(&z2, &p.z, &p.z)
	if c.minus3 { // 3(x + z²)(x - z²)
		f.add(&t, &p.x, &z2)
		f.sub(m, &p.x, &z2)
		f.mul(m, m, &t)
		f.add(&t, m, m)
		f.add(m, m, &t)
		return
	}
	f.mul(&z2, &z2, &z2)
	f.mul(&z2, &z2, &c.a)
	f.mul(m, &p.x, &p.x)
	f.add(&t, m, m)
	f.add(m, m, &t)
	f.add(m, m, &z2)
}

// add is the sum of two points, which may be the same.
func (c *Curve) add(p, q *jacobian) (r jacobian) {
	f := c.f
	switch {
	case f.zero(&p.z):
		return *q
	case f.zero(&q.z):
		return *p
	}
	var pz, qz, u1, u2, s1, s2, h, d, h2 element
	f.mul(&pz, &p.z, &p.z)
	f.mul(&qz, &q.z, &q.z)
	f.mul(&u1, &p.x, &qz)
	f.mul(&u2, &q.x, &pz)
	f.mul(&s1, &p.y, &q.z)
	f.mul(&s1, &s1, &qz)
	f.mul(&s2, &q.y, &p.z)
	f.mul(&s2, &s2, &pz)
	f.sub(&h, &u2, &u1)
	f.sub(&d, &s2, &s1)
	if f.zero(&h) {
		if f.zero(&d) {
			return c.double(p)
		}
		return r
	}
	f.mul(&h2, &h, &h)
	f.mul(&u1, &u1, &h2)
	f.mul(&h2, &h2, &h) // now h³
	f.mul(&r.x, &d, &d)
	f.sub(&r.x, &r.x, &h2)
	f.sub(&r.x, &r.x, &u1)
	f.sub(&r.x, &r.x, &u1)
	f.sub(&u1, &u1, &r.x)
	f.mul(&r.y, &d, &u1)
	f.mul(&s1, &s1, &h2)
	f.sub(&r.y, &r.y, &s1)
	f.mul(&r.z, &p.z, &q.z)
	f.mul(&r.z, &r.z, &h)
	return r
}

// window is the width of the digits that a factor is read in.
const window = 4

// A term is a point and what it is to be multiplied by.
type term struct {
	p Point
	k *big.Int
}

// sum is the sum of the terms, their doublings shared.
func (c *Curve) sum(terms ...term) Point {
	var digits int
	tables := make([][1 << window]jacobian, len(terms))
	for i, t := range terms {
		digits = max(digits, (t.k.BitLen()+window-1)/window)
		tables[i][1] = c.jacobian(t.p)
		for d := 2; d < 1<<window; d++ {
			tables[i][d] = c.add(&tables[i][d-1], &tables[i][1])
		}
	}
	var at jacobian
	for d := digits - 1; d >= 0; d-- {
		for range window {
			at = c.double(&at)
		}
		for i, t := range terms {
			at = c.add(&at, &tables[i][digit(t.k, d)])
		}
	}
	return c.affine(&at)
}

// digit is the d-th digit of k, from the least significant.
func digit(k *big.Int, d int) (v uint) {
	for b := range window {
		v |= k.Bit(d*window+b) << b
	}
	return v
}
