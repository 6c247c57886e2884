package journey

import "optag/ui/flow"

// notices writes one notice of each kind about earlier captures.
func (w *walk) notices() {
	w.do(flow.Go{To: flow.Home}, flow.Go{To: flow.Queue}, flow.Go{To: flow.Notices})
	w.stop("notice, empty")
	w.do(flow.Decide{})
	w.stop("notice, incomplete")
	w.fill(flow.CaseNumber, "26-118 402", flow.Reference, "DK1118402", flow.CapturedOn, "2016-11-01", flow.HappenedOn, "2026-11-20", flow.GivenBy, "SWE")
	w.do(flow.Decide{})
	w.stop("notice, the last day is over")
	w.fill(flow.CapturedOn, "2020-11-01")
	w.do(flow.Decide{})
	w.stop("notice, may be made")
	w.do(flow.Seal{})
	w.stop("notice, being sealed")
	w.do(flow.NoticeQueued{Package: "p"})
	w.stop("notice, sealed")
	w.fill(flow.NoticeKind, "deletion", flow.Purpose, "residence_card", flow.Basis, "7", flow.CaseNumber, "26-118 402",
		flow.CapturedOn, "2020-11-01", flow.Birth, "2002", flow.FoundOn, "2021-02-01", flow.FoundBy, "Udlændingestyrelsen")
	w.do(flow.Decide{})
	w.stop("notice, deletion, refused")
	w.fill(flow.NoticeKind, "correction", flow.Purpose, "eurodac", flow.AskedFor, "sex", flow.AskedTo, "correct", flow.RightValue, "F")
	w.do(flow.Decide{})
	w.stop("notice, correction")
	w.do(flow.Back{})
}

// fill writes into the fields of the form in front.
func (w *walk) fill(pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		w.do(flow.Edit{Field: pairs[i], Value: pairs[i+1]})
	}
}
