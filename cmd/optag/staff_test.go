package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"optag/cmd/optag/internal/simulate"
	"optag/cmd/optag/internal/station"
	"optag/ui/flow"
)

// softHSM is the library that stands in for one of cards.
const softHSM = "/usr/lib/softhsm/libsofthsm2.so"

// cardPIN is that of the cards. It must be in no file and no log.
const cardPIN = "730915"

// A staffBench is a station at which officers log in with cards of SoftHSM, and
// the authority that issues the cards.
type staffBench struct {
	t         *testing.T
	dir, home string
	ca        *x509.Certificate
	key       *ecdsa.PrivateKey
	issued    map[string]*x509.Certificate // by label
}

// newStaffBench makes a station without officers; the test is skipped where there
// is no SoftHSM, and fails in CI.
func newStaffBench(t *testing.T, logIn string) *staffBench {
	t.Helper()
	for _, need := range []string{softHSM, "softhsm2-util", "pkcs11-tool"} {
		_, err := os.Stat(need)
		if !filepath.IsAbs(need) {
			_, err = exec.LookPath(need)
		}
		switch {
		case err != nil && os.Getenv("CI") != "":
			t.Fatalf("%s is missing, for what stands in for staff cards", need)
		case err != nil:
			t.Skipf("%s is missing, for what stands in for staff cards", need)
		}
	}
	b := &staffBench{t: t, dir: t.TempDir(), issued: map[string]*x509.Certificate{}}
	b.home = filepath.Join(b.dir, "home")
	b.must(os.MkdirAll(filepath.Join(b.dir, "tokens"), 0o700))
	b.write("softhsm2.conf", []byte("directories.tokendir = "+b.dir+"/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"))
	t.Setenv("SOFTHSM2_CONF", filepath.Join(b.dir, "softhsm2.conf"))
	b.key = b.newKey()
	b.ca = b.certify(b.key, func(c *x509.Certificate) {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage, c.Subject.CommonName = true, true, x509.KeyUsageCertSign, "staff cards of a test"
	})
	set := station.Defaults()
	set.StaffCards = &station.StaffCards{Library: softHSM, Issuers: []string{b.pem("staff-ca", b.ca)}, LogIn: logIn}
	b.must(os.MkdirAll(b.home, 0o700))
	b.must(set.Save(station.SettingsFile(b.home)))
	return b
}

func (b *staffBench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *staffBench) write(name string, content []byte) string {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	b.must(os.WriteFile(path, content, 0o600))
	return path
}

func (b *staffBench) pem(name string, c *x509.Certificate) string {
	return b.write(name+".pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
}

func (b *staffBench) newKey() *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	b.must(err)
	return k
}

// certify is a certificate issued by the authority, that of the authority itself
// as long as there is none.
func (b *staffBench) certify(key crypto.Signer, change func(*x509.Certificate)) *x509.Certificate {
	b.t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "Kirsten Lund-Officer"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageDigitalSignature}
	if change != nil {
		change(c)
	}
	issuer := b.ca
	if issuer == nil {
		issuer = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, issuer, key.Public(), b.key)
	b.must(err)
	parsed, err := x509.ParseCertificate(der)
	b.must(err)
	return parsed
}

// issue makes a card with a key and a certificate, of that key where none is
// given, and returns the certificate's file.
func (b *staffBench) issue(label string, show *x509.Certificate) (file string) {
	b.t.Helper()
	key := b.newKey()
	if show == nil {
		show = b.certify(key, nil)
	}
	b.issued[label] = show
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	b.must(err)
	private := b.write(label+".key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	b.tool("softhsm2-util", "--init-token", "--free", "--label", label, "--pin", cardPIN, "--so-pin", "12345678")
	b.tool("softhsm2-util", "--import", private, "--token", label, "--label", "auth", "--id", "01", "--pin", cardPIN)
	b.tool("pkcs11-tool", "--module", softHSM, "--token-label", label, "--login", "--pin", cardPIN,
		"--write-object", b.write(label+".der", show.Raw), "--type", "cert", "--id", "01")
	return b.pem(label, show)
}

func (b *staffBench) tool(name string, args ...string) {
	b.t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		b.t.Fatalf("%s %s: %v\n%s", name, args[0], err, out)
	}
}

// take takes all cards away.
func (b *staffBench) take() {
	b.t.Helper()
	b.must(os.Rename(filepath.Join(b.dir, "tokens"), filepath.Join(b.dir, "drawer")))
}

// do runs a command of the program and demands its exit status and words on either
// output.
func (b *staffBench) do(status int, words, input string, args ...string) string {
	b.t.Helper()
	var out, errout bytes.Buffer
	got := run(b.t.Context(), &env{in: strings.NewReader(input), out: &out, err: &errout, home: b.home}, args)
	if said := out.String() + errout.String(); got != status || !strings.Contains(said, words) {
		b.t.Errorf("%v: exit status %d, %q; want %d and %q", args, got, said, status, words)
	}
	return out.String()
}

// A staffCounter is a running station. Whoever works at it is told of each state.
type staffCounter struct {
	*staffBench
	m    *simulation
	log  bytes.Buffer // the technician's; read once the station has ended
	over context.CancelFunc
	end  func()

	mu    sync.Mutex // protects the fields below
	state flow.State
	news  chan struct{} // closed with the next state
}

func (b *staffBench) open(clerk *simulate.Clerk) *staffCounter {
	b.t.Helper()
	c := &staffCounter{staffBench: b, news: make(chan struct{})}
	ctx, over := context.WithTimeout(context.Background(), 2*time.Minute)
	c.over = over
	r, script := &robot{clerk: clerk, over: over}, simulate.Script{Person: 1}
	if clerk != nil {
		script = clerk.Script
	}
	e := &env{home: b.home, out: io.Discard, err: io.Discard}
	var err error
	c.m, err = newSimulation(e, script, slog.New(slog.NewTextHandler(&c.log, nil)), func(s *flow.State) {
		c.see(s)
		if clerk != nil {
			r.see(s)
		}
	})
	b.must(err)
	r.send = c.m.SendThen
	ended := make(chan error, 1)
	go func() { ended <- c.m.Run(ctx) }()
	c.end = sync.OnceFunc(func() {
		over()
		if err := errors.Join(<-ended, c.m.Close()); err != nil {
			b.t.Error(err)
		}
		if left := b.libraries(); len(left) > 0 {
			b.t.Errorf("the processes %v of the library are left", left)
		}
	})
	b.t.Cleanup(c.end)
	return c
}

func (c *staffCounter) see(s *flow.State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = *s
	close(c.news)
	c.news = make(chan struct{})
}

// until waits for a state.
func (c *staffCounter) until(what string, is func(*flow.State) bool) {
	c.t.Helper()
	for late := time.After(30 * time.Second); ; {
		c.mu.Lock()
		there, news := is(&c.state), c.news
		s := c.state
		c.mu.Unlock()
		if there {
			return
		}
		select {
		case <-news:
		case <-late:
			c.t.Fatalf("%s: still at %s, %+v, of the reader %+v", what, s.Page, s.Login, s.Staff)
		}
	}
}

func (c *staffCounter) shows(is string) {
	c.t.Helper()
	c.until("a card that is "+is, func(s *flow.State) bool { return s.Staff.Is == is })
}

func (c *staffCounter) page(p flow.Page) {
	c.t.Helper()
	c.until("the page "+string(p), func(s *flow.State) bool { return s.Page == p })
}

// refused types a PIN and waits for the card to be refused with this code.
func (c *staffCounter) refused(staff, pin, code string) {
	c.t.Helper()
	c.m.Send(flow.LogIn{Staff: staff, PIN: pin, ByCard: true})
	c.until("a card refused as "+code, func(s *flow.State) bool { return s.Login.Refused == code && !s.Login.Checking })
}

// libraries are the processes of this program's that have loaded the library.
func (b *staffBench) libraries() (pids []int) {
	b.t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	b.must(err)
	for _, f := range files {
		raw, _ := os.ReadFile(f) // of a process that has ended, nothing
		stat, _ := os.ReadFile(filepath.Join(filepath.Dir(f), "stat"))
		_, rest, _ := strings.Cut(string(stat), ") ")
		if fields := strings.Fields(rest); strings.Contains(string(raw), "\x00"+staffCommand+"\x00") && len(fields) > 1 && fields[1] == strconv.Itoa(os.Getpid()) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(f)))
			b.must(err)
			pids = append(pids, pid)
		}
	}
	return pids
}

// signal has every process of the library stopped, or ended as by a crash.
func (b *staffBench) signal(sig syscall.Signal) {
	b.t.Helper()
	for _, pid := range b.libraries() {
		b.must(syscall.Kill(pid, sig))
	}
}

// lay lays the cards back. The library of the tests looks for cards only when it
// is loaded.
func (b *staffBench) lay() {
	b.t.Helper()
	b.must(os.Rename(filepath.Join(b.dir, "drawer"), filepath.Join(b.dir, "tokens")))
	b.signal(syscall.SIGKILL)
}

// nowhere fails where a file below a directory holds any of the words.
func (b *staffBench) nowhere(dir string, words ...string) {
	b.t.Helper()
	for _, w := range words {
		if n, err := search(dir, [][]byte{[]byte(w)}); n > 0 || err != nil {
			b.t.Errorf("%d files in %s hold %q: %v", n, filepath.Base(dir), w, err)
		}
	}
}

// TestCaseByStaffCard plays a whole case by whoever is logged in by card. The card
// is taken away in the middle of the prints; the case waits, and is done with the
// card laid back. The log calls the officer by the card's certificate.
func TestCaseByStaffCard(t *testing.T) {
	b := newStaffBench(t, "card")
	b.do(0, "", "", "officer", "add", "--card", b.issue("lund", nil), "4718", "K. Lund-Officer")
	script, err := simulate.ParseScript(strings.NewReader("case number=1 birth_date=1991-05-14\nperson 5\n"))
	b.must(err)
	clerk := &simulate.Clerk{Staff: "4718", PIN: cardPIN, Script: script}
	c := b.open(clerk)
	c.until("a finger that lay on the glass", func(s *flow.State) bool { return s.Finger.Last != nil })
	begun := time.Now()
	b.take()
	c.page(flow.Login)
	took := time.Since(begun)
	t.Logf("locked %v after the card was taken", took.Round(time.Millisecond))
	if took > 2*time.Second {
		t.Errorf("locked only %v after the card was taken", took)
	}
	c.until("a case that waits", func(s *flow.State) bool { return s.Login.Waiting && s.Login.Gone })
	c.shows("none")
	b.lay()
	c.page(flow.Delivery)
	c.until("the end of the case", func(s *flow.State) bool { return !s.Delivery.Destroyed.IsZero() })
	c.end()

	actor := "card:" + station.CardHash(b.issued["lund"].Raw)
	log := b.do(0, "", "", "audit", "export")
	for _, want := range []string{`"logged_in"`, `"logged_out"`, "card_removed", "draft_restored", "package_queued"} {
		if !slices.ContainsFunc(strings.Split(log, "\n"), func(line string) bool { return strings.Contains(line, want) && strings.Contains(line, actor) }) {
			t.Errorf("the log does not tell of %s by %s", want, actor)
		}
	}
	if strings.Contains(log, `"actor":"4718"`) {
		t.Error("the log calls the officer by another name than the card's")
	}
	for what, text := range map[string]string{"log": log, "technician's log": c.log.String()} {
		for _, word := range []string{"Lund", cardPIN} {
			if strings.Contains(text, word) {
				t.Errorf("the %s holds %q:\n%s", what, word, text)
			}
		}
	}
	b.nowhere(b.home, cardPIN)
	b.nowhere(c.m.Service, cardPIN, "Lund")
	b.nowhere(filepath.Join(b.home, "queue"), "Lund")
}

func TestStaffCardsThatGetNobodyIn(t *testing.T) {
	b := newStaffBench(t, "both")
	own := b.issue("lund", nil)
	b.do(0, "by card alone", "\n", "officer", "add", "--card", own, "4718", "K. Lund")
	b.do(0, "", "4321\n", "officer", "add", "5001", "T. Holm")
	c := b.open(nil)
	c.shows("one")
	c.m.Send(flow.LogIn{Staff: "5001", PIN: cardPIN, ByCard: true})
	c.until("a PIN for another", func(s *flow.State) bool { return s.Login.Refused == "changed" })
	c.refused("4718", "9999999", "pin")
	c.until("a card that remembers", func(s *flow.State) bool { return s.Staff.Tries == "low" })
	c.refused("4718", strings.Repeat("7", 65), "form")
	c.m.Send(flow.LogIn{Staff: "4718", PIN: cardPIN, ByCard: true})
	c.page(flow.Home)
	c.end()
	log := b.do(0, "", "", "audit", "export")
	if n := strings.Count(log, `"login_failed"`); n != 2 {
		t.Errorf("%d failed log-ins in the log, want 2:\n%s", n, log)
	}
	b.nowhere(b.home, "9999999", cardPIN)

	for _, x := range []struct {
		name string
		card func() // makes what lies there instead
		is   string
		try  string // refused with
	}{
		{"a card of the same authority that was given to nobody", func() { b.issue("stranger", nil) }, "stranger", ""},
		{"a copy of the certificate over another key", func() { b.issue("forged", b.issued["lund"]) }, "one", "signature"},
		{"two officers' cards", func() {
			b.issue("one", b.issued["lund"])
			b.do(0, "", "", "officer", "card", "5001", b.issue("two", nil))
		}, "several", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			b.must(os.RemoveAll(filepath.Join(b.dir, "tokens")))
			b.must(os.Mkdir(filepath.Join(b.dir, "tokens"), 0o700))
			x.card()
			at := *b
			at.t = t
			c := at.open(nil)
			c.shows(x.is)
			if x.try != "" {
				c.until("the card asked for", func(s *flow.State) bool { return s.Login.ByCard })
				c.refused("4718", cardPIN, x.try)
			}
			c.m.Send(flow.LogIn{Staff: "4718", PIN: cardPIN, ByCard: true})
			time.Sleep(100 * time.Millisecond)
			c.until("nobody logged in", func(s *flow.State) bool { return s.Officer == nil && s.Page == flow.Login })
			c.end()
		})
	}
}

// TestLibraryOfStaffCardsFails: what crashes once is started anew and nobody
// notices; what hangs locks the counter, and is killed.
func TestLibraryOfStaffCardsFails(t *testing.T) {
	b := newStaffBench(t, "both")
	b.do(0, "by card alone", "\n", "officer", "add", "--card", b.issue("lund", nil), "4718", "K. Lund")
	c := b.open(nil)
	c.shows("one")
	c.m.Send(flow.LogIn{Staff: "4718", PIN: cardPIN, ByCard: true})
	c.page(flow.Home)
	time.Sleep(time.Second)
	b.signal(syscall.SIGKILL)
	time.Sleep(1500 * time.Millisecond)
	c.until("logged in after a crash", func(s *flow.State) bool { return s.Page == flow.Home })
	if len(b.libraries()) != 1 {
		t.Error("the library was not loaded again")
	}
	begun, hanging := time.Now(), make(chan struct{})
	var hangs sync.WaitGroup
	hangs.Go(func() { // each process anew
		for {
			select {
			case <-hanging:
				return
			case <-time.After(20 * time.Millisecond):
				for _, pid := range b.libraries() {
					_ = syscall.Kill(pid, syscall.SIGSTOP)
				}
			}
		}
	})
	c.page(flow.Login)
	took := time.Since(begun)
	t.Logf("locked %v after the library hung", took.Round(time.Millisecond))
	if took < 2*time.Second || took > 10*time.Second { // a process that answers once before it is stopped puts it off by three
		t.Errorf("locked %v after the library hung", took)
	}
	close(hanging)
	hangs.Wait()
	c.shows("one")
}
