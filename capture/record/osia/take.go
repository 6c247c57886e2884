package osia

import (
	"fmt"
	"reflect"
	"slices"

	"optag/capture"
	"optag/capture/rule"
)

// Begin is the case with which the receiver opens a capture of its own at a
// station of this kind on a day: the same purpose, the same person. What was
// refused or impossible elsewhere is asked anew. A case that came for another
// aim than an enrolment or the securing of one begins none: that is
// [ErrNotForUs], as is a station that stands on another's counter.
func (t Taken) Begin(station rule.Station, day rule.Date) (capture.Case, error) {
	aims := []rule.Aim{rule.AimEnrolment, rule.AimSecure}
	if !slices.Contains(aims, t.Way.Aim) || station.Authority() != t.Way.To {
		return capture.Case{}, fmt.Errorf("beginning a capture: %w", ErrNotForUs)
	}
	c := t.Case
	c.Facts.Station, c.Facts.CaptureOn, c.LawDate = station, day, rule.Date{}
	c.Facts.Refuses, c.Facts.Unable = nil, rule.Defaults().Unable
	return c, nil
}

// readDocument takes a travel document over.
func readDocument(from document) (capture.TravelDocument, error) {
	var d capture.TravelDocument
	if len(from.Parts) != 1 {
		return d, fmt.Errorf("a travel document in several parts: %w", ErrForm)
	}
	text := from.Parts[0].Data
	if err := strict(text, &d); err != nil {
		return d, err
	}
	if !reflect.DeepEqual(from, travelDocument(d.Type, text)) {
		return d, fmt.Errorf("a travel document is called by another type: %w", ErrForm)
	}
	return d, nil
}

// demanded reports whether the law names every piece of a case's data.
func demanded(c capture.Case, law rule.Settings) bool {
	d := capture.Data{}
	if c.Data != nil {
		d = *c.Data
	}
	named := law.Data(c.Facts, c.LawDate)
	for datum, there := range map[rule.Datum]bool{
		rule.Place: d.Place != "", rule.ApprehendedOn: !d.Apprehended.IsZero(), rule.Sex: d.Sex != "", rule.ReferenceNumber: d.Reference != "",
		rule.TravelDocument: d.Document != capture.TravelDocument{}, rule.AccompaniedBy: d.With != capture.Companion{},
	} {
		if there && !slices.ContainsFunc(named, func(n rule.Demand) bool { return n.Datum == datum }) {
			return false
		}
	}
	return true
}
