// Package der reads and writes the few forms of ISO/IEC 8825-1 that the files of
// a travel document's chip, certificates and signed data have in common: object
// identifiers, whole numbers, strings of bits, times, public keys. What they are
// for is left to packages lds, pa and cvc. Reading bears lengths that are longer
// than need be, as package tlv does by its BER; writing is DER.
package der

import (
	"crypto/x509"
	"math/big"
	"strings"
	"time"

	"optag/capture/record/tlv"
)

// The tags of the universal class.
const (
	Boolean         tlv.Tag = 0x01
	Integer         tlv.Tag = 0x02
	BitString       tlv.Tag = 0x03
	OctetString     tlv.Tag = 0x04
	Null            tlv.Tag = 0x05
	ObjectID        tlv.Tag = 0x06
	Enumerated      tlv.Tag = 0x0a
	UTF8String      tlv.Tag = 0x0c
	PrintableString tlv.Tag = 0x13
	T61String       tlv.Tag = 0x14
	IA5String       tlv.Tag = 0x16
	UTCTime         tlv.Tag = 0x17
	GeneralizedTime tlv.Tag = 0x18
	BMPString       tlv.Tag = 0x1e
	Sequence        tlv.Tag = 0x30
	Set             tlv.Tag = 0x31
)

// Read reads the one object in b, which must have this tag.
func Read(b []byte, tag tlv.Tag) (tlv.Element, error) {
	r := tlv.NewReader(b, tlv.BER)
	e, err := r.Want(tag)
	if err == nil {
		err = r.End()
	}
	return e, err
}

// In reads the next object, which must have this tag, and the objects within it.
func In(r *tlv.Reader, tag tlv.Tag) (*tlv.Reader, error) {
	e, err := r.Want(tag)
	if err != nil {
		return nil, err
	}
	return e.In()
}

// OID reads an object identifier in dotted form.
func OID(r *tlv.Reader) (string, error) {
	e, err := r.Want(ObjectID)
	if err != nil {
		return "", err
	}
	var o x509.OID
	if o.UnmarshalBinary(e.Value) != nil {
		return "", e.Fault("is no object identifier")
	}
	return o.String(), nil
}

// WriteOID is an object identifier. Dotted comes from a table, not from outside:
// one that is none panics.
func WriteOID(dotted string) tlv.Object {
	o, err := x509.ParseOID(dotted)
	if err != nil {
		panic("der: internal error: " + dotted + " is no object identifier")
	}
	b, _ := o.MarshalBinary() // fails for the zero OID alone
	return tlv.Primitive(ObjectID, b)
}

// MaxInteger is the longest whole number that is read, in bytes: that of an RSA
// key of 16384 bits, and a sign.
const MaxInteger = 2049

// Uint reads a whole number that is not negative.
func Uint(r *tlv.Reader) (*big.Int, error) {
	e, err := r.Want(Integer)
	if err != nil {
		return nil, err
	}
	b := e.Value
	switch {
	case len(b) == 0 || len(b) > MaxInteger:
		return nil, e.Fault("is a whole number of no bytes, or of too many")
	case b[0] >= 0x80:
		return nil, e.Fault("is negative")
	case len(b) > 1 && b[0] == 0 && b[1] < 0x80:
		return nil, e.Fault("is a whole number of more bytes than it needs")
	}
	return new(big.Int).SetBytes(b), nil
}

// WriteUint is a whole number that is not negative.
func WriteUint(v *big.Int) tlv.Object {
	b := v.Bytes()
	if len(b) == 0 || b[0] >= 0x80 {
		b = append([]byte{0}, b...)
	}
	return tlv.Primitive(Integer, b)
}

// Small reads a whole number from 0 to limit.
func Small(r *tlv.Reader, limit int) (int, error) {
	e, err := r.Want(Integer)
	if err != nil {
		return 0, err
	}
	v, err := e.Int()
	if err != nil {
		return 0, err
	}
	if v < 0 || v > int64(limit) {
		return 0, e.Fault("is a number out of its range")
	}
	return int(v), nil
}

// Bits reads a string of whole bytes of bits.
func Bits(r *tlv.Reader) ([]byte, error) {
	e, err := r.Want(BitString)
	if err != nil {
		return nil, err
	}
	if len(e.Value) == 0 || e.Value[0] != 0 {
		return nil, e.Fault("is no string of whole bytes")
	}
	return e.Value[1:], nil
}

// WriteBits is a string of whole bytes of bits.
func WriteBits(b []byte) tlv.Object {
	return tlv.Primitive(BitString, append([]byte{0}, b...))
}

// Time reads a time of either form (RFC 5280, 4.1.2.5). Seconds may be missing
// and a zone be told in hours, as BER allows and some authorities do.
func Time(r *tlv.Reader) (time.Time, error) {
	e, err := r.Next()
	if err != nil {
		return time.Time{}, err
	}
	s := string(e.Value)
	switch e.Tag {
	case UTCTime:
		if len(s) < 2 {
			return time.Time{}, e.Fault("is no time")
		}
		if s[:2] < "50" {
			s = "20" + s
		} else {
			s = "19" + s
		}
	case GeneralizedTime:
	default:
		return time.Time{}, e.Fault("is no time")
	}
	for _, layout := range []string{"20060102150405Z0700", "200601021504Z0700", "20060102150405.999Z0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, e.Fault("is no time")
}

// WriteTime is a time as RFC 5280 wants it: with two digits for the year until
// 2049.
func WriteTime(t time.Time) tlv.Object {
	s := t.UTC().Format("20060102150405Z")
	if y := t.UTC().Year(); y >= 1950 && y < 2050 {
		return tlv.Primitive(UTCTime, []byte(s[2:]))
	}
	return tlv.Primitive(GeneralizedTime, []byte(s))
}

// Text is a string of any of the kinds that names are written in, as UTF-8.
func Text(e tlv.Element) string {
	switch e.Tag {
	case BMPString:
		var s strings.Builder
		for i := 0; i+1 < len(e.Value); i += 2 {
			s.WriteRune(rune(e.Value[i])<<8 | rune(e.Value[i+1]))
		}
		return s.String()
	case T61String: // as everybody wrote it: ISO/IEC 8859-1
		var s strings.Builder
		for _, c := range e.Value {
			s.WriteRune(rune(c))
		}
		return s.String()
	}
	return strings.ToValidUTF8(string(e.Value), "\uFFFD")
}
