package seal

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"optag/capture/record/jcs"
)

// seeds adds good input of every kind and the committed vectors.
func seeds(f *testing.F, more ...[]byte) {
	f.Helper()
	for _, b := range more {
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	files, err := filepath.Glob("testdata/v1/*")
	if err != nil || len(files) == 0 {
		f.Fatalf("no vectors: %v", err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
}

// Whatever arrives, Read answers with a package that says the same again, or
// with one of the errors it promises.
func FuzzRead(f *testing.F) {
	seeds(f, small(f), seal(f, manifest(), parts()))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := Read(b)
		if err != nil {
			if !known(err) {
				t.Fatalf("Read: %v", err)
			}
			return
		}
		core, err := jcs.Marshal(e.Manifest)
		if err != nil || !bytes.Equal(core, e.core) {
			t.Fatalf("the manifest read is not the one written: %v", err)
		}
	})
}

// Whatever arrives, Open opens nothing that the station did not seal.
func FuzzOpen(f *testing.F) {
	id, err := ParseIdentity(string(vector(f, "identity.txt")))
	if err != nil {
		f.Fatal(err)
	}
	good := vector(f, "package.optag")
	seeds(f, good, small(f))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, got, err := Open(b, id, vectorStation.Public())
		if bytes.Equal(b, good) != (err == nil) || err != nil && (got != nil || !known(err)) {
			t.Fatalf("Open: %v", err)
		}
	})
}

// A trusted station's program may still be faulty: whatever plaintext it seals,
// what comes out is what its manifest says.
func FuzzPlaintext(f *testing.F) {
	blind := bytes.Repeat([]byte{5}, blindSize)
	var want []PartInfo
	for _, p := range parts() {
		want = append(want, infoOf(p, blind))
	}
	seeds(f, plain([32]byte{1}, blind, parts()), plain([32]byte{1}, blind, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := parsePlain(b, [32]byte{1}, want)
		if err != nil {
			if got != nil || !known(err) {
				t.Fatalf("parsePlain: %v", err)
			}
			return
		}
		if again := plain([32]byte{1}, blind, got); !bytes.Equal(again, b) {
			t.Fatal("a plaintext has two spellings")
		}
	})
}

// Whatever arrives, a receipt is believed only if the service signed it.
func FuzzVerifyReceipt(f *testing.F) {
	good := vector(f, "receipt.json")
	seeds(f, good)
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := VerifyReceipt(b, vectorService.Public())
		if bytes.Equal(b, good) != (err == nil) || err != nil && !known(err) {
			t.Fatalf("VerifyReceipt: %v", err)
		}
	})
}

// Key files come by hand, from anywhere.
func FuzzKeyFiles(f *testing.F) {
	public, err := keys().station.Public().MarshalText()
	if err != nil {
		f.Fatal(err)
	}
	seeds(f, public, []byte(keys().to[0].String()))
	f.Fuzz(func(t *testing.T, b []byte) {
		if list, err := ParsePublicKeys(b); err == nil {
			for _, k := range list {
				if text, err := k.MarshalText(); err != nil || len(text) == 0 {
					t.Fatalf("a key that was read cannot be written: %v", err)
				}
			}
		}
		_, _ = ParseRecipient(string(b))
		_, _ = ParseSigner(b)
		_, _ = ParseIdentity(string(b))
	})
}
