package seal

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"sync"

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

var _ = hex.EncodeToString
var _ = sha256.Sum256
var _ = errors.Is
var _ age.Identity
