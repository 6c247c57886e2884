package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"filippo.io/age"

	"optag/capture/record/jcs"
)

// known reports whether err is one of the errors that the package promises.
func known(err error) bool {
	n := 0
	for _, e := range []error{ErrVersion, ErrDamaged, ErrUntrusted, ErrSignature, ErrNotForUs} {
		if errors.Is(err, e) {
			n++
		}
	}
	return n == 1
}

// A package in which any one byte is another is refused, wherever it stands.
func TestEveryByteCounts(t *testing.T) {
	t.Parallel()
	k := keys()
	good := small(t)
	if _, _, err := Open(good, k.identity, k.station.Public()); err != nil {
		t.Fatal(err)
	}
	bad := bytes.Clone(good)
	for i := range bad {
		bad[i] ^= byte(1 << (i % 8))
		if _, _, err := Open(bad, k.identity, k.station.Public()); !known(err) {
			t.Errorf("byte %d of %d altered: %v", i, len(bad), err)
		}
		bad[i] = good[i]
	}
}

// Without any key to open it, Verify alone tells that the ciphertext is not the
// one that was signed.
func TestVerifyHoldsTheCiphertext(t *testing.T) {
	bad := small(t)
	bad[len(bad)-1] ^= 1
	e := mustRead(t, bad)
	if err := e.Verify(keys().station.Public()); !errors.Is(err, ErrDamaged) {
		t.Errorf("Verify: %v, want %v", err, ErrDamaged)
	}
	good := mustRead(t, small(t))
	if err := good.Verify(keys().station.Public()); err != nil {
		t.Errorf("Verify: %v", err)
	}
}

// A package that ends too early or too late is refused.
func TestLengths(t *testing.T) {
	good := small(t)
	for n := range good {
		if _, err := Read(good[:n]); !known(err) {
			t.Errorf("first %d of %d bytes: %v", n, len(good), err)
		}
	}
	if _, err := Read(append(bytes.Clone(good), 0)); !errors.Is(err, ErrDamaged) {
		t.Errorf("a byte more: %v, want %v", err, ErrDamaged)
	}
	huge := append([]byte(magic), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
	if _, err := Read(append(huge, make([]byte, 4000)...)); !errors.Is(err, ErrDamaged) {
		t.Errorf("lengths beyond all bounds: %v, want %v", err, ErrDamaged)
	}
}

// forge signs what an attacker, or a faulty program, put together.
func forge(t testing.TB, core, body []byte, by *Signer) []byte {
	t.Helper()
	sealed, err := assemble(core, body, 0, by)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestForgeries(t *testing.T) {
	k := keys()
	must := func(s *Signer, err error) *Signer {
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	other := must(NewSigner(seeded(9), "station-18"))
	namesake := must(NewSigner(seeded(10), "station-17"))
	good := mustRead(t, seal(t, manifest(), parts()))
	m2 := manifest()
	m2.Sequence = 3
	second := mustRead(t, seal(t, m2, parts()))
	as := func(signer *Signer, station string) []byte {
		m := good.Manifest
		m.Signer, m.Station = signer.Public().ID(), station
		core, err := jcs.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return core
	}
	for _, c := range []struct {
		name    string
		sealed  []byte
		trusted []PublicKey
		want    error
	}{
		{"no key is trusted", seal(t, manifest(), parts()), nil, ErrUntrusted},
		{"only the service's key is trusted", seal(t, manifest(), parts()), []PublicKey{k.service.Public()}, ErrUntrusted},
		{"our signature stripped, theirs put on the same manifest", forge(t, good.core, good.body, other), []PublicKey{other.Public(), k.station.Public()}, ErrDamaged},
		{"our ciphertext under a manifest of theirs", forge(t, as(other, "station-18"), good.body, other), []PublicKey{other.Public(), k.station.Public()}, ErrDamaged},
		{"a station speaks for another", forge(t, as(other, "station-17"), good.body, other), []PublicKey{other.Public(), k.station.Public()}, ErrUntrusted},
		{"a key that calls itself by our name", forge(t, as(namesake, "station-17"), good.body, namesake), []PublicKey{k.station.Public()}, ErrUntrusted},
		{"the ciphertext of another package of ours", forge(t, good.core, second.body, k.station), []PublicKey{k.station.Public()}, ErrDamaged},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, _, err := Open(c.sealed, k.identity, c.trusted...); !errors.Is(err, c.want) || !known(err) {
				t.Errorf("Open: %v, want %v", err, c.want)
			}
		})
	}
}

// Both signatures must fit: each alone is not enough.
func TestBothSignatures(t *testing.T) {
	k := keys()
	good := seal(t, manifest(), parts())
	at := headerSize + len(mustRead(t, good).manifest)
	for name, off := range map[string]int{"Ed25519": at + 32, "ML-DSA-65": at + 32 + 64} {
		bad := bytes.Clone(good)
		bad[off] ^= 1
		if _, _, err := Open(bad, k.identity, k.station.Public()); !errors.Is(err, ErrSignature) || !strings.Contains(err.Error(), name) {
			t.Errorf("broken %s: %v, want %v", name, err, ErrSignature)
		}
	}
}

// Signatures made for one purpose fit no other.
func TestDomains(t *testing.T) {
	k := keys()
	sig, err := k.station.sign(domainReceipt, []byte("body"))
	if err != nil {
		t.Fatal(err)
	}
	if err := k.station.Public().verify(domainReceipt, []byte("body"), sig); err != nil {
		t.Fatal(err)
	}
	if err := k.station.Public().verify(domainSealed, []byte("body"), sig); !errors.Is(err, ErrSignature) {
		t.Errorf("a receipt's signature on a package: %v, want %v", err, ErrSignature)
	}
}

// sealPlain seals a plaintext of the caller's making under a good manifest.
func sealPlain(t testing.TB, plain func(core [32]byte, blind []byte) []byte) []byte {
	t.Helper()
	k := keys()
	m := manifest()
	blind := bytes.Repeat([]byte{5}, blindSize)
	m.complete(parts(), blind, k.to, k.station)
	core, err := jcs.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	w, err := age.Encrypt(&body, k.to[2].age)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain(sha256.Sum256(core), blind)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return forge(t, core, body.Bytes(), k.station)
}

// plain writes a plaintext as Seal does.
func plain(core [32]byte, blind []byte, parts []Part) []byte {
	var b bytes.Buffer
	if err := writePlain(&b, core, blind, parts); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// What a station's faulty or hostile program seals is held against its own
// manifest.
func TestPlaintextAgainstManifest(t *testing.T) {
	k := keys()
	swapped := parts()
	swapped[0], swapped[1] = swapped[1], swapped[0]
	altered := parts()
	altered[2].Data = []byte("canary-Print")
	renamed := parts()
	renamed[2].Name = "print-left_index.png"
	retyped := parts()
	retyped[2].MediaType = "image/jpeg"
	for _, c := range []struct {
		name  string
		plain func(core [32]byte, blind []byte) []byte
		want  error
	}{
		{"as it should be", func(c [32]byte, b []byte) []byte { return plain(c, b, parts()) }, nil},
		{"another manifest's hash", func(c [32]byte, b []byte) []byte { c[0]++; return plain(c, b, parts()) }, ErrDamaged},
		{"a part too few", func(c [32]byte, b []byte) []byte { return plain(c, b, parts()[:2]) }, ErrDamaged},
		{"a part too many", func(c [32]byte, b []byte) []byte { return plain(c, b, append(parts(), Part{Name: "x"})) }, ErrDamaged},
		{"parts in another order", func(c [32]byte, b []byte) []byte { return plain(c, b, swapped) }, ErrDamaged},
		{"a part altered", func(c [32]byte, b []byte) []byte { return plain(c, b, altered) }, ErrDamaged},
		{"a part renamed", func(c [32]byte, b []byte) []byte { return plain(c, b, renamed) }, ErrDamaged},
		{"a part of another type", func(c [32]byte, b []byte) []byte { return plain(c, b, retyped) }, ErrDamaged},
		{"another blinding key", func(c [32]byte, b []byte) []byte { return plain(c, make([]byte, blindSize), parts()) }, ErrDamaged},
		{"something after the last part", func(c [32]byte, b []byte) []byte { return append(plain(c, b, parts()), 0) }, ErrDamaged},
		{"cut short", func(c [32]byte, b []byte) []byte { p := plain(c, b, parts()); return p[:len(p)-1] }, ErrDamaged},
		{"nothing at all", func([32]byte, []byte) []byte { return nil }, ErrVersion},
		{"another form", func(c [32]byte, b []byte) []byte { p := plain(c, b, parts()); p[len(plainMagic)-2] = '2'; return p }, ErrVersion},
		{"a length beyond all bounds", func(c [32]byte, b []byte) []byte {
			p := plain(c, b, parts())
			at := len(plainMagic) + 32 + blindSize + 4 + 2 + len("session.json") + 2 + len("application/json")
			binary.BigEndian.PutUint64(p[at:], 1<<63+5)
			return p
		}, ErrDamaged},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, got, err := Open(sealPlain(t, c.plain), k.identity, k.station.Public())
			if !errors.Is(err, c.want) || c.want != nil && (got != nil || !known(err)) {
				t.Errorf("Open: %v, want %v", err, c.want)
			}
		})
	}
}

// A manifest that lies about its ciphertext is refused before anything is decrypted.
func TestOtherVersions(t *testing.T) {
	k := keys()
	good := mustRead(t, seal(t, manifest(), parts()))
	core := bytes.Replace(good.core, []byte(`"version":1`), []byte(`"version":2`), 1)
	if _, err := Read(forge(t, core, good.body, k.station)); !errors.Is(err, ErrVersion) {
		t.Errorf("manifest version 2: %v, want %v", err, ErrVersion)
	}
	next := bytes.Clone(seal(t, manifest(), parts()))
	next[len(magic)-2] = '2'
	if _, err := Read(next); !errors.Is(err, ErrVersion) {
		t.Errorf("magic of version 2: %v, want %v", err, ErrVersion)
	}
	if _, err := Read([]byte("%PDF-1.7")); !errors.Is(err, ErrVersion) {
		t.Errorf("another kind of file: %v, want %v", err, ErrVersion)
	}
}
