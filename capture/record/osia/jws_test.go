package osia

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
)

// TestRFC8037: key, name and signature of the worked examples of RFC 8037,
// appendices A.1 to A.4.
func TestRFC8037(t *testing.T) {
	seed, err := b64.DecodeString("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
	if err != nil {
		t.Fatal(err)
	}
	private := ed25519.NewKeyFromSeed(seed)
	public := private.Public().(ed25519.PublicKey)
	if got := b64.EncodeToString(public); got != "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" {
		t.Errorf("public key %s", got)
	}
	if got := KeyID(public); got != "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" {
		t.Errorf("KeyID = %s", got)
	}
	head := b64.EncodeToString([]byte(`{"alg":"EdDSA"}`))
	payload := []byte("Example of Ed25519 signing")
	want := "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
	if got := b64.EncodeToString(ed25519.Sign(private, signed(head, payload))); got != want {
		t.Errorf("signature %s", got)
	}
}

// TestJWS: a signature is for one payload, by one key, in one spelling.
func TestJWS(t *testing.T) {
	payload, ours := []byte(`{"a":1}`), []Key{{key(police).Public().(ed25519.PublicKey), police}}
	jws, err := sign(key(police), payload)
	if err != nil {
		t.Fatal(err)
	}
	if by, err := verify(jws, payload, append(trusted(), ours...)); err != nil || by.Party != police {
		t.Errorf("verify = %v, %v", by, err)
	}
	fully := b64.EncodeToString([]byte(`{"alg":"Ed25519","kid":"` + KeyID(ours[0].Public) + `"}`))
	renamed := fully + ".." + b64.EncodeToString(ed25519.Sign(key(police), signed(fully, payload)))
	if _, err := verify(renamed, payload, ours); err != nil {
		t.Errorf("by the name of RFC 9864: %v", err)
	}
	for name, c := range map[string]struct {
		jws     string
		payload []byte
		keys    []Key
		want    error
	}{
		"another payload":         {jws, []byte(`{"a":2}`), ours, ErrSignature},
		"another's key":           {jws, payload, []Key{{key(service).Public().(ed25519.PublicKey), police}}, ErrUntrusted},
		"a signature cut short":   {jws[:len(jws)-4], payload, ours, ErrForm},
		"spare bits":              {jws[:len(jws)-1] + "B", payload, ours, ErrForm},
		"padding":                 {jws + "=", payload, ours, ErrForm},
		"three parts":             {strings.Replace(jws, "..", ".e30.", 1), payload, ours, ErrForm},
		"nothing":                 {"", payload, ours, ErrForm},
		"a key's name in capital": {b64.EncodeToString([]byte(`{"Alg":"EdDSA","kid":"`+KeyID(ours[0].Public)+`"}`)) + "..", payload, ours, ErrForm},
	} {
		if _, err := verify(c.jws, c.payload, c.keys); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	b := Buffer{Data: []byte("hello world")}
	if got := b.Digest(); got != "SHA-256=uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=" {
		t.Errorf("Digest = %s", got)
	}
	if !bytes.Equal(payload, []byte(`{"a":1}`)) {
		t.Error("signing changed what was signed")
	}
}
