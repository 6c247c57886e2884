package sim

import (
	"image"
	"time"

	"optag/testdata/gen"
)

// A slap is several fingers on the glass at once. It is drawn when it lies: a
// hand that lies still shows the same image again.
type slap struct {
	fingers []gen.Position
	how     gen.Laid
	hands   *gen.Hands
	seed    uint64
	lying   *image.Gray // drawn; nil before. Only the one who draws frames touches it
}

// PlaceSlap puts fingers on the glass together, in place of any other. The first
// time a finger is placed it is grown, which takes some tenths of a second.
func (s *Scanner) PlaceSlap(fingers []gen.Position, l gen.Laid) {
	if len(fingers) == 0 {
		return
	}
	s.glass.Lock()
	hand := s.hand
	s.glass.Unlock()
	for _, p := range fingers {
		hand.finger(p)
	}

	s.glass.Lock()
	defer s.glass.Unlock()
	s.exposed++
	s.finger, s.target, s.since = nil, nil, time.Now()
	s.slap = &slap{fingers: fingers, how: l, hands: gen.HandsOf(hand.grown(fingers)), seed: s.opt.Seed<<20 + s.exposed}
}

// draw draws the fingers, and an empty glass while they are being put down.
func (l *slap) draw(dst *image.Gray, age, settle time.Duration, seed uint64) {
	if age < settle {
		gen.DrawBlank(dst, l.how.Noise, seed)
		return
	}
	if l.lying == nil || l.lying.Rect != dst.Rect {
		l.lying = image.NewGray(dst.Rect)
		l.hands.Lay(l.lying, l.fingers, l.how, l.seed)
	}
	copy(dst.Pix, l.lying.Pix)
}

func (h *hand) grown(fingers []gen.Position) []*gen.Finger {
	all := make([]*gen.Finger, len(fingers))
	for i, p := range fingers {
		all[i] = h.finger(p)
	}
	return all
}
