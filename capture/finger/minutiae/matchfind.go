package minutiae

import (
	"math"
	"slices"
)

// A couple is a minutia of the first print and one of the second that may be
// the same.
type couple struct {
	i, j    uint8
	like    uint8 // of their surroundings
	support int   // by the other couples
}

// A motion carries places of the first print to the second: x, y become
// cos·x + sin·y + dx, cos·y - sin·x + dy.
type motion struct {
	cos, sin, dx, dy float64
}

// hypotheses are the motions that the most couples agree on.
type hypotheses struct {
	couples []couple
	agree   []uint8 // couples × couples, 0 to 255
	best    [mostHypotheses]motion
	found   int
	work    []int
}

const (
	mostCouples    = 100
	mostHypotheses = 3
	leastLike      = 40 // what a couple counts for of which too little is known
)

func (h *hypotheses) find(a, b *side, l *likeness) {
	h.found = 0
	h.choose(a, b, l)
	h.consult(a, b)
	for h.found < mostHypotheses && h.next(a, b) {
	}
}

func (h *hypotheses) wipe() {
	clear(h.couples[:cap(h.couples)])
	clear(h.agree[:cap(h.agree)])
	clear(h.work[:cap(h.work)])
	h.best, h.found = [mostHypotheses]motion{}, 0
}

// choose takes the couples whose surroundings are most alike. Of those that are
// alike just as much as the last, it takes every so-manieth from all over the
// print.
func (h *hypotheses) choose(a, b *side, l *likeness) {
	var count [256]int
	for _, v := range l.values {
		count[v]++
	}
	least, n := 256, 0
	for least > 0 && n+count[least-1] <= mostCouples {
		least--
		n += count[least]
	}
	stride, seen := 0, 0
	if least > 0 && n < mostCouples {
		stride = (count[least-1] + mostCouples - n - 1) / (mostCouples - n)
	}
	h.couples = slices.Grow(h.couples[:0], mostCouples)
	for i := range a.points {
		for j := range b.points {
			v := l.of(i, j)
			if stride > 0 && v == least-1 {
				seen++
			}
			if v >= least || stride > 0 && v == least-1 && seen%stride == 0 {
				h.couples = append(h.couples, couple{i: uint8(i), j: uint8(j), like: uint8(max(leastLike, v))})
			}
		}
	}
}

// consult works out how well each two couples agree, and from it the support
// of each: twice, so that the word of a well supported couple counts more
// (a spectral method, Leordeanu and Hebert, 2005).
func (h *hypotheses) consult(a, b *side) {
	n := len(h.couples)
	h.agree = slices.Grow(h.agree[:0], mostCouples*mostCouples)[:n*n]
	h.work = slices.Grow(h.work[:0], mostCouples)[:n]
	for p := range n {
		h.agree[p*n+p] = 0
		for q := range p {
			v := agreement(a, b, &h.couples[p], &h.couples[q])
			h.agree[p*n+q], h.agree[q*n+p] = v, v
		}
		h.couples[p].support = int(h.couples[p].like)
	}
	for range 2 {
		for p := range n {
			sum := 0
			for q, v := range h.agree[p*n : p*n+n] {
				sum += int(v) * h.couples[q].support
			}
			h.work[p] = sum >> 8
		}
		for p, sum := range h.work {
			h.couples[p].support = sum * int(h.couples[p].like) >> 8
		}
	}
}

// agreement is 0 to 255: how well the second minutia lies to the first in the
// one print as in the other.
func agreement(a, b *side, p, q *couple) uint8 {
	if p.i == q.i || p.j == q.j {
		return 0
	}
	pa, qa, pb, qb := a.points[p.i], a.points[q.i], b.points[p.j], b.points[q.j]
	ax, ay := int(qa.X)-int(pa.X), int(qa.Y)-int(pa.Y)
	bx, by := int(qb.X)-int(pb.X), int(qb.Y)-int(pb.Y)
	da, db := length(ax, ay), length(bx, by)
	off, slack := max(da-db, db-da), 6+min(da, db)/10
	if off >= slack {
		return 0
	}
	turn := direction(bx, by) - direction(ax, ay)
	worst := max(turned(turn, pb.Angle-pa.Angle), turned(turn, qb.Angle-qa.Angle))
	if worst >= agreeAngle {
		return 0
	}
	return uint8(255 * (slack - off) * (agreeAngle - worst) / (slack * agreeAngle))
}

// agreeAngle is how far directions may differ, in 256ths of a turn.
const agreeAngle = 28

func length(x, y int) int { return int(math.Sqrt(float64(x*x + y*y))) }

// next takes the best supported couple and those that agree with it as one
// motion, and sets them aside. It reports whether there was one.
func (h *hypotheses) next(a, b *side) bool {
	n, top := len(h.couples), -1
	for p := range h.couples {
		if h.couples[p].support > 0 && (top < 0 || h.couples[p].support > h.couples[top].support) {
			top = p
		}
	}
	if top < 0 {
		return false
	}
	var f alignment
	for q := range h.couples {
		w := int(h.agree[top*n+q])
		if q == top {
			w = 255
		}
		if w == 0 {
			continue
		}
		c := &h.couples[q]
		f.add(&a.points[c.i], &b.points[c.j], float64(w*int(c.like)))
	}
	h.best[h.found] = f.motion(b.points[h.couples[top].j].Angle - a.points[h.couples[top].i].Angle)
	h.found++
	for q := range h.couples {
		if q == top || h.agree[top*n+q] > 0 {
			h.couples[q].support = 0
		}
	}
	return true
}

// An alignment finds the motion that carries some minutiae onto others with the
// least squared error.
type alignment struct {
	n                 int
	w, ax, ay, bx, by float64
	dot, cross        float64 // of weighted places, before their means are taken off
}

func (f *alignment) add(p, q *Minutia, w float64) {
	ax, ay, bx, by := float64(p.X), float64(p.Y), float64(q.X), float64(q.Y)
	f.n++
	f.w += w
	f.ax += float64(w * ax)
	f.ay += float64(w * ay)
	f.bx += float64(w * bx)
	f.by += float64(w * by)
	f.dot += float64(w * (float64(ax*bx) + float64(ay*by)))
	f.cross += float64(w * (float64(ay*bx) - float64(ax*by)))
}

// motion returns the best motion, turning by the given angle where the places
// do not tell.
func (f *alignment) motion(turn uint8) motion {
	dot := f.dot - float64((float64(f.ax*f.bx)+float64(f.ay*f.by))/f.w)
	cross := f.cross - float64((float64(f.ay*f.bx)-float64(f.ax*f.by))/f.w)
	r := math.Sqrt(float64(dot*dot) + float64(cross*cross))
	m := motion{cos: float64(cosine(turn)) / (1 << unitBits), sin: float64(sine(turn)) / (1 << unitBits)}
	if f.n > 1 && r > 0 {
		m.cos, m.sin = dot/r, cross/r
	}
	ax, ay := f.ax/f.w, f.ay/f.w
	m.dx = f.bx/f.w - float64(m.cos*ax) - float64(m.sin*ay)
	m.dy = f.by/f.w - float64(m.cos*ay) + float64(m.sin*ax)
	return m
}

// carry returns where a place comes to lie.
func (m *motion) carry(x, y float64) (float64, float64) {
	return float64(m.cos*x) + float64(m.sin*y) + m.dx, float64(m.cos*y) - float64(m.sin*x) + m.dy
}

// inverse is the motion from the second print to the first.
func (m *motion) inverse() motion {
	return motion{
		cos: m.cos, sin: -m.sin,
		dx: float64(m.sin*m.dy) - float64(m.cos*m.dx),
		dy: -float64(m.cos*m.dy) - float64(m.sin*m.dx),
	}
}

// turn is the angle of the motion in 256ths.
func (m *motion) turn() uint8 {
	return direction(int(math.Round(m.cos*1024)), -int(math.Round(m.sin*1024)))
}
