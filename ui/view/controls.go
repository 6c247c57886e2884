package view

import (
	"slices"
	"strings"

	"optag/ui/present"
)

// field places the entry of a typed field; its box is drawn by the caller.
func (o *Operator) field(p present.Field, x, y, w, h float32) {
	b := o.b
	f := keep(b, p.ID, func() *field { return newField(o) })
	f.label = p.Label
	f.onFocus = func() { o.padInto = p.ID }
	f.typed = func(s string) { o.act(present.Action{ID: present.DoEdit, Arg: p.ID, Text: s}) }
	if f.PlaceHolder != p.Hint {
		f.SetPlaceHolder(p.Hint)
	}
	f.show(p.Value)
	// An entry is made for a height of 56 and stands in the middle of its box.
	place(f, x, y+(h-56)/2, w, 56)
	b.placeRing(f.ring, x, y, w, h, 8)
}

// typed draws a field with its box.
func (o *Operator) typed(p present.Field, x, y, w, h float32) {
	b, t := o.b, o.b.tok
	edge := t.edge
	if p.Tone == present.Warn {
		edge = t.advice
	}
	b.box(x, y, w, h, 8, 2, t.surface, edge)
	o.field(p, x, y, w, h)
}

// segments draws a choice of two or three side by side: one stop of the Tab
// key, at the one chosen.
func (o *Operator) segments(id, label string, options []present.Option, x, y, w float32, act func(id string) present.Action) {
	b, t := o.b, o.b.tok
	n := len(options)
	total := w * float32(n)
	b.box(x, y, total, 48, 8, 2, t.surface, t.edge)
	chosen := chosenOf(options)
	for i, p := range options {
		sx := x + w*float32(i)
		ink := t.ink
		if i == chosen {
			r := [4]float32{}
			if i == 0 {
				r[0], r[3] = 8, 8
			}
			if i == n-1 {
				r[1], r[2] = 8, 8
			}
			b.corners(sx, y, w, 48, r, t.primary)
			ink = t.onPrimary
		} else if i > 0 && i-1 != chosen {
			b.fill(sx, y, 2, 48, 0, t.edge)
		}
		tw := min(b.width(p.Label, styleSmallB), w-16)
		tx := sx + (w-tw)/2
		if i == chosen && w-tw > 60 || i == chosen && w >= 110 && w-tw >= 44 {
			tx += 14
			b.icon("check", tx-30, y+14, 20, ink)
		}
		b.text(p.Label, tx, y+13, tw+1, styleSmallB, ink)
	}
	o.choices(id, label, options, act, func(i int) rect { return rect{x + w*float32(i), y, w, 48} })
}

// sideBySide reports whether the answers fit into segments of a width.
func (o *Operator) sideBySide(options []present.Option, w float32) bool {
	return !slices.ContainsFunc(options, func(p present.Option) bool { return o.b.width(p.Label, styleSmallB) > w-16 })
}

type rect struct{ x, y, w, h float32 }

func chosenOf(options []present.Option) int {
	for i, p := range options {
		if p.Chosen {
			return i
		}
	}
	return -1
}

// choices places the targets of a choice: the one chosen, or else the first,
// can have the focus, and the arrows move between them.
func (o *Operator) choices(id, label string, options []present.Option, act func(id string) present.Action, at func(i int) rect) {
	b := o.b
	stop := max(chosenOf(options), 0)
	for i, p := range options {
		r := at(i)
		press := o.press(act(p.ID))
		if i != stop {
			b.tapArea(id+":"+p.ID, p.Label, r.x, r.y, r.w, r.h, press)
			continue
		}
		name := p.Label
		if label != "" {
			name = label + " " + p.Label
		}
		t := b.target(id, name, r.x, r.y, r.w, r.h, 8, o, press)
		t.arrows = func(dx, dy int) {
			if next := i + dx + dy; next >= 0 && next < len(options) {
				o.act(act(options[next].ID))
			}
		}
	}
}

// stepper draws a choice of many: the answer between two arrows.
func (o *Operator) stepper(p present.Field, x, y, w float32, act func(id string) present.Action) {
	b, t := o.b, o.b.tok
	b.box(x, y, w, 48, 8, 2, t.surface, t.edge)
	at := max(chosenOf(p.Options), 0)
	name := ""
	if len(p.Options) > 0 {
		name = p.Options[at].Label
	}
	b.icon("back", x+12, y+12, 24, t.ink)
	b.icon("next", x+w-36, y+12, 24, t.ink)
	b.textMid(name, x+48, y+11, w-96, styleStrong, t.ink)
	move := func(by int) {
		if n := len(p.Options); n > 0 {
			o.act(act(p.Options[(at+by+n)%n].ID))
		}
	}
	group := b.target(p.ID, p.Label+" "+name, x, y, w, 48, 8, o, func() { move(1) })
	group.arrows = func(dx, dy int) { move(dx + dy) }
	group.runes = func(r rune) bool { return o.typeAhead(p.Options, at, r, act) }
	b.tapArea(p.ID+":back", p.Label, x, y, 48, 48, func() { move(-1) })
	b.tapArea(p.ID+":next", p.Label, x+w-48, y, 48, 48, func() { move(1) })
}

// typeAhead chooses the next option with a word that begins with the letter.
func (o *Operator) typeAhead(options []present.Option, at int, r rune, act func(id string) present.Action) bool {
	for i := range options {
		p := options[(at+1+i)%len(options)]
		if beginsWith(p.Label, r) {
			o.act(act(p.ID))
			return true
		}
	}
	return false
}

// tick draws a check box of 28.
func (o *Operator) tick(on bool, x, y float32) {
	b, t := o.b, o.b.tok
	if on {
		b.fill(x, y, 28, 28, 6, t.primary)
		b.icon("check", x+3, y+3, 22, t.onPrimary)
		return
	}
	b.box(x, y, 28, 28, 6, 2, t.surface, t.edge)
}

// checkLine draws a check box with one line of text, 48 high.
func (o *Operator) checkLine(c present.Check, act present.Action, x, y, w float32) {
	o.tick(c.On, x, y+10)
	o.b.text(c.Label, x+40, y+11, w-40, styleBody, o.b.tok.ink)
	o.b.target("check:"+c.ID, c.Label, x-4, y, w+4, 48, 8, o, o.press(act))
}

// checkCard draws a check box with two lines in a box, 68 high.
func (o *Operator) checkCard(c present.Check, act present.Action, x, y, w float32) {
	b, t := o.b, o.b.tok
	ground, edge := t.surface, t.edge
	if c.On {
		ground, edge = t.tint, t.primary
	}
	b.box(x, y, w, 68, 8, 2, ground, edge)
	o.tick(c.On, x+18, y+20)
	b.text(c.Label, x+60, y+10, w-76, styleStrong, t.ink)
	b.text(c.Text, x+60, y+36, w-76, styleSmall, t.ink2)
	b.target("check:"+c.ID, c.Label, x, y, w, 68, 8, o, o.press(act))
}

// radios draws options below each other, each 58 high where it has two lines
// and 48 where it has one.
func (o *Operator) radios(id string, options []present.Option, x, y, w, h float32, act func(id string) present.Action) {
	b, t := o.b, o.b.tok
	for i, p := range options {
		ry := y + (h+8)*float32(i)
		ground, edge := t.surface, t.edge
		if p.Chosen {
			ground, edge = t.tint, t.primary
		}
		b.box(x, ry, w, h, 8, 2, ground, edge)
		b.ring(x+28, ry+h/2, 12, 2, ground, edge)
		if p.Chosen {
			b.disc(x+28, ry+h/2, 6, t.primary)
		}
		if p.Text == "" {
			b.text(p.Label, x+52, ry+(h-26)/2, w-64, styleStrong, t.ink)
			continue
		}
		b.text(p.Label, x+52, ry+6, w-64, styleStrong, t.ink)
		b.text(p.Text, x+52, ry+29, w-64, styleSmall, t.ink2)
	}
	o.choices(id, "", options, act, func(i int) rect { return rect{x, y + (h+8)*float32(i), w, h} })
}

// measures draws properties of an image in words, each 40 high, and returns
// where they end.
func (o *Operator) measures(list []present.Measure, x, y, w float32) float32 {
	b, t := o.b, o.b.tok
	for i, m := range list {
		my := y + 40*float32(i)
		mark, _ := t.tone(m.Tone)
		b.icon(toneMark(m.Tone), x, my+8, 22, mark)
		st, c := styleBody, t.ink2
		if m.Tone != present.Good && m.Tone != present.Plain && m.Tone != present.Wait {
			st, c = styleStrong, mark
		}
		vw := b.textRight(m.Value, x+w, my+7, w/2, st, c)
		b.text(m.Label, x+34, my+7, w-34-vw-8, styleBody, t.ink)
		b.rule(x, my+39, w)
	}
	return y + 40*float32(len(list))
}

// personSees draws the small copy of the applicant's screen in a box h high.
func (o *Operator) personSees(p present.PersonSees, x, y, w, h float32) {
	b, t := o.b, o.b.tok
	if t.high {
		b.fill(x, y, w, h, 8, t.plate)
	} else {
		b.box(x, y, w, h, 8, 3, t.paper, t.ink)
	}
	size := h - 49
	if names, ok := strings.CutPrefix(p.Picture, present.SlapPicture); ok {
		b.slapPicture(strings.Split(names, ","), x+(w-size)/2, y+8, size, light())
	} else if r := b.atlas.picture(p.Picture, light()); r != nil {
		b.image(r, x+(w-size)/2, y+8, size, size)
	}
	ink := light().ink
	st := styleSmallB
	if b.width(p.Sentence, st) > w-16 {
		st = style{13, 17, true}
		lines := b.wrap(p.Sentence, w-16, st)
		for i, l := range lines[:min(len(lines), 2)] {
			b.spoken(l, x+w/2, y+h-40+17*float32(i), w-12, 0, p.RTL, st, ink)
		}
	} else {
		b.spoken(p.Sentence, x+w/2, y+h-34, w-12, 0, p.RTL, st, ink)
	}
	if p.Gloss != "" {
		b.para(p.Gloss, x, y+h+6, w, 2, styleSmall, t.ink2)
	}
}

// liveSlot draws the slot of the live picture with its frame and its label.
func (o *Operator) liveSlot(l present.Live, x, y, w, h float32) {
	b, t := o.b, o.b.tok
	edge := t.ink
	b.box(x, y, w, h, 12, 2, printGround, edge)
	place(o.live, x+2, y+2, w-4, h-4)
	if o.live.CornerRadius != 10 {
		o.live.CornerRadius = 10
	}
	b.add(o.live)
	o.guide(l.Guide, x, y, w, h)
	o.liveLabel(l, x+12, y+12)
}

func (o *Operator) liveLabel(l present.Live, x, y float32) {
	if l.Label == "" {
		return
	}
	b := o.b
	w := b.width(l.Label, styleSmallB) + 42
	if b.tok.high {
		b.fill(x-2, y-2, w+4, 36, 18, white)
	}
	b.fill(x, y, w, 32, 16, darkChip)
	if l.Running {
		b.disc(x+18, y+16, 6, white)
	} else {
		b.ring(x+18, y+16, 6, 2, darkChip, white)
	}
	b.text(l.Label, x+30, y+5, w, styleSmallB, white)
}

// guide draws what lies over the live picture.
func (o *Operator) guide(g present.Guide, x, y, w, h float32) {
	b := o.b
	gx, gy, gw, gh := x+w*float32(g.X), y+h*float32(g.Y), w*float32(g.W), h*float32(g.H)
	switch g.Shape {
	case "frame":
		b.shape(gx, gy, gw, gh, shapeSpec{kind: "frame", radius: gw * 0.4, width: 3, dash: 8, gap: 5, c: printFrame})
	case "oval":
		b.shape(gx, gy, gw, gh, shapeSpec{kind: "oval", width: 6, c: darkChip})
		b.shape(gx+1, gy+1, gw-2, gh-2, shapeSpec{kind: "oval", width: 4, c: white})
	}
	for _, at := range g.Lines {
		b.shape(x+2, y+h*float32(at)-1, w-4, 2, shapeSpec{kind: "line", width: 2, dash: 8, gap: 6, c: white})
	}
}
