package trust

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"

	"filippo.io/mldsa"

	"optag/queue/seal"
)

// Domains keep a signature made for one purpose from fitting another.
const (
	domainStation = "optag/station/1"
	domainService = "optag/service/1"
)

// A statement is a published file: a JSON object and the signatures over it. What
// is signed is the object without white space, so that the file may be indented.
type statement struct {
	Statement  json.RawMessage `json:"statement"`
	Signatures []signature     `json:"signatures"`
}

// A signature is one by each key of a pair. Both must fit.
type signature struct {
	Key     string `json:"key"` // id
	Ed25519 []byte `json:"ed25519"`
	MLDSA65 []byte `json:"mldsa65"`
}

// state writes v as a statement signed by each signer.
func state(domain string, v any, by ...*seal.Signer) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	s := statement{Statement: body}
	for _, signer := range by {
		sig, err := sign(domain, body, signer)
		if err != nil {
			return nil, err
		}
		s.Signatures = append(s.Signatures, sig)
	}
	raw, err := json.MarshalIndent(s, "", "  ")
	return append(raw, '\n'), err
}

// read takes a statement apart into v and returns a function that says whether a
// key has signed it. Before that has said so, v is not to be believed.
func read(domain string, raw []byte, v any) (signedBy func(seal.PublicKey) bool, err error) {
	var s statement
	if err := strict(raw, &s); err != nil {
		return nil, err
	}
	if len(s.Signatures) > 16 {
		return nil, errors.New("it has too many signatures")
	}
	if err := strict(s.Statement, v); err != nil {
		return nil, err
	}
	var body bytes.Buffer
	if err := json.Compact(&body, s.Statement); err != nil {
		return nil, err
	}
	return func(k seal.PublicKey) bool {
		for _, sig := range s.Signatures {
			if sig.Key == k.ID() {
				return verify(domain, body.Bytes(), sig, k) == nil
			}
		}
		return false
	}, nil
}

// anyOf reports whether one of keys has signed; allOf, whether each has.
func anyOf(keys []seal.PublicKey, signed func(seal.PublicKey) bool) bool {
	for _, k := range keys {
		if signed(k) {
			return true
		}
	}
	return false
}

func allOf(keys []seal.PublicKey, signed func(seal.PublicKey) bool) bool {
	for _, k := range keys {
		if !signed(k) {
			return false
		}
	}
	return len(keys) > 0
}

func message(domain string, body []byte) []byte {
	return append([]byte(domain+"\n"), body...)
}

// sign signs by both keys of a pair, whose text form holds the two seeds of 32
// bytes.
func sign(domain string, body []byte, by *seal.Signer) (signature, error) {
	seed, err := raw(by.MarshalText())
	if err != nil {
		return signature{}, err
	}
	defer clear(seed)
	if len(seed) != ed25519.SeedSize+mldsa.PrivateKeySize {
		return signature{}, errors.New("the signing key has another form than known")
	}
	ml, err := mldsa.NewPrivateKey(mldsa.MLDSA65(), seed[ed25519.SeedSize:])
	if err != nil {
		return signature{}, err
	}
	msg := message(domain, body)
	second, err := ml.SignDeterministic(msg, &mldsa.Options{Context: domain})
	if err != nil {
		return signature{}, err
	}
	first := ed25519.Sign(ed25519.NewKeyFromSeed(seed[:ed25519.SeedSize]), msg)
	return signature{Key: by.Public().ID(), Ed25519: first, MLDSA65: second}, nil
}

func verify(domain string, body []byte, sig signature, k seal.PublicKey) error {
	public, err := raw(k.MarshalText())
	if err != nil {
		return err
	}
	if len(public) != ed25519.PublicKeySize+mldsa.MLDSA65PublicKeySize {
		return errors.New("the public key has another form than known")
	}
	ml, err := mldsa.NewPublicKey(mldsa.MLDSA65(), public[ed25519.PublicKeySize:])
	if err != nil {
		return err
	}
	msg := message(domain, body)
	if !ed25519.Verify(public[:ed25519.PublicKeySize], msg, sig.Ed25519) {
		return fmt.Errorf("Ed25519: %w", seal.ErrSignature)
	}
	if err := mldsa.Verify(ml, msg, sig.MLDSA65, &mldsa.Options{Context: domain}); err != nil {
		return fmt.Errorf("ML-DSA-65: %w", seal.ErrSignature)
	}
	return nil
}

// raw takes the bytes out of a key's text form.
func raw(text []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("the key has no text form")
	}
	return block.Bytes, nil
}
