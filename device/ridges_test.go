package device_test

import (
	"image"
	"testing"

	"optag/device"
	"optag/testdata/gen"
)

// TestShowsRidges: generated fingers are seen, dry and light ones too, and an
// empty glass is not, on sensors whose drivers look for themselves.
func TestShowsRidges(t *testing.T) {
	finger := gen.Master(20261123, gen.RightIndex)
	for _, s := range []struct {
		sensor string
		size   image.Point
		ppi    [2]int
		tiles  int
	}{
		{"U.are.U 4500", image.Pt(384, 290), [2]int{540, 370}, 20},
		{"FM220", image.Pt(264, 324), [2]int{500, 500}, 16},
	} {
		for _, c := range []struct {
			name string
			img  *image.Gray
			want bool
		}{
			{"a good impression", finger.Impression(s.size, s.ppi, gen.Conditions{}, 1), true},
			{"a dry and light one", finger.Impression(s.size, s.ppi, gen.Conditions{Moisture: -0.8, Pressure: -0.8}, 1), true},
			{"a wet and heavy one", finger.Impression(s.size, s.ppi, gen.Conditions{Moisture: 0.8, Pressure: 0.8}, 1), true},
			{"an empty glass and a noisy sensor", gen.Blank(s.size, 0.3, 1), false},
			{"a picture smaller than a tile", image.NewGray(image.Rect(0, 0, 15, 15)), false},
		} {
			if got := device.ShowsRidges(c.img, s.tiles); got != c.want {
				t.Errorf("%s, %s: %t, want %t", s.sensor, c.name, got, c.want)
			}
		}
	}
}
