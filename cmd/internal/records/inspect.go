package records

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"optag/capture/record"
	"optag/capture/record/nist"
)

// A Report is what a file holds and what is wrong with it.
type Report struct {
	Format   string    `json:"format"` // "" where it is none of the known ones
	Bytes    int       `json:"bytes"`
	OK       bool      `json:"ok"` // nothing is wrong
	Sections []Section `json:"sections"`
	Faults   []Fault   `json:"faults"`
	Remarks  []string  `json:"remarks"` // what is worth knowing and not wrong
}

// A Section is a record of a file, or an image of a record.
type Section struct {
	Name     string    `json:"name"`
	Fields   []Field   `json:"fields"`
	Picture  *Picture  `json:"picture,omitempty"`
	Sections []Section `json:"sections,omitempty"`
}

// A Field is one field. Of one that may tell of a person only its length is told.
type Field struct {
	At       string `json:"at,omitempty"`       // its number: "14.013"
	Mnemonic string `json:"mnemonic,omitempty"` // "FGP"
	Name     string `json:"name"`
	Value    string `json:"value,omitempty"`
	Hidden   int    `json:"hidden_bytes,omitempty"`
}

// A Fault is one rule that a file does not keep.
type Fault struct {
	Where string `json:"where"`
	Rule  string `json:"rule"`
	Value string `json:"value,omitempty"` // what stands there
}

// String returns the fault as a line.
func (f Fault) String() string {
	s := f.Rule
	if f.Where != "" {
		s = f.Where + ": " + s
	}
	if f.Value != "" {
		s += " (" + f.Value + ")"
	}
	return s
}

// Options say how a file is looked at.
type Options struct {
	Names   bool   // values that may tell of a person are told
	Profile string // of a receiver, that a transaction has to keep as well; "" is none
	Receivers
}

// Profiles are those that a transaction can be held against.
func Profiles() (names []string) {
	for _, p := range record.Profiles() {
		if _, ok := (Receivers{}).agreement(p.Name); ok {
			names = append(names, p.Name)
		}
	}
	return names
}

// An inspector collects what there is to say of one file.
type inspector struct {
	Options
	Report
}

// Inspect recognises a file by its content and tells what is in it. It never
// fails: what cannot be read is a fault.
func Inspect(file []byte, o Options) Report {
	i := &inspector{Options: o, Report: Report{Bytes: len(file), Sections: []Section{}, Faults: []Fault{}, Remarks: []string{}}}
	switch kind := recognise(file); kind {
	case transactionFile:
		i.transaction(file)
	case fingerFile, faceFile, finger3File, face3File:
		i.Sections = append(i.Sections, i.record(kind, file, ""))
	case chipFile:
		i.chip(file)
	default:
		i.fault("", unknown(file), "")
	}
	if o.Profile != "" && !strings.HasPrefix(i.Format, "ANSI/NIST-ITL") {
		i.fault("", "the profile "+o.Profile+" is one of transactions, and this is none", "")
	}
	i.OK = len(i.Faults) == 0
	return i.Report
}

func (i *inspector) fault(where, rule, value string) {
	i.Faults = append(i.Faults, Fault{where, printable(rule), printable(value)})
}

// printable is a text of strangers that does nothing to a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}

func (i *inspector) remark(format string, args ...any) {
	i.Remarks = append(i.Remarks, fmt.Sprintf(format, args...))
}

// tell is a field of a value that anybody may see.
func tell(name string, value any) Field { return Field{Name: name, Value: fmt.Sprint(value)} }

// secret is a field of a value that may tell of a person.
func (i *inspector) secret(name, value string) Field {
	if i.Names {
		return Field{Name: name, Value: printable(value)}
	}
	return Field{Name: name, Hidden: len(value)}
}

// A kind is what a file begins like.
type kind int

const (
	unknownFile kind = iota
	transactionFile
	fingerFile  // ISO/IEC 19794-4
	faceFile    // ISO/IEC 19794-5
	finger3File // ISO/IEC 39794-4
	face3File   // ISO/IEC 39794-5
	chipFile    // EF.DG2, EF.DG3, EF.DG4
)

// recognise tells what a file begins like.
func recognise(file []byte) kind {
	for _, k := range []struct {
		begin, soon string // soon is what stands among the first bytes behind that
		kind
	}{
		{"FIR\x00", "", fingerFile}, {"FAC\x00", "", faceFile}, {"1.", ":", transactionFile},
		{"\x64", "\xa0", finger3File}, {"\x65", "\xa0", face3File},
		{"\x75", "\x7f\x61", chipFile}, {"\x63", "\x7f\x61", chipFile}, {"\x76", "\x7f\x61", chipFile},
	} {
		if rest, ok := bytes.CutPrefix(file, []byte(k.begin)); ok && bytes.Contains(rest[:min(len(rest), 12)], []byte(k.soon)) {
			return k.kind
		}
	}
	return unknownFile
}

// unknown says what to do with a file that is no record.
func unknown(file []byte) string {
	if codingOf(file) != "" {
		return "it is an image without a record around it; optag quality looks at those"
	}
	return "it is no transaction of ANSI/NIST-ITL, no record of ISO/IEC 19794 or 39794, and no data group of a chip"
}

// held compares a transaction with the profile that was asked for. What the
// standard says was said before.
func (i *inspector) held(file []byte) {
	a, known := i.agreement(i.Profile)
	if !known {
		i.fault("", "no profile of a transaction is called "+i.Profile+"; there are "+strings.Join(Profiles(), ", "), "")
		return
	}
	err := record.Inspect(i.Profile, file, a)
	said := map[string]bool{}
	if t, bad := nist.Parse(file); bad == nil {
		for _, f := range nist.Check(t) {
			said[f.String()] = true
		}
	}
	for _, e := range each(err) {
		var more record.Surplus
		switch {
		case said[e.Error()]:
		case errors.As(e, &more):
			i.fault(more.At, "the field is surplus: the profile "+more.Profile+" has none", "")
		default:
			i.fault("profile "+i.Profile, e.Error(), "")
		}
	}
}

// each are the errors that were joined into one.
func each(err error) []error {
	for e := err; e != nil; e = errors.Unwrap(e) {
		if many, ok := e.(interface{ Unwrap() []error }); ok {
			return many.Unwrap()
		}
	}
	if err == nil {
		return nil
	}
	return []error{err}
}
