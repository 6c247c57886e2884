// Package view draws the two screens with Fyne's canvas: view models of package
// present go in, actions come out. It says nothing of its own but digits, knows
// no case, and never imports fyne/app, so that its tests press real buttons
// without a display.
//
// All of it belongs to Fyne's goroutine.
package view

import (
	"image"
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"optag/ui/present"
)

// Operator is the clerk's screen.
type Operator struct {
	widget.BaseWidget
	b    *board
	do   func(present.Action)
	vm   present.Operator
	w, h float32
	live *canvas.Image

	pad     int    // key of the pad that has the focus
	padInto string // field that the pad writes to
	page    int    // of a list that is longer than the page, from 0
	opened  string // what the page was when the focus was last set
	dressed *present.Look
}

// NewOperator makes the clerk's screen. It calls do for everything the clerk
// does, on Fyne's goroutine.
func NewOperator(do func(present.Action)) *Operator {
	o := &Operator{b: newBoard(), do: do, live: newLive()}
	o.ExtendBaseWidget(o)
	return o
}

func newLive() *canvas.Image {
	return &canvas.Image{FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleFastest}
}

// CreateRenderer is Fyne's.
func (o *Operator) CreateRenderer() fyne.WidgetRenderer { return &absolute{o.b.root, o.layout} }

// MinSize is the smallest screen that the design is made for.
func (o *Operator) MinSize() fyne.Size { return fyne.NewSize(1280, 800) }

// Render shows a view model. What does not differ from the last one is not
// touched; when the colours do, the application's theme changes with them.
func (o *Operator) Render(vm present.Operator) {
	if o.w > 0 && reflect.DeepEqual(vm, o.vm) {
		return
	}
	if key := pageKey(vm); key != pageKey(o.vm) {
		o.page, o.pad, o.padInto = 0, 0, "pin"
	}
	if o.dressed == nil || *o.dressed != vm.Look {
		look := vm.Look
		o.dressed = &look
		fyne.CurrentApp().Settings().SetTheme(NewTheme(look)) // text entries draw by it
	}
	o.forgetPIN(vm)
	o.vm = vm
	o.draw()
	o.placeFocus()
}

// ShowLive shows the newest frame in the page's live slot; nil shows none. The
// image may be drawn into again only after the next call.
func (o *Operator) ShowLive(frame *image.RGBA) { showFrame(o.live, frame) }

func showFrame(slot *canvas.Image, frame *image.RGBA) {
	if frame == nil {
		if slot.Image == nil {
			return
		}
		slot.Image = nil
	} else {
		slot.Image = frame
	}
	slot.Refresh()
}

func (o *Operator) layout(size fyne.Size) {
	if size.Width != o.w || size.Height != o.h {
		o.w, o.h = size.Width, size.Height
		o.draw()
	}
}

// pageKey changes when the clerk is taken to another page.
func pageKey(vm present.Operator) string {
	key := reflect.TypeOf(vm.Page)
	if key == nil {
		return ""
	}
	if vm.Cover != nil {
		return "cover"
	}
	return key.String()
}

// placeFocus puts the focus where the page wants it, once, when it opens.
func (o *Operator) placeFocus() {
	key := pageKey(o.vm) + " " + o.vm.Focus
	c := fyne.CurrentApp().Driver().CanvasForObject(o)
	if c == nil || key == o.opened {
		return
	}
	o.opened = key
	if f, ok := o.b.kept[o.vm.Focus].(fyne.Focusable); ok {
		c.Focus(f)
		return
	}
	c.Unfocus()
}

// press returns a function that does an action.
func (o *Operator) press(a present.Action) func() {
	return func() { o.act(a) }
}

func (o *Operator) act(a present.Action) {
	if a.ID == present.DoLogin || a.ID == present.DoCardLogin {
		a = o.credentials(a)
	}
	if a.ID != present.DoNothing && o.do != nil {
		o.do(a)
	}
}

// absolute is the renderer of a screen: one container over the whole of it.
type absolute struct {
	root   *fyne.Container
	layout func(fyne.Size)
}

func (r *absolute) Destroy()                     {}
func (r *absolute) MinSize() fyne.Size           { return fyne.NewSize(0, 0) }
func (r *absolute) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.root} }
func (r *absolute) Refresh()                     { canvas.Refresh(r.root) }

func (r *absolute) Layout(size fyne.Size) {
	r.root.Resize(size)
	r.layout(size)
}

// draw draws the whole screen.
func (o *Operator) draw() {
	if o.w == 0 {
		return
	}
	b, vm := o.b, o.vm
	b.begin(tokensFor(vm.Look))
	b.fill(0, 0, o.w, o.h, 0, b.tok.surface)
	if page, ok := vm.Page.(*present.Login); ok {
		o.drawLogin(page)
	} else {
		o.drawHeader()
		o.drawRail()
		o.drawWork()
	}
	o.drawStatus()
	b.end()
}

func (o *Operator) drawWork() {
	if o.vm.Cover != nil {
		drawApplicant(o.b, *o.vm.Cover, 224, 72, o.w-224, o.h-120, o.live)
		o.b.tapArea("cover", "", 224, 72, o.w-224, o.h-120, o.press(present.Action{ID: present.DoHandOver}))
		return
	}
	o.drawTitle()
	o.drawPage()
	o.drawAdvice()
	o.drawActions()
}

func (o *Operator) drawPage() {
	switch p := o.vm.Page.(type) {
	case *present.Home:
		o.drawTable(p.Table, 148, o.contentBottom()-28)
	case *present.CaseForm:
		o.drawCaseForm(p)
	case *present.Law:
		o.drawLaw(p)
	case *present.Decision:
		o.drawDecision(p)
	case *present.Rights:
		o.drawRights(p)
	case *present.Prints:
		o.drawPrints(p)
	case *present.Exceptions:
		o.drawExceptions(p)
	case *present.Portrait:
		o.drawPortrait(p)
	case *present.Refusal:
		o.drawRefusal(p)
	case *present.Review:
		o.drawReview(p)
	case *present.Delivery:
		o.drawDelivery(p)
	case *present.Queue:
		o.drawQueue(p)
	case *present.Devices:
		o.drawTable(p.Table, 148, o.contentBottom())
	case *present.DeviceLost:
		o.drawDeviceLost(p)
	case *present.CardHeld:
		o.drawCardHeld(p)
	}
}

// The work area's left edge, its width, and where its content ends.
const left = 256

func (o *Operator) contentWidth() float32  { return o.w - left - 32 }
func (o *Operator) contentBottom() float32 { return o.h - 220 }
func (o *Operator) wider() float32         { return o.w - 1280 }
