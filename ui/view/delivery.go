package view

import "optag/ui/present"

// drawDelivery draws the page of a sealed case, from the queue to the receipt.
func (o *Operator) drawDelivery(p *present.Delivery) {
	b, t := o.b, o.b.tok
	mark, ground := t.tone(p.Tone)
	switch {
	case p.Tone == present.Good && !t.high:
		b.image(b.atlas.picture("done", t), left, 156, 112, 112)
	case p.Tone == present.Good:
		b.disc(left+56, 212, 45, mark)
		b.icon("check", left+26, 182, 60, t.surface)
	default:
		b.ring(left+56, 212, 45, 3, ground, mark)
		b.icon(toneMark(p.Tone), left+28, 184, 56, mark)
	}
	w := o.contentWidth() - 24 - 352
	b.text(p.Headline, left+136, 180, w-136, styleTitle, t.ink)
	b.para(p.Text, left+136, 215, w-136, 3, styleLead, t.ink2)
	for i, s := range p.Steps {
		o.deliveryStep(s, 324+64*float32(i), w)
	}
	if p.Receipt != nil {
		o.drawReceipt(p.Receipt, o.w-32-352)
	}
}

func (o *Operator) deliveryStep(s present.DeliveryStep, y, w float32) {
	b, t := o.b, o.b.tok
	mark, _ := t.tone(s.Tone)
	if s.Tone == present.Good {
		b.disc(left+16, y+16, 16, mark)
		b.icon("check", left+5, y+5, 22, t.surface)
	} else {
		b.ring(left+16, y+16, 16, 2, t.surface, t.edge)
		b.icon(toneMark(s.Tone), left+7, y+7, 18, mark)
	}
	b.text(s.Time, left+48, y+3, 96, styleStrong, t.ink)
	bw := b.text(s.Bold, left+152, y+3, w-152, styleStrong, t.ink)
	b.text(s.Text, left+152+bw+5, y+3, w-157-bw, styleBody, t.ink2)
}

func (o *Operator) drawReceipt(p *present.Receipt, x float32) {
	b, t := o.b, o.b.tok
	b.box(x, 148, 352, 434, 12, 1, t.paper, t.line)
	b.box(x+32, 169, 288, 396, 0, 1, t.surface, t.edge)
	tx, room := x+55, float32(243)
	b.text(p.Title, tx, 189, room, styleStrong, t.ink)
	y := 225 + b.para(p.Place, tx, 213, room, 2, styleSmall, t.ink2)
	for _, block := range p.Blocks {
		b.shape(tx, y, room, 2, shapeSpec{kind: "line", width: 2, dash: 6, gap: 4, c: t.edge})
		y += 14
		for _, l := range block {
			if l.Bold == "" {
				y += b.para(l.Text, tx, y, room, 3, styleSmall, t.ink)
				continue
			}
			w := b.text(l.Text, tx, y, room, styleSmall, t.ink)
			b.text(l.Bold, tx+w, y, room-w, styleSmallB, t.ink)
			y += 22
		}
		y += 12
	}
	b.shape(tx, y, room, 2, shapeSpec{kind: "line", width: 2, dash: 6, gap: 4, c: t.edge})
	b.para(p.Foot, tx, y+14, room, 4, styleSmall, t.ink2)
}

func (o *Operator) drawQueue(p *present.Queue) {
	b, t := o.b, o.b.tok
	step := (o.contentWidth() + 24) / float32(max(len(p.Stats), 1))
	for i, s := range p.Stats {
		x := left + step*float32(i)
		b.fill(x, 148, 6, 64, 0, t.primary)
		b.text(s.Big, x+22, 149, step-46, styleTitle, t.ink)
		b.text(s.Text, x+22, 184, step-46, styleSmall, t.ink2)
	}
	o.drawTable(p.Table, 241, o.contentBottom()-28)
}
