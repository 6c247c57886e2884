package view

import (
	"image"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"optag/ui/present"
)

// Every reason that a chip can be doubted for has room in its lamp.
func TestEveryReasonFitsItsLamp(t *testing.T) {
	b := newBoard()
	for _, lang := range []string{"da", "en"} {
		l, n := localizer(t, lang), 0
		for _, key := range l.Keys() {
			if strings.HasPrefix(key, "why.") || strings.HasPrefix(key, "lamp.") && strings.HasSuffix(key, "_ok") {
				if n++; b.width(l.Text(key), styleSmall) > lampRoom {
					t.Errorf("%s %s: %q does not fit", lang, key, l.Text(key))
				}
			}
		}
		if n < 20 {
			t.Errorf("%s has %d sentences for lamps", lang, n)
		}
	}
}

// The face of the document stands small at the side, and as large as the live
// picture once it is pressed, or F8 is.
func TestFaceOfTheDocument(t *testing.T) {
	for _, lang := range []string{"da", "en"} {
		l := localizer(t, lang)
		vm := mockPortrait(l)
		vm.Shortcuts = append(vm.Shortcuts, present.Shortcut{Key: "F8", Action: present.Action{ID: present.DoCompare}})
		face := image.NewGray(image.Rect(0, 0, 300, 400))
		page := *vm.Page.(*present.Portrait)
		page.Judge = append(page.Judge, present.Check{ID: "same_person", Label: l.Text("judge.same_person")})
		for _, c := range []struct {
			large         bool
			x, y          float32 // on the face
			width, height float32
		}{{false, 1000, 520, 92, 120}, {true, 700, 400, 332, 428}} {
			page.Document = &present.DocumentFace{Image: face, Large: c.large, Title: l.Text("portrait.document"), Label: l.Text("portrait.label"), Press: "face"}
			with := page
			vm.Page = &with
			s := newScreen(t, vm, 1280, 800)
			if len(s.b.tooLong) > 0 {
				t.Errorf("%s: %q does not fit", lang, s.b.tooLong)
			}
			if s.tap(c.x, c.y); s.took() != "compare" {
				t.Errorf("large %v: pressing the face does nothing", c.large)
			}
			if s.press("F8"); s.took() != "compare" {
				t.Errorf("large %v: F8 does nothing", c.large)
			}
			drawn := s.b.thumbs.all[:s.b.thumbs.next]
			if len(drawn) != 1 || drawn[0].Image != face || drawn[0].Size().Width != c.width || drawn[0].Size().Height != c.height {
				t.Errorf("large %v: the face is not drawn as it should be", c.large)
			}
			if live := s.Operator.live.Size(); c.large && live.Height != c.height {
				t.Errorf("the live picture is %v high, the face %v", live.Height, c.height)
			}
		}
	}
}

// What stood on a page is held nowhere once another one is drawn.
func TestTextsAreForgotten(t *testing.T) {
	l := localizer(t, "en")
	vm := mockPortrait(l)
	held := func(s *screen) (n int) {
		for _, o := range s.b.texts.all {
			n += strings.Count(o.Text, "ERIKSSON")
		}
		for _, widths := range []map[textKey]fyne.Size{s.b.widths, s.b.before} {
			for key := range widths {
				n += strings.Count(key.text, "ERIKSSON")
			}
		}
		return n + strings.Count(strings.Join(s.b.tooLong[:cap(s.b.tooLong)], " "), "ERIKSSON")
	}
	rows := []present.Fact{{Label: "Name", Value: "ERIKSSON"}, {Label: "Address", Value: strings.Repeat("ERIKSSON-", 99)}}
	vm.Page = &present.CardHeld{Rows: rows}
	s := newScreen(t, vm, 1280, 800)
	if held(s) < 4 {
		t.Fatal("the name is not drawn")
	}
	vm.Page = &present.CardHeld{}
	s.Render(vm)
	if n := held(s); n > 0 {
		t.Errorf("the name is held %d times by a page without it", n)
	}
}
