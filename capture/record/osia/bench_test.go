package osia

import "testing"

// nine prints and a face, in the file and as PNG.
func benched(b *testing.B) (hand, File) {
	h := hands()[12]
	h.opts.Refs = ""
	f := h.write(b)
	b.SetBytes(int64(len(f.JSON)))
	b.ReportAllocs()
	b.ResetTimer()
	return h, f
}

func BenchmarkWrite(b *testing.B) {
	h, _ := benched(b)
	r, parts := h.made.close()
	for b.Loop() {
		if _, err := Write(r, parts, h.way, h.options()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	h, f := benched(b)
	for b.Loop() {
		got, err := Read(f.JSON, h.receiver(f))
		if err != nil {
			b.Fatal(err)
		}
		got.Wipe()
	}
}
