package pa

import (
	"fmt"

	"optag/device/emrtd/lds"
)

// A Kind is what can be found about a document.
type Kind uint8

const (
	Malformed        Kind = 1 + iota // EF.SOD, or EF.CardSecurity, cannot be read
	NoSigner                         // the signer's certificate is neither in EF.SOD nor installed
	WrongSignature                   // it is not signed with the signer's key
	WrongContent                     // its content is not what was signed
	GroupDiffers                     // a file is not the one that was signed
	GroupUnlisted                    // a file was read that EF.SOD does not know
	UnknownCSCA                      // no authority of the signer's issuer is installed
	WrongCSCA                        // it is, but did not certify the signer: a forgery, or a new key that is not installed
	SignerExpired                    // on the day the signer's certificate is not valid any more, or not yet
	CSCAExpired                      // the same of the authority that certified it
	Revoked                          // the signer, or an authority above it
	NotASigner                       // the certificate is none for signing documents, or not such ones
	WrongState                       // the signer is of another state than the document
	CommonDiffers                    // EF.COM lists other files than EF.SOD
	AccessDiffers                    // EF.CardAccess, which is not signed, says what DG14 does not
	Irregular                        // it is not in the form it should be in, and legible
	UnknownAlgorithm                 // it is signed or hashed in a way that is not known here
)

var kinds = map[Kind]string{
	Malformed:      "it cannot be read",
	NoSigner:       "the signer's certificate is missing",
	WrongSignature: "it is not signed with the signer's key",
	WrongContent:   "its content is not what was signed",
	GroupDiffers:   "the file is not the one that was signed",
	GroupUnlisted:  "the file is not known to EF.SOD",
	UnknownCSCA:    "the authority that certified the signer is not installed",
	WrongCSCA:      "the authority that is installed did not certify the signer",
	SignerExpired:  "the signer's certificate is not valid on the day",
	CSCAExpired:    "the authority's certificate is not valid on the day",
	Revoked:        "a certificate is revoked",
	NotASigner:     "the certificate may not sign such documents",
	WrongState:     "the signer is of another state than the document",
	CommonDiffers:  "EF.COM and EF.SOD list different files",
	AccessDiffers:  "EF.CardAccess says what EF.DG14 does not",
	Irregular:      "it is not in the form it should be in",

	UnknownAlgorithm: "it is signed or hashed by an algorithm that is not known",
}

func (k Kind) String() string {
	if s := kinds[k]; s != "" {
		return s
	}
	return fmt.Sprintf("finding %d", uint8(k))
}

// A Finding is something that is not as it should be.
type Finding struct {
	Kind Kind
	File lds.File // that it is about; 0 for none
	Err  error    // more about it; nil for nothing
}

// Error tells the finding, and no content of a file.
func (f Finding) Error() string {
	s := f.Kind.String()
	if f.File != 0 {
		s = f.File.String() + ": " + s
	}
	if f.Err != nil {
		s += ": " + f.Err.Error()
	}
	return s
}

func (f Finding) Unwrap() error { return f.Err }

// A State is the light of one lamp.
type State uint8

const (
	NotChecked State = iota // it could not be looked at
	Good
	Failed
)

func (s State) String() string {
	switch s {
	case Good:
		return "good"
	case Failed:
		return "failed"
	}
	return "not checked"
}

// A Group is a data group and what its hash says.
type Group struct {
	File  lds.File
	State State // NotChecked: EF.SOD lists it, and it was not read
}

// A Result is what was found. It holds certificates, and nothing of the holder.
type Result struct {
	Signer   *Certificate   // of the document; nil where it is not known
	Path     []*Certificate // the signer, the authority that certified it, and over links older ones; nil where none is known
	Object   *SecurityObject
	Groups   []Group // those that EF.SOD lists and those that were read, by number
	Findings []Finding

	Signature State // EF.SOD is signed by the signer
	Chain     State // whom an authority certified that is installed, all valid on the day
	Content   State // every file that was read is the one that was signed
}

// CSCA is the authority that certified the signer; nil where none is known.
func (r *Result) CSCA() *Certificate {
	if len(r.Path) < 2 {
		return nil
	}
	return r.Path[1]
}

// Has reports whether something of a kind was found.
func (r *Result) Has(k Kind) bool {
	for _, f := range r.Findings {
		if f.Kind == k {
			return true
		}
	}
	return false
}

// Of is what the hash of a data group says; listed is false where EF.SOD does not
// know it. So it can be told that DG3 is there where it cannot be read.
func (r *Result) Of(f lds.File) (s State, listed bool) {
	if r.Object == nil {
		return NotChecked, false
	}
	_, listed = r.Object.Sums[f]
	for _, g := range r.Groups {
		if g.File == f {
			s = g.State
		}
	}
	return s, listed
}

// lamps are the findings that make a lamp fail.
var lamps = map[Kind]func(*Result) *State{
	Malformed:      (*Result).signature,
	WrongSignature: (*Result).signature,
	WrongContent:   (*Result).signature,
	GroupDiffers:   (*Result).content,
	GroupUnlisted:  (*Result).content,
	WrongCSCA:      (*Result).chain,
	SignerExpired:  (*Result).chain,
	CSCAExpired:    (*Result).chain,
	Revoked:        (*Result).chain,
	NotASigner:     (*Result).chain,
	WrongState:     (*Result).chain,
}

func (r *Result) signature() *State { return &r.Signature }
func (r *Result) chain() *State     { return &r.Chain }
func (r *Result) content() *State   { return &r.Content }

// found keeps a finding and lets its lamp fail.
func (r *Result) found(k Kind, f lds.File, err error) {
	r.Findings = append(r.Findings, Finding{k, f, err})
	if lamp := lamps[k]; lamp != nil {
		*lamp(r) = Failed
	}
}

// good lights a lamp that did not fail.
func good(s *State) {
	if *s != Failed {
		*s = Good
	}
}
