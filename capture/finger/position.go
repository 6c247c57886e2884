// Package finger knows fingers and their prints: which finger is which, how
// good an image of one is, whether two images show the same finger, and how
// an image file of a print is read. It decides nothing about people or law.
package finger

import (
	"fmt"
	"slices"
)

// A Position is a finger, numbered as field FGP of ANSI/NIST-ITL 1.
type Position int

// The ten positions.
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

// A Hand is one of two.
type Hand int

// The two hands, in the order in which prints are asked for.
const (
	Right Hand = iota
	Left
)

// String returns "right" or "left".
func (h Hand) String() string {
	if h == Left {
		return "left"
	}
	return "right"
}

// MarshalText writes the hand's name.
func (h Hand) MarshalText() ([]byte, error) {
	if h != Right && h != Left {
		return nil, fmt.Errorf("finger: no hand %d", int(h))
	}
	return []byte(h.String()), nil
}

// UnmarshalText reads a hand's name.
func (h *Hand) UnmarshalText(text []byte) error {
	for _, k := range []Hand{Right, Left} {
		if k.String() == string(text) {
			*h = k
			return nil
		}
	}
	return fmt.Errorf("finger: no hand is called %q; there are right and left", text)
}

// Other returns the other hand.
func (h Hand) Other() Hand { return 1 - h }

// A Digit is a finger without its hand.
type Digit int

// The five digits, from the thumb.
const (
	Thumb Digit = iota
	Index
	Middle
	Ring
	Little
)

// String returns "thumb", "index", "middle", "ring" or "little".
func (d Digit) String() string {
	if d < Thumb || d > Little {
		return fmt.Sprintf("digit(%d)", int(d))
	}
	return [5]string{"thumb", "index", "middle", "ring", "little"}[d]
}

// MarshalText writes the digit's name.
func (d Digit) MarshalText() ([]byte, error) {
	if d < Thumb || d > Little {
		return nil, fmt.Errorf("finger: no digit %d", int(d))
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads a digit's name.
func (d *Digit) UnmarshalText(text []byte) error {
	for k := Thumb; k <= Little; k++ {
		if k.String() == string(text) {
			*d = k
			return nil
		}
	}
	return fmt.Errorf("finger: no digit is called %q; there are thumb, index, middle, ring and little", text)
}

// Of returns the position of digit d on hand h.
func Of(h Hand, d Digit) Position { return Position(1 + 5*int(h) + int(d)) }

// Valid reports whether p is one of the ten positions.
func (p Position) Valid() bool { return p >= RightThumb && p <= LeftLittle }

// Hand returns the hand of a valid position.
func (p Position) Hand() Hand { return Hand((int(p) - 1) / 5) }

// Digit returns the digit of a valid position.
func (p Position) Digit() Digit { return Digit((int(p) - 1) % 5) }

// String returns the position's name, as in "right_index".
func (p Position) String() string {
	if !p.Valid() {
		return fmt.Sprintf("position(%d)", int(p))
	}
	return p.Hand().String() + "_" + p.Digit().String()
}

// MarshalText writes the position's name.
func (p Position) MarshalText() ([]byte, error) {
	if !p.Valid() {
		return nil, fmt.Errorf("finger: no position %d", int(p))
	}
	return []byte(p.String()), nil
}

// UnmarshalText reads a position's name.
func (p *Position) UnmarshalText(text []byte) error {
	q, err := ParsePosition(string(text))
	*p = q
	return err
}

// All returns the ten positions from the right thumb to the left little finger.
func All() []Position {
	all := make([]Position, 10)
	for i := range all {
		all[i] = Position(i + 1)
	}
	return all
}

// ParsePosition reads a position's name, as in "left_thumb".
func ParsePosition(name string) (Position, error) {
	i := slices.IndexFunc(All(), func(p Position) bool { return p.String() == name })
	if i < 0 {
		return 0, fmt.Errorf("finger: no finger is called %q; names are like right_index or left_thumb", name)
	}
	return Position(i + 1), nil
}
