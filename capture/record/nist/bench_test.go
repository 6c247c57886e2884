package nist_test

import (
	"bytes"
	"runtime"
	"testing"
	"time"

	"optag/capture/record/nist"
)

// tenPrints is a file of ten prints of 30,000 bytes each: some 300 KB.
func tenPrints() []byte {
	file := nist.New(header())
	file.AddText(nist.NewField(3, []string{"0100"}))
	for finger := 1; finger <= 10; finger++ {
		data := append(wsqHead(400, 582), bytes.Repeat([]byte{0x1d, 0x1c, 1, 2, 3}, 6000)...)
		file.AddPrint(onePrint(finger, data, 400, 582))
	}
	return file.Bytes()
}

// fastest returns the least time that each function took, called in turn.
func fastest(times int, f ...func()) []time.Duration {
	least := make([]time.Duration, len(f))
	for i := range times {
		for k, g := range f {
			start := time.Now()
			g()
			if d := time.Since(start); i == 0 || d < least[k] {
				least[k] = d
			}
		}
	}
	return least
}

// TestNothingIsCopiedTwice holds the times and copies of a file of 300 KB within
// generous limits.
func TestNothingIsCopiedTwice(t *testing.T) {
	data := tenPrints()
	file := roundTrip(t, data)
	dst := make([]byte, 0, len(data))
	least := fastest(100,
		func() { nist.Parse(data) },
		func() { nist.Check(file) },
		func() { dst = file.Append(dst[:0]) },
		func() { dst = append(dst[:0], data...) })
	t.Logf("%d bytes: parsed in %v, checked in %v, written in %v, copied in %v", len(data), least[0], least[1], least[2], least[3])
	if least[0] > time.Millisecond || least[2] > time.Millisecond {
		t.Errorf("parsed in %v and written in %v, want a millisecond each", least[0], least[2])
	}
	for name, f := range map[string]func(){"parsing": func() { nist.Parse(data) }, "checking": func() { nist.Check(file) }} {
		if n := memory(f); n > uint64(len(data)) {
			t.Errorf("%s takes %d bytes of memory", name, n)
		}
	}
	if n := memory(func() { file.Bytes() }); n > 2*uint64(len(data)) {
		t.Errorf("writing takes %d bytes of memory", n)
	}
}

// memory returns the bytes that a function takes from the heap.
func memory(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func BenchmarkParse(b *testing.B) {
	data := tenPrints()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		nist.Parse(data)
	}
}

func BenchmarkCheck(b *testing.B) {
	file, _ := nist.Parse(tenPrints())
	b.ReportAllocs()
	for b.Loop() {
		nist.Check(file)
	}
}

func BenchmarkWrite(b *testing.B) {
	data := tenPrints()
	file, _ := nist.Parse(data)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		file.Bytes()
	}
}

func BenchmarkCopy(b *testing.B) {
	data := tenPrints()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		_ = bytes.Clone(data)
	}
}
