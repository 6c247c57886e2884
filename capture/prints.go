package capture

import (
	"cmp"
	"fmt"
	"slices"

	"optag/capture/finger"
	"optag/capture/finger/minutiae"
	"optag/capture/rule"
)

// tenOrder is the order in which ten prints are asked for one by one: that of
// the slaps, right hand, left hand, thumbs.
var tenOrder = [...]finger.Position{
	finger.RightIndex, finger.RightMiddle, finger.RightRing, finger.RightLittle,
	finger.LeftIndex, finger.LeftMiddle, finger.LeftRing, finger.LeftLittle,
	finger.RightThumb, finger.LeftThumb,
}

// A choice is what follows from what is known of the fingers.
type choice struct {
	kept   []finger.Position // go into the package, in the order asked for
	passed []finger.Position // passed over, each for a reason
	ask    finger.Position   // asked for now, 0 for none
}

// NextPrint is the finger to ask for now; more is false when no more can or
// may be asked for.
func (s *Session) NextPrint() (p finger.Position, more bool) {
	ask := s.choose().ask
	return ask, ask != 0
}

// After is what would be asked for once the task's fingers had given sufficient
// prints; a task without fingers for nothing more.
func (s *Session) After(t Task) Task {
	if len(t.Fingers) == 0 {
		return Task{}
	}
	was := s.fingers
	defer func() { s.fingers = was }()
	for _, p := range t.Fingers {
		s.fingers[p] = state{best: &Sample{Slap: t.Slap}, score: 100}
	}
	next, _ := s.Next()
	return next
}

// Kept lists the prints that go into the package, in the order in which they
// were asked for.
func (s *Session) Kept() []finger.Position { return s.choose().kept }

// choose computes, from what is known of the fingers, which prints are kept,
// which fingers are passed over and which one is asked for now.
func (s *Session) choose() choice {
	if !s.WantsPrints() {
		return choice{}
	}
	switch s.need.Prints.Required {
	case rule.TwoFlat:
		return s.chooseTwo()
	case rule.Ten:
		return s.chooseAll(tenOrder[:])
	case rule.TenOrIndex:
		return s.chooseAll(s.indexOrAll())
	}
	return choice{}
}

// chooseTwo is one print of each hand, or two of one hand where the other can
// give none (R380 art. 4b; C(2009) 3770).
func (s *Session) chooseTwo() choice {
	first, second := s.profile.FirstHand, s.profile.FirstHand.Other()
	a := s.chooseOf(first, 1)
	if a.ask != 0 {
		return a
	}
	b := s.chooseOf(second, 1)
	switch {
	case b.ask != 0:
	case len(a.kept) == 0:
		b = s.chooseOf(second, 2)
	case len(b.kept) == 0:
		a = s.chooseOf(first, 2)
	}
	return choice{append(a.kept, b.kept...), append(a.passed, b.passed...), cmp.Or(a.ask, b.ask)}
}

// chooseOf takes the first fingers of a hand, in the profile's order, that give
// a sufficient print. When every finger has been tried, the best of the
// insufficient ones fill up; among equals the earlier in the order.
func (s *Session) chooseOf(h finger.Hand, want int) (c choice) {
	var low []finger.Position
	for _, d := range s.profile.Order {
		p := finger.Of(h, d)
		switch f := &s.fingers[p]; {
		case f.exception != nil:
			c.passed = append(c.passed, p)
		case s.suffices(p):
			c.kept = append(c.kept, p)
		case s.exhausted(p):
			low = append(low, p)
		default:
			c.ask = p
			return c
		}
		if len(c.kept) == want {
			break
		}
	}
	slices.SortStableFunc(low, func(a, b finger.Position) int {
		return cmp.Compare(s.fingers[b].score, s.fingers[a].score)
	})
	n := min(len(low), want-len(c.kept))
	c.kept = append(c.kept, low[:n]...)
	c.passed = append(c.passed, low[n:]...)
	return c
}

// chooseAll takes every finger that can give anything.
func (s *Session) chooseAll(order []finger.Position) (c choice) {
	for _, p := range order {
		switch {
		case s.fingers[p].exception != nil:
			c.passed = append(c.passed, p)
		case s.suffices(p), s.exhausted(p):
			c.kept = append(c.kept, p)
		case c.ask == 0:
			c.ask = p
		}
	}
	return c
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

// Pending reports whether a finger that the law asks for is still to be given.
func (s *Session) Pending(p finger.Position) bool {
	return s.WantsPrints() && p.Valid() && s.fingers[p].exception == nil && !s.suffices(p) && !s.exhausted(p)
}

// exhausted reports whether a finger has used its attempts.
func (s *Session) exhausted(p finger.Position) bool { return s.AttemptsLeft(p) <= 0 }

// Threshold is the score from which a print of this finger suffices.
func (s *Session) Threshold(p finger.Position) int { return s.profile.ThresholdOf(p) }

// of is what is known of a finger; nothing is known of what is none.
func (s *Session) of(p finger.Position) *state {
	if !p.Valid() {
		return new(state)
	}
	return &s.fingers[p]
}

// Attempts lists the presentations of a finger so far.
func (s *Session) Attempts(p finger.Position) []Attempt { return slices.Clone(s.of(p).attempts) }

// AttemptsLeft is how many presentations of a finger are still allowed.
func (s *Session) AttemptsLeft(p finger.Position) int {
	return s.profile.Attempts - spent(s.of(p).attempts)
}

// spent counts the presentations that used up an attempt.
func spent(attempts []Attempt) int {
	n := 0
	for _, a := range attempts {
		if counts(a) {
			n++
		}
	}
	return n
}

// counts reports whether a presentation used up an attempt.
func counts(a Attempt) bool { return a.Outcome == Sufficient || a.Outcome == Insufficient }

// Best is the score of the best print of a finger; ok is false where it has none.
func (s *Session) Best(p finger.Position) (score int, ok bool) {
	return s.of(p).score, s.of(p).best != nil
}

// Print is the best sample of a finger, nil where it has none. The image stays
// the session's.
func (s *Session) Print(p finger.Position) *Sample { return s.of(p).best }

// Present adds one presentation of the finger asked for, and says how it
// ended. The best sample is kept, the others are wiped. A finger that was
// taken before under another name is not kept and spends no attempt.
//
// It returns [ErrNotAsked] for any finger but the one asked for, and
// [ErrResolution] or [ErrSize] for an image that no receiver could use, and
// [ErrAlgorithm] for one scored otherwise than the profile says; the sample is
// then wiped as well. A scanner that may not serve cards is [ErrUncertified].
func (s *Session) Present(p finger.Position, sm Sample) (Attempt, error) {
	err := ErrNotAsked
	if ask, more := s.NextPrint(); more && p == ask && sm.Slap == 0 {
		err = s.fit(&sm)
	}
	if err != nil {
		sm.Wipe()
		return Attempt{}, fmt.Errorf("presenting %v: %w", p, err)
	}
	a := s.attempt(p, &sm)
	if other := s.seenBefore(p, sm.template); other != 0 {
		a.Outcome, a.SameAs = SameFinger, other
	}
	f := &s.fingers[p]
	f.attempts = append(f.attempts, a)
	a.Odd = s.consistent(f, &sm)
	if a.Outcome == SameFinger || f.best != nil && f.score >= a.Score {
		sm.Wipe()
		return a, nil
	}
	f.best.Wipe()
	f.best, f.score = &sm, a.Score
	return a, nil
}

// attempt is what is recorded of a presentation, its quality judged.
func (s *Session) attempt(p finger.Position, sm *Sample) Attempt {
	a := Attempt{At: sm.At, Slap: sm.Slap, Score: sm.quality.Score, Reasons: sm.quality.Reasons, Outcome: Insufficient}
	if a.Score >= s.Threshold(p) {
		a.Outcome = Sufficient
	}
	return a
}

// fit checks that a sample may enter, and prepares it where that has not been
// done: a receiver could use the image, its scanner may take prints for this
// purpose, and it is scored as the others of the case are.
func (s *Session) fit(sm *Sample) error {
	if err := usable(*sm); err != nil {
		return err
	}
	if s.begun.Facts.Purpose == rule.ResidenceCard && !sm.Device.Certified && !s.profile.Uncertified {
		return ErrUncertified
	}
	sm.Prepare(nil)
	if sm.quality.Algorithm != s.profile.Algorithm {
		return ErrAlgorithm
	}
	return nil
}

// usable checks that a receiver could use the image.
func usable(sm Sample) error {
	if sm.Image == nil || finger.CheckSize(sm.Image.Rect.Dx(), sm.Image.Rect.Dy()) != nil {
		return ErrSize
	}
	if _, err := finger.NominalPPI(float64(sm.PPI[0]), float64(sm.PPI[1])); err != nil {
		return ErrResolution
	}
	return nil
}

// consistent remembers what an attempt shows, and marks among three the one that
// shows another finger than the other two. It reports whether that is the last.
func (s *Session) consistent(f *state, sm *Sample) (odd bool) {
	last := len(f.attempts) - 1
	if !counts(f.attempts[last]) {
		return false
	}
	f.shown = append(f.shown, sm.template.Copy())
	at := s.matcher.Odd(f.shown)
	if at < 0 || len(f.shown) != spent(f.attempts) {
		return false
	}
	for i := range f.attempts {
		if counts(f.attempts[i]) {
			f.attempts[i].Odd, at = at == 0, at-1
		}
	}
	return f.attempts[last].Odd
}

// forget wipes what the attempts have shown.
func (f *state) forget() {
	for _, t := range f.shown {
		t.Wipe()
	}
	f.shown = nil
}

// seenBefore finds the other position under which this finger was taken, 0 if
// none.
func (s *Session) seenBefore(p finger.Position, t *minutiae.Template) finger.Position {
	for _, q := range finger.All() {
		if f := &s.fingers[q]; q != p && f.best != nil && s.same(f.best.template, t) {
			return q
		}
	}
	return 0
}

// same reports whether two prints show one finger.
func (s *Session) same(a, b *minutiae.Template) bool {
	return s.matcher.Match(a, b).Score >= s.profile.Similarity
}

// Accept keeps the best print of a finger below its threshold; the operator
// says why. It returns [ErrNothing] where there is no print, [ErrSuffices]
// where it needs no such word, and [ErrReason] without a reason.
func (s *Session) Accept(p finger.Position, reason string) error {
	f := s.of(p)
	err := needs(f, reason)
	if err == nil && s.suffices(p) {
		err = ErrSuffices
	}
	if err != nil {
		return fmt.Errorf("accepting %v: %w", p, err)
	}
	f.accepted = reason
	return nil
}

// Discard throws the print of a finger away, though it may suffice, and gives
// the finger its attempts back; the operator says why. It returns [ErrNothing]
// where there is no print, and [ErrReason] without a reason.
func (s *Session) Discard(p finger.Position, reason string) error {
	f := s.of(p)
	if err := needs(f, reason); err != nil {
		return fmt.Errorf("discarding %v: %w", p, err)
	}
	f.discard(reason)
	return nil
}

// needs checks what the operator's veto needs: a print and a reason.
func needs(f *state, reason string) error {
	switch {
	case f.best == nil:
		return ErrNothing
	case reason == "":
		return ErrReason
	}
	return nil
}

// discard wipes the print and gives the attempts back, each of them noted.
func (f *state) discard(note string) {
	f.best.Wipe()
	f.best, f.score, f.accepted = nil, 0, ""
	f.forget()
	for i := range f.attempts {
		if counts(f.attempts[i]) {
			f.attempts[i].Outcome, f.attempts[i].Note = Discarded, note
		}
	}
}

// Except marks a finger that cannot be taken. A print of it is discarded, so
// that a mark made by mistake costs no attempt. It returns [ErrFinger] or
// [ErrReason] for what is no finger or no reason a person may give.
func (s *Session) Except(e Exception) error {
	if !e.Position.Valid() {
		return fmt.Errorf("marking a finger: %w", ErrFinger)
	}
	if _, err := ParseReason(string(e.Reason)); err != nil {
		return fmt.Errorf("marking %v: %w", e.Position, ErrReason)
	}
	f := &s.fingers[e.Position]
	f.discard("marked " + string(e.Reason))
	f.exception = &e
	return nil
}

// Restore takes the mark of a finger away.
func (s *Session) Restore(p finger.Position) { s.of(p).exception = nil }

// Exception is the mark of a finger; nil where it has none. A finger whose
// attempts are used up without a sufficient print has one of its own.
func (s *Session) Exception(p finger.Position) *Exception {
	f := s.of(p)
	if f.exception != nil {
		return f.exception
	}
	if n := len(f.attempts); n > 0 && p.Valid() && !s.suffices(p) && s.exhausted(p) {
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
	c := s.choose()
	if c.ask != 0 || s.need.Prints.Required == rule.TwoFlat && len(c.kept) == 2 {
		return false
	}
	return slices.ContainsFunc(c.passed, func(p finger.Position) bool {
		e := s.fingers[p].exception
		return e != nil && e.Reason == Temporary
	})
}
