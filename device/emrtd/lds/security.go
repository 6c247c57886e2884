package lds

import (
	"slices"
	"strings"

	"optag/capture/record/tlv"
	"optag/device/emrtd/lds/der"
)

// Protocols that SecurityInfos name (BSI TR-03110-3, A.1.1; Doc 9303-11, 9.2).
// The identifiers of the variants of a protocol begin with its own.
const (
	OIDPublicKey   = "0.4.0.127.0.7.2.2.1" // of chip authentication: .1 DH, .2 ECDH
	OIDTerminal    = "0.4.0.127.0.7.2.2.2" // terminal authentication
	OIDChip        = "0.4.0.127.0.7.2.2.3" // chip authentication
	OIDPACE        = "0.4.0.127.0.7.2.2.4"
	OIDRestricted  = "0.4.0.127.0.7.2.2.5"
	OIDCard        = "0.4.0.127.0.7.2.2.6"
	OIDActive      = "2.23.136.1.1.5"        // active authentication
	OIDECDSAPlain  = "0.4.0.127.0.7.1.1.4.1" // what OIDActive's Algorithm begins with
	OIDSecurityObj = "0.4.0.127.0.7.3.2.1"   // content of EF.CardSecurity
)

// A SecurityInfos is what a chip says of its protocols and keys.
type SecurityInfos []SecurityInfo

// A SecurityInfo is one protocol or one key.
type SecurityInfo struct {
	Protocol string // its object identifier, dotted

	// Version of the protocol, where it states one: 1, 2. 0 elsewhere.
	Version int

	// Parameter is the number of the domain parameters PACE uses, or that of the
	// key that chip authentication uses; -1 where none is stated.
	Parameter int

	// Key is that of chip authentication, which OIDPublicKey stands for; nil where
	// it is none that is known.
	Key       *der.PublicKey
	Algorithm string // of active authentication with an elliptic curve, dotted

	Raw []byte // the whole, for those who know more of it
}

// Of are those of a protocol, variants included.
func (s SecurityInfos) Of(protocol string) SecurityInfos {
	var of SecurityInfos
	for _, i := range s {
		if i.Protocol == protocol || strings.HasPrefix(i.Protocol, protocol+".") {
			of = append(of, i)
		}
	}
	return of
}

// Includes reports whether every one of others is here too, to the byte.
func (s SecurityInfos) Includes(others SecurityInfos) bool {
	for _, o := range others {
		if !slices.ContainsFunc(s, func(i SecurityInfo) bool { return string(i.Raw) == string(o.Raw) }) {
			return false
		}
	}
	return true
}

// ParseCardAccess reads EF.CardAccess.
func ParseCardAccess(b []byte) (SecurityInfos, error) {
	s, err := infos(CardAccess, b)
	return s, Named(CardAccess, err)
}

// ParseDG14 reads DG14.
func ParseDG14(b []byte) (SecurityInfos, error) {
	_, r, err := open(DG14, b)
	if err != nil {
		return nil, Named(DG14, err)
	}
	set, err := r.Want(der.Set)
	if err == nil {
		err = r.End()
	}
	if err != nil {
		return nil, Named(DG14, err)
	}
	s, err := readInfos(set, b)
	return s, Named(DG14, err)
}

// ParseSecurityInfos reads the set by itself, as EF.CardSecurity has it within
// its envelope.
func ParseSecurityInfos(b []byte) (SecurityInfos, error) {
	s, err := infos(CardSecurity, b)
	return s, Named(CardSecurity, err)
}

func infos(f File, b []byte) (SecurityInfos, error) {
	if len(b) > f.Limit() {
		return nil, &Fault{f, 0, "is longer than such a file may be"}
	}
	set, err := der.Read(b, der.Set)
	if err != nil {
		return nil, err
	}
	return readInfos(set, b)
}

func readInfos(set tlv.Element, file []byte) (SecurityInfos, error) {
	r, err := set.In()
	if err != nil {
		return nil, err
	}
	var all SecurityInfos
	for r.More() {
		e, err := r.Want(der.Sequence)
		if err != nil {
			return nil, err
		}
		i, err := info(e)
		if err != nil {
			return nil, err
		}
		i.Raw = file[e.At : e.At+e.Head+len(e.Value)]
		all = append(all, i)
	}
	return all, nil
}

// info reads one, the fields of which depend on its protocol. Of those that are
// not known the protocol alone is taken.
func info(e tlv.Element) (i SecurityInfo, err error) {
	i.Parameter = -1
	r, err := e.In()
	if err != nil {
		return i, err
	}
	if i.Protocol, err = der.OID(r); err != nil {
		return i, err
	}
	is := func(protocol string) bool { return strings.HasPrefix(i.Protocol, protocol+".") }
	switch {
	case i.Protocol == OIDActive:
		if i.Version, err = der.Small(r, 255); err == nil {
			i.Algorithm, err = der.OID(r)
		}
	case is(OIDPublicKey):
		var e tlv.Element
		if e, err = r.Want(der.Sequence); err != nil {
			return i, err
		}
		key, unknown := der.ReadPublicKey(e)
		if unknown != nil {
			return i, nil // what else the chip offers may serve
		}
		i.Key, err = &key, i.parameter(r)
	case i.Protocol == OIDTerminal:
		i.Version, err = der.Small(r, 255) // and where EF.CVCA lies
		return i, err
	case (is(OIDChip) || is(OIDPACE)) && r.Peek() == der.Integer:
		if i.Version, err = der.Small(r, 255); err == nil {
			err = i.parameter(r)
		}
	default:
		return i, nil
	}
	if err != nil {
		return i, err
	}
	return i, r.End()
}

// parameter reads the number that may end an info.
func (i *SecurityInfo) parameter(r *tlv.Reader) (err error) {
	if r.More() {
		i.Parameter, err = der.Small(r, 1<<31-1)
	}
	return err
}

// object writes an info from its fields; Raw is not looked at.
func (i SecurityInfo) object() tlv.Object {
	parts := []tlv.Object{der.WriteOID(i.Protocol)}
	if i.Key != nil {
		parts = append(parts, i.Key.Object())
	} else if i.Version > 0 {
		parts = append(parts, tlv.Integer(der.Integer, int64(i.Version)))
	}
	if i.Algorithm != "" {
		parts = append(parts, der.WriteOID(i.Algorithm))
	}
	if i.Parameter >= 0 {
		parts = append(parts, tlv.Integer(der.Integer, int64(i.Parameter)))
	}
	return tlv.Constructed(der.Sequence, parts...)
}

// Bytes writes the set, which is the whole of EF.CardAccess. The infos stand in
// the order that DER has for sets.
func (s SecurityInfos) Bytes() []byte {
	var each [][]byte
	for _, i := range s {
		each = append(each, i.object().Bytes())
	}
	slices.SortFunc(each, slices.Compare)
	return tlv.Primitive(der.Set, slices.Concat(each...)).Bytes()
}

// DG14 writes the set as DG14.
func (s SecurityInfos) DG14() []byte { return tlv.Primitive(DG14.Tag(), s.Bytes()).Bytes() }

// ParseDG15 reads the public key for active authentication.
func ParseDG15(b []byte) (der.PublicKey, error) {
	_, r, err := open(DG15, b)
	if err != nil {
		return der.PublicKey{}, Named(DG15, err)
	}
	e, err := r.Want(der.Sequence)
	if err == nil {
		err = r.End()
	}
	if err != nil {
		return der.PublicKey{}, Named(DG15, err)
	}
	k, err := der.ReadPublicKey(e)
	return k, Named(DG15, err)
}

// WriteDG15 writes the public key for active authentication.
func WriteDG15(k der.PublicKey) []byte { return tlv.Constructed(DG15.Tag(), k.Object()).Bytes() }
