package seal

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"filippo.io/age"
)

// Keys survive their text form.
func TestKeyFiles(t *testing.T) {
	k := keys()
	secret, err := k.station.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	if again.Public().ID() != k.station.Public().ID() || again.holder != "station-17" {
		t.Errorf("read back %s of %s", again.Public().ID(), again.holder)
	}
	var file []byte
	for _, key := range []PublicKey{k.station.Public(), k.service.Public()} {
		text, err := key.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		file = append(file, text...)
	}
	list, err := ParsePublicKeys(file)
	if err != nil || len(list) != 2 || list[0].ID() != k.station.Public().ID() || list[1].Holder != "intake-1" {
		t.Errorf("ParsePublicKeys = %v, %v", list, err)
	}
	if _, err := ParsePublicKey(file); !errors.Is(err, ErrDamaged) {
		t.Errorf("two keys where one is wanted: %v, want %v", err, ErrDamaged)
	}
	if strings.Contains(string(file), "SIGNING") || bytes.Contains(file, secret[60:100]) {
		t.Error("the public file holds secrets")
	}
}

func TestKeyFilesRefused(t *testing.T) {
	k := keys()
	public, _ := k.station.Public().MarshalText()
	secret, _ := k.station.MarshalText()
	for _, c := range []struct {
		name string
		text []byte
		want error
	}{
		{"empty", nil, ErrDamaged},
		{"not a key", []byte("hello"), ErrDamaged},
		{"a signing key where a public one belongs", secret, ErrVersion},
		{"cut short", public[:len(public)/2], ErrDamaged},
		{"without a holder", bytes.Replace(public, []byte("Holder: station-17\n\n"), nil, 1), ErrDamaged},
		{"two headers", bytes.Replace(public, []byte("Holder"), []byte("Comment: x\nHolder"), 1), ErrDamaged},
		{"garbage behind it", append(bytes.Clone(public), "garbage"...), ErrDamaged},
		{"huge", bytes.Repeat([]byte("A"), 2<<20), ErrDamaged},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := ParsePublicKeys(c.text); !errors.Is(err, c.want) {
				t.Errorf("ParsePublicKeys: %v, want %v", err, c.want)
			}
		})
	}
	if _, err := ParseSigner(public); !errors.Is(err, ErrVersion) {
		t.Errorf("ParseSigner of a public key: %v, want %v", err, ErrVersion)
	}
	if _, err := ParseSigner(append(secret, secret...)); !errors.Is(err, ErrDamaged) {
		t.Errorf("ParseSigner of two keys: %v, want %v", err, ErrDamaged)
	}
	if _, err := NewSigner(seeded(1), "two\nlines"); !errors.Is(err, ErrInvalid) {
		t.Errorf("a holder of two lines: %v, want %v", err, ErrInvalid)
	}
	if _, err := NewSigner(strings.NewReader("short"), "station"); err == nil {
		t.Error("a key without randomness")
	}
	if _, err := (PublicKey{Holder: "station"}).MarshalText(); !errors.Is(err, ErrInvalid) {
		t.Errorf("writing no key: %v, want %v", err, ErrInvalid)
	}
}

// Two keys of the same holder have different ids; one key has one id.
func TestKeyIDs(t *testing.T) {
	a, _ := NewSigner(seeded(20), "station-17")
	b, _ := NewSigner(seeded(21), "station-17")
	c, _ := NewSigner(seeded(20), "station-17")
	if a.Public().ID() == b.Public().ID() || a.Public().ID() != c.Public().ID() {
		t.Error("key ids do not name keys")
	}
}

// Recipients are post-quantum, all of them.
func TestRecipients(t *testing.T) {
	classic, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	good := keys().to[0].String()
	for _, c := range []struct {
		name, text string
		ok         bool
	}{
		{"as it is written", good, true},
		{"with a blank and a new line", " " + good + "\n", true},
		{"nothing", "", false},
		{"two", good + "\n" + keys().to[1].String(), false},
		{"a classic one", classic.Recipient().String(), false},
		{"cut short", good[:len(good)-1], false},
		{"a secret key", keys().identity.Secret(), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := ParseRecipient(c.text)
			if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrInvalid) || c.ok && r.KeyID() != keys().to[0].KeyID() {
				t.Errorf("ParseRecipient: %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "SECRET") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

func TestIdentity(t *testing.T) {
	id := keys().identity
	again, err := ParseIdentity("# key of the service\n" + id.Secret() + "\n")
	if err != nil || again.Recipient().KeyID() != id.Recipient().KeyID() {
		t.Errorf("ParseIdentity: %v", err)
	}
	if strings.Contains(id.String(), "SECRET") {
		t.Error("String shows the secret")
	}
	classic, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", classic.String(), id.Secret() + "\n" + id.Secret()} {
		if _, err := ParseIdentity(text); !errors.Is(err, ErrInvalid) {
			t.Errorf("ParseIdentity of a wrong file: %v, want %v", err, ErrInvalid)
		}
	}
}
