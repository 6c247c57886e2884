package number

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// UsualCase is the form that alien and case numbers usually have. No published
// source fixes it, so it is a setting of the station.
const UsualCase = `^\d{7,10}$`

// A Form is what alien or case numbers look like at one station.
type Form struct{ expr *regexp.Regexp }

// NewForm makes a form of a regular expression, [UsualCase] where it is "".
func NewForm(expr string) (Form, error) {
	if expr == "" {
		expr = UsualCase
	}
	r, err := regexp.Compile(expr)
	if err != nil {
		return Form{}, fmt.Errorf("reading the form of a case number: %w", err)
	}
	return Form{r}, nil
}

// Warnings says what is unusual about an alien or case number. Such numbers have
// no check digit. Blanks around it do not count. That it could be a CPR number
// is said because a CPR number belongs into its own field: it is a person's, and
// a case number is shown and logged.
func (f Form) Warnings(text string, on time.Time) []Warning {
	var w []Warning
	if !f.expr.MatchString(strings.TrimSpace(text)) {
		w = append(w, Unusual)
	}
	if c, err := ParseCPR(text); err == nil && c.Modulus() {
		if birth, ok := c.Birth(); ok && !c.Replacement() && birth <= on.Format(time.DateOnly) {
			w = append(w, LikeCPR)
		}
	}
	return w
}
