package present

import (
	"strings"

	"optag/capture"
	"optag/capture/finger"
	"optag/ui/flow"
)

// Event turns what was done at the screen into what it means at the counter;
// nil for an action that means nothing there.
func Event(a Action, s *flow.State) flow.Event {
	if e, ok := plainEvents()[a.ID]; ok {
		return e
	}
	switch a.ID {
	case DoGoStep:
		return flow.Go{To: flow.Page(a.Arg)}
	case DoLanguage:
		return flow.SetLanguage{Language: a.Arg}
	case DoSpeakIn:
		return flow.SpeakIn{Language: a.Arg}
	case DoTextLarger:
		return flow.TextSize{Percent: s.Look.TextSize + 25}
	case DoTextLess:
		return flow.TextSize{Percent: s.Look.TextSize - 25}
	case DoLogin:
		return flow.LogIn{Staff: strings.ReplaceAll(a.Arg, " ", ""), PIN: a.Text}
	case DoCardLogin:
		return flow.LogIn{Staff: a.Arg, PIN: a.Text, ByCard: true}
	case DoEdit:
		if s.Page == flow.Exceptions {
			return flow.Note{Text: a.Text}
		}
		return flow.Edit{Field: a.Arg, Value: a.Text}
	case DoToggle:
		return toggle(a.Arg, s.Page)
	case DoPick:
		return pick(a.Arg)
	case DoReason:
		return flow.Mark{Reason: capture.Reason(a.Arg)}
	case DoChange:
		return change(a.Arg)
	}
	return nil
}

// plainEvents are the actions that mean the same everywhere and carry nothing.
func plainEvents() map[ID]flow.Event {
	return map[ID]flow.Event{
		DoBack: flow.Back{}, DoLock: flow.Lock{}, DoHold: flow.Lock{}, DoRepeat: flow.Repeat{},
		DoStaffCard: flow.UseCard{}, DoHandOver: flow.HandOver{}, DoContrast: flow.Contrast{}, DoMotion: flow.Motion{},
		DoShowLaw: flow.Go{To: flow.Law}, DoPageNext: flow.RightsTurn{By: 1}, DoPageBack: flow.RightsTurn{By: -1},

		DoNewCase: flow.NewCase{}, DoEditFact: flow.Go{To: flow.CaseForm}, DoDecide: flow.Decide{},
		DoGoRights: flow.Next{}, DoRightsGiven: flow.RightsGiven{}, DoCloseCase: flow.Next{},

		DoTakeNow: flow.TakeNow{}, DoNextFinger: flow.Next{}, DoCannotTake: flow.CannotTake{},
		DoSingly: flow.Singly{Yes: true}, DoTogether: flow.Singly{},
		DoTakeOther: flow.Next{}, DoAppoint: flow.AllUnable{},

		DoTakePhoto: flow.Shoot{}, DoRetakePhoto: flow.RetakePhoto{}, DoUsePhoto: flow.Next{},
		DoAcceptReason: flow.Accept{}, DoRefuses: flow.Refuses{}, DoChangedMind: flow.ChangedMind{},
		DoSecures: flow.Secures{}, DoRecordForce: flow.RecordForce{},
		DoRecordRefusal: flow.RecordRefusal{}, DoSealSend: flow.Seal{}, DoTryNow: flow.TryAgain{},
		DoRunAll: flow.RunSelfTest{}, DoReadCard: flow.Next{},
		DoChip: flow.ReadChip{}, DoAbandon: flow.Abandon{}, DoUseChip: flow.Next{}, DoCompare: flow.CompareFaces{},
	}
}

// toggle is a check box, whose meaning is the page's.
func toggle(box string, page flow.Page) flow.Event {
	switch page {
	case flow.Rights:
		return flow.ReadAloud{}
	case flow.Refusal:
		return flow.RefuseToggle{What: box}
	case flow.Portrait:
		return flow.Judge{What: box}
	}
	return nil
}

// pick is a finger or a palm, as "left_index" or "right_palm".
func pick(name string) flow.Event {
	hand, palm := strings.CutSuffix(name, "_palm")
	if palm {
		name = hand + "_index"
	}
	p, err := finger.ParsePosition(name)
	if err != nil {
		return nil
	}
	return flow.Pick{Finger: p, Palm: palm}
}

// change is a row of the review: "portrait", "data", "rights" or a finger.
func change(row string) flow.Event {
	switch row {
	case "portrait":
		return flow.RetakePhoto{}
	case "data":
		return flow.Go{To: flow.CaseForm}
	case "rights":
		return flow.Go{To: flow.Rights}
	}
	p, err := finger.ParsePosition(row)
	if err != nil {
		return nil
	}
	return flow.Change{Finger: p}
}
