package rule

// Catalogue returns every ground that an answer can carry, in the order of the
// decision. Screens translate by Code and test their catalogues against it.
func Catalogue() []Ground {
	all := make([]Ground, 0, len(groundTable)-1)
	return append(all, groundTable[1:]...)
}

// A ground is the number of a row in groundTable.
type ground uint8

const (
	_ ground = iota

	// A fact is missing or not understood. In the order of type fact.
	noPurpose
	noBasis
	noApplication
	noAppliedOn
	noCaptureOn
	noLodgedAt
	noStation
	noBirthDate
	noUnable
	noRefuses

	// Facts contradict each other.
	basisNotOfPurpose
	captureBeforeApplication
	bornAfterCapture
	aloneWithCustodian
	judgedAdultIsAdult
	extensionLodgedAbroad

	// An age limit runs through an incomplete birth date.
	birthMonthMissing
	birthDayMissing
	limitSix
	limitTwelve
	limitFourteen
	limitEighteenCustody
	limitEighteenAccompanied
	limitEighteenVisa
	limitSixEurodac
	limitSixVIS

	// The station is not competent.
	atResidenceStations
	atStationsInDenmark
	atPoliceForAsylum
	atStationsForRefugees
	atStationsAfterEntry
	atForeignMinistry
	noCardStationInCopenhagen
	atPoliceForEurodac
	atPoliceForRegister
	atServiceForRegister
	atReturnAgencyForRegister
	atMissionForVisa
	atMissionForVIS

	// Biometrics of another case serve.
	reusePending
	reuseAsylumCase
	reuseCardPhoto

	// Rows 1 to 4: the residence track.
	residenceAdultPhoto
	residenceAdultPrints
	residenceCustodianPhoto
	residenceCustodianPrints
	residenceMinorPhoto
	residenceMinorPrints
	residenceAskedPhoto
	residenceAskedPrints
	residenceInfantPhoto
	residenceInfantAskedPhoto

	// Rows 5 to 9: the asylum track.
	asylumAdultPhoto
	asylumAdultPrints
	asylumAlonePhoto
	asylumAlonePrints
	asylumInfantPhoto
	asylumInfantPrints
	asylumAccompaniedPhoto
	asylumAccompaniedPrints
	asylumAskedPhoto
	asylumAskedPrints

	// Rows 12 and 16: after entry, and diplomats.
	entryPhoto
	entryPrints
	entryCustodian
	diplomatPhoto
	diplomatPrints
	diplomatCustodian

	cardUnderSix
	extensionAnew
	incompleteSuffices

	// Dates of validity of the card rules.
	beforeCard
	beforePrints

	// Eurodac.
	eurodacApplicant
	eurodacBorder
	eurodacIllegal
	eurodacUnderFourteen
	eurodacNoPhoto
	recastApplicant
	recastBorder
	recastIllegal
	recastFace
	recastUnderSix

	// Register.
	registerPrints
	registerAccess
	registerNoPhoto

	// Visa.
	visaPhoto
	visaNoPrints
	vis12Prints
	vis12None
	vis6Prints
	vis6None
	visPhoto

	// Inability, age dispute, retaking.
	unableCard
	unableAsylum
	unableEurodac
	unableVIS
	recallGround
	ageDisputed
	retakeHandedIn

	// Refusal.
	rejectedPhoto
	rejectedPrints
	policeSecure
	policeSecureEurodac
	policeSecureRegister
	reportedService
	reportedRegister
	reportedVisa
)

// groundTable says each ground in words and names its provision.
var groundTable = [...]Ground{
	noPurpose:     {"purpose_missing", "The purpose is missing or unknown; a capture has exactly one purpose.", "AA § 40 a(12); L167 no. 15"},
	noBasis:       {"basis_missing", "The basis is missing or unknown; nothing is captured without a provision it rests on.", "AA § 40 a(1), (2); AA § 47 b"},
	noApplication: {"application_missing", "The kind of application is missing or unknown: first application or extension.", "L167 6.7; AA § 47 b"},
	noAppliedOn:   {"applied_on_missing", "The date of the application is no day of the calendar.", "L167 § 2"},
	noCaptureOn:   {"capture_on_missing", "The date of the capture is missing; age and law are those of that day.", "L167 § 2"},
	noLodgedAt:    {"lodged_at_missing", "The place where the application was lodged is missing or unknown.", "L167 6.6.1, 6.6.2"},
	noStation:     {"station_missing", "The kind of station is missing or unknown.", "L167 6.1, 6.3"},
	noBirthDate:   {"birth_date_missing", "The birth date is missing, and the answer depends on the age.", "AA § 40 a(11), § 47 b; R380 art. 4b; ED art. 4, 8, 11"},
	noUnable:      {"unable_missing", "Whether the prints are physically impossible is missing or unknown.", "AA § 40 a(11); AA § 47 b(2)"},
	noRefuses:     {"refuses_unknown", "What the person refuses is unknown: it can be the photo or the prints.", "AA § 47 b; L167 6.6.3"},

	basisNotOfPurpose:        {"basis_not_of_purpose", "The basis does not belong to the purpose: captures for a card, a register, Eurodac and a visa are kept apart.", "AA § 40 a(12); L167 no. 15"},
	captureBeforeApplication: {"capture_before_application", "The date of the capture lies before the date of the application (applied_on).", "AA § 47 b; L167 § 2"},
	bornAfterCapture:         {"born_after_capture", "The birth date lies after the date of the capture.", "AA § 47 b; R380 art. 4b"},
	aloneWithCustodian:       {"unaccompanied_with_custodian", "Nobody is both unaccompanied and living with the holder of custody.", "AA § 40 a(11); AA § 47 b(1) 2nd sentence"},
	judgedAdultIsAdult:       {"judged_adult_not_disputed", "The police judge the person to be 18 or over (judged_adult), but the birth date already says so: no age is disputed.", "L167 no. 15, 17"},
	extensionLodgedAbroad:    {"extension_lodged_abroad", "Extensions are lodged in Denmark, not at another state's mission or through the UNHCR (lodged_at).", "L167 6.7, 6.6.1"},

	birthMonthMissing:        {"birth_month_missing", "Only the year of birth is known, and an age limit lies within it: the month of birth is needed, and perhaps the day.", "AA § 40 a(11), § 47 b; R380 art. 4b; ED art. 4, 8, 11"},
	birthDayMissing:          {"birth_day_missing", "Only year and month of birth are known, and an age limit lies within the month: the day of birth is needed.", "AA § 40 a(11), § 47 b; R380 art. 4b; ED art. 4, 8, 11"},
	limitSix:                 {"limit_six", "Prints are taken for a card from the age of six.", "R380 art. 4b"},
	limitTwelve:              {"limit_twelve", "Prints are taken for a visa from the age of twelve.", "VIS rules"},
	limitFourteen:            {"limit_fourteen", "Prints are taken for Eurodac from the age of fourteen.", "ED art. 4(1), 8(1), 11(1)"},
	limitEighteenCustody:     {"limit_eighteen_custody", "From the age of 18 it no longer counts that the person lives with the holder of custody.", "AA § 47 b(1) 2nd, (2) 2nd sentence"},
	limitEighteenAccompanied: {"limit_eighteen_accompanied", "From the age of 18 it no longer counts that the person is accompanied.", "AA § 40 a(11), § 40 b(11)"},
	limitEighteenVisa:        {"limit_eighteen_visa", "From the age of 18 the card's photo serves for the visa.", "L167 7"},
	limitSixEurodac:          {"limit_six_eurodac", "Face and prints are taken for Eurodac from the age of six.", "Reg. (EU) 2024/1358"},
	limitSixVIS:              {"limit_six_vis", "Prints are taken for a visa from the age of six.", "VIS rules as amended by Reg. (EU) 2021/1134"},

	atResidenceStations:       {"at_residence_stations", "First applications for a residence permit are captured at a mission, its private partner, a police district with a station or the Immigration Service.", "L167 6.1, 6.3"},
	atStationsInDenmark:       {"at_stations_in_denmark", "Extensions are lodged in Denmark and captured at a police district with a station or the Immigration Service.", "L167 6.1, 6.3"},
	atPoliceForAsylum:         {"at_police_for_asylum", "First applications for asylum are captured at a police district with a station.", "AA § 40 a(1); L167 6.3"},
	atStationsForRefugees:     {"at_stations_for_refugees", "Extensions of permits under §§ 7 and 8 are captured at a police district with a station or the Immigration Service.", "AA § 40 a(1) no. 3; L167 6.3"},
	atStationsAfterEntry:      {"at_stations_after_entry", "Quota refugees and who applied at another Schengen state's mission are captured after entry, at a police district with a station or the Immigration Service.", "L167 6.6.1, 6.6.2"},
	atForeignMinistry:         {"at_foreign_ministry", "Diplomats and their families are captured at the Foreign Ministry only.", "L167 6.3; AA § 47(1)"},
	noCardStationInCopenhagen: {"no_card_station_in_copenhagen", "The police of Copenhagen and Copenhagen Western have no station for cards.", "L167 6.1, 6.3"},
	atPoliceForEurodac:        {"at_police_for_eurodac", "Eurodac prints are taken by the police.", "AA § 58 i"},
	atPoliceForRegister:       {"at_police_for_register", "This register capture is taken by the police.", "AA § 40 a(2) nos. 1–5"},
	atServiceForRegister:      {"at_service_for_register", "This register capture is taken by the police or the Immigration Service.", "AA § 40 a(2) nos. 6, 7"},
	atReturnAgencyForRegister: {"at_return_agency_for_register", "This register capture is taken by the police or the Return Agency.", "AA § 40 a(2) no. 8"},
	atMissionForVisa:          {"at_mission_for_visa", "The photo for a long-stay visa is taken at a mission or its private partner.", "L167 7"},
	atMissionForVIS:           {"at_mission_for_vis", "Photo and prints of visa applicants are taken at a mission or its private partner.", "L167 6.1; VIS rules"},

	reusePending:    {"reuse_pending", "Another application is pending and its biometrics serve for this one too.", "L167 8.1"},
	reuseAsylumCase: {"reuse_asylum_case", "For a first humanitarian permit the biometrics of the asylum case serve.", "L167 6.5, no. 19"},
	reuseCardPhoto:  {"reuse_card_photo", "The photo taken for the residence card serves for the visa too.", "L167 7"},

	residenceAdultPhoto:       {"residence_adult_photo", "Everybody of 18 or over who applies for a residence permit or its extension gives a photo.", "AA § 47 b(1); R380 art. 4b"},
	residenceAdultPrints:      {"residence_adult_prints", "Everybody of 18 or over who applies for a residence permit or its extension gives two flat prints.", "AA § 47 b(2); R380 art. 4b"},
	residenceCustodianPhoto:   {"residence_custodian_photo", "A person under 18 who lives with the holder of custody gives no photo unless a card is asked for.", "AA § 47 b(1) 2nd sentence; L167 6.2, 6.4"},
	residenceCustodianPrints:  {"residence_custodian_prints", "A person under 18 who lives with the holder of custody gives no prints unless a card is asked for.", "AA § 47 b(2) 2nd sentence; L167 6.2, 6.4"},
	residenceMinorPhoto:       {"residence_minor_photo", "A person under 18 who does not live with the holder of custody gives a photo.", "AA § 47 b(1); L167 6.2"},
	residenceMinorPrints:      {"residence_minor_prints", "A person of six or over who does not live with the holder of custody gives two flat prints.", "AA § 47 b(2); L167 6.2"},
	residenceAskedPhoto:       {"residence_asked_photo", "A card is asked for a person under 18, and a card carries a photo.", "L167 6.2; R380 art. 4b"},
	residenceAskedPrints:      {"residence_asked_prints", "A card is asked for a person between six and 18, and a card carries two flat prints.", "L167 6.2; R380 art. 4b"},
	residenceInfantPhoto:      {"residence_infant_photo", "A child under six who does not live with the holder of custody gives a photo.", "R380 art. 4b; AA § 47 b(1)"},
	residenceInfantAskedPhoto: {"residence_infant_asked_photo", "A card is asked for a child under six, and a card carries a photo.", "R380 art. 4b; L167 6.2"},

	asylumAdultPhoto:        {"asylum_adult_photo", "Everybody of 18 or over who applies for asylum or for extension of a permit under §§ 7 or 8 gives a photo.", "AA § 40 b(1)"},
	asylumAdultPrints:       {"asylum_adult_prints", "Everybody of 18 or over who applies for asylum or for extension of a permit under §§ 7 or 8 gives two flat prints.", "AA § 40 a(1) nos. 1, 3"},
	asylumAlonePhoto:        {"asylum_alone_photo", "An unaccompanied person under 18 gives a photo.", "AA § 40 b(11)"},
	asylumAlonePrints:       {"asylum_alone_prints", "An unaccompanied person between six and 18 gives two flat prints.", "AA § 40 a(11)"},
	asylumInfantPhoto:       {"asylum_infant_photo", "An unaccompanied child under six gives a photo.", "AA § 40 b(11)"},
	asylumInfantPrints:      {"asylum_infant_prints", "No prints are taken of a child under six.", "AA § 40 a(11)"},
	asylumAccompaniedPhoto:  {"asylum_accompanied_photo", "An accompanied person under 18 gives no photo unless a card is asked for.", "AA § 40 b(11)"},
	asylumAccompaniedPrints: {"asylum_accompanied_prints", "An accompanied person under 18 gives no prints unless a card is asked for.", "AA § 40 a(11)"},
	asylumAskedPhoto:        {"asylum_asked_photo", "A card is asked for an accompanied person under 18, and a card carries a photo.", "AA § 40 a(11)"},
	asylumAskedPrints:       {"asylum_asked_prints", "A card is asked for an accompanied person between six and 18, and a card carries two flat prints.", "AA § 40 a(11)"},

	entryPhoto:        {"entry_photo", "Who comes as a quota refugee, or applied at another Schengen state's mission or through the UNHCR, gives a photo after entry.", "L167 6.6.1, 6.6.2"},
	entryPrints:       {"entry_prints", "Who comes as a quota refugee, or applied at another Schengen state's mission or through the UNHCR, gives two flat prints after entry.", "L167 6.6.1, 6.6.2"},
	entryCustodian:    {"entry_custodian", "After entry too, a person under 18 who lives with the holder of custody gives nothing unless a card is asked for.", "L167 6.6.1, 6.6.2, 6.2"},
	diplomatPhoto:     {"diplomat_photo", "Diplomats and their families give a photo, at the Foreign Ministry.", "L167 6.3; R380 art. 4b"},
	diplomatPrints:    {"diplomat_prints", "Diplomats and their families give two flat prints, at the Foreign Ministry.", "L167 6.3; R380 art. 4b"},
	diplomatCustodian: {"diplomat_custodian", "A diplomat's child under 18 who lives with the holder of custody gives nothing unless a card is asked for.", "L167 6.3, 6.2"},

	cardUnderSix:       {"card_under_six", "No prints are taken of a child under six for a card.", "R380 art. 4b; AA § 47 b(2)"},
	extensionAnew:      {"extension_anew", "For an extension everything is captured anew, the photo too.", "L167 6.7"},
	incompleteSuffices: {"incomplete_birth_date_suffices", "The birth date is incomplete, but every birthday it leaves possible gives this same answer.", "AA § 40 a(11), § 47 b; R380 art. 4b; ED art. 4, 8, 11"},

	beforeCard:   {"before_card", "Before 20 May 2011 nothing is captured for a card.", "L167 § 2"},
	beforePrints: {"before_prints", "Before 20 May 2012 the card carries a photo only.", "L167 § 2"},

	eurodacApplicant:     {"eurodac_applicant", "All ten prints are taken of everybody of fourteen or over who applies for asylum.", "ED art. 4(1)"},
	eurodacBorder:        {"eurodac_border", "All ten prints are taken of everybody of fourteen or over caught crossing an external border irregularly.", "ED art. 8(1)"},
	eurodacIllegal:       {"eurodac_illegal", "All ten prints, or at least those of the index fingers, are taken of everybody of fourteen or over who stays illegally.", "ED art. 11(1)"},
	eurodacUnderFourteen: {"eurodac_under_fourteen", "No Eurodac set is taken under the age of fourteen.", "ED art. 4(1), 8(1), 11(1)"},
	eurodacNoPhoto:       {"eurodac_no_photo", "Eurodac takes prints, no photo.", "ED art. 5, 8, 11"},
	recastApplicant:      {"recast_applicant", "All ten prints are taken of everybody of six or over who applies for asylum.", "Reg. (EU) 2024/1358"},
	recastBorder:         {"recast_border", "All ten prints are taken of everybody of six or over caught crossing an external border irregularly.", "Reg. (EU) 2024/1358"},
	recastIllegal:        {"recast_illegal", "All ten prints, or at least those of the index fingers, are taken of everybody of six or over who stays illegally.", "Reg. (EU) 2024/1358"},
	recastFace:           {"recast_face", "Eurodac takes the face together with the prints.", "Reg. (EU) 2024/1358"},
	recastUnderSix:       {"recast_under_six", "No Eurodac set is taken under the age of six.", "Reg. (EU) 2024/1358"},

	registerPrints:  {"register_prints", "Ten prints are taken for the police's register of aliens.", "AA § 40 a(2)"},
	registerAccess:  {"register_access", "Ten prints are taken for access control or a duty to report; they stay out of the police's register.", "AA § 40 a(2) nos. 6, 7, § 40 a(12)"},
	registerNoPhoto: {"register_no_photo", "The register set is of prints only.", "AA § 40 a(2)"},

	visaPhoto:    {"visa_photo", "A person under 18 who gives no photo for a card gives one for the sticker of the long-stay visa.", "L167 7"},
	visaNoPrints: {"visa_no_prints", "No prints are taken for a long-stay visa.", "L167 7"},
	vis12Prints:  {"vis_prints", "Ten flat prints are taken of visa applicants of twelve or over.", "VIS rules"},
	vis12None:    {"vis_under_twelve", "No prints are taken of visa applicants under the age of twelve.", "VIS rules"},
	vis6Prints:   {"vis_prints_from_six", "Ten flat prints are taken of visa applicants of six or over.", "VIS rules as amended by Reg. (EU) 2021/1134"},
	vis6None:     {"vis_under_six", "No prints are taken of visa applicants under the age of six.", "VIS rules as amended by Reg. (EU) 2021/1134"},
	visPhoto:     {"vis_photo", "A photo is taken of every visa applicant.", "VIS rules"},

	unableCard:     {"unable_card", "Prints are physically impossible for good: none are taken, and the reason and who saw it are recorded.", "AA § 47 b(2); R380 art. 4b"},
	unableAsylum:   {"unable_asylum", "Prints are physically impossible for good: none are taken, and the reason and who saw it are recorded.", "AA § 40 a(11)"},
	unableEurodac:  {"unable_eurodac", "Who cannot give prints for good gives none to Eurodac or a register.", "AA § 40 a(11); AA § 58 i"},
	unableVIS:      {"unable_vis", "A visa applicant who cannot give prints for good gives none.", "VIS rules"},
	recallGround:   {"recall", "Prints are impossible for the time being, which is no exemption: the person is called again unless another pair of fingers serves.", "R380 art. 4b; AA § 40 a(11); AA § 47 b(2)"},
	ageDisputed:    {"age_disputed", "The person says under 18, the police judge 18 or over: treated as 18 or over, and deleted if found to be under 18.", "L167 no. 15, 17"},
	retakeHandedIn: {"retake_photo", "The photo is taken after entry even if one was handed in with the application.", "L167 6.6.1, 6.6.2"},

	rejectedPhoto:        {"refusal_rejects_photo", "The photo is refused: the service rejects the application.", "AA § 47 b(1)"},
	rejectedPrints:       {"refusal_rejects_prints", "The prints are refused: the service rejects the application.", "AA § 47 b(2)"},
	policeSecure:         {"refusal_police", "What is asked for is refused: the application is never rejected for it; the police secure the capture, and a station of the service calls the police.", "L167 6.5, no. 20"},
	policeSecureEurodac:  {"refusal_police_eurodac", "The Eurodac capture is refused: the police secure it.", "AA § 58 i; AA § 40 a(10)"},
	policeSecureRegister: {"refusal_police_register", "The register capture is refused: the police secure it.", "AA § 40 a(2), (10)"},
	reportedService:      {"refusal_reported", "What is asked for is refused: it is reported to the controller, who decides; a fine is possible.", "L167 6.6.3"},
	reportedRegister:     {"refusal_reported_register", "The capture is refused: it is reported to the Immigration Service, who decides.", "AA § 40 a(2) nos. 6, 7, § 40 a(12)"},
	reportedVisa:         {"refusal_reported_visa", "What is asked for is refused: it is reported to the Foreign Ministry, who decides on the visa.", "L167 7; VIS rules"},
}

// maxGrounds is the most grounds one item of an answer can have; the exhaustive
// test finds the true maximum below it.
const maxGrounds = 8

// grounds is a list without duplicates that needs no memory of its own.
type grounds struct {
	n    int
	list [maxGrounds]ground
}

func (g *grounds) add(list ...ground) {
next:
	for _, one := range list {
		for _, have := range g.list[:g.n] {
			if have == one {
				continue next
			}
		}
		g.list[g.n] = one
		g.n++
	}
}

func (g *grounds) join(other *grounds) { g.add(other.list[:other.n]...) }

// words returns the grounds in words.
func (g *grounds) words() []Ground {
	out := make([]Ground, g.n)
	for i, one := range g.list[:g.n] {
		out[i] = groundTable[one]
	}
	return out
}
