package present

import (
	"strings"

	"optag/capture"
	"optag/capture/finger"
	"optag/capture/rule"
	"optag/device"
	"optag/ui/flow"
	"optag/ui/i18n"
)

// ApplicantScreen is what the person in front of the counter sees of a state:
// one picture and one sentence, and nothing between cases.
func ApplicantScreen(s *flow.State) Applicant {
	v := look(s)
	a := Applicant{Language: v.p.Name(), Code: v.p.Lang(), RTL: v.p.RTL(),
		Look: Look{HighContrast: s.Look.HighContrast, ReducedMotion: s.Look.Still}}
	if s.Officer == nil || s.Session == nil && s.Delivery.Package == "" && !v.forHolder() {
		a.Blank = true
		return a
	}
	picture, sentence := v.ask()
	a.Picture, a.Sentence = picture, v.p.Text(sentence)
	if v.forHolder() {
		a.Card = v.cardSheet()
		return a
	}
	a.Progress = v.progress()
	if s.Page == flow.Portrait {
		kept, _ := s.Session.Portrait()
		a.Portrait = kept == nil
	}
	if s.Page == flow.Rights {
		a.Rights = v.rightsPage()
	}
	return a
}

// forHolder reports whether the person is to see what their card holds: where
// the chip is read for a case, only when the clerk shows it.
func (v screen) forHolder() bool {
	return v.s.Page == flow.Card && (v.s.Card.For == "" || v.s.Look.HandedOver && v.s.Card.Seen != nil)
}

// ask is the picture and the sentence that tell the person what to do now.
func (v screen) ask() (picture, sentence string) {
	s := v.s
	switch s.Page {
	case flow.Card:
		return v.askCard()
	case flow.CaseForm, flow.Law, flow.Decision:
		return "rights", "say.welcome"
	case flow.Rights:
		return "rights", "say.rights"
	case flow.Prints:
		return v.askFinger()
	case flow.Exceptions:
		return "hand-right-palm", "say.show_hands"
	case flow.Refusal:
		return "rights", "say.explain"
	case flow.Portrait:
		return v.askFace()
	case flow.Review, flow.Reason:
		return "wait", "say.review"
	case flow.Delivery:
		return "done", "say.done"
	}
	return "wait", "say.wait"
}

// askCard leaves a card alone that lies there, unless the clerk is told that it is
// to be laid down again.
func (v screen) askCard() (picture, sentence string) {
	k, code := v.s.Card, v.s.Notice.Code
	switch {
	case !v.forHolder():
		return "rights", "say.welcome"
	case k.Gone != "":
		return "wait", "say.wait"
	case k.Reading, k.Lies && code != "card_silent":
		return "chip-card", "say.leave_card"
	}
	return "chip-card", "say.lay_card"
}

func (v screen) askFinger() (picture, sentence string) {
	f := v.s.Finger
	switch {
	case f.Taken != 0:
		return "done", "say.good"
	case f.Asked() == 0:
		return "done", "say.good"
	case f.Live.Advice != "":
		return advicePicture(f.Live.Advice), "say." + string(f.Live.Advice)
	case f.Live.Phase == capture.Clearing:
		return "lift", "say.lift"
	case v.s.Notice.Code == "same_finger":
		return "wrong-finger", "say.other_finger"
	case f.Live.Phase == capture.Assessing:
		return "hold-still", "say.hold_still"
	}
	return placing(f.Task)
}

// placing is how a finger or a slap is placed. A slap of which fingers are
// missing is shown, not named.
func placing(t capture.Task) (picture, sentence string) {
	if t.Slap == 0 {
		return placePicture(t.First()), "say.place." + t.First().String()
	}
	sentence = "say.place." + slapKey(t.Slap)
	if len(t.Fingers) < len(t.Slap.Fingers()) {
		sentence = "say.place.shown"
	}
	names := make([]string, len(t.Fingers))
	for i, p := range t.Fingers {
		names[i] = p.String()
	}
	return SlapPicture + strings.Join(names, ","), sentence
}

// SlapPicture begins the name of a picture of hands from the back; the names of
// the fingers that are to be laid down follow, with commas between.
const SlapPicture = "slap:"

// slapKey is what the catalogues call a slap.
func slapKey(s finger.Slap) string {
	switch s {
	case finger.Thumbs:
		return "two_thumbs"
	case finger.Indexes:
		return "two_indexes"
	}
	return s.String()
}

func placePicture(p finger.Position) string {
	return "place-" + p.Hand().String() + "-" + p.Digit().String()
}

func advicePicture(r device.Retry) string {
	if picture, ok := map[device.Retry]string{
		device.PressHarder: "press-harder", device.PressLess: "lift", device.Lift: "lift",
		device.WipeFinger: "wipe-finger", device.WipeGlass: "wipe-glass", device.HoldStill: "hold-still",
		device.OtherFinger: "wrong-finger", device.Centre: "finger-on-glass",
		device.OtherHand: "wrong-finger", device.AllFingers: "press-harder", device.TheseFingers: "wrong-finger",
		device.CentreHand: "finger-on-glass", device.Spread: "lift", device.Straighten: "retry",
		device.LookHere: "look-here", device.Closer: "move-closer", device.Back: "move-back",
	}[r]; ok {
		return picture
	}
	return "wait"
}

func (v screen) askFace() (picture, sentence string) {
	if kept, _ := v.s.Session.Portrait(); kept != nil {
		return "done", "say.good"
	}
	if r := v.s.FaceAdvice(); r != "" {
		return advicePicture(r), "say." + string(r)
	}
	return "look-here", "say.look_here"
}

// progress is a paper for the rights, a print for each finger, a head for the
// portrait and a tick for the end.
func (v screen) progress() []Milestone {
	s := v.s
	if s.Session == nil {
		done := []Milestone{{"doc", StepDone}}
		for range s.Delivery.Fingers {
			done = append(done, Milestone{"finger", StepDone})
		}
		if s.Delivery.Portrait {
			done = append(done, Milestone{"user", StepDone})
		}
		return append(done, Milestone{"check", StepDone})
	}
	state := func(step flow.Page) StepState {
		switch {
		case s.Done(step) && s.Step() != step:
			return StepDone
		case s.Step() == step:
			return StepNow
		}
		return StepToCome
	}
	all := []Milestone{{"doc", state(flow.Rights)}}
	all = append(all, v.printProgress(state(flow.Prints))...)
	if s.Session.WantsPortrait() {
		all = append(all, Milestone{"user", state(flow.Portrait)})
	}
	end := StepToCome
	if s.Page == flow.Review {
		end = StepNow
	}
	return append(all, Milestone{"check", end})
}

func (v screen) printProgress(step StepState) []Milestone {
	if !v.s.Session.WantsPrints() {
		return nil
	}
	taken := len(v.s.Session.Kept())
	if v.wanted() > 2 { // ten circles would not fit
		return v.slapProgress(step)
	}
	var all []Milestone
	for i := range v.wanted() {
		m := Milestone{"finger", StepToCome}
		switch {
		case i < taken:
			m.State = StepDone
		case i == taken && step == StepNow:
			m.State = StepNow
		case step == StepDone:
			continue // fewer than two could be taken
		}
		all = append(all, m)
	}
	return all
}

// slapProgress is a hand for each slap of 4-4-2, and one print for all ten where
// they are given one by one.
func (v screen) slapProgress(step StepState) []Milestone {
	if v.s.Finger.Task.Slap == 0 && v.s.Finger.Presented.Slap == 0 {
		return []Milestone{{"finger", step}}
	}
	var all []Milestone
	for _, slap := range []finger.Slap{finger.RightFour, finger.LeftFour, finger.Thumbs} {
		m := Milestone{"hand", StepDone}
		for _, p := range slap.Fingers() {
			if v.s.Session.Pending(p) {
				m.State = StepToCome
			}
		}
		if m.State != StepDone && step == StepNow && finger.SlapOf(v.s.Finger.Asked()) == slap {
			m.State = StepNow
		}
		all = append(all, m)
	}
	return all
}

// text is the rights information of the case in a language.
func (v screen) text(l i18n.Localizer) (i18n.Rights, bool) {
	f, need := v.s.Session.Case().Facts, v.s.Session.Requirement()
	r, err := i18n.RightsFor(RightsID(f), l.Lang(), l.Text("controller."+string(need.Controller)))
	return r, err == nil
}

// RightsID is the rights information that belongs to a case: that of its
// purpose, and of the card another one for asylum seekers and refugees.
func RightsID(f rule.Facts) string {
	switch {
	case f.Purpose == rule.Eurodac:
		return "eurodac"
	case f.Purpose == rule.PoliceRegister:
		return "police_register"
	case f.Purpose == rule.VIS, f.Purpose == rule.LongStayVisa:
		return "visa"
	case f.Basis == rule.AA7 || f.Basis == rule.AA8:
		return "residence_card_asylum"
	}
	return "residence_card"
}

// RightsText is the rights information of a case as the counter records it:
// which words in which language, by their hash.
func RightsText(f rule.Facts, need rule.Requirement, language string) flow.RightsText {
	l, _ := i18n.For(language)
	r, err := i18n.RightsFor(RightsID(f), language, l.Text("controller."+string(need.Controller)))
	if err != nil {
		return flow.RightsText{ID: "none", Pages: 1}
	}
	return flow.RightsText{ID: r.ID, Version: version(r), SHA256: r.Hash(), Pages: len(r.Pages)}
}

func (v screen) rightsPage() *RightsPage {
	r, ok := v.text(v.p)
	if !ok || v.s.RightsPage >= len(r.Pages) {
		return nil
	}
	page := &RightsPage{Heading: r.Pages[v.s.RightsPage].Heading, Rows: rightsRows(r, v.s.RightsPage),
		Page: v.s.RightsPage + 1, Pages: len(r.Pages)}
	if r.Status == i18n.Draft {
		page.Draft = v.p.Text("rights.say_draft")
	}
	return page
}

func rightsRows(r i18n.Rights, page int) []RightsRow {
	var rows []RightsRow
	for _, row := range r.Pages[page].Rows {
		rows = append(rows, RightsRow(row))
	}
	return rows
}

// sees is the small copy of the applicant's screen.
func (v screen) sees() PersonSees {
	picture, sentence := v.ask()
	p := PersonSees{Heading: v.l.Text("sees.title"), Picture: picture, Sentence: v.p.Text(sentence), RTL: v.p.RTL()}
	if v.p.Lang() != v.l.Lang() {
		p.Gloss = v.l.Text("sees.gloss", "text", v.l.Text(sentence))
	}
	return p
}
