package flow_test

import (
	"testing"

	"optag/capture/notice"
	"optag/capture/rule"
	"optag/ui/flow"
)

// atNotices is a desk whose clerk has opened the page of notices.
func atNotices(t *testing.T) *desk {
	d := newDesk(t)
	d.on(flow.LogIn{Staff: "4711", PIN: "1234"})
	d.on(flow.LoggedIn{Officer: flow.Officer{ID: "4711"}})
	d.on(flow.Go{To: flow.Queue})
	d.on(flow.Go{To: flow.Notices})
	if d.c.Page != flow.Notices {
		t.Fatalf("the page is %s", d.c.Page)
	}
	return d
}

func (d *desk) write(pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		d.on(flow.Edit{Field: pairs[i], Value: pairs[i+1]})
	}
}

// effect returns the last effect of a type.
func effect[T flow.Effect](d *desk) (last T, ok bool) {
	for _, e := range d.seen {
		if f, is := e.(T); is {
			last, ok = f, true
		}
	}
	return last, ok
}

// TestNoticeAtTheCounter: each kind is written, checked, sealed; the form is empty
// again afterwards.
func TestNoticeAtTheCounter(t *testing.T) {
	for _, c := range []struct {
		name  string
		write []string
		want  func(notice.Request) bool
	}{
		{"who crossed a border has left", []string{flow.Basis, "art8", flow.Happened, "left_territory", "reference_number", "DK2118402", flow.CapturedOn, "2026-11-01", flow.HappenedOn, "2026-11-20"},
			func(r notice.Request) bool {
				return r.FollowUp.Event == notice.LeftTerritory && r.Capture.Reference == "DK2118402"
			}},
		{"found to be a child", []string{flow.NoticeKind, "deletion", flow.Purpose, "residence_card", flow.Basis, "7", flow.CaseNumber, "1234567", flow.CapturedOn, "2026-11-01",
			flow.JudgedAdult, "yes", flow.Birth, "2010", flow.FoundOn, "2026-11-20", flow.FoundBy, "Immigration Service"},
			func(r notice.Request) bool { return r.Capture.JudgedAdult && r.Deletion.Birth.Year == 2010 }},
		{"a name is misspelt", []string{flow.NoticeKind, "correction", flow.Purpose, "residence_card", flow.CaseNumber, "1234567", flow.CapturedOn, "2026-11-01",
			flow.AskedFor, "name", flow.AskedTo, "correct", flow.RightValue, "Testesen", flow.Representer, "A. Test"},
			func(r notice.Request) bool {
				return r.Correction.By == notice.ARepresentative && r.Correction.Asks[0].Right == "Testesen"
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := atNotices(t)
			d.write(c.write...)
			d.on(flow.Seal{}) // not yet asked
			if _, made := effect[flow.MakeNotice](d); made {
				t.Fatal("sealed before the law was asked")
			}
			d.on(flow.Decide{})
			if d.c.Told.Ready == nil {
				t.Fatalf("the law says %v", d.c.Told.Faults)
			}
			d.on(flow.Seal{})
			e, made := effect[flow.MakeNotice](d)
			if !made || e.Notice.Officer != "4711" || e.Notice.Counter != rule.StationPolice || notice.Check(e.Notice) != nil || !c.want(e.Notice.Request) {
				t.Fatalf("to be made: %v, %+v", made, e.Notice.Request)
			}
			d.on(flow.NoticeQueued{Package: "p"})
			if _, sent := effect[flow.Deliver](d); !sent || d.c.Told.Values[flow.CaseNumber] != "" || d.c.Notice.Code != "notice_queued" {
				t.Errorf("afterwards: sent %v, form %v, says %q", sent, d.c.Told.Values, d.c.Notice.Code)
			}
		})
	}
}

// TestNoticeRefusedAtTheCounter: what is wrong is told at its field, and an edit
// takes back what the law has said.
func TestNoticeRefusedAtTheCounter(t *testing.T) {
	d := atNotices(t)
	d.write("reference_number", "DK1118402", flow.CapturedOn, "2015-11-01", flow.HappenedOn, "2026-13-01", flow.GivenBy, "DNK")
	d.on(flow.Decide{})
	if f, wrong := d.c.Told.Wrong(flow.HappenedOn); !wrong || f.Problem == "" {
		t.Errorf("a day that there is not: %v", d.c.Told.Faults)
	}
	d.write(flow.HappenedOn, "2026-11-01")
	d.on(flow.Decide{})
	if f, wrong := d.c.Told.Wrong(flow.CapturedOn); !wrong || f.Code != notice.TooLate || d.c.Told.Ready != nil {
		t.Errorf("eleven years after: %v", d.c.Told.Faults)
	}
	d.write(flow.CapturedOn, "2025-11-01")
	if len(d.c.Told.Faults) > 0 {
		t.Error("what was mended is still said to be wrong")
	}
	d.on(flow.Decide{})
	if d.c.Told.Ready == nil {
		t.Fatalf("one year after: %v", d.c.Told.Faults)
	}
	d.write(flow.GivenBy, "XYZ")
	d.on(flow.Seal{})
	if _, made := effect[flow.MakeNotice](d); made {
		t.Error("another notice is sealed than the law was asked about")
	}
}

// TestNoticeOffersWhatTheCategoryHas: another category has other events, and of
// category 3 the law says that nothing is told.
func TestNoticeOffersWhatTheCategoryHas(t *testing.T) {
	d := atNotices(t)
	d.write(flow.Happened, "permit_7_1", flow.Basis, "art8")
	if got := d.c.Told.Values[flow.Happened]; got != "permit" {
		t.Errorf("of category 2 %q is offered", got)
	}
	d.write(flow.Basis, "art11", flow.Reference, "DK3118402", flow.CapturedOn, "2026-11-01", flow.HappenedOn, "2026-11-20", flow.GivenBy, "DNK")
	d.on(flow.Decide{})
	if f, wrong := d.c.Told.Wrong(flow.Basis); !wrong || f.Code != notice.CategoryThree {
		t.Errorf("of category 3: %v", d.c.Told.Faults)
	}
}

// TestNoticeIsForgotten: what was typed is gone with the page and the officer, and
// a notice that could not be sealed stays to be tried again.
func TestNoticeIsForgotten(t *testing.T) {
	for name, away := range map[string]flow.Event{"back": flow.Back{}, "home": flow.Go{To: flow.Home}, "lock": flow.Lock{}} {
		d := atNotices(t)
		d.write(flow.CaseNumber, "1234567")
		d.on(away)
		if len(d.c.Told.Values) > 0 || d.c.Page == flow.Notices {
			t.Errorf("%s: page %s, form %v", name, d.c.Page, d.c.Told.Values)
		}
	}
	d := atNotices(t)
	d.write("reference_number", "DK1118402", flow.CapturedOn, "2025-11-01", flow.HappenedOn, "2026-11-01", flow.GivenBy, "DNK")
	d.on(flow.Decide{})
	d.on(flow.Seal{})
	d.write(flow.GivenBy, "SWE") // too late
	d.on(flow.NoticeFailed{Cause: "full"})
	if d.c.Told.Ready == nil || d.c.Told.Making || d.c.Told.Values[flow.GivenBy] != "DNK" || d.c.Notice.Code != "seal_failed" {
		t.Errorf("a full disk: %+v, says %q", d.c.Told, d.c.Notice.Code)
	}
}
