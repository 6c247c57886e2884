package nist

import (
	"strconv"
)

// Version is the version that is written: ANSI/NIST-ITL 1-2011 Update 2015.
const Version = "0502"

// Layouts of dates and times for time.Time.Format; a GMT is of the time in UTC.
const (
	DateLayout = "20060102"
	GMTLayout  = "20060102150405Z"
)

// A Header is the Type-1 record: what the transaction is, from whom and to whom.
// Field names are behind each.
type Header struct {
	Version     string // VER, 1.002; "" is written as [Version]
	Transaction string // TOT, 1.004: 1 to 16 letters, as the domain defines them
	Date        string // DAT, 1.005: YYYYMMDD, local
	Priority    int    // PRY, 1.006: 1, the highest, to 9; 0 is none
	Destination string // DAI, 1.007: agency
	Origin      string // ORI, 1.008: agency
	Control     string // TCN, 1.009: number of this transaction, unique at its origin
	Reference   string // TCR, 1.010: TCN of the transaction that this one answers
	Scanned     string // NSR, 1.011: pixels per millimetre of Type-4 images, as "19.69"; "" is written as "00.00"
	Sent        string // NTR, 1.012: likewise
	Domain      Domain // DOM, 1.013
	GMT         string // GMT, 1.014: YYYYMMDDHHMMSSZ
	Charset     int    // DCS, 1.015: 0 is ASCII and not written, 3 UTF-8
	Profiles    []Profile
	Agencies    [2]string // ANM, 1.017: names of destination and origin
	Geography   string    // GNS, 1.018: codes of countries are of "ISO" or "GENC"; from version 0501
	Other       []Field   // fields of none of these numbers
}

// A Domain is whose Type-2 record it is.
type Domain struct{ Name, Version string }

// A Profile is an application profile that the transaction follows: APS, 1.016.
type Profile struct{ Organisation, Name, Version string }

// New makes a transaction that holds its Type-1 record only.
func New(h Header) *Transaction {
	r := maker{typ: 1}
	r.text(2, or(h.Version, Version))
	r.text(4, h.Transaction)
	r.text(5, h.Date)
	r.number(6, h.Priority)
	r.text(7, h.Destination)
	r.text(8, h.Origin)
	r.text(9, h.Control)
	r.text(10, h.Reference)
	r.text(11, or(h.Scanned, "00.00"))
	r.text(12, or(h.Sent, "00.00"))
	r.text(13, h.Domain.Name, h.Domain.Version)
	r.text(14, h.GMT)
	if h.Charset != 0 {
		r.text(15, strconv.Itoa(h.Charset), charsets[h.Charset], "")
	}
	var aps [][]string
	for _, p := range h.Profiles {
		aps = append(aps, []string{p.Organisation, p.Name, p.Version})
	}
	r.list(16, aps)
	r.text(17, h.Agencies[:]...)
	r.text(18, h.Geography)
	r.other(h.Other)
	t := &Transaction{Records: []*Record{r.record()}}
	t.Records[0].Set(NewField(3, t.contents()...))
	return t
}

// Header reads the Type-1 record.
func (t *Transaction) Header() (Header, error) {
	r := reader{rec: t.Records[0]}
	h := Header{
		Version: r.text(2), Transaction: r.text(4), Date: r.text(5), Priority: r.number(6),
		Destination: r.text(7), Origin: r.text(8), Control: r.text(9), Reference: r.text(10),
		Scanned: r.text(11), Sent: r.text(12), GMT: r.text(14), Geography: r.text(18),
		Domain: Domain{r.item(13, 0), r.item(13, 1)}, Agencies: [2]string{r.item(17, 0), r.item(17, 1)},
	}
	if s := r.item(15, 0); s != "" {
		h.Charset = r.atoi(15, s)
	}
	for _, s := range r.list(16) {
		h.Profiles = append(h.Profiles, Profile{at(s, 0), at(s, 1), at(s, 2)})
	}
	r.seen(3)
	h.Other = r.rest()
	return h, r.err
}

// AddText adds a Type-2 record of the fields that its domain defines, from 2.003
// on. It returns the record; its IDC is the next that is free.
func (t *Transaction) AddText(fields ...Field) *Record {
	r := maker{typ: 2}
	r.text(fieldIDC, strconv.Itoa(t.nextIDC(0)))
	r.other(fields)
	return t.add(r)
}

// add adds a record that has been made.
func (t *Transaction) add(m maker) *Record {
	r := m.record()
	t.Records = append(t.Records, r)
	t.Records[0].Set(NewField(3, t.contents()...))
	return r
}

// nextIDC returns the IDC that was asked for, or for 0 the lowest above all others.
func (t *Transaction) nextIDC(asked int) int {
	if asked != 0 {
		return asked
	}
	next := 0
	for _, r := range t.Records[1:] {
		next = max(next, r.IDC()+1)
	}
	return next
}

func or(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}
