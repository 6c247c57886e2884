// Package mrzreadertest simulates readers of machine readable zones, at the far
// end of any serial line. It knows none of the driver's code.
package mrzreadertest

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"time"
)

// Ends says what a reader puts around and between the lines of a document.
type Ends struct {
	Begin string // "\x02"
	Break string // "\r", "\r\n", ""
	End   string // "\r", "\x03"
	LRC   bool   // a checksum follows, the sum modulo 2 of all after Begin
	Again time.Duration
	Twice bool // each document is sent a second time, Again later
}

// Ways are the ways in which readers send.
func Ways() map[string]Ends {
	return map[string]Ends{
		"lines ended by CR":                 {Break: "\r", End: "\r"},
		"lines ended by CR LF":              {Break: "\r\n", End: "\r\n"},
		"lines parted by CR":                {Break: "\r"},
		"no breaks":                         {},
		"no breaks, CR at the end":          {End: "\r"},
		"STX and ETX":                       {Begin: "\x02", Break: "\r", End: "\r\x03"},
		"STX, ETX and LRC":                  {Begin: "\x02", Break: "\r\n", End: "\x03", LRC: true},
		"ETX alone":                         {Break: "\r", End: "\x03"},
		"sent twice":                        {Break: "\r", End: "\r", Twice: true},
		"sent twice, framed":                {Begin: "\x02", Break: "\r", End: "\x03", LRC: true, Twice: true},
		"sent twice, the second time later": {Break: "\r", End: "\r", Twice: true, Again: 300 * time.Millisecond},
		"a line of its own before":          {Begin: "CR100 1.2\r\n", Break: "\r\n", End: "\r\n"},
		"tabs between, as a keyboard":       {Break: "\t", End: "\r"},
	}
}

// Text returns a document as it is sent once.
func (e Ends) Text(lines []string) string {
	body := strings.Join(lines, e.Break) + e.End
	if e.LRC {
		var sum byte
		for _, b := range []byte(body) {
			sum ^= b
		}
		body += string(rune(sum))
	}
	return e.Begin + body
}

// Documents are zones of the three shapes, of nobody: ICAO's own specimens of
// Doc 9303, whose holder lives in Utopia.
func Documents() [][]string {
	return [][]string{
		{"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"},
		{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"},
		{"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"},
	}
}

// Config says how a reader behaves. The zero Config is a swipe reader that
// understands no command.
type Config struct {
	Ends    Ends
	Baud    int    // how fast it sends; 0 is at once
	Version string // its answer to the version command
	Ask     string // the version command
	Trigger string // it looks for a document only after this
	Mute    int    // the version command from which on it does not answer; 0 never
}

// A Sim is a simulated reader.
type Sim struct {
	c    Config
	line io.ReadWriteCloser

	mu      sync.Mutex // protects the fields below
	heard   []byte
	asks    int
	looking bool
	sending chan struct{} // holds a token while something is sent
	over    chan struct{}
}

// Attach puts a reader at the far end of a line. It runs until the line ends.
func Attach(line io.ReadWriteCloser, c Config) *Sim {
	s := &Sim{c: c, line: line, over: make(chan struct{}), sending: make(chan struct{}, 1), looking: c.Trigger == ""}
	go s.listen()
	return s
}

// Wait waits for the end of the line.
func (s *Sim) Wait() { <-s.over }

// Heard returns all that it was sent.
func (s *Sim) Heard() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.heard)
}

func (s *Sim) listen() {
	defer close(s.over)
	buf := make([]byte, 256)
	var last []byte
	for {
		n, err := s.line.Read(buf)
		for _, b := range buf[:n] {
			last = append(last, b)
			s.obey(&last)
		}
		s.mu.Lock()
		s.heard = append(s.heard, buf[:n]...)
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// obey does what the commands say that have come whole.
func (s *Sim) obey(last *[]byte) {
	switch {
	case s.c.Ask != "" && bytes.HasSuffix(*last, []byte(s.c.Ask)):
		*last = nil
		s.mu.Lock()
		s.asks++
		mute := s.c.Mute > 0 && s.asks >= s.c.Mute
		s.mu.Unlock()
		if !mute {
			s.Say(s.c.Version)
		}
	case s.c.Trigger != "" && bytes.HasSuffix(*last, []byte(s.c.Trigger)):
		*last = nil
		s.mu.Lock()
		s.looking = true
		s.mu.Unlock()
	}
}

// Say sends anything, at the speed of the line.
func (s *Sim) Say(text string) {
	s.sending <- struct{}{}
	defer func() { <-s.sending }()
	for text != "" {
		n := len(text)
		if s.c.Baud > 0 {
			n = min(n, max(1, s.c.Baud/1000)) // what comes in 10 ms
			time.Sleep(time.Duration(n*10) * time.Second / time.Duration(s.c.Baud))
		}
		if _, err := io.WriteString(s.line, text[:n]); err != nil {
			return
		}
		text = text[n:]
	}
}

// Swipe draws a document through, and reports whether the reader was looking.
func (s *Sim) Swipe(lines []string) bool {
	s.mu.Lock()
	looking := s.looking
	s.looking = s.c.Trigger == ""
	s.mu.Unlock()
	if !looking {
		return false
	}
	s.Say(s.c.Ends.Text(lines))
	if s.c.Ends.Twice {
		time.Sleep(s.c.Ends.Again)
		s.Say(s.c.Ends.Text(lines))
	}
	return true
}
