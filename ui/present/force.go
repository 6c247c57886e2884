package present

import "optag/ui/flow"

// force is where the clerk records that the police secured what was refused. No
// button leads there (law digest § 4: nothing in the station demands it).
func (v screen) force(vm *Operator) {
	l, s := v.l, v.s.Securing
	vm.Title, vm.Focus = l.Text("force.title"), flow.ForceAuthority
	vm.Page = &CaseForm{Left: []Field{
		{ID: flow.ForceAuthority, Label: l.Text("force.authority"), Value: s.Authority, Hint: l.Text("force.authority_hint")},
		{ID: flow.ForceNote, Label: l.Text("reason.note"), Value: s.Note},
	}}
	vm.Advice = Advice{Tone: Inform, Bold: l.Text("force.advice"), Text: l.Text("force.text")}
	vm.Secondary = []Button{v.button(DoBack, "do.back", "Esc", "")}
	vm.Primary = v.primary(DoRecordForce, "force.record", "Ctrl+Enter", "")
}

// forceRow says at the review that it was recorded.
func (v screen) forceRow() []ReviewRow {
	f := v.s.Session.Force()
	if f == nil {
		return nil
	}
	return []ReviewRow{{Icon: "doc", Tone: Inform, Title: v.l.Text("force.title"), Text: f.Authority,
		Chip:   Chip{Tone: Good, Text: v.l.Text("review.noted")},
		Button: v.l.Text("review.change"), Action: Action{ID: DoRefuses}}}
}
