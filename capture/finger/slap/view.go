package slap

import (
	"cmp"
	"math"
	"slices"

	"optag/capture/finger/internal/portable"
)

// Limits of a finger's width, in cells of 0.4 mm: a small child's little finger,
// and the thickest of four fingers, or of thumbs pressed flat.
const (
	thinnest       = 13
	thickestOfFour = 56
	thickestThumb  = 90
	maxParts       = 40
)

// A view is the mask turned so that fingers pointing in a supposed direction
// stand upright, cut into parts: fingertips, phalanges, dirt.
type view struct {
	turn     float64 // radians clockwise
	sin, cos float64
	srcW     int
	srcH     int
	w, h     int
	label    []uint8 // of a cell: part, counted from 1; 0 for none
	queue    []int32
	across   []int32
	top      []int16    // of a column of one component
	row      [][2]int16 // of a part and row: first and last cell
	parts    []part
	relief   *relief
	thickest float64 // cells, of a finger
	deep     int     // cells by which a notch lies below the tips beside it
	limit    float64 // cells; what is wider is two fingers
	cost     []int32 // of the lightest way from a notch to a cell beside it
	seam     []int16 // of a row: first column on the right of a cut
	byLabel  []uint8 // index of the part with a label
}

// look turns the mask and takes it apart.
func (v *view) look(m *mask, r *relief, turn float64, deep int) {
	v.relief, v.deep = r, deep
	v.turn, v.sin, v.cos = turn, portable.Sin(turn), portable.Cos(turn)
	v.srcW, v.srcH = m.w, m.h
	w, h := float64(m.w), float64(m.h)
	v.w = int(float64(w*math.Abs(v.cos))+float64(h*math.Abs(v.sin))) + 2
	v.h = int(float64(w*math.Abs(v.sin))+float64(h*math.Abs(v.cos))) + 2
	v.label, v.top = resize(v.label, v.w*v.h), resize(v.top, v.w)
	v.rotate(m)
	v.parts = v.parts[:0]
	v.components()
	v.measure()
	slices.SortFunc(v.parts, func(a, b part) int { return cmp.Or(a.y0-b.y0, a.x0-b.x0) })
	v.byLabel = resize(v.byLabel, len(v.parts))
	for i := range v.parts {
		v.byLabel[v.parts[i].label-1] = uint8(i)
	}
	v.chain()
}

// unmarked is the label of a cell of the mask that no part has claimed yet.
const unmarked = 255

// rotate fills the labels with the turned mask.
func (v *view) rotate(m *mask) {
	const one = 1 << 16
	du, dv := int(math.Round(one*v.cos)), int(math.Round(one*v.sin))
	for y := range v.h {
		sx, sy := v.source(0.5, float64(y)+0.5)
		px, py := int(math.Round(float64(one*sx))), int(math.Round(float64(one*sy)))
		out := v.label[y*v.w:][:v.w]
		for x := range out {
			i, j := px>>16, py>>16
			out[x] = 0
			if uint(i) < uint(m.w) && uint(j) < uint(m.h) && m.in[j*m.w+i] != 0 {
				out[x] = unmarked
			}
			px, py = px+du, py+dv
		}
	}
}

// source is the place in the mask of a place in the view, in cells.
func (v *view) source(x, y float64) (sx, sy float64) {
	dx, dy := x-half(v.w), y-half(v.h)
	return half(v.srcW) + float64(v.cos*dx) - float64(v.sin*dy),
		half(v.srcH) + float64(v.sin*dx) + float64(v.cos*dy)
}

// target is the inverse of source.
func (v *view) target(sx, sy float64) (x, y float64) {
	dx, dy := sx-half(v.srcW), sy-half(v.srcH)
	return half(v.w) + float64(v.cos*dx) + float64(v.sin*dy),
		half(v.h) - float64(v.sin*dx) + float64(v.cos*dy)
}

// half is half of n, rounded by itself before anything is added to it.
func half(n int) float64 { return float64(float64(n) / 2) }
