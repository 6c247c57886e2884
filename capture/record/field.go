package record

import (
	"fmt"
	"slices"
)

// A Field is one line of a profile's table.
//
// From holds the paths that its value comes from, with blanks between them. A path
// is one in session.json, with [] for "each", as in "prints[].position", or
//
//	part:print, part:portrait  the image itself
//	agreement.…                what the receiver sets, see [Agreement]
//	transmission.…             what belongs to one transmission, see [Transmission]
//	card.…                     what the producer sets, see [CardSettings]
//	fixed                      the same in every file
type Field struct {
	Block  string // what it is a part of: "Type-14", "FIR", "DG3"
	At     string // number or name of the field there: "14.013", "finger position"
	Name   string // mnemonic, "" where it has none
	From   string
	Need   Need
	Source string // the provision or the standard that asks for it
}

// Need says when a field is there.
type Need string

// The needs.
const (
	Always       Need = "always"
	WithImage    Need = "with an image"
	WithoutImage Need = "without an image"
	IfKnown      Need = "where it is known"
)

// A Profile is what one receiver takes.
type Profile struct {
	Name   string // "card", "eurodac-1", …
	Fields []Field
}

// Profiles returns every profile, for who documents or checks them.
func Profiles() []Profile {
	var all []Profile
	for _, l := range layouts() {
		all = append(all, Profile{l.name, l.fields()})
	}
	return append(all, Profile{"card", cardFields()})
}

// A missing error says which field has no value, and whose fault that is.
type missing struct{ Field }

func (m missing) Error() string {
	return fmt.Sprintf("%s %s has no value: %s is missing, which %s asks for", m.At, m.Name, m.From, m.Source)
}

// A Surplus error is a field that a file holds and its profile does not.
type Surplus struct {
	Profile string
	At      string // "2.024"
}

// Error says which field it is, and nothing of its value.
func (s Surplus) Error() string {
	return fmt.Sprintf("%s: field %s is surplus: the profile has none", s.Profile, s.At)
}

// asked reports whether a field with this need is written of a sample with or
// without an image.
func (n Need) asked(image bool) bool {
	return !slices.Contains([]Need{WithImage, WithoutImage}, n) || (n == WithImage) == image
}
