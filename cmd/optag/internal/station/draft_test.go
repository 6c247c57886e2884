package station

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"optag/cmd/internal/trust"
	"optag/cmd/optag/internal/simulate"
	"optag/queue/audit"
	"optag/ui/flow"
)

// fakeDrafts keeps drafts in memory, and does what it is told.
type fakeDrafts struct {
	mu        sync.Mutex
	plain     []byte
	saves     int
	destroyed int
	fail      error
	gate      chan struct{} // where not nil, each save waits for a word
	begun     chan struct{} // where not nil, each save says that it waits
	lost      chan struct{}
	loadErr   error
}

func newFake() *fakeDrafts { return &fakeDrafts{lost: make(chan struct{})} }

func (f *fakeDrafts) Save(plain []byte) error {
	if f.begun != nil {
		f.begun <- struct{}{}
	}
	if f.gate != nil {
		<-f.gate
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.saves++
	if f.fail == nil {
		f.plain = bytes.Clone(plain)
	}
	return f.fail
}

func (f *fakeDrafts) Load() ([]byte, error) { return bytes.Clone(f.plain), f.loadErr }

func (f *fakeDrafts) Destroy() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plain = nil
	f.destroyed++
	return nil
}

func (f *fakeDrafts) Lost() <-chan struct{} { return f.lost }

// A desk is a station that runs, without a clerk.
type desk struct {
	t    *testing.T
	s    *Station
	stop func()
}

// newStation makes the station of a home, on simulated devices.
func newStation(t *testing.T, home string, drafts Drafts) *Station {
	t.Helper()
	pair, err := trust.NewPair(home, home+"-service", "SIM-01", "https://127.0.0.1:9", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	devices := simulate.NewDevices(simulate.Script{Person: 1})
	t.Cleanup(devices.Close)
	s, err := New(Options{Home: home, Settings: Defaults(), Identity: pair.Station, Service: pair.Service,
		OpenScanner: devices.OpenScanner, OpenCamera: devices.OpenCamera, Drafts: drafts, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// open runs the station of a home, and closes it with the test.
func open(t *testing.T, home string, drafts Drafts) *desk {
	t.Helper()
	s := newStation(t, home, drafts)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	d := &desk{t: t, s: s}
	d.stop = sync.OnceFunc(func() {
		cancel()
		if err := errors.Join(<-ended, s.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(d.stop)
	return d
}

// ask runs f on the station's goroutine.
func (d *desk) ask(f func(*flow.State)) {
	d.t.Helper()
	done := make(chan struct{})
	d.s.later(func() { f(&d.s.counter.State); close(done) })
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		d.t.Fatal("the station does not answer")
	}
}

// send takes events through the counter.
func (d *desk) send(events ...flow.Event) {
	d.t.Helper()
	d.ask(func(*flow.State) {
		for _, e := range events {
			d.s.handle(e)
		}
	})
}

// header waits until the header shows the draft as wanted.
func (d *desk) header(want string) {
	d.t.Helper()
	got := "?"
	for range 1000 {
		d.ask(func(s *flow.State) { got = s.Draft })
		if got == want {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	d.t.Errorf("the draft is %q, want %q", got, want)
}

// begin logs in and opens a case.
func (d *desk) begin() {
	d.t.Helper()
	d.send(flow.LoggedIn{Officer: flow.Officer{ID: "4718", Name: "K. Lund", Role: "clerk"}}, flow.NewCase{},
		flow.Edit{Field: flow.CaseNumber, Value: "26-118402"}, flow.Edit{Field: flow.Family, Value: "HADDAD"},
		flow.Edit{Field: flow.Birth, Value: "1991-05-14"}, flow.Decide{})
	d.ask(func(s *flow.State) {
		if s.Session == nil || s.Page != flow.Law {
			d.t.Fatalf("the case is not open but at %s", s.Page)
		}
	})
}

func TestDraftIsSafeOnlyWhenTheNewestIsSaved(t *testing.T) {
	f := newFake()
	f.gate, f.begun = make(chan struct{}), make(chan struct{}, 9)
	d := open(t, filepath.Join(t.TempDir(), "home"), f)
	d.begin()
	<-f.begun
	for range 20 { // while the first is being saved
		d.send(flow.SpeakIn{Language: "en"})
	}
	d.header("")
	f.gate <- struct{}{}
	time.Sleep(20 * time.Millisecond)
	d.header("") // the first is on disk, and is old
	f.gate <- struct{}{}
	d.header("safe")
	d.ask(func(*flow.State) {
		if f.saves != 2 {
			t.Errorf("saved %d times, want the first and the newest", f.saves)
		}
		head, _, err := splitDraft(f.plain)
		if err != nil || head.Held.Person != "en" {
			t.Errorf("kept %+v, %v", head.Held, err)
		}
	})
	f.gate = nil
}

func TestDraftThatCannotBeKept(t *testing.T) {
	f := newFake()
	f.fail = errors.New("the disk is full")
	d := open(t, filepath.Join(t.TempDir(), "home"), f)
	d.begin()
	d.header("failed")
	f.mu.Lock()
	f.fail = nil
	f.mu.Unlock()
	d.send(flow.SpeakIn{Language: "en"})
	d.header("safe")
	close(f.lost) // the parent process is gone
	d.header("failed")
}

func TestAbandonedCaseIsDestroyed(t *testing.T) {
	f := newFake()
	home := filepath.Join(t.TempDir(), "home")
	d := open(t, home, f)
	d.begin()
	d.header("safe")
	d.send(flow.Go{To: flow.CaseForm}, flow.Edit{Field: flow.Birth, Value: "2024-05-14"}, flow.Decide{}) // another decision
	d.header("safe")
	d.ask(func(*flow.State) {
		if f.destroyed != 1 || f.plain == nil {
			t.Errorf("destroyed %d times; the new case is kept: %v", f.destroyed, f.plain != nil)
		}
	})
	d.stop()
	if f.plain != nil || f.destroyed != 2 {
		t.Errorf("an end in order left a draft; destroyed %d times", f.destroyed)
	}
}

// crash is the draft of a case in progress, as a crash leaves it, and the id
// that the case will have as a package.
func crash(t *testing.T) (plain []byte, id string) {
	t.Helper()
	f := newFake()
	d := open(t, filepath.Join(t.TempDir(), "home"), f)
	d.begin()
	d.send(flow.Next{})
	d.header("safe")
	d.ask(func(*flow.State) { plain, id = bytes.Clone(f.plain), d.s.drafts.packID })
	return plain, id
}

func TestCaseIsTakenUpByWhoeverLogsIn(t *testing.T) {
	plain, id := crash(t)
	f := newFake()
	f.plain = plain
	d := open(t, filepath.Join(t.TempDir(), "home"), f)
	d.ask(func(s *flow.State) {
		if s.Page != flow.Login || !s.Login.Waiting || s.Draft != "safe" || s.Session == nil {
			t.Fatalf("no case waits: %s, %+v, draft %q", s.Page, s.Login, s.Draft)
		}
	})
	d.send(flow.LoggedIn{Officer: flow.Officer{ID: "5150", Name: "P. Holm", Role: "clerk"}})
	d.ask(func(s *flow.State) {
		if s.Page != flow.Law || s.Form.Values[flow.Family] != "HADDAD" || s.Number != "26-118402" {
			t.Errorf("taken up at %s, number %q", s.Page, s.Number)
		}
		if d.s.drafts.packID != id {
			t.Error("the case is to be another package than before the crash")
		}
	})
	if !d.logged("draft_restored", "4718", "5150") {
		t.Error("the log does not tell whose case was taken up by whom")
	}
}

// logged reports whether the log has an event with this detail and actor.
func (d *desk) logged(event audit.Event, what, actor string) bool {
	d.t.Helper()
	for leaf, err := range d.s.queue.Leaves() {
		if err != nil {
			d.t.Fatal(err)
		}
		e, err := audit.Parse(leaf)
		if err != nil {
			d.t.Fatal(err)
		}
		if e.Event == event && e.Details["what"] == what && e.Actor == actor {
			return true
		}
	}
	return false
}

func TestWhatCannotBeTakenUp(t *testing.T) {
	plain, id := crash(t)
	for _, c := range []struct {
		name  string
		plain []byte
		err   error
		why   string
	}{
		{"a key of another run", nil, errors.New("the draft cannot be read"), "unreadable"},
		{"cut in the session", plain[:len(plain)-1], nil, "unreadable"},
		{"sealed just before the crash", plain, nil, "sealed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			home := filepath.Join(t.TempDir(), "home")
			if c.why == "sealed" {
				put(t, home, id)
			}
			f := newFake()
			f.plain, f.loadErr = c.plain, c.err
			d := open(t, home, f)
			d.ask(func(s *flow.State) {
				if s.Session != nil || s.Login.Waiting || s.Draft != "" {
					t.Errorf("a case was taken up: %+v", s.Login)
				}
			})
			if !d.logged("draft_destroyed", c.why, "station") {
				t.Error("the log says nothing")
			}
			if c.err == nil && f.destroyed != 1 {
				t.Errorf("destroyed %d times, want once", f.destroyed)
			}
			d.begin() // the next case is as any other
			d.header("safe")
		})
	}
	head := 4 + int(binary.BigEndian.Uint32(plain))
	for n := range head { // cut in the counter's part: and what the technician reads tells nothing
		_, _, err := splitDraft(plain[:n])
		if err == nil || strings.Contains(err.Error(), "HADDAD") || strings.Contains(err.Error(), "118402") {
			t.Fatalf("cut to %d bytes: %v", n, err)
		}
	}
	if _, _, err := splitDraft(bytes.Replace(plain, []byte(`"version":1`), []byte(`"version":7`), 1)); err == nil {
		t.Error("a draft of another version was read")
	}
}

// put queues a package with this id.
func put(t *testing.T, home, id string) {
	t.Helper()
	q, err := OpenQueue(home, nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if _, err := q.Add("4718", func(uint64, [32]byte) (string, []byte, error) { return id, []byte("sealed"), nil }); err != nil {
		t.Fatal(err)
	}
}

func FuzzSplitDraft(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x0d{\"version\":1}session"))
	f.Add([]byte("\xff\xff\xff\xff"))
	f.Add([]byte{0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		head, rest, err := splitDraft(data)
		if err == nil && (head.Version != draftVersion || len(rest) > len(data)-4) {
			t.Fatalf("split %q into %+v and %q", data, head, rest)
		}
	})
}

// TestPanicKeepsTheCase: a bug in the loop ends the program, and what was taken
// last is on disk all the same.
func TestPanicKeepsTheCase(t *testing.T) {
	f := newFake()
	f.gate = make(chan struct{}, 9)
	s := newStation(t, filepath.Join(t.TempDir(), "home"), f)
	defer s.Close()
	ended := make(chan any)
	go func() {
		defer func() { ended <- recover() }()
		_ = s.Run(t.Context())
	}()
	(&desk{t: t, s: s}).begin()
	f.gate <- struct{}{}
	s.later(func() {
		s.handle(flow.SpeakIn{Language: "en"})
		time.AfterFunc(50*time.Millisecond, func() { close(f.gate) })
		panic("a bug")
	})
	if got := <-ended; got != "a bug" {
		t.Fatalf("Run ended with %v", got)
	}
	head, _, err := splitDraft(f.plain)
	if err != nil || head.Held.Person != "en" || f.destroyed != 0 {
		t.Errorf("kept %+v, %v; destroyed %d times", head.Held, err, f.destroyed)
	}
}
