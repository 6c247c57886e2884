package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"optag/capture/notice"
	"optag/cmd/internal/trust"
	"optag/queue/intake"
	"optag/queue/seal"
)

// An opening is what "open" is asked for.
type opening struct {
	key, pack, out, store, station, receipt, receivers string
	abroad                                             bool
}

// flags are those of every command that opens a package; out says what its
// directory is for.
func (o *opening) flags(f *flag.FlagSet, out string) {
	f.StringVar(&o.key, "key", "", "key that opens packages")
	f.StringVar(&o.pack, "package", "", "sealed package")
	f.StringVar(&o.out, "out", "", out)
	f.StringVar(&o.store, "store", "", "directory of the service's data; default: where the key lies")
	f.StringVar(&o.station, "station", "", "station file to trust instead of the store's register")
}

// open opens one package as the service does.
func open(_ context.Context, e *env, args []string) error {
	var o opening
	f := newFlags(e, "optag-intake open")
	o.flags(f, "directory for what is inside")
	f.StringVar(&o.receipt, "receipt", "", "receipt to verify; default: the store's")
	f.StringVar(&o.receivers, "receivers", "", "file of what the receivers of records have set; default: what a site begins with")
	f.BoolVar(&o.abroad, "search-abroad", false, "also write the prints as another country's system searches them, where the law lets them go there")
	if err := parseAlone(f, args, "key", "package", "out"); err != nil {
		return err
	}
	to, err := o.readReceivers()
	if err != nil {
		return err
	}
	o.findStore()
	m, parts, receipt, err := o.open()
	if err != nil {
		return err
	}
	defer seal.Wipe(parts)
	n, err := readNotice(m, parts)
	if err != nil {
		return err
	}
	files, why := writeRecords(m, parts, to, o.abroad)
	defer seal.Wipe(files)
	if o.abroad && why != nil {
		return why // nothing is written out beside what was asked for and refused
	}
	if err := trust.WriteOpened(o.out, m, slices.Concat(parts, files), receipt); err != nil {
		return err
	}
	return opened{m, parts, files, why, n, receipt != nil}.say(e)
}

// findStore takes for the store the directory in whose keys the key lies.
func (o *opening) findStore() {
	if o.store != "" {
		return
	}
	dir := filepath.Dir(filepath.Dir(o.key))
	if _, err := os.Stat(trust.PublicPath(dir)); err == nil {
		o.store = dir
	}
}

// open verifies and decrypts the package, and verifies its receipt.
func (o *opening) open() (m seal.Manifest, parts []seal.Part, receipt []byte, err error) {
	secret, err := os.ReadFile(o.key)
	if err != nil {
		return m, nil, nil, fmt.Errorf("reading the key: %w", err)
	}
	identity, err := seal.ParseIdentity(string(secret))
	clear(secret)
	if err != nil {
		return m, nil, nil, err
	}
	sealed, err := readSealed(o.pack)
	if err != nil {
		return m, nil, nil, err
	}
	env, err := seal.Read(sealed)
	if err != nil {
		return m, nil, nil, err
	}
	keys, err := o.trusted(env.Manifest.Station)
	if err != nil {
		return m, nil, nil, err
	}
	m, parts, err = seal.Open(sealed, identity, keys...)
	if err != nil {
		return m, nil, nil, err
	}
	receipt, err = o.verifiedReceipt(m, sha256.Sum256(sealed))
	if err != nil {
		seal.Wipe(parts)
		return m, nil, nil, err
	}
	return m, parts, receipt, nil
}

// readSealed reads a package, and no more than a package can have.
func readSealed(name string) ([]byte, error) {
	at, err := os.Stat(name)
	if err == nil && at.Size() > seal.MaxSealed {
		err = fmt.Errorf("%d bytes are more than a package has: %w", at.Size(), seal.ErrDamaged)
	}
	var raw []byte
	if err == nil {
		raw, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the package: %w", err)
	}
	return raw, nil
}

// trusted returns the keys that may have signed a package of the station id.
func (o *opening) trusted(id string) ([]seal.PublicKey, error) {
	if o.station != "" {
		s, _, err := trust.ReadStation(o.station)
		return s.Keys, err
	}
	if o.store == "" {
		return nil, errNoStore
	}
	a, err := trust.LoadAuthority(o.store)
	if err != nil {
		return nil, err
	}
	s, err := a.Stations().Station(id)
	return s.Keys, err
}

// verifiedReceipt finds the receipt for the package, if there is one, and verifies
// it.
func (o *opening) verifiedReceipt(m seal.Manifest, sum [32]byte) ([]byte, error) {
	var raw []byte
	var err error
	switch {
	case o.receipt != "":
		raw, err = os.ReadFile(o.receipt)
	case o.store != "":
		raw, err = intake.ReadReceipt(o.store, intake.Key{Station: m.Station, SHA256: sum})
	}
	if o.receipt == "" && (errors.Is(err, intake.ErrUnknown) || errors.Is(err, os.ErrNotExist)) || raw == nil && err == nil {
		return nil, nil // it was not received here
	}
	if err != nil {
		return nil, fmt.Errorf("reading the receipt: %w", err)
	}
	if o.store == "" {
		return nil, errors.New("verifying the receipt: name the store with --store, whose keys must have signed it")
	}
	sv, err := trust.ReadService(trust.PublicPath(o.store))
	if err != nil {
		return nil, err
	}
	_, err = sv.VerifyReceipt(raw, m.PackageID, sum)
	return raw, err
}

// An opened package is what there is to say of one.
type opened struct {
	seal.Manifest
	parts, files []seal.Part // what was in it, and the records made of that
	why          error       // there are no records
	notice       *notice.Notice
	receipt      bool // there is one, and it is good
}

// say says what was verified and written.
func (o opened) say(e *env) error {
	if e.json {
		return document(e, o.document())
	}
	said := "no receipt is known"
	if o.receipt {
		said = "its receipt is good"
	}
	rest := "records: " + strings.Join(names(o.files), " ")
	switch {
	case o.notice != nil:
		rest = about(o.notice)
	case o.why != nil:
		rest = "no records: " + oneLine(o.why)
	}
	_, err := fmt.Fprintf(e.out, "package %s, number %d of station %s: signatures and hashes are good; %s\n%d parts\n%s\n",
		o.PackageID, o.Sequence, o.Station, said, len(o.parts), rest)
	return err
}

// document is the same for programs.
func (o opened) document() map[string]any {
	said := map[string]any{
		"package": o.PackageID, "station": o.Station, "sequence": o.Sequence,
		"parts": names(o.parts), "receipt": o.receipt, "records": names(o.files),
	}
	if o.notice != nil {
		said["notice"] = o.notice.Kind
	} else if o.why != nil {
		said["no_records"] = oneLine(o.why)
	}
	return said
}

func names(parts []seal.Part) []string {
	all := []string{}
	for _, p := range parts {
		all = append(all, p.Name)
	}
	return all
}
