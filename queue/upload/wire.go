package upload

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Names of the wire.
const (
	headerOffset   = "Upload-Offset"
	headerLength   = "Upload-Length"
	headerComplete = "Upload-Complete"
	headerPackage  = "Package-Id"
	headerDigest   = "Repr-Digest"

	typeReceipt = "application/vnd.optag.receipt"
	typeProblem = "application/problem+json"
	typePartial = "application/partial-upload"
)

// maxAnswer bounds an answer in bytes; a receipt has about 5 KB.
const maxAnswer = 64 << 10

// pieceSize is the largest number of bytes given to the link at once, and so the
// size of a TLS record: a record cut in two is lost whole.
const pieceSize = 4 << 10

// unknown is the offset before the service has told it.
const unknown = -1

// A sending is one package on its way.
type sending struct {
	c *Client
	p Package

	next     func(context.Context) ([]byte, error) // what is to be done next; nil, nil when another step follows
	offset   int64                                 // where the upload stands, or unknown
	best     int64                                 // highest offset the service has told
	mismatch bool                                  // the service has once found the content to be wrong
}

func (s *sending) path() string { return "/v1/packages/" + hex.EncodeToString(s.p.SHA256[:]) }

// create names the package to the service and sends its first chunk with that.
func (s *sending) create(ctx context.Context) ([]byte, error) {
	r := s.chunk(http.MethodPost, "/v1/packages", 0)
	r.header[headerLength] = strconv.FormatInt(s.p.Size, 10)
	r.header[headerPackage] = s.p.ID
	r.header[headerDigest] = "sha-256=:" + base64.StdEncoding.EncodeToString(s.p.SHA256[:]) + ":"
	return s.send(ctx, r, "sending a package")
}

// ask asks where the upload stands.
func (s *sending) ask(ctx context.Context) ([]byte, error) {
	const doing = "asking where an upload stands"
	a, err := s.c.do(ctx, request{method: http.MethodHead, path: s.path()})
	switch {
	case err != nil:
		return nil, &TemporaryError{Doing: doing, Err: err}
	case a.status == http.StatusNotFound:
		s.next = s.create
		return nil, nil
	case a.status != http.StatusOK && a.status != http.StatusNoContent:
		s.next = s.create // an answer to HEAD has no body, so the reason is not in it
		return nil, a.fault(doing)
	case a.complete():
		s.next = s.fetch
		return nil, nil
	}
	return nil, s.stands(a, doing)
}

// patch sends the next chunk.
func (s *sending) patch(ctx context.Context) ([]byte, error) {
	return s.send(ctx, s.chunk(http.MethodPatch, s.path(), s.offset), "sending a package")
}

// fetch asks for the receipt of a package that has arrived.
func (s *sending) fetch(ctx context.Context) ([]byte, error) {
	const doing = "fetching a receipt"
	r := request{method: http.MethodGet, path: "/v1/receipts/" + hex.EncodeToString(s.p.SHA256[:])}
	a, err := s.c.do(ctx, r)
	switch {
	case err != nil:
		return nil, &TemporaryError{Doing: doing, Err: err}
	case a.status == http.StatusNotFound:
		s.next = s.create
		return nil, nil
	case a.isReceipt():
		return s.receipt(a)
	}
	return nil, a.fault(doing)
}

// chunk prepares the request that carries the bytes from offset on.
func (s *sending) chunk(method, path string, offset int64) request {
	n := min(s.c.size(), s.p.Size-offset)
	return request{
		method: method,
		path:   path,
		body:   io.NewSectionReader(s.p.Body, offset, n),
		length: n,
		header: map[string]string{
			"Content-Type": typePartial,
			headerOffset:   strconv.FormatInt(offset, 10),
			headerComplete: structuredBool(offset+n == s.p.Size),
		},
	}
}

// send sends a chunk and reads the answer: a receipt, the new offset, or
// the offset where the service says the upload really stands.
func (s *sending) send(ctx context.Context, r request, doing string) ([]byte, error) {
	a, err := s.c.do(ctx, r)
	if err != nil {
		s.c.broke()
		s.next = s.ask
		return nil, &TemporaryError{Doing: doing, Err: err}
	}
	switch {
	case a.isReceipt():
		s.c.held()
		return s.receipt(a)
	case a.status/100 == 2 && a.complete():
		s.next = s.fetch
		return nil, nil
	case a.status/100 == 2:
		s.c.held()
		return nil, s.stands(a, doing)
	case a.problem.Code == OffsetMismatch && a.header.Get(headerOffset) != "":
		return nil, s.stands(a, doing)
	case a.problem.Code == UploadUnknown:
		s.next = s.create
		return nil, nil
	}
	return nil, s.failed(a, doing)
}

// failed decides what follows when the service did not take a chunk.
func (s *sending) failed(a answer, doing string) error {
	s.next = s.ask
	if a.problem.Code == ContentMismatch {
		if s.mismatch {
			return &RefusedError{Code: Damaged, Message: "what is sent has twice had another hash than it should"}
		}
		s.mismatch = true
		s.next, s.best = s.create, 0
	}
	return a.fault(doing)
}

// stands takes over the offset of an answer.
func (s *sending) stands(a answer, doing string) error {
	offset, err := strconv.ParseInt(a.header.Get(headerOffset), 10, 64)
	if err != nil || offset < 0 || offset > s.p.Size {
		s.next = s.ask
		return &TemporaryError{Doing: doing, Err: errors.New("the service tells no offset that can be")}
	}
	s.offset, s.best, s.next = offset, max(s.best, offset), s.patch
	if s.p.Progress != nil {
		s.p.Progress(offset)
	}
	return nil
}

// receipt has the receipt judged. A bad one is asked for again: the package is
// with the service, and nothing may be deleted here.
func (s *sending) receipt(a answer) ([]byte, error) {
	s.next = s.fetch
	if len(a.body) == 0 {
		return nil, &TemporaryError{Doing: "reading a receipt", Err: errors.New("it is empty")}
	}
	if err := s.c.o.Verify(a.body, s.p); err != nil {
		return nil, &TemporaryError{Doing: "verifying a receipt", Err: err}
	}
	if s.p.Progress != nil {
		s.p.Progress(s.p.Size)
	}
	return a.body, nil
}

// A request is one question to the service.
type request struct {
	method, path string
	header       map[string]string
	body         io.Reader // nil for none
	length       int64     // of body
}

// An answer is what the service said to it.
type answer struct {
	status  int
	header  http.Header
	body    []byte
	problem problem // zero when there is none
}

// A problem is the body of an answer that is an error.
type problem struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
}

// do puts r to the service. The error says that there was no whole answer.
func (c *Client) do(ctx context.Context, r request) (answer, error) {
	ctx, w := newWatch(ctx, c.o.Stall)
	defer w.stop()
	var body io.Reader
	if r.body != nil {
		body = &pieces{from: r.body, alive: w.alive}
	}
	req, err := http.NewRequestWithContext(ctx, r.method, c.base.JoinPath(r.path).String(), body)
	if err != nil {
		return answer{}, err
	}
	req.ContentLength = r.length
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{}, cause(ctx, err)
	}
	defer resp.Body.Close()
	w.alive()
	a := answer{status: resp.StatusCode, header: resp.Header}
	if a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1)); err != nil {
		return answer{}, cause(ctx, err)
	}
	if len(a.body) > maxAnswer {
		return answer{}, errors.New("the answer is too long")
	}
	a.problem = parseProblem(a)
	return a, nil
}

// cause prefers the reason for which a context was ended to what came of it.
func cause(ctx context.Context, err error) error {
	if why := context.Cause(ctx); why != nil {
		return why
	}
	return err
}

// parseProblem reads the problem in an answer that is one. What another machine on
// the way says, such as a proxy or a hotel's log-in page, is never taken for the
// service's word: it has no problem.
func parseProblem(a answer) problem {
	var p problem
	kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	if a.status < 400 || kind != typeProblem {
		return p
	}
	if err := json.NewDecoder(bytes.NewReader(a.body)).Decode(&p); err != nil {
		return problem{}
	}
	p.Message = printable(p.Message)
	return p
}

// printable makes one line of at most 200 letters out of a stranger's text.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200])
	}
	return s
}

// fault makes an error out of an answer that is none of the expected.
func (a answer) fault(doing string) error {
	if a.problem.Code.Refuses() {
		return &RefusedError{Code: a.problem.Code, Message: a.problem.Message}
	}
	after, _ := strconv.ParseInt(a.header.Get("Retry-After"), 10, 32)
	err := fmt.Errorf("the answer is %d %s", a.status, http.StatusText(a.status))
	if a.problem.Message != "" {
		err = fmt.Errorf("the service says: %s (%s)", a.problem.Message, a.problem.Code)
	}
	return &TemporaryError{Doing: doing, Code: a.problem.Code, After: time.Duration(max(0, after)) * time.Second, Err: err}
}

func (a answer) isReceipt() bool {
	return a.status/100 == 2 && a.header.Get("Content-Type") == typeReceipt
}

func (a answer) complete() bool { return a.header.Get(headerComplete) == structuredBool(true) }

// structuredBool is a boolean of RFC 9651.
func structuredBool(b bool) string {
	if b {
		return "?1"
	}
	return "?0"
}

// pieces hands out a chunk in pieces of at most pieceSize and says so each time.
type pieces struct {
	from  io.Reader
	alive func()
}

func (p *pieces) Read(b []byte) (int, error) {
	p.alive()
	return p.from.Read(b[:min(len(b), pieceSize)])
}

// errStalled: neither a byte moved nor an answer came in time.
var errStalled = errors.New("the link stands still")

// A watch ends a context when it has not been told of a sign of life for a while.
type watch struct {
	timer *time.Timer
	after time.Duration
	stop  func()
}

func newWatch(ctx context.Context, after time.Duration) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(after, func() { cancel(errStalled) })
	return ctx, &watch{timer: timer, after: after, stop: func() { timer.Stop(); cancel(nil) }}
}

func (w *watch) alive() { w.timer.Reset(w.after) }
