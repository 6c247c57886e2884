package rule

// A Moment is what a period of keeping counts from.
type Moment string

// The moments.
const (
	FromCapture    Moment = "capture"
	FromIssue      Moment = "issue" // of the card
	FromComparison Moment = "comparison"
)

// A Retention is one rule on how long the controller keeps what was captured.
// The station itself keeps nothing once the package is delivered (L167 8.1).
type Retention struct {
	Item        Item // "": whatever was captured
	Years, Days int  // counted from From; both 0: erased at once
	From        Moment
	Text        string
	Source      string
}

// Ends returns the last day on which the data may be kept, when the moment it
// counts from was day.
func (r Retention) Ends(day Date) Date { return day.AddYears(r.Years).AddDays(r.Days) }

// Retention by regime (section 2 of the digest).
var (
	keptCard = []Retention{
		{ItemPrints, 0, 90, FromIssue, "The card's prints are kept while the case lasts and for 90 days after the card is issued.", "L167 8"},
		{ItemPhoto, 10, 0, FromCapture, "The card's photo is kept for ten years at most.", "L167 8"},
	}
	keptAsylum = []Retention{
		{"", 20, 0, FromCapture, "What is taken in the asylum track is kept for twenty years.", "AA § 40 a(14)"},
		{"", 10, 0, FromCapture, "What is taken in the asylum track is kept for ten years when a permit is given.", "AA § 40 a(14)"},
	}
	keptRegister = []Retention{{ItemPrints, 10, 0, FromCapture, "The register's prints are kept for ten years.", "AA § 40 a(5)"}}
	keptArt4     = []Retention{{"", 10, 0, FromCapture, "Eurodac keeps an asylum applicant's set for ten years.", "ED art. 6; AA § 58 j"}}
	keptArt8     = []Retention{{"", 2, 0, FromCapture, "Eurodac keeps the set of who crossed a border irregularly for two years.", "ED art. 10; AA § 58 j"}}
	keptArt11    = []Retention{{"", 0, 0, FromComparison, "Eurodac erases the set of who stays illegally after the comparison.", "ED art. 11"}}
)

// Kept returns the rules on how long the captures of a case are kept. There are
// none for a visa, whose system is not the station's concern, nor for the
// captures under AA § 40 a(2) nos. 6 and 7, for which the digest gives no period.
func Kept(f Facts) []Retention {
	var rules []Retention
	switch f.Purpose {
	case ResidenceCard:
		rules = append(rules, keptCard...)
		if f.track() == asylumTrack {
			rules = append(rules, keptAsylum...)
		}
	case PoliceRegister:
		if f.controller() == NationalPolice {
			rules = append(rules, keptRegister...)
		}
	case Eurodac:
		switch f.Basis {
		case Art4:
			rules = append(rules, keptArt4...)
		case Art8:
			rules = append(rules, keptArt8...)
		case Art11:
			rules = append(rules, keptArt11...)
		}
	}
	return rules
}
