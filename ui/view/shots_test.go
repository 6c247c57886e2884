package view

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"optag/ui/flow"
	"optag/ui/present"
	"optag/ui/present/journey"
)

// screen shows a view model on a test canvas of a size, and records what is
// done there.
type screen struct {
	*Operator
	canvas fyne.Canvas
	done   []present.Action
}

func newScreen(t testing.TB, vm present.Operator, w, h float32) *screen {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(NewTheme(vm.Look))
	s := &screen{}
	s.Operator = NewOperator(func(a present.Action) { s.done = append(s.done, a) })
	win := test.NewTempWindow(t, s.Operator)
	win.SetPadded(false)
	win.Resize(fyne.NewSize(w, h))
	s.canvas = win.Canvas()
	s.Attach(s.canvas)
	s.Render(vm)
	return s
}

func (s *screen) live(t testing.TB) {
	switch s.vm.Page.(type) {
	case *present.Prints:
		s.ShowLive(drawnPrint(344, 428))
	case *present.Portrait:
		s.ShowLive(drawnFace(332, 428))
	}
}

func applicantCanvas(t testing.TB, vm present.Applicant, w, h float32) (*Applicant, fyne.Canvas) {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(NewTheme(vm.Look))
	a := NewApplicant()
	win := test.NewTempWindow(t, a)
	win.SetPadded(false)
	win.Resize(fyne.NewSize(w, h))
	a.Render(vm)
	if vm.Portrait {
		a.ShowLive(drawnFace(360, 466))
	}
	return a, win.Canvas()
}

// TestShots leaves a picture of every page in $OPTAG_SHOTS, to be looked at.
func TestShots(t *testing.T) {
	dir := os.Getenv("OPTAG_SHOTS")
	if dir == "" {
		t.Skip("set OPTAG_SHOTS to a directory to have every page drawn there")
	}
	for _, lang := range []string{"da", "en"} {
		l := localizer(t, lang)
		for name, vm := range mockups(l) {
			for suffix, look := range map[string]present.Look{"": {}, "-high": {HighContrast: true}} {
				vm.Look = look
				s := newScreen(t, vm, 1280, 800)
				s.live(t)
				if name == "01-login" {
					for _, r := range "1234" {
						s.TypedRune(r)
					}
				}
				savePNG(t, filepath.Join(dir, "operator-"+name+"-"+lang+suffix+".png"), s.canvas.Capture())
			}
		}
		for name, vm := range persons(l) {
			_, c := applicantCanvas(t, vm, 1280, 800)
			savePNG(t, filepath.Join(dir, "applicant-"+name+"-"+lang+".png"), c.Capture())
		}
	}
	for _, lang := range []string{"da", "en"} {
		walk := newScreen(t, mockLogin(localizer(t, lang)), 1280, 800)
		n := 0
		journey.Walk(lang, "da", func(stop string, st *flow.State) {
			n++
			for suffix, high := range map[string]bool{"": false, "-high": true} {
				vm := present.OperatorScreen(st, true)
				if vm.Look.HighContrast = high; high && !strings.Contains(stop, "chip") && !strings.Contains(stop, "document") {
					continue
				}
				walk.Render(vm)
				walk.live(t)
				savePNG(t, filepath.Join(dir, fmt.Sprintf("journey-%s-%03d-%s%s.png", lang, n, strings.ReplaceAll(stop, " ", "-"), suffix)), walk.canvas.Capture())
			}
		})
	}
	wide := mockPrintsTaken(localizer(t, "en"))
	s := newScreen(t, wide, 1422, 800)
	s.live(t)
	savePNG(t, filepath.Join(dir, "operator-wide.png"), s.canvas.Capture())
	person := persons(localizer(t, "en"))["09-left-middle"]
	wide.Cover = &person
	s = newScreen(t, wide, 1280, 800)
	savePNG(t, filepath.Join(dir, "operator-cover.png"), s.canvas.Capture())
}

func savePNG(t *testing.T, path string, img image.Image) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}
