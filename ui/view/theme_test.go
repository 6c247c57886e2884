package view

import (
	"image/color"
	"math"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"optag/ui/present"
)

// TestContrast holds the design's table of all pairs in use: text needs a ratio
// of 4.5, borders, marks and the focus ring 3.0 (WCAG 2.2 AA).
func TestContrast(t *testing.T) {
	type pair struct {
		name        string
		a, b        func(tokens) color.NRGBA
		light, high float64 // as the design measured them; 0 where the pair is not used
		need        float64
	}
	tok := func(f func(tokens) color.NRGBA) func(tokens) color.NRGBA { return f }
	var (
		paper   = tok(func(t tokens) color.NRGBA { return t.paper })
		surface = tok(func(t tokens) color.NRGBA { return t.surface })
		ink     = tok(func(t tokens) color.NRGBA { return t.ink })
		ink2    = tok(func(t tokens) color.NRGBA { return t.ink2 })
		edge    = tok(func(t tokens) color.NRGBA { return t.edge })
		primary = tok(func(t tokens) color.NRGBA { return t.primary })
		onPrim  = tok(func(t tokens) color.NRGBA { return t.onPrimary })
		tint    = tok(func(t tokens) color.NRGBA { return t.tint })
		good    = tok(func(t tokens) color.NRGBA { return t.good })
		goodT   = tok(func(t tokens) color.NRGBA { return t.goodTint })
		adv     = tok(func(t tokens) color.NRGBA { return t.advice })
		advT    = tok(func(t tokens) color.NRGBA { return t.adviceTint })
		stop    = tok(func(t tokens) color.NRGBA { return t.stop })
		stopT   = tok(func(t tokens) color.NRGBA { return t.stopTint })
		head    = tok(func(t tokens) color.NRGBA { return t.head })
		onHead  = tok(func(t tokens) color.NRGBA { return t.onHead })
		onHead2 = tok(func(t tokens) color.NRGBA { return t.onHead2 })
		focus   = tok(func(t tokens) color.NRGBA { return t.focus })
		frame   = tok(func(tokens) color.NRGBA { return printFrame })
		print   = tok(func(tokens) color.NRGBA { return printGround })
		sky     = tok(func(t tokens) color.NRGBA { return t.sky })
	)
	table := []pair{
		{"ink on surface", ink, surface, 16.38, 21.00, 4.5}, {"ink2 on surface", ink2, surface, 7.93, 21.00, 4.5},
		{"ink on paper", ink, paper, 14.98, 21.00, 4.5}, {"ink2 on paper", ink2, paper, 7.25, 21.00, 4.5},
		{"ink on tint", ink, tint, 13.88, 16.48, 4.5}, {"ink2 on tint", ink2, tint, 6.72, 16.48, 4.5},
		{"ink on goodTint", ink, goodT, 14.18, 21.00, 4.5}, {"good on goodTint, chip", good, goodT, 5.66, 13.60, 4.5},
		{"ink on adviceTint", ink, advT, 14.66, 21.00, 4.5}, {"advice on adviceTint, chip", adv, advT, 6.09, 12.22, 4.5},
		{"ink on stopTint", ink, stopT, 13.97, 21.00, 4.5}, {"stop on stopTint, mark", stop, stopT, 6.72, 10.37, 3},
		{"onPrimary on primary", onPrim, primary, 9.45, 14.88, 4.5}, {"advice text on surface", adv, surface, 6.80, 12.22, 4.5},
		{"onHead on head", onHead, head, 16.38, 21.00, 4.5}, {"onHead2 on head", onHead2, head, 9.48, 21.00, 4.5},
		{"stop mark on surface", stop, surface, 7.88, 10.37, 3}, {"stop mark on paper", stop, paper, 7.20, 10.37, 3},
		{"good mark on surface", good, surface, 6.54, 13.60, 3}, {"good mark on paper", good, paper, 5.98, 13.60, 3},
		{"advice mark on paper", adv, paper, 6.22, 12.22, 3}, {"tick on good", surface, good, 6.54, 13.60, 3},
		{"surface on ink, badge and now", surface, ink, 16.38, 21.00, 4.5}, {"edge on surface", edge, surface, 4.42, 21.00, 3},
		{"edge on paper", edge, paper, 4.04, 21.00, 3}, {"edge on head, box on log-in", edge, head, 3.71, 21.00, 3},
		{"primary on tint", primary, tint, 8.01, 11.68, 3}, {"primary on surface", primary, surface, 9.45, 14.88, 3},
		{"primary on paper", primary, paper, 8.64, 14.88, 3}, {"focus on surface", focus, surface, 8.20, 12.58, 3},
		{"focus on paper", focus, paper, 7.50, 12.58, 3}, {"frame on print ground", frame, print, 8.21, 8.21, 3},
		{"finger asked for on glass", primary, sky, 7.15, 0, 3},
	}
	for _, p := range table {
		for _, set := range []struct {
			name string
			t    tokens
			want float64
		}{{"light", light(), p.light}, {"high contrast", highContrast(), p.high}} {
			if set.want == 0 {
				continue
			}
			got := contrast(p.a(set.t), p.b(set.t))
			if math.Abs(got-set.want) > 0.02 {
				t.Errorf("%s, %s: %.2f, the design says %.2f", set.name, p.name, got, set.want)
			}
			if got < p.need {
				t.Errorf("%s, %s: %.2f, want at least %.1f", set.name, p.name, got, p.need)
			}
		}
	}
}

// Every text on every page stands on a ground against which it can be read: the
// topmost filled rectangle below its middle.
func TestEveryTextCanBeRead(t *testing.T) {
	for _, look := range []present.Look{{}, {HighContrast: true}} {
		s := newScreen(t, mockHome(localizer(t, "en")), 1280, 800)
		for name, vm := range mockups(localizer(t, "en")) {
			vm.Look = look
			s.Render(vm)
			for i, o := range s.b.root.Objects {
				text, ok := o.(*canvas.Text)
				if !ok || strings.TrimSpace(text.Text) == "" {
					continue
				}
				ground := groundBelow(s.b.root.Objects[:i], middle(text))
				if ratio := contrast(text.Color.(color.NRGBA), ground); ratio < 4.5 {
					t.Errorf("%s, high contrast %v: %q has a contrast of %.2f, want 4.5", name, look.HighContrast, text.Text, ratio)
				}
			}
		}
	}
}

// Fyne draws the text of entries itself, by the theme, which follows the model.
func TestEntriesFollowTheColours(t *testing.T) {
	vm := mockCaseForm(localizer(t, "en"))
	s := newScreen(t, vm, 1280, 800)
	for _, high := range []bool{true, false} {
		vm.Look.HighContrast = high
		s.Render(vm)
		th := fyne.CurrentApp().Settings().Theme()
		for _, name := range []fyne.ThemeColorName{theme.ColorNameForeground, theme.ColorNamePlaceHolder, theme.ColorNamePrimary} {
			if ratio := contrast(th.Color(name, theme.VariantLight).(color.NRGBA), tokensFor(vm.Look).surface); ratio < 4.5 {
				t.Errorf("high contrast %v: %s of an entry has a contrast of %.2f, want 4.5", high, name, ratio)
			}
		}
	}
}

func middle(o fyne.CanvasObject) fyne.Position {
	return o.Position().AddXY(o.Size().Width/2, o.Size().Height/2)
}

func groundBelow(objects []fyne.CanvasObject, p fyne.Position) color.NRGBA {
	for i := len(objects) - 1; i >= 0; i-- {
		r, ok := objects[i].(*canvas.Rectangle)
		if !ok {
			continue
		}
		c, ok := r.FillColor.(color.NRGBA)
		if ok && c.A == 0xff && contains(r, p) {
			return c
		}
	}
	return white
}

func contains(o fyne.CanvasObject, p fyne.Position) bool {
	pos, size := o.Position(), o.Size()
	return p.X >= pos.X && p.Y >= pos.Y && p.X < pos.X+size.Width && p.Y < pos.Y+size.Height
}

// contrast is the ratio of WCAG 2.2: from 1 to 21.
func contrast(a, b color.NRGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (math.Max(la, lb) + 0.05) / (math.Min(la, lb) + 0.05)
}

func luminance(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}
