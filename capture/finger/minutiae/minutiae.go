// Package minutiae finds the places where ridges end or fork in a print, and
// tells by them whether two prints show one finger. Templates go out as ISO/IEC
// 19794-2 records.
//
// It compares the prints of one person within a case, or a holder with the
// holder's own chip; it searches nothing.
package minutiae

// A Kind is what a ridge does at a minutia, numbered as in ISO/IEC 19794-2.
type Kind uint8

// Kinds.
const (
	Other Kind = iota
	Ending
	Bifurcation
)

// A Minutia is one place in a print of 500 ppi.
type Minutia struct {
	X, Y    int16 // pixels from the upper left corner, y downwards
	Angle   uint8 // 256ths of a turn, anticlockwise from the right: the way from an ending back along its ridge, from a fork along the valley between its arms (ISO/IEC 19794-2:2005 § 6.5)
	Kind    Kind
	Quality uint8 // 1 to 100, 0 where none was measured
}

// A Template is what is kept of a print to compare it. The zero Template is
// that of an empty glass.
type Template struct {
	Width, Height int       // of the print, in pixels at 500 ppi
	Minutiae      []Minutia // from the upper row down, from the left in a row
}

// Copy returns the template in memory of its own; nil for nil.
func (t *Template) Copy() *Template {
	if t == nil {
		return nil
	}
	return &Template{Width: t.Width, Height: t.Height, Minutiae: append([]Minutia(nil), t.Minutiae...)}
}

// Wipe overwrites the template and forgets it. A nil template holds nothing.
func (t *Template) Wipe() {
	if t == nil {
		return
	}
	clear(t.Minutiae[:cap(t.Minutiae)])
	*t = Template{Minutiae: t.Minutiae[:0]}
}
