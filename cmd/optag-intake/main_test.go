package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"optag/cmd/internal/trust"
	"optag/queue/seal"
	"optag/queue/upload"
)

// A result is what a command left behind.
type result struct {
	code     int
	out, err string
}

func do(args ...string) result {
	var out, err bytes.Buffer
	code := run(context.Background(), &env{out: &out, err: &err}, args)
	return result{code, out.String(), err.String()}
}

func (r result) want(t *testing.T, code int, words ...string) result {
	t.Helper()
	if r.code != code {
		t.Errorf("exit status %d, want %d; %s", r.code, code, r.err)
	}
	for _, w := range words {
		if !strings.Contains(r.out+r.err, w) {
			t.Errorf("said %q %q, want %q", r.out, r.err, w)
		}
	}
	if code != 0 && strings.Count(r.err, "\n") != 1 {
		t.Errorf("standard error has not one line: %q", r.err)
	}
	return r
}

// A running service of this process.
type running struct {
	url  string
	stop func() result
}

// startServing runs "serve" until it is stopped.
func startServing(t *testing.T, store string, more ...string) running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	done := make(chan result, 1)
	go func() {
		var log bytes.Buffer
		code := run(ctx, &env{out: in, err: &log}, append([]string{"serve", "--json", "--listen", "127.0.0.1:0", "--store", store}, more...))
		in.Close()
		done <- result{code: code, err: log.String()}
	}()
	var said struct {
		URL, Listening string
	}
	if err := json.NewDecoder(out).Decode(&said); err != nil {
		t.Fatal(err, (<-done).err)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return running{"https://" + said.Listening, func() result { cancel(); return <-done }}
}

// packed seals a package of a station for a service.
func packed(t *testing.T, st *trust.Station, sv *trust.Service, seq uint64, portrait []byte) (seal.Manifest, []byte) {
	t.Helper()
	id, err := seal.NewPackageID(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	m := seal.Manifest{
		PackageID: id, Station: st.ID, Sequence: seq, Previous: strings.Repeat("0", 64),
		Created: time.Now(), Officer: "officer-4", Software: "optag test", Purpose: "residence_card", Controller: "immigration_service",
		Decision: seal.Decision{LawDate: "2026-11-22", Photo: true, Prints: "none", Grounds: []seal.Ground{{Code: "card_adult", Source: "AA § 47 b(1)"}}},
		Items: []seal.Item{{
			Kind: "portrait", Algorithm: "test 1", Attempts: []seal.Attempt{{At: time.Now(), Score: 80}},
			Device: seal.Device{Model: "Simulated", Driver: "sim"}, Parts: []string{"portrait.jpg"},
		}},
	}
	raw, err := seal.Seal(rand.Reader, m, []seal.Part{{Name: "portrait.jpg", MediaType: "image/jpeg", Data: portrait}}, sv.Recipients, st.Signer(sv))
	if err != nil {
		t.Fatal(err)
	}
	return m, raw
}

func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// enrolled makes a station that the service of store has registered.
func enrolled(t *testing.T, store string) (*trust.Station, *trust.Service) {
	t.Helper()
	st, err := trust.InitStation(t.TempDir(), "cph-01", rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	file, err := st.Publish(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	answer := filepath.Join(t.TempDir(), "answer.json")
	do("station", "add", "--store", store, "--out", answer, write(t, "station.json", file)).want(t, 0, "registered station cph-01")
	raw, err := os.ReadFile(answer)
	if err != nil {
		t.Fatal(err)
	}
	sv, _, err := st.Import(raw, trust.Import{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return st, sv
}

func sendPackage(t *testing.T, st *trust.Station, sv *trust.Service, url string, m seal.Manifest, raw []byte) []byte {
	t.Helper()
	o, err := st.UploadOptions(sv)
	if err != nil {
		t.Fatal(err)
	}
	o.URL = url
	c, err := upload.New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	env, err := seal.Read(raw)
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := c.Send(t.Context(), upload.Package{ID: m.PackageID, SHA256: env.SHA256, Size: int64(len(raw)), Body: bytes.NewReader(raw)})
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

// One package from a station to the opened files, through the commands.
func TestServeRegisterReceiveOpenCount(t *testing.T) {
	store := filepath.Join(t.TempDir(), "store")
	s := startServing(t, store)
	st, sv := enrolled(t, store)
	portrait := bytes.Repeat([]byte("not really a portrait "), 5000)
	m, raw := packed(t, st, sv, 3, portrait)
	receipt := sendPackage(t, st, sv, s.url, m, raw)
	do("stats", "--store", store).want(t, 0, "cph-01", "1 packages", "last number 3", "missing 1–2")
	if r := s.stop(); r.code != 0 || !strings.Contains(r.err, "received") || strings.Contains(r.err, "level=ERROR") {
		t.Errorf("serve ended with %d: %s", r.code, r.err)
	}

	out := filepath.Join(t.TempDir(), "out")
	kept, err := filepath.Glob(filepath.Join(store, "packages", "cph-01", "*.optag"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("the service keeps %v, %v", kept, err)
	}
	key := trust.OpeningKeyPath(store)
	do("open", "--key", key, "--package", kept[0], "--out", out).want(t, 0, m.PackageID, "its receipt is good", "1 parts")
	for name, want := range map[string][]byte{"portrait.jpg": portrait, "receipt.json": receipt} {
		if got, err := os.ReadFile(filepath.Join(out, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what was sent: %v", name, err)
		}
	}
	var opened seal.Manifest
	if text, err := os.ReadFile(filepath.Join(out, "manifest.json")); err != nil || json.Unmarshal(text, &opened) != nil || opened.PackageID != m.PackageID {
		t.Errorf("manifest.json is not the package's: %v", err)
	}

	var counted struct {
		Stations []struct {
			Station  string
			Packages int
			Gaps     []struct{ From, To uint64 }
		}
	}
	r := do("stats", "--json", "--store", store).want(t, 0)
	if err := json.Unmarshal([]byte(r.out), &counted); err != nil || len(counted.Stations) != 1 || counted.Stations[0].Gaps[0].To != 2 {
		t.Errorf("stats --json = %s, %v", r.out, err)
	}
	do("station", "ls", "--store", store).want(t, 0, "cph-01")
	do("station", "remove", "--store", store, "cph-01").want(t, 0)
	do("station", "remove", "--store", store, "cph-01").want(t, 1, "nothing by this name")
	do("open", "--key", key, "--package", kept[0], "--out", out).want(t, 1, "looking up station cph-01")
}

func TestOpenRefuses(t *testing.T) {
	store := filepath.Join(t.TempDir(), "store")
	do("init", "--store", store, "--url", "https://intake.example").want(t, 0, "fingerprint")
	do("init", "--store", store, "--url", "https://intake.example").want(t, 1, "there are keys already")
	st, sv := enrolled(t, store)
	m, raw := packed(t, st, sv, 1, []byte("portrait"))
	stranger, err := seal.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	file, err := st.Publish(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	a, err := trust.LoadAuthority(store)
	if err != nil {
		t.Fatal(err)
	}
	env, err := seal.Read(raw)
	if err != nil {
		t.Fatal(err)
	}
	receipt := func(change func(*seal.Receipt), by *seal.Signer) string {
		r := seal.Receipt{
			PackageID: m.PackageID, StationID: "cph-01", Sequence: 1, SHA256: hex.EncodeToString(env.SHA256[:]),
			Length: int64(len(raw)), ReceivedAt: time.Now(), LogIndex: 1,
		}
		change(&r)
		text, err := seal.SignReceipt(r, by)
		if err != nil {
			t.Fatal(err)
		}
		return write(t, "receipt.json", text)
	}
	same := func(*seal.Receipt) {}
	forger, err := seal.NewSigner(rand.Reader, "intake-1")
	if err != nil {
		t.Fatal(err)
	}
	key := trust.OpeningKeyPath(store)
	alone := write(t, "opening.key", mustRead(t, key))
	flip := func(at int) []byte { b := bytes.Clone(raw); b[at] ^= 1; return b }
	good := write(t, "p.optag", raw)
	cases := []struct {
		name  string
		code  int
		words string
		args  []string
	}{
		{"the right key", 0, "no receipt is known", []string{"--key", key, "--package", good}},
		{"the right key elsewhere, with the store named", 0, "signatures and hashes are good", []string{"--key", alone, "--package", good, "--store", store}},
		{"the right key elsewhere, with the station named", 0, "signatures and hashes are good", []string{"--key", alone, "--package", good, "--station", write(t, "s.json", file)}},
		{"nothing says whom to trust", 1, "--store", []string{"--key", alone, "--package", good}},
		{"a wrong key", 1, "not sealed for this key", []string{"--key", write(t, "k", []byte(stranger.Secret())), "--package", good, "--store", store}},
		{"no key", 1, "reading an identity", []string{"--key", good, "--package", good}},
		{"a key that is not there", 1, "no such file", []string{"--key", key + "x", "--package", good}},
		{"a package that is not there", 1, "no such file", []string{"--key", key, "--package", good + "x"}},
		{"a package cut short", 1, "damaged", []string{"--key", key, "--package", write(t, "p", raw[:len(raw)-1])}},
		{"an empty package", 1, "damaged", []string{"--key", key, "--package", write(t, "p", nil)}},
		{"a bit of the package", 1, "ciphertext", []string{"--key", key, "--package", write(t, "p", flip(len(raw)-1))}},
		{"a good receipt", 0, "its receipt is good", []string{"--key", key, "--package", good, "--receipt", receipt(same, a.Receipts)}},
		{"a receipt for another package", 1, "another package", []string{"--key", key, "--package", good, "--receipt", receipt(func(r *seal.Receipt) { r.SHA256 = strings.Repeat("0", 64) }, a.Receipts)}},
		{"a receipt by somebody else", 1, "not trusted", []string{"--key", key, "--package", good, "--receipt", receipt(same, forger)}},
		{"no out", 2, "--out is missing", []string{"--key", key, "--package", good, "--out", ""}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out")
			do(append([]string{"open", "--out", out}, c.args...)...).want(t, c.code, c.words)
			if _, err := os.Stat(out); c.code != 0 && !errors.Is(err, os.ErrNotExist) {
				t.Errorf("something was written: %v", err)
			}
		})
	}
}

func mustRead(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestWrongUsage(t *testing.T) {
	dir := t.TempDir()
	cases := []struct {
		args  []string
		code  int
		words string
	}{
		{nil, 2, "no command"},
		{[]string{"sing"}, 2, `no command "sing"`},
		{[]string{"serve"}, 2, "--listen is missing"},
		{[]string{"serve", "--listen", "127.0.0.1:0"}, 2, "--store is missing"},
		{[]string{"serve", "--listen", "127.0.0.1:0", "--store", "postgres://x"}, 1, "only directories"},
		{[]string{"serve", "--listen", "nowhere:x", "--store", dir}, 1, "listening"},
		{[]string{"serve", "--loud"}, 2, "flag provided but not defined"},
		{[]string{"stats"}, 2, "--store is missing"},
		{[]string{"stats", "--store", filepath.Join(dir, "none")}, 1, "no such file"},
		{[]string{"init", "--store", filepath.Join(dir, "a"), "--url", "http://intake.example"}, 1, "not an https address"},
		{[]string{"init", "--store", filepath.Join(dir, "b"), "--url", "https://x", "--id", "../x"}, 1, "its id must be"},
		{[]string{"station", "add", "--store", dir}, 2, "name one station file"},
		{[]string{"station", "add", "--store", dir, filepath.Join(dir, "none")}, 1, "no such file"},
		{[]string{"open"}, 2, "--key is missing"},
	}
	for _, c := range cases {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) { do(c.args...).want(t, c.code, c.words) })
	}
	do("help").want(t, 0, "optag-intake serve")
	do("--help").want(t, 0, "optag-intake serve")
}

// A refused address leaves no half-made keys behind.
func TestRefusedInitLeavesNothing(t *testing.T) {
	store := filepath.Join(t.TempDir(), "store")
	do("init", "--store", store, "--url", "http://intake.example").want(t, 1)
	do("init", "--store", store, "--url", "https://intake.example").want(t, 0)
}
