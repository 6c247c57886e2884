// Package storetest is the contract of an intake store as tests: every store
// passes it. It knows nothing of how a store keeps things.
package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"optag/queue/intake"
)

// A Fixture is one store under test.
type Fixture struct {
	Store intake.Store

	// Reopen closes the store and opens it again, as after the end of the process.
	Reopen func(t *testing.T) intake.Store
}

// Test runs the contract. open returns an empty store, and cleans up by itself.
func Test(t *testing.T, open func(t *testing.T) Fixture) {
	cases := map[string]func(*testing.T, Fixture){
		"an upload grows and becomes a package":                 grows,
		"bytes before the link broke are kept":                  keeps,
		"an offset elsewhere is refused and harms nothing":      elsewhere,
		"no more than was announced is kept":                    bounded,
		"announced otherwise, an upload begins anew":            announcedAnew,
		"settled again gives the same receipt":                  sameReceipt,
		"another package under the same id is refused":          conflictID,
		"another package under the same sequence is refused":    conflictSequence,
		"the same sequence of two stations is no conflict":      twoStations,
		"a failure to sign leaves nothing behind":               signFails,
		"what is not complete cannot be settled":                incomplete,
		"discarded is forgotten":                                discarded,
		"nothing is lost when the process ends":                 survives,
		"the log counts without a gap and its roots differ":     counts,
		"many at once are each received once":                   manyAtOnce,
		"the same one many times at once is received once":      sameAtOnce,
		"old uploads go, young ones and packages stay":          expires,
		"unknown names are unknown":                             unknown,
		"an empty store has an empty log":                       emptyLog,
		"any order of appending and breaking gives whole bytes": anyOrder,
	}
	for name, run := range cases {
		t.Run(name, func(t *testing.T) { run(t, open(t)) })
	}
}

func grows(t *testing.T, f Fixture) {
	p := makeSample("cph-01", 1, 1000)
	if at, err := f.Store.Begin(p.Upload); at != 0 || err != nil {
		t.Fatalf("Begin = %d, %v", at, err)
	}
	for _, end := range []int64{1, 400, 999, 1000} {
		u, at, err := f.Store.Pending(p.Key())
		if err != nil || u != p.Upload {
			t.Fatalf("Pending = %+v, %v, want %+v", u, err, p.Upload)
		}
		now, err := f.Store.Append(p.Key(), at, bytes.NewReader(p.content[at:end]))
		if err != nil || now != end {
			t.Fatalf("Append = %d, %v, want %d", now, err, end)
		}
	}
	content, err := f.Store.Content(p.Key())
	if err != nil || !bytes.Equal(content, p.content) {
		t.Fatalf("Content has %d bytes, %v", len(content), err)
	}
	receipt, err := f.Store.Settle(p.Key(), p.Entry, sign)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, f.Store, p, receipt)
	_, _, err = f.Store.Pending(p.Key())
	wantErr(t, "Pending of a settled package", err, intake.ErrUnknown)
}

func keeps(t *testing.T, f Fixture) {
	p := makeSample("cph-01", 1, 100_000)
	broke := errors.New("the link broke")
	if _, err := f.Store.Begin(p.Upload); err != nil {
		t.Fatal(err)
	}
	r := io.MultiReader(bytes.NewReader(p.content[:70_001]), iotest.ErrReader(broke))
	now, err := f.Store.Append(p.Key(), 0, r)
	wantErr(t, "Append", err, broke)
	if now != 70_001 {
		t.Errorf("Append = %d, want 70001", now)
	}
	if at, err := f.Store.Begin(p.Upload); at != now || err != nil {
		t.Errorf("Begin = %d, %v, want %d", at, err, now)
	}
}

func elsewhere(t *testing.T, f Fixture) {
	p := makeSample("cph-01", 1, 100)
	if _, err := f.Store.Begin(p.Upload); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Store.Append(p.Key(), 0, bytes.NewReader(p.content[:50])); err != nil {
		t.Fatal(err)
	}
	for _, at := range []int64{0, 49, 51, 100, -1} {
		_, err := f.Store.Append(p.Key(), at, bytes.NewReader(p.content[50:]))
		wantErr(t, fmt.Sprint("Append at ", at), err, intake.ErrOffset)
	}
	if _, err := f.Store.Append(p.Key(), 50, bytes.NewReader(p.content[50:])); err != nil {
		t.Fatal(err)
	}
	if content, err := f.Store.Content(p.Key()); err != nil || !bytes.Equal(content, p.content) {
		t.Errorf("the content was harmed: %v", err)
	}
}

func bounded(t *testing.T, f Fixture) {
	p := makeSample("cph-01", 1, 100)
	if _, err := f.Store.Begin(p.Upload); err != nil {
		t.Fatal(err)
	}
	now, err := f.Store.Append(p.Key(), 0, bytes.NewReader(make([]byte, 1_000_000)))
	if now != 100 || err != nil {
		t.Errorf("Append = %d, %v, want 100", now, err)
	}
}

func announcedAnew(t *testing.T, f Fixture) {
	p := makeSample("cph-01", 1, 100)
	wrong := p.Upload
	wrong.Length = 7
	if _, err := f.Store.Begin(wrong); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Store.Append(p.Key(), 0, strings.NewReader("surplus")); err != nil {
		t.Fatal(err)
	}
	if at, err := f.Store.Begin(p.Upload); at != 0 || err != nil {
		t.Errorf("Begin = %d, %v, want 0", at, err)
	}
	receive(t, f.Store, p)
}

func sameReceipt(t *testing.T, f Fixture) {
	p := makeSample("cph-01", 1, 100)
	first := receive(t, f.Store, p)
	again, err := f.Store.Settle(p.Key(), p.Entry, neverSign)
	if err != nil || !bytes.Equal(again, first) {
		t.Errorf("Settle = %.40q, %v, want %.40q", again, err, first)
	}
	upload(t, f.Store, p) // even when all bytes came again
	again, err = f.Store.Settle(p.Key(), p.Entry, neverSign)
	if err != nil || !bytes.Equal(again, first) {
		t.Errorf("Settle = %.40q, %v, want %.40q", again, err, first)
	}
	if n := len(entries(t, f.Store)); n != 1 {
		t.Errorf("%d entries, want 1", n)
	}
	holds(t, f.Store, p, first)
}

func conflictID(t *testing.T, f Fixture) {
	p, q := makeSample("cph-01", 1, 100), makeSample("aal-02", 2, 100)
	receipt := receive(t, f.Store, p)
	q.Entry.PackageID, q.Upload.PackageID = p.Entry.PackageID, p.Entry.PackageID
	refusesToSettle(t, f.Store, q)
	holds(t, f.Store, p, receipt)
}

func conflictSequence(t *testing.T, f Fixture) {
	p, q := makeSample("cph-01", 1, 100), makeSample("cph-01", 2, 100)
	receipt := receive(t, f.Store, p)
	q.Sequence = 1
	refusesToSettle(t, f.Store, q)
	holds(t, f.Store, p, receipt)
}

func refusesToSettle(t *testing.T, s intake.Store, q sample) {
	t.Helper()
	upload(t, s, q)
	_, err := s.Settle(q.Key(), q.Entry, neverSign)
	wantErr(t, "Settle", err, intake.ErrConflict)
	_, err = s.Receipt(q.Key())
	wantErr(t, "Receipt of the refused", err, intake.ErrUnknown)
	if n := len(entries(t, s)); n != 1 {
		t.Errorf("%d entries, want 1", n)
	}
}

func twoStations(t *testing.T, f Fixture) {
	p, q := makeSample("cph-01", 1, 100), makeSample("aal-02", 1, 100)
	first, second := receive(t, f.Store, p), receive(t, f.Store, q)
	holds(t, f.Store, p, first)
	holds(t, f.Store, q, second)
}

func signFails(t *testing.T, f Fixture) {
	p := makeSample("cph-01", 1, 100)
	upload(t, f.Store, p)
	fault := errors.New("the signer is away")
	_, err := f.Store.Settle(p.Key(), p.Entry, func(intake.Entry, intake.Place) ([]byte, error) { return nil, fault })
	wantErr(t, "Settle", err, fault)
	if n := len(entries(t, f.Store)); n != 0 {
		t.Errorf("%d entries, want none", n)
	}
	if _, at, err := f.Store.Pending(p.Key()); at != p.Upload.Length || err != nil {
		t.Errorf("Pending = %d, %v, want the whole upload", at, err)
	}
	receipt, err := f.Store.Settle(p.Key(), p.Entry, sign)
	if err != nil || !strings.HasPrefix(string(receipt), "receipt 1 ") {
		t.Errorf("Settle = %.20q, %v, want index 1", receipt, err)
	}
}

func incomplete(t *testing.T, f Fixture) {
	p := makeSample("cph-01", 1, 100)
	if _, err := f.Store.Begin(p.Upload); err != nil {
		t.Fatal(err)
	}
	_, err := f.Store.Settle(p.Key(), p.Entry, neverSign)
	wantErr(t, "Settle of nothing", err, intake.ErrIncomplete)
	if _, err := f.Store.Append(p.Key(), 0, bytes.NewReader(p.content[:99])); err != nil {
		t.Fatal(err)
	}
	_, err = f.Store.Settle(p.Key(), p.Entry, neverSign)
	wantErr(t, "Settle", err, intake.ErrIncomplete)
	_, err = f.Store.Content(p.Key())
	wantErr(t, "Content", err, intake.ErrIncomplete)
}

func discarded(t *testing.T, f Fixture) {
	p := makeSample("cph-01", 1, 100)
	upload(t, f.Store, p)
	for range 2 {
		if err := f.Store.Discard(p.Key()); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err := f.Store.Pending(p.Key())
	wantErr(t, "Pending", err, intake.ErrUnknown)
	if at, err := f.Store.Begin(p.Upload); at != 0 || err != nil {
		t.Errorf("Begin = %d, %v, want 0", at, err)
	}
}

func survives(t *testing.T, f Fixture) {
	p, half := makeSample("cph-01", 1, 100), makeSample("cph-01", 2, 100)
	receipt := receive(t, f.Store, p)
	if _, err := f.Store.Begin(half.Upload); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Store.Append(half.Key(), 0, bytes.NewReader(half.content[:60])); err != nil {
		t.Fatal(err)
	}
	before := entries(t, f.Store)
	s := f.Reopen(t)
	holds(t, s, p, receipt)
	if after := entries(t, s); !slices.Equal(before, after) {
		t.Errorf("the log was %+v and is %+v", before, after)
	}
	if u, at, err := s.Pending(half.Key()); at != 60 || u != half.Upload || err != nil {
		t.Errorf("Pending = %+v, %d, %v, want 60 bytes", u, at, err)
	}
	if next := receive(t, s, makeSample("cph-01", 3, 100)); !strings.HasPrefix(string(next), "receipt 2 ") {
		t.Errorf("the next receipt is %.20q, want index 2", next)
	}
}

func counts(t *testing.T, f Fixture) {
	roots := map[string]bool{}
	for seq := uint64(1); seq <= 5; seq++ {
		receipt := receive(t, f.Store, makeSample("cph-01", seq, 100))
		fields := strings.Fields(string(receipt))
		if fields[1] != fmt.Sprint(seq) || len(fields[5]) != 64 || roots[fields[5]] {
			t.Errorf("place of number %d: %q", seq, fields)
		}
		roots[fields[5]] = true
	}
	for i, e := range entries(t, f.Store) {
		if e.Index != uint64(i)+1 || e.Sequence != e.Index {
			t.Errorf("entry %d = %+v", i, e)
		}
	}
}

func manyAtOnce(t *testing.T, f Fixture) {
	var all sync.WaitGroup
	for seq := uint64(1); seq <= 24; seq++ {
		all.Go(func() {
			p := makeSample([]string{"cph-01", "aal-02", "ode-03"}[seq%3], seq, 5000)
			holds(t, f.Store, p, receive(t, f.Store, p))
		})
	}
	all.Wait()
	if n := len(entries(t, f.Store)); n != 24 {
		t.Errorf("%d entries, want 24", n)
	}
}

func sameAtOnce(t *testing.T, f Fixture) {
	p := makeSample("cph-01", 1, 5000)
	upload(t, f.Store, p)
	receipts := make([]string, 16)
	var all sync.WaitGroup
	for i := range receipts {
		all.Go(func() {
			receipt, err := f.Store.Settle(p.Key(), p.Entry, sign)
			if err != nil {
				t.Error(err)
			}
			receipts[i] = string(receipt)
		})
	}
	all.Wait()
	if slices.Sort(receipts); receipts[0] != receipts[len(receipts)-1] {
		t.Error("the same package got different receipts")
	}
	if n := len(entries(t, f.Store)); n != 1 {
		t.Errorf("%d entries, want 1", n)
	}
}

func expires(t *testing.T, f Fixture) {
	done, old, young := makeSample("cph-01", 1, 100), makeSample("cph-01", 2, 100), makeSample("cph-01", 3, 100)
	receipt := receive(t, f.Store, done)
	upload(t, f.Store, old)
	time.Sleep(30 * time.Millisecond) // file times are coarse
	limit := time.Now()
	time.Sleep(30 * time.Millisecond)
	upload(t, f.Store, young)
	if n, err := f.Store.Expire(limit); n != 1 || err != nil {
		t.Errorf("Expire = %d, %v, want 1", n, err)
	}
	_, _, err := f.Store.Pending(old.Key())
	wantErr(t, "Pending of the old", err, intake.ErrUnknown)
	if _, at, err := f.Store.Pending(young.Key()); at != 100 || err != nil {
		t.Errorf("Pending of the young = %d, %v", at, err)
	}
	holds(t, f.Store, done, receipt)
}

func unknown(t *testing.T, f Fixture) {
	k := makeSample("cph-01", 9, 10).Key()
	_, _, err := f.Store.Pending(k)
	wantErr(t, "Pending", err, intake.ErrUnknown)
	_, err = f.Store.Append(k, 0, strings.NewReader("x"))
	wantErr(t, "Append", err, intake.ErrUnknown)
	_, err = f.Store.Content(k)
	wantErr(t, "Content", err, intake.ErrUnknown)
	_, err = f.Store.Settle(k, makeSample("cph-01", 9, 10).Entry, neverSign)
	wantErr(t, "Settle", err, intake.ErrUnknown)
	_, err = f.Store.Receipt(k)
	wantErr(t, "Receipt", err, intake.ErrUnknown)
	_, err = f.Store.Body(k)
	wantErr(t, "Body", err, intake.ErrUnknown)
}

func emptyLog(t *testing.T, f Fixture) {
	if n := len(entries(t, f.Store)); n != 0 {
		t.Errorf("%d entries, want none", n)
	}
	if n := len(entries(t, f.Reopen(t))); n != 0 {
		t.Errorf("%d entries after reopening, want none", n)
	}
}

func anyOrder(t *testing.T, f Fixture) {
	dice := rand.New(rand.NewPCG(1, 2))
	store := f.Store
	for seq := uint64(1); seq <= 6; seq++ {
		p := makeSample("cph-01", seq, 1+dice.IntN(50_000))
		if _, err := store.Begin(p.Upload); err != nil {
			t.Fatal(err)
		}
		for at := int64(0); at < p.Upload.Length; {
			if dice.IntN(8) == 0 {
				store = f.Reopen(t)
			}
			piece := p.content[at : at+1+dice.Int64N(p.Upload.Length-at)]
			r := io.Reader(bytes.NewReader(piece))
			if dice.IntN(2) == 0 {
				r = iotest.TimeoutReader(iotest.HalfReader(r)) // breaks at the second reading
			}
			if _, err := store.Append(p.Key(), at, r); err != nil && !errors.Is(err, iotest.ErrTimeout) {
				t.Fatal(err)
			}
			var err error
			if _, at, err = store.Pending(p.Key()); err != nil {
				t.Fatal(err)
			}
		}
		receipt, err := store.Settle(p.Key(), p.Entry, sign)
		if err != nil {
			t.Fatal(err)
		}
		holds(t, store, p, receipt)
	}
}
