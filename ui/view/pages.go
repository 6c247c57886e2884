package view

import (
	"optag/ui/present"
)

func (o *Operator) drawCaseForm(p *present.CaseForm) {
	b, t := o.b, o.b.tok
	w := (o.contentWidth() - 48) / 3
	for c, column := range [][]present.Field{p.Left, p.Right} {
		x := left + (w+24)*float32(c)
		for i, f := range column {
			o.formField(f, x, 144+86*float32(i), w)
		}
	}
	x := left + (w+24)*2
	b.text(p.FlagsTitle, x, 146, w, styleStrong, t.ink)
	for i, f := range p.Flags {
		act := present.Action{ID: present.DoEdit, Arg: f.ID, Text: "yes"}
		if f.Value == "yes" {
			act.Text = ""
		}
		o.flag(f, act, x, 176+60*float32(i), w)
	}
	for i, f := range p.More {
		o.formField(f, x, 144+86*float32(len(p.Flags)+i), w)
	}
	for i, f := range p.Facts {
		y := 180 + 64*float32(i)
		b.text(f.Label, x, y, w, styleSmall, t.ink2)
		o.cardValue(f.Value, x, y+39, w)
		b.rule(x, y+60, w)
	}
}

// flag draws a check box whose words may take two lines, 56 high.
func (o *Operator) flag(f present.Field, act present.Action, x, y, w float32) {
	b, t := o.b, o.b.tok
	o.tick(f.Value == "yes", x, y+14)
	lines := b.wrap(f.Label, w-44, styleBody)
	ty := y + 28 - 12*float32(min(len(lines), 2))
	b.para(f.Label, x+40, ty, w-44, 2, style{18, 24, false}, t.ink)
	b.target("check:"+f.ID, f.Label, x-4, y, w+4, 56, 8, o, o.press(act))
}

// formField draws one field of the case form: label, note and control.
func (o *Operator) formField(f present.Field, x, y, w float32) {
	b, t := o.b, o.b.tok
	lw := b.text(f.Label, x, y, w, styleStrong, t.ink)
	if f.Note != "" {
		c, st := t.ink2, styleSmall
		if f.Tone == present.Warn {
			c, st = t.advice, styleSmallB
		}
		b.textRight(f.Note, x+w, y+3, w-lw-12, st, c)
	}
	act := func(id string) present.Action {
		return present.Action{ID: present.DoEdit, Arg: f.ID, Text: id}
	}
	switch {
	case f.Kind == present.Typed:
		o.typed(f, x, y+30, w, 48)
	case len(f.Options) <= 2, len(f.Options) == 3 && o.sideBySide(f.Options, w/3):
		o.segments(f.ID, f.Label, f.Options, x, y+30, w/float32(max(len(f.Options), 1)), act)
	default:
		o.stepper(f, x, y+30, w, act)
	}
}

func (o *Operator) drawLaw(p *present.Law) {
	b, t := o.b, o.b.tok
	w := o.contentWidth() - 24 - 392
	y := float32(148)
	for _, item := range p.Items {
		if item.Excluded {
			b.dashed(left, y, w, 60, 12, 2, t.edge)
			b.icon("slash", left+22, y+16, 28, t.ink2)
			b.text(item.Title, left+68, y+17, w-84, styleBody, t.ink2)
			y += 76
			continue
		}
		o.lawItem(item, y, w)
		y += 104
	}
	o.why(p.WhyTitle, p.Why, p.Source, y, w)
	o.factsCard(p.FactsTitle, p.Facts, o.w-32-392, 148, 392)
}

func (o *Operator) lawItem(item present.LawItem, y, w float32) {
	b, t := o.b, o.b.tok
	mark, _ := t.tone(item.Chip.Tone)
	b.box(left, y, w, 92, 12, 2, t.surface, mark)
	b.icon(item.Icon, left+24, y+20, 52, t.ink)
	cw := o.chip(item.Chip, left+w-22, y+30)
	room := w - 96 - 22 - cw - 20
	lines := b.wrap(item.Text, room, styleSmall)
	ty := y + 21
	if len(lines) > 1 {
		ty = y + 10
	}
	b.text(item.Title, left+96, ty, room, styleHeading, t.ink)
	b.para(item.Text, left+96, ty+28, room, 2, styleSmall, t.ink2)
}

// why draws the ground of a decision with its source.
func (o *Operator) why(title, text, source string, y, w float32) {
	b, t := o.b, o.b.tok
	room := w - 30
	lines := float32(len(b.wrap(text, room, styleBody)))
	sources := float32(len(b.wrap(source, room, styleSmall)))
	b.fill(left, y, 6, 30+26*lines+22*sources+2, 0, t.primary)
	b.text(title, left+24, y+2, room, styleHeading, t.ink)
	h := b.para(text, left+24, y+30, room, 6, styleBody, t.ink)
	b.para(source, left+24, y+30+h, room, 2, styleSmall, t.ink2)
}

// factsCard draws facts with their values in a card.
func (o *Operator) factsCard(title string, facts []present.Fact, x, y, w float32) {
	b, t := o.b, o.b.tok
	b.box(x, y, w, 62+48*float32(len(facts)), 12, 1, t.surface, t.line)
	b.text(title, x+21, y+15, w-42, styleHeading, t.ink)
	for i, f := range facts {
		fy := y + 47 + 48*float32(i)
		b.text(f.Label, x+21, fy+13, 128, styleSmall, t.ink2)
		room := w - 157 - 21
		if f.Edit.ID != present.DoNothing {
			room -= 24
		}
		b.text(f.Value, x+157, fy+13, room, styleSmallB, t.ink)
		b.rule(x+21, fy+47, w-42)
		if f.Edit.ID != present.DoNothing {
			b.icon("pen", x+w-40, fy+14, 20, t.ink)
			b.target("fact:"+f.Edit.Arg, f.EditLabel, x+w-54, fy, 48, 48, 8, o, o.press(f.Edit))
		}
	}
}

func (o *Operator) drawDecision(p *present.Decision) {
	b, t := o.b, o.b.tok
	w := o.contentWidth() - 24 - 392
	mark, ground := t.tone(p.Tone)
	b.ring(left+56, 204, 48, 3, ground, mark)
	b.icon(p.Picture, left+56-30, 174, 60, mark)
	h := b.para(p.Headline, left+136, 158, w-136, 2, styleTitle, t.ink)
	h += b.para(p.Text, left+136, 162+h, w-136, 3, styleLead, t.ink2)
	o.why(p.WhyTitle, p.Why, p.Source, max(290, 190+h), w)
	o.factsCard(p.FactsTitle, p.Facts, o.w-32-392, 148, 392)
}

func (o *Operator) drawRights(p *present.Rights) {
	b, t := o.b, o.b.tok
	w := o.contentWidth() - 24 - 320
	h := o.contentBottom() - 148
	b.box(left, 148, w, h, 12, 1, t.paper, t.line)
	room := w - 48
	if p.Draft != nil {
		room -= o.chip(*p.Draft, left+w-20, 164) + 16
	}
	b.text(p.Heading, left+24, 166, room, styleHeading, t.ink)
	b.text(p.Text, left+24, 194, room, styleSmall, t.ink2)
	for i, r := range p.Rows {
		y := 230 + 72*float32(i)
		b.rule(left+24, y, w-48)
		b.ring(left+48, y+36, 24, 2, t.surface, t.ink)
		b.icon(r.Icon, left+34, y+22, 28, t.ink)
		lines := b.wrap(r.Text, w-124, styleLead)
		b.para(r.Text, left+92, y+36-13*float32(min(len(lines), 2)), w-116, 2, style{20, 26, false}, t.ink)
	}
	o.dots(p, left+24, 148+h-36)
	o.drawRightsSide(p, o.w-32-320)
}

// dots draws the place within the pages: a long one for the page that is shown.
func (o *Operator) dots(p *present.Rights, x, y float32) {
	b, t := o.b, o.b.tok
	for i := range p.Pages {
		if i+1 == p.Page {
			b.fill(x, y, 32, 16, 8, t.ink)
			x += 40
			continue
		}
		b.ring(x+8, y+8, 8, 2, t.surface, t.edge)
		x += 24
	}
	b.text(p.PageText, x+8, y-3, 300, styleSmall, t.ink2)
}

func (o *Operator) drawRightsSide(p *present.Rights, x float32) {
	b, t := o.b, o.b.tok
	b.text(p.LanguageTitle, x, 148, 320, styleHeading, t.ink)
	o.segments("speak", p.LanguageTitle, p.Languages, x, 184, 320/float32(max(len(p.Languages), 1)), func(id string) present.Action {
		return present.Action{ID: present.DoSpeakIn, Arg: id}
	})
	y := float32(244)
	for _, c := range p.Checks {
		o.checkCard(c, present.Action{ID: present.DoToggle, Arg: c.ID}, x, y, 320)
		y += 80
	}
	b.text(p.Sees.Heading, x, y+8, 320, styleHeading, t.ink)
	o.personSees(p.Sees, x, y+44, 258, 161)
}

func (o *Operator) drawPrints(p *present.Prints) {
	b, t := o.b, o.b.tok
	o.liveSlot(p.Live, left, 148, 348, 432)
	x, w := float32(628), 316+o.wider()
	sw := b.text(p.Score, x, 150, 160, styleScore, t.ink)
	if sw > 0 {
		sw += 12
	}
	b.text(p.ScoreOf, x+sw, 178, w-sw, styleBody, t.ink)
	o.scoreBar(p, x, 220, w)
	y := o.measures(p.Measures, x, 282, w)
	b.para(p.Note, x, y+13, w, 4, styleSmall, t.ink2)
	x = o.w - 292
	b.text(p.Sees.Heading, x, 148, 260, styleHeading, t.ink)
	o.personSees(p.Sees, x, 184, 258, 161)
	o.drawSmallHands(p.Hands, x, 389)
}

// scoreBar draws the score against its threshold.
func (o *Operator) scoreBar(p *present.Prints, x, y, w float32) {
	b, t := o.b, o.b.tok
	b.box(x, y, w, 20, 10, 2, t.surface, t.edge)
	if v := float32(p.Value); v > 0 {
		c := t.advice
		if p.Enough {
			c = t.good
		}
		b.fill(x, y, max(20, w*min(v, 1)), 20, 10, c)
	}
	if p.Needed <= 0 {
		return
	}
	at := x + w*float32(p.Needed)
	b.fill(at-1.5, y-8, 3, 36, 0, t.ink)
	nw := b.width(p.Needs, styleSmallB)
	b.text(p.Needs, min(max(at-nw/2, x), x+w-nw), y+30, nw+1, styleSmallB, t.ink)
}

func (o *Operator) drawExceptions(p *present.Exceptions) {
	b, t := o.b, o.b.tok
	dx := o.wider() / 2
	o.drawLargeHands(p.Hands, dx)
	o.drawLegend(p.Legend, left+dx, 519)
	x := o.w - 32 - 320
	b.text(p.Picked, x, 148, 320, styleHeading, t.ink)
	o.radios("reason", p.Reasons, x, 186, 320, 58, func(id string) present.Action {
		return present.Action{ID: present.DoReason, Arg: id}
	})
	b.text(p.Note.Label, x, 450, 320, styleStrong, t.ink)
	o.typed(p.Note, x, 482, 320, 48)
	b.text(p.Seen, x, 538, 320, styleSmall, t.ink2)
}

func (o *Operator) drawRefusal(p *present.Refusal) {
	b, t := o.b, o.b.tok
	toggle := func(c present.Check) present.Action { return present.Action{ID: present.DoToggle, Arg: c.ID} }
	b.text(p.WhatTitle, left, 148, 476, styleHeading, t.ink)
	y := float32(186)
	for _, c := range p.What {
		o.checkCard(c, toggle(c), left, y, 476)
		y += 78
	}
	y += 10
	b.text(p.BeforeTitle, left, y, 476, styleHeading, t.ink)
	y += 38
	for _, c := range p.Before {
		o.checkCard(c, toggle(c), left, y, 476)
		y += 78
	}
	o.drawConsequence(p, 756, o.w-32-756)
}

// drawConsequence draws what follows from a refusal by law.
func (o *Operator) drawConsequence(p *present.Refusal, x, w float32) {
	b, t := o.b, o.b.tok
	b.box(x, 148, w, 434, 12, 2, t.surface, t.ink)
	b.icon("law", x+26, 172, 32, t.ink)
	b.text(p.LawTitle, x+70, 174, w-96, styleHeading, t.ink)
	room := w - 52
	var pieces []piece
	for _, r := range p.Law {
		pieces = append(pieces, piece{r.Text, r.Bold})
	}
	y := 218 + b.runs(pieces, x+26, 218, room, styleLead, t.ink)
	y += b.para(p.Source, x+26, y+6, room, 2, styleSmall, t.ink2) + 6
	if p.CheckTitle != "" {
		b.rule(x+26, y+18, room)
		b.text(p.CheckTitle, x+26, y+33, room, styleStrong, t.ink)
		y += 68
		for _, c := range p.Checks {
			mark, _ := t.tone(c.Tone)
			b.icon(toneMark(c.Tone), x+26, y+5, 20, mark)
			b.text(c.Label, x+56, y+4, room-30, styleSmall, t.ink)
			y += 32
		}
	}
	b.rule(x+26, y+12, room)
	b.para(p.Foot, x+26, y+24, room, 2, styleSmall, t.ink)
}

// reviewRows is how many rows of the package a page holds.
const reviewRows = 6

func (o *Operator) drawReview(p *present.Review) {
	b, t := o.b, o.b.tok
	w := o.contentWidth() - 24 - 336
	from, to := o.pageOf(len(p.Rows), reviewRows)
	for i, r := range p.Rows[from:to] {
		o.reviewRow(r, 148+72*float32(i), w)
	}
	x := o.w - 32 - 336
	b.box(x, 148, 336, 434, 12, 1, t.paper, t.line)
	b.icon("lock", x+26, 169, 30, t.ink)
	b.text(p.Title, x+67, 170, 240, styleHeading, t.ink)
	y := float32(211)
	for _, f := range p.Facts {
		b.text(f.Label, x+25, y, 290, styleSmall, t.ink2)
		b.text(f.Value, x+25, y+20, 290, styleStrong, t.ink)
		y += 56
	}
	b.rule(x+25, 493, 286)
	mark, _ := t.tone(p.PassTone)
	b.icon(toneMark(p.PassTone), x+25, 504, 22, mark)
	pw := b.text(p.Passed, x+57, 504, 200, styleSmallB, t.ink)
	b.text(p.PassText, x+57+pw, 504, 250-pw, styleSmall, t.ink)
	o.drawPager(len(p.Rows), reviewRows, x+336-20, 526)
}

func (o *Operator) reviewRow(r present.ReviewRow, y, w float32) {
	b, t := o.b, o.b.tok
	b.box(left, y, 52, 60, 6, 1, printGround, t.edge)
	mark := light().ink
	if r.Tone != present.Plain {
		mark, _ = light().tone(r.Tone)
	}
	if r.Thumb != nil {
		b.thumb(r.Thumb, left+2, y+2, 48, 56)
	} else {
		b.icon(r.Icon, left+10, y+14, 32, mark)
	}
	b.box(left+w-96, y+6, 96, 48, 8, 2, t.surface, t.edge)
	b.textMid(r.Button, left+w-96, y+19, 96, styleSmallB, t.ink)
	b.target(buttonID(r.Action), r.Button+" "+r.Title, left+w-96, y+6, 96, 48, 8, o, o.press(r.Action))
	cw := o.chip(r.Chip, left+w-112, y+14)
	room := w - 68 - 112 - cw - 12
	b.text(r.Title, left+68, y+6, room, styleStrong, t.ink)
	b.text(r.Text, left+68, y+32, room+8, styleSmall, t.ink2)
	b.rule(left, y+65, w)
}

func (o *Operator) drawDeviceLost(p *present.DeviceLost) {
	b, t := o.b, o.b.tok
	ground := t.surface
	if t.high {
		ground = t.plate
	}
	b.box(left, 148, 264, 264, 12, 2, ground, t.stop)
	b.image(b.atlas.picture(p.Picture, light()), left+32, 180, 200, 200)
	b.text(p.Name, left, 424, 264, styleSmallB, t.ink)
	for i, l := range p.Lines {
		b.text(l, left, 446+22*float32(i), 264, styleSmall, t.ink2)
	}
	x := float32(552)
	w := o.w - 32 - x
	for i, a := range p.Answers {
		y := 148 + 101*float32(i)
		b.text(a.Label, x, y, 176, styleLead, t.ink2)
		b.text(a.Bold, x+188, y, w-188, style{20, 30, true}, t.ink)
		b.text(a.Text, x+188, y+30, w-188, styleLead, t.ink2)
		b.rule(x, y+80, w)
	}
}
