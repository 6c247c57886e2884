package minutiae

import (
	"cmp"
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

// pairAngle is how far directions of a pair may differ, in 256ths of a turn.
const pairAngle = 26

// follow pairs minutiae in rounds, each with less tolerance, in pixels.
func (p *pairing) follow(a, b *side, l *likeness, m *motion) {
	p.motion = *m
	p.pulls = slices.Grow(p.pulls[:0], most)
	for _, tolerance := range [...]float64{20, 16, 13, 12} {
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
		w := 1 / (bendReach*bendReach + d2)
		w = float64(w * w)
		sum += w
		dx += float64(w * q.dx)
		dy += float64(w * q.dy)
	}
	return dx / sum, dy / sum
}

const (
	bendReach = 40.0                      // pixels over which skin bends alike
	bendCalm  = 1 / (60.0 * 60 * 60 * 60) // weight of a pair that is not off, at a distance of 60 pixels
)

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
	for i, at := range p.places {
		angle := a.points[i].Angle + turn
		for j := b.below(at.y - tolerance); j < len(b.points) && float64(b.points[j].Y) <= at.y+tolerance; j++ {
			dx, dy := float64(b.points[j].X)-at.x, float64(b.points[j].Y)-at.y
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
	if f.n < fewestPairs {
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

func (p *pairing) wipe() {
	p.motion = motion{}
	clear(p.places[:cap(p.places)])
	clear(p.mates[:cap(p.mates)])
	clear(p.taken[:cap(p.taken)])
	clear(p.offers[:cap(p.offers)])
	clear(p.pulls[:cap(p.pulls)])
}
