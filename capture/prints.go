package capture

import (
	"cmp"
	"fmt"
	"slices"

	"optag/capture/finger"
	"optag/capture/rule"
)

// tenOrder is the order in which ten prints are asked for one by one: that of
// the slaps, right hand, left hand, thumbs.
var tenOrder = [...]finger.Position{
	finger.RightIndex, finger.RightMiddle, finger.RightRing, finger.RightLittle,
	finger.LeftIndex, finger.LeftMiddle, finger.LeftRing, finger.LeftLittle,
	finger.RightThumb, finger.LeftThumb,
}

// NextPrint is the finger to ask for now; more is false when no more can or
// may be asked for.
func (s *Session) NextPrint() (p finger.Position, more bool) {
	_, ask := s.choose()
	return ask, ask != 0
}

// Kept lists the prints that go into the package, in the order in which they
// were asked for.
func (s *Session) Kept() []finger.Position {
	kept, _ := s.choose()
	return kept
}

// choose computes, from what is known of the fingers, which prints are kept
// and which finger is asked for now, 0 for none.
func (s *Session) choose() (kept []finger.Position, ask finger.Position) {
	if !s.WantsPrints() {
		return nil, 0
	}
	switch s.need.Prints.Required {
	case rule.TwoFlat:
		return s.chooseTwo()
	case rule.Ten:
		return s.chooseAll(tenOrder[:])
	case rule.TenOrIndex:
		return s.chooseAll(s.indexOrAll())
	}
	return nil, 0
}

// chooseTwo is one print of each hand, or two of one hand where the other can
// give none (R380 art. 4b; C(2009) 3770).
func (s *Session) chooseTwo() (kept []finger.Position, ask finger.Position) {
	first, second := s.profile.FirstHand, s.profile.FirstHand.Other()
	a, ask := s.chooseOf(first, 1)
	if ask != 0 {
		return a, ask
	}
	b, ask := s.chooseOf(second, 1)
	switch {
	case ask != 0:
	case len(a) == 0 && len(b) == 1:
		b, ask = s.chooseOf(second, 2)
	case len(b) == 0 && len(a) == 1:
		a, ask = s.chooseOf(first, 2)
	}
	return append(a, b...), ask
}

// chooseOf takes the first fingers of a hand, in the profile's order, that give
// a sufficient print. When every finger has been tried, the best of the
// insufficient ones fill up; among equals the earlier in the order.
func (s *Session) chooseOf(h finger.Hand, want int) (kept []finger.Position, ask finger.Position) {
	var low []finger.Position
	for _, d := range s.profile.Order {
		p := finger.Of(h, d)
		switch f := &s.fingers[p]; {
		case f.exception != nil:
		case s.suffices(p):
			kept = append(kept, p)
		case s.exhausted(p):
			if f.best != nil {
				low = append(low, p)
			}
		default:
			return kept, p
		}
		if len(kept) == want {
			return kept, 0
		}
	}
	slices.SortStableFunc(low, func(a, b finger.Position) int {
		return cmp.Compare(s.fingers[b].score, s.fingers[a].score)
	})
	return append(kept, low[:min(len(low), want-len(kept))]...), 0
}

// chooseAll takes every finger that can give anything.
func (s *Session) chooseAll(order []finger.Position) (kept []finger.Position, ask finger.Position) {
	for _, p := range order {
		switch f := &s.fingers[p]; {
		case f.exception != nil:
		case s.suffices(p), s.exhausted(p):
			if f.best != nil {
				kept = append(kept, p)
			}
		case ask == 0:
			ask = p
		}
	}
	return kept, ask
}

// indexOrAll is the set of Eurodac category 3: all ten, or where the site
// chooses so the index fingers, and where one of these is missing all the
// others too (ED art. 11).
func (s *Session) indexOrAll() []finger.Position {
	index := []finger.Position{finger.RightIndex, finger.LeftIndex}
	if !s.profile.IndexOnly || slices.ContainsFunc(index, func(p finger.Position) bool {
		return s.fingers[p].exception != nil
	}) {
		return tenOrder[:]
	}
	return index
}

// suffices reports whether a finger has a print that needs no further attempt.
func (s *Session) suffices(p finger.Position) bool {
	f := &s.fingers[p]
	return f.best != nil && (f.score >= s.Threshold(p) || f.accepted != "")
}

// exhausted reports whether a finger has used its attempts.
func (s *Session) exhausted(p finger.Position) bool { return s.AttemptsLeft(p) <= 0 }

// Threshold is the score from which a print of this finger suffices.
func (s *Session) Threshold(p finger.Position) int { return s.profile.Threshold[p.Digit()] }

// Attempts lists the presentations of a finger so far.
func (s *Session) Attempts(p finger.Position) []Attempt { return slices.Clone(s.fingers[p].attempts) }

// AttemptsLeft is how many presentations of a finger are still allowed.
func (s *Session) AttemptsLeft(p finger.Position) int {
	spent := 0
	for _, a := range s.fingers[p].attempts {
		if a.Outcome == Sufficient || a.Outcome == Insufficient {
			spent++
		}
	}
	return s.profile.Attempts - spent
}

// Best is the score of the best print of a finger; ok is false where it has none.
func (s *Session) Best(p finger.Position) (score int, ok bool) {
	return s.fingers[p].score, s.fingers[p].best != nil
}

// Print is the best sample of a finger, nil where it has none. The image stays
// the session's.
func (s *Session) Print(p finger.Position) *Sample { return s.fingers[p].best }

// Present adds one presentation of the finger asked for, and says how it
// ended. The best sample is kept, the others are wiped. A finger that was
// taken before under another name is not kept and spends no attempt.
//
// It returns [ErrNotAsked] for any finger but the one asked for, and
// [ErrResolution] or [ErrSize] for an image that no receiver could use; the
// sample is then wiped as well.
func (s *Session) Present(p finger.Position, sm Sample) (Attempt, error) {
	if err := s.admit(p, sm); err != nil {
		sm.wipe()
		return Attempt{}, fmt.Errorf("presenting %v: %w", p, err)
	}
	sm.Prepare()
	a := Attempt{At: sm.At, Score: sm.quality.Score, Reasons: sm.quality.Reasons, Outcome: Insufficient}
	f := &s.fingers[p]
	switch other := s.seenBefore(p, sm.pattern); {
	case other != 0:
		a.Outcome, a.SameAs = SameFinger, other
	case a.Score >= s.Threshold(p):
		a.Outcome = Sufficient
	}
	f.attempts = append(f.attempts, a)
	if a.Outcome == SameFinger || f.best != nil && f.score >= a.Score {
		sm.wipe()
		return a, nil
	}
	f.best.wipe()
	f.best, f.score = &sm, a.Score
	return a, nil
}

// admit checks that a sample may enter.
func (s *Session) admit(p finger.Position, sm Sample) error {
	if ask, more := s.NextPrint(); !more || p != ask {
		return ErrNotAsked
	}
	if b := sm.Image.Rect; b.Dx() < finger.MinSide || b.Dy() < finger.MinSide {
		return ErrSize
	}
	for _, ppi := range sm.PPI {
		if !(ppi >= 495 && ppi <= 505 || ppi >= 990 && ppi <= 1010) {
			return ErrResolution
		}
	}
	return nil
}

// seenBefore finds the other position under which this finger was taken, 0 if
// none.
func (s *Session) seenBefore(p finger.Position, pattern *finger.Pattern) finger.Position {
	for q := range s.fingers {
		f := &s.fingers[q]
		if finger.Position(q) != p && f.best != nil && finger.Similarity(f.best.pattern, pattern) >= s.profile.Similarity {
			return finger.Position(q)
		}
	}
	return 0
}

// Accept keeps the best print of a finger below its threshold; the operator
// says why.
func (s *Session) Accept(p finger.Position, reason string) error {
	if s.fingers[p].best == nil {
		return fmt.Errorf("accepting %v: %w", p, ErrNothing)
	}
	s.fingers[p].accepted = reason
	return nil
}

// Discard throws the print of a finger away, though it may suffice, and gives
// the finger its attempts back; the operator says why.
func (s *Session) Discard(p finger.Position, reason string) error {
	f := &s.fingers[p]
	if f.best == nil {
		return fmt.Errorf("discarding %v: %w", p, ErrNothing)
	}
	f.best.wipe()
	f.best, f.score, f.accepted = nil, 0, ""
	for i := range f.attempts {
		if o := f.attempts[i].Outcome; o == Sufficient || o == Insufficient {
			f.attempts[i].Outcome, f.attempts[i].Note = Discarded, reason
		}
	}
	return nil
}

// Except marks a finger that cannot be taken; a print of it is wiped.
func (s *Session) Except(e Exception) {
	f := &s.fingers[e.Position]
	f.best.wipe()
	f.best, f.score, f.accepted = nil, 0, ""
	f.exception = &e
}

// Restore takes the mark of a finger away.
func (s *Session) Restore(p finger.Position) { s.fingers[p].exception = nil }

// Exception is the mark of a finger; nil where it has none. A finger whose
// attempts are used up without a sufficient print has one of its own.
func (s *Session) Exception(p finger.Position) *Exception {
	f := &s.fingers[p]
	if f.exception != nil {
		return f.exception
	}
	if n := len(f.attempts); n > 0 && !s.suffices(p) && s.exhausted(p) {
		return &Exception{Position: p, Reason: LowQuality, At: f.attempts[n-1].At}
	}
	return nil
}

// Recall reports whether the person is to come again: prints are missing, and
// fingers that will heal could give them.
func (s *Session) Recall() bool {
	if s.need.Prints.Required == rule.NoPrints || s.refuses(rule.ItemPrints) {
		return false
	}
	if s.begun.Facts.Unable.Prints == rule.UnableTemporarily {
		return true
	}
	if kept, ask := s.choose(); ask != 0 || s.need.Prints.Required == rule.TwoFlat && len(kept) == 2 {
		return false
	}
	return slices.ContainsFunc(s.asked(), func(p finger.Position) bool {
		e := s.fingers[p].exception
		return e != nil && e.Reason == Temporary
	})
}

// asked lists the fingers that the requirement could use.
func (s *Session) asked() []finger.Position {
	if s.need.Prints.Required != rule.TwoFlat {
		if s.need.Prints.Required == rule.TenOrIndex {
			return s.indexOrAll()
		}
		return tenOrder[:]
	}
	var all []finger.Position
	for _, h := range []finger.Hand{s.profile.FirstHand, s.profile.FirstHand.Other()} {
		for _, d := range s.profile.Order {
			all = append(all, finger.Of(h, d))
		}
	}
	return all
}
