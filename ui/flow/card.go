package flow

import (
	"fmt"
	"image"
	"maps"
	"strings"
	"time"

	"optag/capture"
	"optag/capture/finger"
	"optag/capture/mrz"
	"optag/capture/rule"
)

// Card is the page on which a holder is shown what the chip of their card or
// passport holds (Reg. (EC) 1030/2002 art. 4). It is reached from the rail,
// without a case, and nothing of it is kept. The case form opens it as well, to
// be filled from the chip; see [Counter.openChip].
const Card Page = "card"

// CAN is the field of the six digits on the face of a card. The other fields of
// the page, which open a chip as well, are [CardFields].
const CAN = "can"

// CardFields lists the fields of the page, in the order in which they are asked
// for: the CAN, or else the three of the machine readable zone that follow it.
func CardFields() []string { return []string{CAN, DocumentNumber, Birth, DocumentExpiry} }

// CardTime is how long what was read, or typed to read it, stays on the screen.
const CardTime = 3 * time.Minute

// CardState is how the page stands.
type CardState struct {
	For     Page              // CaseForm where that has opened the page; "": the holder's way
	Begin   bool              // the key is the document's and untried: reading begins once a card lies there
	Values  map[string]string // typed or swiped, by field
	Wrong   map[string]string // by field: "needed", "can", "number" or "date"
	Gone    string            // why the reader does not answer: a cause as of DeviceLost; "" while it does
	Lies    bool              // a card lies in the reader
	Ask     int               // number of the last reading
	Reading bool
	Percent int       // read of the file in front
	Seen    *Seen     // what the chip holds; nil before it is read and after it is wiped
	Until   time.Time // when all that is wiped; zero while there is nothing
	Sheet   int       // of what is seen, from 0
	Sheets  int
}

// A Seen is what a chip holds and what is proven of it. It prints neither.
type Seen struct {
	Zone          mrz.Document
	Birth, Expiry string         // of the zone: YYYY-MM-DD, as far as it is known
	Details       []Detail       // what else there is of holder and document
	Holder        capture.Holder // as DG11 writes the name; empty where it does not
	Face          image.Image    // nil where none is legible; overwritten with the rest if it is a *Face
	Prints        string         // "none", "closed" to this counter, "unopened" now, "not_asked", "read" or "unknown"
	Fingers       []SeenPrint    // where they were read
	Signer        string         // who signed the chip; "" unknown
	Lamps         []Lamp         // signature, content, genuine, belongs: none stands for another
	Unread        []string       // data groups that are there and not legible, as "DG11"
}

// A Detail is one more thing that is in the chip.
type Detail struct {
	Field string // code
	Value string
}

// A Lamp is one of the four things that are said of a chip.
type Lamp struct {
	ID      string // "signature", "content", "genuine" or "belongs"
	Verdict string // "ok", "not_checked" or "failed"
	Why     string // code; "" for ok
}

// A SeenPrint is a print in a chip.
type SeenPrint struct {
	Position finger.Position // 0 where the chip does not tell
	Picture  image.Image     // nil where it is not legible; overwritten as the face is
}

// String hides what was seen.
func (*Seen) String() string { return "what a chip holds" }

// wipe overwrites the face and the prints.
func (s *Seen) wipe() {
	if s == nil {
		return
	}
	wipe(s.Face)
	for _, f := range s.Fingers {
		wipe(f.Picture)
	}
}

// GoString hides what was seen.
func (*Seen) GoString() string { return "what a chip holds" }

// sheetRows is how many lines of what was seen are in front at a time, and
// sheetPrints how many prints.
const (
	sheetRows   = 8
	sheetPrints = 2
)

// What the station reports of the card reader. Losing it is DeviceLost of "card".
type (
	CardIs       struct{ Lies bool }
	CardProgress struct{ Ask, Percent int }
	CardSeen     struct {
		Ask  int
		Seen *Seen
	}
	// CardNotSeen says why a chip was not read: "wrong_key", "no_access",
	// "no_document", "removed", "silent", "unplugged", "mute", "busy" or
	// "failed". The last but three may come without a reading, whose number is
	// then 0. Tries are left for the key; -1 where the chip does not tell.
	CardNotSeen struct {
		Ask   int
		Code  string
		Tries int
	}
)

func (CardIs) event()       {}
func (CardProgress) event() {}
func (CardSeen) event()     {}
func (CardNotSeen) event()  {}

// What the station does with the card reader: it waits for cards, reads the one
// that lies there once, and lets go.
type (
	AwaitCards struct{}
	ReadCard   struct {
		Ask      int
		MRZ, CAN string // either may be ""; with both the CAN opens the chip
		Prints   bool   // to be opened, if this counter can: for the holder alone, no case asks for them
	}
	LeaveCards struct{}
)

func (AwaitCards) effect() {}
func (ReadCard) effect()   {}
func (LeaveCards) effect() {}

// String hides the keys.
func (r ReadCard) String() string { return fmt.Sprintf("reading %d", r.Ask) }

// GoString hides the keys.
func (r ReadCard) GoString() string { return r.String() }

// leaveCard forgets what was seen and lets go of the reader. A reading that was
// begun is a look-up all the same.
func (c *Counter) leaveCard() {
	c.wipeCard()
	c.Card, c.Look.HandedOver = CardState{Ask: c.Card.Ask}, false
	c.do(LeaveCards{})
}

// wipeCard forgets what was seen, and the key.
func (c *Counter) wipeCard() {
	k := &c.Card
	if k.Reading {
		c.lookedUp("broken_off")
	}
	k.Seen.wipe()
	*k = CardState{For: k.For, Gone: k.Gone, Lies: k.Lies, Ask: k.Ask}
}

// cardTick wipes the page when its time is over.
func (c *Counter) cardTick() {
	if c.Page == Card && !c.Card.Until.IsZero() && !c.Card.Reading && !c.Now.Before(c.Card.Until) {
		c.wipeCard()
		c.tell(Notice{Code: "card_wiped", Tone: "info"})
	}
}

// onCard handles what the clerk does on the page.
func (c *Counter) onCard(e Event) {
	switch e := e.(type) {
	case Edit:
		if !c.Card.Reading && c.Card.Seen == nil {
			c.editCard(e.Field, e.Value)
		}
	case Next:
		switch {
		case c.Card.Seen != nil && c.Card.For == CaseForm:
			c.useChip()
		case c.Card.Seen != nil:
			c.wipeCard()
			c.tell(Notice{})
		case !c.Card.Reading:
			c.readCard()
		}
	case RightsTurn:
		c.Card.Sheet = min(max(c.Card.Sheet+e.By, 0), max(c.Card.Sheets-1, 0))
	case Back:
		switch {
		case c.Card.For == CaseForm:
			c.open(CaseForm)
		case c.Card.Seen != nil:
			c.wipeCard()
			c.tell(Notice{})
		default:
			c.open(Home)
		}
	}
}

func (c *Counter) editCard(field, value string) {
	k := &c.Card
	k.Values = maps.Clone(k.Values)
	if k.Values == nil {
		k.Values = map[string]string{}
	}
	k.Values[field] = value
	k.Wrong, k.Begin = nil, false
	k.Until = c.Now.Add(CardTime)
	c.tell(Notice{})
}

// readCard asks for the chip to be read, once. A key is never tried again by
// itself: chips slow down, or block it.
func (c *Counter) readCard() {
	k := &c.Card
	order, wrong := k.key()
	k.Wrong = wrong
	switch {
	case len(wrong) > 0:
		c.tell(Notice{Code: "card_key", Tone: "advice"})
	case k.Gone != "" || !k.Lies:
		c.tell(Notice{})
	default:
		k.Ask++
		order.Ask, order.Prints = k.Ask, k.For == ""
		k.Reading, k.Percent, k.Begin = true, 0, false
		c.tell(Notice{})
		c.do(order)
	}
}

// key is what opens the chip; wrong names the fields that are to be mended.
func (k CardState) key() (order ReadCard, wrong map[string]string) {
	wrong = map[string]string{}
	value := func(field string) string { return strings.TrimSpace(k.Values[field]) }
	order.CAN = value(CAN)
	if order.CAN != "" && (len(order.CAN) != 6 || strings.Trim(order.CAN, "0123456789") != "") {
		wrong[CAN] = "can"
	}
	d := mrz.Document{Number: strings.ToUpper(value(DocumentNumber))}
	if order.CAN != "" && d.Number == "" && value(Birth) == "" && value(DocumentExpiry) == "" {
		return order, wrong
	}
	if d.Number == "" {
		wrong[DocumentNumber] = "needed"
	} else if strings.Trim(d.Number, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		wrong[DocumentNumber] = "number"
	}
	for field, date := range map[string]*mrz.Date{Birth: &d.Birth, DocumentExpiry: &d.Expiry} {
		day, err := rule.ParseDate(value(field))
		switch {
		case value(field) == "":
			wrong[field] = "needed"
		case err != nil:
			wrong[field] = "date"
		default:
			text := day.String()
			*date = mrz.Date(text[2:4] + text[5:7] + text[8:10])
		}
	}
	if len(wrong) == 0 {
		order.MRZ = d.Key()
	}
	return order, wrong
}

// swipedCard takes the zone of a document that was drawn through while the page
// was open, and reads the chip if it lies there.
func (c *Counter) swipedCard(lines []string) {
	if c.Card.Reading || c.Card.Seen != nil {
		return
	}
	d, err := mrz.Parse(strings.Join(lines, "\n"))
	if err != nil || d.Err() != nil || d.Visa() {
		c.tell(Notice{Code: swipeAgain, Tone: "advice"})
		return
	}
	c.wipeCard()
	c.editCard(DocumentNumber, d.Number)
	c.editCard(Birth, d.Birth.Birth(c.Now))
	c.editCard(DocumentExpiry, d.Expiry.Expiry(c.Now))
	c.Card.Begin = c.Card.For == CaseForm
	c.readCard()
}

// cardOrElse takes what is reported of the card reader; other is for the other
// devices.
func (c *Counter) cardOrElse(device string, e Event, other func()) {
	if device == "card" {
		c.cardEvent(e)
		return
	}
	other()
}

// cardEvent takes what the station reports of reader and card.
func (c *Counter) cardEvent(e Event) {
	k := &c.Card
	if c.Page != Card {
		if late, ok := e.(CardSeen); ok {
			late.Seen.wipe()
		}
		return
	}
	switch e := e.(type) {
	case DeviceLost:
		c.cardLost(e.Cause)
	case DeviceBack:
		k.Gone = ""
	case CardIs:
		c.cardIs(e.Lies)
	case CardProgress:
		if k.Reading && e.Ask == k.Ask {
			k.Percent = min(max(e.Percent, k.Percent), 100)
		}
	case CardSeen:
		c.cardSeen(e)
	case CardNotSeen:
		c.cardNotSeen(e)
	}
}

func (c *Counter) cardLost(cause string) {
	if c.Card.Gone == "" {
		c.wipeCard()
		c.tell(Notice{})
	}
	c.Card.Gone, c.Card.Lies = cause, false
}

// cardIs wipes what was seen of a card that is taken away. A key that was typed
// before the card is laid down stays.
func (c *Counter) cardIs(lies bool) {
	k := &c.Card
	if k.Lies == lies {
		return
	}
	if k.Lies = lies; lies {
		if c.Notice.Code != "card_removed" { // which is also so where it only slipped
			c.tell(Notice{})
		}
		if k.Begin {
			c.readCard()
		}
		return
	}
	switch {
	case k.Seen != nil:
		c.wipeCard()
		c.tell(Notice{Code: "card_wiped", Tone: "info"})
	case k.Reading:
		c.wipeCard()
		c.tell(Notice{Code: "card_removed", Tone: "advice"})
	}
}

func (c *Counter) cardSeen(e CardSeen) {
	k := &c.Card
	if !k.Reading || e.Ask != k.Ask || e.Seen == nil {
		e.Seen.wipe()
		return
	}
	k.Reading, k.Seen, k.Values, k.Sheet = false, e.Seen, nil, 0
	k.Sheets = max((len(e.Seen.Rows())+sheetRows-1)/sheetRows, (len(e.Seen.Fingers)+sheetPrints-1)/sheetPrints)
	k.Until = c.Now.Add(CardTime)
	if k.For == CaseForm {
		c.Look.HandedOver = false // the person sees what the clerk shows now, and not before
	}
	var found []string
	for _, l := range e.Seen.Lamps {
		found = append(found, l.ID+"-"+l.Verdict)
	}
	if e.Seen.Prints == "read" {
		found = append(found, "prints-opened")
	}
	c.lookedUp(strings.Join(found, " "))
}

// lookedUp has the log keep what came of a look-up, and whether it was for a case
// or for the holder.
func (c *Counter) lookedUp(what string) {
	if c.Card.For == CaseForm {
		what += " for-case"
	}
	c.do(c.entry("chip_read", what))
}

func (c *Counter) cardNotSeen(e CardNotSeen) {
	k := &c.Card
	if e.Ask != 0 && (!k.Reading || e.Ask != k.Ask) {
		return
	}
	if k.Reading {
		k.Reading = false
		k.Until = c.Now.Add(CardTime)
		c.lookedUp(e.Code)
	}
	if e.Code == "wrong_key" { // to be looked at and typed anew: it is not sent again by a slip
		k.Values = nil
	}
	n := Notice{Code: "card_" + e.Code, Tone: "advice"}
	if e.Code == "wrong_key" && e.Tries >= 0 {
		n.Code, n.Number = "card_wrong_key_tries", e.Tries
	}
	c.tell(n)
}

// Rows is all that is written in the chip, as field and value, in the order in
// which it is shown.
func (s *Seen) Rows() []Detail {
	z := s.Zone
	all := []Detail{{Family, z.Primary}, {Given, z.Secondary}, {Birth, s.Birth}, {Sex, string(z.Sex)}, {"nationality", z.Nationality},
		{DocumentType, z.Code}, {DocumentNumber, z.Number}, {DocumentIssuer, z.Issuer}, {DocumentExpiry, s.Expiry},
		{"optional", strings.Trim(z.Optional+" "+z.Optional2, " <")}}
	all = append(all, s.Details...)
	for _, group := range s.Unread {
		all = append(all, Detail{"unread", group})
	}
	var rows []Detail
	for _, d := range all {
		if d.Value != "" {
			rows = append(rows, d)
		}
	}
	return rows
}

// Rows is the part of what was seen that is in front; nil while nothing is.
func (k CardState) Rows() []Detail {
	if k.Seen == nil {
		return nil
	}
	rows := k.Seen.Rows()
	from := min(k.Sheet*sheetRows, len(rows))
	return rows[from:min(from+sheetRows, len(rows))]
}
