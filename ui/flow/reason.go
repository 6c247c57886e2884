package flow

import "optag/capture/finger"

// Fields of the page of reasons.
const (
	ReasonCode = "reason"
	ReasonNote = "reason_note"
)

// askReason opens the page on which the officer says why. Nothing is kept or
// thrown away against a check without one.
func (c *Counter) askReason(what string, p finger.Position) {
	from := c.Page
	c.leave()
	c.Reasoning = Reasoning{What: what, Finger: p, Code: Reasons()[0], From: from}
	c.Page, c.Notice = Reason, Notice{}
}

func (c *Counter) onReason(e Event) {
	r := &c.Reasoning
	switch e := e.(type) {
	case Edit:
		switch e.Field {
		case ReasonCode:
			r.Code = e.Value
		case ReasonNote:
			r.Note = e.Value
		}
	case Next:
		c.reasoned()
	case Back:
		c.open(r.From)
	}
}

// reasoned does what the reason was asked for.
func (c *Counter) reasoned() {
	r := c.Reasoning
	reason := r.Code
	if r.Note != "" {
		reason += ": " + r.Note
	}
	c.open(r.From)
	switch r.What {
	case "accept_print":
		c.acceptPrint(r.Finger, reason)
	case "accept_portrait":
		kept, _ := c.Session.Portrait()
		c.acceptPortrait(kept, reason)
	case "discard":
		if c.discard(Discard{r.Finger, reason}) {
			c.open(Prints)
		}
	}
}
