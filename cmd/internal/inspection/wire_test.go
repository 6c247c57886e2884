package inspection

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"optag/queue/intake"
)

func TestWhatATerminalSigns(t *testing.T) {
	for _, c := range []struct {
		name string
		id   string
		key  int
		want bool
	}{
		{"after PACE on P-256", strings.Repeat("\x91", 32), 32, true},
		{"after PACE on P-521, chip authentication on brainpoolP384", strings.Repeat("\x91", 66), 48, true},
		{"after PACE that agrees without a curve", strings.Repeat("\x91", 20), 20, true},
		{"after basic access control, number of nine", "D231458907", 32, true},
		{"the same with filler", "D23145<<<4", 32, true},
		{"a long number", "D23145890734123456780", 32, true},
		{"a number of other characters", "D23145890é", 32, false},
		{"no chip", "", 32, false},
		{"no key", "D231458907", 0, false},
		{"half a key", "D231458907", 17, false},
		{"a long text", strings.Repeat("D", 400), 32, false},
	} {
		if got := Signable([]byte(c.id + "challeng" + strings.Repeat("\x07", c.key))); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	request := cvcRequest(t)
	for n := range len(request) + 1 {
		if n >= 165 && Signable(request[:n]) {
			t.Errorf("%d bytes of a request for a certificate can be signed", n)
		}
	}
	if len(request) < 165 {
		t.Errorf("a request for a certificate has %d bytes", len(request))
	}
}

// cvcRequest is what an authenticated request for a certificate is signed over,
// with the shortest key and the shortest names: the request and the name of the
// signer (TR-03110-3, C.1.5).
func cvcRequest(t *testing.T) []byte {
	t.Helper()
	object := func(tag uint16, parts ...[]byte) []byte {
		v := bytes.Join(parts, nil)
		b := []byte{byte(tag)}
		if tag > 0xff {
			b = []byte{byte(tag >> 8), byte(tag)}
		}
		if len(v) > 0x7f {
			b = append(b, 0x81)
		}
		return append(append(b, byte(len(v))), v...)
	}
	name := []byte("UTA00001")
	key := object(0x7f49, object(0x06, make([]byte, 10)), object(0x86, make([]byte, 57))) // a point of 224 bits
	body := object(0x7f4e, object(0x5f29, []byte{0}), key, object(0x5f20, name))
	return append(object(0x7f21, body, object(0x5f37, make([]byte, 56))), object(0x42, name)...)
}

// A spoken answer is what an office says to anything.
type spoken struct {
	status int
	kind   string
	body   string
	err    error
}

func (s spoken) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.err != nil {
		return nil, s.err
	}
	h := http.Header{}
	h.Set("Content-Type", s.kind)
	return &http.Response{StatusCode: s.status, Header: h, Body: io.NopCloser(strings.NewReader(s.body)), Request: r}, nil
}

func talkWith(t testing.TB, s spoken) *Conversation {
	c, err := NewClient("https://office.example", &tls.Config{}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	c.http.Transport = s
	return c.Open()
}

const problemType = "application/problem+json"

// What an office may say instead of what it was asked for.
func TestAnswersThatAreNone(t *testing.T) {
	for _, c := range []struct {
		name string
		says spoken
		want string
	}{
		{"nothing", spoken{status: 200}, "it is not the JSON that is wanted"},
		{"a log-in page", spoken{status: 200, kind: "text/html", body: "<html>"}, "it is not the JSON that is wanted"},
		{"a log-in page of a proxy", spoken{status: 407, kind: "text/html", body: "<html>"}, "it has the status 407"},
		{"somewhere else", spoken{status: 302, body: ""}, "it has the status 302"},
		{"no content", spoken{status: 204}, "it has the status 204"},
		{"two documents", spoken{status: 200, body: `{} {}`}, "something follows the document"},
		{"a document and a bracket", spoken{status: 200, body: `{} }`}, "something follows the document"},
		{"what nobody knows", spoken{status: 200, body: `{"key":"AA=="}`}, "it is not the JSON that is wanted"},
		{"no base64", spoken{status: 200, body: `{"certificates":["?"],"signature":"?"}`}, "it is not the JSON that is wanted"},
		{"empty", spoken{status: 200, body: `{}`}, "its answer is no "},
		{"too much", spoken{status: 200, body: `{"signature":"` + strings.Repeat("A", maxAnswer) + `"}`}, "more than 131072 bytes"},
		{"a refusal", spoken{status: 409, kind: problemType, body: `{"code":"expired","message":"the certificate has expired"}`}, "the office refuses: the certificate has expired (expired)"},
		{"a refusal without a code", spoken{status: 409, kind: problemType, body: `{"message":"no"}`}, "it has the status 409"},
		{"a refusal without end", spoken{status: 409, kind: problemType, body: `{"code":"` + strings.Repeat("A", maxProblem) + `"}`}, "it has the status 409"},
		{"silence", spoken{err: context.DeadlineExceeded}, "asking the office: "},
	} {
		_, one := talkWith(t, c.says).Chain(t.Context(), "UTCVCA00001")
		_, two := talkWith(t, c.says).Sign(t.Context(), []byte("m"))
		for _, err := range []error{one, two} {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", c.name, err, c.want)
			}
		}
	}
	for name, body := range map[string]string{
		"no certificate": `{"certificates":[]}`, "an empty one": `{"certificates":[""]}`,
		"nine": `{"certificates":["AA==","AA==","AA==","AA==","AA==","AA==","AA==","AA==","AA=="]}`,
	} {
		if chain, err := talkWith(t, spoken{status: 200, body: body}).Chain(t.Context(), "UTCVCA00001"); err == nil {
			t.Errorf("%s: %d certificates", name, len(chain))
		}
	}
	for name, authority := range map[string]string{"none": "", "long": "UTCVCA00001234567", "no letters": "UT\x00"} {
		if _, err := talkWith(t, spoken{err: errors.New("asked")}).Chain(t.Context(), authority); err == nil || strings.Contains(err.Error(), "asked") {
			t.Errorf("an authority that is %s: %v", name, err)
		}
	}
	for _, address := range []string{"", "http://office.example", "office", "https://"} {
		if _, err := NewClient(address, &tls.Config{}, 0); err == nil {
			t.Errorf("%q is taken for an address", address)
		}
	}
}

// A tiny office signs with its answer, and says whether it was asked.
type tiny struct {
	chain [][]byte
	err   error
	asked int
}

func (o *tiny) Chain(context.Context, string) ([][]byte, error) { return o.chain, o.err }

func (o *tiny) Sign(context.Context, string, []byte) ([]byte, error) {
	o.asked++
	return []byte("signature"), o.err
}

// register has one station, whose certificate is for the key "key".
type register struct{ broken error }

func (r register) Station(id string) (intake.Station, error) {
	switch {
	case r.broken != nil:
		return intake.Station{}, r.broken
	case id != "cph-01":
		return intake.Station{}, intake.ErrUnknown
	}
	return intake.Station{ID: id, TLSKeys: []string{intake.TLSKeyID(&x509.Certificate{RawSubjectPublicKeyInfo: []byte("key")})}}, nil
}

// ask sends a request as a station with that key would.
func ask(h http.Handler, station, key, path string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, body)
	r.TLS = &tls.ConnectionState{}
	if station != "" {
		c := &x509.Certificate{Subject: pkix.Name{CommonName: station}, RawSubjectPublicKeyInfo: []byte(key)}
		r.TLS.PeerCertificates, r.TLS.VerifiedChains = []*x509.Certificate{c}, [][]*x509.Certificate{{c}}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestWhoIsAnsweredAndWhat(t *testing.T) {
	message := base64Of("D231458907challeng" + strings.Repeat("\x07", 32))
	const chain, sign = "/v1/inspection/chain", "/v1/inspection/sign"
	good := `{"authority":"UTCVCA00001","message":"` + message + `"}`
	for _, c := range []struct {
		name         string
		station, key string
		path, body   string
		office       tiny
		known        register
		status       int
		code         string
	}{
		{name: "no certificate", path: sign, body: good, status: 403, code: "station_unknown"},
		{name: "a stranger", station: "aal-07", key: "key", path: sign, body: good, status: 403, code: "station_unknown"},
		{name: "a key that was withdrawn", station: "cph-01", key: "old", path: sign, body: good, status: 403, code: "station_unknown"},
		{name: "a register that cannot be read", station: "cph-01", key: "key", path: sign, body: good, known: register{errors.New("disk")}, status: 500, code: "internal"},
		{name: "no body", station: "cph-01", key: "key", path: sign, status: 400, code: "bad_request"},
		{name: "no JSON", station: "cph-01", key: "key", path: chain, body: "authority", status: 400, code: "bad_request"},
		{name: "a surplus member", station: "cph-01", key: "key", path: chain, body: good, status: 400, code: "bad_request"},
		{name: "too long", station: "cph-01", key: "key", path: chain, body: `{"authority":"` + strings.Repeat("A", maxRequest), status: 400, code: "bad_request"},
		{name: "no authority", station: "cph-01", key: "key", path: chain, body: `{}`, status: 400, code: "bad_request"},
		{name: "no message", station: "cph-01", key: "key", path: sign, body: `{"authority":"UTCVCA00001"}`, status: 422, code: "not_signable"},
		{name: "something else to sign", station: "cph-01", key: "key", path: sign, body: `{"authority":"UTCVCA00001","message":"` + base64Of("a contract") + `"}`, status: 422, code: "not_signable"},
		{name: "an office that does not know the authority", station: "cph-01", key: "key", path: sign, body: good, office: tiny{err: ErrUnknown}, status: 404, code: "authority_unknown"},
		{name: "an office that fails", station: "cph-01", key: "key", path: chain, body: `{"authority":"UTCVCA00001"}`, office: tiny{err: errors.New("HSM")}, status: 500, code: "internal"},
		{name: "an office whose certificates are none", station: "cph-01", key: "key", path: chain, body: `{"authority":"UTCVCA00001"}`, office: tiny{chain: [][]byte{{1}}}, status: 500, code: "internal"},
	} {
		h := NewHandler(Config{Office: &c.office, Stations: c.known})
		w := ask(h, c.station, c.key, c.path, strings.NewReader(c.body))
		var p struct{ Code, Message string }
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != c.status || p.Code != c.code || w.Header().Get("Content-Type") != problemType {
			t.Errorf("%s: %d %s, %v", c.name, w.Code, w.Body, err)
		}
		if c.office.asked > 0 {
			t.Errorf("%s: the key was used", c.name)
		}
	}
}

// An office has many stations, and a bounded number of them at a time.
func TestTooManyAtOnce(t *testing.T) {
	h := NewHandler(Config{Office: &tiny{}, Stations: register{}})
	for range maxActive {
		h.active <- struct{}{}
	}
	if w := ask(h, "cph-01", "key", pathChain, strings.NewReader(`{"authority":"UT"}`)); w.Code != 503 {
		t.Errorf("%d", w.Code)
	}
	<-h.active
	if w := ask(h, "cph-01", "key", pathChain, strings.NewReader(`{"authority":"UT"}`)); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func base64Of(s string) string {
	b, _ := json.Marshal([]byte(s))
	return strings.Trim(string(b), `"`)
}

// FuzzAnswer: whatever an office says is an answer within the limits or an error.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{`{}`, `{"certificates":["AA=="]}`, `{"signature":"AA=="}`, `{"code":"expired","message":"no"}`, `[`, `null`, `{"certificates":[null]}`} {
		f.Add(200, "application/json", body)
		f.Add(409, problemType, body)
	}
	f.Fuzz(func(t *testing.T, status int, kind, body string) {
		s := spoken{status: status, kind: kind, body: body}
		chain, err := talkWith(t, s).Chain(t.Context(), "UTCVCA00001")
		if (err == nil) != isChain(chain) || err == nil && status != 200 {
			t.Errorf("%d certificates, %v", len(chain), err)
		}
		signature, err := talkWith(t, s).Sign(t.Context(), []byte("m"))
		if (err == nil) != (len(signature) > 0) || len(signature) > maxSignature || err == nil && status != 200 {
			t.Errorf("%d bytes of a signature, %v", len(signature), err)
		}
		if err != nil && len(err.Error()) > 400 {
			t.Errorf("an error of %d bytes", len(err.Error()))
		}
	})
}

// FuzzRequest: whatever a station sends is answered with JSON, and signed only if
// a terminal would sign it.
func FuzzRequest(f *testing.F) {
	f.Add(true, []byte(`{"authority":"UTCVCA00001","message":"`+base64Of("D231458907challeng"+strings.Repeat("\x07", 32))+`"}`))
	f.Add(false, []byte(`{"authority":"UTCVCA00001"}`))
	f.Add(true, []byte(`{"authority":null,"message":"AA=="}`))
	f.Add(true, []byte(`{"authority":"UT","Message":"AA==","message":""}`))
	f.Fuzz(func(t *testing.T, signs bool, body []byte) {
		path := pathChain
		if signs {
			path = pathSign
		}
		var office tiny
		var noted int
		h := NewHandler(Config{Office: &office, Stations: register{}, Note: func(Use) error { noted++; return nil }})
		w := ask(h, "cph-01", "key", path, bytes.NewReader(body))
		if !json.Valid(w.Body.Bytes()) || office.asked != noted || (office.asked == 1) != (w.Code == 200 && signs) {
			t.Errorf("%d %s; signed %d times, noted %d", w.Code, w.Body, office.asked, noted)
		}
		var q signRequest
		if office.asked > 0 && (json.Unmarshal(body, &q) != nil || !Signable(q.Message)) {
			t.Error("something else was signed")
		}
	})
}

// FuzzSignable: what can be signed has the length that the page on the wire says.
func FuzzSignable(f *testing.F) {
	f.Add([]byte("D231458907challeng"))
	f.Fuzz(func(t *testing.T, message []byte) {
		if Signable(message) && (len(message) < 38 || len(message) > 140) {
			t.Errorf("%d bytes can be signed", len(message))
		}
	})
}
