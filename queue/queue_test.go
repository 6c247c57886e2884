package queue

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"optag/queue/audit"
)

const officer = "officer-4"

// A clock goes on by a second at each look.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(time.Second)
	return c.t
}

// A testReceipt stands in for the signed receipt: the queue must not care what
// one looks like.
type testReceipt struct {
	Package, SHA256 string
	Valid           bool
}

func receiptFor(id string, sealed []byte) []byte {
	sum := sha256.Sum256(sealed)
	raw, _ := json.Marshal(testReceipt{Package: id, SHA256: hex.EncodeToString(sum[:]), Valid: true})
	return raw
}

func verifyTestReceipt(raw []byte) (Claim, error) {
	var r testReceipt
	if err := json.Unmarshal(raw, &r); err != nil || !r.Valid {
		return Claim{}, errors.New("signature does not fit")
	}
	c := Claim{PackageID: r.Package}
	hex.Decode(c.SHA256[:], []byte(r.SHA256))
	return c, nil
}

func options() Options {
	c := &clock{t: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	return Options{Now: c.now, VerifyReceipt: verifyTestReceipt, Timeout: 100 * time.Millisecond}
}

// openQueue opens a queue that verifies itself, by our rules and by bbolt's,
// when the test ends.
func openQueue(t testing.TB, dir string, o Options) *Queue {
	t.Helper()
	q, err := Open(dir, o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if q.db != nil {
			verified(t, q)
		}
		if err := q.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return q
}

func verified(t testing.TB, q *Queue) Report {
	t.Helper()
	report, err := q.Verify()
	if err != nil {
		t.Fatalf("Verify: %v", err)
	}
	if !report.OK() || len(report.Unjudged) != 0 {
		t.Fatalf("Verify: %+v", report)
	}
	err = q.db.View(func(tx *bolt.Tx) error {
		for err := range tx.Check() {
			t.Errorf("bbolt: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Errorf("bbolt: %v", err)
	}
	return report
}

// content is the n-th package: reproducible, so that any survivor can be
// checked, and different in every byte run from all others.
func content(n uint64, size int) []byte {
	seed := [32]byte{1}
	binary.BigEndian.PutUint64(seed[8:], n)
	b := make([]byte, size)
	rand.NewChaCha8(seed).Read(b)
	return b
}

func idOf(n uint64) string { return fmt.Sprintf("%032x", n) }

// add queues the n-th package.
func add(t testing.TB, q *Queue, n uint64, size int) Record {
	t.Helper()
	r, err := q.Add(officer, func(uint64, [32]byte) (string, []byte, error) {
		return idOf(n), content(n, size), nil
	})
	if err != nil {
		t.Fatalf("Add: %v", err)
	}
	return r
}

// A package goes through its life: queued, sent, settled; and its body with it.
func TestLife(t *testing.T) {
	for _, size := range []int{1, chunkSize - 1, chunkSize, chunkSize + 1, 1 << 20} {
		t.Run(fmt.Sprint(size, " bytes"), func(t *testing.T) {
			q := openQueue(t, t.TempDir(), options())
			r := add(t, q, 1, size)
			want := content(1, size)
			p, err := q.Package(r.ID)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(p.Reader()); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("read %d bytes, %v; want %d", len(got), err, len(want))
			}
			if err := q.Sending(officer, r.ID, int64(size)/2); err != nil {
				t.Fatal(err)
			}
			if err := q.Settle(officer, r.ID, receiptFor(r.ID, want)); err != nil {
				t.Fatal(err)
			}
			if _, err := q.Package(r.ID); !errors.Is(err, ErrState) {
				t.Errorf("Package after Settle: %v, want %v", err, ErrState)
			}
			if _, err := p.ReadAt(make([]byte, 1), 0); !errors.Is(err, ErrState) {
				t.Errorf("ReadAt after Settle: %v, want %v", err, ErrState)
			}
			if raw, err := q.Receipt(r.ID); err != nil || !bytes.Equal(raw, receiptFor(r.ID, want)) {
				t.Errorf("Receipt = %q, %v", raw, err)
			}
			if s, err := q.Stats(); err != nil || s.Delivered != 1 || s.Waiting != 0 || s.Bytes != 0 {
				t.Errorf("Stats = %+v, %v", s, err)
			}
			if err := q.Settle(officer, r.ID, receiptFor(r.ID, want)); err != nil {
				t.Errorf("settling twice: %v", err)
			}
		})
	}
}

// Sequence, chain, package and leaf are one: what fails leaves no trace, and
// its number is given out again.
func TestAddIsAllOrNothing(t *testing.T) {
	q := openQueue(t, t.TempDir(), options())
	first := add(t, q, 1, 1000)
	fault := errors.New("no key")
	for _, c := range []struct {
		name string
		seal SealFunc
		want error
	}{
		{"sealing fails", func(uint64, [32]byte) (string, []byte, error) { return "", nil, fault }, fault},
		{"sealing fails as a disk would", func(uint64, [32]byte) (string, []byte, error) { return "", nil, os.ErrPermission }, os.ErrPermission},
		{"the id was used", func(uint64, [32]byte) (string, []byte, error) { return idOf(1), []byte("x"), nil }, ErrDuplicate},
		{"no id", func(uint64, [32]byte) (string, []byte, error) { return "", []byte("x"), nil }, nil},
		{"no bytes", func(uint64, [32]byte) (string, []byte, error) { return idOf(7), nil, nil }, nil},
	} {
		if _, err := q.Add(officer, c.seal); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	func() {
		defer func() {
			if p := recover(); p != "sealing panics" {
				t.Errorf("recovered %v", p)
			}
		}()
		q.Add(officer, func(uint64, [32]byte) (string, []byte, error) { panic("sealing panics") })
	}()
	if _, err := q.Add("nobody\n", func(uint64, [32]byte) (string, []byte, error) { return idOf(8), []byte("x"), nil }); !errors.Is(err, audit.ErrEntry) {
		t.Errorf("an actor the log refuses: %v", err)
	}
	r, err := q.Add(officer, func(sequence uint64, previous [32]byte) (string, []byte, error) {
		if sequence != 2 || hex.EncodeToString(previous[:]) != first.SHA256 {
			t.Errorf("the next is %d after %x, want 2 after %s", sequence, previous, first.SHA256)
		}
		return idOf(2), []byte("second"), nil
	})
	if err != nil || r.Sequence != 2 || r.Previous != first.SHA256 {
		t.Errorf("Add = %+v, %v", r, err)
	}
	if list, err := q.List(); err != nil || len(list) != 2 {
		t.Errorf("List = %d of them, %v; want 2", len(list), err)
	}
}

// What was stored is there when the program comes back.
func TestReopen(t *testing.T) {
	dir := t.TempDir()
	for n := range uint64(5) {
		q, err := Open(dir, options())
		if err != nil {
			t.Fatal(err)
		}
		r := add(t, q, n+1, 70_000)
		if r.Sequence != n+1 {
			t.Errorf("sequence %d, want %d", r.Sequence, n+1)
		}
		verified(t, q)
		if _, damaged := q.Salvaged(); damaged {
			t.Error("a sound file was set aside")
		}
		if err := q.Close(); err != nil {
			t.Fatal(err)
		}
		if err := q.Close(); err != nil {
			t.Errorf("closing twice: %v", err)
		}
		if _, err := q.List(); !errors.Is(err, errClosed) {
			t.Errorf("List after Close: %v", err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("files left: %v", left)
	}
}

// A second program is told that the queue is in use; it breaks nothing.
func TestInUse(t *testing.T) {
	dir := t.TempDir()
	q := openQueue(t, dir, options())
	add(t, q, 1, 1000)
	if _, err := Open(dir, options()); !errors.Is(err, ErrInUse) {
		t.Errorf("Open: %v, want %v", err, ErrInUse)
	}
	add(t, q, 2, 1000)
}

// Two programs that start at once, where there is no queue yet, make one.
func TestOpenRace(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for n := range uint64(6) {
		wg.Go(func() {
			o := options()
			o.Timeout = 10 * time.Second
			q, err := Open(dir, o)
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			defer q.Close()
			if _, err := q.Add(officer, func(uint64, [32]byte) (string, []byte, error) { return idOf(n), content(n, 1000), nil }); err != nil {
				t.Errorf("Add: %v", err)
			}
			if err := q.Compact(officer); err != nil {
				t.Errorf("Compact: %v", err)
			}
		})
	}
	wg.Wait()
	q := openQueue(t, dir, options())
	if list, err := q.List(); err != nil || len(list) != 6 {
		t.Errorf("List = %d of them, %v; want 6", len(list), err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("files left: %v", left)
	}
}

// Many use the queue at once.
func TestConcurrent(t *testing.T) {
	q := openQueue(t, t.TempDir(), options())
	var wg sync.WaitGroup
	for g := range uint64(4) {
		wg.Go(func() {
			for i := range uint64(8) {
				n := g*100 + i
				r := add(t, q, n, 90_000)
				p, err := q.Package(r.ID)
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := io.ReadAll(p.Reader()); err != nil || !bytes.Equal(got, content(n, 90_000)) {
					t.Errorf("package %d: %v", n, err)
				}
				switch i % 4 {
				case 0:
					if err := q.Settle(officer, r.ID, receiptFor(r.ID, content(n, 90_000))); err != nil {
						t.Error(err)
					}
				case 1:
					if err := q.Compact(officer); err != nil {
						t.Error(err)
					}
				case 2:
					if err := q.Scrub(t.Context(), officer); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
}
