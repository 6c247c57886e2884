package view

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"optag/ui/present"
)

// A board draws a screen at absolute places and keeps what it drew. A drawing
// is made anew each time, from the first object to the last; an object that
// comes out the same is not touched, one that differs is changed and refreshed,
// and widgets are found again by their id, so that they keep focus and cursor.
type board struct {
	tok   tokens
	atlas *atlas
	root  *fyne.Container

	texts   pool[*canvas.Text]
	rects   pool[*canvas.Rectangle]
	images  pool[*canvas.Image] // of resources
	thumbs  pool[*canvas.Image] // of pixels
	rasters pool[*shape]
	kept    map[string]fyne.CanvasObject // widgets by id
	used    map[string]bool
	order   []fyne.CanvasObject
	widths  map[textKey]fyne.Size // of the texts of this drawing
	before  map[textKey]fyne.Size // and of the last one, while this is made
	pulse   *canvas.Rectangle     // refreshed to have the canvas drawn again

	tooLong []string // texts that did not fit, of the last drawing
}

type textKey struct {
	text string
	size float32
	bold bool
}

// A pool hands out objects of one kind in the order in which they were drawn
// last time.
type pool[T fyne.CanvasObject] struct {
	all  []T
	next int
}

func (p *pool[T]) take(make func() T) T {
	if p.next == len(p.all) {
		p.all = append(p.all, make())
	}
	o := p.all[p.next]
	p.next++
	return o
}

func newBoard() *board {
	b := &board{
		atlas: newAtlas(), root: &fyne.Container{}, kept: map[string]fyne.CanvasObject{},
		used: map[string]bool{}, widths: map[textKey]fyne.Size{}, before: map[textKey]fyne.Size{}, pulse: canvas.NewRectangle(color.Transparent),
	}
	return b
}

// begin starts a drawing.
func (b *board) begin(t tokens) {
	b.tok = t
	b.texts.next, b.rects.next, b.images.next, b.thumbs.next, b.rasters.next = 0, 0, 0, 0, 0
	clear(b.used)
	b.widths, b.before = b.before, b.widths
	b.order = append(b.order[:0:0], b.pulse)
	b.tooLong = nil
}

// end shows the drawing, and forgets what stood in the last one alone.
func (b *board) end() {
	b.forgetThumbs()
	b.forgetTexts()
	for id := range b.kept {
		if !b.used[id] {
			delete(b.kept, id)
		}
	}
	if !sameObjects(b.root.Objects, b.order) {
		b.root.Objects = b.order
		canvas.Refresh(b.pulse)
	}
}

func sameObjects(a, b []fyne.CanvasObject) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func (b *board) add(o fyne.CanvasObject) { b.order = append(b.order, o) }

// place moves and sizes an object.
func place(o fyne.CanvasObject, x, y, w, h float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(w, h))
}

// fill draws a filled rectangle with rounded corners.
func (b *board) fill(x, y, w, h, radius float32, c color.NRGBA) {
	b.corners(x, y, w, h, [4]float32{radius, radius, radius, radius}, c)
}

// corners draws a filled rectangle with four radii: top left, top right, bottom
// right, bottom left.
func (b *board) corners(x, y, w, h float32, r [4]float32, c color.NRGBA) {
	o := b.rects.take(func() *canvas.Rectangle { return canvas.NewRectangle(color.Transparent) })
	one := float32(0)
	if r[0] == r[1] && r[1] == r[2] && r[2] == r[3] {
		one, r = r[0], [4]float32{}
	}
	got := [4]float32{o.TopLeftCornerRadius, o.TopRightCornerRadius, o.BottomRightCornerRadius, o.BottomLeftCornerRadius}
	if o.FillColor != color.Color(c) || o.CornerRadius != one || got != r {
		o.FillColor, o.CornerRadius = c, one
		o.TopLeftCornerRadius, o.TopRightCornerRadius, o.BottomRightCornerRadius, o.BottomLeftCornerRadius = r[0], r[1], r[2], r[3]
		o.Refresh()
	}
	place(o, x, y, w, h)
	b.add(o)
}

// box draws a filled rectangle with a border inside its bounds.
func (b *board) box(x, y, w, h, radius, border float32, ground, edge color.NRGBA) {
	b.fill(x, y, w, h, radius, edge)
	b.fill(x+border, y+border, w-2*border, h-2*border, max(radius-border, 0), ground)
}

// disc draws a filled circle.
func (b *board) disc(cx, cy, r float32, c color.NRGBA) { b.fill(cx-r, cy-r, 2*r, 2*r, r, c) }

// ring draws a circle with a border inside its radius.
func (b *board) ring(cx, cy, r, border float32, ground, edge color.NRGBA) {
	b.box(cx-r, cy-r, 2*r, 2*r, r, border, ground, edge)
}

// rule draws a horizontal line of one pixel.
func (b *board) rule(x, y, w float32) { b.fill(x, y, w, 1, 0, b.tok.line) }

// icon draws one of the 96x96 icons in one colour.
func (b *board) icon(name string, x, y, size float32, c color.NRGBA) {
	if name == "check" { // drawn smaller than the others
		x, y, size = x-size*0.1, y-size*0.1, size*1.2
	}
	b.image(b.atlas.small(name, c), x, y, size, size)
}

// image draws a resource, as large as fits.
func (b *board) image(r fyne.Resource, x, y, w, h float32) {
	if r == nil {
		return
	}
	o := b.images.take(func() *canvas.Image { return &canvas.Image{FillMode: canvas.ImageFillContain} })
	place(o, x, y, w, h)
	if o.Resource != r {
		o.Resource = r
		o.Refresh()
	}
	b.add(o)
}

// picture draws one of the 240x240 pictograms.
func (b *board) picture(name string, x, y, size float32) {
	if names, ok := strings.CutPrefix(name, present.SlapPicture); ok {
		b.slapPicture(strings.Split(names, ","), x, y, size, b.tok)
		return
	}
	if b.tok.high && !onGround(name) {
		b.fill(x, y, size, size, size/10, b.tok.plate)
	}
	b.image(b.atlas.picture(name, b.tok), x, y, size, size)
}

// keep returns the widget of this id, making it the first time.
func keep[T fyne.CanvasObject](b *board, id string, make func() T) T {
	o, ok := b.kept[id].(T)
	if !ok {
		o = make()
		b.kept[id] = o
	}
	b.used[id] = true
	b.add(o)
	return o
}
