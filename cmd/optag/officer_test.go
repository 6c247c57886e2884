package main

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"optag/cmd/optag/internal/station"
)

// TestOfficers is a day of a technician's with officers and their cards.
func TestOfficers(t *testing.T) {
	b := newStaffBench(t, "both")
	lund, holm := b.pem("lund", b.certify(b.newKey(), nil)), b.write("holm.der", b.certify(b.newKey(), nil).Raw)
	renewed := b.pem("renewed", b.certify(b.newKey(), nil))
	expired := b.pem("expired", b.certify(b.newKey(), func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }))
	ca := b.ca
	b.ca = nil
	foreign := b.pem("foreign", b.certify(b.newKey(), nil)) // issued by nobody the settings name
	b.ca = ca
	empty := b.write("empty.pem", []byte("no certificate"))
	for _, step := range []struct {
		name, input string
		args        []string
		status      int
		words       string
	}{
		{"by PIN alone", "4321\n", []string{"add", "1", "A. Berg"}, 0, "PIN: "},
		{"by either", "4321\n", []string{"add", "--card", lund, "2", "K. Lund"}, 0, "or nothing to let them in by card alone"},
		{"by card alone, in DER, and nobody types", "", []string{"add", "--card", holm, "--role", "technician", "3", "T. Holm"}, 0, ""},
		{"a PIN that is too short", "12\n", []string{"add", "--card", renewed, "4", "X"}, 1, "at least four digits"},
		{"a PIN that is too long for the counter", "1234567890123\n", []string{"add", "4", "X"}, 1, "twelve at most"},
		{"a PIN with letters, which the counter does not take", "4711a\n", []string{"add", "4", "X"}, 1, "at least four digits"},
		{"no PIN, and no card", "\n", []string{"add", "4", "X"}, 1, "at least four digits"},
		{"a number twice", "4321\n", []string{"add", "1", "X"}, 1, "may log in already"},
		{"an officer's card for another", "\n", []string{"add", "--card", lund, "4", "X"}, 1, "two officers, 2 and 4"},
		{"a card that is expired", "\n", []string{"add", "--card", expired, "4", "X"}, 1, "outside the dates"},
		{"a card of another authority", "\n", []string{"add", "--card", foreign, "4", "X"}, 1, "no authority of this site"},
		{"the authority's own certificate", "\n", []string{"add", "--card", filepath.Join(b.dir, "staff-ca.pem"), "4", "X"}, 1, "an authority's"},
		{"a file without a certificate", "\n", []string{"add", "--card", empty, "4", "X"}, 1, "there is none in"},
		{"no file", "\n", []string{"add", "--card", "/nowhere.pem", "4", "X"}, 1, "no such file"},

		{"a renewed card", "", []string{"card", "2", renewed}, 0, ""},
		{"the old one stays its officer's", "", []string{"card", "1", lund}, 1, "two officers, 1 and 2"},
		{"and may be given back", "", []string{"card", "2", lund}, 0, ""},
		{"the renewed one again", "", []string{"card", "2", renewed}, 0, ""},
		{"a card for nobody", "", []string{"card", "9", lund}, 1, "nobody with staff number 9"},
		{"an officer's card for another, later", "", []string{"card", "1", renewed}, 1, "two officers, 1 and 2"},
		{"taken from who has a PIN", "", []string{"card", "--remove", "1"}, 0, ""},
		{"taken from who has none", "", []string{"card", "--remove", "3"}, 1, "having no PIN"},
		{"too much said", "", []string{"card", "--remove", "1", lund}, 2, "takes a staff number"},
		{"who is there", "", []string{"ls"}, 0, "technician  -       " + station.CardHash(b.certificate(holm))},
	} {
		t.Run(step.name, func(t *testing.T) {
			at := *b
			at.t = t
			at.do(step.status, step.words, step.input, append([]string{"officer"}, step.args...)...)
		})
	}
	var list []struct {
		ID, Card    string
		PIN         bool
		FormerCards []string `json:"former_cards"`
	}
	b.must(json.Unmarshal([]byte(b.do(0, "", "", "--json", "officer", "ls")), &list))
	if len(list) != 3 || !list[0].PIN || list[0].Card != "" || !list[1].PIN || list[1].Card != station.CardHash(b.certificate(renewed)) || list[2].PIN ||
		!slices.Equal(list[1].FormerCards, []string{station.CardHash(b.certificate(lund))}) {
		t.Errorf("officers: %+v", list)
	}
	if mode := b.stat(station.SettingsFile(b.home)); mode.Perm() != 0o600 {
		t.Errorf("the settings have mode %v", mode)
	}
}

// TestNobodyIsLockedOut: where nobody gets in without a card, the last card stays,
// and no officer comes without one.
func TestNobodyIsLockedOut(t *testing.T) {
	b := newStaffBench(t, "card")
	lund := b.pem("lund", b.certify(b.newKey(), nil))
	b.do(1, "without a staff card", "4321\n", "officer", "add", "1", "A. Berg")
	b.do(0, "", "4321\n", "officer", "add", "--card", lund, "2", "K. Lund")
	if s := b.do(0, "", "", "officer", "ls"); strings.Contains(s, "PIN") {
		t.Errorf("a PIN was taken where it is of no use: %s", s)
	}
	b.do(1, "could not log in", "", "officer", "card", "--remove", "2")
}

// TestStaffCardsThatAreSetUpWrong: the kiosk says which file is not as it should be.
func TestStaffCardsThatAreSetUpWrong(t *testing.T) {
	b := newStaffBench(t, "both")
	for _, c := range []struct {
		name, want string
		change     func(*station.StaffCards)
	}{
		{"no such library", "/nowhere/opensc-pkcs11.so", func(s *station.StaffCards) { s.Library = "/nowhere/opensc-pkcs11.so" }},
		{"no such issuer", "gone.pem", func(s *station.StaffCards) { s.Issuers = []string{"gone.pem"} }},
		{"an issuer's file that is empty", "empty.pem", func(s *station.StaffCards) { s.Issuers = append(s.Issuers, b.write("empty.pem", nil)) }},
		{"a library that is none", "failed", func(s *station.StaffCards) { s.Library = b.write("text.so", []byte("text")) }},
	} {
		e := &env{home: b.home}
		set, err := e.settings()
		b.must(err)
		c.change(set.StaffCards)
		e.config = filepath.Join(b.dir, "wrong.json")
		b.must(set.Save(e.config))
		b.do(1, c.want, "", "--config", e.config, "officer", "check")
		b.do(1, c.want, "", "--config", e.config, "selftest", "staff")
	}
	b.do(1, "no staff card lies in a reader", "", "officer", "check")
	b.do(0, "", "", "--config", b.write("none.json", []byte("{}")), "officer", "ls")
	b.do(1, "name no library", "", "--config", b.write("none.json", []byte("{}")), "officer", "check")
	b.do(0, "name no library", "", "--config", b.write("none.json", []byte("{}")), "selftest", "staff")
}

// TestOfficerCheck looks at a card in the reader before and after it is given to
// an officer.
func TestOfficerCheck(t *testing.T) {
	b := newStaffBench(t, "both")
	b.issue("lund", nil)
	hash := station.CardHash(b.issued["lund"].Raw)
	out := filepath.Join(b.dir, "out")
	b.do(0, hash+"\n    of nobody here", "", "officer", "check", "--out", out)
	b.do(0, "", "\n", "officer", "add", "--card", filepath.Join(out, hash+".pem"), "4718", "K. Lund")
	b.do(0, "of staff number 4718, from "+time.Now().Add(-time.Hour).UTC().Format(time.DateOnly), "", "officer", "check")
	b.do(0, "no wrong PIN was tried", "", "officer", "check")
	b.do(0, "the library answers; cards: 1", "", "selftest", "staff")
	var cards []seenCard
	b.must(json.Unmarshal([]byte(b.do(0, "", "", "officer", "check", "--json")), &cards))
	if len(cards) != 1 || cards[0].Tries != "plenty" || len(cards[0].Certificates) != 1 || cards[0].Certificates[0].Hash != hash || cards[0].Certificates[0].Wrong != "" {
		t.Errorf("cards: %+v", cards)
	}
	if left := b.libraries(); len(left) > 0 {
		t.Errorf("the processes %v of the library are left", left)
	}
}

// certificate is what a file holds, in PEM or DER.
func (b *staffBench) certificate(file string) []byte {
	b.t.Helper()
	raw, err := os.ReadFile(file)
	b.must(err)
	if block, _ := pem.Decode(raw); block != nil {
		return block.Bytes
	}
	return raw
}

func (b *staffBench) stat(file string) os.FileMode {
	b.t.Helper()
	i, err := os.Stat(file)
	b.must(err)
	return i.Mode()
}
