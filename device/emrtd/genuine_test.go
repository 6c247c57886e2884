package emrtd

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"math/big"
	"math/rand/v2"
	"testing"

	"optag/capture/record/tlv"
	"optag/device/emrtd/ec"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/lds/der"
)

// answerRSA is what a chip answers a challenge with (ISO/IEC 9796-2, scheme 1).
func answerRSA(key *rsa.PrivateKey, hash crypto.Hash, trailer, challenge []byte) []byte {
	m := make([]byte, key.Size())
	m[0] = 0x6a
	end := len(m) - len(trailer)
	nonce := m[1 : end-hash.Size()]
	for i := range nonce {
		nonce[i] = byte(i * 7)
	}
	h := hash.New()
	h.Write(nonce)
	h.Write(challenge)
	copy(m[end-hash.Size():], h.Sum(nil))
	copy(m[end:], trailer)
	return power(key, m)
}

func power(key *rsa.PrivateKey, m []byte) []byte {
	return new(big.Int).Exp(new(big.Int).SetBytes(m), key.D, key.N).FillBytes(make([]byte, key.Size()))
}

func TestActiveAuthenticationWithRSA(t *testing.T) {
	key, err := rsa.GenerateKey(rand.NewChaCha8([32]byte{1}), 1024)
	if err != nil {
		t.Fatal(err)
	}
	challenge := []byte("8 bytes.")
	for _, c := range []struct {
		name    string
		hash    crypto.Hash
		trailer []byte
	}{
		{"SHA-1, the short trailer", crypto.SHA1, []byte{0xbc}},
		{"SHA-1, the long trailer", crypto.SHA1, []byte{0x33, 0xcc}},
		{"SHA-224", crypto.SHA224, []byte{0x38, 0xcc}},
		{"SHA-256", crypto.SHA256, []byte{0x34, 0xcc}},
		{"SHA-384", crypto.SHA384, []byte{0x36, 0xcc}},
		{"SHA-512", crypto.SHA512, []byte{0x35, 0xcc}},
	} {
		signature := answerRSA(key, c.hash, c.trailer, challenge)
		if !recovers(&key.PublicKey, challenge, signature) {
			t.Errorf("%s: a good signature is refused", c.name)
		}
		if recovers(&key.PublicKey, []byte("8 others"), signature) {
			t.Errorf("%s: a signature over another challenge is taken", c.name)
		}
		signature[20] ^= 1
		if recovers(&key.PublicKey, challenge, signature) {
			t.Errorf("%s: a changed signature is taken", c.name)
		}
	}
	good := new(big.Int).Exp(new(big.Int).SetBytes(answerRSA(key, crypto.SHA1, []byte{0xbc}, challenge)), big.NewInt(int64(key.E)), key.N).FillBytes(make([]byte, key.Size()))
	for name, change := range map[string]func(m []byte){
		"another header":         func(m []byte) { m[0] = 0x4a },
		"an unknown trailer":     func(m []byte) { m[len(m)-1] = 0xbd },
		"a trailer of no hash":   func(m []byte) { copy(m[len(m)-2:], []byte{0x39, 0xcc}) },
		"a trailer of more hash": func(m []byte) { copy(m[len(m)-2:], []byte{0x35, 0xcc}) },
	} {
		m := bytes.Clone(good)
		change(m)
		if recovers(&key.PublicKey, challenge, power(key, m)) {
			t.Errorf("%s: taken", name)
		}
	}
	for name, s := range map[string][]byte{"nothing": nil, "zero": {0}, "one": {1}, "the modulus": key.N.Bytes(), "longer than the modulus": append([]byte{1}, key.N.Bytes()...)} {
		if recovers(&key.PublicKey, challenge, s) {
			t.Errorf("%s: taken for a signature", name)
		}
	}
}

func TestActiveAuthenticationWithCurves(t *testing.T) {
	c := ec.ByName("brainpoolP256r1")
	random := rand.NewChaCha8([32]byte{2})
	secret, _ := c.Scalar(random)
	key := der.PublicKey{Curve: c, Point: c.Multiply(c.G, secret), Parameter: -1}
	challenge := []byte("8 bytes.")
	sign := func(h crypto.Hash) []byte {
		hash := h.New()
		hash.Write(challenge)
		r, s, err := c.Sign(random, secret, hash.Sum(nil))
		if err != nil {
			t.Fatal(err)
		}
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
	announcing := func(arc string) lds.SecurityInfos {
		return lds.SecurityInfos{{Protocol: lds.OIDActive, Version: 1, Parameter: -1, Algorithm: lds.OIDECDSAPlain + "." + arc}}
	}
	for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA224, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		if r := answered(key, nil, challenge, sign(h)); r.Verdict != OK || r.By != "active authentication ECDSA brainpoolP256r1" {
			t.Errorf("%v, not announced: %+v", h, r)
		}
	}
	if r := answered(key, announcing("4"), challenge, sign(crypto.SHA384)); r.Verdict != OK {
		t.Errorf("announced: %+v", r)
	}
	good := sign(crypto.SHA256)
	for name, r := range map[string]Result{
		"another hash than announced": answered(key, announcing("5"), challenge, good),
		"another challenge":           answered(key, nil, []byte("8 others"), good),
		"half a signature":            answered(key, nil, challenge, good[:32]),
		"an odd length":               answered(key, nil, challenge, good[:63]),
		"nothing":                     answered(key, nil, challenge, nil),
		"too long":                    answered(key, nil, challenge, append(make([]byte, 64), good...)),
		"zeros":                       answered(key, nil, challenge, make([]byte, 64)),
	} {
		if r.Verdict != Failed || r.Why != NoSecret {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if r := answered(der.PublicKey{Parameter: 0}, nil, challenge, good); r.Verdict != NotChecked || r.Why != KeyUnknown {
		t.Errorf("a key of no kind for signatures: %+v", r)
	}
}

func TestLengthsOfEFATR(t *testing.T) {
	for _, c := range []struct {
		name, object string
		want         int
	}{
		{"65536 bytes of answer", "7f660a 020300ffff 0203010000", 65536 - secured},
		{"2000 bytes of answer", "7f6608 020207d0 020207d0", 2000 - secured},
		{"more than there is", "7f660a 020300ffff 02037fffff", 65536 - secured},
		{"short answers alone", "7f6608 02020100 02020100", 0},
		{"a number missing", "7f6604 020207d0", 0},
		{"no numbers", "7f6603 040101", 0},
	} {
		e, err := tlv.NewReader(hx(c.object), tlv.BER).Next()
		if err != nil {
			t.Fatal(c.name, err)
		}
		if got := answers(e); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}
