package pcsc_test

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/ebfe/scard"

	"optag/capture/record/iso19794"
	"optag/device"
	"optag/device/emrtd/emrtdtest"
	"optag/device/pcsc"
	"optag/device/pcsc/pcsctest"
)

// A recorder keeps commands and answers, and when each command was sent.
type recorder struct {
	send              func([]byte) ([]byte, error)
	commands, answers [][]byte
	at                []time.Time
}

func (c *recorder) ATR() []byte  { return nil }
func (c *recorder) Close() error { return nil }

func (c *recorder) Transmit(_ context.Context, command []byte) ([]byte, error) {
	c.at = append(c.at, time.Now())
	answer, err := c.send(command)
	c.commands, c.answers = append(c.commands, command), append(c.answers, answer)
	return answer, err
}

// took is how long each command took, and what was computed until the next.
func (c *recorder) took() []time.Duration {
	c.at = append(c.at, time.Now())
	var all []time.Duration
	for i, at := range c.at[1:] {
		all = append(all, at.Sub(c.at[i]))
	}
	return all
}

// TestPCSCReadAgainstItsCommandsRaw measures whole reads beside the same commands
// sent to the same card by scard alone, in turns. A card of one seed, spoken to
// with keys of one seed, answers the same each time. What is compared is the sum
// of what each command takes in the middle of all rounds: one alone is disturbed
// by whatever else the machine does. OPTAG_SOAK=1 takes more rounds.
func TestPCSCReadAgainstItsCommandsRaw(t *testing.T) {
	pcsctest.Start(t, 1)
	d := desk{t, pcsctest.NewHand(t, 0, 0), pcsc.New()}
	defer d.service.Close()
	print, rounds, face := press(t), 2, bigFace(t)
	if os.Getenv("OPTAG_SOAK") != "" {
		rounds = 12
	}
	for _, c := range []struct {
		name   string
		change func(*emrtdtest.Spec)
	}{
		{"BAC, triple DES to the end", func(s *emrtdtest.Spec) { s.PACE, s.Chip, s.Face = nil, nil, face }},
		{"BAC", func(s *emrtdtest.Spec) { s.PACE, s.Face = nil, face }},
		{"PACE", func(s *emrtdtest.Spec) { s.Face = face }},
	} {
		var whole, through, raw [][]time.Duration
		var said *recorder
		for range rounds {
			said = d.read(print("D23145890", c.change))
			whole = append(whole, said.took())
			raw = append(raw, d.replay(print("D23145890", c.change), said, true))
			through = append(through, d.replay(print("D23145890", c.change), said, false))
		}
		r, p, s := sum(whole), sum(through), sum(raw)
		t.Logf("%s: %d commands, read %v, its commands through this package %v, raw %v: ratios %.2f and %.2f",
			c.name, len(said.commands), r, p, s, float64(r)/float64(s), float64(p)/float64(s))
		if rounds > 2 && float64(r) > 1.5*float64(s) { // 1.2 on a machine that does nothing else
			t.Errorf("%s: a read takes more than 1.5 times as long as its commands", c.name)
		}
	}
}

// sum adds up, over all commands, the middle of what each took in all rounds.
func sum(rounds [][]time.Duration) (all time.Duration) {
	for i := range rounds[0] {
		var of []time.Duration
		for _, r := range rounds {
			of = append(of, r[i])
		}
		slices.Sort(of)
		all += of[(len(of)-1)/2]
	}
	return all
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

// A desk has a reader, and a hand before it.
type desk struct {
	t       *testing.T
	hand    *pcsctest.Hand
	service *pcsc.Service
}

// hold lays a card into the reader and holds it.
func (d desk) hold(c *emrtdtest.Card) (card device.Card, letGo func()) {
	d.t.Helper()
	d.hand.Insert(c)
	r, err := d.service.Open(d.t.Context(), "Acme Desk 0 00 00")
	if err != nil {
		d.t.Fatal(err)
	}
	return cardOf(d.t, r), func() { r.Close() }
}

// read reads a card, from being held to being judged.
func (d desk) read(c *emrtdtest.Card) *recorder {
	d.t.Helper()
	card, letGo := d.hold(c)
	defer letGo()
	said := &recorder{send: func(b []byte) ([]byte, error) { return card.Transmit(d.t.Context(), b) }}
	if _, err := read(d.t.Context(), said, key("D23145890")); err != nil {
		d.t.Fatal(err)
	}
	return said
}

// replay sends what was recorded: by scard alone, or through this package.
func (d desk) replay(c *emrtdtest.Card, said *recorder, raw bool) []time.Duration {
	d.t.Helper()
	card, letGo := d.hold(c)
	defer letGo()
	again := &recorder{send: func(b []byte) ([]byte, error) { return card.Transmit(d.t.Context(), b) }}
	if raw {
		letGo()
		ctx, err := scard.EstablishContext()
		if err != nil {
			d.t.Fatal(err)
		}
		defer func() { _ = ctx.Release() }()
		bare, err := ctx.Connect("Acme Desk 0 00 00", scard.ShareExclusive, scard.ProtocolAny)
		for began := time.Now(); err != nil && time.Since(began) < time.Second; { // it is being reset
			bare, err = ctx.Connect("Acme Desk 0 00 00", scard.ShareExclusive, scard.ProtocolAny)
		}
		if err != nil {
			d.t.Fatal(err)
		}
		defer func() { _ = bare.Disconnect(scard.ResetCard) }()
		again.send = bare.Transmit
	}
	for _, command := range said.commands {
		if _, err := again.Transmit(d.t.Context(), command); err != nil {
			d.t.Fatal(err)
		}
	}
	took := again.took()
	if !slices.EqualFunc(again.answers, said.answers, bytes.Equal) {
		d.t.Error("the card answers otherwise than recorded")
	}
	return took
}
