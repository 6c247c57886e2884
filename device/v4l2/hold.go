package v4l2

import "fmt"

// A Setting is an adjustment as a camera has it, beside what [Options] hold it at.
type Setting struct {
	Adjustment
	Control
	Held   bool // Options hold it
	Wanted int  // at this value
}

// Settings asks for all adjustments.
func (c *Camera) Settings() ([]Setting, error) {
	var all []Setting
	for _, a := range adjustments() {
		state, err := c.Control(a)
		if err != nil {
			return nil, err
		}
		wanted, held := c.opts.Hold[a]
		all = append(all, Setting{a, state, held, wanted})
	}
	return all, nil
}

// Kept reports whether an adjustment is as near to what it is held at as the
// camera can, and the camera does not move it.
func (s Setting) Kept() bool { return s.CanSet && !s.Automatic && s.Value == s.nearest(s.Wanted) }

// String says how it is, in words: "white balance held at 5000 K".
func (s Setting) String() string {
	switch {
	case s.Held && !s.CanSet:
		return fmt.Sprintf("%v not held: this camera's cannot be set", s.Adjustment)
	case s.Held && s.Automatic:
		return fmt.Sprintf("%v not held at %s: the camera adjusts it by itself", s.Adjustment, s.unit(s.Wanted))
	case s.Held && !s.Kept():
		return fmt.Sprintf("%v not held at %s: the camera has %s", s.Adjustment, s.unit(s.Wanted), s.unit(s.Value))
	case s.Held && s.Value != s.Wanted:
		return fmt.Sprintf("%v held at %s, the nearest to %s that the camera has", s.Adjustment, s.unit(s.Value), s.unit(s.Wanted))
	case s.Held:
		return fmt.Sprintf("%v held at %s", s.Adjustment, s.unit(s.Value))
	case !s.CanSet && !s.CanAuto:
		return fmt.Sprintf("%v: this camera has none to adjust", s.Adjustment)
	case !s.CanSet:
		return fmt.Sprintf("%v automatic, cannot be set", s.Adjustment)
	case s.Automatic:
		return fmt.Sprintf("%v automatic, now %s of %s to %s", s.Adjustment, s.unit(s.Value), s.unit(s.Min), s.unit(s.Max))
	}
	return fmt.Sprintf("%v at %s of %s to %s", s.Adjustment, s.unit(s.Value), s.unit(s.Min), s.unit(s.Max))
}

// unit is a value with the unit that the settings use.
func (a Adjustment) unit(v int) string {
	switch a {
	case Exposure:
		return fmt.Sprintf("%d × 100 µs", v)
	case WhiteBalance:
		return fmt.Sprintf("%d K", v)
	}
	return fmt.Sprint(v)
}
