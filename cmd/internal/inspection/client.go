package inspection

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Patience is how long a station waits for the office in one reading of a chip:
// the holder waits, too.
const Patience = 5 * time.Second

// A RefusedError is the office's word that it does not help.
type RefusedError struct {
	Code    string // as docs/inspection.md lists them
	Message string // for the technician
}

func (e *RefusedError) Error() string {
	return "the office refuses: " + e.Message + " (" + e.Code + ")"
}

// A Client asks an office. It may be used by several goroutines at once.
type Client struct {
	base     *url.URL
	http     *http.Client
	patience time.Duration
}

// NewClient returns a client of the office at address, an https URL. conf has the
// station's certificate and the authority of the office's. A patience of 0 is
// [Patience]. It does not connect.
func NewClient(address string, conf *tls.Config, patience time.Duration) (*Client, error) {
	base, err := url.Parse(address)
	if err != nil || base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("reading the address of the office that opens fingerprints: %.80q is not an https address", address)
	}
	conf = conf.Clone()
	conf.MinVersion = tls.VersionTLS13
	c := &Client{base: base, patience: cmp.Or(patience, Patience)}
	c.http = &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSClientConfig: conf, DisableCompression: true,
			DialContext:            (&net.Dialer{Timeout: c.patience}).DialContext,
			IdleConnTimeout:        30 * time.Second,
			MaxResponseHeaderBytes: 16 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// Open begins a conversation about one chip.
func (c *Client) Open() *Conversation { return &Conversation{client: c, left: c.patience} }

// A Conversation opens the fingerprints of one chip, as an
// emrtd.TerminalAuthenticator. All its waiting together has the client's
// patience; nothing is asked twice. Its errors are a *[RefusedError], or say that
// no good answer came.
type Conversation struct {
	client    *Client
	left      time.Duration
	authority string // whose certificates were asked for last
}

// Close ends the connection.
func (c *Conversation) Close() { c.client.http.CloseIdleConnections() }

// Chain asks for the certificates from the one that authority signed to the
// terminal's.
func (c *Conversation) Chain(ctx context.Context, authority string) ([][]byte, error) {
	if !isAuthority(authority) {
		return nil, errors.New("the chip names an authority that can be none")
	}
	c.authority = authority
	var a chainAnswer
	if err := c.ask(ctx, pathChain, chainRequest{authority}, &a); err != nil {
		return nil, err
	}
	if !isChain(a.Certificates) {
		return nil, errors.New("asking the office: its answer is no chain of certificates")
	}
	return a.Certificates, nil
}

func isChain(chain [][]byte) bool {
	for _, b := range chain {
		if len(b) == 0 || len(b) > maxCertificate {
			return false
		}
	}
	return len(chain) > 0 && len(chain) <= maxCertificates
}

// Sign asks for the terminal's signature over a message.
func (c *Conversation) Sign(ctx context.Context, message []byte) ([]byte, error) {
	var a signAnswer
	if err := c.ask(ctx, pathSign, signRequest{c.authority, message}, &a); err != nil {
		return nil, err
	}
	if len(a.Signature) == 0 || len(a.Signature) > maxSignature {
		return nil, errors.New("asking the office: its answer is no signature")
	}
	return a.Signature, nil
}

// ask asks once.
func (c *Conversation) ask(ctx context.Context, path string, question, answer any) error {
	raw, err := json.Marshal(question)
	if err != nil {
		return err
	}
	began := time.Now()
	defer func() { c.left -= time.Since(began) }()
	ctx, stop := context.WithTimeout(ctx, c.left)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.client.base.JoinPath(path).String(), bytes.NewReader(raw))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	a, err := c.client.http.Do(r)
	if err != nil {
		return fmt.Errorf("asking the office: %w", err)
	}
	defer a.Body.Close()
	if a.StatusCode == http.StatusOK {
		err = decode(a.Body, maxAnswer, answer)
	} else {
		err = problem(a)
	}
	var no *RefusedError
	if err != nil && !errors.As(err, &no) {
		err = fmt.Errorf("asking the office: reading its answer: %w", err)
	}
	return err
}

// problem reads an answer that is not the one asked for. What is no problem of
// the office's own is of a proxy, or of another service.
func problem(a *http.Response) error {
	var p struct{ Code, Message string }
	if a.Header.Get("Content-Type") != "application/problem+json" || decode(a.Body, maxProblem, &p) != nil || p.Code == "" {
		return fmt.Errorf("it has the status %d", a.StatusCode)
	}
	return &RefusedError{fmt.Sprintf("%.40s", p.Code), fmt.Sprintf("%.200s", p.Message)}
}
