// Package records is what both programs do with files of biometric records: it
// writes those of an opened package for its receiver, tells what a file holds and
// what is wrong with it, and carries its images over into a file of another
// format.
//
// The layouts and their rules are those of the packages below capture/record, the
// fields of each receiver those of capture/record itself. Files, flags and words
// on the screen are the commands'.
package records

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"optag/capture"
	"optag/capture/record"
	"optag/capture/rule"
)

// Receivers are what those who get records have set: for the card producer its
// settings, for every other what its interface document says.
type Receivers struct {
	Card     record.CardSettings `json:"card"`
	Eurodac  record.Agreement    `json:"eurodac"`
	VIS      record.Agreement    `json:"vis"`
	Register record.Agreement    `json:"register"`
	IDENT    record.Agreement    `json:"ident"`
}

// Defaults are what a site begins with.
func Defaults() Receivers {
	return Receivers{
		Card: record.CardDefaults(), Eurodac: record.EurodacAgreement(), VIS: record.VISAgreement(),
		Register: record.RegisterAgreement(), IDENT: record.IDENTAgreement(),
	}
}

// ReadReceivers reads receivers from JSON. What it does not name is as in
// [Defaults]; what there is not is an error that names it.
func ReadReceivers(text []byte) (Receivers, error) {
	r := Defaults()
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return Receivers{}, fmt.Errorf("reading the receivers: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Receivers{}, errors.New("reading the receivers: something follows them")
	}
	return r, nil
}

// agreement is that of a profile, as in "eurodac-1"; false where there is no such
// profile of a transaction.
func (r Receivers) agreement(profile string) (record.Agreement, bool) {
	switch profile {
	case "eurodac-1", "eurodac-2", "eurodac-3":
		return r.Eurodac, true
	case "vis":
		return r.VIS, true
	case "register":
		return r.Register, true
	case "ident":
		return r.IDENT, true
	}
	return record.Agreement{}, false
}

// ErrNoRecord: the package holds no capture, so that there is nothing to write.
var ErrNoRecord = errors.New("there is no session.json in it")

// Write writes the records of a package's parts for the one purpose they were
// taken for: the files of a card or of a sticker, or the transaction of Eurodac,
// VIS or the register. The purpose is what the package says outside, and has to be
// that of the record inside. The control number is one that is unique at its
// origin, as the package's. It fails with [ErrNoRecord], and otherwise as
// capture/record does. Whoever has used the files wipes them.
func Write(parts []capture.Part, purpose string, to Receivers, control string, now time.Time) ([]capture.Part, error) {
	r, parts, err := session(parts, purpose)
	if err != nil {
		return nil, err
	}
	sent := record.Transmission{Control: control, Sent: now.In(r.Finished.Location())}
	switch r.Case.Facts.Purpose {
	case rule.ResidenceCard:
		return writeOf(r, parts, func(s record.Set[record.Card]) ([]capture.Part, error) { return record.WriteCard(s, to.Card) })
	case rule.LongStayVisa:
		return writeOf(r, parts, func(s record.Set[record.Visa]) ([]capture.Part, error) {
			p, err := record.WriteSticker(s)
			return []capture.Part{p}, err
		})
	case rule.VIS:
		return writeOf(r, parts, transaction("vis.an2", to.VIS, sent, record.WriteVIS))
	case rule.Eurodac:
		return writeOf(r, parts, transaction("eurodac.an2", to.Eurodac, sent, record.WriteEurodac))
	case rule.PoliceRegister:
		return writeOf(r, parts, transaction("register.an2", to.Register, sent, record.WriteRegister))
	}
	return nil, fmt.Errorf("writing records: none are known of %.40q", r.Case.Facts.Purpose)
}

// WriteSearch writes the prints of a package's parts as another country's system
// can search them. That is a decision in each case, and so never a part of what
// [Write] writes; capture/record refuses it for all but prints that were taken for
// identification alone.
func WriteSearch(parts []capture.Part, purpose string, to Receivers, control string, now time.Time) ([]capture.Part, error) {
	r, parts, err := session(parts, purpose)
	if err != nil {
		return nil, err
	}
	sent := record.Transmission{Control: control, Sent: now.In(r.Finished.Location())}
	return writeOf(r, parts, transaction("ident.an2", to.IDENT, sent, record.WriteIDENT))
}

// session reads the record among the parts and hands back those that it names. Its
// purpose is the one that the package says outside.
func session(parts []capture.Part, purpose string) (capture.Record, []capture.Part, error) {
	parts = slices.DeleteFunc(slices.Clone(parts), func(p capture.Part) bool { return p.Name == "case.key" })
	i := slices.IndexFunc(parts, func(p capture.Part) bool { return p.Name == "session.json" })
	if i < 0 {
		return capture.Record{}, nil, ErrNoRecord
	}
	r, err := capture.ReadRecord(parts[i].Data)
	if err != nil {
		return capture.Record{}, nil, err
	}
	if string(r.Case.Facts.Purpose) != purpose {
		return capture.Record{}, nil, fmt.Errorf("writing records: %w", record.ErrPurpose)
	}
	return r, parts, nil
}

// writeOf takes a record over for the purpose P, and writes and wipes it.
func writeOf[P record.Purpose](r capture.Record, parts []capture.Part, write func(record.Set[P]) ([]capture.Part, error)) ([]capture.Part, error) {
	s, err := record.Of[P](r, parts)
	if err != nil {
		return nil, err
	}
	defer s.Wipe()
	files, err := write(s)
	if err != nil {
		return nil, err
	}
	return files, nil
}

// transaction is the file that a writer of transactions makes.
func transaction[P record.Purpose](name string, a record.Agreement, m record.Transmission,
	write func(record.Set[P], record.Agreement, record.Transmission) ([]byte, error)) func(record.Set[P]) ([]capture.Part, error) {
	return func(s record.Set[P]) ([]capture.Part, error) {
		data, err := write(s, a, m)
		return []capture.Part{{Name: name, MediaType: "application/octet-stream", Data: data}}, err
	}
}
