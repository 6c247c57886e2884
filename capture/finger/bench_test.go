package finger_test

import (
	"image"
	"testing"

	"optag/capture/finger"
	"optag/testdata/gen"
)

func BenchmarkAssess(b *testing.B) {
	img := impression(gen.Conditions{})
	var a finger.Assessor
	a.Assess(img, at500)
	b.ReportAllocs()
	for b.Loop() {
		a.Assess(img, at500)
	}
}

func BenchmarkTemplate(b *testing.B) {
	img := impression(gen.Conditions{})
	var a finger.Assessor
	b.ReportAllocs()
	for b.Loop() {
		a.Template(img, at500)
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
