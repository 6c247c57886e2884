package patest

import (
	"fmt"
	"io"
	"math/big"
	"time"

	"optag/capture/record/tlv"
	"optag/device/emrtd/lds/der"
)

// A Name is a distinguished name; empty parts are left out.
type Name struct{ Country, Organisation, Common string }

func (n Name) object() tlv.Object {
	var parts []tlv.Object
	for _, p := range []struct {
		oid, value string
		tag        tlv.Tag
	}{{"2.5.4.6", n.Country, der.PrintableString}, {"2.5.4.10", n.Organisation, der.UTF8String}, {"2.5.4.3", n.Common, der.UTF8String}} {
		if p.value != "" {
			parts = append(parts, tlv.Constructed(der.Set, tlv.Constructed(der.Sequence, der.WriteOID(p.oid), tlv.Primitive(p.tag, []byte(p.value)))))
		}
	}
	return tlv.Constructed(der.Sequence, parts...)
}

// A Spec is what a certificate shall say.
type Spec struct {
	Name
	Serial      int64 // 0 is 1
	From, Until time.Time
	Authority   bool     // it may certify others; set for those of NewAuthority
	Purposes    []string // extended key usages, dotted
	Documents   []string // types of document: AR, P
	NoKeyID     bool     // neither its own key nor its issuer's has an identifier
}

// An Authority is a CSCA.
type Authority struct {
	Key         *Key
	Name        Name
	Certificate []byte // by itself
}

// NewAuthority makes an authority.
func NewAuthority(random io.Reader, k Kind, s Spec) (*Authority, error) {
	key, err := NewKey(random, k)
	if err != nil {
		return nil, err
	}
	s.Authority = true
	a := &Authority{Key: key, Name: s.Name}
	a.Certificate, err = a.Certify(random, key.Public, s)
	return a, err
}

// Certify makes a certificate of a key. That of another authority's key is a link
// to it.
func (a *Authority) Certify(random io.Reader, key der.PublicKey, s Spec) ([]byte, error) {
	tbs := tlv.Constructed(der.Sequence, tlv.Constructed(0xA0, tlv.Integer(der.Integer, 2)),
		tlv.Integer(der.Integer, max(1, s.Serial)), a.Key.algorithm(), a.Name.object(),
		tlv.Constructed(der.Sequence, der.WriteTime(s.From), der.WriteTime(s.Until)),
		s.Name.object(), key.Object(), tlv.Constructed(0xA3, tlv.Constructed(der.Sequence, a.extensions(key, s)...)))
	b, err := a.signed(random, tbs)
	if err != nil {
		return nil, fmt.Errorf("making a certificate: %w", err)
	}
	return b, nil
}

// signed is what certificates and lists of what is revoked have around them.
func (a *Authority) signed(random io.Reader, tbs tlv.Object) ([]byte, error) {
	signature, err := a.Key.Sign(random, tbs.Bytes())
	if err != nil {
		return nil, err
	}
	return tlv.Constructed(der.Sequence, tbs, a.Key.algorithm(), der.WriteBits(signature)).Bytes(), nil
}

func (a *Authority) extensions(key der.PublicKey, s Spec) []tlv.Object {
	critical := tlv.Primitive(der.Boolean, []byte{0xFF})
	usage := []byte{7, 0x80}
	var all []tlv.Object
	if s.Authority {
		usage = []byte{1, 0x06}
		basic := tlv.Constructed(der.Sequence, critical, tlv.Integer(der.Integer, 0))
		all = append(all, extension("2.5.29.19", basic, critical))
	}
	all = append(all, extension("2.5.29.15", tlv.Primitive(der.BitString, usage), critical))
	if !s.NoKeyID {
		all = append(all, extension("2.5.29.14", tlv.Primitive(der.OctetString, keyID(key))),
			extension("2.5.29.35", tlv.Constructed(der.Sequence, tlv.Primitive(0x80, keyID(a.Key.Public)))))
	}
	if len(s.Purposes) > 0 {
		var oids []tlv.Object
		for _, p := range s.Purposes {
			oids = append(oids, der.WriteOID(p))
		}
		all = append(all, extension("2.5.29.37", tlv.Constructed(der.Sequence, oids...), critical))
	}
	if len(s.Documents) > 0 {
		var types []tlv.Object
		for _, d := range s.Documents {
			types = append(types, tlv.Primitive(der.PrintableString, []byte(d)))
		}
		list := tlv.Constructed(der.Sequence, tlv.Integer(der.Integer, 0), tlv.Constructed(der.Set, types...))
		all = append(all, extension("2.23.136.1.1.6.2", list))
	}
	return all
}

func extension(oid string, value tlv.Object, critical ...tlv.Object) tlv.Object {
	parts := append([]tlv.Object{der.WriteOID(oid)}, critical...)
	return tlv.Constructed(der.Sequence, append(parts, tlv.Primitive(der.OctetString, value.Bytes()))...)
}

// Revoke makes a list of certificates that are not to be trusted any more, by
// their serial numbers.
func (a *Authority) Revoke(random io.Reader, from, until time.Time, serials ...int64) ([]byte, error) {
	parts := []tlv.Object{tlv.Integer(der.Integer, 1), a.Key.algorithm(), a.Name.object(), der.WriteTime(from), der.WriteTime(until)}
	var revoked []tlv.Object
	for _, s := range serials {
		revoked = append(revoked, tlv.Constructed(der.Sequence, der.WriteUint(big.NewInt(s)), der.WriteTime(from)))
	}
	if len(revoked) > 0 {
		parts = append(parts, tlv.Constructed(der.Sequence, revoked...))
	}
	b, err := a.signed(random, tlv.Constructed(der.Sequence, parts...))
	if err != nil {
		return nil, fmt.Errorf("making a list of what is revoked: %w", err)
	}
	return b, nil
}
