package emrtdtest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"optag/device"
	"optag/device/emrtd/apdu"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/lds"
)

// What is said to the card, and what it answers: the first bytes, and the
// status. A line begins with ! if the command goes in plain after the card was
// opened.
func TestConversations(t *testing.T) {
	for _, c := range []struct {
		name   string
		opened bool
		habits emrtdtest.Habits
		lines  string
	}{
		{"a closed card shows how it opens", false, emrtdtest.Habits{}, `
			00A4020C02011C = 9000 # EF.CardAccess
			00B0000008 = 3114301206 9000
			00B0000000 = 3114301206 6282 # across its end
			00B09C0001 = 31 9000 # the same by its short name
			00B09F0001 = 6A82 # no file has the short name of five ones`},
		{"a closed card keeps everything else", false, emrtdtest.Habits{}, `
			00B0000001 = 6986 # nothing is selected
			00A4020C020101 = 6A82 # not in the master file
			00A4040C07A0000002471001 = 9000
			00A4020C02011E = 6982
			00A4020C020101 = 6982
			00A4020C020103 = 6982
			00B0810001 = 6982
			00B08E0001 = 6982
			0088000008010203040506070800 = 6982 # active authentication`},
		{"another card's application", false, emrtdtest.Habits{}, `
			00A4040C07A0000002471002 = 6A82
			00A4040C05A000000003 = 6A82`},
		{"an open card", true, emrtdtest.Habits{}, `
			00A4020C02011E = 9000
			00B0000004 = 601A5F01 9000
			00B0810005 = 615D5F1F5A 9000
			00B081005F = 615D5F1F5A 9000 # all of DG1
			00B081005E = 615D5F1F5A 9000
			00B0815F01 = 6B00 # behind its end
			00B0810000 = 615D5F1F5A 6282
			00B0000005 = 615D5F1F5A 9000 # DG1 is still selected
			00A4020C02010D = 6A82 # no such file
			00B0000005 = 615D5F1F5A 9000 # and still`},
		{"fingers stay closed", true, emrtdtest.Habits{}, `
			00A4020C020103 = 6982
			00B0830001 = 6982
			00B1000304540200000 0 = 6982`},
		{"odd instructions, filled to the last byte", true, emrtdtest.Habits{Full: true}, `
			00B100010354010210 = 530E5F1F5A 9000
			00B100020354010080 = 537E7582 9000
			00B100020354010081 = 537F7582 9000
			00B100020354010082 = 537F7582 9000 # a longer head would not fit
			00B100020354010083 = 5381807582 9000`},
		{"odd instructions", true, emrtdtest.Habits{}, `
			00A4020C020101 = 9000
			00B100000354010210 = 530B5F1F5A 9000
			00B100010354010210 = 530B5F1F5A 9000 # by the short name
			00B10001045402005E10 = 5301 6282
			00B10001045402005F10 = 6B00
			00B1000002540010 = 6A86 # no offset
			00B100000354010200 = 535D5F1F5A 6282`},
		{"what cards are not asked", true, emrtdtest.Habits{}, `
			00CA000000 = 6D00
			00A4080C023F00 = 6A86
			00A4020402011E = 6A86
			00D6000001FF = 6D00 # nothing is written
			00820000080102030405060708 = 6985 # no challenge was asked for
			0022C1A40F800A04007F000702020402028301 02 = 9000 # PACE once more
			0022C1A40F800A04007F000702020402028301 04 = 6A88
			0022C1A40F800A04007F000702020406028301 01 = 6A80 # a way that it has not`},
		{"a plain command ends it", true, emrtdtest.Habits{}, `
			00A4020C02011E = 9000
			!00B0000004 = 6988
			!00B0000004 = 6986
			!00A4020C02011E = 6982 # the application is selected, and closed`},
		{"a card without short names", true, emrtdtest.Habits{NoShort: true}, `
			00B0810001 = 6A86
			00A4020C020101 = 9000
			00B0000001 = 61 9000`},
		{"a card that tells how much there is", true, emrtdtest.Habits{Across: 0x6c00}, `
			00B0815000 = 6C0F`},
		{"a card that reads no further than the end", true, emrtdtest.Habits{Across: apdu.WrongLength}, `
			00B0815000 = 6700
			00B081500F = 9000`},
		{"a card that says nothing of the end", true, emrtdtest.Habits{Across: apdu.OK}, `
			00B0815000 = 9000`},
		{"a card without extended lengths", true, emrtdtest.Habits{}, `
			00B08100000010 = 6700`},
		{"a card with extended lengths", true, emrtdtest.Habits{Extended: 2000}, `
			00B08100000010 = 615D5F1F5A 9000
			00B08200000200 = 75 9000`},
		{"lengths that it takes", false, emrtdtest.Habits{Extended: 2000}, `
			00A4020C022F01 = 9000
			00B0000000 = 7F66090203010000 0202 0800 6282`},
		{"a command in parts", true, emrtdtest.Habits{}, `
			10A4040C03A00000 = 9000
			00A4040C0402471001 = 9000
			10A4040C03A00000 = 9000
			00A4020C02011E = 9000 # another command gives the first up`},
	} {
		card, spec := made(t, nil)
		card.Habits = c.habits
		k := at(t, card)
		if c.opened {
			k = opened(t, card, spec)
		}
		for line := range strings.Lines(strings.TrimSpace(c.lines)) {
			converse(t, k, c.name, line)
		}
	}
}

// converse is one line of a conversation.
func converse(t *testing.T, k *counter, name, line string) {
	t.Helper()
	line, _, _ = strings.Cut(strings.TrimSpace(line), " #")
	command, want, _ := strings.Cut(line, " = ")
	command, plain := strings.CutPrefix(command, "!")
	c, err := apdu.Parse(hx(command))
	if err != nil {
		t.Fatalf("%s: %s: %v", name, command, err)
	}
	speak := k.say
	if plain {
		speak = k.plain
	}
	r := speak(c)
	w := hx(want)
	status := apdu.Status(w[len(w)-2])<<8 | apdu.Status(w[len(w)-1])
	if r.Status != status || !bytes.HasPrefix(r.Data, w[:len(w)-2]) {
		t.Errorf("%s: %s is answered %X %04X, want %s", name, command, r.Data[:min(8, len(r.Data))], uint16(r.Status), want)
	}
}

// A wrong key is refused, counted, and makes the next terminal wait.
func TestWrongKeys(t *testing.T) {
	card, spec := made(t, nil)
	for n := 1; n <= 3; n++ {
		if s := at(t, card).open("D231458907900812" + "7" + "3111239"); s != apdu.AuthFailed {
			t.Fatalf("a wrong key is answered %v", s)
		}
		if card.Wrong() != n || card.Waited() != time.Duration(n*(n+1)/2)*time.Second {
			t.Errorf("after %d: %d counted, %v waited", n, card.Wrong(), card.Waited())
		}
	}
	opened(t, card, spec)
	if card.Wrong() != 0 {
		t.Error("the right key does not clear the count")
	}
}

// A challenge serves once.
func TestAnAnswerIsNotTakenTwice(t *testing.T) {
	card, spec := made(t, nil)
	var heard []byte
	card.Answer = func(n int, command, answer []byte) []byte {
		if command[1] == 0x82 {
			heard = command
		}
		return answer
	}
	k := opened(t, card, spec)
	k.plain(apdu.Command{Instruction: 0xb0, Expect: 1}) // ends the session
	c, _ := apdu.Parse(heard)
	if r := k.plain(c); r.Status != apdu.Conditions {
		t.Errorf("what was heard is answered %v without a challenge", r.Status)
	}
	k.plain(apdu.Command{Instruction: 0x84, Expect: 8})
	if r := k.plain(c); r.Status != apdu.AuthFailed {
		t.Errorf("what was heard is answered %v after another challenge", r.Status)
	}
}

// Every byte follows from the randomness.
func TestTheSameSeedMakesTheSameCard(t *testing.T) {
	for _, active := range []string{"brainpoolP256r1", emrtdtest.RSA} {
		a, _ := made(t, func(s *emrtdtest.Spec) { s.Active = active })
		b, _ := made(t, func(s *emrtdtest.Spec) { s.Active = active })
		for f := range a.Files {
			if !bytes.Equal(a.Files[f], b.Files[f]) {
				t.Errorf("%s with %s: %v differs", active, active, f)
			}
		}
		s := emrtdtest.Specimen(utopia(), day)
		c, err := emrtdtest.Personalise(seed(9), s)
		if err != nil || bytes.Equal(a.Files[lds.DG15], c.Files[lds.DG15]) {
			t.Errorf("another seed makes the same key: %v", err)
		}
	}
}

func TestCardsThatCannotBe(t *testing.T) {
	for name, change := range map[string]func(*emrtdtest.Spec){
		"a passport":         func(s *emrtdtest.Spec) { s.Document.Format = "TD3" },
		"nobody issues it":   func(s *emrtdtest.Spec) { s.Issuer = nil },
		"no face":            func(s *emrtdtest.Spec) { s.Face = nil },
		"nothing opens it":   func(s *emrtdtest.Spec) { s.BAC, s.PACE = false, nil },
		"an unknown curve":   func(s *emrtdtest.Spec) { s.PACE[0].Curve = "P-256" },
		"an unknown mapping": func(s *emrtdtest.Spec) { s.PACE[0].Mapping = 5 },
		"the third with triple DES": func(s *emrtdtest.Spec) {
			s.PACE = []emrtdtest.PACE{{Mapping: emrtdtest.ChipAuthentication, Curve: "secp256r1"}}
		},
		"a chip's key on no curve":      func(s *emrtdtest.Spec) { s.Chip[0].Curve = "" },
		"active with nothing":           func(s *emrtdtest.Spec) { s.Active = "DSA" },
		"a number that cannot be there": func(s *emrtdtest.Spec) { s.Document.Number = "æ" },
	} {
		s := emrtdtest.Specimen(utopia(), day)
		change(&s)
		if _, err := emrtdtest.Personalise(seed(1), s); err == nil {
			t.Errorf("%s: it is made", name)
		}
	}
}

// A card for which no print was taken says so, each in its own words.
func TestNoFingers(t *testing.T) {
	none := func(s *emrtdtest.Spec) { s.Fingers = nil }
	card, _ := made(t, none)
	prints, err := lds.ParseDG3(card.Files[lds.DG3])
	if err != nil || len(prints) != 0 {
		t.Errorf("%d prints: %v", len(prints), err)
	}
	other, err := emrtdtest.Personalise(seed(8), func() emrtdtest.Spec { s := emrtdtest.Specimen(utopia(), day); none(&s); return s }())
	if err != nil || bytes.Equal(card.Files[lds.DG3], other.Files[lds.DG3]) {
		t.Errorf("two such files are the same: %v", err)
	}
}

// What the reader does with cards, as the station sees it.
func TestReader(t *testing.T) {
	card, _ := made(t, nil)
	r := emrtdtest.NewReader()
	short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := r.Card(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an empty reader gives %v", err)
	}
	if err := r.Gone(t.Context()); err != nil {
		t.Error(err)
	}
	time.AfterFunc(2*time.Millisecond, func() { r.Insert(card) })
	first, err := r.Card(t.Context())
	if err != nil || !bytes.HasPrefix(first.ATR(), []byte{0x3b, 0x88}) {
		t.Fatalf("%v", err)
	}
	second, err := r.Card(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.Transmit(t.Context(), apply.Bytes()); !errors.Is(err, device.ErrRemoved) {
		t.Errorf("the card before is still there: %v", err)
	}
	if b, err := second.Transmit(t.Context(), apply.Bytes()); err != nil || fmt.Sprintf("%X", b) != "9000" {
		t.Errorf("%X, %v", b, err)
	}
	time.AfterFunc(2*time.Millisecond, r.Remove)
	if err := r.Gone(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := second.Transmit(t.Context(), apply.Bytes()); !errors.Is(err, device.ErrRemoved) {
		t.Errorf("a card that was taken away: %v", err)
	}
	time.AfterFunc(2*time.Millisecond, r.Unplug)
	if _, err := r.Card(t.Context()); !errors.Is(err, device.ErrUnplugged) {
		t.Errorf("no reader: %v", err)
	}
	if err := r.Gone(t.Context()); !errors.Is(err, device.ErrUnplugged) {
		t.Errorf("no reader: %v", err)
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Errorf("closing, and closing again: %v", err)
		}
	}
}
