package gen

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Master fingers are drawn on a canvas of Width by Height pixels at 500 ppi:
// 21 by 28 mm of skin.
const (
	Width  = 416
	Height = 560
	PPI    = 500
)

// A Class is the pattern of a finger after Henry. Loops are named for the side
// of the image to which they open.
type Class uint8

// The five classes.
const (
	Arch Class = iota
	TentedArch
	LeftLoop
	RightLoop
	Whorl
)

// String returns the class's name in words.
func (c Class) String() string {
	names := [...]string{"arch", "tented arch", "left loop", "right loop", "whorl"}
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

	ridge []int8  // Width × Height; 127 the crest of a ridge, -127 the floor of a valley
	reach []uint8 // Width × Height; distance from the middle of the pad, 128 at the rim of a normal contact
	grain []int8  // grainSize × grainSize, tiles; fine unevenness of the skin

	blotch []int8 // Width × Height; coarse unevenness
}

const grainSize = 128

// Master grows the finger pos of the person with the given seed.
func Master(seed uint64, pos Position) *Finger {
	r := stream(seed, 1, uint64(pos))
	return grow(r, pos, drawClass(r, pos))
}

// MasterOf grows a finger of a class that the caller chooses.
func MasterOf(seed uint64, pos Position, class Class) *Finger {
	return grow(stream(seed, 2, uint64(pos), uint64(class)), pos, class)
}

func grow(r *rand.Rand, pos Position, class Class) *Finger {
	f := &Finger{Position: pos, Class: class}
	f.flow = newFlow(r, pos, class)
	f.Cores, f.Deltas = f.flow.cores, f.flow.deltas
	f.ridge = growRidges(r, &f.flow)
	f.pores(r)
	f.creases(r)
	f.reach = drawReach(r, pos)
	f.grain = drawGrain(r)
	f.blotch = enlargeGrain(f.grain)
	return f
}

// Orientation returns the direction of the ridges at a place on the canvas, in
// radians from 0 to π, counted anticlockwise from the x axis as seen.
func (f *Finger) Orientation(p Point) float64 { return f.flow.angle(p.X, p.Y) }

// Period returns the distance from ridge to ridge at a place on the canvas, in
// pixels at 500 ppi.
func (f *Finger) Period(p Point) float64 { return f.flow.period(p.X, p.Y) }

// drawClass draws a class with about the frequencies of real hands: six loops
// in ten, nearly all of them opening towards the little finger, three whorls,
// and few arches; thumbs and ring fingers have more whorls.
func drawClass(r *rand.Rand, pos Position) Class {
	whorl := [5]float64{0.42, 0.32, 0.20, 0.42, 0.15}[pos.digit()]
	arch := [5]float64{0.03, 0.10, 0.08, 0.02, 0.01}[pos.digit()]
	radial := [5]float64{0.01, 0.20, 0.03, 0.01, 0.01}[pos.digit()]
	ulnar, other := RightLoop, LeftLoop
	if !pos.Right() {
		ulnar, other = other, ulnar
	}
	switch u := r.Float64(); {
	case u < whorl:
		return Whorl
	case u < whorl+arch/2:
		return Arch
	case u < whorl+arch:
		return TentedArch
	case r.Float64() < radial:
		return other
	}
	return ulnar
}

// pores opens sweat pores on the crests, about one in a square of ten pixels.
func (f *Finger) pores(r *rand.Rand) {
	const cell = 10
	for y := cell; y < Height-2*cell; y += cell {
		for x := cell; x < Width-2*cell; x += cell {
			px, py, deep := x+r.IntN(cell), y+r.IntN(cell), 60+90*r.Float64()
			if f.ridge[py*Width+px] > 75 {
				f.carve(float64(px), float64(py), 1.1, deep)
			}
		}
	}
}

// creases draws up to three fine white lines across the ridges.
func (f *Finger) creases(r *rand.Rand) {
	for range r.IntN(4) {
		x, y := Width*(0.2+0.6*r.Float64()), Height*(0.2+0.6*r.Float64())
		turn, length := 0.5*r.NormFloat64(), 30+90*r.Float64()
		bow := 0.004 * r.NormFloat64()
		for d := 0.0; d < length; d++ {
			x, y = x+math.Cos(turn), y+math.Sin(turn)
			turn += bow
			f.carve(x, y, 1.2, 150*math.Sin(math.Pi*d/length))
		}
	}
}

// carve lowers the skin around a place of the canvas.
func (f *Finger) carve(x, y, radius, deep float64) {
	for j := int(y) - 3; j <= int(y)+3; j++ {
		for i := int(x) - 3; i <= int(x)+3; i++ {
			if uint(i) >= Width || uint(j) >= Height {
				continue
			}
			d2 := (float64(i)-x)*(float64(i)-x) + (float64(j)-y)*(float64(j)-y)
			h := &f.ridge[j*Width+i]
			*h = int8(max(-127, float64(*h)-deep*math.Exp(-d2/(radius*radius))))
		}
	}
}

// drawReach draws the shape of the pad: a superellipse of exponent 2.4 with a
// rim that is not quite even, smaller for the smaller fingers.
func drawReach(r *rand.Rand, pos Position) []uint8 {
	size := [5]float64{1.08, 1.0, 1.0, 0.96, 0.84}[pos.digit()] * (1 + 0.04*r.NormFloat64())
	halfW := min(0.41*size, 0.46) * Width
	halfH := min(0.43*size, 0.47) * Height
	rim := newSmooth(r, 0.035, 4)
	reach := make([]uint8, Width*Height)
	for y := 0; y < Height; y += 2 { // fine enough for a shape without detail
		v := math.Pow(math.Abs(float64(y)-Height/2)/halfH, 2.4)
		for x := 0; x < Width; x += 2 {
			u := math.Pow(math.Abs(float64(x)-Width/2)/halfW, 2.4)
			d := math.Pow(u+v, 1/2.4) + rim.at(float64(x), float64(y))
			r, i := uint8(clamp(128*d, 0, 255)), y*Width+x
			reach[i], reach[i+1], reach[i+Width], reach[i+Width+1] = r, r, r, r
		}
	}
	return reach
}

// drawGrain draws noise that is smooth over about three pixels and repeats
// without a seam.
func drawGrain(r *rand.Rand) []int8 {
	const n = grainSize
	raw := make([]float64, n*n)
	for i := range raw {
		raw[i] = r.NormFloat64()
	}
	grain := make([]int8, n*n)
	for y := range n {
		for x := range n {
			var s float64
			for dy := range 3 {
				for dx := range 3 {
					s += raw[(y+dy)%n*n+(x+dx)%n]
				}
			}
			grain[y*n+x] = int8(clamp(s/3*45, -127, 127))
		}
	}
	return grain
}

// enlargeGrain draws the grain eight times as large over the canvas.
func enlargeGrain(grain []int8) []int8 {
	out := make([]int8, Width*Height)
	for y := range Height {
		for x := range Width {
			g, tx, ty := grain[y>>3*grainSize+x>>3:], x&7, y&7
			top := int(g[0])*(8-tx) + int(g[1])*tx
			bottom := int(g[grainSize])*(8-tx) + int(g[grainSize+1])*tx
			out[y*Width+x] = int8((top*(8-ty) + bottom*ty) >> 6)
		}
	}
	return out
}
