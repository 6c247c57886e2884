package journey

import "optag/ui/flow"

// chip fills a case from a passport's chip, and has its face beside the portrait.
func (w *walk) chip() {
	read := func(s *flow.Seen) {
		w.do(flow.CardIs{Lies: true}, flow.Edit{Field: flow.CAN, Value: "240917"}, flow.Next{})
		w.do(flow.CardSeen{Ask: w.Card.Ask, Seen: s})
	}
	w.do(flow.Go{To: flow.Home}, flow.NewCase{}, flow.Edit{Field: flow.CaseNumber, Value: "26-118 402"})
	w.do(flow.DocumentRead{Lines: []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"}}, flow.ReadChip{})
	w.stop("chip for the case, key known")
	w.do(flow.CardIs{Lies: true}, flow.CardProgress{Ask: w.Card.Ask, Percent: 40})
	w.stop("chip for the case, being read")
	w.do(flow.CardSeen{Ask: w.Card.Ask, Seen: held()})
	w.stop("chip for the case, proven")
	w.do(flow.HandOver{})
	w.stop("chip for the case, shown to the person")
	w.do(flow.HandOver{}, flow.CardIs{})
	read(doubtful())
	w.stop("chip for the case, not proven")
	w.do(flow.CardIs{})
	read(forged())
	w.stop("chip for the case, not in order")
	w.do(flow.Next{}, flow.Back{}, flow.NewCase{}, flow.Edit{Field: flow.CaseNumber, Value: "26-118 402"}, flow.ReadChip{})
	read(doubtful())
	w.do(flow.Next{})
	w.stop("case form, from a chip, not proven")
	w.do(flow.ReadChip{}, flow.CardIs{Lies: true}, flow.CardSeen{Ask: w.Card.Ask + 1, Seen: held()})
	w.do(flow.CardSeen{Ask: w.Card.Ask, Seen: held()}, flow.Next{})
	w.stop("case form, from a chip")
	w.do(flow.Edit{Field: flow.Birth, Value: "1990-12-08"}, flow.Edit{Field: flow.Given, Value: "Anne"}, flow.Edit{Field: flow.Family, Value: "Madsen"})
	w.stop("case form, not as in the chip")
	w.do(flow.Decide{})
	w.stop("reason of a change")
	w.do(flow.Next{}, flow.AllUnable{Permanent: true, Note: "no hands since birth"}, flow.Next{})
	for w.Page == flow.Rights {
		w.do(flow.RightsGiven{})
	}
	w.stop("portrait, beside a document")
	w.do(flow.CompareFaces{}, flow.Judge{What: flow.SamePerson}, flow.FaceLive{Checks: checks("", 0)})
	w.stop("portrait, beside a document, large")
	w.do(flow.Shoot{}, flow.Photographed{Portrait: w.photo(checks("", 0))})
	w.stop("portrait, taken beside a document")
	w.do(flow.Next{}, flow.Seal{}, flow.Sealed{Package: "01JCXR2B4E", Size: 98_000}, flow.Next{}, flow.Back{})
}

// forged is a chip in which something was changed; nobody knows its issuer.
func forged() *flow.Seen {
	s := held()
	s.Lamps = []flow.Lamp{{ID: "signature", Verdict: "not_checked", Why: "authority_unknown"}, {ID: "content", Verdict: "failed", Why: "group_changed"},
		{ID: "genuine", Verdict: "not_checked", Why: "no_protocol"}, {ID: "belongs", Verdict: "not_checked", Why: "no_mrz"}}
	s.Face, s.Prints, s.Signer, s.Unread = nil, "unknown", "", []string{"DG2"}
	return s
}

// doubtful is one of an issuer whom nobody knows here.
func doubtful() *flow.Seen {
	s := held()
	s.Lamps[0] = flow.Lamp{ID: "signature", Verdict: "not_checked", Why: "authority_unknown"}
	s.Lamps[3] = flow.Lamp{ID: "belongs", Verdict: "not_checked", Why: "no_mrz"}
	return s
}
