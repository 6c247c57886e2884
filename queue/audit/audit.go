// Package audit is the tamper-evident log of a station as pure functions: it
// writes a leaf that carries the hash of the leaf before it, and verifies a run
// of leaves. It holds no file and no clock. Where leaves are stored, and that
// each stands in the same transaction as what it tells of, is queue's business.
//
// A leaf says who did what, when, and to which package. It holds no biometrics,
// no name and no number of an applicant: details are short codes, and anything
// that does not look like a code is refused.
package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"regexp"
	"time"
)

// ErrBroken is wrapped by what Next, Verify and VerifyExport return when a leaf
// is altered, missing, repeated or out of order.
var ErrBroken = errors.New("the log is broken")

// ErrEntry is wrapped by what Append returns for an entry it will not write.
var ErrEntry = errors.New("not an entry of the log")

// An Entry is something that happened.
type Entry struct {
	At      time.Time         // whole seconds are kept
	Actor   string            // id of the officer, or of the part of the program
	Event   Event             // one of Events
	Subject string            // package id, device or key id; "" when there is none
	Details map[string]string // codes, never personal data; at most MaxDetails
}

// MaxDetails is the number of details an entry may have.
const MaxDetails = 16

// A Leaf is an entry in its place.
type Leaf struct {
	Actor    string            `json:"actor"`
	At       time.Time         `json:"at"` // UTC
	Details  map[string]string `json:"details,omitempty"`
	Event    Event             `json:"event"`
	Number   uint64            `json:"number"`   // 1, 2, 3 …
	Previous string            `json:"previous"` // 64 hex digits: hash of the leaf before; zeros before the first
	Subject  string            `json:"subject,omitempty"`
}

// A Head is the end of a log: the number of its last leaf and that leaf's hash.
// The zero Head is the empty log.
type Head struct {
	Number uint64
	Hash   [32]byte
}

// String is the head as it is read out or printed: number and hash.
func (h Head) String() string { return fmt.Sprintf("%d:%x", h.Number, h.Hash) }

// Forms of what an entry may hold.
var (
	word = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._:()/@+-]{0,127}$`)
	hash = regexp.MustCompile(`^[0-9a-f]{64}$`)
	name = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
)

// Append writes the leaf that follows head: canonical JSON, which is members in
// alphabetical order without spaces. It returns the leaf and the new head.
func Append(head Head, e Entry) ([]byte, Head, error) {
	l := Leaf{
		Actor: e.Actor, At: e.At.UTC().Truncate(time.Second), Details: e.Details, Event: e.Event,
		Number: head.Number + 1, Previous: hex.EncodeToString(head.Hash[:]), Subject: e.Subject,
	}
	if err := l.check(); err != nil {
		return nil, Head{}, fmt.Errorf("writing leaf %d: %w: %w", l.Number, ErrEntry, err)
	}
	raw, err := json.Marshal(l) // fields are declared in alphabetical order; keys of Details are sorted
	if err != nil {
		return nil, Head{}, fmt.Errorf("writing leaf %d: %w", l.Number, err)
	}
	return raw, Head{Number: l.Number, Hash: Hash(raw)}, nil
}

// Hash is the hash of a leaf as the next leaf and the head carry it.
func Hash(leaf []byte) [32]byte {
	return sha256.Sum256(append([]byte("optag/audit/1\n"), leaf...))
}

// Parse reads a leaf and demands its canonical form. It says nothing of the
// leaf's place.
func Parse(raw []byte) (Leaf, error) {
	var l Leaf
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return Leaf{}, fmt.Errorf("reading a leaf: %w: not JSON of this log", ErrBroken)
	}
	if err := l.check(); err != nil {
		return Leaf{}, fmt.Errorf("reading a leaf: %w: %w", ErrBroken, err)
	}
	if again, err := json.Marshal(l); err != nil || !bytes.Equal(again, raw) {
		return Leaf{}, fmt.Errorf("reading a leaf: %w: not in canonical form", ErrBroken)
	}
	return l, nil
}

// Next reads the leaf that must follow head, and returns the head after it.
func Next(head Head, raw []byte) (Leaf, Head, error) {
	l, err := Parse(raw)
	if err != nil {
		return Leaf{}, head, fmt.Errorf("verifying leaf %d: %w", head.Number+1, err)
	}
	if l.Number != head.Number+1 || l.Previous != hex.EncodeToString(head.Hash[:]) {
		return Leaf{}, head, fmt.Errorf("verifying leaf %d: %w: leaf %d does not follow", head.Number+1, ErrBroken, l.Number)
	}
	return l, Head{Number: l.Number, Hash: Hash(raw)}, nil
}

// Verify walks the leaves from the first and returns the head they end in. A
// log cut short at its end is still a log: compare the head with one that was
// noted elsewhere.
func Verify(leaves iter.Seq2[[]byte, error]) (Head, error) {
	var head Head
	for raw, err := range leaves {
		if err != nil {
			return head, fmt.Errorf("reading leaf %d: %w", head.Number+1, err)
		}
		if _, head, err = Next(head, raw); err != nil {
			return head, err
		}
	}
	return head, nil
}

// check says what is wrong with a leaf, naming the field and never its value.
func (l *Leaf) check() error {
	switch {
	case !word.MatchString(l.Actor):
		return errors.New("no usable actor")
	case !l.Event.Known():
		return errors.New("unknown event")
	case l.Subject != "" && !word.MatchString(l.Subject):
		return errors.New("the subject is not a code")
	case l.At.Location() != time.UTC || l.At.Nanosecond() != 0 || l.At.Year() < 1970 || l.At.Year() > 9999:
		return errors.New("the time is out of its range")
	case len(l.Details) > MaxDetails:
		return errors.New("too many details")
	case l.Number == 0 || !hash.MatchString(l.Previous):
		return errors.New("it has no place")
	}
	for k, v := range l.Details {
		if !name.MatchString(k) || v != "" && !word.MatchString(v) {
			return errors.New("a detail is not a code")
		}
	}
	return nil
}
