package rule

import "math/bits"

// stations is a set of kinds of station, a bit each in the order of [Stations].
type stations uint8

const (
	mission stations = 1 << iota
	partner
	police
	copenhagen
	service
	ministry
	returns
)

// A matter is a row of the table of competence.
type matter uint8

const (
	residenceFirst matter = iota
	residenceExtension
	asylumFirst
	refugeeExtension
	afterEntry
	diplomats
	eurodacSet
	register1to5
	register6and7
	register8
	longStayPhoto
	visSet
)

// competence says which kinds of station may take what (section 6 of the
// digest). copenhagenTo is where the police of Copenhagen and Copenhagen
// Western, who have no card station, send a person; 0: to any that may.
var competence = [...]struct {
	may, copenhagenTo stations
	ground            ground
}{
	residenceFirst:     {mission | partner | police | service, service, atResidenceStations},
	residenceExtension: {police | service, service, atStationsInDenmark},
	asylumFirst:        {police, police, atPoliceForAsylum},
	refugeeExtension:   {police | service, service, atStationsForRefugees},
	afterEntry:         {police | service, service, atStationsAfterEntry},
	diplomats:          {ministry, ministry, atForeignMinistry},
	eurodacSet:         {police | copenhagen, 0, atPoliceForEurodac},
	register1to5:       {police | copenhagen, 0, atPoliceForRegister},
	register6and7:      {police | copenhagen | service, 0, atServiceForRegister},
	register8:          {police | copenhagen | returns, 0, atReturnAgencyForRegister},
	longStayPhoto:      {mission | partner, 0, atMissionForVisa},
	visSet:             {mission | partner, 0, atMissionForVIS},
}

// matter returns the row of the table of competence that the facts fall under.
func (f *Facts) matter() matter {
	switch f.Purpose {
	case Eurodac:
		return eurodacSet
	case PoliceRegister:
		switch f.Basis {
		case Register6, Register7:
			return register6and7
		case Register8:
			return register8
		}
		return register1to5
	case LongStayVisa:
		return longStayPhoto
	case VIS:
		return visSet
	}
	extension := f.Application == Extension
	switch track := f.track(); {
	case track == diplomatTrack:
		return diplomats
	case track == asylumTrack && extension:
		return refugeeExtension
	case track == asylumTrack:
		return asylumFirst
	case track == entryTrack:
		return afterEntry
	case extension:
		return residenceExtension
	}
	return residenceFirst
}

// elsewhere returns who may take the capture when this station may not.
func (f *Facts) elsewhere() (where stations, why grounds) {
	row, here := &competence[f.matter()], f.Station.bit()
	if row.may&here != 0 {
		return 0, why
	}
	where = row.may
	if here == copenhagen && row.copenhagenTo != 0 {
		where = row.copenhagenTo
		why.add(noCardStationInCopenhagen)
	}
	why.add(row.ground)
	return where, why
}

// Competent returns the kinds of station that may take what the facts are
// about, whatever station they name. Facts that are not understood have none.
func (f Facts) Competent() []Station {
	if _, bad := f.unknown(); bad || f.Basis.family() != f.Purpose.family() {
		return []Station{}
	}
	return competence[f.matter()].may.words()
}

func (s Station) bit() stations {
	switch s {
	case StationMission:
		return mission
	case StationPrivatePartner:
		return partner
	case StationPolice:
		return police
	case StationPoliceCopenhagen:
		return copenhagen
	case StationImmigrationService:
		return service
	case StationForeignMinistry:
		return ministry
	case StationReturnAgency:
		return returns
	}
	return 0
}

// words returns the kinds of station in the set, never nil.
func (s stations) words() []Station {
	out := make([]Station, 0, bits.OnesCount8(uint8(s)))
	if s == 0 {
		return out
	}
	for _, kind := range Stations() {
		if s&kind.bit() != 0 {
			out = append(out, kind)
		}
	}
	return out
}
