package minutiae

import (
	"cmp"
	"slices"
)

// A Result says how alike two prints are, and where the one lies on the other.
type Result struct {
	Score int // 0 to 1000, compared with [SameFinger] and [Verified]
	Pairs int // minutiae of the one print that were found close to where they should be in the other

	// The first print, turned about its middle by Turn and then moved by
	// Shift from the middle of the second, lies on the second. They mean
	// nothing where Pairs is 0.
	Turn           uint8 // 256ths of a turn, anticlockwise
	ShiftX, ShiftY int   // pixels, to the right and downwards
}

// A Matcher compares prints. The zero Matcher is ready; it keeps its buffers
// from one comparison to the next, and may not be used by two goroutines at
// once.
type Matcher struct {
	first, second side
	alike         likeness
	hypotheses    hypotheses
	pairing       pairing
	best          verdict
}

// Scores from which two prints are taken to show the same finger. A hundred
// points are about a factor of ten in how many pairs of different fingers reach
// them. The rates are those of 200 generated fingers, five impressions each
// (2,000 genuine and 99,500 impostor comparisons, TestErrorRates): first laid
// down as told, then as they come to a counter where nobody helps.
const (
	// SameFinger is for the prints of one person within a case: few
	// comparisons, and a miss costs an enrolment with one finger twice.
	// FMR 0.001 and FNMR 0; FMR 0.0003 and FNMR 0.085.
	SameFinger = 300

	// Verified is for a holder and the holder's own chip; BSI TR-03121-3
	// § 5.10 asks for an FMR of 0.001. FMR 0.00015 and FNMR 0; FMR 0.00003
	// and FNMR 0.095.
	Verified = 400
)

// Match compares two prints. It gives the same score either way round, and the
// alignment of the other direction: the computation is done in one order of
// the two, whichever the caller chose. Templates from strangers cost no more
// time than a rolled print does.
func (m *Matcher) Match(a, b *Template) Result {
	swapped := after(a, b)
	if swapped {
		a, b = b, a
	}
	m.first.prepare(a)
	m.second.prepare(b)
	m.alike.compare(&m.first, &m.second)
	m.hypotheses.find(&m.first, &m.second, &m.alike)
	m.best = verdict{}
	for i := range m.hypotheses.best[:m.hypotheses.found] {
		m.pairing.follow(&m.first, &m.second, &m.alike, &m.hypotheses.best[i])
		if v := m.pairing.judge(&m.first, &m.second, &m.alike); v.evidence > m.best.evidence {
			m.best = v
		}
	}
	return m.best.result(a, b, swapped)
}

// Wipe overwrites what the matcher still knows of the prints it compared.
func (m *Matcher) Wipe() {
	m.first.wipe()
	m.second.wipe()
	m.alike.wipe()
	m.hypotheses.wipe()
	m.pairing.wipe()
	m.best = verdict{}
}

// after reports whether a comes after b in an order of templates that depends
// on nothing but what they hold.
func after(a, b *Template) bool {
	order := cmp.Or(
		slices.CompareFunc(a.Minutiae, b.Minutiae, func(p, q Minutia) int { return cmp.Compare(p.number(), q.number()) }),
		cmp.Compare(a.Width, b.Width), cmp.Compare(a.Height, b.Height))
	return order > 0
}

// number is one that no other minutia has.
func (p Minutia) number() uint64 {
	return uint64(uint16(p.Y))<<40 | uint64(uint16(p.X))<<24 | uint64(p.Angle)<<16 | uint64(p.Kind)<<8 | uint64(p.Quality)
}
