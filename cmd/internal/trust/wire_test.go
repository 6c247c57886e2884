package trust

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"optag/queue/intake"
	"optag/queue/upload"
)

// once demands that the service has exactly these packages, each once and whole.
func once(t *testing.T, p *Private, sent []upload.Package) {
	t.Helper()
	n := 0
	for _, err := range p.Store.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != len(sent) {
		t.Errorf("the service has %d packages, want %d", n, len(sent))
	}
	for _, pkg := range sent {
		want := make([]byte, pkg.Size)
		if _, err := pkg.Body.ReadAt(want, 0); err != nil && err != io.EOF {
			t.Fatal(err)
		}
		if !bytes.Equal(body(t, p, pkg), want) {
			t.Errorf("package %s arrived otherwise than it was sent", pkg.ID)
		}
	}
}

// deliverAll sends n packages of up to size bytes through r.
func deliverAll(t *testing.T, p *Private, r *relay, n, size int) []upload.Package {
	t.Helper()
	c := through(t, p.Pair, r)
	var sent []upload.Package
	payload, previous, start := int64(0), [32]byte{}, time.Now()
	for seq := 1; seq <= n; seq++ {
		pkg := sealed(t, p.Pair, uint64(seq), previous, size/2+rand.IntN(size/2+1))
		if _, err := c.Send(t.Context(), pkg); err != nil {
			t.Fatalf("package %d: %v", seq, err)
		}
		sent, payload, previous = append(sent, pkg), payload+pkg.Size, pkg.SHA256
	}
	t.Logf("%d packages, %d bytes, %d cuts: wire/payload %.3f up, %.3f down; %.1f MB/s",
		n, payload, r.cuts.Load(), float64(r.up.Load())/float64(payload), float64(r.down.Load())/float64(payload),
		float64(payload)/1e6/time.Since(start).Seconds())
	return sent
}

func TestLinkThatBreaks(t *testing.T) {
	cases := []struct {
		name string
		mean int64
		n    int
		size int
	}{
		{"never", 0, 10, 1 << 20},
		{"every 60 KB on average", 60_000, 45, 120_000},
		{"every 300 KB on average", 300_000, 10, 1 << 20},
	}
	if testing.Short() {
		cases = cases[1:2]
		cases[0].n = 12
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := private(t)
			r := (&relay{to: p.server.Addr, mean: c.mean}).start(t)
			sent := deliverAll(t, p, r, c.n, c.size)
			once(t, p, sent)
			if c.mean > 0 && r.cuts.Load() == 0 {
				t.Error("the link never broke: this test has tested nothing")
			}
		})
	}
}

// OPTAG_SOAK=1 measures a satellite link: 256 KB/s, 300 ms, breaking.
func TestSlowLinkThatBreaks(t *testing.T) {
	if os.Getenv("OPTAG_SOAK") == "" {
		t.Skip("takes a minute; OPTAG_SOAK=1 runs it")
	}
	for _, mean := range []int64{0, 300_000} {
		p := private(t)
		r := (&relay{to: p.server.Addr, mean: mean, rate: 256_000, delay: 300 * time.Millisecond}).start(t)
		start := time.Now()
		sent := deliverAll(t, p, r, 6, 1<<20)
		bytes := int64(0)
		for _, pkg := range sent {
			bytes += pkg.Size
		}
		t.Logf("breaking every %d: link use %.2f", mean, float64(bytes)/256_000/time.Since(start).Seconds())
		once(t, p, sent)
	}
}

// The service has signed, and the answer never arrives.
func TestReplyIsLost(t *testing.T) {
	p := private(t)
	pkg := sealed(t, p.Pair, 1, [32]byte{}, 200_000)
	var lost atomic.Bool
	r := (&relay{to: p.server.Addr, lose: func() bool {
		_, err := p.Store.Receipt(intake.Key{Station: "cph-01", SHA256: pkg.SHA256})
		return err == nil && lost.CompareAndSwap(false, true)
	}}).start(t)
	receipt, err := through(t, p.Pair, r).Send(t.Context(), pkg)
	if err != nil || !lost.Load() {
		t.Fatalf("lost %v, Send: %v", lost.Load(), err)
	}
	if got, err := p.Service.VerifyReceipt(receipt, pkg.ID, pkg.SHA256); err != nil || got.LogIndex != 1 {
		t.Errorf("receipt %+v, %v", got, err)
	}
	if up := r.up.Load(); up > pkg.Size*11/10 {
		t.Errorf("%d bytes were sent for a package of %d: it was sent twice", up, pkg.Size)
	}
	once(t, p, []upload.Package{pkg})
}

// The service ends and starts again, over and over, while packages arrive.
func TestServiceRestarts(t *testing.T) {
	p := private(t)
	r := (&relay{to: p.server.Addr, rate: 2_000_000}).start(t)
	restarts, stop := 0, make(chan struct{})
	var churn sync.WaitGroup
	churn.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Duration(100+rand.IntN(150)) * time.Millisecond):
				restart(t, p)
				restarts++
			}
		}
	})
	sent := deliverAll(t, p, r, 8, 300_000)
	close(stop)
	churn.Wait()
	if restarts == 0 {
		t.Error("the service never restarted: this test has tested nothing")
	}
	once(t, p, sent)
}

// restart ends the service as if its process ended, and starts it anew on the
// same port and store.
func restart(t *testing.T, p *Private) {
	address := p.server.Addr
	if err := p.server.Close(); err != nil {
		t.Error(err)
	}
	<-p.done
	if err := p.Store.Close(); err != nil {
		t.Error(err)
	}
	files, err := intake.OpenFiles(p.dir)
	if err != nil {
		t.Error(err)
		return
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Error(err)
		return
	}
	if err := p.serve(l, files, nil); err != nil {
		t.Error(err)
	}
}

// proxy is an HTTP proxy that tunnels, counting. With a status other than 200 it
// refuses.
func proxy(t *testing.T, status int) (func(*http.Request) (*url.URL, error), *atomic.Int64) {
	t.Helper()
	var used atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		used.Add(1)
		if r.Method != http.MethodConnect || status != http.StatusOK {
			w.WriteHeader(status)
			return
		}
		to, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		from, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			to.Close()
			return
		}
		fmt.Fprint(from, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() { _, _ = io.Copy(to, from); closeWrite(to) }()
		_, _ = io.Copy(from, to)
		from.Close()
		to.Close()
	}))
	t.Cleanup(s.Close)
	at, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return http.ProxyURL(at), &used
}

func TestProxy(t *testing.T) {
	p := private(t)
	pkg := sealed(t, p.Pair, 1, [32]byte{}, 100_000)
	way := &relay{Listener: address(p.server.Addr)}
	tunnel, used := proxy(t, http.StatusOK)
	c := through(t, p.Pair, way, func(o *upload.Options) { o.Proxy = tunnel })
	if _, err := c.Send(t.Context(), pkg); err != nil || used.Load() == 0 {
		t.Errorf("used %d times, Send: %v", used.Load(), err)
	}
	c.Close()
	wall, _ := proxy(t, http.StatusProxyAuthRequired)
	c = through(t, p.Pair, way, func(o *upload.Options) { o.Proxy, o.Idle = wall, 2 })
	fails(t, c, pkg, "Proxy Authentication Required")
}

// address is a listener only in so far as it has an address.
type address string

func (a address) Addr() net.Addr            { return name(a) }
func (a address) Accept() (net.Conn, error) { return nil, net.ErrClosed }
func (a address) Close() error              { return nil }

type name string

func (n name) Network() string { return "tcp" }
func (n name) String() string  { return string(n) }

// fails demands a temporary error with these words.
func fails(t *testing.T, c *upload.Client, pkg upload.Package, words string) {
	t.Helper()
	_, err := c.Send(t.Context(), pkg)
	var temporary *upload.TemporaryError
	if !errors.As(err, &temporary) || !strings.Contains(err.Error(), words) {
		t.Errorf("Send: %v, want a temporary error with %q", err, words)
	}
	if err := c.Ping(t.Context()); !errors.As(err, &temporary) {
		t.Errorf("Ping: %v, want a temporary error", err)
	}
}

func TestWrongCertificates(t *testing.T) {
	p, other := private(t), private(t)
	pkg := sealed(t, p.Pair, 1, [32]byte{}, 1000)
	way := &relay{Listener: address(p.server.Addr)}
	t.Run("the service is another than the one trusted", func(t *testing.T) {
		c := through(t, other.Pair, way, func(o *upload.Options) { o.Idle = 1 })
		fails(t, c, pkg, "certificate")
	})
	t.Run("the station's certificate is another service's", func(t *testing.T) {
		theirs, err := other.Station.ClientTLS(other.Service)
		if err != nil {
			t.Fatal(err)
		}
		c := through(t, p.Pair, way, func(o *upload.Options) { o.TLS.Certificates, o.Idle = theirs.Certificates, 2 })
		fails(t, c, pkg, "tls")
	})
	t.Run("the station has none", func(t *testing.T) {
		c := through(t, p.Pair, way, func(o *upload.Options) { o.TLS.Certificates, o.Idle = nil, 2 })
		fails(t, c, pkg, "certificate required")
	})
	t.Run("an old TLS", func(t *testing.T) {
		_, err := tls.Dial("tcp", p.server.Addr, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12})
		if err == nil {
			t.Error("TLS 1.2 was accepted")
		}
	})
	if c := client(t, p.Pair); c.Ping(t.Context()) != nil {
		t.Error("the right certificates do not work: this test has tested nothing")
	}
}

func TestExpiredStationCertificate(t *testing.T) {
	p := private(t)
	later := func() time.Time { return time.Now().Add(stationLife + 24*time.Hour) }
	conf, err := p.Authority.ServerTLS(nil, later)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", conf)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: p.server.Handler, ErrorLog: p.server.ErrorLog}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { s.Close() })
	c := through(t, p.Pair, &relay{Listener: l}, func(o *upload.Options) { o.TLS.Time, o.Idle = later, 2 })
	fails(t, c, sealed(t, p.Pair, 1, [32]byte{}, 1000), "expired certificate")
}

func TestStationTakenOffTheRegister(t *testing.T) {
	p := private(t)
	if err := p.Authority.Remove("cph-01"); err != nil {
		t.Fatal(err)
	}
	_, err := client(t, p.Pair).Send(t.Context(), sealed(t, p.Pair, 1, [32]byte{}, 1000))
	var refused *upload.RefusedError
	if !errors.As(err, &refused) || refused.Code != upload.StationUnknown {
		t.Errorf("Send: %v", err)
	}
}

// Whatever code the service calls a refusal is one to the station, and no other.
func TestCodesAreTheSameAtBothEnds(t *testing.T) {
	for _, p := range intake.Problems() {
		if got := upload.Code(p.Code).Refuses(); got != p.Refused {
			t.Errorf("%s: a refusal for the service %v, for the station %v", p.Code, p.Refused, got)
		}
	}
}

func TestDrainIsEndedByItsContext(t *testing.T) {
	p := private(t)
	r := (&relay{to: p.server.Addr, rate: 300_000}).start(t)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := through(t, p.Pair, r).Send(ctx, sealed(t, p.Pair, 1, [32]byte{}, 400_000))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Send: %v", err)
	}
}

// Nothing in the station's home opens a package or signs for the service.
func TestHomeHoldsNoPrivateKeyOfTheService(t *testing.T) {
	home, store := filepath.Join(t.TempDir(), "home"), filepath.Join(t.TempDir(), "store")
	p, err := NewPair(home, store, "cph-01", "https://127.0.0.1:1", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	receipts, err := p.Authority.Receipts.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	secrets := [][]byte{
		[]byte(p.Authority.Identities[0].Secret()), []byte("AGE-SECRET-KEY"),
		bytes.Split(receipts, []byte("\n"))[3],
	}
	files := 0
	err = filepath.WalkDir(home, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		raw, err := os.ReadFile(path)
		for _, secret := range secrets {
			if bytes.Contains(raw, secret) {
				t.Errorf("%s holds a private key of the service", path)
			}
		}
		if at, err := d.Info(); err == nil && at.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", path, at.Mode())
		}
		return err
	})
	if err != nil || files < 2 {
		t.Errorf("%d files looked at, %v", files, err)
	}
}
