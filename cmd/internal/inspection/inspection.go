// Package inspection is the conversation by which a station has fingerprints in
// a chip opened: the key of the inspection system lies in a back office, which
// shows the chip its certificates and signs the chip's challenge (terminal
// authentication, BSI TR-03110-1, 3.5). docs/inspection.md describes the wire.
//
// [Client] is the station's end, [Handler] the office's, over an [Office] that
// has the key. What is said to the chip is left to package emrtd, certificates
// to cvc below it, who the stations are to intake.
package inspection

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Paths of the wire.
const (
	pathChain = "/v1/inspection/chain"
	pathSign  = "/v1/inspection/sign"
)

// Limits of what is sent, in bytes.
const (
	maxRequest      = 2 << 10   // of JSON
	maxAnswer       = 128 << 10 // of JSON: eight certificates of the longest kind
	maxProblem      = 4 << 10   // of JSON
	maxMessage      = 512
	maxSignature    = 1024 // of RSA with 8192 bits
	maxCertificates = 8
	maxCertificate  = 8 << 10
	maxAuthority    = 16 // of the name of a key, TR-03110-3, C.2.2
)

// chainRequest asks for the certificates below an authority, signRequest for a
// signature with the key at their end.
type (
	chainRequest struct {
		Authority string `json:"authority"`
	}
	chainAnswer struct {
		Certificates [][]byte `json:"certificates"`
	}
	signRequest struct {
		Authority string `json:"authority"`
		Message   []byte `json:"message"`
	}
	signAnswer struct {
		Signature []byte `json:"signature"`
	}
)

// decode reads one JSON document of at most limit bytes without a surplus member.
func decode(from io.Reader, limit int64, v any) error {
	raw, err := io.ReadAll(io.LimitReader(from, limit+1))
	if err != nil {
		return err
	}
	if int64(len(raw)) > limit {
		return fmt.Errorf("it has more than %d bytes", limit)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return errors.New("it is not the JSON that is wanted") // the decoder's words would tell of what was sent
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something follows the document")
	}
	return nil
}

// isAuthority reports whether a name can be that of an authority's key: what a
// stranger's chip says may be anything.
func isAuthority(name string) bool {
	return len(name) > 0 && len(name) <= maxAuthority && !slices.ContainsFunc([]byte(name), func(c byte) bool { return c < ' ' || c > '~' })
}

// challengeSize is the length of a chip's challenge.
const challengeSize = 8

// compressed are the lengths of a public key in its compressed form: of a curve
// from 192 to 521 bits, or SHA-1 of one that is none (TR-03110-3, A.2.2.3).
var compressed = [...]int{20, 24, 28, 32, 40, 48, 64, 66}

// Signable reports whether a message has the form of what a terminal signs: what
// the chip goes by (its compressed key after PACE, its number with the check
// digit after basic access control), the chip's challenge, the terminal's
// compressed key. The longest has 140 bytes, so that no request for a
// certificate, which the same key would have to sign over, can pass for one: the
// shortest has 165.
func Signable(message []byte) bool {
	for _, key := range compressed {
		id := len(message) - challengeSize - key
		if slices.Contains(compressed[:], id) || id >= 10 && id <= 24 && isNumber(message[:id]) {
			return true
		}
	}
	return false
}

// isNumber reports whether b consists of characters of a machine readable zone.
func isNumber(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return c != '<' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') })
}
