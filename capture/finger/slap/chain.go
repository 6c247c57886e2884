package slap

import (
	"math"
	"slices"
)

// chain joins parts that lie below one another to fingers.
func (v *view) chain() {
	for i := range v.parts {
		p := &v.parts[i]
		if over := v.above(i); over >= 0 {
			p.finger = v.parts[over].finger
			continue
		}
		height := float64(p.y1 - p.y0 + 1)
		whole := p.width >= thinnest && height >= 0.7*p.width
		if p.width <= v.thickest && (whole || height >= thinnest && p.width >= thinnest/2 && v.atRim(p)) {
			p.finger, p.tip = i, true
		}
	}
	for i := range v.parts {
		if !v.parts[i].tip {
			continue
		}
		var line fit
		for k := range v.parts {
			if v.parts[k].finger == i {
				v.gather(&v.parts[k], &line)
			}
		}
		p := &v.parts[i]
		p.mid, p.lean = line.solve()
		p.rows = int(line.n)
	}
	v.align()
}

// align turns fingers that the rim of the image cuts along their length as the
// others are turned: what is left of them hardly shows it.
func (v *view) align() {
	var leans [maxParts]float64
	n := 0
	for i := range v.parts {
		if p := &v.parts[i]; p.tip && !v.atRim(p) {
			leans[n] = p.lean
			n++
		}
	}
	slices.Sort(leans[:n])
	for i := range v.parts {
		p := &v.parts[i]
		if !p.tip || !v.atRim(p) {
			continue
		}
		own := float64(p.rows) / (float64(p.rows) + p.width)
		if p.rows < 6 {
			own = 0
		}
		p.lean = float64(own*p.lean) + float64((1-own)*(leans[n/2]+v.spread(p, n)))
		p.rows = 0
		p.mid = v.middle(p) - float64(p.lean*half(p.y0+p.y1))
	}
}

// spread is by how much more than the others a finger leans that lies outside of
// n others: about four degrees, to its side.
func (v *view) spread(p *part, n int) float64 {
	left, right := 0, 0
	for i := range v.parts {
		if q := &v.parts[i]; q.tip && q != p {
			if q.tipX < p.tipX {
				left++
			} else {
				right++
			}
		}
	}
	const outwards = 0.07
	switch {
	case n < 2 || left > 0 && right > 0:
		return 0
	case left > 0:
		return -outwards
	}
	return outwards
}

// above returns the part of a finger of which part i is the continuation, -1
// where there is none. Lower phalanges of neighbours may hang together.
func (v *view) above(i int) int {
	p := &v.parts[i]
	for k := i - 1; k >= 0; k-- {
		q := &v.parts[k]
		if q.finger < 0 {
			continue
		}
		gap := float64(p.y0 - q.y1)
		if gap < -0.5*q.width || gap > 1.1*q.width {
			continue
		}
		y := float64(p.y0) + min(float64(0.3*p.width), half(p.y1-p.y0))
		r := v.rows(p)[int(y)]
		left, right := float64(r[0]), float64(r[1]+1)
		// The middle line of a short piece is not quite to be trusted.
		mean := half(q.y0 + q.y1)
		at := q.at(mean) + float64(0.6*float64(q.lean*(y-mean)))
		if math.Abs(float64((left+right)/2)-at) < 0.45*q.width && right-left < 1.25*q.width {
			return k
		}
		if right-left >= 1.25*q.width && left < at-float64(0.2*q.width) && right > at+float64(0.2*q.width) {
			return k
		}
	}
	return -1
}
