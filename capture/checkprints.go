package capture

import (
	"slices"

	"optag/capture/finger"
	"optag/capture/rule"
)

// prints checks the prints, the exceptions and the mark for a new appointment.
// Which fingers are there decides which others need an exception.
func (c *checker) prints() {
	there := map[finger.Position]Print{}
	for _, p := range c.r.Prints {
		switch _, twice := there[p.Position]; {
		case !p.Position.Valid():
			c.find(Differs, p.Position.String(), "there is no such finger")
		case twice:
			c.find(Surplus, p.Position.String(), "it is there twice")
		default:
			there[p.Position] = p
			c.print(p)
		}
	}
	var owed []finger.Position
	if c.r.Case.Facts.Unable.Prints == rule.Able && !c.refused(rule.ItemPrints) {
		owed = c.owed(there)
	} else if len(there) > 0 {
		c.find(Surplus, "prints", "they cannot or will not be given")
	}
	c.slaps(there)
	c.exceptions(owed)
	c.marks(len(there))
}

// owed finds the fingers that must have an exception, and prints that are too
// many.
func (c *checker) owed(there map[finger.Position]Print) []finger.Position {
	switch c.need.Prints.Required {
	case rule.TwoFlat:
		return append(c.hand(finger.Right, there), c.hand(finger.Left, there)...)
	case rule.Ten:
		return absent(finger.All(), there)
	case rule.TenOrIndex:
		index := []finger.Position{finger.RightIndex, finger.LeftIndex}
		if c.r.Profile.IndexOnly && len(absent(index, there)) == 0 {
			c.surplus(index, there)
			return nil
		}
		return absent(finger.All(), there)
	}
	c.surplus(nil, there)
	return nil
}

// surplus finds the prints of fingers that were not asked for.
func (c *checker) surplus(asked []finger.Position, there map[finger.Position]Print) {
	for _, p := range finger.All() {
		if _, ok := there[p]; ok && !slices.Contains(asked, p) {
			c.find(Surplus, p.String(), "the law does not ask for it")
		}
	}
}

func absent(of []finger.Position, there map[finger.Position]Print) (not []finger.Position) {
	for _, p := range of {
		if _, ok := there[p]; !ok {
			not = append(not, p)
		}
	}
	return not
}

// hand checks the flat prints of one hand, one or, where the other hand has
// none, two. Each finger before the last print is owed an exception; where
// there are too few prints or one does not suffice, every finger is.
func (c *checker) hand(h finger.Hand, there map[finger.Position]Print) (owed []finger.Position) {
	order, want, all := c.order(h), 1, false
	if len(absent(c.order(h.Other()), there)) == len(order) {
		want = 2
	}
	got := 0
	for p, print := range there {
		if p.Hand() != h {
			continue
		}
		if !slices.Contains(order, p) {
			c.find(Surplus, p.String(), "this finger is not one of those asked for")
			continue
		}
		got++
		all = all || !sufficient(print)
	}
	if got > want {
		c.find(Surplus, h.String()+" hand", "more prints of this hand than the law asks for")
	}
	if got < want {
		all = true
		c.unused(h)
	}
	for _, p := range order {
		if _, ok := there[p]; ok {
			got--
		} else if all || got > 0 {
			owed = append(owed, p)
		}
	}
	return owed
}

func (c *checker) order(h finger.Hand) []finger.Position {
	var all []finger.Position
	for _, d := range c.r.Profile.Order {
		all = append(all, finger.Of(h, d))
	}
	return all
}

// unused finds prints that were left out because of their quality though the
// hand gave none better: the best of them fills the place.
func (c *checker) unused(h finger.Hand) {
	for _, e := range c.r.Exceptions {
		if e.Position.Valid() && e.Position.Hand() == h && e.Reason == LowQuality {
			c.find(Gap, e.Position.String(), "its print, though of low quality, is better than none")
		}
	}
}

// print checks what is said of one print against the profile and itself.
func (c *checker) print(p Print) {
	what := p.Position.String()
	best, n := best(p.Attempts), spent(p.Attempts)
	switch {
	case !p.Plain:
		c.find(Differs, what, "a flat print is asked for")
	case finger.CheckSize(p.Width, p.Height) != nil:
		c.find(Differs, what, "its size is none of a print")
	case !resolved(p.PPI):
		c.find(Differs, what, "it is not at 500 or 1000 ppi")
	case p.Threshold != c.r.Profile.ThresholdOf(p.Position) || p.Algorithm != c.r.Profile.Algorithm:
		c.find(Differs, what, "its threshold or algorithm is not the profile's")
	case c.r.Case.Facts.Purpose == rule.ResidenceCard && !p.Device.Certified && !c.r.Profile.Uncertified:
		c.find(Differs, what, "its scanner is not certified, and the site's policy does not allow that for cards")
	case p.Slap != 0 && !(c.r.Profile.Slaps && slices.Contains(p.Slap.Fingers(), p.Position)):
		c.find(Differs, what, "it cannot come from that slap")
	case n == 0 || n > c.r.Profile.Attempts || p.Slap == 0 && p.Score != best || !chosen(p):
		c.find(Differs, what, "its score is not the best of the attempts allowed")
	case !sufficient(p) && n < c.r.Profile.Attempts:
		c.find(Gap, what, "it is below its threshold and attempts are left")
	}
}

// chosen reports whether a print is that of one of its attempts.
func chosen(p Print) bool {
	return slices.ContainsFunc(p.Attempts, func(a Attempt) bool {
		return counts(a) && a.At.Equal(p.At) && a.Score == p.Score && a.Slap == p.Slap
	})
}

func resolved(ppi [2]int) bool {
	_, err := finger.NominalPPI(float64(ppi[0]), float64(ppi[1]))
	return err == nil
}

// sufficient reports whether a print reaches its threshold or was accepted.
func sufficient(p Print) bool { return p.Score >= p.Threshold || p.Accepted != "" }

// best is the highest score of the attempts that count, -1 where none does.
func best(attempts []Attempt) int {
	top := -1
	for _, a := range attempts {
		if counts(a) {
			top = max(top, a.Score)
		}
	}
	return top
}

// exceptions compares the exceptions with those that are owed.
func (c *checker) exceptions(owed []finger.Position) {
	var have []finger.Position
	for _, e := range c.r.Exceptions {
		switch {
		case !slices.Contains(owed, e.Position):
			c.find(Surplus, e.Position.String(), "an exception that nothing asks for")
		case slices.Contains(have, e.Position):
			c.find(Surplus, e.Position.String(), "its exception is there twice")
		default:
			c.exception(e)
		}
		have = append(have, e.Position)
	}
	for _, p := range owed {
		if !slices.Contains(have, p) {
			c.find(Gap, p.String(), "it has neither a print nor an exception")
		}
	}
}

func (c *checker) exception(e Exception) {
	switch e.Reason {
	case Missing, Temporary, Permanent:
		if e.SeenBy == "" {
			c.find(Gap, e.Position.String(), "nobody is named as having seen the exception")
		}
	case LowQuality:
		c.lowQuality(e.Position)
	default:
		c.find(Gap, e.Position.String(), "the exception has no known reason")
	}
}

// lowQuality checks that a finger was tried as often as is allowed, and in vain.
func (c *checker) lowQuality(p finger.Position) {
	var attempts []Attempt
	for _, t := range c.r.Tried {
		if t.Position == p {
			attempts = t.Attempts
		}
	}
	switch {
	case c.need.Prints.Required != rule.TwoFlat:
		c.find(Gap, p.String(), "its best print is kept where all are asked for")
	case spent(attempts) < c.r.Profile.Attempts:
		c.find(Gap, p.String(), "it is called of low quality and attempts are left")
	case best(attempts) >= c.r.Profile.ThresholdOf(p):
		c.find(Differs, p.String(), "it is called of low quality and a print sufficed")
	}
}

// marks compares the marks with the law's, and with the appointment that
// fingers which will heal ask for.
func (c *checker) marks(prints int) {
	want := slices.Clone(c.need.Marks)
	heals := slices.ContainsFunc(c.r.Exceptions, func(e Exception) bool { return e.Reason == Temporary })
	enough := c.need.Prints.Required == rule.TwoFlat && prints == 2
	if heals && !enough && !slices.Contains(want, rule.Recall) {
		want = append(want, rule.Recall)
	}
	for i, m := range c.r.Marks {
		if !slices.Contains(want, m) || slices.Contains(c.r.Marks[:i], m) {
			c.find(Surplus, "mark "+string(m), "nothing asks for it")
		}
	}
	for _, m := range want {
		if !slices.Contains(c.r.Marks, m) {
			c.find(Gap, "mark "+string(m), "the law demands it, or a finger that will heal could give a print")
		}
	}
}
