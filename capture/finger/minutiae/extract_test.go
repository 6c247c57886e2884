package minutiae

import (
	"image"
	"testing"

	"optag/testdata/gen"
)

func TestExtract(t *testing.T) {
	f := gen.Master(1, gen.RightIndex)
	var e Extractor
	var tp Template
	e.Extract(&tp, f.Impression(image.Pt(416, 560), [2]int{500, 500}, gen.Conditions{}, 1))
	t.Log(len(tp.Minutiae))
	if len(tp.Minutiae) < 20 {
		t.Errorf("%d minutiae", len(tp.Minutiae))
	}
}

func BenchmarkExtract(b *testing.B) {
	img := gen.Master(1, gen.RightIndex).Impression(image.Pt(416, 560), [2]int{500, 500}, gen.Conditions{}, 1)
	var e Extractor
	var tp Template
	for b.Loop() {
		e.Extract(&tp, img)
	}
}
