package seal

import (
	"crypto/ed25519"
	"crypto/sha256"
	"testing"

	"filippo.io/mldsa"
	"golang.org/x/crypto/chacha20poly1305"
)

// The benchmarks answer one question: what does a package cost beyond what its
// cryptography must cost? Compare the two lines; the goal is 1.5.

func megabyte() []byte {
	b := make([]byte, 1<<20)
	seeded(4).Read(b)
	return b
}

func BenchmarkSeal(b *testing.B) {
	k := keys()
	p := []Part{{Name: "portrait.jpg", MediaType: "image/jpeg", Data: megabyte()}}
	m := manifest()
	m.Items = nil
	b.SetBytes(1 << 20)
	for b.Loop() {
		if _, err := Seal(seeded(3), m, p, k.to, k.station); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	k := keys()
	m := manifest()
	m.Items = nil
	sealed := seal(b, m, []Part{{Name: "portrait.jpg", MediaType: "image/jpeg", Data: megabyte()}})
	b.SetBytes(1 << 20)
	for b.Loop() {
		if _, _, err := Open(sealed, k.identity, k.station.Public()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRaw is the floor: ChaCha20-Poly1305, SHA-256 and both signatures.
func BenchmarkRaw(b *testing.B) {
	k := keys()
	data := megabyte()
	out := make([]byte, 0, len(data)+64)
	aead, err := chacha20poly1305.New(make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(1 << 20)
	for b.Loop() {
		sealed := aead.Seal(out, make([]byte, 12), data, nil)
		sum := sha256.Sum256(sealed)
		ed25519.Sign(k.station.ed, sum[:])
		if _, err := k.station.ml.SignDeterministic(sum[:], &mldsa.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
