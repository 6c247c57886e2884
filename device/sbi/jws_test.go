package sbi

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// A chainOf is an authority and a key it issued a certificate for.
type chainOf struct {
	issuer *x509.Certificate
	key    *rsa.PrivateKey
	leaf   []byte // DER
	curve  []byte // DER of a certificate for a key that is not RSA
}

var theChain = sync.OnceValues(func() (c chainOf, err error) {
	ca, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return c, err
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "issuer"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: noon.AddDate(0, 0, -1), NotAfter: noon.AddDate(0, 0, 1),
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &ca.PublicKey, ca)
	if err != nil {
		return c, err
	}
	if c.issuer, err = x509.ParseCertificate(der); err != nil {
		return c, err
	}
	if c.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return c, err
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: t.NotBefore, NotAfter: t.NotAfter}
	if c.leaf, err = x509.CreateCertificate(rand.Reader, leaf, c.issuer, &c.key.PublicKey, ca); err != nil {
		return c, err
	}
	c.curve, err = x509.CreateCertificate(rand.Reader, leaf, c.issuer, &ca.PublicKey, ca)
	return c, err
})

// token makes a JWS of a header and a payload, both as they are.
func token(t testing.TB, head string, payload []byte) []byte {
	t.Helper()
	c, err := theChain()
	if err != nil {
		t.Fatal(err)
	}
	signed := base64.RawURLEncoding.EncodeToString([]byte(head)) + "." + base64.RawURLEncoding.EncodeToString(payload)
	sum := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(nil, c.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return []byte(signed + "." + base64.RawURLEncoding.EncodeToString(sig))
}

func ring(t testing.TB) (chainOf, keyring) {
	t.Helper()
	c, err := theChain()
	if err != nil {
		t.Fatal(err)
	}
	return c, newKeyring(Trust{Issuers: []*x509.Certificate{c.issuer}})
}

func TestJWS(t *testing.T) {
	c, k := ring(t)
	cert := base64.StdEncoding.EncodeToString(c.leaf)
	for _, test := range []struct {
		name string
		head string
		want error
	}{
		{"certificate in an array", `{"alg":"RS256","x5c":["` + cert + `"]}`, nil},
		{"certificate as a string", `{"alg":"RS256","x5c":"` + cert + `"}`, nil},
		{"a chain sent along is not looked at", `{"alg":"RS256","x5c":["` + cert + `","rubbish"]}`, nil},
		{"another certificate first", `{"alg":"RS256","x5c":["rubbish","` + cert + `"]}`, BadCertificate},
		{"no certificate", `{"alg":"RS256"}`, BadCertificate},
		{"an empty array", `{"alg":"RS256","x5c":[]}`, BadCertificate},
		{"bytes that are no certificate", `{"alg":"RS256","x5c":["AAAA"]}`, BadCertificate},
		{"a key that is not RSA", `{"alg":"RS256","x5c":["` + base64.StdEncoding.EncodeToString(c.curve) + `"]}`, BadCertificate},
		{"algorithm none", `{"alg":"none","x5c":["` + cert + `"]}`, BadSignature},
		{"algorithm with a shared key", `{"alg":"HS256","x5c":["` + cert + `"]}`, BadSignature},
		{"algorithm in small letters", `{"alg":"rs256","x5c":["` + cert + `"]}`, BadSignature},
		{"no algorithm", `{"x5c":["` + cert + `"]}`, BadSignature},
		{"a critical extension", `{"alg":"RS256","crit":["b64"],"x5c":["` + cert + `"]}`, BadSignature},
		{"a header that is no JSON", `{`, BadSignature},
	} {
		payload, err := k.open(token(t, test.head, []byte(`{"a":1}`)), k.devices, noon)
		if !errors.Is(err, test.want) || (err == nil) != (string(payload) == `{"a":1}`) {
			t.Errorf("%s: payload %q, error %v, want %v", test.name, payload, err, test.want)
		}
	}
}

func TestJWSChanged(t *testing.T) {
	c, k := ring(t)
	good := token(t, `{"alg":"RS256","x5c":["`+base64.StdEncoding.EncodeToString(c.leaf)+`"]}`, []byte(`{"a":1}`))
	parts := strings.Split(string(good), ".")
	padded := strings.Join([]string{parts[0], parts[1], parts[2] + "=="}, ".")
	for _, test := range []struct {
		name  string
		token string
		at    time.Time
		want  error
	}{
		{"as it was", string(good), noon, nil},
		{"a signature with its padding", padded, noon, nil},
		{"another payload", parts[0] + ".eyJhIjoyfQ." + parts[2], noon, BadSignature},
		{"another signature", parts[0] + "." + parts[1] + "." + parts[2][:300] + "AAAA" + parts[2][304:], noon, BadSignature},
		{"no signature", parts[0] + "." + parts[1] + ".", noon, BadSignature},
		{"two parts", parts[0] + "." + parts[1], noon, BadSignature},
		{"four parts", string(good) + ".", noon, BadSignature},
		{"nothing", "", noon, BadSignature},
		{"the day before it is valid", string(good), noon.AddDate(0, 0, -2), BadCertificate},
		{"the day after it was valid", string(good), noon.AddDate(0, 0, 2), BadCertificate},
	} {
		if _, err := k.open([]byte(test.token), k.devices, test.at); !errors.Is(err, test.want) {
			t.Errorf("%s: error %v, want %v", test.name, err, test.want)
		}
	}
	if _, err := k.open(good, k.chips, noon); !errors.Is(err, BadCertificate) {
		t.Errorf("the key of a device for that of a chip: error %v, want %v", err, BadCertificate)
	}
}

func TestCallback(t *testing.T) {
	for address, want := range map[string]int{
		"http://127.0.0.1:4501/": 4501, "http://127.0.0.1:4600": 4600,
		"http://127.0.0.1:4500/": 0, "http://127.0.0.1:4601/": 0, "http://127.0.0.1/": 0, "http://127.0.0.1:80/": 0,
		"http://localhost:4501/": 0, "http://192.0.2.1:4501/": 0, "http://127.0.0.2:4501/": 0, "http://[::1]:4501/": 0,
		"https://127.0.0.1:4501/": 0, "http://127.0.0.1:4501/x": 0, "http://127.0.0.1:4501/?a": 0, "http://a@127.0.0.1:4501/": 0,
		"http://127.0.0.1:4501@192.0.2.1/": 0, "http://127.0.0.1:04501x/": 0, "file:///etc/passwd": 0, "%": 0,
	} {
		if got, err := callback(address); got != want || (err == nil) != (want != 0) {
			t.Errorf("callback(%q) = %d, %v, want %d", address, got, err, want)
		}
	}
}

// TestEveryCodeHasATextAndAMeaning for the station, and none is the service's.
func TestEveryCodeHasATextAndAMeaning(t *testing.T) {
	for code, want := range map[Code]string{
		100: "not_registered", 101: "poor", 102: "poor", 103: "untrusted", 104: "refused", 105: "poor", 106: "unplugged",
		107: "untrusted", 108: "untrusted", 109: "refused", 110: "not_ready", 111: "busy", 112: "refused", 123: "refused",
		202: "unplugged", 500: "garbled", 599: "garbled", 601: "refused", 700: "unplugged", 701: "timeout", 703: "busy", 705: "refused",
		-1: "garbled", 1 << 30: "garbled",
	} {
		err := &ServiceError{Code: code, Said: "xyzzy"}
		if got := Problem(err); got != want {
			t.Errorf("code %d is a problem of kind %q, want %q", code, got, want)
		}
		if strings.Contains(err.Error(), "xyzzy") || code.String() == "" {
			t.Errorf("code %d reads %q", code, err)
		}
	}
	for code := Code(100); code <= 112; code++ {
		if strings.HasPrefix(code.String(), "code ") {
			t.Errorf("code %d of the specification has no text of ours", code)
		}
	}
}

func TestFingerNames(t *testing.T) {
	for f := RightThumb; f <= LeftLittle; f++ {
		if got, ok := parseFinger(f.String()); got != f || !ok {
			t.Errorf("parseFinger(%q) = %v, %v", f.String(), got, ok)
		}
	}
	for _, name := range []string{"", "UNKNOWN", "right thumb", "Finger(0)"} {
		if _, ok := parseFinger(name); ok {
			t.Errorf("%q is a finger", name)
		}
	}
}

// chunks reads as a network does.
type chunks struct {
	b []byte
	n int
}

func (c *chunks) Read(p []byte) (int, error) {
	n := copy(p[:min(len(p), c.n)], c.b)
	c.b = c.b[n:]
	if n == 0 {
		return 0, errEnd
	}
	return n, nil
}

var errEnd = errors.New("end")

func TestValueEndsWhereItEnds(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"object", `{"a":1}`, `{"a":1}`},
		{"four bytes more", "{\"a\":[1,2]}\r\n\r\n", `{"a":[1,2]}`},
		{"space before", " \r\n[{}] ", " \r\n[{}]"},
		{"brackets in strings", `{"a":"}]\"}"}}`, `{"a":"}]\"}"}`},
		{"a backslash before the end of a string", `{"a":"\\"}}`, `{"a":"\\"}`},
		{"cut off", `{"a":`, ""},
		{"a string", `"a"`, ""},
		{"a number", `17`, ""},
		{"HTML", `<html>`, ""},
		{"nothing", ``, ""},
		{"closes first", `}{}`, ""},
	} {
		for _, n := range []int{1, 3, 1000} {
			var v value
			err := v.readFrom(&chunks{[]byte(c.in), n})
			if string(v.buf) != c.want && (err == nil || c.want != "") || (err == nil) != (c.want != "") {
				t.Errorf("%s, %d bytes at a time: %q, error %v, want %q", c.name, n, v.buf, err, c.want)
			}
		}
	}
}

func TestBufferIsOverwritten(t *testing.T) {
	before := []byte(`{"a":"` + strings.Repeat("s", 10000) + `"}`)
	var v value
	v.buf = append(make([]byte, 0, 100), before[:50]...)
	old := v.buf
	if err := v.readFrom(&chunks{before[50:], 1000}); err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(old[:50], func(c byte) bool { return c != 0 }) {
		t.Error("a buffer that became too small still holds the answer")
	}
}

func FuzzValue(f *testing.F) {
	for _, s := range []string{`{"a":1}`, `[{"a":"\\\""}]x`, ` {}`, `[[[]]]`, `{"a":"}`} {
		f.Add([]byte(s), uint8(3))
	}
	f.Fuzz(func(t *testing.T, b []byte, n uint8) {
		var v value
		err := v.readFrom(&chunks{bytes.Clone(b), int(n) + 1})
		var want json.RawMessage
		if json.NewDecoder(bytes.NewReader(b)).Decode(&want) == nil && len(want) > 0 && (want[0] == '{' || want[0] == '[') {
			if err != nil || !bytes.Equal(bytes.TrimLeft(v.buf, " \t\r\n"), want) {
				t.Errorf("%q ends as %q, error %v, want %q", b, v.buf, err, want)
			}
		}
	})
}

func FuzzJWS(f *testing.F) {
	c, k := ring(f)
	good := token(f, `{"alg":"RS256","x5c":["`+base64.StdEncoding.EncodeToString(c.leaf)+`"]}`, []byte(`{"a":1}`))
	f.Add(good)
	f.Add([]byte("eyJhbGciOiJSUzI1NiIsIng1YyI6IkFBQUEifQ.e30.AAAA"))
	f.Add([]byte(".."))
	f.Fuzz(func(t *testing.T, b []byte) {
		payload, err := k.open(b, k.devices, noon)
		if err == nil && string(payload) != `{"a":1}` {
			t.Errorf("%q verifies, and nobody signed it", b)
		}
		_, _ = unsigned(string(b))
	})
}

// fuzzHost is a station that asked for one finger.
func fuzzHost(t testing.TB) (h *Host, a func() *answer) {
	_, k := ring(t)
	h = &Host{opts: Options{Now: func() time.Time { return noon }, Environment: "Production"}, keys: k}
	return h, func() *answer {
		q := inquiry{ordered: ordered{modality: "Finger", fingers: []Finger{RightIndex}}, env: "Production", transaction: "t-01"}
		return &answer{host: h, q: q, f: Found{Level: "L0", id: deviceInfo{deviceCode: "S", who: digitalID{SerialNo: "S"}}}}
	}
}

// FuzzSigned gives the verifier anything at all as if it were signed. WHO stands
// for the identity, which really is.
func FuzzSigned(f *testing.F) {
	c, _ := ring(f)
	who := string(token(f, `{"alg":"RS256","x5c":["`+base64.StdEncoding.EncodeToString(c.leaf)+`"]}`, []byte(`{"serialNo":"S"}`)))
	f.Add(`{"digitalId":"WHO","deviceCode":"S","transactionId":"t-01","env":"Production","purpose":"Registration","bioType":"Finger",`+
		`"bioSubType":"Right IndexFinger","timestamp":"2026-06-01T12:00:00Z","qualityScore":"50","bioValue":"AAAA"}`,
		"5F1652CA9830E08F590F06852DB389BF6376AEC12313B4662D7D2A6E5475B214")
	f.Add(`{"digitalId":null,"qualityScore":50,"timestamp":[]}`, "E3B0")
	f.Fuzz(func(t *testing.T, payload string, hash string) {
		h, answer := fuzzHost(t)
		a := answer()
		defer a.wipe()
		if a.content(element{SpecVersion: "0.9.5", Hash: text(hash)}, []byte(strings.Replace(payload, "WHO", who, 1))) != nil {
			return
		}
		for _, s := range a.samples {
			if s.finger != RightIndex || s.score < 0 || s.score > 100 || s.at.Sub(noon).Abs() > skew {
				t.Errorf("accepted %+v", s)
			}
			_, _, _ = h.print(s)
		}
	})
}

// TestSeedIsAccepted: the seed of FuzzSigned is right, so that the fuzzer begins
// with what is accepted.
func TestSeedIsAccepted(t *testing.T) {
	c, _ := ring(t)
	who := string(token(t, `{"alg":"RS256","x5c":["`+base64.StdEncoding.EncodeToString(c.leaf)+`"]}`, []byte(`{"serialNo":"S"}`)))
	_, answer := fuzzHost(t)
	a := answer()
	of := sha256.Sum256([]byte{0, 0, 0})
	next := sha256.Sum256(append(make([]byte, 32), of[:]...))
	err := a.content(element{SpecVersion: "0.9.5", Hash: text(hex.EncodeToString(next[:]))}, []byte(`{"digitalId":"`+who+`","deviceCode":"S",`+
		`"transactionId":"t-01","env":"Production","purpose":"Registration","bioType":"Finger","bioSubType":"Right IndexFinger",`+
		`"timestamp":"2026-06-01T12:04:59Z","qualityScore":"50","bioValue":"AAAA"}`))
	if err != nil || len(a.samples) != 1 || a.last != next {
		t.Errorf("%d samples, error %v, want 1", len(a.samples), err)
	}
}

// FuzzAnswer gives the reader of answers anything: nothing unsigned is accepted.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"biometrics":[{"specVersion":"0.9.5","data":"a.b.c","hash":"","error":{"errorCode":"0","errorInfo":""}}]}`))
	f.Add([]byte(`{"biometrics":[{"specVersion":"","data":"","hash":"","error":{"errorCode":"701","errorInfo":"x"}}]}`))
	f.Add([]byte(`{"error":{"errorCode":101}}`))
	f.Add([]byte(`{"biometrics":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		_, answer := fuzzHost(t)
		a := answer()
		defer a.wipe()
		if err := a.read(body); err == nil {
			t.Errorf("%q was accepted", body)
		}
	})
}

// FuzzInfo gives the reader of deviceInfo anything.
func FuzzInfo(f *testing.F) {
	f.Add("e30", uint16(4501))
	f.Add("a."+base64.RawURLEncoding.EncodeToString([]byte(`{"callbackId":"http://127.0.0.1:1/","deviceSubId":[1,"2"],"digitalId":"e30"}`))+".b", uint16(4501))
	f.Fuzz(func(t *testing.T, info string, port uint16) {
		h, _ := fuzzHost(t)
		if found := h.describe(int(port), info); found.Err == nil {
			t.Errorf("%q was accepted", info)
		}
	})
}
