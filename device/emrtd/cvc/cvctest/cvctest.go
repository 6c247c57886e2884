// Package cvctest makes card verifiable certificates and signs with their keys,
// as authorities, document verifiers and inspection systems do. It is there for
// tests and for virtual cards: what it certifies is worth nothing, and its keys
// sign in a time that depends on them.
package cvctest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"time"

	"optag/capture/record/tlv"
	"optag/device/emrtd/cvc"
	"optag/device/emrtd/ec"
	"optag/device/emrtd/lds/der"
)

// A Spec is what a certificate shall say.
type Spec struct {
	Holder      string
	Role        cvc.Role
	Rights      cvc.Rights
	From, Until time.Time
	Algorithm   string // "" is ECDSA with SHA-256
	Curve       string // as package ec names it; "" is secp256r1
	RSA         int    // bits of the modulus, where the algorithm is of RSA; 0 is 2048
}

// A Holder has a key and a certificate of it.
type Holder struct {
	Name        string
	Certificate []byte // from its tag 7F21
	Key         cvc.PublicKey
	secret      *big.Int
	rsa         *rsa.PrivateKey
}

// NewCVCA makes an authority that certifies itself.
func NewCVCA(random io.Reader, s Spec) (*Holder, error) {
	h, err := newHolder(random, s)
	if err != nil {
		return nil, err
	}
	s.Role = cvc.CVCA
	h.Certificate, err = h.certify(random, h.Key, s)
	return h, err
}

// Issue makes a key and certifies it.
func (h *Holder) Issue(random io.Reader, s Spec) (*Holder, error) {
	below, err := newHolder(random, s)
	if err != nil {
		return nil, err
	}
	below.Certificate, err = h.certify(random, below.Key, s)
	return below, err
}

func newHolder(random io.Reader, s Spec) (*Holder, error) {
	h := &Holder{Name: s.Holder, Key: cvc.PublicKey{Algorithm: s.Algorithm}}
	if s.Algorithm == "" {
		h.Key.Algorithm = cvc.ECDSASHA256
	}
	var err error
	if strings.HasPrefix(h.Key.Algorithm, "0.4.0.127.0.7.2.2.2.1.") {
		if s.RSA == 0 {
			s.RSA = 2048
		}
		if h.rsa, err = rsa.GenerateKey(rand.Reader, s.RSA); err == nil {
			h.Key.RSA = &h.rsa.PublicKey
		}
		return h, err
	}
	if s.Curve == "" {
		s.Curve = "secp256r1"
	}
	if h.Key.Curve = ec.ByName(s.Curve); h.Key.Curve == nil {
		return nil, fmt.Errorf("making a key: no curve is called %q", s.Curve)
	}
	if h.secret, err = h.Key.Curve.Scalar(random); err == nil {
		h.Key.Point = h.Key.Curve.Multiply(h.Key.Curve.G, h.secret)
	}
	return h, err
}

// certify makes the certificate of a key. The parameters of its curve are in
// those of authorities alone (TR-03110-3, D.3.3), and where the curve is another.
func (h *Holder) certify(random io.Reader, k cvc.PublicKey, s Spec) ([]byte, error) {
	body := tlv.Constructed(0x7F4E,
		tlv.Primitive(0x5F29, []byte{0}),
		tlv.Primitive(0x42, []byte(h.Name)),
		k.Object(s.Role == cvc.CVCA || k.Curve != h.Key.Curve),
		tlv.Primitive(0x5F20, []byte(s.Holder)),
		tlv.Constructed(0x7F4C, der.WriteOID(cvc.InspectionSystem), tlv.Primitive(0x53, []byte{byte(s.Role)<<6 | byte(s.Rights)})),
		tlv.Primitive(0x5F25, digits(s.From)),
		tlv.Primitive(0x5F24, digits(s.Until)))
	signature, err := h.Sign(random, body.Bytes())
	if err != nil {
		return nil, fmt.Errorf("making a card verifiable certificate: %w", err)
	}
	return tlv.Constructed(0x7F21, body, tlv.Primitive(0x5F37, signature)).Bytes(), nil
}

// digits is a day as six digits, a byte each.
func digits(t time.Time) []byte {
	b := []byte(t.Format("060102"))
	for i := range b {
		b[i] -= '0'
	}
	return b
}

// PKCS8 is the secret key, ECDSA on P-256, P-384 or P-521, as PKCS #8.
func (h *Holder) PKCS8() ([]byte, error) {
	curve := map[string]elliptic.Curve{"secp256r1": elliptic.P256(), "secp384r1": elliptic.P384(), "secp521r1": elliptic.P521()}[h.Key.Curve.Name]
	if curve == nil {
		return nil, fmt.Errorf("writing a key: PKCS #8 has none of %s here", h.Key.Curve.Name)
	}
	key, err := ecdsa.ParseRawPrivateKey(curve, h.secret.FillBytes(make([]byte, h.Key.Curve.Size())))
	if err != nil {
		return nil, fmt.Errorf("writing a key: %w", err)
	}
	return x509.MarshalPKCS8PrivateKey(key)
}

// Sign signs a message as terminal authentication wants it.
func (h *Holder) Sign(random io.Reader, message []byte) ([]byte, error) {
	hash := h.Key.Hash()
	d := hash.New()
	d.Write(message)
	digest := d.Sum(nil)
	switch {
	case h.Key.PSS():
		return rsa.SignPSS(random, h.rsa, hash, digest, &rsa.PSSOptions{SaltLength: hash.Size()})
	case h.rsa != nil:
		return rsa.SignPKCS1v15(nil, h.rsa, hash, digest)
	}
	r, s, err := h.Key.Curve.Sign(random, h.secret, digest)
	if err != nil {
		return nil, err
	}
	n := (h.Key.Curve.N.BitLen() + 7) / 8
	return slices.Concat(r.FillBytes(make([]byte, n)), s.FillBytes(make([]byte, n))), nil
}
