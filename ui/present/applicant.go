package present

// Applicant is everything the applicant's screen shows: no score, no number of
// attempts, no name, and nothing but its ground between cases.
type Applicant struct {
	Blank    bool // locked, idle or between cases
	Progress []Milestone
	Picture  string // name of a pictogram
	Sentence string
	Portrait bool // the person's own live picture, mirrored, stands beside the pictogram
	Rights   *RightsPage
	Card     *CardSheet
	Language string // the language's own name
	Code     string // of the language: "da", "en"
	RTL      bool
	Look     Look
}

// A Milestone is one circle of the applicant's progress.
type Milestone struct {
	Icon  string // "doc", "finger", "hand", "user", "check"
	State StepState
}

// RightsPage is one page of the rights information.
type RightsPage struct {
	Heading string
	Draft   string // "" when a person has approved the text
	Rows    []RightsRow
	Page    int // from 1
	Pages   int
}

// A RightsRow is one sentence with its picture.
type RightsRow struct {
	Icon string
	Text string
}

// PersonSees is the small copy of the applicant's screen.
type PersonSees struct {
	Heading  string
	Picture  string
	Sentence string // in the applicant's language
	RTL      bool
	Gloss    string // the same in the clerk's language; "" when it is the same
}
