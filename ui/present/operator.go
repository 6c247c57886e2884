package present

// Operator is everything the clerk's screen shows.
type Operator struct {
	Header    *Header // nil at the log-in, which has neither header nor rail
	Rail      []Step  // at most six
	Title     string
	Aside     Aside // what stands at the right end of the title's line
	Page      Page
	Advice    Advice
	Secondary []Button // at most three
	Primary   *Button  // nil where nothing can be done but wait
	Status    []StatusItem
	Clock     string // "10:35"
	Shortcuts []Shortcut

	Focus string     // id of what has the focus when the page opens; "" is the primary action
	Cover *Applicant // the applicant's screen over the work area, with one monitor

	Look Look
}

// Look is how a screen is drawn, whatever it says.
type Look struct {
	HighContrast  bool
	ReducedMotion bool
}

// A Page is the content of the work area: one of the pointer types of this package.
type Page interface{ page() }

// A Tone is the state that a mark, a colour and a shape tell together.
type Tone string

// The tones. Each has its own mark, so that the screen works in grey.
const (
	Plain  Tone = ""       // no mark
	Good   Tone = "good"   // tick
	Warn   Tone = "advice" // triangle
	Halt   Tone = "stop"   // octagon: a device or the station, never a person
	Inform Tone = "info"   // i in a circle
	Wait   Tone = "wait"   // hourglass, dashed edge
	Again  Tone = "retry"  // circular arrow
	Quiet  Tone = "quiet"  // no mark, second line of text
)

// Header is the case at the top of the screen.
type Header struct {
	Name   string // of the applicant; the case's number once it is closed
	Born   string // "born 14 May 1991 · 35 years"
	Kind   string // "Residence card · § 9 · first application"; "" without a case
	Number string // "Case 26-118 402"
	Safe   string // "Draft safe"; "" without a draft
	Clock  string // since capture, for Eurodac alone
	User   string
	Role   string
	Lock   string // what the lock's button is called to those who hear it
}

// StepState is how far a step of the rail has come.
type StepState string

// The states of a step.
const (
	StepToCome StepState = ""
	StepNow    StepState = "now"
	StepDone   StepState = "done"
	StepLost   StepState = "lost" // the current step, and a device it needs is gone
)

// A Step is one line of the rail: a step of the case, or a place of the station.
type Step struct {
	ID     string // "case", "rights", …; "cases", "queue", …
	Label  string
	Fact   string // one line; may be ""
	State  StepState
	Number int    // from 1; 0 where Icon is drawn instead
	Icon   string // of a place of the station
	Open   bool   // can be pressed
}

// Aside is what stands at the right end of the title's line; at most one part is set.
type Aside struct {
	Text     string
	Chip     *Chip
	Attempts []Attempt
}

// A Chip is a short state in a rounded box.
type Chip struct {
	Tone Tone
	Icon string // "" is the tone's own mark
	Text string
}

// An Attempt is one pill: a past one with its score, the current one, one still allowed.
type Attempt struct {
	Text string
	Now  bool
	Left bool // still allowed: dashed
}

// Advice is the one line above the actions.
type Advice struct {
	Tone Tone
	Bold string // what to do, or what is the case
	Text string // one sentence more; may be ""
}

// A Button is an action with its words and its key.
type Button struct {
	Action Action
	Label  string
	Key    Key
	Icon   string
	Off    bool // shown, not to be pressed
}

// A StatusItem is one state of the station; a press opens its page.
type StatusItem struct {
	ID   string // "network", "queue", "devices", "storage", "keys"
	Icon string
	Text string
	Tone Tone // Good, Warn or Halt; bold when not Good
	Page string
}
