package queue

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"time"
)

// A State is how far a package has come. States only move forward, in the order
// in which they stand here.
type State string

// States of a package.
const (
	Queued    State = "queued"    // here, complete; never sent
	Sending   State = "sending"   // here, complete; the service may have some or all of it
	Damaged   State = "damaged"   // what is here does not verify any more; kept, not sent
	Refused   State = "refused"   // the service will not have it; kept, not sent
	Delivered State = "delivered" // the receipt is here, the package is gone
)

// order ranks the states. A package moves to a higher rank only.
func (s State) order() int {
	switch s {
	case Queued:
		return 1
	case Sending:
		return 2
	case Damaged:
		return 3
	case Refused:
		return 4
	case Delivered:
		return 5
	}
	return 0
}

// Waiting reports whether a package in this state is to be sent.
func (s State) Waiting() bool { return s == Queued || s == Sending }

// A Record is what the queue knows of a package.
type Record struct {
	Sequence uint64    `json:"sequence"` // 1, 2, 3 … at this station
	ID       string    `json:"id"`
	State    State     `json:"state"`
	Size     int64     `json:"size"`               // bytes of the sealed package
	SHA256   string    `json:"sha256"`             // 64 hex digits: of the sealed package
	Previous string    `json:"previous"`           // 64 hex digits: of the package before it at this station
	QueuedAt time.Time `json:"queued_at"`          // UTC
	Changed  time.Time `json:"changed_at"`         // UTC; when State last changed
	Offset   int64     `json:"offset,omitempty"`   // bytes the service said it has
	Failures int       `json:"failures,omitempty"` // deliveries that failed in a row
	Reason   string    `json:"reason,omitempty"`   // why it was refused or is damaged, by code; else why the last delivery failed
}

// identifier is what a package id, an actor or a code may look like.
var identifier = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@:-]{0,63}$`)

// sum is SHA256 as bytes.
func (r *Record) sum() (h [32]byte) {
	hex.Decode(h[:], []byte(r.SHA256)) // its form was checked when it was read
	return h
}

// check says what is wrong with a record, if anything.
func (r *Record) check() error {
	ok := r.Sequence > 0 && identifier.MatchString(r.ID) && r.State.order() > 0 && r.Size > 0 &&
		isHash(r.SHA256) && isHash(r.Previous) && r.Offset >= 0 && r.Offset <= r.Size && r.Failures >= 0
	if !ok {
		return fmt.Errorf("record of package %d: %w", r.Sequence, ErrDamaged)
	}
	return nil
}

func isHash(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == sha256.Size
}

// Every value in the file is framed: it says what it is and carries its own
// hash, so that it can be found and believed in a file whose tree is broken.
//
//	8   "\xf0optag" kind "\n"
//	4   length of the payload, big-endian
//	32  SHA-256 over the 12 bytes above and the payload
//	    payload
type kind byte

const (
	recordKind  kind = 'P' // a Record as JSON
	chunkKind   kind = 'C' // a chunk of a package: its SHA-256, the index in 4 bytes, data
	receiptKind kind = 'R' // package id, newline, receipt
	leafKind    kind = 'L' // leaf of the audit log
	cursorKind  kind = 'S' // a position
	blankKind   kind = 'Z' // zeros: the reserve, and what scrubbing writes
)

const (
	frameMagic = "\xf0optag"
	frameHead  = len(frameMagic) + 2 + 4
	frameSize  = frameHead + sha256.Size

	// maxPayload bounds what is believed of a length, in bytes.
	maxPayload = 1 << 20
)

// frame wraps a payload given in pieces.
func frame(k kind, pieces ...[]byte) []byte {
	payload := 0
	for _, p := range pieces {
		payload += len(p)
	}
	b := make([]byte, frameSize, frameSize+payload)
	copy(b, frameMagic)
	b[len(frameMagic)], b[len(frameMagic)+1] = byte(k), '\n'
	binary.BigEndian.PutUint32(b[frameHead-4:], uint32(payload))
	for _, p := range pieces {
		b = append(b, p...)
	}
	sum := frameSum(b)
	copy(b[frameHead:], sum[:])
	return b
}

func frameSum(b []byte) (sum [32]byte) {
	h := sha256.New()
	h.Write(b[:frameHead])
	h.Write(b[frameSize:])
	h.Sum(sum[:0])
	return sum
}

// unframe returns the payload of a frame that fills b exactly. The payload
// refers to b.
func unframe(k kind, b []byte) ([]byte, error) {
	got, payload, size := parseFrame(b)
	if size == 0 || size != len(b) || got != k {
		return nil, fmt.Errorf("a stored value: %w", ErrDamaged)
	}
	return payload, nil
}

// parseFrame reads the frame at the start of b. size is 0 when there is none
// that verifies.
func parseFrame(b []byte) (k kind, payload []byte, size int) {
	if len(b) < frameSize || !bytes.HasPrefix(b, []byte(frameMagic)) || b[len(frameMagic)+1] != '\n' {
		return 0, nil, 0
	}
	n := int64(binary.BigEndian.Uint32(b[frameHead-4:]))
	if n > maxPayload || n > int64(len(b)-frameSize) {
		return 0, nil, 0
	}
	size = frameSize + int(n)
	if sum := frameSum(b[:size:size]); !bytes.Equal(sum[:], b[frameHead:frameSize]) {
		return 0, nil, 0
	}
	return kind(b[len(frameMagic)]), b[frameSize:size:size], size
}

func frameRecord(r Record) ([]byte, error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return frame(recordKind, raw), nil
}

func parseRecord(b []byte) (Record, error) {
	payload, err := unframe(recordKind, b)
	if err != nil {
		return Record{}, err
	}
	return readRecord(payload)
}

func readRecord(payload []byte) (Record, error) {
	var r Record
	if err := json.Unmarshal(payload, &r); err != nil {
		return Record{}, fmt.Errorf("a record: %w", ErrDamaged)
	}
	return r, r.check()
}

// chunkSize is how many bytes of a package are in one value of 64 KiB: with
// frame and header two of them fill 32 pages of 4 KiB, as bbolt lays them out.
const chunkSize = 64<<10 - 112

// chunkHead is the length of a chunk's header.
const chunkHead = sha256.Size + 4

// A chunk is a run of bytes of one package.
type chunk struct {
	sum   [32]byte // SHA-256 of the whole package it is of
	index uint32   // of the first chunk, 0
	data  []byte
}

func chunks(size int64) int { return int((size + chunkSize - 1) / chunkSize) }

func frameChunk(c chunk) []byte {
	return frame(chunkKind, c.sum[:], binary.BigEndian.AppendUint32(nil, c.index), c.data)
}

// readChunk reads a chunk's payload. The data refers to it.
func readChunk(payload []byte) (chunk, error) {
	if len(payload) < chunkHead {
		return chunk{}, fmt.Errorf("a chunk: %w", ErrDamaged)
	}
	c := chunk{index: binary.BigEndian.Uint32(payload[sha256.Size:]), data: payload[chunkHead:]}
	copy(c.sum[:], payload)
	return c, nil
}

func frameReceipt(id string, raw []byte) []byte {
	return frame(receiptKind, []byte(id), []byte("\n"), raw)
}

func readReceipt(payload []byte) (id string, raw []byte, err error) {
	head, raw, ok := bytes.Cut(payload, []byte("\n"))
	if !ok {
		return "", nil, fmt.Errorf("a receipt: %w", ErrDamaged)
	}
	return string(head), raw, nil
}
