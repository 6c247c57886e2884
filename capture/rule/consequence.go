package rule

import "math/bits"

// marks is a set of marks, a bit each in the order of allMarks.
type marks uint8

const (
	ageIsDisputed marks = 1 << iota
	recall
	retakePhoto
)

var allMarks = [...]Mark{AgeDisputed, Recall, RetakePhoto}

// words returns the marks in the set, never nil.
func (m marks) words() []Mark {
	out := make([]Mark, 0, bits.OnesCount8(uint8(m)))
	for i, mark := range allMarks {
		if m&(1<<i) != 0 {
			out = append(out, mark)
		}
	}
	return out
}

// refuse says what follows when the person will not give what is asked for
// (section 5 of the digest). What is not asked for cannot be refused, and a
// refusal changes nothing of what is asked.
func (a *answer) refuse(f *Facts) {
	var refused [2]bool
	for _, item := range f.Refuses {
		refused[0] = refused[0] || item == ItemPhoto && a.photo
		refused[1] = refused[1] || item == ItemPrints && a.prints != NoPrints
	}
	for i, yes := range refused {
		if yes {
			consequence, why := f.refusal()
			a.refusal = consequence
			a.why[i].add(why[i])
		}
	}
}

// refusal returns the consequence of a refusal, and its ground for the photo
// and for the prints.
func (f *Facts) refusal() (Refusal, [2]ground) {
	switch f.Purpose {
	case Eurodac:
		return PoliceSecuresCapture, [2]ground{policeSecureEurodac, policeSecureEurodac}
	case PoliceRegister:
		if f.Basis == Register6 || f.Basis == Register7 {
			return ReportedToController, [2]ground{reportedRegister, reportedRegister}
		}
		return PoliceSecuresCapture, [2]ground{policeSecureRegister, policeSecureRegister}
	case LongStayVisa, VIS:
		return ReportedToController, [2]ground{reportedVisa, reportedVisa}
	}
	switch f.track() {
	case asylumTrack:
		return PoliceSecuresCapture, [2]ground{policeSecure, policeSecure}
	case entryTrack, diplomatTrack:
		return ReportedToController, [2]ground{reportedService, reportedService}
	}
	return ApplicationRejected, [2]ground{rejectedPhoto, rejectedPrints}
}

// controller returns the authority responsible for the data (section 2 of the
// digest), also when the facts are otherwise not understood.
func (f *Facts) controller() Controller {
	switch f.Purpose {
	case Eurodac:
		return NationalPolice
	case PoliceRegister:
		if f.Basis == Register6 || f.Basis == Register7 {
			return ImmigrationService // these stay out of the police's register
		}
		return NationalPolice
	case LongStayVisa, VIS:
		return ForeignMinistry
	}
	if f.Basis == AA471 {
		return ForeignMinistry
	}
	return ImmigrationService
}

// unableGround returns the ground of a permanent inability (row 11).
func (f *Facts) unableGround() ground {
	switch f.Purpose {
	case Eurodac, PoliceRegister:
		return unableEurodac
	case VIS:
		return unableVIS
	}
	if f.track() == asylumTrack {
		return unableAsylum
	}
	return unableCard
}
