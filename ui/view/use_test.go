package view

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"optag/ui/present"
)

// key types a key where the keyboard's events would go: to what has the focus,
// or else to the screen.
func (s *screen) key(k fyne.KeyName) {
	e := &fyne.KeyEvent{Name: k}
	if f := s.canvas.Focused(); f != nil {
		f.TypedKey(e)
		return
	}
	s.canvas.OnTypedKey()(e)
}

func (s *screen) rune(r rune) {
	if f := s.canvas.Focused(); f != nil {
		f.TypedRune(r)
		return
	}
	s.canvas.OnTypedRune()(r)
}

func (s *screen) shortcut(k fyne.KeyName, m fyne.KeyModifier) {
	c := &desktop.CustomShortcut{KeyName: k, Modifier: m}
	if f, ok := s.canvas.Focused().(fyne.Shortcutable); ok {
		f.TypedShortcut(c)
		return
	}
	s.TypedShortcut(c) // the test canvas keeps shortcuts and does not run them
}

func (s *screen) tap(x, y float32) { test.TapCanvas(s.canvas, fyne.NewPos(x, y)) }

// took returns what was done since the last call.
func (s *screen) took() string {
	var out []string
	for _, a := range s.done {
		out = append(out, strings.Trim(fmt.Sprintf("%s %s %s", a.ID, a.Arg, a.Text), " "))
	}
	s.done = nil
	return strings.Join(out, ", ")
}

func TestLogIn(t *testing.T) {
	vm := mockLogin(localizer(t, "en"))
	page := *vm.Page.(*present.Login)
	page.Staff.Value = ""
	vm.Page = &page
	s := newScreen(t, vm, 1280, 800)
	s.canvas.Focus(s.b.kept["staff"].(*field))
	for _, r := range "4718" {
		s.rune(r)
	}
	s.took()
	s.canvas.FocusNext()
	s.rune('1')
	s.tap(968, 208)  // 1
	s.tap(1060, 460) // 0
	s.tap(968, 460)  // delete the last
	s.tap(1152, 376) // 9
	if got := s.took(); got != "" {
		t.Errorf("digits of the PIN leave the view as %q", got)
	}
	s.key(fyne.KeyReturn)
	if got, want := s.took(), "login 4718 119"; got != want {
		t.Errorf("Enter does %q, want %q", got, want)
	}
	if pin := s.b.kept["pin"].(*secret); len(pin.digits) != 0 {
		t.Errorf("the PIN is still there after logging in: %d digits", len(pin.digits))
	}
	s.tap(1188, 48)
	s.tap(1068, 48)
	if got, want := s.took(), "language en, language da"; got != want {
		t.Errorf("the languages do %q, want %q", got, want)
	}
}

// The PIN shows as dots: no text of the screen holds a digit of it.
func TestThePINIsNotDrawn(t *testing.T) {
	s := newScreen(t, mockLogin(localizer(t, "en")), 1280, 800)
	before := screenTexts(s)
	for _, r := range "8352" {
		s.rune(r)
	}
	if after := screenTexts(s); !slices.Equal(before, after) {
		t.Errorf("typing the PIN changed the texts:\n%v\n%v", before, after)
	}
	for range 20 {
		s.rune('1')
	}
	if n := len(s.b.kept["pin"].(*secret).digits); n != maxPIN {
		t.Errorf("a PIN may have %d digits, want %d", n, maxPIN)
	}
}

func screenTexts(s *screen) []string {
	var out []string
	for _, o := range s.b.root.Objects {
		if text, ok := o.(*canvas.Text); ok {
			out = append(out, text.Text)
		}
	}
	return out
}

func TestHandsByTouch(t *testing.T) {
	s := newScreen(t, mockExceptions(localizer(t, "en")), 1280, 800)
	s.tap(477, 257) // the tip of the right index finger, as the design places it
	s.tap(675, 257)
	s.tap(400, 440)
	if got, want := s.took(), "pick right_index, pick left_index, pick right_palm"; got != want {
		t.Errorf("taps do %q, want %q", got, want)
	}
}

func TestChoices(t *testing.T) {
	s := newScreen(t, mockCaseForm(localizer(t, "en")), 1280, 800)
	s.canvas.Focus(s.b.kept["basis"].(*target))
	s.key(fyne.KeyRight)
	s.key(fyne.KeyLeft)
	s.rune('7')
	s.canvas.Focus(s.b.kept["application"].(*target))
	s.key(fyne.KeyRight)
	s.canvas.Focus(s.b.kept["check:card_requested"].(*target))
	s.key(fyne.KeySpace)
	if got, want := s.took(), "edit basis 9a, edit basis 7, edit basis 7, edit application extension, edit card_requested"; got != want {
		t.Errorf("choices do %q, want %q", got, want)
	}
}

// A model that differs in one figure changes that figure's objects alone.
func TestRenderTouchesOnlyWhatDiffers(t *testing.T) {
	l := localizer(t, "en")
	s := newScreen(t, mockPrints(l), 1280, 800)
	before := slices.Clone(s.b.root.Objects)
	texts := screenTexts(s)
	vm := mockPrints(l)
	p := *vm.Page.(*present.Prints)
	p.Score, p.Value = "39", 0.39
	vm.Page = &p
	s.Render(vm)
	if !sameObjects(before, s.b.root.Objects) {
		t.Error("another score made other objects")
	}
	changed := 0
	for i, text := range screenTexts(s) {
		if text != texts[i] {
			changed++
		}
	}
	if changed != 1 {
		t.Errorf("%d texts changed, want the score alone", changed)
	}
}

func TestHandOver(t *testing.T) {
	l := localizer(t, "en")
	vm := mockPrints(l)
	person := persons(l)["01-right-index"]
	vm.Cover = &person
	s := newScreen(t, vm, 1280, 800)
	if texts := screenTexts(s); slices.Contains(texts, "38") || !slices.Contains(texts, person.Sentence) {
		t.Errorf("handed over, the screen shows %v", texts)
	}
	for _, back := range []func(){func() { s.key(fyne.KeyF2) }, func() { s.rune('x') }, func() { s.tap(700, 400) }, func() { s.key(fyne.KeyReturn) }} {
		back()
		if got := s.took(); got != "handover" {
			t.Errorf("taking the screen back does %q, want handover", got)
		}
	}
}

func TestAListOfMoreThanOnePage(t *testing.T) {
	l := localizer(t, "en")
	vm := mockOffline(l)
	q := *vm.Page.(*present.Queue)
	for i := range 9 {
		row := q.Table.Rows[1]
		row.Cells = slices.Clone(row.Cells)
		row.Cells[0].Text = fmt.Sprintf("11:%02d", i)
		q.Table.Rows = append(q.Table.Rows, row)
	}
	vm.Page, vm.Secondary = &q, nil
	s := newScreen(t, vm, 1280, 800)
	if texts := screenTexts(s); !slices.Contains(texts, "1 / 3") || slices.Contains(texts, "11:00") {
		t.Errorf("the first page shows %v", texts)
	}
	s.key(fyne.KeyPageDown)
	if texts := screenTexts(s); !slices.Contains(texts, "2 / 3") || !slices.Contains(texts, "11:00") {
		t.Errorf("the second page shows %v", texts)
	}
	s.key(fyne.KeyPageUp)
	s.key(fyne.KeyPageUp)
	if texts := screenTexts(s); !slices.Contains(texts, "1 / 3") {
		t.Errorf("back on the first page it shows %v", texts)
	}
}

// Every picture and icon that a screen names is there, and every state of a
// finger can be drawn.
func TestPictures(t *testing.T) {
	entries, err := iconFiles.ReadDir("icons")
	if err != nil {
		t.Fatal(err)
	}
	a := newAtlas()
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".svg"); ok && a.picture(name, highContrast()) == nil {
			t.Errorf("no picture %q", name)
		}
	}
	for _, look := range []tokens{light(), highContrast()} {
		for _, state := range []present.FingerState{present.FingerFree, present.FingerAsked, present.FingerToCome, present.FingerTaken, present.FingerInstead, present.FingerNotNow, present.FingerMissing, present.FingerNever, present.FingerTooLow} {
			for _, side := range []string{"left", "right"} {
				for _, palm := range []bool{false, true} {
					h := present.Hands{Palm: palm, Fingers: map[string]present.Finger{side + "_index": {State: state}}}
					r := a.handPicture(side, h, look)
					img := canvas.NewImageFromResource(r)
					img.Resize(fyne.NewSize(64, 64))
					img.Refresh()
					if img.Image == nil && img.Aspect() != 1 {
						t.Errorf("%s hand with a finger %q cannot be drawn", side, state)
					}
				}
			}
		}
	}
	var known []string
	for name := range mockups(localizer(t, "en")) {
		known = append(known, name)
	}
	for _, name := range known {
		for _, icon := range iconNames(reflect.ValueOf(mockups(localizer(t, "en"))[name])) {
			if svg("ui/"+icon) == "" && svg(icon) == "" {
				t.Errorf("%s names the icon %q, which is not there", name, icon)
			}
		}
	}
}

func iconNames(v reflect.Value) []string {
	var out []string
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() && v.Type().Name() != "Image" {
			out = iconNames(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			out = append(out, iconNames(v.Index(i))...)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if (name == "Icon" || name == "Picture") && v.Field(i).String() != "" {
				out = append(out, v.Field(i).String())
				continue
			}
			if name != "Thumb" {
				out = append(out, iconNames(v.Field(i))...)
			}
		}
	}
	return out
}

// A finger's badge stands on its tip, where the target is.
func TestFingertips(t *testing.T) {
	for _, side := range []string{"left", "right"} {
		for _, view := range []string{"back", "palm"} {
			h := readHand(side, view)
			if len(h.capsules) != 5 {
				t.Fatalf("%s %s: found %d fingers, want 5", side, view, len(h.capsules))
			}
			for f, c := range h.capsules {
				if tip, base := c.tip(), c.base(); tip.y >= base.y || !c.holds(along(base, tip, 0.5)) || c.holds(point{120, 200}) {
					t.Errorf("%s %s %s: shape from %v to %v", side, view, f, base, tip)
				}
			}
		}
	}
}

func BenchmarkRenderLiveScore(b *testing.B) {
	l := localizer(b, "en")
	s := newScreen(b, mockPrints(l), 1280, 800)
	vms := [2]present.Operator{mockPrints(l), mockPrints(l)}
	p := *vms[1].Page.(*present.Prints)
	p.Score, p.Value = "39", 0.39
	vms[1].Page = &p
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.Render(vms[i%2])
	}
}
