package patest

import (
	"crypto"
	"fmt"
	"io"
	"math/big"
	"slices"

	"optag/capture/record/tlv"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/lds/der"
)

// A Signer signs EF.SOD, EF.CardSecurity or master lists.
type Signer struct {
	Key         *Key
	Certificate []byte
	issuer      Name
	serial      int64

	ByKeyID bool   // it is named by its key's identifier
	Bare    bool   // its certificate is not beside the signature
	Version string // of the LDS, four digits: 0108 makes a security object of version 1, "" one of version 0
}

// NewSigner makes a signer.
func (a *Authority) NewSigner(random io.Reader, k Kind, s Spec) (*Signer, error) {
	key, err := NewKey(random, k)
	if err != nil {
		return nil, err
	}
	b, err := a.Certify(random, key.Public, s)
	return &Signer{Key: key, Certificate: b, issuer: a.Name, serial: max(1, s.Serial)}, err
}

// SOD makes EF.SOD of data groups; other files are left out. The hashes are of
// the kind that the key signs.
func (s *Signer) SOD(random io.Reader, files map[lds.File][]byte) ([]byte, error) {
	sums := map[lds.File][]byte{}
	for f, b := range files {
		if f.Group() {
			sums[f] = sum(s.Key.hash(), b)
		}
	}
	return s.SODOf(random, sums)
}

// SODOf makes EF.SOD of hashes.
func (s *Signer) SODOf(random io.Reader, sums map[lds.File][]byte) ([]byte, error) {
	var list []tlv.Object
	for f := lds.DG1; f <= lds.DG16; f++ {
		if h, ok := sums[f]; ok {
			list = append(list, tlv.Constructed(der.Sequence, tlv.Integer(der.Integer, int64(f)), tlv.Primitive(der.OctetString, h)))
		}
	}
	parts := []tlv.Object{tlv.Integer(der.Integer, 0), hashAlgorithm(s.Key.hash()), tlv.Constructed(der.Sequence, list...)}
	if s.Version != "" {
		parts[0] = tlv.Integer(der.Integer, 1)
		parts = append(parts, tlv.Constructed(der.Sequence, tlv.Primitive(der.PrintableString, []byte(s.Version)),
			tlv.Primitive(der.PrintableString, []byte("040000"))))
	}
	b, err := s.Envelope(random, "2.23.136.1.1.1", tlv.Constructed(der.Sequence, parts...).Bytes())
	if err != nil {
		return nil, err
	}
	return tlv.Primitive(lds.SOD.Tag(), b).Bytes(), nil
}

// CardSecurity makes EF.CardSecurity.
func (s *Signer) CardSecurity(random io.Reader, infos lds.SecurityInfos) ([]byte, error) {
	return s.Envelope(random, lds.OIDSecurityObj, infos.Bytes())
}

// MasterList makes a master list of authorities.
func (s *Signer) MasterList(random io.Reader, certificates [][]byte, beside ...[]byte) ([]byte, error) {
	set := tlv.Primitive(der.Set, slices.Concat(certificates...))
	return s.Envelope(random, "2.23.136.1.1.2", tlv.Constructed(der.Sequence, tlv.Integer(der.Integer, 0), set).Bytes(), beside...)
}

// Envelope makes a SignedData around a content, with other certificates beside
// the signer's.
func (s *Signer) Envelope(random io.Reader, contentType string, content []byte, beside ...[]byte) ([]byte, error) {
	attributes := attributeSet(contentType, sum(s.Key.hash(), content))
	signature, err := s.Key.Sign(random, tlv.Primitive(der.Set, attributes).Bytes())
	if err != nil {
		return nil, fmt.Errorf("making signed data: %w", err)
	}
	version, sid := int64(1), tlv.Constructed(der.Sequence, s.issuer.object(), der.WriteUint(big.NewInt(s.serial)))
	if s.ByKeyID {
		version, sid = 3, tlv.Primitive(0x80, keyID(s.Key.Public))
	}
	certificates := slices.Concat(beside...)
	if !s.Bare {
		certificates = append(certificates, s.Certificate...)
	}
	info := tlv.Constructed(der.Sequence, tlv.Integer(der.Integer, version), sid, hashAlgorithm(s.Key.hash()),
		tlv.Primitive(0xA0, attributes), s.Key.algorithm(), tlv.Primitive(der.OctetString, signature))
	parts := []tlv.Object{
		tlv.Integer(der.Integer, 3), tlv.Constructed(der.Set, hashAlgorithm(s.Key.hash())),
		tlv.Constructed(der.Sequence, der.WriteOID(contentType), tlv.Constructed(0xA0, tlv.Primitive(der.OctetString, content))),
	}
	if len(certificates) > 0 {
		parts = append(parts, tlv.Primitive(0xA0, certificates))
	}
	parts = append(parts, tlv.Constructed(der.Set, info))
	return tlv.Constructed(der.Sequence, der.WriteOID("1.2.840.113549.1.7.2"), tlv.Constructed(0xA0, tlv.Constructed(der.Sequence, parts...))).Bytes(), nil
}

// attributeSet are the signed attributes in the order that DER has for sets.
func attributeSet(contentType string, digest []byte) []byte {
	attribute := func(oid string, value tlv.Object) []byte {
		return tlv.Constructed(der.Sequence, der.WriteOID(oid), tlv.Constructed(der.Set, value)).Bytes()
	}
	all := [][]byte{
		attribute("1.2.840.113549.1.9.3", der.WriteOID(contentType)),
		attribute("1.2.840.113549.1.9.4", tlv.Primitive(der.OctetString, digest)),
	}
	slices.SortFunc(all, slices.Compare)
	return slices.Concat(all...)
}

func sum(h crypto.Hash, b []byte) []byte {
	d := h.New()
	d.Write(b)
	return d.Sum(nil)
}
