// Package cvc reads card verifiable certificates and says what they allow (BSI
// TR-03110-3, appendix C): with them an inspection system shows a chip that its
// state lets it open the fingerprints. The chain goes from a country verifying
// authority (CVCA) by a document verifier (DV) to the inspection system (IS).
// Presenting them to a chip is left to package emrtd; the station has no key of
// its own, and what makes certificates for tests is in package cvctest.
package cvc

import (
	"errors"
	"fmt"
	"time"

	"optag/capture/record/tlv"
	"optag/device/emrtd/lds/der"
)

// A Certificate is a card verifiable certificate.
type Certificate struct {
	Raw       []byte    // from its tag 7F21
	Authority string    // whose key signed it: country, mnemonic, sequence number
	Holder    string    // whose key is in it
	Key       PublicKey // without its curve where that is the authority's
	Terminal  string    // kind of terminal, dotted: [InspectionSystem]
	Role      Role
	Rights    Rights
	From      time.Time // first day, in UTC
	Until     time.Time // last day

	body      []byte // what is signed
	signature []byte
}

// InspectionSystem is the kind of terminal that opens travel documents.
const InspectionSystem = "0.4.0.127.0.7.3.1.2.1"

// A Role is what a holder is, by the two highest bits of its authorization.
type Role uint8

const (
	Terminal Role = iota
	ForeignDV
	DomesticDV
	CVCA
)

func (r Role) String() string {
	return [...]string{"inspection system", "foreign document verifier", "document verifier", "country verifying authority"}[r&3]
}

// Rights are what an inspection system may do, by the bits below the role.
type Rights uint8

const (
	Fingers Rights = 1 << 0 // read DG3
	Irises  Rights = 1 << 1 // read DG4
)

// What a chain can be refused for.
var (
	ErrSignature = errors.New("the signature is wrong")
	ErrAuthority = errors.New("the certificate names another authority than the one before it")
	ErrRole      = errors.New("the holder of a certificate may not certify this one")
	ErrDate      = errors.New("the certificate is not valid on the day")
	ErrKey       = errors.New("the key is none of a curve or algorithm that is known")
)

// maxReference is the longest name of a key, and maxCertificate the longest
// certificate, in bytes (a CVCA's with RSA-4096 has about 1100).
const (
	maxReference   = 16
	maxCertificate = 8192
)

// Parse reads a certificate, which is all of b.
func Parse(b []byte) (*Certificate, error) {
	c, err := parse(b)
	if err != nil {
		return nil, fmt.Errorf("reading a card verifiable certificate: %w", err)
	}
	return c, nil
}

func parse(b []byte) (*Certificate, error) {
	if len(b) > maxCertificate {
		return nil, errors.New("it is longer than such a certificate may be")
	}
	outer, err := der.Read(b, 0x7F21)
	if err != nil {
		return nil, err
	}
	r, err := outer.In()
	if err != nil {
		return nil, err
	}
	body, err := r.Want(0x7F4E)
	if err != nil {
		return nil, err
	}
	signature, err := r.Want(0x5F37)
	if err != nil {
		return nil, err
	}
	if err := r.End(); err != nil {
		return nil, err
	}
	c := &Certificate{Raw: b, body: b[body.At : body.At+body.Head+len(body.Value)], signature: signature.Value}
	in, err := body.In()
	if err != nil {
		return nil, err
	}
	return c, c.read(in)
}

func (c *Certificate) read(r *tlv.Reader) error {
	profile, err := r.Want(0x5F29)
	if err != nil {
		return err
	}
	if len(profile.Value) != 1 || profile.Value[0] != 0 {
		return profile.Fault("is another profile than version 1")
	}
	if c.Authority, err = reference(r, 0x42); err != nil {
		return err
	}
	key, err := r.Want(0x7F49)
	if err != nil {
		return err
	}
	if c.Key, err = readKey(key); err != nil {
		return err
	}
	if c.Holder, err = reference(r, 0x5F20); err != nil {
		return err
	}
	if err := c.authorization(r); err != nil {
		return err
	}
	if c.From, err = date(r, 0x5F25); err != nil {
		return err
	}
	if c.Until, err = date(r, 0x5F24); err != nil {
		return err
	}
	if _, _, err := r.Maybe(0x65); err != nil { // extensions, of which none says anything of inspection systems
		return err
	}
	return r.End()
}

// reference reads the name of a key: two letters for the country, up to nine
// characters, five for the sequence number (TR-03110-3, C.2.2).
func reference(r *tlv.Reader, tag tlv.Tag) (string, error) {
	e, err := r.Want(tag)
	if err == nil && (len(e.Value) == 0 || len(e.Value) > maxReference) {
		err = e.Fault("is no name of a key")
	}
	return string(e.Value), err
}

func (c *Certificate) authorization(r *tlv.Reader) error {
	e, err := r.Want(0x7F4C)
	if err != nil {
		return err
	}
	in, err := e.In()
	if err != nil {
		return err
	}
	if c.Terminal, err = der.OID(in); err != nil {
		return err
	}
	bits, err := in.Want(0x53)
	if err != nil {
		return err
	}
	if len(bits.Value) == 0 || c.Terminal == InspectionSystem && len(bits.Value) != 1 {
		return bits.Fault("is no authorization of such a terminal")
	}
	c.Role = Role(bits.Value[0] >> 6)
	if c.Terminal == InspectionSystem {
		c.Rights = Rights(bits.Value[0] & 0x3F)
	}
	return in.End()
}

// date reads a day: six bytes, a digit of YYMMDD each (TR-03110-3, D.2.1.3).
func date(r *tlv.Reader, tag tlv.Tag) (time.Time, error) {
	e, err := r.Want(tag)
	if err != nil {
		return time.Time{}, err
	}
	digits := []byte("20")
	for _, c := range e.Value {
		digits = append(digits, '0'+c)
		if c > 9 {
			return time.Time{}, e.Fault("is no day")
		}
	}
	t, err := time.Parse("20060102", string(digits))
	if err != nil {
		return time.Time{}, e.Fault("is no day")
	}
	return t, nil
}

// ValidOn reports whether a day is one from the first to the last.
func (c *Certificate) ValidOn(day time.Time) bool {
	return !day.Before(c.From) && day.Before(c.Until.AddDate(0, 0, 1))
}

// SignedBy looks whether the certificate is signed with a key. It fails with
// [ErrSignature] or [ErrKey].
func (c *Certificate) SignedBy(k PublicKey) error { return k.Verify(c.body, c.signature) }

// An Inspector is the end of a chain: a terminal and what it may do.
type Inspector struct {
	Holder string
	Key    PublicKey // with its curve
	Rights Rights    // that every certificate of the chain has
	Until  time.Time // the last day of the chain
}

// Verify follows a chain from an authority's certificate, which is trusted, to a
// terminal's. Authorities may stand between that link to a newer key. day is the
// day that the verifier believes in: a chip knows none but that of the newest
// certificate it was shown. The error is or wraps [ErrSignature], [ErrAuthority],
// [ErrRole], [ErrDate] or [ErrKey].
func Verify(anchor *Certificate, chain []*Certificate, day time.Time) (Inspector, error) {
	to := Inspector{anchor.Holder, anchor.Key, anchor.Rights, anchor.Until}
	if anchor.Role != CVCA || anchor.Terminal != InspectionSystem {
		return Inspector{}, fmt.Errorf("verifying a chain: it hangs on no authority: %w", ErrRole)
	}
	if !anchor.ValidOn(day) {
		return Inspector{}, fmt.Errorf("verifying a chain: its authority: %w", ErrDate)
	}
	above := anchor
	for n, c := range chain {
		if err := to.step(above, c, day); err != nil {
			return Inspector{}, fmt.Errorf("verifying certificate %d of a chain: %w", n+1, err)
		}
		above = c
	}
	if above.Role != Terminal {
		return Inspector{}, fmt.Errorf("verifying a chain of %d certificates: it ends before a terminal: %w", len(chain), ErrRole)
	}
	return to, nil
}

// step goes from one certificate to the next.
func (to *Inspector) step(above, c *Certificate, day time.Time) error {
	switch {
	case c.Authority != above.Holder:
		return ErrAuthority
	case c.Terminal != above.Terminal || !above.Role.mayCertify(c.Role):
		return ErrRole
	}
	if err := c.SignedBy(to.Key); err != nil {
		return err
	}
	if !c.ValidOn(day) {
		return ErrDate
	}
	key, err := c.Key.Within(to.Key)
	if err != nil {
		return err
	}
	*to = Inspector{c.Holder, key, to.Rights & c.Rights, c.Until}
	return nil
}

// mayCertify reports whether a role certifies another (TR-03110-3, C.4.1): an
// authority the next one and verifiers, a verifier terminals.
func (r Role) mayCertify(below Role) bool {
	switch r {
	case CVCA:
		return below != Terminal
	case DomesticDV, ForeignDV:
		return below == Terminal
	}
	return false
}
