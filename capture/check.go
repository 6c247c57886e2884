package capture

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"optag/capture/face"
	"optag/capture/rule"
)

// What can be wrong with a record.
const (
	Gap     = "missing" // the law asks for it and it is not there
	Surplus = "surplus" // it is there and the law does not ask for it
	Differs = "differs" // the record contradicts the law's answer or itself
)

// A Fault is one thing that [Check] found.
type Fault struct {
	Kind string // Gap, Surplus or Differs
	What string // "portrait", "right_index", …
	Why  string
}

// Faults is the error of [Check].
type Faults []Fault

// Error joins the faults into one line.
func (fs Faults) Error() string {
	words := make([]string, len(fs))
	for i, f := range fs {
		words[i] = f.What + " " + f.Kind + ": " + f.Why
	}
	return strings.Join(words, "; ")
}

// AsFaults returns what [Check] found inside err.
func AsFaults(err error) (Faults, bool) {
	var fs Faults
	return fs, errors.As(err, &fs)
}

// Check asks the law once more, from the facts in the record alone, and
// compares: every item the law asks for is there, refused or excepted with a
// reason, and nothing else is there. It knows no session. It is what the
// station runs before it seals and what the service may run after it has
// opened.
func Check(r Record) error {
	c := checker{r: r, need: r.Profile.Law.For(r.Case.Facts, r.Case.LawDate)}
	if c.answer() {
		c.circumstances()
		c.portrait()
		c.prints()
	}
	if len(c.faults) > 0 {
		return c.faults
	}
	return nil
}

type checker struct {
	r      Record
	need   rule.Requirement
	faults Faults
}

func (c *checker) find(kind, what, why string) {
	c.faults = append(c.faults, Fault{kind, what, why})
}

func (c *checker) refused(i rule.Item) bool { return c.r.Case.Facts.Refused(i) }

// answer compares the decision itself; false when there is nothing to compare
// with.
func (c *checker) answer() bool {
	if c.r.Version != RecordVersion {
		c.find(Differs, "record", fmt.Sprintf("its version is %d and %d is known", c.r.Version, RecordVersion))
		return false
	}
	if c.need.Decision != rule.Capture {
		c.find(Surplus, "case", "the law's answer is "+string(c.need.Decision)+", so there is nothing to send")
		return false
	}
	if err := c.r.Profile.Validate(); err != nil {
		c.find(Differs, "profile", err.Error())
		return false
	}
	was, now := c.r.Requirement, c.need
	if was.Decision != now.Decision || was.Photo.Required != now.Photo.Required || was.LawDate != now.LawDate ||
		was.Prints.Required != now.Prints.Required || was.Refusal != now.Refusal || was.Controller != now.Controller {
		c.find(Differs, "requirement", "the law answers these facts otherwise")
	}
	return true
}

// circumstances checks what must accompany the images: who, where, the rights
// information, an inability and a refusal.
func (c *checker) circumstances() {
	if c.r.Station == "" || c.r.Officer == "" {
		c.find(Gap, "station and officer", "who took it and where must be recorded")
	}
	if i := c.r.Rights; i == nil || i.Text == "" || i.At.IsZero() || i.Language == "" && i.How != "elsewhere" {
		c.find(Gap, "rights information", "it is due before or at the capture, and which text it was and when is recorded")
	}
	c.inability()
	c.refusal()
	c.data()
	c.force()
}

func (c *checker) inability() {
	kind, i := c.r.Case.Facts.Unable.Prints, c.r.Inability
	switch {
	case kind == rule.Able && i != nil:
		c.find(Differs, "inability", "the facts know of none")
	case kind == rule.Able:
	case i == nil || i.Kind != kind || i.SeenBy == "":
		c.find(Gap, "inability", "who saw it must be recorded")
	case kind == rule.UnablePermanently && i.Note == "":
		c.find(Gap, "inability", "an exemption for good needs its reason in words")
	}
}

func (c *checker) refusal() {
	items, r := c.r.Case.Facts.Refuses, c.r.Refusal
	for _, i := range items {
		if !c.need.Asks(i) {
			c.find(Surplus, "refusal of "+string(i), "the law does not ask for it")
		}
	}
	switch {
	case len(items) == 0 && r != nil:
		c.find(Differs, "refusal", "the facts know of none")
	case len(items) == 0:
	case r == nil || r.By == "":
		c.find(Gap, "refusal", "who recorded it must be recorded")
	case !slices.Equal(r.Items, items) || r.Consequence != c.need.Refusal:
		c.find(Differs, "refusal", "the facts and the law say otherwise")
	}
}

func (c *checker) portrait() {
	wanted, p := c.need.Photo.Required && !c.refused(rule.ItemPhoto), c.r.Portrait
	switch {
	case wanted && p == nil:
		c.find(Gap, "portrait", "the law asks for it")
	case !wanted && p != nil:
		c.find(Surplus, "portrait", "the law does not ask for it or it was refused")
	case p == nil:
	case PortraitName(p.MediaType) == "" || p.Width <= 0 || p.Height <= 0:
		c.find(Differs, "portrait", "it is no picture of a known type")
	case !slices.Equal(names(p.Checks), face.Names()):
		c.find(Gap, "portrait", "it was not checked")
	case len(face.Blocking(p.Checks)) > 0 && p.Accepted == "":
		c.find(Gap, "portrait", "a check is not met and nobody accepted it with a reason")
	}
}

func names(checks []face.Check) []face.Name {
	all := make([]face.Name, len(checks))
	for i, c := range checks {
		all[i] = c.Name
	}
	return all
}
