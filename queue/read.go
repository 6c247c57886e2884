package queue

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"sync"
	"time"

	"optag/queue/audit"
)

// A Package is a waiting package with its bytes. It stays readable until it is
// settled.
type Package struct {
	Record
	Tried bool // an earlier delivery may have left some of it at the service

	q    *Queue
	last *lastChunk
}

// lastChunk keeps the chunk that was verified last, for those who read in
// smaller pieces.
type lastChunk struct {
	mu    sync.Mutex // protects the fields below
	index int
	data  []byte // nil before the first
}

// newPackage gives access to the bytes behind a record.
func (q *Queue) newPackage(r Record) Package {
	return Package{Record: r, Tried: r.State == Sending, q: q, last: new(lastChunk)}
}

// ReadAt reads the sealed package; every chunk is verified as it is read. It
// holds no transaction between calls, so a slow reader holds nobody up.
func (p Package) ReadAt(b []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("reading a package: a negative offset")
	}
	p.last.mu.Lock()
	defer p.last.mu.Unlock()
	n := 0
	err := p.q.view(func(t *tx) error {
		for n < len(b) && off+int64(n) < p.Size {
			at := off + int64(n)
			data, err := p.chunk(t, int(at/chunkSize))
			if err != nil {
				return p.gone(t, err)
			}
			n += copy(b[n:], data[at%chunkSize:])
		}
		return nil
	})
	switch {
	case err != nil:
		return 0, fmt.Errorf("reading package %s: %w", p.ID, err)
	case n < len(b):
		return n, io.EOF
	}
	return n, nil
}

// chunk returns a verified chunk; last.mu is held.
func (p Package) chunk(t *tx, i int) ([]byte, error) {
	if t.Bucket(bodyBucket).Bucket(number(p.Sequence)) == nil {
		return nil, ErrDamaged
	}
	if p.last.data == nil || p.last.index != i {
		data, err := t.chunk(p.Record, i)
		if err != nil {
			return nil, err
		}
		p.last.index, p.last.data = i, append(p.last.data[:0], data...)
	}
	return p.last.data, nil
}

// gone tells a package that was settled meanwhile from one that is damaged.
func (p Package) gone(t *tx, err error) error {
	if r, e := t.record(p.ID); e == nil && r.State == Delivered {
		return ErrState
	}
	return err
}

// Reader reads the sealed package from its start.
func (p Package) Reader() *io.SectionReader { return io.NewSectionReader(p, 0, p.Size) }

// Sum is the SHA-256 of the sealed package.
func (p Package) Sum() [32]byte { return p.sum() }

// Package gives access to the bytes of a package that is still here.
func (q *Queue) Package(id string) (Package, error) {
	r, err := q.Show(id)
	if err == nil && r.State == Delivered {
		err = ErrState
	}
	if err != nil {
		return Package{}, fmt.Errorf("opening package %s: %w", id, err)
	}
	return q.newPackage(r), nil
}

// Show returns the record of a package.
func (q *Queue) Show(id string) (r Record, err error) {
	err = q.view(func(t *tx) error {
		r, err = t.record(id)
		return err
	})
	if err != nil {
		return Record{}, fmt.Errorf("looking up package %s: %w", id, err)
	}
	return r, nil
}

// List returns every record, oldest first; delivered ones too.
func (q *Queue) List() ([]Record, error) {
	var list []Record
	err := q.view(func(t *tx) error {
		return t.records(func(r Record) error {
			list = append(list, r)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("listing the queue: %w", err)
	}
	return list, nil
}

// Waiting returns the packages to be sent, in the order in which they are:
// fewer failures first, and the oldest first among equals.
func (q *Queue) Waiting() ([]Record, error) {
	var list []Record
	err := q.view(func(t *tx) error {
		return t.held(func(r Record) error {
			if r.State.Waiting() {
				list = append(list, r)
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("listing what waits: %w", err)
	}
	slices.SortStableFunc(list, func(a, b Record) int { return cmp.Compare(a.Failures, b.Failures) })
	return list, nil
}

// held calls fn with the record of each package whose bytes are here. It costs
// nothing for those that were delivered.
func (t *tx) held(fn func(Record) error) error {
	c := t.Bucket(bodyBucket).Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		r, err := parseRecord(t.Bucket(recordBucket).Get(k))
		if err != nil {
			return err
		}
		if err := fn(r); err != nil {
			return err
		}
	}
	return nil
}

// Receipt returns the receipt of a delivered package as it came.
func (q *Queue) Receipt(id string) (raw []byte, err error) {
	err = q.view(func(t *tx) error {
		r, err := t.record(id)
		if err != nil {
			return err
		}
		raw, err = t.receipt(r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the receipt of package %s: %w", id, err)
	}
	return raw, nil
}

// receipt returns a copy of a delivered package's receipt.
func (t *tx) receipt(r Record) ([]byte, error) {
	if r.State != Delivered {
		return nil, fmt.Errorf("%w: it is %s", ErrState, r.State)
	}
	payload, err := unframe(receiptKind, t.Bucket(receiptBucket).Get(number(r.Sequence)))
	if err != nil {
		return nil, err
	}
	id, raw, err := readReceipt(payload)
	if err != nil || id != r.ID {
		return nil, fmt.Errorf("receipt of package %s: %w", r.ID, ErrDamaged)
	}
	return slices.Clone(raw), nil
}

// Stats is the queue at a glance.
type Stats struct {
	Waiting     int       `json:"waiting"`      // to be sent
	Refused     int       `json:"refused"`      // kept: the service will not have them
	Damaged     int       `json:"damaged"`      // kept: their bytes do not verify
	Delivered   int       `json:"delivered"`    // gone, with a receipt
	Bytes       int64     `json:"bytes"`        // of the packages that are here
	Oldest      time.Time `json:"oldest"`       // when the oldest waiting package was queued; zero when none waits
	FileSize    int64     `json:"file_size"`    // bytes
	FreeBytes   int64     `json:"free_bytes"`   // of the file, unused
	MaxSize     int64     `json:"max_size"`     // bytes
	MaxPackages int       `json:"max_packages"` //
	Percent     int       `json:"percent"`      // of what may wait, by number or by bytes, whichever is fuller
	Warning     int       `json:"warning"`      // 0, 50, 80 or 100: the level that Percent has reached
}

// Stats counts the queue.
func (q *Queue) Stats() (Stats, error) {
	s := Stats{MaxSize: q.o.MaxSize, MaxPackages: q.o.MaxPackages}
	err := q.view(func(t *tx) error {
		u := q.usage(t)
		s.Percent, s.Warning = u.percent(), u.level()
		s.FileSize, s.FreeBytes = t.Size(), t.Size()-u.bytes
		s.Delivered = t.Bucket(receiptBucket).Stats().KeyN
		return t.held(func(r Record) error {
			s.count(r)
			return nil
		})
	})
	if err != nil {
		return Stats{}, fmt.Errorf("counting the queue: %w", err)
	}
	return s, nil
}

func (s *Stats) count(r Record) {
	s.Bytes += r.Size
	switch {
	case r.State == Refused:
		s.Refused++
	case r.State == Damaged:
		s.Damaged++
	case r.State.Waiting():
		s.Waiting++
		if s.Oldest.IsZero() || r.QueuedAt.Before(s.Oldest) {
			s.Oldest = r.QueuedAt
		}
	}
}

// Log appends leaves to the audit log, all or none. At is set by the queue. On a
// full disk it is ErrFull: what room is held back serves deliveries only.
func (q *Queue) Log(entries ...audit.Entry) error {
	err := q.update(func(t *tx) error {
		for _, e := range entries {
			e.At = t.at
			if err := t.logEntry(e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("writing the log: %w", err)
	}
	return nil
}

// leavesAtOnce is how many leaves are read in one transaction.
const leavesAtOnce = 256

// Leaves yields the leaves of the audit log from the first, for audit.Verify
// and audit.Export.
func (q *Queue) Leaves() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for next := uint64(1); ; {
			batch, err := q.leaves(next)
			for _, raw := range batch {
				if !yield(raw, nil) {
					return
				}
			}
			if err != nil {
				yield(nil, err)
			}
			if err != nil || len(batch) == 0 {
				return
			}
			next += uint64(len(batch))
		}
	}
}

// leaves returns copies of some leaves from the given number on.
func (q *Queue) leaves(from uint64) (batch [][]byte, err error) {
	err = q.view(func(t *tx) error {
		c := t.Bucket(leafBucket).Cursor()
		for k, v := c.Seek(number(from)); k != nil && len(batch) < leavesAtOnce; k, v = c.Next() {
			raw, err := unframe(leafKind, v)
			if err != nil {
				return err
			}
			batch = append(batch, slices.Clone(raw))
		}
		return nil
	})
	return batch, err
}

// Head is the end of the audit log.
func (q *Queue) Head() (h audit.Head, err error) {
	err = q.view(func(t *tx) error {
		h = t.pos.Head
		return nil
	})
	return h, err
}

// check verifies the bytes of one package.
func (q *Queue) check(r Record) error {
	return q.view(func(t *tx) error { return t.body(r) })
}

// unusable reports whether the file failed under us.
func (q *Queue) unusable() bool {
	q.mu.RLock()
	defer q.mu.RUnlock()
	return q.failure() != nil
}
