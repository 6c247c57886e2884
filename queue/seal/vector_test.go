package seal

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/mldsa"

	"optag/capture/record/jcs"
)

var update = flag.Bool("update", false, "write testdata/v1 anew: a change of the format")

// The vectors of docs/package-format.md. All keys in them are worthless: their
// seeds are the bytes 00 01 02 … and 80 81 82 ….
var (
	vectorStation = vectorSigner(0x00, "station-17")
	vectorService = vectorSigner(0x80, "intake-1")
)

func vectorSigner(first byte, holder string) *Signer {
	seed := make([]byte, seedSize)
	for i := range seed {
		seed[i] = first + byte(i)
	}
	s, err := SignerFromSeed(seed, holder)
	if err != nil {
		panic(err)
	}
	return s
}

func vector(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "v1", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// writeVectors makes a new set. Only the identity and the ciphertext are random.
func writeVectors(t *testing.T) {
	t.Helper()
	write := func(name string, b []byte, err error) {
		if err == nil {
			err = os.WriteFile(filepath.Join("testdata", "v1", name), b, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll("testdata/v1", 0o755); err != nil {
		t.Fatal(err)
	}
	id, err := GenerateIdentity()
	write("identity.txt", []byte("# worthless: made for these vectors\n"+id.Secret()+"\n"), err)
	blind := bytes.NewReader(bytes.Repeat([]byte{0x42}, blindSize))
	sealed, err := Seal(blind, manifest(), parts(), []Recipient{id.Recipient()}, vectorStation)
	write("package.optag", sealed, err)
	e := mustRead(t, sealed)
	write("manifest.json", e.manifest, nil)
	r := receipt(sealed)
	r.SHA256 = hex.EncodeToString(e.SHA256[:])
	raw, err := SignReceipt(r, vectorService)
	write("receipt.json", raw, err)
	for name, s := range map[string]*Signer{"station.pem": vectorStation, "service.pem": vectorService} {
		text, err := s.Public().MarshalText()
		write(name, text, err)
	}
}

// Packages and receipts made once must be read for ever.
func TestVectors(t *testing.T) {
	if *update {
		writeVectors(t)
	}
	id, err := ParseIdentity(string(vector(t, "identity.txt")))
	if err != nil {
		t.Fatal(err)
	}
	station, err := ParsePublicKey(vector(t, "station.pem"))
	if err != nil {
		t.Fatal(err)
	}
	service, err := ParsePublicKey(vector(t, "service.pem"))
	if err != nil {
		t.Fatal(err)
	}
	sealed := vector(t, "package.optag")
	m, got, err := Open(sealed, id, station)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range parts() {
		if got[i].Name != want.Name || !bytes.Equal(got[i].Data, want.Data) {
			t.Errorf("part %d = %s, want %s", i+1, got[i].Name, want.Name)
		}
	}
	r, err := VerifyReceipt(vector(t, "receipt.json"), service)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.For(m.PackageID, mustRead(t, sealed).SHA256); err != nil {
		t.Error(err)
	}
}

// All of a package but its ciphertext follows from what went in: keys, manifest
// and both signatures are made again from the seeds, to the byte.
func TestVectorsAreReproducible(t *testing.T) {
	for name, s := range map[string]*Signer{"station.pem": vectorStation, "service.pem": vectorService} {
		if text, err := s.Public().MarshalText(); err != nil || !bytes.Equal(text, vector(t, name)) {
			t.Errorf("%s is not made again from its seed: %v", name, err)
		}
	}
	id, err := ParseIdentity(string(vector(t, "identity.txt")))
	if err != nil {
		t.Fatal(err)
	}
	want := mustRead(t, vector(t, "package.optag"))
	m := manifest()
	m.complete(parts(), bytes.Repeat([]byte{0x42}, blindSize), []Recipient{id.Recipient()}, vectorStation)
	core, err := jcs.Marshal(m)
	if err != nil || !bytes.Equal(core, want.core) {
		t.Errorf("core = %s, %v; want %s", core, err, want.core)
	}
	if again := forge(t, core, want.body, vectorStation); !bytes.Equal(again, vector(t, "package.optag")) {
		t.Error("the package is not made again from its core and ciphertext")
	}
	if !bytes.Equal(want.manifest, vector(t, "manifest.json")) {
		t.Error("manifest.json is not the package's manifest")
	}
	raw := vector(t, "receipt.json")
	r, err := VerifyReceipt(raw, vectorService.Public())
	if err != nil {
		t.Fatal(err)
	}
	if again := signed(t, r, vectorService); !bytes.Equal(again, raw) {
		t.Error("the receipt is not made again from its fields")
	}
}

// The offsets of docs/package-format.md, walked by hand and without this
// package's own reader.
func TestVectorByOffsets(t *testing.T) {
	b := vector(t, "package.optag")
	manifest := vector(t, "manifest.json")
	n := len(manifest)
	if string(b[:15]) != "optag/sealed/1\n" || int(b[17])<<8|int(b[18]) != n || !bytes.Equal(b[27:27+n], manifest) {
		t.Fatal("header")
	}
	sig := b[27+n:]
	msg := append([]byte("optag/sealed/1/manifest\n"), manifest...)
	pub := vectorStation.Public().bytes()
	if !ed25519.Verify(pub[:32], msg, sig[32:96]) {
		t.Error("Ed25519")
	}
	ml, err := mldsa.NewPublicKey(mldsa.MLDSA65(), pub[32:])
	if err != nil {
		t.Fatal(err)
	}
	if err := mldsa.Verify(ml, msg, sig[96:96+3309], &mldsa.Options{Context: "optag/sealed/1/manifest"}); err != nil {
		t.Errorf("ML-DSA-65: %v", err)
	}
	if body := sig[96+3309:]; !bytes.HasPrefix(body, []byte("age-encryption.org/v1\n-> mlkem768x25519 ")) {
		t.Errorf("ciphertext begins %q", body[:40])
	}
}
