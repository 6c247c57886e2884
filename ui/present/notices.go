package present

import (
	"slices"
	"strings"

	"optag/capture/notice"
	"optag/capture/rule"
	"optag/ui/flow"
)

// notices is where a notice about an earlier capture is written and made.
func (v screen) notices(vm *Operator) {
	l, form, t := v.l, &CaseForm{}, v.s.Told
	for _, id := range t.Fields() {
		switch f := v.noticeField(id); {
		case f.Kind == Flag:
			form.FlagsTitle, form.Flags = l.Text("form.flags"), append(form.Flags, f)
		case len(form.Left) < formRows:
			form.Left = append(form.Left, f)
		default:
			form.Right = append(form.Right, f)
		}
	}
	vm.Title, vm.Focus, vm.Aside.Text = l.Text("notices.title"), flow.CaseNumber, l.Text("notices.aside")
	vm.Page = form
	vm.Advice = v.noticeAdvice()
	vm.Secondary = []Button{v.button(DoBack, "do.back", "Esc", "")}
	vm.Primary = v.primary(DoDecide, "notices.check", "Enter", "")
	if t.Ready != nil {
		vm.Primary = v.primary(DoSealSend, "notices.seal", "Enter", "")
	}
	vm.Primary.Off = t.Making
}

// noticeField is one field of the form, with a word where it has to be mended.
func (v screen) noticeField(id string) Field {
	l, t := v.l, v.s.Told
	f := Field{ID: id, Label: l.Text("field." + id), Value: t.Values[id]}
	of := notice.Capture{Purpose: rule.Purpose(t.Values[flow.Purpose]), Basis: rule.Basis(t.Values[flow.Basis])}
	switch id {
	case flow.JudgedAdult:
		f.Kind, f.Label = Flag, l.Text("flag."+id)
	case flow.NoticeKind:
		f.Options = options(words(notice.Kinds()), func(id string) string { return l.Text("notice_kind." + id) })
	case flow.Purpose:
		f.Options = options(words(rule.Purposes()), func(id string) string { return l.Text("purpose." + id) })
	case flow.Basis:
		f.Options = options(words(rule.Bases(of.Purpose)), func(id string) string { return v.basisName(rule.Basis(id)) })
	case flow.Happened:
		f.Options = options(words(t.Events()), func(id string) string { return l.Text("happened." + id) })
	case flow.AskedFor:
		law := notice.Settings{Law: v.s.Settings.Profile.Law}
		f.Options = options(words(law.Items(of)), func(id string) string { return l.Text("item." + id) })
	case flow.AskedTo:
		f.Options = options([]string{string(notice.Correct), string(notice.Erase)}, func(id string) string { return l.Text("ask." + id) })
	default:
		if key := "hint." + id; l.Has(key) {
			f.Hint = l.Text(key, "begin", v.s.Settings.Profile.Eurodac.Begin(of.Basis))
		}
	}
	if f.Options != nil {
		f.Kind = Choice
	}
	for i := range f.Options {
		f.Options[i].Chosen = f.Options[i].ID == f.Value
	}
	if _, wrong := t.Wrong(id); wrong {
		f.Note, f.Tone = l.Text("notices.mend"), Warn
	}
	return f
}

// noticeAdvice says what the law has answered, or what has to be written.
func (v screen) noticeAdvice() Advice {
	l, t := v.l, v.s.Told
	if t.Making {
		return Advice{Tone: Wait, Bold: l.Text("notices.making")}
	}
	if n := t.Ready; n != nil {
		a := Advice{Tone: Good, Bold: l.Text("notices.may", "controller", l.Text("controller."+string(n.Controller))), Text: l.Text("notices.no_limit")}
		if !n.Until.IsZero() {
			a.Text = l.Text("notices.until", "date", l.PartialDate(n.Until.String()))
		}
		return a
	}
	if i := slices.IndexFunc(t.Faults, func(f notice.Fault) bool { return f.Code != "" }); i >= 0 {
		return Advice{Tone: Warn, Bold: l.Text("refused." + string(t.Faults[i].Code)), Text: l.Source(t.Faults[i].Source)}
	}
	var names []string
	for _, id := range t.Fields() {
		if _, wrong := t.Wrong(id); wrong {
			names = append(names, l.Text("field."+id))
		}
	}
	switch {
	case len(names) > 0:
		return Advice{Tone: Warn, Bold: l.Text("form.wrong"), Text: strings.Join(names, ", ") + "."}
	case len(t.Faults) > 0: // of the capture as a whole: nothing says which
		return Advice{Tone: Wait, Bold: l.Text("form.missing"), Text: l.Text("notices.number")}
	}
	return Advice{Tone: Inform, Bold: l.Text("notices.advice"), Text: l.Text("notices.advice_text")}
}
