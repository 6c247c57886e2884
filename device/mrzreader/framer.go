package mrzreader

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"strings"
	"time"

	"optag/device"
)

// Control characters that readers put around a reading.
const (
	stx = 0x02
	etx = 0x03
)

const (
	// quietUsually ends a reading. A character takes 1 ms at 9600 baud, an
	// FTDI adapter holds characters back for up to 16 ms, and a reader that
	// plays a keyboard lets up to 30 ms pass between keys.
	quietUsually = 80 * time.Millisecond

	// repeats is how long the same lines are taken for an echo of the same
	// swipe: some readers send each one twice.
	repeats = time.Second

	// longest is the length of what may be one reading: a TD1 sent thrice,
	// with a line of the reader's own before each.
	longest = 512

	// aWord is how many characters a reading has at least. What is shorter is
	// an acknowledgement, a version or a checksum, and nobody's document.
	aWord = 20
)

// A shape is one kind of zone, after ICAO Doc 9303.
type shape struct {
	lines, length int
	codes         string // the letters such a zone may begin with
}

// shapes are TD1, then TD3 and MRV-A, then TD2 and MRV-B.
func shapes() [3]shape { return [...]shape{{3, 30, "ACI"}, {2, 44, "PV"}, {2, 36, "ACIV"}} }

// errNoise: what came is mostly no characters of a document.
var errNoise = errors.New("most of what came are no characters of a document: the line's speed or parity is wrong")

// A Framer makes readings of the characters that a reader sends: over a serial
// line, or as a keyboard. It knows no clock and no line; the caller says when
// each character came. The zero Framer is ready for use.
//
// It is tolerant: characters may come with STX, ETX and a checksum (LRC) around
// them or without, the lines may end in CR, LF, both or not at all, a line of
// the reader's own may stand before them, and a reading may come twice. It is
// strict in what it delivers: lines of the right number and length, of A to Z,
// 0 to 9 and "<" alone. It checks no check digits.
type Framer struct {
	// Quiet is how long nothing comes after a reading; 0 is 80 ms.
	Quiet time.Duration

	// Alias is pairs of characters, of which the first stands for the second:
	// ";<" for a reader with an American keyboard at a Danish computer.
	Alias string

	buf    []byte // the characters of the reading under way
	noise  int    // characters dropped since it began
	over   bool   // there were more than longest
	framed bool   // it began with STX
	lrc    bool   // the next character may be the checksum
	last   time.Time

	seed   maphash.Seed // of echo
	echo   uint64       // of the last reading; not the reading itself
	echoAt time.Time
}

// Feed takes a character that came at a time, and returns the reading it
// completes, if any, and nothing else if not: then Lines is nil. The error is
// [device.SwipeAgain] where what came is no whole reading.
func (f *Framer) Feed(c rune, at time.Time) (device.Swipe, error) {
	s, err := f.Tick(at)
	lrc := f.lrc
	f.lrc = false
	f.last = at
	switch {
	case c == stx && f.midLine():
		f.add('?') // a begin within a line is noise, and what it hit is lost
	case c == stx:
		if s.Lines == nil && err == nil {
			s, err = f.complete(at)
		}
		f.framed = true
	case c == etx:
		framed := f.framed
		if s.Lines == nil && err == nil {
			s, err = f.complete(at)
		}
		f.framed, f.lrc = false, framed
	case lrc:
	default:
		f.add(c)
	}
	return s, err
}

// Tick says that it is now, and returns the reading that silence completes, as
// Feed does.
func (f *Framer) Tick(now time.Time) (device.Swipe, error) {
	if due, waiting := f.Due(); !waiting || now.Before(due) {
		return device.Swipe{}, nil
	}
	f.lrc = false
	return f.complete(f.last)
}

// Due returns when silence will complete the reading under way, and whether
// there is one.
func (f *Framer) Due() (time.Time, bool) {
	quiet := f.Quiet
	if quiet <= 0 {
		quiet = quietUsually
	}
	return f.last.Add(quiet), len(f.buf) > 0 || f.noise > 0 || f.framed || f.lrc
}

// Reset forgets the reading under way.
func (f *Framer) Reset() {
	clear(f.buf)
	f.buf, f.noise, f.over, f.framed, f.lrc = f.buf[:0], 0, false, false, false
}

// midLine reports whether a line has begun that is not a whole zone.
func (f *Framer) midLine() bool {
	return len(f.buf) > 0 && f.buf[len(f.buf)-1] != '\n' && reading(string(f.buf)) == nil
}

// add takes one character of a reading, as it is meant.
func (f *Framer) add(c rune) {
	for pairs := []rune(f.Alias); len(pairs) > 1; pairs = pairs[2:] {
		if c == pairs[0] {
			c = pairs[1]
			break
		}
	}
	switch {
	case c == '\r' || c == '\n' || c == '\t':
		c = '\n'
	case c < ' ' || c > '~':
		f.noise++
		return
	case c >= 'a' && c <= 'z':
		c -= 'a' - 'A'
	}
	if f.over = f.over || len(f.buf) == longest; !f.over {
		f.buf = append(f.buf, byte(c))
	}
}

// complete ends the reading under way, and says what it was.
func (f *Framer) complete(at time.Time) (device.Swipe, error) {
	defer f.Reset()
	characters := len(f.buf) - bytes.Count(f.buf, []byte("\n"))
	if f.over {
		return device.Swipe{}, device.SwipeAgain
	}
	lines := reading(string(f.buf))
	switch {
	case lines != nil:
		if f.echoes(lines, at) {
			return device.Swipe{}, nil
		}
		return device.Swipe{Lines: lines}, nil
	case f.noise > characters && f.noise >= aWord:
		return device.Swipe{}, fmt.Errorf("%w (%w)", device.SwipeAgain, errNoise)
	case characters >= aWord:
		return device.Swipe{}, device.SwipeAgain
	}
	return device.Swipe{}, nil
}

// echoes reports whether the same lines have just been read.
func (f *Framer) echoes(lines []string, at time.Time) bool {
	if f.seed == (maphash.Seed{}) {
		f.seed = maphash.MakeSeed()
	}
	sum, before := maphash.String(f.seed, strings.Join(lines, "")), f.echo
	soon := !f.echoAt.IsZero() && at.Sub(f.echoAt) < repeats
	f.echo, f.echoAt = sum, at
	return soon && sum == before
}

// reading finds the one zone in what came, nil where there is none, or where
// there are two that differ.
func reading(text string) (found []string) {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
	for i := range lines {
		lines[i] = strings.TrimFunc(lines[i], func(r rune) bool { return !inAlphabet(r) })
	}
	for len(lines) > 0 {
		zone, n := zoneAt(lines)
		switch {
		case n == 0:
			return nil
		case zone != nil && found != nil && !same(zone, found):
			return nil
		case zone != nil:
			found = zone
		}
		lines = lines[n:]
	}
	return found
}

// zoneAt looks at the first of the lines. It returns the zone that begins there,
// nil where it is a line of the reader's own, and the number of lines it is; 0
// where it is a part of a zone only.
func zoneAt(lines []string) (zone []string, n int) {
	for _, s := range shapes() {
		switch {
		case len(lines[0]) == s.length:
			if len(lines) < s.lines {
				return nil, 0
			}
			for _, line := range lines[:s.lines] {
				if len(line) != s.length || !pure(line) {
					return nil, 0
				}
			}
			return lines[:s.lines], s.lines
		case len(lines[0])%(s.length*s.lines) == 0 && len(lines[0]) > 0:
			return s.cut(lines[0])
		}
	}
	if len(lines[0]) >= aWord {
		return nil, 0
	}
	return nil, 1
}

// cut cuts a line that is one zone, or one several times over. Without breaks
// the length alone says what it is, and a TD1 of which two characters were lost
// has the length of a TD3: so the first letter must agree.
func (s shape) cut(line string) (zone []string, n int) {
	whole := line[:s.lines*s.length]
	if !pure(whole) || strings.Repeat(whole, len(line)/len(whole)) != line || !strings.Contains(s.codes, line[:1]) {
		return nil, 0
	}
	for i := range s.lines {
		zone = append(zone, whole[i*s.length:(i+1)*s.length])
	}
	return zone, 1
}

func same(a, b []string) bool { return strings.Join(a, "\n") == strings.Join(b, "\n") }

func pure(line string) bool {
	return strings.IndexFunc(line, func(r rune) bool { return !inAlphabet(r) }) < 0
}

// inAlphabet reports whether a character may stand in a machine readable zone.
func inAlphabet(r rune) bool {
	return r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '<'
}
