package queue

import (
	"bytes"
	"context"
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
	"strings"
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

var _ = context.Background
var _ = os.Stat
var _ = filepath.Join
var _ = strings.Contains
var _ audit.Event
