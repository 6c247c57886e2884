package gen

import (
	"math"
	"math/rand/v2"
)

// Ridges grow as in SFinGe: a few random specks are filtered again and again
// with an oriented band-pass until they have become lines everywhere. Where the
// flow does not allow parallel lines, minutiae appear by themselves.
//
// The band-pass is taken as two passes over lines, one along the ridge and one
// across it, instead of one over an area; and the growth happens at half the
// resolution, full resolution only polishing it.

const (
	turns    = 64 // steps of orientation in half a turn
	paces    = 12 // steps of the period
	paceLow  = 7.0
	paceStep = 0.42
	border   = 12 // pixels of nothing around the plane
	gain     = 6
)

// A plane is an image with a border around it, and the quantised flow.
type plane struct {
	w, h, stride int
	value, line  []float32
	turn, pace   []uint8
	spans        [][2]int // per row the part that belongs to the finger
	along        [turns][]tap
	across       [turns][paces][]tap
}

// A tap is a neighbour, as a distance in the plane's slice, with its weight.
type tap struct {
	off    int
	weight float32
}

// growRidges returns the ridges of a finger: 127 on a crest, -127 in a valley.
func growRidges(r *rand.Rand, f *flow) []int8 {
	p := newPlane(f, 2)
	for i := range p.value {
		if r.Float64() < 0.02 {
			p.value[i] = float32(r.IntN(2))*2 - 1
		}
	}
	for range 16 {
		p.round(gain)
	}
	q := newPlane(f, 1)
	q.enlarge(p)
	q.round(gain)
	q.round(gain)
	q.round(1.3)
	out := make([]int8, Width*Height)
	for y := range Height {
		for x := range Width {
			v := float64(q.value[q.at(x, y)])
			out[y*Width+x] = int8(math.Round(127 * clamp(v, -1, 1)))
		}
	}
	return out
}

// newPlane makes an empty plane of the canvas, smaller by the factor scale.
func newPlane(f *flow, scale int) *plane {
	w, h := Width/scale, Height/scale
	p := &plane{w: w, h: h, stride: w + 2*border}
	n := p.stride * (h + 2*border)
	p.value, p.line = make([]float32, n), make([]float32, n)
	p.turn, p.pace = make([]uint8, n), make([]uint8, n)
	p.spans = make([][2]int, h)
	const cell = 2 // the flow is smooth enough for one value in four pixels
	for y := 0; y < h; y++ {
		p.spans[y] = span(y, w, h)
		for x := 0; x < w; x++ {
			i := p.at(x, y)
			if x%cell != 0 || y%cell != 0 {
				j := p.at(x-x%cell, y-y%cell)
				p.turn[i], p.pace[i] = p.turn[j], p.pace[j]
				continue
			}
			fx, fy := (float64(x)+0.5)*float64(scale), (float64(y)+0.5)*float64(scale)
			p.turn[i] = uint8(int(math.Floor(float64(f.angle(fx, fy)*(turns/math.Pi))+0.5)) % turns)
			p.pace[i] = uint8(clamp(math.Round((f.period(fx, fy)-paceLow)/paceStep), 0, paces-1))
		}
	}
	p.prepare(float64(scale))
	return p
}

// span is the part of a row inside the growing area, a superellipse that nearly
// fills the canvas.
func span(y, w, h int) [2]int {
	v := math.Abs(float64(2*y+1-h)/2) / (0.495 * float64(h))
	v *= v
	half := float64(0.495 * float64(w) * math.Sqrt(math.Sqrt(max(0, 1-float64(v*v)))))
	return [2]int{int(float64(w/2) - half), int(float64(w/2) + half)}
}

func (p *plane) at(x, y int) int { return (y+border)*p.stride + x + border }

// prepare works out the taps of every orientation and period.
func (p *plane) prepare(scale float64) {
	sigma := 4.3 / scale
	for t := range turns {
		sin, cos := sinCos(math.Pi * float64(t) / turns)
		p.along[t] = p.taps(cos, -sin, 2*sigma, func(d float64) float64 {
			return exp(-d * d / (2 * sigma * sigma))
		})
		normalise(p.along[t])
		for j := range paces {
			period := (paceLow + float64(paceStep*float64(j))) / scale
			s := 0.42 * period
			p.across[t][j] = p.taps(sin, cos, 2.1*s, func(d float64) float64 {
				_, wave := sinCos(2 * math.Pi * d / period)
				return exp(-d*d/(2*s*s)) * wave
			})
			balance(p.across[t][j])
			normalise(p.across[t][j])
		}
	}
}

// taps samples a line through the origin in direction (ux, uy) up to the given
// distance, with linear interpolation between the two nearest pixels.
func (p *plane) taps(ux, uy, reach float64, weight func(d float64) float64) []tap {
	var out []tap
	major, minor, majorStride, minorStride := ux, uy, 1, p.stride
	if math.Abs(uy) > math.Abs(ux)+1e-9 {
		major, minor, majorStride, minorStride = uy, ux, p.stride, 1
	}
	steps := min(int(reach*math.Abs(major)), border-2)
	for i := -steps; i <= steps; i++ {
		m := float64(i) * minor / major
		low := math.Floor(m)
		w := weight(float64(i) / major)
		off := i*majorStride + int(low)*minorStride
		if share := m - low; share < 1e-9 {
			out = append(out, tap{off, float32(w)})
		} else {
			out = append(out, tap{off, float32(w * (1 - share))}, tap{off + minorStride, float32(w * share)})
		}
	}
	return out
}

// normalise makes the absolute weights sum to one.
func normalise(taps []tap) {
	var sum float32
	for _, t := range taps {
		sum += max(t.weight, -t.weight)
	}
	for i := range taps {
		taps[i].weight /= sum
	}
}

// balance makes the weights sum to zero, so that an even area gives nothing.
func balance(taps []tap) {
	var sum, size float32
	for _, t := range taps {
		sum += t.weight
		size += max(t.weight, -t.weight)
	}
	for i, t := range taps {
		taps[i].weight -= sum * max(t.weight, -t.weight) / size
	}
}

// round filters the plane once, strengthens it and cuts it off at ±1.
func (p *plane) round(gain float32) {
	for y, s := range p.spans {
		for i, end := p.at(s[0], y), p.at(s[1], y); i < end; i++ {
			p.line[i] = dot(p.value, i, p.along[p.turn[i]])
		}
	}
	for y, s := range p.spans {
		for i, end := p.at(s[0], y), p.at(s[1], y); i < end; i++ {
			v := gain * dot(p.line, i, p.across[p.turn[i]][p.pace[i]])
			p.value[i] = max(-1, min(1, v))
		}
	}
}

// dot rounds every product by itself, so that no processor fuses it with the
// addition and gets another last bit. A plane belongs to one goroutine; the race
// detector, which would make growing a finger take seconds, has nothing to find.
//
//go:norace
func dot(v []float32, at int, taps []tap) float32 {
	var sum float32
	for i := range taps {
		sum += float32(v[at+taps[i].off] * taps[i].weight)
	}
	return sum
}

// enlarge fills the plane from one of half its size. The weights are quarters.
func (p *plane) enlarge(half *plane) {
	mix := func(a, b float32, near bool) float32 {
		if near {
			a, b = b, a
		}
		return float32(0.75*a) + float32(0.25*b)
	}
	for y := range p.h {
		for x := range p.w {
			i := half.at((x+1)/2-1, (y+1)/2-1)
			top := mix(half.value[i], half.value[i+1], x&1 == 0)
			bottom := mix(half.value[i+half.stride], half.value[i+half.stride+1], x&1 == 0)
			p.value[p.at(x, y)] = mix(top, bottom, y&1 == 0)
		}
	}
}
