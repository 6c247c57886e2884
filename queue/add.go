package queue

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"optag/queue/audit"
)

// SealFunc makes the sealed package that gets the given place in the station's
// chain: its sequence number, and the SHA-256 of the package before it (zeros
// before the first). It returns the package's id and its bytes. It runs inside
// the queue's transaction and must not call the queue.
type SealFunc func(sequence uint64, previous [32]byte) (id string, sealed []byte, err error)

// errCaller stands for an error of a function that the caller handed in.
var errCaller = errors.New("the caller's own error")

// Add has a package sealed and stores it. Sequence number, chain, package and
// the leaf of the log are one transaction: when Add returns nil, all are on
// disk; when it returns an error, none is, and the number will be given out
// again. ErrFull comes before seal is called where that can be known.
func (q *Queue) Add(actor string, seal SealFunc) (Record, error) {
	var r Record
	var sealErr error
	err := q.update(func(t *tx) error {
		before, err := q.room(t, 0)
		if err != nil {
			return err
		}
		id, sealed, err := callSeal(seal, t.pos.Sequence+1, t.pos.Previous)
		if err != nil {
			sealErr = err
			return errCaller
		}
		if r, err = q.store(t, id, sealed); err != nil {
			return err
		}
		if err := t.log(actor, audit.PackageQueued, id,
			"sequence", decimal(r.Sequence), "bytes", decimal(r.Size), "sha256", r.SHA256, "previous", r.Previous); err != nil {
			return err
		}
		return q.warn(t, actor, before)
	})
	if sealErr != nil {
		return Record{}, fmt.Errorf("adding a package: %w", sealErr)
	}
	if err != nil {
		return Record{}, fmt.Errorf("adding a package: %w", err)
	}
	return r, nil
}

// callSeal marks a panic as the caller's.
func callSeal(seal SealFunc, sequence uint64, previous [32]byte) (id string, sealed []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			panic(callerPanic{p})
		}
	}()
	return seal(sequence, previous)
}

// store writes a new package and moves the station's position on.
func (q *Queue) store(t *tx, id string, sealed []byte) (Record, error) {
	sum := sha256.Sum256(sealed)
	r := Record{
		Sequence: t.pos.Sequence + 1, ID: id, State: Queued, Size: int64(len(sealed)),
		SHA256: hex.EncodeToString(sum[:]), Previous: hex.EncodeToString(t.pos.Previous[:]),
		QueuedAt: t.at, Changed: t.at,
	}
	if !identifier.MatchString(id) || len(sealed) == 0 {
		return Record{}, errors.New("the package has no usable id or no bytes")
	}
	if t.Bucket(idBucket).Get([]byte(id)) != nil {
		return Record{}, ErrDuplicate
	}
	if _, err := q.room(t, r.Size); err != nil {
		return Record{}, err
	}
	if err := t.putReserve(); err != nil {
		return Record{}, err
	}
	if err := t.Bucket(idBucket).Put([]byte(id), number(r.Sequence)); err != nil {
		return Record{}, err
	}
	if err := t.putBody(r, sealed); err != nil {
		return Record{}, err
	}
	t.pos.Sequence, t.pos.Previous = r.Sequence, sum
	return r, t.put(r)
}

// A usage is how full the queue is.
type usage struct {
	packages, maxPackages int
	bytes, maxBytes       int64 // of the file, without its free pages
}

// percent is the fuller of the two, 0 to 100 and above.
func (u usage) percent() int {
	return max(u.packages*100/u.maxPackages, int(u.bytes*100/u.maxBytes))
}

// level is the warning that the usage deserves: 0, 50, 80 or 100.
func (u usage) level() int {
	p := u.percent()
	for _, l := range []int{100, 80, 50} {
		if p >= l {
			return l
		}
	}
	return 0
}

// usage counts the packages whose bodies are here, and the pages in use.
func (q *Queue) usage(t *tx) usage {
	u := usage{maxPackages: q.o.MaxPackages, maxBytes: q.o.MaxSize}
	c := t.Bucket(bodyBucket).Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		u.packages++
	}
	s := t.DB().Stats()
	page := int64(t.DB().Info().PageSize)
	u.bytes = t.Size() - int64(s.FreePageN+s.PendingPageN)*page
	return u
}

// room returns how full the queue is, or ErrFull when another package of size
// bytes has no room.
func (q *Queue) room(t *tx, size int64) (usage, error) {
	u := q.usage(t)
	if u.packages >= u.maxPackages {
		return u, fmt.Errorf("%w (%d packages wait)", ErrFull, u.packages)
	}
	if u.bytes+size+Reserve > u.maxBytes {
		return u, fmt.Errorf("%w (%d of %d MiB are in use)", ErrFull, u.bytes>>20, u.maxBytes>>20)
	}
	return u, nil
}

// warn writes a leaf when this package brings the queue to a new level.
func (q *Queue) warn(t *tx, actor string, before usage) error {
	after := q.usage(t) // its pages are counted when they are written, at the commit
	if after.level() <= before.level() {
		return nil
	}
	return t.log(actor, audit.QueueFilling, "", "percent", decimal(after.level()))
}

// putReserve sets the reserve aside where it is missing.
func (t *tx) putReserve() error {
	if t.Bucket(reserveBucket) != nil {
		return nil
	}
	b, err := t.CreateBucket(reserveBucket)
	if err != nil {
		return err
	}
	return b.Put(positionKey, frame(blankKind, make([]byte, Reserve)))
}

// makeRoom gives the reserve up, so that a receipt finds room on a full disk.
// Its pages are free from the next transaction on.
func (q *Queue) makeRoom() error {
	return q.update(func(t *tx) error {
		if t.Bucket(reserveBucket) == nil {
			return ErrFull
		}
		return t.DeleteBucket(reserveBucket)
	})
}

// updateReserved is update for what must succeed on a full disk.
func (q *Queue) updateReserved(fn func(*tx) error) error {
	err := q.update(fn)
	if !errors.Is(err, ErrFull) {
		return err
	}
	if room := q.makeRoom(); room != nil {
		return err
	}
	return q.update(fn)
}

// failure tells why the file cannot be used any more, nil when it can.
// The caller holds mu.
func (q *Queue) failure() error {
	q.broken.Lock()
	defer q.broken.Unlock()
	return q.failed
}

// fail has every later call answered with err.
func (q *Queue) fail(err error) {
	q.broken.Lock()
	defer q.broken.Unlock()
	if q.failed == nil {
		q.failed = fmt.Errorf("the file failed and must be opened again: %w", err)
	}
}
