package trust

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"optag/queue/intake"
	"optag/queue/seal"
)

// Names of the files that WriteOpened writes beside the parts.
const (
	ManifestName = "manifest.json"
	ReceiptName  = "receipt.json"
)

// WriteOpened writes an opened package into dir: manifest.json, receipt.json
// where there is a receipt, and each part under its own name. What is in the
// clear there is for its owner alone to read.
func WriteOpened(dir string, m seal.Manifest, parts []seal.Part, receipt []byte) error {
	for _, p := range parts {
		if p.Name == ManifestName || p.Name == ReceiptName {
			return errors.New("writing an opened package: a part has the name of another file")
		}
		if !filepath.IsLocal(p.Name) || filepath.Base(p.Name) != p.Name || p.Name == "." {
			return errors.New("writing an opened package: a part has no usable name")
		}
	}
	manifest, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("writing an opened package: %w", err)
	}
	files := []seal.Part{{Name: ManifestName, Data: append(manifest, '\n')}}
	if receipt != nil {
		files = append(files, seal.Part{Name: ReceiptName, Data: receipt})
	}
	for _, p := range append(files, parts...) {
		if err := WriteFile(filepath.Join(dir, p.Name), p.Data); err != nil {
			return fmt.Errorf("writing an opened package: %w", err)
		}
	}
	return nil
}

// ReadService reads a service file as published. It must be signed by its own
// keys; whether those are to be trusted is the caller's to know.
func ReadService(name string) (*Service, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading the service file: %w", err)
	}
	s, _, err := parseService(raw)
	if err != nil {
		return nil, fmt.Errorf("reading the service file: %w", err)
	}
	return s, nil
}

// ReadStation reads a station file as published, and its fingerprint. It must be
// signed by its own keys; whether those are to be trusted is the caller's to
// know.
func ReadStation(name string) (intake.Station, string, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return intake.Station{}, "", fmt.Errorf("reading the station file: %w", err)
	}
	s, _, _, err := parseStation(raw)
	if err != nil {
		return s, "", fmt.Errorf("reading the station file: %w", err)
	}
	return s, stationFingerprint(s.ID, s.Keys, s.TLSKeys[0]), nil
}

// Remove takes a station off the register: it may not deliver any more. What it
// has delivered stays.
func (a *Authority) Remove(id string) error {
	if !intake.ValidStation(id) {
		return errors.New("removing a station: its id is not one")
	}
	err := os.Remove(filepath.Join(string(a.Stations()), id+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		err = intake.ErrUnknown
	}
	if err != nil {
		return fmt.Errorf("removing station %s: %w", id, err)
	}
	return nil
}
