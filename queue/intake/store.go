// Package intake is the receiving end: it takes sealed packages in from
// stations, verifies everything that can be verified, keeps each exactly once
// and answers with a signed receipt. docs/wire.md describes the wire.
//
// It leaves to others: TLS and its certificates, the service's private keys
// (receipts are signed, and packages opened for a check, through what [Config]
// hands in), and what becomes of a package after it was received.
package intake

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"time"

	"optag/queue/seal"
)

// Errors of a [Store] that the service branches on.
var (
	// ErrUnknown: nothing is known by this name. From every method with a Key,
	// but Begin and Discard.
	ErrUnknown = errors.New("nothing by this name")

	// ErrOffset: the upload stands elsewhere. From Append.
	ErrOffset = errors.New("upload stands elsewhere")

	// ErrConflict: another package has this package id, or this sequence number
	// of this station. From Settle.
	ErrConflict = errors.New("another package has this id or sequence number")

	// ErrIncomplete: bytes are missing yet. From Content and Settle.
	ErrIncomplete = errors.New("upload is not complete")

	// ErrFull: there is no room. From Begin, Append and Settle. Nothing that was
	// there before is lost.
	ErrFull = errors.New("no room in the store")
)

// A Key names a package to the store: who brings it, and its hash.
type Key struct {
	Station string
	SHA256  [32]byte // of the whole sealed package
}

// String is short and free of what a log may not hold.
func (k Key) String() string { return k.Station + "/" + hex.EncodeToString(k.SHA256[:8]) }

// An Upload is what the station announces.
type Upload struct {
	Key
	PackageID string
	Length    int64 // bytes, above 0
}

// An Entry is one line of the service's log: a package received.
type Entry struct {
	Index      uint64    `json:"index"`          // 1, 2, 3 … without a gap; set by Settle
	Station    string    `json:"station"`        //
	Sequence   uint64    `json:"sequence"`       // of the package at its station
	PackageID  string    `json:"package"`        //
	Kind       string    `json:"kind,omitempty"` // as in the manifest: "" of a capture
	SHA256     string    `json:"sha256"`         // 64 hex digits: of the whole sealed package
	Previous   string    `json:"previous"`       // 64 hex digits: of the station's package before, as the package says
	Length     int64     `json:"length"`         // bytes
	ReceivedAt time.Time `json:"received_at"`    // whole seconds, UTC
}

// A Place is where an entry stands in the log.
type Place struct {
	Index uint64
	Root  string // 64 hex digits: hash over the log up to and with this entry
}

// A Sign makes the receipt for an entry that will stand at place.
type Sign func(e Entry, at Place) (receipt []byte, err error)

// A Store keeps uploads while they arrive, and packages with their receipts once
// they are settled. Its methods may be called concurrently; for one Key, Begin,
// Append and Discard are called one at a time.
//
// What a method has returned nil for survives the end of the process and of the
// power.
type Store interface {
	// Begin finds the upload u again, or makes it, and returns how many of its
	// bytes are there. An earlier one of the same key with another length or
	// package id is thrown away.
	Begin(u Upload) (offset int64, err error)

	// Pending returns the upload as it was announced and how many of its bytes
	// are there.
	Pending(k Key) (u Upload, offset int64, err error)

	// Append adds the bytes of r at offset, until r ends or fails or the announced
	// length is reached, and returns where the upload stands now. What arrived
	// before r failed is kept; r's error is returned as it is.
	Append(k Key, offset int64, r io.Reader) (now int64, err error)

	// Content returns all bytes of a complete upload that is not settled yet.
	Content(k Key) ([]byte, error)

	// Discard forgets an upload that is not settled. Discarding what is not there
	// is no error.
	Discard(k Key) error

	// Settle makes the complete upload a package received: it gives it the next
	// index, has the receipt signed and keeps entry, body and receipt, all or
	// nothing. When k is settled already, it returns the receipt of then, and
	// sign is not called.
	Settle(k Key, e Entry, sign Sign) (receipt []byte, err error)

	// Receipt returns the receipt of a settled package.
	Receipt(k Key) ([]byte, error)

	// Body opens a settled package for reading.
	Body(k Key) (io.ReadCloser, error)

	// Entries yields the log in order. An error is the last thing yielded.
	Entries() iter.Seq2[Entry, error]

	// Expire discards the uploads that are not settled and to which nothing was
	// added since before. It returns how many.
	Expire(before time.Time) (int, error)

	// Close releases the store. The other methods may not be called afterwards.
	Close() error
}

// entryOf writes down what a verified package says of itself.
func entryOf(env seal.Envelope, now time.Time) Entry {
	m := env.Manifest
	return Entry{
		Station: m.Station, Sequence: m.Sequence, PackageID: m.PackageID, Kind: m.Kind,
		SHA256: hex.EncodeToString(env.SHA256[:]), Previous: m.Previous,
		Length: int64(env.Size), ReceivedAt: now.UTC().Truncate(time.Second),
	}
}

// Key is the key of an entry.
func (e Entry) Key() (Key, error) {
	k := Key{Station: e.Station}
	n, err := hex.Decode(k.SHA256[:], []byte(e.SHA256))
	if err != nil || n != len(k.SHA256) {
		return Key{}, fmt.Errorf("reading entry %d: its hash is not one", e.Index)
	}
	return k, nil
}

var stationID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// ValidStation reports whether id may name a station: up to 64 letters, digits,
// "-" and "_", a letter or digit first. Such a name is safe as a file's.
func ValidStation(id string) bool { return stationID.MatchString(id) }
