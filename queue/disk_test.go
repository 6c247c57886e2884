//go:build linux

package queue

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"optag/queue/audit"
)

// The disk itself is full: by a limit on the size of files, which needs no
// privilege, in a process of its own.
func TestFullDisk(t *testing.T) {
	if dir := os.Getenv("OPTAG_FULL_DISK"); dir != "" {
		signal.Ignore(syscall.SIGXFSZ)
		limit := syscall.Rlimit{Cur: 6<<20 + 4096*7, Max: 6<<20 + 4096*7}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
		fullDisk(t, dir)
		return
	}
	child := exec.Command(os.Args[0], "-test.run=^TestFullDisk$", "-test.v")
	child.Env = append(os.Environ(), "OPTAG_FULL_DISK="+t.TempDir())
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// The disk is full for everybody: a small file system, where we may mount one.
func TestFullFileSystem(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=5m", "none", dir).CombinedOutput(); err != nil {
		t.Skipf("no small file system can be mounted here: %s", strings.TrimSpace(string(out)))
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("unmounting: %s", out)
		}
	})
	t.Run("", func(t *testing.T) { fullDisk(t, filepath.Join(dir, "queue")) })
}

// exhaust uses the last free pages up with leaves of the log.
func exhaust(t *testing.T, q *Queue) {
	t.Helper()
	e := audit.Entry{Actor: officer, Event: audit.LoggedIn, Details: map[string]string{}}
	for i := range audit.MaxDetails {
		e.Details["d"+strconv.Itoa(i)] = strings.Repeat("x", 120)
	}
	for range 5000 {
		switch err := q.Log(e); {
		case errors.Is(err, ErrFull):
			return
		case err != nil:
			t.Fatalf("Log: %v", err)
		}
	}
	t.Fatal("the disk is never full")
}

// fullDisk fills the disk to the last page: other programs leave less and less
// room, in steps that meet every place at which a transaction can run out.
func fullDisk(t *testing.T, dir string) {
	q := openQueue(t, dir, options())
	n := uint64(0)
	for size := 300_000; size >= 100; size /= 2 {
		for {
			_, err := q.Add(officer, func(uint64, [32]byte) (string, []byte, error) { return idOf(n + 1), content(n+1, size), nil })
			if errors.Is(err, ErrFull) {
				break
			}
			if err != nil {
				t.Fatalf("Add: %v", err)
			}
			n++
			if n > 2000 {
				t.Fatal("the disk is never full")
			}
		}
	}
	exhaust(t, q)
	verified(t, q)
	list, err := q.List()
	if err != nil || uint64(len(list)) != n {
		t.Fatalf("List = %d of them, %v; want %d", len(list), err, n)
	}
	if err := q.Compact(officer); err != nil && !errors.Is(err, ErrFull) {
		t.Errorf("Compact: %v", err)
	}
	for _, r := range list {
		receipt := receiptFor(r.ID, content(r.Sequence, int(r.Size)))
		receipt = append(receipt, bytes.Repeat([]byte(" "), 10_000)...) // as long as a signed one, and then some
		if err := q.Settle(officer, r.ID, receipt); err != nil {
			t.Fatalf("Settle on a full disk: %v", err)
		}
	}
	add(t, q, n+1, 100_000)
	verified(t, q)
	t.Log(strconv.FormatUint(n, 10), "packages fitted, and all were settled")
}
