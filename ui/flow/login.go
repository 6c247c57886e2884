package flow

import "time"

// openLogin begins the log-in anew. It asks for the card where one lies there or
// nothing else will do. The pause after wrong PINs goes on.
func (c *Counter) openLogin(waiting bool) {
	c.Login = LoginState{Waiting: waiting, Until: c.Login.Until}
	c.Login.ByCard = c.Settings.Staff == StaffCardsOnly || c.Settings.Staff == StaffCardsToo && c.Staff.lies()
}

// idle locks a counter at which nothing has happened for a while. The case is
// kept.
func (c *Counter) idle(at time.Time) {
	if c.Officer != nil && c.Settings.Idle > 0 && at.Sub(c.active) >= c.Settings.Idle {
		c.lock("")
	}
}

// lock logs the officer out, stops the devices and keeps the case. The log is
// told why, "" where that was the clerk or the time.
func (c *Counter) lock(why string) {
	if c.Page == Card {
		c.leaveCard()
	}
	c.do(Unwatch{}, LookAway{}, c.entry("logged_out", why))
	if c.Session != nil {
		c.holder = c.Officer.Actor()
		c.saved()
	}
	c.Officer, c.Page, c.Notice, c.Gone, c.Told = nil, Login, Notice{}, nil, Told{}
	c.openLogin(c.Session != nil || c.Form.Values != nil)
	c.Finger.Taken, c.Photo.Shooting, c.Look.HandedOver = 0, false, false
}

// atLogin handles what is done at the log-in.
func (c *Counter) atLogin(e Event) {
	switch e := e.(type) {
	case LogIn:
		c.logIn(e)
	case UseCard:
		c.useCard()
	case Edit:
		if e.Field == StaffNumber && !c.Login.ByCard {
			c.Login.Typed = e.Value != ""
		}
	default:
		c.look(e)
	}
}

// logIn has a PIN checked. One that was typed for the other way in, or for
// another card than the one that lies there now, is tried nowhere.
func (c *Counter) logIn(e LogIn) {
	if c.Login.Checking || e.ByCard != c.Login.ByCard {
		return
	}
	if e.ByCard {
		c.logInByCard(e)
		return
	}
	if c.Now.Before(c.Login.Until) || e.Staff == "" || e.PIN == "" {
		return
	}
	c.Login.Checking, c.Login.Refused, c.Login.Gone = true, "", false
	c.do(CheckPIN{e.Staff, e.PIN})
}

func (c *Counter) logInByCard(e LogIn) {
	switch {
	case c.Staff.Is != "one", e.PIN == "" && !c.Staff.Keypad:
	case e.Staff != c.Staff.Officer.ID:
		c.asked = e.Staff
		c.cardRefused("changed")
	default:
		c.Login.Checking, c.Login.Refused, c.Login.Gone = true, "", false
		c.asked = e.Staff
		c.do(CheckCard{e.Staff, e.PIN})
	}
}

// useCard turns to the other way in, where there are two.
func (c *Counter) useCard() {
	if c.Settings.Staff == StaffCardsToo && !c.Login.Checking {
		c.byCard(!c.Login.ByCard)
	}
}

// byCard asks for the card, or for the number; what was said of the other way is
// over.
func (c *Counter) byCard(yes bool) {
	gone := c.Login.Gone
	c.openLogin(c.Login.Waiting)
	c.Login.ByCard, c.Login.Gone = yes, gone && !yes
}

// login handles what the station reports of the log-in and of staff cards.
func (c *Counter) login(e Event) {
	switch e := e.(type) {
	case LoggedIn:
		c.loggedIn(e.Officer)
	case LogInRefused:
		if l := &c.Login; !l.ByCard {
			l.Checking, l.Wrong, l.Left, l.Until = false, true, e.Left, e.Until
		}
	case CardRefused:
		if c.Login.Checking && c.Login.ByCard {
			c.cardRefused(e.Code)
		}
	case StaffCardIs:
		c.staffCardIs(e.Card)
	case StaffCardGone:
		if c.Officer != nil && c.Officer.Certificate != "" {
			c.lock("card_removed")
			c.Login.Gone = true
		}
	}
}

// loggedIn lets an officer in, also one whose card has left the reader since:
// the station tells so next.
func (c *Counter) loggedIn(o Officer) {
	if c.Officer != nil || c.Settings.Staff == StaffCardsOnly && o.Certificate == "" {
		return
	}
	c.Officer = &o
	c.active = c.Now
	c.do(c.entry("logged_in", ""))
	waiting := c.Login.Waiting
	c.Login = LoginState{Until: c.Login.Until}
	if !waiting {
		c.open(Home)
		return
	}
	if c.Session != nil {
		c.do(c.entry("draft_restored", c.holder))
		c.holder = ""
	}
	c.resume()
}

// cardRefused says why a card did not log anybody in. Its PIN is never tried
// again by itself. What is said of a card that has made room for another since
// is not said of that.
func (c *Counter) cardRefused(code string) {
	l := &c.Login
	if c.Staff.lies() && c.Staff.Officer.ID != c.asked {
		code = "changed"
	}
	l.Checking, l.Refused, l.Refusals = false, code, l.Refusals+1
	if c.Settings.Staff == StaffCardsToo && !c.Staff.lies() {
		l.ByCard = false
	}
}

// staffCardIs keeps what lies there, whoever is logged in. At the log-in a card
// that is laid in asks for its PIN, unless a number is being typed or a PIN is
// being checked; one that is taken away asks for the number again.
func (c *Counter) staffCardIs(card StaffCard) {
	was := c.Staff
	c.Staff = card
	if c.Officer != nil || c.Login.Checking {
		return
	}
	l := &c.Login
	too := c.Settings.Staff == StaffCardsToo
	switch {
	case !was.lies() && card.lies():
		if l.Gone, l.Refused = false, ""; too && !l.Typed {
			c.byCard(true)
		}
	case was.lies() && !card.lies():
		if l.Refused != "removed" {
			l.Refused = ""
		}
		l.ByCard = l.ByCard && !too
	case was.Is != card.Is || was.Officer.ID != card.Officer.ID:
		if l.Refused != "changed" {
			l.Refused = ""
		}
	}
}
