package slap

import (
	"image"
	"math"
	"slices"
)

// A Segmenter finds fingers. Its zero value is ready; it keeps its buffers from
// image to image and may be used by one goroutine at a time.
type Segmenter struct {
	relief relief
	mask   mask
	view   view
	finger finger

	found    []found
	seen     []seen
	segments []Segment
	faults   []Fault
}

// A found finger is a segment with what is known of it beside.
type found struct {
	Segment
	tipX, tipY float64 // in the upright view, pixels
}

// Segment finds the fingertips in an image, given the fingers that should be in
// it. It does not keep img.
func (s *Segmenter) Segment(img *image.Gray, expected Set) Result {
	s.segments, s.faults, s.found = s.segments[:0], s.faults[:0], s.found[:0]
	expected &= everyFinger
	if img.Rect.Dx() < cell*thinnest || img.Rect.Dy() < cell*thinnest {
		return s.none(NoFinger)
	}
	s.relief.measure(img)
	if !s.relief.found {
		return s.none(NoFinger)
	}
	s.mask.draw(&s.relief)
	s.view.thickest, s.view.limit = thickestThumb, thickestThumb
	if expected.Len() > 2 {
		s.view.thickest = thickestOfFour
	}
	if s.mask.share() > crowded && expected.Len() > 1 {
		return s.none(NotASlap)
	}
	s.direction(expected.Len())
	s.cutOut()
	if len(s.found) == 0 {
		return s.none(NoFinger)
	}
	r := Result{Angle: s.angle()}
	s.name(&r, expected)
	s.report(&r, expected)
	r.Segments, r.Faults = s.segments, s.faults
	return r
}

// crowded is the share of the glass that several fingers side by side do not
// cover, on the smallest glass that takes them.
const crowded = 0.75

// none is the result where there are no fingers.
func (s *Segmenter) none(c Cause) Result {
	s.faults = append(s.faults, Fault{Cause: c})
	return Result{Segments: s.segments, Faults: s.faults}
}

// Wipe overwrites what is kept of the last image.
func (s *Segmenter) Wipe() {
	for _, b := range [][]uint8{s.relief.low, s.relief.high, s.relief.ink, s.relief.strength,
		s.mask.in, s.mask.tmp, s.view.label, s.finger.on, s.finger.ink} {
		clear(b[:cap(b)])
	}
	clear(s.relief.rough[:cap(s.relief.rough)])
	clear(s.finger.sums[:cap(s.finger.sums)])
	clear(s.segments[:cap(s.segments)])
}

// cutOut measures the box of every fingertip, from left to right.
func (s *Segmenter) cutOut() {
	v := &s.view
	usual := v.usualWidth()
	v.touch()
	for i := range v.parts {
		p := &v.parts[i]
		if !p.tip || len(s.found) == maxFingers || !v.rippled(p) {
			continue
		}
		s.finger.cutOut(&s.relief, v, i, usual)
		var f found
		var ok bool
		if f.Box, f.TouchesBorder, ok = s.finger.box(); !ok {
			continue
		}
		f.Joined = p.joined
		_, w := f.Box.axes()
		x, y := f.Box.X-float64(w[0]*f.Box.Height/2), f.Box.Y-float64(w[1]*f.Box.Height/2)
		f.tipX, f.tipY = v.target(float64(x/cell), float64(y/cell))
		s.found = append(s.found, f)
	}
	for i := range s.found { // by the middle, few enough to insert
		for k := i; k > 0 && s.found[k].tipX < s.found[k-1].tipX; k-- {
			s.found[k], s.found[k-1] = s.found[k-1], s.found[k]
		}
	}
}

// angle is the median angle of the fingers, in degrees.
func (s *Segmenter) angle() float64 {
	var all [maxFingers]float64
	n := len(s.found)
	for i := range s.found {
		all[i] = s.found[i].Box.Angle
	}
	slices.Sort(all[:n])
	return (all[(n-1)/2] + all[n/2]) / 2
}

// perMM is the number of pixels in a millimetre.
const perMM = 500 / 25.4

// name gives the fingers their names.
func (s *Segmenter) name(r *Result, expected Set) {
	h := expected.hand()
	if h == Unknown || expected.Len() == 1 {
		s.nameInOrder(expected)
		return
	}
	s.seen = s.seen[:0]
	for i := range s.found {
		f := &s.found[i]
		s.seen = append(s.seen, seen{x: f.tipX * cell / perMM, y: f.tipY * cell / perMM,
			width: f.Box.Width / perMM, lean: f.Box.Angle - degrees(s.view.turn), cut: f.TouchesBorder})
	}
	n, confidence := judgeHand(s.seen, expected)
	if len(s.found) >= 3 && expected.Len() >= 3 {
		r.Hand, r.Confidence = n.hand, confidence
	}
	if r.Confidence < sure && n.hand != h {
		n = bestNaming(s.seen, h, expected.digits())
	}
	k := 0
	for i := range s.found {
		if n.chosen>>i&1 != 0 {
			if p := position(n.hand, digit(n.hand, n.digits, k)); (expected | expected.Mirrored()).Has(p) {
				s.found[i].Position = p
			}
			k++
		}
	}
}

// sure is the confidence from which a wrong hand is reported.
const sure = 0.5

// nameInOrder names fingers as they lie from left to right. Of a pair of which
// one is missing, the side of the glass decides.
func (s *Segmenter) nameInOrder(expected Set) {
	var order [10]Position
	n := 0
	for rank := range 10 {
		for p := RightThumb; p <= LeftLittle; p++ {
			if expected.Has(p) && p.rank() == rank {
				order[n] = p
				n++
			}
		}
	}
	if len(s.found) == 1 && n == 2 {
		i := 0
		if s.found[0].tipX > float64(s.view.w)/2 {
			i = 1
		}
		s.found[0].Position = order[i]
		return
	}
	for i := range min(n, len(s.found)) {
		s.found[i].Position = order[i]
	}
}

// tooFar is the angle beyond which fingers are turned too far, in degrees; a
// little more than 45, which is to be accepted however it is measured.
const tooFar = 46.5

// report lists the faults, the graver first.
func (s *Segmenter) report(r *Result, expected Set) {
	var have Set
	extra := 0
	for i := range s.found {
		s.segments = append(s.segments, s.found[i].Segment)
		have |= Of(s.found[i].Position)
		if s.found[i].Position == 0 {
			extra++
		}
	}
	if r.Hand != Unknown && r.Hand != expected.hand() && r.Confidence >= sure {
		s.fault(WrongHand, 0)
		expected = expected.Mirrored()
	}
	for range extra {
		s.fault(ExtraFinger, 0)
	}
	for p := RightThumb; p <= LeftLittle; p++ {
		if expected.Has(p) && !have.Has(p) {
			s.fault(MissingFinger, p)
		}
	}
	if math.Abs(r.Angle) > tooFar {
		s.fault(TurnedTooFar, 0)
	}
	for _, g := range s.segments {
		if g.TouchesBorder {
			s.fault(CutOff, g.Position)
		}
	}
	for _, g := range s.segments {
		if g.Joined {
			s.fault(JoinedFingers, g.Position)
		}
	}
}

func (s *Segmenter) fault(c Cause, p Position) {
	s.faults = append(s.faults, Fault{Cause: c, Position: p})
}
