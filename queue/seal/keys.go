package seal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"

	"filippo.io/mldsa"
)

const (
	seedSize      = ed25519.SeedSize + mldsa.PrivateKeySize
	publicSize    = ed25519.PublicKeySize + mldsa.MLDSA65PublicKeySize
	signatureSize = sha256.Size + ed25519.SignatureSize + mldsa.MLDSA65SignatureSize

	privateType = "OPTAG SIGNING KEY"
	publicType  = "OPTAG PUBLIC KEY"
	holderField = "Holder"
)

// A Signer is a pair of signing keys, Ed25519 and ML-DSA-65, and whom they speak
// for: a station (its id) or a service.
type Signer struct {
	holder string
	ed     ed25519.PrivateKey
	ml     *mldsa.PrivateKey
}

// NewSigner makes a key pair for holder from 64 bytes of random.
func NewSigner(random io.Reader, holder string) (*Signer, error) {
	seed := make([]byte, seedSize)
	defer clear(seed)
	if _, err := io.ReadFull(random, seed); err != nil {
		return nil, fmt.Errorf("making a signing key: %w", err)
	}
	return SignerFromSeed(seed, holder)
}

// SignerFromSeed makes the key pair of a seed: 32 bytes for Ed25519, then 32
// bytes for ML-DSA-65.
func SignerFromSeed(seed []byte, holder string) (*Signer, error) {
	if len(seed) != seedSize {
		return nil, fmt.Errorf("making a signing key: a seed of %d bytes, want %d: %w", len(seed), seedSize, ErrInvalid)
	}
	if !code.MatchString(holder) {
		return nil, fmt.Errorf("making a signing key: no usable holder: %w", ErrInvalid)
	}
	ml, err := mldsa.NewPrivateKey(mldsa.MLDSA65(), seed[ed25519.SeedSize:])
	if err != nil {
		return nil, fmt.Errorf("making a signing key: %w", err)
	}
	return &Signer{holder: holder, ed: ed25519.NewKeyFromSeed(seed[:ed25519.SeedSize]), ml: ml}, nil
}

// Public returns the key that verifies what s signs.
func (s *Signer) Public() PublicKey {
	k := PublicKey{Holder: s.holder, ml: s.ml.PublicKey()}
	copy(k.ed[:], s.ed.Public().(ed25519.PublicKey))
	return k
}

// MarshalText writes the secret seed as PEM, for a file that only the station
// may read.
func (s *Signer) MarshalText() ([]byte, error) {
	seed := append(append([]byte(nil), s.ed.Seed()...), s.ml.Bytes()...)
	defer clear(seed)
	return armour(privateType, s.holder, seed), nil
}

// ParseSigner reads what Signer.MarshalText wrote.
func ParseSigner(text []byte) (*Signer, error) {
	seed, holder, rest, err := unarmour(privateType, text)
	if err == nil && len(bytes.TrimSpace(rest)) != 0 {
		err = fmt.Errorf("something follows it: %w", ErrDamaged)
	}
	if err != nil {
		return nil, fmt.Errorf("reading a signing key: %w", err)
	}
	defer clear(seed)
	s, err := SignerFromSeed(seed, holder)
	if err != nil {
		return nil, fmt.Errorf("reading a signing key: %w", ErrDamaged)
	}
	return s, nil
}

// sign signs body within a domain, so that a signature made for one purpose
// never fits another. Both signatures are deterministic.
func (s *Signer) sign(domain string, body []byte) (signature, error) {
	msg := message(domain, body)
	sig := signature{key: s.Public().id()}
	copy(sig.ed[:], ed25519.Sign(s.ed, msg))
	ml, err := s.ml.SignDeterministic(msg, &mldsa.Options{Context: domain})
	if err != nil {
		return signature{}, fmt.Errorf("signing with ML-DSA-65: %w", err)
	}
	copy(sig.ml[:], ml)
	return sig, nil
}

func message(domain string, body []byte) []byte {
	return append([]byte(domain+"\n"), body...)
}

// A PublicKey verifies what a Signer signs. It is as trustworthy as the file it
// was read from.
type PublicKey struct {
	Holder string // whom the key speaks for: a station's or a service's id
	ed     [ed25519.PublicKeySize]byte
	ml     *mldsa.PublicKey
}

// ID names the key: 64 hex digits, SHA-256 over both public keys. The holder is
// not part of it.
func (k PublicKey) ID() string {
	id := k.id()
	return hex.EncodeToString(id[:])
}

func (k PublicKey) id() [sha256.Size]byte {
	return sha256.Sum256(append([]byte("optag/key/1\n"), k.bytes()...))
}

func (k PublicKey) bytes() []byte {
	return append(append(make([]byte, 0, publicSize), k.ed[:]...), k.ml.Bytes()...)
}

// MarshalText writes the key as PEM. Several may follow each other in a file.
func (k PublicKey) MarshalText() ([]byte, error) {
	if k.ml == nil || !code.MatchString(k.Holder) {
		return nil, fmt.Errorf("writing a public key: %w", ErrInvalid)
	}
	return armour(publicType, k.Holder, k.bytes()), nil
}

// ParsePublicKeys reads a file of public keys, at least one.
func ParsePublicKeys(text []byte) ([]PublicKey, error) {
	var keys []PublicKey
	for len(bytes.TrimSpace(text)) != 0 {
		raw, holder, rest, err := unarmour(publicType, text)
		if err != nil {
			return nil, fmt.Errorf("reading public key %d: %w", len(keys)+1, err)
		}
		k, err := newPublicKey(raw, holder)
		if err != nil {
			return nil, fmt.Errorf("reading public key %d: %w", len(keys)+1, err)
		}
		keys, text = append(keys, k), rest
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("reading public keys: there is none: %w", ErrDamaged)
	}
	return keys, nil
}

// ParsePublicKey reads a file of exactly one public key.
func ParsePublicKey(text []byte) (PublicKey, error) {
	keys, err := ParsePublicKeys(text)
	if err != nil {
		return PublicKey{}, err
	}
	if len(keys) != 1 {
		return PublicKey{}, fmt.Errorf("reading a public key: there are %d: %w", len(keys), ErrDamaged)
	}
	return keys[0], nil
}

func newPublicKey(raw []byte, holder string) (PublicKey, error) {
	if len(raw) != publicSize || !code.MatchString(holder) {
		return PublicKey{}, ErrDamaged
	}
	ml, err := mldsa.NewPublicKey(mldsa.MLDSA65(), raw[ed25519.PublicKeySize:])
	if err != nil {
		return PublicKey{}, ErrDamaged
	}
	k := PublicKey{Holder: holder, ml: ml}
	copy(k.ed[:], raw)
	return k, nil
}

// verify demands that both signatures fit.
func (k PublicKey) verify(domain string, body []byte, sig signature) error {
	msg := message(domain, body)
	if !ed25519.Verify(k.ed[:], msg, sig.ed[:]) {
		return fmt.Errorf("Ed25519: %w", ErrSignature)
	}
	if err := mldsa.Verify(k.ml, msg, sig.ml[:], &mldsa.Options{Context: domain}); err != nil {
		return fmt.Errorf("ML-DSA-65: %w", ErrSignature)
	}
	return nil
}

// find returns the trusted key with the given id.
func find(trusted []PublicKey, id [sha256.Size]byte) (PublicKey, error) {
	for _, k := range trusted {
		if k.ml != nil && k.id() == id {
			return k, nil
		}
	}
	return PublicKey{}, fmt.Errorf("key %x…: %w", id[:8], ErrUntrusted)
}

// A signature is the id of a key pair and one signature by each of the pair.
type signature struct {
	key [sha256.Size]byte
	ed  [ed25519.SignatureSize]byte
	ml  [mldsa.MLDSA65SignatureSize]byte
}

func (s *signature) append(b []byte) []byte {
	return append(append(append(b, s.key[:]...), s.ed[:]...), s.ml[:]...)
}

// parseSignature reads signatureSize bytes.
func parseSignature(b []byte) signature {
	var s signature
	n := copy(s.key[:], b)
	n += copy(s.ed[:], b[n:])
	copy(s.ml[:], b[n:])
	return s
}

func armour(kind, holder string, raw []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Headers: map[string]string{holderField: holder}, Bytes: raw})
}

// unarmour reads the first PEM block of text, which must be of the given kind.
func unarmour(kind string, text []byte) (raw []byte, holder string, rest []byte, err error) {
	if len(text) > 1<<20 {
		return nil, "", nil, fmt.Errorf("%d bytes: %w", len(text), ErrDamaged)
	}
	block, rest := pem.Decode(text)
	switch {
	case block == nil:
		return nil, "", nil, fmt.Errorf("no %s: %w", kind, ErrDamaged)
	case block.Type != kind:
		return nil, "", nil, fmt.Errorf("this is a %q: %w", block.Type, ErrVersion)
	case len(block.Headers) != 1:
		return nil, "", nil, errors.Join(ErrDamaged, errors.New("want one header, "+holderField))
	}
	return block.Bytes, block.Headers[holderField], rest, nil
}
