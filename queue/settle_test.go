package queue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"optag/queue/audit"
)

// events returns the events of the log from the given one on.
func events(t testing.TB, q *Queue) []audit.Event {
	t.Helper()
	var list []audit.Event
	for raw, err := range q.Leaves() {
		if err != nil {
			t.Fatal(err)
		}
		l, err := audit.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, l.Event)
	}
	return list
}

// Nothing but a valid receipt for these very bytes lets a package go; and when
// it stays, it is whole.
func TestSettleRefuses(t *testing.T) {
	for _, c := range []struct {
		name    string
		receipt []byte
		want    error
	}{
		{"empty", nil, ErrReceipt},
		{"broken signature", []byte(`{"Valid":false}`), ErrReceipt},
		{"for another package", receiptFor(idOf(2), content(1, 100_000)), ErrOtherPackage},
		{"for other bytes of this package", receiptFor(idOf(1), content(2, 100_000)), ErrOtherPackage},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := openQueue(t, t.TempDir(), options())
			r := add(t, q, 1, 100_000)
			if err := q.Settle(officer, r.ID, c.receipt); !errors.Is(err, c.want) {
				t.Fatalf("Settle: %v, want %v", err, c.want)
			}
			p, err := q.Package(r.ID)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(p.Reader()); err != nil || !bytes.Equal(got, content(1, 100_000)) {
				t.Errorf("the package is not whole: %v", err)
			}
			if got, want := events(t, q), []audit.Event{audit.QueueCreated, audit.PackageQueued, audit.ReceiptRejected}; !slices.Equal(got, want) {
				t.Errorf("log = %v, want %v", got, want)
			}
			if err := q.Settle(officer, r.ID, receiptFor(r.ID, content(1, 100_000))); err != nil {
				t.Errorf("the right receipt afterwards: %v", err)
			}
		})
	}
	t.Run("unknown package", func(t *testing.T) {
		q := openQueue(t, t.TempDir(), options())
		if err := q.Settle(officer, idOf(1), receiptFor(idOf(1), nil)); !errors.Is(err, ErrUnknown) {
			t.Errorf("Settle: %v, want %v", err, ErrUnknown)
		}
	})
	t.Run("no key trusted", func(t *testing.T) {
		o := options()
		o.VerifyReceipt = nil
		q := openQueue(t, t.TempDir(), o)
		r := add(t, q, 1, 10)
		if err := q.Settle(officer, r.ID, receiptFor(r.ID, content(1, 10))); !errors.Is(err, ErrReceipt) {
			t.Errorf("Settle: %v, want %v", err, ErrReceipt)
		}
	})
}

// States only move forward.
func TestStates(t *testing.T) {
	steps := map[State]func(q *Queue, id string) error{
		Sending:   func(q *Queue, id string) error { return q.Sending(officer, id, 1) },
		Refused:   func(q *Queue, id string) error { return q.Refuse(officer, id, "rule_violated") },
		Delivered: func(q *Queue, id string) error { return q.Settle(officer, id, receiptFor(id, content(1, 10))) },
		Damaged: func(q *Queue, id string) error {
			return q.retire(officer, id, Damaged, audit.PackageDamaged, "damaged")
		},
	}
	again := map[State]bool{Sending: true, Delivered: true} // may be repeated
	for from := range steps {
		for to := range steps {
			t.Run(fmt.Sprint(from, " to ", to), func(t *testing.T) {
				q := openQueue(t, t.TempDir(), options())
				r := add(t, q, 1, 10)
				if err := steps[from](q, r.ID); err != nil {
					t.Fatal(err)
				}
				err := steps[to](q, r.ID)
				allowed := to.order() > from.order() || from == to && again[to]
				if allowed != (err == nil) || err != nil && !errors.Is(err, ErrState) {
					t.Errorf("error %v, allowed %v", err, allowed)
				}
				got, err := q.Show(r.ID)
				if want := map[bool]State{true: to, false: from}[allowed]; err != nil || got.State != want {
					t.Errorf("it is %s, %v; want %s", got.State, err, want)
				}
			})
		}
	}
}

func TestSendingOffsets(t *testing.T) {
	q := openQueue(t, t.TempDir(), options())
	r := add(t, q, 1, 10)
	for offset, ok := range map[int64]bool{-1: false, 0: true, 10: true, 11: false} {
		if err := q.Sending(officer, r.ID, offset); (err == nil) != ok {
			t.Errorf("Sending(%d): %v", offset, err)
		}
	}
}

// refusedError is the shape in which the uploader reports a refusal.
type refusedError struct{}

func (refusedError) Error() string   { return "the service refuses the package" }
func (refusedError) Refused() string { return "rule_violated" }

// A service that answers each package as told, by its number.
type service struct {
	t     *testing.T
	reply map[string]error
	wrong map[string][]byte
	asked []string
}

func (s *service) send(_ context.Context, p Package) ([]byte, error) {
	s.asked = append(s.asked, p.ID)
	sealed, err := io.ReadAll(p.Reader())
	if err != nil {
		s.t.Error(err)
	}
	if err := s.reply[p.ID]; err != nil {
		return nil, err
	}
	if raw := s.wrong[p.ID]; raw != nil {
		return raw, nil
	}
	return receiptFor(p.ID, sealed), nil
}

func TestDrain(t *testing.T) {
	down := errors.New("no route to host")
	for _, c := range []struct {
		name  string
		reply map[string]error
		wrong map[string][]byte
		asked []string
		want  Delivery
		err   error
	}{
		{"all is well", nil, nil, []string{idOf(1), idOf(2), idOf(3)}, Delivery{Delivered: []string{idOf(1), idOf(2), idOf(3)}}, nil},
		{"the second is refused", map[string]error{idOf(2): fmt.Errorf("sending: %w", refusedError{})}, nil,
			[]string{idOf(1), idOf(2), idOf(3)}, Delivery{Delivered: []string{idOf(1), idOf(3)}, Refused: []string{idOf(2)}}, nil},
		{"the link fails at the second", map[string]error{idOf(2): down}, nil,
			[]string{idOf(1), idOf(2)}, Delivery{Delivered: []string{idOf(1)}, Failed: []string{idOf(2)}}, down},
		{"a receipt for another package", nil, map[string][]byte{idOf(1): receiptFor(idOf(2), content(2, 1000))},
			[]string{idOf(1), idOf(2), idOf(3)}, Delivery{Delivered: []string{idOf(2), idOf(3)}, Failed: []string{idOf(1)}}, ErrOtherPackage},
		{"a receipt with a broken signature", nil, map[string][]byte{idOf(3): []byte("{}")},
			[]string{idOf(1), idOf(2), idOf(3)}, Delivery{Delivered: []string{idOf(1), idOf(2)}, Failed: []string{idOf(3)}}, ErrReceipt},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := openQueue(t, t.TempDir(), options())
			for n := range uint64(3) {
				add(t, q, n+1, 1000)
			}
			s := &service{t: t, reply: c.reply, wrong: c.wrong}
			got, err := q.Drain(t.Context(), officer, s.send)
			if !slices.Equal(s.asked, c.asked) {
				t.Errorf("sent %v, want %v", s.asked, c.asked)
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) || !errors.Is(err, c.err) || c.err == nil && err != nil {
				t.Errorf("Drain = %v, %v; want %v, %v", got, err, c.want, c.err)
			}
		})
	}
}

// A package that always fails does not block the others for ever.
func TestDrainGoesRound(t *testing.T) {
	q := openQueue(t, t.TempDir(), options())
	for n := range uint64(4) {
		add(t, q, n+1, 1000)
	}
	s := &service{t: t, reply: map[string]error{idOf(1): errors.New("connection reset")}}
	if _, err := q.Drain(t.Context(), officer, s.send); err == nil || len(s.asked) != 1 {
		t.Fatalf("first drain: %v, sent %v", err, s.asked)
	}
	d, err := q.Drain(t.Context(), officer, s.send)
	if err == nil || len(d.Delivered) != 3 {
		t.Errorf("second drain: %+v, %v; want the other three delivered", d, err)
	}
	delete(s.reply, idOf(1))
	if d, err := q.Drain(t.Context(), officer, s.send); err != nil || len(d.Delivered) != 1 {
		t.Errorf("third drain: %+v, %v", d, err)
	}
}

// Stopping a drain is nobody's fault, and a second one waits its turn.
func TestDrainStops(t *testing.T) {
	q := openQueue(t, t.TempDir(), options())
	r := add(t, q, 1, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := q.Drain(ctx, officer, func(ctx context.Context, p Package) ([]byte, error) {
		if _, err := q.Drain(ctx, officer, nil); !errors.Is(err, ErrBusy) {
			t.Errorf("a drain within a drain: %v, want %v", err, ErrBusy)
		}
		cancel()
		return nil, ctx.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Drain: %v", err)
	}
	if r, err := q.Show(r.ID); err != nil || r.Failures != 0 || r.State != Sending {
		t.Errorf("Show = %+v, %v; want no failure noted", r, err)
	}
}

// A package whose stored bytes rot is named, kept and left out, and the others go.
func TestDrainDamagedChunk(t *testing.T) {
	dir := t.TempDir()
	q := openQueue(t, dir, options())
	for n := range uint64(3) {
		add(t, q, n+1, 200_000)
	}
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	flip(t, q.Path(), content(2, 200_000)[150_000:150_100])
	q, err := Open(dir, options())
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	s := &service{t: t}
	d, err := q.Drain(t.Context(), officer, s.send)
	if !errors.Is(err, ErrDamaged) || !slices.Equal(d.Delivered, []string{idOf(1), idOf(3)}) || !slices.Equal(d.Failed, []string{idOf(2)}) {
		t.Errorf("Drain = %+v, %v", d, err)
	}
	if r, err := q.Show(idOf(2)); err != nil || r.State != Damaged {
		t.Errorf("Show = %+v, %v; want %s", r, err, Damaged)
	}
	report, err := q.Verify()
	if err != nil || report.OK() || report.Problems[0].Package != idOf(2) {
		t.Errorf("Verify = %+v, %v; want package 2 named", report, err)
	}
	if s, err := q.Stats(); err != nil || s.Damaged != 1 || s.Delivered != 2 {
		t.Errorf("Stats = %+v, %v", s, err)
	}
}

// flip alters one bit of the file within needle, which must stand in it once.
func flip(t testing.TB, path string, needle []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Count(b, needle) != 1 {
		t.Fatalf("found %d times", bytes.Count(b, needle))
	}
	b[bytes.Index(b, needle)+len(needle)/2] ^= 4
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Packages leave by hand and receipts come back by hand.
func TestExportImport(t *testing.T) {
	q := openQueue(t, t.TempDir(), options())
	for n := range uint64(3) {
		add(t, q, n+1, 100_000)
	}
	out, back := t.TempDir(), t.TempDir()
	files, err := q.Export(officer, filepath.Join(out, "stick"))
	if err != nil || len(files) != 3 {
		t.Fatalf("Export = %v, %v", files, err)
	}
	for n, name := range files {
		if b, err := os.ReadFile(name); err != nil || !bytes.Equal(b, content(uint64(n+1), 100_000)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, raw := range map[string][]byte{
		"1.receipt":   receiptFor(idOf(1), content(1, 100_000)),
		"2.JSON":      receiptFor(idOf(2), content(3, 100_000)),
		"3.json":      []byte("{}"),
		"4.receipt":   receiptFor(idOf(9), content(9, 10)),
		"5.receipt":   bytes.Repeat([]byte(" "), 1<<20),
		"ignored.txt": receiptFor(idOf(3), content(3, 100_000)),
	} {
		if err := os.WriteFile(filepath.Join(back, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := q.ImportReceipts(officer, back)
	if err != nil {
		t.Fatal(err)
	}
	want := []error{nil, ErrOtherPackage, ErrReceipt, ErrUnknown, ErrReceipt}
	if len(list) != len(want) {
		t.Fatalf("ImportReceipts = %v", list)
	}
	for i, w := range want {
		if !errors.Is(list[i].Err, w) || w == nil && list[i].Err != nil {
			t.Errorf("%s: %v, want %v", list[i].File, list[i].Err, w)
		}
	}
	if waiting, err := q.Waiting(); err != nil || len(waiting) != 2 {
		t.Errorf("%d wait, %v; want 2", len(waiting), err)
	}
}
