package pa

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"optag/capture/record/tlv"
	"optag/device/emrtd/lds/der"
)

// A Certificate is a certificate by RFC 5280, of which the fields are taken that
// Doc 9303-12 gives a meaning. The standard library's parser refuses those with
// brainpool curves and explicit parameters, which a good part of the world's
// authorities have.
type Certificate struct {
	Raw                 []byte // a part of what was read
	Serial              *big.Int
	Issuer, Subject     Name
	NotBefore, NotAfter time.Time
	Key                 der.PublicKey

	KeyID       []byte // subject key identifier; nil where there is none
	AuthorityID []byte // key identifier of the issuer

	Authority bool     // it may sign certificates, by its basic constraints
	Usage     Usage    // 0 where it does not tell
	Purposes  []string // extended key usages, dotted
	Documents []string // types of document that it may sign: P, AR; nil where it does not tell
	Unknown   []string // critical extensions that are not known here, dotted

	Source string // where it comes from: the name of a file

	tbs       []byte
	algorithm algorithm // zero where it is not known
	signature []byte
}

// A Name is a distinguished name.
type Name struct {
	Country      string // two letters, upper case
	Organisation string
	Common       string
	key          string // equal for equal names
	raw          string // as it stands
}

// String is the name for people.
func (n Name) String() string {
	var parts []string
	for _, s := range []string{n.Common, n.Organisation, n.Country} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

// Equal compares as RFC 5280, 7.1 does: without regard to case, to blanks that
// double and to the kind of string.
func (n Name) Equal(m Name) bool { return n.key == m.key }

// A Usage is what a key may be used for: bit n of RFC 5280, 4.2.1.3 is 1<<n.
type Usage uint16

const (
	SignData         Usage = 1 << 0
	SignCertificates Usage = 1 << 5
	SignRevocations  Usage = 1 << 6
)

// MasterListSigner is the purpose of a certificate that signs master lists.
const MasterListSigner = "2.23.136.1.1.3"

// String tells whose it is.
func (c *Certificate) String() string { return c.Subject.String() }

// ParseCertificate reads a certificate. One that is signed by an algorithm that
// is not known is read; one with a key that is not known is not.
func ParseCertificate(b []byte) (*Certificate, error) {
	e, err := der.Read(b, der.Sequence)
	var c *Certificate
	if err == nil {
		c, err = readCertificate(e, b)
	}
	if err != nil {
		return nil, fmt.Errorf("reading a certificate: %w", err)
	}
	return c, nil
}

// whole is an object with its tag and length, as it stands in what was read.
func whole(e tlv.Element, all []byte) []byte { return all[e.At : e.At+e.Head+len(e.Value)] }

// readCertificate reads a certificate that is an object of all.
func readCertificate(e tlv.Element, all []byte) (*Certificate, error) {
	c := &Certificate{Raw: whole(e, all)}
	if e.Tag != der.Sequence {
		return nil, e.Fault("is no certificate")
	}
	r, err := e.In()
	if err != nil {
		return nil, err
	}
	tbs, err := r.Want(der.Sequence)
	if err != nil {
		return nil, err
	}
	c.tbs = whole(tbs, all)
	outer, err := r.Want(der.Sequence)
	if err != nil {
		return nil, err
	}
	if c.signature, err = der.Bits(r); err != nil {
		return nil, err
	}
	if err := r.End(); err != nil {
		return nil, err
	}
	if c.algorithm, err = readAlgorithm(outer); err != nil {
		c.algorithm = algorithm{}
	}
	in, err := tbs.In()
	if err != nil {
		return nil, err
	}
	return c, c.body(in, outer, all)
}

// body reads the part that is signed.
func (c *Certificate) body(r *tlv.Reader, outer tlv.Element, all []byte) (err error) {
	if _, _, err := r.Maybe(0xA0); err != nil { // version
		return err
	}
	serial, err := r.Want(der.Integer) // some are negative
	if err != nil {
		return err
	}
	c.Serial = new(big.Int).SetBytes(serial.Value)
	inner, err := r.Want(der.Sequence)
	if err != nil {
		return err
	}
	if string(inner.Value) != string(outer.Value) {
		return inner.Fault("is another algorithm than that of the signature")
	}
	if c.Issuer, err = readName(r); err != nil {
		return err
	}
	validity, err := der.In(r, der.Sequence)
	if err != nil {
		return err
	}
	if c.NotBefore, err = der.Time(validity); err != nil {
		return err
	}
	if c.NotAfter, err = der.Time(validity); err != nil {
		return err
	}
	if c.Subject, err = readName(r); err != nil {
		return err
	}
	key, err := r.Want(der.Sequence)
	if err != nil {
		return err
	}
	if c.Key, err = der.ReadPublicKey(key); err != nil {
		return err
	}
	return c.ends(r)
}

// ends reads what follows the key: identifiers that nobody uses any more, and
// extensions.
func (c *Certificate) ends(r *tlv.Reader) error {
	for _, tag := range []tlv.Tag{0x81, 0x82} {
		if _, _, err := r.Maybe(tag); err != nil {
			return err
		}
	}
	e, ok, err := r.Maybe(0xA3)
	if err != nil {
		return err
	}
	if ok {
		in, err := e.In()
		if err != nil {
			return err
		}
		if err := extensions(in, c.extension); err != nil {
			return err
		}
	}
	return r.End()
}

// extensions reads a list of extensions. take is given the value of each.
func extensions(r *tlv.Reader, take func(oid string, critical bool, value tlv.Element) error) error {
	list, err := der.In(r, der.Sequence)
	if err != nil {
		return err
	}
	for list.More() {
		x, err := der.In(list, der.Sequence)
		if err != nil {
			return err
		}
		oid, err := der.OID(x)
		if err != nil {
			return err
		}
		critical, ok, err := x.Maybe(der.Boolean)
		if err != nil {
			return err
		}
		value, err := x.Want(der.OctetString)
		if err != nil {
			return err
		}
		if err := take(oid, ok && len(critical.Value) == 1 && critical.Value[0] != 0, value); err != nil {
			return err
		}
	}
	return r.End()
}

// extension takes what an extension of a known kind says. One that is not as it
// should be counts as one that is not known.
func (c *Certificate) extension(oid string, critical bool, e tlv.Element) error {
	known := true
	r := tlv.NewReader(e.Value, tlv.BER)
	switch oid {
	case "2.5.29.14":
		id, err := r.Want(der.OctetString)
		c.KeyID, known = id.Value, err == nil
	case "2.5.29.35":
		if in, err := der.In(r, der.Sequence); err == nil {
			id, _, err := in.Maybe(0x80)
			c.AuthorityID, known = id.Value, err == nil
		}
	case "2.5.29.19":
		if in, err := der.In(r, der.Sequence); err == nil {
			ca, ok, err := in.Maybe(der.Boolean)
			c.Authority, known = ok && len(ca.Value) == 1 && ca.Value[0] != 0, err == nil
		}
	case "2.5.29.15":
		bits, err := r.Want(der.BitString)
		c.Usage, known = usage(bits.Value), err == nil
	case "2.5.29.37":
		c.Purposes, known = oids(r)
	case "2.23.136.1.1.6.2":
		c.Documents, known = documents(r)
	case "2.5.29.16", "2.5.29.17", "2.5.29.18", "2.5.29.31", "2.5.29.32", "2.23.136.1.1.6.1": // key's period, other names, lists, policies, change of name
	default:
		known = false
	}
	if critical && !known {
		c.Unknown = append(c.Unknown, oid)
	}
	return nil
}

// usage reads the bits of a key usage, the first of which is the highest.
func usage(b []byte) (u Usage) {
	if len(b) < 2 {
		return 0
	}
	for i, c := range b[1:min(len(b), 3)] {
		for bit := range 8 {
			if c>>(7-bit)&1 == 1 {
				u |= 1 << (8*i + bit)
			}
		}
	}
	return u
}

func oids(r *tlv.Reader) (all []string, ok bool) {
	in, err := der.In(r, der.Sequence)
	for err == nil && in.More() {
		var oid string
		if oid, err = der.OID(in); err == nil {
			all = append(all, oid)
		}
	}
	return all, err == nil
}

// documents reads a documentTypeList (Doc 9303-12, 7.1.1).
func documents(r *tlv.Reader) (all []string, ok bool) {
	in, err := der.In(r, der.Sequence)
	if err != nil {
		return nil, false
	}
	if _, err := der.Small(in, 255); err != nil {
		return nil, false
	}
	set, err := der.In(in, der.Set)
	for err == nil && set.More() {
		var e tlv.Element
		if e, err = set.Next(); err == nil {
			all = append(all, der.Text(e))
		}
	}
	return all, err == nil
}

// readName reads a distinguished name.
func readName(r *tlv.Reader) (n Name, err error) {
	e, err := r.Want(der.Sequence)
	if err != nil {
		return n, err
	}
	list, err := e.In()
	if err != nil {
		return n, err
	}
	n.raw = string(e.Value)
	var key strings.Builder
	for list.More() {
		set, err := der.In(list, der.Set)
		if err != nil {
			return n, err
		}
		var parts []string
		for set.More() {
			part, err := n.attribute(set)
			if err != nil {
				return n, err
			}
			parts = append(parts, part)
		}
		slices.Sort(parts)
		fmt.Fprintf(&key, "%q", parts)
	}
	n.key = key.String()
	return n, nil
}

// attribute reads one part of a name and returns it in a form to compare.
func (n *Name) attribute(set *tlv.Reader) (string, error) {
	in, err := der.In(set, der.Sequence)
	if err != nil {
		return "", err
	}
	oid, err := der.OID(in)
	if err != nil {
		return "", err
	}
	e, err := in.Next()
	if err != nil {
		return "", err
	}
	text := strings.Join(strings.Fields(der.Text(e)), " ")
	switch oid {
	case "2.5.4.6":
		n.Country = strings.ToUpper(text)
	case "2.5.4.10":
		n.Organisation = text
	case "2.5.4.3":
		n.Common = text
	}
	return oid + "=" + strings.ToLower(text), in.End()
}

// SignedBy looks whether the certificate is signed with the key of another, or
// of itself. It fails with [ErrSignature] or [ErrAlgorithm].
func (c *Certificate) SignedBy(issuer *Certificate) error {
	return verify(issuer.Key, c.algorithm, c.tbs, c.signature)
}

// ValidOn reports whether a day lies in the time the certificate is valid.
func (c *Certificate) ValidOn(day time.Time) bool {
	return !day.Before(c.NotBefore) && !day.After(c.NotAfter)
}

// maySignCertificates reports whether the certificate is that of an authority.
func (c *Certificate) maySignCertificates() bool {
	return (c.Authority || c.Usage&SignCertificates != 0) && (c.Usage == 0 || c.Usage&SignCertificates != 0)
}
