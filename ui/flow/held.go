package flow

import (
	"maps"

	"optag/capture"
)

// Held is what the counter knows of a case beside its session: what a draft
// must hold for somebody to go on with the case after a crash.
type Held struct {
	Officer    string            `json:"officer"` // who held it last, as the log calls them; "" when nobody was logged in
	Number     string            `json:"number"`
	Form       map[string]string `json:"form"`   // by field
	Person     string            `json:"person"` // language of the applicant's screen
	RightsPage int               `json:"rights_page"`
	Aloud      bool              `json:"aloud"`
	Judged     map[string]bool   `json:"judged"` // of the portrait
}

// Held is what is to be kept with the session. Nothing in it is the counter's
// own.
func (c *Counter) Held() Held {
	h := Held{
		Number: c.Number, Form: maps.Clone(c.Form.Values), Person: c.Look.Person,
		RightsPage: c.RightsPage, Aloud: c.Aloud, Judged: maps.Clone(c.Photo.Judged), Officer: c.holder,
	}
	if c.Officer != nil {
		h.Officer = c.Officer.Actor()
	}
	return h
}

// Resume puts a case back that was being worked on when the program ended. It
// is called before the first event; whoever logs in takes the case over. A
// session that is nil changes nothing.
func (c *Counter) Resume(h Held, s *capture.Session) {
	if s == nil {
		return
	}
	c.Session, c.Number, c.holder = s, h.Number, h.Officer
	c.Form = Form{Values: h.Form}
	if h.Person != "" {
		c.Look.Person = h.Person
	}
	c.RightsPage, c.Aloud, c.Photo.Judged = max(h.RightsPage, 0), h.Aloud, h.Judged
	c.Page, c.Officer = Login, nil
	c.openLogin(true)
	c.Draft = "safe" // it comes from there
}
