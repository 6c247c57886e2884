package gen

import (
	"image"
	"math"
	"math/rand/v2"
	"slices"
)

// A placed finger lies somewhere; all in mm until it is centred on the glass,
// then in pixels.
type placed struct {
	pos        Position
	tip        Point
	angle      float64 // degrees clockwise
	bend       float64 // degrees by which the lower phalanges turn from it
	width, len float64 // of the print down to the crease
	lower      float64 // length of the next phalanx
	root       float64 // from the tip to the root of the finger
	gap        float64 // of the crease
	edge       []Point // of the print of the tip, once it is pressed
}

// touch reports whether the prints of two fingertips have no gap between them
// that is as wide as a ridge.
func touch(a, b *placed) bool {
	for _, p := range a.edge {
		for _, q := range b.edge {
			if math.Hypot(p.X-q.X, p.Y-q.Y) < 9 {
				return true
			}
		}
	}
	return false
}

// axis returns the place at a distance below the tip on the finger's middle.
func (p *placed) axis(below float64) Point {
	sin, cos := sincos(p.angle)
	return Point{p.tip.X - float64(sin*below), p.tip.Y + float64(cos*below)}
}

// The proportions of an adult hand in mm, thumb to little finger, right hand,
// fingers upwards: rounded means, from which every hand differs.
var (
	rootX    = [5]float64{-42, -17, 0, 16, 32}
	rootY    = [5]float64{22, 4, 0, 3, 11}
	reachLen = [5]float64{58, 73, 80, 75, 60}
	tipWidth = [5]float64{17.2, 14.2, 14.4, 13.7, 11.9}
	tipLen   = [5]float64{25, 21.5, 22.5, 22, 18.5}
	nextLen  = [5]float64{26, 20, 24, 22, 16}

	padWidth = [2]float64{18.6, 13.8} // the most that is printed of a thumb, of another finger
)

// build makes a finger in its own proportions, not yet laid anywhere.
func build(pos Position, l *Laid) placed {
	size := l.Size
	if size == 0 {
		size = clamp(1+0.055*stream(l.Build, 12).NormFloat64(), 0.84, 1.14)
	}
	r := stream(l.Build, 13, uint64(pos.digit())) // both hands of a person are alike
	vary := func(v, share float64) float64 {
		return v * size * (1 + share*clamp(r.NormFloat64(), -2.3, 2.3))
	}
	d := pos.digit()
	return placed{
		pos: pos, root: vary(reachLen[d], 0.03), width: min(vary(tipWidth[d], 0.05), padWidth[min(d, 1)]),
		len: vary(tipLen[d], 0.05), lower: vary(nextLen[d], 0.08),
		gap: 0.4 + 1.2*r.Float64(),
		tip: Point{rootX[d] * size, rootY[d] * size}, // its root, until it is laid
	}
}

// arrange lays fingers side by side, in mm, upright, tips upwards.
func arrange(fingers []Position, l *Laid, r *rand.Rand) []placed {
	var out []placed
	for _, pos := range fingers {
		p := build(pos, l)
		p.width *= 1 + 0.05*l.Pressure + 0.03*r.NormFloat64()*0.5
		p.bend = 2 * clamp(r.NormFloat64(), -2, 2)
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b placed) int { return order(a.pos) - order(b.pos) })
	if len(out) == 2 && out[0].pos.Right() != out[1].pos.Right() {
		pair(out, l, r)
	} else {
		fan(out, l, r)
	}
	return out
}

// order counts fingers from left to right as both hands lie side by side.
func order(p Position) int {
	if p.Right() {
		return 5 + p.digit()
	}
	return 4 - p.digit()
}

// fan lays the fingers of a hand.
func fan(out []placed, l *Laid, r *rand.Rand) {
	for i := range out {
		p, d := &out[i], out[i].pos.digit()
		side := 1.0
		if !p.pos.Right() {
			side = -1
		}
		turn := (l.Spread + 1) * (float64(d) - 2.2)
		if d == 4 {
			turn += 3 // little fingers stand off
		}
		if d == 0 {
			turn = -25 - 15*r.Float64()
		}
		p.angle = side*turn + 1.5*clamp(r.NormFloat64(), -2, 2)
		reach := p.root - 1.5*math.Abs(r.NormFloat64()) // a bent finger reaches less far
		sin, cos := sincos(p.angle)
		p.tip = Point{side*p.tip.X + float64(sin*reach), p.tip.Y - float64(cos*reach)}
	}
	part(out, l, r)
}

// pair lays one finger of either hand side by side.
func pair(out []placed, l *Laid, r *rand.Rand) {
	between := (out[0].width+out[1].width)/2 + 4 + 22*r.Float64()
	for i := range out {
		side := float64(2*i - 1)
		out[i].angle = side*l.Spread + 5*clamp(r.NormFloat64(), -2, 2)
		out[i].tip = Point{side * between / 2, 3.5 * r.NormFloat64()}
	}
	part(out, l, r)
}

// part moves neighbours aside until they lie apart, or touch where they should.
func part(out []placed, l *Laid, r *rand.Rand) {
	for i := 1; i < len(out); i++ {
		a, b := &out[i-1], &out[i]
		want := 0.9 + 1.6*r.Float64()
		joined := l.Joined && (len(out) == 2 || a.pos.digit()+b.pos.digit() == 5) // middle and ring
		if joined {
			want = -1.2
		}
		for range 12 {
			apart := distance(a, b, l.Lower)
			if apart >= want && !joined || math.Abs(apart-want) < 0.05 {
				break
			}
			for k := i; k < len(out); k++ {
				out[k].tip.X += want - apart
			}
		}
	}
}

// distance is how far apart the printed outlines of two neighbours lie where
// they are nearest, the one on the left first; negative where they overlap.
func distance(a, b *placed, lower float64) float64 {
	best := math.Inf(1)
	end := 1 + 1.2*min(lower, 1.4)
	for s := 0.05; s < end; s += 0.025 {
		p := a.axis(s * a.len)
		sin, cos := sincos(a.angle)
		h := half(a, s)
		p.X, p.Y = p.X+float64(cos*h), p.Y+float64(sin*h)
		// The same place as b sees it.
		sin, cos = sincos(b.angle)
		dx, dy := p.X-b.tip.X, p.Y-b.tip.Y
		u, v := float64(cos*dx)+float64(sin*dy), float64(cos*dy)-float64(sin*dx)
		if t := v / b.len; t > 0.02 && t < end {
			best = min(best, -half(b, t)-u)
		}
	}
	return best
}

// half is half the width of a finger's outline, s lengths of the tip below it.
func half(p *placed, s float64) float64 {
	if s > 1 {
		return 0.42 * p.width
	}
	return fingertip(s) * p.width
}

// centre turns all fingers together, and lays the middle of their tips on the
// middle of the glass, in pixels.
func centre(all []placed, size image.Point, l *Laid) {
	sin, cos := sincos(l.Rotation)
	low, high := Point{math.Inf(1), math.Inf(1)}, Point{math.Inf(-1), math.Inf(-1)}
	for i := range all {
		p := &all[i]
		p.tip = Point{float64(cos*p.tip.X) - float64(sin*p.tip.Y), float64(sin*p.tip.X) + float64(cos*p.tip.Y)}
		p.angle += l.Rotation
		m, reach := p.axis(p.len/2), 0.5*p.len
		low = Point{min(low.X, m.X-reach), min(low.Y, m.Y-reach)}
		high = Point{max(high.X, m.X+reach), max(high.Y, m.Y+reach)}
	}
	for i := range all {
		p := &all[i]
		p.tip.X = float64(size.X)/2 + mm*(p.tip.X-(low.X+high.X)/2+l.ShiftX)
		p.tip.Y = float64(size.Y)/2 + mm*(p.tip.Y-(low.Y+high.Y)/2+l.ShiftY)
		for _, v := range []*float64{&p.width, &p.len, &p.lower, &p.gap} {
			*v *= mm
		}
	}
}
