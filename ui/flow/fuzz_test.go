package flow_test

import (
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"optag/capture"
	"optag/capture/finger"
	"optag/ui/flow"
)

// Whatever happens in whatever order, what check asserts holds after each event.
// OPTAG_SOAK=1 plays a hundred times as many cases.
func TestRandomEvents(t *testing.T) {
	cases := 25
	if os.Getenv("OPTAG_SOAK") != "" {
		cases *= 100
	}
	sealed, compared, reached := 0, 0, map[flow.Page]int{}
	for seed := range cases {
		r := rand.New(rand.NewPCG(uint64(seed), 3))
		d := newDesk(t)
		d.staffCards([]flow.StaffCards{flow.NoStaffCards, flow.StaffCardsToo, flow.StaffCardsOnly}[seed%3])
		for range 250 {
			d.on(d.likely(r))
			reached[d.c.Page]++
			if d.c.Page == flow.Portrait && d.c.Face.Image != nil {
				compared++
			}
			d.said = nil
		}
		for _, e := range d.seen {
			if _, ok := e.(flow.SealCase); ok {
				sealed++
			}
		}
	}
	for _, p := range []flow.Page{flow.Login, flow.Home, flow.CaseForm, flow.Law, flow.Decision, flow.Rights, flow.Prints, flow.Exceptions,
		flow.Refusal, flow.Portrait, flow.Reason, flow.Review, flow.Delivery, flow.Queue, flow.Notices, flow.Devices, flow.Lost, flow.Card} {
		if reached[p] == 0 {
			t.Errorf("page %s was never reached", p)
		}
	}
	if compared == 0 {
		t.Error("no portrait stood beside the face of a document")
	}
	if sealed < cases/4 {
		t.Errorf("only %d cases were sealed in %d runs", sealed, cases)
	}
	t.Logf("%d runs, %d cases sealed, %d portraits beside a document, pages %v", cases, sealed, compared, reached)
}

// likely is an event that often has a meaning on the page in front.
func (d *desk) likely(r *rand.Rand) flow.Event {
	if r.IntN(3) == 0 {
		return d.event(r.IntN(256), r.IntN(256))
	}
	pick := func(all ...flow.Event) flow.Event { return all[r.IntN(len(all))] }
	switch d.c.Page {
	case flow.Login:
		if d.c.Settings.Staff != flow.NoStaffCards && r.IntN(2) == 0 {
			return pick(lying(r.IntN(16)), flow.LogIn{Staff: d.c.Staff.Officer.ID, PIN: "1", ByCard: true}, flow.CardRefused{Code: "pin"}, flow.LoggedIn{Officer: carded("4711")})
		}
		return pick(flow.LogIn{Staff: "4711", PIN: "1"}, flow.LoggedIn{Officer: flow.Officer{ID: "4711"}}, flow.LogInRefused{Left: 3}, flow.Sealed{Package: "p"})
	case flow.Home:
		return pick(flow.NewCase{}, flow.NewCase{}, flow.Go{To: flow.Queue}, flow.Go{To: flow.Devices}, flow.Go{To: flow.Card})
	case flow.Card:
		switch k := d.c.Card; {
		case k.Reading && r.IntN(2) == 0:
			return flow.CardSeen{Ask: k.Ask, Seen: anySeen(r.IntN(256))}
		case k.Seen != nil && r.IntN(2) == 0:
			return flow.Next{}
		}
		return pick(flow.CardIs{Lies: true}, flow.CardIs{Lies: r.IntN(4) > 0}, flow.Edit{Field: flow.CAN, Value: "240917"}, flow.Next{}, flow.CardSeen{Ask: d.c.Card.Ask, Seen: anySeen(r.IntN(256))},
			flow.CardNotSeen{Ask: d.c.Card.Ask, Code: "removed"}, flow.Tick{}, flow.Back{})
	case flow.Queue:
		return pick(flow.Back{}, flow.Go{To: flow.Notices})
	case flow.Notices:
		return pick(flow.Edit{Field: flow.Reference, Value: "DK1118402"}, flow.Edit{Field: flow.CapturedOn, Value: "2026-11-01"}, flow.Edit{Field: flow.HappenedOn, Value: "2026-11-01"},
			flow.Edit{Field: flow.GivenBy, Value: "DNK"}, flow.Edit{Field: flow.NoticeKind, Value: "deletion"}, flow.Decide{}, flow.Decide{}, flow.Seal{}, flow.NoticeQueued{Package: "n"}, flow.Back{})
	case flow.Devices:
		return flow.Back{}
	case flow.CaseForm:
		if d.c.Form.Values[flow.CaseNumber] == "" {
			return flow.Edit{Field: flow.CaseNumber, Value: "26-118402"}
		}
		if d.c.Form.Values[flow.Birth] == "" {
			return flow.Edit{Field: flow.Birth, Value: []string{"1990-05-01", "1990-05-01", "2021-01-01", "2020"}[r.IntN(4)]}
		}
		return pick(flow.Decide{}, flow.Decide{}, flow.ReadChip{}, flow.Edit{Field: flow.Family, Value: "NEMO"}, flow.Edit{Field: flow.Birth, Value: "1990-05-01"})
	case flow.Prints:
		if d.c.Finger.Asked() == 0 {
			return flow.GlassClear{}
		}
		if r.IntN(10) == 0 {
			return pick(flow.DeviceLost{Device: "scanner", Cause: "unplugged"}, flow.CannotTake{}, flow.Accept{})
		}
		return pick(d.present(r.IntN(8)), d.present(r.IntN(8)), d.present(0), flow.FingerLive{Task: d.c.Finger.Task, Live: capture.Live{Phase: capture.Waiting}})
	case flow.Portrait:
		if r.IntN(10) == 0 {
			return pick(flow.DeviceLost{Device: "camera", Cause: "silent"}, flow.Accept{})
		}
		return pick(flow.Shoot{}, flow.Photographed{Portrait: photo()}, flow.Next{}, flow.Photographed{Portrait: photo("sharpness")})
	case flow.Refusal:
		return pick(flow.RefuseToggle{What: "explained"}, flow.RefuseToggle{What: "asked"}, flow.RecordRefusal{}, flow.ChangedMind{}, flow.Back{})
	case flow.Exceptions:
		return pick(flow.Mark{Reason: capture.Missing}, flow.Mark{}, flow.Next{}, flow.Pick{Finger: finger.LeftIndex, Palm: true})
	case flow.Review:
		return pick(flow.Seal{}, flow.Sealed{Package: "p"})
	case flow.Delivery:
		return pick(flow.Sent{Package: "p"}, flow.Delivered{Package: "p", Receipt: "r"}, flow.NotSent{}, flow.NewCase{})
	case flow.Lost:
		return pick(flow.DeviceBack{Device: "scanner"}, flow.DeviceBack{Device: "camera"}, flow.TryAgain{})
	}
	return flow.Next{}
}

// present is the finger asked for; now and then poorly laid down, or another.
func (d *desk) present(n int) flow.Event {
	if d.c.Finger.Task.Slap != 0 && n == 3 {
		return flow.Unusable{Task: d.c.Finger.Task, Fault: finger.WrongHand}
	}
	var shown []string
	for _, p := range d.c.Finger.Task.Fingers {
		name, how := p.String(), "well"
		if n == 1 {
			name = "right_index"
		}
		if n == 2 {
			how = "poorly"
		}
		shown = append(shown, name, how)
	}
	return flow.Presented{Task: d.c.Finger.Task, Samples: samples(shown, d.now)}
}

// passport is the zone of the passport that the transcripts draw through the reader.
var passport = []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"}

var pages = []flow.Page{flow.Login, flow.Home, flow.CaseForm, flow.Law, flow.Decision, flow.Rights, flow.Prints, flow.Exceptions, flow.Refusal,
	flow.Portrait, flow.Reason, flow.Review, flow.Delivery, flow.Queue, flow.Notices, flow.Devices, flow.Lost, flow.Card, "nowhere"}

var values = [][2]string{
	{flow.CaseNumber, "26-118402"}, {flow.CaseNumber, " "}, {flow.CAN, "240917"}, {flow.CAN, "24"}, {flow.Family, "NEMO"}, {flow.Birth, "1990-05-01"}, {flow.Birth, "2021-05"},
	{flow.Birth, "never"}, {flow.Purpose, "eurodac"}, {flow.Purpose, "residence_card"}, {flow.Basis, "7"}, {flow.Basis, "art11"}, {flow.Basis, "none"},
	{flow.Application, "extension"}, {flow.WithCustodian, "yes"}, {flow.Pending, "yes"}, {flow.Pending, ""}, {flow.JudgedAdult, "maybe"},
	{flow.AppliedOn, "2026-11-30"}, {flow.Reference, "DK1A118402"}, {flow.Reference, "dk3"}, {flow.Sex, "F"}, {flow.Place, "Sandholm"}, {flow.Apprehended, "2026-11-21"}, {flow.LodgedAt, "unhcr"}, {flow.ForceAuthority, "police"}, {flow.ReasonCode, ""}, {flow.ReasonNote, "scar"}, {flow.ReasonCode, "injury"},
}

// lying is what the reader of staff cards may tell.
func lying(n int) flow.Event {
	card := flow.StaffCard{Is: []string{"none", "one", "one", "several", "stranger", "unusable", "locked", "failed"}[n%8], Keypad: n%5 == 0}
	if card.Is == "one" || card.Is == "locked" {
		card.Officer, card.Tries = flow.Officer{ID: []string{"4711", "4712"}[n/8%2]}, []string{"", "low", "final"}[n%3]
	}
	return flow.StaffCardIs{Card: card}
}

// anySeen is one of several chips.
func anySeen(n int) *flow.Seen {
	return seen([][]string{{}, {"proven"}, {"eriksson"}, {"eriksson", "proven", "faceless"}, {"genuine"}, {"illegible"}}[n%6]...)
}

// event makes an event of two numbers from 0 to 255.
func (d *desk) event(which, n int) flow.Event {
	p := finger.Position(n % 12) // two of them are none
	reason := []capture.Reason{capture.Missing, capture.Temporary, capture.Permanent, "", capture.LowQuality, "because"}[n%6]
	text := []string{"", "scar"}[n%2]
	clerk := []flow.Event{
		flow.LogIn{Staff: "4711", PIN: text}, flow.Lock{}, flow.NewCase{}, flow.Edit{Field: values[n%len(values)][0], Value: values[n%len(values)][1]},
		flow.Decide{}, flow.Go{To: pages[n%len(pages)]}, flow.Back{}, flow.Next{}, flow.RightsTurn{By: n - 128}, flow.ReadAloud{}, flow.RightsGiven{},
		flow.TakeNow{}, flow.CannotTake{}, flow.Pick{Finger: p, Palm: n > 128}, flow.Mark{Reason: reason}, flow.Note{Text: text}, flow.Accept{Reason: text},
		flow.Discard{Finger: p, Reason: text}, flow.Change{Finger: p}, flow.AllUnable{Permanent: n%3 == 0, Note: text}, flow.Refuses{},
		flow.RefuseToggle{What: []string{"prints", "photo", "explained", "asked", "x"}[n%5]}, flow.RecordRefusal{}, flow.ChangedMind{}, flow.Secures{}, flow.RecordForce{},
		flow.Judge{What: "eyes"}, flow.Shoot{}, flow.RetakePhoto{}, flow.Seal{}, flow.TryAgain{}, flow.Repeat{}, flow.SetLanguage{Language: "en"},
		flow.SpeakIn{Language: text}, flow.Contrast{}, flow.Motion{}, flow.TextSize{Percent: n}, flow.HandOver{},
	}
	dev := []string{"scanner", "camera", "kettle", "card"}[n%4]
	phase := []capture.Phase{capture.Clearing, capture.Waiting, capture.Assessing, capture.Done}[n%4]
	station := []flow.Event{
		flow.LoggedIn{Officer: flow.Officer{ID: "4711"}}, flow.LogInRefused{Left: n}, flow.FingerLive{Task: d.c.Finger.Task, Live: capture.Live{Phase: phase}},
		flow.FingerLive{Task: capture.Task{Fingers: []finger.Position{p}}, Live: capture.Live{Phase: phase, Advice: "lift"}}, d.present(n), flow.Presented{Task: capture.Task{Fingers: []finger.Position{p}}, Samples: samples([]string{"left_ring", "well"}, d.now)},
		flow.GlassClear{}, flow.FaceLive{}, flow.Photographed{Portrait: photo()}, flow.Photographed{Portrait: photo("subject")}, flow.DeviceLost{Device: dev, Cause: "silent"},
		flow.DeviceBack{Device: dev}, flow.SealFailed{Cause: "full"}, flow.Sent{Package: text}, flow.Delivered{Package: "p"}, flow.NotSent{Package: text}, flow.DraftSaved{},
		flow.DraftFailed{}, flow.StatusIs{}, flow.Tick{}, flow.ScannerIs{Slaps: n%2 == 0}, flow.Singly{Yes: n%3 == 0},
		flow.Unusable{Task: d.c.Finger.Task, Fault: "wrong_hand"}, flow.NoticeQueued{Package: "n"}, flow.NoticeFailed{Cause: "full"},
		flow.CardIs{Lies: n%2 == 0}, flow.CardProgress{Ask: n % 3, Percent: n}, flow.CardSeen{Ask: n % 3, Seen: anySeen(n)}, flow.ReadChip{}, flow.Abandon{}, flow.CompareFaces{}, flow.Judge{What: flow.SamePerson}, flow.CardNotSeen{Ask: n % 3, Code: "wrong_key", Tries: n - 1},
		flow.DocumentRead{Lines: []string{text}}, flow.DocumentRead{Lines: passport},
		lying(n), flow.StaffCardGone{}, flow.CardRefused{Code: []string{"pin", "removed", "changed"}[n%3]}, flow.UseCard{}, flow.Edit{Field: flow.StaffNumber, Value: text},
		flow.LogIn{Staff: []string{"4711", "4712"}[n%2], PIN: text, ByCard: true}, flow.LoggedIn{Officer: carded("4712")},
	}
	all := append(clerk, station...)
	e := all[which%len(all)]
	if _, failed := e.(flow.SealFailed); failed {
		if d.sealing == nil {
			return flow.Tick{} // the station reports only on what it was asked
		}
		d.sealing = nil
	}
	if _, tick := e.(flow.Tick); tick && n > 250 {
		d.now = d.now.Add(time.Hour)
	}
	return e
}

// FuzzEvents plays two bytes to an event, after the start of a case.
func FuzzEvents(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{40, 0, 40, 0, 27, 0, 6, 0})
	f.Add([]byte{12, 0, 13, 130, 14, 1, 7, 0, 40, 0, 40, 0, 44, 0, 7, 0, 27, 0})
	f.Add([]byte{20, 0, 21, 2, 21, 3, 22, 0, 44, 0, 7, 0, 27, 0, 1, 0, 36, 0})
	f.Add([]byte{1, 0, 68, 9, 73, 1, 74, 0, 69, 0, 68, 1, 68, 8, 71, 0, 72, 1, 38, 0}) // locked, logged in by card, locked by its going
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 400 {
			return
		}
		d := newDesk(t)
		d.staffCards(flow.StaffCardsToo)
		d.begin()
		d.inform()
		for i := 0; i+1 < len(data); i += 2 {
			d.on(d.event(int(data[i]), int(data[i+1])))
			d.said = nil
		}
	})
}
