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
