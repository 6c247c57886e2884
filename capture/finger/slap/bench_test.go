package slap_test

import (
	"testing"

	"optag/capture/finger/slap"
	"optag/testdata/gen"
)

func BenchmarkSegment(b *testing.B) {
	hands := gen.Person(3).Hands(four(gen.RightThumb)...)
	for _, x := range []struct {
		name string
		laid gen.Laid
	}{
		{"upright 1608x1000", gen.Laid{Lower: 1, Noise: 0.1}},
		{"turned 40 1600x1500", gen.Laid{Rotation: 40, Lower: 1, Noise: 0.1}},
	} {
		size := wide
		if x.laid.Rotation != 0 {
			size = tall
		}
		img, _ := hands.Slap(size, four(gen.RightThumb), x.laid, 1)
		b.Run(x.name, func(b *testing.B) {
			var s slap.Segmenter
			b.ReportAllocs()
			for b.Loop() {
				s.Segment(img, slap.RightFour)
			}
		})
	}
}
