package token_test

import (
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"testing"
	"time"

	"optag/device/token"
)

func TestUsable(t *testing.T) {
	k, site, other := ecKey(t, elliptic.P256()), ecKey(t, elliptic.P256()), ecKey(t, elliptic.P256())
	authority := func(c *x509.Certificate) {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
		c.Subject = pkix.Name{CommonName: "authority of a test"}
	}
	ca := certificate(t, site, nil, nil, authority)
	roots, others := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(ca)
	others.AddCert(certificate(t, other, nil, nil, authority))
	own := certificate(t, k, nil, nil, nil)
	issued := certificate(t, k, ca, site, nil)
	weak := &x509.Certificate{NotBefore: own.NotBefore, NotAfter: own.NotAfter, PublicKey: &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 1023), E: 65537}}
	for _, c := range []struct {
		name  string
		cert  *x509.Certificate
		at    time.Time
		roots *x509.CertPool
		want  error
	}{
		{"a card in its year", own, today, nil, nil},
		{"its first second", own, own.NotBefore, nil, nil},
		{"its last second", own, own.NotAfter, nil, nil},
		{"the second before", own, own.NotBefore.Add(-time.Second), nil, token.ErrDates},
		{"expired", own, own.NotAfter.Add(time.Second), nil, token.ErrDates},
		{"an authority's", certificate(t, k, nil, nil, authority), today, nil, token.ErrCertificate},
		{"for opening letters only", certificate(t, k, nil, nil, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }), today, nil, token.ErrCertificate},
		{"RSA of 1024 bits", weak, today, nil, token.ErrCertificate},
		{"P-224", certificate(t, ecKey(t, elliptic.P224()), nil, nil, nil), today, nil, token.ErrCertificate},
		{"issued by the site's authority", issued, today, roots, nil},
		{"issued by another authority", issued, today, others, token.ErrCertificate},
		{"issued by nobody", own, today, roots, token.ErrCertificate},
	} {
		if err := token.Usable(c.cert, c.at, c.roots, nil); !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if err := token.Usable(own, own.NotAfter.Add(time.Second), nil, nil); !errors.Is(err, token.ErrCertificate) {
		t.Errorf("expired, and of use: %v", err)
	}
}
