package view

import (
	"image"
	"image/color"
	"reflect"
	"strconv"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"optag/ui/present"
)

// Applicant is the screen of the person in front of the counter. It takes no
// input.
type Applicant struct {
	widget.BaseWidget
	b    *board
	vm   present.Applicant
	w, h float32
	live *canvas.Image
}

// NewApplicant makes the applicant's screen, blank.
func NewApplicant() *Applicant {
	a := &Applicant{b: newBoard(), live: newLive(), vm: present.Applicant{Blank: true}}
	a.ExtendBaseWidget(a)
	return a
}

// CreateRenderer is Fyne's.
func (a *Applicant) CreateRenderer() fyne.WidgetRenderer { return &absolute{a.b.root, a.layout} }

// MinSize is small: the screen scales with its window.
func (a *Applicant) MinSize() fyne.Size { return fyne.NewSize(320, 200) }

// Cursor hides the pointer.
func (a *Applicant) Cursor() desktop.Cursor { return desktop.HiddenCursor }

// Render shows a view model.
func (a *Applicant) Render(vm present.Applicant) {
	if reflect.DeepEqual(vm, a.vm) {
		return
	}
	a.vm = vm
	a.draw()
}

// ShowLive shows the newest frame of the person's own picture; nil shows none.
func (a *Applicant) ShowLive(frame *image.RGBA) { showFrame(a.live, frame) }

func (a *Applicant) layout(size fyne.Size) {
	if size.Width != a.w || size.Height != a.h {
		a.w, a.h = size.Width, size.Height
		a.draw()
	}
}

func (a *Applicant) draw() {
	if a.w == 0 {
		return
	}
	a.b.begin(tokensFor(a.vm.Look))
	drawApplicant(a.b, a.vm, 0, 0, a.w, a.h, a.live)
	a.b.end()
}

// A sheet is the applicant's screen of 1280x800, drawn at a scale somewhere.
type sheet struct {
	b    *board
	vm   present.Applicant
	x, y float32 // of the ground
	w, h float32
	k    float32 // scale
	ox   float32 // left edge of the 1280
}

// drawApplicant draws the applicant's screen into a rectangle.
func drawApplicant(b *board, vm present.Applicant, x, y, w, h float32, live *canvas.Image) {
	b.fill(x, y, w, h, 0, b.tok.paper)
	if vm.Blank {
		return
	}
	k := min(w/1280, h/800)
	s := sheet{b: b, vm: vm, x: x, y: y + (h-800*k)/2, w: w, h: h, k: k, ox: x + (w-1280*k)/2}
	if vm.Card != nil {
		s.card(vm.Card)
		return
	}
	s.progress()
	if vm.Rights != nil {
		s.rights(*vm.Rights)
		return
	}
	s.pictures(live)
	s.sentence()
	s.corners(32)
}

// at turns a place on the 1280x800 into one on the board.
func (s sheet) at(x, y float32) (float32, float32) { return s.ox + x*s.k, s.y + y*s.k }

// flip turns the left end of something w wide round in a mirrored screen.
func (s sheet) flip(x, w float32) float32 {
	if s.vm.RTL {
		return 1280 - x - w
	}
	return x
}

func (s sheet) ring(cx, cy, r, border float32, ground, edge color.NRGBA) {
	px, py := s.at(cx, cy)
	s.b.ring(px, py, r*s.k, border*s.k, ground, edge)
}

func (s sheet) disc(cx, cy, r float32, c color.NRGBA) {
	px, py := s.at(cx, cy)
	s.b.disc(px, py, r*s.k, c)
}

func (s sheet) icon(name string, cx, cy, size float32, c color.NRGBA) {
	px, py := s.at(cx-size/2, cy-size/2)
	s.b.icon(name, px, py, size*s.k, c)
}

func (s sheet) fill(x, y, w, h, radius float32, c color.NRGBA) {
	px, py := s.at(x, y)
	s.b.fill(px, py, w*s.k, h*s.k, radius*s.k, c)
}

// progress draws one circle of 64 for each thing asked of the person, 120
// apart, with lines between; the order is mirrored, the ticks are not.
func (s sheet) progress() {
	t := s.b.tok
	n := len(s.vm.Progress)
	first := 640 - 60*float32(n-1)
	for i, p := range s.vm.Progress {
		cx := first + 120*float32(i)
		if s.vm.RTL {
			cx = 1280 - cx
		}
		if i+1 < n {
			c := t.line
			if p.State == present.StepDone {
				c = t.good
			}
			s.fill(s.flip(first+120*float32(i)+32, 56), 58, 56, 4, 0, c)
		}
		switch p.State {
		case present.StepDone:
			s.ring(cx, 60, 32, 3, t.surface, t.good)
			s.icon(p.Icon, cx, 60, 36, t.good)
			s.ring(cx+23, 81, 14, 3, t.good, t.paper)
			s.icon("check", cx+23, 81, 17, t.surface)
		case present.StepNow, present.StepLost:
			s.disc(cx, 60, 32, t.primary)
			s.icon(p.Icon, cx, 60, milestoneSize(p.Icon), t.onPrimary)
		default:
			s.ring(cx, 60, 32, 3, t.surface, t.edge)
			s.icon(p.Icon, cx, 60, milestoneSize(p.Icon), t.ink2)
		}
	}
}

// milestoneSize is the size of a circle's icon; the tick is drawn larger than
// its name elsewhere, and not here.
func milestoneSize(icon string) float32 {
	if icon == "check" {
		return 30
	}
	return 36
}

// pictures draws the one picture; for the portrait the person's own picture
// stands beside it.
func (s sheet) pictures(live *canvas.Image) {
	if !s.vm.Portrait {
		size := pictureSize(s.vm.Picture)
		s.picture(640, 362, size)
		return
	}
	s.picture(398, 362, 400)
	t := s.b.tok
	x, y := s.at(710, 123)
	w, h := 372*s.k, 478*s.k
	s.b.box(x, y, w, h, 24*s.k, 6*s.k, printGround, t.ink)
	bw := 6 * s.k
	place(live, x+bw, y+bw, w-2*bw, h-2*bw)
	live.CornerRadius = 18 * s.k
	s.b.add(live)
	s.ownPicture(x+bw, y+bw, w-2*bw, h-2*bw)
}

// ownPicture darkens the person's picture outside of the oval.
func (s sheet) ownPicture(x, y, w, h float32) {
	dim := color.NRGBA{R: 0x14, G: 0x21, B: 0x2B, A: 0x78}
	const ow, oh, top = 0.61, 0.66, 0.145
	shade := shapeSpec{kind: "shade", back: dim, radius: 18 * s.k}
	shade.trend = [16]float32{(1 - ow) / 2, top, ow, oh}
	s.b.shape(x, y, w, h, shade)
	s.b.shape(x+w*(1-ow)/2, y+h*top, w*ow, h*oh, shapeSpec{kind: "oval", width: 6 * s.k, c: white})
}

func pictureSize(name string) float32 {
	switch name {
	case "done", "wait":
		return 420
	}
	if onGround(name) {
		return 560
	}
	return 470
}

func (s sheet) picture(cx, cy, size float32) {
	if s.vm.Picture == "" {
		return
	}
	x, y := s.at(cx-size/2, cy-size/2)
	s.b.picture(s.vm.Picture, x, y, size*s.k)
}

// sentence draws the one sentence, at most two lines in 1000 px.
func (s sheet) sentence() {
	t := s.b.tok
	st := style{52, 65, true}
	switch n := utf8.RuneCountInString(s.vm.Sentence); {
	case n > 34:
		st = style{48, 60, true}
	case s.vm.RTL:
		st = style{56, 70, true}
	}
	st = st.scaled(s.k)
	lines := s.b.wrap(s.vm.Sentence, 1000*s.k, st)
	if len(lines) > 2 {
		lines = lines[:2]
	}
	x, y := s.at(640, 694)
	y -= st.line * float32(len(lines)) / 2
	for i, l := range lines {
		s.b.spoken(l, x, y+st.line*float32(i), 1000*s.k, 0, s.vm.RTL, st, t.ink)
	}
}

// corners draws the sound cue in the leading lower corner and the language's own
// name in the other.
func (s sheet) corners(margin float32) {
	t := s.b.tok
	cx := s.flip(margin, 72) + 36
	s.ring(cx, 732, 36, 3, t.surface, t.ink)
	s.icon("sound", cx, 732, 44, t.ink)
	st := style{20, 28, false}.scaled(s.k)
	x, y := s.at(1280-margin, 718)
	anchor := 1
	if s.vm.RTL {
		x, _ = s.at(margin, 718)
		anchor = -1
	}
	s.b.spoken(s.vm.Language, x, y, 300*s.k, anchor, s.vm.RTL, st, t.ink2)
}

// rights draws a page of the rights information.
func (s sheet) rights(p present.RightsPage) {
	b, t := s.b, s.b.tok
	draft := float32(0)
	if p.Draft != "" {
		draft = s.draft(p.Draft) + 24
	}
	st := style{44, 60, true}.scaled(s.k)
	s.line(p.Heading, 96, 120, 1088-draft, st, t.ink)
	y := float32(198)
	body := style{40, 56, false}.scaled(s.k)
	for _, r := range p.Rows {
		s.fill(96, y, 1088, 2, 0, t.line)
		lines := b.wrap(r.Text, 984*s.k, body)
		if len(lines) > 2 {
			b.tooLong = append(b.tooLong, r.Text)
			lines = lines[:2]
		}
		height := max(104, 24+56*float32(len(lines)))
		cx := s.flip(96, 72) + 36
		s.ring(cx, y+height/2+1, 36, 3, t.surface, t.ink)
		s.icon(r.Icon, cx, y+height/2+1, 42, t.ink)
		ty := y + height/2 + 1 - 28*float32(len(lines))
		for i, l := range lines {
			s.line(l, 200, ty+56*float32(i), 984, body, t.ink)
		}
		y += height
	}
	if y > 696 {
		b.tooLong = append(b.tooLong, p.Heading)
	}
	s.pageDots(p)
	s.corners(96)
}

// line draws a line that begins at x, or ends there in a mirrored screen.
func (s sheet) line(text string, x, y, w float32, st style, c color.NRGBA) {
	px, py := s.at(x, y)
	anchor := -1
	if s.vm.RTL {
		px, _ = s.at(1280-x, y)
		anchor = 1
	}
	s.b.spoken(text, px, py, w*s.k, anchor, s.vm.RTL, st, c)
}

// draft draws the dashed box that says that nobody has approved the text yet,
// and returns its width.
func (s sheet) draft(text string) float32 {
	st := style{20, 28, false}.scaled(s.k)
	w := s.b.width(text, st)/s.k + 38
	x := s.flip(1184-w, w)
	px, py := s.at(x, 125)
	s.b.dashed(px, py, w*s.k, 50*s.k, 8*s.k, 3*s.k, s.b.tok.edge)
	tx, ty := s.at(x+19, 136)
	s.b.text(text, tx, ty, w*s.k, st, s.b.tok.ink)
	return w
}

func (s sheet) pageDots(p present.RightsPage) {
	if p.Pages < 2 {
		return
	}
	t := s.b.tok
	x := 640 - 97*float32(p.Pages)/4
	for i := range p.Pages {
		if i+1 == p.Page {
			s.fill(s.flip(x, 44), 722, 44, 20, 10, t.ink)
			x += 56
			continue
		}
		s.ring(s.flip(x, 20)+10, 732, 10, 3, t.surface, t.edge)
		x += 32
	}
	text := strconv.Itoa(p.Page) + " / " + strconv.Itoa(p.Pages)
	s.line(text, x+16, 716, 120, style{24, 32, false}.scaled(s.k), t.ink)
}
