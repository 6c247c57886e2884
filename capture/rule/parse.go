package rule

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// Parse reads facts from one JSON object of the contract's form.
//
// A field that is not given has the value that [Defaults] gives it. A field
// the contract does not know, a field given twice, a value that is none of the
// contract's and anything after the object are errors. The error is a
// [*FactError] and names the field.
func Parse(data []byte) (Facts, error) {
	if !utf8.Valid(data) {
		return Facts{}, &FactError{"", "not UTF-8 text"}
	}
	f := Defaults()
	if err := parseObject("", data, f.field); err != nil {
		return Facts{}, err
	}
	return f, nil
}

// parseObject calls set with the name and the value of each field of the
// object in data, which is the value of the fact within, or the document.
func parseObject(within string, data []byte, set func(name string, value []byte) error) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil {
		return &FactError{within, jsonProblem(err)}
	} else if t != json.Delim('{') {
		return &FactError{within, "want a JSON object"}
	}
	var seen []string
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return &FactError{within, jsonProblem(err)}
		}
		key := name.(string)
		full := join(within, key)
		var value json.RawMessage
		switch err := d.Decode(&value); {
		case err != nil:
			return &FactError{full, jsonProblem(err)}
		case slices.Contains(seen, key):
			return &FactError{full, "given twice"}
		}
		seen = append(seen, key)
		if err := set(key, value); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return &FactError{within, jsonProblem(err)}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &FactError{within, "something follows the JSON object"}
	}
	return nil
}

// field sets one field of the facts.
func (f *Facts) field(name string, value []byte) error {
	switch name {
	case "purpose":
		return word(name, value, &f.Purpose, Purposes())
	case "basis":
		return word(name, value, &f.Basis, allBases())
	case "application":
		return word(name, value, &f.Application, Applications())
	case "applied_on":
		return date(name, value, &f.AppliedOn, ParseDate)
	case "capture_on":
		return date(name, value, &f.CaptureOn, ParseDate)
	case "lodged_at":
		return word(name, value, &f.LodgedAt, Lodgings())
	case "station":
		return word(name, value, &f.Station, Stations())
	case "birth_date":
		return date(name, value, &f.BirthDate, ParseBirthDate)
	case "judged_adult":
		return boolean(name, value, &f.JudgedAdult)
	case "unaccompanied":
		return boolean(name, value, &f.Unaccompanied)
	case "with_custodian":
		return boolean(name, value, &f.WithCustodian)
	case "card_requested":
		return boolean(name, value, &f.CardRequested)
	case "biometrics_on_pending_case":
		return boolean(name, value, &f.BiometricsOnPendingCase)
	case "unable":
		return parseObject(name, value, f.Unable.field)
	case "refuses":
		return items(name, value, &f.Refuses)
	}
	return &FactError{quote(name), "no such fact"}
}

// field sets one field of what a person cannot give.
func (u *Unable) field(name string, value []byte) error {
	if name != "prints" {
		return &FactError{"unable." + quote(name), "no such fact"}
	}
	return word("unable.prints", value, &u.Prints, Inabilities())
}

// word reads a string that is one of known.
func word[T ~string](name string, value []byte, into *T, known []T) error {
	s, err := text(name, value)
	if err != nil {
		return err
	}
	if !slices.Contains(known, T(s)) {
		return &FactError{name, fmt.Sprintf("%s is none of %s", quote(s), words(known))}
	}
	*into = T(s)
	return nil
}

// date reads a date. Its error does not repeat the value, which may be an
// applicant's birth date.
func date[T any](name string, value []byte, into *T, parse func(string) (T, error)) error {
	s, err := text(name, value)
	if err != nil {
		return err
	}
	if *into, err = parse(s); err != nil {
		return &FactError{name, err.Error()}
	}
	return nil
}

func boolean(name string, value []byte, into *bool) error {
	switch string(value) {
	case "true":
		*into = true
	case "false":
		*into = false
	default:
		return &FactError{name, "want true or false"}
	}
	return nil
}

// items reads the list of what is refused, each item at most once.
func items(name string, value []byte, into *[]Item) error {
	var list []json.RawMessage
	if value[0] != '[' || json.Unmarshal(value, &list) != nil {
		return &FactError{name, "want a list"}
	}
	for _, one := range list {
		var item Item
		if err := word(name, one, &item, []Item{ItemPhoto, ItemPrints}); err != nil {
			return err
		}
		if slices.Contains(*into, item) {
			return &FactError{name, string(item) + " is given twice"}
		}
		*into = append(*into, item)
	}
	return nil
}

func text(name string, value []byte) (string, error) {
	var s string
	if value[0] != '"' || json.Unmarshal(value, &s) != nil {
		return "", &FactError{name, "want a string"}
	}
	return s, nil
}

func allBases() []Basis {
	return slices.Concat(Bases(ResidenceCard), Bases(Eurodac), Bases(PoliceRegister), Bases(VIS))
}

// join names a field within a field.
func join(within, name string) string {
	if within == "" {
		return quoteOdd(name)
	}
	return within + "." + quoteOdd(name)
}

// maxQuoted bounds what an error repeats of the input, in bytes.
const maxQuoted = 40

// quote repeats a little of the input, so that the mistake can be found.
func quote(s string) string {
	if len(s) <= maxQuoted {
		return fmt.Sprintf("%q", s)
	}
	cut := maxQuoted
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return fmt.Sprintf("%q…", s[:cut])
}

// quoteOdd quotes what is not the name of a fact.
func quoteOdd(name string) string {
	for _, c := range []byte(name) {
		if c != '_' && (c < 'a' || c > 'z') {
			return quote(name)
		}
	}
	if name == "" || len(name) > maxQuoted {
		return quote(name)
	}
	return name
}

// jsonProblem says what is wrong with the JSON without repeating it.
func jsonProblem(err error) string {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the JSON ends too early"
	case errors.As(err, &syntax):
		return fmt.Sprintf("no JSON at byte %d", syntax.Offset)
	}
	return "no JSON"
}
