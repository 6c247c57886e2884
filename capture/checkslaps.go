package capture

import (
	"cmp"
	"slices"
	"time"

	"optag/capture/finger"
)

// slaps checks that of several slaps the right one was kept (BSI TR-03121-3
// § 5.4.5.1.3).
func (c *checker) slaps(there map[finger.Position]Print) {
	for _, slap := range []finger.Slap{finger.RightFour, finger.LeftFour, finger.Thumbs, finger.Indexes} {
		var kept []Print
		for _, p := range slap.Fingers() {
			if print, ok := there[p]; ok && print.Slap == slap {
				kept = append(kept, print)
			}
		}
		switch {
		case len(kept) == 0:
		case slap == finger.Indexes:
			c.indexes(kept)
		default:
			c.slap(kept)
		}
	}
}

// slap checks that the prints of one slap come from the same presentation, and
// that no other was better, finger by finger in their order.
func (c *checker) slap(kept []Print) {
	for _, p := range kept[1:] {
		if !p.At.Equal(kept[0].At) {
			c.find(Differs, p.Position.String(), "the prints of a slap come from two presentations")
			return
		}
	}
	for _, a := range kept[0].Attempts {
		if counts(a) && a.Slap == kept[0].Slap && better(kept, a.At) {
			c.find(Differs, a.Slap.String(), "a better slap was taken")
		}
	}
}

// better reports whether the slap presented at a time is better than the one kept.
func better(kept []Print, at time.Time) bool {
	for _, p := range kept {
		a, ok := presentedAt(p, at)
		if !ok {
			return false
		}
		if order := cmp.Compare(a.Score, p.Score); order != 0 {
			return order > 0
		}
	}
	return false
}

// indexes checks that each of two index fingers has its best print, or that both
// come from a slap in which both suffice.
func (c *checker) indexes(kept []Print) {
	together := len(kept) == 2 && kept[0].At.Equal(kept[1].At) &&
		kept[0].Score >= kept[0].Threshold && kept[1].Score >= kept[1].Threshold
	for _, p := range kept {
		if !together && p.Score != best(p.Attempts) {
			c.find(Differs, p.Position.String(), "its score is not the best of the attempts allowed")
		}
	}
}

func presentedAt(p Print, at time.Time) (Attempt, bool) {
	i := slices.IndexFunc(p.Attempts, func(a Attempt) bool { return counts(a) && a.Slap == p.Slap && a.At.Equal(at) })
	if i < 0 {
		return Attempt{}, false
	}
	return p.Attempts[i], true
}
