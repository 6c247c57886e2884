package nfiq2

import (
	"errors"
	"math"
)

// A Reason says what would make a print better, or why an image is none.
type Reason string

// Reasons, from the most to the least urgent.
const (
	WrongDepth Reason = "wrong_depth" // not 8-bit grey: another setting of the scanner
	WrongPPI   Reason = "wrong_ppi"   // neither 500 nor 1000 ppi: another setting of the scanner
	TooLarge   Reason = "too_large"   // more than one finger's print: the whole hand's, or a page
	Inverted   Reason = "inverted"    // light ridges on dark ground: another setting of the scanner
	NoFinger   Reason = "no_finger"   // nothing lies on the glass
	NotAPrint  Reason = "not_a_print" // something else lies there: clean the glass, place the fingertip
	SmallArea  Reason = "small_area"  // too little of the fingertip touches the glass: lay it flat
	OffCentre  Reason = "off_centre"  // the print leaves the glass at one side
	TooFaint   Reason = "too_faint"   // ridges hardly differ from valleys: clean the glass, press harder
	TooDry     Reason = "too_light"   // ridges break: moisten the finger or press harder
	TooWet     Reason = "too_dark"    // ridges run together: dry the finger or press less
	Smeared    Reason = "smeared"     // no clear ridge flow: hold still, wipe the finger
)

// Limits of a good print. Those of the region were set on generated impressions
// from dry to wet, light to hard, still to sliding, and those of the measures on
// the 199 prints of NIST's conformance set, the worst of which they let pass.
const (
	leastArea     = 160  // square millimetres: half a pad
	mostCut       = 0.8  // of a border along which the print leaves the glass, more than at the opposite one,
	lessCut       = 0.5  // or this much, if its centre is also
	mostShift     = 0.15 // of the width or height off the middle
	leastContrast = 50   // grey levels between ridges and valleys; NIST's prints have 60 and more
	leastDark     = 0.40 // half of a good print is ridge
	mostDark      = 0.60
	leastSlide    = 0.65 // a still finger has 0.7 and more, one that slides 0.3 to 1.5 mm less than 0.6
	leastFlow     = 0.33 // coherence; NIST's prints with a score above 30 have 0.36 and more

	// The grey levels of an empty glass deviate by its noise only, those of a print
	// by 45 and more.
	leastDeviation = 8

	// Prints have a coherence of 0.28 to 0.8, generated ones of 0.13 to 0.87, and
	// straight lines have one of 1. Next to no clear ridge, an LCS below
	// leastClear, have noise, smears and the edge of an object, but also a light
	// touch and very dry skin: those are pale and bend.
	leastPrintFlow = 0.13
	mostPrintFlow  = 0.97
	leastClear     = 0.2
	palest         = 60 // deviation of the grey levels: less than of ink or threads
	leastPaleFlow  = 0.145
	mostPaleFlow   = 0.7
	leastPaleBend  = 0.35
	mostPaleFDA    = 0.65

	// The flow of ridges bends: NIST's prints have an OF of 0.07 and more. That of
	// cloth, hair, wood and bars has less or none, that of wet skin sometimes too.
	leastBend = 0.05
	veryDark  = 0.7

	// NIST's prints have an FDA of up to 0.68, wet ones of up to 0.9. Faces,
	// clouds and objects have 0.79 and more.
	mostPrintFDA  = 0.75
	leastMidFlow  = 0.15 // of what is neither pale nor wet
	wet           = 0.62 // of the region is dark
	mostWetFlow   = 0.65
	mostWetFDA    = 0.8
	mostBlotFDA   = 0.92 // where minutiae were found
	leastMinutiae = 3
	leastInBlot   = 7
	leastInStroke = 30
	mostStroke    = 0.35 // of the region is dark

	// Square millimetres: of a touch so small that frequencies cannot be
	// measured, and of one that may have few minutiae.
	tiny  = 40
	small = 50
)

// Reasons appends what would make a print better to dst, from what a [Meter] found
// in it, also where that ended with [ErrTooLittle]. A good print has none. What
// is no print has one reason only.
func Reasons(dst []Reason, m *Measures, f Feedback, r Region) []Reason {
	switch {
	case !(f.UniformImage >= leastDeviation) || f.Empty > EmptyAbove || r.Area == 0:
		return append(dst, NoFinger)
	case !isPrint(m, f, r):
		return append(dst, NotAPrint)
	}
	flaw := func(there bool, reason Reason) {
		if there {
			dst = append(dst, reason)
		}
	}
	flaw(r.Area < leastArea, SmallArea)
	flaw(r.offCentre(0) || r.offCentre(1), OffCentre)
	flaw(r.Valley-r.Ridge < leastContrast, TooFaint)
	flaw(r.Dark < leastDark, TooDry)
	flaw(r.Dark > mostDark, TooWet)
	flaw(r.Slide < leastSlide || m[CoherenceRel] < leastFlow, Smeared)
	return dst
}

// offCentre tells whether the print leaves the glass at one side, across (0) or
// down (1).
func (r *Region) offCentre(axis int) bool {
	cut := math.Abs(r.Cut[2*axis] - r.Cut[2*axis+1])
	return cut > mostCut || cut > lessCut && math.Abs(r.Centre[axis]-0.5) > mostShift
}

// isPrint tells prints, also bad ones, from other things. Where the frequency
// has no value, next to no ridges were found: that is a print if it is tiny.
func isPrint(m *Measures, f Feedback, r Region) bool {
	fda, lcs, bend, flow := m[FDA+10], m[LCS+10], m[OF+10], m[CoherenceRel]
	straight := !(bend >= leastBend)
	switch {
	case flow < leastPrintFlow, flow > mostPrintFlow:
		return false
	case math.IsNaN(fda):
		return r.Area < tiny
	case lcs < leastClear:
		return f.UniformImage < palest && bend >= leastPaleBend && flow > leastPaleFlow && flow < mostPaleFlow &&
			fda < mostPaleFDA && !(f.Minutiae < leastMinutiae)
	case r.Dark > wet && flow < mostWetFlow:
		return (!straight || r.Dark > veryDark) && (fda < mostWetFDA || fda < mostBlotFDA && f.Minutiae >= leastInBlot)
	case straight || lettered(f, r):
		return false
	}
	return flow >= leastMidFlow && fda <= mostPrintFDA
}

// lettered reports whether an image has too few minutiae for its ridges to be
// a finger's: a small touch has few, dark strokes on light ground have none.
func lettered(f Feedback, r Region) bool {
	switch {
	case f.Minutiae < leastMinutiae, f.Minutiae < MinutiaeBelow && r.Area > small:
		return true
	}
	return f.Minutiae < leastInStroke && r.Dark < mostStroke && f.UniformImage > palest
}

// ReasonOf is the reason for an error of [Preparer.Prepare] or [Meter.Measure];
// "" for nil and for errors of others.
func ReasonOf(err error) Reason {
	var r *Refusal
	switch {
	case errors.As(err, &r):
		return r.Reason
	case errors.Is(err, ErrTooLittle):
		return SmallArea
	}
	return ""
}
