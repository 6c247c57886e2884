package view

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"optag/ui/present"
)

// Attach takes the keyboard of the canvas that shows the screen: keys that no
// field or button uses itself.
func (o *Operator) Attach(c fyne.Canvas) {
	c.SetOnTypedKey(o.TypedKey)
	c.SetOnTypedRune(o.TypedRune)
	for _, s := range shortcuts() {
		c.AddShortcut(s, o.TypedShortcut)
	}
}

// shortcuts are the keys with Ctrl or Alt that a screen may use.
func shortcuts() []fyne.Shortcut {
	var out []fyne.Shortcut
	for _, k := range []fyne.KeyName{fyne.KeyReturn, fyne.KeyEnter, fyne.KeyPlus, fyne.KeyMinus, fyne.KeyEqual, fyne.KeyK} {
		out = append(out, &desktop.CustomShortcut{KeyName: k, Modifier: fyne.KeyModifierControl})
	}
	for _, k := range []fyne.KeyName{fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4, fyne.Key5, fyne.Key6} {
		out = append(out, &desktop.CustomShortcut{KeyName: k, Modifier: fyne.KeyModifierAlt})
	}
	return out
}

// TypedKey does what has this key on the present screen.
func (o *Operator) TypedKey(e *fyne.KeyEvent) {
	name := keyName(e.Name)
	if name == "" {
		return
	}
	if shiftDown() {
		name = "Shift+" + name
	}
	o.key(name)
}

func shiftDown() bool {
	d, ok := fyne.CurrentApp().Driver().(desktop.Driver)
	return ok && d.CurrentKeyModifiers() == fyne.KeyModifierShift
}

// TypedRune is for hands: R, L, 1 to 5 and P choose a finger wherever the focus
// is, while nothing is being typed.
func (o *Operator) TypedRune(r rune) {
	if o.vm.Cover != nil {
		o.act(present.Action{ID: present.DoHandOver})
		return
	}
	if p, ok := o.vm.Page.(*present.Exceptions); ok {
		current := p.Hands.Current
		if current == "" {
			current = "right_index"
		}
		o.pickByKey(current, r)
	}
	if _, ok := o.vm.Page.(*present.Login); ok && r >= '0' && r <= '9' {
		o.typeDigit(string(r))
	}
}

// TypedShortcut does what has this combination of keys.
func (o *Operator) TypedShortcut(s fyne.Shortcut) {
	c, ok := s.(*desktop.CustomShortcut)
	if !ok {
		return
	}
	name := keyName(c.KeyName)
	switch c.Modifier {
	case fyne.KeyModifierControl:
		o.key("Ctrl+" + name)
	case fyne.KeyModifierAlt:
		o.key("Alt+" + name)
	}
}

// keyName is a key as it stands on a key cap; "" for a key that no screen uses.
func keyName(k fyne.KeyName) present.Key {
	switch k {
	case fyne.KeyReturn, fyne.KeyEnter:
		return "Enter"
	case fyne.KeyEscape:
		return "Esc"
	case fyne.KeyPageUp:
		return "PgUp"
	case fyne.KeyPageDown:
		return "PgDn"
	case fyne.KeyEqual:
		return fyneKey(fyne.KeyPlus)
	}
	if len(k) <= 3 && strings.HasPrefix(string(k), "F") || len(k) == 1 {
		return fyneKey(k)
	}
	return ""
}

func fyneKey(k fyne.KeyName) present.Key { return present.Key(k) }

// key does the button, shortcut or page turn of a key.
func (o *Operator) key(k present.Key) {
	if o.vm.Cover != nil {
		o.act(present.Action{ID: present.DoHandOver})
		return
	}
	if a, ok := o.actionOf(k); ok {
		o.act(a)
		return
	}
	switch k {
	case "PgDn":
		o.turn(1)
	case "PgUp":
		o.turn(-1)
	}
}

func (o *Operator) actionOf(k present.Key) (present.Action, bool) {
	buttons := o.vm.Secondary
	if p := o.vm.Primary; p != nil {
		buttons = append([]present.Button{*p}, buttons...)
	}
	for _, p := range buttons {
		if p.Key == k {
			return p.Action, !p.Off
		}
	}
	for _, s := range o.vm.Shortcuts {
		if s.Key == k {
			return s.Action, true
		}
	}
	return present.Action{}, false
}
