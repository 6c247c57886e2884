package flow

// DocumentRead says that a document was drawn through the reader. It prints
// nothing of what stands there.
type DocumentRead struct {
	Lines []string // of the machine readable zone, as device.Swipe has them
}

// DocumentSpoilt says that one was, and was not read whole.
type DocumentSpoilt struct{}

func (DocumentRead) event()   {}
func (DocumentSpoilt) event() {}

// String hides the lines.
func (DocumentRead) String() string { return "a document" }

// GoString hides the lines.
func (DocumentRead) GoString() string { return "a document" }

// document keeps the zone of the person whose form is open, opens the chip of
// a holder with it, and forgets any other: a document that nobody asked for is nobody's business here.
func (c *Counter) document(e Event) {
	if c.Officer == nil || c.Page != CaseForm && c.Page != Card {
		return
	}
	c.active = c.Now
	switch e := e.(type) {
	case DocumentRead:
		if c.Page == Card {
			c.swipedCard(e.Lines)
			return
		}
		c.Form.Zone = e.Lines
		if c.Notice.Code == swipeAgain {
			c.Notice = Notice{}
		}
	case DocumentSpoilt:
		c.tell(Notice{Code: swipeAgain, Tone: "advice"})
	}
}

// swipeAgain is the notice of a document that was not read whole.
const swipeAgain = "advice_swipe_again"
