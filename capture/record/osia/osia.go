// Package osia hands a case over from one authority to the next: a JSON text in
// the shape of an OSIA enrolment (Secure Identity Alliance, enrolment API of
// version 7), signed by who hands over, with the aim that it states and the
// provision that allows it. Who receives it takes the case over without typing
// it again.
//
// What may travel from whom to whom, and for which aim, is asked of rule when a
// file is written and again when it is read: what no line of that table names is
// an error on both sides.
//
// The package leaves to others how the file travels, where keys are kept, and
// what eurodac, vis, a card producer or another country takes: those have
// profiles of their own in package record. docs/records/handover.md describes
// every member, docs/records/handover.schema.json says it to programs.
package osia

import (
	"errors"
	"fmt"
	"slices"

	"optag/capture"
	"optag/capture/rule"
)

// Why nothing is handed over or taken over. Every error of [Read] wraps one of
// the first seven or what a receiver's Fetch returned, every error of [Write] one
// of the last four or a fault in what was given. None repeats anything of a case.
var (
	ErrForm      = errors.New("not a hand-over of this form")
	ErrSignature = errors.New("it was changed after it was signed")
	ErrUntrusted = errors.New("it is not signed by a key that speaks for who hands over")
	ErrNotForUs  = errors.New("it is for another receiver or another aim")
	ErrPassage   = errors.New("the law names no such way")          // from, to and aim
	ErrSurplus   = errors.New("it holds what may not travel there") // a cargo, or more of it than the law has
	ErrNothing   = errors.New("there is nothing to hand over for this aim")
	ErrSigner    = errors.New("it is signed with Ed25519 alone")
)

// A Way is from whom to whom, for which aim, and with what beside the case
// itself, which is the reference of the application and the master data.
type Way struct {
	From, To rule.Party
	Aim      rule.Aim
	With     []rule.Cargo // in any order: prints, photo, data, refusal
}

// authorities are the parties between which files of this form go.
var authorities = []rule.Party{rule.PartyImmigrationService, rule.PartyForeignMinistry, rule.PartyNationalPolice, rule.PartyReturnAgency}

// carries lists what travels, in the order of [rule.Cargoes].
func (w Way) carries() (list []rule.Cargo) {
	for _, c := range rule.Cargoes() {
		if c == rule.CargoCase || slices.Contains(w.With, c) {
			list = append(list, c)
		}
	}
	return list
}

// allowed asks the law whether all of it may travel, and by which passage.
func (w Way) allowed(c capture.Case, law rule.Settings) (rule.Passage, error) {
	by, ok := law.MayTravel(c.Facts, c.LawDate, rule.CargoCase, w.From, w.To, w.Aim)
	if !ok || !slices.Contains(authorities, w.From) || !slices.Contains(authorities, w.To) {
		return by, fmt.Errorf("from %.30q to %.30q for %.30q: %w", w.From, w.To, w.Aim, ErrPassage)
	}
	for i, what := range w.With {
		_, ok := law.MayTravel(c.Facts, c.LawDate, what, w.From, w.To, w.Aim)
		if !ok || what == rule.CargoCase || what == rule.CargoStatus || slices.Contains(w.With[:i], what) {
			return by, fmt.Errorf("%.30q to %s for %s: %w", what, w.To, w.Aim, ErrSurplus)
		}
	}
	return by, nil
}

// has reports whether something travels.
func (w Way) has(c rule.Cargo) bool { return slices.Contains(w.With, c) }

// trim leaves of a case what travels on this way.
func (w Way) trim(c capture.Case) capture.Case {
	if !w.has(rule.CargoRefusal) {
		c.Facts.Refuses = nil
	}
	if !w.has(rule.CargoPrints) {
		c.Facts.Unable = rule.Defaults().Unable
	}
	if !w.has(rule.CargoData) {
		c.Data = nil
	}
	return c
}
