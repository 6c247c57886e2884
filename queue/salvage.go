package queue

import (
	"bytes"
	"encoding/hex"
	"errors"
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
