package record

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"optag/capture/finger"
	"optag/capture/finger/wsq"
	"optag/capture/record/nist"
	"optag/capture/rule"
)

// An Agreement is what a receiver's interface control document sets. Those of
// Eurodac and VIS are not public: what the functions of this package return is
// where a site begins.
type Agreement struct {
	Transaction string         `json:"transaction"`        // TOT, 1.004
	Priority    int            `json:"priority,omitempty"` // PRY, 1.006: 1 to 9; 0 is none
	Destination string         `json:"destination"`        // DAI, 1.007
	Domain      nist.Domain    `json:"domain"`             // DOM, 1.013
	Version     string         `json:"version"`            // of the Type-2 record, 2.003
	Numbers     map[string]int `json:"numbers,omitempty"`  // of Type-2 fields by their name, where they are others than the table's
	Algorithm   int            `json:"algorithm"`          // QAP of NFIQ 2 in 14.024; 65535 where none is registered
	Software    uint16         `json:"software,omitempty"` // certificate of the WSQ encoder
}

// A Transmission is what belongs to one file alone.
type Transmission struct {
	Control string    // TCN, 1.009: unique at its origin
	Sent    time.Time // when it is transmitted, in the station's zone
}

// A scope is what the fields of one record are made from.
type scope struct {
	*taken
	Agreement
	Transmission
	print  *printed // of a Type-14 record with an image
	packed []byte   // its image
	coding string   // CGA
	gone   *absence // of a Type-14 record without one

	pack func(p *printed, fine bool, software uint16) (data []byte, coding string, err error)
}

// An absence is a finger without a print.
type absence struct {
	finger finger.Position
	reason string
	at     time.Time
}

// A row is a field and what makes it: the sub-fields with their items, or the
// bytes of an image. A row that makes nothing is computed by the format.
type row struct {
	Field
	number int
	text   func(x *scope) [][]string
	data   func(x *scope) []byte
}

// A layout is the table of a transaction. A type without rows has no record.
type layout struct {
	name                      string
	header, text, print, face []row
	fine                      bool // prints at 1000 ppi are taken too, without loss
}

func (l layout) fields() (all []Field) {
	for _, rows := range [][]row{l.header, l.text, l.print, l.face} {
		for _, r := range rows {
			all = append(all, r.Field)
		}
	}
	return all
}

// layouts are all transactions.
func layouts() []layout {
	return []layout{eurodacLayout(rule.Art4), eurodacLayout(rule.Art8), eurodacLayout(rule.Art11), visLayout(), registerLayout(), identLayout()}
}

// field makes a row.
func field(number int, name, from string, need Need, source string, text func(x *scope) [][]string) func(typ int) row {
	return func(typ int) row {
		return row{Field: Field{fmt.Sprintf("Type-%d", typ), fmt.Sprintf("%d.%03d", typ, number), name, from, need, source}, number: number, text: text}
	}
}

// of gives rows their type of record.
func of(typ int, makers ...func(int) row) []row {
	rows := make([]row, len(makers))
	for i, m := range makers {
		rows[i] = m(typ)
	}
	return rows
}

// one is a field of one item; an empty one is none.
func one(s string) [][]string {
	if s == "" {
		return nil
	}
	return [][]string{{s}}
}

func fixed(s string) func(*scope) [][]string { return func(*scope) [][]string { return one(s) } }

func day(d rule.Date) string { return strings.ReplaceAll(d.String(), "-", "") }

const itl = "ANSI/NIST-ITL 1"

// headerRows are the Type-1 record of every transaction.
func headerRows() []row {
	return of(1,
		field(2, "VER", "fixed", Always, itl, fixed(nist.Version)),
		field(3, "CNT", "prints[].position exceptions[].position", Always, itl, nil),
		field(4, "TOT", "agreement.transaction", Always, itl, func(x *scope) [][]string { return one(x.Transaction) }),
		field(5, "DAT", "transmission.sent", Always, itl, func(x *scope) [][]string { return one(x.Sent.Format(nist.DateLayout)) }),
		field(6, "PRY", "agreement.priority", IfKnown, itl, func(x *scope) [][]string {
			if x.Priority == 0 {
				return nil
			}
			return one(strconv.Itoa(x.Priority))
		}),
		field(7, "DAI", "agreement.destination", Always, itl, func(x *scope) [][]string { return one(x.Destination) }),
		field(8, "ORI", "profile.agency", Always, itl, func(x *scope) [][]string { return one(x.record.Profile.Agency) }),
		field(9, "TCN", "transmission.control", Always, itl, func(x *scope) [][]string { return one(x.Control) }),
		field(11, "NSR", "fixed", Always, itl, fixed("00.00")),
		field(12, "NTR", "fixed", Always, itl, fixed("00.00")),
		field(13, "DOM", "agreement.domain", Always, itl, func(x *scope) [][]string {
			if x.Domain.Name == "" {
				return nil
			}
			return [][]string{{x.Domain.Name, x.Domain.Version}}
		}),
		field(14, "GMT", "transmission.sent", Always, itl, func(x *scope) [][]string { return one(x.Sent.UTC().Format(nist.GMTLayout)) }),
		field(15, "DCS", "fixed", IfKnown, itl+": where a text is not ASCII", nil),
	)
}

// write makes the file of a layout, and checks it as a receiver would.
func (l layout) write(t *taken, a Agreement, m Transmission) ([]byte, error) {
	if err := l.admit(t); err != nil {
		return nil, err
	}
	if m.Sent.Before(t.record.Finished) {
		return nil, errors.New("it is sent before it was taken")
	}
	var e encoder
	defer e.Wipe()
	out, err := l.build(scope{taken: t, Agreement: a, Transmission: m, pack: e.pack})
	if err != nil {
		return nil, err
	}
	file := out.Bytes()
	for _, r := range out.OfType(14) {
		clear(r.Data())
	}
	return file, l.check(file, a)
}

// build makes the records of a layout.
func (l layout) build(x scope) (*nist.Transaction, error) {
	out := &nist.Transaction{}
	add := func(typ int, rows []row, x scope) error {
		r, err := l.make(typ, rows, &x)
		if err == nil {
			out.Records = append(out.Records, r)
		}
		return err
	}
	err := add(1, l.header, x)
	if err == nil && l.text != nil {
		err = add(2, l.text, x)
	}
	for _, p := range finger.All() {
		var there bool
		var one scope
		if err == nil {
			one, there, err = x.of(p, l.fine)
		}
		if err == nil && there {
			err = add(14, l.print, one)
		}
	}
	if err == nil && l.face != nil && x.portrait != nil {
		err = add(10, l.face, x)
	}
	if err != nil {
		return nil, err
	}
	if wide(out) {
		out.Records[0].Set(nist.NewField(15, []string{"3", "UTF-8"}))
	}
	return out, nil
}

// admit refuses a set that the receiver cannot or must not have.
func (l layout) admit(t *taken) error {
	switch {
	case t.record.Refusal != nil:
		return ErrRefused
	case len(t.prints) == 0 && (l.face == nil || t.portrait == nil):
		return ErrNothing
	case l.face == nil && t.portrait != nil:
		return ErrRecast
	}
	return nil
}

// of is the scope of a finger's record; there is none for a finger that was
// neither taken nor passed over.
func (x scope) of(p finger.Position, fine bool) (scope, bool, error) {
	x.print, x.gone = nil, nil
	if i := slices.IndexFunc(x.prints, func(t printed) bool { return t.Position == p }); i >= 0 {
		x.print = &x.prints[i]
		var err error
		x.packed, x.coding, err = x.pack(x.print, fine, x.Software)
		return x, true, err
	}
	x.gone = x.absent(p)
	return x, x.gone != nil, nil
}

// absent says why a finger has no print: for a reason of its own, or because
// no finger could be taken.
func (t *taken) absent(p finger.Position) *absence {
	for _, e := range t.record.Exceptions {
		if e.Position == p {
			return &absence{p, string(e.Reason), e.At}
		}
	}
	if i := t.record.Inability; i != nil {
		return &absence{p, string(i.Kind), i.At}
	}
	return nil
}

// An encoder packs prints one after the other. Whoever has used it wipes it.
type encoder struct{ wsq.Encoder }

// pack codes a print for enrolment and transfer: WSQ at 500 ppi, from 10:1 to
// 20:1 (BSI TR-03121-3); at 1000 ppi, for which WSQ was not made, without loss,
// where the receiver takes fine prints at all.
func (e *encoder) pack(p *printed, fine bool, software uint16) (data []byte, coding string, err error) {
	if nominal(p.Print) == 1000 && fine {
		data, err = finger.WriteImage(p.image, p.PPI)
		return data, "PNG", err
	}
	data, err = e.wsq(p, software, wsq.Enrolment())
	return data, "WSQ20", err
}

// wsq codes a print at 500 ppi for a target.
func (e *encoder) wsq(p *printed, software uint16, to wsq.Target) ([]byte, error) {
	if nominal(p.Print) != 500 {
		return nil, fmt.Errorf("packing %v: %w", p.Position, ErrDensity)
	}
	data, _, err := e.EncodeFor(nil, p.image, wsq.Options{PPI: 500, Software: software}, to)
	if err != nil {
		return nil, fmt.Errorf("packing %v: %w", p.Position, err)
	}
	return data, nil
}

// make makes a record row by row.
func (l layout) make(typ int, rows []row, x *scope) (*nist.Record, error) {
	r := &nist.Record{Type: typ, Fields: []nist.Field{{Number: 1}}}
	for _, row := range rows {
		if !row.Need.asked(x.gone == nil) || row.text == nil && row.data == nil {
			continue
		}
		f := nist.Field{Number: row.at(x.Agreement)}
		if row.data != nil {
			f.Value = row.data(x)
		} else {
			f.Value = nist.NewField(0, row.text(x)...).Value
		}
		if len(f.Value) == 0 {
			if row.Need != IfKnown {
				return nil, missing{row.Field}
			}
			continue
		}
		r.Set(f)
	}
	return r, nil
}

// at is the field's number, which for a Type-2 record is the receiver's to set.
func (r row) at(a Agreement) int {
	if n := a.Numbers[r.Name]; n != 0 && r.Block == "Type-2" {
		return n
	}
	return r.number
}

// wide reports whether any text is not ASCII.
func wide(t *nist.Transaction) bool {
	return slices.ContainsFunc(t.Records, func(r *nist.Record) bool {
		return slices.ContainsFunc(r.Fields, func(f nist.Field) bool {
			return f.Number != 999 && bytes.ContainsFunc(f.Value, func(c rune) bool { return c > 0x7e })
		})
	})
}

// check reads a file as its receiver would: it is well-formed, keeps the rules
// of the standard and holds the fields of the profile, no more and no less.
func (l layout) check(file []byte, a Agreement) error {
	t, err := nist.Parse(file)
	if err != nil {
		return fmt.Errorf("checking the transaction: %w", err)
	}
	var all []error
	for _, f := range nist.Check(t) {
		all = append(all, errors.New(f.String()))
	}
	rows := map[int][]row{1: l.header, 2: l.text, 10: l.face, 14: l.print}
	for _, r := range t.Records {
		if rows[r.Type] == nil {
			all = append(all, Surplus{l.name, "Type-" + strconv.Itoa(r.Type)})
			continue
		}
		all = append(all, l.compare(r, rows[r.Type], a)...)
		if r.Type == 14 && r.Text(13) != strconv.Itoa(r.IDC()) {
			all = append(all, fmt.Errorf("%s: 14.002 IDC is another finger than 14.013 FGP", l.name))
		}
	}
	if len(all) > 0 {
		return fmt.Errorf("checking the transaction: %w", errors.Join(all...))
	}
	return nil
}

// compare holds one record against its rows.
func (l layout) compare(r *nist.Record, rows []row, a Agreement) (wrong []error) {
	_, image := r.Field(999)
	if image {
		if err := r.CheckHash(); err != nil && !errors.Is(err, nist.ErrNoHash) { // the lack of one is found below
			wrong = append(wrong, err)
		}
	}
	image = image || r.Type < 10
	asked := []int{1}
	for _, row := range rows {
		_, there := r.Field(row.at(a))
		switch {
		case !row.Need.asked(image):
		case !there && row.Need != IfKnown:
			wrong = append(wrong, missing{row.Field})
		default:
			asked = append(asked, row.at(a))
		}
	}
	for _, f := range r.Fields {
		if !slices.Contains(asked, f.Number) {
			wrong = append(wrong, Surplus{l.name, fmt.Sprintf("%d.%03d", r.Type, f.Number)})
		}
	}
	return wrong
}

// Inspect checks a file against the profile of a name, as "eurodac-1". Surplus
// fields are [Surplus] errors.
func Inspect(profile string, file []byte, a Agreement) error {
	i := slices.IndexFunc(layouts(), func(l layout) bool { return l.name == profile })
	if i < 0 {
		return fmt.Errorf("checking a transaction: no profile is called %q", profile)
	}
	return layouts()[i].check(file, a)
}
