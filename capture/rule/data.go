package rule

import (
	"slices"
	"time"
)

// A Datum is a piece of data that the law has travel with a capture beside the
// biometrics. What the facts, the prints and the station say already is none:
// the day of the application is [Facts.AppliedOn], the day of the prints theirs.
type Datum string

// The data, in the order of the Eurodac Regulation.
const (
	Place           Datum = "place"            // of the application or the apprehension
	ApplicationDate Datum = "applied_on"       // a fact of the case
	ApprehendedOn   Datum = "apprehended_on"   //
	Sex             Datum = "sex"              //
	ReferenceNumber Datum = "reference_number" // the member state's, for Eurodac
	TravelDocument  Datum = "travel_document"  //
	AccompaniedBy   Datum = "accompanied_by"   // who was with a minor at the capture
)

// A Demand is a piece of data that accompanies a capture, and its provision.
type Demand struct {
	Datum  Datum
	Must   bool // else: where it is known
	Source string
}

// The data of the three categories of Eurodac (section 7 of the digest), and
// what Regulation (EU) 2024/1358 adds that a counter learns.
var (
	art4Data = []Demand{
		{Place, true, "ED art. 5"}, {ApplicationDate, true, "ED art. 5"},
		{Sex, true, "ED art. 5"}, {ReferenceNumber, true, "ED art. 5"},
	}
	art8Data = []Demand{
		{Place, true, "ED art. 8"}, {ApprehendedOn, true, "ED art. 8"},
		{Sex, true, "ED art. 8"}, {ReferenceNumber, true, "ED art. 8"},
	}
	art11Data  = []Demand{{ReferenceNumber, true, "ED art. 11"}}
	recastData = []Demand{{TravelDocument, false, "Reg. (EU) 2024/1358 art. 17"}}
	minorData  = []Demand{{AccompaniedBy, false, "Reg. (EU) 2024/1358 art. 14"}}
)

// Data lists the data that accompany a capture under the law of a day; for the
// zero Date that is the day of capture. A piece that is not listed is surplus.
// Cards, registers and visas have none: what their controllers need beside the
// biometrics they have from the application (L167 6.1).
func (s Settings) Data(f Facts, law Date) []Demand {
	if law.IsZero() {
		law = f.CaptureOn
	}
	if f.Purpose != Eurodac {
		return nil
	}
	var list []Demand
	switch f.Basis {
	case Art4:
		list = slices.Clone(art4Data)
	case Art8:
		list = slices.Clone(art8Data)
	case Art11:
		return slices.Clone(art11Data)
	}
	if since(s.EurodacRecastFrom, law) {
		list = append(list, recastData...)
		if youngest, _ := f.ages(); youngest < adult && !f.JudgedAdult {
			list = append(list, minorData...)
		}
	}
	return list
}

// HandOver is the longest time from a capture to its hand-over under the law of a
// day. Prints for Eurodac go promptly, which timed says; the limit in hours came
// with the recast (Regulation (EU) 2024/1358 art. 15(1), 22 to 24), and is 0
// before.
func (s Settings) HandOver(f Facts, law Date) (limit time.Duration, timed bool) {
	if law.IsZero() {
		law = f.CaptureOn
	}
	if f.Purpose == Eurodac && since(s.EurodacRecastFrom, law) {
		limit = 72 * time.Hour
	}
	return limit, f.Purpose == Eurodac
}

// Secured reports whether the police may secure a capture that the person
// refuses, which is their decision alone (sections 4 and 5 of the digest): in
// the asylum track, for Eurodac, and for the police's register.
func (f Facts) Secured() bool {
	if _, bad := f.unknown(); bad {
		return false
	}
	consequence, _ := f.refusal()
	return consequence == PoliceSecuresCapture
}
