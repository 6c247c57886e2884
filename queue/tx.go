package queue

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"optag/queue/audit"
)

// Buckets of the file. Numbers are keys of 8 bytes, big-endian.
var (
	stationBucket = []byte("station")  // "position" -> where sequence, chain and log stand
	recordBucket  = []byte("packages") // sequence -> record
	idBucket      = []byte("ids")      // package id -> sequence
	bodyBucket    = []byte("bodies")   // sequence -> bucket of chunk index -> chunk
	receiptBucket = []byte("receipts") // sequence -> receipt
	leafBucket    = []byte("log")      // leaf number -> leaf
	reserveBucket = []byte("reserve")  // zeros, given up when a receipt finds no room
	fillerBucket  = []byte("filler")   // zeros, while scrubbing
)

var positionKey = []byte("position")

// buckets are those that a sound file has.
func buckets() [][]byte {
	return [][]byte{stationBucket, recordBucket, idBucket, bodyBucket, receiptBucket, leafBucket}
}

// A position is where the station's numbering stands.
type position struct {
	Sequence uint64   // of the last package
	Previous [32]byte // SHA-256 of the last package
	Head     audit.Head
	Written  uint64 // bbolt's number of the transaction that wrote this
}

func framePosition(p position) []byte {
	b := binary.BigEndian.AppendUint64(nil, p.Sequence)
	b = append(b, p.Previous[:]...)
	b = binary.BigEndian.AppendUint64(b, p.Head.Number)
	b = append(b, p.Head.Hash[:]...)
	return frame(cursorKind, binary.BigEndian.AppendUint64(b, p.Written))
}

func parsePosition(b []byte) (position, error) {
	payload, err := unframe(cursorKind, b)
	if err != nil || len(payload) != 88 {
		return position{}, fmt.Errorf("the station's position: %w", ErrDamaged)
	}
	p := position{Sequence: binary.BigEndian.Uint64(payload)}
	copy(p.Previous[:], payload[8:])
	p.Head.Number = binary.BigEndian.Uint64(payload[40:])
	copy(p.Head.Hash[:], payload[48:])
	p.Written = binary.BigEndian.Uint64(payload[80:])
	return p, nil
}

// tx is a transaction with the queue's own words.
type tx struct {
	*bolt.Tx
	at  time.Time
	pos position
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// update runs fn in a writing transaction: all of it or nothing.
func (q *Queue) update(fn func(*tx) error) error {
	return q.run(func(db *bolt.DB) error {
		return db.Update(func(b *bolt.Tx) error {
			t := &tx{Tx: b, at: q.o.Now().UTC().Truncate(time.Second)}
			if err := t.load(); err != nil {
				return err
			}
			if err := fn(t); err != nil {
				return err
			}
			t.pos.Written = uint64(b.ID())
			return t.Bucket(stationBucket).Put(positionKey, framePosition(t.pos))
		})
	})
}

// view runs fn in a reading transaction. What it keeps must be copied.
func (q *Queue) view(fn func(*tx) error) error {
	return q.run(func(db *bolt.DB) error {
		return db.View(func(b *bolt.Tx) error {
			t := &tx{Tx: b}
			if err := t.load(); err != nil {
				return err
			}
			return fn(t)
		})
	})
}

func (t *tx) load() error {
	station := t.Bucket(stationBucket)
	if station == nil {
		return fmt.Errorf("the station's position: %w", ErrDamaged)
	}
	var err error
	t.pos, err = parsePosition(station.Get(positionKey))
	return err
}

// run calls fn with the open file, turns a full disk into ErrFull, and a page
// that bbolt stumbles over into ErrDamaged. After the latter, and after a
// commit of which nobody can say whether it happened, the queue answers no
// call until it is opened again.
func (q *Queue) run(fn func(*bolt.DB) error) error {
	q.mu.RLock()
	defer q.mu.RUnlock()
	if q.db == nil {
		return errClosed
	}
	if err := q.failure(); err != nil {
		return err
	}
	err := guard(func() error { return fn(q.db) })
	var stumbled *stumble
	switch {
	case errors.As(err, &stumbled):
		q.fail(err)
	case err != nil && isFull(err):
		return fmt.Errorf("%w (%w)", ErrFull, err)
	case err != nil && isDisk(err):
		q.fail(err)
	}
	return err
}

// A stumble is a panic or a memory fault under a call into bbolt.
type stumble struct{ what string }

func (s *stumble) Error() string { return "reading the file: " + s.what }

func (s *stumble) Unwrap() error { return ErrDamaged }

// A callerPanic is a panic in a function the caller handed in; it is passed on.
type callerPanic struct{ value any }

// guard runs fn and turns a panic, or a fault on the mapped file, into a
// stumble.
func guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch p := recover().(type) {
		case nil:
		case callerPanic:
			panic(p.value)
		default:
			err = &stumble{what: fmt.Sprint(p)}
		}
	}()
	return fn()
}

// isFull reports whether err says that there is no more room.
func isFull(err error) bool {
	return errors.Is(err, berrors.ErrMaxSizeReached) || isDiskFull(err) ||
		strings.Contains(err.Error(), "file resize error") // bbolt drops the cause of this one
}

// record reads the record of a package by its id.
func (t *tx) record(id string) (Record, error) {
	seq := t.Bucket(idBucket).Get([]byte(id))
	if seq == nil {
		return Record{}, ErrUnknown
	}
	r, err := parseRecord(t.Bucket(recordBucket).Get(seq))
	if err == nil && (r.ID != id || string(number(r.Sequence)) != string(seq)) {
		err = fmt.Errorf("record of package %s: %w", id, ErrDamaged)
	}
	return r, err
}

// put stores a record.
func (t *tx) put(r Record) error {
	raw, err := frameRecord(r)
	if err != nil {
		return err
	}
	return t.Bucket(recordBucket).Put(number(r.Sequence), raw)
}

// move brings a package to a later state.
func (t *tx) move(r *Record, to State, reason string) error {
	if r.State.order() >= to.order() {
		return fmt.Errorf("%w: it is %s", ErrState, r.State)
	}
	r.State, r.Changed, r.Reason = to, t.at, reason
	return t.put(*r)
}

// log appends a leaf. Details come in pairs of name and value.
func (t *tx) log(actor string, event audit.Event, subject string, details ...string) error {
	e := audit.Entry{At: t.at, Actor: actor, Event: event, Subject: subject}
	if len(details) > 0 {
		e.Details = make(map[string]string, len(details)/2)
		for i := 0; i < len(details); i += 2 {
			e.Details[details[i]] = details[i+1]
		}
	}
	return t.logEntry(e)
}

func (t *tx) logEntry(e audit.Entry) error {
	raw, head, err := audit.Append(t.pos.Head, e)
	if err != nil {
		return err
	}
	b := t.Bucket(leafBucket)
	b.FillPercent = 1 // leaves are only ever appended
	if err := b.Put(number(head.Number), frame(leafKind, raw)); err != nil {
		return err
	}
	t.pos.Head = head
	return nil
}

// putBody stores a package in chunks.
func (t *tx) putBody(r Record, sealed []byte) error {
	b, err := t.Bucket(bodyBucket).CreateBucket(number(r.Sequence))
	if err != nil {
		return err
	}
	b.FillPercent = 1
	sum := r.sum()
	for i := range chunks(r.Size) {
		data := sealed[i*chunkSize : min((i+1)*chunkSize, len(sealed))]
		if err := b.Put(chunkKey(i), frameChunk(chunk{sum: sum, index: uint32(i), data: data})); err != nil {
			return err
		}
	}
	return nil
}

func chunkKey(i int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(i)) }

// chunk reads one chunk of a package and verifies it. The data is valid until
// the transaction ends.
func (t *tx) chunk(r Record, i int) ([]byte, error) {
	b := t.Bucket(bodyBucket).Bucket(number(r.Sequence))
	if b == nil {
		return nil, fmt.Errorf("package %s: %w", r.ID, ErrDamaged)
	}
	value := b.Get(chunkKey(i))
	willNeed(value)
	payload, err := unframe(chunkKind, value)
	if err != nil {
		return nil, fmt.Errorf("package %s, chunk %d: %w", r.ID, i, err)
	}
	c, err := readChunk(payload)
	if err != nil || c.sum != r.sum() || int(c.index) != i || len(c.data) != chunkLen(r.Size, i) {
		return nil, fmt.Errorf("package %s, chunk %d: %w", r.ID, i, ErrDamaged)
	}
	return c.data, nil
}

// chunkLen is the length of chunk i of a package of size bytes.
func chunkLen(size int64, i int) int {
	return int(min(chunkSize, size-int64(i)*chunkSize))
}

// body verifies a package as a whole: every chunk, and the hash over all.
func (t *tx) body(r Record) error {
	h := sha256.New()
	for i := range chunks(r.Size) {
		data, err := t.chunk(r, i)
		if err != nil {
			return err
		}
		h.Write(data)
	}
	if hex.EncodeToString(h.Sum(nil)) != r.SHA256 {
		return fmt.Errorf("package %s: %w", r.ID, ErrDamaged)
	}
	return nil
}

// deleteBody removes a package's chunks.
func (t *tx) deleteBody(r Record) error {
	err := t.Bucket(bodyBucket).DeleteBucket(number(r.Sequence))
	if errors.Is(err, berrors.ErrBucketNotFound) {
		return nil // recovery accepts that they are gone
	}
	return err
}

// records calls fn with each record, oldest first.
func (t *tx) records(fn func(Record) error) error {
	return t.Bucket(recordBucket).ForEach(func(_, v []byte) error {
		r, err := parseRecord(v)
		if err != nil {
			return err
		}
		return fn(r)
	})
}

func decimal[T ~int | ~int64 | ~uint64](n T) string { return strconv.FormatInt(int64(n), 10) }
