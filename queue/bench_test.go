package queue

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkAdd stores packages, beside it what the disk must do in any case:
// overwriting a file of the same size and syncing it. Compare the two; the goal
// for 1 MB is 2.0 of the median.
func BenchmarkAdd(b *testing.B) {
	for _, size := range []int{200 << 10, 1 << 20, 4 << 20} {
		data := content(1, size)
		b.Run(fmt.Sprint(size>>10, "KiB"), func(b *testing.B) {
			q, err := Open(b.TempDir(), options())
			if err != nil {
				b.Fatal(err)
			}
			defer q.Close()
			b.SetBytes(int64(size))
			n := uint64(0)
			for b.Loop() {
				n++
				_, err := q.Add(officer, func(uint64, [32]byte) (string, []byte, error) { return idOf(n), data, nil })
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if n > 5 {
					if err := q.Settle(officer, idOf(n-5), receiptFor(idOf(n-5), data)); err != nil {
						b.Fatal(err)
					}
				}
				b.StartTimer()
			}
		})
		b.Run(fmt.Sprint(size>>10, "KiB-plain"), func(b *testing.B) {
			f, err := os.Create(filepath.Join(b.TempDir(), "plain"))
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			b.SetBytes(int64(size))
			for b.Loop() {
				if _, err := f.WriteAt(data, 0); err != nil {
					b.Fatal(err)
				}
				if err := f.Sync(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSettle is receipt in, package out.
func BenchmarkSettle(b *testing.B) {
	data := content(1, 1<<20)
	q, err := Open(b.TempDir(), options())
	if err != nil {
		b.Fatal(err)
	}
	defer q.Close()
	n := uint64(0)
	for b.Loop() {
		n++
		b.StopTimer()
		if _, err := q.Add(officer, func(uint64, [32]byte) (string, []byte, error) { return idOf(n), data, nil }); err != nil {
			b.Fatal(err)
		}
		receipt := receiptFor(idOf(n), data)
		b.StartTimer()
		if err := q.Settle(officer, idOf(n), receipt); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRead is a warm read for the upload, each chunk verified.
func BenchmarkRead(b *testing.B) {
	q, err := Open(b.TempDir(), options())
	if err != nil {
		b.Fatal(err)
	}
	defer q.Close()
	add(b, q, 1, 4<<20)
	p, err := q.Package(idOf(1))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(4 << 20)
	for b.Loop() {
		if _, err := io.Copy(io.Discard, p.Reader()); err != nil {
			b.Fatal(err)
		}
	}
}
