package pa

import (
	"crypto"
	"errors"
	"math/big"

	"optag/capture/record/tlv"
	"optag/device/emrtd/lds/der"
)

// What an envelope may hold.
const (
	oidSignedData     = "1.2.840.113549.1.7.2"
	oidContentType    = "1.2.840.113549.1.9.3"
	oidMessageDigest  = "1.2.840.113549.1.9.4"
	oidSecurityObject = "2.23.136.1.1.1"
	oidMasterList     = "2.23.136.1.1.2"
)

// An envelope is a SignedData (RFC 5652, 5.1), as far as EF.SOD,
// EF.CardSecurity and master lists use it. Its version and those of its
// signatures are those that RFC 5652 has for what it holds.
type envelope struct {
	contentType  string
	content      []byte
	at           int // where content lies in the file
	certificates []*Certificate
	signers      []signer
	version      int    // that its content asks for: 3 for one that is no plain data, 4 and 5 for certificates and lists of other kinds
	irregular    string // what is not as it should be and does not matter; "" for nothing
}

// A signer is a SignerInfo (RFC 5652, 5.3).
type signer struct {
	issuer    Name // and serial; or
	serial    *big.Int
	keyID     []byte
	digest    crypto.Hash
	algorithm algorithm
	signed    []byte // what is signed: the attributes as a SET; nil for the content itself
	content   string // attributes: the type,
	sum       []byte // and the hash of the content
	signature []byte
}

// readEnvelope reads a ContentInfo that begins at a place of a file.
func readEnvelope(b []byte, at int) (*envelope, error) {
	s, err := parseEnvelope(b)
	return s, moved(err, at)
}

// moved puts a fault where it is in the whole file.
func moved(err error, at int) error {
	var f *tlv.Fault
	if errors.As(err, &f) {
		return &tlv.Fault{At: f.At + at, Tag: f.Tag, Rule: f.Rule}
	}
	return err
}

func parseEnvelope(b []byte) (*envelope, error) {
	info, err := der.Read(b, der.Sequence)
	if err != nil {
		return nil, err
	}
	r, err := info.In()
	if err != nil {
		return nil, err
	}
	if oid, err := der.OID(r); err != nil || oid != oidSignedData {
		return nil, info.Fault("is no signed data")
	}
	explicit, err := der.In(r, 0xA0)
	if err != nil {
		return nil, err
	}
	if err := r.End(); err != nil {
		return nil, err
	}
	data, err := explicit.Want(der.Sequence)
	if err != nil {
		return nil, err
	}
	if err := explicit.End(); err != nil {
		return nil, err
	}
	s := &envelope{version: 3}
	return s, s.read(data, b)
}

// read reads the SignedData e.
func (s *envelope) read(e tlv.Element, all []byte) error {
	r, err := e.In()
	if err != nil {
		return err
	}
	version, err := der.Small(r, 5)
	if err != nil {
		return err
	}
	digests, err := s.digests(r)
	if err != nil {
		return err
	}
	if err := s.encapsulated(r); err != nil {
		return err
	}
	if err := s.certs(r, all); err != nil {
		return err
	}
	if err := s.revocations(r); err != nil {
		return err
	}
	infos, err := der.In(r, der.Set)
	if err != nil {
		return err
	}
	for infos.More() {
		if err := s.signer(infos, all, digests); err != nil {
			return err
		}
	}
	if version != s.version {
		return e.Fault("has a version that does not fit what it holds")
	}
	return r.End()
}

// note keeps what is irregular.
func (s *envelope) note(what string) {
	if s.irregular == "" {
		s.irregular = what
	}
}

// digests reads the algorithms that the envelope says its signers use.
func (s *envelope) digests(r *tlv.Reader) (map[crypto.Hash]bool, error) {
	set, err := der.In(r, der.Set)
	if err != nil {
		return nil, err
	}
	known := map[crypto.Hash]bool{}
	for set.More() {
		h, err := readHash(set)
		if errors.Is(err, ErrAlgorithm) {
			s.note("the envelope names a hash function that is not known")
		} else if err != nil {
			return nil, err
		}
		known[h] = true
	}
	return known, nil
}

func (s *envelope) encapsulated(r *tlv.Reader) error {
	info, err := der.In(r, der.Sequence)
	if err != nil {
		return err
	}
	if s.contentType, err = der.OID(info); err != nil {
		return err
	}
	explicit, err := der.In(info, 0xA0)
	if err != nil {
		return err
	}
	octets, err := explicit.Want(der.OctetString)
	if err != nil {
		return err
	}
	s.content, s.at = octets.Value, octets.At+octets.Head
	if err := explicit.End(); err != nil {
		return err
	}
	return info.End()
}

// certs reads the certificates. One that cannot be read is left out: another may
// be the signer's.
func (s *envelope) certs(r *tlv.Reader, all []byte) error {
	return each(r, 0xA0, func(c tlv.Element) {
		switch c.Tag {
		case 0xA2: // an attribute certificate
			s.version = max(s.version, 4)
		case 0xA3: // something else
			s.version = 5
		}
		if cert, err := readCertificate(c, all); err == nil {
			s.certificates = append(s.certificates, cert)
		} else {
			s.note("the envelope holds a certificate that cannot be read: " + err.Error())
		}
	})
}

// revocations passes over what is revoked: a technician installs such lists.
func (s *envelope) revocations(r *tlv.Reader) error {
	return each(r, 0xA1, func(list tlv.Element) {
		if list.Tag == 0xA1 { // no list, but something else that says it
			s.version = 5
		}
	})
}

// each hands on what stands in a set that need not be there.
func each(r *tlv.Reader, tag tlv.Tag, read func(tlv.Element)) error {
	e, ok, err := r.Maybe(tag)
	if err != nil || !ok {
		return err
	}
	in, err := e.In()
	for err == nil && in.More() {
		var one tlv.Element
		if one, err = in.Next(); err == nil {
			read(one)
		}
	}
	return err
}

// signer reads one SignerInfo. Its version must fit the way its signer is named,
// and the envelope name its hash function.
func (s *envelope) signer(infos *tlv.Reader, all []byte, digests map[crypto.Hash]bool) error {
	e, err := infos.Want(der.Sequence)
	if err != nil {
		return err
	}
	r, err := e.In()
	if err != nil {
		return err
	}
	var i signer
	version, err := der.Small(r, 3)
	if err != nil {
		return err
	}
	if err := i.identity(r); err != nil {
		return err
	}
	if version != 1 && i.keyID == nil || version != 3 && i.keyID != nil {
		return e.Fault("has a version that does not fit the way its signer is named")
	}
	if i.digest, err = readHash(r); err != nil {
		return err
	}
	if !digests[i.digest] {
		return e.Fault("uses a hash function that the envelope does not name")
	}
	if err := i.attributes(r, all); err != nil {
		return err
	}
	alg, err := r.Want(der.Sequence)
	if err != nil {
		return err
	}
	if i.algorithm, err = readAlgorithm(alg); err != nil {
		return err
	}
	if i.algorithm.hash == 0 {
		i.algorithm.hash = i.digest
	}
	signature, err := r.Want(der.OctetString)
	if err != nil {
		return err
	}
	i.signature = signature.Value
	if _, ok, err := r.Maybe(0xA1); err != nil {
		return err
	} else if ok {
		s.note("the envelope holds attributes that are not signed")
	}
	s.signers = append(s.signers, i)
	return r.End()
}

// identity reads how the signer's certificate is named.
func (i *signer) identity(r *tlv.Reader) error {
	if e, ok, err := r.Maybe(0x80); err != nil || ok {
		i.keyID = e.Value
		return err
	}
	in, err := der.In(r, der.Sequence)
	if err != nil {
		return err
	}
	if i.issuer, err = readName(in); err != nil {
		return err
	}
	serial, err := in.Want(der.Integer)
	if err != nil {
		return err
	}
	i.serial = new(big.Int).SetBytes(serial.Value)
	return in.End()
}

// attributes reads the attributes that are signed, which must tell type and hash
// of the content, each once (RFC 5652, 5.3 and 11).
func (i *signer) attributes(r *tlv.Reader, all []byte) error {
	e, ok, err := r.Maybe(0xA0)
	if err != nil || !ok {
		return err
	}
	i.signed = append([]byte{byte(der.Set)}, whole(e, all)[1:]...)
	in, err := e.In()
	if err != nil {
		return err
	}
	for in.More() {
		if err := i.attribute(in); err != nil {
			return err
		}
	}
	if i.content == "" || i.sum == nil {
		return e.Fault("does not tell type and hash of what is signed")
	}
	return nil
}

func (i *signer) attribute(r *tlv.Reader) error {
	e, err := r.Want(der.Sequence)
	if err != nil {
		return err
	}
	in, err := e.In()
	if err != nil {
		return err
	}
	oid, err := der.OID(in)
	if err != nil {
		return err
	}
	values, err := der.In(in, der.Set)
	if err != nil {
		return err
	}
	switch oid {
	case oidContentType:
		if i.content != "" {
			return e.Fault("comes twice")
		}
		if i.content, err = der.OID(values); err != nil {
			return err
		}
	case oidMessageDigest:
		if i.sum != nil {
			return e.Fault("comes twice")
		}
		v, err := values.Want(der.OctetString)
		if err != nil {
			return err
		}
		i.sum = v.Value
	default:
		return in.End()
	}
	if err := values.End(); err != nil {
		return err
	}
	return in.End()
}

// names reports whether a certificate is the one that a signer names.
func (i *signer) names(c *Certificate) bool {
	if i.keyID != nil {
		return string(c.KeyID) == string(i.keyID)
	}
	return i.serial.Cmp(c.Serial) == 0 && i.issuer.Equal(c.Issuer)
}

// errContent: what is enveloped is not what was signed.
var errContent = errors.New("what is signed is not what is in the envelope")

// verify looks whether a signer signed the content, with the key of c.
func (s *envelope) verify(i *signer, c *Certificate) error {
	signed := i.signed
	if signed == nil {
		signed = s.content
	}
	if err := verify(c.Key, i.algorithm, signed, i.signature); err != nil {
		return err
	}
	if i.signed != nil && (i.content != s.contentType || string(i.sum) != string(sum(i.digest, s.content))) {
		return errContent
	}
	return nil
}
