package gen

import (
	"fmt"
	"math/rand/v2"
)

// Master fingers are drawn on a canvas of Width by Height pixels at 500 ppi:
// 21 by 28 mm of an adult's skin.
const (
	Width  = 416
	Height = 560
	PPI    = 500
)

// A Class is the pattern of a finger after Henry. Loops are named for the side
// of the image to which they open.
type Class uint8

// The five classes, and the sixth that is usually counted as a whorl.
const (
	Arch Class = iota
	TentedArch
	LeftLoop
	RightLoop
	Whorl
	DoubleLoop
)

// String returns the class's name in words.
func (c Class) String() string {
	names := [...]string{"arch", "tented arch", "left loop", "right loop", "whorl", "double loop"}
	if int(c) >= len(names) {
		return fmt.Sprintf("class %d", int(c))
	}
	return names[c]
}

// A Finger is the skin of one fingertip as it would print if it were flat:
// ridges, and how soon each place touches the glass. It does not change, and
// may be used by several goroutines.
type Finger struct {
	Position Position
	Class    Class
	Cores    []Point // on the canvas; none for a plain arch
	Deltas   []Point // on the canvas

	flow flow
	skin *skin
	size float64 // times that of the same finger when grown up
	worn float64 // 0 to 1
	dry  float64 // added to the moisture of every touch
}

// Master grows the finger pos of the person with the given seed, an adult.
func Master(seed uint64, pos Position) *Finger {
	r := stream(seed, 1, uint64(pos))
	return grow(r, pos, drawClass(r, pos), newStature(seed))
}

// MasterOf grows a finger of a class that the caller chooses.
func MasterOf(seed uint64, pos Position, class Class) *Finger {
	return grow(stream(seed, 2, uint64(pos), uint64(class)), pos, class, newStature(seed))
}

func grow(r *rand.Rand, pos Position, class Class, b stature) *Finger {
	f := &Finger{Position: pos, Class: class, size: 1}
	f.flow = newFlow(r, pos, class, b)
	f.Cores, f.Deltas = points(f.flow.cores), points(f.flow.deltas)
	f.skin = newSkin(r, &f.flow, pos, b)
	return f
}

// Orientation returns the direction of the ridges at a place on the canvas, in
// radians from 0 to π, counted anticlockwise from the x axis as seen.
func (f *Finger) Orientation(p Point) float64 { return f.flow.angle(p.X, p.Y) }

// Period returns the distance from ridge to ridge at a place on the canvas, in
// pixels at 500 ppi of an adult's finger. In an image it is [Finger.Size] times
// as large.
func (f *Finger) Period(p Point) float64 { return f.flow.period(p.X, p.Y) }

// Size returns how large the finger is, as a share of its size when grown up.
func (f *Finger) Size() float64 { return f.size }

// A stature is what the fingers of one person have in common.
type stature struct {
	ridges float64 // mean distance from ridge to ridge, canvas pixels
	size   float64 // of the pad, 1 for the mean of men
}

// newStature draws the stature of an adult: men have ridges about 0.46 mm apart,
// women 0.42 mm, and pads as much smaller.
func newStature(seed uint64) stature {
	r := stream(seed, 9)
	b := stature{ridges: 9.1, size: 1}
	if r.IntN(2) == 0 {
		b = stature{ridges: 8.3, size: 0.92}
	}
	b.ridges *= about(r, 1, 0.035)
	b.size *= about(r, 1, 0.04)
	return b
}

// Shares of the patterns by digit and hand, after the tables of Cummins and
// Midlo: six loops in ten, nearly all of them opening towards the little finger,
// three whorls, of which the right hand has more, and few arches.
var (
	whorls  = [2][5]float64{{0.36, 0.29, 0.18, 0.38, 0.12}, {0.42, 0.32, 0.20, 0.45, 0.16}} // left, right
	doubles = [5]float64{0.30, 0.14, 0.14, 0.08, 0.08}                                      // of the whorls
	arches  = [5]float64{0.025, 0.06, 0.055, 0.012, 0.006}
	tents   = [5]float64{0.005, 0.06, 0.025, 0.008, 0.004}
	radials = [5]float64{0.01, 0.30, 0.04, 0.01, 0.01} // of the loops
)

func drawClass(r *rand.Rand, pos Position) Class {
	d, ulnar, radial, right := pos.digit(), LeftLoop, RightLoop, 0
	if pos.Right() {
		ulnar, radial, right = radial, ulnar, 1
	}
	u, v := r.Float64(), r.Float64()
	whorl := whorls[right][d]
	switch {
	case u < whorl*doubles[d]:
		return DoubleLoop
	case u < whorl:
		return Whorl
	case u < whorl+arches[d]:
		return Arch
	case u < whorl+arches[d]+tents[d]:
		return TentedArch
	case v < radials[d]:
		return radial
	}
	return ulnar
}

// sizes of a hand as a share of its size when grown up, every second year from
// birth to the age of eighteen.
var sizes = [...]float64{0.38, 0.51, 0.61, 0.70, 0.765, 0.83, 0.895, 0.95, 0.985, 1}

// Aged returns the same finger at another age in years. A child's finger is
// smaller and its ridges lie closer, pattern and minutiae being the same from
// birth; from fifty on ridges wear down, and skin dries and creases.
func (f *Finger) Aged(years float64) *Finger {
	g := *f
	g.size, g.worn, g.dry = 1, 0, 0
	if at := float64(max(0, years) / 2); at < float64(len(sizes)-1) {
		i := int(at)
		g.size = sizes[i] + float64((sizes[i+1]-sizes[i])*(at-float64(i)))
	}
	if old := clamp((years-50)/40, 0, 1); old > 0 {
		g.worn, g.dry = 0.7*old, -0.3*old
		g.skin = f.skin.creased(int(14 * old))
	}
	return &g
}
