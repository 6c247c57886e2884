package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"optag/device"
	"optag/device/emrtd"
	"optag/device/emrtd/apdu"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa"
	"optag/device/pcsc"
	"optag/device/selftest"
)

// cardParts are the names of the readers of cards among the parts of a self-test;
// their issuers' certificates go with them.
var cardParts = []string{"card", "reader", "chip"}

// A cardTable is where the readers of cards stand: the smart card service of the
// machine, or that of a simulated station.
type cardTable interface {
	Slots(context.Context) ([]pcsc.Slot, error)
	Open(ctx context.Context, name string) (device.CardReader, error)
	Close() error
}

// A systemTable is the service of the machine, which is not this test's to close.
type systemTable struct{ *pcsc.Service }

func (t systemTable) Close() error { return nil }

func (t systemTable) Open(ctx context.Context, name string) (device.CardReader, error) {
	r, err := t.Service.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// A simulatedTable has one reader, in which the specimen lies.
type simulatedTable struct{ *emrtdtest.Reader }

func (t simulatedTable) Slots(context.Context) ([]pcsc.Slot, error) {
	i := t.Info()
	return []pcsc.Slot{{Name: i.Maker + " " + i.Model, Card: true, Info: i}}, nil
}

func (t simulatedTable) Open(context.Context, string) (device.CardReader, error) {
	return t.Reader, nil
}

// A chipBench is what is needed to test readers of cards and the chip in one.
type chipBench struct {
	table  cardTable
	access emrtd.Access // zero: no chip is opened
	trust  *pa.Trust    // nil: no issuer is installed
	tried  bool         // the key, on a card: it is tried on one alone
}

// onTable is what the readers are tested with. The issuers' certificates, which
// may be many, are read where they are looked at, or a chip is.
func (b *bench) onTable(all bool) (*chipBench, error) {
	if b.simulate {
		card, trusted, err := specimen(b.now())
		if err != nil {
			return nil, err
		}
		reader := emrtdtest.NewReader()
		reader.Insert(card.Card)
		access := b.key
		if access == (emrtd.Access{}) {
			access = card.Access()
		}
		return &chipBench{table: simulatedTable{reader}, access: access, trust: trusted}, nil
	}
	table := b.table
	if table == nil {
		table = systemTable{b.smartCards()}
	}
	if !all && b.key == (emrtd.Access{}) {
		return &chipBench{table: table}, nil
	}
	trusted, err := b.issuers()
	return &chipBench{table: table, access: b.key, trust: trusted}, err
}

// cards checks the readers of cards, the chip in one, and the certificates by
// which chips are judged.
func (b *bench) cards(ctx context.Context) {
	all := b.wants(cardParts...)
	if !all && b.simulate {
		return
	}
	c, err := b.onTable(all)
	if c == nil {
		b.report.Add("reader", "", selftest.Say("specimen", "Specimen", selftest.Fail, oneLine(err), "Send this report in."))
		return
	}
	defer c.table.Close()
	slots, err2 := c.table.Slots(ctx)
	if all && c.access != (emrtd.Access{}) && len(slots) > 0 {
		slots, err2 = b.awaitCard(ctx, c.table, slots)
	}
	if all {
		b.report.Add("reader", "", b.serviceChecks(slots, c.trust != nil, err2, b.absent(ctx, c.table))...)
	}
	for _, s := range slots {
		if all || b.wants(s.Serial, s.Driver) {
			b.report.Devices = append(b.report.Devices, s.Info)
			b.report.Add("reader", label(s, slots), b.slot(ctx, c, s)...)
		}
	}
	if all {
		b.report.Add("station", "", b.issuerChecks(c.trust, len(slots) > 0, err)...)
	}
}

// label is what a slot is called from run to run: by its serial number, where it
// is the only one with that.
func label(s pcsc.Slot, all []pcsc.Slot) string {
	n := 0
	for _, o := range all {
		if o.Serial == s.Serial {
			n++
		}
	}
	if s.Serial == "" || n > 1 {
		return s.Name
	}
	return s.Serial
}

// awaitCard asks for a card where none lies in any reader, and waits for it. That
// none comes is a check that failed.
func (b *bench) awaitCard(ctx context.Context, t cardTable, slots []pcsc.Slot) ([]pcsc.Slot, error) {
	lies := func(s pcsc.Slot) bool { return s.Card }
	if slices.ContainsFunc(slots, lies) {
		return slots, nil
	}
	fmt.Fprintln(b.err, "optag: lay the card into the reader, and leave it there")
	const often = 50 * time.Millisecond
	for begun := time.Now(); time.Since(begun) < waitForCard && ctx.Err() == nil; time.Sleep(often) {
		now, err := t.Slots(ctx)
		if err != nil {
			return nil, err
		}
		if slots = now; slices.ContainsFunc(now, lies) {
			return slots, nil
		}
	}
	b.report.Add("reader", "", selftest.Say("read", readName, selftest.Fail, fmt.Sprintf("no card came in %v", waitForCard),
		"Lay the card flat on the reader. If one lies there, it is not seen: turn it over, take off its cover; another reader."))
	return slots, nil
}

// serviceSocket is where pcscd listens on Debian.
const serviceSocket = "/run/pcscd/pcscd.comm"

// serviceChecks say whether the smart card service runs and has readers. A station
// that has no reader is in order unless its settings name one, it has issuers to
// judge chips by, or it is asked for its reader.
func (b *bench) serviceChecks(slots []pcsc.Slot, judges bool, err, absent error) []selftest.Check {
	const service, there = "Smart card service", "Readers of cards"
	missing := selftest.Skipped
	if b.named || judges || b.set.Cards != nil {
		missing = selftest.Fail
	}
	switch {
	case len(slots) == 0 && err != nil:
		return []selftest.Check{selftest.Say("service", service, missing, oneLine(err), b.adviseService())}
	case len(slots) == 0:
		return []selftest.Check{selftest.Say("service", service, selftest.Pass, "runs", ""), selftest.Say("readers", there, missing, "none is attached",
			"Push the plug in, at both ends; see with lsusb that the reader is there. Most need the package libccid, a few the driver of their maker.")}
	}
	var names []string
	for _, s := range slots {
		names = append(names, s.Name)
	}
	readers := selftest.Say("readers", there, selftest.Pass, strings.Join(names, ", "), "")
	if absent != nil {
		readers = selftest.Say(readers.ID, there, selftest.Fail, readers.Text+"; "+oneLine(absent),
			"Push its plug in; or write into the settings, as cards.reader, how the name of one of these begins, with parts of it between asterisks.")
	}
	return []selftest.Check{selftest.Say("service", service, selftest.Pass, "runs", ""), readers}
}

// absent is why the reader that the settings name is not among those attached; nil
// where it is, or they name none.
func (b *bench) absent(ctx context.Context, t cardTable) error {
	if b.set.Cards == nil || b.simulate {
		return nil
	}
	r, err := t.Open(ctx, b.set.Cards.Reader)
	if err != nil {
		return fmt.Errorf("the settings name another: %w", err)
	}
	return r.Close()
}

// adviseService says what to do about a service that is not to be had.
func (b *bench) adviseService() string {
	if _, err := os.Stat(serviceSocket); err == nil {
		return "It is there and does not let this user in, or hangs: run as the user the package made; see polkit's rules for pcscd, and journalctl -u pcscd; systemctl restart pcscd."
	}
	return "Where chips are to be read: apt install pcscd libccid, then systemctl enable --now pcscd.socket."
}

// slot checks one slot, and the chip in it.
func (b *bench) slot(ctx context.Context, c *chipBench, s pcsc.Slot) []selftest.Check {
	checks := []selftest.Check{selftest.Say("answers", "Answers", selftest.Pass, fmt.Sprintf("driver %s %s, firmware %s", s.Driver, s.Version, or(s.Firmware, "not told")), "")}
	const id, name = "seen", "A card that lies there is had in"
	if !s.Card {
		return append(checks, selftest.Skip(id, name, "No card lies in it: lay a passport or a residence card there, and run again."))
	}
	r, err := c.table.Open(ctx, s.Name)
	if err != nil {
		return append(checks, selftest.Say(id, name, selftest.Fail, oneLine(err), adviseCard(err)))
	}
	defer r.Close()
	found, long, err := selftest.Card(ctx, r, selftest.CardOptions{Select: selectDocument(false), Long: selectDocument(true), Advise: adviseCard})
	checks = append(checks, found...)
	if errors.Is(err, pcsc.ErrBusy) {
		last := &checks[len(checks)-1]
		*last = selftest.Skip(last.ID, last.Name, adviseCard(err))
	}
	if err != nil {
		return append(checks, selftest.Skip("read", readName, "The card could not be had."))
	}
	return append(checks, b.chip(ctx, c, r, long)...)
}

// selectDocument selects the application of a travel document (ICAO Doc 9303-10,
// 3.4), in which nothing can be read before it is opened.
func selectDocument(long bool) []byte {
	return apdu.Command{Instruction: 0xa4, P1: 0x04, P2: 0x0c, Data: []byte(lds.AID), Extended: long}.Bytes()
}

// adviseCard says what to do about a reader or the card in it.
func adviseCard(err error) string {
	var key *emrtd.KeyError
	switch {
	case errors.As(err, &key):
		return "Compare zone or number with the document before you run again: it was tried once, and chips slow down or lock themselves after wrong ones."
	case errors.Is(err, emrtd.ErrNoAccess):
		return "Run again with --mrz: this chip has no access number."
	case errors.Is(err, emrtd.ErrNotTravelDocument):
		return "Lay a passport or a residence card into the reader."
	case errors.Is(err, pcsc.ErrBusy):
		return "Another program holds the card: close the kiosk, and what else uses the reader, and run again."
	case errors.Is(err, pcsc.ErrMute):
		return "Turn the card over, lay it flat and alone, without cover or coins; try another card; if none answers, another reader."
	case errors.Is(err, pcsc.ErrNoService):
		return "The smart card service ended: journalctl -u pcscd says why; systemctl restart pcscd, and run again."
	case errors.Is(err, device.ErrRemoved):
		return "Leave the card until the test is over. If nobody touched it, its contact or the reader's field is weak: try another card, then another reader."
	}
	return selftest.Advise(err)
}
