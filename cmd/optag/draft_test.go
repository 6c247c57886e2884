package main

import (
	"bytes"
	"context"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"optag/capture/finger"
	"optag/cmd/internal/trust"
	"optag/cmd/optag/internal/draft"
	"optag/cmd/optag/internal/simulate"
	"optag/cmd/optag/internal/station"
	"optag/queue/seal"
	"optag/ui/flow"
)

// interrupted is the case that is worked on while the kiosk is killed.
const interrupted = `
case number=26-118402 family=HADDAD given=Samira birth_date=1991-05-14 basis=9
person 7
speak en
except left_index temporary bandaged
right_index: press_harder
`

// A sighting is what a kiosk without a screen tells of its state, a line of
// JSON each.
type sighting struct {
	PID      int
	Page     flow.Page
	Waiting  bool   // a case waits for somebody to log in
	Draft    string // as the header shows it
	Form     int    // fields that are filled
	Person   string // language of the applicant
	Rights   bool
	Attempts int
	Prints   int
	Marks    int
	Photos   int
	Closed   string // package
	Queued   bool   // the case was sealed before this process began
}

func see(s *flow.State) sighting {
	v := sighting{PID: os.Getpid(), Page: s.Page, Waiting: s.Login.Waiting, Draft: s.Draft, Person: s.Look.Person,
		Form: len(s.Form.Values), Closed: s.Delivery.Package}
	if s.Session == nil {
		return v
	}
	v.Rights, v.Prints = s.Session.Rights() != nil, len(s.Session.Kept())
	_, v.Photos = s.Session.Portrait()
	for _, p := range finger.All() {
		v.Attempts += len(s.Session.Attempts(p))
		if s.Session.Exception(p) != nil {
			v.Marks++
		}
	}
	return v
}

// TestKioskWithoutScreen is no test but the program of the others: a station on
// simulated devices with a scripted clerk, in the home that the environment
// names.
func TestKioskWithoutScreen(t *testing.T) {
	home := os.Getenv("OPTAG_TEST_KIOSK")
	if home == "" {
		t.Skip("this is a program that other tests run")
	}
	key, ok := draft.KeyFromParent()
	if !ok {
		os.Exit(3)
	}
	e := &env{out: os.Stdout, err: os.Stderr, home: home, key: key}
	if err := headless(e); err != nil {
		fmt.Fprintln(os.Stderr, "kiosk:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func headless(e *env) error {
	script, err := simulate.ParseScript(strings.NewReader(interrupted))
	if err != nil {
		return err
	}
	ctx, over := context.WithTimeout(context.Background(), time.Minute)
	defer over()
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM)
	defer stop()
	r := &robot{clerk: &simulate.Clerk{Staff: simulatedStaff, PIN: simulatedPIN, Script: script}, over: over}
	var last sighting
	first, queued := true, false
	var m *simulation
	m, err = newSimulation(e, script, slog.New(slog.NewTextHandler(os.Stderr, nil)), func(s *flow.State) {
		if first {
			first, queued = false, anyQueued(m)
		}
		v := see(s)
		if v.Queued = queued; v != last {
			last = v
			line, _ := json.Marshal(v)
			os.Stdout.Write(append(line, '\n'))
		}
		switch {
		case !queued:
			r.see(s)
		case s.Page == flow.Login && s.Status.Delivered > 0: // nothing else was to be done
			over()
		}
	})
	if err != nil {
		return err
	}
	defer m.Close()
	r.send = m.SendThen
	return m.Run(ctx)
}

func anyQueued(m *simulation) bool {
	list, err := m.Queue().List()
	return err == nil && len(list) > 0
}

// A watch runs kiosks without a screen in one home and sees what they tell.
type watch struct {
	t      *testing.T
	home   string
	random *mathrand.Rand
	said   bytes.Buffer // by the technician's log

	mu      sync.Mutex // protects the fields below
	half    []byte     // a line that is not complete
	pid     int
	last    sighting // of the running process
	safe    sighting // the last that was on disk
	resumed int
	kills   int
	timer   *time.Timer
	plan    []func(sighting) (time.Duration, bool) // when to kill, process by process
	files   map[[32]byte][]byte                    // every content that a file ever had
}

func newWatch(t *testing.T) *watch {
	t.Helper()
	w := &watch{t: t, home: filepath.Join(t.TempDir(), "home"), files: map[[32]byte][]byte{},
		random: mathrand.New(mathrand.NewPCG(uint64(time.Now().UnixNano()), 7))}
	set := station.Defaults()
	set.Officers = []station.Officer{{ID: simulatedStaff, Name: "K. Lund", Role: "clerk", PIN: quickPIN(t)}}
	if err := os.MkdirAll(w.home, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := set.Save(station.SettingsFile(w.home)); err != nil {
		t.Fatal(err)
	}
	return w
}

// quickPIN is the hash of the simulated PIN after one round.
func quickPIN(t *testing.T) string {
	t.Helper()
	sum, err := pbkdf2.Key(sha256.New, simulatedPIN, []byte("salt"), 1, sha256.Size)
	if err != nil {
		t.Fatal(err)
	}
	b := base64.RawStdEncoding
	return "pbkdf2-sha256$1$" + b.EncodeToString([]byte("salt")) + "$" + b.EncodeToString(sum)
}

// kiosk is a process that is still to be started.
func (w *watch) kiosk(ctx context.Context) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestKioskWithoutScreen$")
	cmd.Env = append(os.Environ(), "OPTAG_TEST_KIOSK="+w.home, "TMPDIR="+w.home)
	cmd.Stdout, cmd.Stderr = w, &w.said
	return cmd
}

// Write takes what a kiosk tells.
func (w *watch) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.half = append(w.half, p...)
	for {
		line, rest, whole := bytes.Cut(w.half, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		w.half = rest
		var v sighting
		if json.Unmarshal(line, &v) == nil {
			w.sees(v)
		}
	}
}

// sees takes one sighting; the first of a process is compared with the last of
// the one before that was on disk.
func (w *watch) sees(v sighting) {
	if v.PID != w.pid {
		w.began(v)
	}
	w.last = v
	if v.Draft == "safe" {
		w.safe = v
	}
	if len(w.plan) > 0 && w.timer == nil {
		if d, now := w.plan[0](v); now {
			pid := v.PID
			w.timer = time.AfterFunc(d, func() {
				syscall.Kill(pid, syscall.SIGKILL)
				w.snapshot(true)
			})
		}
	}
}

func (w *watch) began(v sighting) {
	if w.pid != 0 {
		w.kills++
		if len(w.plan) > 0 {
			w.plan = w.plan[1:]
		}
	}
	if w.timer != nil {
		w.timer.Stop()
	}
	w.pid, w.timer = v.PID, nil
	was := w.safe
	switch {
	case v.Queued || was.PID == 0:
		return
	case !v.Waiting || v.Draft != "safe":
		w.t.Errorf("a case was on disk, and is not taken up: %+v, then %+v", was, v)
	case v.Attempts < was.Attempts, v.Photos < was.Photos, v.Marks < was.Marks, v.Prints < was.Prints,
		was.Rights && !v.Rights, v.Form != was.Form, was.Person == "en" && v.Person != "en":
		w.t.Errorf("something of the case is lost: %+v, then %+v", was, v)
	}
	w.resumed++
}

// snapshot remembers what the files of the home hold; the database only where
// all is asked for, because it is large.
func (w *watch) snapshot(all bool) {
	_ = filepath.WalkDir(w.home, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || !all && strings.HasSuffix(path, ".db") {
			return nil // files come and go
		}
		if content, err := os.ReadFile(path); err == nil {
			w.mu.Lock()
			w.files[sha256.Sum256(content)] = content
			w.mu.Unlock()
		}
		return nil
	})
}

// until waits for a sighting.
func (w *watch) until(what string, is func(sighting) bool) {
	w.t.Helper()
	for range 1500 {
		w.mu.Lock()
		ok := is(w.last)
		w.mu.Unlock()
		if ok {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.t.Fatalf("never saw %s; last %+v; said %s", what, w.last, w.said.String())
}

// TestCaseSurvivesCrashes: the kiosk is killed in the middle of one case again
// and again, at chosen and at random moments. Each time the case goes on with
// what was taken; it ends delivered, once; and at no time does a file of the
// station hold anything of it in the clear.
func TestCaseSurvivesCrashes(t *testing.T) {
	w := newWatch(t)
	at := func(is func(sighting) bool) func(sighting) (time.Duration, bool) {
		return func(v sighting) (time.Duration, bool) { return 0, is(v) }
	}
	chance := func(sighting) (time.Duration, bool) {
		return time.Duration(w.random.IntN(1200)) * time.Millisecond, true
	}
	w.plan = []func(sighting) (time.Duration, bool){
		at(func(v sighting) bool { return v.Rights && v.Draft == "safe" }), chance,
		at(func(v sighting) bool { return v.Prints > 0 && v.Draft == "safe" }), chance,
		at(func(v sighting) bool { return v.Prints > 1 }), chance,
		at(func(v sighting) bool { return v.Photos > 0 }), // on its way into the package
		at(func(v sighting) bool { return v.Closed != "" || v.Queued }),
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	go func() {
		for ctx.Err() == nil {
			w.snapshot(false)
			time.Sleep(20 * time.Millisecond)
		}
	}()
	keeper, err := draft.NewKeeper(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	defer keeper.Close()
	s := &supervisor{child: w.kiosk, keeper: keeper, log: slog.New(slog.DiscardHandler), settled: time.Minute, pause: time.Millisecond, most: 20}
	if err := s.run(ctx); err != nil {
		t.Fatalf("%v; said %s", err, w.said.String())
	}
	stop()
	w.snapshot(true)
	w.mu.Lock()
	defer w.mu.Unlock()
	t.Logf("killed %d times, taken up %d times; %d contents of files", w.kills, w.resumed, len(w.files))
	if w.kills < 4 || w.resumed < 3 {
		t.Errorf("killed %d times and taken up %d times: the test tests little", w.kills, w.resumed)
	}
	w.inTheClear(w.arrived())
	if left, _ := filepath.Glob(filepath.Join(w.home, "draft", "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// arrived opens the one package at the service and returns what is in it.
func (w *watch) arrived() []seal.Part {
	w.t.Helper()
	service, err := trust.StartPrivate(w.home, w.home+"-service", station.Defaults().Station.ID, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	defer service.Close()
	var all [][]seal.Part
	for entry, err := range service.Store.Entries() {
		if err != nil {
			w.t.Fatal(err)
		}
		sealed, err := os.ReadFile(service.Store.Path(entry))
		if err != nil {
			w.t.Fatal(err)
		}
		m, parts, err := seal.Open(sealed, service.Authority.Identities[0], service.Station.PublicKeys()...)
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Logf("package %s: %d items, %d exceptions", m.PackageID, len(m.Items), len(m.Exceptions))
		if len(m.Items) != 3 || len(m.Exceptions) != 1 || len(m.Rights) != 1 || m.Rights[0].Language != "en" {
			w.t.Errorf("arrived: %+v", m)
		}
		all = append(all, parts)
	}
	if len(all) != 1 {
		w.t.Fatalf("%d packages arrived, want 1", len(all))
	}
	return all[0]
}

// inTheClear searches every content that any file of the home ever had.
func (w *watch) inTheClear(parts []seal.Part) {
	w.t.Helper()
	canaries := needles(parts)
	if len(canaries) < 4 || !bytes.Contains(parts[0].Data, []byte("HADDAD")) {
		w.t.Fatalf("%d canaries: nothing to search for", len(canaries))
	}
	for _, word := range []string{"HADDAD", "Samira", "26-118402", "1991-05-14", "bandaged"} {
		canaries = append(canaries, []byte(word))
	}
	drafts := 0
	for _, content := range w.files {
		if bytes.HasPrefix(content, []byte("optag-draft")) {
			drafts++
		}
		for i, c := range canaries {
			if bytes.Contains(content, c) {
				w.t.Errorf("a file of %d bytes, beginning %.16q, holds canary %d in the clear", len(content), content, i)
			}
		}
	}
	if drafts < 3 {
		w.t.Errorf("only %d drafts seen: the test tests little", drafts)
	}
}

// TestPowerCut: with the parent's key the draft is gone; the station says so,
// removes it and begins clean. An end in order leaves no draft either.
func TestPowerCut(t *testing.T) {
	w := newWatch(t)
	file := filepath.Join(w.home, "draft", "case.draft")
	process := func(attempts int, end func(*os.Process) error) (failed error) {
		keeper, err := draft.NewKeeper(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		defer keeper.Close()
		cmd := w.kiosk(t.Context())
		done, err := keeper.Start(cmd)
		if err != nil {
			t.Fatal(err)
		}
		defer done()
		defer func() { failed = cmd.Wait() }()
		w.until("a case in progress", func(v sighting) bool {
			return v.PID == cmd.Process.Pid && v.Draft == "safe" && v.Rights && v.Attempts >= attempts
		})
		return end(cmd.Process)
	}
	if err := process(1, (*os.Process).Kill); err == nil {
		t.Fatal("a killed process ended well")
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("the crash left no draft: %v", err)
	}
	w.safe = sighting{} // nothing is to be taken up
	w.said.Reset()
	err = process(0, func(p *os.Process) error {
		if now, err := os.ReadFile(file); err != nil || bytes.Equal(now, before) {
			t.Errorf("the draft of before is still there: %v", err)
		}
		return p.Signal(syscall.SIGTERM)
	})
	if err != nil {
		t.Errorf("ending in order: %v", err)
	}
	if said := w.said.String(); !strings.Contains(said, "not taken up") || strings.Contains(said, "HADDAD") {
		t.Errorf("the technician reads %q", said)
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an end in order left the draft: %v", err)
	}
}
