package slap

import (
	"math"

	"optag/capture/finger/internal/portable"
)

// Directions are tried every few degrees up to far beyond those that are
// accepted, so that a hand turned too far is told so.
const (
	tryStep = 8.0
	tries   = 19 // from -72° to 72°
)

// A heading is a direction in which the fingers may point, and how well the
// mask falls apart into fingers under it.
type heading struct {
	turn float64 // radians clockwise
	fits float64
}

// direction finds the direction in which the fingers point and leaves the view
// turned to it. n is the number of fingers expected.
func (s *Segmenter) direction(n int) {
	s.view.look(&s.mask, &s.relief, 0, usualNotch)
	var long [tries]float64
	for i := range long {
		long[i] = s.view.lengthwise(radians(tryStep * float64(i-tries/2)))
	}
	var best heading
	for range 2 {
		at := 0
		for i := range long {
			if long[i] > long[at] {
				at = i
			}
		}
		if long[at] == 0 {
			break
		}
		h := s.settle(radians(tryStep*float64(at-tries/2)), n)
		if h.fits > best.fits {
			best = h
		}
		for i := max(0, at-2); i <= min(tries-1, at+2); i++ {
			long[i] = 0
		}
	}
	s.view.look(&s.mask, &s.relief, best.turn, usualNotch)
	switch {
	case s.view.tips() > n:
		s.view.look(&s.mask, &s.relief, best.turn, deepNotch)
		if s.view.tips() != n || s.view.wide() {
			s.view.look(&s.mask, &s.relief, best.turn, usualNotch)
		}
	case s.view.tips() < n && s.view.wide():
		s.view.look(&s.mask, &s.relief, best.turn, shallowNotch)
	}
}

// The depths, in cells, from which a notch in the outline parts two fingers: a
// deeper one is asked for where there are too many fingers, since the print of a
// thumb may be hollow at the top; a shallow one serves where there are too few.
const (
	shallowNotch = 3
	usualNotch   = 5
	deepNotch    = 14
)

// tips counts the fingertips.
func (v *view) tips() (n int) {
	for i := range v.parts {
		if v.parts[i].tip {
			n++
		}
	}
	return n
}

// settle turns the view until the fingers' middle lines stand upright on
// average.
func (s *Segmenter) settle(turn float64, n int) heading {
	for range 6 {
		s.view.look(&s.mask, &s.relief, turn, usualNotch)
		off := s.view.lean()
		turn = max(-1.4, min(1.4, turn+off))
		if math.Abs(off) < radians(0.4) {
			break
		}
	}
	return heading{turn, s.view.likeness(n)}
}

func radians(degrees float64) float64 { return float64(degrees * (math.Pi / 180)) }
func degrees(radians float64) float64 { return float64(radians * (180 / math.Pi)) }

// lengthwise says how long the parts are along a direction, on average over
// their cells. The view must be upright.
func (v *view) lengthwise(turn float64) float64 {
	const one = 1 << 12
	sin, cos := int(math.Round(float64(one*portable.Sin(turn)))), int(math.Round(float64(one*portable.Cos(turn))))
	width := 2 * (v.w + v.h)
	v.across = resize(v.across, width)
	var sum float64
	for i := range v.parts {
		p := &v.parts[i]
		clear(v.across)
		area := 0
		for y := p.y0; y <= p.y1; y++ {
			at := p.x0*cos + y*sin + (v.w+v.h)*one
			for _, l := range v.label[y*v.w+p.x0 : y*v.w+p.x1+1] {
				if l == p.label {
					v.across[at>>12]++
					area++
				}
				at += cos
			}
		}
		var squares float64
		for _, c := range v.across {
			squares += float64(c * c)
		}
		if area > 0 {
			sum += squares / float64(area)
		}
	}
	return sum
}

// lean is the angle in radians by which the fingers lean to the right, long ones
// counting more. The middle line of a short piece follows its turn by half only.
func (v *view) lean() float64 {
	var sum, weight float64
	limit := v.twice()
	for i := range v.parts {
		p := &v.parts[i]
		if !p.tip || p.rows < 4 || p.width > limit {
			continue
		}
		long := float64(p.rows) / p.width
		gain := max(1, min(1.7, 2.1-float64(0.4*long)))
		w := float64(p.rows)
		sum -= float64(w * float64(gain*portable.Atan2(p.lean, 1)))
		weight += w
	}
	if weight == 0 {
		return 0
	}
	return max(-0.5, min(0.5, sum/weight))
}

// usualWidth is the mean width of the fingers in cells.
func (v *view) usualWidth() float64 {
	var sum, n float64
	for i := range v.parts {
		if p := &v.parts[i]; p.tip && !v.atRim(p) {
			sum, n = sum+p.width, n+1
		}
	}
	return sum / max(1, n)
}

// twice is a width in cells that only two fingers have together.
func (v *view) twice() float64 {
	narrow := math.Inf(1)
	for i := range v.parts {
		if p := &v.parts[i]; p.tip && !v.atRim(p) {
			narrow = min(narrow, p.width)
		}
	}
	return 1.75 * narrow
}

// wide reports whether a part is as wide as two fingers.
func (v *view) wide() bool {
	limit := v.twice()
	for i := range v.parts {
		if p := &v.parts[i]; p.tip && p.width > limit {
			return true
		}
	}
	return false
}

// likeness says how much the parts are like n fingers, from 0 on.
func (v *view) likeness(n int) float64 {
	var sum float64
	count := 0
	for i := range v.parts {
		p := &v.parts[i]
		if !p.tip {
			continue
		}
		count++
		tall := min(2.5, float64(p.y1-p.y0+1)/p.width)
		lean := math.Abs(p.lean)
		sum += tall / (1 + float64(4*lean))
	}
	if count == 0 {
		return 0
	}
	return sum / (float64(count) * (1 + math.Abs(float64(count-n))))
}
