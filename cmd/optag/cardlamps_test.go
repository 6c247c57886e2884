package main

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"optag/capture/mrz"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa"
	"optag/device/emrtd/pa/patest"
)

// A chipCase is a chip as a counter may meet it, and what the officer is told.
type chipCase struct {
	name  string
	make  func(*emrtdtest.Spec)           // before it is signed
	spoil func(c, other *emrtdtest.Card)  // after
	trust func(l land) *pa.Trust          // nil: the land's authority is installed
	key   func(mrz.Document) mrz.Document // the zone that is typed; nil: the number on the face alone
	can   string                          // the number, "": with a zone none, else that of the card

	lamps string // "ok", "?reason" or "!reason" for signature, content, genuine, belongs; "" not read
	says  string // the sentence on the page: key of the catalogue, and for a lamp that failed which
	lacks string // files that are there and not legible
}

func chipCases() []chipCase {
	zone := func(d mrz.Document) mrz.Document { return d }
	bit := func(f lds.File, at int) func(c, _ *emrtdtest.Card) {
		return func(c, _ *emrtdtest.Card) {
			c.Files[f] = bytes.Clone(c.Files[f])
			c.Files[f][(at+len(c.Files[f]))%len(c.Files[f])] ^= 1
		}
	}
	return []chipCase{
		{name: "in order, opened with the zone", key: zone, lamps: "ok ok ok ok", says: "card.seen"},
		{name: "in order, opened with the number on its face", lamps: "ok ok ok ?no_mrz", says: "card.seen"},
		{name: "the wrong number", can: "000000", says: "notice.card_wrong_key"},
		{name: "the zone of another document", key: func(d mrz.Document) mrz.Document { d.Number = "X99887766"; return d }, says: "notice.card_wrong_key"},
		{name: "the right number, with the zone of another document", can: specimenCAN,
			key: func(d mrz.Document) mrz.Document { d.Number = "X99887766"; return d }, lamps: "ok ok ok !other_document", says: "lamp.belongs"},
		{name: "a passport without a number, and a number typed", make: func(s *emrtdtest.Spec) { s.CAN, s.PACE = "", nil }, can: "240917", says: "notice.card_no_access"},
		{name: "no certificate is installed", trust: func(land) *pa.Trust { return nil }, key: zone, lamps: "?authority_unknown ok ok ok", says: "card.seen"},
		{name: "the certificate of another state alone", trust: otherState, key: zone, lamps: "?authority_unknown ok ok ok", says: "card.seen"},
		{name: "signed by somebody under the name of the state", trust: sameName, key: zone, lamps: "!authority_wrong ok ok ok", says: "lamp.signature"},
		{name: "a signer whose time was over", make: expired, key: zone, lamps: "!signer_expired ok ok ok", says: "lamp.signature"},
		{name: "a file is missing that was signed", spoil: func(c, _ *emrtdtest.Card) { delete(c.Files, lds.DG11) }, key: zone, lamps: "ok !group_missing ok ok", says: "lamp.content", lacks: "EF.DG11"},
		{name: "the face is missing", spoil: func(c, _ *emrtdtest.Card) { delete(c.Files, lds.DG2) }, key: zone, lamps: "ok !group_missing ok ok", says: "lamp.content", lacks: "EF.DG2"},
		{name: "the face ends in the middle", spoil: func(c, _ *emrtdtest.Card) { c.Files[lds.DG2] = c.Files[lds.DG2][:len(c.Files[lds.DG2])/2] }, key: zone,
			lamps: "ok !group_changed ok ok", says: "lamp.content", lacks: "EF.DG2"},
		{name: "another birth date written into it", spoil: bit(lds.DG1, 36), key: zone, lamps: "ok !group_changed ok !wrong_digits", says: "lamp.content"},
		{name: "another face", spoil: bit(lds.DG2, -40), key: zone, lamps: "ok !group_changed ok ok", says: "lamp.content"},
		{name: "another address", spoil: bit(lds.DG11, -3), key: zone, lamps: "ok !group_changed ok ok", says: "lamp.content"},
		{name: "the keys of another chip", spoil: func(c, other *emrtdtest.Card) { c.Files[lds.DG14] = other.Files[lds.DG14] }, key: zone, lamps: "ok !group_changed !no_secret ok", says: "lamp.content"},
		{name: "another key for signing", spoil: bit(lds.DG15, -3), key: zone, lamps: "ok !group_changed ok ok", says: "lamp.content"},
		{name: "a signature changed", spoil: bit(lds.SOD, -3), key: zone, lamps: "!wrong_signature ok ok ok", says: "lamp.signature"},
		{name: "no signature at all", spoil: func(c, _ *emrtdtest.Card) { delete(c.Files, lds.SOD) }, key: zone, lamps: "!no_sod ?no_sod ?no_sod ok", says: "lamp.signature"},
		{name: "copied into another chip", spoil: func(c, _ *emrtdtest.Card) { c.Clone = true }, key: zone, lamps: "ok ok !no_secret ok", says: "lamp.genuine"},
		{name: "a chip that cannot show that it is no copy", make: func(s *emrtdtest.Spec) { s.Chip, s.Active = nil, "" }, key: zone, lamps: "ok ok ?no_protocol ok", says: "card.seen"},
		{name: "what is no document", spoil: func(c, _ *emrtdtest.Card) { c.Answer = func(int, []byte, []byte) []byte { return []byte{0x6a, 0x82} } }, says: "notice.card_no_document"},
	}
}

// otherState is the authority of a state that did not issue the specimen.
func otherState(l land) *pa.Trust {
	other, err := patest.NewAuthority(rand.Reader, patest.Kind{}, patest.Spec{Name: patest.Name{Country: "XO", Organisation: "Otheria", Common: "Otherian CSCA"},
		From: l.day.AddDate(-1, 0, 0), Until: l.day.AddDate(9, 0, 0)})
	return trustIn(other.Certificate, err)
}

// sameName is an authority that is called like the land's, and is another.
func sameName(l land) *pa.Trust {
	other, err := emrtdtest.NewIssuer(rand.Reader, patest.Kind{}, l.day.AddDate(-1, 0, 0))
	return trustIn(other.Authority.Certificate, err)
}

func trustIn(certificate []byte, err error) *pa.Trust {
	if err != nil {
		panic(err)
	}
	t := new(pa.Trust)
	t.Add("another", certificate)
	return t
}

// expired has a card signed by a signer whose time is over today.
func expired(s *emrtdtest.Spec) {
	issuer := *s.Issuer
	signer, err := issuer.Authority.NewSigner(rand.Reader, patest.Kind{}, patest.Spec{Name: patest.Name{Country: "UT", Common: "Utopian document signer"}, Serial: 3,
		From: s.Day.AddDate(0, -3, 0), Until: s.Day.AddDate(0, 0, -1)})
	if err != nil {
		panic(err)
	}
	issuer.Signer, s.Issuer = signer, &issuer
}

// TestWhatTheOfficerIsTold: every chip, its four lamps, and the sentence on the
// page. None of them stops the next card.
func TestWhatTheOfficerIsTold(t *testing.T) {
	atCounter(t, func(t *testing.T, b *cardBench, l land) {
		next := l.card(t, other)
		for i, c := range chipCases() {
			card := l.card(t, c.make)
			if c.spoil != nil {
				c.spoil(card, next)
			}
			if b.trust = l.trust; c.trust != nil {
				b.trust = c.trust(l)
			}
			b.insert(card)
			b.read(c.typed(l.day))
			c.check(t, b)
			b.remove()
			b.nothingShown(holder()...)
			b.trust = l.trust
			b.next(next)
			if n := len(b.lookups()); n != 2*i+2 {
				t.Fatalf("%s: %d look-ups in the log, want %d", c.name, n, 2*i+2)
			}
		}
	})
}

// typed is the key that the officer types.
func (c chipCase) typed(day time.Time) key {
	document := emrtdtest.Specimen(nil, day).Document
	switch {
	case c.key == nil && c.can == "":
		return byCAN(specimenCAN)
	case c.key == nil:
		return byCAN(c.can)
	case c.can == "":
		return byZone(c.key(document), day)
	}
	return append(byCAN(c.can), byZone(c.key(document), day)...)
}

// check compares what is shown with what should be.
func (c chipCase) check(t *testing.T, b *cardBench) {
	t.Helper()
	var lamps []string
	unread := ""
	all, _ := onScreens(&b.state)
	if s := b.state.Card.Seen; s != nil {
		unread = strings.Join(s.Unread, " ")
		for _, l := range s.Lamps {
			mark := map[string]string{"ok": "ok", "not_checked": "?", "failed": "!"}[l.Verdict]
			lamps = append(lamps, mark+l.Why)
			if l.Why != "" && !strings.Contains(all, b.text("why."+l.Why)) {
				t.Errorf("%s: the reason of %s is not on the screen", c.name, l.ID)
			}
		}
	}
	if got := strings.Join(lamps, " "); got != c.lamps {
		t.Errorf("%s: lamps %q, want %q", c.name, got, c.lamps)
	}
	want := b.text(c.says)
	if strings.HasPrefix(c.says, "lamp.") {
		want = b.text("card.not_in_order", "what", want)
	}
	if got := b.says(); got != want || unread != c.lacks {
		t.Errorf("%s: says %q, want %q; not legible %q, want %q", c.name, got, want, unread, c.lacks)
	}
}
