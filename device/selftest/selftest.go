// Package selftest is what a technician checks at a station: measures of a
// scanner's glass, of a ruled target and of a camera's pictures, each a function
// of images alone; how a reader has a card; what a value must be; and the report,
// as JSON for machines and as one page for people.
//
// It opens nothing and knows no driver: whoever calls it hands it an open
// [device.Source] or [device.CardReader], and adds the checks of what is no
// device, such as the disk, and of what is in a card.
// No picture of a person is kept, unless the caller asks for that of a finger.
package selftest

import (
	"image"
	"strconv"
	"time"

	"optag/device"
)

// An Outcome is how a check ended.
type Outcome string

// The outcomes, the worst last.
const (
	Skipped Outcome = "skipped" // not measured; Do says why
	Pass    Outcome = "pass"
	Warn    Outcome = "warn" // usable, and to be looked at
	Fail    Outcome = "fail" // not to be used
)

// A Check is one thing that was looked at.
type Check struct {
	Device  string   `json:"device"`          // "scanner", "camera", "reader", "serial" or "station"
	Serial  string   `json:"serial"`          // of the device; "" where it has none
	ID      string   `json:"check"`           // e.g. "dead_rows"
	Name    string   `json:"name"`            // the same in words
	Outcome Outcome  `json:"result"`          //
	Value   *float64 `json:"value,omitempty"` // nil where nothing was measured
	Unit    string   `json:"unit,omitempty"`  // of Value
	Text    string   `json:"text,omitempty"`  // what was found, where it is no number
	Limit   string   `json:"limit,omitempty"` // in words: "at most 2"
	Do      string   `json:"do,omitempty"`    // what to do about it, or why it was skipped

	Picture image.Image `json:"-"` // for people; nil where there is nothing to see
}

// Key names the check from run to run.
func (c *Check) Key() string { return c.Device + "/" + c.Serial + "/" + c.ID }

// Measured is what was found, in words.
func (c *Check) Measured() string {
	if c.Value == nil {
		return c.Text
	}
	s := number(*c.Value)
	if c.Unit != "" {
		s += " " + c.Unit
	}
	if c.Text != "" {
		s += " (" + c.Text + ")"
	}
	return s
}

// number writes a value with three significant digits, and large ones in whole
// numbers.
func number(v float64) string {
	if v >= 100 || v <= -100 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// A Limit is what a value must be: at least or at most Good to pass, and Bad to
// be usable at all.
type Limit struct {
	Good, Bad float64
	Least     bool // the values are lower limits
}

func (l Limit) judge(v float64) Outcome {
	good, bad := v <= l.Good, v > l.Bad
	if l.Least {
		good, bad = v >= l.Good, v < l.Bad
	}
	switch {
	case good:
		return Pass
	case bad:
		return Fail
	}
	return Warn
}

// String is the limit in words.
func (l Limit) String() string {
	if l.Least {
		return "at least " + number(l.Good)
	}
	return "at most " + number(l.Good)
}

// Judge makes a check of a value; do is what to do unless it passes.
func Judge(id, name string, v float64, unit string, l Limit, do string) Check {
	c := Check{ID: id, Name: name, Value: &v, Unit: unit, Limit: l.String(), Outcome: l.judge(v)}
	if c.Outcome != Pass {
		c.Do = do
	}
	return c
}

// Skip makes a check that was not done, for a reason.
func Skip(id, name, why string) Check {
	return Check{ID: id, Name: name, Outcome: Skipped, Do: why}
}

// Say makes a check of something that is no number.
func Say(id, name string, o Outcome, found, do string) Check {
	c := Check{ID: id, Name: name, Outcome: o, Text: found}
	if o != Pass {
		c.Do = do
	}
	return c
}

// A Report is one run.
type Report struct {
	Program  string        `json:"program"`
	Station  string        `json:"station"`
	At       time.Time     `json:"at"`
	Seconds  float64       `json:"seconds"` // the run took
	Devices  []device.Info `json:"devices"`
	Checks   []Check       `json:"checks"`
	Passed   int           `json:"passed"`
	Warnings int           `json:"warnings"`
	Failures int           `json:"failures"`
	Skipped  int           `json:"skipped"`
}

// Add enters the checks of a device; serial is "" where it has none.
func (r *Report) Add(dev, serial string, checks ...Check) {
	for _, c := range checks {
		c.Device, c.Serial = dev, serial
		switch c.Outcome {
		case Pass:
			r.Passed++
		case Warn:
			r.Warnings++
		case Fail:
			r.Failures++
		default:
			r.Skipped++
		}
		r.Checks = append(r.Checks, c)
	}
}
