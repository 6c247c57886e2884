package ec

import (
	"math/big"
	"math/bits"
)

// An element is a number modulo the P of a curve, its limbs from the least
// significant; only as many as P has are used. In a field it stands multiplied
// by 2^(64·n), as Montgomery's product wants it.
type element [9]uint64 // 521 bits and fewer

// A field is the arithmetic modulo an odd P.
type field struct {
	n    int // limbs of P
	p    element
	inv  uint64  // -1/P modulo 2^64
	one  element // 2^(64n) modulo P
	conv element // 2^(128n) modulo P
}

func newField(p *big.Int) *field {
	f := &field{n: (p.BitLen() + 63) / 64, p: limbs(p)}
	f.inv = 1
	for range 6 { // Newton's iteration: each turn doubles the bits that are right
		f.inv *= 2 - f.p[0]*f.inv
	}
	f.inv = -f.inv
	r := new(big.Int).Lsh(big.NewInt(1), uint(64*f.n))
	f.one = limbs(new(big.Int).Mod(r, p))
	f.conv = limbs(r.Mul(r, r).Mod(r, p))
	return f
}

func limbs(v *big.Int) (e element) {
	var b [9 * 8]byte
	v.FillBytes(b[:])
	for i := range e {
		for _, c := range b[len(b)-8*i-8 : len(b)-8*i] {
			e[i] = e[i]<<8 | uint64(c)
		}
	}
	return e
}

// in takes a number into the field, out gives it back.
func (f *field) in(v *big.Int) (e element) {
	e = limbs(v)
	f.mul(&e, &e, &f.conv)
	return e
}

func (f *field) out(e *element) *big.Int {
	one := element{1}
	f.mul(&one, e, &one)
	var b [9 * 8]byte
	for i, l := range one {
		for j := range 8 {
			b[len(b)-1-8*i-j] = byte(l >> (8 * j))
		}
	}
	return new(big.Int).SetBytes(b[:])
}

func (f *field) zero(e *element) bool {
	var all uint64
	for _, l := range e {
		all |= l
	}
	return all == 0
}

// mul sets z to x·y/2^(64n). The operands may be the same.
func (f *field) mul(z, x, y *element) {
	var t element
	var top uint64 // the word above t
	xs := x[:f.n]
	ts, ps := t[:len(xs)], f.p[:len(xs)]
	for _, yi := range y[:len(xs)] {
		// t += x·yi, and m·P, which makes the lowest word 0; then down by one.
		c, low := step(xs[0], yi, ts[0], 0)
		m := low * f.inv
		d, _ := step(m, ps[0], low, 0)
		for j := 1; j < len(xs); j++ {
			var w uint64
			c, w = step(xs[j], yi, ts[j], c)
			d, ts[j-1] = step(m, ps[j], w, d)
		}
		var c1, c2 uint64
		top, c1 = bits.Add64(top, c, 0)
		ts[len(xs)-1], c2 = bits.Add64(top, d, 0)
		top = c1 + c2
	}
	f.reduce(z, &t, top)
}

// step is a·b + add + carry in two words.
func step(a, b, add, carry uint64) (hi, lo uint64) {
	hi, lo = bits.Mul64(a, b)
	var c uint64
	lo, c = bits.Add64(lo, add, 0)
	hi += c
	lo, c = bits.Add64(lo, carry, 0)
	return hi + c, lo
}

// reduce sets z to t, and where t with its word above is not below P, to t - P.
func (f *field) reduce(z, t *element, above uint64) {
	var d element
	var borrow uint64
	for i := range f.n {
		d[i], borrow = bits.Sub64(t[i], f.p[i], borrow)
	}
	if above != 0 || borrow == 0 {
		*z = d
		return
	}
	*z = element{}
	copy(z[:f.n], t[:f.n])
}

// add sets z to x + y.
func (f *field) add(z, x, y *element) {
	var t element
	var c uint64
	for i := range f.n {
		t[i], c = bits.Add64(x[i], y[i], c)
	}
	f.reduce(z, &t, c)
}

// sub sets z to x - y.
func (f *field) sub(z, x, y *element) {
	var t element
	var b uint64
	for i := range f.n {
		t[i], b = bits.Sub64(x[i], y[i], b)
	}
	if b != 0 {
		var c uint64
		for i := range f.n {
			t[i], c = bits.Add64(t[i], f.p[i], c)
		}
	}
	*z = t
}
