package intake

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"sync"
)

// A ledger is the log of packages received, in a file that only grows. A line is
//
//	SUM SP {"entry":ENTRY,"receipt":BASE64,"root":ROOT} LF
//
// where SUM is the SHA-256, in hex, of what stands between the space and the line
// feed, and ROOT that of the line's root: SHA-256 over the 32 bytes of the root
// before (zeros for the first) and the bytes of ENTRY. So a root stands for the
// whole log up to its line, and every receipt tells one.
type ledger struct {
	file *os.File

	mu     sync.RWMutex // protects the fields below
	size   int64        // bytes of whole lines
	root   [32]byte     // of the last line
	lines  []line
	byKey  map[Key]int // each an index into lines
	byID   map[string]int
	bySeq  map[seat]int
	broken error // a write failed and could not be taken back; nothing more is taken in
}

// A seat is what no two packages may share beside their id.
type seat struct {
	station  string
	sequence uint64
}

// A line is an entry and where it lies in the file.
type line struct {
	Entry
	at     int64
	length int
}

// lineBody is the JSON of a line.
type lineBody struct {
	Entry   json.RawMessage `json:"entry"`
	Receipt []byte          `json:"receipt"`
	Root    string          `json:"root"`
}

// sumSize is the length of SUM and the space behind it.
const sumSize = 2*sha256.Size + 1

// maxLine bounds a line in bytes.
const maxLine = 1 << 20

// openLedger reads the ledger, or makes an empty one, and takes off a last line
// that was not written to its end.
func openLedger(name string) (*ledger, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the ledger: %w", err)
	}
	l := &ledger{file: file, byKey: map[Key]int{}, byID: map[string]int{}, bySeq: map[seat]int{}}
	if err := l.load(file); err != nil {
		return nil, errors.Join(fmt.Errorf("reading the ledger: %w", err), file.Close())
	}
	if err := l.takeOff(name); err != nil {
		return nil, errors.Join(fmt.Errorf("taking off the ledger's torn end: %w", err), file.Close())
	}
	return l, nil
}

// takeOff removes what stands behind the last whole line, and keeps it beside the
// ledger for whoever wants to know.
func (l *ledger) takeOff(name string) error {
	at, err := l.file.Stat()
	if err != nil || at.Size() == l.size {
		return err
	}
	torn, err := io.ReadAll(io.NewSectionReader(l.file, l.size, at.Size()-l.size))
	if err != nil {
		return err
	}
	if err := writeFile(fmt.Sprintf("%s.torn-%d", name, l.size), torn); err != nil {
		return err
	}
	return errors.Join(l.file.Truncate(l.size), l.file.Sync())
}

// ReadEntries yields the log of the store in dir while another process may be
// serving from it. An error is the last thing yielded.
func ReadEntries(dir string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		l, err := readLedger(dir)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		defer l.close()
		for e := range l.all() {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// ReadReceipt reads the receipt of a package from the store in dir while another
// process may be serving from it.
func ReadReceipt(dir string, k Key) ([]byte, error) {
	l, err := readLedger(dir)
	if err != nil {
		return nil, err
	}
	receipt, err := l.receipt(k)
	return receipt, errors.Join(err, l.close())
}

func readLedger(dir string) (*ledger, error) {
	file, err := os.OpenInRoot(dir, "ledger")
	if err != nil {
		return nil, fmt.Errorf("opening the ledger: %w", err)
	}
	l := &ledger{file: file, byKey: map[Key]int{}, byID: map[string]int{}, bySeq: map[seat]int{}}
	if err := l.load(file); err != nil {
		return nil, errors.Join(fmt.Errorf("reading the ledger: %w", err), file.Close())
	}
	return l, nil
}

func (l *ledger) close() error { return l.file.Close() }

// load reads all lines. The last may be torn, and only the last: the one before is
// synced before the next is begun.
func (l *ledger) load(r io.Reader) error {
	lines := bufio.NewReaderSize(r, 64<<10)
	for n := 1; ; n++ {
		text, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return nil // what stands after the last line feed is torn
		}
		if err != nil {
			return err
		}
		e, root, _, err := l.parse(text)
		if err != nil {
			if _, end := lines.Peek(1); end == io.EOF {
				return nil
			}
			return fmt.Errorf("line %d: %w", n, err)
		}
		if err := l.add(e, root, len(text)); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
}

// parse reads a line that follows l's last.
func (l *ledger) parse(text []byte) (Entry, [32]byte, []byte, error) {
	fail := func(what string) (Entry, [32]byte, []byte, error) {
		return Entry{}, [32]byte{}, nil, errors.New(what)
	}
	if len(text) <= sumSize || len(text) > maxLine {
		return fail("its length is wrong")
	}
	body := text[sumSize : len(text)-1]
	sum := sha256.Sum256(body)
	if string(text[:sumSize]) != hex.EncodeToString(sum[:])+" " {
		return fail("its sum is wrong")
	}
	var b lineBody
	var e Entry
	if json.Unmarshal(body, &b) != nil || json.Unmarshal(b.Entry, &e) != nil {
		return fail("it is not an entry")
	}
	root := nextRoot(l.root, b.Entry)
	if b.Root != hex.EncodeToString(root[:]) || e.Index != uint64(len(l.lines))+1 {
		return fail("it does not follow the line before")
	}
	return e, root, b.Receipt, nil
}

func nextRoot(before [32]byte, entry []byte) [32]byte {
	return sha256.Sum256(append(bytes.Clone(before[:]), entry...))
}

// add takes up a line that is in the file, length bytes long.
func (l *ledger) add(e Entry, root [32]byte, length int) error {
	k, err := e.Key()
	if err != nil {
		return err
	}
	if err := l.free(e); err != nil {
		return err
	}
	n := len(l.lines)
	l.lines = append(l.lines, line{Entry: e, at: l.size, length: length})
	l.byKey[k], l.byID[e.PackageID], l.bySeq[seat{e.Station, e.Sequence}] = n, n, n
	l.size += int64(length)
	l.root = root
	return nil
}

// free demands that no other package has the id or the sequence number of e.
func (l *ledger) free(e Entry) error {
	_, id := l.byID[e.PackageID]
	_, seq := l.bySeq[seat{e.Station, e.Sequence}]
	if id || seq {
		return ErrConflict
	}
	return nil
}

// append adds an entry with its receipt. When it returns nil, they are on disk;
// when not, they are not in the ledger.
func (l *ledger) append(e Entry, sign Sign) (Entry, []byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return e, nil, l.broken
	}
	if err := l.free(e); err != nil {
		return e, nil, err
	}
	e.Index = uint64(len(l.lines)) + 1
	entry, err := json.Marshal(e)
	if err != nil {
		return e, nil, err
	}
	root := nextRoot(l.root, entry)
	receipt, err := sign(e, Place{Index: e.Index, Root: hex.EncodeToString(root[:])})
	if err != nil {
		return e, nil, err
	}
	text, err := format(lineBody{Entry: entry, Receipt: receipt, Root: hex.EncodeToString(root[:])})
	if err != nil {
		return e, nil, err
	}
	if err := l.write(text); err != nil {
		return e, nil, full(err)
	}
	return e, receipt, l.add(e, root, len(text))
}

func format(b lineBody) ([]byte, error) {
	body, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	text := make([]byte, 0, sumSize+len(body)+1)
	text = append(hex.AppendEncode(text, sum[:]), ' ')
	return append(append(text, body...), '\n'), nil
}

// write puts text at the end of the file and syncs it, or takes it back.
func (l *ledger) write(text []byte) error {
	_, err := l.file.WriteAt(text, l.size)
	if err == nil {
		err = l.file.Sync()
	}
	if err == nil {
		return nil
	}
	if undo := errors.Join(l.file.Truncate(l.size), l.file.Sync()); undo != nil {
		l.broken = fmt.Errorf("the ledger must be opened anew: %w", undo)
	}
	return err
}

// entry returns the entry of a package.
func (l *ledger) entry(k Key) (Entry, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	n, ok := l.byKey[k]
	if !ok {
		return Entry{}, fmt.Errorf("looking up package %v: %w", k, ErrUnknown)
	}
	return l.lines[n].Entry, nil
}

// receipt reads the receipt of a package.
func (l *ledger) receipt(k Key) ([]byte, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	n, ok := l.byKey[k]
	if !ok {
		return nil, fmt.Errorf("looking up package %v: %w", k, ErrUnknown)
	}
	text := make([]byte, l.lines[n].length)
	if _, err := l.file.ReadAt(text, l.lines[n].at); err != nil {
		return nil, fmt.Errorf("reading the receipt of package %v: %w", k, err)
	}
	var b lineBody
	if err := json.Unmarshal(text[sumSize:], &b); err != nil {
		return nil, fmt.Errorf("reading the receipt of package %v: %w", k, err)
	}
	return b.Receipt, nil
}

// all yields the entries that are there now.
func (l *ledger) all() iter.Seq[Entry] {
	l.mu.RLock()
	lines := l.lines
	l.mu.RUnlock()
	return func(yield func(Entry) bool) {
		for _, line := range lines {
			if !yield(line.Entry) {
				return
			}
		}
	}
}
