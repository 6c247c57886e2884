package present

import (
	"slices"
	"strconv"
	"strings"

	"optag/capture/rule"
	"optag/ui/flow"
	"optag/ui/i18n"
)

func (v screen) home(vm *Operator) {
	l := v.l
	vm.Title = l.Text("home.title")
	vm.Page = &Home{Table: Table{
		Columns: []Column{{Label: l.Text("home.case"), Width: 240}, {Label: l.Text("home.kind"), Width: 360}, {Label: l.Text("home.since"), Width: 392}},
		Empty:   l.Text("home.empty"),
	}}
	vm.Advice = Advice{Tone: Inform, Bold: l.Text("home.advice"), Text: l.Text("home.advice_text")}
	vm.Primary = v.primary(DoNewCase, "home.new", "Enter", "")
}

func (v screen) law(vm *Operator) {
	l, need := v.l, v.s.Session.Requirement()
	vm.Title = l.Text("law.title")
	vm.Aside.Chip = &Chip{Text: l.Text("law.asof", "date", l.PartialDate(need.LawDate.String()))}
	text, source := v.why(need)
	vm.Page = &Law{Items: v.lawItems(need), WhyTitle: l.Text("law.why"), Why: text, Source: source,
		FactsTitle: l.Text("law.facts"), Facts: v.facts()}
	vm.Advice = Advice{Tone: Inform, Bold: l.Text("law.tell"), Text: l.Text(v.tellKey(need))}
	vm.Secondary = []Button{v.button(DoBack, "decision.facts", "Esc", ""), v.button(DoRefuses, "law.refuses", "F3", "")}
	vm.Primary = v.primary(DoGoRights, "law.to_rights", "Enter", "")
}

// lawItems is what is to be taken, and what may not be taken.
func (v screen) lawItems(need rule.Requirement) []LawItem {
	l := v.l
	required := Chip{Tone: Good, Text: l.Text("law.required")}
	var items []LawItem
	if need.Photo.Required {
		items = append(items, LawItem{Icon: "camera", Title: l.Text("law.portrait"), Text: l.Text("law.portrait_text"), Chip: required})
	}
	switch need.Prints.Required {
	case rule.TwoFlat:
		items = append(items, LawItem{Icon: "finger", Title: l.Text("law.two"), Text: l.Text("law.two_text"), Chip: required})
	case rule.Ten:
		items = append(items, LawItem{Icon: "hand", Title: l.Text("law.ten"), Text: l.Text("law.ten_text"), Chip: required})
	case rule.TenOrIndex:
		items = append(items, LawItem{Icon: "hand", Title: l.Text("law.ten"), Text: l.Text("law.ten_or_index_text"), Chip: required})
	}
	if !need.Photo.Required {
		items = append(items, LawItem{Title: l.Text("law.no_photo"), Excluded: true})
	}
	switch need.Prints.Required {
	case rule.NoPrints:
		items = append(items, LawItem{Title: l.Text("law.no_prints"), Excluded: true})
	case rule.TwoFlat:
		items = append(items, LawItem{Title: l.Text("law.no_ten"), Excluded: true})
	}
	return items
}

// why is the first ground of photo and prints in the clerk's language, and the
// provisions of all.
func (v screen) why(need rule.Requirement) (text, source string) {
	var texts []string
	for _, grounds := range [][]rule.Ground{need.Photo.Grounds, need.Prints.Grounds} {
		for _, g := range grounds[:min(len(grounds), 1)] {
			if words, _ := v.ground(g); !slices.Contains(texts, words) {
				texts = append(texts, words)
			}
		}
	}
	return strings.Join(texts, " "), v.provisions(need.Grounds())
}

// provisions are the sources of grounds, each once.
func (v screen) provisions(list []rule.Ground) string {
	var all []string
	for _, g := range list {
		all = append(all, g.Source)
	}
	return v.l.Source(strings.Join(all, "; "))
}

func (v screen) tellKey(need rule.Requirement) string {
	photo, prints := need.Photo.Required, need.Prints.Required
	ten := prints == rule.Ten || prints == rule.TenOrIndex
	switch purpose := v.s.Session.Case().Facts.Purpose; {
	case purpose == rule.VIS && ten:
		return "law.tell_vis"
	case purpose == rule.VIS, purpose == rule.LongStayVisa:
		return "law.tell_visa"
	case ten && photo:
		return "law.tell_photo_ten"
	case ten:
		return "law.tell_ten"
	case photo && prints == rule.TwoFlat:
		return "law.tell_both"
	case photo:
		return "law.tell_photo"
	}
	return "law.tell_prints"
}

// facts are those that the law decided from; a pen leads back to the form.
func (v screen) facts() []Fact {
	l, f := v.l, v.s.Session.Case().Facts
	pen := func(field, label string) (Action, string) {
		return Action{ID: DoEditFact, Arg: field}, l.Text("law.change", "fact", strings.ToLower(l.Text(label)))
	}
	asked := v.s.Asks()
	born := l.PartialDate(f.BirthDate.String())
	if age, ok := v.age(); ok {
		born = l.Text("law.born_value", "date", born, "age", age)
	}
	list := []struct{ label, value, field string }{
		{"law.fact.born", born, flow.Birth},
		{"law.fact.application", v.basis(f.Basis) + " · " + l.Text("application."+string(f.Application)+"_short"), flow.Basis},
		{"law.fact.lodged", l.Text("lodged." + string(f.LodgedAt)), flow.LodgedAt},
		{"law.fact.station", l.Text("station." + string(f.Station)), ""},
		{"law.fact.pending", l.Text(map[bool]string{true: "law.pending_yes", false: "none"}[f.BiometricsOnPendingCase]), flow.Pending},
		{"law.fact.inability", v.inability(f.Unable.Prints), ""},
	}
	if !slices.Contains(asked, flow.Application) {
		list[1].label, list[1].value = "field.basis", v.basis(f.Basis)
	}
	var facts []Fact
	for _, it := range list {
		if it.field != "" && !slices.Contains(asked, it.field) {
			continue
		}
		fact := Fact{Label: l.Text(it.label), Value: it.value}
		if it.field != "" {
			fact.Edit, fact.EditLabel = pen(it.field, it.label)
		}
		facts = append(facts, fact)
	}
	if f.WithCustodian {
		facts = append(facts, Fact{Label: l.Text("law.fact.custody"), Value: l.Text("law.with_custodian")})
	}
	return facts
}

func (v screen) inability(i rule.Inability) string {
	switch i {
	case rule.UnablePermanently:
		return v.l.Text("exc.never")
	case rule.UnableTemporarily:
		return v.l.Text("exc.not_now")
	}
	return v.l.Text("law.none_known")
}

// decision is the page of a case in which nothing is captured here.
func (v screen) decision(vm *Operator) {
	l, need := v.l, v.s.Session.Requirement()
	kind := string(need.Decision)
	where := v.where(need.Where)
	text, source := v.why(need)
	vm.Title = l.Text(kind + ".title")
	vm.Page = &Decision{
		Picture: "law", Tone: Inform, Headline: l.Text(kind + ".head"), Text: l.Text(kind+".text", "where", where),
		WhyTitle: l.Text("law.why"), Why: text, Source: source, FactsTitle: l.Text("law.facts"), Facts: v.facts(),
	}
	vm.Advice = Advice{Tone: Inform, Bold: l.Text("law.tell"), Text: l.Text(kind+".tell", "where", where)}
	vm.Secondary = []Button{v.button(DoBack, "decision.facts", "Esc", "")}
	vm.Primary = v.primary(DoCloseCase, "decision.close", "Enter", "")
	if need.Decision == rule.Blocked {
		vm.Page.(*Decision).Tone = Warn
		vm.Advice = Advice{Tone: Warn, Bold: l.Text("blocked.advice"), Text: l.Text("blocked.advice_text")}
		vm.Secondary = nil
		vm.Primary = v.primary(DoBack, "decision.facts", "Enter", "")
	}
}

// where names the kinds of station that may take it.
func (v screen) where(list []rule.Station) string {
	text := ""
	for i, st := range list {
		if i > 0 {
			text += ", "
		}
		text += v.l.Text("station." + string(st))
	}
	return text
}

func (v screen) rights(vm *Operator) {
	s, l := v.s, v.l
	vm.Title = l.Text("rights.title")
	r, ok := v.text(v.l)
	p := &Rights{
		LanguageTitle: l.Text("rights.language"), Sees: v.sees(),
		Checks: []Check{{ID: "aloud", Label: l.Text("rights.aloud"), Text: l.Text("rights.aloud_text"), On: s.Aloud}},
	}
	for _, code := range i18n.Languages() {
		if other, err := i18n.For(code); err == nil {
			p.Languages = append(p.Languages, Option{ID: code, Label: other.Name(), Chosen: code == s.Look.Person})
		}
	}
	if ok && s.RightsPage < len(r.Pages) {
		p.Heading, p.Rows = r.Pages[s.RightsPage].Heading, rightsRows(r, s.RightsPage)
		p.Page, p.Pages = s.RightsPage+1, len(r.Pages)
		p.PageText = l.Text("rights.page", "page", p.Page, "pages", p.Pages)
		p.Text = l.Text("rights.version", "name", l.Text("rights."+r.ID), "version", version(r))
		if r.Status == i18n.Draft {
			p.Draft = &Chip{Tone: Warn, Text: l.Text("rights.draft")}
		}
	}
	vm.Page = p
	vm.Advice = Advice{Tone: Inform, Bold: l.Text("rights.advice"), Text: l.Text("rights.advice_text")}
	vm.Secondary = []Button{v.button(DoBack, "do.back", "Esc", ""), v.button(DoRefuses, "law.refuses", "F3", "")}
	vm.Primary = v.primary(DoPageNext, "rights.next", "Enter", "")
	if s.RightsPage >= s.RightsPages-1 {
		vm.Advice = Advice{Tone: Inform, Bold: l.Text("rights.last"), Text: l.Text("rights.last_text")}
		vm.Primary = v.primary(DoRightsGiven, "rights.given", "Enter", "")
	}
	vm.Shortcuts = append(vm.Shortcuts, Shortcut{"PgDn", Action{ID: DoPageNext}}, Shortcut{"PgUp", Action{ID: DoPageBack}})
}

func version(r i18n.Rights) string { return strconv.Itoa(r.Version) }

// refusal is the page of a person who does not want to give what is asked for.
func (v screen) refusal(vm *Operator) {
	l, need, r := v.l, v.s.Session.Requirement(), v.s.Refusing
	vm.Title, vm.Focus = l.Text(refusalTitle(r)), "do:changed_mind"
	p := &Refusal{WhatTitle: l.Text("refuse.what"), BeforeTitle: l.Text("refuse.before"), LawTitle: l.Text("refuse.follows"), Foot: l.Text("refuse.foot")}
	if need.Asks(rule.ItemPrints) {
		p.What = append(p.What, Check{ID: "prints", Label: l.Text("refuse.prints"), Text: l.Text(printsAsked(need)), On: r.Prints})
	}
	if need.Photo.Required {
		text := "refuse.photo_text"
		if !r.Photo {
			text = "refuse.agrees"
		}
		p.What = append(p.What, Check{ID: "photo", Label: l.Text("refuse.photo"), Text: l.Text(text), On: r.Photo})
	}
	p.Before = []Check{
		{ID: "explained", Label: l.Text("refuse.explained"), Text: l.Text("refuse.explain_text"), On: r.Explained},
		{ID: "asked", Label: l.Text("refuse.time"), Text: l.Text("refuse.time_text"), On: r.Asked},
	}
	v.consequence(p, vm)
	vm.Page = p
	vm.Secondary = []Button{v.button(DoChangedMind, "do.changed", "Esc", "")}
	vm.Primary = v.primary(DoRecordRefusal, "do.refusal", "Ctrl+Enter", "")
}

func refusalTitle(r flow.Refusing) string {
	switch {
	case r.Prints && !r.Photo:
		return "refuse.title_prints"
	case r.Photo && !r.Prints:
		return "refuse.title_photo"
	}
	return "refuse.title"
}

func printsAsked(need rule.Requirement) string {
	if need.Prints.Required == rule.TwoFlat {
		return "refuse.prints_text"
	}
	return "refuse.ten_text"
}

// consequence is what the law says follows: the same question put to the law as
// if the refusal were recorded already.
func (v screen) consequence(p *Refusal, vm *Operator) {
	l := v.l
	would := v.s.Would()
	kind, say := "report", "refuse.say_other"
	switch would.Refusal {
	case rule.ApplicationRejected:
		kind, say = "reject", "refuse.say_reject"
	case rule.PoliceSecuresCapture:
		kind = "police"
	}
	p.Law = []Run{{Text: l.Text("refuse." + kind + "1")}, {Text: l.Text("refuse." + kind + "2"), Bold: true}, {Text: l.Text("refuse." + kind + "3")}}
	p.Source = v.provisions(refusalGrounds(would))
	vm.Advice = Advice{Tone: Inform, Bold: l.Text("refuse.say"), Text: l.Text(say)}
	if would.Refusal != rule.ApplicationRejected {
		return
	}
	p.CheckTitle = l.Text("refuse.checked")
	if age, ok := v.age(); ok && age >= 18 {
		p.Checks = append(p.Checks, Measure{Tone: Good, Label: l.Text("refuse.adult", "age", age)})
	}
	p.Checks = append(p.Checks, Measure{Tone: Good, Label: l.Text("refuse.no_inability")}, Measure{Tone: Good, Label: l.Text("refuse.no_pending")})
}

// refusalGrounds are the grounds that speak of the refusal.
func refusalGrounds(need rule.Requirement) []rule.Ground {
	var list []rule.Ground
	for _, g := range need.Grounds() {
		if strings.HasPrefix(g.Code, "refusal_") {
			list = append(list, g)
		}
	}
	return list
}

// reason is where the officer says why something is kept or thrown away.
func (v screen) reason(vm *Operator) {
	l, r := v.l, v.s.Reasoning
	title, do := map[string]string{"accept_print": "reason.title_print", "accept_portrait": "reason.title_portrait", "discard": "reason.title_discard", "change_read": "reason.title_read", "abandon": "reason.title_abandon"}[r.What], "reason.keep"
	switch r.What {
	case "discard":
		do = "reason.discard"
	case "change_read":
		do = "reason.go_on"
	}
	vm.Title, vm.Focus = l.Text(title), flow.ReasonCode
	choice := Field{ID: flow.ReasonCode, Kind: Choice, Label: l.Text("reason.choose"), Value: r.Code}
	for _, code := range r.Codes() {
		choice.Options = append(choice.Options, Option{ID: code, Label: l.Text("reason." + code), Chosen: code == r.Code})
	}
	vm.Page = &CaseForm{Left: []Field{choice, {ID: flow.ReasonNote, Label: l.Text("reason.note"), Value: r.Note, Hint: l.Text("reason.note_hint")}}}
	vm.Advice = Advice{Tone: Inform, Bold: l.Text("reason.advice"), Text: l.Text("reason.text")}
	vm.Secondary = []Button{v.button(DoBack, "do.back", "Esc", "")}
	vm.Primary = v.primary(DoNextFinger, do, "Enter", "")
	switch r.What {
	case "abandon": // the log takes no words of the clerk
		vm.Page = &CaseForm{Left: []Field{choice}}
		vm.Advice = Advice{Tone: Warn, Bold: l.Text("reason.abandon_advice"), Text: l.Text("reason.abandon_text")}
		vm.Primary = v.primary(DoNextFinger, "reason.abandon", "Ctrl+Enter", "")
	case "change_read":
		vm.Page = &CaseForm{Left: []Field{choice}, FlagsTitle: l.Text("form.document_says"), Facts: v.documentSays(v.s.Unexplained())}
		vm.Advice.Bold, vm.Advice.Text = l.Text("reason.read"), l.Text("reason.read_text")
	}
}

// ground is a reason of the law in the clerk's language.
func (v screen) ground(g rule.Ground) (text, source string) {
	return v.l.Ground(g.Code, g.Text, g.Source)
}
