package sbi

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"optag/device"
)

// Limits on what a service may send.
const (
	maxHeader = 64 << 10
	maxAnswer = 1 << 20
	maxSample = 16 << 20 // four fingers at 1000 ppi, in base64 twice, are 5 MB
	shortRest = 250 * time.Millisecond
)

// loopback is the way to a service when nobody gave another.
func loopback(ctx context.Context, port int) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}

// A line is one connection with one request on it, and the answer as it comes.
type line struct {
	conn net.Conn
	in   *bufio.Reader
	cap  *io.LimitedReader // below in: what may still be read
	resp *http.Response
	stop func() bool
}

// request sends a request and reads the header of its answer. The connection is
// closed when ctx ends.
func (h *Host) request(ctx context.Context, port int, verb, path string, body any) (*line, error) {
	if port < FirstPort || port > LastPort {
		return nil, BadCallback
	}
	conn, err := h.opts.Dial(ctx, port)
	if err != nil {
		return nil, explain(ctx, err)
	}
	l := &line{conn: conn, stop: context.AfterFunc(ctx, func() { conn.Close() })}
	if err := l.exchange(verb, fmt.Sprintf("http://127.0.0.1:%d%s", port, path), body); err != nil {
		l.close()
		return nil, explain(ctx, err)
	}
	return l, nil
}

// exchange writes the request, with a body of fixed length: there are services
// that look for Content-Length in a fixed place and know no other form.
func (l *line) exchange(verb, url string, body any) error {
	var content io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(b)
	}
	req, err := http.NewRequest(verb, url, content)
	if err != nil {
		return err
	}
	req.Close = true
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if err := req.Write(l.conn); err != nil {
		return err
	}
	l.cap = &io.LimitedReader{R: l.conn, N: maxHeader}
	l.in = bufio.NewReader(l.cap)
	if l.resp, err = http.ReadResponse(l.in, req); err != nil {
		return err
	}
	if l.resp.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP status %d: %w", l.resp.StatusCode, device.ErrGarbled)
	}
	return nil
}

// close ends the connection and overwrites what was buffered of the answer.
func (l *line) close() {
	l.stop()
	l.conn.Close()
	if l.in != nil {
		l.in.Reset(zeros{})
		_, _ = l.in.Peek(l.in.Size())
	}
}

// zeros reads as zeros without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// explain turns the failure of a connection into what it means.
func explain(ctx context.Context, err error) error {
	var violated Violation
	switch {
	case context.Cause(ctx) == errLate, errors.Is(ctx.Err(), context.DeadlineExceeded):
		return device.ErrSilent
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &violated), errors.Is(err, device.ErrGarbled):
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.ErrClosedPipe),
		errors.Is(err, net.ErrClosed), isSyscall(err):
		return fmt.Errorf("%w: %w", device.ErrUnplugged, err)
	}
	return fmt.Errorf("%w: %w", device.ErrGarbled, err)
}

// isSyscall reports whether the connection itself failed: refused, reset.
func isSyscall(err error) bool {
	var no syscall.Errno
	return errors.As(err, &no)
}

// errLate is the cause of a context that this driver ended at its own deadline.
var errLate = errors.New("deadline of the call")

// ask sends a request and returns the JSON value of the answer, which belongs to
// the caller. patience bounds the whole call.
func (h *Host) ask(ctx context.Context, patience time.Duration, port int, verb, path string, body any) ([]byte, error) {
	within, cancel := context.WithTimeoutCause(ctx, patience, errLate)
	defer cancel()
	l, err := h.request(within, port, verb, path, body)
	if err == nil {
		defer l.close()
		var answer []byte
		most := int64(maxAnswer)
		if verb == "RCAPTURE" {
			most = maxSample
		}
		if answer, err = l.value(most); err == nil {
			return answer, nil
		}
		err = explain(within, err)
	}
	if ctx.Err() != nil { // the caller's own end is no fault of the device
		err = ctx.Err()
	}
	return nil, err
}

// value reads one JSON value of at most so many bytes. It stops at its end, whatever the service says the
// length is: there are those that count characters in place of bytes, and those
// that send a few bytes more.
func (l *line) value(most int64) ([]byte, error) {
	l.cap.N = most
	var v value
	err := v.readFrom(l.resp.Body)
	if err == nil || v.err != nil {
		return v.buf, err
	}
	if l.cap.N <= 0 {
		v.wipe()
		return nil, fmt.Errorf("an answer of more than %d bytes: %w", most, device.ErrGarbled)
	}
	counted := l.resp.ContentLength >= 0 && int64(len(v.buf)) >= l.resp.ContentLength
	if !counted {
		v.wipe()
		return nil, err
	}
	_ = l.conn.SetReadDeadline(time.Now().Add(shortRest))
	if err = v.readFrom(l.in); err != nil {
		v.wipe()
		return nil, fmt.Errorf("%d bytes are no JSON value: %w", l.resp.ContentLength, device.ErrGarbled)
	}
	return v.buf, nil
}

// A value is a JSON value as it is read: an object or an array.
type value struct {
	buf     []byte
	seen    int // of buf
	depth   int
	inside  bool // a string
	escaped bool
	err     error // it is none
}

// readFrom reads until the value ends. It returns what the reader returned when
// the value did not end before.
func (v *value) readFrom(r io.Reader) error {
	for {
		v.grow()
		n, err := r.Read(v.buf[len(v.buf):cap(v.buf)])
		v.buf = v.buf[:len(v.buf)+n]
		if end, done := v.scan(); done {
			clear(v.buf[end:])
			v.buf = v.buf[:end]
			return nil
		}
		if v.err != nil {
			v.wipe()
			return v.err
		}
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
	}
}

// grow makes room, and leaves no copy behind.
func (v *value) grow() {
	if len(v.buf) < cap(v.buf) {
		return
	}
	more := make([]byte, len(v.buf), max(8<<10, 2*cap(v.buf)))
	copy(more, v.buf)
	clear(v.buf)
	v.buf = more
}

func (v *value) wipe() {
	clear(v.buf[:cap(v.buf)])
	v.buf = nil
}

// scan looks at what is new and reports where the value ends. Whether it is
// well-formed is the decoder's to say.
func (v *value) scan() (end int, done bool) {
	for ; v.seen < len(v.buf); v.seen++ {
		c := v.buf[v.seen]
		switch {
		case v.inside:
			v.inside = v.escaped || c != '"'
			v.escaped = !v.escaped && c == '\\'
		case c == '"':
			v.inside = true
		case c == '{', c == '[':
			v.depth++
		case c == '}', c == ']':
			if v.depth--; v.depth == 0 {
				return v.seen + 1, true
			}
		}
		if v.depth <= 0 && c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			v.err = fmt.Errorf("answer is no JSON object or array: %w", device.ErrGarbled)
			return 0, false
		}
	}
	return 0, false
}
