package intake_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"optag/queue/intake"
	"optag/queue/seal"
)

// A link that is dead for the station and not yet for the service does not keep
// the next attempt waiting, and what it brought is kept.
func TestNewRequestTakesOverFromADeadLink(t *testing.T) {
	w := newWorld(t)
	id, raw := w.pack("cph-01", 1)
	w.create("cph-01", id, raw, nil)
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: x\r\nTest-Station: cph-01\r\nUpload-Offset: 0\r\nContent-Length: %d\r\n\r\n", path(raw), len(raw))
	if _, err := conn.Write(raw[:3000]); err != nil { // and then silence
		t.Fatal(err)
	}
	sum := sha256.Sum256(raw)
	for arrived := int64(0); arrived < 3000; time.Sleep(5 * time.Millisecond) {
		if _, arrived, err = w.store.Pending(intake.Key{Station: "cph-01", SHA256: sum}); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Now()
	resp, _ := w.do(call{method: "HEAD", path: path(raw), station: "cph-01"})
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("HEAD took %v", took)
	}
	if resp.Header.Get("Upload-Offset") != "3000" {
		t.Errorf("HEAD: %v", resp.Header)
	}
	resp, body := w.patch("cph-01", raw, 3000, len(raw))
	w.received(raw, resp, body)
}

func TestSilentRequestIsEnded(t *testing.T) {
	w := newWorld(t, func(c *intake.Config) { c.Stall = 50 * time.Millisecond })
	id, raw := w.pack("cph-01", 1)
	w.create("cph-01", id, raw, nil)
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: x\r\nTest-Station: cph-01\r\nUpload-Offset: 0\r\nContent-Length: %d\r\n\r\n", path(raw), len(raw))
	if _, err := conn.Write(raw[:100]); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn) // until the service ends it
	if err != nil || !bytes.Contains(answer, []byte("busy")) {
		t.Errorf("answer %q, %v", answer, err)
	}
	resp, body := w.patch("cph-01", raw, 100, len(raw))
	w.received(raw, resp, body)
}

func TestSamePackageFromManyRequestsAtOnce(t *testing.T) {
	w := newWorld(t)
	id, raw := w.pack("cph-01", 1)
	var all sync.WaitGroup
	receipts := make(chan string, 8)
	for range cap(receipts) {
		all.Go(func() {
			resp, body := w.create("cph-01", id, raw, raw)
			for resp.StatusCode == http.StatusConflict { // somebody else is ahead
				at, _ := strconv.Atoi(resp.Header.Get("Upload-Offset"))
				resp, body = w.patch("cph-01", raw, at, len(raw))
			}
			if resp.StatusCode != http.StatusOK {
				t.Errorf("answer %d %s", resp.StatusCode, body)
			}
			receipts <- string(body)
		})
	}
	all.Wait()
	close(receipts)
	first := <-receipts
	for r := range receipts {
		if r != first {
			t.Error("the same package got different receipts")
		}
	}
	if n := w.entries(); n != 1 {
		t.Errorf("%d entries, want 1", n)
	}
}

func TestTooManyAtOnceAreToldToWait(t *testing.T) {
	hold, entered := make(chan struct{}), make(chan struct{})
	w := newWorld(t, func(c *intake.Config) {
		c.Active = 1
		identify := c.Identify
		c.Identify = func(r *http.Request) (string, *x509.Certificate, error) {
			entered <- struct{}{}
			<-hold
			return identify(r)
		}
	})
	var first sync.WaitGroup
	first.Go(func() { w.do(call{method: "GET", path: "/v1/ping", station: "cph-01"}) })
	<-entered
	resp, body := w.do(call{method: "GET", path: "/v1/ping", station: "cph-01"})
	w.answers("busy", resp, body)
	if resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" {
		t.Errorf("answer %d %v", resp.StatusCode, resp.Header)
	}
	close(hold)
	first.Wait()
}

// fullStore is a store without room.
type fullStore struct{ intake.Store }

func (fullStore) Begin(intake.Upload) (int64, error) { return 0, intake.ErrFull }

func TestFullStoreIsATemporaryProblem(t *testing.T) {
	w := newWorld(t, func(c *intake.Config) { c.Store = fullStore{c.Store} })
	id, raw := w.pack("cph-01", 1)
	resp, body := w.create("cph-01", id, raw, raw)
	w.answers("storage_full", resp, body)
	if resp.StatusCode != 507 || resp.Header.Get("Retry-After") == "" {
		t.Errorf("answer %d %v", resp.StatusCode, resp.Header)
	}
}

// signerAway cannot sign the first time: the package is kept, and signed for once
// it can.
func TestSignerAway(t *testing.T) {
	away := true
	w := newWorld(t, func(c *intake.Config) {
		sign := c.Sign
		c.Sign = func(r seal.Receipt) ([]byte, error) {
			if away {
				return nil, errors.New("away")
			}
			return sign(r)
		}
	})
	id, raw := w.pack("cph-01", 1)
	resp, body := w.create("cph-01", id, raw, raw)
	w.answers("internal", resp, body)
	resp, _ = w.do(call{method: "HEAD", path: path(raw), station: "cph-01"})
	if resp.Header.Get("Upload-Offset") != strconv.Itoa(len(raw)) || resp.Header.Get("Upload-Complete") != "?0" {
		t.Errorf("HEAD: %v", resp.Header)
	}
	away = false
	resp, body = w.patch("cph-01", raw, len(raw), len(raw))
	if r := w.received(raw, resp, body); r.LogIndex != 1 {
		t.Errorf("log index %d, want 1", r.LogIndex)
	}
}
