// Package journey walks cases through the counter and stops wherever a screen is
// worth looking at. Tests of the screens are made from it: what stands in a
// golden file or on a picture is what the counter would really show. The person
// and the case are invented, the prints are generated; nothing of it is built
// into the station.
package journey

import (
	"fmt"
	"image"
	"time"

	"optag/capture"
	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/rule"
	"optag/device"
	"optag/testdata/gen"
	"optag/ui/flow"
	"optag/ui/present"
)

// A Look is called at each stop with its name and the state of the counter,
// which goes on afterwards.
type Look func(stop string, s *flow.State)

// A walk is one counter with its clock.
type walk struct {
	*flow.Counter
	now    time.Time
	look   Look
	person gen.Person
}

// Walk goes through all cases with the clerk's screen in one language and the
// person's in another.
func Walk(clerk, person string, look Look) {
	set := flow.Settings{Language: clerk, Profile: capture.EU(), Texts: present.RightsText, Idle: time.Hour, Cards: true}
	w := begin(set, look)
	w.person = gen.Person(11)
	w.logIn()
	w.cards()
	w.decisions()
	w.rights(person)
	w.prints()
	w.portrait()
	w.refusal()
	w.delivery()
	w.slaps()
	w.asylum()
	w.purposes()
	w.stay()
	w.recast()
	w.notices()
	w.chip()
	StaffCards(clerk, look)
}

// begin opens a counter in the morning.
func begin(set flow.Settings, look Look) *walk {
	station := flow.Station{ID: "AAL-02", Name: "Nordjyllands Politi, Aalborg", Place: "Skranke 2", Kind: rule.StationPolice}
	return &walk{Counter: flow.New(station, set), now: time.Date(2026, 11, 23, 10, 30, 0, 0, time.UTC), look: look}
}

// do makes an event happen a second later.
func (w *walk) do(events ...flow.Event) {
	for _, e := range events {
		w.now = w.now.Add(time.Second)
		w.On(e, w.now)
	}
}

func (w *walk) stop(name string) { w.look(name, &w.State) }

func status(online bool, waiting int) flow.Status {
	s := flow.Status{Online: online, Waiting: waiting, Delivered: 17, Devices: 2, Expected: 2, FreeGB: 61,
		KeysUntil: time.Date(2027, 3, 14, 0, 0, 0, 0, time.UTC),
		Attached: []flow.Attached{
			{Kind: "scanner", Info: device.Info{Maker: "DigitalPersona", Model: "U.are.U 4500", Serial: "0A31-77", Driver: "uru4500"}},
			{Kind: "camera", Info: device.Info{Maker: "Canon", Model: "EOS R100", Serial: "0220", Driver: "ptp"}}}}
	for i := range waiting {
		s.Packages = append(s.Packages, flow.Package{ID: fmt.Sprintf("01JCXQ%06d", 7*i), State: "queued", Tries: i % 4,
			Sealed: time.Date(2026, 11, 23, 9, 16+i, 0, 0, time.UTC), Size: 412_000})
	}
	return s
}

func (w *walk) officer() flow.Event {
	return flow.LoggedIn{Officer: flow.Officer{ID: "4718", Name: "K. Lund", Role: "clerk"}}
}

func (w *walk) logIn() {
	w.do(flow.StatusIs{Status: status(true, 0)})
	w.stop("log-in")
	w.do(flow.LogIn{Staff: "4718", PIN: "0000"}, flow.LogInRefused{Left: 4})
	w.stop("log-in, wrong PIN")
	w.do(flow.LogInRefused{Left: 1, Until: w.now.Add(time.Minute)})
	w.stop("log-in, too many wrong")
	w.now = w.now.Add(2 * time.Minute)
	w.do(flow.LogIn{Staff: "4718", PIN: "1234"}, w.officer())
	w.stop("cases")
	w.do(flow.StatusIs{Status: status(false, 12)}, flow.Go{To: flow.Queue})
	w.stop("queue, offline")
	w.do(flow.StatusIs{Status: status(true, 0)})
	w.stop("queue, empty")
	w.do(flow.Go{To: flow.Devices})
	w.stop("devices")
	w.do(flow.RunSelfTest{})
	w.stop("devices, the self-test runs")
	w.do(flow.SelfTested{Test: selfTest(w.now)})
	w.stop("devices, after the self-test")
	w.do(flow.Go{To: flow.Home})
}

// selfTest is a self-test that found a dirty glass.
func selfTest(at time.Time) flow.SelfTest {
	return flow.SelfTest{At: at, Checks: []flow.Tested{
		{Device: "scanner", ID: "answers", Found: "firmware 2.1", Outcome: "pass"},
		{Device: "scanner", ID: "dirt", Found: "3.1 % · ≤ 2", Outcome: "warn", Trend: []float64{1, 1.5, 2.2, 3.1}},
		{Device: "scanner", ID: "ppi_across", Outcome: "skipped"},
		{Device: "camera", ID: "rate", Found: "29.9 · ≥ 25", Outcome: "pass", Trend: []float64{30, 30, 29.9}},
		{Device: "serial", ID: "line ttyUSB0", Name: "Serial line ttyUSB0", Found: "/dev/ttyUSB0", Outcome: "pass"},
		{Device: "station", ID: "certificate", Found: "111 · ≥ 14", Outcome: "pass"},
	}}
}

// form fills in the case form.
func (w *walk) form(values map[string]string) {
	w.do(flow.NewCase{})
	for _, f := range []string{flow.Purpose, flow.Basis} { // the other fields follow from them
		if v, ok := values[f]; ok {
			w.do(flow.Edit{Field: f, Value: v})
		}
	}
	for _, f := range w.Asks() {
		if v, ok := values[f]; ok {
			w.do(flow.Edit{Field: f, Value: v})
		}
	}
}

func adult() map[string]string {
	return map[string]string{flow.CaseNumber: "26-118 402", flow.Family: "Haddad", flow.Given: "Samira", flow.Birth: "1991-05-14"}
}

func with(field, value string) map[string]string {
	v := adult()
	v[field] = value
	return v
}

func (w *walk) decisions() {
	w.do(flow.NewCase{})
	w.stop("case form, empty")
	w.do(flow.Decide{})
	w.stop("case form, incomplete")
	w.do(flow.Edit{Field: flow.Birth, Value: "1974-08-21"}, flow.DocumentRead{Lines: []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"}})
	w.stop("case form, from a passport")
	w.do(flow.Back{})
	child := with(flow.Birth, "2016-05-01")
	child[flow.WithCustodian] = "yes"
	for _, c := range []struct {
		name   string
		values map[string]string
	}{
		{"nothing asked for", child}, {"biometrics reused", with(flow.Pending, "yes")},
		{"another station", with(flow.Basis, "47(1)")}, {"birth date lacks the month", with(flow.Birth, "2020")},
	} {
		w.form(c.values)
		w.do(flow.Decide{})
		w.stop(c.name)
		if w.Page != flow.Decision {
			panic("journey: " + c.name + " leads to " + string(w.Page))
		}
		w.do(flow.Edit{}, flow.Next{})
		if w.Page == flow.CaseForm { // a fact is to be corrected: the case is made one that can be closed
			w.do(flow.Edit{Field: flow.Birth, Value: "1991-05-14"}, flow.Edit{Field: flow.Pending, Value: "yes"}, flow.Decide{}, flow.Next{})
		}
	}
	w.form(adult())
	w.stop("case form, complete")
	w.do(flow.Decide{}, flow.DraftSaved{})
	w.stop("what the law asks")
}

func (w *walk) rights(person string) {
	w.do(flow.Next{}, flow.SpeakIn{Language: person})
	w.stop("rights, first page")
	w.do(flow.ReadAloud{}, flow.Next{}, flow.Next{}, flow.Next{})
	w.stop("rights, last page")
	w.do(flow.RightsGiven{})
}

// sample is a print of a finger of the generated person.
func (w *walk) sample(p finger.Position, seed uint64) capture.Sample {
	img := w.person.Finger(gen.Position(p)).Impression(image.Pt(400, 500), [2]int{500, 500}, gen.Conditions{}, seed)
	return capture.Sample{Image: img, PPI: [2]int{500, 500}, At: w.now,
		Device: device.Info{Maker: "DigitalPersona", Model: "U.are.U 4500", Driver: "uru4500", Certified: true}}
}

// presented is a presentation of what is asked for.
func (w *walk) presented(samples ...capture.Sample) flow.Event {
	return flow.Presented{Task: w.Finger.Task, Samples: samples}
}

// faint is what a finger leaves that hardly touches.
func (w *walk) faint(p finger.Position) capture.Sample {
	sm := w.sample(p, 3)
	for i, v := range sm.Image.Pix {
		sm.Image.Pix[i] = 255 - (255-v)/16
	}
	return sm
}

func (w *walk) prints() {
	w.stop("prints, waiting")
	p, t := w.Finger.Asked(), w.Finger.Task
	w.do(flow.FingerLive{Task: t, Live: capture.Live{Phase: capture.Clearing, Advice: device.Lift}})
	w.stop("prints, finger left lying")
	w.do(flow.FingerLive{Task: t, Live: capture.Live{Phase: capture.Assessing, Advice: device.PressHarder, Best: 31,
		Quality: finger.Quality{Score: 31, Reasons: []finger.Reason{finger.SmallArea, finger.TooLight}}}})
	w.stop("prints, press harder")
	w.do(w.presented(w.faint(p)))
	w.stop("prints, once more")
	w.do(flow.DeviceLost{Device: "scanner", Cause: "unplugged"})
	w.stop("scanner lost")
	w.do(flow.DeviceBack{Device: "scanner"}, w.presented(w.sample(p, 1)))
	w.stop("prints, taken")
	w.do(flow.HandOver{})
	w.stop("prints, handed over")
	w.do(flow.HandOver{}, flow.Next{}, flow.CannotTake{})
	w.stop("exceptions")
	w.do(flow.Mark{Reason: capture.Temporary}, flow.Note{Text: "plaster cast"})
	w.stop("exceptions, marked")
	w.do(flow.Pick{Finger: finger.RightIndex, Palm: true})
	w.stop("exceptions, whole hand picked")
	w.do(flow.Next{})
	w.stop("prints, another finger instead")
	w.do(w.presented(w.sample(finger.RightIndex, 1)))
	w.stop("prints, same finger again")
	w.do(w.presented(w.sample(w.Finger.Asked(), 1)))
	w.stop("prints, all taken")
	w.do(flow.GlassClear{})
}

// checks are those of a portrait, with one out of bounds.
func checks(bad face.Name, value float64) []face.Check {
	list := []face.Check{
		{Name: face.Size, Value: 1.5, Min: 1, Max: 99}, {Name: face.Centred, Value: 0.5, Min: 0.4, Max: 0.6},
		{Name: face.Distance, Value: 0.6, Min: 0.5, Max: 0.75}, {Name: face.Brightness, Value: 0.5, Min: 0.2, Max: 0.8},
		{Name: face.Sharpness, Value: 9, Min: 3, Max: 99}, {Name: face.Background, Value: 2, Min: 0, Max: 9},
	}
	for i := range list {
		if list[i].Name == bad {
			list[i].Value = value
		}
	}
	return list
}

func (w *walk) portrait() {
	w.stop("portrait, waiting")
	w.do(flow.FaceLive{Checks: checks(face.Distance, 0.3)})
	w.stop("portrait, too far")
	w.do(flow.FaceLive{Checks: checks("", 0)}, flow.Judge{What: "eyes"})
	w.stop("portrait, good")
	w.do(flow.DeviceLost{Device: "camera", Cause: "silent"})
	w.stop("camera lost")
	w.do(flow.DeviceBack{Device: "camera"}, flow.Shoot{})
	w.do(flow.Photographed{Portrait: w.photo(checks(face.Sharpness, 1))})
	w.stop("portrait, taken against a check")
	w.do(flow.Accept{})
	w.stop("reason")
	w.do(flow.Back{}, flow.RetakePhoto{}, flow.Shoot{}, flow.Photographed{Portrait: w.photo(checks("", 0))})
	w.stop("portrait, taken")
	w.do(flow.Next{})
	w.stop("review")
	w.do(flow.Go{To: flow.CaseForm})
	w.stop("case form, of an open case")
	w.do(flow.Abandon{})
	w.stop("reason of ending the case")
	w.do(flow.Back{}, flow.Go{To: flow.Review})
}

func (w *walk) photo(c []face.Check) capture.Portrait {
	return capture.Portrait{Encoded: []byte{1}, MediaType: "image/jpeg", Width: 900, Height: 1200, Source: "live", Checks: c,
		Device: device.Info{Maker: "Canon", Driver: "ptp"}, At: w.now}
}

func (w *walk) refusal() {
	w.do(flow.Refuses{})
	w.stop("refusal")
	w.do(flow.RecordRefusal{})
	w.stop("refusal, not explained")
	w.do(flow.RefuseToggle{What: "explained"}, flow.RefuseToggle{What: "asked"}, flow.ChangedMind{})
}

func (w *walk) delivery() {
	w.do(flow.Lock{})
	w.stop("locked with a case")
	w.do(w.officer(), flow.SealFailed{Cause: "full"})
	w.stop("the disk is full")
	w.do(flow.Seal{}, flow.Sealed{Package: "01JCXQ7M9K", Size: 412_000})
	w.stop("sealed")
	w.do(flow.NotSent{Package: "01JCXQ7M9K"})
	w.stop("sealed, offline")
	w.do(flow.Sent{Package: "01JCXQ7M9K"}, flow.Delivered{Package: "01JCXQ7M9K", Receipt: "7K4F-2M9Q"})
	w.stop("delivered")
	w.do(flow.Next{}, flow.Back{})
}

// asylum is an asylum seeker's card: other rights, another consequence.
func (w *walk) asylum() {
	w.form(with(flow.Basis, "7"))
	w.do(flow.Decide{}, flow.Refuses{})
	w.stop("refusal, asylum")
	w.do(flow.Secures{})
	w.stop("the police secure it")
	w.do(flow.RecordForce{})
	w.stop("the police secure it, nobody named")
	w.do(flow.Back{}, flow.ChangedMind{}, flow.Next{})
	w.stop("rights, asylum")
	w.leave()
}

// eurodac is a form with all that the law wants of a category.
func eurodac(basis rule.Basis, number string) map[string]string {
	return map[string]string{flow.Purpose: string(rule.Eurodac), flow.Basis: string(basis), flow.Reference: number, flow.Birth: "1991-05-14",
		flow.Place: "Sandholm", flow.Sex: "F", flow.Apprehended: "2026-11-22"}
}

// purposes are the forms of each purpose that takes prints for a register, as
// far as they differ from the card's.
func (w *walk) purposes() {
	w.form(map[string]string{flow.Purpose: string(rule.Eurodac)})
	w.stop("case form, Eurodac, empty")
	w.do(flow.Edit{Field: flow.Reference, Value: "DK2"}, flow.Edit{Field: flow.AppliedOn, Value: "2026-12-01"})
	w.stop("case form, Eurodac, what cannot be")
	w.do(flow.Decide{})
	w.stop("case form, Eurodac, asked too early")
	w.do(flow.Back{})
	w.form(eurodac(rule.Art8, "DK2A118402"))
	w.stop("case form, irregular crossing")
	w.do(flow.Decide{})
	w.do(flow.Back{}, flow.Edit{Field: flow.Basis, Value: "art11"})
	w.stop("case form, illegal stay")
	for _, p := range []rule.Purpose{rule.VIS, rule.PoliceRegister} {
		w.do(flow.Edit{Field: flow.Purpose, Value: string(p)})
		w.stop("case form, " + string(p))
	}
	w.do(flow.Edit{Field: flow.CaseNumber, Value: "26-118 402"}, flow.Decide{})
	w.stop("what the law asks, register")
	w.leave()
}

// leave makes the case one of which nothing is taken, and closes it.
func (w *walk) leave() {
	w.do(flow.Go{To: flow.CaseForm})
	for field, value := range with(flow.Pending, "yes") {
		w.do(flow.Edit{Field: field, Value: value})
	}
	w.do(flow.Edit{Field: flow.Purpose, Value: string(rule.ResidenceCard)}, flow.Decide{}, flow.Next{})
}

// stay is an illegal stay, in which one finger can be taken, from the form to
// the receipt; the clock runs.
func (w *walk) stay() {
	w.form(eurodac(rule.Art11, "DK3A118402"))
	w.do(flow.Decide{}, flow.DraftSaved{}, flow.Next{})
	for w.Page == flow.Rights {
		w.do(flow.RightsGiven{})
	}
	w.do(flow.CannotTake{}, flow.Pick{Finger: finger.RightIndex, Palm: true}, flow.Mark{Reason: capture.Missing},
		flow.Pick{Finger: finger.LeftIndex, Palm: true}, flow.Mark{Reason: capture.Missing}, flow.Pick{Finger: finger.LeftIndex}, flow.Mark{}, flow.Next{})
	w.do(w.presented(w.sample(finger.LeftIndex, 1)), flow.GlassClear{})
	w.now = w.now.Add(11 * time.Minute)
	w.do(flow.Tick{}, flow.DraftSaved{})
	w.stop("review, illegal stay")
	w.do(flow.Seal{}, flow.Sealed{Package: "01JCXR2B4D", Size: 98_000})
	w.stop("sealed, illegal stay")
	w.do(flow.Sent{Package: "01JCXR2B4D"}, flow.Delivered{Package: "01JCXR2B4D", Receipt: "3HQ8-90AC"})
	w.stop("delivered, illegal stay")
	w.do(flow.Next{}, flow.Back{})
}

// recast are the forms of a site that Regulation (EU) 2024/1358 binds.
func (w *walk) recast() {
	law := w.Settings.Profile.Law
	defer func() { w.Settings.Profile.Law = law }()
	w.Settings.Profile.Law.EurodacRecastFrom = rule.Date{Year: 2026, Month: time.June, Day: 12}
	minor := eurodac(rule.Art4, "DK1A118402")
	minor[flow.Birth] = "2012-05-14"
	w.form(minor)
	w.stop("case form, a minor under the recast")
	w.do(flow.Edit{Field: flow.WithRole, Value: "representative"}, flow.Edit{Field: flow.DocumentNumber, Value: "X1234567"}, flow.Decide{})
	w.stop("case form, a document that is not whole")
	w.do(flow.Back{})
}

// slaps are ten prints on a scanner that takes four fingers at once.
func (w *walk) slaps() {
	w.form(eurodac(rule.Art4, "DK1A118402"))
	w.do(flow.ScannerIs{Slaps: true}, flow.Decide{}, flow.Next{}, flow.Next{}, flow.Next{}, flow.Next{}, flow.RightsGiven{})
	t := w.Finger.Task
	live := func(l capture.Live) flow.Event { return flow.FingerLive{Task: t, Live: l} }
	w.do(live(capture.Live{Phase: capture.Waiting}))
	w.stop("slap, waiting")
	w.do(live(capture.Live{Phase: capture.Assessing, Found: 3, Wrong: finger.MissingFinger, Advice: device.AllFingers}))
	w.stop("slap, a finger short")
	w.do(live(capture.Live{Phase: capture.Assessing, Found: 4, Scores: [4]int{71, 64, 12, 58}, Worst: 2, Quality: finger.Quality{Score: 12}}))
	w.stop("slap, one finger too weak")
	w.do(flow.Unusable{Task: t, Fault: finger.WrongHand})
	w.stop("slap, the other hand")
	w.do(flow.Unusable{Task: t, Fault: finger.CutOff}, flow.Unusable{Task: t, Fault: finger.JoinedFingers})
	w.stop("slap, one by one")
	w.do(flow.CannotTake{}, flow.AllUnable{Permanent: true, Note: "no hands since birth"}, flow.Next{})
	w.do(flow.ScannerIs{})
}
