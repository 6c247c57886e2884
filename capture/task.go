package capture

import (
	"cmp"
	"fmt"
	"slices"

	"optag/capture/finger"
	"optag/capture/rule"
)

// A Task is what the person is asked to place on the glass at once: one finger,
// or the fingers of a slap.
type Task struct {
	Slap    finger.Slap       // 0: a single finger
	Fingers []finger.Position // the one first whose quality counts most
}

// First is the finger that stands for the task; 0 where nothing is asked for.
func (t Task) First() finger.Position {
	if len(t.Fingers) == 0 {
		return 0
	}
	return t.Fingers[0]
}

// Is reports whether two tasks ask for the same.
func (t Task) Is(u Task) bool { return t.Slap == u.Slap && slices.Equal(t.Fingers, u.Fingers) }

// Next is what to ask for now; more is false when nothing more can or may be
// asked for. Where the scanner takes slaps, the fingers are asked for
// together as long as they have been presented together.
func (s *Session) Next() (t Task, more bool) {
	ask, more := s.NextPrint()
	if !more {
		return Task{}, false
	}
	if slap := s.slapOf(ask); slap != 0 {
		if fingers := s.together(slap); slices.Contains(fingers, ask) {
			return Task{slap, fingers}, true
		}
	}
	return Task{Fingers: []finger.Position{ask}}, true
}

// Together says whether the attached scanner takes several fingers at once.
func (s *Session) Together(can bool) { s.slaps = can }

// Singly has fingers asked for one by one, or, with false, together again where
// the scanner can. The clerk falls back on it for a hand that cannot lie flat
// (BSI TR-03121-3 § 4.6.2.1).
func (s *Session) Singly(yes bool) { s.singly = yes }

// slapOf is the slap in which a finger could be asked for, 0 for none.
func (s *Session) slapOf(p finger.Position) finger.Slap {
	switch {
	case !s.profile.Slaps || !s.slaps || s.singly:
		return 0
	case s.need.Prints.Required == rule.TwoFlat, s.need.Prints.Required == rule.TenOrIndex && len(s.indexOrAll()) == 2:
		return finger.Indexes
	}
	return finger.SlapOf(p)
}

// together lists the fingers of a slap that can be given; none where they are
// fewer than two, or have parted ways: one of them has been presented by itself.
func (s *Session) together(slap finger.Slap) []finger.Position {
	fingers := slices.DeleteFunc(slap.Fingers(), func(p finger.Position) bool { return s.fingers[p].exception != nil })
	if len(fingers) < 2 {
		return nil
	}
	used := spent(s.fingers[fingers[0]].attempts)
	for _, p := range fingers {
		f := &s.fingers[p]
		if spent(f.attempts) != used || used > 0 && (f.best == nil || f.best.Slap != slap) {
			return nil
		}
	}
	return fingers
}

// PresentSlap adds one presentation of the slap asked for, a sample for each of
// its fingers, and says how it ended for each. A finger that was taken before
// under another name spoils the slap for all of them and spends no attempt.
//
// It returns what [Session.Present] returns; the samples are then wiped.
func (s *Session) PresentSlap(t Task, samples []Sample) ([]Attempt, error) {
	if err := s.admitSlap(t, samples); err != nil {
		for i := range samples {
			samples[i].Wipe()
		}
		return nil, fmt.Errorf("presenting %v: %w", t.Slap, err)
	}
	attempts := make([]Attempt, len(samples))
	spoilt := false
	for i, p := range t.Fingers {
		samples[i].Slap = t.Slap
		attempts[i] = s.attempt(p, &samples[i])
		if other := s.twin(t, samples, i); other != 0 {
			attempts[i].Outcome, attempts[i].SameAs, spoilt = SameFinger, other, true
		}
	}
	for i, p := range t.Fingers {
		if spoilt && attempts[i].Outcome != SameFinger {
			attempts[i].Outcome, attempts[i].Note = Discarded, "another finger of the slap was taken before"
		}
		f := &s.fingers[p]
		f.attempts = append(f.attempts, attempts[i])
		attempts[i].Odd = s.consistent(f, &samples[i])
	}
	s.keepSlap(t, samples, attempts, spoilt)
	return attempts, nil
}

func (s *Session) admitSlap(t Task, samples []Sample) error {
	asked, more := s.Next()
	if !more || t.Slap == 0 || !t.Is(asked) || len(samples) != len(t.Fingers) {
		return ErrNotAsked
	}
	for i := range samples {
		if err := s.fit(&samples[i]); err != nil {
			return err
		}
	}
	return nil
}

// twin finds the other position under which the i-th finger of a slap was taken,
// before or in the same slap; 0 if none.
func (s *Session) twin(t Task, samples []Sample, i int) finger.Position {
	for j, p := range t.Fingers {
		if j != i && s.same(samples[j].template, samples[i].template) {
			return p
		}
	}
	return s.seenBefore(t.Fingers[i], samples[i].template)
}

// keepSlap keeps what is better than what there is, and wipes the rest. A slap
// of four is one capture, and the better one as a whole is kept. Of two index
// fingers the better of each is, unless both suffice in this one (BSI
// TR-03121-3 § 5.4.5.1.3).
func (s *Session) keepSlap(t Task, samples []Sample, attempts []Attempt, spoilt bool) {
	whole := s.betterSlap(t, attempts)
	if t.Slap == finger.Indexes {
		whole = !slices.ContainsFunc(attempts, func(a Attempt) bool { return a.Outcome != Sufficient })
	}
	for i, p := range t.Fingers {
		f := &s.fingers[p]
		better := whole || t.Slap == finger.Indexes && (f.best == nil || attempts[i].Score > f.score)
		if spoilt || !better {
			samples[i].Wipe()
			continue
		}
		sm := samples[i]
		f.best.Wipe()
		f.best, f.score, f.accepted = &sm, attempts[i].Score, ""
	}
}

// betterSlap compares a slap with the one kept, finger by finger in the order
// in which they count. The earlier of two equal ones stays.
func (s *Session) betterSlap(t Task, attempts []Attempt) bool {
	for i, p := range t.Fingers {
		f := &s.fingers[p]
		if f.best == nil {
			return true
		}
		if c := cmp.Compare(attempts[i].Score, f.score); c != 0 {
			return c > 0
		}
	}
	return false
}
