package pa

import (
	"errors"
	"fmt"
	"math/big"
	"slices"

	"optag/capture/record/tlv"
	"optag/device/emrtd/lds/der"
)

// masterList takes a master list (Doc 9303-12, 8): authorities that another one
// signed. Its signature must be right and its signer's authority be in the list,
// beside it or installed before; that the list may be trusted is what the
// technician says who installs it.
func (t *Trust) masterList(r *Report, b []byte) error {
	s, err := readEnvelope(b, 0)
	if err != nil {
		return err
	}
	if s.contentType != oidMasterList {
		return fmt.Errorf("signed data of type %s is no master list", s.contentType)
	}
	all, refused, err := listed(s.content)
	if err != nil {
		return moved(err, s.at)
	}
	if err := t.signedList(s, all); err != nil {
		return fmt.Errorf("verifying a master list: %w", err)
	}
	r.Lists++
	r.Refused = append(r.Refused, refused...)
	for _, c := range all {
		if c.maySignCertificates() {
			t.certificate(r, c)
		} else {
			r.Refused = append(r.Refused, fmt.Errorf("%s is in a master list and may sign no certificates", c.Subject))
		}
	}
	return nil
}

// listed reads a CscaMasterList. A certificate that cannot be read is refused
// by itself.
func listed(b []byte) (all []*Certificate, refused []error, err error) {
	e, err := der.Read(b, der.Sequence)
	if err != nil {
		return nil, nil, err
	}
	r, err := e.In()
	if err != nil {
		return nil, nil, err
	}
	if _, err := der.Small(r, 255); err != nil {
		return nil, nil, err
	}
	set, err := der.In(r, der.Set)
	if err != nil {
		return nil, nil, err
	}
	for set.More() {
		e, err := set.Next()
		if err != nil {
			return nil, nil, err
		}
		if c, err := readCertificate(e, b); err != nil {
			refused = append(refused, fmt.Errorf("reading certificate %d of a master list: %w", len(all)+len(refused)+1, err))
		} else {
			all = append(all, c)
		}
	}
	return all, refused, r.End()
}

// signedList looks whether every signature of a list is right, and made by one
// whom an authority certified.
func (t *Trust) signedList(s *envelope, all []*Certificate) error {
	if len(s.signers) == 0 {
		return ErrSignature
	}
	for i := range s.signers {
		c := s.certificate(&s.signers[i])
		if c == nil {
			return errors.New("the certificate of its signer is not in it")
		}
		if err := s.verify(&s.signers[i], c); err != nil {
			return err
		}
		if !slices.Contains(c.Purposes, MasterListSigner) {
			return errors.New("its signer is not one of master lists")
		}
		if !certified(c, t.authorities) && !certified(c, all) && !certified(c, s.certificates) {
			return errors.New("its signer is certified by no authority that is known")
		}
	}
	return nil
}

// certificate is the signer's among those of the envelope, nil where it is not
// there.
func (s *envelope) certificate(i *signer) *Certificate {
	for _, c := range s.certificates {
		if i.names(c) {
			return c
		}
	}
	return nil
}

func certified(c *Certificate, by []*Certificate) bool {
	for _, a := range by {
		if a.maySignCertificates() && a.Subject.Equal(c.Issuer) && c.SignedBy(a) == nil {
			return true
		}
	}
	return false
}

// revocations are a CertificateList (RFC 5280, 5.1). One that is out of date
// revokes as before: what an authority has taken back it does not give again.
type revocations struct {
	issuer  Name
	serials map[string]bool

	tbs       []byte
	algorithm algorithm
	signature []byte
}

func parseRevocations(b []byte) (*revocations, error) {
	v := &revocations{serials: map[string]bool{}}
	e, err := der.Read(b, der.Sequence)
	if err != nil {
		return nil, err
	}
	r, err := e.In()
	if err != nil {
		return nil, err
	}
	tbs, err := r.Want(der.Sequence)
	if err != nil {
		return nil, err
	}
	v.tbs = whole(tbs, b)
	alg, err := r.Want(der.Sequence)
	if err != nil {
		return nil, err
	}
	if v.algorithm, err = readAlgorithm(alg); err != nil {
		return nil, err
	}
	if v.signature, err = der.Bits(r); err != nil {
		return nil, err
	}
	in, err := tbs.In()
	if err != nil {
		return nil, err
	}
	if err := v.body(in); err != nil {
		return nil, err
	}
	return v, r.End()
}

func (v *revocations) body(r *tlv.Reader) error {
	if _, _, err := r.Maybe(der.Integer); err != nil { // version
		return err
	}
	if _, err := r.Want(der.Sequence); err != nil { // algorithm
		return err
	}
	var err error
	if v.issuer, err = readName(r); err != nil {
		return err
	}
	if _, err := der.Time(r); err != nil {
		return err
	}
	if p := r.Peek(); p == der.UTCTime || p == der.GeneralizedTime { // when the next one comes
		if _, err := der.Time(r); err != nil {
			return err
		}
	}
	if r.Peek() != der.Sequence {
		return nil
	}
	list, err := der.In(r, der.Sequence)
	if err != nil {
		return err
	}
	for list.More() {
		entry, err := der.In(list, der.Sequence)
		if err != nil {
			return err
		}
		serial, err := entry.Want(der.Integer)
		if err != nil {
			return err
		}
		v.serials[new(big.Int).SetBytes(serial.Value).String()] = true
	}
	return nil
}

// isRevoked reports whether a certificate is on a list that its issuer signed.
func (t *Trust) isRevoked(c, issuer *Certificate) bool {
	for _, v := range t.revoked {
		if v.issuer.Equal(c.Issuer) && v.serials[c.Serial.String()] && verify(issuer.Key, v.algorithm, v.tbs, v.signature) == nil {
			return true
		}
	}
	return false
}
