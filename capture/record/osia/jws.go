package osia

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"optag/capture/record/jcs"
	"optag/capture/rule"
)

// A Key verifies what a party hands over.
type Key struct {
	Public ed25519.PublicKey
	Party  rule.Party // whom it speaks for
}

// KeyID names a public key: its JWK thumbprint by RFC 7638, in base64url.
func KeyID(k ed25519.PublicKey) string {
	sum := sha256.Sum256(fmt.Appendf(nil, `{"crv":"Ed25519","kty":"OKP","x":"%s"}`, b64.EncodeToString(k)))
	return b64.EncodeToString(sum[:])
}

// b64 is base64url as in a JWS; spare bits must be zero.
var b64 = base64.RawURLEncoding.Strict()

// A header is that of our signatures. "EdDSA" is the name of RFC 8037; RFC 9864
// calls the same signature "Ed25519".
type header struct {
	Alg string `json:"alg"`
	Key string `json:"kid"`
}

// sign makes a detached JWS over a payload (RFC 7515, appendix F).
func sign(by crypto.Signer, payload []byte) (string, error) {
	public, ok := by.Public().(ed25519.PublicKey)
	if !ok {
		return "", ErrSigner
	}
	head, err := json.Marshal(header{"EdDSA", KeyID(public)})
	if err != nil {
		return "", fmt.Errorf("signing: %w", err)
	}
	signature, err := by.Sign(nil, signed(b64.EncodeToString(head), payload), crypto.Hash(0)) // Ed25519 draws no randomness
	if err != nil {
		return "", fmt.Errorf("signing: %w", err)
	}
	return b64.EncodeToString(head) + ".." + b64.EncodeToString(signature), nil
}

// signed are the bytes that a JWS signs.
func signed(head string, payload []byte) []byte {
	msg := make([]byte, 0, len(head)+1+b64.EncodedLen(len(payload)))
	return b64.AppendEncode(append(append(msg, head...), '.'), payload)
}

// verify finds the trusted key that made a detached JWS over a payload.
func verify(jws string, payload []byte, trusted []Key) (Key, error) {
	head, signature, ok := strings.Cut(jws, "..")
	var h header
	text, err := b64.DecodeString(head)
	if err == nil {
		h, err = readHeader(text)
	}
	sig, err2 := b64.DecodeString(signature)
	if !ok || err != nil || err2 != nil || h.Alg != "EdDSA" && h.Alg != "Ed25519" {
		return Key{}, fmt.Errorf("its signature is no detached JWS by Ed25519: %w", ErrForm)
	}
	for _, k := range trusted {
		if len(k.Public) != ed25519.PublicKeySize || KeyID(k.Public) != h.Key {
			continue
		}
		if !ed25519.Verify(k.Public, signed(head, payload), sig) {
			return Key{}, ErrSignature
		}
		return k, nil
	}
	return Key{}, ErrUntrusted
}

// readHeader reads a header, which has these members and no others.
func readHeader(text []byte) (h header, err error) {
	if text, err = jcs.Canonical(text); err == nil {
		err = strict(text, &h)
	}
	return h, err
}
