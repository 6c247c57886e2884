package queue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
)

// A model is what a queue should be, held in a map.
type model struct {
	sequence uint64
	packages map[string]*modelled
	order    []string
}

type modelled struct {
	state  State
	number uint64 // of its content
	size   int
}

// waits lists the ids of packages in the order in which they were queued.
func (m *model) waits() (ids []string) {
	for _, id := range m.order {
		if m.packages[id].state.Waiting() {
			ids = append(ids, id)
		}
	}
	return ids
}

// Random calls, in any order, leave the queue as they leave a simple map.
func TestAgainstModel(t *testing.T) {
	steps := 300
	if soak() {
		steps = 20_000
	}
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			r := &run{
				t: t, dir: t.TempDir(), o: options(), random: rand.New(rand.NewPCG(seed, 7)),
				m: model{packages: map[string]*modelled{}},
			}
			r.o.MaxPackages = 20
			r.open()
			for i := range steps {
				if r.step(); t.Failed() {
					t.Fatalf("at step %d", i)
				}
				if i%20 == 0 {
					r.compare()
				}
			}
			r.compare()
			r.close()
		})
	}
}

type run struct {
	t      *testing.T
	dir    string
	o      Options
	random *rand.Rand
	q      *Queue
	m      model
	last   uint64
}

func (r *run) open() {
	q, err := Open(r.dir, r.o)
	if err != nil {
		r.t.Fatalf("Open: %v", err)
	}
	r.q = q
}

func (r *run) close() {
	verified(r.t, r.q)
	if err := r.q.Close(); err != nil {
		r.t.Fatalf("Close: %v", err)
	}
}

// any returns a package, mostly one that waits.
func (r *run) any() (id string, p *modelled) {
	list := r.m.waits()
	if len(list) == 0 || r.random.IntN(5) == 0 {
		list = r.m.order
	}
	if len(list) == 0 {
		return idOf(1 << 40), nil
	}
	id = list[r.random.IntN(len(list))]
	return id, r.m.packages[id]
}

func (r *run) step() {
	switch n := r.random.IntN(100); {
	case n < 45:
		r.add()
	case n < 70:
		r.settle()
	case n < 75:
		r.refuse()
	case n < 83:
		r.sending()
	case n < 87:
		r.drain()
	case n < 92:
		r.close()
		r.open()
	case n < 96:
		r.expect(nil, r.q.Compact(officer))
	default:
		r.expect(nil, r.q.Scrub(r.t.Context(), officer))
	}
}

func (r *run) expect(want, got error) {
	r.t.Helper()
	if want == nil && got != nil || !errors.Is(got, want) {
		r.t.Errorf("got %v, want %v", got, want)
	}
}

func (r *run) add() {
	r.last++
	p := &modelled{state: Queued, number: r.last, size: 1 + r.random.IntN(1<<r.random.IntN(19))}
	held := 0
	for _, m := range r.m.packages {
		if m.state != Delivered {
			held++
		}
	}
	var want error
	if held >= r.o.MaxPackages {
		want = ErrFull
	}
	rec, err := r.q.Add(officer, func(uint64, [32]byte) (string, []byte, error) {
		return idOf(p.number), content(p.number, p.size), nil
	})
	r.expect(want, err)
	if err != nil {
		return
	}
	r.m.sequence++
	r.m.packages[rec.ID] = p
	r.m.order = append(r.m.order, rec.ID)
	if rec.Sequence != r.m.sequence {
		r.t.Errorf("sequence %d, want %d", rec.Sequence, r.m.sequence)
	}
}

func (r *run) settle() {
	id, p := r.any()
	if p == nil {
		r.expect(ErrUnknown, r.q.Settle(officer, id, nil))
		return
	}
	good := receiptFor(id, content(p.number, p.size))
	switch r.random.IntN(4) {
	case 0:
		r.expect(ErrReceipt, r.q.Settle(officer, id, good[1:]))
	case 1:
		r.expect(ErrOtherPackage, r.q.Settle(officer, id, receiptFor(id, nil)))
	default:
		r.expect(nil, r.q.Settle(officer, id, good))
		p.state = Delivered
	}
}

// forward is the error that moving on to a state should give.
func (r *run) forward(p *modelled, to State, again bool) error {
	switch {
	case p == nil:
		return ErrUnknown
	case p.state == to && again:
		return nil
	case p.state.order() >= to.order():
		return ErrState
	}
	p.state = to
	return nil
}

func (r *run) refuse() {
	id, p := r.any()
	want := r.forward(p, Refused, false)
	r.expect(want, r.q.Refuse(officer, id, "rule_violated"))
}

func (r *run) sending() {
	id, p := r.any()
	want := r.forward(p, Sending, true)
	r.expect(want, r.q.Sending(officer, id, 0))
}

// drain delivers to a service that goes down after a few packages.
func (r *run) drain() {
	down, left := errors.New("link down"), r.random.IntN(4)
	d, err := r.q.Drain(r.t.Context(), officer, func(_ context.Context, p Package) ([]byte, error) {
		if left--; left < 0 {
			r.m.packages[p.ID].state = Sending
			return nil, down
		}
		sealed, err := io.ReadAll(p.Reader())
		if err != nil {
			return nil, err
		}
		r.m.packages[p.ID].state = Delivered
		return receiptFor(p.ID, sealed), nil
	})
	if err != nil && !errors.Is(err, down) || err == nil && len(r.m.waits()) > 0 {
		r.t.Errorf("Drain = %+v, %v", d, err)
	}
}

// compare holds everything the queue can tell against the model.
func (r *run) compare() {
	list, err := r.q.List()
	if err != nil || len(list) != len(r.m.order) {
		r.t.Fatalf("List = %d of them, %v; want %d", len(list), err, len(r.m.order))
	}
	stats := Stats{}
	for i, rec := range list {
		p := r.m.packages[rec.ID]
		if rec.ID != r.m.order[i] || rec.State != p.state || rec.Size != int64(p.size) {
			r.t.Errorf("package %d = %+v, want %+v", i+1, rec, p)
		}
		if p.state == Delivered {
			stats.Delivered++
			continue
		}
		stats.count(rec)
		pkg, err := r.q.Package(rec.ID)
		if err != nil {
			r.t.Fatal(err)
		}
		if got, err := io.ReadAll(pkg.Reader()); err != nil || !bytes.Equal(got, content(p.number, p.size)) {
			r.t.Errorf("package %d: other bytes, %v", i+1, err)
		}
	}
	got, err := r.q.Stats()
	if err != nil || got.Waiting != stats.Waiting || got.Refused != stats.Refused || got.Delivered != stats.Delivered || got.Bytes != stats.Bytes {
		r.t.Errorf("Stats = %+v, %v; want %+v", got, err, stats)
	}
}
