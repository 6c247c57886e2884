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
	turn  float64 // radians clockwise
	limit float64 // of a finger's width, cells
	fits  float64
	tips  int // fingers
}

// direction finds the direction in which the fingers point and leaves the view
// turned to it. n is the number of fingers expected.
func (s *Segmenter) direction(n int) {
	large, all := s.longest()
	best := s.settle(large, n)
	if best.tips != n || best.fits < goodFit || math.Abs(best.turn) > radians(45) {
		for _, start := range [...]float64{all, 0, radians(-35), radians(35)} {
			best = best.or(s.settle(start, n))
		}
	}
	s.view.limit = best.limit
	s.view.look(&s.mask, &s.relief, best.turn, usualNotch)
	if s.view.tips() > n {
		s.view.look(&s.mask, &s.relief, best.turn, deepNotch)
		if s.view.tips() != n || s.view.wide() {
			s.view.look(&s.mask, &s.relief, best.turn, usualNotch)
		}
	}
}

// goodFit is what fingers as they should be exceed in [view.likeness]: longer
// than wide, and parallel.
const goodFit = 0.95

// or is the better of two headings.
func (h heading) or(other heading) heading {
	if other.fits > h.fits {
		return other
	}
	return h
}

// longest returns the directions along which the parts of the mask are longest:
// large parts counting more, and all counting alike.
func (s *Segmenter) longest() (large, all float64) {
	s.view.look(&s.mask, &s.relief, 0, usualNotch)
	var best, bestAll float64
	for i := range tries {
		turn := radians(tryStep * float64(i-tries/2))
		l, a := s.view.lengthwise(turn)
		if l > best {
			best, large = l, turn
		}
		if a > bestAll {
			bestAll, all = a, turn
		}
	}
	return large, all
}

// The depths, in cells, from which a notch in the outline parts two fingers: a
// deeper one is asked for where there are too many fingers, since the print of a
// thumb may be hollow at the top; a shallow one serves where there are too few.
const (
	shallowNotch = 3
	usualNotch   = 4
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
// average, and parts what is as wide as two fingers.
func (s *Segmenter) settle(turn float64, n int) heading {
	v := &s.view
	v.limit = thickestThumb
	turn = s.straighten(turn)
	if before := v.tips(); v.wide() {
		v.limit = v.twice()
		if v.look(&s.mask, &s.relief, turn, usualNotch); v.tips() > before {
			turn = s.straighten(turn)
		} else {
			v.limit = thickestThumb
			v.look(&s.mask, &s.relief, turn, usualNotch)
		}
	}
	return heading{turn, v.limit, v.likeness(n), v.tips()}
}

// straighten turns the view as the fingers lean, until they do not.
func (s *Segmenter) straighten(turn float64) float64 {
	for range 6 {
		s.view.look(&s.mask, &s.relief, turn, usualNotch)
		off := s.view.lean()
		turn = max(-1.4, min(1.4, turn+off))
		if math.Abs(off) < radians(0.4) {
			break
		}
	}
	return turn
}

func radians(degrees float64) float64 { return float64(degrees * (math.Pi / 180)) }
func degrees(radians float64) float64 { return float64(radians * (180 / math.Pi)) }

// lengthwise says how long the parts are along a direction, on average over
// their cells, and on average over the parts. The view must be upright.
func (v *view) lengthwise(turn float64) (large, all float64) {
	const one = 1 << 12
	sin, cos := int(math.Round(float64(one*portable.Sin(turn)))), int(math.Round(float64(one*portable.Cos(turn))))
	width := 2 * (v.w + v.h)
	v.across = resize(v.across, width)
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
			large += squares
			all += squares / float64(area)
		}
	}
	return large, all
}

// lean is the angle in radians by which the fingers lean to the right, long ones
// counting more. The middle line of a short piece follows its turn by half only.
func (v *view) lean() float64 {
	var sum, weight float64
	limit := v.twice()
	for i := range v.parts {
		p := &v.parts[i]
		if !p.tip || p.rows < 4 || float64(v.breadth(p)) > limit {
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
			narrow = min(narrow, float64(v.breadth(p)))
		}
	}
	return 1.5 * narrow
}

// wide reports whether a part is as wide as two fingers, or reaches as far
// across below one.
func (v *view) wide() bool {
	limit := v.twice()
	for i := range v.parts {
		p := &v.parts[i]
		if p.tip && float64(v.breadth(p)) > limit || !p.tip && p.finger >= 0 && float64(p.x1-p.x0) > limit {
			return true
		}
	}
	return false
}

// likeness says how much the parts are like n fingers, from 0 on: long, as wide
// as one another, parallel, and that many.
func (v *view) likeness(n int) float64 {
	var sum, widest float64
	count := 0
	for i := range v.parts {
		if p := &v.parts[i]; p.tip {
			widest = max(widest, p.width)
		}
	}
	for i := range v.parts {
		p := &v.parts[i]
		if !p.tip {
			continue
		}
		count++
		tall := min(2, float64(p.y1-p.y0+1)/p.width) * p.width / widest
		if p.rows == 0 { // aligned with the others, whatever it is
			tall /= 2
		}
		sum += tall / (1 + float64(4*math.Abs(p.lean)))
	}
	if count == 0 {
		return 0
	}
	upright := 1 - float64(0.4*squared(v.turn/radians(75))) // as most hands are laid
	return upright * sum / (float64(count) * (1 + float64(0.35*math.Abs(float64(count-n)))))
}
