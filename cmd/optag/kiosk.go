package main

import (
	"context"
	"fmt"
	"image"
	"os"
	"strconv"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"optag/cmd/optag/internal/station"
	"optag/ui/flow"
	"optag/ui/present"
	"optag/ui/preview"
	"optag/ui/view"
)

// A kiosk is the two screens of a running station: the clerk's and, where there
// is a second monitor, the applicant's.
type kiosk struct {
	app      fyne.App
	operator *view.Operator
	person   *view.Applicant
	window   fyne.Window // the clerk's
	second   fyne.Window // the applicant's; nil with one monitor
	station  *station.Station
	actions  chan present.Action // of the clerk, in order
	mirror   *image.RGBA         // the live picture as the applicant sees it
	look     present.Look        // of the theme

	mu    sync.Mutex // protects the fields below
	next  *drawing   // to be drawn; nil when nothing is
	shown flow.Page
}

// A drawing is what both screens are to show.
type drawing struct {
	operator present.Operator
	person   present.Applicant
	page     flow.Page
}

// kioskOptions say how the screens are shown.
type kioskOptions struct {
	size   fyne.Size // of the clerk's window; zero is full screen
	scale  float64
	person *station.Geometry // of the second monitor, nil where there is one
	quit   bool              // Ctrl+Q ends the program
}

// newKiosk opens the windows, empty. It must be called on the main goroutine,
// as must run.
func newKiosk(o kioskOptions) *kiosk {
	os.Setenv("FYNE_SCALE", strconv.FormatFloat(max(o.scale, 0.5), 'f', 2, 64))
	os.Setenv("FYNE_DISABLE_DPI_DETECTION", "true")
	k := &kiosk{app: app.NewWithID("dk.optag.station"), person: view.NewApplicant(), actions: make(chan present.Action, 256)}
	k.app.Settings().SetTheme(view.NewTheme(present.Look{}))
	k.operator = view.NewOperator(k.act)
	k.window = k.app.NewWindow("optag")
	k.window.SetPadded(false)
	k.window.SetMaster()
	k.window.SetContent(k.operator)
	k.operator.Attach(k.window.Canvas())
	if o.quit {
		k.window.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyQ, Modifier: fyne.KeyModifierControl}, func(fyne.Shortcut) { k.app.Quit() })
	} else {
		k.window.SetCloseIntercept(func() {})
	}
	if o.size.IsZero() {
		k.window.SetFullScreen(true)
	} else {
		k.window.Resize(o.size)
		k.window.SetFixedSize(true)
	}
	if o.person != nil {
		k.openSecond(*o.person)
	}
	return k
}

// openSecond places the applicant's window on the second monitor: resize, place,
// show and only then fill the screen, or it opens on the first.
func (k *kiosk) openSecond(g station.Geometry) {
	k.second = k.app.NewWindow("optag")
	k.second.SetPadded(false)
	k.second.SetContent(container.NewStack(k.person))
	k.second.SetCloseIntercept(func() {})
	k.second.Resize(fyne.NewSize(float32(g.W), float32(g.H)))
	if d, ok := k.second.(desktop.Window); ok {
		d.RequestPosition(g.X+10, g.Y+10)
	}
	k.second.Show()
	k.second.SetFullScreen(true)
}

// see is told of each state, on the station's goroutine. The newest drawing
// wins; none is queued behind another.
func (k *kiosk) see(s *flow.State) {
	d := &drawing{present.OperatorScreen(s, k.second == nil), present.ApplicantScreen(s), s.Page}
	k.mu.Lock()
	waiting := k.next != nil
	k.next = d
	k.mu.Unlock()
	if !waiting {
		fyne.Do(k.draw)
	}
}

func (k *kiosk) draw() {
	k.mu.Lock()
	d := k.next
	k.next = nil
	was := k.shown
	k.shown = d.page
	k.mu.Unlock()
	if d.page != was {
		k.window.SetTitle("optag " + string(d.page)) // for whoever hears or tests the screen
	}
	if d.operator.Look != k.look {
		k.look = d.operator.Look
		k.app.Settings().SetTheme(view.NewTheme(k.look))
	}
	k.operator.Render(d.operator)
	k.person.Render(d.person)
}

// act takes what the clerk did, on Fyne's goroutine, which must not wait for the
// station.
func (k *kiosk) act(a present.Action) { k.actions <- a }

// forward hands what the clerk did to the counter, in order.
func (k *kiosk) forward(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case a := <-k.actions:
			k.station.Act(func(s *flow.State) flow.Event { return present.Event(a, s) })
		}
	}
}

// open shows the clerk's window. The graphics library panics where the display
// cannot be reached; later panics are ours, and are left to the supervisor.
func (k *kiosk) open() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the display %s cannot be opened: %v", os.Getenv("DISPLAY"), p)
		}
	}()
	k.window.Show()
	return nil
}

// run shows the screens until they are closed or ctx ends, while the station
// runs beside them.
func (k *kiosk) run(ctx context.Context, st *station.Station) error {
	k.station = st
	if err := k.open(); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		ended <- st.Run(ctx)
		fyne.Do(k.app.Quit)
	}()
	go k.forward(ctx)
	go k.frames(ctx, st.Finger, flow.Prints)
	go k.frames(ctx, st.Face, flow.Portrait)
	k.app.Run()
	stop()
	return <-ended
}

// frames shows the newest frame of a device while its page is in front, at once,
// but at most thirty times a second. A page that is left is cleared soon.
func (k *kiosk) frames(ctx context.Context, from *preview.Ring, page flow.Page) {
	const pause = time.Second / 30
	tick := time.NewTicker(pause)
	defer tick.Stop()
	showing, last := false, time.Time{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-from.News():
		case <-tick.C:
		}
		time.Sleep(time.Until(last.Add(pause)))
		k.mu.Lock()
		mine := k.shown == page
		k.mu.Unlock()
		switch frame, fresh := from.Take(); {
		case mine && fresh:
			showing, last = true, time.Now()
			k.showAnd(ctx, frame)
		case !mine && showing:
			showing = false
			k.showAnd(ctx, nil)
		}
	}
}

// showAnd shows a frame and waits until it is drawn into the canvas, so that the
// ring may use the one before again; not beyond the end of ctx.
func (k *kiosk) showAnd(ctx context.Context, frame *image.RGBA) {
	done := make(chan struct{})
	fyne.Do(func() { k.show(frame); close(done) })
	select {
	case <-done:
	case <-ctx.Done():
	}
}

func (k *kiosk) show(frame *image.RGBA) {
	k.operator.ShowLive(frame)
	if k.second != nil {
		k.mirror = mirrored(k.mirror, frame)
		k.person.ShowLive(k.mirror)
	}
}

// mirrored is a frame as a mirror shows it, left and right reversed: people
// expect to see themselves so. It draws into the buffer given where it fits;
// without a frame the buffer is wiped.
func mirrored(into, frame *image.RGBA) *image.RGBA {
	if frame == nil {
		if into != nil {
			clear(into.Pix)
		}
		return nil
	}
	if into == nil || into.Rect != frame.Rect {
		into = image.NewRGBA(frame.Rect)
	}
	for y := range frame.Rect.Dy() {
		from, to := frame.Pix[y*frame.Stride:], into.Pix[y*into.Stride:]
		for x, n := 0, frame.Rect.Dx(); x < n; x++ {
			copy(to[4*x:4*x+4], from[4*(n-1-x):])
		}
	}
	return into
}

// capture takes the clerk's screen from the graphics card, which may give nothing
// but black; nil once the screens are closed. It may be called from any goroutine but
// Fyne's.
func (k *kiosk) capture(ctx context.Context) image.Image {
	done := make(chan image.Image, 1)
	fyne.Do(func() { done <- k.window.Canvas().Capture() })
	select {
	case img := <-done:
		return img
	case <-ctx.Done():
		return nil
	}
}

// parseSize reads "1280x800".
func parseSize(text string) (fyne.Size, error) {
	if text == "" {
		return fyne.Size{}, nil
	}
	var w, h int
	if n, err := fmt.Sscanf(text, "%dx%d", &w, &h); n != 2 || err != nil || w < 320 || h < 200 {
		return fyne.Size{}, usageError(fmt.Sprintf("--window: %q is no size such as 1280x800", text))
	}
	return fyne.NewSize(float32(w), float32(h)), nil
}
