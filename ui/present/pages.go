package present

import "image"

// Login asks who sits at the counter. Its buttons are the screen's actions.
type Login struct {
	Name      string   // of the program
	Place     []string // at most two lines
	Waiting   *Notice  // a case waits for whoever logs in
	Languages []Option
	Staff     Field // ID "staff"; without ID the label of Card
	StaffName string
	Card      *Advice // the staff card that lies there, or what to do with it; nil where a number is asked for
	PIN       Field   // ID "pin"; its value never leaves the view but in the log-in action. Without ID nothing can be typed
	PINFor    string  // for whom the PIN is: what was typed of it is wiped when that changes
	Note      string
	NoteTone  Tone   // Plain is Inform
	Pad       string // name of the key pad to those who hear it
}

// A Notice is a heading and a few words.
type Notice struct {
	Title string
	Text  string
}

// An Option is one of several answers.
type Option struct {
	ID     string
	Label  string
	Text   string // second line
	Chosen bool
	Off    bool
}

// FieldKind is how a field is filled in.
type FieldKind string

// The kinds.
const (
	Typed  FieldKind = ""       // text
	Choice FieldKind = "choice" // one of Options
	Flag   FieldKind = "flag"   // yes or no: Options are not used, Value is "yes" or ""
)

// A Field is one fact the clerk enters.
type Field struct {
	ID      string
	Kind    FieldKind
	Label   string
	Value   string
	Hint    string // what to write, while nothing is written
	Note    string // below the field: what it means, or what is missing
	Tone    Tone   // of Note
	Options []Option
}

// CaseForm is where the facts are entered: columns, read down and then right.
type CaseForm struct {
	Left, Right []Field
	FlagsTitle  string
	Flags       []Field
	More        []Field // below the flags
	Facts       []Fact  // in the place of the flags: shown, not asked for
}

// Home is the list of cases.
type Home struct {
	Table Table
}

// A Table is rows of words. Widths are shares of the content's width.
type Table struct {
	Columns []Column
	Rows    []Row
	Foot    string
	Dense   bool // rows of 33 instead of 44
	Empty   string
}

// A Column is the heading of a table's column.
type Column struct {
	Label string
	Width int // px at 992
}

// A Row is one line of a table; it can be pressed where Action is set.
type Row struct {
	Action Action
	Cells  []Cell
}

// A Cell is one word or mark in a table.
type Cell struct {
	Text  string
	Tone  Tone
	Bold  bool
	Trend []float64 // drawn as a line, 0 to 1; nil is none
}

// Law shows what is to be taken, what may not be taken, and why.
type Law struct {
	Items      []LawItem
	WhyTitle   string
	Why        string
	Source     string
	FactsTitle string
	Facts      []Fact
}

// A LawItem is one thing that the law asks for, or excludes.
type LawItem struct {
	Icon     string
	Title    string
	Text     string
	Chip     Chip
	Excluded bool // one line, dashed, not to be pressed
}

// A Fact is a label with its value; it can be changed where Edit is set.
type Fact struct {
	Label, Value string
	Edit         Action
	EditLabel    string // what the pen is called to those who hear it
}

// Decision is the answer that nothing is captured here: nothing asked for,
// another case's biometrics serve, another station's task, or a fact is missing.
type Decision struct {
	Picture    string // icon
	Tone       Tone
	Headline   string
	Text       string
	WhyTitle   string
	Why        string
	Source     string
	FactsTitle string
	Facts      []Fact
}

// Rights is the clerk's side of the rights information.
type Rights struct {
	Heading       string // of the page now shown
	Rows          []RightsRow
	Page, Pages   int
	PageText      string // "Page 2 of 4"
	Text          string // "Residence card, adult · version 3"
	Draft         *Chip
	LanguageTitle string
	Languages     []Option
	Sees          PersonSees
	Checks        []Check // "Read aloud"
}

// A Check is a box to tick, with a second line where there is room.
type Check struct {
	ID    string
	Label string
	Text  string
	On    bool
}

// Prints is the capture of one finger or one slap.
type Prints struct {
	Live     Live
	Score    string // "38"; "" while none
	ScoreOf  string // "print quality of 100"
	Value    float64
	Needed   float64 // threshold; both 0 to 1
	Needs    string  // "needs 45"
	Enough   bool
	Measures []Measure
	Note     string
	Sees     PersonSees
	Hands    Hands
}

// Live is the slot of the live picture. The picture itself comes another way.
type Live struct {
	Label   string // "Live", "Taken"
	Running bool
	Guide   Guide
}

// A Guide is what is drawn over the live picture, in shares of its width and
// height. The zero Guide draws nothing.
type Guide struct {
	Shape      string    // "frame" (dashed, rounded) or "oval"
	X, Y, W, H float64   // of the shape
	Lines      []float64 // dashed lines across, for the eyes
}

// A Measure is one property of the image, in words.
type Measure struct {
	Tone  Tone
	Label string
	Value string
}

// FingerState is what is known of a finger.
type FingerState string

// The states of a finger.
const (
	FingerFree    FingerState = ""
	FingerAsked   FingerState = "asked"
	FingerToCome  FingerState = "to_come"
	FingerTaken   FingerState = "taken"
	FingerInstead FingerState = "instead"
	FingerNotNow  FingerState = "not_now"
	FingerMissing FingerState = "missing"
	FingerNever   FingerState = "never"
	FingerTooLow  FingerState = "too_low"
)

// A Finger is one finger of the drawing.
type Finger struct {
	State  FingerState
	Number int    // order of capture, drawn in the badge of asked and to come
	Label  string // "left index finger", for those who hear it
}

// Hands are both hands. Keys of Fingers are positions as "left_index"; a palm
// is "left_palm". A missing key is a free finger.
type Hands struct {
	Palm        bool // seen from the palm, as the clerk sees raised hands: right hand on the left
	Left, Right string
	Fingers     map[string]Finger
	Current     string // position
	Active      string // "left" or "right": its label is bold
}

// Exceptions is where fingers that cannot be taken are marked.
type Exceptions struct {
	Hands   Hands
	Legend  []Legend
	Picked  string // "Left index finger"
	Reasons []Option
	Note    Field
	Seen    string // who saw it, and when
}

// Legend explains one badge.
type Legend struct {
	State FingerState
	Text  string
}

// Portrait is the capture of the photo.
type Portrait struct {
	Live         Live
	MeasureTitle string
	Measures     []Measure
	Note         string
	JudgeTitle   string
	Judge        []Check
	Sees         PersonSees
	Document     *DocumentFace // nil: no chip of a document was used
}

// DocumentFace is the face in the document's chip, to be compared with the person:
// small, or as large as the live picture.
type DocumentFace struct {
	Image image.Image
	Large bool
	Title string // "In the document · F8"
	Label string // on the picture, as large
	Press string // what pressing it is called to those who hear it
}

// Refusal is the page of a person who does not want to give biometrics.
type Refusal struct {
	WhatTitle   string
	What        []Check
	BeforeTitle string
	Before      []Check
	LawTitle    string
	Law         []Run
	Source      string
	CheckTitle  string
	Checks      []Measure
	Foot        string
}

// A Run is a piece of text of one weight.
type Run struct {
	Text string
	Bold bool
}

// Review is everything that goes into the package.
type Review struct {
	Rows     []ReviewRow
	Title    string
	Facts    []Fact
	Passed   string // "14 of 14"
	PassText string
	PassTone Tone
}

// A ReviewRow is one item of the package.
type ReviewRow struct {
	Thumb  image.Image // of the item; nil where Icon is drawn
	Icon   string
	Tone   Tone // of Icon
	Title  string
	Text   string
	Chip   Chip
	Button string
	Action Action
}

// Delivery is the way of the package from seal to receipt.
type Delivery struct {
	Tone     Tone
	Headline string
	Text     string
	Steps    []DeliveryStep
	Receipt  *Receipt
}

// A DeliveryStep is one thing done, with its time; or to come, without one.
type DeliveryStep struct {
	Time string
	Bold string
	Text string
	Tone Tone // Good, Wait or Warn
}

// Receipt is the paper for the person: no picture, no print.
type Receipt struct {
	Title  string
	Place  string
	Blocks [][]ReceiptLine
	Foot   string
}

// A ReceiptLine is a line of the receipt: words and a bold value.
type ReceiptLine struct {
	Text string
	Bold string
}

// Queue is the list of sealed packages.
type Queue struct {
	Stats []Stat
	Table Table
}

// A Stat is one large figure.
type Stat struct {
	Big  string
	Text string
}

// Devices is the list of devices, or the technician's checks.
type Devices struct {
	Table Table
}

// DeviceLost answers four questions about a device that is gone.
type DeviceLost struct {
	Picture string // pictogram
	Name    string
	Lines   []string
	Answers []Answer // what happened, what is kept, what to do, who can help
}

// An Answer is one of the four.
type Answer struct {
	Label string
	Bold  string
	Text  string
}

func (*Login) page()      {}
func (*Home) page()       {}
func (*CaseForm) page()   {}
func (*Law) page()        {}
func (*Decision) page()   {}
func (*Rights) page()     {}
func (*Prints) page()     {}
func (*Exceptions) page() {}
func (*Portrait) page()   {}
func (*Refusal) page()    {}
func (*Review) page()     {}
func (*Delivery) page()   {}
func (*Queue) page()      {}
func (*Devices) page()    {}
func (*DeviceLost) page() {}
