package rule

import "slices"

// A Decision is the law's answer in one word.
type Decision string

// The decisions.
const (
	Capture   Decision = "capture"
	Nothing   Decision = "nothing"   // the law asks for no biometrics
	Reuse     Decision = "reuse"     // biometrics of a pending or earlier case serve
	Elsewhere Decision = "elsewhere" // this kind of station may not take it
	Blocked   Decision = "blocked"   // the facts contradict each other or leave the answer open
)

// A PrintSet is how many prints are to be taken, and how.
type PrintSet string

// The print sets.
const (
	NoPrints   PrintSet = "none"
	TwoFlat    PrintSet = "two_flat"     // two different fingers, placed flat
	Ten        PrintSet = "ten"          // all ten
	TenOrIndex PrintSet = "ten_or_index" // all ten, or at least the index fingers; where they are missing, all the others
)

// A Mark is something that the package must carry beside the biometrics.
type Mark string

// The marks, in the order in which a requirement lists them.
const (
	AgeDisputed Mark = "age_disputed" // a later finding of under 18 triggers a deletion notice
	Recall      Mark = "recall"       // prints are temporarily impossible: a new appointment, unless another pair of fingers serves
	RetakePhoto Mark = "retake_photo" // the photo is taken even if one was handed in
)

// A Refusal is the consequence of not giving what the law asks for.
type Refusal string

// The consequences.
const (
	NoRefusal            Refusal = "none"
	ApplicationRejected  Refusal = "application_rejected" // by the service
	PoliceSecuresCapture Refusal = "police_secures_capture"
	ReportedToController Refusal = "reported_to_controller"
)

// A Controller is the authority responsible for the data.
type Controller string

// The controllers.
const (
	ImmigrationService Controller = "immigration_service"
	ForeignMinistry    Controller = "foreign_ministry"
	NationalPolice     Controller = "national_police"
)

// A Ground is one reason of an answer. Code is stable and names the text in
// other languages; Text is a plain English sentence; Source is the provision,
// by the short names AA, L167, R380 and ED. None of the three depends on who
// the person is.
type Ground struct {
	Code   string `json:"code"`
	Text   string `json:"text"`
	Source string `json:"source"`
}

// A Photo says whether a photo is to be taken, and why or why not.
type Photo struct {
	Required bool     `json:"required"`
	Grounds  []Ground `json:"grounds"` // never empty
}

// A Prints says which prints are to be taken, and why or why not.
type Prints struct {
	Required PrintSet `json:"required"`
	Grounds  []Ground `json:"grounds"` // never empty
}

// A Requirement is what the law asks of a case: this much, and no more. The
// JSON form is the contract's.
type Requirement struct {
	Decision   Decision   `json:"decision"`
	Photo      Photo      `json:"photo"`   // required only when Decision is Capture
	Prints     Prints     `json:"prints"`  // not "none" only when Decision is Capture
	Marks      []Mark     `json:"marks"`   // each at most once; empty unless Decision is Capture
	Refusal    Refusal    `json:"refusal"` // "none" unless something required is refused
	Where      []Station  `json:"where"`   // who may take it; empty unless Decision is Elsewhere
	Controller Controller `json:"controller"`
	LawDate    Date       `json:"law_date"` // the day whose law was applied
}

// Asks reports whether item is required.
func (r Requirement) Asks(item Item) bool {
	switch item {
	case ItemPhoto:
		return r.Photo.Required
	case ItemPrints:
		return r.Prints.Required != NoPrints && r.Prints.Required != ""
	}
	return false
}

// Marked reports whether the package must carry m.
func (r Requirement) Marked(m Mark) bool { return slices.Contains(r.Marks, m) }

// Grounds returns the grounds of photo and prints, each once, in their order.
func (r Requirement) Grounds() []Ground {
	all := make([]Ground, 0, len(r.Photo.Grounds)+len(r.Prints.Grounds))
	for _, list := range [][]Ground{r.Photo.Grounds, r.Prints.Grounds} {
		for _, g := range list {
			if !slices.Contains(all, g) {
				all = append(all, g)
			}
		}
	}
	return all
}
