// Package token proves that whoever sits at the counter holds a staff card and
// knows its PIN: the card's key signs a challenge, through the card maker's
// PKCS #11 library (OASIS PKCS #11 v2.40).
//
// Such a library is C code of a stranger. It may crash, and a card pulled out at
// the wrong moment may hang it, so it is never loaded into the kiosk: a process
// of its own loads it ([Serve]) and is talked to over pipes ([Client]). One that
// does not answer in time is killed, and one that has been told a PIN ends after
// its answer, so that no copy of the PIN outlives the signature.
//
// Whose card it is, and whether that person may log in, is for others to say.
package token

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// A Token is a card in a reader.
type Token struct {
	Slot         uint     `json:"slot"`   // of the library; another after every plug
	Serial       string   `json:"serial"` // as the card's maker numbers it, at most 16 characters
	Label        string   `json:"label"`
	PIN          Tries    `json:"pin"`
	Keypad       bool     `json:"keypad"`       // the PIN is typed at the reader, not at the counter
	Certificates [][]byte `json:"certificates"` // X.509, DER, as they lie on the card; at most maxCertificates
}

// Tries is what a card says of the PINs that may still be tried; it names no
// number.
type Tries string

// What a card says, CKF_USER_PIN_… in CK_TOKEN_INFO.
const (
	TriesPlenty Tries = ""       // nothing
	TriesLow    Tries = "low"    // COUNT_LOW: a wrong PIN was tried since the last right one
	TriesFinal  Tries = "final"  // FINAL_TRY: the next wrong one locks the card
	TriesLocked Tries = "locked" // LOCKED
)

// Errors of [Client.Sign]. A card that is gone is [device.ErrRemoved], a library
// that does not answer [device.ErrSilent].
var (
	ErrWrongPIN = errors.New("wrong PIN of the card") // and one try less
	ErrLocked   = errors.New("the card is locked")
	ErrPINForm  = errors.New("no PIN of this card has this form") // the card may have counted it
	ErrNoKey    = errors.New("the card holds no key for its certificate")
)

// ErrLibrary is wrapped by errors of the PKCS #11 library itself: it cannot be
// loaded, crashed, or says what it should not.
var ErrLibrary = errors.New("the library of the card failed")

// Bounds on what a card may say.
const (
	maxTokens       = 16
	maxCertificates = 16
	maxCertificate  = 16 << 10
	maxSerial       = 16 // characters, CK_TOKEN_INFO
	maxLabel        = 32 // likewise
	maxPIN          = 64
)

// String leaves out what identifies a person.
func (t Token) String() string {
	return fmt.Sprintf("card in slot %d with %d certificates", t.Slot, len(t.Certificates))
}

// excessive reports whether more is said of a card than its library can know. What
// was said is sent back with the next request, which a pipe has to hold.
func (t Token) excessive() bool {
	return utf8.RuneCountInString(t.Serial) > maxSerial || utf8.RuneCountInString(t.Label) > maxLabel || len(t.Certificates) > maxCertificates ||
		slices.ContainsFunc(t.Certificates, func(der []byte) bool { return len(der) > maxCertificate })
}
