package rule

import "slices"

// A Party holds or receives what was captured.
type Party string

// The parties.
const (
	PartyImmigrationService Party = "immigration_service"
	PartyForeignMinistry    Party = "foreign_ministry" // with its missions and their partners
	PartyNationalPolice     Party = "national_police"  // with the police districts
	PartyReturnAgency       Party = "return_agency"
	PartyCardProducer       Party = "card_producer"
	PartyEurodac            Party = "eurodac" // the central unit
	PartyVIS                Party = "vis"
	PartyForeignSearch      Party = "foreign_search" // another country's search system, as IDENT
	PartyHolder             Party = "holder"         // the person
)

// Parties returns every party.
func Parties() []Party {
	return []Party{PartyImmigrationService, PartyForeignMinistry, PartyNationalPolice, PartyReturnAgency,
		PartyCardProducer, PartyEurodac, PartyVIS, PartyForeignSearch, PartyHolder}
}

// Authority is the party on whose counter the station stands; "" for what is no
// kind of station.
func (s Station) Authority() Party {
	switch s {
	case StationMission, StationPrivatePartner, StationForeignMinistry:
		return PartyForeignMinistry
	case StationPolice, StationPoliceCopenhagen:
		return PartyNationalPolice
	case StationImmigrationService:
		return PartyImmigrationService
	case StationReturnAgency:
		return PartyReturnAgency
	}
	return ""
}

// An Aim is the purpose that is stated when something is handed over.
type Aim string

// The aims.
const (
	AimEnrolment  Aim = "enrolment"       // the controller decides, or keeps its register
	AimProduction Aim = "card_production" //
	AimVisa       Aim = "visa"            // the sticker, or the entry in VIS
	AimComparison Aim = "comparison"      // in Eurodac
	AimNotice     Aim = "notice"          // so that Eurodac blocks or erases (AA § 58 j)
	AimSearch     Aim = "search"          // identification in another country's system
	AimSecure     Aim = "secure_capture"  // what was refused
	AimReturn     Aim = "return"          // of who has no leave to stay
	AimInsight    Aim = "insight"         // the person's own
)

// Conditions of a passage.
const (
	noCondition    = ""
	needsAgreement = "an agreement with that country is in force"
	chipTold       = "prints on a chip are told of, not shown"
)

// Aims returns every aim.
func Aims() []Aim {
	return []Aim{AimEnrolment, AimProduction, AimVisa, AimComparison, AimNotice, AimSearch, AimSecure, AimReturn, AimInsight}
}

// A Cargo is what is handed over.
type Cargo string

// What may be handed over.
const (
	CargoPrints  Cargo = "prints"
	CargoPhoto   Cargo = "photo"
	CargoData    Cargo = "data"    // what [Settings.Data] lists
	CargoCase    Cargo = "case"    // reference of the application and master data
	CargoRefusal Cargo = "refusal" // that something was refused, and what follows
	CargoStatus  Cargo = "status"  // permit, refugee status, citizenship, departure
)

// Cargoes returns whatever may be handed over.
func Cargoes() []Cargo {
	return []Cargo{CargoPrints, CargoPhoto, CargoData, CargoCase, CargoRefusal, CargoStatus}
}

// A Passage is a way that something may go, and by which provision.
type Passage struct {
	From      []Party
	To        Party
	Aim       Aim
	Cargo     []Cargo
	Condition string // that a person has to see to; "" for none
	Source    string
}

// A route is one line of the law on who may be told what (sections 1 and 2 of
// the digest). Where no bases are named it holds for all of the purpose.
type route struct {
	purpose Purpose
	bases   []Basis
	Passage
}

var (
	asylumBases     = []Basis{AA7, AA8}
	registerPolice  = []Basis{Register1, Register2, Register3, Register4, Register5, Register8}
	registerService = []Basis{Register6, Register7}
	residenceBases  = []Basis{AA9, AA9a, AA9b, AA9c, AA9d, AA9e, AA9f, AA9i, AA9j, AA9k, AA9l, AA9m, AA9n, AA9p, AA9q}
)

// routes are all the ways there are. What stands in none of them may not go.
// Prints and photo of one purpose never reach the controller of another: the
// regimes do not mix (AA § 40 a(12); L167 no. 15).
var routes = []route{
	{ResidenceCard, slices.Concat(asylumBases, residenceBases), Passage{[]Party{PartyForeignMinistry, PartyNationalPolice, PartyImmigrationService}, PartyImmigrationService, AimEnrolment,
		[]Cargo{CargoPrints, CargoPhoto, CargoCase, CargoRefusal}, noCondition, "L167 6.1"}},
	{ResidenceCard, []Basis{AA471}, Passage{[]Party{PartyForeignMinistry}, PartyForeignMinistry, AimEnrolment,
		[]Cargo{CargoPrints, CargoPhoto, CargoCase, CargoRefusal}, noCondition, "L167 6.3"}},
	{ResidenceCard, slices.Concat(asylumBases, residenceBases), Passage{[]Party{PartyImmigrationService}, PartyCardProducer, AimProduction,
		[]Cargo{CargoPrints, CargoPhoto, CargoCase}, noCondition, "R380 art. 4a, 4b"}},
	{ResidenceCard, []Basis{AA471}, Passage{[]Party{PartyForeignMinistry}, PartyCardProducer, AimProduction,
		[]Cargo{CargoPrints, CargoPhoto, CargoCase}, noCondition, "R380 art. 4a, 4b"}},
	{ResidenceCard, residenceBases, Passage{[]Party{PartyImmigrationService}, PartyForeignMinistry, AimVisa,
		[]Cargo{CargoPhoto, CargoCase}, noCondition, "L167 7"}},
	{ResidenceCard, asylumBases, Passage{[]Party{PartyImmigrationService}, PartyNationalPolice, AimSecure,
		[]Cargo{CargoCase, CargoRefusal}, noCondition, "L167 6.5, no. 20"}},
	{ResidenceCard, slices.Concat(asylumBases, residenceBases), Passage{[]Party{PartyImmigrationService}, PartyReturnAgency, AimReturn,
		[]Cargo{CargoCase}, noCondition, "RET"}},
	{ResidenceCard, slices.Concat(asylumBases, residenceBases), Passage{[]Party{PartyImmigrationService}, PartyNationalPolice, AimReturn,
		[]Cargo{CargoCase}, noCondition, "RET"}},
	{ResidenceCard, slices.Concat(asylumBases, residenceBases), Passage{[]Party{PartyImmigrationService}, PartyHolder, AimInsight,
		[]Cargo{CargoPrints, CargoPhoto, CargoCase, CargoRefusal}, chipTold, "R380 art. 4; L167 6.1, 8"}},
	{ResidenceCard, []Basis{AA471}, Passage{[]Party{PartyForeignMinistry}, PartyHolder, AimInsight,
		[]Cargo{CargoPrints, CargoPhoto, CargoCase, CargoRefusal}, chipTold, "R380 art. 4; L167 6.1, 8"}},

	{Eurodac, nil, Passage{[]Party{PartyNationalPolice}, PartyNationalPolice, AimEnrolment,
		[]Cargo{CargoPrints, CargoPhoto, CargoData, CargoCase, CargoRefusal}, noCondition, "AA § 58 i"}},
	{Eurodac, nil, Passage{[]Party{PartyNationalPolice}, PartyEurodac, AimComparison,
		[]Cargo{CargoPrints, CargoPhoto, CargoData}, noCondition, "AA § 58 i; ED art. 4, 8, 11"}},
	{Eurodac, []Basis{Art4, Art8}, Passage{[]Party{PartyImmigrationService, PartyNationalPolice}, PartyNationalPolice, AimNotice,
		[]Cargo{CargoData, CargoStatus}, noCondition, "AA § 58 j"}},
	{Eurodac, []Basis{Art4, Art8}, Passage{[]Party{PartyNationalPolice}, PartyEurodac, AimNotice,
		[]Cargo{CargoData, CargoStatus}, noCondition, "AA § 58 j"}},
	{Eurodac, nil, Passage{[]Party{PartyNationalPolice}, PartyHolder, AimInsight,
		[]Cargo{CargoPrints, CargoPhoto, CargoData, CargoCase, CargoRefusal}, noCondition, "ED art. 18"}},

	{PoliceRegister, registerPolice, Passage{[]Party{PartyNationalPolice}, PartyNationalPolice, AimEnrolment,
		[]Cargo{CargoPrints, CargoCase, CargoRefusal}, noCondition, "AA § 40 a(2), (5)"}},
	{PoliceRegister, []Basis{Register8}, Passage{[]Party{PartyReturnAgency}, PartyNationalPolice, AimEnrolment,
		[]Cargo{CargoPrints, CargoCase, CargoRefusal}, noCondition, "AA § 40 a(2) no. 8, (5)"}},
	{PoliceRegister, registerService, Passage{[]Party{PartyNationalPolice, PartyImmigrationService}, PartyImmigrationService, AimEnrolment,
		[]Cargo{CargoPrints, CargoCase, CargoRefusal}, noCondition, "AA § 40 a(12)"}},
	{PoliceRegister, []Basis{Register3}, Passage{[]Party{PartyNationalPolice}, PartyForeignSearch, AimSearch,
		[]Cargo{CargoPrints}, needsAgreement, "IDENT; AA § 40 a(2) no. 3"}},
	{PoliceRegister, registerPolice, Passage{[]Party{PartyNationalPolice}, PartyReturnAgency, AimReturn,
		[]Cargo{CargoCase}, noCondition, "RET"}},
	{PoliceRegister, registerPolice, Passage{[]Party{PartyNationalPolice}, PartyHolder, AimInsight,
		[]Cargo{CargoPrints, CargoCase, CargoRefusal}, noCondition, "AA § 40 a(13)"}},
	{PoliceRegister, registerService, Passage{[]Party{PartyImmigrationService}, PartyHolder, AimInsight,
		[]Cargo{CargoPrints, CargoCase, CargoRefusal}, noCondition, "AA § 40 a(13)"}},

	{LongStayVisa, nil, Passage{[]Party{PartyForeignMinistry}, PartyForeignMinistry, AimVisa,
		[]Cargo{CargoPhoto, CargoCase, CargoRefusal}, noCondition, "L167 7"}},
	{VIS, nil, Passage{[]Party{PartyForeignMinistry}, PartyForeignMinistry, AimEnrolment,
		[]Cargo{CargoPrints, CargoPhoto, CargoCase, CargoRefusal}, noCondition, "L167 6.1; VIS rules"}},
	{VIS, nil, Passage{[]Party{PartyForeignMinistry}, PartyVIS, AimVisa,
		[]Cargo{CargoPrints, CargoPhoto, CargoCase}, noCondition, "L167 6.1; VIS rules"}},
	{VIS, nil, Passage{[]Party{PartyForeignMinistry}, PartyHolder, AimInsight,
		[]Cargo{CargoPrints, CargoPhoto, CargoCase, CargoRefusal}, noCondition, "VIS rules"}},
	{LongStayVisa, nil, Passage{[]Party{PartyForeignMinistry}, PartyHolder, AimInsight,
		[]Cargo{CargoPhoto, CargoCase, CargoRefusal}, noCondition, "L167 7"}},
}

// Passages returns every way that something of a case may go. Facts that are
// not understood have none. The face goes to Eurodac only under the law that
// takes it (Regulation (EU) 2024/1358).
func (s Settings) Passages(f Facts, law Date) (list []Passage) {
	for i := range routes {
		if !routes[i].open(&f) {
			continue
		}
		p := routes[i].Passage
		p.From = slices.Clone(p.From)
		p.Cargo = slices.DeleteFunc(slices.Clone(p.Cargo), func(c Cargo) bool { return !s.carries(&f, law, c) })
		list = append(list, p)
	}
	return list
}

// MayTravel says whether something of a case may go from one party to another
// for a stated aim, and by which passage. What no passage names may not.
func (s Settings) MayTravel(f Facts, law Date, what Cargo, from, to Party, aim Aim) (Passage, bool) {
	for i := range routes {
		p := &routes[i].Passage
		if p.To == to && p.Aim == aim && slices.Contains(p.From, from) && slices.Contains(p.Cargo, what) &&
			routes[i].open(&f) && s.carries(&f, law, what) {
			return *p, true
		}
	}
	return Passage{}, false
}

// open reports whether the way is one for the case.
func (r *route) open(f *Facts) bool {
	if _, bad := f.unknown(); bad || f.Basis.family() != f.Purpose.family() || r.purpose != f.Purpose {
		return false
	}
	return (r.bases == nil || slices.Contains(r.bases, f.Basis)) && (r.Aim != AimSecure || f.Secured())
}

// carries reports whether the law of a day has such a cargo at all.
func (s Settings) carries(f *Facts, law Date, what Cargo) bool {
	if law.IsZero() {
		law = f.CaptureOn
	}
	return what != CargoPhoto || f.Purpose != Eurodac || since(s.EurodacRecastFrom, law)
}
