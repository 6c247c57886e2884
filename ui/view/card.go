package view

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2/canvas"

	"optag/ui/present"
)

// drawCardHeld draws what a chip holds: the face, what is written, and the four
// lamps.
func (o *Operator) drawCardHeld(p *present.CardHeld) {
	b, t := o.b, o.b.tok
	b.box(left, 148, 176, 228, 12, 2, printGround, t.ink)
	b.cardFace(p.Face, left+2, 150, 172, 224)
	b.text(p.PrintsTitle, left, 392, 176, styleHeading, t.ink)
	if len(p.Fingers) == 0 {
		b.para(p.Prints, left, 424, 176, 5, styleSmall, t.ink)
	}
	for i, f := range p.Fingers {
		x := left + 92*float32(i)
		o.b.cardPrint(f.Picture, x, 424, 84, 108)
		b.para(f.Name, x, 536, 84, 2, style{13, 17, false}, t.ink)
	}
	x, w := float32(456), 396+o.wider()
	for i, r := range p.Rows {
		y := 146 + 50*float32(i)
		b.text(r.Label, x, y+13, 140, styleSmall, t.ink2)
		o.cardValue(r.Value, x+148, y+25, w-148)
		b.rule(x, y+49, w)
	}
	b.text(p.PageText, x, 556, w, styleSmall, t.ink2)
	x = o.w - 32 - 372
	for i, l := range p.Lamps {
		o.cardLamp(l, x, 146+78*float32(i), 372)
	}
	o.cardSigner(p.Signer, x)
	b.text(p.WrongTitle, x, 492, 372, styleStrong, t.ink)
	h := b.para(p.Wrong, x, 518, 372, 2, styleSmall, t.ink)
	b.text(p.Source, x, 518+h, 372, styleSmall, t.ink2)
}

// cardSigner draws who signed: on one line, or smaller on two.
func (o *Operator) cardSigner(text string, x float32) {
	st := styleSmall
	if len(o.b.wrap(text, 372, st)) > 1 {
		st = style{13, 16, false}
	}
	o.b.para(text, x, 461, 372, 2, st, o.b.tok.ink2)
}

// cardValue draws what stands in a card about the middle of a line: over two
// lines, or smaller over three.
func (o *Operator) cardValue(text string, x, mid, w float32) {
	st := styleSmallB
	if len(o.b.wrap(text, w, st)) > 2 {
		st = style{13, 16, true}
	}
	lines := min(len(o.b.wrap(text, w, st)), 3)
	o.b.para(text, x, mid-st.line*float32(lines)/2, w, 3, st, o.b.tok.ink)
}

// cardPrint draws a print in its frame.
func (b *board) cardPrint(print image.Image, x, y, w, h float32) {
	b.box(x, y, w, h, 8, 2, printGround, b.tok.ink)
	if print != nil {
		b.thumb(print, x+2, y+2, w-4, h-4)
	}
}

// cardFace draws the face in a chip, or that there is none to be seen.
func (b *board) cardFace(face image.Image, x, y, w, h float32) {
	if face == nil {
		size := w * 80 / 172
		b.icon("user", x+(w-size)/2, y+(h-size)/2, size, light().ink2)
		return
	}
	b.thumb(face, x, y, w, h)
}

// lampRoom is how wide the sentence in a lamp may be.
const lampRoom = 312

// cardLamp draws one of the four, 70 high.
func (o *Operator) cardLamp(l present.CardLamp, x, y, w float32) {
	b, t := o.b, o.b.tok
	mark, ground := t.tone(l.Tone)
	b.box(x, y, w, 70, 12, 2, ground, mark)
	b.icon(toneMark(l.Tone), x+12, y+21, 28, mark)
	ww := b.textRight(l.Word, x+w-12, y+9, 140, styleSmallB, mark)
	b.text(l.Title, x+52, y+7, w-64-ww-8, styleStrong, t.ink)
	b.text(l.Text, x+52, y+36, lampRoom, styleSmall, t.ink)
}

// card draws what a chip holds for its holder, in large letters.
func (s sheet) card(p *present.CardSheet) {
	b, t := s.b, s.b.tok
	x, y := s.at(s.flip(64, 288), 56)
	b.box(x, y, 288*s.k, 384*s.k, 24*s.k, 3*s.k, printGround, t.ink)
	b.cardFace(p.Face, x+3, y+3, 288*s.k-6, 384*s.k-6)
	label, value := style{24, 32, false}.scaled(s.k), style{26, 34, true}.scaled(s.k)
	for i, r := range p.Rows {
		y := 52 + 49*float32(i)
		s.line(r.Label, 392, y+7, 240, label, t.ink2)
		s.value(r.Value, 640, y+6, 576, value, t.ink)
		s.fill(s.flip(392, 824), y+46, 824, 2, 0, t.line)
	}
	for i, l := range p.Lamps {
		s.lamp(l, 64+584*float32(i%2), 466+90*float32(i/2))
	}
	st := style{24, 34, false}.scaled(s.k)
	if len(p.Fingers) > 0 {
		s.prints(p, st)
		return
	}
	for i, text := range append(b.wrap(p.Prints, 1152*s.k, st), b.wrap(p.Wrong, 1152*s.k, st)...) {
		s.line(text, 64, 664+34*float32(i), 1152, st, t.ink)
	}
}

// prints draws the prints in a card, each beside its name, and what there is to
// say beside them.
func (s sheet) prints(p *present.CardSheet, st style) {
	b, t := s.b, s.b.tok
	for i, f := range p.Fingers {
		from := 64 + 290*float32(i)
		x, y := s.at(s.flip(from, 104), 656)
		b.cardPrint(f.Picture, x, y, 104*s.k, 132*s.k)
		for n, text := range b.wrap(f.Name, 160*s.k, st) {
			s.line(text, from+116, 656+34*float32(n), 160, st, t.ink)
		}
	}
	for i, text := range b.wrap(p.Wrong, 552*s.k, st) {
		s.line(text, 664, 656+34*float32(i), 552, st, t.ink)
	}
}

// value draws what stands in a card: on one line, or smaller on two.
func (s sheet) value(text string, x, y, w float32, st style, c color.NRGBA) {
	if s.b.width(text, st) <= w*s.k {
		s.line(text, x, y, w, st, c)
		return
	}
	small := style{18, 21, true}.scaled(s.k)
	lines := s.b.wrap(text, w*s.k, small)
	for i, l := range lines[:min(len(lines), 2)] {
		s.line(l, x, y-5+21*float32(i), w, small, c)
	}
}

func (s sheet) lamp(l present.CardLamp, x, y float32) {
	t := s.b.tok
	mark, ground := t.tone(l.Tone)
	px, py := s.at(s.flip(x, 568), y)
	s.b.box(px, py, 568*s.k, 80*s.k, 16*s.k, 2*s.k, ground, mark)
	s.icon(toneMark(l.Tone), s.flip(x+16, 40)+20, y+40, 40, mark)
	s.line(l.Title+" · "+l.Word, x+76, y+7, 480, style{24, 34, true}.scaled(s.k), t.ink)
	s.line(l.Text, x+76, y+41, 480, style{20, 30, false}.scaled(s.k), t.ink)
}

// forgetThumbs lets go of the pictures that are not drawn any more.
func (b *board) forgetThumbs() {
	for _, o := range b.thumbs.all[b.thumbs.next:] {
		forgetPicture(o)
	}
}

func forgetPicture(o *canvas.Image) {
	if o.Image != nil {
		o.Image = nil
		o.Refresh()
	}
}
