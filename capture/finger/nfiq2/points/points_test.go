package points_test

import (
	"image"
	"math"
	"testing"

	"optag/capture/finger/nfiq2/points"
)

// board is light with a dark block at each of the places; ridges run across the
// lower half.
func board(w, h int, dark ...image.Point) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := 200
			if y >= h/2 {
				v = 200 - x/4%2*8
			}
			for _, p := range dark {
				if image.Pt(x, y).In(image.Rect(p.X-16, p.Y-16, p.X+16, p.Y+16)) {
					v -= 40
				}
			}
			img.Pix[y*w+x] = uint8(v)
		}
	}
	return img
}

func TestMeasure(t *testing.T) {
	nan := math.NaN()
	places := func(p ...image.Point) []image.Point { return p }
	for _, c := range []struct {
		name            string
		img             *image.Gray
		minutiae        []image.Point
		mean, deviation float64
		want            points.Measures
	}{
		{"none", board(200, 200), nil, 200, 10, points.Measures{Mu: nan, OCL: nan}},
		{"outside the image they are counted only", board(200, 200), places(image.Pt(-1, 5), image.Pt(200, 5)), 200, 10, points.Measures{Count: 2, Mu: nan, OCL: nan}},
		{"one in even grey, as light as the image", board(200, 200), places(image.Pt(50, 40)), 200, 10, points.Measures{InRect: 1, Count: 1}},
		{"one a little darker than the image", board(200, 200), places(image.Pt(50, 40)), 204, 10, points.Measures{InRect: 1, Count: 1, Mu: 1}},
		{"half a standard deviation darker is the limit", board(200, 200), places(image.Pt(50, 40)), 205, 10, points.Measures{InRect: 1, Count: 1, Mu: 1}},
		{"much darker than the image", board(200, 200, image.Pt(50, 40)), places(image.Pt(50, 40)), 200, 10, points.Measures{InRect: 1, Count: 1}},
		{"one where ridges run", board(200, 200), places(image.Pt(50, 150)), 190, 10, points.Measures{InRect: 1, Count: 1, OCL: 1}},
		{"at the corner the nearest whole block counts", board(200, 200), places(image.Pt(199, 199), image.Pt(0, 199)), 190, 10, points.Measures{InRect: 2, Count: 2, OCL: 1}},
		{"a square of 201 pixels about the centre of mass", board(500, 200), places(image.Pt(100, 10), image.Pt(300, 10), image.Pt(200, 10)), 200, 10, points.Measures{InRect: 3, Count: 3}},
		{"a pixel further is outside", board(500, 200), places(image.Pt(100, 10), image.Pt(302, 10), image.Pt(201, 10)), 200, 10, points.Measures{InRect: 1, Count: 3}},
		{"the centre is rounded down", board(500, 200), places(image.Pt(100, 10), image.Pt(301, 10)), 200, 10, points.Measures{InRect: 1, Count: 2}},
		{"no whole block fits", board(31, 40), places(image.Pt(5, 30)), 190, 10, points.Measures{InRect: 1, Count: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := points.Measure(c.img, c.minutiae, c.mean, c.deviation)
			for _, v := range [][2]float64{{got.InRect, c.want.InRect}, {got.Count, c.want.Count}, {got.Mu, c.want.Mu}, {got.OCL, c.want.OCL}} {
				if v[0] != v[1] && !(math.IsNaN(v[0]) && math.IsNaN(v[1])) {
					t.Fatalf("measures %+v, want %+v", got, c.want)
				}
			}
		})
	}
}

func TestMeasureNeedsNoMemory(t *testing.T) {
	img, minutiae := board(100, 100), []image.Point{{X: 5, Y: 5}, {X: 90, Y: 80}}
	if n := testing.AllocsPerRun(10, func() { points.Measure(img, minutiae, 190, 10) }); n > 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
