package upload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// A script is a service that answers as it is told, line by line, and notes what
// it was asked. The last line repeats.
type script struct {
	lines []line
	asked []string
	at    []time.Duration // since start, of each request
	start time.Time
}

// A line is one answer.
type line struct {
	status int
	header map[string]string
	body   string
	err    error         // the link breaks instead
	after  time.Duration // the answer takes so long
	read   int64         // bytes taken in before the link breaks
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	l := s.lines[min(len(s.asked), len(s.lines)-1)]
	note := r.Method + " " + r.URL.Path
	if r.Body != nil {
		from := io.Reader(r.Body)
		if l.err != nil {
			from = io.LimitReader(r.Body, l.read)
		}
		n, err := io.Copy(io.Discard, from)
		if err != nil {
			return nil, err
		}
		note += fmt.Sprintf(" %s+%d", r.Header.Get(headerOffset), n)
	}
	s.asked = append(s.asked, note)
	s.at = append(s.at, time.Since(s.start))
	select {
	case <-time.After(l.after):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if l.err != nil {
		return nil, l.err
	}
	resp := &http.Response{StatusCode: l.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(l.body)), Request: r}
	for name, value := range l.header {
		resp.Header.Set(name, value)
	}
	return resp, nil
}

func stands(offset int) line {
	return line{status: 204, header: map[string]string{headerOffset: fmt.Sprint(offset)}}
}

func signed(receipt string) line {
	return line{status: 200, body: receipt, header: map[string]string{"Content-Type": typeReceipt}}
}

func problemLine(status int, code Code, header ...string) line {
	l := line{status: status, body: `{"code":"` + string(code) + `","message":"in words"}`, header: map[string]string{"Content-Type": typeProblem}}
	for i := 0; i+1 < len(header); i += 2 {
		l.header[header[i]] = header[i+1]
	}
	return l
}

var broken = line{err: errors.New("connection reset"), read: 10}

// A talk is one Send over a script.
type talk struct {
	*script
	receipt []byte
	err     error
}

// told sends a package of size bytes, in chunks of chunk, with random 0.5.
func told(t *testing.T, size, chunk int64, change func(*Options, *Package), lines ...line) talk {
	t.Helper()
	s := &script{lines: lines, start: time.Now()}
	o := Options{URL: "https://intake.example", Transport: s, Rand: func() float64 { return 0.5 }, FirstChunk: chunk}
	p := Package{ID: "0a", Size: size, Body: bytes.NewReader(make([]byte, size))}
	if change != nil {
		change(&o, &p)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := c.Send(t.Context(), p)
	return talk{s, receipt, err}
}

// said demands the whole conversation.
func (k talk) said(t *testing.T, want ...string) {
	t.Helper()
	if got := strings.Join(k.asked, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("the client asked\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

const name = "/v1/packages/0000000000000000000000000000000000000000000000000000000000000000"

var receiptName = strings.Replace(name, "packages", "receipts", 1)

func TestConversations(t *testing.T) {
	tried := func(_ *Options, p *Package) { p.Tried = true }
	cases := []struct {
		name   string
		change func(*Options, *Package)
		lines  []line
		want   []string
	}{
		{
			"a small package in one request", nil,
			[]line{signed("R")},
			[]string{"POST /v1/packages 0+300000"},
		},
		{
			"a larger one in growing chunks", func(o *Options, p *Package) { o.FirstChunk = 100_000 },
			[]line{stands(100_000), signed("R")},
			[]string{"POST /v1/packages 0+100000", "PATCH " + name + " 100000+200000"},
		},
		{
			"the service says that it has less than was sent", nil,
			[]line{stands(5), signed("R")},
			[]string{"POST /v1/packages 0+300000", "PATCH " + name + " 5+299995"},
		},
		{
			"the link breaks and the service has a part", nil,
			[]line{broken, {status: 200, header: map[string]string{headerOffset: "7"}}, signed("R")},
			[]string{"POST /v1/packages 0+10", "HEAD " + name, "PATCH " + name + " 7+299993"},
		},
		{
			"the link breaks before anything arrived", nil,
			[]line{broken, {status: 404}, signed("R")},
			[]string{"POST /v1/packages 0+10", "HEAD " + name, "POST /v1/packages 0+300000"},
		},
		{
			"the reply is lost", nil,
			[]line{broken, {status: 200, header: map[string]string{headerComplete: "?1"}}, signed("R")},
			[]string{"POST /v1/packages 0+10", "HEAD " + name, "GET " + receiptName},
		},
		{
			"only the receipt was missing", tried,
			[]line{{status: 200, header: map[string]string{headerOffset: "300000", headerComplete: "?0"}}, signed("R")},
			[]string{"HEAD " + name, "PATCH " + name + " 300000+0"},
		},
		{
			"the upload stands elsewhere", nil,
			[]line{problemLine(409, OffsetMismatch, headerOffset, "123"), signed("R")},
			[]string{"POST /v1/packages 0+300000", "PATCH " + name + " 123+299877"},
		},
		{
			"the service has forgotten the upload", tried,
			[]line{{status: 200, header: map[string]string{headerOffset: "9"}}, problemLine(404, UploadUnknown), signed("R")},
			[]string{"HEAD " + name, "PATCH " + name + " 9+299991", "POST /v1/packages 0+300000"},
		},
		{
			"what arrived was damaged once", nil,
			[]line{problemLine(409, ContentMismatch), signed("R")},
			[]string{"POST /v1/packages 0+300000", "POST /v1/packages 0+300000"},
		},
		{
			"a receipt that is not good is fetched again", func(o *Options, _ *Package) {
				o.Verify = func(r []byte, _ Package) error {
					if string(r) != "R" {
						return errors.New("forged")
					}
					return nil
				}
			},
			[]line{signed("X"), signed("R")},
			[]string{"POST /v1/packages 0+300000", "GET " + receiptName},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := told(t, 300_000, firstChunk, c.change, c.lines...)
				if k.err != nil || string(k.receipt) != "R" {
					t.Errorf("Send = %q, %v", k.receipt, k.err)
				}
				k.said(t, c.want...)
			})
		})
	}
}

func TestRefusedForGood(t *testing.T) {
	for _, code := range []Code{SignatureInvalid, NotForUs, StationUnknown, StationMismatch, RuleViolated, Damaged, VersionUnsupported, Conflict, TooLarge, BadRequest} {
		synctest.Test(t, func(t *testing.T) {
			k := told(t, 10, firstChunk, nil, problemLine(422, code))
			var refused *RefusedError
			if !errors.As(k.err, &refused) || refused.Code != code || refused.Refused() != string(code) || k.receipt != nil {
				t.Errorf("%s: Send = %q, %v", code, k.receipt, k.err)
			}
			k.said(t, "POST /v1/packages 0+10")
		})
	}
}

func TestDamagedTwiceIsDamagedHere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := told(t, 10, firstChunk, nil, problemLine(409, ContentMismatch))
		var refused *RefusedError
		if !errors.As(k.err, &refused) || refused.Code != Damaged {
			t.Errorf("Send: %v", k.err)
		}
	})
}

// Nothing that a stranger on the way answers is a refusal: a package is never
// given up for a proxy's or a hotel's sake.
func TestStrangersOnTheWay(t *testing.T) {
	cases := map[string]line{
		"a log-in page":                            {status: 200, body: "<html>", header: map[string]string{"Content-Type": "text/html"}},
		"a forbidding proxy":                       {status: 403, body: "no", header: map[string]string{"Content-Type": "text/html"}},
		"a proxy that wants a password":            {status: 407},
		"a redirect":                               {status: 302, header: map[string]string{"Location": "https://elsewhere.example/"}},
		"a refusal in the wrong dress":             {status: 422, body: `{"code":"conflict"}`, header: map[string]string{"Content-Type": "text/plain"}},
		"a code nobody knows":                      problemLine(422, "grumpy"),
		"a problem cut short":                      {status: 422, body: `{"code":"confl`, header: map[string]string{"Content-Type": typeProblem}},
		"an offset beyond the package":             stands(11),
		"an offset below nothing":                  stands(-1),
		"no offset":                                {status: 204},
		"an answer without end":                    {status: 200, body: strings.Repeat("R", maxAnswer+1), header: map[string]string{"Content-Type": typeReceipt}},
		"an empty receipt":                         signed(""),
		"the same offset for ever":                 stands(0),
		"an offset mismatch that leads in circles": problemLine(409, OffsetMismatch, headerOffset, "3"),
	}
	for name, l := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := told(t, 10, firstChunk, nil, l)
				var temporary *TemporaryError
				if !errors.As(k.err, &temporary) || k.receipt != nil {
					t.Errorf("Send = %.20q, %v, want a temporary error", k.receipt, k.err)
				}
				if len(k.asked) > 20 {
					t.Errorf("%d requests before giving up", len(k.asked))
				}
			})
		})
	}
}

// The pauses grow, are random, and begin anew after progress.
func TestPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := told(t, 10, firstChunk, nil, line{err: errors.New("no route")})
		var temporary *TemporaryError
		if !errors.As(k.err, &temporary) || len(k.asked) != 6 {
			t.Fatalf("Send after %d requests: %v", len(k.asked), k.err)
		}
		// half of 200 ms doubled each time
		want := []time.Duration{0, 200, 600, 1400, 3000, 6200}
		for i, at := range k.at {
			if at != want[i]*time.Millisecond {
				t.Errorf("request %d at %v, want %v", i+1, at, want[i]*time.Millisecond)
			}
		}
	})
}

func TestBackoff(t *testing.T) {
	for n := range 70 {
		bound := 30 * time.Second
		if n < 8 {
			bound = min(bound, 200*time.Millisecond<<n)
		}
		if got := backoff(200*time.Millisecond, 30*time.Second, n, 0); got != 0 {
			t.Errorf("backoff(%d, 0) = %v", n, got)
		}
		if got := backoff(200*time.Millisecond, 30*time.Second, n, 0.999); got >= bound || got < bound*9/10 {
			t.Errorf("backoff(%d, 0.999) = %v, want just below %v", n, got, bound)
		}
	}
}

func TestRetryAfterIsRespected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := told(t, 10, firstChunk, nil, problemLine(503, Busy, "Retry-After", "7"), line{status: 404}, signed("R"))
		if k.err != nil {
			t.Fatal(k.err)
		}
		if k.at[1] < 7*time.Second || k.at[1] > 8*time.Second {
			t.Errorf("asked again after %v, want 7 s and a little", k.at[1])
		}
	})
	synctest.Test(t, func(t *testing.T) {
		k := told(t, 10, firstChunk, nil, problemLine(507, StorageFull, "Retry-After", "600"))
		var temporary *TemporaryError
		if !errors.As(k.err, &temporary) || temporary.After != 10*time.Minute || temporary.Code != StorageFull || len(k.asked) != 1 {
			t.Errorf("Send after %d requests: %v", len(k.asked), k.err)
		}
	})
}

// A service that neither takes bytes nor answers holds nobody for ever.
func TestSilentService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		k := told(t, 10, firstChunk, func(o *Options, _ *Package) { o.Stall, o.Idle = 10*time.Second, 2 }, line{after: time.Hour})
		if !errors.Is(k.err, errStalled) {
			t.Errorf("Send: %v", k.err)
		}
		if took := time.Since(start); took > 21*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// A service that is slow but alive is waited for.
func TestSlowService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := stands(5)
		slow.after = 40 * time.Second
		last := signed("R")
		last.after = 44 * time.Second
		if k := told(t, 10, firstChunk, nil, slow, last); k.err != nil || len(k.asked) != 2 {
			t.Errorf("Send after %d requests: %v", len(k.asked), k.err)
		}
	})
}

func TestContextEndsTheSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		why := errors.New("the station is being closed")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(3*time.Second, func() { cancel(why) })
		c, err := New(Options{URL: "https://intake.example", Transport: &script{lines: []line{{after: time.Hour}}}})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_, err = c.Send(ctx, Package{Size: 1, Body: strings.NewReader("x")})
		if !errors.Is(err, why) || time.Since(start) != 3*time.Second {
			t.Errorf("Send after %v: %v", time.Since(start), err)
		}
	})
}

// A package that cannot be read here is no reason to call it refused.
func TestBodyThatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fault := errors.New("a chunk is damaged")
		k := told(t, 10, firstChunk, func(o *Options, p *Package) { p.Body, o.Idle = readerAt{iotest.ErrReader(fault)}, 1 }, signed("R"))
		var temporary *TemporaryError
		if !errors.As(k.err, &temporary) || !errors.Is(k.err, fault) {
			t.Errorf("Send: %v", k.err)
		}
	})
}

type readerAt struct{ io.Reader }

func (r readerAt) ReadAt(b []byte, _ int64) (int, error) { return r.Read(b) }

func TestProgressIsWhatTheServiceHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told64 []int64
		told(t, 300_000, 100_000, func(_ *Options, p *Package) {
			p.Progress = func(n int64) { told64 = append(told64, n) }
		}, stands(100_000), stands(250_000), signed("R"))
		if fmt.Sprint(told64) != "[100000 250000 300000]" {
			t.Errorf("progress = %v", told64)
		}
	})
}

func TestChunksFollowTheLink(t *testing.T) {
	c, err := New(Options{URL: "https://intake.example"})
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		c.held()
	}
	if c.size() != largestChunk {
		t.Errorf("after a good time %d", c.size())
	}
	for range 20 {
		c.broke()
	}
	if c.size() != smallestChunk {
		t.Errorf("after a bad time %d", c.size())
	}
}

func TestAddresses(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://intake.example": true, "https://intake.example:8443/sub": true, "http://127.0.0.1:8080": true, "http://[::1]:1": true,
		"http://intake.example": false, "intake.example": false, "": false, "ftp://x": false, "https://": false, "http://localhost": false,
	} {
		if _, err := New(Options{URL: address}); (err == nil) != ok {
			t.Errorf("New(%q): %v", address, err)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(200, typeReceipt, "R", "", "")
	f.Add(204, "", "", "5", "")
	f.Add(409, typeProblem, `{"code":"offset_mismatch"}`, "3", "")
	f.Add(503, typeProblem, `{"code":"busy","message":"\u0007"}`, "", "99999999999999")
	f.Add(422, typeProblem, `{"code":"conflict"}`, "", "-1")
	f.Fuzz(func(t *testing.T, status int, kind, body, offset, after string) {
		synctest.Test(t, func(t *testing.T) {
			l := line{status: status, body: body, header: map[string]string{"Content-Type": kind, headerOffset: offset, "Retry-After": after}}
			k := told(t, 10, firstChunk, nil, l)
			if (k.receipt == nil) == (k.err == nil) {
				t.Errorf("Send = %q, %v", k.receipt, k.err)
			}
			if k.receipt != nil && (string(k.receipt) != body || kind != typeReceipt) {
				t.Errorf("a receipt came from nowhere: %q", k.receipt)
			}
		})
	})
}
