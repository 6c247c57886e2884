package finger

import "fmt"

// A Slap is several fingers on the glass at once, numbered as field FGP of
// ANSI/NIST-ITL 1. The zero Slap is none: a single finger.
type Slap int

// The slaps that are asked for: 4-4-2, and both index fingers side by side.
const (
	RightFour Slap = 13
	LeftFour  Slap = 14
	Thumbs    Slap = 15
	Indexes   Slap = 46
)

// slaps holds the fingers of each slap in the order in which their quality
// decides which of several slaps is the best (BSI TR-03121-3 § 5.4.5.1.3).
var slaps = [...]struct {
	slap    Slap
	name    string
	fingers []Position
}{
	{RightFour, "right_four", []Position{RightIndex, RightMiddle, RightRing, RightLittle}},
	{LeftFour, "left_four", []Position{LeftIndex, LeftMiddle, LeftRing, LeftLittle}},
	{Thumbs, "thumbs", []Position{RightThumb, LeftThumb}},
	{Indexes, "indexes", []Position{RightIndex, LeftIndex}},
}

// Fingers returns the fingers of a slap, the one first whose quality counts
// most; none for what is no slap.
func (s Slap) Fingers() []Position {
	for _, k := range slaps {
		if k.slap == s {
			return append([]Position(nil), k.fingers...)
		}
	}
	return nil
}

// SlapOf is the slap of 4-4-2 in which a finger lies; 0 for what is no finger.
func SlapOf(p Position) Slap {
	switch {
	case !p.Valid():
		return 0
	case p.Digit() == Thumb:
		return Thumbs
	case p.Hand() == Right:
		return RightFour
	}
	return LeftFour
}

// String returns the slap's name, as in "right_four"; "" for a single finger.
func (s Slap) String() string {
	for _, k := range slaps {
		if k.slap == s {
			return k.name
		}
	}
	if s == 0 {
		return ""
	}
	return fmt.Sprintf("slap(%d)", int(s))
}

// MarshalText writes the slap's name.
func (s Slap) MarshalText() ([]byte, error) {
	if s != 0 && s.Fingers() == nil {
		return nil, fmt.Errorf("finger: no slap %d", int(s))
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads a slap's name; an empty one is a single finger.
func (s *Slap) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*s = 0
		return nil
	}
	for _, k := range slaps {
		if k.name == string(text) {
			*s = k.slap
			return nil
		}
	}
	return fmt.Errorf("finger: no slap is called %q; there are right_four, left_four, thumbs and indexes", text)
}
