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

	// Prints have a coherence of 0.28 to 0.8, generated ones to 0.94, an LCS of
	// 0.34 and more and an FDA of up to 0.68. Faces, textures, letters and objects
	// have an FDA of 0.86 and more or a coherence of 0.12 or less; straight lines
	// have one of 1, and noise has next to no LCS.
	leastPrintFlow = 0.15
	mostPrintFlow  = 0.97
	leastPrintLCS  = 0.2
	mostPrintFDA   = 0.75
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

// isPrint tells prints, also bad ones, from other things. Where a measure has
// no value, too few ridges were found: that is a print if it is small.
func isPrint(m *Measures, f Feedback, r Region) bool {
	fda, lcs, flow := m[FDA+10], m[LCS+10], m[CoherenceRel]
	switch {
	case fda > mostPrintFDA, lcs < leastPrintLCS, flow < leastPrintFlow, flow > mostPrintFlow:
		return false
	case math.IsNaN(m[FDA+10] + m[OF+10] + m[RVUP+10]), f.Minutiae < MinutiaeBelow:
		return r.Area < leastArea
	}
	return true
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
