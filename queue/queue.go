// Package queue keeps sealed packages at the station until the service has
// signed for them: through crashes, a full disk, a damaged file and weeks
// without network. Bytes in, bytes out: it cannot read a package and does not
// know the wire, the law or the keys; a receipt is judged by a function given
// in [Options].
//
// Everything is in one bbolt file. Each change of state is one transaction with
// the leaf of the audit log that tells of it:
//
//	Add     sequence number, hash chain, package, leaf
//	Settle  receipt in, package out, leaf
//
// so "never a receipt and a package together" is true by construction. A
// damaged file is set aside under another name, what verifies is carried over
// into a fresh one, and each package is named as saved or lost: see [Salvage].
package queue

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Errors that callers branch on.
var (
	// ErrFull: the disk, Options.MaxSize or Options.MaxPackages is reached.
	// Nothing was changed. From Add, and in an emergency from every writing call.
	ErrFull = errors.New("the queue is full: packages must be delivered before new captures")

	// ErrInUse: another program has the queue open. From Open.
	ErrInUse = errors.New("the queue is in use by another program")

	// ErrUnknown: there is no package of that id. From Settle, Show, Package,
	// Sending and Refuse.
	ErrUnknown = errors.New("no such package in the queue")

	// ErrDuplicate: the package id was used before. From Add.
	ErrDuplicate = errors.New("a package with this id was queued before")

	// ErrReceipt: Options.VerifyReceipt did not accept the receipt. Nothing was
	// changed but the log. From Settle and Drain.
	ErrReceipt = errors.New("the receipt is not valid")

	// ErrOtherPackage: a valid receipt, but for another package or other bytes.
	// Nothing was changed but the log. From Settle and Drain.
	ErrOtherPackage = errors.New("the receipt is for another package")

	// ErrState: the package has gone on to a state that does not allow it,
	// e.g. reading one that was delivered.
	ErrState = errors.New("the package is past that")

	// ErrDamaged: stored bytes do not verify. From reading calls for one
	// package; from any call when the file itself fails, and then the queue
	// must be closed and opened again.
	ErrDamaged = errors.New("stored bytes are damaged")

	// ErrBusy: a Drain is running already. From Drain.
	ErrBusy = errors.New("packages are being delivered already")
)

// A Claim is what a valid receipt says.
type Claim struct {
	PackageID string
	SHA256    [32]byte // of the whole sealed package
}

// Options say how a queue behaves. Now is required; each other zero value
// stands for its default.
type Options struct {
	// Now tells the time, for the log and the records.
	Now func() time.Time

	// VerifyReceipt checks a receipt's signature and says what it is for.
	// Without it no receipt is accepted.
	VerifyReceipt func(raw []byte) (Claim, error)

	// MaxSize is the most the file may grow to, in bytes; default 2 GiB. The
	// last Reserve bytes of it serve deliveries only.
	MaxSize int64

	// MaxPackages is the most packages that may wait; default 1000.
	MaxPackages int

	// Timeout is how long Open waits for another program to let go of the
	// file; default 5 s.
	Timeout time.Duration
}

const (
	defaultMaxSize     = 2 << 30
	defaultMaxPackages = 1000
	defaultTimeout     = 5 * time.Second

	// Reserve is the room in bytes that is held back, so that a receipt can
	// be stored when nothing else can.
	Reserve = 512 << 10

	// FileName is the name of the file in the queue's directory.
	FileName = "optag.db"
)

func (o Options) withDefaults() Options {
	if o.VerifyReceipt == nil {
		o.VerifyReceipt = func([]byte) (Claim, error) {
			return Claim{}, errors.New("no key of a service is trusted")
		}
	}
	if o.MaxSize == 0 {
		o.MaxSize = defaultMaxSize
	}
	if o.MaxPackages == 0 {
		o.MaxPackages = defaultMaxPackages
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	return o
}

// A Queue is an open queue. It may be used by several goroutines at once.
type Queue struct {
	o    Options
	path string

	drain sync.Mutex // held by the one Drain that runs
	tidy  sync.Mutex // held by the one Scrub or Compact that runs

	// mu is held for reading by whoever uses db, for writing by who replaces it.
	mu   sync.RWMutex
	db   *bolt.DB
	file *os.File // db's own; closed after it, should it still be open

	broken sync.Mutex // protects failed
	failed error      // the file failed under us; no call is made on db any more

	salvage *Salvage // what Open carried over from a damaged file
}

// Open opens the queue in the directory dir, and makes both where there are
// none. A damaged file is no error: it is set aside and Salvaged tells of it.
func Open(dir string, o Options) (*Queue, error) {
	if o.Now == nil {
		return nil, errors.New("opening the queue: Options.Now is missing")
	}
	q := &Queue{o: o.withDefaults(), path: filepath.Join(dir, FileName)}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("opening the queue: %w", err)
	}
	if err := q.open(); err != nil {
		return nil, fmt.Errorf("opening the queue: %w", err)
	}
	return q, nil
}

// Salvaged tells what Open carried over from a damaged file; ok is false when
// the file was sound.
func (q *Queue) Salvaged() (s Salvage, ok bool) {
	if q.salvage == nil {
		return Salvage{}, false
	}
	return *q.salvage, true
}

// Path is the file the queue is in.
func (q *Queue) Path() string { return q.path }

// Close closes the file. Closing twice is allowed.
func (q *Queue) Close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.db == nil {
		return nil
	}
	db, file := q.db, q.file
	q.db, q.file = nil, nil
	if q.failure() != nil {
		// Its locks may be held for ever: leave it, but let go of the file.
		file.Close()
		return nil
	}
	if err := db.Close(); err != nil {
		return fmt.Errorf("closing the queue: %w", err)
	}
	return nil
}
