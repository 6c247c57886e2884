package flow

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

type (
	// ReadChip is the clerk's wish to have the form filled from the chip of the
	// document.
	ReadChip struct{}

	// CompareFaces shows the face of the chip as large as the live picture, or
	// small again.
	CompareFaces struct{}
)

func (ReadChip) event()     {}
func (CompareFaces) event() {}

// SamePerson is what the clerk judges of the portrait where there is a face to
// compare it with. It blocks nothing and is recorded nowhere: the law names no
// place for it.
const SamePerson = "same_person"

// The sources of what was read for the form: a zone that was drawn through the
// reader, or a chip of which all four things are proven, or not all.
const (
	FromZone     = "zone"
	FromChip     = "chip"
	FromUnproven = "chip_unproven"
)

// openChip opens the page of chips for the form: with the key of the document
// that was read for it last, with which the reading begins by itself.
func (c *Counter) openChip() {
	if !c.Settings.Cards {
		return
	}
	c.open(Card)
	c.Card.For = CaseForm
	for _, id := range CardFields()[1:] {
		if read := c.Form.Read[id]; read != "" {
			c.editCard(id, read)
		}
	}
	_, wrong := c.Card.key()
	c.Card.Begin = len(wrong) == 0
}

// Barred is why what a chip holds may not go into a case: the first of its lamps
// that failed, or "zone" where its zone is not legible; "" where it may.
func (s *Seen) Barred() string {
	if i := slices.IndexFunc(s.Lamps, func(l Lamp) bool { return l.Verdict == "failed" }); i >= 0 {
		return s.Lamps[i].ID
	}
	if s.Zone.Number == "" {
		return "zone"
	}
	return ""
}

// Proven reports whether all four things are.
func (s *Seen) Proven() bool {
	return len(s.Lamps) == 4 && !slices.ContainsFunc(s.Lamps, func(l Lamp) bool { return l.Verdict != "ok" })
}

// useChip takes over what the form has a field for, and the face; with what is
// barred it only goes back.
func (c *Counter) useChip() {
	seen := c.Card.Seen
	if seen.Barred() == "" {
		c.Card.Seen = nil // its face is the case's from here
		c.Face.Wipe()
		c.Face.Image = seen.Face
		source := FromUnproven
		if seen.Proven() {
			source = FromChip
		}
		c.Form.take(seen.fields(), source, seen.Zone.Shortened)
	}
	c.open(CaseForm)
	c.fillIn()
}

// fields are what the chip says that a form may ask for: names with the letters
// of DG11, where they are those of the zone and nothing hides between them.
func (s *Seen) fields() map[string]string {
	read := zoneFields(s.Zone, s.Birth, s.Expiry)
	for id, name := range map[string]string{Family: s.Holder.Family, Given: s.Holder.Given} {
		if written(name) && plain(id, name) == read[id] {
			read[id] = name
		}
	}
	return read
}

// written reports whether a name is one that somebody could write: letters, and
// between two of them no more than a mark or two and what parts names. A zone has
// neither marks nor punctuation, so that a chip could hide anything among them.
func written(name string) bool {
	const most = 3 // a Vietnamese letter of three parts and a blank
	between := 0
	for _, r := range name {
		between++
		switch {
		case unicode.IsLetter(r) && !unicode.Is(unicode.Lm, r):
			between = 0
		case between > most || !strings.ContainsRune(" -.,'’ʼʻʾʿ", r) && !isMark(r):
			return false
		}
	}
	return name != ""
}

// isMark reports whether a character is a mark of Latin letters that is seen.
func isMark(r rune) bool { return r >= '\u0300' && r < '\u034f' }

// filling reports whether the facts are being filled in: on the form, or on a
// page that it has opened.
func (c *Counter) filling() bool {
	return c.Page == CaseForm || c.Page == Card && c.Card.For == CaseForm || c.Page == Reason && c.Reasoning.What == changeRead
}

// undo puts the form back as it was decided on; what was typed or read since is
// no fact.
func (c *Counter) undo() {
	if !maps.Equal(c.Form.Read, c.meant.Read) {
		c.Face.Wipe()
	}
	c.Form = formOf(c.Session.Case())
	c.Form.Reading = c.meant
}
