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

// reasoned does what the reason was asked for, and goes on from where it was
// asked. Without one it does nothing.
func (c *Counter) reasoned() {
	r := c.Reasoning
	reason := r.Code
	if r.Note != "" {
		reason += ": " + r.Note
	}
	if reason == "" {
		return
	}
	to := r.From
	switch r.What {
	case "accept_print":
		c.keepPrint(r.Finger, reason)
	case "accept_portrait":
		c.keepPortrait(reason)
		c.onwards()
		return
	case "discard":
		if c.discard(Discard{r.Finger, reason}) {
			to = Prints
		}
	}
	c.open(to)
}
