package intake_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"optag/queue/intake"
	"optag/queue/seal"
)

// A world is a service, two stations and the keys between them.
type world struct {
	t        *testing.T
	signers  map[string]*seal.Signer // by station
	service  *seal.Signer
	identity seal.Identity
	store    *intake.Files
	config   intake.Config
	url      string
}

// register is a register of stations in memory.
type register map[string]intake.Station

func (r register) Station(id string) (intake.Station, error) {
	if s, ok := r[id]; ok {
		return s, nil
	}
	return intake.Station{}, intake.ErrUnknown
}

// newWorld starts a service over plain HTTP, where the header Test-Station stands
// for the certificate.
func newWorld(t *testing.T, change ...func(*intake.Config)) *world {
	t.Helper()
	w := &world{t: t, signers: map[string]*seal.Signer{}, service: newSigner(t, "intake-1")}
	stations := register{}
	for _, id := range []string{"cph-01", "aal-02"} {
		w.signers[id] = newSigner(t, id)
		stations[id] = intake.Station{ID: id, Keys: []seal.PublicKey{w.signers[id].Public()}}
	}
	var err error
	if w.identity, err = seal.GenerateIdentity(); err != nil {
		t.Fatal(err)
	}
	if w.store, err = intake.OpenFiles(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	w.config = intake.Config{
		Store: w.store, Stations: stations,
		Sign:       func(r seal.Receipt) ([]byte, error) { return seal.SignReceipt(r, w.service) },
		Recipients: []string{w.identity.Recipient().KeyID()},
		Identities: []seal.Identity{w.identity},
		Identify: func(r *http.Request) (string, *x509.Certificate, error) {
			if id := r.Header.Get("Test-Station"); id != "" {
				return id, nil, nil
			}
			return "", nil, errors.New("no certificate")
		},
	}
	for _, c := range change {
		c(&w.config)
	}
	h, err := intake.NewHandler(w.config)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	w.url = server.URL
	t.Cleanup(func() {
		server.Close()
		if err := w.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func newSigner(t *testing.T, holder string) *seal.Signer {
	t.Helper()
	s, err := seal.NewSigner(rand.Reader, holder)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// manifest is that of a person with a portrait and two prints.
func (w *world) manifest(station string, seq uint64) seal.Manifest {
	id, err := seal.NewPackageID(rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	device := seal.Device{Model: "Simulated", Driver: "sim"}
	item := func(kind, position, part string) seal.Item {
		return seal.Item{
			Kind: kind, Position: position, Algorithm: "test 1", Device: device,
			Attempts: []seal.Attempt{{At: at, Score: 80}}, Parts: []string{part},
		}
	}
	return seal.Manifest{
		PackageID: id, Station: station, Sequence: seq, Previous: strings.Repeat("0", 64), Created: at,
		Officer: "officer-4", Software: "optag test", Purpose: "residence_card", Controller: "immigration_service",
		Decision: seal.Decision{LawDate: "2026-11-22", Photo: true, Prints: "two_flat", Grounds: []seal.Ground{{Code: "card_adult", Source: "AA § 47 b(1)"}}},
		Items:    []seal.Item{item("portrait", "", "portrait.jpg"), item("print", "right_index", "right.png"), item("print", "left_index", "left.png")},
	}
}

// seal seals m, with parts of 2000 bytes.
func (w *world) seal(m seal.Manifest, to seal.Recipient, by *seal.Signer) []byte {
	w.t.Helper()
	var parts []seal.Part
	for _, i := range m.Items {
		parts = append(parts, seal.Part{Name: i.Parts[0], MediaType: "image/png", Data: bytes.Repeat([]byte{7}, 2000)})
	}
	raw, err := seal.Seal(rand.Reader, m, parts, []seal.Recipient{to}, by)
	if err != nil {
		w.t.Fatal(err)
	}
	return raw
}

// pack seals an ordinary package of a station.
func (w *world) pack(station string, seq uint64) (id string, raw []byte) {
	w.t.Helper()
	m := w.manifest(station, seq)
	return m.PackageID, w.seal(m, w.identity.Recipient(), w.signers[station])
}

// A call is one request.
type call struct {
	method, path, station string
	header                map[string]string
	body                  io.Reader
}

func (w *world) do(c call) (*http.Response, []byte) {
	w.t.Helper()
	req, err := http.NewRequest(c.method, w.url+c.path, c.body)
	if err != nil {
		w.t.Fatal(err)
	}
	if c.station != "" {
		req.Header.Set("Test-Station", c.station)
	}
	for name, value := range c.header {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp, body
}

func path(raw []byte) string {
	sum := sha256.Sum256(raw)
	return "/v1/packages/" + hex.EncodeToString(sum[:])
}

// create announces raw and brings part of it.
func (w *world) create(station, id string, raw, part []byte) (*http.Response, []byte) {
	w.t.Helper()
	sum := sha256.Sum256(raw)
	return w.do(call{method: "POST", path: "/v1/packages", station: station, body: bytes.NewReader(part), header: map[string]string{
		"Upload-Length": strconv.Itoa(len(raw)), "Package-Id": id, "Upload-Offset": "0",
		"Repr-Digest": "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":",
	}})
}

func (w *world) patch(station string, raw []byte, from, to int) (*http.Response, []byte) {
	w.t.Helper()
	return w.do(call{
		method: "PATCH", path: path(raw), station: station, body: bytes.NewReader(raw[from:to]),
		header: map[string]string{"Upload-Offset": strconv.Itoa(from)},
	})
}

// received demands that the answer is a good receipt for raw.
func (w *world) received(raw []byte, resp *http.Response, body []byte) seal.Receipt {
	w.t.Helper()
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "application/vnd.optag.receipt" {
		w.t.Fatalf("answer %d %s, want a receipt", resp.StatusCode, body)
	}
	r, err := seal.VerifyReceipt(body, w.service.Public())
	if err != nil {
		w.t.Fatal(err)
	}
	if sum := sha256.Sum256(raw); r.SHA256 != hex.EncodeToString(sum[:]) {
		w.t.Errorf("the receipt is for %s", r.SHA256)
	}
	return r
}

// answers demands an answer that is a problem of this code.
func (w *world) answers(code string, resp *http.Response, body []byte) {
	w.t.Helper()
	var p struct{ Code, Message string }
	if err := json.Unmarshal(body, &p); err != nil || p.Code != code || p.Message == "" {
		w.t.Errorf("answer %d %s, want code %s", resp.StatusCode, body, code)
	}
	if got := resp.Header.Get("Content-Type"); got != "application/problem+json" {
		w.t.Errorf("Content-Type = %q", got)
	}
}

func (w *world) entries() (n int) {
	for _, err := range w.store.Entries() {
		if err != nil {
			w.t.Fatal(err)
		}
		n++
	}
	return n
}
