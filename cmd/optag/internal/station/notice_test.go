package station

import (
	"testing"
	"time"

	"optag/queue"
	"optag/ui/flow"
)

// A notice written at the counter waits in the queue like a package, and nothing
// of it stays on the screen.
func TestNoticeAtTheCounterIsQueued(t *testing.T) {
	d := open(t, t.TempDir(), nil)
	yesterday := time.Now().AddDate(0, 0, -1).Format(time.DateOnly)
	d.send(flow.LoggedIn{Officer: flow.Officer{ID: "4718", Name: "K. Lund", Role: "clerk"}}, flow.Go{To: flow.Queue}, flow.Go{To: flow.Notices},
		flow.Edit{Field: flow.Reference, Value: "DK1118402"}, flow.Edit{Field: flow.CapturedOn, Value: yesterday},
		flow.Edit{Field: flow.HappenedOn, Value: yesterday}, flow.Edit{Field: flow.GivenBy, Value: "DNK"}, flow.Decide{})
	d.ask(func(s *flow.State) {
		if s.Told.Ready == nil {
			t.Errorf("the law says %v", s.Told.Faults)
		}
	})
	d.send(flow.Seal{})
	d.ask(func(s *flow.State) {
		if s.Page != flow.Notices || s.Notice.Code != "notice_queued" || s.Told.Values[flow.Reference] != "" || s.Told.Ready != nil {
			t.Errorf("afterwards: page %s, says %q, form %v", s.Page, s.Notice.Code, s.Told.Values)
		}
	})
	list, err := d.s.queue.List()
	if err != nil || len(list) != 1 || !list[0].State.Waiting() {
		t.Errorf("the queue holds %+v, %v", list, err)
	}
}

// What kept a case or a notice from being sealed is told in a code.
func TestWhyNothingWasSealed(t *testing.T) {
	for err, code := range map[error]string{queue.ErrFull: "full", queue.ErrDamaged: "failed"} {
		if got := sealCode(err); got != code {
			t.Errorf("%v is told as %q, want %q", err, got, code)
		}
	}
}
