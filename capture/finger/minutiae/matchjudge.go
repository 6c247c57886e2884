package minutiae

import (
	"math"

	"optag/capture/finger/internal/portable"
)

// A verdict is how much a pairing speaks for one finger.
type verdict struct {
	evidence float64
	pairs    int // that lie close
	motion   motion
}

// judge weighs a pairing: how many more pairs lie close than chance would lay
// so, how alike their surroundings are, and how much skin it took.
func (p *pairing) judge(a, b *side, l *likeness) verdict {
	if len(p.pulls) < fewestPairs {
		return verdict{}
	}
	var sum float64
	close := 0
	for k := range p.pulls {
		lie, surroundings := p.weigh(&p.pulls[k], a, b, l)
		if lie > 0 {
			close++
		}
		sum += max(0, lie+surroundings)
	}
	na, nb := p.shared(a, b)
	area := float64(max(leastArea, p.common(a, b)))
	expected := float64(na*nb) * closeArea / area
	shared := math.Sqrt(float64(na * nb))
	evidence := float64(surprise(float64(close), expected)/3) + float64(2*math.Sqrt(sum)) + float64(5*portable.Log(area/(usualArea*shared)))
	evidence -= float64(max(0, manyPairs-close))
	v := verdict{evidence: evidence, pairs: close, motion: p.motion}
	return v
}

const (
	fewestPairs = 3
	manyPairs   = 6      // fewer can be found somewhere in most prints
	leastArea   = 5000   // pixels; less tells nothing
	usualArea   = 2000.0 // pixels to a minutia

	// A close pair lies within six pixels and twelve 256ths of a turn.
	closeArea = math.Pi * 6 * 6 * 2 * 12 / 256
)

// weigh gives the natural logarithm of how much more often a pair of one finger
// lies as this one does than one of two fingers, and, damped because
// neighbours share their surroundings, the same of what is about it. The lines
// were fitted to generated prints, three pixels of deviation being usual.
func (p *pairing) weigh(q *pull, a, b *side, l *likeness) (lie, surroundings float64) {
	j := int(p.mates[q.i])
	dx, dy := p.bend(q.x, q.y, q.i)
	dx, dy = q.dx-dx, q.dy-dy
	far := math.Sqrt(float64(dx*dx) + float64(dy*dy))
	off := float64(turned(a.points[q.i].Angle+p.motion.turn(), b.points[j].Angle))
	lie = max(-1.7, 2.8-float64(0.75*far)) + max(-2.3, min(0.6, 1.35-float64(0.15*off)))
	like := float64(l.of(q.i, j)) / 255
	return lie, max(-0.6, min(2.4, float64(10*(like-0.41))))
}

// surprise is minus the natural logarithm of about how likely it is to meet
// more events than expected (Chernoff's bound for Poisson's distribution).
func surprise(events, expected float64) float64 {
	if events <= expected {
		return 0
	}
	return float64(events*portable.Log(events/expected)) - events + expected
}

// shared counts the minutiae of each print that lie on the other.
func (p *pairing) shared(a, b *side) (na, nb int) {
	for i, at := range p.places {
		if p.mates[i] >= 0 || b.extent.holds(int(at.x), int(at.y)) {
			na++
		}
	}
	back := p.motion.inverse()
	for j, q := range b.points {
		x, y := back.carry(float64(q.X), float64(q.Y))
		if p.taken[j] || a.extent.holds(int(x), int(y)) {
			nb++
		}
	}
	return na, nb
}

// common is the area that the two prints share, in pixels.
func (p *pairing) common(a, b *side) int {
	e, n := &a.extent, 0
	step := 2 << e.shift
	for r := 0; r < extentRows; r += 2 {
		for x := int(e.inner[r].low); x <= int(e.inner[r].high); x += step {
			bx, by := p.motion.carry(float64(x), float64(e.top+r<<e.shift))
			if b.extent.holds(int(bx), int(by)) {
				n++
			}
		}
	}
	return n * step * step
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
	x, y := m.carry(float64(a.Width)*0.5, float64(a.Height)*0.5)
	return Result{
		Score: int(max(0, min(1000, 100*(v.evidence-scoreOffset)/scoreDecade))), Pairs: v.pairs, Turn: m.turn(),
		ShiftX: int(math.Round(x - float64(float64(b.Width)*0.5))), ShiftY: int(math.Round(y - float64(float64(b.Height)*0.5))),
	}
}

// Scores are evidence on a scale on which a hundred points are a factor of ten
// in the share of different fingers that reach it.
const (
	scoreOffset = 2.4
	scoreDecade = 2.3
)
