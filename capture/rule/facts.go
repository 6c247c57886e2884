package rule

import (
	"fmt"
	"slices"
	"strings"
)

// A Purpose is what a capture is for. A package has exactly one (AA § 40 a(12)).
type Purpose string

// The purposes.
const (
	ResidenceCard  Purpose = "residence_card"
	Eurodac        Purpose = "eurodac"
	PoliceRegister Purpose = "police_register"
	LongStayVisa   Purpose = "long_stay_visa" // the photo of the visa sticker
	VIS            Purpose = "vis"            // Visa Information System
)

// A Basis is the provision an application or a capture rests on.
type Basis string

// Provisions of the Aliens Act: asylum, quota refugees, family, work, study and
// whatever else a residence permit is given for. They belong to the purposes
// ResidenceCard and LongStayVisa.
const (
	AA7   Basis = "7"     // asylum
	AA8   Basis = "8"     // quota refugees
	AA9   Basis = "9"     // family reunification
	AA9a  Basis = "9a"    // work
	AA9b  Basis = "9b"    // humanitarian
	AA9c  Basis = "9c"    // exceptional reasons
	AA9d  Basis = "9d"    //
	AA9e  Basis = "9e"    //
	AA9f  Basis = "9f"    //
	AA9i  Basis = "9i"    //
	AA9j  Basis = "9j"    //
	AA9k  Basis = "9k"    //
	AA9l  Basis = "9l"    //
	AA9m  Basis = "9m"    //
	AA9n  Basis = "9n"    //
	AA9p  Basis = "9p"    //
	AA9q  Basis = "9q"    //
	AA471 Basis = "47(1)" // diplomats and their families
)

// Categories of the Eurodac Regulation, by the article that names them.
const (
	Art4  Basis = "art4"  // category 1: asylum applicant
	Art8  Basis = "art8"  // category 2: irregular crossing of an external border
	Art11 Basis = "art11" // category 3: illegal stay
)

// Register captures, by their number in AA § 40 a(2).
const (
	Register1 Basis = "40a(2)1" // illegal stay
	Register2 Basis = "40a(2)2" // expected to return and apply for asylum
	Register3 Basis = "40a(2)3" // identification
	Register4 Basis = "40a(2)4" // travel document
	Register5 Basis = "40a(2)5" // § 58 g
	Register6 Basis = "40a(2)6" // access control at accommodation centres
	Register7 Basis = "40a(2)7" // duty to report to the Immigration Service
	Register8 Basis = "40a(2)8" // duty to report to the Return Agency
)

// Visa is the only basis of the purpose VIS.
const Visa Basis = "visa"

// An Application is the kind of application a person has made.
type Application string

// The kinds of application.
const (
	First     Application = "first"
	Extension Application = "extension"
)

// A Lodging is where the application was lodged.
type Lodging string

// The places of lodging.
const (
	LodgedAtStation       Lodging = "station"
	LodgedByPost          Lodging = "post"
	LodgedOnline          Lodging = "online"
	LodgedAtOtherSchengen Lodging = "other_schengen_mission" // another Schengen state's mission
	LodgedThroughUNHCR    Lodging = "unhcr"
)

// A Station is the kind of a station: whose counter it stands on.
type Station string

// The kinds of station.
const (
	StationMission            Station = "mission"
	StationPrivatePartner     Station = "private_partner"   // of a mission
	StationPolice             Station = "police"            // a police district with a station
	StationPoliceCopenhagen   Station = "police_copenhagen" // Copenhagen and Copenhagen Western
	StationImmigrationService Station = "immigration_service"
	StationForeignMinistry    Station = "foreign_ministry"
	StationReturnAgency       Station = "return_agency"
)

// An Inability says whether something is physically impossible, and for how long.
type Inability string

// The kinds of inability.
const (
	Able              Inability = "none"
	UnablePermanently Inability = "permanent"
	UnableTemporarily Inability = "temporary"
)

// An Item is what may be captured of a person.
type Item string

// The items.
const (
	ItemPhoto  Item = "photo"
	ItemPrints Item = "prints"
)

// Facts is all that the law wants to know of a case. It holds no name and no
// number. The JSON form is the one that [Parse] reads.
type Facts struct {
	Purpose     Purpose     `json:"purpose"`
	Basis       Basis       `json:"basis"`
	Application Application `json:"application"`
	AppliedOn   Date        `json:"applied_on,omitzero"` // zero: not known, or nothing was applied for
	CaptureOn   Date        `json:"capture_on,omitzero"` // ages count on this day
	LodgedAt    Lodging     `json:"lodged_at"`
	Station     Station     `json:"station"`
	BirthDate   BirthDate   `json:"birth_date,omitzero"`

	JudgedAdult   bool `json:"judged_adult"`   // says under 18, the police judge 18 or over
	Unaccompanied bool `json:"unaccompanied"`  // a minor without the holder of custody in Denmark
	WithCustodian bool `json:"with_custodian"` // under 18 and lives, or is going to live, with the holder of custody
	CardRequested bool `json:"card_requested"` // a card is asked for a minor who need not have one

	// BiometricsOnPendingCase says that another application is pending and
	// biometrics were given for it.
	BiometricsOnPendingCase bool `json:"biometrics_on_pending_case"`

	Unable  Unable `json:"unable"`
	Refuses []Item `json:"refuses,omitempty"`
}

// Unable says what a person physically cannot give.
type Unable struct {
	Prints Inability `json:"prints"`
}

// Refused reports whether the person will not give item.
func (f Facts) Refused(item Item) bool { return slices.Contains(f.Refuses, item) }

// Defaults returns the facts of a case of which nothing has been said yet: the
// contract's defaults, and no dates. There is no day of capture and no birth
// date that could be taken for granted.
func Defaults() Facts {
	return Facts{
		Purpose:     ResidenceCard,
		Basis:       AA9,
		Application: First,
		LodgedAt:    LodgedAtStation,
		Station:     StationPolice,
		Unable:      Unable{Prints: Able},
	}
}

// Purposes returns every purpose, in the contract's order.
func Purposes() []Purpose {
	return []Purpose{ResidenceCard, Eurodac, PoliceRegister, LongStayVisa, VIS}
}

// Bases returns the bases that belong to p.
func Bases(p Purpose) []Basis {
	switch p {
	case ResidenceCard, LongStayVisa:
		return []Basis{AA7, AA8, AA9, AA9a, AA9b, AA9c, AA9d, AA9e, AA9f,
			AA9i, AA9j, AA9k, AA9l, AA9m, AA9n, AA9p, AA9q, AA471}
	case Eurodac:
		return []Basis{Art4, Art8, Art11}
	case PoliceRegister:
		return []Basis{Register1, Register2, Register3, Register4, Register5, Register6, Register7, Register8}
	case VIS:
		return []Basis{Visa}
	}
	return nil
}

// Applications returns both kinds of application.
func Applications() []Application { return []Application{First, Extension} }

// Lodgings returns every place of lodging, in the contract's order.
func Lodgings() []Lodging {
	return []Lodging{LodgedAtStation, LodgedByPost, LodgedOnline, LodgedAtOtherSchengen, LodgedThroughUNHCR}
}

// Stations returns every kind of station, in the contract's order.
func Stations() []Station {
	return []Station{StationMission, StationPrivatePartner, StationPolice, StationPoliceCopenhagen,
		StationImmigrationService, StationForeignMinistry, StationReturnAgency}
}

// Inabilities returns every kind of inability.
func Inabilities() []Inability { return []Inability{Able, UnablePermanently, UnableTemporarily} }

// A FactError names the fact that cannot be understood. It quotes words of the
// contract's kind only, never a date.
type FactError struct {
	Fact    string // its name in the contract, "unable.prints"; "" for the document as a whole
	Problem string
}

// Error returns "fact: problem".
func (e *FactError) Error() string {
	if e.Fact == "" {
		return "facts: " + e.Problem
	}
	return e.Fact + ": " + e.Problem
}

// Validate checks facts that were put together in code: every word is one of
// the contract's and every date that is given lies in the calendar. Whether the
// facts agree with each other is [For]'s to say. The error is a [*FactError].
func (f Facts) Validate() error {
	if fact, ok := f.unknown(); ok {
		return &FactError{fact.String(), "missing, or a value that the law does not know"}
	}
	return nil
}

// A fact numbers the facts that may be missing or not understood.
type fact uint8

const (
	factPurpose fact = iota
	factBasis
	factApplication
	factAppliedOn
	factCaptureOn
	factLodgedAt
	factStation
	factBirthDate
	factUnable
	factRefuses
)

// String returns the fact's name in the contract.
func (f fact) String() string {
	return [...]string{"purpose", "basis", "application", "applied_on", "capture_on", "lodged_at",
		"station", "birth_date", "unable.prints", "refuses"}[f]
}

// unknown returns the first fact whose value is none of the contract's.
func (f *Facts) unknown() (fact, bool) {
	switch {
	case f.Purpose.family() == noFamily:
		return factPurpose, true
	case f.Basis.family() == noFamily:
		return factBasis, true
	case f.Application != First && f.Application != Extension:
		return factApplication, true
	case !f.AppliedOn.valid():
		return factAppliedOn, true
	case !f.CaptureOn.valid():
		return factCaptureOn, true
	case !f.LodgedAt.known():
		return factLodgedAt, true
	case f.Station.bit() == 0:
		return factStation, true
	case !f.BirthDate.valid():
		return factBirthDate, true
	case f.Unable.Prints != Able && f.Unable.Prints != UnablePermanently && f.Unable.Prints != UnableTemporarily:
		return factUnable, true
	}
	for _, item := range f.Refuses {
		if item != ItemPhoto && item != ItemPrints {
			return factRefuses, true
		}
	}
	return 0, false
}

// A family is a group of bases that belong to the same purposes.
type family uint8

const (
	noFamily family = iota
	aliensAct
	eurodacArticle
	registerNumber
	visaOnly
)

// family returns the bases that belong to the purpose, noFamily for what is no
// purpose.
func (p Purpose) family() family {
	switch p {
	case ResidenceCard, LongStayVisa:
		return aliensAct
	case Eurodac:
		return eurodacArticle
	case PoliceRegister:
		return registerNumber
	case VIS:
		return visaOnly
	}
	return noFamily
}

// family returns the family of the basis, noFamily for what is no basis.
func (b Basis) family() family {
	switch b {
	case AA7, AA8, AA9, AA9a, AA9b, AA9c, AA9d, AA9e, AA9f,
		AA9i, AA9j, AA9k, AA9l, AA9m, AA9n, AA9p, AA9q, AA471:
		return aliensAct
	case Art4, Art8, Art11:
		return eurodacArticle
	case Register1, Register2, Register3, Register4, Register5, Register6, Register7, Register8:
		return registerNumber
	case Visa:
		return visaOnly
	}
	return noFamily
}

func (l Lodging) known() bool {
	switch l {
	case LodgedAtStation, LodgedByPost, LodgedOnline, LodgedAtOtherSchengen, LodgedThroughUNHCR:
		return true
	}
	return false
}

// words joins the values that a fact may have, for an error's text.
func words[T ~string](values []T) string {
	var b strings.Builder
	for i, v := range values {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s", v)
	}
	return b.String()
}
