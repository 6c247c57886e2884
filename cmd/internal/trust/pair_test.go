package trust

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	mathrand "math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"optag/queue/seal"
	"optag/queue/upload"
)

// sealed makes a small package of the pair's station.
func sealed(t testing.TB, p *Pair, seq uint64, previous [32]byte, size int) upload.Package {
	t.Helper()
	raw := sealedBytes(t, p, seq, previous, size)
	env, err := seal.Read(raw)
	if err != nil {
		t.Fatal(err)
	}
	return upload.Package{ID: env.Manifest.PackageID, SHA256: env.SHA256, Size: int64(len(raw)), Body: bytes.NewReader(raw)}
}

func sealedBytes(t testing.TB, p *Pair, seq uint64, previous [32]byte, size int) []byte {
	t.Helper()
	id, err := seal.NewPackageID(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	portrait := make([]byte, size)
	if _, err := io.ReadFull(mathrand.NewChaCha8([32]byte{byte(seq)}), portrait); err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	raw, err := seal.Seal(rand.Reader, seal.Manifest{
		PackageID: id, Station: p.Station.ID, Sequence: seq, Previous: hex.EncodeToString(previous[:]),
		Created: at, Officer: "officer-4", Software: "optag test", Purpose: "residence_card", Controller: "immigration_service",
		Decision: seal.Decision{
			LawDate: "2026-11-22", Photo: true, Prints: "none",
			Grounds: []seal.Ground{{Code: "card_adult", Source: "AA § 47 b(1)"}},
		},
		Items: []seal.Item{{
			Kind: "portrait", Algorithm: "test 1", Attempts: []seal.Attempt{{At: at, Score: 80}},
			Device: seal.Device{Model: "Simulated", Driver: "sim"}, Parts: []string{"portrait.jpg"},
		}},
	}, []seal.Part{{Name: "portrait.jpg", MediaType: "image/jpeg", Data: portrait}}, p.Service.Recipients, p.Station.Signer(p.Service))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// private starts a private intake for the test.
func private(t testing.TB) *Private {
	t.Helper()
	p, err := StartPrivate(filepath.Join(t.TempDir(), "home"), filepath.Join(t.TempDir(), "store"), "cph-01", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func client(t testing.TB, p *Pair) *upload.Client {
	t.Helper()
	o, err := p.Station.UploadOptions(p.Service)
	if err != nil {
		t.Fatal(err)
	}
	c, err := upload.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestPackageIsDeliveredAndSignedFor(t *testing.T) {
	p := private(t)
	c := client(t, p.Pair)
	if err := c.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	pkg := sealed(t, p.Pair, 1, [32]byte{}, 300_000)
	first, err := c.Send(t.Context(), pkg)
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Service.VerifyReceipt(first, pkg.ID, pkg.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if r.Sequence != 1 || r.LogIndex != 1 || r.StationID != "cph-01" || r.Length != pkg.Size {
		t.Errorf("receipt = %+v", r)
	}
	again, err := c.Send(t.Context(), pkg)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("sent again: another receipt, error %v", err)
	}
	if got := sha256.Sum256(body(t, p, pkg)); got != pkg.SHA256 {
		t.Errorf("the service keeps other bytes than were sent")
	}
}

func body(t *testing.T, p *Private, pkg upload.Package) []byte {
	t.Helper()
	for e, err := range p.Store.Entries() {
		if err != nil || e.PackageID != pkg.ID {
			continue
		}
		k, err := e.Key()
		if err != nil {
			t.Fatal(err)
		}
		r, err := p.Store.Body(k)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	t.Fatal("the package is not in the log")
	return nil
}

func TestStoreWithinTheHomeIsRefused(t *testing.T) {
	home := t.TempDir()
	_, err := NewPair(home, filepath.Join(home, "a", "store"), "cph-01", "https://127.0.0.1:1", time.Now())
	if err == nil || !strings.Contains(err.Error(), "within") {
		t.Errorf("error = %v", err)
	}
}
