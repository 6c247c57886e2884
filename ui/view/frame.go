package view

import (
	"image/color"
	"math"
	"strconv"

	"optag/ui/present"
)

// drawHeader draws the case at the top.
func (o *Operator) drawHeader() {
	b, h := o.b, o.vm.Header
	t := b.tok
	b.fill(0, 0, o.w, 72, 0, t.head)
	if t.high {
		b.fill(0, 70, o.w, 2, 0, t.edge)
	}
	if h == nil {
		return
	}
	right := o.drawUser(h)
	room := right - 24 - 24
	width := b.text(h.Name, 24, 12, room, styleName, t.onHead)
	width = max(width, b.text(h.Born, 24, 39, room, styleSmall, t.onHead2))
	if h.Kind == "" {
		return
	}
	x := 24 + width + 24
	b.fill(x, 16, 1, 40, 0, o.headLine())
	b.text(h.Kind, x+24, 12, right-x-48, styleStrong, t.onHead)
	b.text(h.Number, x+24, 38, right-x-48, styleSmall, t.onHead2)
}

func (o *Operator) headLine() color.NRGBA {
	if o.b.tok.high {
		return o.b.tok.onHead
	}
	return o.b.tok.ink2
}

// drawUser draws the right end of the header and returns where it begins.
func (o *Operator) drawUser(h *present.Header) float32 {
	b, t := o.b, o.b.tok
	x := o.w - 72
	b.box(x, 12, 48, 48, 8, 2, t.head, t.onHead2)
	b.icon("lock", x+10, 22, 28, t.onHead)
	b.target("lock", h.Lock, x, 12, 48, 48, 8, o, o.press(present.Action{ID: present.DoLock}))
	end := x - 24
	width := b.textRight(h.User, end, 12, 240, styleStrong, t.onHead)
	width = max(width, b.textRight(h.Role, end, 38, 240, styleSmall, t.onHead2))
	begin := end - width
	for _, s := range []struct{ icon, text string }{{"check", h.Safe}, {"clock", h.Clock}} {
		if s.text == "" {
			continue
		}
		b.fill(begin-24, 16, 1, 40, 0, o.headLine())
		w := b.textRight(s.text, begin-48, 25, 260, styleSmall, t.onHead2)
		b.icon(s.icon, begin-48-w-30, 26, 20, t.onHead2)
		begin = begin - 48 - w - 30
	}
	return begin
}

// drawRail draws the steps of the case, or the places of the station.
func (o *Operator) drawRail() {
	b, t := o.b, o.b.tok
	b.fill(0, 72, 224, o.h-120, 0, t.paper)
	edge := t.line
	width := float32(1)
	if t.high {
		edge, width = t.edge, 2
	}
	b.fill(224-width, 72, width, o.h-120, 0, edge)
	for i, s := range o.vm.Rail {
		o.drawStep(s, 88+64*float32(i))
	}
}

func (o *Operator) drawStep(s present.Step, y float32) {
	b, t := o.b, o.b.tok
	now := s.State == present.StepNow || s.State == present.StepLost
	if now {
		if t.high {
			b.box(0, y, 224, 64, 0, 2, t.surface, t.primary)
		} else {
			b.fill(0, y, 224, 64, 0, t.surface)
		}
		b.fill(0, y, 6, 64, 0, t.primary)
	}
	if s.Icon != "" {
		o.drawPlaceMark(s, y, now)
	} else {
		o.drawStepMark(s, y)
	}
	st := styleBody
	st.bold = now || s.State == present.StepDone
	if s.Fact == "" {
		b.text(s.Label, 70, y+19, 144, st, t.ink)
	} else {
		b.text(s.Label, 70, y+9, 144, st, t.ink)
		b.text(s.Fact, 70, y+32, 144, styleSmall, t.ink2)
	}
	if s.Open {
		b.target("step:"+s.ID, s.Label, 8, y+2, 208, 60, 8, o, o.press(present.Action{ID: present.DoGoStep, Arg: s.ID}))
	}
}

func (o *Operator) drawPlaceMark(s present.Step, y float32, now bool) {
	b, t := o.b, o.b.tok
	if now {
		b.fill(24, y+16, 32, 32, 8, t.primary)
		b.icon(s.Icon, 30, y+22, 20, t.onPrimary)
		return
	}
	b.box(24, y+16, 32, 32, 8, 2, t.surface, t.edge)
	b.icon(s.Icon, 30, y+22, 20, t.ink)
}

func (o *Operator) drawStepMark(s present.Step, y float32) {
	b, t := o.b, o.b.tok
	number := strconv.Itoa(s.Number)
	switch s.State {
	case present.StepDone:
		b.disc(40, y+32, 16, t.good)
		b.icon("check", 29, y+21, 22, t.surface)
	case present.StepLost:
		b.icon("stop", 24, y+16, 32, t.stop)
	case present.StepNow:
		b.disc(40, y+32, 16, t.primary)
		b.textMid(number, 24, y+21, 32, styleSmallB, t.onPrimary)
	default:
		b.ring(40, y+32, 16, 2, t.surface, t.edge)
		b.textMid(number, 24, y+21, 32, styleSmallB, t.ink)
	}
}

// drawTitle draws the page's title and what stands at the end of its line.
func (o *Operator) drawTitle() {
	b, t := o.b, o.b.tok
	end := o.w - 32
	a := o.vm.Aside
	used := float32(0)
	titleWidth := b.width(o.vm.Title, styleTitle)
	switch {
	case a.Chip != nil:
		used = o.chip(*a.Chip, end, 98)
	case len(a.Attempts) > 0:
		used = o.drawAttempts(a, end)
	case a.Text != "":
		used = b.textRight(a.Text, end, 101, o.contentWidth()-titleWidth-24, styleBody, t.ink2)
	}
	if used > 0 {
		used += 16
	}
	b.text(o.vm.Title, left, 96, o.contentWidth()-used, styleTitle, t.ink)
}

func (o *Operator) drawAttempts(a present.Aside, end float32) float32 {
	b, t := o.b, o.b.tok
	x := end - 64*float32(len(a.Attempts)) + 8
	for i, p := range a.Attempts {
		px := x + 64*float32(i)
		switch {
		case p.Now:
			b.fill(px, 98, 56, 32, 16, t.ink)
			b.textMid(p.Text, px, 103, 56, styleSmallB, t.surface)
		case p.Left:
			b.dashed(px, 98, 56, 32, 16, 2, t.edge)
			b.textMid(p.Text, px, 103, 56, styleSmall, t.ink2)
		default:
			b.box(px, 98, 56, 32, 16, 2, t.surface, t.edge)
			b.textMid(p.Text, px, 103, 56, styleSmallB, t.ink)
		}
	}
	w := b.textRight(a.Text, x-12, 101, 200, styleBody, t.ink2)
	return end - x + 12 + w
}

// chip draws a chip that ends at x and returns its width.
func (o *Operator) chip(c present.Chip, end, y float32) float32 {
	b, t := o.b, o.b.tok
	name := c.Icon
	if name == "" {
		name = toneMark(c.Tone)
	}
	textWidth := b.width(c.Text, styleSmallB)
	w := textWidth + 26
	if name != "" {
		w += 24
	}
	w = whole(w)
	x := end - w
	mark, ground := t.tone(c.Tone)
	if c.Tone == present.Plain || c.Tone == present.Quiet {
		b.box(x, y, w, 32, 16, 1, t.paper, t.edge)
	} else if t.high {
		b.box(x, y, w, 32, 16, 1, ground, mark)
	} else {
		b.fill(x, y, w, 32, 16, ground)
	}
	tx := x + 13
	if name != "" {
		b.icon(name, tx-1, y+7, 18, mark)
		tx += 23
	}
	b.text(c.Text, tx, y+5, textWidth+1, styleSmallB, mark)
	return w
}

// drawAdvice draws the line above the actions.
func (o *Operator) drawAdvice() {
	b, t, a := o.b, o.b.tok, o.vm.Advice
	x, y, w := float32(left), o.h-200, o.contentWidth()
	mark, ground := t.tone(a.Tone)
	switch a.Tone {
	case present.Plain, present.Quiet:
		b.fill(x, y, w, 56, 8, t.paper)
	case present.Wait:
		b.fill(x, y, w, 56, 8, t.paper)
		b.dashed(x, y, w, 56, 8, 2, t.edge)
	default:
		b.box(x, y, w, 56, 8, 2, ground, mark)
	}
	tx := x + 22
	if name := toneMark(a.Tone); name != "" {
		b.icon(name, x+20, y+14, 28, mark)
		tx = x + 62
	}
	bold := b.text(a.Bold, tx, y+15, w-(tx-x)-16, styleStrong, t.ink)
	if a.Bold != "" {
		tx += bold + 5
	}
	b.text(a.Text, tx, y+15, x+w-16-tx, styleBody, t.ink)
}

// drawActions draws the buttons.
func (o *Operator) drawActions() {
	b := o.b
	b.rule(224, o.h-136, o.w-224)
	x, y := float32(left), o.h-119
	for _, s := range o.vm.Secondary {
		x += o.button(s, x, y, o.buttonWidth(s), false) + 12
	}
	if p := o.vm.Primary; p != nil {
		w := max(o.buttonWidth(*p), 232)
		o.button(*p, o.w-32-w, y, w, true)
	}
}

func (o *Operator) buttonWidth(p present.Button) float32 {
	w := 48 + o.b.width(p.Label, styleStrong)
	if p.Icon != "" {
		w += 34
	}
	if p.Key != "" {
		w += 20 + o.capWidth(p.Key)
	}
	return whole(w)
}

func (o *Operator) capWidth(k present.Key) float32 { return o.b.width(capText(k), styleCap) + 18 }

// whole rounds a width, so that edges lie on pixels.
func whole(w float32) float32 { return float32(math.Round(float64(w))) }

// capText is what stands on the key caps.
func capText(k present.Key) string {
	out := make([]rune, 0, len(k)+4)
	for i, r := range string(k) {
		if r == '+' && i > 0 {
			out = append(out, ' ', '+', ' ')
			continue
		}
		out = append(out, r)
	}
	return string(out)
}

// buttonID is the id of a button's target.
func buttonID(a present.Action) string {
	if a.Arg == "" {
		return "do:" + string(a.ID)
	}
	return "do:" + string(a.ID) + ":" + a.Arg
}

// button draws a button 56 high and returns its width.
func (o *Operator) button(p present.Button, x, y, w float32, primary bool) float32 {
	b, t := o.b, o.b.tok
	ink, ground := t.ink, t.surface
	switch {
	case p.Off:
		b.dashed(x, y, w, 56, 8, 2, t.edge)
		ink = t.ink2
	case primary:
		ink, ground = t.onPrimary, t.primary
		b.fill(x, y, w, 56, 8, t.primary)
	default:
		b.box(x, y, w, 56, 8, 2, t.surface, t.edge)
	}
	tx := x + (w-o.buttonWidth(p))/2 + 24
	if p.Icon != "" {
		b.icon(p.Icon, tx, y+16, 24, ink)
		tx += 34
	}
	tx += b.text(p.Label, tx, y+15, w-48, styleStrong, ink)
	if p.Key != "" {
		cw := o.capWidth(p.Key)
		b.box(tx+20, y+16, cw, 24, 5, 1, ground, ink)
		b.text(capText(p.Key), tx+20+9, y+17, cw, styleCap, ink)
	}
	if !p.Off {
		target := b.target(buttonID(p.Action), p.Label, x, y, w, 56, 8, o, o.press(p.Action))
		target.guarded = isGuarded(p.Key)
	}
	return w
}

// isGuarded reports whether an action has a key with Ctrl, because it cannot be
// undone: then Space alone does not press it either.
func isGuarded(k present.Key) bool { return len(k) > 5 && k[:5] == "Ctrl+" }

// drawStatus draws the states of the station.
func (o *Operator) drawStatus() {
	b, t := o.b, o.b.tok
	y := o.h - 48
	b.fill(0, y, o.w, 48, 0, t.paper)
	b.fill(0, y, o.w, 1, 0, t.edge)
	clock := b.textRight(o.vm.Clock, o.w-24, y+14, 120, styleSmallB, t.ink)
	gap := o.statusGap(o.w - 24 - clock - 24)
	x := float32(24)
	for _, s := range o.vm.Status {
		x += o.drawStatusItem(s, x, y) + gap
	}
}

// statusGap is the space between items: 24 where there is room.
func (o *Operator) statusGap(room float32) float32 {
	total := float32(28)
	for _, s := range o.vm.Status {
		total += o.statusWidth(s)
	}
	n := float32(max(len(o.vm.Status), 1))
	return min(28, max(6, (room-total)/n))
}

func statusStyle(s present.StatusItem) style {
	st := styleSmall
	st.bold = s.Tone != present.Good
	return st
}

func (o *Operator) statusWidth(s present.StatusItem) float32 {
	return 28 + o.b.width(s.Text, statusStyle(s)) + 8 + 18
}

func (o *Operator) drawStatusItem(s present.StatusItem, x, y float32) float32 {
	b, t := o.b, o.b.tok
	w := o.statusWidth(s)
	b.icon(s.Icon, x, y+15, 20, t.ink)
	tw := b.text(s.Text, x+28, y+14, w, statusStyle(s), t.ink)
	mark, _ := t.tone(s.Tone)
	b.icon(toneMark(s.Tone), x+28+tw+8, y+16, 18, mark)
	if s.Page != "" {
		b.target("status:"+s.ID, s.Text, x-4, y, w+8, 48, 4, o, o.press(present.Action{ID: present.DoGoStep, Arg: s.Page}))
	}
	return w
}
