// Package emrtdtest is a residence card for tests and for a station without
// hardware: a chip with the files of ICAO Doc 9303-10 and the protocols of Doc
// 9303-11 and BSI TR-03110, from the card's side, and the authorities that made
// it. It is personalised from what a station took of a person, and every byte of
// it follows from a source of randomness.
//
// It stands in a reader in the same process ([Card.Insert], [Reader]), and in a
// virtual one of PC/SC ([Card.Serve]). It can be told to misbehave in the ways cards
// do. Its secrets are worth nothing and its arithmetic takes what time it takes:
// it is no product's chip. What a terminal does is left to package emrtd, what
// stands in the files to package lds.
package emrtdtest

import (
	"context"
	"fmt"
	"io"
	"math/big"
	"sync"
	"time"

	"optag/capture/record/tlv"
	"optag/device"
	"optag/device/emrtd/apdu"
	"optag/device/emrtd/cvc"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/sm"
)

// A Card is a personalised card. What is exported is set before the card is
// inserted and left alone while it is held.
type Card struct {
	// Files are handed out as they stand here: a test changes, shortens or
	// deletes them.
	Files map[lds.File][]byte
	Habits
	Faults

	secrets
	mu     sync.Mutex // protects the fields below
	random io.Reader
	wrong  int // keys, one after the other
	tries  int // wrong CANs since the last right one
	waited time.Duration

	anchors []*cvc.Certificate // authorities that certify terminals: the newest first, two at most
	today   time.Time          // as far as the card knows
}

// secrets are what a card never hands out.
type secrets struct {
	mrz    string              // the MRZ information
	can    string              // "": the card has none
	bac    bool                // it opens with basic access control
	pace   []PACE              // it opens with these
	chip   map[string]*big.Int // its own keys, by curve
	agrees []agreement         // the ways of chip authentication
	active activeKey
}

// Habits are in what chips differ without being wrong. The zero value knows
// short lengths and short file identifiers, and reads as far as a file goes.
type Habits struct {
	Extended int         // longest answer in extended lengths; 0: such commands are refused with 6700
	NoShort  bool        // the card does not know short file identifiers
	Across   apdu.Status // to reading across the end of a file; 0 is 6282, with what there is
	Full     bool        // answers to odd instructions are filled to the last byte that was asked for
	Tries    int         // wrong CANs after which the card blocks its CAN; 0: it never does
	Slow     bool        // the pause after a wrong key is made, and not just counted
}

// Faults are the ways in which a card misbehaves. Commands are counted from 1
// since it was inserted.
type Faults struct {
	RemovedAt int  // it is taken away during this command; 0: never
	SilentAt  int  // it does not answer this command nor any after it; 0: never
	Clone     bool // it has all files and none of the secrets of a chip

	// Refuse are files that it does not hand out, and what it says instead.
	Refuse map[lds.File]apdu.Status

	// Answer changes what the card answers to command n, status included; nil
	// changes nothing. The slices are the caller's.
	Answer func(n int, command, answer []byte) []byte
}

// atr is what the card answers to a reset: that of a contactless card behind
// PC/SC (part 3, 3.1.3.2.3), whose historical bytes say nothing.
var atr = [...]byte{0x3b, 0x88, 0x80, 0x01, 0, 0, 0, 0, 0, 0x81, 0x81, 0x00, 0x09}

// Wrong is how many wrong keys the card saw since the last right one.
func (c *Card) Wrong() int { c.mu.Lock(); defer c.mu.Unlock(); return c.wrong }

// Waited is how long the card made terminals wait after wrong keys: a second
// for each key since the last right one, ten at most.
func (c *Card) Waited() time.Duration { c.mu.Lock(); defer c.mu.Unlock(); return c.waited }

// Insert puts the card into a reader in this process. Each time it begins anew:
// it is powered, and nothing is open.
func (c *Card) Insert() device.Card { return c.power() }

// power is a card that nobody holds yet.
func (c *Card) power() *powered { return &powered{Card: c} }

// A powered is a card from being powered to being taken away: all that it
// forgets without power.
type powered struct {
	*Card
	count int   // of commands
	gone  error // why it answers no more

	session *sm.Session // nil: in plain
	next    *sm.Session // takes over once the answer is out
	applied bool        // the application is selected, else the master file
	current lds.File    // 0: none
	opened  bool        // with BAC or PACE
	goesBy  []byte      // what a terminal has to sign as the name of the card
	proved  []byte      // terminal's key of chip authentication, compressed; nil before it

	challenge []byte // the last one handed out; used once
	run       *paceRun
	choice    *agreement // chosen for chip authentication
	terminal  terminal
	chain     []byte // data of the commands before this one
	chained   apdu.Command
}

func (p *powered) ATR() []byte { return append([]byte{}, atr[:]...) }

// Close takes the card out.
func (p *powered) Close() error { p.end(device.ErrRemoved); return nil }

// end is leave from outside.
func (p *powered) end(why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone == nil {
		p.leave(why)
	}
}

// leave ends all that the card knew of this terminal.
func (p *powered) leave(why error) {
	p.lose()
	p.gone = why
}

func (p *powered) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		p.end(err)
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count++
	if p.gone == nil && p.count == p.RemovedAt {
		p.leave(device.ErrRemoved)
	}
	if p.gone == nil && p.count == p.SilentAt {
		p.leave(device.ErrSilent)
	}
	if p.gone != nil {
		return nil, fmt.Errorf("sending command %d to the card: %w", p.count, p.gone)
	}
	answer := p.answer(command).Bytes()
	if p.Answer != nil {
		answer = p.Answer(p.count, append([]byte{}, command...), answer)
	}
	return answer, nil
}

// answer is one exchange, secured or not.
func (p *powered) answer(command []byte) apdu.Response {
	c, err := apdu.Parse(command)
	if err != nil {
		return fail(apdu.WrongLength)
	}
	if c.Class&0x0c != 0x0c {
		if p.session != nil { // a plain command ends secure messaging (Doc 9303-11, 9.8.1)
			p.lose()
			return fail(apdu.WrongObjects)
		}
		return p.fit(p.carryOut(c), c)
	}
	if p.session == nil {
		return fail(apdu.WrongObjects)
	}
	plain, err := p.session.Open(c)
	if err != nil {
		p.lose()
		return fail(apdu.WrongObjects)
	}
	plain.Extended = c.Extended
	r, err := p.session.Seal(p.fit(p.carryOut(plain), plain), c.Instruction&1 == 1)
	if err != nil {
		p.lose()
		return fail(apdu.Unknown)
	}
	if p.next != nil {
		p.session.End()
		p.session, p.next = p.next, nil
	}
	return r
}

// fit cuts an answer to what goes back in the form of the command.
func (p *powered) fit(r apdu.Response, c apdu.Command) apdu.Response {
	longest := apdu.MaxShort
	switch {
	case c.Extended:
		longest = p.Extended
	case p.session != nil:
		longest = sm.MaxShort
	}
	r.Data = r.Data[:min(len(r.Data), longest)]
	return r
}

// lose ends secure messaging and all rights.
func (p *powered) lose() {
	for _, s := range []*sm.Session{p.session, p.next} {
		if s != nil {
			s.End()
		}
	}
	*p = powered{Card: p.Card, count: p.count, gone: p.gone, applied: p.applied}
}

// carryOut carries out a command that came in plain or was opened.
func (p *powered) carryOut(c apdu.Command) apdu.Response {
	if c.Extended && p.Extended == 0 {
		return fail(apdu.WrongLength)
	}
	if c.Class&^apdu.Chained != 0 {
		return fail(apdu.NoClass)
	}
	// General authenticate has its own meaning of a chain: steps, each with an
	// answer (ISO/IEC 7816-4, 11.5.5).
	if c.Instruction != 0x86 {
		var more bool
		if c, more = p.collect(c); more {
			return fail(apdu.OK)
		}
	}
	switch c.Instruction {
	case 0xa4:
		return fail(p.choose(c))
	case 0xb0, 0xb1:
		return p.read(c)
	case 0x84:
		return p.getChallenge(c)
	case 0x82:
		return p.externalAuthenticate(c)
	case 0x88:
		return p.sign(c)
	case 0x22:
		return fail(p.setSecurity(c))
	case 0x86:
		return p.generalAuthenticate(c)
	case 0x2a:
		return fail(p.verifyCertificate(c))
	}
	return fail(apdu.NoInstruction)
}

// collect gathers a chain of commands into its last one; more says that this
// was not the last.
func (p *powered) collect(c apdu.Command) (whole apdu.Command, more bool) {
	head := apdu.Command{Instruction: c.Instruction, P1: c.P1, P2: c.P2}
	if was := p.chained; len(p.chain) > 0 && (was.Instruction != head.Instruction || was.P1 != head.P1 || was.P2 != head.P2) {
		p.chain = nil // another command gives the chain up
	}
	p.chained = head
	if c.Class&apdu.Chained != 0 {
		p.chain = append(p.chain, c.Data...)
		return c, true
	}
	c.Data, p.chain = append(p.chain, c.Data...), nil
	return c, false
}

// fail is an answer without data.
func fail(s apdu.Status) apdu.Response { return apdu.Response{Status: s} }

// done is an answer with data.
func done(b []byte) apdu.Response { return apdu.Response{Data: b, Status: apdu.OK} }

// draw is n bytes of randomness.
func (c *Card) draw(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(c.random, b); err != nil {
		panic("emrtdtest: the source of randomness ran dry: " + err.Error())
	}
	return b
}

// objects are the data objects in b by their tags; nil where it holds others.
func objects(b []byte) map[tlv.Tag][]byte {
	found := map[tlv.Tag][]byte{}
	for r := tlv.NewReader(b, tlv.BER); r.More(); {
		e, err := r.Next()
		if err != nil {
			return nil
		}
		found[e.Tag] = e.Value
	}
	return found
}

// refuse notes a wrong key, and makes the terminal wait.
func (c *Card) refuse() {
	c.wrong++
	pause := time.Duration(min(c.wrong, 10)) * time.Second
	c.waited += pause
	if c.Slow {
		time.Sleep(pause)
	}
}
