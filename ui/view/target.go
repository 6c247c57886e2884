package view

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// A keyboard takes what a focused widget does not use itself.
type keyboard interface {
	TypedKey(*fyne.KeyEvent)
	TypedRune(rune)
	TypedShortcut(fyne.Shortcut)
}

// An area can be tapped. It shows nothing but a wash while it is pressed; what
// lies under it is drawn by the board.
type area struct {
	widget.BaseWidget
	label string
	press func()
	wash  *canvas.Rectangle
	dark  color.NRGBA
}

func newArea() *area {
	a := &area{wash: canvas.NewRectangle(color.Transparent)}
	a.ExtendBaseWidget(a)
	return a
}

// CreateRenderer is Fyne's.
func (a *area) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(a.wash) }

// Tapped presses the area.
func (a *area) Tapped(*fyne.PointEvent) {
	if a.press != nil {
		a.press()
	}
}

// MouseDown shows that the area is pressed.
func (a *area) MouseDown(*desktop.MouseEvent) { a.setWash(a.dark) }

// MouseUp ends it.
func (a *area) MouseUp(*desktop.MouseEvent) { a.setWash(color.Transparent) }

func (a *area) setWash(c color.Color) {
	a.wash.FillColor = c
	a.wash.Refresh()
}

// Cursor is a hand over what can be pressed.
func (a *area) Cursor() desktop.Cursor { return desktop.PointerCursor }

// AccessibilityLabel says what a press does.
func (a *area) AccessibilityLabel() string { return a.label }

// AccessibilityRole is that of a button.
func (a *area) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// A target is an area that can have the focus.
type target struct {
	area
	ring    *shape
	self    fyne.Focusable // the widget that embeds it
	keys    keyboard
	focused bool
	guarded bool               // Space does not press it: it cannot be undone
	arrows  func(dx, dy int)   // nil: none
	runes   func(r rune) bool  // nil: none
	onFocus func(focused bool) // nil: none
}

func newTarget(keys keyboard) *target {
	t := &target{keys: keys, ring: newRing()}
	t.self = t
	t.wash = canvas.NewRectangle(color.Transparent)
	t.ExtendBaseWidget(t)
	return t
}

func newRing() *shape {
	s := newShape()
	s.Hide()
	return s
}

// CreateRenderer is Fyne's.
func (t *target) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(t.wash) }

// FocusGained shows the ring.
func (t *target) FocusGained() { t.setFocus(true) }

// FocusLost hides it.
func (t *target) FocusLost() { t.setFocus(false) }

func (t *target) setFocus(on bool) {
	t.focused = on
	showRing(t.ring, on, t.wash)
	if t.onFocus != nil {
		t.onFocus(on)
	}
}

// showRing shows a ring or hides it. One that was never shown is on no canvas yet
// and cannot have itself drawn: what lies under it and is shown does.
func showRing(ring *shape, on bool, under fyne.CanvasObject) {
	if on {
		ring.Show()
	} else {
		ring.Hide()
	}
	canvas.Refresh(under)
}

// Tapped takes the focus and presses.
func (t *target) Tapped(e *fyne.PointEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(t.self.(fyne.CanvasObject)); c != nil {
		c.Focus(t.self)
	}
	t.area.Tapped(e)
}

// TypedKey presses with Space, moves with the arrows, and leaves the rest to
// the screen.
func (t *target) TypedKey(e *fyne.KeyEvent) {
	dx, dy := 0, 0
	switch e.Name {
	case fyne.KeySpace:
		if !t.guarded {
			t.area.Tapped(nil)
		}
		return
	case fyne.KeyLeft:
		dx = -1
	case fyne.KeyRight:
		dx = 1
	case fyne.KeyUp:
		dy = -1
	case fyne.KeyDown:
		dy = 1
	}
	if t.arrows != nil && (dx != 0 || dy != 0) {
		t.arrows(dx, dy)
		return
	}
	t.keys.TypedKey(e)
}

// TypedRune leaves letters to the screen; Space was a key.
func (t *target) TypedRune(r rune) {
	if r == ' ' || t.runes != nil && t.runes(r) {
		return
	}
	t.keys.TypedRune(r)
}

// TypedShortcut leaves shortcuts to the screen.
func (t *target) TypedShortcut(s fyne.Shortcut) { t.keys.TypedShortcut(s) }

// A field is a text entry without border or ground, which the board draws.
type field struct {
	widget.Entry
	ring    *shape
	keys    keyboard
	label   string
	shown   string   // value of the last model
	sent    []string // typed since, not yet seen in a model
	onFocus func()
	typed   func(string)
}

func newField(keys keyboard) *field {
	f := &field{keys: keys, ring: newRing()}
	f.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	f.ExtendBaseWidget(f)
	f.OnChanged = func(s string) {
		f.sent = append(f.sent, s)
		if f.typed != nil {
			f.typed(s)
		}
	}
	return f
}

// show sets the text of a model, unless the model only repeats what was typed
// here, perhaps before the last key.
func (f *field) show(value string) {
	if value == f.shown {
		return
	}
	f.shown = value
	for i, s := range f.sent {
		if s == value {
			f.sent = f.sent[i+1:]
			return
		}
	}
	f.sent = nil
	if f.Text != value {
		typed := f.typed
		f.typed = nil
		f.SetText(value)
		f.typed, f.sent = typed, nil
	}
}

// FocusGained shows the ring.
func (f *field) FocusGained() {
	f.Entry.FocusGained()
	showRing(f.ring, true, f)
	if f.onFocus != nil {
		f.onFocus()
	}
}

// FocusLost hides it.
func (f *field) FocusLost() {
	f.Entry.FocusLost()
	showRing(f.ring, false, f)
}

// TypedKey edits; what is no editing key is the screen's.
func (f *field) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyLeft, fyne.KeyRight, fyne.KeyHome, fyne.KeyEnd, fyne.KeyBackspace, fyne.KeyDelete:
		f.Entry.TypedKey(e)
	default:
		f.keys.TypedKey(e)
	}
}

// TypedShortcut edits with the clipboard; others are the screen's.
func (f *field) TypedShortcut(s fyne.Shortcut) {
	if _, custom := s.(*desktop.CustomShortcut); custom {
		f.keys.TypedShortcut(s)
		return
	}
	f.Entry.TypedShortcut(s)
}

// AccessibilityLabel is the field's own label.
func (f *field) AccessibilityLabel() string { return f.label }

// AccessibilityRole is the nearest there is to an entry.
func (f *field) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// A secret takes digits and shows dots. It has no clipboard, no cursor and
// nothing that reveals it, and it is emptied when its value is taken. A card's PIN
// may be longer and have letters: what is dropped from it would cost a try.
type secret struct {
	target
	digits []rune
	card   bool // it is a card's
	change func()
}

// Most digits of a PIN, and characters of a card's.
const (
	maxPIN     = 12
	maxCardPIN = 64
)

func newSecret(keys keyboard) *secret {
	s := &secret{digits: make([]rune, 0, maxCardPIN)} // never moved: a copy would stay behind
	s.keys, s.ring, s.self = keys, newRing(), s
	s.wash = canvas.NewRectangle(color.Transparent)
	s.ExtendBaseWidget(s)
	return s
}

// TypedRune adds a digit or, to a card's PIN, a character.
func (s *secret) TypedRune(r rune) {
	if s.card && r > ' ' && r <= '~' && len(s.digits) < maxCardPIN || r >= '0' && r <= '9' && len(s.digits) < maxPIN {
		s.digits = append(s.digits, r)
		s.change()
	}
}

// TypedKey removes the last digit; other keys are the screen's.
func (s *secret) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyBackspace, fyne.KeyDelete:
		s.erase()
	case fyne.KeySpace:
	default:
		s.keys.TypedKey(e)
	}
}

func (s *secret) erase() {
	if n := len(s.digits); n > 0 {
		s.digits[n-1] = 0
		s.digits = s.digits[:n-1]
		s.change()
	}
}

// take returns the value and forgets it.
func (s *secret) take() string {
	v := string(s.digits)
	s.wipe()
	return v
}

func (s *secret) wipe() {
	clear(s.digits)
	s.digits = s.digits[:0]
}

// tapArea places an area that only a pointer reaches.
func (b *board) tapArea(id, label string, x, y, w, h float32, press func()) {
	a := keep(b, id, newArea)
	a.label, a.press, a.dark = label, press, b.washColour()
	place(a, x, y, w, h)
}

// target places an area that the keyboard reaches too, with its focus ring.
func (b *board) target(id, label string, x, y, w, h, radius float32, keys keyboard, press func()) *target {
	t := keep(b, id, func() *target { return newTarget(keys) })
	t.label, t.press, t.dark = label, press, b.washColour()
	t.arrows, t.runes, t.onFocus, t.guarded = nil, nil, nil, false
	place(t, x, y, w, h)
	b.placeRing(t.ring, x, y, w, h, radius)
	return t
}

func (b *board) washColour() color.NRGBA {
	c := b.tok.ink
	c.A = 0x1c
	return c
}

// placeRing puts a focus ring of 3 px round a rectangle, 3 px away.
func (b *board) placeRing(ring *shape, x, y, w, h, radius float32) {
	spec := shapeSpec{kind: "frame", radius: radius + 6, width: 3, c: b.tok.focus, size: fyne.NewSize(w+12, h+12)}
	changed := ring.spec != spec
	ring.spec = spec
	place(ring, x-6, y-6, w+12, h+12)
	if changed {
		ring.Refresh()
	}
	b.add(ring.Raster)
}
