package main

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"optag/cmd/internal/trust"
	"optag/cmd/optag/internal/station"
	"optag/device/token"
)

// officerAdd lets somebody log in. The PIN is read from standard input, where it is
// of use; who is given a card needs none.
func officerAdd(_ context.Context, e *env, args []string) error {
	f := newFlags(e, "optag officer add")
	role := f.String("role", "clerk", "clerk, supervisor or technician")
	file := f.String("card", "", "file with the certificate of the staff card, PEM or DER")
	if err := parse(f, args); err != nil {
		return err
	}
	if f.NArg() != 2 {
		return usageError("optag officer add takes a staff number and a name")
	}
	if *role != "clerk" && *role != "supervisor" && *role != "technician" {
		return usageError("optag officer add: there is no role " + *role)
	}
	set, err := e.settings()
	if err != nil {
		return err
	}
	o := station.Officer{ID: f.Arg(0), Name: f.Arg(1), Role: *role}
	if slices.ContainsFunc(set.Officers, func(known station.Officer) bool { return known.ID == o.ID }) {
		return fmt.Errorf("staff number %s may log in already", o.ID)
	}
	if *file != "" {
		if o.Card, err = e.cardFile(set, *file); err != nil {
			return err
		}
	}
	if set.StaffCards == nil || set.StaffCards.LogIn != "card" {
		if o.PIN, err = e.newPIN(set.StaffCards != nil && o.Card != ""); err != nil {
			return err
		}
	}
	if o.PIN == "" && o.Card == "" {
		return errors.New("nobody gets in here without a staff card; --card names its certificate")
	}
	set.Officers = append(set.Officers, o)
	return e.saveSettings(set)
}

// newPIN asks for a PIN and hashes it; one that is not needed may be left out.
func (e *env) newPIN(optional bool) (hash string, err error) {
	words := "PIN: "
	if optional {
		words = "PIN, or nothing to let them in by card alone: "
	}
	var pin string
	fmt.Fprint(e.err, words)
	_, err = fmt.Fscanln(e.in, &pin)
	switch {
	case optional && pin == "":
		return "", nil
	case err != nil || len(pin) < 4 || len(pin) > 12 || strings.Trim(pin, "0123456789") != "": // which the counter takes
		return "", errors.New("a PIN of at least four digits is needed on standard input, and of twelve at most")
	}
	return station.HashPIN(rand.Reader, pin, station.PINRounds)
}

func (e *env) saveSettings(set station.Settings) error {
	file := e.config
	if file == "" {
		file = station.SettingsFile(e.home)
	}
	return set.Save(file)
}

// cardFile is the hash of the certificate in a file, the first where there are
// several. One with which nobody could log in today is refused.
func (e *env) cardFile(set station.Settings, file string) (hash string, err error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("reading the certificate of a staff card: %w", err)
	}
	var ders []byte
	for block, rest := pem.Decode(raw); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			ders = append(ders, block.Bytes...)
		}
	}
	if ders == nil {
		ders = raw
	}
	all, err := x509.ParseCertificates(ders)
	if err != nil || len(all) == 0 {
		return "", fmt.Errorf("reading the certificate of a staff card: there is none in %s", file)
	}
	roots, err := e.staffIssuers(set)
	if err != nil {
		return "", err
	}
	if err := token.Usable(all[0], time.Now(), roots, all[1:]); err != nil {
		return "", fmt.Errorf("taking over the certificate in %s: %w", file, err)
	}
	return station.CardHash(all[0].Raw), nil
}

// officerCard gives an officer another card, or takes it away.
func officerCard(_ context.Context, e *env, args []string) error {
	f := newFlags(e, "optag officer card")
	remove := f.Bool("remove", false, "the officer logs in by card no more")
	if err := parse(f, args); err != nil {
		return err
	}
	if *remove && f.NArg() != 1 || !*remove && f.NArg() != 2 {
		return usageError("optag officer card takes a staff number and the file with a certificate, or --remove and a staff number")
	}
	set, err := e.settings()
	if err != nil {
		return err
	}
	n := slices.IndexFunc(set.Officers, func(o station.Officer) bool { return o.ID == f.Arg(0) })
	if n < 0 {
		return fmt.Errorf("nobody with staff number %s may log in; optag officer add lets them", f.Arg(0))
	}
	o, hash := &set.Officers[n], ""
	if !*remove {
		if hash, err = e.cardFile(set, f.Arg(1)); err != nil {
			return err
		}
	}
	o.ChangeCard(hash)
	if o.Card == "" && o.PIN == "" {
		return fmt.Errorf("without a card staff number %s could not log in, having no PIN", o.ID)
	}
	return e.saveSettings(set)
}

// officerLs lists who may log in.
func officerLs(_ context.Context, e *env, args []string) error {
	f := newFlags(e, "optag officer ls")
	if err := parse(f, args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return usageError("optag officer ls takes no argument")
	}
	set, err := e.settings()
	if err != nil {
		return err
	}
	type line struct {
		ID   string `json:"id"`
		Name string `json:"name"`
		Role string `json:"role"`
		PIN  bool   `json:"pin"`
		Card string `json:"card,omitempty"`

		FormerCards []string `json:"former_cards,omitempty"`
	}
	all := []line{}
	for _, o := range set.Officers {
		all = append(all, line{o.ID, o.Name, o.Role, o.PIN != "", o.Card, o.FormerCards})
	}
	if e.json {
		return e.print(all)
	}
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	for _, l := range all {
		pin := "-"
		if l.PIN {
			pin = "PIN"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", l.ID, l.Name, l.Role, pin, or(l.Card, "-"))
		for _, former := range l.FormerCards {
			fmt.Fprintf(w, "\t\t\tbefore\t%s\n", former)
		}
	}
	return w.Flush()
}

// A seenCard is a staff card as a technician sees it.
type seenCard struct {
	Label        string     `json:"label"`
	Tries        string     `json:"tries"` // "plenty", "low", "final" or "locked"
	Certificates []seenCert `json:"certificates"`
}

type seenCert struct {
	Hash    string    `json:"sha256"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Officer string    `json:"officer,omitempty"` // staff number
	Wrong   string    `json:"wrong,omitempty"`   // why nobody may log in with it

	raw []byte
}

// officerCheck tells what lies in the readers. No PIN is asked for, and none is
// tried.
func officerCheck(ctx context.Context, e *env, args []string) error {
	f := newFlags(e, "optag officer check")
	out := f.String("out", "", "directory for the certificates that are good for logging in, as HASH.pem")
	if err := parse(f, args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return usageError("optag officer check takes no argument")
	}
	set, err := e.settings()
	if err != nil {
		return err
	}
	if set.StaffCards == nil {
		return errors.New("the settings name no library of staff cards; see staff_cards in the settings")
	}
	readers, err := e.staffReaders(set)
	if err != nil {
		return err
	}
	defer readers.Close()
	found, err := readers.Tokens(ctx)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return errors.New("no staff card lies in a reader, or the library knows none that does")
	}
	cards := []seenCard{}
	for _, t := range found {
		cards = append(cards, readers.see(set, t, time.Now()))
	}
	if *out != "" {
		if err := writeCertificates(*out, cards); err != nil {
			return err
		}
	}
	if e.json {
		return e.print(cards)
	}
	return e.sayCards(cards)
}

// see looks at one card.
func (r *staffReaders) see(set station.Settings, t token.Token, now time.Time) seenCard {
	c := seenCard{Label: t.Label, Tries: or(string(t.PIN), "plenty"), Certificates: []seenCert{}}
	for _, raw := range t.Certificates {
		s := seenCert{Hash: station.CardHash(raw), raw: raw}
		if x, err := x509.ParseCertificate(raw); err == nil {
			s.From, s.To = x.NotBefore, x.NotAfter
		}
		if err := r.Usable(station.StaffCard{Certificates: t.Certificates}, raw, now); err != nil {
			s.Wrong = oneLine(err)
		}
		for _, o := range set.Officers {
			if o.Card == s.Hash {
				s.Officer = o.ID
			}
		}
		c.Certificates = append(c.Certificates, s)
	}
	return c
}

func (e *env) sayCards(cards []seenCard) error {
	for _, c := range cards {
		tries := map[string]string{"plenty": "no wrong PIN was tried", "low": "a wrong PIN was tried", "final": "the next wrong PIN locks it", "locked": "locked"}[c.Tries]
		fmt.Fprintf(e.out, "card %q: %s\n", c.Label, tries)
		if len(c.Certificates) == 0 {
			fmt.Fprintln(e.out, "  it shows no certificate")
		}
		for _, s := range c.Certificates {
			whose := "of nobody here"
			if s.Officer != "" {
				whose = "of staff number " + s.Officer
			}
			fmt.Fprintf(e.out, "  %s\n    %s, from %s to %s; %s\n", s.Hash, whose, s.From.Format(time.DateOnly), s.To.Format(time.DateOnly), or(s.Wrong, "good for logging in"))
		}
	}
	return nil
}

// writeCertificates writes those that are good for logging in, each by its hash.
func writeCertificates(dir string, cards []seenCard) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, card := range cards {
		for _, s := range card.Certificates {
			if s.Wrong != "" {
				continue
			}
			text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.raw})
			if err := trust.WriteFile(filepath.Join(dir, s.Hash+".pem"), text); err != nil {
				return err
			}
		}
	}
	return nil
}
