package flow

import (
	"encoding/json"
	"slices"
	"strings"

	"optag/capture/notice"
	"optag/capture/rule"
)

// Notices is the page for notices about earlier captures, reached from the
// queue.
const Notices Page = "notices"

// Fields of the notice form beside those that it shares with the case form. A
// person's request is for one thing here.
const (
	NoticeKind  = "notice_kind"
	CapturedOn  = "captured_on"
	Happened    = "event"
	HappenedOn  = "happened_on"
	GivenBy     = "given_by" // the state, as in a travel document
	FoundOn     = "found_on"
	FoundBy     = "found_by"
	AskedFor    = "asked_for" // an item
	AskedTo     = "asked_to"  // an action
	RightValue  = "right_value"
	Representer = "representative" // "": the person asks
)

// A Told is how the notice in front stands.
type Told struct {
	Values map[string]string // by field
	Faults notice.Faults     // of the last try
	Ready  *notice.Notice    // the law lets it be made; nil while that is not known
	Making bool
}

// What the station reports of a notice.
type (
	NoticeQueued struct{ Package string }
	NoticeFailed struct{ Cause string } // code as of SealFailed
)

func (NoticeQueued) event() {}
func (NoticeFailed) event() {}

// MakeNotice seals and queues a notice; NoticeQueued or NoticeFailed follows.
type MakeNotice struct{ Notice notice.Notice }

func (MakeNotice) effect() {}

// paths are the fields of the form by their place in a request.
var paths = map[string]string{
	CaseNumber: "capture.case_number", Reference: "capture.reference_number", Purpose: "capture.purpose", Basis: "capture.basis",
	CapturedOn: "capture.captured_on", JudgedAdult: "capture.judged_adult",
	Happened: "follow_up.event", HappenedOn: "follow_up.on", GivenBy: "follow_up.state",
	Birth: "deletion.birth_date", FoundOn: "deletion.found_on", FoundBy: "deletion.found_by",
	AskedFor: "correction.asks[0].item", AskedTo: "correction.asks[0].action", RightValue: "correction.asks[0].right", Representer: "correction.representative",
}

// Fields lists the fields that a notice of the chosen kind has, in the order in
// which they are asked for.
func (n Told) Fields() []string {
	of := []string{NoticeKind, CaseNumber}
	eurodac := n.Values[Purpose] == string(rule.Eurodac)
	if eurodac {
		of = append(of, Reference)
	}
	of = append(of, Purpose, Basis, CapturedOn)
	switch notice.Kind(n.Values[NoticeKind]) {
	case notice.FollowUps:
		of = append(of, Happened, HappenedOn)
		if n.Values[Happened] != string(notice.LeftTerritory) {
			of = append(of, GivenBy)
		}
	case notice.Deletions:
		of = append(of, Birth, FoundOn, FoundBy, JudgedAdult)
	case notice.Corrections:
		of = append(of, AskedFor, AskedTo, RightValue, Representer)
	}
	return of
}

// Wrong is what is wrong with a field; ok is false when nothing is.
func (n Told) Wrong(field string) (f notice.Fault, ok bool) {
	for _, f := range n.Faults {
		if f.Field == paths[field] {
			return f, true
		}
	}
	return f, false
}

// request reads the form as an officer's own words, by [notice.Parse].
func (n Told) request() (notice.Request, error) {
	doc := map[string]any{"kind": n.Values[NoticeKind]}
	for _, field := range n.Fields() {
		value := strings.TrimSpace(n.Values[field])
		section, name, nested := strings.Cut(paths[field], ".")
		if !nested || value == "" {
			continue
		}
		within, ok := doc[section].(map[string]any)
		if !ok {
			within = map[string]any{}
			doc[section] = within
		}
		switch ask, isAsk := strings.CutPrefix(name, "asks[0]."); {
		case isAsk:
			asks, ok := within["asks"].([]map[string]string)
			if !ok {
				asks = []map[string]string{{}}
				within["asks"] = asks
			}
			asks[0][ask] = value
		case field == JudgedAdult:
			within[name] = true
		default:
			within[name] = value
		}
	}
	if q, ok := doc["correction"].(map[string]any); ok {
		q["by"] = notice.ThePerson
		if q["representative"] != nil {
			q["by"] = notice.ARepresentative
		}
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return notice.Request{}, err
	}
	return notice.Parse(text)
}

// openNotices begins with an empty form.
func (c *Counter) openNotices() {
	c.Told = Told{Values: map[string]string{
		NoticeKind: string(notice.FollowUps), Purpose: string(rule.Eurodac), Basis: string(rule.Art4), Happened: string(notice.Citizenship),
		AskedFor: string(notice.Everything), AskedTo: string(notice.Erase),
	}}
}

// onNotices handles the page of notices. What is typed there belongs to no case
// and is forgotten with the page.
func (c *Counter) onNotices(e Event) {
	if c.Told.Making {
		return
	}
	switch e := e.(type) {
	case Edit:
		c.editNotice(e.Field, e.Value)
	case Decide:
		c.checkNotice()
	case Seal:
		if n := c.Told.Ready; n != nil {
			c.Told.Making = true
			c.do(MakeNotice{*n})
		}
	case Back:
		c.open(Queue)
	}
}

func (c *Counter) editNotice(field, value string) {
	t := &c.Told
	t.Values[field] = value
	t.Ready, t.Faults = nil, nil
	c.tell(Notice{})
	switch field {
	case NoticeKind:
		if value == string(notice.FollowUps) && t.Values[Purpose] != string(rule.Eurodac) {
			c.editNotice(Purpose, string(rule.Eurodac))
		}
	case Purpose:
		t.Values[Basis] = ""
		if bases := rule.Bases(rule.Purpose(value)); len(bases) > 0 {
			t.Values[Basis] = string(bases[0])
		}
		t.Values[AskedFor] = string(notice.Everything)
	}
	if events := t.Events(); !slices.Contains(events, notice.Event(t.Values[Happened])) {
		t.Values[Happened] = string(events[0])
	}
}

// Events lists what may be told of the capture; all there are where the law will
// say that nothing may.
func (n Told) Events() []notice.Event {
	of := notice.Capture{Purpose: rule.Purpose(n.Values[Purpose]), Basis: rule.Basis(n.Values[Basis])}
	if list := notice.EventsOf(of); len(list) > 0 {
		return list
	}
	return notice.Events()
}

// checkNotice asks the law about what is written.
func (c *Counter) checkNotice() {
	t := &c.Told
	t.Ready, t.Faults = nil, nil
	r, err := t.request()
	if err == nil {
		var n notice.Notice
		law := notice.Settings{Law: c.profile().Law, Categories: c.profile().Eurodac}
		by := notice.Maker{Station: c.Station.ID, Kind: c.Station.Kind, Officer: c.Officer.ID}
		if n, err = law.Make(r, by, c.Now); err == nil {
			t.Ready = &n
			c.tell(Notice{})
			return
		}
	}
	t.Faults, _ = notice.AsFaults(err)
	c.tell(Notice{})
}

// noticeMade takes what became of a notice. The clerk may have left the page.
func (c *Counter) noticeMade(e Event) {
	c.Told.Making = false
	switch e := e.(type) {
	case NoticeQueued:
		c.do(Deliver{}, Sound{"done"})
		if c.Page == Notices {
			c.openNotices()
			c.tell(Notice{Code: "notice_queued", Tone: "good"})
		}
	case NoticeFailed:
		if c.Page == Notices {
			c.tell(Notice{Code: "seal_failed", Tone: "stop", Word: e.Cause})
		}
	}
}
