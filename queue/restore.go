package queue

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"optag/queue/audit"
)

// restore fills a fresh queue with what was found, and writes into its log what
// became of each package.
func (f *findings) restore(n *Queue, s *Salvage) error {
	chain := f.chain()
	f.fromLeaves(chain)
	if err := n.restoreLog(chain, s); err != nil {
		return err
	}
	s.Gap = !f.complete(chain)
	list := make([]Record, 0, len(f.records))
	for _, r := range f.records {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b Record) int {
		return cmpOr(a.Sequence, b.Sequence, b.QueuedAt.Compare(a.QueuedAt))
	})
	for i, r := range list {
		taken := i > 0 && list[i-1].Sequence == r.Sequence // an Add that was never acknowledged
		fate, err := f.restoreOne(n, r, taken)
		if err != nil {
			return err
		}
		s.Packages = append(s.Packages, SalvagedItem{ID: r.ID, Sequence: r.Sequence, Fate: fate})
	}
	if err := n.restorePosition(f.position, list); err != nil {
		return err
	}
	if err := n.update((*tx).putReserve); !errors.Is(err, ErrFull) {
		return err
	}
	return nil // the next Add sets it aside, or is refused
}

// complete reports whether the chain of leaves is all there ever was: it ends
// where the last transaction of the file says. Each package has its leaf, so
// then no package is missing from the list either.
func (f *findings) complete(chain [][]byte) bool {
	last, sure := lastTransaction(f.file, f.size)
	return sure && f.position.Written >= last && f.position.Head.Number <= uint64(len(chain))
}

func cmpOr(a, b uint64, then int) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return then
}

// restoreOne carries one package over.
func (f *findings) restoreOne(n *Queue, r Record, taken bool) (Fate, error) {
	receipt, has := f.receipts[r.ID]
	settled := has && n.judge(r, receipt) == nil
	var sealed []byte
	if !settled {
		sealed = f.assemble(r)
	}
	fate := Lost
	err := n.update(func(t *tx) error {
		var err error
		switch {
		case taken:
		case settled:
			fate, err = Settled, t.restoreReceipt(r, receipt)
		case sealed != nil:
			fate, err = Saved, t.restoreBody(r, sealed)
		}
		if err != nil {
			return err
		}
		return t.logFate(r, fate)
	})
	if errors.Is(err, ErrFull) {
		fate = Left
		err = n.update(func(t *tx) error { return t.logFate(r, fate) })
	}
	if err != nil {
		return "", fmt.Errorf("carrying over package %s: %w", r.ID, err)
	}
	return fate, nil
}

func (t *tx) logFate(r Record, fate Fate) error {
	event := audit.PackageSalvaged
	if fate == Lost || fate == Left {
		event = audit.PackageLost
	}
	return t.log(program, event, r.ID, "sequence", decimal(r.Sequence), "fate", string(fate))
}

// assemble puts a package together from its chunks; nil unless it is whole.
func (f *findings) assemble(r Record) []byte {
	found := f.chunks[r.sum()]
	if chunks(r.Size) > len(found) {
		return nil
	}
	sealed := make([]byte, r.Size)
	for i := range chunks(r.Size) {
		p, ok := found[uint32(i)]
		if !ok || p.size != chunkLen(r.Size, i) {
			return nil
		}
		if _, err := f.file.ReadAt(sealed[i*chunkSize:i*chunkSize+p.size], p.off); err != nil {
			return nil
		}
	}
	if sum := sha256.Sum256(sealed); hex.EncodeToString(sum[:]) != r.SHA256 {
		return nil
	}
	return sealed
}

func (t *tx) restoreReceipt(r Record, receipt []byte) error {
	if r.State != Delivered {
		r.State, r.Changed, r.Reason = Delivered, t.at, ""
	}
	if err := t.Bucket(receiptBucket).Put(number(r.Sequence), frameReceipt(r.ID, receipt)); err != nil {
		return err
	}
	return t.restoreRecord(r)
}

// restoreBody stores a package that was not delivered, or whose receipt is
// lost: it is delivered again, and the service knows it.
func (t *tx) restoreBody(r Record, sealed []byte) error {
	if r.State == Delivered || r.State == Damaged {
		r.State, r.Changed, r.Reason = Sending, t.at, ""
	}
	if err := t.putBody(r, sealed); err != nil {
		return err
	}
	return t.restoreRecord(r)
}

func (t *tx) restoreRecord(r Record) error {
	if err := t.Bucket(idBucket).Put([]byte(r.ID), number(r.Sequence)); err != nil {
		return err
	}
	return t.put(r)
}

// restoreLog writes the leaves carried over, and the one that tells of it.
func (q *Queue) restoreLog(chain [][]byte, s *Salvage) error {
	for len(chain) > 0 {
		batch := chain[:min(len(chain), leavesAtOnce)]
		chain = chain[len(batch):]
		err := q.update(func(t *tx) error {
			for _, raw := range batch {
				_, head, err := audit.Next(t.pos.Head, raw)
				if err != nil {
					return err
				}
				if err := t.Bucket(leafBucket).Put(number(head.Number), frame(leafKind, raw)); err != nil {
					return err
				}
				t.pos.Head = head
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("carrying over the log: %w", err)
		}
		s.Leaves += uint64(len(batch))
	}
	return q.update(func(t *tx) error {
		return t.log(program, audit.QueueSetAside, "", "file", filepath.Base(s.SetAside), "leaves", decimal(s.Leaves))
	})
}

// restorePosition lets the chain go on behind the last package that is known,
// and numbering behind every number that can ever have been given out: no
// station makes a package a second, so the time in seconds is beyond them all.
// A number given out twice would have the service refuse the second package.
func (q *Queue) restorePosition(found position, list []Record) error {
	return q.update(func(t *tx) error {
		t.pos.Sequence, t.pos.Previous = found.Sequence, found.Previous
		if n := len(list); n > 0 && list[n-1].Sequence > found.Sequence {
			t.pos.Sequence, t.pos.Previous = list[n-1].Sequence, list[n-1].sum()
		}
		t.pos.Sequence = max(t.pos.Sequence+100, uint64(max(t.at.Unix(), 0)))
		return nil
	})
}
