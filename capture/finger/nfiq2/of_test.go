package nfiq2

import (
	"math"
	"testing"
)

func TestOrientationFlow(t *testing.T) {
	const degree = math.Pi / 180
	for _, c := range []struct {
		name   string
		angles []float64 // of 3 × 3 blocks, in degrees
		ground int       // a block of the background; -1 for none
		want   []float64
	}{
		{"straight ridges", make([]float64, 9), -1, nil},
		{"all neighbours turned by 90 degrees", []float64{90, 90, 90, 90, 0, 90, 90, 90, 90}, -1, []float64{1}},
		{"all neighbours turned by 47 degrees", []float64{47, 47, 47, 47, 0, 47, 47, 47, 47}, -1, []float64{0.5}},
		{"to both sides", []float64{-47, 47, 47, -47, 0, 47, 47, 47, -47}, -1, []float64{0.5}},
		{"one neighbour turned by 36 degrees: half a degree more than counts", []float64{36, 0, 0, 0, 0, 0, 0, 0, 0}, -1, []float64{0.5 / 86}},
		{"one neighbour turned by 31 degrees: less than counts", []float64{0, 0, 0, 0, 0, 0, 0, 0, 31}, -1, nil},
		{"opposite directions", []float64{-90, -90, -90, -90, 90, -90, -90, -90, -90}, -1, []float64{176. / 86}},
		{"a corner is background", []float64{90, 90, 90, 90, 0, 90, 90, 90, 90}, 8, nil},
		{"the block is background", []float64{90, 90, 90, 90, 0, 90, 90, 90, 90}, 4, nil},
	} {
		b := blocks{cols: 3, rows: 3}
		for i, a := range c.angles {
			b.angles = append(b.angles, a*degree)
			b.ridges = append(b.ridges, i != c.ground)
		}
		b.measureOF()
		if len(b.flow) != len(c.want) || len(c.want) > 0 && math.Abs(b.flow[0]-c.want[0]) > 1e-12 {
			t.Errorf("%s: %v, want %v", c.name, b.flow, c.want)
		}
	}
}

// Blocks at the border have not eight neighbours.
func TestOrientationFlowWithoutInnerBlocks(t *testing.T) {
	for _, b := range []blocks{{cols: 2, rows: 5}, {cols: 5, rows: 2}, {}, {cols: 1, rows: 1}} {
		for i := range b.cols * b.rows {
			b.angles, b.ridges = append(b.angles, float64(i)), append(b.ridges, true)
		}
		b.measureOF()
		if len(b.flow) > 0 {
			t.Errorf("%d × %d blocks: %v, want none", b.cols, b.rows, b.flow)
		}
	}
}
