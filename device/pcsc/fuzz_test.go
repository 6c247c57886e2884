package pcsc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ebfe/scard"

	"optag/device"
)

// Whatever a reader is called and tells of itself: a technician can read it, and
// finds the reader by its name.
func FuzzReaders(f *testing.F) {
	f.Add(table, []byte("0042\x00"), []byte{0, 0, 0x10, 2})
	f.Add("Identiv uTrust 4701 F [uTrust 4701 F Contact Reader] (55041417602056) 01 00", []byte{}, []byte{1})
	f.Add("() 00 00", []byte("\xff\x1b[2J"), []byte{0xff, 0xff, 0xff, 0xff})
	f.Add(" \x00*", []byte(strings.Repeat("9", 70)), []byte(nil))
	f.Fuzz(func(t *testing.T, name string, serial, firmware []byte) {
		info := describe(name)
		for _, part := range append(strings.Fields(info.Maker+" "+info.Model), info.Serial) {
			if !strings.Contains(name, part) {
				t.Errorf("describe(%q) = %+v: %q is not in the name", name, info, part)
			}
		}
		if !strings.Contains(name, "*") && !fits(name, name) || !fits("", name) || !fits("*", name) {
			t.Errorf("%q does not fit itself", name)
		}
		if s := serialIn(serial); len(s) > 64 || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) || !bytes.Contains(serial, []byte(s)) {
			t.Errorf("serial number %q of %x", s, serial)
		}
		if v := firmwareIn(firmware); len(v) > 12 || (v == "") != (len(firmware) != 4 || binary.NativeEndian.Uint32(firmware) == 0) {
			t.Errorf("firmware %q of %x", v, firmware)
		}
	})
}

// Whatever states a service tells: each slot is listed once, under its own name,
// and the next wait begins with what was told.
func FuzzStates(f *testing.F) {
	f.Add("a\nb", []byte{0, 0, 0, 0x22, 0, 1, 0, 0x12}, []byte{0x3b, 0x80})
	f.Add("Reader 00 00\nReader 00 00\n\\\\?PnP?\\Notification", []byte{0xff, 0xff, 0xff, 0xff, 0, 0, 2, 0x20}, []byte{})
	f.Add("", []byte{0, 0, 0, 4}, []byte(nil))
	f.Fuzz(func(t *testing.T, names string, words, atr []byte) {
		states := carry(nil, strings.Split(names, "\n"))
		for i := range states {
			if len(words) >= 4 {
				states[i].EventState, words = scard.StateFlag(binary.BigEndian.Uint32(words)), words[4:]
			}
			states[i].Atr = atr
		}
		v := seenIn(states)
		for _, s := range v.slots {
			if s.name == pnp || !strings.Contains(names, s.name) || !bytes.Equal(s.atr, atr) {
				t.Errorf("slot %+v of %q", s, names)
			}
			if at, there := v.slot(s.name); !there || at.name != s.name {
				t.Errorf("slot %q is not found again", s.name)
			}
		}
		for _, st := range carry(states, strings.Split(names, "\n")) {
			if st.CurrentState&scard.StateChanged != 0 {
				t.Errorf("%q is waited for as if it had changed: %#x", st.Reader, st.CurrentState)
			}
		}
	})
}

// Whatever comes in the place of an answer, or as properties of the reader: the
// answer is handed on whole, or the card is of no more use, with an error that
// somebody can act on.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte{0x90, 0}, uint32(0), []byte{0x12, 4, 0x42, 0x33, 0, 0x12})
	f.Add([]byte{0x90}, uint32(0), []byte{0x12, 0xff})
	f.Add([]byte{}, uint32(scard.ErrNotTransacted), []byte{0x12, 0, 0x12})
	f.Add([]byte{1, 2, 3}, uint32(scard.ErrInternalError), []byte{})
	f.Add([]byte{1}, uint32(0xdeadbeef), []byte{0x0a, 4, 0xff, 0xff, 0xff, 0xff})
	fake := newFake(table)
	fake.cuts = true
	hurried := quick
	hurried.settle = time.Millisecond
	s := newService(fake, hurried)
	f.Cleanup(func() { s.Close() })
	r, err := s.Open(f.Context(), "")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, answer []byte, code uint32, properties []byte) {
		lies := newCard()
		lies.properties = properties
		lies.answer = func([]byte) ([]byte, error) {
			if code != 0 {
				return answer, scard.Error(code)
			}
			return answer, nil
		}
		fake.lay(table, lies)
		var c device.Card
		for c == nil { // until the service has the news
			c, _ = r.Card(t.Context())
		}
		_ = c.(*Card).Extended(t.Context())
		got, err := c.Transmit(t.Context(), make([]byte, 4))
		if code == 0 && len(answer) >= 2 {
			if err != nil || !bytes.Equal(got, answer) {
				t.Fatalf("%x came as %x, %v", answer, got, err)
			}
			return
		}
		known := false
		for _, want := range []error{device.ErrRemoved, device.ErrUnplugged, device.ErrSilent, device.ErrGarbled} {
			known = known || errors.Is(err, want)
		}
		if _, again := c.Transmit(t.Context(), make([]byte, 4)); !known || got != nil || again == nil {
			t.Fatalf("%x with error %#x came as %x, %v, then %v", answer, code, got, err, again)
		}
	})
}
