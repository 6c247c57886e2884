package gen

import (
	"math"
	"math/rand/v2"
)

// A flow says at every place of the canvas which way the ridges run and how far
// apart they are. Ridges follow the zero-pole model of Sherlock and Monro, half
// the angles to the cores less half the angles to the deltas, with the angles
// bent around each of these points as Vizcaya and Gerhardt proposed. Arches have
// neither and follow a bump.
type flow struct {
	cores, deltas []pole

	bow     float64 // height of the bump, radians: all of an arch, the vault over other patterns
	middle  Point   // of the pattern
	stretch float64 // vertical stretch of the pattern, about 1
	tilt    float64 // turn of the whole pattern, radians

	waver  smooth  // radians, over centimetres
	ripple smooth  // radians, over millimetres
	ridges float64 // mean distance from ridge to ridge, canvas pixels
	spread smooth  // relative change of the distance
	slope  float64 // its growth from the tip to the joint
}

// A pole is a core or a delta. The angle to it is bent by a·sin + b·cos of
// itself and c·sin of its double, which leaves one turn a turn.
type pole struct {
	Point
	a, b, c float64
}

func newFlow(r *rand.Rand, pos Position, class Class, b stature) flow {
	thickness := [5]float64{1.06, 1.01, 1, 0.99, 0.94}[pos.digit()]
	f := flow{
		middle:  Point{about(r, Width/2, 12), about(r, 0.44*Height, 15)},
		stretch: clamp(about(r, 1.05, 0.13), 0.75, 1.4),
		tilt:    about(r, 0, 0.06),
		bow:     clamp(about(r, 0.22, 0.1), 0, 0.5),
		waver:   newSmooth(r, 0.1, 5),
		ripple:  newWaves(r, 0.08, 6, 0.16),
		ridges:  clamp(b.ridges*about(r, 1, 0.025)*thickness, paceLow+0.4, 11),
		spread:  newSmooth(r, 0.05, 5),
		slope:   about(r, 0.1, 0.05),
	}
	switch class {
	case Arch:
		f.bow = clamp(about(r, 0.85, 0.15), 0.5, 1.2)
		f.middle.Y += 50
	case TentedArch:
		f.tented(r)
	case LeftLoop:
		f.loop(r, 1)
	case RightLoop:
		f.loop(r, -1)
	case Whorl:
		f.whorl(r, 8+between(r, 0, 30), about(r, 0, 0.35))
	case DoubleLoop:
		f.whorl(r, between(r, 42, 66), between(r, 0.5, 1.1)*float64(1-2*r.IntN(2)))
	}
	return f
}

func (f *flow) core(r *rand.Rand, at Point) {
	f.cores = append(f.cores, pole{at, about(r, 0, 0.12), about(r, 0, 0.12), about(r, 0, 0.10)})
}

func (f *flow) delta(r *rand.Rand, at Point) {
	f.deltas = append(f.deltas, pole{at, about(r, 0, 0.10), about(r, 0, 0.10), about(r, 0, 0.08)})
}

// tented stands a core on a delta nearly below it.
func (f *flow) tented(r *rand.Rand) {
	f.core(r, Point{f.middle.X, f.middle.Y + 25})
	f.delta(r, Point{about(r, f.middle.X, 6), f.middle.Y + clamp(about(r, 105, 18), 65, 150)})
}

// loop puts the delta on the side away from which the loop opens: to the right
// (side 1) of a left loop, to the left (side -1) of a right loop. The mean
// distance is that of a dozen ridges.
func (f *flow) loop(r *rand.Rand, side float64) {
	f.core(r, f.middle)
	across := clamp(about(r, 92, 24), 40, 150)
	down := clamp(about(r, 118, 30), 50, 200)
	f.delta(r, Point{f.middle.X + float64(side*across), f.middle.Y + down})
}

// whorl has two cores, close together in a plain whorl, far apart and across
// in a double loop, and a delta on either side.
func (f *flow) whorl(r *rand.Rand, apart, lean float64) {
	sin, cos := sinCos(lean)
	dx, dy := float64(apart*sin), float64(apart*cos)
	f.core(r, Point{f.middle.X - dx, f.middle.Y - dy})
	f.core(r, Point{f.middle.X + dx, f.middle.Y + dy})
	for _, side := range []float64{-1, 1} {
		across := clamp(about(r, 115, 18), 75, 160)
		down := clamp(about(r, 118, 32), 45, 200)
		f.delta(r, Point{f.middle.X + float64(side*across), f.middle.Y + down})
	}
}

// points returns where the poles lie.
func points(poles []pole) []Point {
	var out []Point
	for _, p := range poles {
		out = append(out, p.Point)
	}
	return out
}

// angle returns the direction from the pole to (x, y), bent.
func (p *pole) angle(x, y, stretch float64) float64 {
	dx, dy := x-p.X, (p.Y-y)/stretch
	d := max(1e-6, math.Sqrt(float64(dx*dx)+float64(dy*dy)))
	sin, cos := dy/d, dx/d
	return atan2(dy, dx) + float64(p.a*sin) + float64(p.b*cos) + float64(p.c*2*sin*cos)
}

// angle is the ridge direction at (x, y): 0 to π, anticlockwise as seen.
func (f *flow) angle(x, y float64) float64 {
	var a float64 // twice
	for i := range f.cores {
		a += f.cores[i].angle(x, y, f.stretch)
	}
	for i := range f.deltas {
		a -= f.deltas[i].angle(x, y, f.stretch)
	}
	a = float64(a*0.5) - float64(f.bump(x, y))
	a += f.tilt + f.waver.at(x, y) + f.ripple.at(x, y)
	a -= float64(math.Pi * math.Floor(a/math.Pi))
	return clamp(a, 0, math.Pi)
}

// bump is how far the ridges fall away to either side of the middle.
func (f *flow) bump(x, y float64) float64 {
	u := (x - f.middle.X) / (0.42 * Width)
	v := (y - f.middle.Y) / (0.36 * Height)
	if len(f.cores) > 0 {
		v += 0.35 // the vault stands over the core
	}
	sin, _ := sinCos(math.Pi * clamp(u, -1, 1))
	return f.bow * sin * exp(-v*v/2)
}

// period is the distance from ridge to ridge, in pixels.
func (f *flow) period(x, y float64) float64 {
	down := f.slope * (y - Height/2) / (Height / 2)
	return clamp(f.ridges*(1+down+f.spread.at(x, y)), paceLow, 12)
}

// A smooth is a random surface without detail: some long waves.
type smooth struct {
	size  float64
	waves [][4]float64 // wave vector, phase, share
}

// newSmooth draws a surface of waves longer than half the canvas, whose values
// seldom exceed size.
func newSmooth(r *rand.Rand, size float64, waves int) smooth {
	return newWaves(r, size, waves, 0.45)
}

// newWaves draws a surface of waves from short to nearly three times as long, in
// heights of the canvas.
func newWaves(r *rand.Rand, size float64, waves int, short float64) smooth {
	s := smooth{size: size}
	for range waves {
		sin, cos := sinCos(2 * math.Pi * r.Float64())
		k := 2 * math.Pi / (Height * between(r, short, 2.8*short))
		s.waves = append(s.waves, [4]float64{k * cos, k * sin, 2 * math.Pi * r.Float64(), 1 / math.Sqrt(float64(waves))})
	}
	return s
}

func (s smooth) at(x, y float64) float64 {
	var v float64
	for _, w := range s.waves {
		sin, _ := sinCos(float64(w[0]*x) + float64(w[1]*y) + w[2])
		v += float64(w[3] * sin)
	}
	return s.size * v
}
