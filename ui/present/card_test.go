package present

import (
	"strings"
	"testing"

	"optag/capture/finger"
	"optag/ui/flow"
)

// TestPrintsOfACardTwoAtATime: a passport may hold all ten, and some that do not
// say which finger they are of.
func TestPrintsOfACardTwoAtATime(t *testing.T) {
	all := []flow.SeenPrint{{Position: finger.RightThumb}, {Position: finger.RightIndex}, {Position: finger.LeftIndex}, {}, {Position: finger.LeftLittle}}
	for _, c := range []struct {
		name   string
		prints int
		sheet  int
		want   string
	}{
		{"none", 0, 0, ""},
		{"one, on a later page of what is written", 1, 1, "Right thumb"},
		{"two, on a later page of what is written", 2, 3, "Right thumb, Right index finger"},
		{"five, the first page", 5, 0, "Right thumb, Right index finger"},
		{"five, the second", 5, 1, "Left index finger, Finger not told"},
		{"five, the third", 5, 2, "Left little finger"},
		{"five, later", 5, 7, "Left little finger"},
	} {
		v := look(&flow.State{Look: flow.Look{Language: "en", Person: "en"}, Card: flow.CardState{Sheet: c.sheet, Seen: &flow.Seen{Fingers: all[:c.prints]}}})
		var names []string
		for _, p := range v.cardPrints(v.l) {
			names = append(names, p.Name)
		}
		if got := strings.Join(names, ", "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// The holder is told the same as the clerk.
func TestWhatTheHolderDoesWithTheCard(t *testing.T) {
	for _, c := range []struct {
		name   string
		card   flow.CardState
		notice string
		want   string
	}{
		{"nothing lies there", flow.CardState{}, "", "say.lay_card"},
		{"it lies there, the clerk types its number", flow.CardState{Lies: true}, "", "say.leave_card"},
		{"it is read", flow.CardState{Lies: true, Reading: true}, "", "say.leave_card"},
		{"it was read", flow.CardState{Lies: true, Seen: &flow.Seen{}}, "", "say.leave_card"},
		{"the number was wrong", flow.CardState{Lies: true}, "card_wrong_key", "say.leave_card"},
		{"it has fallen silent", flow.CardState{Lies: true}, "card_silent", "say.lay_card"},
		{"taken away too soon", flow.CardState{}, "card_removed", "say.lay_card"},
		{"it lies the wrong way up", flow.CardState{}, "card_mute", "say.lay_card"},
		{"the reader was pulled out", flow.CardState{Gone: "unplugged"}, "", "say.wait"},
		{"the service for cards has ended", flow.CardState{Gone: "silent"}, "", "say.wait"},
		{"read for a case", flow.CardState{Lies: true, For: flow.CaseForm}, "", "say.welcome"},
	} {
		v := look(&flow.State{Page: flow.Card, Look: flow.Look{Language: "en", Person: "en"}, Card: c.card, Notice: flow.Notice{Code: c.notice}})
		if _, got := v.ask(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
