package emrtd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"optag/capture/record/tlv"
	"optag/device"
	"optag/device/emrtd/apdu"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/sm"
)

// A shelf is a card that holds files and hands them out, as its habits go.
type shelf struct {
	files    map[uint16][]byte
	session  *sm.Session // its side; nil: in plain
	chosen   []byte
	commands int

	noShort    bool        // knows no short file identifiers
	noExtended bool        // refuses extended lengths
	strict     apdu.Status // what it answers who asks for more than there is; 0: it gives what there is
	most       int         // bytes it hands out at once; 0: as asked
	cut        int         // bytes that it lacks at the end
	inParts    int         // bytes of an answer that go at once, the rest by GET RESPONSE
	later      []byte      // what of an answer is still to be fetched
	removed    int         // the command at which it is taken away, counted from 1
}

func (s *shelf) ATR() []byte  { return nil }
func (s *shelf) Close() error { return nil }

func (s *shelf) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if s.commands++; s.commands == s.removed {
		return nil, device.ErrRemoved
	}
	c, err := apdu.Parse(command)
	if err != nil {
		return apdu.Response{Status: apdu.WrongLength}.Bytes(), nil
	}
	if c.Instruction == 0xc0 {
		return s.hand(s.later), nil
	}
	if s.session == nil {
		return s.hand(s.answer(c).Bytes()), nil
	}
	plain, err := s.session.Open(c)
	if err != nil {
		return nil, fmt.Errorf("the card opening a command: %w", err)
	}
	sealed, err := s.session.Seal(s.answer(plain), c.Instruction&1 == 1)
	if err != nil {
		return nil, err
	}
	return s.hand(sealed.Bytes()), nil
}

// hand gives an answer out, in parts if that is its habit.
func (s *shelf) hand(b []byte) []byte {
	if s.inParts == 0 || len(b) <= s.inParts+2 {
		return b
	}
	s.later = b[s.inParts:]
	return append(bytes.Clone(b[:s.inParts]), 0x61, byte(min(len(s.later)-2, 255)))
}

func (s *shelf) answer(c apdu.Command) apdu.Response {
	at := int(c.P1)<<8 | int(c.P2)
	switch {
	case c.Extended && s.noExtended:
		return apdu.Response{Status: apdu.WrongLength}
	case c.Instruction == 0xa4:
		s.chosen = s.files[uint16(c.Data[0])<<8|uint16(c.Data[1])]
	case c.Instruction == 0xb0 && c.P1&0x80 != 0:
		if s.noShort {
			return apdu.Response{Status: apdu.WrongParameters}
		}
		s.chosen, at = s.files[0x0100|uint16(c.P1&0x1f)], int(c.P2)
	case c.Instruction == 0xb1:
		at = 0
		for _, b := range c.Data[2:] {
			at = at<<8 | int(b)
		}
	}
	if s.chosen == nil {
		return apdu.Response{Status: apdu.NotFound}
	}
	if c.Instruction == 0xa4 {
		return apdu.Response{Status: apdu.OK}
	}
	r := s.bytes(at, c.Expect)
	if c.Instruction == 0xb1 && r.Data != nil {
		r = s.bytes(at, c.Expect-5)
		r.Data = tlv.Primitive(0x53, r.Data).Bytes()
	}
	return r
}

// bytes are up to n of the chosen file.
func (s *shelf) bytes(at, n int) apdu.Response {
	rest := s.chosen[:len(s.chosen)-s.cut]
	if at > len(rest) {
		return apdu.Response{Status: apdu.OutOfFile}
	}
	rest = rest[at:]
	status := apdu.OK
	if n > len(rest) {
		if s.strict != 0 {
			return apdu.Response{Status: s.strict}
		}
		n, status = len(rest), apdu.EndOfFile
	}
	if s.most > 0 && n > s.most {
		n = s.most
	}
	return apdu.Response{Data: rest[:n], Status: status}
}

// content is a file of so many bytes altogether.
func content(tag tlv.Tag, total int) []byte {
	n := total
	for len(tlv.Primitive(tag, make([]byte, n)).Bytes()) > total {
		n--
	}
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * i >> 3)
	}
	return tlv.Primitive(tag, b).Bytes()
}

func TestFilesAreReadByTheHabitsOfChips(t *testing.T) {
	for _, c := range []struct {
		name     string
		size     int
		card     shelf
		extended int
		commands int
	}{
		{name: "smaller than one answer", size: 90, commands: 1},
		{name: "of two bytes", size: 2, commands: 1},
		{name: "of two bytes, no reading across the end", size: 2, card: shelf{strict: apdu.WrongLength}, commands: 3},
		{name: "many answers", size: 22000, commands: (22000 + 222) / 223},
		{name: "above 7FFF", size: 66000, commands: 147 + 153},
		{name: "above 7FFF, in extended lengths", size: 66000, extended: 4000, commands: 17},
		{name: "extended lengths", size: 22000, extended: 4096, commands: 6},
		{name: "extended lengths refused", size: 2000, extended: 4096, card: shelf{noExtended: true}, commands: 10},
		{name: "no short identifiers", size: 500, card: shelf{noShort: true}, commands: 5},
		{name: "no reading across the end", size: 90, card: shelf{strict: apdu.OutOfFile}, commands: 3},
		{name: "wrong length for too much", size: 90, card: shelf{strict: apdu.WrongLength}, commands: 3},
		{name: "exact length offered", size: 90, card: shelf{strict: 0x6c5a}, commands: 3},
		{name: "fewer than asked for", size: 1000, card: shelf{most: 100}, commands: 10},
		{name: "answers in parts", size: 1000, card: shelf{inParts: 100}, commands: 14},
	} {
		want := content(0x75, c.size)
		for _, secured := range []bool{true, false} {
			card := c.card
			card.files = map[uint16][]byte{0x0102: want}
			f := &files{link: &link{card: &card, extended: c.extended}}
			if secured {
				f.session, card.session = sessions(t)
			}
			got, err := f.read(t.Context(), lds.DG2)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s (secured %v): %d bytes of %d came: %v", c.name, secured, len(got), len(want), err)
			}
			if secured && card.commands != c.commands {
				t.Errorf("%s: %d commands, want %d", c.name, card.commands, c.commands)
			}
		}
	}
}

// The names in EF.CVCA come whole, though nothing in it says how long it is.
func TestNamesOfAuthorities(t *testing.T) {
	long := []byte("UTCVCAUTOPIA0001")
	for _, c := range []struct {
		name string
		file []byte
		card shelf
	}{
		{"at once", lds.WriteCVCA(string(long)), shelf{}},
		{"no reading across the end", lds.WriteCVCA(string(long)), shelf{strict: apdu.WrongLength}},
		{"without zeros", lds.WriteCVCA(string(long))[:18], shelf{}},
		{"two of them", lds.WriteCVCA(string(long), "UTCVCAUTOPIA0000"), shelf{strict: apdu.OutOfFile}},
	} {
		c.card.files = map[uint16][]byte{lds.CVCA.ID(): c.file}
		r := &reader{files: files{link: &link{card: &c.card}}}
		if got, err := r.authority(t.Context()); err != nil || !bytes.Equal(got, long) {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}

// sessions are the two sides of one.
func sessions(t testing.TB) (reader, card *sm.Session) {
	side := func() *sm.Session {
		s, err := sm.New(sm.AES128, make([]byte, 16), make([]byte, 16), nil)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	return side(), side()
}

func TestShortIdentifiersAreNotTriedAgain(t *testing.T) {
	card := &shelf{files: map[uint16][]byte{0x0102: content(0x75, 90), 0x0101: content(0x61, 90)}, noShort: true}
	f := &files{link: &link{card: card}}
	for _, p := range []lds.File{lds.DG2, lds.DG1} {
		if _, err := f.read(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	if card.commands != 3+2 {
		t.Errorf("%d commands for two files, want 5", card.commands)
	}
}

func TestBrokenFilesAreNamedWithTheirPlace(t *testing.T) {
	for _, c := range []struct {
		name string
		file []byte
		card shelf
		want string
		at   int
	}{
		{"another file", content(0x63, 90), shelf{}, "reading EF.DG2 at byte 0: does not begin with its tag", 0},
		{"nothing but a tag", []byte{0x75}, shelf{}, "reading EF.DG2 at byte 0: is empty", 0},
		{"an indefinite length", []byte{0x75, 0x80, 0, 0}, shelf{}, "reading EF.DG2 at byte 1: has a length that cannot be read", 1},
		{"a length of five bytes", []byte{0x75, 0x85, 0, 0, 0, 0, 1, 2}, shelf{}, "reading EF.DG2 at byte 1: has a length that cannot be read", 1},
		{"a length that ends early", []byte{0x75, 0x82, 1}, shelf{}, "reading EF.DG2 at byte 1: has a length that cannot be read", 1},
		{"four gigabytes", []byte{0x75, 0x84, 0xff, 0xff, 0xff, 0xff, 0}, shelf{}, "reading EF.DG2 at byte 1: is longer than such a file may be", 1},
		{"cut at the end", content(0x75, 1000), shelf{cut: 10}, "reading EF.DG2 at byte 990: the file ends early", 990},
		{"cut where reading across the end is refused", content(0x75, 1000), shelf{cut: 10, strict: apdu.WrongLength}, "reading EF.DG2 at byte 768: the file ends early: wrong length (6700)", 768},
		{"a few bytes at a time", content(0x75, 1000), shelf{most: 15}, "reading EF.DG2 at byte 15: 15 bytes came where 256 were asked for", 15},
	} {
		card := c.card
		card.files = map[uint16][]byte{0x0102: c.file}
		_, err := (&files{link: &link{card: &card}}).read(t.Context(), lds.DG2)
		var broken *Broken
		if !errors.As(err, &broken) || err.Error() != c.want || broken.At != c.at || broken.File != lds.DG2 {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func TestFilesThatAreNotThere(t *testing.T) {
	f := &files{link: &link{card: &shelf{}}}
	_, err := f.read(t.Context(), lds.DG2)
	var refusal *Refusal
	if !errors.As(err, &refusal) || refusal.Status != apdu.NotFound {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestCardTakenAwayWhileReading(t *testing.T) {
	want := content(0x75, 2000)
	for at := 1; ; at++ {
		card := &shelf{files: map[uint16][]byte{0x0102: want}, removed: at}
		_, err := (&files{link: &link{card: card}}).read(t.Context(), lds.DG2)
		if err == nil {
			if at < 8 {
				t.Errorf("done before command %d", at)
			}
			break
		}
		if !errors.Is(err, device.ErrRemoved) {
			t.Errorf("taken away at command %d: %v", at, err)
		}
	}
}

func TestReadingIsToldAndCanBeStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	card := &shelf{files: map[uint16][]byte{0x0102: content(0x75, 1000)}}
	var told []Progress
	f := &files{link: &link{card: card}, progress: func(p Progress) {
		if told = append(told, p); p.Read >= 512 {
			stop()
		}
	}}
	if _, err := f.read(ctx, lds.DG2); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if got := fmt.Sprint(told); got != "[{EF.DG2 256 1000} {EF.DG2 512 1000}]" || card.commands != 2 {
		t.Errorf("told %s in %d commands", got, card.commands)
	}
}

// An answer that never ends is one that a card may try.
func TestAnswersInPartsEnd(t *testing.T) {
	f := &files{link: &link{card: endless{}}}
	if _, err := f.read(t.Context(), lds.DG2); !errors.Is(err, apdu.ErrForm) {
		t.Errorf("an answer without an end: %v", err)
	}
}

type endless struct{}

func (endless) ATR() []byte  { return nil }
func (endless) Close() error { return nil }
func (endless) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	return append(make([]byte, 200), 0x61, 200), nil
}

// FuzzRead: whatever a chip answers, reading a file ends, and what it returns
// is one object of the right kind within the limit.
func FuzzRead(f *testing.F) {
	f.Add(content(0x75, 90), uint8(0))
	f.Add([]byte{0x75, 0x82, 0x7f, 0xff, 0x90, 0x00}, uint8(40))
	f.Add([]byte{0x61, 0x10, 0x90, 0x00}, uint8(2))
	f.Fuzz(func(t *testing.T, answers []byte, cut uint8) {
		card := &babbler{answers, int(cut) + 2}
		b, err := (&files{link: &link{card: card}}).read(t.Context(), lds.DG2)
		if err != nil {
			return
		}
		if e, err := tlv.NewReader(b, tlv.BER).Want(0x75); err != nil || e.Head+len(e.Value) != len(b) || len(b) > lds.DG2.Limit() {
			t.Errorf("%x was read as a file: %v", b, err)
		}
	})
}

// A babbler answers with whatever comes next, and is gone in the end.
type babbler struct {
	answers []byte
	each    int
}

func (b *babbler) ATR() []byte  { return nil }
func (b *babbler) Close() error { return nil }
func (b *babbler) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if len(b.answers) == 0 {
		return nil, device.ErrRemoved
	}
	n := min(b.each, len(b.answers))
	a := b.answers[:n]
	b.answers = b.answers[n:]
	return a, nil
}

func TestDecryptedPartsLieInTheFileAlone(t *testing.T) {
	for _, session := range []*sm.Session{nil, new(sm.Session)} {
		part := []byte("face")
		all := (&files{link: &link{session: session}}).keep([]byte("the "), part)
		if string(all) != "the face" || bytes.Equal(part, make([]byte, 4)) != (session != nil) {
			t.Errorf("session %v: the file has %q, the part %q", session != nil, all, part)
		}
	}
}
