package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"optag/capture/finger"
	"optag/capture/mrz"
	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/device/emrtd"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/pa"
	"optag/device/emrtd/pa/patest"
	"optag/device/pcsc"
)

// issuers is the directory, in the station's data, of the certificates by which
// chips are judged: what [chipTrust] put there.
const issuers = "issuers"

// waitForCard is how long optag chip read waits for a card.
const waitForCard = 30 * time.Second

// A chipReport is what optag chip read says of a chip.
type chipReport struct {
	Opened     string      `json:"opened"`
	Zone       zoneReport  `json:"zone"`
	Faces      []imageSize `json:"faces"`
	Prints     string      `json:"prints"` // none, closed, unopened, read, unknown
	Fingers    []print     `json:"fingers,omitempty"`
	Signer     string      `json:"signer,omitempty"`
	Signature  lamp        `json:"signature"`
	Content    lamp        `json:"content"`
	Genuine    lamp        `json:"genuine"`
	Belongs    lamp        `json:"belongs"`
	Unreadable []string    `json:"unreadable,omitempty"` // data groups, and why
}

type imageSize struct {
	MediaType string `json:"media_type"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
	Bytes     int    `json:"bytes"`
}

// A print is a print that was opened.
type print struct {
	Position finger.Position `json:"position,omitempty"` // 0 where the chip does not tell
	imageSize
}

// A lamp is one of the four things that are said of a chip.
type lamp struct {
	Verdict string `json:"verdict"` // ok, not checked, failed
	Why     string `json:"why,omitempty"`
	By      string `json:"by,omitempty"`
}

func lampOf(r emrtd.Result) lamp { return lamp{string(r.Verdict), string(r.Why), r.By} }

// chipRead reads the chip of a card or passport for its holder, tells what it
// holds and what is proven of it, and keeps nothing.
func chipRead(ctx context.Context, e *env, args []string) error {
	f := newFlags(e, "optag chip read")
	name := f.String("reader", "", "the reader whose name fits this pattern")
	zone := f.String("mrz", "", "file with the machine readable zone, or -")
	can := f.String("can", "", "the six digits on the face of the card")
	simulate := f.Bool("simulate", false, "read the specimen of a simulated station")
	if err := parse(f, args); err != nil {
		return err
	}
	if f.NArg() > 0 || (*zone == "") == (*can == "") && !*simulate {
		return usageError("optag chip read takes --mrz FILE or --can N")
	}
	access, err := e.access(*zone, *can)
	if err != nil {
		return err
	}
	o := emrtd.Options{Random: rand.Reader, Today: time.Now()}
	if *simulate {
		card, trusted, err := specimen(o.Today)
		if err != nil {
			return err
		}
		if access == (emrtd.Access{}) {
			access = card.Access()
		}
		o.Trust, o.Terminal = trusted, card.office
		return e.readCard(ctx, card.Insert(), access, o)
	}
	if o.Trust, err = e.issuers(); err != nil {
		return err
	}
	office, err := e.terminal()
	if err != nil {
		return err
	}
	if office != nil {
		defer office.Close()
		o.Terminal = office
	}
	return e.readInserted(ctx, *name, access, o)
}

// terminal asks the back office that opens the prints in chips; nil where the
// settings name none.
func (e *env) terminal() (station.Terminal, error) {
	set, err := e.settings()
	if err != nil || set.Cards == nil || set.Cards.Signer == nil {
		return nil, err
	}
	id, service, err := e.keys()
	if err != nil {
		return nil, err
	}
	open, err := terminals(set.Cards.Signer, id, service)
	if err != nil {
		return nil, err
	}
	return open(), nil
}

// access is the key to the chip that the caller has.
func (e *env) access(zone, can string) (emrtd.Access, error) {
	if zone == "" {
		if can != "" && (len(can) != 6 || strings.Trim(can, "0123456789") != "") {
			return emrtd.Access{}, usageError("a card access number has six digits")
		}
		return emrtd.Access{CAN: can}, nil
	}
	text, err := e.zoneText(zone)
	if err != nil {
		return emrtd.Access{}, err
	}
	d, err := mrz.Parse(string(text))
	if err != nil {
		return emrtd.Access{}, err
	}
	return emrtd.Access{MRZ: d.Key()}, d.Err()
}

// readInserted waits for a card in a reader and reads it.
func (e *env) readInserted(ctx context.Context, name string, a emrtd.Access, o emrtd.Options) error {
	reader, err := e.smartCards().Open(ctx, name)
	if err != nil {
		return fmt.Errorf("opening the card reader: %w", err)
	}
	defer reader.Close()
	waiting, stop := context.WithTimeout(ctx, waitForCard)
	defer stop()
	card, err := reader.Card(waiting)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no card was laid into the reader within %v", waitForCard)
	}
	if err != nil {
		return err
	}
	defer card.Close()
	if c, ok := card.(*pcsc.Card); ok {
		o.Extended = c.Extended(ctx)
	}
	return e.readCard(ctx, card, a, o)
}

// readCard reads a chip and tells of it. The error says what failed to be proven.
func (e *env) readCard(ctx context.Context, card device.Card, a emrtd.Access, o emrtd.Options) error {
	chip, err := emrtd.Read(ctx, card, a, o)
	if err != nil {
		return chipError(err)
	}
	defer chip.Wipe()
	r := reportChip(chip, o.Today)
	if e.json {
		err = e.print(r)
	} else {
		_, err = e.out.Write([]byte(r.text()))
	}
	if err != nil {
		return err
	}
	for what, l := range map[string]lamp{"signature": r.Signature, "content": r.Content, "chip": r.Genuine, "card and zone": r.Belongs} {
		if l.Verdict == string(emrtd.Failed) {
			return fmt.Errorf("the chip is not in order: %s: %s", what, l.Why)
		}
	}
	return nil
}

// chipError says what the person at the reader can do.
func chipError(err error) error {
	var key *emrtd.KeyError
	switch {
	case errors.As(err, &key) && key.Tries >= 0:
		return fmt.Errorf("the chip did not take the key, which was tried once; %d tries are left: compare it with the card", key.Tries)
	case errors.As(err, &key):
		return fmt.Errorf("the chip did not take the key, which was tried once: compare it with the card (%w)", key.Status)
	case errors.Is(err, emrtd.ErrNoAccess):
		return fmt.Errorf("%w: use the machine readable zone", err)
	case errors.Is(err, device.ErrRemoved):
		return fmt.Errorf("the card was taken away before it was read: %w", err)
	}
	return err
}

func reportChip(c *emrtd.Chip, today time.Time) chipReport {
	z := c.Zone
	r := chipReport{
		Opened: c.Opened, Zone: zoneReport{Document: z, BirthDate: z.Birth.Birth(today), ExpiryDate: z.Expiry.Expiry(today), OK: z.Err() == nil},
		Signature: lampOf(c.Signature), Content: lampOf(c.Content), Genuine: lampOf(c.Genuine), Belongs: lampOf(c.Belongs), Faces: []imageSize{},
	}
	for _, f := range c.Faces {
		r.Faces = append(r.Faces, imageSize{string(f.Format), f.Width, f.Height, len(f.Data)})
	}
	r.Prints = station.PrintsIn(c)
	for _, f := range c.Fingers {
		r.Fingers = append(r.Fingers, print{finger.Position(f.Position), imageSize{string(f.Format), f.Width, f.Height, len(f.Data)}})
	}
	for _, g := range c.Groups {
		if g.Err != nil {
			r.Unreadable = append(r.Unreadable, fmt.Sprintf("%v: %s", g.File, oneLine(g.Err)))
		}
	}
	return r
}

// text tells a holder what the chip says.
func (r chipReport) text() string {
	var b strings.Builder
	line := func(what, value string) { fmt.Fprintf(&b, "%-22s %s\n", what, value) }
	line("opened by", r.Opened)
	b.WriteString(r.Zone.text())
	for _, f := range r.Faces {
		line("face", fmt.Sprintf("%s, %d x %d pixels, %d bytes", f.MediaType, f.Width, f.Height, f.Bytes))
	}
	line("fingerprints", map[string]string{
		"none": "none are stored", "closed": "a file for fingerprints is there; only authorities with inspection certificates can open it, this station cannot",
		"unopened": "a file for fingerprints is there, and it could not be opened now",
		"read":     "stored, and opened with the help of the authority", "unknown": "not known",
	}[r.Prints])
	for _, f := range r.Fingers {
		line("print", f.text())
	}
	for _, l := range []struct {
		what string
		lamp
	}{{"signature", r.Signature}, {"content unchanged", r.Content}, {"chip is no copy", r.Genuine}, {"card and chip", r.Belongs}} {
		words := l.Verdict
		if l.Why != "" {
			words += ": " + l.Why
		}
		if l.By != "" {
			words += " (" + l.By + ")"
		}
		line(l.what, words)
	}
	for _, u := range r.Unreadable {
		line("not readable", u)
	}
	return b.String()
}

// text is which finger it is, and how it is stored.
func (p print) text() string {
	name := "finger not told"
	if p.Position.Valid() {
		name = strings.ReplaceAll(p.Position.String(), "_", " ")
	}
	size := ""
	if p.Width > 0 {
		size = fmt.Sprintf(", %d x %d pixels", p.Width, p.Height)
	}
	return fmt.Sprintf("%s: %s%s, %d bytes", name, cmp.Or(p.MediaType, "raw"), size, p.Bytes)
}

// issuers loads the certificates that a technician installed.
func (e *env) issuers() (*pa.Trust, error) {
	dir := filepath.Join(e.home, issuers)
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	t, _, err := pa.Load(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("reading the issuers' certificates: %w", err)
	}
	return t, nil
}

// chipTrust takes over master lists, directory files and certificates of states
// that issue travel documents, and lists of what they have revoked. A file that
// brings nothing is refused.
func chipTrust(_ context.Context, e *env, args []string) error {
	f := newFlags(e, "optag chip trust")
	if err := parse(f, args); err != nil {
		return err
	}
	if f.NArg() == 0 {
		return usageError("optag chip trust takes master lists, LDIF files or certificates")
	}
	dir := filepath.Join(e.home, issuers)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var brought []pa.Report
	for _, name := range f.Args() {
		data, err := readLimited(name, pa.MaxFile)
		if err != nil {
			return err
		}
		r := new(pa.Trust).Add(filepath.Base(name), data)
		if r.Authorities+r.Signers+r.Revocations == 0 {
			return fmt.Errorf("%s holds no certificate of an issuer: %w", name, errors.Join(r.Refused...))
		}
		sum := sha256.Sum256(data)
		if err := os.WriteFile(filepath.Join(dir, hex.EncodeToString(sum[:8])), data, 0o600); err != nil {
			return err
		}
		brought = append(brought, r)
	}
	return e.sayTrusted(brought)
}

func (e *env) sayTrusted(brought []pa.Report) error {
	if e.json {
		type file struct {
			Source                            string
			Authorities, Signers, Revocations int
			Refused                           []string
		}
		list := []file{}
		for _, r := range brought {
			list = append(list, file{r.Source, r.Authorities, r.Signers, r.Revocations, words(r.Refused)})
		}
		return e.print(map[string]any{"files": list})
	}
	for _, r := range brought {
		fmt.Fprintf(e.out, "%s: %d authorities, %d signers, %d lists of what is revoked\n", r.Source, r.Authorities, r.Signers, r.Revocations)
		for _, w := range words(r.Refused) {
			fmt.Fprintf(e.out, "  not taken: %s\n", w)
		}
	}
	return nil
}

// words are errors, each once.
func words(errs []error) []string {
	var list []string
	for _, err := range errs {
		if w := oneLine(err); !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	return list
}

// A specimenCard is the card in a simulated station's reader.
type specimenCard struct {
	*emrtdtest.Card
	document mrz.Document
	office   *emrtdtest.Office // that opens its prints
}

// Access is the key printed on the specimen.
func (s specimenCard) Access() emrtd.Access { return emrtd.Access{MRZ: s.document.Key()} }

// specimen makes the simulated card, and what trusts its issuer. It is a week
// old, for the certificates that open its prints are good for a month.
func specimen(today time.Time) (specimenCard, *pa.Trust, error) {
	made := today.AddDate(0, 0, -7)
	issuer, err := emrtdtest.NewIssuer(rand.Reader, patest.Kind{}, made)
	if err != nil {
		return specimenCard{}, nil, err
	}
	spec := emrtdtest.Specimen(issuer, made)
	if spec.Face, err = specimenFace(); err != nil {
		return specimenCard{}, nil, err
	}
	if spec.Fingers, err = specimenPrints(); err != nil {
		return specimenCard{}, nil, err
	}
	card, err := emrtdtest.Personalise(rand.Reader, spec)
	if err != nil {
		return specimenCard{}, nil, err
	}
	trusted := new(pa.Trust)
	trusted.Add("specimen", issuer.Authority.Certificate)
	return specimenCard{card, spec.Document, issuer.Office}, trusted, nil
}
