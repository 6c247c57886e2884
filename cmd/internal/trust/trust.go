// Package trust keeps the keys by which a station and the receiving service know
// each other, and lets them exchange the public halves as files:
//
//	station                                     service
//	optag keys init: makes its keys             optag-intake init: makes its keys
//	optag keys show      — station file →       optag-intake station add: registers it,
//	optag keys trust   ← service file —         issues its TLS certificate
//
// Each file is signed by the keys it names. The first exchange is secured by
// comparing a fingerprint by word of mouth; after that, a file counts only when a
// key already known has signed it. Neither side ever sees a private key of the
// other: what seals, signs receipts or issues certificates at the service is not
// in a station's home.
//
// The package leaves the use of the keys to others: seal signs and encrypts,
// crypto/tls connects, intake asks which station may deliver.
package trust

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"optag/queue/seal"
)

// Errors that callers branch on.
var (
	// ErrMissing: there are no keys yet. From LoadStation, LoadService and
	// LoadAuthority.
	ErrMissing = errors.New("there are no keys yet")

	// ErrExists: there are keys already, and they are not replaced. From
	// InitStation and InitAuthority.
	ErrExists = errors.New("there are keys already")

	// ErrStranger: the file is not signed by a key that is trusted already. From
	// Import and Authority.Register.
	ErrStranger = errors.New("not signed by a key that is trusted here")

	// ErrForged: the file is not signed by the keys it names itself. From Import
	// and Authority.Register.
	ErrForged = errors.New("not signed by its own keys")
)

// Names of the files in a station's home.
const (
	keysDir     = "keys"
	stationFile = "station.json" // private
	serviceFile = "service.json" // what the service has published
)

// maxFile bounds a file from outside in bytes; a service file has about 20 KB.
const maxFile = 1 << 20

// fingerprint is a short name of things for people to compare: 128 bits as eight
// groups of four hex digits.
func fingerprint(things ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(things, "\n")))
	digits := hex.EncodeToString(sum[:16])
	var groups []string
	for ; digits != ""; digits = digits[4:] {
		groups = append(groups, digits[:4])
	}
	return strings.Join(groups, " ")
}

// SameFingerprint compares fingerprints as people write them.
func SameFingerprint(a, b string) bool {
	strip := strings.NewReplacer(" ", "", ":", "", "-", "")
	return strings.EqualFold(strip.Replace(a), strip.Replace(b))
}

// keyIDs returns the ids of keys, in their order.
func keyIDs(keys []seal.PublicKey) []string {
	var ids []string
	for _, k := range keys {
		ids = append(ids, k.ID())
	}
	return ids
}

// marshalKeys writes each key in its text form.
func marshalKeys(keys []seal.PublicKey) ([]string, error) {
	var list []string
	for _, k := range keys {
		text, err := k.MarshalText()
		if err != nil {
			return nil, err
		}
		list = append(list, string(text))
	}
	return list, nil
}

// parseKeys reads keys that must all be holder's, at least one.
func parseKeys(list []string, holder string) ([]seal.PublicKey, error) {
	var keys []seal.PublicKey
	for _, text := range list {
		k, err := seal.ParsePublicKey([]byte(text))
		if err != nil {
			return nil, err
		}
		if k.Holder != holder {
			return nil, fmt.Errorf("a key is %s's, and the file %s's", k.Holder, holder)
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return nil, errors.New("it names no signing key")
	}
	return keys, nil
}

// newTLSKey makes a key for TLS: ECDSA on P-256, as PKCS #8 in PEM.
func newTLSKey() (crypto.Signer, string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, "", err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, "", err
	}
	return key, privatePEM(der), nil
}

func privatePEM(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func parseTLSKey(text string) (crypto.Signer, error) {
	der, err := unarmour("PRIVATE KEY", text)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errors.New("the TLS key is not one")
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("the TLS key cannot sign")
	}
	return signer, nil
}

// unarmour reads text that is one PEM block of the given kind.
func unarmour(kind, text string) ([]byte, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || block.Type != kind || len(bytes.TrimSpace(rest)) != 0 {
		return nil, fmt.Errorf("want one %s in PEM", strings.ToLower(kind))
	}
	return block.Bytes, nil
}

func certificatePEM(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func parseCertificate(text string) (*x509.Certificate, error) {
	der, err := unarmour("CERTIFICATE", text)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// readJSON reads a file that must have exactly the members of v.
func readJSON(name string, v any) error {
	raw, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrMissing
	}
	if err != nil {
		return err
	}
	return strict(raw, v)
}

// strict reads one JSON document without a surplus member.
func strict(raw []byte, v any) error {
	if len(raw) > maxFile {
		return fmt.Errorf("%d bytes are too many", len(raw))
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if d.More() {
		return errors.New("something follows the document")
	}
	return nil
}

func writeJSON(name string, v any) error {
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return WriteFile(name, append(raw, '\n'))
}

// WriteFile writes a file that only its owner may read, as a whole: under another
// name, synced, then renamed into place. Missing directories are made.
func WriteFile(name string, content []byte) (err error) {
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(dir, ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp.Name())
		}
	}()
	_, err = temp.Write(content)
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), name); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
