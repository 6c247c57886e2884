package pa_test

import (
	"testing"

	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa"
	"optag/device/emrtd/pa/patest"
)

// Passive authentication of DG1 and EF.SOD, as after every reading.
func BenchmarkVerify(b *testing.B) {
	for _, name := range []string{"P-256", "P-384", "RSA-2048", "RSA-PSS", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"} {
		s := issue(b, kinds[name])
		anchors := trust(b, s.csca.Certificate)
		files := map[lds.File][]byte{lds.DG1: s.files[lds.DG1], lds.SOD: s.files[lds.SOD]}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if r := pa.Verify(files, anchors, today); r.Chain != pa.Good {
					b.Fatal(found(r))
				}
			}
		})
	}
}

// A master list of 400 authorities, as it is read once at the start.
func BenchmarkMasterList(b *testing.B) {
	_, _, signs := masterList(b, pa.MasterListSigner)
	all := [][]byte{signs.Certificate}
	for n := range 400 {
		all = append(all, must(signs.Certify(random(1), signs.Key.Public, patest.Spec{Name: utopia, Serial: int64(n + 10), Authority: true, From: from, Until: until})))
	}
	s := must(signs.NewSigner(random(12), patest.Kind{}, patest.Spec{Name: utopia, Serial: 9, From: from, Until: until, Purposes: []string{pa.MasterListSigner}}))
	list := must(s.MasterList(random(13), all))
	for b.Loop() {
		var t pa.Trust
		if r := t.Add("", list); r.Authorities != 401 {
			b.Fatal(r)
		}
	}
}
