package flow_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"optag/capture"
	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/rule"
	"optag/device"
	"optag/ui/flow"
)

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
	"abandon": func(d *desk, a []string) { d.on(flow.Abandon{}) },
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
	}{{d.c.Staff.Tries != "", "tries " + d.c.Staff.Tries}, {l.Refused != "", "refused " + l.Refused}, {l.Refusals > 0, fmt.Sprint("refusals ", l.Refusals)}, {l.Wrong, "wrong PIN"}, {l.Gone, "the card went"},
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
