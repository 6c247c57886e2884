package view

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"optag/ui/flow"
	"optag/ui/present"
	"optag/ui/present/journey"
)

// everyPage calls look with every mock-up and every stop of a journey, drawn at
// 1280x800 on one screen, in both languages.
func everyPage(t *testing.T, look func(name string, s *screen)) {
	t.Helper()
	for _, lang := range []string{"da", "en"} {
		s := newScreen(t, mockLogin(localizer(t, lang)), 1280, 800)
		show := func(name string, vm present.Operator) {
			s.Render(vm)
			look(lang+" "+name, s)
		}
		for name, vm := range mockups(localizer(t, lang)) {
			show(name, vm)
		}
		journey.Walk(lang, lang, func(stop string, st *flow.State) { show(stop, present.OperatorScreen(st, true)) })
	}
}

// Every text of every page fits its place, no two lie on each other, and what
// can be pressed is large enough, has a name, and shares its place with nothing.
func TestEveryPage(t *testing.T) {
	everyPage(t, func(name string, s *screen) {
		for _, text := range s.b.tooLong {
			t.Errorf("%s: %q does not fit", name, text)
		}
		checkTexts(t, name, s)
		checkTargets(t, name, s)
	})
}

func checkTexts(t *testing.T, name string, s *screen) {
	var seen []*canvas.Text
	for _, o := range s.b.root.Objects {
		text, ok := o.(*canvas.Text)
		if !ok {
			continue
		}
		if p, z := text.Position(), text.Size(); p.X < 0 || p.Y < 0 || p.X+z.Width > 1280.5 || p.Y+z.Height > 800 {
			t.Errorf("%s: %q leaves the screen", name, text.Text)
		}
		for _, other := range seen {
			if overlap(text, other) {
				t.Errorf("%s: %q lies on %q", name, text.Text, other.Text)
			}
		}
		seen = append(seen, text)
	}
}

// overlap compares the letters, which fill the middle part of a text's height.
func overlap(a, b *canvas.Text) bool {
	ap, az, bp, bz := a.Position(), a.Size(), b.Position(), b.Size()
	const above, below = 0.24, 0.2
	return ap.X+1 < bp.X+bz.Width && bp.X+1 < ap.X+az.Width &&
		ap.Y+az.Height*above < bp.Y+bz.Height*(1-below) && bp.Y+bz.Height*above < ap.Y+az.Height*(1-below)
}

func checkTargets(t *testing.T, name string, s *screen) {
	var seen []fyne.CanvasObject
	for _, o := range pressable(s.b.root) {
		p, z := o.Position(), o.Size()
		if z.Width < 48 || z.Height < 48 {
			t.Errorf("%s: %s is %v by %v, want at least 48 by 48", name, label(o), z.Width, z.Height)
		}
		if p.X < 0 || p.Y < 0 || p.X+z.Width > 1280 || p.Y+z.Height > 800 {
			t.Errorf("%s: %s leaves the screen", name, label(o))
		}
		if label(o) == "" && s.vm.Cover == nil {
			t.Errorf("%s: something at %v has no name to those who hear it", name, p)
		}
		for _, other := range seen {
			if q, y := other.Position(), other.Size(); !stacked(o, other) && p.X+1 < q.X+y.Width && q.X+1 < p.X+z.Width && p.Y+1 < q.Y+y.Height && q.Y+1 < p.Y+z.Height {
				t.Errorf("%s: %s lies on %s", name, label(o), label(other))
			}
		}
		seen = append(seen, o)
	}
}

// stacked are the arrows of a stepper, which lie on its own target on purpose,
// and the fingertips, whose round targets touch at the corners.
func stacked(a, b fyne.CanvasObject) bool {
	return label(a) != "" && strings.HasPrefix(label(b), label(a)) || strings.HasPrefix(label(a), label(b)) ||
		a.Size() == b.Size() && a.Size().Width == 54
}

func label(o fyne.CanvasObject) string {
	if a, ok := o.(fyne.Accessible); ok {
		return a.AccessibilityLabel()
	}
	return ""
}

// pressable are all objects of a drawing that take a tap.
func pressable(root *fyne.Container) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	for _, o := range root.Objects {
		if _, ok := o.(fyne.Tappable); ok {
			out = append(out, o)
		}
	}
	return out
}

func TestApplicantFits(t *testing.T) {
	for _, lang := range []string{"da", "en"} {
		for name, vm := range persons(localizer(t, lang)) {
			sizes := [][2]float32{{1280, 800}}
			if vm.Rights != nil {
				sizes = append(sizes, [2]float32{1024, 768}, [2]float32{1920, 1080})
			}
			for _, size := range sizes {
				a, _ := applicantCanvas(t, vm, size[0], size[1])
				if len(a.b.tooLong) > 0 {
					t.Errorf("%s %s at %v: %q does not fit", lang, name, size, a.b.tooLong)
				}
				if n := len(pressable(a.b.root)); n > 0 {
					t.Errorf("%s %s: the applicant's screen has %d targets, want none", lang, name, n)
				}
			}
		}
		a, _ := applicantCanvas(t, present.Applicant{Blank: true}, 1280, 800)
		journey.Walk("en", lang, func(stop string, s *flow.State) {
			a.Render(present.ApplicantScreen(s))
			if len(a.b.tooLong) > 0 {
				t.Errorf("%s %s: %q does not fit", lang, stop, a.b.tooLong)
			}
		})
	}
}

// In a language written from right to left the order of the progress and the
// corners are mirrored; pictures and digits are not.
func TestMirrored(t *testing.T) {
	vm := persons(localizer(t, "da"))["06-press"]
	left, _ := applicantCanvas(t, vm, 1280, 800)
	vm.RTL = true
	right, _ := applicantCanvas(t, vm, 1280, 800)
	var a, b []string
	for _, o := range []*Applicant{left, right} {
		for _, i := range o.b.root.Objects {
			img, ok := i.(*canvas.Image)
			if !ok {
				continue
			}
			x := img.Position().X
			if o == right {
				x = 1280 - x - img.Size().Width
			}
			line := fmt.Sprintf("%s at %.0f", img.Resource.Name(), x)
			if strings.HasPrefix(img.Resource.Name(), "press-harder") || strings.HasPrefix(img.Resource.Name(), "ui/check@#FFFFFF") {
				continue
			}
			if o == left {
				a = append(a, line)
			} else {
				b = append(b, line)
			}
		}
	}
	slices.Sort(a)
	slices.Sort(b)
	if !slices.Equal(a, b) {
		t.Errorf("mirrored icons\n got %v\nwant %v", b, a)
	}
}
