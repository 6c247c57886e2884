package flow_test

import (
	"encoding/json"
	"fmt"
	"image"
	"reflect"
	"strings"
	"testing"
	"time"

	"optag/capture"
	"optag/capture/finger"
	"optag/capture/notice"
	"optag/capture/rule"
	"optag/ui/flow"
)

// A desk is a counter with a clerk, a person and everything the station would do.
type desk struct {
	t    *testing.T
	c    *flow.Counter
	now  time.Time
	said []string

	sealing *capture.Session
	seen    []flow.Effect
	before  flow.LoginState // before the last event
	lies    flow.StaffCard  // told last
	faces   []image.Image   // of chips, as they came
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func newDesk(t *testing.T) *desk {
	st := flow.Station{ID: "SIM-01", Name: "Police", Kind: rule.StationPolice}
	texts := func(f rule.Facts, _ rule.Requirement, language string) flow.RightsText {
		return flow.RightsText{ID: "residence_card", Version: "1", SHA256: "00", Pages: 2}
	}
	set := flow.Settings{Language: "da", Profile: capture.EU(), Texts: texts, Idle: 10 * time.Minute, Cards: true}
	return &desk{t: t, c: flow.New(st, set), now: noon}
}

// on takes an event, checks what must hold after every one, and notes what
// has changed.
func (d *desk) on(e flow.Event) {
	d.t.Helper()
	d.now = d.now.Add(time.Second)
	page, notice := d.c.Page, d.c.Notice
	d.before = d.c.Login
	effects := d.c.On(e, d.now)
	d.seen = append(d.seen, effects...)
	for _, f := range effects {
		d.said = append(d.said, "> "+effectWords(f))
	}
	if d.c.Page != page {
		d.said = append(d.said, "page "+string(d.c.Page))
	}
	if d.c.Notice != notice && d.c.Notice.Code != "" {
		d.said = append(d.said, noticeWords(d.c.Notice))
	}
	d.check(e, effects)
}

// check holds after every event.
func (d *desk) check(e flow.Event, effects []flow.Effect) {
	d.t.Helper()
	c := d.c
	bad := func(format string, args ...any) {
		d.t.Helper()
		d.t.Fatalf("after %T on page %s: %s", e, c.Page, fmt.Sprintf(format, args...))
	}
	if (c.Officer == nil) != (c.Page == flow.Login) {
		bad("officer %v", c.Officer)
	}
	if (c.Gone != nil) != (c.Page == flow.Lost) {
		bad("gone %v", c.Gone)
	}
	if k := c.Card; c.Page != flow.Card && (k.Seen != nil || k.Reading || k.Values != nil) || k.Seen != nil && (!k.Lies || k.Until.IsZero()) {
		bad("something of a card is held")
	}
	if c.Page == flow.Review && !c.Ready() {
		bad("something is missing")
	}
	d.checkStaff(e, bad)
	d.checkFace(e, bad)
	if s := c.Session; s != nil {
		_, photos := s.Portrait()
		for _, p := range finger.All() {
			photos += len(s.Attempts(p))
		}
		if photos > 0 && s.Rights() == nil {
			bad("something was taken before the person was informed")
		}
	}
	switch c.Page {
	case flow.Law, flow.Decision, flow.Rights, flow.Prints, flow.Exceptions, flow.Refusal, flow.Force, flow.Portrait, flow.Reason, flow.Review, flow.Lost:
		if c.Session == nil && (c.Page != flow.Reason || c.Reasoning.What != "change_read") {
			bad("there is no case")
		}
	}
	for _, f := range effects {
		d.perform(f, bad)
	}
}

// checkStaff holds of staff cards after every event.
func (d *desk) checkStaff(e flow.Event, bad func(string, ...any)) {
	d.t.Helper()
	c := d.c
	if told, ok := e.(flow.StaffCardIs); ok {
		d.lies = told.Card
	}
	if c.Staff != d.lies {
		bad("the counter thinks that %+v lies there, where %+v does", c.Staff, d.lies)
	}
	if _, gone := e.(flow.StaffCardGone); gone && c.Officer != nil && c.Officer.Certificate != "" {
		bad("the card is gone and its officer is not")
	}
	switch only := c.Settings.Staff == flow.StaffCardsOnly; {
	case c.Settings.Staff == flow.NoStaffCards && c.Login.ByCard, only && c.Page == flow.Login && !c.Login.ByCard:
		bad("the wrong way in is open")
	case only && c.Officer != nil && c.Officer.Certificate == "":
		bad("somebody got in without a card")
	}
	if d.before.Checking && c.Login.Checking && d.before.ByCard != c.Login.ByCard {
		bad("the way in was turned while a PIN was being checked")
	}
}

// perform does what the station would, as far as it concerns the session.
func (d *desk) perform(f flow.Effect, bad func(string, ...any)) {
	d.t.Helper()
	c := d.c
	switch f := f.(type) {
	case flow.Watch:
		want, _ := c.Session.Next()
		if c.Page != flow.Prints || !f.Task.Is(want) || len(f.Thresholds) != len(want.Fingers) {
			bad("watching for %v where %v is asked for", f.Task, want)
		}
		for i, p := range want.Fingers {
			if f.Thresholds[i] != c.Session.Threshold(p) {
				bad("watching for %v from %d", p, f.Thresholds[i])
			}
		}
	case flow.OpenCamera:
		if c.Page != flow.Portrait || !c.Session.WantsPortrait() {
			bad("the camera is opened")
		}
	case flow.CheckPIN, flow.CheckCard:
		if d.before.Checking || !c.Login.Checking {
			bad("a PIN is checked while another is")
		}
		if f, ok := f.(flow.CheckCard); ok && (c.Staff.Is != "one" || f.Staff != c.Staff.Officer.ID || f.PIN == "" && !c.Staff.Keypad || c.Settings.Staff == flow.NoStaffCards) {
			bad("a card is to sign")
		}
	case flow.ReadCard:
		if c.Page != flow.Card || !c.Card.Lies || f.CAN == "" && f.MRZ == "" || f.Ask != c.Card.Ask {
			bad("a card is read")
		}
	case flow.MakeNotice:
		if err := notice.Check(f.Notice); err != nil || c.Page != flow.Notices || f.Notice.Officer != c.Officer.ID {
			bad("a notice is made: %v", err)
		}
	case flow.SaveDraft:
		if f.Session == nil || f.Session != c.Session {
			bad("a draft of another session")
		}
	case flow.SealCase:
		if d.sealing != nil {
			bad("sealed twice")
		}
		d.sealing = f.Session
		if _, _, err := f.Session.Finish("SIM-01", c.Officer.ID, d.now); err != nil {
			bad("a case that is ready cannot be finished: %v", err)
		}
	case flow.Forget:
		if holds(reflect.ValueOf(&c.State), f.Session) {
			bad("the session is forgotten and still held")
		}
		f.Session.Wipe()
		d.sealing = nil
	case flow.Log:
		if strings.Contains(f.Event+f.Detail, "NEMO") || strings.Contains(f.Event+f.Detail, "118402") || strings.Contains(f.Event+f.Detail, "ERIKSS") {
			bad("the log names the person: %+v", f)
		}
		if o := c.Officer; o != nil && o.Certificate != "" && f.Actor == o.ID {
			bad("the log names an officer who has a certificate: %+v", f)
		}
	}
}

// holds reports whether a value leads to the session.
func holds(v reflect.Value, s *capture.Session) bool {
	switch v.Kind() {
	case reflect.Pointer:
		if v.Pointer() == reflect.ValueOf(s).Pointer() {
			return true
		}
		return !v.IsNil() && holds(v.Elem(), s)
	case reflect.Struct:
		for i := range v.NumField() {
			if holds(v.Field(i), s) {
				return true
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if holds(v.Index(i), s) {
				return true
			}
		}
	}
	return false
}

// asked is what the form asks for, and what stands there that cannot be.
func (d *desk) asked() []string {
	said := []string{"asks " + strings.Join(d.c.Asks(), " ")}
	for _, id := range d.c.WrongFields() {
		said = append(said, id+" is wrong: "+d.c.Form.Wrong[id])
	}
	if missing := d.c.Missing(); len(missing) > 0 {
		said = append(said, "lacks "+strings.Join(missing, " "))
	}
	return said
}

// describe is what the state holds of the case.
func (d *desk) describe() string {
	c := d.c
	w := fmt.Sprintf("case %q, form %d fields, draft %q", c.Number, len(c.Form.Values), c.Draft)
	if c.Form.Read != nil {
		w += fmt.Sprintf(", a document read from %s, differing %v", c.Form.Source, c.Differing())
	}
	if k := c.Card; k.Seen != nil || k.Values != nil || k.Reading || k.Lies || k.Gone != "" {
		w += fmt.Sprintf(", card lies %v, reading %v, shown %v, %d fields of a key, reader gone %q", k.Lies, k.Reading, k.Seen != nil, len(k.Values), k.Gone)
	}
	if c.Session != nil {
		_, photos := c.Session.Portrait()
		if data := c.Session.Case().Data; data != nil {
			text, _ := json.Marshal(data)
			w += ", data " + string(text)
		}
		w += fmt.Sprintf(", kept %v, %d photos, refuses %v", c.Session.Kept(), photos, c.Session.Case().Facts.Refuses)
		if r := c.Session.Rights(); r != nil {
			w += ", informed in " + r.Language + " " + r.How + " at " + r.At.Format("15:04:05")
		}
	}
	if c.Delivery.Package != "" {
		w += fmt.Sprintf(", package %s, offline %v, receipt %q, destroyed %v", c.Delivery.Package, c.Delivery.Offline, c.Delivery.Receipt, !c.Delivery.Destroyed.IsZero())
	}
	if c.Login.Waiting {
		w += ", a case waits"
	}
	return w
}
