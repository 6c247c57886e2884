package ec

import (
	"fmt"
	"math/big"
)

// Encode maps a number below P to a point, as PACE's integrated mapping does
// (ICAO Doc 9303-11, appendix B). It fails with [ErrPoint] on curves whose P is
// not 3 modulo 4, which Doc 9303 excludes for that reason (secp224r1), and for
// the few numbers that have no point.
func (c *Curve) Encode(t *big.Int) (Point, error) {
	if c.P.Bit(0) != 1 || c.P.Bit(1) != 1 {
		return Point{}, fmt.Errorf("mapping a number to a point of %s: %w", c.Name, ErrPoint)
	}
	mod := func(v *big.Int) *big.Int { return v.Mod(v, c.P) }
	one := big.NewInt(1)
	alpha := mod(new(big.Int).Neg(new(big.Int).Mul(t, t)))
	i := mod(new(big.Int).Mul(alpha, new(big.Int).Add(alpha, one))) // α + α²
	if i.ModInverse(i, c.P) == nil {
		return Point{}, fmt.Errorf("mapping a number without a point of %s: %w", c.Name, ErrPoint)
	}
	x := new(big.Int).Mul(c.B, new(big.Int).ModInverse(c.A, c.P))
	x.Mul(x, i.Add(i, one))
	mod(x.Neg(x))
	h := c.right(x)
	e := new(big.Int).Rsh(new(big.Int).Add(c.P, one), 2)
	root := new(big.Int).Exp(h, e.Sub(new(big.Int).Sub(c.P, one), e), c.P) // 1/√h if there is one
	y := mod(new(big.Int).Mul(root, h))
	if mod(new(big.Int).Mul(root, y)).Cmp(one) == 0 {
		return Point{x, y}, nil
	}
	t3 := new(big.Int).Exp(t, big.NewInt(3), c.P)
	return Point{mod(x.Mul(x, alpha)), mod(y.Mul(y, t3))}, nil
}
