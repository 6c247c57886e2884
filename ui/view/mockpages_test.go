package view

import (
	"optag/ui/i18n"
	"optag/ui/present"
)

func mockLogin(l words) present.Operator {
	vm := base(l, l.Text("login.title"))
	vm.Header, vm.Focus = nil, "pin"
	vm.Page = &present.Login{
		Name: l.Text("app.name"), Place: []string{"Nordjylland Police, Aalborg", l.Text("login.place", "n", 2, "station", "AAL-02")},
		Waiting:   &present.Notice{Title: l.Text("login.waiting"), Text: l.Text("login.waiting_text", "time", "10:12", "user", "M. Holm")},
		Languages: []present.Option{{ID: "da", Label: "Dansk", Chosen: l.Lang() == "da"}, {ID: "en", Label: "English", Chosen: l.Lang() == "en"}},
		Staff:     present.Field{ID: "staff", Label: l.Text("login.staff"), Value: "4 718"}, StaffName: "K. Lund, " + l.Text("role.clerk"),
		PIN: present.Field{ID: "pin", Label: l.Text("login.pin")}, Note: l.Text("login.wrong_once"), Pad: l.Text("login.pad"),
	}
	vm.Secondary = []present.Button{button(l, present.DoStaffCard, "login.card", "F2", "card")}
	vm.Primary = primary(l, present.DoLogin, "login.do", "Enter", "")
	return vm
}

func mockLaw(l words) present.Operator {
	vm := base(l, l.Text("law.title"))
	vm.Rail = rail(l, 0, l.Text("fact.check"))
	vm.Aside.Chip = &present.Chip{Text: l.Text("law.asof", "date", "23 Nov 2026")}
	required := present.Chip{Tone: present.Good, Text: l.Text("law.required")}
	pen := func(f string) present.Action { return present.Action{ID: present.DoEditFact, Arg: f} }
	vm.Page = &present.Law{
		Items: []present.LawItem{
			{Icon: "camera", Title: l.Text("law.portrait"), Text: l.Text("law.portrait_text"), Chip: required},
			{Icon: "finger", Title: l.Text("law.two"), Text: l.Text("law.two_text"), Chip: required},
			{Title: l.Text("law.no_ten"), Excluded: true},
		},
		WhyTitle: l.Text("law.why"), Why: "First application under § 9 by a person aged 18 or over, lodged with the police.",
		Source: "Aliens Act § 47 b (1) · Regulation 1030/2002, art. 4 b", FactsTitle: l.Text("law.facts"),
		Facts: []present.Fact{
			{Label: l.Text("law.fact.born"), Value: l.Text("law.born_value", "date", "14 May 1991", "age", 35), Edit: pen("birth_date")},
			{Label: l.Text("law.fact.application"), Value: "§ 9 · " + l.Text("application.first_short"), Edit: pen("basis")},
			{Label: l.Text("law.fact.lodged"), Value: l.Text("station.police") + ", Aalborg"},
			{Label: l.Text("law.fact.pending"), Value: l.Text("none"), Edit: pen("pending")},
			{Label: l.Text("law.fact.document"), Value: l.Text("law.passport_ok")},
			{Label: l.Text("law.fact.inability"), Value: l.Text("law.none_known"), Edit: pen("inability")},
		},
	}
	facts := vm.Page.(*present.Law).Facts
	for i := range facts {
		facts[i].EditLabel = l.Text("law.change", "fact", facts[i].Label)
	}
	vm.Advice = present.Advice{Tone: present.Inform, Bold: l.Text("law.tell"), Text: l.Text("law.tell_both")}
	vm.Secondary = []present.Button{button(l, present.DoShowLaw, "law.the_law", "F1", "law"), button(l, present.DoRefuses, "law.refuses", "F3", "")}
	vm.Primary = primary(l, present.DoGoRights, "law.to_rights", "Enter", "")
	return vm
}

func mockPrints(l words) present.Operator {
	vm := base(l, i18n.Capital(l.Text("finger.right_index")))
	vm.Rail = rail(l, 2, "", l.Text("fact.aloud", "language", l.Text("lang.ar")), l.Text("fact.finger", "n", 1, "all", 2))
	vm.Aside = present.Aside{Text: l.Text("prints.attempts"), Attempts: []present.Attempt{{Text: "31"}, {Text: l.Text("prints.now"), Now: true}, {Text: "3", Left: true}}}
	h := hands(l, false)
	h.Active = "right"
	h.Fingers["right_index"] = present.Finger{State: present.FingerAsked, Number: 1}
	h.Fingers["left_index"] = present.Finger{State: present.FingerToCome, Number: 2}
	person := sees(l, "press-harder", "say.press_harder")
	person.Sentence, person.RTL = "اضغط أكثر قليلاً", true
	vm.Page = &present.Prints{
		Live:  present.Live{Label: l.Text("live.live"), Running: true, Guide: frameGuide()},
		Score: "38", ScoreOf: l.Text("prints.score_of"), Value: 0.38, Needed: 0.45, Needs: l.Text("prints.needs", "n", 45),
		Measures: []present.Measure{
			{Tone: present.Good, Label: l.Text("measure.placed"), Value: l.Text("yes")},
			{Tone: present.Warn, Label: l.Text("measure.pressure"), Value: l.Text("value.too_light")},
			{Tone: present.Warn, Label: l.Text("measure.area"), Value: l.Text("value.too_small")},
			{Tone: present.Good, Label: l.Text("measure.moisture"), Value: l.Text("value.good")},
			{Tone: present.Good, Label: l.Text("measure.new"), Value: l.Text("value.new_finger")},
		},
		Note: l.Text("prints.best", "n", 31), Sees: person, Hands: h,
	}
	vm.Advice = present.Advice{Tone: present.Warn, Bold: l.Text("advice.press_harder"), Text: l.Text("advice.press_harder_text")}
	vm.Secondary = []present.Button{button(l, present.DoBack, "do.back", "Esc", ""), button(l, present.DoCannotTake, "do.cannot", "F2", ""), button(l, present.DoRepeat, "do.repeat", "F4", "sound")}
	vm.Primary = primary(l, present.DoTakeNow, "do.take", "Enter", "")
	return vm
}

func mockPrintsTaken(l words) present.Operator {
	vm := mockPrints(l)
	p := *vm.Page.(*present.Prints)
	vm.Aside.Attempts = []present.Attempt{{Text: "31"}, {Text: "71", Now: true}, {Text: "3", Left: true}}
	p.Live.Label, p.Live.Running = l.Text("live.taken"), true
	p.Score, p.Value, p.Enough = "71", 0.71, true
	p.Measures = []present.Measure{
		{Tone: present.Good, Label: l.Text("measure.placed"), Value: l.Text("yes")},
		{Tone: present.Good, Label: l.Text("measure.pressure"), Value: l.Text("value.good")},
		{Tone: present.Good, Label: l.Text("measure.area"), Value: l.Text("value.large")},
		{Tone: present.Good, Label: l.Text("measure.moisture"), Value: l.Text("value.good")},
		{Tone: present.Good, Label: l.Text("measure.new"), Value: l.Text("value.new_finger")},
	}
	p.Note = l.Text("prints.done", "n", 71)
	p.Sees = sees(l, "done", "say.good")
	vm.Page = &p
	vm.Advice = present.Advice{Tone: present.Good, Bold: l.Text("advice.good"), Text: l.Text("advice.good_text")}
	vm.Primary = primary(l, present.DoNextFinger, "do.next_finger", "Enter", "")
	return vm
}

func mockExceptions(l words) present.Operator {
	vm := base(l, l.Text("exc.title"))
	vm.Rail = rail(l, 2, "", l.Text("fact.aloud", "language", l.Text("lang.ar")), l.Text("fact.cannot"))
	vm.Aside.Text, vm.Clock, vm.Focus = l.Text("exc.aside"), "10:36", "hands"
	h := hands(l, true)
	h.Left, h.Right, h.Current = l.Text("hand.left_hand"), l.Text("hand.right_hand"), "left_index"
	for _, side := range []string{"left", "right"} {
		for _, f := range append(fingers(), "palm") {
			h.Fingers[side+"_"+f] = present.Finger{Label: l.Text("finger." + side + "_" + f)}
		}
	}
	set := func(p string, s present.FingerState) {
		f := h.Fingers[p]
		f.State = s
		h.Fingers[p] = f
	}
	set("right_ring", present.FingerMissing)
	set("right_index", present.FingerTaken)
	set("left_index", present.FingerNotNow)
	set("left_middle", present.FingerInstead)
	vm.Page = &present.Exceptions{
		Hands:  h,
		Legend: []present.Legend{{State: present.FingerTaken, Text: l.Text("exc.taken")}, {State: present.FingerInstead, Text: l.Text("exc.instead")}, {State: present.FingerNotNow, Text: l.Text("exc.not_now")}, {State: present.FingerMissing, Text: l.Text("exc.missing")}},
		Picked: i18n.Capital(l.Text("finger.left_index")),
		Reasons: []present.Option{
			{ID: "temporary", Label: l.Text("exc.not_now"), Text: l.Text("exc.not_now_text"), Chosen: true},
			{ID: "missing", Label: l.Text("exc.missing"), Text: l.Text("exc.missing_text")},
			{ID: "permanent", Label: l.Text("exc.never"), Text: l.Text("exc.never_text")},
			{ID: "", Label: l.Text("exc.clear"), Text: l.Text("exc.clear_text")},
		},
		Note: present.Field{ID: "note", Label: l.Text("exc.saw"), Value: "Plaster cast, left index"},
		Seen: l.Text("exc.seen", "user", "K. Lund", "date", "23 Nov 2026", "time", "10:36"),
	}
	vm.Advice = present.Advice{Tone: present.Inform, Bold: l.Text("exc.advice", "finger", i18n.Capital(l.Text("finger.left_middle"))), Text: l.Text("exc.advice_text")}
	vm.Secondary = []present.Button{button(l, present.DoBack, "do.back", "Esc", ""), button(l, present.DoAppoint, "exc.appoint", "F7", "")}
	vm.Primary = &present.Button{Action: act(present.DoTakeOther), Label: l.Text("exc.take", "finger", l.Text("short.left_middle")), Key: "Enter"}
	return vm
}

func mockPortrait(l words) present.Operator {
	vm := base(l, l.Text("photo.title"))
	vm.Rail = rail(l, 3, "", l.Text("fact.aloud", "language", l.Text("lang.ar")), l.Text("fact.taken_of", "n", 2, "all", 2), l.Text("fact.attempt", "n", 1, "all", 3))
	vm.Aside.Text, vm.Clock = l.Text("photo.aside"), "10:38"
	person := sees(l, "move-closer", "say.closer")
	person.Sentence, person.RTL = "اقترب قليلاً", true
	var m []present.Measure
	for _, f := range []struct {
		tone       present.Tone
		key, value string
	}{{present.Warn, "distance", "value.far"}, {present.Good, "centred", "yes"}, {present.Good, "single", "yes"}, {present.Good, "even", "yes"}, {present.Good, "brightness", "value.good"}, {present.Good, "sharp", "yes"}, {present.Good, "upright", "yes"}, {present.Good, "background", "yes"}} {
		m = append(m, present.Measure{Tone: f.tone, Label: l.Text("face." + f.key), Value: l.Text(f.value)})
	}
	var judge []present.Check
	for i, id := range []string{"eyes", "mouth", "covered", "glare"} {
		judge = append(judge, present.Check{ID: id, Label: l.Text("judge." + id), On: i < 3})
	}
	vm.Page = &present.Portrait{
		Live:         present.Live{Label: l.Text("live.live"), Running: true, Guide: ovalGuide()},
		MeasureTitle: l.Text("photo.measured"), Measures: m, Note: l.Text("photo.note"),
		JudgeTitle: l.Text("photo.judge"), Judge: judge, Sees: person,
	}
	vm.Advice = present.Advice{Tone: present.Warn, Bold: l.Text("advice.closer"), Text: l.Text("advice.closer_text")}
	vm.Secondary = []present.Button{button(l, present.DoBack, "do.back", "Esc", ""), button(l, present.DoPaperPhoto, "do.paper", "F5", ""), button(l, present.DoAcceptReason, "do.accept", "F6", "")}
	vm.Primary = primary(l, present.DoTakePhoto, "do.photo", "Enter", "")
	return vm
}

func mockRefusal(l words) present.Operator {
	vm := base(l, l.Text("refuse.title_prints"))
	vm.Rail = rail(l, 2, "", l.Text("fact.aloud", "language", l.Text("lang.ar")), l.Text("fact.refusal"))
	vm.Clock, vm.Focus = "10:41", "do:changed_mind"
	vm.Page = &present.Refusal{
		WhatTitle: l.Text("refuse.what"),
		What: []present.Check{{ID: "prints", Label: l.Text("refuse.prints"), Text: l.Text("refuse.prints_text"), On: true},
			{ID: "photo", Label: l.Text("refuse.photo"), Text: l.Text("refuse.agrees")}},
		BeforeTitle: l.Text("refuse.before"),
		Before: []present.Check{{ID: "explained", Label: l.Text("refuse.explained"), Text: l.Text("refuse.explained_text", "language", l.Text("lang.ar"), "time", "10:40"), On: true},
			{ID: "asked", Label: l.Text("refuse.time"), Text: l.Text("refuse.time_text"), On: true}},
		LawTitle: l.Text("refuse.follows"),
		Law:      []present.Run{{Text: l.Text("refuse.reject1")}, {Text: l.Text("refuse.reject2"), Bold: true}, {Text: l.Text("refuse.reject3")}},
		Source:   "Aliens Act § 47 b · residence, first application", CheckTitle: l.Text("refuse.checked"),
		Checks: []present.Measure{{Tone: present.Good, Label: l.Text("refuse.adult", "age", 35)}, {Tone: present.Good, Label: l.Text("refuse.no_inability")}, {Tone: present.Good, Label: l.Text("refuse.no_pending")}},
		Foot:   l.Text("refuse.foot"),
	}
	vm.Advice = present.Advice{Tone: present.Inform, Bold: l.Text("refuse.say"), Text: l.Text("refuse.say_reject")}
	vm.Secondary = []present.Button{button(l, present.DoChangedMind, "do.changed", "Esc", ""), button(l, present.DoAskSupervisor, "do.supervisor", "F9", "user")}
	vm.Primary = primary(l, present.DoRecordRefusal, "do.refusal", "Ctrl+Enter", "")
	return vm
}

func mockReview(l words) present.Operator {
	vm := base(l, l.Text("review.title"))
	vm.Rail = rail(l, 4, "", l.Text("fact.aloud", "language", l.Text("lang.ar")), l.Text("fact.taken_of", "n", 2, "all", 2), l.Text("fact.taken"), l.Text("fact.unsealed"))
	vm.Aside.Text, vm.Clock, vm.Focus = l.Text("review.aside"), "10:41", "do:seal_send"
	row := func(title, text string, chip present.Chip, arg string) present.ReviewRow {
		return present.ReviewRow{Title: title, Text: text, Chip: chip, Button: l.Text("review.change"), Action: present.Action{ID: present.DoChange, Arg: arg}}
	}
	good := func(s string) present.Chip { return present.Chip{Tone: present.Good, Text: s} }
	rows := []present.ReviewRow{
		row(l.Text("step.portrait"), l.Text("review.portrait_text", "time", "10:38", "n", 1, "all", 3), good(l.Text("review.good")), "photo"),
		row(i18n.Capital(l.Text("short.right_index")), l.Text("review.print_text", "time", "10:35", "n", 2, "all", 3), good("71"), "right_index"),
		row(i18n.Capital(l.Text("short.left_middle")), l.Text("review.print_instead", "time", "10:37", "n", 1, "all", 3), good("64"), "left_middle"),
		row(l.Text("review.not_taken", "finger", i18n.Capital(l.Text("short.left_index"))), l.Text("review.bandaged_two", "user", "K. Lund", "other", "M. Holm"), present.Chip{Tone: present.Warn, Icon: "bandage", Text: l.Text("review.exception")}, "left_index"),
		row(l.Text("review.missing", "finger", i18n.Capital(l.Text("short.right_ring"))), l.Text("review.marked", "user", "K. Lund"), present.Chip{Tone: present.Quiet, Text: l.Text("review.noted")}, "right_ring"),
		row(l.Text("review.rights", "name", l.Text("review.card_adult")), l.Text("review.rights_text", "language", l.Text("lang.ar"), "status", l.Text("review.draft"), "version", 3, "time", "10:34"), good(l.Text("review.given")), "rights"),
	}
	rows[0].Thumb, rows[1].Thumb, rows[2].Thumb = drawnFace(336, 432), drawnPrint(240, 280), drawnPrint(240, 280)
	rows[3].Icon, rows[3].Tone = "bandage", present.Warn
	rows[4].Icon = "cross"
	rows[5].Icon, rows[5].Tone, rows[5].Button = "sound", present.Inform, l.Text("review.show")
	vm.Page = &present.Review{
		Rows: rows, Title: l.Text("review.package"),
		Facts: []present.Fact{
			{Label: l.Text("review.purpose"), Value: l.Text("purpose.residence_card")}, {Label: l.Text("review.receiver"), Value: l.Text("controller.immigration_service")},
			{Label: l.Text("review.prints_kept"), Value: l.Text("review.90")}, {Label: l.Text("review.photo_kept"), Value: l.Text("review.10max")}, {Label: l.Text("review.here_kept"), Value: l.Text("review.until_signed")},
		},
		Passed: l.Text("review.n_of", "n", 14, "all", 14), PassText: l.Text("review.passed"), PassTone: present.Good,
	}
	vm.Advice = present.Advice{Tone: present.Inform, Bold: l.Text("review.complete_demo"), Text: l.Text("review.complete_text")}
	vm.Secondary = []present.Button{button(l, present.DoBack, "do.back", "Esc", ""), button(l, present.DoHold, "do.hold", "F7", "")}
	vm.Primary = primary(l, present.DoSealSend, "review.seal", "Ctrl+Enter", "lock")
	return vm
}

func mockDelivered(l words) present.Operator {
	vm := base(l, l.Text("deliver.title"))
	vm.Header = &present.Header{Name: l.Text("head.case", "number", "26-118 402"), Born: l.Text("head.closed", "date", "23 Nov 2026", "time", "10:41"), Kind: l.Text("purpose.residence_card"), Number: l.Text("head.removed"), Safe: l.Text("head.destroyed"), User: "K. Lund", Role: l.Text("role.clerk"), Lock: l.Text("lock")}
	vm.Rail = rail(l, 5, "", l.Text("fact.aloud", "language", l.Text("lang.ar")), l.Text("fact.taken_of", "n", 2, "all", 2), l.Text("fact.taken"), l.Text("fact.sealed", "time", "10:41:52"), l.Text("fact.signed"))
	vm.Clock = "10:42"
	step := func(time, bold, text string) present.DeliveryStep {
		return present.DeliveryStep{Time: time, Bold: bold, Text: text, Tone: present.Good}
	}
	vm.Page = &present.Delivery{
		Tone: present.Good, Headline: l.Text("deliver.signed"), Text: l.Text("deliver.nothing_left"),
		Steps: []present.DeliveryStep{
			step("10:41:52", l.Text("deliver.sealed"), l.Text("deliver.sealed_for", "receiver", l.Text("controller.immigration_service"))),
			step("10:41:53", l.Text("deliver.sent"), l.Text("deliver.sent_text", "size", "412 KB", "try", l.Text("deliver.first_try"))),
			step("10:41:55", l.Text("deliver.receipt"), l.Text("deliver.receipt_text")),
			step("10:41:55", l.Text("deliver.destroyed"), l.Text("deliver.destroyed_text")),
		},
		Receipt: &present.Receipt{Title: l.Text("receipt.title"), Place: "Aalborg, 23 Nov 2026, 10:41", Foot: l.Text("receipt.foot"), Blocks: [][]present.ReceiptLine{
			{{Text: l.Text("receipt.given", "purpose", l.Text("receipt.purpose.residence_card"))}, {Text: l.Text("receipt.photo", "answer", l.Text("yes"))}, {Text: l.Text("receipt.fingers", "fingers", l.Text("short.right_index")+", "+l.Text("short.left_middle"))}},
			{{Text: l.Text("receipt.case"), Bold: "26-118 402"}, {Text: l.Text("receipt.number"), Bold: "7K4F-2M9Q"}},
		}},
	}
	vm.Advice = present.Advice{Tone: present.Good, Bold: l.Text("deliver.done"), Text: l.Text("deliver.done_text")}
	vm.Secondary = []present.Button{button(l, present.DoPrintReceipt, "do.print_receipt", "F10", "print")}
	vm.Primary = primary(l, present.DoNewCase, "do.new_case", "Enter", "")
	return vm
}

func placesRail(l words, now int, facts ...string) []present.Step {
	var out []present.Step
	for i, p := range []struct{ id, icon string }{{"cases", "user"}, {"queue", "queue"}, {"devices", "usb"}, {"log", "doc"}} {
		s := present.Step{ID: p.id, Label: l.Text("place." + p.id), Icon: p.icon, Fact: facts[i], Open: i != now}
		if i == now {
			s.State = present.StepNow
		}
		out = append(out, s)
	}
	return out
}

func mockOffline(l words) present.Operator {
	vm := base(l, l.Count("queue.title", 12))
	vm.Header = &present.Header{Name: l.Text("head.none"), Born: "Nordjylland Police, Aalborg · counter 2", User: "K. Lund", Role: l.Text("role.clerk"), Lock: l.Text("lock")}
	vm.Rail = placesRail(l, 1, l.Count("fact.hold", 2), l.Text("fact.waiting", "n", 12), l.Text("fact.of", "n", 4, "all", 4), l.Text("fact.unbroken"))
	vm.Aside.Chip = &present.Chip{Tone: present.Warn, Icon: "netoff", Text: l.Text("queue.no_network", "time", "09:12")}
	vm.Clock = "10:47"
	vm.Status[0].Text, vm.Status[0].Tone, vm.Status[0].Icon = l.Text("status.net_off"), present.Warn, "netoff"
	vm.Status[1].Text, vm.Status[1].Tone = l.Text("status.queue_old", "waiting", 12, "time", "09:16"), present.Warn
	var rows []present.Row
	for i, r := range []struct{ time, tries string }{{"09:16", "3"}, {"09:24", "3"}, {"09:41", "2"}, {"09:58", "2"}, {"10:20", "1"}, {"10:41", "1"}} {
		cells := []present.Cell{{Text: r.time, Bold: true}, {Text: l.Text("purpose.residence_card")}, {Text: l.Text("receiver.immigration_service")}, {Text: r.tries}, {Text: l.Text("queue.waiting"), Tone: present.Wait}}
		if i == 0 {
			cells[1].Text, cells[2].Text = l.Text("queue.register"), l.Text("receiver.national_police")
			cells[4] = present.Cell{Text: l.Text("queue.urgent"), Tone: present.Warn, Bold: true}
		}
		rows = append(rows, present.Row{Cells: cells})
	}
	vm.Page = &present.Queue{
		Stats: []present.Stat{{Big: l.Text("queue.places", "n", 12, "all", 100), Text: l.Text("queue.places_text", "warn", 50)}, {Big: l.Text("queue.wait", "h", 1, "m", 31), Text: l.Text("queue.longest")}, {Big: l.Text("queue.lost"), Text: l.Text("queue.lost_text")}},
		Table: present.Table{Columns: []present.Column{{Label: l.Text("queue.sealed"), Width: 100}, {Label: l.Text("queue.purpose"), Width: 220}, {Label: l.Text("queue.receiver"), Width: 240}, {Label: l.Text("queue.tries"), Width: 100}, {Label: l.Text("queue.state"), Width: 332}},
			Rows: rows, Foot: l.Text("queue.foot", "from", 1, "to", 6, "all", 12, "s", 40)},
	}
	vm.Advice = present.Advice{Tone: present.Warn, Bold: l.Text("queue.go_on"), Text: l.Text("queue.urgent_text")}
	vm.Secondary = []present.Button{button(l, present.DoTryNow, "do.try_now", "F5", "retry"), button(l, present.DoExport, "do.export", "F6", "usb"), button(l, present.DoPageNext, "do.next_page", "PgDn", "")}
	vm.Primary = primary(l, present.DoNewCase, "do.next_case", "Enter", "")
	return vm
}

func mockDeviceLost(l words) present.Operator {
	vm := base(l, l.Text("lost.scanner"))
	vm.Rail = rail(l, 2, "", l.Text("fact.aloud", "language", l.Text("lang.ar")), l.Text("fact.scanner_lost"))
	vm.Rail[2].State = present.StepLost
	vm.Status[2].Text, vm.Status[2].Tone = l.Text("status.devices", "n", 3, "all", 4), present.Halt
	vm.Page = &present.DeviceLost{
		Picture: "device-lost", Name: "U.are.U 4500", Lines: []string{l.Text("lost.serial", "serial", "0A31-77", "port", l.Text("lost.port", "n", 3)), l.Text("lost.since", "time", "10:35:41")},
		Answers: []present.Answer{
			{Label: l.Text("lost.what"), Bold: l.Text("lost.unplugged"), Text: l.Text("lost.tries")},
			{Label: l.Text("lost.kept"), Bold: l.Text("lost.safe", "what", i18n.Capital(l.Text("short.right_index"))), Text: l.Text("lost.only_print")},
			{Label: l.Text("lost.do"), Bold: l.Text("lost.push"), Text: l.Text("lost.light")},
			{Label: l.Text("lost.help"), Bold: l.Text("lost.technician", "contact", l.Text("lost.desk", "n", 4410)), Text: l.Text("lost.say", "device", l.Text("lost.scanner_word"), "code", "D-03")},
		},
	}
	vm.Advice = present.Advice{Tone: present.Halt, Bold: l.Text("lost.trying", "nth", l.Text("nth.3")), Text: l.Text("lost.trying_text")}
	vm.Secondary = []present.Button{button(l, present.DoHold, "do.hold", "F7", ""), button(l, present.DoOtherFirst, "do.portrait_first", "F8", "camera")}
	vm.Primary = primary(l, present.DoTryNow, "do.try_now", "Enter", "retry")
	return vm
}

func mockSelfTest(l words) present.Operator {
	vm := base(l, l.Text("test.title", "n", 11, "look", 1))
	vm.Header = &present.Header{Name: l.Text("place.selftest"), Born: l.Text("head.no_case_role", "station", "AAL-02"), User: "P. Friis", Role: l.Text("role.technician"), Lock: l.Text("lock")}
	vm.Rail = placesRail(l, 2, "", l.Text("fact.waiting", "n", 0), l.Text("fact.run", "n", 12, "all", 12), l.Text("fact.unbroken"))
	vm.Aside.Chip = &present.Chip{Icon: "clock", Text: l.Text("test.at", "date", "23 Nov 2026", "time", "07:52", "s", 38)}
	vm.Clock = "07:53"
	vm.Status[2].Text, vm.Status[2].Tone = l.Text("status.devices_clean", "n", 4, "all", 4), present.Warn
	table := present.Table{Dense: true, Columns: []present.Column{{Label: l.Text("test.device"), Width: 130}, {Label: l.Text("test.check"), Width: 280}, {Label: l.Text("test.measured"), Width: 320}, {Label: l.Text("test.result"), Width: 110}, {Label: l.Text("test.days"), Width: 152}}}
	for i, r := range []struct{ device, check, measured string }{
		{"device.scanner", "answers", "firmware 2.1"}, {"", "fps", "11.8 · 8"}, {"", "dead", "0 · 0"}, {"", "dirt", "3.1 % · 2.0"}, {"device.camera", "fps", "29.9 · 25"}, {"", "focus", "0.42 · 0.30"}, {"device.chip", "card", "3B 88 80 · 41 ms"}, {"device.mrz", "page", "✓"}, {"device.station", "clock", "+0.2 s · 2"}, {"", "disk", "61 GB · 5"}, {"", "queue", "18 ms"}, {"", "cert", "111"}} {
		device := r.device
		if device != "" {
			device = l.Text(device)
		}
		result := present.Cell{Text: l.Text("test.pass"), Tone: present.Good, Bold: true}
		trend := present.Cell{Trend: []float64{0.6, 0.5, 0.4, 0.55, 0.45, 0.6, 0.5}}
		if i == 3 {
			result = present.Cell{Text: l.Text("test.clean"), Tone: present.Warn, Bold: true}
			trend = present.Cell{Trend: []float64{0.1, 0.3, 0.5, 0.7, 0.9}, Tone: present.Warn}
		}
		table.Rows = append(table.Rows, present.Row{Cells: []present.Cell{{Text: device, Bold: true}, {Text: l.Text("check." + r.check)}, {Text: r.measured, Tone: present.Quiet}, result, trend}})
	}
	vm.Page = &present.Devices{Table: table}
	vm.Advice = present.Advice{Tone: present.Warn, Bold: l.Text("test.wipe"), Text: l.Text("test.wipe_text")}
	vm.Secondary = []present.Button{button(l, present.DoRunAll, "test.run_all", "F5", "retry"), button(l, present.DoSaveReport, "test.save", "F10", "doc")}
	vm.Primary = primary(l, present.DoRunOne, "test.again", "Enter", "")
	return vm
}

func mockCaseForm(l words) present.Operator {
	vm := base(l, l.Text("form.title"))
	vm.Rail = rail(l, 0, l.Text("fact.check"))
	vm.Aside.Text, vm.Focus = l.Text("form.aside"), "number"
	vm.Header = &present.Header{Name: l.Text("head.new"), User: "K. Lund", Role: l.Text("role.clerk"), Lock: l.Text("lock")}
	vm.Page = &present.CaseForm{
		Left: []present.Field{
			{ID: "number", Label: l.Text("field.case_number"), Hint: l.Text("hint.number")},
			{ID: "family", Label: l.Text("field.name"), Value: "HADDAD"},
			{ID: "given", Label: l.Text("field.name"), Value: "Samira"},
			{ID: "birth_date", Label: l.Text("field.birth_date"), Value: "1991-05-14", Note: l.Text("form.age", "age", 35)},
			{ID: "applied_on", Label: l.Text("field.applied_on"), Value: "2026-11-23"},
		},
		Right: []present.Field{
			{ID: "purpose", Kind: present.Choice, Label: l.Text("field.purpose"), Options: []present.Option{{ID: "residence_card", Label: l.Text("purpose.residence_card"), Chosen: true}, {ID: "eurodac", Label: l.Text("purpose.eurodac")}, {ID: "vis", Label: l.Text("purpose.vis")}}},
			{ID: "basis", Kind: present.Choice, Label: l.Text("field.basis"), Options: []present.Option{{ID: "7", Label: "§ 7"}, {ID: "9", Label: "§ 9", Chosen: true}, {ID: "9a", Label: "§ 9 a"}, {ID: "9b", Label: "§ 9 b"}}},
			{ID: "application", Kind: present.Choice, Label: l.Text("field.application"), Options: []present.Option{{ID: "first", Label: l.Text("application.first_title"), Chosen: true}, {ID: "extension", Label: l.Text("application.extension_title")}}},
			{ID: "lodged_at", Kind: present.Choice, Label: l.Text("field.lodged_at"), Options: []present.Option{{ID: "station", Label: l.Text("lodged.station"), Chosen: true}, {ID: "post", Label: l.Text("lodged.post")}, {ID: "other", Label: l.Text("lodged.other_schengen_mission")}}},
		},
		FlagsTitle: l.Text("form.flags"),
	}
	p := vm.Page.(*present.CaseForm)
	for _, id := range []string{"with_custodian", "card_requested", "unaccompanied", "judged_adult", "biometrics_on_pending_case"} {
		p.Flags = append(p.Flags, present.Field{ID: id, Kind: present.Flag, Label: l.Text("flag." + id)})
	}
	p.Flags[1].Value = "yes"
	vm.Advice = present.Advice{Tone: present.Inform, Bold: l.Text("form.ready"), Text: l.Text("form.ready_text")}
	vm.Secondary = []present.Button{button(l, present.DoBack, "form.cancel", "Esc", "")}
	vm.Primary = primary(l, present.DoDecide, "form.decide", "Enter", "")
	return vm
}

func mockRights(l words) present.Operator {
	vm := base(l, l.Text("rights.title"))
	vm.Rail = rail(l, 1)
	r, _ := i18n.RightsFor("residence_card", l.Lang(), l.Text("controller.immigration_service"))
	page := r.Pages[3]
	var rows []present.RightsRow
	for _, row := range page.Rows {
		rows = append(rows, present.RightsRow(row))
	}
	vm.Page = &present.Rights{
		Heading: page.Heading, Rows: rows, Page: 4, Pages: 4, PageText: l.Text("rights.page", "page", 4, "pages", 4),
		Text: l.Text("rights.version", "name", l.Text("rights.residence_card"), "version", 1), Draft: &present.Chip{Tone: present.Warn, Text: l.Text("rights.draft")},
		LanguageTitle: l.Text("rights.language"), Languages: []present.Option{{ID: "da", Label: "Dansk", Chosen: true}, {ID: "en", Label: "English"}},
		Sees: sees(l, "rights", "say.rights"), Checks: []present.Check{{ID: "aloud", Label: l.Text("rights.aloud"), Text: l.Text("rights.aloud_text"), On: true}},
	}
	vm.Advice = present.Advice{Tone: present.Inform, Bold: l.Text("rights.last"), Text: l.Text("rights.last_text")}
	vm.Secondary = []present.Button{button(l, present.DoBack, "do.back", "Esc", ""), button(l, present.DoRefuses, "law.refuses", "F3", "")}
	vm.Primary = primary(l, present.DoRightsGiven, "rights.given", "Enter", "")
	return vm
}

func mockDecision(l words) present.Operator {
	vm := base(l, l.Text("nothing.title"))
	vm.Rail = rail(l, 0)
	vm.Page = &present.Decision{
		Picture: "law", Tone: present.Inform, Headline: l.Text("nothing.head"), Text: l.Text("nothing.text"), WhyTitle: l.Text("law.why"),
		Why: "A person under 18 who lives with the holder of custody gives no photo unless a card is asked for.", Source: "AA § 47 b(1) 2nd sentence; L167 6.2, 6.4",
		FactsTitle: l.Text("law.facts"), Facts: mockLaw(l).Page.(*present.Law).Facts,
	}
	vm.Advice = present.Advice{Tone: present.Inform, Bold: l.Text("law.tell"), Text: l.Text("nothing.tell")}
	vm.Secondary = []present.Button{button(l, present.DoBack, "decision.facts", "Esc", "")}
	vm.Primary = primary(l, present.DoCloseCase, "decision.close", "Enter", "")
	return vm
}

func mockHome(l words) present.Operator {
	vm := base(l, l.Text("home.title"))
	vm.Header = &present.Header{Name: l.Text("head.none"), Born: "Nordjylland Police, Aalborg", User: "K. Lund", Role: l.Text("role.clerk"), Lock: l.Text("lock")}
	vm.Rail = placesRail(l, 0, "", l.Text("fact.waiting", "n", 0), l.Text("fact.of", "n", 4, "all", 4), l.Text("fact.unbroken"))
	table := present.Table{Columns: []present.Column{{Label: l.Text("home.case"), Width: 240}, {Label: l.Text("home.kind"), Width: 360}, {Label: l.Text("home.since"), Width: 392}}}
	for i, n := range []string{"26-118 402", "26-118 377"} {
		table.Rows = append(table.Rows, present.Row{Action: present.Action{ID: present.DoOpenCase, Arg: n}, Cells: []present.Cell{{Text: n, Bold: true}, {Text: l.Text("purpose.residence_card")}, {Text: []string{"10:12", "09:40"}[i]}}})
	}
	vm.Page = &present.Home{Table: table}
	vm.Advice = present.Advice{Tone: present.Inform, Bold: l.Text("home.advice"), Text: l.Text("home.advice_text")}
	vm.Primary = primary(l, present.DoNewCase, "home.new", "Enter", "")
	return vm
}
