package record

import (
	"testing"

	"optag/capture/rule"
)

// Ten prints and a face in one transaction: nearly all of it is the packing of
// the prints.
func BenchmarkWriteVIS(b *testing.B) {
	m := begin(b, rule.VIS, rule.Visa).sits("image/jpeg")
	for _, p := range all {
		m.print(p, ridges(400, 500, int(p)), 500)
	}
	s := set[Visa](m)
	for b.Loop() {
		if _, err := WriteVIS(s, VISAgreement(), sending()); err != nil {
			b.Fatal(err)
		}
	}
}

// The same without the packing.
func BenchmarkBuildVIS(b *testing.B) {
	m := begin(b, rule.VIS, rule.Visa).sits("image/jpeg").takes(all...)
	s := set[Visa](m)
	file := make([]byte, 12000)
	x := scope{taken: &s.taken, Agreement: VISAgreement(), Transmission: sending(),
		pack: func(*printed, bool, uint16) ([]byte, string, error) { return file, "WSQ20", nil }}
	for b.Loop() {
		tr, err := visLayout().build(x)
		if err != nil {
			b.Fatal(err)
		}
		_ = tr.Bytes()
	}
}
