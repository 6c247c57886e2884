package rule

// adult and noLimit bound the ages of rows, in completed years.
const (
	adult   = 18
	noLimit = 1 << 30
)

// The days from which the card rules apply (L167 § 2; for the card on request
// in the asylum track the source gives no day, and prints' is taken).
var (
	photoFrom     = Date{2011, 5, 20}
	printsFrom    = Date{2012, 5, 20}
	onRequestFrom = Date{2012, 5, 20}
)

// A home says under whose roof a minor lives, as far as the rows ask.
type home uint8

const (
	anyHome   home = iota
	alone          // unaccompanied; in the residence track: not with the holder of custody
	together       // accompanied, or with the holder of custody, and no card asked for
	cardAsked      // the same, and a card is asked for
)

// A row is one line of the law: of whom it speaks, and what it asks.
type row struct {
	number      string // in section 3 of the digest; "" where a section has no numbers
	from, below int    // completed years: from <= age < below
	home        home
	photo       bool
	prints      PrintSet
	reuse       bool      // the card's photo serves; then nothing is asked
	why         [2]ground // of the photo and of the prints
}

// Rows 1 to 4: residence permits under §§ 9 to 9 f, 9 i to 9 n, 9 p and 9 q.
var residenceRows = []row{
	{"1", adult, noLimit, anyHome, true, TwoFlat, false, [2]ground{residenceAdultPhoto, residenceAdultPrints}},
	{"2", 0, adult, together, false, NoPrints, false, [2]ground{residenceCustodianPhoto, residenceCustodianPrints}},
	{"3", 6, adult, alone, true, TwoFlat, false, [2]ground{residenceMinorPhoto, residenceMinorPrints}},
	{"3", 6, adult, cardAsked, true, TwoFlat, false, [2]ground{residenceAskedPhoto, residenceAskedPrints}},
	{"4", 0, 6, alone, true, NoPrints, false, [2]ground{residenceInfantPhoto, cardUnderSix}},
	{"4", 0, 6, cardAsked, true, NoPrints, false, [2]ground{residenceInfantAskedPhoto, cardUnderSix}},
}

// Rows 5 to 9: asylum § 7, and extension of permits under §§ 7 and 8.
var asylumRows = []row{
	{"5", adult, noLimit, anyHome, true, TwoFlat, false, [2]ground{asylumAdultPhoto, asylumAdultPrints}},
	{"6", 6, adult, alone, true, TwoFlat, false, [2]ground{asylumAlonePhoto, asylumAlonePrints}},
	{"7", 0, 6, alone, true, NoPrints, false, [2]ground{asylumInfantPhoto, asylumInfantPrints}},
	{"8", 0, adult, together, false, NoPrints, false, [2]ground{asylumAccompaniedPhoto, asylumAccompaniedPrints}},
	{"9", 6, adult, cardAsked, true, TwoFlat, false, [2]ground{asylumAskedPhoto, asylumAskedPrints}},
	{"9", 0, 6, cardAsked, true, NoPrints, false, [2]ground{asylumAskedPhoto, asylumInfantPrints}},
}

// Row 12: quota refugees, and who applied at another Schengen state's mission
// or through the UNHCR. The minor rows of the residence track apply.
var entryRows = []row{
	{"12", adult, noLimit, anyHome, true, TwoFlat, false, [2]ground{entryPhoto, entryPrints}},
	{"12", 0, adult, together, false, NoPrints, false, [2]ground{entryCustodian, entryCustodian}},
	{"12", 6, adult, anyHome, true, TwoFlat, false, [2]ground{entryPhoto, entryPrints}},
	{"12", 0, 6, anyHome, true, NoPrints, false, [2]ground{entryPhoto, cardUnderSix}},
}

// Row 16: diplomats and their families. The ages are those of rows 1 to 4.
var diplomatRows = []row{
	{"16", adult, noLimit, anyHome, true, TwoFlat, false, [2]ground{diplomatPhoto, diplomatPrints}},
	{"16", 0, adult, together, false, NoPrints, false, [2]ground{diplomatCustodian, diplomatCustodian}},
	{"16", 6, adult, anyHome, true, TwoFlat, false, [2]ground{diplomatPhoto, diplomatPrints}},
	{"16", 0, 6, anyHome, true, NoPrints, false, [2]ground{diplomatPhoto, cardUnderSix}},
}

// Row 17: the photo for the sticker of a long-stay visa, of the minors of row 2.
var visaRows = []row{
	{"17", 0, adult, together, true, NoPrints, false, [2]ground{visaPhoto, visaNoPrints}},
	{"17", 0, noLimit, anyHome, false, NoPrints, true, [2]ground{reuseCardPhoto, visaNoPrints}},
}

// Row 18: visa applicants, with the age limit of today and the lower one of the
// later law.
var (
	visRows = []row{
		{"18", 12, noLimit, anyHome, true, Ten, false, [2]ground{visPhoto, vis12Prints}},
		{"18", 0, 12, anyHome, true, NoPrints, false, [2]ground{visPhoto, vis12None}},
	}
	visRowsFromSix = []row{
		{"18", 6, noLimit, anyHome, true, Ten, false, [2]ground{visPhoto, vis6Prints}},
		{"18", 0, 6, anyHome, true, NoPrints, false, [2]ground{visPhoto, vis6None}},
	}
)

// Section 7: Eurodac, and its recast.
var (
	art4Rows  = eurodacRows(Ten, eurodacApplicant)
	art8Rows  = eurodacRows(Ten, eurodacBorder)
	art11Rows = eurodacRows(TenOrIndex, eurodacIllegal)
	recast4   = recastRows(Ten, recastApplicant)
	recast8   = recastRows(Ten, recastBorder)
	recast11  = recastRows(TenOrIndex, recastIllegal)
)

func eurodacRows(set PrintSet, why ground) []row {
	return []row{
		{"", 14, noLimit, anyHome, false, set, false, [2]ground{eurodacNoPhoto, why}},
		{"", 0, 14, anyHome, false, NoPrints, false, [2]ground{eurodacNoPhoto, eurodacUnderFourteen}},
	}
}

func recastRows(set PrintSet, why ground) []row {
	return []row{
		{"", 6, noLimit, anyHome, true, set, false, [2]ground{recastFace, why}},
		{"", 0, 6, anyHome, false, NoPrints, false, [2]ground{recastUnderSix, recastUnderSix}},
	}
}

// Section 6: register captures under AA § 40 a(2), which know no age.
var (
	registerRows = []row{{"", 0, noLimit, anyHome, false, Ten, false, [2]ground{registerNoPhoto, registerPrints}}}
	accessRows   = []row{{"", 0, noLimit, anyHome, false, Ten, false, [2]ground{registerNoPhoto, registerAccess}}}
)
