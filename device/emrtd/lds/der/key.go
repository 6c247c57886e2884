package der

import (
	"crypto/rsa"
	"math/big"

	"optag/capture/record/tlv"
	"optag/device/emrtd/ec"
)

// The algorithms of public keys.
const (
	OIDRSA          = "1.2.840.113549.1.1.1"
	OIDRSAPSS       = "1.2.840.113549.1.1.10"
	OIDEC           = "1.2.840.10045.2.1"
	OIDDH           = "1.2.840.10046.2.1"    // X9.42: p, g, q
	OIDDHPKCS3      = "1.2.840.113549.1.3.1" // p, g
	OIDStandardised = "0.4.0.127.0.7.1.2"    // BSI TR-03110-3, A.2.1.1: the parameters by number
	oidPrimeField   = "1.2.840.10045.1.1"
)

// A PublicKey is a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7): of one of three
// kinds, of which the fields of the others are nil.
type PublicKey struct {
	RSA *rsa.PublicKey

	Curve    *ec.Curve
	Point    ec.Point // on the curve
	Explicit bool     // the curve's parameters are written out

	DH *DH

	// Parameter is the number of standardised domain parameters (BSI TR-03110-3,
	// table 4) where the key names them so; then Y holds the public value of a DH
	// key without its group, or else Curve and Point are set. -1 elsewhere.
	Parameter int
	Y         []byte
}

// A DH is a Diffie-Hellman key: Y is a power of G modulo P.
type DH struct {
	P, G *big.Int
	Q    *big.Int // order of G; nil where the key does not tell
	Y    *big.Int
}

// ParsePublicKey reads a SubjectPublicKeyInfo.
func ParsePublicKey(b []byte) (PublicKey, error) {
	r := tlv.NewReader(b, tlv.BER)
	e, err := r.Want(Sequence)
	if err == nil {
		err = r.End()
	}
	if err != nil {
		return PublicKey{}, err
	}
	return ReadPublicKey(e)
}

// ReadPublicKey reads a SubjectPublicKeyInfo that stands among other objects.
func ReadPublicKey(e tlv.Element) (k PublicKey, err error) {
	k.Parameter = -1
	r, err := e.In()
	if err != nil {
		return k, err
	}
	alg, err := r.Want(Sequence)
	if err != nil {
		return k, err
	}
	bits, err := Bits(r)
	if err != nil {
		return k, err
	}
	if err := r.End(); err != nil {
		return k, err
	}
	a, err := alg.In()
	if err != nil {
		return k, err
	}
	oid, err := OID(a)
	if err != nil {
		return k, err
	}
	switch oid {
	case OIDRSA, OIDRSAPSS:
		err = k.rsa(e, bits)
	case OIDEC:
		err = k.ec(alg, a, bits)
	case OIDDH, OIDDHPKCS3:
		err = k.dh(e, a, bits)
	case OIDStandardised:
		err = k.standardised(alg, a, bits)
	default:
		err = alg.Fault("is a key of an unknown algorithm")
	}
	return k, err
}

func (k *PublicKey) rsa(e tlv.Element, bits []byte) error {
	all := tlv.NewReader(bits, tlv.BER)
	r, err := In(all, Sequence)
	if err != nil || all.More() {
		return e.Fault("holds no RSA key")
	}
	modulus, err := r.Want(Integer)
	if err != nil || len(modulus.Value) > MaxInteger {
		return e.Fault("holds an RSA key without a modulus")
	}
	n := new(big.Int).SetBytes(modulus.Value) // some forget the zero that makes it positive
	x, err := Uint(r)
	if err != nil || r.End() != nil {
		return e.Fault("holds an RSA key without an exponent")
	}
	if n.BitLen() < 512 || n.Bit(0) == 0 || x.BitLen() > 31 || x.Bit(0) == 0 || x.Int64() < 3 {
		return e.Fault("holds an RSA key that cannot serve")
	}
	k.RSA = &rsa.PublicKey{N: n, E: int(x.Int64())}
	return nil
}

func (k *PublicKey) ec(alg tlv.Element, a *tlv.Reader, bits []byte) error {
	switch a.Peek() {
	case ObjectID:
		oid, err := OID(a)
		if err != nil {
			return err
		}
		k.Curve = ec.ByOID(oid)
	case Sequence:
		c, err := domain(a)
		if err != nil {
			return err
		}
		k.Curve, k.Explicit = c, true
	}
	if k.Curve == nil {
		return alg.Fault("names no curve that is known")
	}
	return k.point(alg, a, bits)
}

// point reads the public point, which ends a key.
func (k *PublicKey) point(alg tlv.Element, a *tlv.Reader, bits []byte) (err error) {
	if k.Point, err = ParsePoint(k.Curve, bits); err != nil {
		return alg.Fault("is not that of the point beside it")
	}
	return a.End()
}

// ParsePoint reads a point, compressed or not (BSI TR-03111, 3.2.1).
func ParsePoint(c *ec.Curve, b []byte) (ec.Point, error) {
	if len(b) != 1+c.Size() || b[0]&^1 != 2 {
		return c.Parse(b)
	}
	x := new(big.Int).SetBytes(b[1:])
	right := new(big.Int).Mul(x, x) // x³ + ax + b
	right.Add(right, c.A).Mul(right, x).Add(right, c.B).Mod(right, c.P)
	y := new(big.Int).ModSqrt(right, c.P)
	if y == nil || x.Cmp(c.P) >= 0 {
		return ec.Point{}, ec.ErrPoint
	}
	if y.Bit(0) != uint(b[0]&1) {
		y.Sub(c.P, y)
	}
	p := ec.Point{X: x, Y: y}
	if !c.On(p) {
		return ec.Point{}, ec.ErrPoint
	}
	return p, nil
}

// domain reads explicit parameters (RFC 3279, 2.3.5) and returns the known curve
// that has them. Parameters of a curve that nobody knows are not computed with:
// who chooses the curve can choose one on which signatures prove nothing.
func domain(a *tlv.Reader) (*ec.Curve, error) {
	all, err := a.Want(Sequence)
	if err != nil {
		return nil, err
	}
	r, err := all.In()
	if err != nil {
		return nil, err
	}
	if _, err := Small(r, 3); err != nil {
		return nil, err
	}
	field, err := In(r, Sequence)
	if err != nil {
		return nil, err
	}
	if oid, err := OID(field); err != nil || oid != oidPrimeField {
		return nil, all.Fault("holds a curve over no prime field")
	}
	p, err := Uint(field)
	if err != nil {
		return nil, err
	}
	curve, err := In(r, Sequence)
	if err != nil {
		return nil, err
	}
	var v [3][]byte // a, b, G
	for i, from := range []*tlv.Reader{curve, curve, r} {
		e, err := from.Want(OctetString)
		if err != nil {
			return nil, err
		}
		v[i] = e.Value
	}
	n, err := Uint(r)
	if err != nil {
		return nil, err
	}
	c := known(p, new(big.Int).SetBytes(v[0]), new(big.Int).SetBytes(v[1]), v[2], n)
	if c == nil {
		return nil, all.Fault("holds the parameters of an unknown curve")
	}
	return c, cofactor(all, r)
}

// known is the known curve with these parameters, nil where there is none.
func known(p, a, b *big.Int, g []byte, n *big.Int) *ec.Curve {
	for id := 8; ; id++ {
		c := ec.ByParameter(id)
		if c == nil {
			return nil
		}
		if c.P.Cmp(p) != 0 || c.A.Cmp(a) != 0 || c.B.Cmp(b) != 0 || c.N.Cmp(n) != 0 {
			continue
		}
		if at, err := ParsePoint(c, g); err == nil && at.Equal(c.G) {
			return c
		}
	}
}

// cofactor reads what may end explicit parameters: a cofactor, which is 1, and
// behind it nothing.
func cofactor(all tlv.Element, r *tlv.Reader) error {
	if r.More() {
		if h, err := Uint(r); err != nil || h.Cmp(big.NewInt(1)) != 0 {
			return all.Fault("holds another cofactor than 1")
		}
	}
	return r.End()
}

func (k *PublicKey) dh(e tlv.Element, a *tlv.Reader, bits []byte) error {
	r, err := In(a, Sequence)
	if err != nil {
		return err
	}
	d := new(DH)
	if d.P, err = Uint(r); err != nil {
		return err
	}
	if d.G, err = Uint(r); err != nil {
		return err
	}
	if r.Peek() == Integer { // q of X9.42; the length of a secret in PKCS #3
		q, err := Uint(r)
		if err != nil {
			return err
		}
		if q.BitLen() > 32 {
			d.Q = q
		}
	}
	y := tlv.NewReader(bits, tlv.BER)
	if d.Y, err = Uint(y); err != nil || y.End() != nil {
		return e.Fault("holds no DH key")
	}
	if d.P.BitLen() < 512 || d.P.Bit(0) == 0 {
		return e.Fault("holds a DH group that cannot serve")
	}
	k.DH = d
	return nil
}

func (k *PublicKey) standardised(alg tlv.Element, a *tlv.Reader, bits []byte) (err error) {
	if k.Parameter, err = Small(a, 31); err != nil {
		return err
	}
	if k.Curve = ec.ByParameter(k.Parameter); k.Curve != nil {
		return k.point(alg, a, bits)
	}
	y := tlv.NewReader(bits, tlv.BER)
	v, err := Uint(y)
	if err != nil || y.End() != nil {
		return alg.Fault("is that of a DH key, which is not beside it")
	}
	k.Y = v.Bytes()
	return a.End()
}

// Object writes the key as a SubjectPublicKeyInfo.
func (k PublicKey) Object() tlv.Object {
	var alg, bits tlv.Object
	switch {
	case k.RSA != nil:
		alg = tlv.Constructed(Sequence, WriteOID(OIDRSA), tlv.Primitive(Null, nil))
		bits = WriteBits(tlv.Constructed(Sequence, WriteUint(k.RSA.N), WriteUint(big.NewInt(int64(k.RSA.E)))).Bytes())
	case k.Curve != nil && k.Parameter >= 8:
		alg = tlv.Constructed(Sequence, WriteOID(OIDStandardised), tlv.Integer(Integer, int64(k.Parameter)))
		bits = WriteBits(k.Curve.Bytes(k.Point))
	case k.Curve != nil:
		named := WriteOID(k.Curve.OID())
		if k.Explicit {
			named = explicit(k.Curve)
		}
		alg = tlv.Constructed(Sequence, WriteOID(OIDEC), named)
		bits = WriteBits(k.Curve.Bytes(k.Point))
	case k.DH != nil:
		group := []tlv.Object{WriteUint(k.DH.P), WriteUint(k.DH.G)}
		oid := OIDDHPKCS3
		if k.DH.Q != nil {
			oid, group = OIDDH, append(group, WriteUint(k.DH.Q))
		}
		alg = tlv.Constructed(Sequence, WriteOID(oid), tlv.Constructed(Sequence, group...))
		bits = WriteBits(WriteUint(k.DH.Y).Bytes())
	default:
		alg = tlv.Constructed(Sequence, WriteOID(OIDStandardised), tlv.Integer(Integer, int64(k.Parameter)))
		bits = WriteBits(WriteUint(new(big.Int).SetBytes(k.Y)).Bytes())
	}
	return tlv.Constructed(Sequence, alg, bits)
}

// Bytes writes the key.
func (k PublicKey) Bytes() []byte { return k.Object().Bytes() }

// explicit are the parameters of a curve, written out.
func explicit(c *ec.Curve) tlv.Object {
	full := func(v *big.Int) tlv.Object {
		return tlv.Primitive(OctetString, v.FillBytes(make([]byte, c.Size())))
	}
	return tlv.Constructed(Sequence, tlv.Integer(Integer, 1),
		tlv.Constructed(Sequence, WriteOID(oidPrimeField), WriteUint(c.P)),
		tlv.Constructed(Sequence, full(c.A), full(c.B)),
		tlv.Primitive(OctetString, c.Bytes(c.G)),
		WriteUint(c.N), tlv.Integer(Integer, 1))
}
