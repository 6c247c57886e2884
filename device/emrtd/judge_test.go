package emrtd

import (
	"errors"
	"testing"

	"optag/device/emrtd/apdu"
	"optag/device/emrtd/lds"
)

// What a signed group that did not come says about the content of a chip.
func TestGroupsThatDidNotCome(t *testing.T) {
	for _, c := range []struct {
		name string
		g    Group
		want Result
	}{
		{"not asked for", Group{File: lds.DG2}, Result{}},
		{"not there", Group{File: lds.DG2, Err: refused("", apdu.NotFound)}, Result{Verdict: Failed, Why: GroupMissing}},
		{"empty", Group{File: lds.DG2, Err: refused("", apdu.OK)}, Result{Verdict: Failed, Why: GroupChanged}},
		{"cut", Group{File: lds.DG2, Err: &Broken{"", lds.DG2, 90, errEnds}}, Result{Verdict: Failed, Why: GroupChanged}},
		{"a wrong length told in the middle", Group{File: lds.DG2, Err: &Broken{"", lds.DG2, 90, errors.Join(errEnds, apdu.WrongLength)}}, Result{Verdict: NotChecked, Why: GroupUnread}},
		{"another file's", Group{File: lds.DG2, Err: faulty(lds.DG2, &lds.Fault{File: lds.DG2, Rule: "does not begin with its tag"})}, Result{Verdict: Failed, Why: GroupChanged}},
		{"given up in the middle", Group{File: lds.DG2, Err: &Broken{"", lds.DG2, 90, apdu.Unknown}}, Result{Verdict: NotChecked, Why: GroupUnread}},
		{"answered with too much", Group{File: lds.DG2, Err: &Broken{"", lds.DG2, 90, errors.New("12 bytes came where 2 were asked for")}}, Result{Verdict: NotChecked, Why: GroupUnread}},
		{"an open one refused", Group{File: lds.DG2, Err: refused("", apdu.NotAllowed)}, Result{Verdict: NotChecked, Why: GroupUnread}},
		{"fingers, nobody signed in", Group{File: lds.DG3, Closed: true, Err: refused("", apdu.Unknown)}, Result{}},
		{"fingers, the terminal without the right", Group{File: lds.DG3, Err: refused("", apdu.NotAllowed)}, Result{}},
		{"fingers, refused for no such reason", Group{File: lds.DG3, Err: refused("", apdu.Unknown)}, Result{Verdict: NotChecked, Why: GroupUnread}},
	} {
		c.g.Signed = true
		got := withheld(&Chip{}, c.g)
		if got.Verdict != c.want.Verdict || got.Why != c.want.Why || got.Verdict != "" && got.Err == nil {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
		c.g.Signed = false
		if got := withheld(&Chip{}, c.g); got != (Result{}) {
			t.Errorf("%s, and not signed: %+v", c.name, got)
		}
	}
	legible := Group{File: lds.DG2, Signed: true, Content: OK, Err: faulty(lds.DG2, &lds.Fault{File: lds.DG2, Rule: "is no picture"})}
	if got := withheld(&Chip{Files: map[lds.File][]byte{lds.DG2: {0x75, 0}}}, legible); got != (Result{}) {
		t.Errorf("come as it was signed, and not legible: %+v", got)
	}
}
