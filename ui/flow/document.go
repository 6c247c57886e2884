package flow

import (
	"strings"

	"optag/capture/mrz"
)

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

// document fills the form that is open from the zone, opens the chip of
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
		c.readZone(e.Lines)
	case DocumentSpoilt:
		c.tell(Notice{Code: swipeAgain, Tone: "advice"})
	}
}

// readZone keeps what a zone says that the form has a field for. A zone whose
// digits do not fit, or that of a visa, says nothing.
func (c *Counter) readZone(lines []string) {
	d, err := mrz.Parse(strings.Join(lines, "\n"))
	if err != nil || d.Err() != nil || d.Visa() {
		c.tell(Notice{Code: swipeAgain, Tone: "advice"})
		return
	}
	c.Form.Read = map[string]string{
		Family: d.Primary, Given: d.Secondary, Birth: d.Birth.Birth(c.Now), Sex: string(d.Sex),
		DocumentType: d.Code, DocumentNumber: d.Number, DocumentIssuer: d.Issuer, DocumentExpiry: d.Expiry.Expiry(c.Now),
	}
	c.Notice = Notice{}
	c.fillIn()
}

// fillIn writes what a document says into the fields that are asked for and
// empty. What stands there is never overwritten.
func (c *Counter) fillIn() {
	for _, id := range c.Asks() {
		if read := c.Form.Read[id]; read != "" && c.text(id) == "" {
			c.edit(id, read)
		}
	}
}

// FromDocument reports whether a field says what the document says that was
// drawn through the reader, and whether it says something else. Names are
// compared as a zone writes them.
func (s *State) FromDocument(id string) (same, other bool) {
	read, text := s.Form.Read[id], s.text(id)
	if read == "" || text == "" {
		return false, false
	}
	if id == Family || id == Given {
		if zone, err := mrz.Transliterate(text); err == nil {
			text = zone
		}
	}
	return text == read, text != read
}

// Differing lists the fields that say something else than the document.
func (s *State) Differing() (fields []string) {
	for _, id := range s.Asks() {
		if _, other := s.FromDocument(id); other {
			fields = append(fields, id)
		}
	}
	return fields
}

// swipeAgain is the notice of a document that was not read whole.
const swipeAgain = "advice_swipe_again"
