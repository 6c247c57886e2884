package rule

// A track is the way of a case through the authorities. It decides the station,
// the rows and what follows from a refusal.
type track uint8

const (
	residenceTrack track = iota // §§ 9 to 9 f, 9 i to 9 n, 9 p, 9 q
	asylumTrack                 // § 7, and extension of a § 7 or § 8 permit
	entryTrack                  // row 12: captured after entry
	diplomatTrack               // § 47(1)
)

// track returns the track of an application for a residence permit.
func (f *Facts) track() track {
	switch {
	case f.Basis == AA471:
		return diplomatTrack
	case f.Basis == AA7, f.Basis == AA8 && f.Application == Extension:
		return asylumTrack
	case f.afterEntry():
		return entryTrack
	}
	return residenceTrack
}

// afterEntry reports whether row 12 speaks of the case: a quota refugee, or an
// application lodged at another Schengen state's mission or through the UNHCR.
func (f *Facts) afterEntry() bool {
	return f.lodgedAbroad() || f.Basis == AA8 && f.Application == First
}

func (f *Facts) lodgedAbroad() bool {
	return f.LodgedAt == LodgedAtOtherSchengen || f.LodgedAt == LodgedThroughUNHCR
}

// byCompany reports whether a minor counts as unaccompanied or accompanied, the
// asylum track's way. Everywhere else it counts whether the minor lives with
// the holder of custody.
func (f *Facts) byCompany() bool { return f.track() == asylumTrack && !f.afterEntry() }

// home says under whose roof the person lives, as far as the rows of the track
// ask. An adult's does not matter.
func (f *Facts) home(law Date) home {
	if f.byCompany() {
		switch {
		case f.Unaccompanied:
			return alone
		case f.CardRequested && !law.Before(onRequestFrom):
			return cardAsked
		}
		return together
	}
	switch {
	case !f.WithCustodian:
		return alone
	case f.CardRequested:
		return cardAsked
	}
	return together
}

// rows returns the rows that speak of the case, under the law of a day.
func (s Settings) rows(f *Facts, law Date) []row {
	switch f.Purpose {
	case Eurodac:
		return eurodacOf(f.Basis, since(s.EurodacRecastFrom, law))
	case PoliceRegister:
		if f.Basis == Register6 || f.Basis == Register7 {
			return accessRows
		}
		return registerRows
	case LongStayVisa:
		return visaRows
	case VIS:
		if since(s.VISFromSixFrom, law) {
			return visRowsFromSix
		}
		return visRows
	}
	switch track := f.track(); {
	case track == diplomatTrack:
		return diplomatRows
	case f.afterEntry():
		return entryRows
	case track == asylumTrack:
		return asylumRows
	}
	return residenceRows
}

func eurodacOf(category Basis, recast bool) []row {
	switch {
	case category == Art4 && recast:
		return recast4
	case category == Art4:
		return art4Rows
	case category == Art8 && recast:
		return recast8
	case category == Art8:
		return art8Rows
	case recast:
		return recast11
	}
	return art11Rows
}

// since reports whether a setting that holds from a day, if ever, holds on law.
func since(from, law Date) bool { return !from.IsZero() && !law.Before(from) }

// find returns the row for a person of the given age and home. Every table has
// one for everybody, which the tests prove.
func find(rows []row, age int, at home) *row {
	for i := range rows {
		r := &rows[i]
		if r.from <= age && age < r.below && (r.home == anyHome || r.home == at) {
			return r
		}
	}
	panic("rule: internal error: a table of rows has a gap")
}

// limit names the age limit at which the answers of a case part.
func (f *Facts) limit(age int) ground {
	switch {
	case f.Purpose == Eurodac && age == 6:
		return limitSixEurodac
	case f.Purpose == VIS && age == 6:
		return limitSixVIS
	case age == 6:
		return limitSix
	case age == 12:
		return limitTwelve
	case age == 14:
		return limitFourteen
	case f.Purpose == LongStayVisa:
		return limitEighteenVisa
	case f.byCompany():
		return limitEighteenAccompanied
	}
	return limitEighteenCustody
}
