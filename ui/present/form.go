package present

import (
	"cmp"
	"slices"
	"strings"

	"optag/capture/rule"
	"optag/ui/flow"
	"optag/ui/i18n"
)

// formRows is how many fields a column of the form holds.
const formRows = 5

// caseForm is where the facts are typed, and the data that go with the prints:
// those that the purpose needs.
func (v screen) caseForm(vm *Operator) {
	l, form := v.l, &CaseForm{}
	var law, rest []Field
	for _, id := range v.s.Asks() {
		switch f := v.formField(id); {
		case f.Kind == Flag:
			form.Flags = append(form.Flags, f)
		case slices.Contains([]string{flow.Purpose, flow.Basis, flow.Application, flow.LodgedAt}, id):
			law = append(law, f)
		case len(form.Left) < formRows:
			form.Left = append(form.Left, f)
		default:
			rest = append(rest, f)
		}
	}
	n := min(len(rest), formRows-len(law))
	form.Right, form.More = append(law, rest[:n]...), rest[n:]
	if len(form.Flags) > 0 {
		form.FlagsTitle = l.Text("form.flags")
	}
	vm.Title, vm.Focus, vm.Aside.Text = l.Text("form.title"), form.Left[0].ID, l.Text("form.aside")
	vm.Page = form
	vm.Advice = v.formAdvice()
	if key := "form.source_" + v.s.Form.Source; l.Has(key) {
		vm.Aside = Aside{Chip: &Chip{Tone: Good, Icon: "card", Text: l.Text(key)}}
		if v.s.Form.Source == flow.FromUnproven {
			vm.Aside.Chip.Tone = Inform
		}
	}
	vm.Secondary = []Button{v.button(DoBack, "form.cancel", "Esc", "")}
	if v.s.Session != nil { // it is kept, and Esc leads back to what is asked for
		vm.Secondary[0] = v.button(DoBack, "do.back", "Esc", "")
		vm.Secondary = append(vm.Secondary, v.button(DoAbandon, "form.abandon", "F7", ""))
	}
	if v.s.Settings.Cards {
		vm.Secondary = append(vm.Secondary, v.button(DoChip, "form.chip", "F5", "card"))
	}
	vm.Primary = v.primary(DoDecide, "form.decide", "Enter", "")
}

// formField is one field of the form.
func (v screen) formField(id string) Field {
	l, value := v.l, v.s.Form.Values[id]
	if slices.Contains(flow.Flags(), id) {
		return Field{ID: id, Kind: Flag, Label: l.Text("flag." + id), Value: value}
	}
	f := Field{ID: id, Label: l.Text(v.fieldKey(id)), Value: value}
	switch id {
	case flow.Purpose:
		f.Options = options(words(rule.Purposes()), func(id string) string { return l.Text("purpose." + id) })
	case flow.Basis:
		f.Options = options(words(rule.Bases(rule.Purpose(v.s.Form.Values[flow.Purpose]))), func(id string) string { return v.basisName(rule.Basis(id)) })
	case flow.Application:
		f.Options = options(words(rule.Applications()), func(id string) string { return l.Text("application." + id + "_title") })
	case flow.LodgedAt:
		f.Options = options(words(rule.Lodgings()), func(id string) string { return l.Text("lodged." + id) })
	case flow.Sex:
		f.Options = options(flow.Sexes(), func(id string) string { return l.Text("sex." + id) })
	case flow.WithRole:
		f.Options = options(flow.Companions(), func(id string) string { return l.Text("with." + cmp.Or(id, "nobody")) })
	default:
		return v.typedField(f)
	}
	f.Kind = Choice
	for i := range f.Options {
		f.Options[i].Chosen = f.Options[i].ID == value
	}
	return v.noted(f)
}

func options(ids []string, name func(id string) string) (list []Option) {
	for _, id := range ids {
		list = append(list, Option{ID: id, Label: name(id)})
	}
	return list
}

// typedField adds to a field what is to be written there, and what the station
// makes of it.
func (v screen) typedField(f Field) Field {
	if key := "hint." + f.ID; v.l.Has(key) {
		f.Hint = v.l.Text(key, "begin", v.begin())
	}
	if f = v.noted(f); f.Note != "" || f.ID != flow.Birth {
		return f
	}
	if b, err := rule.ParseBirthDate(strings.TrimSpace(f.Value)); err == nil && b.Complete() {
		if age := rule.Age(b.Earliest(), rule.DateOf(v.s.Now)); age >= 0 {
			f.Note = v.l.Text("form.age", "age", age)
		}
	}
	return f
}

// noted says at the field what is wrong with it.
func (v screen) noted(f Field) Field {
	if why := v.s.Form.Wrong[f.ID]; why != "" {
		f.Note, f.Tone = v.l.Text("form."+why+"_wrong", "begin", v.begin()), Warn
		return f
	}
	switch same, other := v.s.FromDocument(f.ID); {
	case other:
		f.Note, f.Tone = v.l.Text("form.differs"), Warn
	case same:
		f.Note = v.l.Text("form.read")
	}
	return f
}

// begin is how the reference number of the case begins.
func (v screen) begin() string {
	return v.s.Settings.Profile.Eurodac.Begin(rule.Basis(v.s.Form.Values[flow.Basis]))
}

// formAdvice says which facts are still to be written or to be corrected, or
// that none is.
func (v screen) formAdvice() Advice {
	wrong := slices.DeleteFunc(v.s.WrongFields(), func(id string) bool { return v.s.Form.Wrong[id] == "needed" })
	if len(wrong) > 0 {
		return Advice{Tone: Warn, Bold: v.l.Text("form.wrong"), Text: v.fieldNames(wrong)}
	}
	switch differing := v.s.Differing(); len(differing) {
	case 0:
	case 1:
		says := v.documentSays(differing)[0]
		return Advice{Tone: Warn, Bold: v.l.Text("form.document_says"), Text: says.Label + ": " + says.Value}
	default:
		return Advice{Tone: Warn, Bold: v.l.Text("form.differ"), Text: v.fieldNames(differing)}
	}
	if missing := v.s.Missing(); len(missing) > 0 {
		return Advice{Tone: Wait, Bold: v.l.Text("form.missing"), Text: v.fieldNames(missing)}
	}
	return Advice{Tone: Inform, Bold: v.l.Text("form.ready"), Text: v.l.Text("form.ready_text")}
}

// documentSays is what the document that was read has in some fields.
func (v screen) documentSays(ids []string) (facts []Fact) {
	for _, id := range ids {
		value := v.s.Form.Read[id]
		if id == flow.Sex {
			value = v.l.Text("sex." + value)
		}
		facts = append(facts, Fact{Label: v.l.Text(v.fieldKey(id)), Value: value})
	}
	return facts
}

// fieldNames lists fields by their labels, as a sentence.
func (v screen) fieldNames(ids []string) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = v.l.Text(v.fieldKey(id))
	}
	return i18n.Capital(strings.Join(names, ", ")) + "."
}

// fieldKey is the label of a field. A place is that of what happened there.
func (v screen) fieldKey(id string) string {
	switch {
	case id == flow.CaseNumber:
		return "field.case_number"
	case id == flow.Place && v.s.Form.Values[flow.Basis] == string(rule.Art8):
		return "field.place_apprehended"
	}
	return "field." + id
}

func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}

// basisName is a provision with a word for what it is about, where there is one.
func (v screen) basisName(b rule.Basis) string {
	if key := "basis." + string(b); v.l.Has(key) {
		return v.l.Text(key)
	}
	return v.basis(b)
}
