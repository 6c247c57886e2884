package queue

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"optag/queue/audit"
)

// soak reports whether the long runs are asked for.
func soak() bool { return os.Getenv("OPTAG_SOAK") == "1" }

// sizes of the packages in the queue that is damaged, by number - 1.
var sizes = []int{1, 500, 5_000, 64 << 10, 70_000, 130_000, 200_000, 300_000, 900, 66_000, 2_000, 150_000}

// furnished makes a file with packages in every state: 1 to 4 delivered, 5
// refused, 6 on its way, the others waiting.
func furnished(t testing.TB) []byte {
	t.Helper()
	q := openQueue(t, t.TempDir(), options())
	for i, size := range sizes {
		add(t, q, uint64(i+1), size)
	}
	for n := range uint64(4) {
		if err := q.Settle(officer, idOf(n+1), receiptFor(idOf(n+1), content(n+1, sizes[n]))); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(q.Refuse(officer, idOf(5), "rule_violated"), q.Sending(officer, idOf(6), 100)); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(q.Path())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// place puts a file where a queue will look for it.
func placeFile(t testing.TB, b []byte) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), b, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// examine opens a damaged file and demands what the queue promises of any: it
// opens; each package is whole, or delivered, or named as lost; and it goes on.
func examine(t *testing.T, b []byte) Salvage {
	t.Helper()
	dir := placeFile(t, b)
	q, err := Open(dir, options())
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	defer q.Close()
	s, salvaged := q.Salvaged()
	fates := map[string]Fate{}
	for _, p := range s.Packages {
		fates[p.ID] = p.Fate
	}
	for i, size := range sizes {
		n := uint64(i + 1)
		err := examineOne(q, n, size)
		fate := fates[idOf(n)]
		switch {
		case err == nil && salvaged && fate != Saved && fate != Settled:
			t.Errorf("package %d is whole and was reported as %q", n, fate)
		case err != nil && !salvaged && !errors.Is(err, ErrDamaged):
			t.Errorf("package %d vanished without a word: %v", n, err)
		case err != nil && salvaged && fate != Lost && !s.Gap:
			t.Errorf("package %d: %v; reported as %q", n, err, fate)
		}
	}
	if salvaged {
		if kept, err := os.ReadFile(s.SetAside); err != nil || !bytes.Equal(kept, b) {
			t.Errorf("the damaged file was not kept as it was: %v", err)
		}
		verified(t, q)
	}
	r := add(t, q, 1000, 100_000)
	if r.Sequence <= uint64(len(sizes)) {
		t.Errorf("sequence %d is given out again", r.Sequence)
	}
	if err := examineOne(q, 1000, 100_000); err != nil {
		t.Error(err)
	}
	return s
}

// examineOne says what is wrong with the n-th package.
func examineOne(q *Queue, n uint64, size int) error {
	r, err := q.Show(idOf(n))
	if err != nil {
		return err
	}
	if r.State == Delivered {
		_, err := q.Receipt(r.ID)
		return err
	}
	p, err := q.Package(r.ID)
	if err != nil {
		return err
	}
	got, err := io.ReadAll(p.Reader())
	if err == nil && !bytes.Equal(got, content(n, size)) {
		err = errors.New("other bytes than were queued")
	}
	return err
}

// Whatever happens to the file, the station goes on, and tells what it lost.
func TestDamagedFile(t *testing.T) {
	good := furnished(t)
	rounds := 150
	switch {
	case testing.Short():
		rounds = 30
	case soak():
		rounds = 5_000
	}
	random := rand.New(rand.NewPCG(1, 2))
	lost, saved, sound := 0, 0, 0
	for i := range rounds {
		b := bytes.Clone(good)
		var what string
		at := random.IntN(len(b))
		switch n := 1 + random.IntN(5000); i % 5 {
		case 0:
			what, b = fmt.Sprint("cut off at ", at), b[:at]
		case 1:
			what = fmt.Sprint("a bit at ", at)
			b[at] ^= 1 << random.IntN(8)
		case 2:
			what = fmt.Sprint(n, " zeros at ", at)
			clear(b[at:min(at+n, len(b))])
		case 3:
			what = fmt.Sprint(n, " random bytes at ", at)
			rand.NewChaCha8([32]byte{byte(i)}).Read(b[at:min(at+n, len(b))])
		case 4: // where it hurts most: the first pages, and elements of pages
			at = 4096*random.IntN(len(b)/4096) + random.IntN(64)
			what = fmt.Sprint("a byte in the head of a page, at ", at)
			b[at] = byte(random.Uint32())
		}
		ok := t.Run(what, func(t *testing.T) {
			s := examine(t, b)
			for _, p := range s.Packages {
				if p.Fate == Lost {
					lost++
				} else {
					saved++
				}
			}
			if s.SetAside == "" {
				sound++
			}
		})
		if !ok && soak() {
			t.FailNow()
		}
	}
	t.Logf("%d files: %d needed no salvage; in the others %d packages saved, %d lost and named", rounds, sound, saved, lost)
}

// Files that were never a queue, or are no longer.
func TestHopelessFile(t *testing.T) {
	for name, b := range map[string][]byte{
		"empty": nil, "zeros": make([]byte, 64<<10), "text": []byte("hello"),
		"random": content(5, 100_000), "first page only": furnished(t)[:4096],
	} {
		t.Run(name, func(t *testing.T) {
			s := examine(t, b)
			if s.SetAside == "" || !s.Gap {
				t.Errorf("Salvaged = %+v; want the file set aside and a gap", s)
			}
		})
	}
}

// A meta page that does not verify would have bbolt take the state before: the
// last package would be gone without a word.
func TestLastTransactionIsNotForgotten(t *testing.T) {
	for meta := range 2 {
		q := openQueue(t, t.TempDir(), options())
		for n := range uint64(2) {
			add(t, q, n+1, 80_000)
		}
		if meta == 1 {
			add(t, q, 3, 80_000)
		}
		b, err := os.ReadFile(q.Path())
		if err != nil {
			t.Fatal(err)
		}
		for page := range 2 {
			bad := bytes.Clone(b)
			bad[page*4096+pageHead+20] ^= 1
			again, err := Open(placeFile(t, bad), options())
			if err != nil {
				t.Fatal(err)
			}
			for n := range uint64(2 + meta) {
				if err := examineOne(again, n+1, 80_000); err != nil {
					t.Errorf("package %d: %v", n+1, err)
				}
			}
			verified(t, again)
			again.Close()
		}
	}
}

// The log is carried over, and goes on in one chain.
func TestSalvageKeepsTheLog(t *testing.T) {
	b := furnished(t)
	b[pageHead+20] ^= 1
	q := openQueue(t, placeFile(t, b), options())
	s, ok := q.Salvaged()
	if !ok || s.Gap || s.Leaves < 18 {
		t.Fatalf("Salvaged = %+v, %v", s, ok)
	}
	got := events(t, q)
	if got[0] != audit.QueueCreated || got[s.Leaves] != audit.QueueSetAside || len(got) != int(s.Leaves)+1+len(sizes) {
		t.Errorf("log = %v", got)
	}
}

// A package delivered before the damage is not sent again, a refused one stays so.
func TestSalvageKeepsStates(t *testing.T) {
	b := furnished(t)
	b[pageHead+20] ^= 1
	q := openQueue(t, placeFile(t, b), options())
	for i := range sizes {
		want := Queued
		switch n := i + 1; {
		case n <= 4:
			want = Delivered
		case n == 5:
			want = Refused
		case n == 6:
			want = Sending
		}
		if r, err := q.Show(idOf(uint64(i + 1))); err != nil || r.State != want {
			t.Errorf("package %d is %s, %v; want %s", i+1, r.State, err, want)
		}
	}
}

// Where there is no room for what was salvaged, it stays in the file set aside
// and is named; the station goes on.
func TestSalvageWithoutRoom(t *testing.T) {
	b := furnished(t)
	b[pageHead+20] ^= 1
	o := options()
	o.MaxSize = 512 << 10
	q, err := Open(placeFile(t, b), o)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	s, _ := q.Salvaged()
	fates := map[Fate]int{}
	for _, p := range s.Packages {
		fates[p.Fate]++
	}
	if fates[Left] == 0 || fates[Lost] != 0 || len(s.Packages) != len(sizes) {
		t.Errorf("fates = %v", fates)
	}
	verified(t, q)
}

// The limits are errors that say what to do, and nothing is lost at them.
func TestFull(t *testing.T) {
	t.Run("too many packages", func(t *testing.T) {
		o := options()
		o.MaxPackages = 4
		q := openQueue(t, t.TempDir(), o)
		fillUp(t, q, 100, 4)
	})
	t.Run("too many bytes", func(t *testing.T) {
		o := options()
		o.MaxSize = 8 << 20
		q := openQueue(t, t.TempDir(), o)
		fillUp(t, q, 500_000, 0)
		if info, err := os.Stat(q.Path()); err != nil || info.Size() > o.MaxSize {
			t.Errorf("the file has %d bytes, %v; at most %d", info.Size(), err, o.MaxSize)
		}
	})
}

// fillUp adds packages until the queue is full, sees that all are whole, and
// that deliveries go on: every one of them, and then there is room again.
func fillUp(t testing.TB, q *Queue, size, want int) {
	t.Helper()
	levels := map[int]bool{}
	n := uint64(0)
	for {
		_, err := q.Add(officer, func(uint64, [32]byte) (string, []byte, error) { return idOf(n + 1), content(n+1, size), nil })
		if errors.Is(err, ErrFull) {
			break
		}
		if err != nil {
			t.Fatalf("Add: %v", err)
		}
		n++
		if s, err := q.Stats(); err != nil {
			t.Fatal(err)
		} else {
			levels[s.Warning] = true
		}
	}
	if n == 0 || want > 0 && n != uint64(want) {
		t.Fatalf("%d packages fitted, want %d", n, want)
	}
	if !levels[0] || !levels[50] || !levels[80] && !levels[100] {
		t.Errorf("warnings at %v; want them to rise", levels)
	}
	verified(t, q)
	for i := range n {
		if err := examineOne(q, i+1, size); err != nil {
			t.Errorf("package %d: %v", i+1, err)
		}
	}
	for i := range n {
		if err := q.Settle(officer, idOf(i+1), receiptFor(idOf(i+1), content(i+1, size))); err != nil {
			t.Errorf("Settle on a full disk: %v", err)
		}
	}
	add(t, q, n+1, size)
}

// FuzzPages: bbolt can follow every file that the check of pages lets pass.
func FuzzPages(f *testing.F) {
	q := openQueue(f, f.TempDir(), options())
	add(f, q, 1, 10)
	add(f, q, 2, 70_000)
	good, err := os.ReadFile(q.Path())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint32(0), []byte{})
	for _, at := range []uint32{8, 20, 40, 4096 + 40, 8192, 8192 + 10, 8192 + 20, 5*4096 + 20} {
		f.Add(at, []byte{0xff, 0xff})
		f.Add(at, []byte{0})
	}
	f.Fuzz(func(t *testing.T, at uint32, patch []byte) {
		b := bytes.Clone(good)
		if int(at) < len(b) {
			copy(b[at:], patch)
		}
		q, err := Open(placeFile(t, b), options())
		if err != nil {
			t.Fatalf("Open: %v", err)
		}
		defer q.Close()
		if _, err := q.Verify(); err != nil {
			t.Errorf("Verify: %v", err)
		}
		add(t, q, 1000, 1000)
	})
}

// FuzzFrames: a frame that is found says the same when it is written again.
func FuzzFrames(f *testing.F) {
	r, err := frameRecord(Record{Sequence: 1, ID: idOf(1), State: Queued, Size: 1, SHA256: strings.Repeat("a", 64), Previous: strings.Repeat("0", 64)})
	if err != nil {
		f.Fatal(err)
	}
	for _, b := range [][]byte{r, frameChunk(chunk{data: []byte("x")}), frameReceipt("id", []byte("{}")), framePosition(position{}), frame(blankKind)} {
		f.Add(b)
		f.Add(append(b, b...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		k, payload, size := parseFrame(b)
		if size != 0 && !bytes.Equal(frame(k, payload), b[:size]) {
			t.Fatal("a frame has two spellings")
		}
		found := &findings{records: map[string]Record{}, chunks: map[[32]byte]map[uint32]place{}, receipts: map[string][]byte{}, leaves: map[[32]byte][]byte{}}
		found.search(b, 0)
		found.fromLeaves(found.chain())
	})
}
