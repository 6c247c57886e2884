// Package slap finds the fingers in an image of several fingers laid on the
// glass at once: four of a hand, two thumbs, two index fingers, or what is left
// of these where fingers are missing. It says which finger is which and whose
// hand it is as far as the shapes tell, what is wrong with the slap, and cuts
// out each fingertip, upright and in its own size.
//
// It does not judge the prints, compares none with another, and decides nothing
// about recapture. Images are grey, 500 pixels per inch, dark fingers on a light
// ground, fingertips up to 45° from upright.
package slap

import (
	"fmt"
	"math/bits"
)

// A Position is a finger, numbered as field FGP of ANSI/NIST-ITL 1; 0 is a
// finger whose name is not known.
type Position int

// The ten fingers.
const (
	RightThumb Position = 1 + iota
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

// Valid reports whether p is one of the ten fingers.
func (p Position) Valid() bool { return p >= RightThumb && p <= LeftLittle }

// Hand returns the hand of the finger, [Unknown] for a finger without a name.
func (p Position) Hand() Hand {
	switch {
	case !p.Valid():
		return Unknown
	case p <= RightLittle:
		return Right
	}
	return Left
}

// digit is 0 for a thumb up to 4 for a little finger.
func (p Position) digit() int { return (int(p) - 1) % 5 }

// position is the finger of a hand with the given digit.
func position(h Hand, digit int) Position {
	if h == Left {
		return LeftThumb + Position(digit)
	}
	return RightThumb + Position(digit)
}

// rank orders fingers as they lie from left to right when both hands are laid
// down side by side: left little finger 0, left thumb 4, right thumb 5.
func (p Position) rank() int {
	if p.Hand() == Left {
		return 4 - p.digit()
	}
	return 5 + p.digit()
}

// A Hand is the right or the left one, where it is known.
type Hand int

// The verdicts about a hand.
const (
	Unknown Hand = iota
	Right
	Left
)

// String returns "unknown", "right" or "left".
func (h Hand) String() string {
	if h < Unknown || h > Left {
		return fmt.Sprintf("hand(%d)", int(h))
	}
	return [...]string{"unknown", "right", "left"}[h]
}

// Other returns the other hand; that of Unknown is Unknown.
func (h Hand) Other() Hand {
	if h == Unknown {
		return Unknown
	}
	return Right + Left - h
}

// A Set says which fingers are expected on the glass. The bit of a finger is 1
// shifted left by its position.
type Set uint16

// The slaps, with no finger missing.
const (
	RightFour Set = 1<<RightIndex | 1<<RightMiddle | 1<<RightRing | 1<<RightLittle
	LeftFour  Set = 1<<LeftIndex | 1<<LeftMiddle | 1<<LeftRing | 1<<LeftLittle
	Thumbs    Set = 1<<RightThumb | 1<<LeftThumb
	Indexes   Set = 1<<RightIndex | 1<<LeftIndex

	everyFinger Set = 1<<(LeftLittle+1) - 1<<RightThumb
)

// Of returns the set of the given fingers.
func Of(fingers ...Position) Set {
	var s Set
	for _, p := range fingers {
		if p.Valid() {
			s |= 1 << p
		}
	}
	return s
}

// Has reports whether the finger belongs to the set.
func (s Set) Has(p Position) bool { return p.Valid() && s>>p&1 != 0 }

// Without returns the set less some fingers, those that are missing.
func (s Set) Without(fingers ...Position) Set { return s &^ Of(fingers...) }

// Len returns the number of fingers.
func (s Set) Len() int { return bits.OnesCount16(uint16(s & everyFinger)) }

// hand returns the hand to which all fingers of the set belong, else Unknown.
func (s Set) hand() Hand {
	const right = everyFinger & (1<<LeftThumb - 1)
	switch {
	case s&everyFinger == 0 || s&right != 0 && s&^right&everyFinger != 0:
		return Unknown
	case s&right != 0:
		return Right
	}
	return Left
}

// digits are those of a set of one hand, thumb first, a bit each.
func (s Set) digits() uint8 {
	if s.hand() == Left {
		return uint8(s>>LeftThumb) & 31
	}
	return uint8(s>>RightThumb) & 31
}

// Mirrored returns the same digits of the other hand.
func (s Set) Mirrored() Set {
	s &= everyFinger
	return (s<<5 | s>>5) & everyFinger
}

// FGP returns the code of the set in ANSI/NIST-ITL 1: 13 and 14 for four fingers
// of the right and left hand, 15 for the thumbs, 46 for the index fingers, the
// finger's own code for one alone, and 0 for any other. A slap with a missing
// finger keeps the code of the whole slap.
func (s Set) FGP() int {
	switch s &= everyFinger; s {
	case RightFour:
		return 13
	case LeftFour:
		return 14
	case Thumbs:
		return 15
	case Indexes:
		return 46
	}
	if s.Len() == 1 {
		return bits.TrailingZeros16(uint16(s))
	}
	return 0
}

// A Result is what was found in an image.
type Result struct {
	// Hand is whose hand the shapes speak for: Unknown where they do not tell, as
	// for two thumbs or fewer than three fingers. Confidence, from 0 to 1, is 0
	// for Unknown; below 0.5 no fault is made of it.
	Hand       Hand
	Confidence float64

	Angle float64 // degrees by which the fingers are turned clockwise from upright

	// Segments are the fingertips from left to right, as seen with the fingers
	// upright. They are valid until the next call.
	Segments []Segment

	Faults []Fault // the graver first; valid until the next call
}

// Has reports whether a fault was found.
func (r *Result) Has(c Cause) bool {
	for _, f := range r.Faults {
		if f.Cause == c {
			return true
		}
	}
	return false
}

// A Segment is one fingertip: the finger down to its first crease.
type Segment struct {
	Position Position // 0 for a finger that was not expected
	Box      Box

	TouchesBorder bool // the finger goes on beyond the rim of the image
	Joined        bool // the finger touched its neighbour and was cut apart from it
}

// A Fault is something wrong with a slap, and the finger it concerns: 0 where
// it concerns all or a finger without a name.
type Fault struct {
	Cause    Cause
	Position Position
}

// A Cause is a kind of fault.
type Cause int

// The causes.
const (
	NoFinger      Cause = iota // nothing in the image has the shape and the ridges of a fingertip
	NotASlap                   // too much of the image is covered to tell fingers apart: a palm, a photograph
	WrongHand                  // the shapes are those of the other hand
	ExtraFinger                // more fingers than expected
	MissingFinger              // fewer fingers than expected
	TurnedTooFar               // more than 45° from upright
	CutOff                     // a fingertip goes on beyond the rim of the image
	JoinedFingers              // fingers touch; they were cut apart where they are narrowest
)

// String returns the cause's name, such as "wrong_hand".
func (c Cause) String() string {
	names := [...]string{"no_finger", "not_a_slap", "wrong_hand", "extra_finger",
		"missing_finger", "turned_too_far", "cut_off", "joined_fingers"}
	if c < 0 || int(c) >= len(names) {
		return fmt.Sprintf("cause(%d)", int(c))
	}
	return names[c]
}
