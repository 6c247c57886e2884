package finger_test

import (
	"image"
	"testing"

	"optag/capture/finger"
	"optag/testdata/gen"
)

func BenchmarkAssess(b *testing.B) {
	img := impression(gen.Conditions{})
	b.ReportAllocs()
	for b.Loop() {
		finger.Assess(img, at500)
	}
}

func BenchmarkNewPattern(b *testing.B) {
	img := impression(gen.Conditions{})
	b.ReportAllocs()
	for b.Loop() {
		finger.NewPattern(img, at500)
	}
}

func BenchmarkSimilarity(b *testing.B) {
	one := finger.NewPattern(impression(gen.Conditions{}), at500)
	two := finger.NewPattern(impression(gen.Conditions{Rotation: 4}), at500)
	b.ReportAllocs()
	for b.Loop() {
		finger.Similarity(one, two)
	}
}

// What a single-finger scanner delivers.
var (
	glass = image.Pt(400, 500)
	at500 = [2]int{500, 500}
)

// impression is that of the one finger that tests look at closely.
func impression(c gen.Conditions) *image.Gray {
	return fingers[7].Impression(glass, at500, c, 1)
}
