package nfiq2

import (
	"image"
	"math"
	"testing"
)

// Where the print lies is told for the whole image, white frame and all.
func TestRegion(t *testing.T) {
	for _, c := range []struct {
		name   string
		print  image.Rectangle // in an image of 500 × 600 pixels
		centre [2]float64
		cut    [4]bool // left, right, upper, lower
	}{
		{"in the middle", image.Rect(100, 120, 400, 480), [2]float64{0.5, 0.5}, [4]bool{}},
		{"at the left", image.Rect(-120, 120, 180, 480), [2]float64{0.15, 0.5}, [4]bool{true, false, false, false}},
		{"at the right", image.Rect(320, 120, 620, 480), [2]float64{0.85, 0.5}, [4]bool{false, true, false, false}},
		{"above", image.Rect(100, -120, 400, 240), [2]float64{0.5, 0.17}, [4]bool{false, false, true, false}},
		{"below", image.Rect(100, 360, 400, 720), [2]float64{0.5, 0.83}, [4]bool{false, false, false, true}},
		{"all over the glass", image.Rect(-50, -50, 550, 650), [2]float64{0.5, 0.5}, [4]bool{true, true, true, true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			skin := 0
			p := painting{width: 500, height: 600, grey: func(x, y int) int {
				x, y = x-c.print.Min.X, y-c.print.Min.Y
				if pad(x, y, c.print.Dx(), c.print.Dy(), 0) < 125 {
					skin++
				}
				return pad(x, y, c.print.Dx(), c.print.Dy(), ridges(rootOf(x-100, y-140), 9, 90))
			}}
			var m Meter
			if _, _, err := m.Measure(p.image()); err != nil {
				t.Fatal(err)
			}
			r := m.Region()
			want := float64(skin) * (25.4 / 500) * (25.4 / 500)
			if r.Area < 0.95*want || r.Area > 1.15*want {
				t.Errorf("area %.0f mm², want about %.0f", r.Area, want)
			}
			for i, got := range r.Cut {
				if (got > 0.3) != c.cut[i] {
					t.Errorf("border %d is cut along %.2f, want cut %v", i, got, c.cut[i])
				}
			}
			for i, got := range r.Centre {
				if math.Abs(got-c.centre[i]) > 0.02 {
					t.Errorf("centre %v, want %v", r.Centre, c.centre)
				}
			}
			if math.Abs(r.Dark-0.5) > 0.1 || r.Valley-r.Ridge < 70 || r.Slide < 0.8 {
				t.Errorf("dark %.2f, contrast %.0f, slide %.2f; want 0.5, about 90, 1", r.Dark, r.Valley-r.Ridge, r.Slide)
			}
		})
	}
	var m Meter
	if _, _, err := m.Measure(image.NewGray(image.Rectangle{})); err == nil || m.Region() != (Region{}) {
		t.Errorf("without an image: region %+v, error %v", m.Region(), err)
	}
}

func BenchmarkRegion(b *testing.B) {
	img := paintings()[0].image()
	var r roi
	for b.Loop() {
		r.measure(img)
		r.coherence(img)
	}
}

func BenchmarkContrast(b *testing.B) {
	img := paintings()[0].image()
	var c contrast
	for b.Loop() {
		c.measure(img)
	}
}
