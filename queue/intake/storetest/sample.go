package storetest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"optag/queue/intake"
)

// A sample is a package as a store sees it: bytes with a name.
type sample struct {
	intake.Upload
	intake.Entry
	content []byte
}

// makeSample makes the package number seq of a station, with size bytes.
func makeSample(station string, seq uint64, size int) sample {
	content := make([]byte, size)
	_, _ = io.ReadFull(rand.NewChaCha8([32]byte{byte(seq), byte(seq >> 8), station[len(station)-1]}), content)
	sum := sha256.Sum256(content)
	id := hex.EncodeToString(sum[:16])
	return sample{
		Upload: intake.Upload{Key: intake.Key{Station: station, SHA256: sum}, PackageID: id, Length: int64(size)},
		Entry: intake.Entry{
			Station: station, Sequence: seq, PackageID: id, SHA256: hex.EncodeToString(sum[:]),
			Previous: strings.Repeat("0", 64), Length: int64(size), ReceivedAt: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC),
		},
		content: content,
	}
}

// sign is a receipt that tells what it is for.
func sign(e intake.Entry, at intake.Place) ([]byte, error) {
	return fmt.Appendf(nil, "receipt %d %s %d %s %s", at.Index, e.Station, e.Sequence, e.SHA256, at.Root), nil
}

func neverSign(intake.Entry, intake.Place) ([]byte, error) {
	return nil, errors.New("the signer was asked and should not have been")
}

// upload begins and fills an upload.
func upload(t *testing.T, s intake.Store, p sample) {
	t.Helper()
	if _, err := s.Begin(p.Upload); err != nil {
		t.Fatal(err)
	}
	if now, err := s.Append(p.Key(), 0, bytes.NewReader(p.content)); err != nil || now != p.Upload.Length {
		t.Fatalf("Append = %d, %v, want %d", now, err, p.Upload.Length)
	}
}

// Key settles which of the two embedded keys is meant.
func (p sample) Key() intake.Key { return p.Upload.Key }

func receive(t *testing.T, s intake.Store, p sample) []byte {
	t.Helper()
	upload(t, s, p)
	receipt, err := s.Settle(p.Key(), p.Entry, sign)
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

// holds demands that the store has p, whole and with this receipt.
func holds(t *testing.T, s intake.Store, p sample, receipt []byte) {
	t.Helper()
	got, err := s.Receipt(p.Key())
	if err != nil || !bytes.Equal(got, receipt) {
		t.Errorf("Receipt = %.40q, %v, want %.40q", got, err, receipt)
	}
	body, err := s.Body(p.Key())
	if err != nil {
		t.Error(err)
		return
	}
	defer body.Close()
	content, err := io.ReadAll(body)
	if err != nil || !bytes.Equal(content, p.content) {
		t.Errorf("the body has %d bytes, error %v; want the %d sent", len(content), err, len(p.content))
	}
}

func entries(t *testing.T, s intake.Store) []intake.Entry {
	t.Helper()
	var list []intake.Entry
	for e, err := range s.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

func wantErr(t *testing.T, doing string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", doing, err, want)
	}
}
