package minutiae

import (
	"cmp"
	"math"
	"slices"
)

// A pairing follows a motion from one print to the other, and finds which
// minutiae fall on which. Skin is elastic: each pair tells how far it is off,
// and its neighbours are expected to be off likewise.
type pairing struct {
	motion motion
	places []place // of the minutiae of the first print, on the second
	mates  []int16 // by minutia of the first, -1 for none
	taken  []bool  // by minutia of the second
	offers []offer
	pulls  []pull
}

// A place is where a minutia is expected, in pixels.
type place struct{ x, y float64 }

// An offer is a couple that lies close enough, the closer the cheaper.
type offer struct {
	i, j uint8
	cost int32
}

// A pull is a pair's deviation from the motion, at its place on the second print.
type pull struct {
	i      int
	x, y   float64
	dx, dy float64
}

// The tolerances of each round, in pixels, and in 256ths of a turn.
var rounds = [...]float64{20, 16, 13, 12}

const pairAngle = 26

func (p *pairing) follow(a, b *side, l *likeness, m *motion) {
	p.motion = *m
	p.pulls = slices.Grow(p.pulls[:0], most)
	for _, tolerance := range rounds {
		p.expect(a)
		p.pair(a, b, l, tolerance)
		if !p.refit(a, b) {
			break
		}
	}
}

// expect works out where each minutia of the first print should lie.
func (p *pairing) expect(a *side) {
	p.places = slices.Grow(p.places[:0], most)[:len(a.points)]
	for i, q := range a.points {
		x, y := p.motion.carry(float64(q.X), float64(q.Y))
		dx, dy := p.bend(x, y, -1)
		p.places[i] = place{x + dx, y + dy}
	}
}

// bend is the mean deviation of the pairs about a place, the nearer the
// heavier, without that of minutia i.
func (p *pairing) bend(x, y float64, i int) (dx, dy float64) {
	sum := bendCalm
	for k := range p.pulls {
		q := &p.pulls[k]
		if q.i == i {
			continue
		}
		ex, ey := q.x-x, q.y-y
		d2 := float64(ex*ex) + float64(ey*ey)
		w := 1 / (bendReach2 + d2)
		w = float64(w * w)
		sum += w
		dx += float64(w * q.dx)
		dy += float64(w * q.dy)
	}
	return dx / sum, dy / sum
}

var bendReach2 = 40.0 * 40
var bendCalm = 1.0 / (60.0 * 60 * 60 * 60)

// pair mates minutiae that lie within the tolerance, the cheapest first.
func (p *pairing) pair(a, b *side, l *likeness, tolerance float64) {
	p.offer(a, b, l, tolerance)
	p.mates = slices.Grow(p.mates[:0], most)[:len(a.points)]
	p.taken = slices.Grow(p.taken[:0], most)[:len(b.points)]
	for i := range p.mates {
		p.mates[i] = -1
	}
	clear(p.taken)
	for _, o := range p.offers {
		if p.mates[o.i] < 0 && !p.taken[o.j] {
			p.mates[o.i], p.taken[o.j] = int16(o.j), true
		}
	}
}

func (p *pairing) offer(a, b *side, l *likeness, tolerance float64) {
	p.offers = slices.Grow(p.offers[:0], mostOffers)
	turn, limit := p.motion.turn(), float64(tolerance*tolerance)
	for i := range a.points {
		at, angle := p.places[i], a.points[i].Angle+turn
		for j := range b.points {
			dy := float64(b.points[j].Y) - at.y
			if dy > tolerance || dy < -tolerance {
				continue
			}
			dx := float64(b.points[j].X) - at.x
			d2, off := float64(dx*dx)+float64(dy*dy), turned(angle, b.points[j].Angle)
			if d2 > limit || off > pairAngle || len(p.offers) == mostOffers {
				continue
			}
			cost := int32(256*d2/limit) + int32(128*off*off/(pairAngle*pairAngle)) - int32(l.of(i, j))/2
			p.offers = append(p.offers, offer{uint8(i), uint8(j), cost})
		}
	}
	slices.SortFunc(p.offers, func(o, q offer) int {
		return cmp.Or(cmp.Compare(o.cost, q.cost), cmp.Compare(o.i, q.i), cmp.Compare(o.j, q.j))
	})
}

const mostOffers = 8 * most

// refit adjusts the motion to the pairs, and what is left over bends the
// print. It reports whether there are enough pairs for that.
func (p *pairing) refit(a, b *side) bool {
	var f alignment
	for i, j := range p.mates {
		if j >= 0 {
			f.add(&a.points[i], &b.points[j], 1)
		}
	}
	p.pulls = p.pulls[:0]
	if f.n < 3 {
		return false
	}
	p.motion = f.motion(p.motion.turn())
	for i, j := range p.mates {
		if j >= 0 {
			x, y := p.motion.carry(float64(a.points[i].X), float64(a.points[i].Y))
			p.pulls = append(p.pulls, pull{i, x, y, float64(b.points[j].X) - x, float64(b.points[j].Y) - y})
		}
	}
	return true
}

// A verdict is how much a pairing speaks for one finger.
type verdict struct {
	evidence float64
	pairs    int
	motion   motion
}

func (p *pairing) judge(a, b *side, l *likeness) verdict {
	v := verdict{motion: p.motion, pairs: len(p.pulls)}
	if v.pairs < 3 {
		return verdict{}
	}
	turn := p.motion.turn()
	var weight, good float64
	for k := range p.pulls {
		q := &p.pulls[k]
		j := int(p.mates[q.i])
		dx, dy := p.bend(q.x, q.y, q.i)
		dx, dy = q.dx-dx, q.dy-dy
		d2 := float64(dx*dx) + float64(dy*dy)
		off := turned(a.points[q.i].Angle+turn, b.points[j].Angle)
		like := float64(l.of(q.i, j)) / 255
		w := 1 / (1 + float64(d2/64)) / (1 + float64(off*off)/100)
		weight += w
		good += float64(w * like)
	}
	n := float64(v.pairs)
	na, nb := p.shared(a, b)
	m := math.Sqrt(na * nb)
	frac := weight / max(m, n)
	v.evidence = float64(good * (0.3 + frac))
	return v
}

// shared counts the minutiae of each print that lie on the other.
func (p *pairing) shared(a, b *side) (na, nb float64) {
	for i, at := range p.places {
		if p.mates[i] >= 0 || b.extent.holds(int(at.x), int(at.y)) {
			na++
		}
	}
	for j, q := range b.points {
		x, y := p.motion.back(float64(q.X), float64(q.Y))
		if p.taken[j] || a.extent.holds(int(x), int(y)) {
			nb++
		}
	}
	return na, nb
}

// common is the area that the two prints share, in pixels.
func (p *pairing) common(a, b *side) float64 {
	const step = 16
	n := 0
	for r := range a.extent.inner {
		y := a.extent.top + r<<a.extent.shift
		if a.extent.shift == 3 && r&1 != 0 {
			continue
		}
		row := a.extent.inner[r]
		for x := int(row.low); x <= int(row.high); x += step {
			bx, by := p.motion.carry(float64(x), float64(y))
			if b.extent.holds(int(bx), int(by)) {
				n++
			}
		}
	}
	return float64(n * step * step)
}

func (m *motion) back(x, y float64) (float64, float64) {
	x, y = x-m.dx, y-m.dy
	return float64(m.cos*x) - float64(m.sin*y), float64(m.cos*y) + float64(m.sin*x)
}

func (v *verdict) result(a, b *Template, swapped bool) Result {
	if v.pairs == 0 {
		return Result{}
	}
	m := v.motion
	if swapped {
		m = m.inverse()
		a, b = b, a
	}
	x, y := m.carry(float64(a.Width)/2, float64(a.Height)/2)
	return Result{
		Score: int(min(1000, 10*v.evidence)), Pairs: v.pairs, Turn: m.turn(),
		ShiftX: int(math.Round(x - float64(float64(b.Width)/2))), ShiftY: int(math.Round(y - float64(float64(b.Height)/2))),
	}
}

func (m *motion) inverse() motion {
	x, y := m.back(0, 0)
	return motion{m.cos, -m.sin, x, y}
}
