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
	b.box(x, 204, 288, 56, 8, 2, t.surface, t.edge)
	o.field(p.Staff, x, 204, 288, 56)
	b.text(p.StaffName, x, 266, 288, styleSmall, t.ink2)
	b.text(p.PIN.Label, x, 308, 288, styleStrong, t.ink)
	o.drawPIN(p, x)
	if p.Note != "" {
		b.icon("info", x, 412, 22, t.primary)
		b.para(p.Note, x+32, 412, 272, 3, styleSmall, t.ink)
	}
	o.drawPad(p, 928+o.wider()/2)
	o.drawLoginActions()
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

// drawPIN draws the secret field: a dot for each digit, and a cursor.
func (o *Operator) drawPIN(p *present.Login, x float32) {
	b, t := o.b, o.b.tok
	s := keep(b, pinField, func() *secret {
		s := newSecret(o)
		s.change = func() { o.draw() }
		return s
	})
	edge := t.edge
	if s.focused {
		edge = t.ink
	}
	b.box(x, 340, 288, 56, 8, 2, t.surface, edge)
	dx := x + 25
	for range s.digits {
		b.disc(dx, 368, 7, t.ink)
		dx += 20 + 8*boolTo(len(s.digits) <= 8)
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

// typeDigit writes a key of the pad into the field that had the focus last.
func (o *Operator) typeDigit(k string) {
	if o.padInto == staffField {
		f := o.b.kept[staffField].(*field)
		if k == "<" {
			f.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyBackspace})
			return
		}
		f.Entry.TypedRune(rune(k[0]))
		return
	}
	s := o.b.kept[pinField].(*secret)
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

// credentials adds what was typed to the log-in action and forgets the PIN.
func (o *Operator) credentials(a present.Action) present.Action {
	if f, ok := o.b.kept[staffField].(*field); ok {
		a.Arg = f.Text
	}
	if s, ok := o.b.kept[pinField].(*secret); ok {
		a.Text = s.take()
		o.draw()
	}
	return a
}
