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

	"optag/cmd/internal/trust"
)

// A keyBench is a station's home and a service beside it.
type keyBench struct {
	t       *testing.T
	home    string
	service *trust.Authority
	store   string
}

func newKeyBench(t *testing.T) *keyBench {
	t.Helper()
	b := &keyBench{t: t, home: t.TempDir(), store: t.TempDir()}
	var err error
	if b.service, err = trust.InitAuthority(b.store, "intake-1", "https://intake.example", rand.Reader, time.Now()); err != nil {
		t.Fatal(err)
	}
	return b
}

// do runs a command and demands its exit status and words on either output.
func (b *keyBench) do(status int, words string, args ...string) (out string) {
	b.t.Helper()
	var o, e bytes.Buffer
	got := run(b.t.Context(), &env{in: strings.NewReader(""), out: &o, err: &e, home: b.home}, args)
	if got != status || !strings.Contains(o.String()+e.String(), words) {
		b.t.Errorf("%v: exit status %d, %q %q; want %d and %q", args, got, o.String(), e.String(), status, words)
	}
	if status != 0 && strings.Count(e.String(), "\n") != 1 {
		b.t.Errorf("%v: standard error has not one line: %q", args, e.String())
	}
	return o.String()
}

// answer is what the service answers to the output of keys show.
func (b *keyBench) answer(shown string) (file string) {
	b.t.Helper()
	raw, _, err := b.service.Register([]byte(shown), false, time.Now())
	if err != nil {
		b.t.Fatal(err)
	}
	file = filepath.Join(b.t.TempDir(), "answer.json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		b.t.Fatal(err)
	}
	return file
}

func TestKeysFromNothingToDelivering(t *testing.T) {
	b := newKeyBench(t)
	b.do(1, "optag keys init makes them", "keys", "show")
	b.do(1, "optag keys init makes them", "keys", "trust", trust.PublicPath(b.store))
	b.do(2, "name the station", "keys", "init")
	b.do(1, "its id must be", "keys", "init", "--station", "../x")
	b.do(0, "fingerprint", "keys", "init", "--station", "cph-01")
	b.do(1, "there are keys already", "keys", "init", "--station", "cph-01")
	b.do(1, "before the service knows", "keys", "rotate")
	b.do(0, "must register this station", "keys", "trust", trust.PublicPath(b.store))
	shown := b.do(0, "", "keys", "show")
	b.do(0, "certificate of this station until", "keys", "trust", b.answer(shown))
	b.do(0, "nothing new", "keys", "trust", filepath.Join(b.home, "keys", "service.json"))

	var said struct {
		Service    string
		Changes    []string
		CanDeliver bool `json:"can_deliver"`
	}
	out := b.do(0, "", "keys", "trust", "--json", filepath.Join(b.home, "keys", "service.json"))
	if err := json.Unmarshal([]byte(out), &said); err != nil || said.Service != "intake-1" || !said.CanDeliver || said.Changes == nil {
		t.Errorf("--json gives %s, %v", out, err)
	}
}

func TestKeysRotate(t *testing.T) {
	b := newKeyBench(t)
	b.do(0, "", "keys", "init", "--station", "cph-01")
	b.do(0, "", "keys", "trust", b.answer(b.do(0, "", "keys", "show")))
	b.do(0, "stays in use", "keys", "rotate")
	b.do(1, "not registered with the service yet", "keys", "rotate")
	b.do(0, "is new", "keys", "trust", b.answer(b.do(0, "", "keys", "show")))
	b.do(0, "", "keys", "rotate")
}

func TestKeysTrustAnotherService(t *testing.T) {
	b := newKeyBench(t)
	b.do(0, "", "keys", "init", "--station", "cph-01")
	b.do(0, "", "keys", "trust", trust.PublicPath(b.store))
	other := trust.PublicPath(newKeyBench(t).store)
	b.do(1, "use --replace", "keys", "trust", other)
	b.do(1, "its fingerprint is", "keys", "trust", "--replace", "--fingerprint", "0000", other)
	b.do(0, "is withdrawn", "keys", "trust", other, "--replace")
	b.do(2, "name one file", "keys", "trust")
	b.do(1, "no such file", "keys", "trust", other+"x")
}

func TestKeysInitTakesTheStationFromTheSettings(t *testing.T) {
	b := newKeyBench(t)
	if err := os.WriteFile(filepath.Join(b.home, "station.json"), []byte(`{"station":{"id":"aal-02","kind":"police"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	b.do(0, "station aal-02", "keys", "init")
}

// What is shown goes to the service and holds nothing secret.
func TestKeysShowHoldsNoSecret(t *testing.T) {
	b := newKeyBench(t)
	b.do(0, "", "keys", "init", "--station", "cph-01")
	shown := b.do(0, "", "keys", "show", "--json")
	if !json.Valid([]byte(shown)) || strings.Contains(shown, "PRIVATE") || strings.Contains(shown, "SIGNING KEY") {
		t.Errorf("shown is %.200s", shown)
	}
	if at, err := os.Stat(filepath.Join(b.home, "keys", "station.json")); err != nil || at.Mode().Perm() != 0o600 {
		t.Errorf("the keys' file: %v, %v", at.Mode(), err)
	}
}
