package view

import "optag/ui/present"

// drawPortrait draws the capture of the photo: the live picture, what is measured,
// and what the clerk judges; with the face of a document where there is one.
func (o *Operator) drawPortrait(p *present.Portrait) {
	b, t := o.b, o.b.tok
	o.liveSlot(p.Live, left, 148, 336, 432)
	x, w := float32(616), 336+o.wider()
	if d := p.Document; d != nil && d.Large {
		o.largeFace(d, x+o.wider()/2)
	} else {
		b.text(p.MeasureTitle, x, 148, w, styleHeading, t.ink)
		y := o.measures(p.Measures, x, 180, w)
		b.para(p.Note, x, y+10, w, 3, styleSmall, t.ink2)
	}
	x = o.w - 32 - 272
	b.text(p.JudgeTitle, x, 148, 272, styleHeading, t.ink)
	y := float32(180)
	for _, c := range p.Judge {
		o.checkLine(c, present.Action{ID: present.DoToggle, Arg: c.ID}, x, y, 272)
		y += 48
	}
	if p.Document != nil {
		o.smallFace(p, x, y+2)
		return
	}
	b.text(p.Sees.Heading, x, 382, 272, styleHeading, t.ink)
	o.personSees(p.Sees, x, 418, 232, 145)
}

// largeFace draws the face of the document as high as the live picture.
func (o *Operator) largeFace(d *present.DocumentFace, x float32) {
	b := o.b
	b.box(x, 148, 336, 432, 12, 2, printGround, b.tok.ink)
	b.thumb(d.Image, x+2, 150, 332, 428)
	b.target("compare", d.Press, x, 148, 336, 432, 12, o, o.press(present.Action{ID: present.DoCompare}))
	o.liveLabel(present.Live{Label: d.Label}, x+12, 160)
}

// smallFace draws the face of the document below what is to be judged, and
// beside it what the person sees, in words.
func (o *Operator) smallFace(p *present.Portrait, x, y float32) {
	b, t, d := o.b, o.b.tok, p.Document
	w := float32(272)
	if !d.Large {
		b.text(d.Title, x, y, w, styleHeading, t.ink)
		b.box(x, y+32, 96, 124, 8, 2, printGround, t.ink)
		b.thumb(d.Image, x+2, y+34, 92, 120)
		b.target("compare", d.Press, x, y+32, 96, 124, 8, o, o.press(present.Action{ID: present.DoCompare}))
		x, w = x+112, w-112
	}
	says := p.Sees.Gloss
	if says == "" {
		says = p.Sees.Sentence
	}
	b.text(p.Sees.Heading, x, y+32, w, styleSmallB, t.ink)
	b.para(says, x, y+56, w, 4, styleSmall, t.ink2)
}
