package flow_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"optag/capture"
	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/notice"
	"optag/capture/rule"
	"optag/device"
	"optag/ui/flow"
)

var update = flag.Bool("update", false, "write what comes out into the transcripts")

// A transcript in testdata is a case at the counter. A line at the margin is
// what the clerk, a device or the service does; below it stands what the station
// is to do (>), the page that is opened and the advice line. # begins a remark.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d transcripts, %v", len(files), err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, string(want))
			switch {
			case got == string(want):
			case *update:
				if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			default:
				t.Errorf("got and want differ; got:\n%s", got)
			}
		})
	}
}

func play(t *testing.T, text string) string {
	t.Helper()
	d := newDesk(t)
	var out strings.Builder
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "    ") {
			continue
		}
		fmt.Fprintln(&out, line)
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		do, known := commands[words[0]]
		if !known {
			t.Fatalf("no command is called %q", words[0])
		}
		d.said = nil
		do(d, append(words[1:], "", "", ""))
		for _, s := range d.said {
			fmt.Fprintln(&out, "    "+s)
		}
	}
	return out.String()
}

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

func effectWords(e flow.Effect) string {
	name := strings.ToLower(reflect.TypeOf(e).Name())
	switch e := e.(type) {
	case flow.ReadCard:
		return fmt.Sprintf("read the card, number %d, with CAN %v, with zone %v", e.Ask, e.CAN != "", e.MRZ != "")
	case flow.Watch:
		switch {
		case len(e.Task.Fingers) == 0:
			return "watch until the glass is clear"
		case e.Task.Slap != 0:
			return fmt.Sprintf("watch for %v, %v, from %v", e.Task.Slap, e.Task.Fingers, e.Thresholds)
		}
		return fmt.Sprintf("watch for %v from %d", e.Task.First(), e.Thresholds[0])
	case flow.Sound:
		return "sound " + e.Cue
	case flow.Log:
		return strings.TrimSpace(strings.Join([]string{"log", e.Actor, e.Event, e.Detail}, " "))
	case flow.Reopen:
		return "reopen " + e.Device
	case flow.CheckPIN:
		return "check the PIN of " + e.Staff
	case flow.CheckCard:
		return "have the card of " + e.Staff + " sign, " + map[bool]string{true: "its PIN typed at the reader", false: "with its PIN"}[e.PIN == ""]
	}
	return name
}

func noticeWords(n flow.Notice) string {
	w := strings.TrimSpace("says " + n.Code + " " + n.Slap.String())
	for _, p := range []finger.Position{n.Finger, n.Other} {
		if p != 0 {
			w += " " + p.String()
		}
	}
	if n.Code == "taken" {
		return w // the score is the drawing's
	}
	if n.Number != 0 {
		w += " " + strconv.Itoa(n.Number)
	}
	return strings.TrimSpace(w + " " + n.Word)
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

func position(name string) finger.Position {
	p, _ := finger.ParsePosition(name)
	return p
}

var commands = map[string]func(*desk, []string){
	// The clerk.
	"login": func(d *desk, a []string) { d.on(flow.LogIn{Staff: a[0], PIN: a[1]}) },
	"lock":  func(d *desk, a []string) { d.on(flow.Lock{}) },
	"new":   func(d *desk, a []string) { d.on(flow.NewCase{}) },
	"edit": func(d *desk, a []string) {
		d.on(flow.Edit{Field: a[0], Value: strings.TrimSpace(strings.Join(a[1:], " "))})
	},
	"chip":    func(d *desk, a []string) { d.on(flow.ReadChip{}) },
	"compare": func(d *desk, a []string) { d.on(flow.CompareFaces{}) },
	"decide":  func(d *desk, a []string) { d.on(flow.Decide{}) },
	"go":      func(d *desk, a []string) { d.on(flow.Go{To: flow.Page(a[0])}) },
	"back":    func(d *desk, a []string) { d.on(flow.Back{}) },
	"next":    func(d *desk, a []string) { d.on(flow.Next{}) },
	"turn":    func(d *desk, a []string) { d.on(flow.RightsTurn{By: number(a[0])}) },
	"aloud":   func(d *desk, a []string) { d.on(flow.ReadAloud{}) },
	"given":   func(d *desk, a []string) { d.on(flow.RightsGiven{}) },
	"take":    func(d *desk, a []string) { d.on(flow.TakeNow{}) },
	"cannot":  func(d *desk, a []string) { d.on(flow.CannotTake{}) },
	"pick":    func(d *desk, a []string) { d.on(flow.Pick{Finger: position(a[0]), Palm: a[1] == "palm"}) },
	"mark":    func(d *desk, a []string) { d.on(flow.Mark{Reason: capture.Reason(a[0])}) },
	"note":    func(d *desk, a []string) { d.on(flow.Note{Text: strings.TrimSpace(strings.Join(a, " "))}) },
	"accept":  func(d *desk, a []string) { d.on(flow.Accept{Reason: a[0]}) },
	"discard": func(d *desk, a []string) { d.on(flow.Discard{Finger: position(a[0]), Reason: a[1]}) },
	"change":  func(d *desk, a []string) { d.on(flow.Change{Finger: position(a[0])}) },
	"unable": func(d *desk, a []string) {
		d.on(flow.AllUnable{Permanent: a[0] == "permanent", Note: strings.TrimSpace(strings.Join(a[1:], " "))})
	},
	"refuses": func(d *desk, a []string) { d.on(flow.Refuses{}) },
	"toggle":  func(d *desk, a []string) { d.on(flow.RefuseToggle{What: a[0]}) },
	"record":  func(d *desk, a []string) { d.on(flow.RecordRefusal{}) },
	"secures": func(d *desk, a []string) { d.on(flow.Secures{}) },
	"force":   func(d *desk, a []string) { d.on(flow.RecordForce{}) },
	"changed": func(d *desk, a []string) { d.on(flow.ChangedMind{}) },
	"judge":   func(d *desk, a []string) { d.on(flow.Judge{What: a[0]}) },
	"shoot":   func(d *desk, a []string) { d.on(flow.Shoot{}) },
	"retake":  func(d *desk, a []string) { d.on(flow.RetakePhoto{}) },
	"seal":    func(d *desk, a []string) { d.on(flow.Seal{}) },
	"again":   func(d *desk, a []string) { d.on(flow.TryAgain{}) },
	"speak":   func(d *desk, a []string) { d.on(flow.SpeakIn{Language: a[0]}) },

	// The station.
	"in": func(d *desk, a []string) { d.on(flow.LoggedIn{Officer: flow.Officer{ID: a[0], Role: "clerk"}}) },
	"wrong": func(d *desk, a []string) {
		d.on(flow.LogInRefused{Left: number(a[0]), Until: d.now.Add(duration(a[1]))})
	},
	"cards": func(d *desk, a []string) { d.staffCards(flow.StaffCards(a[0])) },
	"f2":    func(d *desk, a []string) { d.on(flow.UseCard{}) },
	"pin":   func(d *desk, a []string) { d.on(flow.LogIn{Staff: a[0], PIN: a[1], ByCard: true}) },
	"lies": func(d *desk, a []string) {
		card := flow.StaffCard{Is: a[0], Officer: flow.Officer{ID: a[1]}, Keypad: slices.Contains(a, "keypad")}
		if a[2] != "keypad" {
			card.Tries = a[2]
		}
		d.on(flow.StaffCardIs{Card: card})
	},
	"crash": func(d *desk, a []string) {
		held, session := d.c.Held(), d.c.Session
		d.c, d.lies = flow.New(d.c.Station, d.c.Settings), flow.StaffCard{}
		d.c.Resume(held, session)
	},
	"by_card":   func(d *desk, a []string) { d.on(flow.LoggedIn{Officer: carded(a[0])}) },
	"unsigned":  func(d *desk, a []string) { d.on(flow.CardRefused{Code: a[0]}) },
	"card_gone": func(d *desk, a []string) { d.on(flow.StaffCardGone{}) },
	"idle":      func(d *desk, a []string) { d.now = d.now.Add(duration(a[0])); d.on(flow.Tick{}) },
	"live": func(d *desk, a []string) {
		d.on(flow.FingerLive{Task: d.c.Finger.Task, Live: capture.Live{Phase: capture.Phase(a[0]), Advice: device.Retry(a[1])}})
	},
	"finger": func(d *desk, a []string) {
		d.on(flow.Presented{Task: d.c.Finger.Task, Samples: samples(a, d.now)})
	},
	"slaps": func(d *desk, a []string) { d.on(flow.ScannerIs{Slaps: a[0] == "yes"}) },
	"spoilt": func(d *desk, a []string) {
		d.on(flow.Unusable{Task: d.c.Finger.Task, Fault: finger.SlapFault(a[0])})
	},
	"singly": func(d *desk, a []string) { d.on(flow.Singly{Yes: a[0] == "yes"}) },
	"clear":  func(d *desk, a []string) { d.on(flow.GlassClear{}) },
	"photo":  func(d *desk, a []string) { d.on(flow.Photographed{Portrait: photo(a...)}) },
	"lost":   func(d *desk, a []string) { d.on(flow.DeviceLost{Device: a[0], Cause: a[1]}) },
	"found":  func(d *desk, a []string) { d.on(flow.DeviceBack{Device: a[0]}) },
	"swipe":  func(d *desk, a []string) { d.on(flow.DocumentRead{Lines: a[:2]}) },
	"unread": func(d *desk, a []string) { d.on(flow.DocumentSpoilt{}) },
	"sealed": func(d *desk, a []string) { d.on(flow.Sealed{Package: a[0], Size: 1000}) },
	"failed": func(d *desk, a []string) { d.sealing = nil; d.on(flow.SealFailed{Cause: a[0]}) },
	"sent":   func(d *desk, a []string) { d.on(flow.Sent{Package: a[0]}) },
	"signed": func(d *desk, a []string) { d.on(flow.Delivered{Package: a[0], Receipt: "AB12-CD34"}) },
	"unsent": func(d *desk, a []string) { d.on(flow.NotSent{Package: a[0], Refused: a[1]}) },

	"card": func(d *desk, a []string) { d.on(flow.CardIs{Lies: a[0] == "in"}) },
	"seen": func(d *desk, a []string) { d.on(flow.CardSeen{Ask: d.c.Card.Ask, Seen: seen(a...)}) },
	"unseen": func(d *desk, a []string) {
		d.on(flow.CardNotSeen{Ask: d.c.Card.Ask, Code: a[0], Tries: number(a[1])})
	},
	"stray": func(d *desk, a []string) { d.on(flow.CardNotSeen{Code: a[0], Tries: -1}) },
	"late":  func(d *desk, a []string) { d.on(flow.CardSeen{Ask: d.c.Card.Ask - 1, Seen: seen()}) },

	// What the transcripts ask the state.
	"way":  func(d *desk, a []string) { d.said = append(d.said, d.way()) },
	"face": func(d *desk, a []string) { d.said = append(d.said, d.face()) },
	"asks": func(d *desk, a []string) { d.said = append(d.said, d.asked()...) },
	"?":    func(d *desk, a []string) { d.said = append(d.said, d.describe()) },

	// Short for what every case begins with.
	"case":    func(d *desk, a []string) { d.begin() },
	"eurodac": func(d *desk, a []string) { d.begin(); d.eurodac(a[0]) },
	"recast": func(d *desk, a []string) {
		d.c.Settings.Profile.Law.EurodacRecastFrom = rule.Date{Year: 2026, Month: 6, Day: 12}
	},
	"informed": func(d *desk, a []string) { d.inform() },
}

// staffCards begins anew at a counter with staff cards.
func (d *desk) staffCards(how flow.StaffCards) {
	set := d.c.Settings
	set.Staff = how
	d.c, d.lies = flow.New(d.c.Station, set), flow.StaffCard{}
}

// carded is an officer who logged in with a card, whose certificate is short.
func carded(id string) flow.Officer {
	return flow.Officer{ID: id, Role: "clerk", Certificate: "c0" + id}
}

// way is the way in that is open, and what is said there.
func (d *desk) way() string {
	l, w := d.c.Login, "by number"
	if l.ByCard {
		w = strings.TrimSpace(fmt.Sprintf("by card, lies %q %s", d.c.Staff.Is, d.c.Staff.Officer.ID))
	}
	for _, s := range []struct {
		yes  bool
		text string
	}{{d.c.Staff.Tries != "", "tries " + d.c.Staff.Tries}, {l.Refused != "", "refused " + l.Refused}, {l.Wrong, "wrong PIN"}, {l.Gone, "the card went"},
		{l.Checking, "checking"}, {l.Waiting, "a case waits"}} {
		if s.yes {
			w += ", " + s.text
		}
	}
	return w
}

// begin fills the form of an adult's first application.
func (d *desk) begin() {
	for _, e := range []flow.Event{flow.LogIn{Staff: "4711", PIN: "1234"}, flow.LoggedIn{Officer: flow.Officer{ID: "4711"}}, flow.NewCase{},
		flow.Edit{Field: flow.CaseNumber, Value: "26-118402"}, flow.Edit{Field: flow.Family, Value: "NEMO"}, flow.Edit{Field: flow.Birth, Value: "1990-05-01"}} {
		d.on(e)
	}
	d.said = nil
}

// eurodac fills in what the law wants of a category beside.
func (d *desk) eurodac(basis string) {
	for _, f := range [][2]string{{flow.Purpose, "eurodac"}, {flow.Basis, basis}, {flow.Reference, "DK" + map[string]string{"art4": "1", "art8": "2", "art11": "3"}[basis] + "A118402"},
		{flow.Place, "Sandholm"}, {flow.Sex, "F"}, {flow.Apprehended, "2026-11-21"}} {
		d.on(flow.Edit{Field: f[0], Value: f[1]})
	}
	d.said = nil
}

// inform goes from the form past the law and the rights.
func (d *desk) inform() {
	for _, e := range []flow.Event{flow.Decide{}, flow.Next{}, flow.RightsGiven{}, flow.RightsGiven{}} {
		d.said = nil
		d.on(e)
	}
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

func number(s string) int { n, _ := strconv.Atoi(s); return n }

func duration(s string) time.Duration { v, _ := time.ParseDuration(s); return v }

// photo is a portrait that fails the checks named.
func photo(failing ...string) capture.Portrait {
	p := capture.Portrait{Encoded: []byte("the camera's own bytes"), MediaType: "image/jpeg", Width: 1244, Height: 1600, Source: "live", At: noon}
	for _, n := range face.Names() {
		c := face.Check{Name: n, Value: 1, Max: 2}
		if slices.Contains(failing, string(n)) {
			c.Value = 3
		}
		p.Checks = append(p.Checks, c)
	}
	return p
}
