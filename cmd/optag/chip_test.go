package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"optag/device/emrtd"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa/patest"
)

func TestChipReadOfTheSpecimen(t *testing.T) {
	d := newDesk(t)
	var out, errs bytes.Buffer
	e := &env{in: strings.NewReader(""), out: &out, err: &errs, home: d.home}
	if status := run(t.Context(), e, []string{"chip", "read", "--simulate"}); status != 0 {
		t.Fatalf("exit status %d: %s", status, &errs)
	}
	for _, want := range []string{"opened by", "face", "stored, and opened with the help of the authority", "right index: image/x-wsq, 320 x 400 pixels", "left index: ", "signature              ok", "content unchanged      ok", "chip is no copy        ok", "card and chip          ok"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("printed\n%s, want %q in it", &out, want)
		}
	}
}

// A card of somebody whose prints could not be taken has the file, too, and
// nobody here knows what is in it.
func TestNothingIsSaidOfWhatTheFileForPrintsHolds(t *testing.T) {
	today := time.Now()
	issuer, err := emrtdtest.NewIssuer(rand.Reader, patest.Kind{}, today.AddDate(-1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	spec := emrtdtest.Specimen(issuer, today.AddDate(0, -1, 0))
	spec.Fingers = nil
	card, err := emrtdtest.Personalise(rand.Reader, spec)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (&env{out: &out}).readCard(t.Context(), card.Insert(), emrtd.Access{MRZ: spec.Document.Key()}, emrtd.Options{Random: rand.Reader, Today: today}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "a file for fingerprints is there; ") || strings.Contains(out.String(), "stored") {
		t.Errorf("printed\n%s", &out)
	}
}

func TestChipReadAsJSON(t *testing.T) {
	var out, errs bytes.Buffer
	e := &env{in: strings.NewReader(""), out: &out, err: &errs, home: t.TempDir()}
	if status := run(t.Context(), e, []string{"chip", "read", "--simulate", "--json"}); status != 0 {
		t.Fatalf("exit status %d: %s", status, &errs)
	}
	var r chipReport
	if err := json.Unmarshal(out.Bytes(), &r); err != nil || r.Signature.Verdict != "ok" || r.Prints != "read" || len(r.Fingers) != 2 || len(r.Faces) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestChipReadUsage(t *testing.T) {
	for name, args := range map[string][]string{
		"no key":              {"chip", "read"},
		"both keys":           {"chip", "read", "--can", "123456", "--mrz", "-"},
		"five digits":         {"chip", "read", "--can", "12345"},
		"letters":             {"chip", "read", "--can", "12345a"},
		"a file to trust, no": {"chip", "trust"},
	} {
		var out, errs bytes.Buffer
		if status := run(t.Context(), &env{in: strings.NewReader(""), out: &out, err: &errs, home: t.TempDir()}, args); status != 2 {
			t.Errorf("%s: exit status %d: %s", name, status, &errs)
		}
	}
}

// What a holder and a clerk hear of cards that are not as they should be.
func TestChipsThatAreNotInOrder(t *testing.T) {
	today := time.Now()
	for _, c := range []struct {
		name  string
		spoil func(*emrtdtest.Card, *emrtd.Access)
		trust bool
		out   string // in what is printed; "" for nothing printed
		err   string // in the error; "" for none
	}{
		{"no certificate installed", func(*emrtdtest.Card, *emrtd.Access) {}, false, "signature              not checked: no certificate of the issuer is installed", ""},
		{"another birth date written into it", func(c *emrtdtest.Card, _ *emrtd.Access) { c.Files[lds.DG1][30] ^= 1 }, true, "content unchanged      failed", "the chip is not in order: "},
		{"the wrong digits typed", func(_ *emrtdtest.Card, a *emrtd.Access) { *a = emrtd.Access{CAN: "000000"} }, true, "", "the chip did not take the key, which was tried once"},
		{"taken away", func(c *emrtdtest.Card, _ *emrtd.Access) { c.RemovedAt = 9 }, true, "", "the card was taken away before it was read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			card, trusted, err := specimen(today)
			if err != nil {
				t.Fatal(err)
			}
			access := card.Access()
			c.spoil(card.Card, &access)
			if !c.trust {
				trusted = nil
			}
			var out bytes.Buffer
			err = (&env{out: &out}).readCard(t.Context(), card.Insert(), access, emrtd.Options{Random: rand.Reader, Today: today, Trust: trusted})
			switch {
			case c.err == "" && err != nil, c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
				t.Errorf("error %v, want %q", err, c.err)
			case c.out == "" && out.Len() > 0, !strings.Contains(out.String(), c.out):
				t.Errorf("printed\n%s, want %q in it", &out, c.out)
			}
		})
	}
}

func TestChipTrust(t *testing.T) {
	home, files := t.TempDir(), t.TempDir()
	issuer, err := emrtdtest.NewIssuer(rand.Reader, patest.Kind{}, time.Now().AddDate(-1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	good, bad := filepath.Join(files, "csca.cer"), filepath.Join(files, "holiday.jpg")
	for name, data := range map[string][]byte{good: issuer.Authority.Certificate, bad: []byte("no certificate")} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	e := &env{in: strings.NewReader(""), out: &out, err: &errs, home: home}
	if status := run(t.Context(), e, []string{"chip", "trust", good}); status != 0 || !strings.Contains(out.String(), "csca.cer: 1 authorities") {
		t.Fatalf("exit status %d, %s%s", status, &out, &errs)
	}
	if status := run(t.Context(), e, []string{"chip", "trust", bad}); status != 1 || !strings.Contains(errs.String(), "holds no certificate of an issuer") {
		t.Errorf("a picture: exit status %d, %s", status, &errs)
	}
	installed, err := e.issuers()
	if err != nil || len(installed.Authorities()) != 1 {
		t.Errorf("installed %v, %v", installed, err)
	}
}
