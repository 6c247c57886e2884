package lds

import (
	"fmt"
	"strings"

	"optag/capture/mrz"
	"optag/capture/record/tlv"
)

// ParseDG1 reads the machine readable zone. Whether its check digits are right
// is [mrz.Document.Err].
func ParseDG1(b []byte) (mrz.Document, error) {
	_, r, err := open(DG1, b)
	if err != nil {
		return mrz.Document{}, Named(DG1, err)
	}
	e, err := r.Want(0x5F1F)
	if err == nil {
		err = r.End()
	}
	if err != nil {
		return mrz.Document{}, Named(DG1, err)
	}
	n := len(e.Value)
	if n != 72 && n != 88 && n != 90 {
		return mrz.Document{}, Named(DG1, e.Fault(fmt.Sprintf("has %d characters, as no zone", n)))
	}
	d, err := mrz.Parse(string(e.Value))
	if err != nil || len(d.Repairs) > 0 { // a chip does not misread
		return mrz.Document{}, Named(DG1, e.Fault("is no machine readable zone"))
	}
	return d, nil
}

// WriteDG1 writes the machine readable zone of a document.
func WriteDG1(d mrz.Document) ([]byte, error) {
	lines, err := d.Lines()
	if err != nil {
		return nil, fmt.Errorf("writing %v: %w", DG1, err)
	}
	return tlv.Constructed(DG1.Tag(), tlv.Primitive(0x5F1F, []byte(strings.Join(lines, "")))).Bytes(), nil
}
