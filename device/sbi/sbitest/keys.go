package sbitest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"time"
)

// Keys are the authorities and the keys of simulated devices: made anew, for
// tests and for training, and trusted by nobody who is not told to.
type Keys struct {
	Issuer, ChipIssuer *x509.Certificate // to be pinned by the station

	device, chip signer // what the device signs with
	foreign      signer // the device's key under an issuer nobody pinned
	expired      signer // the device's key, its certificate over
	weak         signer // a key of 1024 bits under the pinned issuer
}

// A signer is a key and its certificate.
type signer struct {
	key  *rsa.PrivateKey
	cert []byte // DER
}

// An authority issues certificates.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

// NewKeys makes all keys. It takes some tenths of a second. The certificates are
// valid for a month around now.
func NewKeys(now time.Time) (*Keys, error) {
	var all [4]authority
	for i, name := range []string{"device provider", "foundational trust module", "somebody else"} {
		a, err := newAuthority("Simulated "+name, now)
		if err != nil {
			return nil, err
		}
		all[i] = a
	}
	var rsaKeys [3]*rsa.PrivateKey
	for i, bits := range []int{2048, 2048, 1024} {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			return nil, fmt.Errorf("making simulated keys: %w", err)
		}
		rsaKeys[i] = key
	}
	k := &Keys{Issuer: all[0].cert, ChipIssuer: all[1].cert}
	for _, w := range []struct {
		to    *signer
		from  authority
		key   *rsa.PrivateKey
		until time.Time
	}{
		{&k.device, all[0], rsaKeys[0], now.AddDate(0, 0, 20)},
		{&k.chip, all[1], rsaKeys[1], now.AddDate(0, 0, 20)},
		{&k.foreign, all[2], rsaKeys[0], now.AddDate(0, 0, 20)},
		{&k.expired, all[0], rsaKeys[0], now.AddDate(0, 0, -1)},
		{&k.weak, all[0], rsaKeys[2], now.AddDate(0, 0, 20)},
	} {
		cert, err := w.from.issue(w.key, now.AddDate(0, 0, -10), w.until)
		if err != nil {
			return nil, err
		}
		*w.to = signer{w.key, cert}
	}
	return k, nil
}

func newAuthority(name string, now time.Time) (authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return authority{}, fmt.Errorf("making a simulated authority: %w", err)
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: now.AddDate(0, 0, -10), NotAfter: now.AddDate(0, 0, 20),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return authority{}, fmt.Errorf("making a simulated authority: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	return authority{key, cert}, err
}

func (a authority) issue(key *rsa.PrivateKey, from, until time.Time) ([]byte, error) {
	t := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Simulated device"},
		NotBefore: from, NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return nil, fmt.Errorf("issuing a simulated certificate: %w", err)
	}
	return der, nil
}

// sign makes a compact JWS of a value. certAsString writes x5c as some services
// do, and padded leaves the padding of base64 on.
func (s signer) sign(v any, certAsString, padded bool) string {
	return s.signAs("RS256", v, certAsString, padded)
}

func (s signer) signAs(alg string, v any, certAsString, padded bool) string {
	var x5c any = []string{base64.StdEncoding.EncodeToString(s.cert)}
	if certAsString {
		x5c = base64.StdEncoding.EncodeToString(s.cert)
	}
	enc := base64.RawURLEncoding
	if padded {
		enc = base64.URLEncoding
	}
	signed := enc.EncodeToString(mustJSON(map[string]any{"x5c": x5c, "alg": alg, "typ": "JWT"})) + "." + enc.EncodeToString(mustJSON(v))
	sum := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, sum[:])
	if err != nil {
		panic("sbitest: internal error: " + err.Error())
	}
	return signed + "." + enc.EncodeToString(sig)
}

// mustJSON is for values of this package's own making.
func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("sbitest: internal error: " + err.Error())
	}
	return b
}
