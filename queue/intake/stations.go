package intake

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"optag/queue/seal"
)

// A Station is a station that may deliver, as the service has registered it.
type Station struct {
	ID      string
	Keys    []seal.PublicKey // that may sign its packages; several while keys are changed
	TLSKeys []string         // its TLS keys, see [TLSKeyID]; a certificate for another key is not its own
}

// Stations knows the registered stations. The error for one that is not
// registered is or wraps [ErrUnknown].
type Stations interface {
	Station(id string) (Station, error)
}

// TLSKeyID names the public key of a certificate: 64 hex digits, SHA-256 of its
// SubjectPublicKeyInfo in DER.
func TLSKeyID(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(sum[:])
}

// A Directory holds one file per registered station. A change counts from the next
// request on.
type Directory string

// registration is the file of a station.
type registration struct {
	Version int      `json:"version"` // 1
	Station string   `json:"station"`
	Keys    []string `json:"keys"` // PEM
	TLSKeys []string `json:"tls_keys"`
}

func (d Directory) file(id string) string { return filepath.Join(string(d), id+".json") }

// Station reads the file of a station.
func (d Directory) Station(id string) (Station, error) {
	if !ValidStation(id) {
		return Station{}, fmt.Errorf("looking up a station: %w", ErrUnknown)
	}
	raw, err := os.ReadFile(d.file(id))
	if errors.Is(err, fs.ErrNotExist) {
		return Station{}, fmt.Errorf("looking up station %s: %w", id, ErrUnknown)
	}
	if err != nil {
		return Station{}, fmt.Errorf("looking up station %s: %w", id, err)
	}
	s, err := parseStation(raw)
	if err == nil && s.ID != id {
		err = errors.New("the file is another station's")
	}
	if err != nil {
		return Station{}, fmt.Errorf("reading the file of station %s: %w", id, err)
	}
	return s, nil
}

func parseStation(raw []byte) (Station, error) {
	var r registration
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		return Station{}, err
	}
	if r.Version != 1 || !ValidStation(r.Station) {
		return Station{}, errors.New("not a station's file of version 1")
	}
	s := Station{ID: r.Station, TLSKeys: r.TLSKeys}
	for _, text := range r.Keys {
		key, err := seal.ParsePublicKey([]byte(text))
		if err != nil {
			return Station{}, err
		}
		s.Keys = append(s.Keys, key)
	}
	return s, nil
}

// Put registers a station, or registers it anew.
func (d Directory) Put(s Station) error {
	if !ValidStation(s.ID) {
		return errors.New("registering a station: its id is not usable")
	}
	r := registration{Version: 1, Station: s.ID, TLSKeys: s.TLSKeys}
	for _, k := range s.Keys {
		text, err := k.MarshalText()
		if err != nil {
			return fmt.Errorf("registering station %s: %w", s.ID, err)
		}
		r.Keys = append(r.Keys, string(text))
	}
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("registering station %s: %w", s.ID, err)
	}
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return fmt.Errorf("registering station %s: %w", s.ID, err)
	}
	return writeFile(d.file(s.ID), append(raw, '\n'))
}

// List returns the ids of all registered stations, sorted.
func (d Directory) List() ([]string, error) {
	files, err := os.ReadDir(string(d))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing the stations: %w", err)
	}
	var ids []string
	for _, f := range files {
		if id, ok := strings.CutSuffix(f.Name(), ".json"); ok && ValidStation(id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// FromCertificate takes the station's id from the verified client certificate of
// a request: the common name of its subject.
func FromCertificate(r *http.Request) (id string, cert *x509.Certificate, err error) {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		return "", nil, errors.New("no client certificate")
	}
	cert = r.TLS.PeerCertificates[0]
	return cert.Subject.CommonName, cert, nil
}

// Registered says which registered station sent a request, by its certificate. The
// error is a *[Problem], but for a register that cannot be read.
func Registered(r *http.Request, known Stations) (Station, error) {
	return registered(r, known, FromCertificate)
}

func registered(r *http.Request, known Stations, identify func(*http.Request) (string, *x509.Certificate, error)) (Station, error) {
	id, cert, err := identify(r)
	if err != nil {
		return Station{}, stationUnknown.with("no station's certificate")
	}
	s, err := known.Station(id)
	switch {
	case errors.Is(err, ErrUnknown):
		return Station{}, &stationUnknown
	case err != nil:
		return Station{}, err
	case cert != nil && !slices.Contains(s.TLSKeys, TLSKeyID(cert)):
		return Station{}, stationUnknown.with("the certificate is for a key that is not registered")
	}
	return s, nil
}

// station says who asks.
func (h *Handler) station(r *http.Request) (Station, error) {
	return registered(r, h.c.Stations, h.c.Identify)
}
