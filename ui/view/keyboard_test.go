package view

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"optag/ui/present"
)

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
