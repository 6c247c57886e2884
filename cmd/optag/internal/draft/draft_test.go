package draft

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

const plaintext = "HADDAD Samira 26-118402 \xff\xd8\xff ridges"

func newKey(t testing.TB) *Key {
	t.Helper()
	k, err := NewKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// saved is a store with a draft in it, and its key.
func saved(t testing.TB) (*Store, *Key) {
	t.Helper()
	k := newKey(t)
	s := NewStore(filepath.Join(t.TempDir(), "draft"), "SIM-01", k)
	if err := s.Save([]byte(plaintext)); err != nil {
		t.Fatal(err)
	}
	return s, k
}

func TestSaveAndLoad(t *testing.T) {
	s, k := saved(t)
	if err := s.Save([]byte(plaintext + " and more")); err != nil {
		t.Fatal(err)
	}
	again := NewStore(s.dir, "SIM-01", k)
	for range 2 { // loading takes nothing away
		if got, err := again.Load(); err != nil || string(got) != plaintext+" and more" {
			t.Fatalf("Load = %q, %v", got, err)
		}
	}
	raw, err := os.ReadFile(s.file())
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"HADDAD", "118402", "ridges", "\xff\xd8\xff"} {
		if bytes.Contains(raw, []byte(word)) {
			t.Errorf("the file holds %q in the clear", word)
		}
	}
	if info, err := os.Stat(s.file()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v, %v", info.Mode(), err)
	}
}

func TestNothingSaved(t *testing.T) {
	s := NewStore(filepath.Join(t.TempDir(), "draft"), "SIM-01", newKey(t))
	if got, err := s.Load(); got != nil || err != nil {
		t.Errorf("Load = %q, %v", got, err)
	}
	if err := s.Destroy(); err != nil {
		t.Errorf("Destroy: %v", err)
	}
}

// TestTwoDraftsShareNoNonce: the same draft is another file each time.
func TestTwoDraftsShareNoNonce(t *testing.T) {
	s, _ := saved(t)
	seen := map[string]bool{}
	for range 20 {
		if err := s.Save([]byte(plaintext)); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(s.file())
		if err != nil {
			t.Fatal(err)
		}
		nonce := string(raw[len(magic):][:24])
		if seen[nonce] {
			t.Fatal("a nonce came twice")
		}
		seen[nonce] = true
	}
}

// TestUnreadable: what cannot be read is an error that says so, once; then the
// place is empty.
func TestUnreadable(t *testing.T) {
	change := func(f func([]byte) []byte) func(*testing.T, *Store) {
		return func(t *testing.T, s *Store) {
			raw, err := os.ReadFile(s.file())
			if err == nil {
				err = os.WriteFile(s.file(), f(raw), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name  string
		after func(*testing.T, *Store)
	}{
		{"a power cut: another key", func(t *testing.T, s *Store) { s.key = newKey(t) }},
		{"another station's file", func(t *testing.T, s *Store) { s.data = NewStore("", "SIM-02", nil).data }},
		{"an older version", change(func(b []byte) []byte { b[len(magic)-1] = 0; return b })},
		{"one bit of the text", change(func(b []byte) []byte { b[len(b)-20] ^= 1; return b })},
		{"one bit of the tag", change(func(b []byte) []byte { b[len(b)-1] ^= 0x80; return b })},
		{"one bit of the nonce", change(func(b []byte) []byte { b[len(magic)] ^= 1; return b })},
		{"cut short", change(func(b []byte) []byte { return b[:len(b)-5] })},
		{"cut in the head", change(func(b []byte) []byte { return b[:20] })},
		{"empty", change(func([]byte) []byte { return nil })},
		{"something else", change(func([]byte) []byte { return []byte(plaintext) })},
		{"larger than any draft", func(t *testing.T, s *Store) {
			if err := os.Truncate(s.file(), most+1); err != nil {
				t.Fatal(err)
			}
		}},
		{"a folder in its place", func(t *testing.T, s *Store) {
			if err := errors.Join(os.Remove(s.file()), os.Mkdir(s.file(), 0o700)); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := saved(t)
			c.after(t, s)
			got, err := s.Load()
			if got != nil || !errors.Is(err, ErrUnreadable) {
				t.Fatalf("Load = %q, %v; want ErrUnreadable", got, err)
			}
			if strings.Contains(err.Error(), "HADDAD") {
				t.Errorf("the error holds the person's data: %v", err)
			}
			if _, err := os.Stat(s.file()); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the file is still there: %v", err)
			}
			if got, err := s.Load(); got != nil || err != nil {
				t.Errorf("the second Load = %q, %v", got, err)
			}
			if err := s.Save([]byte("next")); err != nil {
				t.Errorf("saving the next: %v", err)
			}
		})
	}
}

// TestDestroyedDraftStaysUnreadable: also when its file comes back, as from the
// blocks of a disk.
func TestDestroyedDraftStaysUnreadable(t *testing.T) {
	s, _ := saved(t)
	raw, err := os.ReadFile(s.file())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Destroy(); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Load(); got != nil || err != nil {
		t.Fatalf("Load = %q, %v", got, err)
	}
	if err := os.WriteFile(s.file(), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Load(); got != nil || !errors.Is(err, ErrUnreadable) {
		t.Errorf("Load of what was destroyed = %q, %v", got, err)
	}
}

// TestCrashWhileSaving: what a crash leaves half written is swept away, and the
// draft before counts.
func TestCrashWhileSaving(t *testing.T) {
	s, _ := saved(t)
	half := filepath.Join(s.dir, ".new-123")
	if err := os.WriteFile(half, []byte("half a ciphertext"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Load(); err != nil || string(got) != plaintext {
		t.Errorf("Load = %q, %v", got, err)
	}
	if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
		t.Error("the half file is still there")
	}
}

// TestPlaceThatTakesNothing: saving fails and says so.
func TestPlaceThatTakesNothing(t *testing.T) {
	place := filepath.Join(t.TempDir(), "draft")
	if err := os.WriteFile(place, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := NewStore(place, "SIM-01", newKey(t))
	if err := s.Save([]byte(plaintext)); err == nil || strings.Contains(err.Error(), "HADDAD") {
		t.Errorf("Save into a folder that is a file: %v", err)
	}
}

// TestNoRandomness: without randomness nothing is sealed.
func TestNoRandomness(t *testing.T) {
	broken := iotest.ErrReader(io.ErrUnexpectedEOF)
	if _, err := NewKey(broken); err == nil {
		t.Error("a key was made of nothing")
	}
	if _, err := NewKeeper(broken); err == nil {
		t.Error("a keeper's key was made of nothing")
	}
	s, k := saved(t)
	k.random = broken
	if s.Save([]byte("x")) == nil {
		t.Error("a draft was sealed under a nonce of nothing")
	}
	if got, err := s.Load(); err != nil || string(got) != plaintext {
		t.Errorf("the draft before the one that failed: %q, %v", got, err)
	}
}

// FuzzLoad: whatever lies in the place of the draft, only what was sealed there
// is read.
func FuzzLoad(f *testing.F) {
	s, _ := saved(f)
	raw, err := os.ReadFile(s.file())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add(raw[:len(raw)-1])
	f.Add([]byte(magic))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(s.file(), data, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := s.Load()
		if bytes.Equal(data, raw) {
			if err != nil || string(got) != plaintext {
				t.Fatalf("Load = %q, %v", got, err)
			}
		} else if got != nil || !errors.Is(err, ErrUnreadable) {
			t.Fatalf("Load = %q, %v", got, err)
		}
	})
}

// TestMain lets the test binary be a supervised child; see child.
func TestMain(m *testing.M) {
	if job := os.Getenv("OPTAG_TEST_CHILD"); job != "" {
		os.Exit(child(job))
	}
	os.Exit(m.Run())
}

// child does one job on the store in the directory OPTAG_TEST_DIR.
func child(job string) int {
	k, ok := KeyFromParent()
	if !ok {
		return 3
	}
	if IsChild() {
		return 4 // our own children would look for a key
	}
	s := NewStore(os.Getenv("OPTAG_TEST_DIR"), "SIM-01", k)
	switch job {
	case "save":
		if s.Save([]byte(plaintext)) != nil {
			return 5
		}
	case "load":
		if got, err := s.Load(); err != nil || string(got) != plaintext {
			return 6
		}
	case "destroy":
		if s.Destroy() != nil || s.Save([]byte(plaintext)) != nil {
			return 7
		}
		if got, err := s.Load(); err != nil || string(got) != plaintext {
			return 8
		}
	case "orphan": // until the parent closes
		select {
		case <-k.Gone():
		case <-time.After(10 * time.Second):
			return 9
		}
		if !errors.Is(s.Save([]byte(plaintext)), ErrOrphan) || !errors.Is(s.Destroy(), ErrOrphan) {
			return 10
		}
	}
	return 0
}

// start starts a child with a job.
func start(t *testing.T, k *Keeper, dir, job string) (*exec.Cmd, func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "OPTAG_TEST_CHILD="+job, "OPTAG_TEST_DIR="+dir)
	cmd.Stderr = os.Stderr
	end, err := k.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	return cmd, end
}

func do(t *testing.T, k *Keeper, dir, job string) {
	t.Helper()
	cmd, end := start(t, k, dir, job)
	defer end()
	if err := cmd.Wait(); err != nil {
		t.Errorf("%s: %v", job, err)
	}
}

func newKeeper(t *testing.T) *Keeper {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("only on Linux is the kiosk supervised")
	}
	k, err := NewKeeper(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	return k
}

// TestKeyOutlivesChildren: what one child has saved, the next reads; what a child
// destroys stays destroyed, and the next draft is read again.
func TestKeyOutlivesChildren(t *testing.T) {
	k, dir := newKeeper(t), filepath.Join(t.TempDir(), "draft")
	do(t, k, dir, "save")
	do(t, k, dir, "load")
	before := bytes.Clone(k.secret)
	do(t, k, dir, "destroy")
	if bytes.Equal(before, k.secret) {
		t.Error("the keeper still has the key of what was destroyed")
	}
	do(t, k, dir, "load")

	other := newKeeper(t)
	cmd, end := start(t, other, dir, "load")
	defer end()
	if cmd.Wait(); cmd.ProcessState.ExitCode() != 6 {
		t.Errorf("another keeper's child ended with %d", cmd.ProcessState.ExitCode())
	}
}

// TestOrphan: a child whose parent is gone knows that drafts are void.
func TestOrphan(t *testing.T) {
	k := newKeeper(t)
	cmd, end := start(t, k, t.TempDir(), "orphan")
	end()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// TestKeyStaysOutOfSight: neither arguments nor environment hold it, and the
// page is locked where this machine allows it.
func TestKeyStaysOutOfSight(t *testing.T) {
	k := newKeeper(t)
	cmd, end := start(t, k, filepath.Join(t.TempDir(), "draft"), "save")
	defer end()
	for _, word := range append(cmd.Args, cmd.Env...) {
		if strings.Contains(word, string(k.secret)) {
			t.Error("the key is in arguments or environment")
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	t.Logf("locked: %v", k.Locked())
	k.Close()
	if _, err := k.Start(exec.Command(os.Args[0])); err == nil {
		t.Error("a child was started with a key that is gone")
	}
}

// TestNoParent: without a parent, or with one that sends something else, there
// is no key.
func TestNoParent(t *testing.T) {
	if _, ok := KeyFromParent(); ok {
		t.Error("a key came from nobody")
	}
	for name, sent := range map[string]string{
		"nothing": "", "no greeting": strings.Repeat("x", len(greeting)+size), "half a key": greeting + "half",
	} {
		if _, ok := keyFrom(io.NopCloser(strings.NewReader(sent)), io.Discard); ok {
			t.Errorf("%s was taken for a key", name)
		}
	}
	if runtime.GOOS == "linux" {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "OPTAG_TEST_CHILD=load", supervised+"=1")
		cmd.Run()
		if cmd.ProcessState.ExitCode() != 3 {
			t.Errorf("a child without pipes ended with %d", cmd.ProcessState.ExitCode())
		}
	}
}

func BenchmarkSave(b *testing.B) {
	s, _ := saved(b)
	plain := make([]byte, 4<<20) // a portrait and two prints
	b.SetBytes(int64(len(plain)))
	for b.Loop() {
		if err := s.Save(plain); err != nil {
			b.Fatal(err)
		}
	}
}
