package view

import (
	"fyne.io/fyne/v2"

	"optag/ui/present"
)

// The fields of the log-in.
const (
	staffField = "staff"
	pinField   = "pin"
)

func (o *Operator) drawLogin(p *present.Login) {
	b, t := o.b, o.b.tok
	o.drawPanel(p)
	x := 576 + o.wider()/2
	o.drawLanguages(p.Languages)
	b.text(o.vm.Title, x, 112, 400, styleTitle, t.ink)
	b.text(p.Staff.Label, x, 172, 288, styleStrong, t.ink)
	end := float32(0)
	if p.Card != nil {
		end = o.drawStaffCard(*p.Card, x, 204, p.PIN.Label != "")
	} else {
		b.box(x, 204, 288, 56, 8, 2, t.surface, t.edge)
		o.field(p.Staff, x, 204, 288, 56)
		b.text(p.StaffName, x, 266, 288, styleSmall, t.ink2)
	}
	b.text(p.PIN.Label, x, 308, 288, styleStrong, t.ink)
	switch {
	case p.PIN.ID != "":
		o.drawPIN(p, x)
		o.drawPad(p, 928+o.wider()/2)
		end = 396
	case p.PIN.Label != "": // it is typed elsewhere
		b.dashed(x, 340, 288, 72, 8, 2, t.edge)
		b.para(p.PIN.Hint, x+20, 354, 248, 2, styleSmall, t.ink)
		end = 412
	}
	o.drawLoginNote(p, x, end+16)
	o.drawLoginActions()
}

func (o *Operator) drawLoginNote(p *present.Login, x, y float32) {
	if p.Note == "" {
		return
	}
	tone := p.NoteTone
	if tone == present.Plain {
		tone = present.Inform
	}
	mark, _ := o.b.tok.tone(tone)
	o.b.icon(toneMark(tone), x, y, 22, mark)
	o.b.para(p.Note, x+32, y, 272, 4, styleSmall, o.b.tok.ink)
}

// drawStaffCard draws whose card lies in the reader, above the PIN, or what to
// do with it, and returns where that ends.
func (o *Operator) drawStaffCard(card present.Advice, x, y float32, above bool) float32 {
	b, t := o.b, o.b.tok
	const width, text = 288, 216 // of the box, and of the words beside its icon
	mark, ground := t.tone(card.Tone)
	name := toneMark(card.Tone)
	if card.Tone == present.Plain {
		name, mark, ground = "card", t.primary, t.tint
	}
	heads, rows := b.wrap(card.Bold, text, styleStrong), b.wrap(card.Text, text, styleSmall)
	words := float32(min(len(heads), 2))*styleStrong.line + float32(len(rows))*styleSmall.line
	h := words + 28
	if above {
		h = 92
	}
	if card.Tone == present.Wait {
		b.fill(x, y, width, h, 8, ground)
		b.dashed(x, y, width, h, 8, 2, t.edge)
	} else {
		b.box(x, y, width, h, 8, 2, ground, mark)
	}
	top := y + (h-words)/2
	b.icon(name, x+18, top, 28, mark)
	top += b.para(card.Bold, x+60, top, text, 2, styleStrong, t.ink)
	b.para(card.Text, x+60, top, text, 5, styleSmall, t.ink)
	return y + h
}

func (o *Operator) drawPanel(p *present.Login) {
	b, t := o.b, o.b.tok
	b.fill(0, 0, 480, o.h-48, 0, t.head)
	if t.high {
		b.fill(478, 0, 2, o.h-48, 0, t.edge)
	}
	b.fill(56, 72, 96, 96, 14, white)
	b.icon("finger", 67, 83, 74, black)
	if !t.high {
		b.icon("finger", 67, 83, 74, t.ink)
	}
	b.text(p.Name, 56, 198, 400, style{36, 48, true}, t.onHead)
	for i, line := range p.Place {
		b.text(line, 56, 252+28*float32(i), 400, style{20, 28, false}, t.onHead2)
	}
	if p.Waiting != nil {
		y := o.h - 236
		b.box(56, y, 368, 140, 12, 2, t.head, t.edge)
		b.icon("lock", 80, y+22, 28, t.onHead)
		b.text(p.Waiting.Title, 124, y+23, 280, styleStrong, t.onHead)
		b.para(p.Waiting.Text, 124, y+52, 284, 4, styleSmall, t.onHead2)
	}
}

// drawLanguages draws the clerk's languages at the right upper corner.
func (o *Operator) drawLanguages(options []present.Option) {
	x := o.w - 32 - 120*float32(len(options))
	o.segments("language", "", options, x, 24, 120, func(id string) present.Action {
		return present.Action{ID: present.DoLanguage, Arg: id}
	})
}

// drawPIN draws the secret field: a dot for each character, and a cursor.
func (o *Operator) drawPIN(p *present.Login, x float32) {
	b, t := o.b, o.b.tok
	s := keep(b, pinField, func() *secret {
		s := newSecret(o)
		s.change = func() { o.draw() }
		return s
	})
	s.card = p.Card != nil
	edge := t.edge
	if s.focused {
		edge = t.ink
	}
	b.box(x, 340, 288, 56, 8, 2, t.surface, edge)
	dx := x + 25
	for range s.digits {
		b.disc(dx, 368, 7, t.ink)
		dx += min(20+8*boolTo(len(s.digits) <= 8), 240/float32(len(s.digits)))
	}
	if s.focused {
		b.fill(dx-10, 354, 2, 28, 0, t.ink)
	}
	s.label, s.dark = p.PIN.Label, b.washColour()
	s.onFocus = func(on bool) {
		if on {
			o.padInto = pinField
		}
		o.draw()
	}
	place(s, x, 340, 288, 56)
	b.placeRing(s.ring, x, 340, 288, 56, 8)
}

func boolTo(v bool) float32 {
	if v {
		return 1
	}
	return 0
}

// drawPad draws the key pad: one stop of the Tab key, arrows inside.
func (o *Operator) drawPad(p *present.Login, x float32) {
	b, t := o.b, o.b.tok
	for i, k := range padKeys() {
		kx, ky := x+92*float32(i%3), 172+84*float32(i/3)
		b.box(kx, ky, 80, 72, 8, 2, t.surface, t.edge)
		if k == "<" {
			b.icon("back", kx+26, ky+22, 28, t.ink)
		} else {
			b.textMid(k, kx, ky+18, 80, styleTitle, t.ink)
		}
		press := func() { o.typeDigit(k) }
		if i != o.pad {
			b.tapArea("pad:"+k, p.Pad+" "+k, kx, ky, 80, 72, press)
			continue
		}
		pad := b.target("pad", p.Pad, kx, ky, 80, 72, 8, o, press)
		pad.arrows = o.movePad
		pad.runes = func(r rune) bool {
			if r < '0' || r > '9' {
				return false
			}
			o.typeDigit(string(r))
			return true
		}
	}
}

func padKeys() []string { return []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "<", "0"} }

func (o *Operator) movePad(dx, dy int) {
	next := o.pad + dx + 3*dy
	if next >= 0 && next < len(padKeys()) {
		o.pad = next
		o.draw()
	}
}

// typeDigit writes a key of the pad into the field that had the focus last,
// where that is there.
func (o *Operator) typeDigit(k string) {
	if f, ok := o.b.kept[staffField].(*field); ok && o.padInto == staffField {
		if k == "<" {
			f.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyBackspace})
			return
		}
		f.Entry.TypedRune(rune(k[0]))
		return
	}
	s, ok := o.b.kept[pinField].(*secret)
	if !ok {
		return
	}
	if k == "<" {
		s.erase()
		return
	}
	s.TypedRune(rune(k[0]))
}

func (o *Operator) drawLoginActions() {
	y := o.h - 176
	end := 1192 + o.wider()/2
	if p := o.vm.Primary; p != nil {
		w := max(o.buttonWidth(*p), 232)
		for i := len(o.vm.Secondary) - 1; i >= 0; i-- {
			s := o.vm.Secondary[i]
			sw := o.buttonWidth(s)
			o.button(s, end-w-12-sw, y, sw, false)
		}
		o.button(*p, end-w, y, w, true)
	}
}

// credentials adds what was typed to the log-in action and forgets the PIN. Whose
// card lies there the action knows.
func (o *Operator) credentials(a present.Action) present.Action {
	if f, ok := o.b.kept[staffField].(*field); ok && a.ID == present.DoLogin {
		a.Arg = f.Text
	}
	if s, ok := o.b.kept[pinField].(*secret); ok {
		a.Text = s.take()
		o.draw()
	}
	return a
}

// forgetPIN wipes what was typed of a PIN when the next model asks for none, or
// for another: it was meant for one card, or for one try.
func (o *Operator) forgetPIN(vm present.Operator) {
	was, _ := o.vm.Page.(*present.Login)
	is, _ := vm.Page.(*present.Login)
	if s, ok := o.b.kept[pinField].(*secret); ok && (was == nil || is == nil || is.PIN.ID == "" || was.PINFor != is.PINFor) {
		s.wipe()
	}
}
