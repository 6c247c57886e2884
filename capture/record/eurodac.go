package record

import (
	"fmt"

	"optag/capture"
	"optag/capture/record/nist"
	"optag/capture/rule"
)

// EurodacAgreement is what a site begins with. The interface control document
// of Eurodac is not public; the number of the reference in the Type-2 record is
// Interpol's for a national reference, the others lie where a domain's own do.
func EurodacAgreement() Agreement {
	return Agreement{Transaction: "EURODAC", Destination: "EURODAC", Domain: nist.Domain{Name: "EURODAC", Version: "1.00"},
		Version: "0100", Algorithm: 65535}
}

// WriteEurodac writes the transaction of an asylum applicant, an irregular
// crossing or an illegal stay, with exactly the data of articles 5, 8 and 11. The
// category is that of the case. It refuses what [capture.Case.Lacks] lists, and a
// set in which nothing could be compared.
func WriteEurodac(s Set[Eurodac], a Agreement, t Transmission) ([]byte, error) {
	l := eurodacLayout(s.record.Case.Facts.Basis)
	file, err := l.write(&s.taken, a, t)
	if err != nil {
		return nil, fmt.Errorf("writing the transaction %s: %w", l.name, err)
	}
	return file, nil
}

// eurodacLayout is the table of a category.
func eurodacLayout(category rule.Basis) layout {
	source, name := "ED art. 5", "eurodac-1"
	switch category {
	case rule.Art8:
		source, name = "ED art. 8", "eurodac-2"
	case rule.Art11:
		source, name = "ED art. 11", "eurodac-3"
	}
	reference := datum(10, "REF", "case.data.reference_number", source, func(d capture.Data, _ rule.Facts) string { return d.Reference })
	l := layout{name: name, header: headerRows(), print: of(14, printRows()...)}
	if category == rule.Art11 {
		l.text = textRows(version(), reference)
		return l
	}
	event := datum(203, "EVENT", "case.facts.applied_on", source, func(_ capture.Data, f rule.Facts) string { return day(f.AppliedOn) })
	if category == rule.Art8 {
		event = datum(203, "EVENT", "case.data.apprehended_on", source, func(d capture.Data, _ rule.Facts) string { return day(d.Apprehended) })
	}
	l.text = textRows(version(), sent(source), reference,
		datum(24, "SEX", "case.data.sex", source, func(d capture.Data, _ rule.Facts) string { return string(d.Sex) }),
		field(201, "STATE", "profile.agency", Always, source, func(x *scope) [][]string { return one(x.record.Profile.Agency[:3]) }),
		datum(202, "PLACE", "case.data.place", source, func(d capture.Data, _ rule.Facts) string { return d.Place }),
		event,
		datum(204, "TAKEN", "case.facts.capture_on", source, func(_ capture.Data, f rule.Facts) string { return day(f.CaptureOn) }),
	)
	return l
}
