package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
)

// A counter is one station, one service and the keys between them. Its
// randomness is fixed, so that every run makes the same keys.
type counter struct {
	station, service *Signer
	identity         Identity
	to               []Recipient
}

// keys makes the keys once; age's are random, so nothing may depend on them.
var keys = sync.OnceValue(func() counter {
	must := func(s *Signer, err error) *Signer {
		if err != nil {
			panic(err)
		}
		return s
	}
	c := counter{
		station: must(NewSigner(seeded(1), "station-17")),
		service: must(NewSigner(seeded(2), "intake-1")),
	}
	for range 3 {
		id, err := GenerateIdentity()
		if err != nil {
			panic(err)
		}
		c.identity = id
		c.to = append(c.to, id.Recipient())
	}
	return c
})

// seeded is a reader of reproducible bytes.
func seeded(n byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{n}) }

// manifest is that of an adult with two prints and a portrait, second package of
// the station's day.
func manifest() Manifest {
	at := time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
	device := Device{Maker: "Simulated", Model: "Glass 1", Serial: "0001", Driver: "sim", Version: "1"}
	return Manifest{
		PackageID: strings.Repeat("0a", 16),
		Case:      CaseHash(bytes.Repeat([]byte{7}, 16), "reference"),
		Station:   "station-17",
		Sequence:  2,
		Previous:  strings.Repeat("1b", 32),
		Created:   at.Add(5 * time.Minute),
		Officer:   "officer-4",
		Software:  "optag 0.1",
		Purpose:   "residence_card", Controller: "immigration_service",
		Decision: Decision{
			LawDate: "2026-11-22", Photo: true, Prints: "two_flat",
			Grounds: []Ground{{Code: "card_adult", Source: "AA § 47 b(1)", Item: "prints"}},
			Marks:   []string{"age_disputed"}, Refusal: "none",
		},
		Items: []Item{
			{Kind: "portrait", Algorithm: "portrait-checks 1", Attempts: []Attempt{{At: at, Score: NoScore, Failed: []string{"glare"}}, {At: at, Score: 90}}, Chosen: 1, Device: device, Parts: []string{"portrait.jpg"}},
			{Kind: "print", Position: "right_index", Impression: "plain", Algorithm: "nfiq2 2.3.0", Threshold: 30, Attempts: []Attempt{{At: at, Score: 71}}, Device: device, Parts: []string{"print-right_index.png"}},
		},
		Exceptions: []Exception{{Kind: "print", Position: "left_index", Reason: "missing", Permanent: true, Officer: "officer-4"}},
		Rights:     []Rights{{Text: "card", Version: "3", Language: "da", SHA256: strings.Repeat("2c", 32), At: at, Officer: "officer-4"}},
	}
}

func parts() []Part {
	return []Part{
		{Name: "session.json", MediaType: "application/json", Data: []byte(`{"facts":"canary-plaintext"}`)},
		{Name: "portrait.jpg", MediaType: "image/jpeg", Data: bytes.Repeat([]byte("canary-portrait "), 20)},
		{Name: "print-right_index.png", MediaType: "image/png", Data: []byte("canary-print")},
	}
}

func seal(t testing.TB, m Manifest, p []Part) []byte {
	t.Helper()
	sealed, err := Seal(seeded(3), m, p, keys().to, keys().station)
	if err != nil {
		t.Fatalf("Seal: %v", err)
	}
	return sealed
}

// What goes in comes out, for each of the recipients.
func TestSealOpen(t *testing.T) {
	k := keys()
	sealed := seal(t, manifest(), parts())
	m, got, err := Open(sealed, k.identity, k.service.Public(), k.station.Public())
	if err != nil {
		t.Fatal(err)
	}
	if m.PackageID != manifest().PackageID || len(m.Parts) != 3 || len(m.Recipients) != 3 {
		t.Errorf("Open: manifest %+v", m)
	}
	for i, want := range parts() {
		if got[i].Name != want.Name || got[i].MediaType != want.MediaType || !bytes.Equal(got[i].Data, want.Data) {
			t.Errorf("part %d = %q, want %q", i, got[i].Name, want.Name)
		}
	}
	Wipe(got)
	if bytes.Contains(got[0].Data, []byte("canary")) {
		t.Error("Wipe left a part readable")
	}
}

// Each of the recipients can open a package, and nobody else; the station, which
// holds the signing key and the recipients' public keys, has nothing to open it
// with.
func TestWhoCanOpen(t *testing.T) {
	k := keys()
	var ids []Identity
	var to []Recipient
	for range 3 {
		id, err := GenerateIdentity()
		if err != nil {
			t.Fatal(err)
		}
		ids, to = append(ids, id), append(to, id.Recipient())
	}
	sealed, err := Seal(seeded(3), manifest(), parts(), to, k.station)
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		if _, _, err := Open(sealed, id, k.station.Public()); err != nil {
			t.Errorf("recipient %d: %v", i+1, err)
		}
	}
	if _, _, err := Open(sealed, k.identity, k.station.Public()); !errors.Is(err, ErrNotForUs) {
		t.Errorf("a stranger: %v, want %v", err, ErrNotForUs)
	}
	// An identity made from each secret the station has.
	station := append(append([]byte{}, k.station.ed.Seed()...), k.station.ml.Bytes()...)
	for off := 0; off+32 <= len(station); off += 32 {
		body := mustRead(t, sealed).body
		if _, err := age.Decrypt(bytes.NewReader(body), age.NewInjectedFileKeyIdentity(station[off:off+16])); err == nil {
			t.Error("the station's signing seed opens the package")
		}
	}
}

// Nothing of the plaintext can be read in a sealed package, in any of the
// spellings it might have slipped in by.
func TestNoPlaintext(t *testing.T) {
	sealed := seal(t, manifest(), parts())
	for _, p := range parts() {
		for _, secret := range [][]byte{p.Data, p.Data[:8]} {
			sum := sha256.Sum256(p.Data)
			for name, needle := range map[string][]byte{
				"itself": secret, "hex": []byte(hex.EncodeToString(secret)),
				"base64": []byte(base64.RawStdEncoding.EncodeToString(secret)[:10]),
				"hash":   []byte(hex.EncodeToString(sum[:])),
			} {
				if bytes.Contains(sealed, needle) {
					t.Errorf("%s of part %s is readable in the package", name, p.Name)
				}
			}
		}
	}
}

func mustRead(t testing.TB, sealed []byte) Envelope {
	t.Helper()
	e, err := Read(sealed)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// small is the smallest package that has everything: one part, one recipient.
func small(t testing.TB) []byte {
	t.Helper()
	m := manifest()
	m.Items, m.Exceptions, m.Rights = nil, nil, nil
	sealed, err := Seal(seeded(3), m, parts()[:1], keys().to[2:], keys().station)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// Sealing reads the caller's parts and lists and leaves them as they were.
func TestSealLeavesArgumentsAlone(t *testing.T) {
	m, p := manifest(), parts()
	m.Items[0].Attempts[0].At = m.Items[0].Attempts[0].At.Add(time.Millisecond).In(time.FixedZone("CET", 3600))
	before := m.Items[0].Attempts[0].At
	sealed := seal(t, m, p)
	if m.Items[0].Attempts[0].At != before || !bytes.Equal(p[0].Data, parts()[0].Data) {
		t.Error("Seal changed its arguments")
	}
	if got := mustRead(t, sealed).Manifest.Items[0].Attempts[0].At; !got.Equal(before.Truncate(time.Second)) {
		t.Errorf("time in the manifest = %v, want %v to the second", got, before)
	}
}

func TestSealRefuses(t *testing.T) {
	k := keys()
	many := make([]Recipient, MaxRecipients+1)
	for i := range many {
		many[i] = k.to[0]
	}
	for _, c := range []struct {
		name string
		to   []Recipient
		p    []Part
	}{
		{"no recipient", nil, parts()},
		{"too many recipients", many, parts()},
		{"a recipient named twice", []Recipient{k.to[0], k.to[0]}, parts()},
		{"two parts of one name", k.to, append(parts(), parts()[0])},
		{"a part whose name leaves the directory", k.to, append(parts(), Part{Name: "../x", MediaType: "a/b"})},
		{"a part without a type", k.to, append(parts(), Part{Name: "x"})},
		{"too many parts", k.to, make([]Part, MaxParts+1)},
		{"an item whose part is missing", k.to, parts()[:2]},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Seal(seeded(3), manifest(), c.p, c.to, k.station); !errors.Is(err, ErrInvalid) {
				t.Errorf("Seal: %v, want %v", err, ErrInvalid)
			}
		})
	}
	if _, err := Seal(strings.NewReader("short"), manifest(), parts(), k.to, k.station); err == nil {
		t.Error("Seal went on without randomness")
	}
}
