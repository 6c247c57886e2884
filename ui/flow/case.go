package flow

import (
	"errors"
	"slices"

	"optag/capture"
	"optag/capture/finger"
	"optag/capture/rule"
)

// called is the number by which a case is known: Eurodac's is the reference
// number, which must be its only one (ED art. 5, 8, 11).
func called(k capture.Case) string {
	if k.Data != nil && k.Data.Reference != "" {
		return k.Data.Reference
	}
	return k.Number
}

func (c *Counter) onCase(e Event) {
	switch e := e.(type) {
	case Edit:
		if c.Page == CaseForm {
			c.edit(e.Field, e.Value)
		}
	case ReadChip:
		if c.Page == CaseForm {
			c.openChip()
		}
	case Decide:
		c.decide()
	case Abandon:
		if c.Page == CaseForm && c.Session != nil {
			c.askReason(abandon, 0)
		}
	case Next:
		c.caseNext()
	case Refuses:
		if c.Page == Law {
			c.openRefusal()
		}
	case AllUnable:
		if c.Page == Law {
			c.allUnable(e)
		}
	case Back:
		c.caseBack()
	}
}

func (c *Counter) caseNext() {
	switch c.Page {
	case CaseForm:
		c.decide()
	case Law:
		c.onwards()
	case Decision:
		if c.Session.Requirement().Decision == rule.Blocked {
			c.open(CaseForm)
			return
		}
		c.do(c.entry("case_closed", string(c.Session.Requirement().Decision)))
		c.forget()
		c.open(Home)
	}
}

func (c *Counter) caseBack() {
	switch c.Page {
	case Law, Decision:
		c.open(CaseForm)
	case CaseForm:
		if c.Session == nil {
			c.forget()
			c.open(Home)
			return
		}
		c.undo()
		if c.Session.Requirement().Decision != rule.Capture {
			c.open(Decision)
			return
		}
		c.open(Law)
	}
}

// decide reads the form, opens the session and shows what the law asks for. A
// session with prints in it is kept as long as the facts stay the same.
func (c *Counter) decide() {
	begun, wrong := c.typed()
	if len(wrong) > 0 {
		c.Form.Wrong = wrong
		c.tell(Notice{Code: "form_incomplete", Tone: "advice", Number: len(wrong)})
		return
	}
	if len(c.Unexplained()) > 0 {
		c.askReason(changeRead, 0)
		return
	}
	if c.Session != nil && !c.Session.Amend(begun) {
		c.do(Forget{c.Session}, c.entry("case_abandoned", ""))
		c.Session = nil
	}
	if c.Session == nil {
		s, err := capture.Open(begun, c.profile())
		if err != nil {
			var fact *rule.FactError
			if errors.As(err, &fact) {
				c.Form.Wrong = map[string]string{fact.Fact: "choice"}
			}
			c.tell(Notice{Code: "form_incomplete", Tone: "advice", Number: 1})
			return
		}
		c.Session = s
		s.Together(c.Slaps)
	}
	c.Number, c.Form.Wrong, c.meant = called(begun), nil, c.Form.Reading
	need := c.Session.Requirement()
	c.do(c.entry("law_decided", string(need.Decision)))
	c.saved()
	if need.Decision == rule.Capture {
		c.open(Law)
		return
	}
	c.open(Decision)
}

// allUnable records that no finger of the person can be taken, or takes that
// back. An exemption for good needs its reason in words.
func (c *Counter) allUnable(e AllUnable) {
	kind := rule.UnableTemporarily
	if e.Permanent {
		kind = rule.UnablePermanently
	}
	switch {
	case c.Session.Case().Facts.Unable.Prints == kind:
		kind = rule.Able
	case e.Permanent && e.Note == "":
		return
	}
	c.Session.Unable(capture.Inability{Kind: kind, Note: e.Note, SeenBy: c.Officer.ID, At: c.Now})
	c.do(c.entry("exception_recorded", string(kind)))
	c.saved()
	switch {
	case c.Session.Requirement().Decision != rule.Capture:
		c.open(Decision)
	case kind == rule.Able:
		c.tell(Notice{})
	default:
		c.tell(Notice{Code: "all_unable", Tone: "info", Word: string(kind)})
	}
}

func (c *Counter) openRights() {
	if c.Session == nil {
		return
	}
	c.RightsPages = c.rightsText().Pages
	c.RightsPage = min(c.RightsPage, max(c.RightsPages-1, 0))
}

func (c *Counter) onRights(e Event) {
	switch e := e.(type) {
	case RightsTurn:
		c.RightsPage = min(max(c.RightsPage+e.By, 0), max(c.RightsPages-1, 0))
	case ReadAloud:
		c.Aloud = !c.Aloud
	case RightsGiven, Next:
		if c.RightsPage < c.RightsPages-1 {
			c.RightsPage++
			return
		}
		c.inform()
		c.onwards()
	case Refuses:
		c.openRefusal()
	case Back:
		c.open(Law)
	}
}

func (c *Counter) rightsText() RightsText {
	if c.Settings.Texts == nil {
		return RightsText{}
	}
	return c.Settings.Texts(c.Session.Case().Facts, c.Session.Requirement(), c.Look.Person)
}

// inform records which text was given, in which language and how. Once
// something has been taken, what was given before it stands.
func (c *Counter) inform() {
	if c.Session.Rights() != nil && c.begun() {
		return
	}
	t := c.rightsText()
	how := "shown"
	if c.Aloud {
		how = "read_aloud"
	}
	c.Session.Inform(capture.Rights{Text: t.ID, Version: t.Version, Language: c.Look.Person, SHA256: t.SHA256, How: how, At: c.Now})
	c.do(c.entry("rights_given", t.ID+"/"+t.Version+"/"+c.Look.Person))
	c.saved()
}

// begun reports whether anything has been taken of the person.
func (c *Counter) begun() bool {
	_, photos := c.Session.Portrait()
	return photos > 0 || slices.ContainsFunc(finger.All(), func(p finger.Position) bool { return len(c.Session.Attempts(p)) > 0 })
}

func (c *Counter) openRefusal() {
	c.Asking = c.Page
	c.leave()
	refuses := c.Session.Case().Facts.Refuses
	c.Refusing = Refusing{
		Prints: slices.Contains(refuses, rule.ItemPrints) || len(refuses) == 0 && c.Page != Portrait,
		Photo:  slices.Contains(refuses, rule.ItemPhoto) || len(refuses) == 0 && c.Page == Portrait,
	}
	if need := c.Session.Requirement(); !need.Asks(rule.ItemPrints) {
		c.Refusing.Prints, c.Refusing.Photo = false, need.Asks(rule.ItemPhoto)
	} else if !need.Asks(rule.ItemPhoto) {
		c.Refusing.Prints, c.Refusing.Photo = true, false
	}
	c.Page, c.Notice = Refusal, Notice{}
}

func (c *Counter) onRefusal(e Event) {
	switch e := e.(type) {
	case RefuseToggle:
		switch r := &c.Refusing; e.What {
		case "prints":
			r.Prints = !r.Prints
		case "photo":
			r.Photo = !r.Photo
		case "explained":
			r.Explained = !r.Explained
		case "asked":
			r.Asked = !r.Asked
		}
	case ChangedMind:
		if len(c.Session.Case().Facts.Refuses) > 0 {
			c.Session.Refuse(capture.Refusal{})
			c.do(c.entry("refusal_recorded", "withdrawn"))
			c.saved()
		}
		c.back(c.Asking)
	case Back:
		c.back(c.Asking)
	case RecordRefusal:
		c.recordRefusal()
	case Secures:
		c.openForce()
	}
}

func (c *Counter) recordRefusal() {
	r := c.Refusing
	need := c.Session.Requirement()
	any := r.Prints && need.Asks(rule.ItemPrints) || r.Photo && need.Asks(rule.ItemPhoto)
	if !any || !r.Explained || !r.Asked {
		c.tell(Notice{Code: "refusal_explain_first", Tone: "advice"})
		return
	}
	c.noForce()
	c.Session.Refuse(capture.Refusal{Items: r.items(), Explained: true, By: c.Officer.ID, At: c.Now})
	c.do(c.entry("refusal_recorded", string(c.Session.Requirement().Refusal)))
	c.saved()
	if !c.Done(Rights) {
		c.open(Rights)
		return
	}
	c.onwards()
}

// items are what the page says is refused.
func (r Refusing) items() []rule.Item {
	var items []rule.Item
	if r.Photo {
		items = append(items, rule.ItemPhoto)
	}
	if r.Prints {
		items = append(items, rule.ItemPrints)
	}
	return items
}
