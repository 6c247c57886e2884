package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	_ "crypto/sha256" // of toSign
	_ "crypto/sha512" // likewise
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// ChallengeSize is that of a challenge in bytes, all of them random.
const ChallengeSize = 32

// purpose stands before each challenge, so that what a card signs here is good
// for nothing else.
const purpose = "optag/log-in/1\n"

// ErrSignature is wrapped by what [Verify] returns for a signature that the
// certificate's key has not made.
var ErrSignature = errors.New("the card's signature is wrong")

// ErrCertificate is wrapped by what [Usable] returns, and by others for keys that
// are too weak or of a kind not known here: RSA from 2048 bits and ECDSA over
// P-256, P-384 and P-521 are.
var ErrCertificate = errors.New("the card's certificate is of no use")

// ErrDates is wrapped, beside ErrCertificate, by what [Usable] returns outside
// the certificate's dates.
var ErrDates = errors.New("outside the dates of its validity")

// toSign is the message a challenge is signed in, and with which hash: for ECDSA
// the one as long as the curve's order (FIPS 186-5, 6.4).
func toSign(cert *x509.Certificate, challenge []byte) ([]byte, crypto.Hash, error) {
	if len(challenge) != ChallengeSize {
		return nil, 0, fmt.Errorf("signing a challenge of %d bytes: %d are needed", len(challenge), ChallengeSize)
	}
	message := append([]byte(purpose), challenge...)
	switch k := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() >= 2048 {
			return message, crypto.SHA256, nil
		}
	case *ecdsa.PublicKey:
		switch k.Curve.Params().BitSize {
		case 256:
			return message, crypto.SHA256, nil
		case 384:
			return message, crypto.SHA384, nil
		case 521:
			return message, crypto.SHA512, nil
		}
	}
	return nil, 0, fmt.Errorf("%w: its key is too weak or of another kind", ErrCertificate)
}

func sum(h crypto.Hash, message []byte) []byte {
	d := h.New()
	d.Write(message)
	return d.Sum(nil)
}

// Verify checks the signature of [Client.Sign]: PKCS #1 v1.5 for RSA, r and s of
// equal length for ECDSA (PKCS #11 v2.40 mechanisms, 2.3.1).
func Verify(cert *x509.Certificate, challenge, signature []byte) error {
	message, hash, err := toSign(cert, challenge)
	if err != nil {
		return err
	}
	digest, ok := sum(hash, message), false
	switch k := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		ok = rsa.VerifyPKCS1v15(k, hash, digest, signature) == nil
	case *ecdsa.PublicKey:
		half := (k.Curve.Params().BitSize + 7) / 8
		if len(signature) == 2*half {
			ok = ecdsa.Verify(k, digest, new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:]))
		}
	}
	if !ok {
		return fmt.Errorf("verifying the log-in: %w", ErrSignature)
	}
	return nil
}

// Usable says whether a certificate is good for logging in at a time: within its
// dates, for signatures, with a key that is strong enough and, unless roots is
// nil, issued below one of them. chain are certificates between them, as they lie
// on the card.
func Usable(cert *x509.Certificate, at time.Time, roots *x509.CertPool, chain []*x509.Certificate) error {
	_, _, weak := toSign(cert, make([]byte, ChallengeSize))
	switch {
	case at.Before(cert.NotBefore) || at.After(cert.NotAfter):
		return fmt.Errorf("%w: %w", ErrCertificate, ErrDates)
	case cert.IsCA:
		return fmt.Errorf("%w: it is an authority's", ErrCertificate)
	case cert.KeyUsage != 0 && cert.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		return fmt.Errorf("%w: it is not for signatures", ErrCertificate)
	case weak != nil:
		return weak
	case roots == nil:
		return nil
	}
	between := x509.NewCertPool()
	for _, c := range chain {
		between.AddCert(c)
	}
	_, err := cert.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return fmt.Errorf("%w: no authority of this site has issued it", ErrCertificate)
	}
	return nil
}
