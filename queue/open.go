package queue

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"optag/queue/audit"
)

// program is the actor of what the queue does by itself.
const program = "queue"

// errMoved: the file was replaced while we waited for its lock.
var errMoved = errors.New("the file was replaced meanwhile")

// open opens q.path; it creates the file where there is none, and carries over
// what a damaged one still holds.
func (q *Queue) open() error {
	// Another program may create, compact or set aside between our steps.
	for deadline := time.Now().Add(q.o.Timeout); ; {
		if err := q.createMissing(); err != nil {
			return err
		}
		switch err := q.openSound(); {
		case errors.Is(err, errMoved), errors.Is(err, fs.ErrNotExist):
			if time.Now().After(deadline) {
				return ErrInUse
			}
			continue
		case errors.Is(err, ErrDamaged):
			if err := q.replaceDamaged(err); err != nil {
				q.letGo()
				return fmt.Errorf("setting a damaged file aside: %w", err)
			}
			return nil
		case err != nil:
			return err
		}
		q.sweep()
		return q.dropFiller()
	}
}

// createMissing makes a new file where there is none. It is complete and on
// disk before it gets its name: a power cut while bbolt lays out a file can
// leave it broken.
func (q *Queue) createMissing() error {
	if _, err := os.Stat(q.path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	temp, err := q.build(func(n *Queue) error {
		return n.update(func(t *tx) error { return t.log(program, audit.QueueCreated, "") })
	})
	if err != nil {
		return fmt.Errorf("creating a file: %w", err)
	}
	defer os.Remove(temp)
	err = os.Link(temp, q.path) // unlike a rename it never replaces another program's file
	if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
		return nil // another program was faster, and may have swept ours away
	}
	if err != nil {
		err = os.Rename(temp, q.path) // no links here
	}
	if err != nil {
		return fmt.Errorf("creating a file: %w", err)
	}
	return syncDir(filepath.Dir(q.path))
}

// tempPattern names files that are not finished.
const tempPattern = FileName + ".new-*"

// build makes a complete queue under a temporary name, filled by fill, and
// returns its path once it is on disk.
func (q *Queue) build(fill func(*Queue) error) (path string, err error) {
	return q.makeFile(func(db *bolt.DB) error {
		err := db.Update(func(b *bolt.Tx) error {
			for _, name := range buckets() {
				if _, err := b.CreateBucket(name); err != nil {
					return err
				}
			}
			return b.Bucket(stationBucket).Put(positionKey, framePosition(position{}))
		})
		if err != nil {
			return err
		}
		return fill(&Queue{o: q.o, path: db.Path(), db: db})
	})
}

// makeFile makes a bbolt file under a temporary name and returns its path once
// it is on disk.
func (q *Queue) makeFile(fill func(*bolt.DB) error) (path string, err error) {
	f, err := os.CreateTemp(filepath.Dir(q.path), tempPattern)
	if err != nil {
		return "", err
	}
	defer func() {
		err = errors.Join(err, f.Sync(), f.Close())
		if err != nil {
			os.Remove(f.Name())
		}
		if err != nil && isFull(err) {
			err = fmt.Errorf("%w (%w)", ErrFull, err)
		}
	}()
	db, err := bolt.Open(f.Name(), 0o600, &bolt.Options{Timeout: q.o.Timeout, MaxSize: int(q.o.MaxSize)})
	if err != nil {
		return "", err
	}
	db.AllocSize = allocSize
	return f.Name(), errors.Join(fill(db), db.Close())
}

// sweep removes what a crash left unfinished. We hold the file's lock, so
// nobody else is at work but one who creates a file where there is one already;
// that one starts again.
func (q *Queue) sweep() {
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(q.path), tempPattern))
	for _, name := range left {
		os.Remove(name)
	}
}

// allocSize is by how many bytes the file grows: the limit on its size is exact
// to this.
const allocSize = 1 << 20

// openSound opens the file and leaves it open in q.db. When the file is not
// sound the error is ErrDamaged and q.file keeps its lock.
func (q *Queue) openSound() error {
	err := q.openFile()
	if err == nil {
		err = guard(q.inspect)
	}
	if err != nil && !errors.Is(err, ErrDamaged) {
		q.letGo()
	}
	return err
}

// openFile opens the file with bbolt, but only after its lock is held, it is
// still the file of that name, and its pages are sound: bbolt panics on a page
// it cannot follow, takes the earlier of two states when the later is damaged,
// and lays out an empty file as a new one.
func (q *Queue) openFile() error {
	prepare := func(name string, flag int, mode os.FileMode) (*os.File, error) {
		f, err := os.OpenFile(name, flag&^os.O_CREATE, mode)
		if err != nil {
			return nil, err
		}
		q.file = f
		if err := q.prepare(f); err != nil {
			return nil, err // q.file stays open, and locked
		}
		return f, nil
	}
	err := guard(func() (err error) {
		q.db, err = bolt.Open(q.path, 0o600, &bolt.Options{
			Timeout: q.o.Timeout, MaxSize: int(q.o.MaxSize), OpenFile: prepare,
		})
		return err
	})
	switch {
	case err == nil:
		q.db.AllocSize = allocSize
	case errors.Is(err, berrors.ErrTimeout):
		return ErrInUse
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}

// prepare locks a file and checks it.
func (q *Queue) prepare(f *os.File) error {
	if err := lock(f, q.o.Timeout); err != nil {
		return err
	}
	there, err := os.Stat(q.path)
	if err != nil {
		return err
	}
	here, err := f.Stat()
	if err != nil {
		return err
	}
	if !os.SameFile(here, there) {
		return errMoved
	}
	return checkPages(f, here.Size())
}

// letGo closes what a failed open left behind.
func (q *Queue) letGo() {
	if q.db != nil {
		_ = guard(q.db.Close)
	}
	if q.file != nil {
		q.file.Close() // in vain where bbolt closed it already
	}
	q.db, q.file = nil, nil
}

// inspect checks what every later call relies on: the buckets, the position,
// each record, and that each package is in one place only. It reads no package;
// a damaged chunk is found when it is read, and costs that package only.
func (q *Queue) inspect() error {
	return q.db.View(func(b *bolt.Tx) error {
		for _, name := range buckets() {
			if b.Bucket(name) == nil {
				return damaged("bucket %q is missing", name)
			}
		}
		t := &tx{Tx: b}
		if err := t.load(); err != nil {
			return err
		}
		if err := t.inspectHead(); err != nil {
			return err
		}
		if err := t.inspectPlaces(); err != nil {
			return err
		}
		return t.records(t.inspectRecord)
	})
}

// inspectHead compares the position with the last leaf and the last package.
func (t *tx) inspectHead() error {
	k, v := t.Bucket(leafBucket).Cursor().Last()
	var head audit.Head
	if k != nil {
		raw, err := unframe(leafKind, v)
		if err != nil {
			return err
		}
		l, err := audit.Parse(raw)
		if err != nil {
			return damaged("the last leaf of the log")
		}
		head = audit.Head{Number: l.Number, Hash: audit.Hash(raw)}
	}
	if head != t.pos.Head {
		return damaged("the log does not end where it should")
	}
	if k, _ := t.Bucket(recordBucket).Cursor().Last(); k != nil && string(k) > string(number(t.pos.Sequence)) {
		return damaged("a package is numbered beyond the last")
	}
	return nil
}

// inspectPlaces demands a record for each body and each receipt.
func (t *tx) inspectPlaces() error {
	for _, name := range [][]byte{bodyBucket, receiptBucket} {
		c := t.Bucket(name).Cursor()
		for k, _ := c.First(); k != nil; k, _ = c.Next() {
			if t.Bucket(recordBucket).Get(k) == nil {
				return damaged("something is stored for no package")
			}
		}
	}
	return nil
}

// inspectRecord demands that a package is here or its receipt is, and not both.
func (t *tx) inspectRecord(r Record) error {
	key := number(r.Sequence)
	if string(t.Bucket(idBucket).Get([]byte(r.ID))) != string(key) {
		return damaged("package %s is not where its id points", r.ID)
	}
	body := t.Bucket(bodyBucket).Bucket(key)
	receipt := t.Bucket(receiptBucket).Get(key)
	if (body != nil) == (r.State == Delivered) || (receipt != nil) != (r.State == Delivered) {
		return damaged("package %s is %s and has body %v, receipt %v", r.ID, r.State, body != nil, receipt != nil)
	}
	if body == nil {
		return nil
	}
	if k, _ := body.Cursor().Last(); string(k) != string(chunkKey(chunks(r.Size)-1)) && r.State != Damaged {
		return damaged("package %s is cut short", r.ID)
	}
	return nil
}
