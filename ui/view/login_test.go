package view

import (
	"testing"

	"fyne.io/fyne/v2"

	"optag/ui/flow"
	"optag/ui/present"
	"optag/ui/present/journey"
)

// logIns are the log-ins at a counter with staff cards, by the name of their stop.
func logIns() map[string]present.Operator {
	all := map[string]present.Operator{}
	journey.StaffCards("en", func(stop string, s *flow.State) {
		if s.Page == flow.Login {
			all[stop] = present.OperatorScreen(s, true)
		}
	})
	return all
}

func (s *screen) typeAll(digits string) {
	for _, r := range digits {
		s.rune(r)
	}
}

// pin is what stands in the PIN field; "none" where there is no field.
func (s *screen) pin() string {
	if f, ok := s.b.kept[pinField].(*secret); ok {
		return string(f.digits)
	}
	return "none"
}

func TestLogInByCard(t *testing.T) {
	all := logIns()
	s := newScreen(t, all["log-in, number or card"], 1280, 800)
	s.press("F2")
	if got := s.took(); got != "staff_card" {
		t.Errorf("F2 does %q", got)
	}
	s.Render(all["log-in, no card"])
	s.typeAll("12")
	s.press("Enter")
	if got := s.took(); got != "" || s.pin() != "none" {
		t.Errorf("without a card Enter does %q and the PIN is %q", got, s.pin())
	}
	s.Render(all["log-in, a card"])
	if got := s.focusID(); got != "pin" {
		t.Errorf("the focus stands on %q, want the PIN", got)
	}
	s.rune('1')
	s.tap(968, 208)  // 1
	s.tap(1060, 460) // 0
	s.tap(968, 460)  // delete the last
	s.tap(1152, 376) // 9
	s.key(fyne.KeyReturn)
	if got, want := s.took(), "card_login 4718 119"; got != want {
		t.Errorf("Enter does %q, want %q", got, want)
	}
	if s.pin() != "" {
		t.Errorf("the PIN is still there: %d digits", len(s.pin()))
	}
	s.Render(all["log-in, a card signs"])
	s.press("Enter")
	s.press("F2")
	if got := s.took(); got != "" {
		t.Errorf("while the card signs, keys do %q", got)
	}
	s.Render(all["log-in, a keypad at the reader"])
	s.typeAll("12")
	s.press("Enter")
	if got, want := s.took(), "card_login 4718"; got != want {
		t.Errorf("with a keypad at the reader Enter does %q, want %q", got, want)
	}
}

// A card's PIN is taken whole: what is dropped from it would cost a try.
func TestPINsOfCardsAndOfNumbers(t *testing.T) {
	const typed = "Ab-1234 567890 123"
	for name, want := range map[string]string{"log-in, a card": "Ab-1234567890123", "log-in, number or card": "123456789012"} {
		s := newScreen(t, logIns()[name], 1280, 800)
		s.canvas.Focus(s.b.kept[pinField].(*secret))
		s.typeAll(typed)
		if got := s.pin(); got != want {
			t.Errorf("%s: %q is typed, want %q", name, got, want)
		}
	}
}

// What was typed of a PIN is gone when another PIN is asked for, so that a card
// is never tried with one that was not meant for it.
func TestAPINIsForOneCardAndOneTry(t *testing.T) {
	all := logIns()
	other := all["log-in, a card"]
	page := *other.Page.(*present.Login)
	page.PINFor = "5150 0"
	other.Page = &page
	for _, c := range []struct {
		name, from string
		to         present.Operator
	}{
		{"from the number to the card", "log-in, number or card", all["log-in, a card"]},
		{"from the card to the number", "log-in, a card", all["log-in, number or card"]},
		{"another officer's card", "log-in, a card", other},
		{"a try that was refused meanwhile", "log-in, a card signs", all["log-in, not the card's PIN"]},
		{"the card is taken away", "log-in, a card", all["log-in, no card"]},
		{"somebody is logged in", "log-in, a card", mockHome(localizer(t, "en"))},
	} {
		s := newScreen(t, all[c.from], 1280, 800)
		s.canvas.Focus(s.b.kept[pinField].(*secret))
		s.typeAll("1234")
		field := s.b.kept[pinField].(*secret)
		if len(field.digits) != 4 {
			t.Fatalf("%s: %d digits are typed", c.name, len(field.digits))
		}
		s.Render(c.to)
		if got := s.pin(); got != "" && got != "none" {
			t.Errorf("%s: %d digits are left", c.name, len(got))
		}
		for _, r := range field.digits[:4] {
			if r != 0 {
				t.Errorf("%s: a digit is left in memory", c.name)
			}
		}
	}
	s := newScreen(t, all["log-in, a card"], 1280, 800)
	s.typeAll("12")
	s.Render(all["log-in, a card signs"])
	if s.pin() != "12" {
		t.Errorf("a model that changes nothing for the PIN leaves %q of it", s.pin())
	}
}

func TestTabPathByCard(t *testing.T) {
	all := logIns()
	for name, want := range map[string][]string{
		"log-in, a card":                 {"language", "pin", "pad", "do:staff_card", "do:card_login:4718"},
		"log-in, no card":                {"language", "do:staff_card", "status:network"},
		"log-in, a keypad at the reader": {"language", "do:staff_card", "do:card_login:4718"},
	} {
		s := newScreen(t, all[name], 1280, 800)
		s.canvas.Unfocus()
		for _, id := range want {
			s.canvas.FocusNext()
			if got := s.focusID(); got != id {
				t.Errorf("%s: Tab goes to %q, want %q", name, got, id)
			}
		}
	}
}
