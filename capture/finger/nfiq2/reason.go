package nfiq2

import "errors"

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
