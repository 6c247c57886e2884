package present

import (
	"fmt"
	"image"
	"time"

	"optag/ui/flow"
	"optag/ui/i18n"
)

// CardHeld is what the chip of a card holds, and what is proven of it.
type CardHeld struct {
	Face        image.Image // nil: none is legible
	Rows        []Fact
	PageText    string // "Page 1 of 2"; "" where there is one
	PrintsTitle string
	Prints      string
	Fingers     []CardPrint // in the place of Prints; at most two at a time
	Lamps       []CardLamp
	Signer      string
	WrongTitle  string
	Wrong       string
	Source      string
}

// A CardPrint is a print in the card, with the finger's name.
type CardPrint struct {
	Name    string
	Picture image.Image // nil: it is not legible
}

// A CardLamp is one of four things that are said of a chip. There is no lamp for
// all of them together.
type CardLamp struct {
	Tone  Tone // Good, Inform where nothing is known, Warn
	Title string
	Word  string // "proven", "not proven", "not in order"
	Text  string
}

// CardSheet is the same for the holder, in large letters.
type CardSheet struct {
	Face    image.Image
	Rows    []Fact
	Lamps   []CardLamp
	Prints  string
	Fingers []CardPrint // in the place of Prints; at most two at a time
	Wrong   string
}

func (*CardHeld) page() {}

// card is the page on which a holder is shown what is in the card: first the
// key is asked for.
func (v screen) card(vm *Operator) {
	l, k := v.l, v.s.Card
	vm.Title, vm.Advice = l.Text(v.cardKey("card.title")), v.cardAdvice()
	vm.Aside.Text = l.Text(v.cardKey("card.aside"))
	if !k.Until.IsZero() && !k.Reading {
		left := max(k.Until.Sub(v.s.Now), 0).Round(time.Second)
		vm.Aside = Aside{Chip: &Chip{Icon: "clock", Text: l.Text("card.cleared_in", "m", int(left.Minutes()), "s", fmt.Sprintf("%02d", int(left.Seconds())%60))}}
	}
	if k.Seen != nil {
		v.cardHeld(vm)
		return
	}
	form := &CaseForm{}
	for i, id := range flow.CardFields() {
		f := Field{ID: id, Label: l.Text("field." + id), Value: k.Values[id]}
		switch id {
		case flow.CAN:
			f.Hint = l.Text("hint.can")
		case flow.Birth, flow.DocumentExpiry: // the whole of it opens the chip
			f.Hint = l.Text("hint.document_expiry")
		}
		if why := k.Wrong[id]; why != "" {
			f.Note, f.Tone = l.Text("card.mend_"+why), Warn
		}
		if i == 0 {
			form.Left = append(form.Left, f)
			continue
		}
		form.Right = append(form.Right, f)
	}
	vm.Page, vm.Focus = form, flow.CAN
	if k.Begin {
		vm.Focus = ""
	}
	vm.Secondary = []Button{v.button(DoBack, "do.back", "Esc", "")}
	vm.Primary = v.primary(DoReadCard, "card.read", "Enter", "card")
	vm.Primary.Off = k.Reading || k.Gone != ""
}

// cardKey is a text of the page, or another where the chip is read for a case.
func (v screen) cardKey(key string) string {
	if v.s.Card.For != "" {
		return key + "_case"
	}
	return key
}

// cardAdvice says what is to be done, or what is going on.
func (v screen) cardAdvice() Advice {
	l, k := v.l, v.s.Card
	say := func(tone Tone, key string, args ...any) Advice {
		return Advice{Tone: tone, Bold: l.Text(key, args...), Text: l.Text(key+"_text", args...)}
	}
	switch {
	case k.Gone == "silent":
		return say(Halt, "card.silent")
	case k.Gone != "":
		return say(Halt, "card.gone")
	case k.Reading:
		return say(Wait, "card.reading", "n", k.Percent)
	case k.Seen == nil && !k.Lies && k.Begin:
		return say(Inform, "card.lay_known")
	case k.Seen == nil && !k.Lies:
		return say(Inform, "card.lay")
	case k.Seen == nil:
		return say(Inform, "card.key")
	}
	switch barred := k.Seen.Barred(); {
	case barred == "zone" && k.For != "":
		return say(Warn, "card.no_zone")
	case barred != "" && barred != "zone":
		return say(Warn, v.cardKey("card.not_in_order"), "what", l.Text("lamp."+barred))
	case k.For != "" && !k.Seen.Proven():
		return say(Warn, "card.unproven")
	}
	return say(Inform, v.cardKey("card.seen"))
}

func (v screen) cardHeld(vm *Operator) {
	l, k := v.l, v.s.Card
	page := &CardHeld{Face: k.Seen.Face, Rows: v.cardRows(l), Lamps: v.cardLamps(l),
		PrintsTitle: l.Text("card.prints"), Prints: l.Text("card.prints_" + k.Seen.Prints), Fingers: v.cardPrints(l),
		WrongTitle: l.Text("card.wrong"), Wrong: l.Text("card.wrong_text"), Source: l.Text("card.wrong_source")}
	if k.Seen.Signer != "" {
		page.Signer = l.Text("card.signed_by", "who", k.Seen.Signer)
	}
	if k.Sheets > 1 {
		page.PageText = l.Text("card.page", "n", k.Sheet+1, "all", k.Sheets)
		vm.Shortcuts = append(vm.Shortcuts, Shortcut{"PgDn", Action{ID: DoPageNext}}, Shortcut{"PgUp", Action{ID: DoPageBack}})
	}
	vm.Page = page
	vm.Secondary = []Button{v.button(DoHandOver, "card.show", "F9", "user")}
	switch {
	case k.For == "":
		vm.Primary = v.primary(DoReadCard, "card.done", "Enter", "")
	case k.Seen.Barred() != "":
		vm.Shortcuts = append(vm.Shortcuts, Shortcut{"Esc", Action{ID: DoBack}})
		vm.Primary = v.primary(DoBack, "card.to_form", "Enter", "")
	default:
		vm.Secondary = []Button{v.button(DoBack, "do.back", "Esc", ""), vm.Secondary[0]}
		vm.Primary = v.primary(DoUseChip, "card.use", "Enter", "")
	}
}

// cardRows are the lines in front, in a language.
func (v screen) cardRows(l i18n.Localizer) (rows []Fact) {
	for _, d := range v.s.Card.Rows() {
		value := d.Value
		switch d.Field {
		case flow.Birth, flow.DocumentExpiry, "birth_full", "issued_on":
			value = l.PartialDate(value)
		case flow.Sex:
			value = l.Text("sex." + value)
		case "signature":
			value = l.Text("row.signature_stored")
		}
		rows = append(rows, Fact{Label: l.Text("row." + d.Field), Value: value})
	}
	return rows
}

// cardPrints are the two prints in front, in a language: those of the page, or
// the last.
func (v screen) cardPrints(l i18n.Localizer) (prints []CardPrint) {
	all := v.s.Card.Seen.Fingers
	from := max(min(2*v.s.Card.Sheet, (len(all)-1)/2*2), 0)
	for _, f := range all[from:min(from+2, len(all))] {
		name := l.Text("card.prints_position")
		if f.Position.Valid() {
			name = l.Text("finger." + f.Position.String())
		}
		prints = append(prints, CardPrint{i18n.Capital(name), f.Picture})
	}
	return prints
}

func (v screen) cardLamps(l i18n.Localizer) (lamps []CardLamp) {
	tones := map[string]Tone{"ok": Good, "not_checked": Inform, "failed": Warn}
	for _, s := range v.s.Card.Seen.Lamps {
		text := "lamp." + s.ID + "_ok"
		if s.Verdict != "ok" {
			text = "why." + s.Why
		}
		lamps = append(lamps, CardLamp{Tone: tones[s.Verdict], Title: l.Text("lamp." + s.ID), Word: l.Text("lamp." + s.Verdict), Text: l.Text(text)})
	}
	return lamps
}

// cardSheet is what the holder sees of it; nil before it is read.
func (v screen) cardSheet() *CardSheet {
	k := v.s.Card
	if k.Seen == nil {
		return nil
	}
	return &CardSheet{Face: k.Seen.Face, Rows: v.cardRows(v.p), Lamps: v.cardLamps(v.p),
		Prints: v.p.Text("card.prints") + ": " + v.p.Text("card.prints_"+k.Seen.Prints), Fingers: v.cardPrints(v.p), Wrong: v.p.Text("card.wrong_say")}
}
