package pa_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	mathrand "math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa"
	"optag/device/emrtd/pa/patest"
)

func random(seed byte) *mathrand.ChaCha8 { return mathrand.NewChaCha8([32]byte{seed}) }

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

var (
	from, until = day("2024-01-01"), day("2034-01-01")
	today       = day("2026-06-01")
)

// A state is an authority, its signer, and what he signed.
type state struct {
	csca   *patest.Authority
	signer *patest.Signer
	files  map[lds.File][]byte
}

var kinds = map[string]patest.Kind{
	"RSA-2048":                  {RSA: 2048},
	"RSA-PSS":                   {RSA: 2048, PSS: true},
	"RSA-PSS, other mask":       {RSA: 2048, PSS: true, Mask: crypto.SHA1},
	"RSA, SHA-512":              {RSA: 2048, Hash: crypto.SHA512},
	"P-224":                     {Curve: "secp224r1", Hash: crypto.SHA224},
	"P-256":                     {},
	"P-256, SHA-1":              {Hash: crypto.SHA1},
	"P-384":                     {Curve: "secp384r1", Hash: crypto.SHA384},
	"P-521":                     {Curve: "secp521r1", Hash: crypto.SHA512},
	"brainpoolP256r1":           {Curve: "brainpoolP256r1"},
	"brainpoolP384r1":           {Curve: "brainpoolP384r1", Hash: crypto.SHA384},
	"brainpoolP512r1":           {Curve: "brainpoolP512r1", Hash: crypto.SHA512},
	"P-256, written out":        {Explicit: true},
	"brainpoolP384, wr. out":    {Curve: "brainpoolP384r1", Explicit: true, Hash: crypto.SHA384},
	"brainpoolP320r1, SHA-256 ": {Curve: "brainpoolP320r1"},
}

// rsaKeys are a pair for authority and signer.
var rsaKeys = sync.OnceValue(func() [2]*rsa.PrivateKey {
	return [2]*rsa.PrivateKey{must(rsa.GenerateKey(rand.Reader, 2048)), must(rsa.GenerateKey(rand.Reader, 2048))}
})

func issue(t testing.TB, k patest.Kind) state {
	t.Helper()
	below := k
	if k.RSA > 0 {
		k.Key, below.Key = rsaKeys()[0], rsaKeys()[1]
	}
	a, err := patest.NewAuthority(random(2), k, patest.Spec{Name: patest.Name{Country: "UT", Common: "CSCA Utopia"}, From: from, Until: until})
	if err != nil {
		t.Fatal(err)
	}
	return state{csca: a}.sign(t, below, patest.Spec{Name: patest.Name{Country: "UT", Common: "Signer 7"}, Serial: 7, From: from, Until: until, Documents: []string{"AR", "P"}})
}

// sign makes a signer and what he signs.
func (s state) sign(t testing.TB, k patest.Kind, spec patest.Spec) state {
	t.Helper()
	var err error
	if s.signer, err = s.csca.NewSigner(random(3), k, spec); err != nil {
		t.Fatal(err)
	}
	s.files = chip(t)
	if s.files[lds.SOD], err = s.signer.SOD(random(4), s.files); err != nil {
		t.Fatal(err)
	}
	return s
}

const zone = "ARUTOD231458907<<<<<<<<<<<<<<<7408122F3204151UTO<<<<<<<<<<<8ERIKSSON<<ANNA<MARIA<<<<<<<<<<"

// chip are files without EF.SOD.
func chip(t testing.TB) map[lds.File][]byte {
	dg1 := append([]byte{0x61, 0x5D, 0x5F, 0x1F, 0x5A}, zone...)
	files := map[lds.File][]byte{
		lds.DG1:  dg1,
		lds.DG2:  append([]byte{0x75, 0x82, 0x10, 0x00}, bytes.Repeat([]byte{0xA5}, 4096)...),
		lds.DG11: lds.Holder{Birthplace: []string{"UTOPIA"}}.Bytes(),
	}
	files[lds.COM] = lds.Common{Version: "0107", Unicode: "040000", Groups: []lds.File{lds.DG1, lds.DG2, lds.DG11}}.Bytes()
	return files
}

func trust(t testing.TB, certificates ...[]byte) *pa.Trust {
	t.Helper()
	var all pa.Trust
	for _, c := range certificates {
		if r := all.Add("test.cer", c); len(r.Refused) > 0 {
			t.Fatal(r.Refused)
		}
	}
	return &all
}

// found is what was found, in a line each.
func found(r *pa.Result) string {
	var b strings.Builder
	for _, f := range r.Findings {
		b.WriteString(f.Error() + "\n")
	}
	return b.String()
}
