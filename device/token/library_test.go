package token

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"testing"
	"time"

	"github.com/miekg/pkcs11"

	"optag/device"
)

// A fake is a library with one card, that fails at one call with one code, and
// goes on failing, as one does whose card was pulled out.
type fake struct {
	t        *testing.T
	key      *ecdsa.PrivateKey
	der      []byte
	flags    uint
	failAt   int // number of the call, from 1; 0 never
	code     pkcs11.Error
	calls    int
	logins   int
	sessions int // open
	found    []pkcs11.ObjectHandle
}

const fakeSerial = "4718"

func newFake(t *testing.T) *fake {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	return &fake{t: t, key: k, der: der, flags: pkcs11.CKF_USER_PIN_INITIALIZED}
}

func (f *fake) step() error {
	f.calls++
	if f.failAt != 0 && f.calls >= f.failAt {
		return f.code
	}
	return nil
}

func (f *fake) GetSlotList(bool) ([]uint, error) { return []uint{7}, f.step() }
func (f *fake) GetTokenInfo(uint) (pkcs11.TokenInfo, error) {
	return pkcs11.TokenInfo{SerialNumber: fakeSerial, Flags: f.flags}, f.step()
}
func (f *fake) OpenSession(_, flags uint) (pkcs11.SessionHandle, error) {
	if flags&pkcs11.CKF_RW_SESSION != 0 {
		f.t.Error("a session that could change the card")
	}
	err := f.step()
	if err == nil {
		f.sessions++
	}
	return 1, err
}
func (f *fake) CloseSession(pkcs11.SessionHandle) error { f.sessions--; return f.step() }
func (f *fake) Login(pkcs11.SessionHandle, uint, string) error {
	f.logins++
	return f.step()
}
func (f *fake) Logout(pkcs11.SessionHandle) error { return f.step() }
func (f *fake) FindObjectsInit(_ pkcs11.SessionHandle, template []*pkcs11.Attribute) error {
	f.found = []pkcs11.ObjectHandle{1}
	return f.step()
}
func (f *fake) FindObjects(pkcs11.SessionHandle, int) ([]pkcs11.ObjectHandle, bool, error) {
	return f.found, false, f.step()
}
func (f *fake) FindObjectsFinal(pkcs11.SessionHandle) error { return f.step() }
func (f *fake) GetAttributeValue(_ pkcs11.SessionHandle, _ pkcs11.ObjectHandle, a []*pkcs11.Attribute) ([]*pkcs11.Attribute, error) {
	value := f.der
	if a[0].Type == pkcs11.CKA_ID {
		value = []byte{1}
	}
	return []*pkcs11.Attribute{{Type: a[0].Type, Value: value}}, f.step()
}
func (f *fake) SignInit(pkcs11.SessionHandle, []*pkcs11.Mechanism, pkcs11.ObjectHandle) error {
	return f.step()
}
func (f *fake) Sign(_ pkcs11.SessionHandle, digest []byte) ([]byte, error) {
	r, s, err := ecdsa.Sign(rand.Reader, f.key, digest)
	if err != nil {
		f.t.Fatal(err)
	}
	out := make([]byte, 64)
	r.FillBytes(out[:32])
	s.FillBytes(out[32:])
	return out, f.step()
}

func (f *fake) sign() ([]byte, error) {
	return sign(f, 7, fakeSerial, f.der, []byte("1234"), make([]byte, ChallengeSize))
}

// TestCardIsTakenAtEveryCall: whenever the card goes, that is what is said, no
// session stays open and no PIN is tried twice.
func TestCardIsTakenAtEveryCall(t *testing.T) {
	whole := newFake(t)
	if _, err := whole.sign(); err != nil || whole.sessions != 0 || whole.logins != 1 {
		t.Fatalf("undisturbed: %v, %d sessions open, %d log-ins", err, whole.sessions, whole.logins)
	}
	for at := 1; at <= whole.calls; at++ {
		for _, code := range []pkcs11.Error{pkcs11.CKR_DEVICE_REMOVED, pkcs11.CKR_TOKEN_NOT_PRESENT, pkcs11.CKR_SESSION_HANDLE_INVALID} {
			f := newFake(t)
			f.failAt, f.code = at, code
			_, err := f.sign()
			signed := at > whole.calls-2 // only the logging out and closing fail
			named := errors.Is(err, device.ErrRemoved) || errors.Is(err, ErrNoKey)
			if signed != (err == nil) || err != nil && !named {
				t.Errorf("taken at call %d: %v", at, err)
			}
			if f.sessions != 0 || f.logins > 1 {
				t.Errorf("taken at call %d: %d sessions open, %d log-ins", at, f.sessions, f.logins)
			}
		}
	}
}

func TestTriesAreToldBeforeAnyIsSpent(t *testing.T) {
	for _, c := range []struct {
		name  string
		flags uint
		want  Tries
	}{
		{"nothing tried", 0, TriesPlenty},
		{"wrong once", pkcs11.CKF_USER_PIN_COUNT_LOW, TriesLow},
		{"one try left", pkcs11.CKF_USER_PIN_COUNT_LOW | pkcs11.CKF_USER_PIN_FINAL_TRY, TriesFinal},
		{"locked", pkcs11.CKF_USER_PIN_COUNT_LOW | pkcs11.CKF_USER_PIN_LOCKED, TriesLocked},
	} {
		f := newFake(t)
		f.flags |= c.flags
		all, err := tokens(f)
		if err != nil || len(all) != 1 || all[0].PIN != c.want || f.logins != 0 {
			t.Errorf("%s: %+v, %v, %d log-ins; want %q", c.name, all, err, f.logins, c.want)
		}
		if _, err := f.sign(); errors.Is(err, ErrLocked) != (c.want == TriesLocked) || c.want == TriesLocked && f.logins != 0 {
			t.Errorf("%s: signing: %v after %d log-ins", c.name, err, f.logins)
		}
	}
}

// TestPINIsTypedInOnePlace: a PIN goes to the library only where the reader has no
// keys of its own, and nobody is logged in by half.
func TestPINIsTypedInOnePlace(t *testing.T) {
	for _, c := range []struct {
		name   string
		keypad bool
		pin    string
		want   error
	}{
		{"typed at the counter", false, "1234", nil},
		{"typed nowhere", false, "", ErrPINForm},
		{"typed at the reader", true, "", nil},
		{"typed at both", true, "1234", ErrPINForm},
	} {
		f := newFake(t)
		if c.keypad {
			f.flags |= pkcs11.CKF_PROTECTED_AUTHENTICATION_PATH
		}
		_, err := sign(f, 7, fakeSerial, f.der, []byte(c.pin), make([]byte, ChallengeSize))
		if !errors.Is(err, c.want) || (f.logins == 1) != (c.want == nil) || f.sessions != 0 {
			t.Errorf("%s: %v after %d log-ins, %d sessions open; want %v", c.name, err, f.logins, f.sessions, c.want)
		}
	}
}

func TestWhatTheLibrarySays(t *testing.T) {
	for code, want := range map[pkcs11.Error]error{
		pkcs11.CKR_PIN_INCORRECT: ErrWrongPIN, pkcs11.CKR_PIN_LOCKED: ErrLocked, pkcs11.CKR_PIN_LEN_RANGE: ErrPINForm,
		pkcs11.CKR_TOKEN_NOT_PRESENT: device.ErrRemoved, pkcs11.CKR_GENERAL_ERROR: ErrLibrary, pkcs11.CKR_DEVICE_ERROR: ErrLibrary,
	} {
		a := fault(meaning(code))
		raw, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var back answer
		if err := json.Unmarshal(raw, &back); err != nil || !errors.Is(back.err(), want) {
			t.Errorf("%v arrives as %v, want %v", code, back.err(), want)
		}
	}
}

// TestClientGoesWhileTheLibraryHangs: the other process ends all the same.
func TestClientGoesWhileTheLibraryHangs(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	in, ours := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- serve(hanging{newFake(t), hang}, in, io.Discard, func() { t.Error("a library that hangs was unloaded") })
	}()
	if _, err := ours.Write([]byte(`{"do":"tokens"}` + "\n")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond)
	ours.Close()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(3 * time.Second):
		t.Fatal("still there")
	}
}

type hanging struct {
	*fake
	until chan struct{}
}

func (h hanging) GetSlotList(bool) ([]uint, error) { <-h.until; return nil, nil }

func FuzzRequest(f *testing.F) {
	for _, seed := range []string{"{\"do\":\"tokens\"}\n", "{\"do\":\"sign\",\"pin\":4}\n1234", "{\"pin\":-1}\n", "{\"pin\":65}\n", "\n", "", "{\"do\":\"sign\",\"pin\":4}\n12"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		q, pin, err := readRequest(bufio.NewReaderSize(bytes.NewReader(raw), 1<<10))
		if err == nil && (len(pin) != q.PIN || len(pin) > maxPIN) {
			t.Errorf("a PIN of %d bytes, told were %d", len(pin), q.PIN)
		}
	})
}

func FuzzSignature(f *testing.F) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	cert := &x509.Certificate{PublicKey: crypto.PublicKey(k.Public())}
	for _, n := range []int{0, 1, 63, 64, 65, 128} {
		f.Add(make([]byte, n))
	}
	f.Fuzz(func(t *testing.T, signature []byte) {
		if Verify(cert, make([]byte, ChallengeSize), signature) == nil {
			t.Error("made up, and taken for the card's")
		}
	})
}
