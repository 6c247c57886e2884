package flow

import (
	"strings"

	"optag/capture"
)

// Fields of the page on which the police's force is recorded.
const (
	ForceAuthority = "force_authority" // who of the police decided
	ForceNote      = "force_note"
)

// Securing is that page as it is typed.
type Securing struct{ Authority, Note string }

// openForce opens the page from that of the refusal, where the police may secure
// what is refused. Nothing on the screens leads there but a key of the clerk's.
func (c *Counter) openForce() {
	if !c.Session.Case().Facts.Secured() {
		return
	}
	c.Securing = Securing{}
	if f := c.Session.Force(); f != nil {
		c.Securing = Securing{f.Authority, f.Note}
	}
	c.Page, c.Notice = Force, Notice{}
}

func (c *Counter) onForce(e Event) {
	switch e := e.(type) {
	case Edit:
		switch e.Field {
		case ForceAuthority:
			c.Securing.Authority = e.Value
		case ForceNote:
			c.Securing.Note = e.Value
		}
	case RecordForce:
		c.recordForce()
	case Back:
		c.Page, c.Notice = Refusal, Notice{}
	}
}

// recordForce records the police's decision, and what was refused is asked for
// again; without an authority, that there was none.
func (c *Counter) recordForce() {
	authority, note := strings.TrimSpace(c.Securing.Authority), strings.TrimSpace(c.Securing.Note)
	var f *capture.Force
	switch {
	case authority != "":
		f = &capture.Force{Authority: authority, Note: note, By: c.Officer.ID, At: c.Now}
	case c.Session.Force() == nil:
		c.tell(Notice{Code: "force_needs_authority", Tone: "advice"})
		return
	}
	if c.Session.Secure(f) != nil {
		return
	}
	detail := "withdrawn"
	if f != nil {
		detail = "police"
		c.Session.Refuse(capture.Refusal{})
	}
	c.do(c.entry("force_recorded", detail))
	c.saved()
	c.back(c.Asking)
}

// noForce takes the record back where nothing came of it.
func (c *Counter) noForce() {
	if c.Session.Force() != nil {
		_ = c.Session.Secure(nil) // which is always theirs to take back
		c.do(c.entry("force_recorded", "withdrawn"))
	}
}
