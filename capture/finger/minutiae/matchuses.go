package minutiae

// Find returns the print, among some taken before, that shows the same finger
// as this one, and how alike the two are; -1 when none does. A nil print was
// not taken. Where it is not the one expected, a finger was given twice or the
// hands were swapped.
func (m *Matcher) Find(print *Template, among []*Template) (at int, r Result) {
	at = -1
	for i, other := range among {
		if other == nil {
			continue
		}
		if got := m.Match(print, other); got.Score >= SameFinger && got.Score > r.Score {
			at, r = i, got
		}
	}
	return at, r
}

// Swapped reports whether two prints, given as right and left, show the left
// and the right finger of an earlier capture: one of them crosswise, and none
// in its place. Any of the four may be nil.
func (m *Matcher) Swapped(right, left, earlierRight, earlierLeft *Template) bool {
	return max(m.score(right, earlierLeft), m.score(left, earlierRight)) >= SameFinger &&
		max(m.score(right, earlierRight), m.score(left, earlierLeft)) < SameFinger
}

// Odd returns the attempt that shows another finger than the others, which
// agree with one another; -1 when all agree, when there are fewer than three,
// or when no two of them agree and nothing can be told.
func (m *Matcher) Odd(attempts []*Template) int {
	odd, agreeing := -1, 0
	for i := range attempts {
		friends := 0
		for j := range attempts {
			if i != j && m.score(attempts[i], attempts[j]) >= SameFinger {
				friends++
			}
		}
		switch {
		case friends > 0:
			agreeing++
		case odd < 0:
			odd = i
		default:
			return -1 // two stand alone
		}
	}
	if agreeing < 2 {
		return -1
	}
	return odd
}

// score is that of two prints, 0 where one was not taken.
func (m *Matcher) score(a, b *Template) int {
	if a == nil || b == nil {
		return 0
	}
	return m.Match(a, b).Score
}
