package present

import (
	"fmt"
	"strings"
	"time"

	"optag/capture"
	"optag/capture/finger"
	"optag/capture/rule"
	"optag/ui/flow"
	"optag/ui/i18n"
)

// A screen is one look at the counter, in the clerk's language and in the
// person's.
type screen struct {
	s *flow.State
	l i18n.Localizer // of the clerk
	p i18n.Localizer // of the person
}

func look(s *flow.State) screen {
	l, _ := i18n.For(s.Look.Language)
	p, _ := i18n.For(s.Look.Person)
	return screen{s, l, p}
}

// OperatorScreen is what the clerk's screen shows of a state. oneMonitor says
// that the applicant's screen may have to cover the work area.
func OperatorScreen(s *flow.State, oneMonitor bool) Operator {
	v := look(s)
	vm := Operator{
		Header: v.header(), Rail: v.rail(), Status: v.status(), Clock: v.l.Clock(s.Now),
		Shortcuts: v.shortcuts(), Look: Look{HighContrast: s.Look.HighContrast, ReducedMotion: s.Look.Still},
	}
	v.page(&vm)
	if s.Notice.Code != "" {
		vm.Advice = v.notice(s.Notice)
	}
	if oneMonitor && s.Look.HandedOver {
		cover := ApplicantScreen(s)
		vm.Cover = &cover
	}
	return vm
}

// page fills in what belongs to the page in front.
func (v screen) page(vm *Operator) {
	switch v.s.Page {
	case flow.Login:
		v.login(vm)
	case flow.Home:
		v.home(vm)
	case flow.CaseForm:
		v.caseForm(vm)
	case flow.Law:
		v.law(vm)
	case flow.Decision:
		v.decision(vm)
	case flow.Rights:
		v.rights(vm)
	case flow.Prints:
		v.prints(vm)
	case flow.Exceptions:
		v.exceptions(vm)
	case flow.Refusal:
		v.refusal(vm)
	case flow.Force:
		v.force(vm)
	case flow.Reason:
		v.reason(vm)
	case flow.Portrait:
		v.portrait(vm)
	case flow.Review:
		v.review(vm)
	case flow.Delivery:
		v.delivery(vm)
	case flow.Queue:
		v.queue(vm)
	case flow.Notices:
		v.notices(vm)
	case flow.Card:
		v.card(vm)
	case flow.Devices:
		v.devices(vm)
	case flow.Lost:
		v.lost(vm)
	}
}

// header is the case at the top; once a case is delivered its name is gone.
func (v screen) header() *Header {
	s, l := v.s, v.l
	if s.Officer == nil {
		return nil
	}
	h := &Header{User: s.Officer.Name, Role: l.Text("role." + s.Officer.Role), Lock: l.Text("lock")}
	switch {
	case s.Delivery.Package != "":
		h.Name = v.called(s.Delivery.Purpose)
		h.Born = l.Text("head.closed", "date", l.Date(s.Delivery.Sealed), "time", l.Clock(s.Delivery.Sealed))
		h.Kind, h.Number = l.Text("purpose."+string(s.Delivery.Purpose)), l.Text("head.removed")
		h.Safe = l.Text("head.destroyed")
		h.Clock = v.running()
	case s.Session != nil:
		v.caseHeader(h)
	case s.Step() == flow.CaseForm:
		h.Name = l.Text("head.new")
	default:
		h.Name, h.Born = l.Text("head.none"), s.Station.Name+" · "+s.Station.Place
	}
	return h
}

func (v screen) caseHeader(h *Header) {
	l, c := v.l, v.s.Session.Case()
	h.Name, h.Number = holder(c.Holder), v.called(c.Facts.Purpose)
	if h.Name == "" {
		h.Name, h.Number = h.Number, v.s.Station.Name
	}
	if b := c.Facts.BirthDate; !b.IsZero() {
		h.Born = l.Text("head.born_only", "date", l.PartialDate(b.String()))
	}
	if age, ok := v.age(); ok {
		h.Born = l.Text("head.born", "date", l.PartialDate(c.Facts.BirthDate.String()), "age", age)
	}
	h.Kind = l.Text("purpose."+string(c.Facts.Purpose)) + " · " + v.basis(c.Facts.Basis)
	if c.Facts.Purpose == rule.ResidenceCard {
		h.Kind += " · " + l.Text("application."+string(c.Facts.Application))
	}
	h.Clock = v.running()
	if v.s.Draft == "safe" {
		h.Safe = l.Text("head.safe")
	}
}

// called is the number of the case with a word for what it is.
func (v screen) called(purpose rule.Purpose) string {
	if purpose == rule.Eurodac {
		return v.l.Text("head.reference", "number", v.s.Number)
	}
	return v.l.Text("head.case", "number", v.s.Number)
}

// running is the clock of a case that is to be handed over promptly, in hours
// and minutes, with the limit where the law has one; "" where none runs.
func (v screen) running() string {
	c := v.s.Clock()
	switch {
	case c.From.IsZero(), c.Took > 0:
		return ""
	case c.Limit > 0:
		return v.lasted("head.since_of", v.s.Now.Sub(c.From), "limit", int(c.Limit.Hours()))
	}
	return v.lasted("head.since", v.s.Now.Sub(c.From))
}

// lasted is a text with a time in hours and minutes.
func (v screen) lasted(key string, d time.Duration, args ...any) string {
	d = max(d, 0)
	return v.l.Text(key, append(args, "h", int(d.Hours()), "m", fmt.Sprintf("%02d", int(d.Minutes())%60))...)
}

// holder writes a name as it stands on a card: given names, then the surname in
// capitals.
func holder(h capture.Holder) string {
	return strings.TrimSpace(h.Given + " " + strings.ToUpper(h.Family))
}

// age is the person's in completed years today, where the birth date is whole.
func (v screen) age() (int, bool) {
	b := v.s.Session.Case().Facts.BirthDate
	if !b.Complete() {
		return 0, false
	}
	return rule.Age(b.Earliest(), v.s.Session.Case().Facts.CaptureOn), true
}

// basis is a provision as it is written: "§ 9 a".
func (v screen) basis(b rule.Basis) string {
	text := string(b)
	for i, r := range text {
		if r >= 'a' && r <= 'z' && i > 0 && text[i-1] >= '0' && text[i-1] <= '9' {
			text = text[:i] + " " + text[i:]
			break
		}
	}
	if len(b) > 3 && b[:3] == "art" {
		return v.l.Text("basis.article", "n", string(b[3:]))
	}
	return v.l.Text("basis.section", "n", text)
}

// rail is the six steps of a case, or the places of the station.
func (v screen) rail() []Step {
	switch {
	case v.s.Officer == nil:
		return nil
	case v.s.Step() == "":
		return v.places()
	}
	var steps []Step
	for i, page := range flow.Steps() {
		st := Step{ID: string(page), Label: v.l.Text("step." + string(page)), Number: i + 1, Fact: v.stepFact(page)}
		switch {
		case page == v.s.Step() && v.s.Page == flow.Lost:
			st.State = StepLost
		case page == v.s.Step():
			st.State = StepNow
		case v.s.Done(page):
			st.State, st.Open = StepDone, v.s.Delivery.Package == ""
		}
		steps = append(steps, st)
	}
	return steps
}

// stepFact is the one line below a step.
func (v screen) stepFact(page flow.Page) string {
	s, l := v.s, v.l
	switch page {
	case flow.CaseForm:
		if s.Step() == flow.CaseForm {
			return l.Text("fact.check")
		}
	case flow.Rights:
		return v.rightsFact()
	case flow.Prints:
		return v.printsFact()
	case flow.Portrait:
		return v.portraitFact()
	case flow.Review:
		if !s.Delivery.Sealed.IsZero() {
			return l.Text("fact.sealed", "time", l.Seconds(s.Delivery.Sealed))
		}
		if s.Page == flow.Review {
			return l.Text("fact.unsealed")
		}
	case flow.Delivery:
		switch d := s.Delivery; {
		case !d.Destroyed.IsZero():
			return l.Text("fact.signed")
		case d.Offline:
			return l.Text("fact.queued")
		case d.Package != "":
			return l.Text("fact.sending")
		}
	}
	return ""
}

func (v screen) rightsFact() string {
	if v.s.Session == nil || v.s.Session.Rights() == nil {
		return ""
	}
	r := v.s.Session.Rights()
	key := "fact.shown"
	if r.How == "read_aloud" {
		key = "fact.aloud"
	}
	return v.l.Text(key, "language", v.l.Text("lang."+r.Language))
}

func (v screen) printsFact() string {
	s, l := v.s, v.l
	if s.Session == nil {
		if s.Delivery.Package != "" {
			return l.Text("fact.taken_of", "n", len(s.Delivery.Fingers), "all", len(s.Delivery.Fingers))
		}
		return ""
	}
	all := v.wanted()
	switch {
	case !s.Session.Requirement().Asks(rule.ItemPrints):
		return l.Text("fact.not_asked")
	case s.Page == flow.Exceptions:
		return l.Text("fact.cannot")
	case s.Page == flow.Refusal || !s.Session.WantsPrints() && len(s.Session.Case().Facts.Refuses) > 0:
		return l.Text("fact.refusal")
	case s.Page == flow.Lost && s.Gone != nil && s.Gone.Device == "scanner":
		return l.Text("fact.scanner_lost")
	case s.Page == flow.Prints && s.Finger.Asked() != 0:
		return l.Text("fact.finger", "n", min(len(s.Session.Kept())+max(1, len(s.Finger.Task.Fingers)), all), "all", all)
	case len(s.Session.Kept()) > 0:
		return l.Text("fact.taken_of", "n", len(s.Session.Kept()), "all", all)
	}
	return ""
}

// wanted is how many prints the law asks for.
func (v screen) wanted() int {
	if v.s.Session.Requirement().Prints.Required == rule.TwoFlat {
		return 2
	}
	return 10
}

func (v screen) portraitFact() string {
	s, l := v.s, v.l
	if s.Session == nil {
		if s.Delivery.Portrait {
			return l.Text("fact.taken")
		}
		return ""
	}
	kept, n := s.Session.Portrait()
	switch {
	case !s.Session.Requirement().Photo.Required:
		return l.Text("fact.not_asked")
	case s.Page == flow.Lost && s.Gone != nil && s.Gone.Device == "camera":
		return l.Text("fact.camera_lost")
	case kept != nil:
		return l.Text("fact.taken")
	case s.Page == flow.Portrait:
		return l.Text("fact.attempt", "n", min(n+1, 3), "all", 3)
	}
	return ""
}

// places is the rail without a case.
func (v screen) places() []Step {
	st := v.s.Status
	list := []struct {
		page       flow.Page
		icon, fact string
	}{
		{flow.Home, "user", ""},
		{flow.Card, "card", ""},
		{flow.Queue, "queue", v.l.Text("fact.waiting", "n", st.Waiting)},
		{flow.Devices, "usb", v.l.Text("fact.of", "n", st.Devices, "all", st.Expected)},
	}
	names := map[flow.Page]string{flow.Home: "cases", flow.Card: "cards", flow.Queue: "queue", flow.Devices: "devices"}
	var steps []Step
	for _, p := range list {
		if p.page == flow.Card && !v.s.Settings.Cards {
			continue
		}
		s := Step{ID: string(p.page), Label: v.l.Text("place." + names[p.page]), Icon: p.icon, Fact: p.fact, Open: p.page != v.s.Page}
		if p.page == v.s.Page {
			s.State = StepNow
		}
		steps = append(steps, s)
	}
	return steps
}

// status is the bar at the bottom.
func (v screen) status() []StatusItem {
	st, l := v.s.Status, v.l
	network := StatusItem{ID: "network", Icon: "network", Text: l.Text("status.net_ok"), Tone: Good, Page: string(flow.Queue)}
	if !st.Online {
		network.Icon, network.Text, network.Tone = "netoff", l.Text("status.net_off"), Warn
	}
	queue := StatusItem{ID: "queue", Icon: "queue", Tone: Good, Page: string(flow.Queue),
		Text: l.Text("status.queue", "waiting", st.Waiting, "delivered", st.Delivered)}
	if st.Stuck > 0 || st.Waiting > 0 && !st.Online {
		queue.Tone = Warn
	}
	devices := StatusItem{ID: "devices", Icon: "usb", Tone: Good, Page: string(flow.Devices),
		Text: l.Text("status.devices", "n", st.Devices, "all", st.Expected)}
	if st.Devices < st.Expected {
		devices.Tone = Halt
	}
	storage := StatusItem{ID: "storage", Icon: "disk", Text: l.Text("status.storage", "n", st.FreeGB), Tone: Good, Page: string(flow.Devices)}
	if st.FreeGB < 2 {
		storage.Tone = Warn
	}
	return []StatusItem{network, queue, devices, storage, v.keys()}
}

// keys warns two weeks before the station's certificate ends.
func (v screen) keys() StatusItem {
	it := StatusItem{ID: "keys", Icon: "key", Text: v.l.Text("status.keys", "date", v.l.ShortDate(v.s.Status.KeysUntil)), Tone: Good, Page: string(flow.Devices)}
	switch left := v.s.Status.KeysUntil.Sub(v.s.Now); {
	case v.s.Status.KeysUntil.IsZero():
		it.Text, it.Tone = v.l.Text("status.keys_none"), Halt
	case left < 0:
		it.Tone = Halt
	case left < 14*24*time.Hour:
		it.Tone = Warn
	}
	return it
}

// shortcuts are the keys that work on every page and have no button.
func (v screen) shortcuts() []Shortcut {
	keys := []Shortcut{
		{"Ctrl+K", Action{ID: DoContrast}}, {"Shift+F4", Action{ID: DoMotion}},
		{"Ctrl++", Action{ID: DoTextLarger}}, {"Ctrl+-", Action{ID: DoTextLess}},
	}
	if v.s.Officer == nil {
		return keys
	}
	keys = append(keys, Shortcut{"F12", Action{ID: DoLock}}, Shortcut{"F4", Action{ID: DoRepeat}}, Shortcut{"F9", Action{ID: DoHandOver}})
	if v.s.Page == flow.Card && v.s.Card.For == "" {
		return append(keys, Shortcut{"F11", Action{ID: DoSpeakIn}})
	}
	if v.s.Session == nil {
		return keys
	}
	keys = append(keys, Shortcut{"F11", Action{ID: DoSpeakIn}}, Shortcut{"F1", Action{ID: DoShowLaw}}, Shortcut{"F3", Action{ID: DoRefuses}})
	switch {
	case v.s.Page == flow.Portrait && v.s.Face.Image != nil:
		keys = append(keys, Shortcut{"F8", Action{ID: DoCompare}})
	case v.s.Page == flow.Refusal:
		keys = append(keys, Shortcut{"Shift+F3", Action{ID: DoSecures}})
	case v.s.Page != flow.Prints:
	case v.s.Finger.Task.Slap != 0:
		keys = append(keys, Shortcut{"F5", Action{ID: DoSingly}})
	case v.s.Slaps:
		keys = append(keys, Shortcut{"F5", Action{ID: DoTogether}})
	}
	for i, page := range flow.Steps() {
		keys = append(keys, Shortcut{Key("Alt+" + string(rune('1'+i))), Action{ID: DoGoStep, Arg: string(page)}})
	}
	return keys
}

// button is an action with its words and key.
func (v screen) button(id ID, key string, k Key, icon string) Button {
	return Button{Action: Action{ID: id}, Label: v.l.Text(key), Key: k, Icon: icon}
}

func (v screen) primary(id ID, key string, k Key, icon string) *Button {
	b := v.button(id, key, k, icon)
	return &b
}

// finger is a finger's name, short where it stands among others.
func (v screen) finger(p finger.Position) string { return v.l.Text("finger." + p.String()) }
func (v screen) short(p finger.Position) string  { return v.l.Text("short." + p.String()) }

// capital is a finger's name at the beginning of a sentence.
func (v screen) capital(p finger.Position) string { return i18n.Capital(v.short(p)) }

// threshold of a finger, as it stands on the screen.
func threshold(s *capture.Session, p finger.Position) int {
	if p == 0 {
		return 0
	}
	return s.Threshold(p)
}
