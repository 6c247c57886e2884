package record

import (
	"fmt"
	"strings"

	"optag/capture/record/nist"
	"optag/capture/rule"
)

// RegisterAgreement is what a site begins with for the police's register.
func RegisterAgreement() Agreement {
	return Agreement{Transaction: "REGISTER", Destination: "DNKpol", Domain: nist.Domain{Name: "DNKPOL", Version: "1.00"}, Version: "0100", Algorithm: 65535}
}

// WriteRegister writes the ten prints of a capture under AA § 40 a(2), for the
// police's register of aliens, or for access control and the duty to report,
// which stay out of that register (AA § 40 a(12)).
func WriteRegister(s Set[Register], a Agreement, t Transmission) ([]byte, error) {
	file, err := registerLayout().write(&s.taken, a, t)
	if err != nil {
		return nil, fmt.Errorf("writing the transaction register: %w", err)
	}
	return file, nil
}

func registerLayout() layout {
	return layout{name: "register", header: headerRows(), fine: true,
		text: textRows(version(), sent("AA § 40 a(5)"),
			field(10, "REF", "case.case_number", IfKnown, "L167 6.1", func(x *scope) [][]string { return one(line(x.record.Case.Number, 100)) }),
			field(201, "BASIS", "case.facts.basis", Always, "AA § 40 a(2), (12)", func(x *scope) [][]string {
				_, number, _ := strings.Cut(string(x.record.Case.Facts.Basis), ")")
				return one(number)
			}),
		),
		print: of(14, append(printRows(), deviceRows()...)...)}
}

// IDENTAgreement is what a site begins with for a search in the United States:
// EBTS calls a search with the images of ten fingers TPIS.
func IDENTAgreement() Agreement {
	return Agreement{Transaction: "TPIS", Destination: "IDENT", Domain: nist.Domain{Name: "NORAM", Version: "EBTS 11.0"}, Algorithm: 65535}
}

// WriteIDENT writes prints as another country's system can search them, and
// nothing that says whose they are: the answer comes back by the transaction's
// number. Prints taken for identification alone may be searched for abroad (law
// digest § 1 no. 13; AA § 40 a(2) no. 3): anything else is [ErrPurpose]. Whether
// they may travel is asked of rule.Settings.MayTravel.
func WriteIDENT(s Set[Register], a Agreement, t Transmission) ([]byte, error) {
	err := ErrPurpose
	var file []byte
	if s.record.Case.Facts.Basis == rule.Register3 {
		file, err = identLayout().write(&s.taken, a, t)
	}
	if err != nil {
		return nil, fmt.Errorf("writing the transaction ident: %w", err)
	}
	return file, nil
}

func identLayout() layout {
	return layout{name: "ident", header: headerRows(), text: textRows(), fine: true, print: of(14, append(printRows(), deviceRows()...)...)}
}
