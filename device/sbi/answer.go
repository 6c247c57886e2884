package sbi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// skew is how far the clocks of device and station may differ: the tolerance of
// MOSIP's registration client.
const skew = 5 * time.Minute

// An answer is what RCAPTURE sent, while it is verified. Everything in it that
// holds a sample is wiped in the end, whatever comes of it.
type answer struct {
	host *Host
	q    inquiry
	f    Found

	secrets [][]byte // all that holds a sample
	samples []sample // verified, in the order of the answer
	last    [sha256.Size]byte
}

// A sample is one verified item.
type sample struct {
	finger Finger // 0 for a face
	record []byte // ISO/IEC 19794-4 or -5; wiped with the answer
	score  float64
	at     time.Time
}

func (a *answer) keep(b []byte) { a.secrets = append(a.secrets, b) }

func (a *answer) wipe() {
	for _, s := range a.secrets {
		clear(s[:cap(s)])
	}
}

// An element of biometrics.
type element struct {
	SpecVersion text   `json:"specVersion"`
	Data        secret `json:"data"`
	Hash        text   `json:"hash"`
	Error       fault  `json:"error"`
}

// A payload is what the device signed.
type payload struct {
	DigitalID     string `json:"digitalId"`
	DeviceCode    text   `json:"deviceCode"`
	BioType       text   `json:"bioType"`
	BioSubType    text   `json:"bioSubType"`
	Purpose       text   `json:"purpose"`
	Env           text   `json:"env"`
	BioValue      secret `json:"bioValue"`
	TransactionID text   `json:"transactionId"`
	Timestamp     text   `json:"timestamp"`
	QualityScore  text   `json:"qualityScore"`
}

// read verifies the whole answer. After an error nothing of it is to be used.
func (a *answer) read(body []byte) error {
	var all struct {
		Biometrics []element `json:"biometrics"`
		Error      fault     `json:"error"`
	}
	err := json.Unmarshal(body, &all)
	for _, e := range all.Biometrics {
		a.keep(e.Data)
	}
	if err != nil {
		return fmt.Errorf("reading the answer: %w", BadRecord)
	}
	if err := all.Error.err(); err != nil {
		return err
	}
	for _, e := range all.Biometrics { // an item with an error makes its neighbours' hashes wrong too: it comes first
		if err := e.Error.err(); err != nil {
			return err
		}
	}
	if got, want := len(all.Biometrics), a.q.count(); got != want {
		return &CountError{Got: got, Want: want}
	}
	a.last = a.q.previous
	for i, e := range all.Biometrics {
		if err := a.element(e); err != nil {
			return fmt.Errorf("item %d: %w", i+1, err)
		}
	}
	return nil
}

// element verifies one item after those before it.
func (a *answer) element(e element) error {
	signed, err := a.host.keys.open(e.Data, a.host.keys.devices, a.host.opts.Now())
	if err != nil {
		return err
	}
	a.keep(signed)
	return a.content(e, signed)
}

// content verifies what the device signed.
func (a *answer) content(e element, signed []byte) error {
	var p payload
	err := json.Unmarshal(signed, &p)
	a.keep(p.BioValue)
	if err != nil {
		return fmt.Errorf("reading what was signed: %w", BadRecord)
	}
	if err := a.origin(e, p); err != nil {
		return err
	}
	s := sample{}
	if s.finger, err = a.finger(p); err != nil {
		return err
	}
	if s.at, err = a.time(p); err != nil {
		return err
	}
	if s.record, err = decode64(p.BioValue); err != nil {
		return BadRecord
	}
	a.keep(s.record)
	if err := a.link(e, s.record); err != nil {
		return err
	}
	if s.score, err = a.score(p, s.finger); err != nil {
		return err
	}
	a.samples = append(a.samples, s)
	return nil
}

// origin: this device, and the answer to this request.
func (a *answer) origin(e element, p payload) error {
	who, err := a.host.identity(p.DigitalID, a.f.Level, a.host.opts.Now())
	switch {
	case err != nil:
		return err
	case who != a.f.id.who:
		return BadDigitalID
	case string(p.DeviceCode) != a.f.id.deviceCode:
		return OtherDevice
	case string(p.TransactionID) != a.q.transaction:
		return OtherTransaction
	case e.SpecVersion != specVersion:
		return OtherVersion
	case string(p.Env) != a.q.env:
		return OtherEnvironment
	case p.Purpose != purpose:
		return OtherPurpose
	case string(p.BioType) != a.q.modality:
		return OtherModality
	}
	return nil
}

// finger: one that was asked for, and once.
func (a *answer) finger(p payload) (Finger, error) {
	if a.q.modality == "Face" {
		if p.BioSubType != "" {
			return 0, OtherModality
		}
		return 0, nil
	}
	f, ok := parseFinger(string(p.BioSubType))
	switch {
	case !ok:
		return 0, Unknown
	case slices.Contains(a.q.missing, f):
		return f, Excepted
	case !slices.Contains(a.q.fingers, f):
		return f, Unasked
	case slices.ContainsFunc(a.samples, func(s sample) bool { return s.finger == f }):
		return f, Duplicate
	}
	return f, nil
}

// time: now, by the device's clock and ours.
func (a *answer) time(p payload) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, string(p.Timestamp))
	if err != nil {
		return at, fmt.Errorf("reading the timestamp: %w", BadTime)
	}
	if off := at.Sub(a.host.opts.Now()); off.Abs() > skew {
		return at, fmt.Errorf("the device's clock is %v off: %w", off.Round(time.Second), BadTime)
	}
	return at.UTC(), nil
}

// link: the hash of an item is that of the hash before it, as 32 bytes, followed
// by the hash of the record. (The prose of the specification reads as if they
// were strings.)
func (a *answer) link(e element, record []byte) error {
	of := sha256.Sum256(record)
	next := sha256.Sum256(append(bytes.Clone(a.last[:]), of[:]...))
	said, err := hex.DecodeString(string(e.Hash))
	if err != nil || !bytes.Equal(said, next[:]) {
		return BadHash
	}
	a.last = next
	return nil
}

// score: of every single finger, not their average.
func (a *answer) score(p payload, f Finger) (float64, error) {
	n, err := strconv.ParseFloat(string(p.QualityScore), 64)
	if err != nil || math.IsNaN(n) || n < 0 || n > 100 {
		return 0, BadScore
	}
	if n < a.q.threshold {
		return 0, &ScoreError{Finger: f, Score: n, Threshold: a.q.threshold}
	}
	return n, nil
}
