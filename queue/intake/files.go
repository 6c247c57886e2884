package intake

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Files is a [Store] in a directory of its own:
//
//	ledger                              one line per package received, in order
//	packages/STATION/SEQUENCE-SHA.optag the packages received
//	uploads/STATION/SHA.part, .json     what is arriving, and as what it was announced
//	lock                                held by the process that serves
//
// A package is received from the moment its line is in the ledger and synced;
// its body was synced before, and is moved to its place after, which opening the
// store makes up for when the process ended in between.
type Files struct {
	dir    string
	lock   *os.File
	ledger *ledger

	mu sync.Mutex // one Settle at a time
}

// OpenFiles opens the store in dir, or makes one. Only one process can have it
// open. A line of the ledger that was not written to its end is taken off: its
// receipt was never given out. Any other damage is an error.
func OpenFiles(dir string) (*Files, error) {
	for _, d := range []string{dir, filepath.Join(dir, "packages"), filepath.Join(dir, "uploads")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("opening the store: %w", err)
		}
	}
	lock, err := lockFile(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	f := &Files{dir: dir, lock: lock}
	if f.ledger, err = openLedger(filepath.Join(dir, "ledger")); err == nil {
		err = f.redo()
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the store: %w", err), f.Close())
	}
	return f, nil
}

// Close releases the store.
func (f *Files) Close() error {
	var err error
	if f.ledger != nil {
		err = f.ledger.close()
	}
	return errors.Join(err, f.lock.Close())
}

// redo moves the bodies to their place whose entry is in the ledger already.
func (f *Files) redo() error {
	for e := range f.ledger.all() {
		k, err := e.Key()
		if err != nil {
			return err
		}
		if _, err := os.Stat(f.part(k)); err != nil {
			continue
		}
		if err := f.place(e, k); err != nil {
			return err
		}
	}
	return nil
}

func (f *Files) part(k Key) string {
	return filepath.Join(f.dir, "uploads", k.Station, hex.EncodeToString(k.SHA256[:])+".part")
}

func (f *Files) info(k Key) string {
	return filepath.Join(f.dir, "uploads", k.Station, hex.EncodeToString(k.SHA256[:])+".json")
}

func (f *Files) body(e Entry) string {
	return filepath.Join(f.dir, "packages", e.Station, fmt.Sprintf("%012d-%s.optag", e.Sequence, e.SHA256))
}

// Begin implements [Store].
func (f *Files) Begin(u Upload) (int64, error) {
	if !ValidStation(u.Station) {
		return 0, errors.New("beginning an upload: the station's id is not usable")
	}
	old, offset, err := f.Pending(u.Key)
	if err == nil && old == u {
		return offset, nil
	}
	if err == nil || !errors.Is(err, ErrUnknown) {
		if err := f.Discard(u.Key); err != nil {
			return 0, err
		}
	}
	if err := os.MkdirAll(filepath.Dir(f.info(u.Key)), 0o700); err != nil {
		return 0, fmt.Errorf("beginning an upload: %w", full(err))
	}
	raw, err := json.Marshal(announcement{u.PackageID, u.Length})
	if err != nil {
		return 0, fmt.Errorf("beginning an upload: %w", err)
	}
	if err := writeFile(f.info(u.Key), raw); err != nil {
		return 0, fmt.Errorf("beginning an upload: %w", err)
	}
	return 0, syncDir(filepath.Join(f.dir, "uploads"))
}

// announcement is the file beside an upload.
type announcement struct {
	PackageID string `json:"package"`
	Length    int64  `json:"length"`
}

// Pending implements [Store].
func (f *Files) Pending(k Key) (Upload, int64, error) {
	raw, err := os.ReadFile(f.info(k))
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrUnknown
	}
	if err != nil {
		return Upload{}, 0, fmt.Errorf("looking up upload %v: %w", k, err)
	}
	var a announcement
	if err := json.Unmarshal(raw, &a); err != nil {
		return Upload{}, 0, fmt.Errorf("looking up upload %v: %w", k, err)
	}
	u := Upload{Key: k, PackageID: a.PackageID, Length: a.Length}
	at, err := os.Stat(f.part(k))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return u, 0, nil
	case err != nil:
		return Upload{}, 0, fmt.Errorf("looking up upload %v: %w", k, err)
	}
	return u, at.Size(), nil
}

// Append implements [Store].
func (f *Files) Append(k Key, offset int64, r io.Reader) (now int64, err error) {
	u, at, err := f.Pending(k)
	if err != nil {
		return 0, err
	}
	if at != offset {
		return at, fmt.Errorf("adding to upload %v: %w", k, ErrOffset)
	}
	part, err := os.OpenFile(f.part(k), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return at, fmt.Errorf("adding to upload %v: %w", k, full(err))
	}
	defer func() { err = errors.Join(err, part.Close()) }()
	n, failed, err := pour(part, io.LimitReader(r, u.Length-at))
	if err == nil {
		err = part.Sync()
	}
	if err == nil && at == 0 {
		err = syncDir(filepath.Dir(f.part(k)))
	}
	if err != nil {
		return at + n, fmt.Errorf("adding to upload %v: %w", k, full(err))
	}
	return at + n, failed
}

// pour copies from r to w until r ends, and tells the failures of the two apart:
// that of r is failed, that of w is err.
func pour(w io.Writer, r io.Reader) (n int64, failed, err error) {
	buf := make([]byte, 64<<10)
	for {
		got, readErr := r.Read(buf)
		wrote, err := w.Write(buf[:got])
		n += int64(wrote)
		switch {
		case err != nil:
			return n, nil, err
		case readErr == io.EOF:
			return n, nil, nil
		case readErr != nil:
			return n, readErr, nil
		}
	}
}

// Content implements [Store].
func (f *Files) Content(k Key) ([]byte, error) {
	u, at, err := f.Pending(k)
	if err != nil {
		return nil, err
	}
	if at != u.Length {
		return nil, fmt.Errorf("reading upload %v: %w", k, ErrIncomplete)
	}
	content, err := os.ReadFile(f.part(k))
	if err != nil {
		return nil, fmt.Errorf("reading upload %v: %w", k, err)
	}
	return content, nil
}

// Discard implements [Store].
func (f *Files) Discard(k Key) error {
	for _, name := range []string{f.part(k), f.info(k)} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("discarding upload %v: %w", k, err)
		}
	}
	return nil
}

// Settle implements [Store].
func (f *Files) Settle(k Key, e Entry, sign Sign) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if receipt, err := f.ledger.receipt(k); !errors.Is(err, ErrUnknown) {
		return receipt, err
	}
	u, at, err := f.Pending(k)
	switch {
	case err != nil:
		return nil, err
	case at != u.Length:
		return nil, fmt.Errorf("settling upload %v: %w", k, ErrIncomplete)
	}
	e, receipt, err := f.ledger.append(e, sign)
	if err != nil {
		return nil, fmt.Errorf("settling upload %v: %w", k, err)
	}
	// The package is received. A failure from here on is made up for by redo.
	_ = f.place(e, k)
	return receipt, nil
}

// place moves the body of an entry to its place. Doing it again is allowed.
func (f *Files) place(e Entry, k Key) error {
	to := f.body(e)
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return fmt.Errorf("placing package %v: %w", k, err)
	}
	err := os.Rename(f.part(k), to)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = errors.Join(syncDir(filepath.Dir(to)), syncDir(filepath.Join(f.dir, "packages")))
	}
	if err == nil {
		err = f.Discard(k)
	}
	if err != nil {
		return fmt.Errorf("placing package %v: %w", k, err)
	}
	return nil
}

// Receipt implements [Store].
func (f *Files) Receipt(k Key) ([]byte, error) { return f.ledger.receipt(k) }

// Body implements [Store].
func (f *Files) Body(k Key) (io.ReadCloser, error) {
	e, err := f.ledger.entry(k)
	if err != nil {
		return nil, err
	}
	body, err := os.Open(f.body(e))
	if errors.Is(err, fs.ErrNotExist) {
		body, err = os.Open(f.part(k)) // not moved to its place yet
	}
	if err != nil {
		return nil, fmt.Errorf("opening package %v: %w", k, err)
	}
	return body, nil
}

// Entries implements [Store].
func (f *Files) Entries() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for e := range f.ledger.all() {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// Expire implements [Store].
func (f *Files) Expire(before time.Time) (int, error) {
	n := 0
	err := filepath.WalkDir(filepath.Join(f.dir, "uploads"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		at, err := d.Info()
		if err != nil || !at.ModTime().Before(before) {
			return nil // gone meanwhile, or young
		}
		if f.received(path) {
			return nil // it waits for redo
		}
		if filepath.Ext(path) == ".json" {
			part, err := os.Stat(strings.TrimSuffix(path, ".json") + ".part")
			if err == nil && !part.ModTime().Before(before) {
				return nil
			}
			n++
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
	if err != nil {
		return n, fmt.Errorf("discarding old uploads: %w", err)
	}
	return n, nil
}

// received reports whether a file among the uploads belongs to a package that is
// in the ledger.
func (f *Files) received(path string) bool {
	k := Key{Station: filepath.Base(filepath.Dir(path))}
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	if n, err := hex.Decode(k.SHA256[:], []byte(name[:min(len(name), 64)])); err != nil || n != 32 {
		return false
	}
	_, err := f.ledger.entry(k)
	return err == nil
}

// full says ErrFull for the ways in which a disk or a quota is full.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

// writeFile writes a file as a whole: under another name, synced, then renamed
// into place.
func writeFile(name string, content []byte) (err error) {
	temp, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return full(err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp.Name())
		}
	}()
	_, err = temp.Write(content)
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		return full(err)
	}
	if err := os.Rename(temp.Name(), name); err != nil {
		return full(err)
	}
	return syncDir(filepath.Dir(name))
}

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Path is the file of a package that was received.
func (f *Files) Path(e Entry) string { return f.body(e) }
