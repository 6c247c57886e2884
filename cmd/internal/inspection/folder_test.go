package inspection_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"optag/cmd/internal/inspection"
	"optag/device/emrtd/cvc"
	"optag/device/emrtd/cvc/cvctest"
)

// chain makes an authority, a verifier and a terminal on a curve, the terminal's
// certificate good for some days from now.
func chain(t *testing.T, n byte, curve string, days int) (ca, dv, is *cvctest.Holder) {
	t.Helper()
	spec := func(name string, r cvc.Role, until time.Time) cvctest.Spec {
		return cvctest.Spec{Holder: name, Role: r, Rights: cvc.Fingers, Curve: curve, Algorithm: map[string]string{"secp384r1": cvc.ECDSASHA384, "secp521r1": cvc.ECDSASHA512}[curve], From: today().AddDate(0, 0, -1), Until: until}
	}
	ca, err := cvctest.NewCVCA(seed(n), spec("UTCVCA0000"+string('0'+n), cvc.CVCA, today().AddDate(3, 0, 0)))
	if err != nil {
		t.Fatal(err)
	}
	if dv, err = ca.Issue(seed(n+40), spec("UTDV0000"+string('0'+n), cvc.DomesticDV, today().AddDate(0, 3, 0))); err != nil {
		t.Fatal(err)
	}
	if is, err = dv.Issue(seed(n+80), spec("UTIS0000"+string('0'+n), cvc.Terminal, today().AddDate(0, 0, days))); err != nil {
		t.Fatal(err)
	}
	return ca, dv, is
}

// TestFolderSigns: on every curve, below each of two authorities, and over the
// link from an authority's old key to its new one.
func TestFolderSigns(t *testing.T) {
	l := &land{t: t}
	dir := t.TempDir()
	anchors := map[string]*cvctest.Holder{}
	for i, curve := range []string{"secp256r1", "secp384r1", "secp521r1"} {
		ca, dv, is := chain(t, byte(i+1), curve, 30)
		l.put(dir, dv, is)
		anchors[ca.Name] = ca
	}
	ca := anchors["UTCVCA00001"]
	next, err := ca.Issue(seed(7), cvctest.Spec{Holder: "UTCVCA00009", Role: cvc.CVCA, Rights: cvc.Fingers, From: today(), Until: today().AddDate(3, 0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	dv, err := next.Issue(seed(8), cvctest.Spec{Holder: "UTDV00009", Role: cvc.DomesticDV, Rights: cvc.Fingers, From: today(), Until: today().AddDate(0, 4, 0)})
	if err != nil {
		t.Fatal(err)
	}
	is, err := dv.Issue(seed(9), cvctest.Spec{Holder: "UTIS00009", Role: cvc.Terminal, Rights: cvc.Fingers, From: today(), Until: today().AddDate(0, 2, 0)})
	if err != nil {
		t.Fatal(err)
	}
	l.put(dir, next, dv, is)
	office := inspection.Folder(dir)
	if err := office.Check(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"UTCVCA00001": "UTIS00009", "UTCVCA00002": "UTIS00002", "UTCVCA00003": "UTIS00003"} {
		raw, err := office.Chain(t.Context(), name)
		if err != nil {
			t.Fatal(name, err)
		}
		anchor, err := cvc.Parse(anchors[name].Certificate)
		if err != nil {
			t.Fatal(err)
		}
		var below []*cvc.Certificate
		for _, b := range raw {
			c, err := cvc.Parse(b)
			if err != nil {
				t.Fatal(err)
			}
			below = append(below, c)
		}
		to, err := cvc.Verify(anchor, below, today())
		if err != nil || to.Holder != want { // the certificate that is good for longest
			t.Errorf("%s leads to %s, want %s; %v", name, to.Holder, want, err)
		}
		signature, err := office.Sign(t.Context(), name, []byte("message"))
		if err != nil || to.Key.Verify([]byte("message"), signature) != nil {
			t.Errorf("%s: the signature is wrong: %v", name, err)
		}
	}
	if _, err := office.Sign(t.Context(), "XXCVCA00001", []byte("message")); !errors.Is(err, inspection.ErrUnknown) {
		t.Errorf("another authority: %v", err)
	}
}

// TestFoldersThatCannotSign: what is wrong is told when the service starts.
func TestFoldersThatCannotSign(t *testing.T) {
	l := &land{t: t}
	_, dv, is := chain(t, 1, "secp256r1", 30)
	_, _, other := chain(t, 2, "secp384r1", 30)
	_, _, brainpool := chain(t, 3, "brainpoolP256r1", 30)
	for name, c := range map[string]struct {
		fill func(dir string)
		want string
	}{
		"empty":                        {func(string) {}, "no certificate of a terminal is for a key that is there"},
		"no key":                       {func(dir string) { l.put(dir, dv, is); os.Remove(filepath.Join(dir, is.Name+".pem")) }, "no certificate of a terminal"},
		"another's key":                {func(dir string) { l.put(dir, is, other); os.Remove(filepath.Join(dir, other.Name+".cvcert")) }, "no certificate of a terminal"},
		"a key for the verifier alone": {func(dir string) { l.put(dir, dv) }, "no certificate of a terminal"},
		"a curve that no key has": {func(dir string) {
			l.put(dir, is)
			_ = os.WriteFile(filepath.Join(dir, "b.cvcert"), brainpool.Certificate, 0o600)
			os.Remove(filepath.Join(dir, is.Name+".cvcert"))
		}, "no certificate of a terminal"},
		"what is no certificate": {func(dir string) { _ = os.WriteFile(filepath.Join(dir, "x.cvcert"), []byte("x"), 0o600) }, "x.cvcert: reading a card verifiable certificate"},
		"what is no key":         {func(dir string) { _ = os.WriteFile(filepath.Join(dir, "x.pem"), []byte("x"), 0o600) }, "x.pem: want one private key in PEM"},
		"a key that is broken": {func(dir string) {
			_ = os.WriteFile(filepath.Join(dir, "x.pem"), []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), 0o600)
		}, "x.pem: it is no ECDSA key on a curve of NIST"},
	} {
		dir := t.TempDir()
		c.fill(dir)
		if err := inspection.Folder(dir).Check(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if err := inspection.Folder(filepath.Join(t.TempDir(), "none")).Check(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

// TestBook: what is noted is there after the book is closed and opened again.
func TestBook(t *testing.T) {
	name := filepath.Join(t.TempDir(), "inspection.log")
	at := time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)
	for _, station := range []string{"cph-01", "aal-02"} {
		b, err := inspection.OpenBook(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(b.Note(inspection.Use{At: at, Station: station, Authority: "UTCVCA00001"}), b.Close()); err != nil {
			t.Fatal(err)
		}
		if err := b.Note(inspection.Use{}); err == nil {
			t.Error("a closed book is written in")
		}
	}
	raw, err := os.ReadFile(name)
	if want := `{"at":"2026-11-23T09:30:00Z","station":"cph-01","authority":"UTCVCA00001"}` + "\n" + `{"at":"2026-11-23T09:30:00Z","station":"aal-02","authority":"UTCVCA00001"}` + "\n"; err != nil || string(raw) != want {
		t.Errorf("%s, %v", raw, err)
	}
	torn := filepath.Join(t.TempDir(), "torn.log")
	if err := os.WriteFile(torn, []byte(`{"at":"2026-11-`), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := inspection.OpenBook(torn)
	if err == nil {
		err = errors.Join(b.Note(inspection.Use{At: at, Station: "cph-01"}), b.Note(inspection.Use{At: at, Station: "aal-02"}), b.Close())
	}
	raw, _ = os.ReadFile(torn)
	if lines := strings.Split(string(raw), "\n"); err != nil || len(lines) != 4 || !json.Valid([]byte(lines[1])) || !json.Valid([]byte(lines[2])) {
		t.Errorf("after a line that was cut: %q, %v", raw, err)
	}
	if _, err := inspection.OpenBook(t.TempDir()); err == nil {
		t.Error("a directory is a book")
	}
}
