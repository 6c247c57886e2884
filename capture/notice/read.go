package notice

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"time"

	"optag/capture/rule"
)

// PartName is the part of a package that holds a notice, and MediaType its type.
// Beside it a package of a notice has at most the key of the case's hash.
const (
	PartName  = "notice.json"
	MediaType = "application/json"
)

// Encode writes the notice as it travels. There is one spelling of it.
func (n Notice) Encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(n); err != nil {
		return nil, fmt.Errorf("writing a notice: %w", err)
	}
	return b.Bytes(), nil
}

// errForm is the error of a text that is no notice.
var errForm = errors.New("reading a notice: it is no notice.json of this version")

// Read reads notice.json of a package. Only what [Notice.Encode] writes is one:
// members that there are not, twice or in another order, and other spellings are
// refused. The error repeats nothing of it; what is in it [Check] judges.
func Read(text []byte) (Notice, error) {
	var n Notice
	if len(text) > 2*MaxRequest || json.Unmarshal(text, &n) != nil || n.Version != Version {
		return Notice{}, errForm
	}
	if again, err := n.Encode(); err != nil || !bytes.Equal(again, text) {
		return Notice{}, errForm
	}
	return n, nil
}

// code is the form of ids.
var code = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$`)

// Check asks the law once more, from the notice alone, and compares. It is what
// the station runs before it seals and what the service runs after it has
// opened. It fails with [Faults].
func Check(n Notice) error {
	var faults Faults
	find := func(bad bool, field, problem string) {
		if bad {
			faults = append(faults, Fault{Field: field, Problem: problem})
		}
	}
	find(n.Version != Version, "version", "it is another")
	find(!code.MatchString(n.Station), "station", "it is not the id of a station")
	find(!code.MatchString(n.Officer), "officer", "it is not the id of an officer")
	find(n.MadeAt.Location() != time.UTC || n.MadeAt.Nanosecond() != 0, "made_at", "it is no whole second in UTC")
	find(far(n.Day, n.MadeAt), "day", "it is not the day on which the notice was made")
	s := Settings{Law: n.Law, Categories: n.Categories}
	a, err := s.For(n.Request, n.Counter, n.Day)
	if fs, ok := AsFaults(err); ok {
		return append(faults, fs...)
	}
	find(n.Controller != a.Controller, "controller", "the law names another")
	find(n.Until != a.Until, "until", "the law names another day")
	find(!reflect.DeepEqual(n.Grounds, a.Grounds), "grounds", "the law has others")
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// far reports whether a day is none that any zone has at a moment.
func far(day rule.Date, at time.Time) bool {
	return day.Before(rule.DateOf(at.Add(-14*time.Hour))) || day.After(rule.DateOf(at.Add(14*time.Hour)))
}
