package intake_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"optag/queue/intake"
)

// numbered makes package n of a station: its bytes follow from n alone, so that
// whatever is found later can be checked.
func numbered(n uint64) (intake.Upload, intake.Entry, []byte) {
	dice := rand.New(rand.NewPCG(n, 7))
	content := make([]byte, 1+dice.IntN(60_000))
	_, _ = io.ReadFull(rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), byte(n >> 16)}), content)
	sum := sha256.Sum256(content)
	u := intake.Upload{Key: intake.Key{Station: "cph-01", SHA256: sum}, PackageID: hex.EncodeToString(sum[:16]), Length: int64(len(content))}
	return u, intake.Entry{
		Station: "cph-01", Sequence: n, PackageID: u.PackageID, SHA256: hex.EncodeToString(sum[:]),
		Previous: strings.Repeat("0", 64), Length: u.Length, ReceivedAt: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC),
	}, content
}

func plainReceipt(e intake.Entry, at intake.Place) ([]byte, error) {
	return fmt.Appendf(nil, "%d-%d-%s", at.Index, e.Sequence, at.Root), nil
}

// deliver brings package n in, from where an earlier attempt has left it.
func deliver(s intake.Store, n uint64) ([]byte, error) {
	u, e, content := numbered(n)
	if receipt, err := s.Receipt(u.Key); err == nil {
		return receipt, nil
	}
	at, err := s.Begin(u)
	if err != nil {
		return nil, err
	}
	if _, err := s.Append(u.Key, at, bytes.NewReader(content[at:])); err != nil {
		return nil, err
	}
	got, err := s.Content(u.Key)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(got, content) {
		return nil, errors.New("the content is damaged")
	}
	return s.Settle(u.Key, e, plainReceipt)
}

// TestMain is the child of TestKilledAtAnyMoment when it is told the store.
func TestMain(m *testing.M) {
	if dir := os.Getenv("OPTAG_INTAKE_CHILD"); dir != "" {
		child(dir)
	}
	os.Exit(m.Run())
}

// child delivers packages until it is killed, and says of each when it is signed
// for.
func child(dir string) {
	s, err := intake.OpenFiles(dir)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	last := uint64(0)
	for e := range s.Entries() {
		last = e.Sequence
	}
	fmt.Println("ready")
	for n := last + 1; ; n++ {
		receipt, err := deliver(s, n)
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Printf("signed %d %s\n", n, receipt)
	}
}

// What was signed for is there, whole and once, however often the service is
// killed. OPTAG_SOAK=1 kills for ten minutes.
func TestKilledAtAnyMoment(t *testing.T) {
	length := 2 * time.Second
	if os.Getenv("OPTAG_SOAK") != "" {
		length = 10 * time.Minute
	}
	dir, signed, kills := t.TempDir(), map[uint64]string{}, 0
	for end := time.Now().Add(length); time.Now().Before(end); kills++ {
		killOnce(t, dir, signed)
	}
	compare(t, dir, signed)
	t.Logf("%d kills, %d packages signed for", kills, len(signed))
	if len(signed) == 0 {
		t.Error("nothing was ever signed for: this test has tested nothing")
	}
}

func killOnce(t *testing.T, dir string, signed map[uint64]string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "OPTAG_INTAKE_CHILD="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		switch f[0] {
		case "ready":
			time.AfterFunc(rand.N(25*time.Millisecond), func() { _ = cmd.Process.Kill() })
		case "error":
			t.Fatal(lines.Text())
		case "signed":
			if len(f) == 3 && strings.Count(f[2], "-") == 2 && len(f[2]) >= 64 { // not cut short
				var n uint64
				_, _ = fmt.Sscan(f[1], &n)
				signed[n] = f[2]
			}
		}
	}
	_ = cmd.Wait() // it was killed
}

func compare(t *testing.T, dir string, signed map[uint64]string) {
	t.Helper()
	s, err := intake.OpenFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	seen := uint64(0)
	for e, err := range s.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		seen++
		u, _, content := numbered(e.Sequence)
		body, err := s.Body(u.Key)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(body)
		body.Close()
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("package %d is damaged", e.Sequence)
		}
		receipt, err := s.Receipt(u.Key)
		if want, ok := signed[e.Sequence]; ok && (err != nil || string(receipt) != want) {
			t.Errorf("package %d has receipt %q, and %q was given out", e.Sequence, receipt, want)
		}
		delete(signed, e.Sequence)
		if e.Index != seen || e.Sequence != seen {
			t.Errorf("entry %d has index %d and sequence %d", seen, e.Index, e.Sequence)
		}
	}
	if len(signed) > 0 {
		t.Errorf("%d packages signed for are lost", len(signed))
	}
	for n := range signed {
		t.Logf("lost: %d", n)
	}
	for n := uint64(1); n <= seen; n++ {
		signed[n] = ""
	}
}

// filled is a store with n packages, closed.
func filled(t *testing.T, n uint64) (dir string, receipts []string) {
	t.Helper()
	dir = t.TempDir()
	s, err := intake.OpenFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := uint64(1); i <= n; i++ {
		receipt, err := deliver(s, i)
		if err != nil {
			t.Fatal(err)
		}
		receipts = append(receipts, string(receipt))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, receipts
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// A power cut while the last line was written leaves any part of it, or a whole
// one with wrong bytes. It was not signed for, and comes again with the same
// index and the same receipt.
func TestLedgerTornAnywhereInItsLastLine(t *testing.T) {
	dir, receipts := filled(t, 3)
	name := filepath.Join(dir, "ledger")
	whole := readFile(t, name)
	start := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	for cut := start; cut < len(whole); cut += 7 {
		torn := bytes.Clone(whole[:cut])
		if cut%2 == 0 { // as long as the whole, with zeros where nothing arrived
			torn = append(append(torn, make([]byte, len(whole)-cut-1)...), '\n')
		}
		if err := os.WriteFile(name, torn, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := intake.OpenFiles(dir)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		for n := uint64(1); n <= 3; n++ {
			receipt, err := deliver(s, n)
			if err != nil || string(receipt) != receipts[n-1] {
				t.Fatalf("cut at %d: receipt of %d = %q, %v, want %q", cut, n, receipt, err, receipts[n-1])
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if torn, err := filepath.Glob(name + ".torn-*"); err != nil || len(torn) == 0 {
		t.Errorf("what was taken off was not kept beside the ledger: %v", err)
	}
}

func TestLedgerDamagedInItsMiddleIsAnError(t *testing.T) {
	dir, _ := filled(t, 3)
	name := filepath.Join(dir, "ledger")
	whole := readFile(t, name)
	second := bytes.IndexByte(whole, '\n') + 1
	for at := second; at < second+300; at += 3 {
		bad := bytes.Clone(whole)
		bad[at] ^= 1
		if err := os.WriteFile(name, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := intake.OpenFiles(dir); err == nil {
			s.Close()
			t.Fatalf("byte %d was changed and nobody noticed", at)
		}
		if err := os.WriteFile(name, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := intake.OpenFiles(dir); err != nil {
			t.Fatalf("after an error the store cannot be opened: %v", err)
		} else if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A line taken out of the ledger, or two that changed places, is noticed.
func TestLedgerRewrittenIsAnError(t *testing.T) {
	dir, _ := filled(t, 4)
	name := filepath.Join(dir, "ledger")
	lines := bytes.SplitAfter(readFile(t, name), []byte("\n"))
	for what, order := range map[string][]int{"without the second": {0, 2, 3}, "second and third changed": {0, 2, 1, 3}, "without the first": {1, 2, 3}} {
		var bad []byte
		for _, i := range order {
			bad = append(bad, lines[i]...)
		}
		if err := os.WriteFile(name, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := intake.OpenFiles(dir); err == nil {
			s.Close()
			t.Errorf("%s: nobody noticed", what)
		}
	}
}

// The process ended after the ledger was synced and before the body was moved.
func TestBodyNotMovedYet(t *testing.T) {
	dir, receipts := filled(t, 1)
	u, e, content := numbered(1)
	at := filepath.Join(dir, "packages", e.Station, fmt.Sprintf("%012d-%s.optag", e.Sequence, e.SHA256))
	part := filepath.Join(dir, "uploads", e.Station, e.SHA256+".part")
	info := filepath.Join(dir, "uploads", e.Station, e.SHA256+".json")
	if err := errors.Join(os.Rename(at, part), os.WriteFile(info, []byte(`{"package":"`+u.PackageID+`","length":`+fmt.Sprint(u.Length)+`}`), 0o600)); err != nil {
		t.Fatal(err)
	}
	s, err := intake.OpenFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := readFile(t, at); !bytes.Equal(got, content) {
		t.Error("the body is not in its place")
	}
	if receipt, err := s.Receipt(u.Key); err != nil || string(receipt) != receipts[0] {
		t.Errorf("Receipt = %q, %v", receipt, err)
	}
	if _, err := os.Stat(part); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the upload is still there: %v", err)
	}
}

func TestTwoProcessesCannotServeOneStore(t *testing.T) {
	dir := t.TempDir()
	s, err := intake.OpenFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := intake.OpenFiles(dir); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("error = %v", err)
	}
}

// full runs f while no file can grow beyond size bytes.
func full(t *testing.T, size uint64, f func()) {
	t.Helper()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Skip("this system limits no file sizes:", err)
	}
	limit := before
	limit.Cur = size
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Skip("this system limits no file sizes:", err)
	}
	defer func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			t.Fatal(err)
		}
	}()
	f()
}

// The limit on file sizes is the process's, so the test runs in one of its own.
func TestFullDiskLosesNothing(t *testing.T) {
	if os.Getenv("OPTAG_INTAKE_FULL") == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFullDiskLosesNothing$", "-test.v")
		cmd.Env = append(os.Environ(), "OPTAG_INTAKE_FULL=1")
		out, err := cmd.CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("PASS: TestFullDiskLosesNothing")) {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	dir, receipts := filled(t, 2)
	s, err := intake.OpenFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	ledger := readFile(t, filepath.Join(dir, "ledger"))
	t.Run("while a body arrives", func(t *testing.T) {
		full(t, 1000, func() {
			_, err := deliver(s, 3)
			if !errors.Is(err, intake.ErrFull) {
				t.Errorf("error = %v, want ErrFull", err)
			}
		})
	})
	t.Run("while the ledger grows", func(t *testing.T) {
		u, e, content := numbered(3)
		at, err := s.Begin(u)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Append(u.Key, at, bytes.NewReader(content[at:])); err != nil {
			t.Fatal(err)
		}
		full(t, uint64(len(ledger))+10, func() {
			if _, err := s.Settle(u.Key, e, plainReceipt); !errors.Is(err, intake.ErrFull) {
				t.Errorf("error = %v, want ErrFull", err)
			}
		})
		if now := readFile(t, filepath.Join(dir, "ledger")); !bytes.Equal(now, ledger) {
			t.Errorf("the ledger has %d bytes and had %d", len(now), len(ledger))
		}
	})
	t.Run("once there is room again", func(t *testing.T) {
		if receipt, err := deliver(s, 3); err != nil || !strings.HasPrefix(string(receipt), "3-3-") {
			t.Errorf("receipt = %q, %v", receipt, err)
		}
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	compare(t, dir, map[uint64]string{1: receipts[0], 2: receipts[1]})
}

func FuzzLedger(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\n"))
	f.Add([]byte(strings.Repeat("0", 64) + " {}\n"))
	body := `{"entry":{"index":1,"station":"a","sha256":"00"},"receipt":"","root":""}`
	sum := sha256.Sum256([]byte(body))
	f.Add([]byte(hex.EncodeToString(sum[:]) + " " + body + "\n" + "torn"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "ledger"), raw, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := intake.OpenFiles(dir)
		if err != nil {
			return
		}
		if _, err := deliver(s, 1); err != nil {
			t.Errorf("a ledger that opens must take a package: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
