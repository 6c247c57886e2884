package gen

import (
	"math"
	"math/rand/v2"
)

// A flow says at every place of the canvas which way the ridges run and how far
// apart they are. Ridges follow the zero-pole model of Sherlock and Monro: half
// the angles to the cores less half the angles to the deltas. Arches have
// neither and follow a bump.
type flow struct {
	cores, deltas []Point

	arch    float64 // height of the bump, radians; 0 for loops and whorls
	middle  Point   // of the pattern
	stretch float64 // vertical stretch of the pattern, about 1
	tilt    float64 // turn of the whole pattern, radians

	waver  smooth // radians
	ridges float64
	spread smooth // relative change of the period
}

func newFlow(r *rand.Rand, pos Position, class Class) flow {
	f := flow{
		middle:  Point{Width/2 + 14*r.NormFloat64(), 0.42*Height + 16*r.NormFloat64()},
		stretch: clamp(1+0.12*r.NormFloat64(), 0.75, 1.3),
		tilt:    0.05 * r.NormFloat64(),
		waver:   newSmooth(r, 0.09, 5),
		ridges:  clamp([5]float64{9.6, 9.1, 9.1, 9.0, 8.5}[pos.digit()]+0.35*r.NormFloat64(), 7.8, 10.4),
		spread:  newSmooth(r, 0.05, 5),
	}
	switch class {
	case Arch:
		f.arch = clamp(0.85+0.15*r.NormFloat64(), 0.5, 1.2)
		f.middle.Y += 60
	case TentedArch:
		f.tented(r)
	case LeftLoop:
		f.loop(r, 1)
	case RightLoop:
		f.loop(r, -1)
	case Whorl:
		f.whorl(r)
	}
	return f
}

// tented stands a core on a delta right below it.
func (f *flow) tented(r *rand.Rand) {
	f.arch = 0.25
	side := 6 * r.NormFloat64()
	f.cores = []Point{{f.middle.X, f.middle.Y + 30}}
	f.deltas = []Point{{f.middle.X + side, f.middle.Y + 120 + 18*r.NormFloat64()}}
}

// loop puts the delta on the side away from which the loop opens: to the right
// (side 1) of a left loop, to the left (side -1) of a right loop.
func (f *flow) loop(r *rand.Rand, side float64) {
	f.cores = []Point{f.middle}
	across := clamp(100+22*r.NormFloat64(), 55, 150)
	down := clamp(165+28*r.NormFloat64(), 100, 230)
	f.deltas = []Point{{f.middle.X + side*across, f.middle.Y + down}}
}

// whorl has two cores, close together in a plain whorl, far apart in a double
// loop, and a delta on either side.
func (f *flow) whorl(r *rand.Rand) {
	apart := 12 + 55*r.Float64()*r.Float64()
	lean := 0.5 * r.NormFloat64()
	dx, dy := apart*math.Sin(lean), apart*math.Cos(lean)
	f.cores = []Point{{f.middle.X - dx, f.middle.Y - dy}, {f.middle.X + dx, f.middle.Y + dy}}
	for _, side := range []float64{-1, 1} {
		across := clamp(128+18*r.NormFloat64(), 85, 165)
		down := clamp(135+32*r.NormFloat64(), 60, 210)
		f.deltas = append(f.deltas, Point{f.middle.X + side*across, f.middle.Y + down})
	}
}

// angle is the ridge direction at (x, y): 0 to π, anticlockwise as seen.
func (f *flow) angle(x, y float64) float64 {
	var a float64
	for _, c := range f.cores {
		a += math.Atan2(-(y-c.Y)/f.stretch, x-c.X) / 2
	}
	for _, d := range f.deltas {
		a -= math.Atan2(-(y-d.Y)/f.stretch, x-d.X) / 2
	}
	if f.arch != 0 {
		u := (x - f.middle.X) / (0.42 * Width)
		v := (y - f.middle.Y) / (0.36 * Height)
		a -= f.arch * math.Sin(math.Pi*clamp(u, -1, 1)) * math.Exp(-v*v/2)
	}
	a = math.Mod(a+f.tilt+f.waver.at(x, y), math.Pi)
	if a < 0 {
		a += math.Pi
	}
	return a
}

// period is the distance from ridge to ridge, in pixels.
func (f *flow) period(x, y float64) float64 {
	return clamp(f.ridges*(1+f.spread.at(x, y)), 7, 12)
}

// A smooth is a random surface without detail: some waves longer than half the
// canvas.
type smooth struct {
	size  float64
	waves [][4]float64 // wave vector, phase, share
}

// newSmooth draws a surface whose values seldom exceed size.
func newSmooth(r *rand.Rand, size float64, waves int) smooth {
	s := smooth{size: size}
	for range waves {
		turn := 2 * math.Pi * r.Float64()
		k := 2 * math.Pi / (Height * (0.45 + 0.8*r.Float64()))
		s.waves = append(s.waves, [4]float64{k * math.Cos(turn), k * math.Sin(turn),
			2 * math.Pi * r.Float64(), 1 / math.Sqrt(float64(waves))})
	}
	return s
}

func (s smooth) at(x, y float64) float64 {
	var v float64
	for _, w := range s.waves {
		v += w[3] * math.Sin(w[0]*x+w[1]*y+w[2])
	}
	return s.size * v
}
