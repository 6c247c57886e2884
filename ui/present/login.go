package present

import (
	"fmt"
	"strings"

	"optag/ui/flow"
	"optag/ui/i18n"
)

// login asks who sits at the counter: by number, or by the staff card that lies
// in the reader.
func (v screen) login(vm *Operator) {
	s, l := v.s, v.l
	vm.Title = l.Text("login.title")
	p := &Login{
		Name: l.Text("app.name"), Place: []string{s.Station.Name, s.Station.Place + " · " + l.Text("login.station", "station", s.Station.ID)},
		Pad: l.Text("login.pad"),
	}
	for _, code := range i18n.Languages() {
		if other, err := i18n.For(code); err == nil {
			p.Languages = append(p.Languages, Option{ID: code, Label: other.Name(), Chosen: code == l.Lang()})
		}
	}
	if s.Login.Waiting {
		p.Waiting = &Notice{Title: l.Text("login.waiting"), Text: l.Text("login.takeover")}
	}
	if s.Settings.Staff == flow.StaffCardsToo {
		turn := v.button(DoStaffCard, "login.card", "F2", "card")
		if s.Login.ByCard {
			turn = v.button(DoStaffCard, "login.number", "F2", "user")
		}
		turn.Off = s.Login.Checking
		vm.Secondary = []Button{turn}
	}
	vm.Page = p
	if s.Login.ByCard {
		v.byCard(vm, p)
		return
	}
	v.byNumber(vm, p)
}

func (v screen) byNumber(vm *Operator, p *Login) {
	s, l := v.s, v.l
	vm.Focus = "staff"
	p.Staff, p.PIN = Field{ID: "staff", Label: l.Text("login.staff")}, Field{ID: "pin", Label: l.Text("login.pin")}
	vm.Primary = v.primary(DoLogin, "login.do", "Enter", "")
	vm.Primary.Off = s.Login.Checking || s.Now.Before(s.Login.Until)
	switch {
	case s.Now.Before(s.Login.Until):
		p.Note = l.Text("login.locked", "time", l.Seconds(s.Login.Until))
	case s.Login.Wrong:
		p.Note = l.Count("login.wrong", s.Login.Left)
	case s.Login.Checking:
		p.Note = l.Text("login.checking")
	case s.Login.Refused != "":
		p.Note = l.Text("login.refused_" + s.Login.Refused)
	case s.Login.Gone:
		p.Note = v.cardGone()
	case s.Settings.Staff != flow.NoStaffCards && s.Staff.Is == "failed":
		p.Note = l.Text("login.lies_failed")
	}
}

// byCard asks for the PIN of the card that lies there, or says what to do with
// it.
func (v screen) byCard(vm *Operator, p *Login) {
	s, l := v.s, v.l
	p.Staff, p.Card = Field{Label: l.Text("login.staff_card")}, v.staffCard()
	one := s.Staff.Is == "one"
	switch {
	case one && s.Staff.Keypad:
		hint := "login.keypad"
		if s.Login.Checking {
			hint = "login.keypad_now"
		}
		p.PIN = Field{Label: l.Text("login.pin"), Hint: l.Text(hint)}
	case one:
		p.PIN = Field{ID: "pin", Label: l.Text("login.pin")}
		p.PINFor, vm.Focus = fmt.Sprintf("%s %d", s.Staff.Officer.ID, s.Login.Refusals), "pin"
	}
	p.Note = v.cardNote()
	if one && s.Staff.Tries == "final" && !s.Login.Checking {
		p.NoteTone = Warn
	}
	vm.Primary = v.primary(DoCardLogin, "login.do", "Enter", "")
	vm.Primary.Action.Arg = s.Staff.Officer.ID
	vm.Primary.Off = s.Login.Checking || !one
}

// staffCard is what lies in the reader of staff cards.
func (v screen) staffCard() *Advice {
	is := v.s.Staff.Is
	if is == "one" {
		return &Advice{Bold: v.s.Staff.Officer.Name, Text: v.l.Text("role." + v.s.Staff.Officer.Role)}
	}
	a := &Advice{Tone: Warn}
	switch is {
	case "", "none":
		a.Tone = Wait
	case "failed":
		a.Tone = Halt
	case "locked":
		a.Bold = v.s.Staff.Officer.Name
	}
	if is == "" {
		is = "unknown"
	}
	a.Text = v.l.Text("login.lies_" + is)
	return a
}

// cardNote is what is to be said of the last try and of the next.
func (v screen) cardNote() string {
	s, l := v.s.Login, v.l
	var say []string
	add := func(key string) { say = append(say, l.Text(key)) }
	one := v.s.Staff.Is == "one"
	switch {
	case s.Checking && !v.s.Staff.Keypad:
		return l.Text("login.card_checking")
	case s.Checking:
		return ""
	case s.Refused != "" && v.s.Staff.Is != s.Refused: // "locked" and "unusable" stand there already
		add("login.refused_" + s.Refused)
	case s.Gone:
		say = append(say, v.cardGone())
	}
	switch {
	case one && v.s.Staff.Tries == "final":
		add("login.tries_final")
	case one && v.s.Staff.Tries == "low" && s.Refused != "pin":
		add("login.tries_low")
	}
	return strings.Join(say, " ")
}

// cardGone is why the counter locked.
func (v screen) cardGone() string {
	if v.s.Staff.Is == "failed" {
		return v.l.Text("login.gone_reader")
	}
	return v.l.Text("login.gone")
}
