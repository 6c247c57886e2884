package pcsc_test

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"os"
	"testing"
	"time"

	"github.com/ebfe/scard"

	"optag/capture/record/iso19794"
	"optag/device"
	"optag/device/emrtd/emrtdtest"
)

// A recorder keeps commands and answers.
type recorder struct {
	device.Card
	commands, answers [][]byte
}

func (c *recorder) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer, err := c.Card.Transmit(ctx, command)
	c.commands, c.answers = append(c.commands, bytes.Clone(command)), append(c.answers, bytes.Clone(answer))
	return answer, err
}

// TestPCSCReadAgainstItsCommandsRaw measures whole reads beside the same commands
// sent to the same card by scard alone. A card of one seed, spoken to with keys
// of one seed, answers the same each time. OPTAG_SOAK=1 takes more rounds.
func TestPCSCReadAgainstItsCommandsRaw(t *testing.T) {
	startDaemon(t, 1)
	s := newHand(t, 0, 0)
	print, rounds, face := press(t), 2, bigFace(t)
	if os.Getenv("OPTAG_SOAK") != "" {
		rounds = 12
	}
	for _, c := range []struct {
		name   string
		change func(*emrtdtest.Spec)
	}{
		{"BAC", func(s *emrtdtest.Spec) { s.PACE, s.Face = nil, face }},
		{"PACE", func(s *emrtdtest.Spec) { s.Face = face }},
	} {
		var whole, through, raw time.Duration
		var n int
		for range rounds {
			s.insert(print("D23145890", c.change))
			took, said := wholeRead(t)
			n, whole = len(said.commands), shortest(whole, took)
			s.insert(print("D23145890", c.change))
			raw = shortest(raw, replay(t, said, true))
			s.insert(print("D23145890", c.change))
			through = shortest(through, replay(t, said, false))
		}
		s.remove()
		t.Logf("%s: %d commands, read %v, its commands through this package %v, raw %v: ratios %.2f and %.2f",
			c.name, n, whole, through, raw, float64(whole)/float64(raw), float64(through)/float64(raw))
		if rounds > 2 && float64(whole) > 1.5*float64(raw) { // 1.2 on a machine that does nothing else
			t.Errorf("%s: a read takes more than 1.5 times as long as its commands", c.name)
		}
	}
}

// bigFace is DG2 with a picture of the usual 20 kB or so, of noise.
func bigFace(t *testing.T) []byte {
	t.Helper()
	const w, h = 168, 216
	img, r := image.NewGray(image.Rect(0, 0, w, h)), random(4)
	_, _ = r.Read(img.Pix)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 60}); err != nil {
		t.Fatal(err)
	}
	face, err := emrtdtest.Face(iso19794.Image{Width: w, Height: h, Coding: iso19794.JPEG, Data: b.Bytes()})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("DG2 of %d bytes", len(face))
	return face
}

func shortest(best, d time.Duration) time.Duration {
	if best == 0 {
		return d
	}
	return min(best, d)
}

// wholeRead reads the card in the reader, from being held to being judged.
func wholeRead(t *testing.T) (time.Duration, *recorder) {
	t.Helper()
	r := open(t, 0, 0)
	said := &recorder{Card: cardOf(t, r)}
	defer said.Close()
	began := time.Now()
	if _, err := read(t.Context(), said, key("D23145890")); err != nil {
		t.Fatal(err)
	}
	return time.Since(began), said
}

// replay sends what was recorded: by scard alone, or through this package.
func replay(t *testing.T, said *recorder, raw bool) time.Duration {
	t.Helper()
	r := open(t, 0, 0)
	held := cardOf(t, r)
	defer held.Close()
	send := func(command []byte) ([]byte, error) { return held.Transmit(t.Context(), command) }
	if raw {
		held.Close()
		ctx, err := scard.EstablishContext()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = ctx.Release() }()
		card, err := ctx.Connect("Acme Desk 0 00 00", scard.ShareExclusive, scard.ProtocolAny)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = card.Disconnect(scard.ResetCard) }()
		send = card.Transmit
	}
	began, same := time.Now(), 0
	for i, command := range said.commands {
		answer, err := send(command)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(answer, said.answers[i]) {
			same++
		}
	}
	took := time.Since(began)
	if same != len(said.commands) {
		t.Errorf("%d of %d answers are as recorded", same, len(said.commands))
	}
	return took
}
