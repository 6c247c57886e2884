package record

import (
	"fmt"

	"optag/capture/record/nist"
	"optag/capture/rule"
)

// VISAgreement is what a site begins with, by the conventions of the test data
// of EES. The interface control document of VIS is not public.
func VISAgreement() Agreement {
	return Agreement{Transaction: "VIS", Priority: 9, Destination: "sBMS", Domain: nist.Domain{Name: "VIS", Version: "1.00"},
		Version: "0100", Algorithm: 65535}
}

// WriteVIS writes the prints and the photo of a visa applicant: single
// segmented fingers, IDC equal to the finger, as EES takes them too. The photo
// of a long-stay visa's sticker is for [WriteSticker].
func WriteVIS(s Set[Visa], a Agreement, t Transmission) ([]byte, error) {
	err := ErrPurpose
	var file []byte
	if s.record.Case.Facts.Purpose == rule.VIS {
		file, err = visLayout().write(&s.taken, a, t)
	}
	if err != nil {
		return nil, fmt.Errorf("writing the transaction vis: %w", err)
	}
	return file, nil
}

func visLayout() layout {
	return layout{name: "vis", header: headerRows(), text: textRows(version(), sent("EES")), print: of(14, printRows()...), face: faceRows()}
}
