// Package draft keeps the case in progress against a crash of the kiosk: one
// file, sealed with XChaCha20-Poly1305 under a key that lives only in the memory
// of the parent process. A crash of the kiosk leaves key and file; a power cut
// takes the key, and with it the draft, as the law wants. What is in a draft, and
// when it is saved, is the station's business.
package draft

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/crypto/chacha20poly1305"

	"optag/capture"
	"optag/cmd/internal/trust"
)

// The file: magic with the version of its shape, a nonce of 24 bytes, the
// ciphertext with its tag of 16. Magic and station id are associated data.
const (
	magic    = "optag-draft\x00\x01"
	fileName = "case.draft"

	// most is the largest file read: the largest session and 1 MiB of what the
	// counter holds beside it.
	most = capture.MaxDraft + 1<<20
)

// Errors of a store.
var (
	// ErrUnreadable comes from [Store.Load]: there was a draft, and it was of
	// another key, another station or another version, or damaged. It is gone.
	ErrUnreadable = errors.New("the draft cannot be read and was removed")

	// ErrOrphan comes from [Store.Save] and [Store.Destroy] when the parent
	// process is gone: nothing could read a draft again.
	ErrOrphan = errors.New("the process that keeps the key of drafts is gone")
)

// A Store is the place of one draft. It belongs to one goroutine at a time.
type Store struct {
	dir  string
	key  *Key
	data []byte // associated
}

// NewStore makes a store in a directory of its own, which need not exist, for
// the station with this id.
func NewStore(dir, station string, key *Key) *Store {
	return &Store{dir: dir, key: key, data: []byte(magic + station)}
}

func (s *Store) file() string { return filepath.Join(s.dir, fileName) }

// Save seals plain and puts it in the place of the draft before. When it
// returns nil, it is on disk; when it fails, the draft before is still there.
// Plain stays the caller's.
func (s *Store) Save(plain []byte) error {
	aead, err := s.key.aead()
	if err != nil {
		return fmt.Errorf("saving the draft: %w", err)
	}
	head := len(magic) + chacha20poly1305.NonceSizeX
	sealed := make([]byte, head, head+len(plain)+aead.Overhead())
	nonce := sealed[copy(sealed, magic):]
	if _, err := io.ReadFull(s.key.random, nonce); err != nil {
		return fmt.Errorf("saving the draft: %w", err)
	}
	if err := trust.WriteFile(s.file(), aead.Seal(sealed, nonce, plain, s.data)); err != nil {
		return fmt.Errorf("saving the draft: %w", err)
	}
	return nil
}

// Load returns the draft, nil when there is none. The caller wipes it. A draft
// that cannot be read is removed; the error then wraps [ErrUnreadable].
func (s *Store) Load() ([]byte, error) {
	s.sweep()
	sealed, err := s.read()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		var plain []byte
		if plain, err = s.open(sealed); err == nil {
			return plain, nil
		}
	}
	return nil, fmt.Errorf("loading the draft: %w: %w", ErrUnreadable, errors.Join(err, s.remove()))
}

// sweep removes what a crash in the middle of saving left: ciphertext without a
// name.
func (s *Store) sweep() {
	left, _ := filepath.Glob(filepath.Join(s.dir, ".new-*"))
	for _, name := range left {
		_ = os.Remove(name)
	}
}

func (s *Store) read() ([]byte, error) {
	f, err := os.Open(s.file())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > most {
		return nil, errors.New("it is larger than any draft")
	}
	sealed := make([]byte, info.Size())
	_, err = io.ReadFull(f, sealed)
	return sealed, err
}

// open unseals a file.
func (s *Store) open(sealed []byte) ([]byte, error) {
	head := len(magic) + chacha20poly1305.NonceSizeX
	if len(sealed) < head || string(sealed[:len(magic)]) != magic {
		return nil, errors.New("it is not a draft of this version")
	}
	aead, err := s.key.aead()
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, sealed[len(magic):head], sealed[head:], s.data)
	if err != nil {
		return nil, errors.New("it is damaged, or sealed by another run of the program or for another station")
	}
	return plain, nil
}

// Destroy makes the draft unreadable for good, and removes it. Overwriting a
// file promises nothing: on flash, and on file systems that copy on write, the
// old bytes stay. What counts is the key: the parent throws it away and makes a
// new one, and whatever is left of the file is noise.
func (s *Store) Destroy() error {
	err := errors.Join(s.key.renew(), s.remove())
	s.sweep()
	if err != nil {
		return fmt.Errorf("destroying the draft: %w", err)
	}
	return nil
}

// Lost is closed when the key is gone, and the draft with it.
func (s *Store) Lost() <-chan struct{} { return s.key.gone }

// remove takes the file away; one that is not there is no error.
func (s *Store) remove() error {
	switch err := os.Remove(s.file()); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	d, err := os.Open(s.dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
