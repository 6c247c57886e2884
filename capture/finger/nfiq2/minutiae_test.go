package nfiq2

import (
	"fmt"
	"image"
	"testing"
)

// From the places that NFIQ 2.3.0's own extractor finds minutiae in, the four
// measures come out as NFIQ 2.3.0 has them. The ridges of both prints are shifted
// against each other at seams, so that they end and fork there, and noise grows
// downwards.
func TestMeasuresOfMinutiaeLikeTheReference(t *testing.T) {
	for _, c := range []struct {
		name     string
		distance func(x, y int) int // of the ridges
		want     string             // in the square, count, share by grey, share by ridge flow
		minutiae []image.Point      // in the print without its frame
	}{
		{"rings with radial seams", func(x, y int) int { return rootOf(x-180, y-200) * (8 + x/60%2) / 8 }, "5 16 0.5625 0.3125", []image.Point{
			{229, 100}, {110, 100}, {229, 282}, {169, 229}, {110, 282}, {230, 361}, {170, 83}, {170, 370}, {170, 300},
			{52, 320}, {50, 330}, {171, 155}, {109, 92}, {291, 326}, {230, 22}, {109, 22},
		}},
		{"a chessboard of ridges", func(x, y int) int { return 16*y + 5*x + (x/40+y/45)%2*72 }, "62 137 0.6569343066 0.1094890511", []image.Point{
			{153, 182}, {232, 327}, {72, 90}, {33, 192}, {271, 237}, {276, 261}, {313, 186}, {235, 192}, {153, 383}, {72, 54},
			{232, 250}, {313, 190}, {274, 203}, {274, 288}, {192, 21}, {71, 138}, {232, 197}, {113, 234}, {33, 123}, {232, 151},
			{274, 158}, {113, 193}, {153, 199}, {232, 201}, {71, 183}, {313, 249}, {153, 276}, {113, 297}, {232, 359},
			{153, 370}, {153, 375}, {72, 50}, {232, 57}, {232, 61}, {113, 87}, {232, 156}, {113, 198}, {113, 203}, {192, 367},
			{232, 66}, {232, 71}, {113, 189}, {331, 217}, {71, 268}, {232, 340}, {153, 366}, {153, 96}, {113, 275}, {113, 59},
			{232, 106}, {113, 109}, {232, 116}, {113, 155}, {113, 159}, {230, 223}, {232, 228}, {232, 237}, {274, 275},
			{232, 344}, {72, 349}, {270, 98}, {270, 103}, {313, 239}, {232, 272}, {151, 158}, {151, 293}, {113, 366},
			{230, 133}, {72, 177}, {271, 197}, {270, 242}, {153, 308}, {274, 337}, {32, 264}, {151, 283}, {192, 106},
			{151, 112}, {192, 138}, {274, 278}, {235, 315}, {31, 100}, {151, 392}, {110, 53}, {153, 83}, {71, 133}, {232, 255},
			{192, 272}, {232, 268}, {230, 314}, {313, 277}, {71, 314}, {192, 103}, {192, 237}, {72, 63}, {192, 116}, {113, 177},
			{192, 314}, {192, 61}, {192, 66}, {192, 232}, {192, 250}, {31, 199}, {274, 265}, {192, 88}, {192, 245}, {271, 311},
			{151, 193}, {230, 183}, {192, 197}, {111, 212}, {70, 359}, {151, 109}, {270, 317}, {193, 393}, {192, 44},
			{192, 359}, {274, 125}, {190, 129}, {310, 171}, {152, 217}, {31, 284}, {232, 75}, {270, 344}, {151, 248},
			{270, 327}, {151, 37}, {153, 258}, {314, 127}, {313, 267}, {310, 217}, {190, 173}, {31, 110}, {313, 110}, {274, 86},
			{313, 132}, {31, 105}, {274, 356},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := painting{width: 360, height: 420, grey: func(x, y int) int {
				return pad(x, y, 360, 420, ridges(c.distance(x, y), 9, 95-x/6)+grain(x, y)%(10+y/4))
			}}
			meter := Meter{Minutiae: func(*image.Gray) []image.Point { return c.minutiae }}
			m, f, err := meter.Measure(p.image())
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprintf("%v %v %.10g %.10g", m[MinutiaeInRect], m[MinutiaeCount], m[MinutiaeMu], m[MinutiaeOCL])
			if got != c.want || f.Minutiae != float64(len(c.minutiae)) {
				t.Errorf("measures %s, feedback %v; want %s, %d", got, f.Minutiae, c.want, len(c.minutiae))
			}
		})
	}
}
