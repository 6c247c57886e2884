package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"optag/capture/record/jcs"
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
