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

// Every button of every page answers a tap in its middle and its own key.
func TestButtonsAnswerTapAndKey(t *testing.T) {
	for name, vm := range mockups(localizer(t, "en")) {
		if name == "01-login" {
			continue // the log-in adds what was typed
		}
		s := newScreen(t, vm, 1280, 800)
		buttons := slices.Clone(vm.Secondary)
		if vm.Primary != nil {
			buttons = append(buttons, *vm.Primary)
		}
		for _, p := range buttons {
			want := strings.Trim(string(p.Action.ID)+" "+p.Action.Arg, " ")
			o := s.b.kept[buttonID(p.Action)]
			if o == nil {
				t.Errorf("%s: %q has no target", name, p.Label)
				continue
			}
			m := middle(o)
			s.tap(m.X, m.Y)
			if got := s.took(); got != want {
				t.Errorf("%s: a tap on %q does %q, want %q", name, p.Label, got, want)
			}
			s.canvas.Unfocus()
			s.press(p.Key)
			if got := s.took(); got != want {
				t.Errorf("%s: %s does %q, want %q", name, p.Key, got, want)
			}
		}
	}
}

// press types a key as it stands on a key cap.
func (s *screen) press(k present.Key) {
	switch name := string(k); {
	case name == "Ctrl+Enter":
		s.shortcut(fyne.KeyReturn, fyne.KeyModifierControl)
	case strings.HasPrefix(name, "Ctrl+"):
		s.shortcut(fyne.KeyName(name[5:]), fyne.KeyModifierControl)
	case strings.HasPrefix(name, "Alt+"):
		s.shortcut(fyne.KeyName(name[4:]), fyne.KeyModifierAlt)
	case name == "Enter":
		s.key(fyne.KeyReturn)
	case name == "Esc":
		s.key(fyne.KeyEscape)
	case name == "PgDn":
		s.key(fyne.KeyPageDown)
	default:
		s.key(fyne.KeyName(name))
	}
}

func TestKeysWithoutButtons(t *testing.T) {
	s := newScreen(t, mockPrints(localizer(t, "en")), 1280, 800)
	for _, c := range []struct {
		key  present.Key
		want string
	}{{"F12", "lock"}, {"F11", "speak_in"}, {"Alt+2", "step rights"}, {"Ctrl+K", "contrast"}, {"F7", ""}} {
		s.press(c.key)
		if got := s.took(); got != c.want {
			t.Errorf("%s does %q, want %q", c.key, got, c.want)
		}
	}
}

// What cannot be undone is never one key.
func TestSealAndRefusalNeedTwoKeys(t *testing.T) {
	for name, vm := range map[string]present.Operator{"refusal": mockRefusal(localizer(t, "en")), "seal": mockReview(localizer(t, "en"))} {
		s := newScreen(t, vm, 1280, 800)
		id := buttonID(vm.Primary.Action)
		s.canvas.Focus(s.b.kept[id].(*target))
		for _, k := range []fyne.KeyName{fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace} {
			s.key(k)
			if got := s.took(); got != "" {
				t.Errorf("%s: %s alone does %q", name, k, got)
			}
		}
		s.shortcut(fyne.KeyReturn, fyne.KeyModifierControl)
		if got := s.took(); got != string(vm.Primary.Action.ID) {
			t.Errorf("%s: Ctrl+Enter does %q, want %q", name, got, vm.Primary.Action.ID)
		}
	}
}

func TestWhereTheFocusStands(t *testing.T) {
	for name, want := range map[string]string{"01-login": "pin", "04-exceptions": "hands", "06-refusal": "do:changed_mind", "07-review": "do:seal_send", "21-case": "number", "03-prints": ""} {
		s := newScreen(t, mockups(localizer(t, "en"))[name], 1280, 800)
		if got := s.focusID(); got != want {
			t.Errorf("%s: the focus stands on %q, want %q", name, got, want)
		}
	}
}

// focusID is the id of what has the focus.
func (s *screen) focusID() string {
	f := s.canvas.Focused()
	for id, o := range s.b.kept {
		if any(o) == any(f) {
			return id
		}
	}
	return ""
}

// Tab reaches everything that can be chosen, in reading order, and the ring
// shows where it is.
func TestTabPath(t *testing.T) {
	want := map[string]string{
		"01-login":      "language, staff, pin, pad, do:staff_card, do:login",
		"02-law":        "lock, fact:birth_date, fact:basis, fact:pending, fact:inability, do:law, do:refuses, do:go_rights",
		"03-prints":     "lock, step:case, step:rights, do:back, do:cannot_take, do:repeat, do:take_now",
		"04-exceptions": "lock, step:case, step:rights, hands, reason, note, do:back, do:appoint, do:take_other",
		"05-portrait":   "lock, step:case, step:rights, step:prints, check:eyes, check:mouth, check:covered, check:glare, do:back, do:paper_photo, do:accept_reason, do:take_photo",
		"06-refusal":    "lock, step:case, step:rights, check:prints, check:photo, check:explained, check:asked, do:changed_mind, do:ask_supervisor, do:record_refusal",
		"07-review":     "lock, step:case, step:rights, step:prints, step:portrait, do:change:photo, do:change:right_index, do:change:left_middle, do:change:left_index, do:change:right_ring, do:change:rights, do:back, do:hold, do:seal_send",
		"20-home":       "lock, step:queue, step:devices, step:log, do:open_case:26-118 402, do:open_case:26-118 377, do:new_case",
		"21-case":       "lock, number, family, given, birth_date, applied_on, purpose, basis, application, lodged_at, check:with_custodian, check:card_requested, check:unaccompanied, check:judged_adult, check:biometrics_on_pending_case, do:back, do:decide",
		"22-rights":     "lock, step:case, speak, check:aloud, do:back, do:refuses, do:rights_given",
	}
	for name, vm := range mockups(localizer(t, "en")) {
		s := newScreen(t, vm, 1280, 800)
		s.canvas.Unfocus()
		var path []string
		for range 60 {
			s.canvas.FocusNext()
			id := s.focusID()
			if len(path) > 0 && id == path[0] {
				break
			}
			path = append(path, id)
			if !s.ringShown(id) {
				t.Errorf("%s: the ring round %s is not shown", name, id)
			}
		}
		status := []string{"status:network", "status:queue", "status:devices", "status:storage", "status:keys"}
		if n := len(path) - len(status); n < 0 || !slices.Equal(path[n:], status) {
			t.Errorf("%s: Tab does not end with the status bar: %v", name, path)
			continue
		}
		got := strings.Join(path[:len(path)-len(status)], ", ")
		if w, ok := want[name]; ok && got != w {
			t.Errorf("%s: Tab goes\n got %s\nwant %s", name, got, w)
		}
	}
}

func (s *screen) ringShown(id string) bool {
	switch o := s.b.kept[id].(type) {
	case *target:
		return o.ring.Visible() && o.ring.spec.width == 3
	case *field:
		return o.ring.Visible()
	case *secret:
		return o.ring.Visible()
	}
	return false
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

func TestArrowsOnThePad(t *testing.T) {
	s := newScreen(t, mockLogin(localizer(t, "en")), 1280, 800)
	s.canvas.Focus(s.b.kept["pad"].(*target))
	for _, k := range []fyne.KeyName{fyne.KeyRight, fyne.KeyDown, fyne.KeySpace, fyne.KeyLeft, fyne.KeyLeft, fyne.KeyLeft, fyne.KeyLeft, fyne.KeyLeft, fyne.KeyUp, fyne.KeySpace} {
		s.key(k)
	}
	if got := string(s.b.kept["pin"].(*secret).digits); got != "51" {
		t.Errorf("the pad wrote %q, want %q", got, "51")
	}
}

func TestHandsByKeyboard(t *testing.T) {
	s := newScreen(t, mockExceptions(localizer(t, "en")), 1280, 800)
	for _, c := range []struct {
		do   func()
		want string
	}{
		{func() { s.rune('3') }, "pick left_middle"}, {func() { s.rune('r') }, "pick right_index"},
		{func() { s.rune('P') }, "pick left_palm"}, {func() { s.key(fyne.KeyRight) }, "pick left_middle"},
		{func() { s.key(fyne.KeyLeft) }, "pick left_thumb"}, {func() { s.key(fyne.KeySpace) }, "pick left_index"},
		{func() { s.rune('9') }, ""},
		{func() { s.canvas.FocusNext(); s.key(fyne.KeyDown) }, "reason missing"},
		{func() { s.canvas.FocusNext(); s.rune('r') }, "edit note Plaster cast, left indexr"},
	} {
		if _, ok := s.canvas.Focused().(*field); !ok && c.want != "" {
			s.took()
		}
		c.do()
		if f, ok := s.canvas.Focused().(*field); ok && f.CursorColumn == 1 {
			f.CursorColumn = len(f.Text)
		}
		got := s.took()
		if strings.HasPrefix(c.want, "edit note") {
			if !strings.HasPrefix(got, "edit note") || strings.Contains(got, "pick") {
				t.Errorf("a letter in the note does %q, want it typed", got)
			}
			continue
		}
		if got != c.want {
			t.Errorf("did %q, want %q", got, c.want)
		}
	}
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

// What is typed is never overwritten by a model that is older than the last key.
func TestTypingAheadOfTheModel(t *testing.T) {
	s := newScreen(t, mockCaseForm(localizer(t, "en")), 1280, 800)
	f := s.b.kept["number"].(*field)
	s.canvas.Focus(f)
	for _, r := range "26-1" {
		s.rune(r)
	}
	late := func(v string) {
		vm := mockCaseForm(localizer(t, "en"))
		p := *vm.Page.(*present.CaseForm)
		p.Left = slices.Clone(p.Left)
		p.Left[0].Value = v
		vm.Page = &p
		s.Render(vm)
	}
	late("2")
	late("26-")
	if f.Text != "26-1" || s.focusID() != "number" {
		t.Errorf("after late models the field says %q and the focus is on %q, want 26-1 and number", f.Text, s.focusID())
	}
	late("26-1")
	late("corrected")
	if f.Text != "corrected" {
		t.Errorf("the model's own value is not shown: %q", f.Text)
	}
	late("")
	if f.Text != "" {
		t.Errorf("an emptied field says %q", f.Text)
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
