// Package apdu is the form of what is said to an integrated-circuit card and of
// what it answers (ISO/IEC 7816-4, 5.1): short and extended lengths, and the
// words of its status.
package apdu

import (
	"errors"
	"fmt"
)

// Longest data and answers of the two forms, in bytes.
const (
	MaxShort    = 256
	MaxExtended = 65536
)

// A Command is one command APDU.
type Command struct {
	Class, Instruction byte
	P1, P2             byte
	Data               []byte // none: no Lc field
	Expect             int    // longest answer without status, Ne: 0 none, up to 65536; 256 is "up to 256" in the short form
	Extended           bool   // extended lengths even where short ones would do
}

// ErrForm: bytes are not an APDU.
var ErrForm = errors.New("not an APDU")

// Bytes writes the command. It panics where data or Expect exceed 65535 and
// 65536: whoever builds commands bounds them.
func (c Command) Bytes() []byte {
	if len(c.Data) >= MaxExtended || c.Expect > MaxExtended || c.Expect < 0 {
		panic(fmt.Sprintf("apdu: a command with %d bytes of data and %d expected", len(c.Data), c.Expect))
	}
	b := append(make([]byte, 0, len(c.Data)+9), c.Class, c.Instruction, c.P1, c.P2)
	if !c.Extended && len(c.Data) < MaxShort && c.Expect <= MaxShort {
		if len(c.Data) > 0 {
			b = append(append(b, byte(len(c.Data))), c.Data...)
		}
		if c.Expect > 0 {
			b = append(b, byte(c.Expect))
		}
		return b
	}
	if len(c.Data) > 0 || c.Expect > 0 {
		b = append(b, 0)
	}
	if len(c.Data) > 0 {
		b = append(append(b, byte(len(c.Data)>>8), byte(len(c.Data))), c.Data...)
	}
	if c.Expect > 0 {
		b = append(b, byte(c.Expect>>8), byte(c.Expect))
	}
	return b
}

// Parse reads a command; Data is a part of b. It fails with [ErrForm].
func Parse(b []byte) (Command, error) {
	if len(b) < 4 {
		return Command{}, fmt.Errorf("reading a command of %d bytes: %w", len(b), ErrForm)
	}
	c := Command{Class: b[0], Instruction: b[1], P1: b[2], P2: b[3]}
	rest := b[4:]
	switch {
	case len(rest) == 0:
		return c, nil
	case len(rest) == 1:
		c.Expect = upTo(int(rest[0]), MaxShort)
		return c, nil
	case rest[0] == 0:
		return c.extended(rest[1:], len(b))
	}
	n := int(rest[0])
	switch len(rest) - 1 - n {
	case 0:
	case 1:
		c.Expect = upTo(int(rest[1+n]), MaxShort)
	default:
		return Command{}, fmt.Errorf("reading a command of %d bytes, data of %d: %w", len(b), n, ErrForm)
	}
	c.Data = rest[1 : 1+n]
	return c, nil
}

// extended reads what follows the 00 of an extended length.
func (c Command) extended(rest []byte, all int) (Command, error) {
	c.Extended = true
	if len(rest) < 2 {
		return Command{}, fmt.Errorf("reading an extended command of %d bytes: %w", all, ErrForm)
	}
	n := int(rest[0])<<8 | int(rest[1])
	if len(rest) == 2 {
		c.Expect = upTo(n, MaxExtended)
		return c, nil
	}
	switch len(rest) - 2 - n {
	case 0:
	case 2:
		c.Expect = upTo(int(rest[2+n])<<8|int(rest[3+n]), MaxExtended)
	default:
		return Command{}, fmt.Errorf("reading an extended command of %d bytes, data of %d: %w", all, n, ErrForm)
	}
	if n == 0 {
		return Command{}, fmt.Errorf("reading an extended command of %d bytes with empty data: %w", all, ErrForm)
	}
	c.Data = rest[2 : 2+n]
	return c, nil
}

// Chain cuts a command into a chain whose parts carry at most max bytes of data
// each; all but the last have the chaining bit in their class and expect no
// answer (ISO/IEC 7816-4, 5.3.3). Data that fit are one command.
func (c Command) Chain(max int) []Command {
	var chain []Command
	for ; len(c.Data) > max; c.Data = c.Data[max:] {
		part := c
		part.Class |= Chained
		part.Data, part.Expect = c.Data[:max], 0
		chain = append(chain, part)
	}
	return append(chain, c)
}

// Chained is the bit of the class that says another command of the chain
// follows.
const Chained = 0x10

// upTo is an expected length, of which 0 stands for the longest.
func upTo(n, longest int) int {
	if n == 0 {
		return longest
	}
	return n
}

// A Response is what a card answers.
type Response struct {
	Data   []byte
	Status Status
}

// ParseResponse reads an answer; Data is a part of b. It fails with [ErrForm].
func ParseResponse(b []byte) (Response, error) {
	if len(b) < 2 {
		return Response{}, fmt.Errorf("reading an answer of %d bytes: %w", len(b), ErrForm)
	}
	n := len(b) - 2
	return Response{b[:n], Status(b[n])<<8 | Status(b[n+1])}, nil
}

// Bytes writes the answer.
func (r Response) Bytes() []byte {
	return append(append(make([]byte, 0, len(r.Data)+2), r.Data...), byte(r.Status>>8), byte(r.Status))
}

// A Status is SW1 and SW2. As an error it says what the card did not do.
type Status uint16

// The status words that mean something to a reader of travel documents
// (ISO/IEC 7816-4, 5.1.3; ICAO Doc 9303-11).
const (
	OK              Status = 0x9000
	EndOfFile       Status = 0x6282 // less was there than asked for
	AuthFailed      Status = 0x6300 // the key is wrong; 63Cx: x tries are left
	MemoryFailure   Status = 0x6581
	WrongLength     Status = 0x6700
	NoSecurity      Status = 0x6882 // secure messaging not supported
	LastChained     Status = 0x6883
	NotAllowed      Status = 0x6982 // security status not satisfied
	Blocked         Status = 0x6983
	NotUsable       Status = 0x6984
	Conditions      Status = 0x6985
	NoObjects       Status = 0x6987 // secure messaging objects missing
	WrongObjects    Status = 0x6988 // secure messaging objects incorrect
	WrongData       Status = 0x6a80
	NoFunction      Status = 0x6a81
	NotFound        Status = 0x6a82
	WrongParameters Status = 0x6a86
	NoReference     Status = 0x6a88
	OutOfFile       Status = 0x6b00
	NoInstruction   Status = 0x6d00
	NoClass         Status = 0x6e00
	Unknown         Status = 0x6f00
)

var words = map[Status]string{
	OK: "done", EndOfFile: "end of file", AuthFailed: "the key is wrong", MemoryFailure: "memory failure",
	WrongLength: "wrong length", NoSecurity: "secure messaging not supported", LastChained: "last command of the chain expected",
	NotAllowed: "security status not satisfied", Blocked: "blocked", NotUsable: "reference data not usable", Conditions: "conditions of use not satisfied",
	NoObjects: "secure messaging objects missing", WrongObjects: "secure messaging objects incorrect", WrongData: "wrong data", NoFunction: "function not supported",
	NotFound: "file not found", WrongParameters: "wrong parameters", NoReference: "reference data not found", OutOfFile: "offset outside the file",
	NoInstruction: "instruction not supported", NoClass: "class not supported", Unknown: "no precise diagnosis",
}

// Error says the status in words and digits.
func (s Status) Error() string {
	if left, ok := s.Tries(); ok {
		return fmt.Sprintf("the key is wrong, %d tries left (%04X)", left, uint16(s))
	}
	if w, ok := words[s]; ok {
		return fmt.Sprintf("%s (%04X)", w, uint16(s))
	}
	return fmt.Sprintf("status %04X", uint16(s))
}

// Tries is the number of tries left for a key, where the status tells it.
func (s Status) Tries() (int, bool) { return int(s & 0xf), s&0xfff0 == 0x63c0 }
