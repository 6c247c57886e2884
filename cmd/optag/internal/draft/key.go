package draft

import (
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

// Between parent and child run two pipes. On the first the parent sends
// greeting and key, and a new key for each time that the child writes renewal
// on the second. The first ends when the parent does.
const (
	supervised = "OPTAG_SUPERVISED" // set in the child's environment; tells no secret
	greeting   = "optag key\x00"
	renewal    = 'n'
	fromParent = 3 // file descriptors of the child: the first of exec.Cmd.ExtraFiles
	toParent   = 4

	// patience is how long the parent may take for a new key.
	patience = 10 * time.Second
)

// A Key seals drafts. It may be used by several goroutines.
type Key struct {
	random io.Reader
	ask    func() error    // asks for a new secret; nil: the key makes its own
	given  chan [size]byte // by the parent
	gone   chan struct{}   // closed when the parent is gone

	mu     sync.Mutex // protects the fields below
	cipher cipher.AEAD
}

const size = chacha20poly1305.KeySize

// NewKey makes a key that lives and dies with this process.
func NewKey(random io.Reader) (*Key, error) {
	k := &Key{random: random, gone: make(chan struct{})}
	return k, k.renew()
}

// IsChild reports whether this process was started by a [Keeper] whose key it
// has not taken over.
func IsChild() bool { return os.Getenv(supervised) != "" }

// KeyFromParent takes over the key from the parent process that supervises this
// one. It is called once, at the start; ok is false where nobody supervises, or
// where the key has not come.
func KeyFromParent() (k *Key, ok bool) {
	if !IsChild() {
		return nil, false
	}
	in, out := inherit(fromParent), inherit(toParent)
	if in == nil || out == nil {
		return nil, false
	}
	if k, ok = keyFrom(in, out); ok {
		os.Unsetenv(supervised) // it is not for our own children
	}
	return k, ok
}

// keyFrom reads the first key, and goes on to listen for others.
func keyFrom(in io.ReadCloser, out io.Writer) (*Key, bool) {
	k := &Key{random: rand.Reader, given: make(chan [size]byte), gone: make(chan struct{})}
	k.ask = func() error {
		_, err := out.Write([]byte{renewal})
		return err
	}
	first := make([]byte, len(greeting)+size)
	defer clear(first)
	if _, err := io.ReadFull(in, first); err != nil || string(first[:len(greeting)]) != greeting {
		in.Close()
		return nil, false
	}
	if k.take([size]byte(first[len(greeting):])) != nil {
		return nil, false
	}
	go k.listen(in)
	return k, true
}

// listen hands on what the parent sends until the parent is gone.
func (k *Key) listen(in io.ReadCloser) {
	defer close(k.gone)
	defer in.Close()
	for {
		var secret [size]byte
		if _, err := io.ReadFull(in, secret[:]); err != nil {
			return
		}
		select {
		case k.given <- secret:
		case <-time.After(patience): // nobody asked
		}
		clear(secret[:])
	}
}

// take seals with this secret from now on.
func (k *Key) take(secret [size]byte) error {
	defer clear(secret[:])
	c, err := chacha20poly1305.NewX(secret[:])
	if err != nil {
		return fmt.Errorf("taking over a key: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.cipher = c
	return nil
}

// Gone is closed when the parent process is gone, and drafts with it.
func (k *Key) Gone() <-chan struct{} { return k.gone }

func (k *Key) aead() (cipher.AEAD, error) {
	select {
	case <-k.gone:
		return nil, ErrOrphan
	default:
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.cipher, nil
}

// renew has the secret thrown away by everybody who knows it, and another made.
func (k *Key) renew() error {
	if k.ask == nil {
		var secret [size]byte
		if _, err := io.ReadFull(k.random, secret[:]); err != nil {
			return fmt.Errorf("making a key: %w", err)
		}
		return k.take(secret)
	}
	if err := k.ask(); err != nil {
		return fmt.Errorf("asking for another key: %w: %w", ErrOrphan, err)
	}
	select {
	case secret := <-k.given:
		return k.take(secret)
	case <-k.gone:
		return ErrOrphan
	case <-time.After(patience):
		return errors.New("asking for another key: no answer")
	}
}
