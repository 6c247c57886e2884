package capture

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"optag/capture/rule"
)

// Data is what the law has travel with the biometrics, as the counter learns
// it. [rule.Settings.Data] says which of it belongs to a case; anything else is
// surplus.
type Data struct {
	Reference   string         `json:"reference_number,omitempty"` // Eurodac's: DK, the digit of the category, and the authority's own
	Sex         Sex            `json:"sex,omitempty"`
	Place       string         `json:"place,omitempty"` // of the application or the apprehension
	Apprehended rule.Date      `json:"apprehended_on,omitzero"`
	Document    TravelDocument `json:"travel_document,omitzero"`
	With        Companion      `json:"accompanied_by,omitzero"`
}

// A Sex is written as in a travel document.
type Sex string

// The sexes of ICAO Doc 9303.
const (
	Female      Sex = "F"
	Male        Sex = "M"
	Unspecified Sex = "X"
)

// A TravelDocument is what Eurodac wants to know of one (Regulation (EU)
// 2024/1358 art. 17), as its machine readable zone or its chip says.
type TravelDocument struct {
	Type   string    `json:"type"`   // ICAO's document code: "P", "ID", …
	Number string    `json:"number"` //
	Issuer string    `json:"issuer"` // ICAO's three letters of the state
	Expiry rule.Date `json:"expiry,omitzero"`
}

// A Companion is who was with a minor (Regulation (EU) 2024/1358 art. 14).
type Companion struct {
	Role string `json:"role"` // "family", "representative" or "trained_person"
	Name string `json:"name,omitempty"`
}

// Force says that the police secured what was refused. It is their decision,
// and nothing in the station demands it (law digest § 4).
type Force struct {
	Authority string    `json:"authority"` // who of the police decided
	Note      string    `json:"note,omitempty"`
	By        string    `json:"recorded_by"`
	At        time.Time `json:"at"`
}

// Secure records that the police secured the capture; nil takes it back. It
// fails with [ErrNotAsked] where that is not theirs to decide.
func (s *Session) Secure(f *Force) error {
	if f != nil && !s.begun.Facts.Secured() {
		return fmt.Errorf("recording force: %w", ErrNotAsked)
	}
	s.force = f
	return nil
}

// Force is what was recorded of it, nil where none was used.
func (s *Session) Force() *Force { return s.force }

// Demands lists the data that belong to the case.
func (c Case) Demands(law rule.Settings) []rule.Demand { return law.Data(c.Facts, c.LawDate) }

// Lacks lists the data that the law wants of the case and that nobody has
// entered.
func (c Case) Lacks(law rule.Settings) (missing []rule.Demand) {
	has := c.has()
	for _, d := range c.Demands(law) {
		if d.Must && !slices.Contains(has, d.Datum) {
			missing = append(missing, d)
		}
	}
	return missing
}

// has lists the data that are there.
func (c Case) has() (list []rule.Datum) {
	d := Data{}
	if c.Data != nil {
		d = *c.Data
	}
	for _, one := range []struct {
		datum rule.Datum
		there bool
	}{
		{rule.Place, d.Place != ""},
		{rule.ApplicationDate, !c.Facts.AppliedOn.IsZero()},
		{rule.ApprehendedOn, !d.Apprehended.IsZero()},
		{rule.Sex, d.Sex != ""},
		{rule.ReferenceNumber, d.Reference != ""},
		{rule.TravelDocument, d.Document != TravelDocument{}},
		{rule.AccompaniedBy, d.With != Companion{}},
	} {
		if one.there {
			list = append(list, one.datum)
		}
	}
	return list
}

// data checks that the data are those the law names: none more and none less.
func (c *checker) data() {
	begun, law := c.r.Case, c.r.Profile.Law
	asked := func(datum rule.Datum) bool {
		return slices.ContainsFunc(begun.Demands(law), func(d rule.Demand) bool { return d.Datum == datum })
	}
	for _, datum := range begun.has() {
		if !asked(datum) && datum != rule.ApplicationDate { // which every case may have among its facts
			c.find(Surplus, string(datum), "the law names no such data for this case")
		}
	}
	for _, d := range begun.Lacks(law) {
		c.find(Gap, string(d.Datum), "it goes with the prints, "+d.Source)
	}
	for _, fault := range begun.Wrong(c.r.Profile) {
		if asked(rule.Datum(fault.What)) {
			c.faults = append(c.faults, fault)
		}
	}
}

// Wrong lists the data that cannot be, by their names. What they say is repeated
// nowhere.
func (c Case) Wrong(p Profile) (list Faults) {
	if c.Data == nil {
		return nil
	}
	d, f := *c.Data, c.Facts
	for _, one := range []struct {
		bad   bool
		datum rule.Datum
		why   string
	}{
		{d.Reference != "" && !p.Eurodac.Numbered(f.Basis, d.Reference), rule.ReferenceNumber,
			"it is the state's letters, the digit of the category, and letters and digits of the authority's own"},
		{d.Sex != "" && d.Sex != Female && d.Sex != Male && d.Sex != Unspecified, rule.Sex, "it is F, M or X"},
		{d.Place != "" && !written(d.Place), rule.Place, "it is one line of at most 100 characters"},
		{d.Apprehended.After(f.CaptureOn), rule.ApprehendedOn, "it lies after the capture"},
		{d.Document != TravelDocument{} && !d.Document.whole(), rule.TravelDocument, "it needs type, number and issuing state, in the letters of a machine readable zone"},
		{d.With != Companion{} && !d.With.whole(), rule.AccompaniedBy, "it is family, a representative or a trained person"},
	} {
		if one.bad {
			list = append(list, Fault{Differs, string(one.datum), one.why})
		}
	}
	return list
}

// written reports whether a text is one line of a form.
func written(s string) bool {
	return s == strings.TrimSpace(s) && utf8.ValidString(s) && utf8.RuneCountInString(s) <= 100 &&
		!strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError })
}

func (d TravelDocument) whole() bool {
	return only(d.Type, capitals, 1, 2) && only(d.Number, capitals+digits, 1, 25) && only(d.Issuer, capitals, 1, 3)
}

func (w Companion) whole() bool {
	return slices.Contains([]string{"family", "representative", "trained_person"}, w.Role) && written(w.Name)
}

// force checks that force was the police's to decide, and that something came
// of it.
func (c *checker) force() {
	f := c.r.Force
	switch {
	case f == nil:
	case !c.r.Case.Facts.Secured():
		c.find(Surplus, "force", "the police secure no capture of this kind")
	case f.Authority == "" || f.By == "" || f.At.IsZero():
		c.find(Gap, "force", "who of the police decided, who recorded it and when must be recorded")
	case len(c.r.Prints) == 0 && c.r.Portrait == nil:
		c.find(Differs, "force", "nothing was taken")
	}
}

// Categories are the digits that stand after the state's letters in a reference
// number of Eurodac, by category (Regulation (EU) 603/2013 art. 24(4)).
type Categories struct {
	State string `json:"state"` // the member state's letters
	Art4  string `json:"art4"`
	Art8  string `json:"art8"`
	Art11 string `json:"art11"`
}

// distinct reports whether every category has a digit of its own.
func (k Categories) distinct() bool {
	for _, digit := range []string{k.Art4, k.Art8, k.Art11} {
		if !only(digit, digits, 1, 1) {
			return false
		}
	}
	return only(k.State, capitals, 1, 2) && k.Art4 != k.Art8 && k.Art8 != k.Art11 && k.Art4 != k.Art11
}

// Begin is the beginning of a category's reference numbers; "" for what is none.
func (k Categories) Begin(b rule.Basis) string {
	digit := map[rule.Basis]string{rule.Art4: k.Art4, rule.Art8: k.Art8, rule.Art11: k.Art11}[b]
	if digit == "" {
		return ""
	}
	return k.State + digit
}

// Numbered reports whether a reference number is one of the category's.
func (k Categories) Numbered(b rule.Basis, number string) bool {
	begin := k.Begin(b)
	own, ok := strings.CutPrefix(number, begin)
	return ok && begin != "" && only(own, capitals+digits+"/-", 1, 32)
}

const (
	capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits   = "0123456789"
)

// only reports whether a text has no other characters than these, and from
// least to most of them.
func only(s, characters string, least, most int) bool {
	return len(s) >= least && len(s) <= most && strings.Trim(s, characters) == ""
}

// agency reports whether a text names an originating agency.
func agency(s string) bool {
	return len(s) > 3 && only(s[:3], capitals, 3, 3) && only(s[3:], capitals+strings.ToLower(capitals)+digits, 1, 29)
}
