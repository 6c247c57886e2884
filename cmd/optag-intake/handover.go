package main

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"optag/capture"
	"optag/capture/record/osia"
	"optag/capture/rule"
	"optag/cmd/internal/trust"
	"optag/queue/seal"
)

const handoverName = "handover.json" // the file of a hand-over, in its directory

// handoverKey writes the public key by which others verify what this service
// hands over.
func handoverKey(_ context.Context, e *env, args []string) error {
	f := newFlags(e, "optag-intake handover key")
	store := f.String("store", "", "directory of the service's data")
	if err := parseAlone(f, args, "store"); err != nil {
		return err
	}
	key, err := handoverSigner(*store)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return fmt.Errorf("writing the public key: %w", err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	if e.json {
		return document(e, map[string]string{"key": text, "kid": osia.KeyID(key.Public().(ed25519.PublicKey))})
	}
	_, err = e.out.Write([]byte(text))
	return err
}

// handoverSigner is the Ed25519 half of the key by which the service of a store
// signs receipts. A JWS begins otherwise than whatever package seal signs, so
// that no signature can be taken for another.
func handoverSigner(store string) (ed25519.PrivateKey, error) {
	a, err := trust.LoadAuthority(store)
	if err != nil {
		return nil, err
	}
	text, err := a.Receipts.MarshalText()
	if err != nil {
		return nil, err
	}
	defer clear(text)
	block, _ := pem.Decode(text)
	if block == nil || len(block.Bytes) < ed25519.SeedSize {
		return nil, errors.New("reading the service's signing key: it has no seed")
	}
	defer clear(block.Bytes)
	return ed25519.NewKeyFromSeed(block.Bytes[:ed25519.SeedSize]), nil // see seal.SignerFromSeed
}

// A sending is what "handover write" is asked for.
type sending struct {
	opening
	from, to, aim, with string
	beside, wsq         bool
}

// handoverWrite opens a package and hands its case over to another authority.
func handoverWrite(_ context.Context, e *env, args []string) error {
	var s sending
	f := newFlags(e, "optag-intake handover write")
	s.flags(f, "directory for the file and its pictures")
	f.StringVar(&s.from, "from", "", "authority that hands over; default: who answers for the data")
	f.StringVar(&s.to, "to", "", "authority that receives: immigration_service, foreign_ministry, national_police or return_agency")
	f.StringVar(&s.aim, "purpose", "", "the stated purpose: enrolment, visa, secure_capture or return")
	f.StringVar(&s.with, "with", "", "what travels beside the case, with commas: prints, photo, data, refusal")
	f.BoolVar(&s.beside, "beside", false, "pictures lie beside the file, and not in it")
	f.BoolVar(&s.wsq, "wsq", false, "prints as WSQ; else as PNG, without loss")
	if err := parseAlone(f, args, "key", "package", "out", "to", "purpose"); err != nil {
		return err
	}
	s.findStore()
	if s.store == "" {
		return errNoStore
	}
	key, err := handoverSigner(s.store)
	if err != nil {
		return err
	}
	m, parts, _, err := s.open()
	if err != nil {
		return err
	}
	defer seal.Wipe(parts)
	file, w, err := s.write(m, parts, key)
	if err != nil {
		return err
	}
	defer file.Wipe()
	return s.keep(e, m, file, w)
}

// write makes the file of an opened package.
func (s *sending) write(m seal.Manifest, sealed []seal.Part, key ed25519.PrivateKey) (osia.File, osia.Way, error) {
	var parts []capture.Part
	var r capture.Record
	err := errors.New("handing over a case: there is no capture in the package")
	for _, p := range sealed {
		if p.Name == "session.json" {
			r, err = capture.ReadRecord(p.Data)
		}
		if p.Name != "case.key" { // which is the package's own
			parts = append(parts, capture.Part(p))
		}
	}
	if err != nil {
		return osia.File{}, osia.Way{}, err
	}
	w := osia.Way{From: rule.Party(s.from), To: rule.Party(s.to), Aim: rule.Aim(s.aim)}
	if s.from == "" {
		w.From = rule.Party(r.Requirement.Controller)
	}
	for c := range strings.SplitSeq(s.with, ",") {
		if c != "" {
			w.With = append(w.With, rule.Cargo(c))
		}
	}
	o := osia.Options{ID: m.PackageID, At: time.Now(), By: key, WSQ: s.wsq}
	if s.beside {
		o.Refs = osia.ByDigest
	}
	file, err := osia.Write(r, parts, w, o)
	return file, w, err
}

// keep writes the file and its pictures, and says so.
func (s *sending) keep(e *env, m seal.Manifest, file osia.File, w osia.Way) error {
	for _, b := range file.Buffers {
		if err := trust.WriteFile(filepath.Join(s.out, b.ID), b.Data); err != nil {
			return fmt.Errorf("writing a picture: %w", err)
		}
	}
	name := filepath.Join(s.out, handoverName)
	if err := trust.WriteFile(name, file.JSON); err != nil {
		return fmt.Errorf("writing the hand-over: %w", err)
	}
	if e.json {
		return document(e, map[string]any{"enrollment": m.PackageID, "from": w.From, "to": w.To, "purpose": w.Aim, "file": name, "pictures": len(file.Buffers)})
	}
	_, err := fmt.Fprintf(e.out, "case of package %s, from %s to %s for %s: %s, %d pictures beside it\n", m.PackageID, w.From, w.To, w.Aim, name, len(file.Buffers))
	return err
}

// A taking is what "handover read" is asked for.
type taking struct {
	file, as, aim, out, counter, recast string
	trusted                             []osia.Key
}

// handoverRead verifies a hand-over and takes its case over.
func handoverRead(_ context.Context, e *env, args []string) error {
	var t taking
	f := newFlags(e, "optag-intake handover read")
	f.StringVar(&t.file, "file", "", "the hand-over; pictures that do not lie in it lie beside it")
	f.StringVar(&t.as, "as", "", "authority that receives")
	f.StringVar(&t.aim, "purpose", "", "the purpose that must be stated")
	f.Func("trust", "AUTHORITY=FILE: its public key, PEM; repeated", t.trust)
	f.StringVar(&t.out, "out", "", "directory for what is taken over")
	f.StringVar(&t.counter, "station", "", "kind of the station that captures anew; case.json is then for optag enrol --case")
	f.StringVar(&t.recast, "recast-from", "", "day from which Regulation (EU) 2024/1358 binds here; default: it does not")
	if err := parseAlone(f, args, "file", "as", "purpose", "out"); err != nil {
		return err
	}
	got, err := t.read()
	if err != nil {
		return err
	}
	defer got.Wipe()
	if err := t.keep(got); err != nil {
		return err
	}
	if e.json {
		return document(e, map[string]any{"enrollment": got.ID, "from": got.Way.From, "purpose": got.Way.Aim, "ground": got.Ground, "condition": got.Condition,
			"signer": got.Signer, "prints": len(got.Prints), "missing": len(got.Missing), "portrait": got.Portrait != nil})
	}
	_, err = fmt.Fprintf(e.out, "case of enrolment %s, from %s for %s (%s): the signature and all pictures are good\n%d prints, %d fingers missing\n",
		got.ID, got.Way.From, got.Way.Aim, got.Ground, len(got.Prints), len(got.Missing))
	if got.Condition != "" {
		_, err = fmt.Fprintln(e.out, "if", got.Condition)
	}
	return err
}

// trust reads one AUTHORITY=FILE; the file may hold several keys.
func (t *taking) trust(text string) error {
	party, name, _ := strings.Cut(text, "=")
	raw, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("reading the key of %s: %w", party, err)
	}
	for len(raw) > 0 {
		var block *pem.Block
		if block, raw = pem.Decode(raw); block == nil {
			break
		}
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		public, ok := key.(ed25519.PublicKey)
		if err != nil || !ok || block.Type != "PUBLIC KEY" {
			return fmt.Errorf("the key of %s is no public key of Ed25519", party)
		}
		t.trusted = append(t.trusted, osia.Key{Public: public, Party: rule.Party(party)})
	}
	if !slices.ContainsFunc(t.trusted, func(k osia.Key) bool { return k.Party == rule.Party(party) }) {
		return fmt.Errorf("the file of %s holds no public key", party)
	}
	return nil
}

// read verifies the file.
func (t *taking) read() (osia.Taken, error) {
	to := osia.Receiver{Party: rule.Party(t.as), Aim: rule.Aim(t.aim), Trusted: t.trusted, Fetch: t.beside}
	var err error
	if t.recast != "" {
		if to.Law.EurodacRecastFrom, err = rule.ParseDate(t.recast); err != nil {
			return osia.Taken{}, usageError("optag-intake handover read: --recast-from is no date")
		}
	}
	at, err := os.Stat(t.file)
	if err == nil && at.Size() > osia.MaxFile {
		err = fmt.Errorf("%d bytes are more than a hand-over has", at.Size())
	}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(t.file)
	}
	if err != nil {
		return osia.Taken{}, fmt.Errorf("reading the hand-over: %w", err)
	}
	defer clear(text)
	return osia.Read(text, to)
}

// beside reads a picture that lies beside the file.
func (t *taking) beside(reference string) ([]byte, error) {
	name := reference[strings.LastIndexAny(reference, ";/")+1:]
	if len(name) != 43 || strings.ContainsFunc(name, func(r rune) bool {
		return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", r)
	}) {
		return nil, errors.New("a reference does not end in a digest")
	}
	name = filepath.Join(filepath.Dir(t.file), name)
	at, err := os.Stat(name)
	if err == nil && at.Size() > osia.MaxFile {
		err = errors.New("a picture is larger than any that is taken")
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}

// keep writes what was taken over: the case and what goes with it, and each
// picture under the name of its finger.
func (t *taking) keep(got osia.Taken) error {
	files := map[string][]byte{}
	endings := map[string]string{"image/png": ".png", "image/jpeg": ".jpg", "image/x-wsq": ".wsq"}
	for _, p := range got.Prints {
		files[p.Finger.String()+endings[p.MediaType]] = p.Data
	}
	if p := got.Portrait; p != nil {
		files["portrait"+endings[p.MediaType]] = p.Data
	}
	c := got.Case
	if t.counter != "" {
		var err error
		if c, err = got.Begin(rule.Station(t.counter), rule.Date{}); err != nil {
			return err
		}
	}
	missing := map[string]capture.Reason{}
	for _, m := range got.Missing {
		missing[m.Finger.String()] = m.Reason
	}
	for name, v := range map[string]any{"case.json": c, "with.json": map[string]any{
		"enrollment": got.ID, "from": got.Way.From, "to": got.Way.To, "purpose": got.Way.Aim, "with": got.Way.With, "ground": got.Ground,
		"condition": got.Condition, "stated": got.Stated, "signer": got.Signer, "station": got.Station, "finished": got.Finished,
		"marks": got.Marks, "missing": missing, "refusal": got.Refusal,
	}} {
		text, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			return fmt.Errorf("writing the case: %w", err)
		}
		files[name] = append(text, '\n')
	}
	for name, data := range files {
		if err := trust.WriteFile(filepath.Join(t.out, name), data); err != nil {
			return fmt.Errorf("writing what was taken over: %w", err)
		}
	}
	return nil
}
