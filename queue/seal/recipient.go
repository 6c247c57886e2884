package seal

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"filippo.io/age"
)

// A Recipient is a service's public key to which packages are sealed: an age
// hybrid recipient, ML-KEM-768 with X25519.
type Recipient struct{ age *age.HybridRecipient }

// ParseRecipient reads a recipient in age's text form, "age1pq1…". Classic age
// recipients are refused: a package must outlast quantum computers.
func ParseRecipient(s string) (Recipient, error) {
	r, err := age.ParseHybridRecipient(strings.TrimSpace(s))
	if err != nil {
		return Recipient{}, fmt.Errorf("reading a recipient: not a post-quantum age recipient (age1pq1…): %w", ErrInvalid)
	}
	return Recipient{r}, nil
}

// String is the recipient in age's text form.
func (r Recipient) String() string { return r.age.String() }

// KeyID names the recipient: 64 hex digits, SHA-256 of its text form.
func (r Recipient) KeyID() string {
	sum := sha256.Sum256([]byte(r.String()))
	return hex.EncodeToString(sum[:])
}

// An Identity opens what is sealed to its Recipient. Only the service has one.
type Identity struct{ age *age.HybridIdentity }

// GenerateIdentity makes a fresh identity. Its randomness is crypto/rand's: age
// offers no way to pass another.
func GenerateIdentity() (Identity, error) {
	i, err := age.GenerateHybridIdentity()
	if err != nil {
		return Identity{}, fmt.Errorf("making an identity: %w", err)
	}
	return Identity{i}, nil
}

// ParseIdentity reads an identity in age's text form, "AGE-SECRET-KEY-PQ-1…".
// Empty lines and lines that begin with "#" are passed over.
func ParseIdentity(text string) (Identity, error) {
	var found []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") {
			found = append(found, line)
		}
	}
	if len(found) != 1 {
		return Identity{}, fmt.Errorf("reading an identity: %d of them, want one: %w", len(found), ErrInvalid)
	}
	i, err := age.ParseHybridIdentity(found[0])
	if err != nil {
		return Identity{}, fmt.Errorf("reading an identity: not a post-quantum age identity: %w", ErrInvalid)
	}
	return Identity{i}, nil
}

// Recipient is the public half.
func (i Identity) Recipient() Recipient { return Recipient{i.age.Recipient()} }

// Secret is the identity in age's text form, for the service's key file.
func (i Identity) Secret() string { return i.age.String() }

// String keeps the secret out of logs: it names the public half.
func (i Identity) String() string { return "identity " + i.Recipient().KeyID()[:16] }
