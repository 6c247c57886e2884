package iso39794

import (
	"bytes"
	"testing"
)

// size is that of the images in the benchmarks.
const size = 300 << 10

// BenchmarkCopy is what a copy of the images alone takes.
func BenchmarkCopy(b *testing.B) {
	b.SetBytes(size)
	from := bytes.Repeat([]byte{1}, size)
	for b.Loop() {
		bytes.Clone(from)
	}
}

// BenchmarkFingers: ten prints of 30 KB each.
func BenchmarkFingers(b *testing.B) {
	full := newSmallFinger()
	print := full.Representations[0]
	print.ImageData = append(append([]byte("\xFF\xA0"), make([]byte, size/10)...), "\xFF\xA1"...)
	full.Representations = nil
	for i := range 10 {
		print.Position = Of(Position(1 + i))
		full.Representations = append(full.Representations, print)
	}
	record, err := full.Encode()
	if err != nil {
		b.Fatal(err)
	}
	bench(b, "read", func() error { _, err := ReadFinger(record); return err })
	bench(b, "write", func() error { _, err := full.Encode(); return err })
}

// BenchmarkFace: a portrait of 300 KB with every field there is.
func BenchmarkFace(b *testing.B) {
	full := fullFace()
	full.Representations[0].Image.Data = append(append([]byte("\xFF\xD8\xFF"), make([]byte, size)...), "\xFF\xD9"...)
	record, err := full.Encode(ICAO)
	if err != nil {
		b.Fatal(err)
	}
	bench(b, "read", func() error { _, err := ReadFace(record); return err })
	bench(b, "write", func() error { _, err := full.Encode(ICAO); return err })
}

// bench measures work on a record with images of size bytes.
func bench(b *testing.B, name string, work func() error) {
	b.Run(name, func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			if err := work(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
