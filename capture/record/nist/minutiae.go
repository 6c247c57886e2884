package nist

import (
	"fmt"
	"strconv"
)

// Minutiae is a Type-9 record: what of it is in the standard's own three feature
// sets. It can only be read. Sets of manufacturers stay in the record.
type Minutiae struct {
	IDC        int
	Impression int    // IMP
	Set        string // of the first that the record holds: see below; "" for none of the three
	Fingers    []int
	Points     []Minutia
}

// Feature sets of a Type-9 record.
const (
	SetLegacy = "legacy" // fields 9.005 to 9.012, to 2008: up from the lower left corner
	SetM1     = "M1"     // fields 9.126 to 9.150, INCITS 378: down from the upper left corner
	SetEFS    = "EFS"    // fields 9.300 to 9.399, extended: down from the upper left corner
)

// A Minutia is one point in the coordinates of its set.
type Minutia struct {
	X, Y    int // hundredths of a millimetre; pixels where an M1 record has no density
	Angle   int // degrees, 0 to 359, anticlockwise from the right, as the set counts it
	Kind    string
	Quality int // as the set counts it; -1 where it says none
}

// Minutiae reads a Type-9 record.
func (rec *Record) Minutiae() (Minutiae, error) {
	if rec.Type != 9 || len(rec.Whole) > 0 {
		return Minutiae{}, fmt.Errorf("reading minutiae: a record of Type-%d in which fields cannot be told apart", rec.Type)
	}
	r := reader{rec: rec}
	m := Minutiae{IDC: max(rec.IDC(), 0), Impression: r.number(3)}
	switch {
	case has(rec, 137):
		m.Set, m.Fingers, m.Points = SetM1, r.positions(134), r.m1()
	case has(rec, 331):
		m.Set, m.Fingers, m.Points = SetEFS, r.positions(302), r.efs()
	case has(rec, 12):
		m.Set, m.Fingers, m.Points = SetLegacy, r.positions(6), r.legacy()
	}
	return m, r.err
}

func has(rec *Record, number int) bool {
	_, ok := rec.Field(number)
	return ok
}

// positions reads the first item of each sub-field.
func (r *reader) positions(field int) []int {
	var list []int
	for _, s := range r.list(field) {
		list = append(list, r.atoi(field, s[0]))
	}
	return list
}

// m1 reads FMD, 9.137: index, x and y in pixels, angle in units of 2°, kind and
// quality.
func (r *reader) m1() []Minutia {
	scale := func(density, pixels int) int {
		switch unit := r.number(130); {
		case density == 0 || unit == AspectOnly:
			return pixels
		case unit == PerInch:
			return (pixels*2540 + density/2) / density
		default:
			return (pixels*1000 + density/2) / density
		}
	}
	across, down := r.number(131), r.number(132)
	var list []Minutia
	for _, s := range r.list(137) {
		n := r.atois(137, s, 6)
		list = append(list, Minutia{scale(across, n[1]), scale(down, n[2]), 2 * n[3], strconv.Itoa(n[4]), n[5]})
	}
	return list
}

// efs reads MIN, 9.331: x and y in hundredths of a millimetre, angle in degrees,
// kind.
func (r *reader) efs() []Minutia {
	var list []Minutia
	for _, s := range r.list(331) {
		n := r.atois(331, s[:min(len(s), 3)], 3)
		list = append(list, Minutia{n[0], n[1], n[2], at(s, 3), -1})
	}
	return list
}

// legacy reads MRC, 9.012: index; x and y in hundredths of a millimetre, four
// digits each, and the angle in degrees, three digits; quality; kind.
func (r *reader) legacy() []Minutia {
	var list []Minutia
	for _, s := range r.list(12) {
		xyt, m := at(s, 1), Minutia{Kind: at(s, 3), Quality: -1}
		if len(xyt) != 11 {
			xyt = "no number"
		}
		m.X, m.Y, m.Angle = r.atoi(12, xyt[:4]), r.atoi(12, xyt[4:8]), r.atoi(12, xyt[8:])
		if q := at(s, 2); q != "" {
			m.Quality = r.atoi(12, q)
		}
		list = append(list, m)
	}
	return list
}
