package mrzreader

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"optag/device"
	"optag/device/mrzreader/mrzreadertest"
)

// begun is when the tests begin; no clock is asked.
var begun = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// A typist feeds a framer a character a millisecond.
type typist struct {
	f   Framer
	now time.Time
	got []string // lines joined by "/", or "again"
}

func (y *typist) take(s device.Swipe, err error) {
	switch {
	case errors.Is(err, device.SwipeAgain):
		y.got = append(y.got, "again")
	case s.Lines != nil:
		y.got = append(y.got, strings.Join(s.Lines, "/"))
	}
}

func (y *typist) types(text string) {
	for _, c := range []byte(text) {
		y.now = y.now.Add(time.Millisecond)
		y.take(y.f.Feed(rune(c), y.now))
	}
}

func (y *typist) waits(d time.Duration) {
	y.now = y.now.Add(d)
	y.take(y.f.Tick(y.now))
}

func td1() []string { return mrzreadertest.Documents()[0] }
func td3() []string { return mrzreadertest.Documents()[1] }
func td2() []string { return mrzreadertest.Documents()[2] }

// TestEveryWayOfSending: each shape, in each way in which readers send it, is
// read once and whole.
func TestEveryWayOfSending(t *testing.T) {
	ways := mrzreadertest.Ways()
	for _, name := range slices.Sorted(maps.Keys(ways)) {
		t.Run(name, func(t *testing.T) {
			for _, lines := range mrzreadertest.Documents() {
				y := typist{now: begun}
				way := ways[name]
				y.types(way.Text(lines))
				if way.Twice {
					y.waits(way.Again)
					y.types(way.Text(lines))
				}
				y.waits(100 * time.Millisecond)
				if want := strings.Join(lines, "/"); len(y.got) != 1 || y.got[0] != want {
					t.Errorf("read %q, want %q once", y.got, want)
				}
				if due, waiting := y.f.Due(); waiting {
					t.Errorf("still waiting until %v", due)
				}
			}
		})
	}
}

func TestFramer(t *testing.T) {
	one := strings.Join(td1(), "/")
	three := strings.Join(td3(), "/")
	for _, c := range []struct {
		name string
		f    Framer
		text string // "|" is a pause of 100 ms, "_" one of 1.5 s
		want []string
	}{
		{name: "nothing", text: "|"},
		{name: "empty lines", text: "\r\n\r\n|"},
		{name: "a character is missing", text: td3()[0][1:] + "\r" + td3()[1] + "\r|", want: []string{"again"}},
		{name: "a character too many", text: td3()[0] + "A\r" + td3()[1] + "\r|", want: []string{"again"}},
		{name: "the second line is missing", text: td3()[0] + "\r|", want: []string{"again"}},
		{name: "the third line is missing", text: td1()[0] + "\r" + td1()[1] + "\r|", want: []string{"again"}},
		{name: "a pause between the lines", text: td3()[0] + "\r|" + td3()[1] + "\r|", want: []string{"again", "again"}},
		{name: "one character unreadable", text: strings.Replace(td3()[0], "KSS", "K?S", 1) + "\r" + td3()[1] + "\r|", want: []string{"again"}},
		{name: "the last character unreadable", text: td3()[0][:43] + "?\r" + td3()[1] + "\r|", want: []string{"again"}},
		{name: "not read, then read", text: td3()[0][:20] + "\r|" + strings.Join(td3(), "\r") + "|", want: []string{"again", three}},
		{name: "small letters", text: strings.ToLower(strings.Join(td3(), "\r")) + "|", want: []string{three}},
		{name: "spaces around the lines", text: " " + td3()[0] + " \r  " + td3()[1] + "|", want: []string{three}},
		{name: "noise between characters", text: "\x00\xff" + td3()[0][:7] + "\x00" + td3()[0][7:] + "\xfe\r" + td3()[1] + "\x80|", want: []string{three}},
		{name: "nothing but noise", text: strings.Repeat("\xf8\x80\x00", 40) + "|", want: []string{"again"}},
		{name: "a begin within a line", text: td3()[0][:4] + "\x02SYNC" + td3()[0][4+4:] + "\r" + td3()[1] + "|", want: []string{"again"}},
		{name: "a glitch", text: "\xff\x00|"},
		{name: "an acknowledgement", text: "ocrena1\x06!|"},
		{name: "a version", text: "CR100 V1.2\r|"},
		{name: "a begin without an end", text: "\x02" + strings.Join(td3(), "\r") + "\r|", want: []string{three}},
		{name: "an end was lost between two", text: "\x02" + strings.Join(td3(), "\r") + "\x02" + strings.Join(td1(), "\r") + "\x03", want: []string{three, one}},
		{name: "complete with ETX, at once", text: "\x02" + strings.Join(td3(), "\r") + "\x03", want: []string{three}},
		{name: "a checksum that is a letter", text: "\x02" + strings.Join(td3(), "\r") + "\x03A|", want: []string{three}},
		{name: "a checksum that is a line break", text: "\x02" + strings.Join(td3(), "\r") + "\x03\r|", want: []string{three}},
		{name: "after a checksum the next at once", text: "\x02" + strings.Join(td3(), "\r") + "\x03A\x02" + strings.Join(td1(), "\r") + "\x03A|", want: []string{three, one}},
		{name: "two documents in one go", text: strings.Join(td3(), "\r") + "\r" + strings.Join(td1(), "\r") + "\r|", want: []string{"again"}},
		{name: "twice in one go, once badly", text: td3()[0][1:] + "\r" + td3()[1] + "\r" + strings.Join(td3(), "\r") + "\r|", want: []string{"again"}},
		{name: "twice without any break", text: strings.Repeat(strings.Join(td2(), ""), 2) + "|", want: []string{strings.Join(td2(), "/")}},
		{name: "a card without breaks that lost two characters", text: strings.Join(td1(), "")[:88] + "|", want: []string{"again"}},
		{name: "a passport that lost the break and 16 characters", text: strings.Join(td3(), "")[:30] + strings.Join(td3(), "")[46:] + "|", want: []string{"again"}},
		{name: "the same again after a while", text: strings.Join(td3(), "\r") + "|_" + strings.Join(td3(), "\r") + "|", want: []string{three, three}},
		{name: "another at once", text: strings.Join(td3(), "\r") + "|" + strings.Join(td1(), "\r") + "|", want: []string{three, one}},
		{name: "no end to it", text: strings.Repeat("ABCDEFGHIJ\r", 60) + "|" + strings.Join(td3(), "\r") + "|", want: []string{"again", three}},
		{name: "an American keyboard at a Danish computer", f: Framer{Alias: ";<"}, text: strings.ReplaceAll(strings.Join(td3(), "\r"), "<", ";") + "\r|", want: []string{three}},
		{name: "slow keys", f: Framer{Quiet: 200 * time.Millisecond}, text: td3()[0] + "\r|" + td3()[1] + "\r||", want: []string{three}},
	} {
		t.Run(c.name, func(t *testing.T) {
			y := typist{f: c.f, now: begun}
			for _, part := range strings.SplitAfter(strings.ReplaceAll(c.text, "_", strings.Repeat("|", 15)), "|") {
				text, pause := strings.CutSuffix(part, "|")
				y.types(text)
				if pause {
					y.waits(100 * time.Millisecond)
				}
			}
			if !slices.Equal(y.got, c.want) {
				t.Errorf("read %q, want %q", y.got, c.want)
			}
		})
	}
}

// TestLateTick: a framer that nobody told of the silence finds it at the next
// character.
func TestLateTick(t *testing.T) {
	y := typist{now: begun}
	y.types(strings.Join(td3(), "\r"))
	y.now = y.now.Add(time.Second)
	y.types("C")
	if want := []string{strings.Join(td3(), "/")}; !slices.Equal(y.got, want) {
		t.Errorf("read %q, want %q", y.got, want)
	}
}

// FuzzFramer: whatever a reader sends, what is delivered has the shape of a
// zone and consists of characters that were sent in that order; and whatever
// came before, a document that comes after a pause is read.
func FuzzFramer(f *testing.F) {
	for _, way := range mrzreadertest.Ways() {
		for _, lines := range mrzreadertest.Documents() {
			f.Add([]byte(way.Text(lines)), uint8(0))
		}
	}
	f.Add([]byte(strings.Repeat("A", 700)), uint8(1))
	f.Add([]byte("\x02\x03\x03\x02\r\n\x00\xff"), uint8(90))
	f.Fuzz(func(t *testing.T, sent []byte, gap uint8) {
		y := typist{now: begun}
		for i, c := range sent {
			if i%16 == 15 {
				y.waits(time.Duration(gap) * time.Millisecond)
			}
			y.types(string([]byte{c}))
		}
		y.waits(2 * time.Second)
		for _, got := range y.got {
			if got != "again" {
				checkDelivered(t, strings.Split(got, "/"), sent)
			}
		}
		y.got = nil
		y.types(strings.Join(td1(), "\r\n"))
		y.waits(100 * time.Millisecond)
		if want := []string{strings.Join(td1(), "/")}; !slices.Equal(y.got, want) {
			t.Errorf("after %q read %q, want the document", sent, y.got)
		}
	})
}

func checkDelivered(t *testing.T, lines []string, sent []byte) {
	t.Helper()
	if n, l := len(lines), len(lines[0]); !(n == 3 && l == 30 || n == 2 && (l == 44 || l == 36)) {
		t.Errorf("delivered %d lines of %d characters", n, l)
	}
	rest := strings.ToUpper(string(sent))
	for _, line := range lines {
		if len(line) != len(lines[0]) || !pure(line) {
			t.Errorf("delivered %q", line)
		}
		for _, c := range []byte(line) {
			i := strings.IndexByte(rest, c)
			if i < 0 {
				t.Fatalf("delivered %q, which was not sent", lines)
			}
			rest = rest[i+1:]
		}
	}
}
