package draft

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
)

// A Keeper is the parent's side: it holds the key in one locked page of memory,
// lends it to one child after another, and makes a new one when a child asks.
type Keeper struct {
	random io.Reader

	mu     sync.Mutex // protects the fields below
	secret []byte     // of length size; nil when closed
	free   func()
	locked bool
}

// NewKeeper makes a key.
func NewKeeper(random io.Reader) (*Keeper, error) {
	k := &Keeper{random: random}
	k.secret, k.free, k.locked = page(size)
	if _, err := io.ReadFull(random, k.secret); err != nil {
		k.Close()
		return nil, fmt.Errorf("making a key for drafts: %w", err)
	}
	return k, nil
}

// Locked reports whether the page with the key is kept out of swap and dumps.
func (k *Keeper) Locked() bool { return k.locked }

// Close overwrites the key. No draft can be read afterwards.
func (k *Keeper) Close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.secret != nil {
		clear(k.secret)
		k.secret = nil
		k.free()
	}
}

// Start starts a child that finds the key with [KeyFromParent]. The child must
// have no other extra files. end is called when the child has ended.
func (k *Keeper) Start(child *exec.Cmd) (end func(), err error) {
	if len(child.ExtraFiles) > 0 {
		return nil, errors.New("starting the child: its extra files are taken")
	}
	keyOut, keyIn, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("starting the child: %w", err)
	}
	askOut, askIn, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the child: %w", err), keyOut.Close(), keyIn.Close())
	}
	child.ExtraFiles = []*os.File{keyOut, askIn}
	if child.Env == nil {
		child.Env = os.Environ()
	}
	child.Env = append(child.Env, supervised+"=1")
	if _, err = keyIn.WriteString(greeting); err == nil { // a pipe holds far more than this
		err = k.give(keyIn)
	}
	if err == nil {
		err = child.Start()
	}
	err = errors.Join(err, keyOut.Close(), askIn.Close()) // the child has them
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the child: %w", err), keyIn.Close(), askOut.Close())
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		k.serve(askOut, keyIn)
	}()
	return func() {
		askOut.Close()
		<-served
		keyIn.Close()
	}, nil
}

// serve answers each request with a new key until there are no more.
func (k *Keeper) serve(asks io.Reader, answers io.Writer) {
	var ask [1]byte
	for {
		if _, err := io.ReadFull(asks, ask[:]); err != nil || ask[0] != renewal {
			return
		}
		if k.renew() != nil || k.give(answers) != nil {
			return
		}
	}
}

func (k *Keeper) renew() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, err := io.ReadFull(k.random, k.secret)
	return err
}

// give writes the key straight from its page.
func (k *Keeper) give(w io.Writer) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.secret == nil {
		return errors.New("the key is gone")
	}
	_, err := w.Write(k.secret)
	return err
}
