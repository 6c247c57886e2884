package view

import (
	"image"
	"strconv"

	"optag/ui/present"
)

// drawTable draws a table from y on, as many rows as fit above the bottom.
func (o *Operator) drawTable(p present.Table, y, bottom float32) {
	b, t := o.b, o.b.tok
	height, top := float32(44), y+34
	st := styleBody
	if p.Dense {
		height, top, st = 33, y+30, styleSmall
	}
	if len(p.Rows) > 0 && p.Rows[0].Action.ID != present.DoNothing {
		height = 48 // a row that can be pressed is a target
	}
	if len(p.Rows) == 0 {
		b.text(p.Empty, left, y+12, o.contentWidth(), styleLead, t.ink2)
		return
	}
	x := float32(left)
	for _, c := range p.Columns {
		b.text(c.Label, x, y+3, o.columnWidth(c)-8, styleSmall, t.ink2)
		x += o.columnWidth(c)
	}
	b.fill(left, top-2, o.contentWidth(), 2, 0, t.edge)
	per := max(1, int((bottom-top)/height))
	from, to := o.pageOf(len(p.Rows), per)
	for i, r := range p.Rows[from:to] {
		o.tableRow(p, r, top+height*float32(i), height, st)
	}
	if p.Foot != "" {
		b.text(p.Foot, left, bottom+3, o.contentWidth()-240, styleSmall, t.ink2)
	}
	o.drawPager(len(p.Rows), per, o.w-32, bottom-10)
}

func (o *Operator) columnWidth(c present.Column) float32 {
	return float32(c.Width) * o.contentWidth() / 992
}

func (o *Operator) tableRow(p present.Table, r present.Row, y, h float32, st style) {
	b := o.b
	x := float32(left)
	for i, c := range r.Cells {
		if i == len(p.Columns) {
			break
		}
		w := o.columnWidth(p.Columns[i])
		o.cell(c, x, y, w, h, st)
		x += w
	}
	b.rule(left, y+h-1, o.contentWidth())
	if r.Action.ID != present.DoNothing {
		name := ""
		if len(r.Cells) > 0 {
			name = r.Cells[0].Text
		}
		b.target(buttonID(r.Action), name, left-8, y, o.contentWidth()+16, h, 8, o, o.press(r.Action))
	}
}

func (o *Operator) cell(c present.Cell, x, y, w, h float32, st style) {
	b, t := o.b, o.b.tok
	if len(c.Trend) > 0 {
		spec := shapeSpec{kind: "trend", width: 2, c: t.ink2}
		if c.Tone == present.Warn {
			spec.c = t.advice
		}
		for i, v := range c.Trend[:min(len(c.Trend), len(spec.trend))] {
			spec.trend[i] = float32(v)
			spec.points++
		}
		b.shape(x+4, y+6, 122, h-14, spec)
		return
	}
	ink := t.ink
	if c.Tone == present.Quiet {
		ink = t.ink2
	}
	if name := toneMark(c.Tone); name != "" {
		mark, _ := t.tone(c.Tone)
		b.icon(name, x, y+(h-1)/2-10, 20, mark)
		x, w = x+28, w-28
		if c.Tone != present.Wait {
			ink = mark
		}
	}
	st.bold = c.Bold
	b.text(c.Text, x, y+(h-1-st.line)/2, w-8, st, ink)
}

// pageOf is the part of a list that is shown: from, and to without it.
func (o *Operator) pageOf(n, per int) (from, to int) {
	pages := max(1, (n+per-1)/per)
	o.page = min(max(o.page, 0), pages-1)
	return o.page * per, min(n, (o.page+1)*per)
}

// drawPager draws the page's number between two arrows that end at x, where a
// list has more than one page.
func (o *Operator) drawPager(n, per int, x, y float32) {
	if n <= per {
		return
	}
	b, t := o.b, o.b.tok
	pages := (n + per - 1) / per
	text := strconv.Itoa(o.page+1) + " / " + strconv.Itoa(pages)
	b.icon("next", x-36, y+12, 24, t.ink)
	b.target("page:next", text, x-48, y, 48, 48, 8, o, func() { o.turn(1) })
	b.textMid(text, x-48-80, y+13, 80, styleSmallB, t.ink)
	b.icon("back", x-164, y+12, 24, t.ink)
	b.target("page:back", text, x-176, y, 48, 48, 8, o, func() { o.turn(-1) })
}

func (o *Operator) turn(by int) {
	o.page += by
	o.draw()
}

// thumb draws a small copy of an image that is not one of ours.
func (b *board) thumb(img image.Image, x, y, w, h float32) {
	o := b.thumbs.take(newLive)
	place(o, x, y, w, h)
	if o.Image != img {
		o.Image = img
		o.Refresh()
	}
	b.add(o)
}
