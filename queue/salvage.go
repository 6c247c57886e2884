package queue

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"optag/queue/audit"
)

// A Salvage tells what became of the packages of a damaged file.
type Salvage struct {
	Cause    string         `json:"cause"`     // what was found wrong
	SetAside string         `json:"set_aside"` // where the damaged file is now
	Packages []SalvagedItem `json:"packages"`  // each package that was found, oldest first
	Leaves   uint64         `json:"leaves"`    // of the audit log carried over, from the first on
	Gap      bool           `json:"gap"`       // there were, or may have been, more of both
}

// A SalvagedItem is one package's fate.
type SalvagedItem struct {
	ID       string `json:"id"`
	Sequence uint64 `json:"sequence"`
	Fate     Fate   `json:"fate"`
}

// A Fate is what became of a package in a damaged file.
type Fate string

// Fates.
const (
	Saved   Fate = "saved"   // complete and verified; it waits here as before
	Settled Fate = "settled" // it was delivered, and the receipt is here
	Left    Fate = "left"    // complete in the file set aside; no room for it here
	Lost    Fate = "lost"    // not all of it could be found
)

// replaceDamaged sets the file aside under a name that says so, and puts in its
// place a fresh one with everything that verifies. The old file's lock is held
// throughout, and there is a file under the queue's name at every moment.
func (q *Queue) replaceDamaged(cause error) error {
	if err := q.holdFile(); err != nil {
		return err
	}
	found, err := scan(q.file)
	if err != nil {
		return err
	}
	s := &Salvage{Cause: cause.Error()}
	if s.SetAside, err = q.asideName(); err != nil {
		return err
	}
	temp, err := q.build(func(n *Queue) error { return found.restore(n, s) })
	if errors.Is(err, ErrFull) { // not even the log: all stays in the file set aside
		found.chunks, found.leaves = nil, nil
		*s = Salvage{Cause: s.Cause, SetAside: s.SetAside}
		temp, err = q.build(func(n *Queue) error { return found.restore(n, s) })
	}
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := os.Link(q.path, s.SetAside); err != nil {
		return err
	}
	if err := os.Rename(temp, q.path); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(q.path)); err != nil {
		return err
	}
	q.letGo()
	q.salvage = s
	return q.openSound()
}

// holdFile has q.file open and locked, also where bbolt closed it.
func (q *Queue) holdFile() error {
	if _, err := q.file.Stat(); err == nil {
		return nil
	}
	q.letGo()
	f, err := os.Open(q.path)
	if err != nil {
		return err
	}
	q.file = f
	return lock(f, q.o.Timeout)
}

// asideName is a name for the damaged file that is not taken.
func (q *Queue) asideName() (string, error) {
	base := q.path + ".damaged-" + q.o.Now().UTC().Format("20060102T150405Z")
	for i := 1; i < 1000; i++ {
		name := base
		if i > 1 {
			name += "-" + strconv.Itoa(i)
		}
		if _, err := os.Lstat(name); errors.Is(err, os.ErrNotExist) {
			return name, nil
		}
	}
	return "", errors.New("too many files are set aside")
}

// findings are the values that verify in a file, wherever they lie in it.
type findings struct {
	file     io.ReaderAt
	size     int64
	records  map[string]Record             // by package id: the furthest state found
	chunks   map[[32]byte]map[uint32]place // by SHA-256 of the package and index
	receipts map[string][]byte             // by package id
	leaves   map[[32]byte][]byte           // by hash
	position position                      // the furthest found
}

// A place is where a chunk's data lies in the file.
type place struct {
	off  int64
	size int
}

// window is how many bytes are searched at a time. It overlaps the next by the
// longest frame.
const window = 4 << 20

// scan searches a file for framed values, without any regard to its pages:
// bbolt keeps each value in one piece. Values of transactions that were never
// committed and of packages long deleted are found too; restore tells them apart.
func scan(file *os.File) (*findings, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	f := &findings{
		file: file, size: info.Size(), records: map[string]Record{}, chunks: map[[32]byte]map[uint32]place{},
		receipts: map[string][]byte{}, leaves: map[[32]byte][]byte{},
	}
	buf := make([]byte, window+frameSize+maxPayload)
	for base := int64(0); base < f.size; base += window {
		n, _ := file.ReadAt(buf, base) // behind a place that cannot be read it goes on
		f.search(buf[:n], base)
	}
	return f, nil
}

// search takes in the frames that begin in the first window bytes of b.
func (f *findings) search(b []byte, base int64) {
	for at := 0; at < len(b) && at < window; {
		i := bytes.Index(b[at:], []byte(frameMagic))
		if i < 0 || at+i >= window {
			return
		}
		at += i
		k, payload, size := parseFrame(b[at:])
		if size == 0 {
			at++
			continue
		}
		f.take(k, payload, base+int64(at+frameSize))
		at += size
	}
}

// take keeps what is better than what was found before.
func (f *findings) take(k kind, payload []byte, off int64) {
	switch k {
	case recordKind:
		if r, err := readRecord(payload); err == nil {
			f.takeRecord(r)
		}
	case chunkKind:
		c, err := readChunk(payload)
		if err != nil {
			return
		}
		if f.chunks[c.sum] == nil {
			f.chunks[c.sum] = map[uint32]place{}
		}
		f.chunks[c.sum][c.index] = place{off: off + int64(len(payload)-len(c.data)), size: len(c.data)}
	case receiptKind:
		if id, raw, err := readReceipt(payload); err == nil {
			f.receipts[id] = slices.Clone(raw)
		}
	case leafKind:
		f.leaves[audit.Hash(payload)] = slices.Clone(payload)
	case cursorKind:
		if p, err := parsePosition(frame(cursorKind, payload)); err == nil && p.Head.Number >= f.position.Head.Number {
			f.position = p
		}
	}
}

// takeRecord keeps the furthest state of a package, and of two with as many
// failures the later.
func (f *findings) takeRecord(r Record) {
	old, known := f.records[r.ID]
	if !known || r.State.order() > old.State.order() || r.State == old.State && r.Failures > old.Failures {
		f.records[r.ID] = r
	}
}

// fromLeaves adds the packages that only the log still tells of.
func (f *findings) fromLeaves(chain [][]byte) {
	for _, raw := range chain {
		l, err := audit.Parse(raw)
		if err != nil || l.Event != audit.PackageQueued {
			continue
		}
		if _, known := f.records[l.Subject]; known {
			continue
		}
		seq, err1 := strconv.ParseUint(l.Details["sequence"], 10, 64)
		size, err2 := strconv.ParseInt(l.Details["bytes"], 10, 64)
		r := Record{
			ID: l.Subject, Sequence: seq, Size: size, SHA256: l.Details["sha256"],
			Previous: l.Details["previous"], State: Sending, QueuedAt: l.At, Changed: l.At,
		}
		if err1 == nil && err2 == nil && r.check() == nil {
			f.records[r.ID] = r
		}
	}
}

// chain finds the longest unbroken run of leaves from the first.
func (f *findings) chain() [][]byte {
	parsed := map[[32]byte]audit.Leaf{}
	next := map[string][][32]byte{} // previous hash -> hashes of leaves that follow it
	for h, raw := range f.leaves {
		if l, err := audit.Parse(raw); err == nil {
			parsed[h] = l
			next[l.Previous] = append(next[l.Previous], h)
		}
	}
	order := make([][32]byte, 0, len(parsed))
	for h := range parsed {
		order = append(order, h)
	}
	slices.SortFunc(order, func(a, b [32]byte) int { // last first
		return bytes.Compare(number(parsed[b].Number), number(parsed[a].Number))
	})
	length := map[[32]byte]int{}
	longest := func(previous [32]byte, want uint64) (best [32]byte, n int) {
		for _, h := range next[hex.EncodeToString(previous[:])] {
			if parsed[h].Number == want && length[h] > n {
				best, n = h, length[h]
			}
		}
		return best, n
	}
	for _, h := range order {
		_, n := longest(h, parsed[h].Number+1)
		length[h] = n + 1
	}
	var chain [][]byte
	for h, n := longest([32]byte{}, 1); n > 0; h, n = longest(h, parsed[h].Number+1) {
		chain = append(chain, f.leaves[h])
	}
	return chain
}

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
