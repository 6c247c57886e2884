package emrtd

import (
	"fmt"
	"io"
	"math/big"

	"optag/device/emrtd/ec"
)

// A group is where the two sides agree on a key: an elliptic curve, or the
// powers of a number modulo a prime. An element of the second kind is a point
// that has X alone.
type group interface {
	String() string
	generator() ec.Point
	order() *big.Int // of the generator; nil where a chip's key comes without it
	bits() int       // of the field
	tag() byte       // of a public key in a public key object (BSI TR-03110-3, D.3)
	parse(b []byte) (ec.Point, error)
	bytes(p ec.Point) []byte
	secret(random io.Reader) (*big.Int, error)
	power(p ec.Point, k *big.Int) ec.Point
	combine(k *big.Int, p ec.Point, m *big.Int) ec.Point // of the generator and p
	encode(v *big.Int) (ec.Point, error)                 // for the integrated mapping
	agree(p ec.Point, k *big.Int) []byte                 // what keys are derived from; nil for none
}

// curve is the group of an elliptic curve.
type curve struct{ *ec.Curve }

func (c curve) String() string                            { return c.Name }
func (c curve) generator() ec.Point                       { return c.G }
func (c curve) order() *big.Int                           { return c.N }
func (c curve) bits() int                                 { return c.Bits }
func (c curve) tag() byte                                 { return 0x86 }
func (c curve) parse(b []byte) (ec.Point, error)          { return c.Parse(b) }
func (c curve) bytes(p ec.Point) []byte                   { return c.Bytes(p) }
func (c curve) secret(random io.Reader) (*big.Int, error) { return c.Scalar(random) }
func (c curve) power(p ec.Point, k *big.Int) ec.Point     { return c.Multiply(p, k) }

func (c curve) combine(k *big.Int, p ec.Point, m *big.Int) ec.Point { return c.Combine(k, p, m) }
func (c curve) agree(p ec.Point, k *big.Int) []byte                 { return c.Agree(p, k) }

func (c curve) encode(v *big.Int) (ec.Point, error) { return c.Encode(new(big.Int).Mod(v, c.P)) }

// powers is the group of order q that g generates modulo the prime p.
type powers struct {
	name    string
	p, g, q *big.Int // q is nil where a chip's key comes without it
}

func (m powers) String() string      { return m.name }
func (m powers) generator() ec.Point { return ec.Point{X: m.g} }
func (m powers) order() *big.Int     { return m.q }
func (m powers) bits() int           { return m.p.BitLen() }
func (m powers) tag() byte           { return 0x84 }

func (m powers) parse(b []byte) (ec.Point, error) {
	v := new(big.Int).SetBytes(b)
	one := big.NewInt(1)
	last := new(big.Int).Sub(m.p, one)
	if v.Cmp(one) <= 0 || v.Cmp(last) >= 0 || m.q != nil && new(big.Int).Exp(v, m.q, m.p).Cmp(one) != 0 {
		return ec.Point{}, fmt.Errorf("reading a key of %s: not in the group", m.name)
	}
	return ec.Point{X: v}, nil
}

func (m powers) bytes(p ec.Point) []byte { return p.X.FillBytes(make([]byte, (m.bits()+7)/8)) }

func (m powers) agree(p ec.Point, k *big.Int) []byte { return m.bytes(m.power(p, k)) }

// secret is from 1 to q-1; where q is not known, 256 bits long, which no group
// of a chip offers more security than.
func (m powers) secret(random io.Reader) (*big.Int, error) {
	below := m.q
	if below == nil {
		below = new(big.Int).Lsh(big.NewInt(1), uint(min(256, m.bits()-1)))
	}
	return (&ec.Curve{N: below}).Scalar(random)
}

func (m powers) power(p ec.Point, k *big.Int) ec.Point {
	return ec.Point{X: new(big.Int).Exp(p.X, k, m.p)}
}

func (m powers) combine(k *big.Int, p ec.Point, n *big.Int) ec.Point {
	v := new(big.Int).Exp(m.g, k, m.p)
	v.Mul(v, new(big.Int).Exp(p.X, n, m.p))
	return ec.Point{X: v.Mod(v, m.p)}
}

// encode is v to the (p-1)/q (Doc 9303-11, 4.4.3.3.2).
func (m powers) encode(v *big.Int) (ec.Point, error) {
	e := new(big.Int).Sub(m.p, big.NewInt(1))
	r := new(big.Int).Exp(v, e.Div(e, m.q), m.p)
	if r.Cmp(big.NewInt(1)) <= 0 {
		return ec.Point{}, fmt.Errorf("mapping a number that has no place in %s", m.name)
	}
	return ec.Point{X: r}, nil
}

// groupOf is the group with a number of the standardised domain parameters (BSI
// TR-03110-3, table 4); nil for what is not assigned.
func groupOf(parameter int) group {
	if c := ec.ByParameter(parameter); c != nil {
		return curve{c}
	}
	if parameter < 0 || parameter >= len(rfc5114) {
		return nil
	}
	m := powers{name: [...]string{"MODP 1024/160", "MODP 2048/224", "MODP 2048/256"}[parameter]}
	for i, v := range []**big.Int{&m.p, &m.g, &m.q} {
		*v, _ = new(big.Int).SetString(rfc5114[parameter][i], 16)
	}
	return m
}

// rfc5114 are the three groups of RFC 5114, section 2: p, g, q.
var rfc5114 = [3][3]string{
	{
		"b10b8f96a080e01dde92de5eae5d54ec52c99fbcfb06a3c69a6a9dca52d23b616073e28675a23d189838ef1e2ee652c013ecb4aea906112324975c3cd49b83bfaccbdd7d90c4bd7098488e9c219a73724effd6fae5644738faa31a4ff55bccc0a151af5f0dc8b4bd45bf37df365c1a65e68cfda76d4da708df1fb2bc2e4a4371",
		"a4d1cbd5c3fd34126765a442efb99905f8104dd258ac507fd6406cff14266d31266fea1e5c41564b777e690f5504f213160217b4b01b886a5e91547f9e2749f4d7fbd7d3b9a92ee1909d0d2263f80a76a6a24c087a091f531dbf0a0169b6a28ad662a4d18e73afa32d779d5918d08bc8858f4dcef97c2a24855e6eeb22b3b2e5",
		"f518aa8781a8df278aba4e7d64b7cb9d49462353",
	},
	{
		"ad107e1e9123a9d0d660faa79559c51fa20d64e5683b9fd1b54b1597b61d0a75e6fa141df95a56dbaf9a3c407ba1df15eb3d688a309c180e1de6b85a1274a0a66d3f8152ad6ac2129037c9edefda4df8d91e8fef55b7394b7ad5b7d0b6c12207c9f98d11ed34dbf6c6ba0b2c8bbc27be6a00e0a0b9c49708b3bf8a317091883681286130bc8985db1602e714415d9330278273c7de31efdc7310f7121fd5a07415987d9adc0a486dcdf93acc44328387315d75e198c641a480cd86a1b9e587e8be60e69cc928b2b9c52172e413042e9b23f10b0e16e79763c9b53dcf4ba80a29e3fb73c16b8e75b97ef363e2ffa31f71cf9de5384e71b81c0ac4dffe0c10e64f",
		"ac4032ef4f2d9ae39df30b5c8ffdac506cdebe7b89998caf74866a08cfe4ffe3a6824a4e10b9a6f0dd921f01a70c4afaab739d7700c29f52c57db17c620a8652be5e9001a8d66ad7c17669101999024af4d027275ac1348bb8a762d0521bc98ae247150422ea1ed409939d54da7460cdb5f6c6b250717cbef180eb34118e98d119529a45d6f834566e3025e316a330efbb77a86f0c1ab15b051ae3d428c8f8acb70a8137150b8eeb10e183edd19963ddd9e263e4770589ef6aa21e7f5f2ff381b539cce3409d13cd566afbb48d6c019181e1bcfe94b30269edfe72fe9b6aa4bd7b5a0f1c71cfff4c19c418e1f6ec017981bc087f2a7065b384b890d3191f2bfa",
		"801c0d34c58d93fe997177101f80535a4738cebcbf389a99b36371eb",
	},
	{
		"87a8e61db4b6663cffbbd19c651959998ceef608660dd0f25d2ceed4435e3b00e00df8f1d61957d4faf7df4561b2aa3016c3d91134096faa3bf4296d830e9a7c209e0c6497517abd5a8a9d306bcf67ed91f9e6725b4758c022e0b1ef4275bf7b6c5bfc11d45f9088b941f54eb1e59bb8bc39a0bf12307f5c4fdb70c581b23f76b63acae1caa6b7902d52526735488a0ef13c6d9a51bfa4ab3ad8347796524d8ef6a167b5a41825d967e144e5140564251ccacb83e6b486f6b3ca3f7971506026c0b857f689962856ded4010abd0be621c3a3960a54e710c375f26375d7014103a4b54330c198af126116d2276e11715f693877fad7ef09cadb094ae91e1a1597",
		"3fb32c9b73134d0b2e77506660edbd484ca7b18f21ef205407f4793a1a0ba12510dbc15077be463fff4fed4aac0bb555be3a6c1b0c6b47b1bc3773bf7e8c6f62901228f8c28cbb18a55ae31341000a650196f931c77a57f2ddf463e5e9ec144b777de62aaab8a8628ac376d282d6ed3864e67982428ebc831d14348f6f2f9193b5045af2767164e1dfc967c1fb3f2e55a4bd1bffe83b9c80d052b985d182ea0adb2a3b7313d3fe14c8484b1e052588b9b7d2bbd2df016199ecd06e1557cd0915b3353bbb64e0ec377fd028370df92b52c7891428cdc67eb6184b523d1db246c32f63078490f00ef8d647d148d47954515e2327cfef98c582664b4c0f6cc41659",
		"8cf83642a709a097b447997640129da299b1a47d1eb3750ba308b0fe64f5fbd3",
	},
}
