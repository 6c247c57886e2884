package queue

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("OPTAG_KILL_CHILD"); dir != "" {
		err := child(dir, os.Getenv("OPTAG_KILL_FIRST"))
		fmt.Println("failed", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// killSize is the size of the n-th package.
func killSize(n uint64) int { return 1 + int(n*7919%200_000) }

// child queues and settles packages for ever. It says what it is about to do
// and what is done: "add 7", "added 7", "settle 7", "settled 7".
func child(dir, first string) error {
	o := options()
	o.Timeout = 5 * time.Second
	q, err := Open(dir, o)
	if err != nil {
		return err
	}
	if _, damaged := q.Salvaged(); damaged {
		return errors.New("the file was damaged")
	}
	fmt.Println("ready")
	n, err := strconv.ParseUint(first, 10, 64)
	for ; err == nil; n++ {
		if err = childAdd(q, n); err != nil {
			return err
		}
		switch {
		case n%3 == 0:
			err = childSettle(q)
		case n%50 == 1:
			err = q.Compact(officer)
		case n%50 == 2:
			err = q.Scrub(context.Background(), officer)
		}
		if waiting, werr := q.Waiting(); werr == nil && len(waiting) > 10 {
			err = errors.Join(err, childSettle(q), childSettle(q))
		}
	}
	return err
}

func childAdd(q *Queue, n uint64) error {
	fmt.Println("add", n)
	_, err := q.Add(officer, func(uint64, [32]byte) (string, []byte, error) { return idOf(n), content(n, killSize(n)), nil })
	if err == nil {
		fmt.Println("added", n)
	}
	return err
}

func childSettle(q *Queue) error {
	waiting, err := q.Waiting()
	if err != nil || len(waiting) == 0 {
		return err
	}
	r := waiting[0]
	n, err := strconv.ParseUint(r.ID, 16, 64)
	if err != nil {
		return err
	}
	fmt.Println("settle", n)
	if err := q.Settle(officer, r.ID, receiptFor(r.ID, content(n, killSize(n)))); err != nil {
		return err
	}
	fmt.Println("settled", n)
	return nil
}

// A ledger is what a killed child was heard to say.
type ledger struct {
	said map[uint64]string // the last word on each package
	last uint64
}

// hear reads what one child says to its end.
func (l *ledger) hear(t *testing.T, out []byte) {
	t.Helper()
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		word, arg, _ := strings.Cut(lines.Text(), " ")
		if word == "ready" {
			continue
		}
		n, err := strconv.ParseUint(arg, 10, 64)
		if err != nil {
			t.Fatalf("the child says %q", lines.Text())
		}
		l.said[n], l.last = word, max(l.last, n)
	}
}

// check opens the queue and compares it with what was heard: what was
// acknowledged is so, what was begun is either not done or done, and nothing in
// between. Then what was begun is known.
func (l *ledger) check(t *testing.T, dir string, thoroughly bool) {
	t.Helper()
	q, err := Open(dir, options())
	if err != nil {
		t.Fatalf("Open after a kill: %v", err)
	}
	defer q.Close()
	if s, damaged := q.Salvaged(); damaged {
		t.Fatalf("damaged by a kill: %+v", s)
	}
	if thoroughly {
		verified(t, q)
	}
	for n, word := range l.said {
		r, err := q.Show(idOf(n))
		if err != nil && !errors.Is(err, ErrUnknown) {
			t.Fatal(err)
		}
		ok := map[string]bool{
			"add": err != nil || r.State == Queued, "added": err == nil && r.State == Queued,
			"settle": err == nil, "settled": err == nil && r.State == Delivered,
		}[word]
		if !ok {
			t.Errorf("package %d: heard %q, found %q, %v", n, word, r.State, err)
			continue
		}
		switch {
		case err != nil:
			delete(l.said, n)
			continue
		case r.State == Delivered:
			l.said[n] = "settled"
		default:
			l.said[n] = "added"
		}
		if r.State != Delivered || thoroughly {
			if err := examineOne(q, n, killSize(n)); err != nil {
				t.Errorf("package %d: %v", n, err)
			}
		}
	}
	if list, err := q.List(); err != nil || len(list) != len(l.said) {
		t.Errorf("%d packages in the queue, %v; want %d", len(list), err, len(l.said))
	}
}

// Killed at any moment, the program finds everything again that it had
// acknowledged: no package is lost, damaged, doubled or come back.
func TestKill(t *testing.T) {
	t.Parallel()
	length := 3 * time.Second
	if soak() {
		length = 10 * time.Minute
	}
	random := rand.New(rand.NewPCG(3, 4))
	var dir string
	var l *ledger
	rounds, acknowledged := 0, 0
	for end := time.Now().Add(length); time.Now().Before(end) && !t.Failed(); rounds++ {
		if rounds%20 == 0 { // from the very beginning, for creation has its own dangers
			dir, l = t.TempDir(), &ledger{said: map[uint64]string{}}
		}
		out := killed(t, dir, l.last+1, random)
		acknowledged += bytes.Count(out, []byte("ed "))
		l.hear(t, out)
		l.check(t, dir, rounds%10 == 9)
	}
	t.Logf("%d kills, %d acknowledged calls, nothing lost, damaged, doubled or come back", rounds, acknowledged)
}

// killed runs a child and kills it: mostly 0 to 25 ms after it is ready, at
// times while it starts.
func killed(t *testing.T, dir string, first uint64, random *rand.Rand) []byte {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), "OPTAG_KILL_CHILD="+dir, "OPTAG_KILL_FIRST="+strconv.FormatUint(first, 10))
	pipe, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	wait := time.Duration(random.Int64N(int64(25 * time.Millisecond)))
	lines := bufio.NewReader(pipe)
	var out bytes.Buffer
	if random.IntN(5) > 0 {
		line, err := lines.ReadString('\n')
		if err != nil || line != "ready\n" {
			t.Fatalf("the child says %q, %v", line, err)
		}
	}
	timer := time.AfterFunc(wait, func() { c.Process.Kill() })
	defer timer.Stop()
	if _, err := out.ReadFrom(lines); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err == nil || c.ProcessState.ExitCode() != -1 {
		t.Fatalf("the child ended by itself: %v\n%s", err, out.Bytes())
	}
	b := out.Bytes()
	return b[:bytes.LastIndexByte(b, '\n')+1]
}
