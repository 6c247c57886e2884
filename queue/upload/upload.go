// Package upload delivers sealed packages to the receiving service and brings
// back the receipt. It alone, on the station's side, knows the wire, which
// docs/wire.md describes.
//
// Delivery survives everything a poor link does: it resumes where the service
// says it stands, may be repeated after a lost reply, and waits with growing,
// random pauses. What a package holds, what a receipt says and what is done
// with either is left to others: packages are bytes with a name, a receipt is
// judged by a function given in [Options].
package upload

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// A Package is one sealed package as the queue holds it.
type Package struct {
	ID     string      // package id of the manifest
	SHA256 [32]byte    // of the whole sealed package
	Size   int64       // bytes, above 0
	Body   io.ReaderAt // the sealed package; read in pieces, some more than once

	// Tried says that an earlier attempt may have left something at the service,
	// so that it is asked first. It saves bytes; nothing breaks if it is wrong.
	Tried bool

	// Progress, where set, is told how many bytes the service has, each time the
	// service says so.
	Progress func(bytes int64)
}

// Options say how to reach the service. URL is required; each other zero value
// stands for its default.
type Options struct {
	URL string // of the service, e.g. "https://intake.example:8443"

	TLS   *tls.Config                           // client certificate and trusted authorities; never below TLS 1.3
	Proxy func(*http.Request) (*url.URL, error) // default: from the environment

	// Verify judges a receipt. Without its consent no receipt is returned.
	// Default: any receipt will do, which is right in tests only.
	Verify func(receipt []byte, p Package) error

	Rand func() float64 // in [0,1), for the pauses; default: math/rand/v2

	Dial    time.Duration // for connecting, and again for the TLS handshake; default 15 s
	Stall   time.Duration // without a byte moving or an answer coming; default 45 s
	Base    time.Duration // longest first pause; default 200 ms
	Longest time.Duration // longest pause, also when the service asks for more; default 30 s
	Idle    int           // attempts without progress before giving up; default 6

	// FirstChunk is the number of bytes sent before the first answer is awaited;
	// default 1 MiB. Chunks grow while the link holds and shrink when it breaks.
	FirstChunk int64

	// Transport replaces the one made from TLS, Proxy and Dial. For tests.
	Transport http.RoundTripper
}

// Limits of the size of a chunk in bytes. The service keeps what arrived of a
// chunk before the link broke, and each costs a round trip: so they are large.
const (
	smallestChunk = 512 << 10
	firstChunk    = 1 << 20
	largestChunk  = 8 << 20
)

// A Client delivers packages to one service. It may be used by several
// goroutines at once.
type Client struct {
	o    Options
	base *url.URL
	http *http.Client

	mu    sync.Mutex // protects chunk
	chunk int64      // bytes of the next chunk, as the link has proven
}

// New returns a client of the service that o names. It does not connect.
func New(o Options) (*Client, error) {
	base, err := url.Parse(o.URL)
	if err != nil {
		return nil, fmt.Errorf("reading the address of the service: %w", err)
	}
	if base.Host == "" || (base.Scheme != "https" && !(base.Scheme == "http" && loopback(base.Hostname()))) {
		return nil, fmt.Errorf("reading the address of the service: %q is not an https address", o.URL)
	}
	o = o.withDefaults()
	c := &Client{o: o, base: base, chunk: o.FirstChunk}
	c.http = &http.Client{
		Transport: o.Transport,
		// A package goes where it was addressed to and nowhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if o.Transport == nil {
		c.http.Transport = newTransport(o)
	}
	return c, nil
}

// loopback reports whether host is this machine by its number, the only one that
// may be spoken to without TLS.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func (o Options) withDefaults() Options {
	orElse(&o.Dial, 15*time.Second)
	orElse(&o.Stall, 45*time.Second)
	orElse(&o.Base, 200*time.Millisecond)
	orElse(&o.Longest, 30*time.Second)
	orElse(&o.Idle, 6)
	orElse(&o.FirstChunk, firstChunk)
	if o.Proxy == nil {
		o.Proxy = http.ProxyFromEnvironment
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	if o.Verify == nil {
		o.Verify = func([]byte, Package) error { return nil }
	}
	return o
}

func orElse[T ~int | ~int64](v *T, def T) {
	if *v <= 0 {
		*v = def
	}
}

// newTransport makes a transport of HTTP/1.1 with a deadline on every phase of
// connecting. The phases after that are watched by [watch].
func newTransport(o Options) *http.Transport {
	conf := &tls.Config{}
	if o.TLS != nil {
		conf = o.TLS.Clone()
	}
	conf.MinVersion = tls.VersionTLS13
	if conf.ClientSessionCache == nil {
		conf.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	}
	dialer := &net.Dialer{Timeout: o.Dial, KeepAlive: 15 * time.Second}
	return &http.Transport{
		Proxy:                  o.Proxy,
		TLSClientConfig:        conf,
		TLSHandshakeTimeout:    o.Dial,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConnsPerHost:    2,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if tcp, ok := conn.(*net.TCPConn); ok {
				// Bytes waiting in the kernel are lost when the link breaks.
				err = errors.Join(err, tcp.SetWriteBuffer(sendBuffer))
			}
			return conn, err
		},
	}
}

// sendBuffer is as many bytes as a link of 256 KB/s with a round trip of half a
// second can hold.
const sendBuffer = 128 << 10

// Close ends the idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Ping asks the service whether it is there. An error is a [*TemporaryError].
func (c *Client) Ping(ctx context.Context) error {
	a, err := c.do(ctx, request{method: http.MethodGet, path: "/v1/ping"})
	if err != nil {
		return &TemporaryError{Doing: "asking whether the service is there", Err: err}
	}
	if a.status/100 != 2 {
		return a.fault("asking whether the service is there")
	}
	return nil
}

// Send delivers p and returns the service's receipt, which Options.Verify has
// found good. It tries until the service has signed, refuses, ctx ends or
// several attempts in a row have moved nothing.
//
// The error is a [*RefusedError] when the service will not have this package as
// it stands, ctx's own when ctx ended, and otherwise a [*TemporaryError].
// Sending the same package again is always allowed.
func (c *Client) Send(ctx context.Context, p Package) (receipt []byte, err error) {
	if p.Size <= 0 || p.Body == nil {
		return nil, errors.New("sending a package: it is empty")
	}
	s := &sending{c: c, p: p, offset: unknown}
	if !p.Tried {
		s.next = s.create
	} else {
		s.next = s.ask
	}
	for idle := 0; ; {
		before := s.best
		receipt, err := s.next(ctx)
		if receipt != nil || final(ctx, err) {
			return receipt, ended(ctx, err)
		}
		if s.best > before {
			idle = 0
		} else if idle++; idle >= c.o.Idle {
			return nil, gaveUp(err)
		}
		if err == nil {
			continue
		}
		if err := c.pause(ctx, idle, err); err != nil {
			return nil, err
		}
	}
}

// final reports whether err ends the sending.
func final(ctx context.Context, err error) bool {
	var refused *RefusedError
	return errors.As(err, &refused) || ctx.Err() != nil
}

// ended is err, or the reason for which ctx ended.
func ended(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("sending a package: %w", context.Cause(ctx))
	}
	return err
}

func gaveUp(err error) error {
	if err == nil {
		err = &TemporaryError{Doing: "sending a package", Err: errors.New("the service and the station do not agree where the upload stands")}
	}
	return err
}

// pause waits before another attempt: a random part of a bound that doubles with
// each attempt that moved nothing, and at least as long as the service asked.
// When the service asks for more than Longest, that is an end for now.
func (c *Client) pause(ctx context.Context, idle int, cause error) error {
	wait := backoff(c.o.Base, c.o.Longest, idle, c.o.Rand())
	var temporary *TemporaryError
	if errors.As(cause, &temporary) && temporary.After > 0 {
		if temporary.After > c.o.Longest {
			return cause
		}
		wait += temporary.After
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("sending a package: %w", context.Cause(ctx))
	}
}

// backoff is the full-jitter pause after n attempts in a row that moved nothing:
// uniform in [0, min(longest, base·2ⁿ)), by the random number r in [0,1).
func backoff(base, longest time.Duration, n int, r float64) time.Duration {
	bound := longest
	if n < 32 && base<<n > 0 && base<<n < longest {
		bound = base << n
	}
	return time.Duration(r * float64(bound))
}

// size of the next chunk
func (c *Client) size() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.chunk
}

// held and broke adapt the chunk to what the link has carried.
func (c *Client) held() { c.adapt(2, 1) }

func (c *Client) broke() { c.adapt(1, 2) }

func (c *Client) adapt(times, by int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.chunk = max(smallestChunk, min(largestChunk, c.chunk*times/by))
}
