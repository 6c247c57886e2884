package intake_test

import (
	"bytes"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"optag/queue/intake"
	"optag/queue/seal"
)

// Whatever a station asks, the answer is neither a failure of the service nor a
// receipt for what is not a package.
func FuzzRequest(f *testing.F) {
	store, err := intake.OpenFiles(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { store.Close() })
	h, err := intake.NewHandler(intake.Config{
		Store: store, Stations: register{"cph-01": {ID: "cph-01"}}, MaxSize: 1 << 20,
		Sign:     func(seal.Receipt) ([]byte, error) { panic("nothing was to be signed") },
		Identify: func(*http.Request) (string, *x509.Certificate, error) { return "cph-01", nil, nil },
	})
	if err != nil {
		f.Fatal(err)
	}
	name := "/v1/packages/" + strings.Repeat("ab", 32)
	digest := "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:" // of "hello"
	id := strings.Repeat("ab", 16)
	f.Add("POST", "/v1/packages", digest, "5", id, "0", []byte("hello"))
	f.Add("POST", "/v1/packages", digest, "5", id, "0", []byte("hel"))
	f.Add("POST", "/v1/packages", digest, "5", id, "0", []byte("jello"))
	f.Add("POST", "/v1/packages", digest, "9223372036854775807", id, "0", []byte(""))
	f.Add("POST", "/v1/packages", "sha-256=:", "-5", "", "", []byte("hello"))
	f.Add("PATCH", name, "", "", "", "9223372036854775807", []byte("hello"))
	f.Add("PATCH", "/v1/packages/../../x", "", "", "", "0", []byte("hello"))
	f.Add("HEAD", name, "", "", "", "", []byte(nil))
	f.Add("GET", "/v1/receipts/"+strings.Repeat("AB", 32), "", "", "", "", []byte(nil))
	f.Add("DELETE", name, "", "", "", "", []byte(nil))
	f.Fuzz(func(t *testing.T, method, path, digest, length, id, offset string, body []byte) {
		r, err := http.NewRequest(method, "http://intake.example", bytes.NewReader(body))
		if err != nil {
			return
		}
		r.URL.Path = path
		for header, value := range map[string]string{"Repr-Digest": digest, "Upload-Length": length, "Package-Id": id, "Upload-Offset": offset} {
			r.Header.Set(header, value)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != http.StatusNotImplemented {
			t.Errorf("%s %q: answer %d %s", method, path, w.Code, w.Body)
		}
		if w.Header().Get("Content-Type") == "application/vnd.optag.receipt" {
			t.Errorf("%s %q: a receipt", method, path)
		}
	})
}
