package queue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// leftovers counts how many runs of 32 bytes of the first n packages, taken
// every 512 bytes, stand anywhere in the file.
func leftovers(t testing.TB, q *Queue, n uint64, size int) (found int) {
	t.Helper()
	b, err := os.ReadFile(q.Path())
	if err != nil {
		t.Fatal(err)
	}
	index := map[[8]byte][][]byte{} // by the first 8 bytes, to search the file once
	for i := range n {
		c := content(i+1, size)
		for at := 0; at+32 <= len(c); at += 512 {
			index[[8]byte(c[at:])] = append(index[[8]byte(c[at:])], c[at:at+32])
		}
	}
	for at := 0; at+32 <= len(b); at++ {
		for _, run := range index[[8]byte(b[at:])] {
			if bytes.Equal(run, b[at:at+32]) {
				found++
			}
		}
	}
	return found
}

// Deleting leaves the bytes where they were; scrubbing and compacting do not.
func TestNothingIsLeft(t *testing.T) {
	for name, tidy := range map[string]func(*Queue) error{
		"scrub":   func(q *Queue) error { return q.Scrub(t.Context(), officer) },
		"compact": func(q *Queue) error { return q.Compact(officer) },
	} {
		for _, size := range []int{100, 3000, 150_000} {
			t.Run(fmt.Sprint(name, " ", size, " bytes"), func(t *testing.T) {
				q := openQueue(t, t.TempDir(), options())
				const n = 12
				for i := range uint64(n) {
					add(t, q, i+1, size)
				}
				before := leftovers(t, q, n, size)
				for i := range uint64(n) {
					if err := q.Settle(officer, idOf(i+1), receiptFor(idOf(i+1), content(i+1, size))); err != nil {
						t.Fatal(err)
					}
				}
				if after := leftovers(t, q, n, size); before == 0 || after == 0 {
					t.Fatalf("%d runs before settling, %d after: this test finds nothing", before, after)
				}
				if err := tidy(q); err != nil {
					t.Fatal(err)
				}
				if left := leftovers(t, q, n, size); left != 0 {
					t.Errorf("%d runs of deleted packages are left in the file", left)
				}
			})
		}
	}
}

// Scrubbing hardly grows the file, compacting shrinks it, and both leave what
// waits as it was.
func TestTidyingKeepsWhatWaits(t *testing.T) {
	q := openQueue(t, t.TempDir(), options())
	for n := range uint64(20) {
		add(t, q, n+1, 300_000)
	}
	for n := uint64(1); n <= 18; n++ {
		if err := q.Settle(officer, idOf(n), receiptFor(idOf(n), content(n, 300_000))); err != nil {
			t.Fatal(err)
		}
	}
	size := func() int64 {
		s, err := q.Stats()
		if err != nil {
			t.Fatal(err)
		}
		return s.FileSize
	}
	full := size()
	if err := q.Scrub(t.Context(), officer); err != nil {
		t.Fatal(err)
	}
	if got := size(); got > full+full/10 {
		t.Errorf("scrubbing grew the file from %d to %d bytes", full, got)
	}
	if err := q.Compact(officer); err != nil {
		t.Fatal(err)
	}
	if got := size(); got > full/3 {
		t.Errorf("compacting left %d of %d bytes", got, full)
	}
	for n := uint64(19); n <= 20; n++ {
		if err := examineOne(q, n, 300_000); err != nil {
			t.Errorf("package %d: %v", n, err)
		}
	}
	add(t, q, 21, 1000)
}

// Scrubbing stops when told to, and leaves nothing of its own behind.
func TestScrubStops(t *testing.T) {
	q := openQueue(t, t.TempDir(), options())
	add(t, q, 1, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := q.Scrub(ctx, officer); !errors.Is(err, ctx.Err()) {
		t.Errorf("Scrub: %v", err)
	}
	err := q.view(func(t *tx) error {
		if t.Bucket(fillerBucket) != nil {
			return errors.New("the filler is still there")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// An error or a line of the log never repeats what a package holds.
func TestErrorsAreDiscreet(t *testing.T) {
	q := openQueue(t, t.TempDir(), options())
	secret := []byte("canary-Hansen-010190")
	if _, err := q.Add(officer, func(uint64, [32]byte) (string, []byte, error) { return idOf(1), secret, nil }); err != nil {
		t.Fatal(err)
	}
	err := q.Settle(officer, idOf(1), secret)
	if err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("Settle: %v", err)
	}
	for raw := range q.Leaves() {
		if bytes.Contains(raw, []byte("canary")) {
			t.Errorf("the log says %s", raw)
		}
	}
}
