package present

import (
	"slices"
	"strconv"

	"optag/capture"
	"optag/capture/face"
	"optag/capture/finger"
	"optag/ui/flow"
	"optag/ui/i18n"
)

// frame and oval lie over the live pictures where a finger and a head should.
func frame() Guide { return Guide{Shape: "frame", X: 0.106, Y: 0.0604, W: 0.792, H: 0.8866} }

func oval() Guide {
	return Guide{Shape: "oval", X: 0.2143, Y: 0.1806, W: 0.5833, H: 0.6134, Lines: []float64{0.4236, 0.5243}}
}

func (v screen) prints(vm *Operator) {
	s, l := v.s, v.l
	p := s.Finger.Taken
	if p == 0 {
		p = s.Finger.Asked()
	}
	vm.Title = l.Text("step.prints")
	if p != 0 {
		vm.Title = i18n.Capital(v.named(p))
		vm.Aside = Aside{Text: l.Text("prints.attempts"), Attempts: v.attempts(p)}
	}
	page := &Prints{Live: v.liveFinger(), ScoreOf: v.scoreOf(), Sees: v.sees(), Hands: v.smallHands()}
	v.scorePrint(page, p)
	page.Measures = v.slapMeasures()
	if page.Measures == nil {
		page.Measures = v.printMeasures()
	}
	page.Note = v.printNote(p)
	vm.Page = page
	vm.Advice = Advice{Tone: Wait, Bold: l.Text("advice.waiting"), Text: l.Text("advice.waiting_text")}
	vm.Secondary = []Button{v.button(DoBack, "do.back", "Esc", ""), v.button(DoCannotTake, "do.cannot", "F2", ""), v.button(DoRepeat, "do.repeat", "F4", "sound")}
	if _, best := s.Session.Best(p); best && s.Finger.Taken == 0 && p != 0 {
		vm.Secondary[2] = v.button(DoAcceptReason, "do.accept", "F6", "")
	}
	vm.Primary = v.printsPrimary()
}

// printsPrimary is the way forward: take what there is, the next finger, or
// the next step.
func (v screen) printsPrimary() *Button {
	_, more := v.s.Session.NextPrint()
	switch {
	case !more && v.s.Session.WantsPortrait():
		return v.primary(DoNextFinger, "do.to_portrait", "Enter", "")
	case !more:
		return v.primary(DoNextFinger, "do.to_review", "Enter", "")
	case v.s.Finger.Taken != 0:
		return v.primary(DoNextFinger, "do.next_finger", "Enter", "")
	}
	return v.primary(DoTakeNow, "do.take", "Enter", "")
}

// named is the finger, or the slap in which it is asked for or was just taken.
func (v screen) named(p finger.Position) string {
	t := v.s.Finger.Task
	if v.s.Finger.Taken != 0 {
		t = v.s.Finger.Presented
	}
	if t.Slap == 0 {
		return v.finger(p)
	}
	return v.l.Text("finger." + slapKey(t.Slap))
}

func (v screen) liveFinger() Live {
	live := Live{Label: v.l.Text("live.live"), Running: true, Guide: frame()}
	if v.s.Finger.Task.Slap != 0 {
		live.Guide = Guide{}
	}
	if v.s.Finger.Taken != 0 {
		live.Label, live.Running = v.l.Text("live.taken"), false
	}
	return live
}

// attempts are the pills: the past ones with their score, the present one, and
// those still allowed.
func (v screen) attempts(p finger.Position) []Attempt {
	var all []Attempt
	for _, a := range v.s.Session.Attempts(p) {
		if a.Outcome == capture.Sufficient || a.Outcome == capture.Insufficient {
			all = append(all, Attempt{Text: strconv.Itoa(a.Score)})
		}
	}
	left := v.s.Session.AttemptsLeft(p)
	if v.s.Finger.Taken != 0 && len(all) > 0 {
		all[len(all)-1].Now = true
	} else if left > 0 {
		all = append(all, Attempt{Text: v.l.Text("prints.now"), Now: true})
		left--
	}
	for range left {
		all = append(all, Attempt{Text: strconv.Itoa(len(all) + 1), Left: true})
	}
	return all
}

// scoreOf says what the score is: NFIQ 2, or an estimate and how far it may be
// off.
func (v screen) scoreOf() string {
	q := v.s.Finger.Live.Quality
	switch {
	case v.s.Settings.Profile.Algorithm == finger.NFIQ2:
		return v.l.Text("prints.nfiq2_of")
	case q.Error > 0:
		return v.l.Text("prints.estimate_within", "n", q.Error)
	}
	return v.l.Text("prints.score_of")
}

// scorePrint fills in the score of what lies on the glass, or of what was taken.
func (v screen) scorePrint(page *Prints, p finger.Position) {
	f := v.s.Finger
	if f.Task.Slap != 0 && f.Taken == 0 {
		p = f.Task.Fingers[f.Live.Worst]
	}
	needed := threshold(v.s.Session, p)
	page.Needed, page.Needs = float64(needed)/100, v.l.Text("prints.needs", "n", needed)
	score, there := 0, false
	switch {
	case f.Taken != 0 && f.Last != nil:
		score, there = f.Last.Score, true
	case f.Live.Phase == capture.Assessing || f.Live.Phase == capture.Done:
		score, there = f.Live.Quality.Score, f.Live.Wrong == ""
	case f.Last != nil && f.Last.Outcome != capture.SameFinger:
		score, there = f.Last.Score, true
	}
	if !there {
		return
	}
	page.Score, page.Value, page.Enough = strconv.Itoa(score), float64(score)/100, score >= needed
}

// slapMeasures are the scores of the fingers of a slap; none for a single finger.
func (v screen) slapMeasures() []Measure {
	f, t := v.s.Finger, v.s.Finger.Task
	if f.Taken != 0 {
		t = f.Presented
	}
	if t.Slap == 0 {
		return nil
	}
	var all []Measure
	for i, p := range t.Fingers {
		m := Measure{Tone: Quiet, Label: v.capital(p), Value: v.l.Text("value.unknown")}
		score, known := f.Live.Scores[i], f.Live.Wrong == "" && f.Live.Found > 0
		if f.Taken != 0 {
			score, known = v.s.Session.Best(p)
		}
		if known {
			m.Value, m.Tone = strconv.Itoa(score), Good
			if score < v.s.Session.Threshold(p) {
				m.Tone = Warn
			}
		}
		all = append(all, m)
	}
	return all
}

// printMeasures says in words what the quality's reasons are about.
func (v screen) printMeasures() []Measure {
	l, f := v.l, v.s.Finger
	reasons := f.Live.Quality.Reasons
	known := f.Live.Phase == capture.Assessing || f.Live.Phase == capture.Done
	if f.Taken != 0 && f.Last != nil {
		reasons, known = f.Last.Reasons, true
	}
	has := func(r finger.Reason) bool {
		for _, x := range reasons {
			if x == r {
				return true
			}
		}
		return false
	}
	line := func(key string, bad bool, worse, better string) Measure {
		switch {
		case !known:
			return Measure{Tone: Quiet, Label: l.Text("measure." + key), Value: l.Text("value.unknown")}
		case bad:
			return Measure{Tone: Warn, Label: l.Text("measure." + key), Value: l.Text(worse)}
		}
		return Measure{Tone: Good, Label: l.Text("measure." + key), Value: l.Text(better)}
	}
	skin := f.Live.Quality.Region.Area > 0 // something lies there, ridges or not
	pressure := "value.too_light"
	if has(finger.TooDark) {
		pressure = "value.too_hard"
	}
	seen := f.Last != nil && f.Last.Outcome == capture.SameFinger
	fresh := line("new", seen, "value.seen", "value.new_finger")
	switch {
	case seen:
		fresh = Measure{Tone: Warn, Label: l.Text("measure.new"), Value: l.Text("value.seen")}
	case f.Last == nil && f.Taken == 0:
		fresh = Measure{Tone: Quiet, Label: l.Text("measure.new"), Value: l.Text("value.unknown")}
	}
	return []Measure{
		line("placed", has(finger.OffCentre), "value.off_middle", "yes"),
		line("pressure", has(finger.TooLight) || has(finger.TooFaint) || has(finger.TooDark), pressure, "value.good"),
		line("area", has(finger.SmallArea) || has(finger.NoFinger) && !skin, "value.too_small", "value.large"),
		line("flow", has(finger.Smeared) || has(finger.NotAPrint) || has(finger.NoFinger) && skin, "value.smeared", "value.good"),
		fresh,
	}
}

func (v screen) printNote(p finger.Position) string {
	if p == 0 {
		return ""
	}
	best, ok := v.s.Session.Best(p)
	switch {
	case v.s.Finger.Taken != 0:
		return v.l.Text("prints.done", "n", best)
	case ok:
		return v.l.Text("prints.best", "n", best)
	case v.s.Finger.Task.Slap != 0:
		return v.l.Text("prints.slap", "n", v.s.Finger.Live.Found, "all", len(v.s.Finger.Task.Fingers))
	}
	return v.l.Text("prints.by_itself")
}

// smallHands are both hands as the person sees their own.
func (v screen) smallHands() Hands {
	h := Hands{Left: v.l.Text("hand.left"), Right: v.l.Text("hand.right"), Fingers: v.fingers()}
	if p := v.s.Finger.Asked(); p != 0 {
		h.Active = p.Hand().String()
		if t := v.s.Finger.Task.Slap; t == finger.Thumbs || t == finger.Indexes {
			h.Active = ""
		}
	}
	return h
}

// fingers is what is known of each finger.
func (v screen) fingers() map[string]Finger {
	all := map[string]Finger{}
	kept := map[finger.Position]bool{}
	for _, p := range v.s.Session.Kept() {
		kept[p] = true
	}
	for _, p := range finger.All() {
		f := Finger{Label: v.finger(p)}
		switch e := v.s.Session.Exception(p); {
		case slices.Contains(v.s.Finger.Task.Fingers, p):
			f.State, f.Number = FingerAsked, v.turn(v.s.Finger.Task, len(kept)+1)
			if p.Digit() != finger.Index && v.s.Session.Requirement().Prints.Required == "two_flat" {
				f.State = FingerInstead
			}
		case kept[p]:
			f.State = FingerTaken
		case e != nil:
			f.State = exceptionState(e.Reason)
		}
		all[p.String()] = f
	}
	later := v.s.Later()
	for _, p := range later.Fingers {
		if all[p.String()].State == FingerFree {
			all[p.String()] = Finger{State: FingerToCome, Number: v.turn(later, len(kept)+2), Label: v.finger(p)}
		}
	}
	return all
}

// turn is the number of a task in its order: that of the slap, or of the print.
func (v screen) turn(t capture.Task, print int) int {
	if t.Slap == 0 {
		return print
	}
	return 1 + max(0, slices.Index([]finger.Slap{finger.RightFour, finger.LeftFour, finger.Thumbs}, t.Slap))
}

func exceptionState(r capture.Reason) FingerState {
	switch r {
	case capture.Temporary:
		return FingerNotNow
	case capture.Missing:
		return FingerMissing
	case capture.Permanent:
		return FingerNever
	}
	return FingerTooLow
}

func (v screen) exceptions(vm *Operator) {
	s, l, m := v.s, v.l, v.s.Marking
	vm.Title, vm.Aside.Text, vm.Focus = l.Text("exc.title"), l.Text("exc.aside"), "hands"
	h := Hands{Palm: true, Left: l.Text("hand.left_hand"), Right: l.Text("hand.right_hand"), Fingers: v.fingers()}
	for _, side := range []string{"left", "right"} {
		h.Fingers[side+"_palm"] = Finger{Label: l.Text("finger." + side + "_palm")}
	}
	h.Current = m.Picked.String()
	picked := i18n.Capital(v.finger(m.Picked))
	if m.Palm {
		h.Current = m.Picked.Hand().String() + "_palm"
		picked = i18n.Capital(l.Text("finger." + h.Current))
	}
	page := &Exceptions{Hands: h, Picked: picked, Legend: v.legend(),
		Note: Field{ID: "note", Label: l.Text("exc.saw"), Value: m.Note, Hint: l.Text("exc.hint")}}
	for _, r := range []struct {
		id  capture.Reason
		key string
	}{{capture.Temporary, "exc.not_now"}, {capture.Missing, "exc.missing"}, {capture.Permanent, "exc.never"}, {"", "exc.clear"}} {
		page.Reasons = append(page.Reasons, Option{ID: string(r.id), Label: l.Text(r.key), Text: l.Text(r.key + "_text"), Chosen: m.Reason == r.id})
	}
	if s.Officer != nil {
		page.Seen = l.Text("exc.seen", "user", s.Officer.Name, "date", l.Date(s.Now), "time", l.Clock(s.Now))
	}
	vm.Page = page
	vm.Advice = Advice{Tone: Inform, Bold: l.Text("exc.pick"), Text: l.Text("exc.pick_text")}
	vm.Secondary = []Button{v.button(DoBack, "do.back", "Esc", ""), v.button(DoAppoint, "exc.appoint", "F7", "")}
	vm.Primary = v.primary(DoTakeOther, "exc.done", "Enter", "")
	if next, more := s.Session.NextPrint(); more {
		vm.Primary.Label = l.Text("exc.take", "finger", v.short(next))
	}
}

func (v screen) legend() []Legend {
	return []Legend{
		{State: FingerTaken, Text: v.l.Text("exc.taken")}, {State: FingerInstead, Text: v.l.Text("exc.instead")},
		{State: FingerNotNow, Text: v.l.Text("exc.not_now")}, {State: FingerMissing, Text: v.l.Text("exc.missing")},
	}
}

func (v screen) portrait(vm *Operator) {
	s, l := v.s, v.l
	kept, _ := s.Session.Portrait()
	vm.Title, vm.Aside.Text = l.Text("photo.title"), l.Text("photo.aside")
	checks := s.Photo.Checks
	live := Live{Label: l.Text("live.live"), Running: true, Guide: oval()}
	if kept != nil {
		checks, live = kept.Checks, Live{Label: l.Text("live.taken"), Guide: oval()}
	}
	page := &Portrait{Live: live, MeasureTitle: l.Text("photo.measured"), Measures: v.faceMeasures(checks), Note: l.Text("photo.note"),
		JudgeTitle: l.Text("photo.judge"), Sees: v.sees()}
	for _, id := range []string{"eyes", "mouth", "covered", "glare"} {
		page.Judge = append(page.Judge, Check{ID: id, Label: l.Text("judge." + id), On: s.Photo.Judged[id]})
	}
	if s.Face.Image != nil {
		page.Judge = append(page.Judge, Check{ID: flow.SamePerson, Label: l.Text("judge.same_person"), On: s.Face.Same})
		page.Document = &DocumentFace{Image: s.Face.Image, Large: s.Face.Large, Title: l.Text("portrait.document"),
			Label: l.Text("portrait.label"), Press: l.Text("portrait.large")}
		if s.Face.Large {
			page.Document.Press = l.Text("portrait.small")
		}
	}
	vm.Page = page
	vm.Advice = v.faceAdvice(kept != nil)
	vm.Secondary = []Button{v.button(DoBack, "do.back", "Esc", "")}
	vm.Primary = v.primary(DoTakePhoto, "do.photo", "Enter", "")
	vm.Primary.Off = s.Photo.Shooting
	if kept != nil {
		vm.Secondary = append(vm.Secondary, v.button(DoRetakePhoto, "do.retake", "F5", "retry"))
		if len(face.Failed(kept.Checks)) > 0 {
			vm.Secondary = append(vm.Secondary, v.button(DoAcceptReason, "do.accept", "F6", ""))
		}
		vm.Primary = v.primary(DoUsePhoto, "do.use", "Enter", "")
	}
}

func (v screen) faceAdvice(kept bool) Advice {
	l := v.l
	if r := v.s.FaceAdvice(); r != "" && !kept {
		return Advice{Tone: Warn, Bold: l.Text("advice." + string(r)), Text: l.Text("advice." + string(r) + "_text")}
	}
	if len(v.s.Photo.Checks) == 0 && !kept {
		return Advice{Tone: Wait, Bold: l.Text("advice.waiting_face"), Text: l.Text("advice.waiting_face_text")}
	}
	return Advice{Tone: Good, Bold: l.Text("advice.face_good"), Text: l.Text("advice.face_good_text")}
}

// faceKey is the catalogue's word for a check.
func faceKey(name string) string {
	return map[string]string{string(face.Sharpness): "sharp", string(face.Contrast): "even", string(face.Subject): "single"}[name] +
		map[string]string{string(face.Centred): "centred", string(face.Distance): "distance", string(face.Brightness): "brightness",
			string(face.Background): "background", string(face.Size): "size"}[name]
}

func (v screen) faceMeasures(checks []face.Check) []Measure {
	l := v.l
	var all []Measure
	for _, c := range checks {
		m := Measure{Tone: Good, Label: l.Text("face." + faceKey(string(c.Name))), Value: l.Text("yes")}
		if !c.OK() {
			m.Tone, m.Value = Warn, l.Text(faceValue(c))
		}
		all = append(all, m)
	}
	return all
}

func faceValue(c face.Check) string {
	low, high := "value.not_yet", "value.not_yet"
	switch c.Name {
	case face.Distance:
		low, high = "value.far", "value.near"
	case face.Brightness:
		low, high = "value.dark", "value.bright"
	case face.Contrast:
		low, high = "value.uneven", "value.uneven"
	case face.Sharpness:
		low = "value.soft"
	case face.Background:
		high = "value.busy"
	case face.Size:
		low = "value.too_small"
	}
	if c.Low() {
		return low
	}
	return high
}
