package flow

import (
	"maps"
	"slices"
	"strings"

	"optag/capture/finger"
)

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
	c.Reasoning = Reasoning{What: what, Finger: p, From: from}
	c.Reasoning.Code = c.Reasoning.Codes()[0]
	c.Page, c.Notice = Reason, Notice{}
}

// changeRead is what is asked when the case says something else than a document
// that was read for it.
const changeRead = "change_read"

// abandon is what is asked when an open case is to end without a result.
const abandon = "abandon"

// Codes lists the reasons that the officer chooses from, in order.
func (r Reasoning) Codes() []string {
	switch r.What {
	case changeRead:
		return []string{"misread", "document_wrong", "other_evidence", "name_changed"}
	case abandon:
		return []string{"person_left", "withdrawn", "other_person", "opened_by_mistake"}
	}
	return []string{"best_possible", "worn_skin", "injury", "age", "wrong_finger", "operator_judgement"}
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
	case changeRead:
		c.explain(r.Code)
		return
	case abandon:
		c.abandon(r.Code)
		return
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

// explain records why fields say something else than the document, and goes on
// to the law. The log has fields and code alone; words of the clerk could hold
// what no log may, so that none are asked for. Each field is explained once for
// what the document says, whatever is written there later.
func (c *Counter) explain(code string) {
	if !slices.Contains(c.Reasoning.Codes(), code) {
		return
	}
	fields := c.Unexplained()
	c.Form.Explained = maps.Clone(c.Form.Explained)
	if c.Form.Explained == nil {
		c.Form.Explained = map[string]string{}
	}
	for _, id := range fields {
		c.Form.Explained[id] = c.Form.Read[id]
	}
	c.do(c.entry("read_value_changed", code+" "+strings.Join(fields, " ")))
	c.open(CaseForm)
	c.decide()
}

// abandon ends the case: what was taken is destroyed with its draft, and the log
// has the code.
func (c *Counter) abandon(code string) {
	if !slices.Contains(c.Reasoning.Codes(), code) {
		return
	}
	c.do(c.entry("case_abandoned", code))
	c.forget()
	c.open(Home)
}
