// Package gen makes fingerprints and portraits of people who do not exist, with
// the truth about each of them: pattern class, singular points, where the
// finger lay, where the eyes are. Everything follows from a seed; nothing comes
// from a person.
//
// It feeds the simulators and the tests. It judges nothing: quality, matching
// and the checks of a portrait belong to packages that must not know it.
//
// The same seed gives the same pixels. Those of a finger are the same on every
// processor architecture; of a portrait the last bit of a pixel may differ.
package gen

import (
	"fmt"
	"math/rand/v2"
)

// A Position is a finger, numbered as field FGP of ANSI/NIST-ITL 1.
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

var positionNames = [...]string{
	RightThumb: "right_thumb", RightIndex: "right_index", RightMiddle: "right_middle",
	RightRing: "right_ring", RightLittle: "right_little",
	LeftThumb: "left_thumb", LeftIndex: "left_index", LeftMiddle: "left_middle",
	LeftRing: "left_ring", LeftLittle: "left_little",
}

// Valid reports whether p is one of the ten fingers.
func (p Position) Valid() bool { return p >= RightThumb && p <= LeftLittle }

// Right reports whether p belongs to the right hand.
func (p Position) Right() bool { return p <= RightLittle }

// digit is 0 for a thumb up to 4 for a little finger.
func (p Position) digit() int { return (int(p) - 1) % 5 }

// String returns the finger's name, such as "right_index".
func (p Position) String() string {
	if !p.Valid() {
		return fmt.Sprintf("position %d", int(p))
	}
	return positionNames[p]
}

// ParsePosition is the inverse of [Position.String].
func ParsePosition(name string) (Position, error) {
	for p := RightThumb; p <= LeftLittle; p++ {
		if positionNames[p] == name {
			return p, nil
		}
	}
	return 0, fmt.Errorf("parsing finger position: %q is not a finger", name)
}

// A Person is somebody who does not exist: a seed from which ten fingers and a
// face follow.
type Person uint64

// Finger grows a finger of the person, an adult. It takes a tenth of a second,
// and the caller keeps what it needs twice.
func (p Person) Finger(pos Position) *Finger { return Master(uint64(p), pos) }

// Portrait prepares the person's face.
func (p Person) Portrait() *Face { return NewFace(uint64(p)) }

// A Point is a place in an image, in pixels from its upper left corner, y
// downwards.
type Point struct{ X, Y float64 }

// stream returns the random numbers that belong to one use of a seed.
func stream(seed uint64, use ...uint64) *rand.Rand {
	for _, u := range use {
		seed = mix(seed ^ mix(u))
	}
	return rand.New(rand.NewPCG(seed, mix(seed)))
}

// mix is the finaliser of SplitMix64: neighbouring seeds become unlike ones.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
