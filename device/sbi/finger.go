package sbi

import (
	"fmt"
	"slices"
)

// A Finger is a finger, numbered as field FGP of ANSI/NIST-ITL 1: 1 to 5 the
// right hand from the thumb, 6 to 10 the left.
type Finger int

// The fingers of both hands.
const (
	RightThumb Finger = 1 + iota
	RightIndex
	RightMiddle
	RightRing
	RightLittle
	LeftThumb
	LeftIndex
	LeftMiddle
	LeftRing
	LeftLittle
)

// names are those of bioSubType in SBI 0.9.5.
var names = [...]string{
	RightThumb: "Right Thumb", RightIndex: "Right IndexFinger", RightMiddle: "Right MiddleFinger",
	RightRing: "Right RingFinger", RightLittle: "Right LittleFinger",
	LeftThumb: "Left Thumb", LeftIndex: "Left IndexFinger", LeftMiddle: "Left MiddleFinger",
	LeftRing: "Left RingFinger", LeftLittle: "Left LittleFinger",
}

// Valid reports whether f is one of the ten.
func (f Finger) Valid() bool { return f >= RightThumb && f <= LeftLittle }

// String returns the name SBI has for the finger, e.g. "Right IndexFinger".
func (f Finger) String() string {
	if !f.Valid() {
		return fmt.Sprintf("Finger(%d)", int(f))
	}
	return names[f]
}

// parseFinger is the other way round.
func parseFinger(name string) (Finger, bool) {
	i := slices.Index(names[RightThumb:], name)
	return RightThumb + Finger(i), i >= 0
}

// A part is what a slap scanner takes at once, by its deviceSubId.
type part struct {
	subID   string
	fingers []Finger
}

// parts are the three parts of a slap scanner, in the order of their numbers.
func parts() []part {
	return []part{
		{"1", []Finger{LeftIndex, LeftMiddle, LeftRing, LeftLittle}},
		{"2", []Finger{RightIndex, RightMiddle, RightRing, RightLittle}},
		{"3", []Finger{RightThumb, LeftThumb}},
	}
}

// Presentations divides fingers into those that a slap scanner takes together,
// one call of [Device.Capture] each: right hand, left hand, thumbs. The two
// index fingers are two presentations. A finger that is none is left out.
func Presentations(fingers []Finger) [][]Finger {
	var all [][]Finger
	all3 := parts()
	for _, p := range []part{all3[1], all3[0], all3[2]} {
		var together []Finger
		for _, f := range p.fingers {
			if slices.Contains(fingers, f) {
				together = append(together, f)
			}
		}
		if together != nil {
			all = append(all, together)
		}
	}
	return all
}
