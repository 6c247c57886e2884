package minutiae

import (
	"math"

	"optag/capture/finger/internal/portable"
)

// An extent is where a print has skin, as far as its minutiae tell: a polygon
// of sixteen sides about them all, with a margin, kept as spans of rows.
type extent struct {
	top   int // of the first row
	shift uint
	inner [extentRows]span // with innerMargin about the minutiae
	outer [extentRows]span // with outerMargin
}

// A span is a part of a row, in pixels; low > high holds nothing.
type span struct{ low, high int32 }

const (
	extentRows  = 128
	extentSides = 16

	innerMargin = 12 // pixels
	outerMargin = 40
)

// cover computes the extent of some minutiae.
func (e *extent) cover(points []Minutia) {
	var support [extentSides]int
	for k := range support {
		sin, cos := sine(sideAngle(k)), cosine(sideAngle(k))
		support[k] = math.MinInt32
		for _, p := range points {
			support[k] = max(support[k], (int(p.X)*cos+int(p.Y)*sin)>>unitBits)
		}
	}
	e.shift, e.top = 3, -support[extentSides*3/4]-outerMargin
	for (support[extentSides/4]+outerMargin-e.top)>>e.shift >= extentRows {
		e.shift++
	}
	for r := range e.inner {
		y := e.top + r<<e.shift + 1<<e.shift>>1
		e.inner[r], e.outer[r] = cut(&support, y, innerMargin), cut(&support, y, outerMargin)
	}
}

// sideAngle is the direction in which side k of the polygon faces, here
// clockwise from the right as y is downwards.
func sideAngle(k int) uint8 { return uint8(k * 256 / extentSides) }

// cut returns the part of a row that lies within all sides.
func cut(support *[extentSides]int, y, margin int) span {
	low, high := math.MinInt16*2, math.MaxInt16*2
	for k, s := range support {
		sin, cos := sine(sideAngle(k)), cosine(sideAngle(k))
		left := (s+margin)<<unitBits - y*sin
		switch {
		case cos > 0:
			high = min(high, left/cos)
		case cos < 0:
			low = max(low, left/cos)
		case left < 0:
			return span{0, -1}
		}
	}
	return span{int32(low), int32(high)}
}

// holds reports whether a place lies on the print, near whether it lies on it
// or close to it.
func (e *extent) holds(x, y int) bool { return in(&e.inner, x, (y-e.top)>>e.shift) }
func (e *extent) near(x, y int) bool  { return in(&e.outer, x, (y-e.top)>>e.shift) }

func in(rows *[extentRows]span, x, row int) bool {
	return uint(row) < extentRows && x >= int(rows[row].low) && x <= int(rows[row].high)
}

// unitBits is the number of fraction bits of sine and cosine.
const unitBits = 14

var sines = func() (t [256]int16) {
	for i := range t {
		t[i] = int16(math.Round(portable.Sin(float64(i)*math.Pi/128) * (1 << unitBits)))
	}
	return t
}()

func sine(angle uint8) int   { return int(sines[angle]) }
func cosine(angle uint8) int { return int(sines[angle+64]) }

// arcs holds the angles whose tangents are multiples of 1/64, in 256ths of a turn.
var arcs = func() (t [65]uint8) {
	for i, k := 0, 0; i < len(t); i++ {
		for k < 32 && portable.Sin((float64(k)+0.5)*math.Pi/128)*64 < float64(i)*portable.Cos((float64(k)+0.5)*math.Pi/128) {
			k++
		}
		t[i] = uint8(k)
	}
	return t
}()

// direction is the angle of a vector with y downwards, in 256ths of a turn
// anticlockwise from the right.
func direction(dx, dy int) uint8 {
	x, y := max(dx, -dx), max(dy, -dy)
	if x == 0 && y == 0 {
		return 0
	}
	var a uint8
	if y <= x {
		a = arcs[64*y/x]
	} else {
		a = 64 - arcs[64*x/y]
	}
	if dx < 0 {
		a = 128 - a
	}
	if dy > 0 {
		a = -a
	}
	return a
}
