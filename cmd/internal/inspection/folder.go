package inspection

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"optag/device/emrtd/cvc"
	"optag/device/emrtd/ec"
)

// A Folder is an [Office] of files: card verifiable certificates (*.cvcert) in
// any number, of verifiers, terminals and, where keys of authorities have
// changed, the links between them; and the terminals' keys (*.pem), PKCS #8 with
// ECDSA on P-256, P-384 or P-521. A change counts from the next request on. A key
// in a file is for tests and small sites.
type Folder string

// A cabinet is what lies in a folder.
type cabinet struct {
	certificates []*cvc.Certificate // the one that is valid for longest first
	keys         []*ecdsa.PrivateKey
}

// Check fails where no terminal of the folder has both certificate and key.
func (f Folder) Check() error {
	c, err := f.open()
	if err != nil {
		return err
	}
	for _, t := range c.certificates {
		if t.Role == cvc.Terminal && c.keyOf(t) != nil {
			return nil
		}
	}
	return fmt.Errorf("reading the inspection system's files in %s: no certificate of a terminal is for a key that is there", string(f))
}

// Chain is that of [Office].
func (f Folder) Chain(_ context.Context, authority string) (chain [][]byte, err error) {
	path, _, err := f.find(authority)
	for _, c := range path {
		chain = append(chain, c.Raw)
	}
	return chain, err
}

// Sign is that of [Office].
func (f Folder) Sign(_ context.Context, authority string, message []byte) ([]byte, error) {
	path, key, err := f.find(authority)
	if err != nil {
		return nil, err
	}
	d := path[len(path)-1].Key.Hash().New()
	d.Write(message)
	r, s, err := ecdsa.Sign(rand.Reader, key, d.Sum(nil))
	if err != nil {
		return nil, fmt.Errorf("signing for a terminal: %w", err)
	}
	n := (key.Params().N.BitLen() + 7) / 8
	return slices.Concat(r.FillBytes(make([]byte, n)), s.FillBytes(make([]byte, n))), nil
}

// find is the way from an authority to the terminal that has a key here.
func (f Folder) find(authority string) ([]*cvc.Certificate, *ecdsa.PrivateKey, error) {
	all, err := f.open()
	if err != nil {
		return nil, nil, err
	}
	for _, t := range all.certificates {
		if key := all.keyOf(t); key != nil && t.Role == cvc.Terminal {
			if path := all.path(authority, t, maxCertificates); path != nil {
				return path, key, nil
			}
		}
	}
	return nil, nil, ErrUnknown
}

// path is the way from an authority down to a certificate, in at most so many
// steps; nil where there is none.
func (c cabinet) path(authority string, to *cvc.Certificate, most int) []*cvc.Certificate {
	if to.Authority == authority {
		return []*cvc.Certificate{to}
	}
	for _, above := range c.certificates {
		if most > 1 && above.Holder == to.Authority && above.Holder != above.Authority {
			if path := c.path(authority, above, most-1); path != nil {
				return append(path, to)
			}
		}
	}
	return nil
}

// keyOf is the key that a certificate is for; nil where it is not here.
func (c cabinet) keyOf(t *cvc.Certificate) *ecdsa.PrivateKey {
	for _, key := range c.keys {
		curve := ec.ByName(map[string]string{"P-256": "secp256r1", "P-384": "secp384r1", "P-521": "secp521r1"}[key.Params().Name])
		if curve == nil || t.Key.Curve != nil && t.Key.Curve != curve {
			continue
		}
		k, err := t.Key.Within(cvc.PublicKey{Curve: curve})
		if err != nil || k.RSA != nil {
			continue
		}
		if ours, err := key.PublicKey.Bytes(); err == nil && bytes.Equal(ours, curve.Bytes(k.Point)) {
			return key
		}
	}
	return nil
}

func (f Folder) open() (cabinet, error) {
	var c cabinet
	files, err := os.ReadDir(string(f))
	if err != nil {
		return c, fmt.Errorf("reading the inspection system's files: %w", err)
	}
	for _, file := range files {
		name := filepath.Join(string(f), file.Name())
		switch filepath.Ext(name) {
		case ".cvcert":
			err = c.certificate(name)
		case ".pem":
			err = c.key(name)
		}
		if err != nil {
			return c, fmt.Errorf("reading the inspection system's files: %s: %w", file.Name(), err)
		}
	}
	slices.SortStableFunc(c.certificates, func(a, b *cvc.Certificate) int { return b.Until.Compare(a.Until) })
	return c, nil
}

func (c *cabinet) certificate(name string) error {
	raw, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	certificate, err := cvc.Parse(raw)
	c.certificates = append(c.certificates, certificate)
	return err
}

func (c *cabinet) key(name string) error {
	raw, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	block, rest := pem.Decode(raw)
	if block == nil || block.Type != "PRIVATE KEY" || len(strings.TrimSpace(string(rest))) != 0 {
		return errors.New("want one private key in PEM")
	}
	any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := any.(*ecdsa.PrivateKey)
	if err != nil || !ok {
		return errors.New("it is no ECDSA key on a curve of NIST")
	}
	c.keys = append(c.keys, key)
	return nil
}

// A Book keeps uses in a file that only grows, a line of JSON each. A line that
// was not written whole, as on a full disk, stays a line by itself.
type Book struct {
	mu   sync.Mutex // protects the fields below
	file *os.File
	torn bool // the last line has no end
}

// OpenBook opens a book, or begins it.
func OpenBook(name string) (*Book, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the book of what the inspection system's key was used for: %w", err)
	}
	b := &Book{file: f}
	last := []byte{'\n'}
	if end, err := f.Seek(0, io.SeekEnd); err == nil && end > 0 {
		_, err = f.ReadAt(last, end-1)
		b.torn = err != nil || last[0] != '\n'
	}
	return b, nil
}

// Note writes a use. When it returns nil, it is on disk. It may be called from
// any goroutine.
func (b *Book) Note(u Use) error {
	line, err := json.Marshal(u)
	if err == nil {
		err = b.write(append(line, '\n'))
	}
	if err != nil {
		return fmt.Errorf("noting a use of the inspection system's key: %w", err)
	}
	return nil
}

func (b *Book) write(line []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.torn {
		line = append([]byte{'\n'}, line...)
	}
	n, err := b.file.Write(line)
	if n > 0 {
		b.torn = n < len(line)
	}
	if err == nil {
		err = b.file.Sync()
	}
	return err
}

// Close closes the file.
func (b *Book) Close() error { return b.file.Close() }
