package trust

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"crypto/sha256"

	"optag/queue/intake"
	"optag/queue/seal"
)

// A Station is the identity of a station, with its private keys.
type Station struct {
	ID      string
	TLS     crypto.Signer  // of the client certificate
	signers []*seal.Signer // oldest first; the last may not be registered yet
	created []time.Time    // of signers
	tlsText string
	home    string
}

// stationKeys is the file that holds a Station.
type stationKeys struct {
	Version int          `json:"version"` // 1
	Station string       `json:"station"`
	TLSKey  string       `json:"tls_key"` // PKCS #8, PEM
	Signing []signingKey `json:"signing"` // oldest first
}

type signingKey struct {
	Created time.Time `json:"created"`
	Key     string    `json:"key"` // seed, PEM
}

// stationStatement is what a station publishes of itself.
type stationStatement struct {
	Kind    string    `json:"kind"`    // "optag station"
	Version int       `json:"version"` // 1
	Station string    `json:"station"`
	Created time.Time `json:"created"`
	Keys    []string  `json:"keys"` // public signing keys, PEM, oldest first
	CSR     string    `json:"csr"`  // for the client certificate, PEM
}

const kindStation = "optag station"

func stationPath(home string) string { return filepath.Join(home, keysDir, stationFile) }

// InitStation makes the identity of station id in home. Seeds of signing keys are
// read from random.
func InitStation(home, id string, random io.Reader, now time.Time) (*Station, error) {
	if !intake.ValidStation(id) {
		return nil, errors.New("making a station's keys: its id must be up to 64 letters, digits, '-' and '_'")
	}
	if _, err := os.Stat(stationPath(home)); err == nil {
		return nil, fmt.Errorf("making a station's keys: %w", ErrExists)
	}
	s := &Station{ID: id, home: home}
	var err error
	if s.TLS, s.tlsText, err = newTLSKey(); err != nil {
		return nil, fmt.Errorf("making a station's keys: %w", err)
	}
	if err := s.add(random, now); err != nil {
		return nil, err
	}
	return s, nil
}

// LoadStation reads the identity in home.
func LoadStation(home string) (*Station, error) {
	var f stationKeys
	err := readJSON(stationPath(home), &f)
	if err == nil && (f.Version != 1 || !intake.ValidStation(f.Station) || len(f.Signing) == 0) {
		err = errors.New("not a file of version 1")
	}
	if err != nil {
		return nil, fmt.Errorf("reading the station's keys: %w", err)
	}
	s := &Station{ID: f.Station, home: home, tlsText: f.TLSKey}
	if s.TLS, err = parseTLSKey(f.TLSKey); err != nil {
		return nil, fmt.Errorf("reading the station's keys: %w", err)
	}
	for _, k := range f.Signing {
		signer, err := seal.ParseSigner([]byte(k.Key))
		if err == nil && signer.Public().Holder != s.ID {
			err = errors.New("a signing key is another station's")
		}
		if err != nil {
			return nil, fmt.Errorf("reading the station's keys: %w", err)
		}
		s.signers, s.created = append(s.signers, signer), append(s.created, k.Created)
	}
	return s, nil
}

// add makes another signing key and stores the identity.
func (s *Station) add(random io.Reader, now time.Time) error {
	signer, err := seal.NewSigner(random, s.ID)
	if err != nil {
		return err
	}
	s.signers, s.created = append(s.signers, signer), append(s.created, now.UTC().Truncate(time.Second))
	return s.store()
}

func (s *Station) store() error {
	f := stationKeys{Version: 1, Station: s.ID, TLSKey: s.tlsText}
	for i, signer := range s.signers {
		text, err := signer.MarshalText()
		if err != nil {
			return fmt.Errorf("storing the station's keys: %w", err)
		}
		f.Signing = append(f.Signing, signingKey{Created: s.created[i], Key: string(text)})
	}
	if err := writeJSON(stationPath(s.home), f); err != nil {
		return fmt.Errorf("storing the station's keys: %w", err)
	}
	return nil
}

// Rotate makes a new signing key. It is used once the service says that it has
// registered it; until then the one before stays in use. Only one may wait.
func (s *Station) Rotate(sv *Service, random io.Reader, now time.Time) error {
	if s.waiting(sv) {
		return errors.New("changing the signing key: the last new one is not registered with the service yet")
	}
	return s.add(random, now)
}

// waiting reports whether the newest key is not registered yet.
func (s *Station) waiting(sv *Service) bool {
	return sv == nil || !slices.Contains(sv.StationKeys, s.newest().Public().ID())
}

func (s *Station) newest() *seal.Signer { return s.signers[len(s.signers)-1] }

// Signer returns the key to sign packages with: the newest that the service has
// registered. Where the service has said nothing yet (sv nil or without keys of
// this station) it is the oldest, which will be registered with the others.
func (s *Station) Signer(sv *Service) *seal.Signer {
	if sv != nil {
		for _, signer := range slices.Backward(s.signers) {
			if slices.Contains(sv.StationKeys, signer.Public().ID()) {
				return signer
			}
		}
	}
	return s.signers[0]
}

// PublicKeys returns the public halves of all signing keys, oldest first.
func (s *Station) PublicKeys() []seal.PublicKey {
	var keys []seal.PublicKey
	for _, signer := range s.signers {
		keys = append(keys, signer.Public())
	}
	return keys
}

// prune forgets the keys older than the one in use.
func (s *Station) prune(sv *Service) error {
	use := slices.Index(s.signers, s.Signer(sv))
	if use <= 0 {
		return nil
	}
	s.signers, s.created = s.signers[use:], s.created[use:]
	return s.store()
}

// Fingerprint names the station and its keys, for comparing by word of mouth.
func (s *Station) Fingerprint() (string, error) {
	id, err := tlsKeyID(s.TLS.Public())
	if err != nil {
		return "", err
	}
	return stationFingerprint(s.ID, s.PublicKeys(), id), nil
}

func stationFingerprint(id string, keys []seal.PublicKey, tlsKey string) string {
	things := append([]string{domainStation, id}, keyIDs(keys)...)
	return fingerprint(append(things, tlsKey)...)
}

// tlsKeyID is intake.TLSKeyID for a key without a certificate.
func tlsKeyID(public crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return "", fmt.Errorf("naming a TLS key: %w", err)
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:]), nil
}

// Publish writes the station file for the service: the public keys and a request
// for a certificate, signed by each key that it names.
func (s *Station) Publish(now time.Time) ([]byte, error) {
	template := &x509.CertificateRequest{Subject: pkix.Name{CommonName: s.ID}}
	csr, err := x509.CreateCertificateRequest(rand.Reader, template, s.TLS)
	if err != nil {
		return nil, fmt.Errorf("writing the station file: %w", err)
	}
	keys, err := marshalKeys(s.PublicKeys())
	if err != nil {
		return nil, fmt.Errorf("writing the station file: %w", err)
	}
	file, err := state(domainStation, stationStatement{
		Kind: kindStation, Version: 1, Station: s.ID, Created: now.UTC().Truncate(time.Second), Keys: keys,
		CSR: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: csr})),
	}, s.signers...)
	if err != nil {
		return nil, fmt.Errorf("writing the station file: %w", err)
	}
	return file, nil
}
