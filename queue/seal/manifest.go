package seal

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"optag/capture/record/jcs"
)

// A Manifest is what can be read of a package from outside. It holds ids, codes
// and hashes and nothing that names the applicant: it is logged by the station
// and kept after the package is gone. In the sealed package it is the member
// "core" of the signed JSON.
type Manifest struct {
	Version    int         `json:"version"`              // 1; set by Seal
	Kind       string      `json:"kind,omitempty"`       // "" of a capture, else KindNotice
	PackageID  string      `json:"package"`              // 32 hex digits, random; see NewPackageID
	Case       string      `json:"case,omitempty"`       // 64 hex digits, see CaseHash; "" when the capture has no case
	Station    string      `json:"station"`              // the station's id, holder of the signing key
	Signer     string      `json:"signer"`               // key id of the signing key; set by Seal
	Sequence   uint64      `json:"sequence"`             // 1, 2, 3 … per station
	Previous   string      `json:"previous"`             // 64 hex digits: SHA-256 of the station's previous sealed package; zeros before the first
	Created    time.Time   `json:"created"`              // whole seconds, UTC
	Officer    string      `json:"officer"`              // id of the officer logged in
	Force      string      `json:"force,omitempty"`      // id of the officer on whose authority force was used; "" when none was
	Software   string      `json:"software"`             // program and version
	Purpose    string      `json:"purpose"`              // the one purpose, e.g. "residence_card"
	Controller string      `json:"controller"`           // who answers for the data, e.g. "immigration_service"
	Decision   Decision    `json:"decision"`             // what the law asked for, and why
	Items      []Item      `json:"items,omitempty"`      // what was captured
	Exceptions []Exception `json:"exceptions,omitempty"` // what was not, and why
	Rights     []Rights    `json:"rights,omitempty"`     // what the applicant was told

	Parts      []PartInfo `json:"parts,omitempty"` // of the plaintext, in order; set by Seal
	Recipients []string   `json:"recipients"`      // key ids, sorted; set by Seal
}

// KindNotice is the Kind of a package that is about an earlier capture and holds
// none: no items, no exceptions, and a decision that asks for nothing.
const KindNotice = "notice"

// A Decision is the law's answer under which the capture was made.
type Decision struct {
	LawDate string   `json:"law_date"`          // YYYY-MM-DD: the law of this day was applied
	Photo   bool     `json:"photo"`             // a photo is required
	Prints  string   `json:"prints"`            // "none", "two_flat", "ten", "ten_or_index"
	Grounds []Ground `json:"grounds"`           // at least one
	Marks   []string `json:"marks,omitempty"`   // e.g. "age_disputed", "recall"
	Refusal string   `json:"refusal,omitempty"` // consequence of a refusal; "" or "none" when nothing was refused
}

// A Ground is one reason of the decision.
type Ground struct {
	Code   string `json:"code"`
	Source string `json:"source"`         // the provision, e.g. "AA § 47 b(1)"
	Item   string `json:"item,omitempty"` // what it decided: "photo", "prints" or ""
}

// An Item is one captured sample: a portrait or a print.
type Item struct {
	Kind       string    `json:"kind"`                 // "portrait" or "print"
	Position   string    `json:"position,omitempty"`   // of a print, e.g. "right_index"
	Impression string    `json:"impression,omitempty"` // of a print: "plain" or "rolled"
	Algorithm  string    `json:"algorithm"`            // of the quality score, with its version
	Threshold  int       `json:"threshold"`            // score that was asked for, 0 to 100
	Attempts   []Attempt `json:"attempts"`             // in order; at least one
	Chosen     int       `json:"chosen"`               // index into Attempts of the one that is kept
	Device     Device    `json:"device"`
	Parts      []string  `json:"parts,omitempty"` // names of the parts that hold it
}

// An Attempt is one presentation that gave a sample.
type Attempt struct {
	At     time.Time `json:"at"`               // whole seconds, UTC
	Score  int       `json:"score"`            // 0 to 100, or NoScore
	Failed []string  `json:"failed,omitempty"` // checks it did not pass, by code
	Veto   string    `json:"veto,omitempty"`   // the officer set it aside: reason by code
}

// NoScore stands where the quality algorithm gave no score.
const NoScore = -1

// A Device is the equipment of a capture, for the record.
type Device struct {
	Maker     string `json:"maker,omitempty"`
	Model     string `json:"model"`
	Serial    string `json:"serial,omitempty"`
	Firmware  string `json:"firmware,omitempty"`
	Driver    string `json:"driver"`
	Version   string `json:"version,omitempty"` // of the driver
	Certified bool   `json:"certified"`
}

// An Exception is a sample that is asked for and was not captured.
type Exception struct {
	Kind      string `json:"kind"`               // "portrait" or "print"
	Position  string `json:"position,omitempty"` // of a print
	Reason    string `json:"reason"`             // by code, e.g. "missing"
	Permanent bool   `json:"permanent"`          // will not get better
	Officer   string `json:"officer"`            // id of the officer who saw it
}

// Rights is one giving of the rights information.
type Rights struct {
	Text     string    `json:"text"`     // id of the text
	Version  string    `json:"version"`  // of the text
	Language string    `json:"language"` // BCP 47
	SHA256   string    `json:"sha256"`   // 64 hex digits: of the text as shown
	At       time.Time `json:"at"`       // whole seconds, UTC
	Officer  string    `json:"officer"`
}

// A PartInfo describes a part of the plaintext without showing it.
type PartInfo struct {
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Length    int64  `json:"length"`      // bytes
	Hash      string `json:"hmac_sha256"` // 64 hex digits: HMAC-SHA-256 under the blinding key that lies in the plaintext
}

// A Digest is length and SHA-256 (64 hex digits) of a run of bytes.
type Digest struct {
	Length int64  `json:"length"`
	SHA256 string `json:"sha256"`
}

// NewPackageID makes a package id of 128 bits from random.
func NewPackageID(random io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("making a package id: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}

// CaseHash is the Case of a manifest for a case reference. Case numbers are few
// enough to be guessed, so the hash is keyed: key is a fresh random value of at
// least 16 bytes that travels inside the package, beside the reference itself.
func CaseHash(key []byte, reference string) string {
	mac := hmac.New(sha256.New, key)
	io.WriteString(mac, "optag/case/1\n"+reference)
	return hex.EncodeToString(mac.Sum(nil))
}

func digestOf(b []byte) Digest {
	sum := sha256.Sum256(b)
	return Digest{Length: int64(len(b)), SHA256: hex.EncodeToString(sum[:])}
}

// joinManifest writes the signed JSON around the core. The two members stand in
// canonical order, so the whole is canonical where core is.
func joinManifest(core []byte, body Digest) []byte {
	b := []byte(`{"ciphertext":{"length":` + strconv.FormatInt(body.Length, 10) + `,"sha256":"` + body.SHA256 + `"},"core":`)
	return append(append(b, core...), '}')
}

// readManifest fills in Manifest, Ciphertext and core from the signed JSON.
func (e *Envelope) readManifest() error {
	var outer struct {
		Ciphertext Digest          `json:"ciphertext"`
		Core       json.RawMessage `json:"core"`
	}
	if err := json.Unmarshal(e.manifest, &outer); err != nil {
		return fmt.Errorf("the manifest is not JSON: %w", ErrDamaged)
	}
	if !bytes.Equal(joinManifest(outer.Core, outer.Ciphertext), e.manifest) {
		return fmt.Errorf("the manifest is not in canonical form: %w", ErrDamaged)
	}
	var v struct{ Version int }
	if err := json.Unmarshal(outer.Core, &v); err == nil && v.Version != 1 {
		return fmt.Errorf("manifest version %d: %w", v.Version, ErrVersion)
	}
	if err := jcs.Unmarshal(outer.Core, &e.Manifest); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err := e.Manifest.check(); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if !hash.MatchString(outer.Ciphertext.SHA256) || outer.Ciphertext.Length != int64(len(e.body)) {
		return fmt.Errorf("the manifest is for another ciphertext: %w", ErrDamaged)
	}
	if e.Manifest.Signer != hex.EncodeToString(e.signature.key[:]) {
		return fmt.Errorf("the signature is by another key than the manifest names: %w", ErrDamaged)
	}
	e.Ciphertext, e.core = outer.Ciphertext, outer.Core
	return nil
}

// Forms of the manifest's fields.
var (
	packageID = regexp.MustCompile(`^[0-9a-f]{32}$`)
	hash      = regexp.MustCompile(`^[0-9a-f]{64}$`)
	code      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._:()/@+-]{0,95}$`) // ids and codes
	date      = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	partName  = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	mediaType = regexp.MustCompile(`^[a-z0-9.+-]{1,63}/[a-z0-9.+-]{1,63}$`)
)

const (
	maxList     = 128       // entries of any list of the manifest
	maxText     = 256       // bytes of free text
	maxSequence = 1<<53 - 1 // the largest number JSON readers agree on
)

// A fault collects the first thing that is wrong. Its words name the field and
// never its value.
type fault struct{ err error }

func (f *fault) check(ok bool, field string) {
	if f.err == nil && !ok {
		f.err = fmt.Errorf("%s is missing or out of its range", field)
	}
}

func (f *fault) code(s, field string)     { f.check(code.MatchString(s), field) }
func (f *fault) maybe(s, field string)    { f.check(s == "" || code.MatchString(s), field) }
func (f *fault) list(n int, field string) { f.check(n <= maxList, field) }

func (f *fault) text(s, field string) {
	ok := len(s) <= maxText && utf8.ValidString(s)
	for _, r := range s {
		ok = ok && unicode.IsPrint(r)
	}
	f.check(ok, field)
}

// time demands whole seconds of UTC in the years that RFC 3339 can write.
func (f *fault) time(t time.Time, field string) {
	f.check(t.Location() == time.UTC && t.Nanosecond() == 0 && t.Year() > 1970 && t.Year() < 10000, field)
}

// codes demands a list of different codes.
func (f *fault) codes(list []string, field string) {
	f.list(len(list), field)
	seen := map[string]bool{}
	for _, s := range list {
		f.code(s, field)
		f.check(!seen[s], field)
		seen[s] = true
	}
}

// check says what is wrong with the manifest, if anything.
func (m *Manifest) check() error {
	var f fault
	f.check(m.Version == 1, "version")
	f.check(packageID.MatchString(m.PackageID), "package")
	f.check(m.Case == "" || hash.MatchString(m.Case), "case")
	f.code(m.Station, "station")
	f.check(hash.MatchString(m.Signer), "signer")
	f.check(m.Sequence > 0 && m.Sequence <= maxSequence, "sequence")
	f.check(hash.MatchString(m.Previous), "previous")
	f.time(m.Created, "created")
	f.code(m.Officer, "officer")
	f.maybe(m.Force, "force")
	f.code(m.Software, "software")
	f.code(m.Purpose, "purpose")
	f.code(m.Controller, "controller")
	m.Decision.check(&f)
	m.checkKind(&f)
	f.list(len(m.Items), "items")
	for _, i := range m.Items {
		i.check(&f, m.Parts)
	}
	f.list(len(m.Exceptions), "exceptions")
	for _, e := range m.Exceptions {
		e.check(&f)
	}
	f.list(len(m.Rights), "rights")
	for _, r := range m.Rights {
		r.check(&f)
	}
	m.checkParts(&f)
	return f.err
}

// checkKind demands of a notice that nothing was captured for it.
func (m *Manifest) checkKind(f *fault) {
	f.check(m.Kind == "" || m.Kind == KindNotice, "kind")
	if m.Kind == KindNotice {
		f.check(len(m.Items) == 0 && len(m.Exceptions) == 0 && m.Force == "" && !m.Decision.Photo && m.Decision.Prints == "none", "kind")
	}
}

func (m *Manifest) checkParts(f *fault) {
	f.check(len(m.Parts) <= MaxParts, "parts")
	seen, total := map[string]bool{}, int64(0)
	for _, p := range m.Parts {
		f.check(partName.MatchString(p.Name) && !seen[p.Name], "parts.name")
		f.check(mediaType.MatchString(p.MediaType), "parts.media_type")
		f.check(p.Length >= 0 && p.Length <= MaxPlain, "parts.length")
		f.check(hash.MatchString(p.Hash), "parts.hmac_sha256")
		seen[p.Name] = true
		total += p.Length
	}
	f.check(total <= MaxPlain, "parts.length")
	f.check(len(m.Recipients) > 0 && len(m.Recipients) <= MaxRecipients, "recipients")
	for i, r := range m.Recipients {
		f.check(hash.MatchString(r) && (i == 0 || m.Recipients[i-1] < r), "recipients")
	}
}

func (d *Decision) check(f *fault) {
	f.check(date.MatchString(d.LawDate), "decision.law_date")
	f.code(d.Prints, "decision.prints")
	f.check(len(d.Grounds) > 0, "decision.grounds")
	f.list(len(d.Grounds), "decision.grounds")
	for _, g := range d.Grounds {
		f.code(g.Code, "decision.grounds.code")
		f.check(g.Source != "", "decision.grounds.source")
		f.text(g.Source, "decision.grounds.source")
		f.maybe(g.Item, "decision.grounds.item")
	}
	f.codes(d.Marks, "decision.marks")
	f.maybe(d.Refusal, "decision.refusal")
}

func (i *Item) check(f *fault, parts []PartInfo) {
	checkKind(f, i.Kind, i.Position, "items")
	f.maybe(i.Impression, "items.impression")
	f.code(i.Algorithm, "items.algorithm")
	f.check(i.Threshold >= 0 && i.Threshold <= 100, "items.threshold")
	f.list(len(i.Attempts), "items.attempts")
	for _, a := range i.Attempts {
		f.time(a.At, "items.attempts.at")
		f.check(a.Score >= NoScore && a.Score <= 100, "items.attempts.score")
		f.codes(a.Failed, "items.attempts.failed")
		f.maybe(a.Veto, "items.attempts.veto")
	}
	f.check(i.Chosen >= 0 && i.Chosen < len(i.Attempts), "items.chosen")
	i.Device.check(f)
	f.codes(i.Parts, "items.parts")
	for _, name := range i.Parts {
		found := false
		for _, p := range parts {
			found = found || p.Name == name
		}
		f.check(found, "items.parts")
	}
}

func (d *Device) check(f *fault) {
	for _, s := range []string{d.Maker, d.Model, d.Serial, d.Firmware, d.Version} {
		f.text(s, "items.device")
	}
	f.check(d.Model != "", "items.device.model")
	f.code(d.Driver, "items.device.driver")
}

func (e *Exception) check(f *fault) {
	checkKind(f, e.Kind, e.Position, "exceptions")
	f.code(e.Reason, "exceptions.reason")
	f.code(e.Officer, "exceptions.officer")
}

func (r *Rights) check(f *fault) {
	f.code(r.Text, "rights.text")
	f.code(r.Version, "rights.version")
	f.code(r.Language, "rights.language")
	f.check(hash.MatchString(r.SHA256), "rights.sha256")
	f.time(r.At, "rights.at")
	f.code(r.Officer, "rights.officer")
}

// checkKind demands a position of a print and none of a portrait.
func checkKind(f *fault, kind, position, field string) {
	switch kind {
	case "portrait":
		f.check(position == "", field+".position")
	case "print":
		f.code(position, field+".position")
	default:
		f.check(false, field+".kind")
	}
}

// wholeSeconds brings every time to whole seconds of UTC, on copies of the
// caller's lists.
func (m *Manifest) wholeSeconds() {
	whole := func(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
	m.Created = whole(m.Created)
	m.Items = append([]Item(nil), m.Items...)
	for i := range m.Items {
		m.Items[i].Attempts = append([]Attempt(nil), m.Items[i].Attempts...)
		for j := range m.Items[i].Attempts {
			m.Items[i].Attempts[j].At = whole(m.Items[i].Attempts[j].At)
		}
	}
	m.Rights = append([]Rights(nil), m.Rights...)
	for i := range m.Rights {
		m.Rights[i].At = whole(m.Rights[i].At)
	}
}
