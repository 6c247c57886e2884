package flow

import (
	"slices"
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

// document fills the form that is open from the zone, opens the chip of a holder
// with it, and forgets any other: a document that nobody asked for is nobody's
// business here.
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
	c.Notice = Notice{}
	if read := zoneFields(d, d.Birth.Birth(c.Now), d.Expiry.Expiry(c.Now)); c.Form.Source == FromZone || !c.Form.says(read) {
		c.Face.Wipe() // it is another document's
		c.Form.take(read, FromZone, d.Shortened)
	}
	c.fillIn()
}

// zoneFields are what a zone says that a form may ask for. The nationality is not
// among it: no purpose does.
func zoneFields(d mrz.Document, birth, expiry string) map[string]string {
	return map[string]string{
		Family: d.Primary, Given: d.Secondary, Birth: birth, Sex: string(d.Sex),
		DocumentType: d.Code, DocumentNumber: d.Number, DocumentIssuer: d.Issuer, DocumentExpiry: expiry,
	}
}

// take has the form compared with another document.
func (r *Reading) take(read map[string]string, source string, shortened bool) {
	r.Read, r.Source, r.Shortened = read, source, shortened
}

// says reports whether the document that was read says the same: it is the same.
func (r *Reading) says(read map[string]string) bool {
	for id, value := range read {
		if plain(id, r.Read[id]) != plain(id, value) {
			return false
		}
	}
	return r.Read != nil
}

// plain is what a field says as a zone would write it.
func plain(id, text string) string {
	if id == Family || id == Given {
		if zone, err := mrz.Transliterate(text); err == nil {
			return zone
		}
	}
	return text
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
// read for the form, and whether it says something else. Names are compared as
// a zone writes them; one that the zone may have cut is never said to differ, nor
// is a birth date of which the document has the beginning.
func (s *State) FromDocument(id string) (same, other bool) {
	read, text := plain(id, s.Form.Read[id]), plain(id, s.text(id))
	switch {
	case read == "" || text == "":
		return false, false
	case text == read, id == Birth && strings.HasPrefix(text, read+"-"):
		return true, false
	}
	return false, !(s.Form.Shortened && (id == Family || id == Given))
}

// Unexplained lists the fields that say something else than the document, and
// nobody has said why.
func (s *State) Unexplained() []string {
	return slices.DeleteFunc(s.Differing(), func(id string) bool { return s.Form.Explained[id] == s.Form.Read[id] })
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
