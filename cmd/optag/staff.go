package main

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"optag/cmd/optag/internal/harden"
	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/device/token"
)

// staffCommand is the command by which this program is the process that loads the
// library of staff cards. It is not for people, and stands in no list.
const staffCommand = "staff-cards"

// serveStaffCards answers the process that has started this one, over standard
// input and file 3, until that is gone.
func serveStaffCards(_ context.Context, e *env, args []string) error {
	if len(args) != 1 {
		return usageError("optag " + staffCommand + " is started by optag itself")
	}
	harden.Start(technicianLog(e))
	answers := os.NewFile(3, "answers")
	defer answers.Close()
	return token.Serve(args[0], e.in, answers)
}

// askStaffCards makes that process: of what is around this one it is handed only
// where libraries find what they are set up with.
func askStaffCards(library string) *exec.Cmd {
	cmd := exec.Command(ourselves(), staffCommand, library)
	cmd.Env = []string{}
	for _, name := range []string{"PATH", "OPENSC_CONF", "SOFTHSM2_CONF"} {
		if v, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	return cmd
}

// staffReaders are the readers of staff cards.
type staffReaders struct {
	*token.Client
	roots *x509.CertPool // nil: whoever has issued a card
}

// staffReaders opens the readers that the settings name, nil where they name none.
// The library is loaded when it is first asked.
func (e *env) staffReaders(set station.Settings) (*staffReaders, error) {
	c := set.StaffCards
	if c == nil {
		return nil, nil
	}
	if _, err := os.Stat(c.Library); err != nil {
		return nil, fmt.Errorf("looking for the library of staff cards: %w", err)
	}
	roots, err := e.staffIssuers(set)
	if err != nil {
		return nil, err
	}
	return &staffReaders{token.NewClient(func() *exec.Cmd { return askStaffCards(c.Library) }), roots}, nil
}

// staffIssuers are the authorities whose cards count; nil where the settings name
// none.
func (e *env) staffIssuers(set station.Settings) (*x509.CertPool, error) {
	if set.StaffCards == nil || len(set.StaffCards.Issuers) == 0 {
		return nil, nil
	}
	roots := x509.NewCertPool()
	for _, file := range set.StaffCards.Issuers {
		all, err := e.certificates([]string{file})
		if err != nil {
			return nil, err
		}
		if len(all) == 0 {
			return nil, fmt.Errorf("reading the issuers of staff cards: %s holds no certificate", file)
		}
		for _, c := range all {
			roots.AddCert(c)
		}
	}
	return roots, nil
}

// Close ends the process, where there is one.
func (r *staffReaders) Close() {
	if r != nil {
		r.Client.Close()
	}
}

// Cards lists the cards that lie there.
func (r *staffReaders) Cards(ctx context.Context) ([]station.StaffCard, error) {
	all, err := r.Tokens(ctx)
	if err != nil {
		return nil, err
	}
	var cards []station.StaffCard
	for _, t := range all {
		cards = append(cards, station.StaffCard{Slot: t.Slot, Serial: t.Serial, Tries: string(t.PIN), Keypad: t.Keypad, Certificates: t.Certificates})
	}
	return cards, nil
}

func tokenOf(c station.StaffCard) token.Token {
	return token.Token{Slot: c.Slot, Serial: c.Serial, PIN: token.Tries(c.Tries), Keypad: c.Keypad, Certificates: c.Certificates}
}

// Lies reports whether a card lies where it was.
func (r *staffReaders) Lies(ctx context.Context, c station.StaffCard) (bool, error) {
	return r.Client.Lies(ctx, tokenOf(c))
}

// Usable says why nobody may log in with a certificate of a card.
func (r *staffReaders) Usable(c station.StaffCard, certificate []byte, at time.Time) error {
	cert, err := x509.ParseCertificate(certificate)
	if err != nil {
		return fmt.Errorf("reading the card's certificate: %w", err)
	}
	var chain []*x509.Certificate
	for _, raw := range c.Certificates {
		if between, err := x509.ParseCertificate(raw); err == nil {
			chain = append(chain, between)
		}
	}
	return token.Usable(cert, at, r.roots, chain)
}

// Prove has the key of a card's certificate sign a random challenge.
func (r *staffReaders) Prove(ctx context.Context, c station.StaffCard, certificate, pin []byte) error {
	defer clear(pin)
	cert, err := x509.ParseCertificate(certificate)
	if err != nil {
		return station.CardRefusal("unusable")
	}
	challenge := make([]byte, token.ChallengeSize)
	if _, err := io.ReadFull(rand.Reader, challenge); err != nil {
		return fmt.Errorf("making a challenge: %w", err)
	}
	signature, err := r.Sign(ctx, tokenOf(c), certificate, pin, challenge)
	if err == nil {
		err = token.Verify(cert, challenge, signature)
	}
	return refusalOf(err)
}

// refusalOf is what an error says of the card; others are left as they are.
func refusalOf(err error) error {
	for _, known := range []struct {
		err  error
		code station.CardRefusal
	}{
		{token.ErrWrongPIN, "pin"}, {token.ErrLocked, "locked"}, {token.ErrPINForm, "form"}, {device.ErrRemoved, "removed"},
		{token.ErrNoKey, "unusable"}, {token.ErrCertificate, "unusable"}, {token.ErrSignature, "signature"},
	} {
		if errors.Is(err, known.err) {
			return known.code
		}
	}
	return err
}
