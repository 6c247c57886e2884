package main

import (
	"crypto/rand"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"optag/cmd/internal/inspection"
	"optag/device/emrtd/cvc"
	"optag/device/emrtd/cvc/cvctest"
)

// inspectionFolder is a folder with the files of an inspection system, and its
// terminal's key as a chip would know it.
func inspectionFolder(t *testing.T) (string, cvc.PublicKey) {
	t.Helper()
	spec := func(name string, r cvc.Role) cvctest.Spec {
		return cvctest.Spec{Holder: name, Role: r, Rights: cvc.Fingers, From: time.Now().AddDate(0, 0, -1), Until: time.Now().AddDate(0, 1, 0)}
	}
	ca, err := cvctest.NewCVCA(rand.Reader, spec("UTCVCA00001", cvc.CVCA))
	if err != nil {
		t.Fatal(err)
	}
	dv, err := ca.Issue(rand.Reader, spec("UTDV00001", cvc.DomesticDV))
	if err != nil {
		t.Fatal(err)
	}
	is, err := dv.Issue(rand.Reader, spec("UTIS00001", cvc.Terminal))
	if err != nil {
		t.Fatal(err)
	}
	der, err := is.PKCS8()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, b := range map[string][]byte{"dv.cvcert": dv.Certificate, "is.cvcert": is.Certificate, "is.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir, is.Key
}

// The service signs for an inspection system, and keeps which station asked.
func TestServeOpensPrints(t *testing.T) {
	store := filepath.Join(t.TempDir(), "store")
	dir, key := inspectionFolder(t)
	s := startServing(t, store, "--inspection", dir)
	st, sv := enrolled(t, store)
	conf, err := st.ClientTLS(sv)
	if err != nil {
		t.Fatal(err)
	}
	client, err := inspection.NewClient(s.url, conf, 0)
	if err != nil {
		t.Fatal(err)
	}
	talk := client.Open()
	defer talk.Close()
	if chain, err := talk.Chain(t.Context(), "UTCVCA00001"); err != nil || len(chain) != 2 {
		t.Errorf("%d certificates, %v", len(chain), err)
	}
	message := []byte("D231458907challeng" + strings.Repeat("\x07", 32))
	signature, err := talk.Sign(t.Context(), message)
	if err != nil || key.Verify(message, signature) != nil {
		t.Errorf("the signature is wrong: %v", err)
	}
	kept, err := os.ReadFile(filepath.Join(store, "inspection.log"))
	if err != nil || strings.Count(string(kept), `"station":"cph-01","authority":"UTCVCA00001"`) != 1 {
		t.Errorf("kept %q, %v", kept, err)
	}
	if r := s.stop(); r.code != 0 || !strings.Contains(r.err, `msg="signing for an inspection system" station=cph-01`) {
		t.Errorf("serve ended with %d: %s", r.code, r.err)
	}
}

func TestServeWithoutAKeyForPrints(t *testing.T) {
	dir := t.TempDir()
	do("serve", "--listen", "127.0.0.1:0", "--store", filepath.Join(dir, "store"), "--inspection", dir).want(t, 1, "no certificate of a terminal is for a key that is there")
	if _, err := os.Stat(filepath.Join(dir, "store")); !os.IsNotExist(err) {
		t.Errorf("a store was made: %v", err)
	}
}
