package token_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/pkcs11"

	"optag/device/token"
)

// What the test program is when it was started as the other process.
const (
	asLibrary = "OPTAG_TOKEN_LIBRARY" // serves the library at this path
	asBroken  = "OPTAG_TOKEN_BROKEN"  // misbehaves in one of the ways below
)

func TestMain(m *testing.M) {
	if path := os.Getenv(asLibrary); path != "" {
		if err := token.Serve(path, os.Stdin, os.NewFile(3, "answers")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if how := os.Getenv(asBroken); how != "" {
		broken(how)
		return
	}
	os.Exit(m.Run())
}

// broken is a library that fails as C code of a stranger does.
func broken(how string) {
	line := make([]byte, 1<<16)
	if _, err := os.Stdin.Read(line); err != nil {
		return
	}
	answers := os.NewFile(3, "answers")
	switch how {
	case "hangs":
		time.Sleep(time.Hour)
	case "crashes":
		os.Exit(139)
	case "babbles":
		fmt.Fprintln(answers, "segmentation fault (core dumped)")
	case "talks without end":
		for {
			if _, err := answers.WriteString(strings.Repeat("x", 1<<20)); err != nil {
				return
			}
		}
	case "numbers a card without end":
		fmt.Fprintf(answers, `{"tokens":[{"serial":%q}]}`+"\n", strings.Repeat("4", 1<<20))
		time.Sleep(time.Hour)
	case "knows other errors":
		fmt.Fprintln(answers, `{"error":"of another version","why":"secret"}`)
		time.Sleep(time.Hour)
	}
}

// child is the test program as the other process.
func child(env ...string) func() *exec.Cmd {
	return func() *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, env...)
		return cmd
	}
}

// A world is a directory with cards of SoftHSM.
type world struct {
	t      *testing.T
	dir    string
	module string
}

const pin = "123456"

// cards makes a world without cards; the test is skipped where there is no
// SoftHSM, and fails in CI.
func cards(t *testing.T) *world {
	t.Helper()
	var module string
	for _, path := range []string{"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so"} {
		if _, err := os.Stat(path); err == nil {
			module = path
		}
	}
	if _, err := exec.LookPath("softhsm2-util"); err != nil || module == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("softhsm2 is not installed, which stands in for staff cards")
		}
		t.Skip("softhsm2 is not installed, which stands in for staff cards")
	}
	w := &world{t: t, dir: t.TempDir(), module: module}
	if err := os.Mkdir(filepath.Join(w.dir, "tokens"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.write("softhsm2.conf", fmt.Sprintf("directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n", w.dir))
	return w
}

func (w *world) write(name, text string) string {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

func (w *world) conf() string { return "SOFTHSM2_CONF=" + filepath.Join(w.dir, "softhsm2.conf") }

func (w *world) util(args ...string) {
	w.t.Helper()
	cmd := exec.Command("softhsm2-util", args...)
	cmd.Env = append(os.Environ(), w.conf())
	if out, err := cmd.CombinedOutput(); err != nil {
		w.t.Fatalf("softhsm2-util %s: %v\n%s", args[0], err, out)
	}
}

// issue makes a card with a key and its certificate; without a key where key is
// nil.
func (w *world) issue(label string, key crypto.Signer, certificate []byte) {
	w.t.Helper()
	w.util("--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", "12345678")
	if key != nil {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			w.t.Fatal(err)
		}
		file := w.write("key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
		w.util("--import", file, "--token", label, "--label", "auth", "--id", "01", "--pin", pin)
	}
	w.put(label, certificate)
}

// put lays a certificate on a card.
func (w *world) put(label string, certificate []byte) {
	w.t.Helper()
	w.t.Setenv("SOFTHSM2_CONF", filepath.Join(w.dir, "softhsm2.conf"))
	l := pkcs11.New(w.module)
	if l == nil {
		w.t.Fatal("SoftHSM cannot be loaded")
	}
	defer l.Destroy()
	do := func(err error) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
	}
	do(l.Initialize())
	defer func() { do(l.Finalize()) }()
	slots, err := l.GetSlotList(true)
	do(err)
	for _, slot := range slots {
		if info, err := l.GetTokenInfo(slot); err != nil || info.Label != label {
			continue
		}
		s, err := l.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
		do(err)
		do(l.Login(s, pkcs11.CKU_USER, pin))
		_, err = l.CreateObject(s, []*pkcs11.Attribute{
			pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_CERTIFICATE), pkcs11.NewAttribute(pkcs11.CKA_CERTIFICATE_TYPE, pkcs11.CKC_X_509),
			pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, false),
			pkcs11.NewAttribute(pkcs11.CKA_ID, []byte{1}), pkcs11.NewAttribute(pkcs11.CKA_VALUE, certificate),
			pkcs11.NewAttribute(pkcs11.CKA_SUBJECT, []byte{0x30, 0}),
		})
		do(err)
	}
}

// client asks the cards of this world.
func (w *world) client() *token.Client {
	c := token.NewClient(child(asLibrary+"="+w.module, w.conf()))
	w.t.Cleanup(c.Close)
	return c
}

// one is the one card there is.
func one(t *testing.T, c *token.Client) token.Token {
	t.Helper()
	all, err := c.Tokens(context.Background())
	if err != nil || len(all) != 1 || len(all[0].Certificates) != 1 {
		t.Fatalf("cards: %v, %v; want one with one certificate", all, err)
	}
	return all[0]
}

func ecKey(t testing.TB, c elliptic.Curve) *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func rsaKey(t testing.TB, bits int) *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// today is when the tests think they run.
var today = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// certificate is that of a staff card valid in 2026, changed as the test likes;
// signed by issuer, or by itself.
func certificate(t testing.TB, key crypto.Signer, issuer *x509.Certificate, by crypto.Signer, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(4718), Subject: pkix.Name{CommonName: "staff card of a test"},
		NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC),
		KeyUsage: x509.KeyUsageDigitalSignature}
	if change != nil {
		change(c)
	}
	if issuer == nil {
		issuer, by = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, issuer, key.Public(), by)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func challenge() []byte {
	b := make([]byte, token.ChallengeSize)
	rand.Read(b)
	return b
}
