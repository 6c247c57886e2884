package sbi

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Sizes of RSA keys in bits. The lower one is the rule; the upper one bounds the
// work a stranger can give us.
const (
	minKey = 2048
	maxKey = 8192
)

// A keyring holds the pinned issuers: of device keys and of chip keys.
type keyring struct {
	devices, chips *x509.CertPool
	between        *x509.CertPool
}

func newKeyring(t Trust) keyring {
	pool := func(all []*x509.Certificate) *x509.CertPool {
		p := x509.NewCertPool()
		for _, c := range all {
			p.AddCert(c)
		}
		return p
	}
	return keyring{devices: pool(t.Issuers), chips: pool(t.Chips), between: pool(t.Intermediates)}
}

// open verifies a compact JWS and returns its payload, which belongs to the
// caller. issuers must have issued the first certificate it carries; a chain sent
// along is not looked at.
func (k keyring) open(token []byte, issuers *x509.CertPool, now time.Time) ([]byte, error) {
	signed, payload, sig, head, err := splitJWS(token)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(head.cert)
	if err != nil {
		return nil, fmt.Errorf("reading the signer's certificate: %w", BadCertificate)
	}
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok || key.N.BitLen() < minKey || key.N.BitLen() > maxKey {
		return nil, fmt.Errorf("the signer's key is not RSA of %d to %d bits: %w", minKey, maxKey, BadCertificate)
	}
	_, err = cert.Verify(x509.VerifyOptions{
		Roots: issuers, Intermediates: k.between, CurrentTime: now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		return nil, fmt.Errorf("verifying the signer's certificate: %w: %w", BadCertificate, err)
	}
	sum := sha256.Sum256(signed)
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], sig) != nil {
		return nil, BadSignature
	}
	return decode64(payload)
}

// until is when the certificate of a JWS ends; zero where there is none. Nothing
// is verified.
func until(token string) time.Time {
	_, _, _, head, err := splitJWS([]byte(token))
	if err != nil {
		return time.Time{}
	}
	cert, err := x509.ParseCertificate(head.cert)
	if err != nil {
		return time.Time{}
	}
	return cert.NotAfter
}

// A header is what counts of a JWS header.
type header struct {
	cert []byte // DER of the first certificate
}

// splitJWS takes a compact JWS apart without verifying it.
func splitJWS(token []byte) (signed, payload, sig []byte, h header, err error) {
	parts := bytes.Split(token, []byte("."))
	if len(parts) != 3 {
		return nil, nil, nil, h, fmt.Errorf("%d parts, want 3: %w", len(parts), BadSignature)
	}
	head, err := decode64(parts[0])
	if err != nil {
		return nil, nil, nil, h, fmt.Errorf("reading the header: %w", BadSignature)
	}
	if h, err = readHeader(head); err != nil {
		return nil, nil, nil, h, err
	}
	if sig, err = decode64(parts[2]); err != nil {
		return nil, nil, nil, h, fmt.Errorf("reading the signature: %w", BadSignature)
	}
	return token[:len(token)-len(parts[2])-1], parts[1], sig, h, nil
}

// readHeader reads a JWS header. x5c is a string in some services and an array,
// as RFC 7515 has it, in others.
func readHeader(head []byte) (header, error) {
	var said struct {
		Alg  string
		Crit json.RawMessage
		X5C  json.RawMessage
	}
	if err := json.Unmarshal(head, &said); err != nil {
		return header{}, fmt.Errorf("reading the header: %w", BadSignature)
	}
	if said.Alg != "RS256" || said.Crit != nil {
		return header{}, fmt.Errorf("algorithm other than RS256, or a critical extension: %w", BadSignature)
	}
	var chain []string
	var one string
	if json.Unmarshal(said.X5C, &chain) != nil {
		if json.Unmarshal(said.X5C, &one) != nil {
			return header{}, fmt.Errorf("no certificate: %w", BadCertificate)
		}
		chain = []string{one}
	}
	if len(chain) == 0 {
		return header{}, fmt.Errorf("no certificate: %w", BadCertificate)
	}
	der, err := base64.StdEncoding.DecodeString(chain[0])
	if err != nil {
		return header{}, fmt.Errorf("reading the certificate: %w", BadCertificate)
	}
	return header{cert: der}, nil
}

var errBase64 = errors.New("no base64url")

// decode64 decodes base64url, with or without its padding.
func decode64(text []byte) ([]byte, error) {
	text = bytes.TrimRight(text, "=")
	out := make([]byte, base64.RawURLEncoding.DecodedLen(len(text)))
	n, err := base64.RawURLEncoding.Decode(out, text)
	if err != nil {
		clear(out)
		return nil, errBase64
	}
	return out[:n], nil
}

// unsigned decodes the payload of what need not be signed: a JWS, or a payload
// by itself, as an unregistered device and discovery send it.
func unsigned(token string) ([]byte, error) {
	if _, rest, dots := strings.Cut(token, "."); dots {
		token, _, _ = strings.Cut(rest, ".")
	}
	return decode64([]byte(token))
}
