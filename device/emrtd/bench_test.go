package emrtd_test

import (
	"testing"

	"optag/device/emrtd"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/sm"
)

func BenchmarkRead(b *testing.B) {
	for name, spec := range map[string]func(*emrtdtest.Spec){
		"BAC":                func(s *emrtdtest.Spec) { s.PACE = nil },
		"PACE brainpool 256": func(s *emrtdtest.Spec) {},
		"PACE and chip authentication": func(s *emrtdtest.Spec) {
			s.Chip = []emrtdtest.Agreement{{Curve: "brainpoolP256r1", Suite: sm.AES128}}
		},
	} {
		b.Run(name, func(b *testing.B) {
			l := newLand(b)
			card := l.card(b, l.spec(spec))
			for b.Loop() {
				if _, err := emrtd.Read(b.Context(), card.Insert(), l.zone(), l.options()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
