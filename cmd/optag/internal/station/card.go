package station

import (
	"context"
	"errors"
	"image"
	"time"

	"optag/device"
	"optag/device/emrtd"
	"optag/device/emrtd/pa"
	"optag/ui/flow"
)

// A CardReader is a slot for cards, as package device/pcsc has it.
type CardReader interface {
	// Card waits until a card lies there, and holds it.
	Card(ctx context.Context) (device.Card, error)

	// Gone waits until none lies there. Not while Card runs.
	Gone(ctx context.Context) error

	Info() device.Info
	Close() error
}

// Chips is how a station reads chips. Everything but Open may be nil.
type Chips struct {
	// Open opens the card reader, when the page is opened.
	Open func(ctx context.Context) (CardReader, error)

	// Trust loads the certificates that chips are judged by, for each reading,
	// so that those just installed count.
	Trust func() (*pa.Trust, error)

	Busy     error           // what a reader says whose card another program holds; nil: it says no such thing
	Terminal func() Terminal // opens the fingers of the next chip
	JP2      func(data []byte, width, height int) (image.Image, error)
}

// readingTime is how long a chip may take; the slowest need some twenty seconds.
const readingTime = time.Minute

// A cardLoop drives the reader of chips while the counter's page for it is open.
// What a chip holds goes to the counter and nowhere else.
type cardLoop struct {
	loop
	asked chan flow.ReadCard // the newest reading that is asked for
}

func newCardLoop(s *Station) *cardLoop {
	l := &cardLoop{loop: loop{s: s, name: "card", hurry: make(chan struct{}, 1), use: make(chan struct{}, 1)}, asked: make(chan flow.ReadCard, 1)}
	l.probe = func() (device.Info, error) {
		r, err := s.opt.Chips.Open(s.ctx)
		if err != nil {
			return device.Info{}, err
		}
		return r.Info(), r.Close()
	}
	l.read = l.cards
	return l
}

// await waits for cards.
func (l *cardLoop) await() {
	l.drain()
	l.start()
}

// ask has the card that lies there read.
func (l *cardLoop) ask(r flow.ReadCard) {
	l.drain()
	l.asked <- r
}

func (l *cardLoop) drain() {
	select {
	case <-l.asked:
	default:
	}
}

// cards opens the reader and tells of cards, until it fails or ctx ends.
func (l *cardLoop) cards(ctx context.Context, works func()) error {
	reader, err := l.s.opt.Chips.Open(ctx)
	if err != nil {
		return err
	}
	defer reader.Close()
	l.tell(reader.Info(), true)
	works()
	l.s.Send(flow.DeviceBack{Device: l.name})
	for {
		card, err := reader.Card(ctx)
		switch {
		case err == nil:
		case ctx.Err() != nil, errors.Is(err, device.ErrUnplugged):
			return err
		default: // one that does not answer, or that another program holds
			code := "mute"
			if busy := l.s.opt.Chips.Busy; busy != nil && errors.Is(err, busy) {
				code = "busy"
			}
			l.s.Send(flow.CardNotSeen{Code: code, Tries: -1})
			if err := l.until(ctx, reader); err != nil {
				return err
			}
			continue
		}
		l.laid(ctx)
		err = l.lies(ctx, reader, card)
		l.s.Send(flow.CardIs{})
		if err != nil {
			return err
		}
	}
}

// until waits until what lies there is taken away, or for some seconds.
func (l *cardLoop) until(ctx context.Context, reader CardReader) error {
	short, stop := context.WithTimeout(ctx, 3*time.Second)
	defer stop()
	err := reader.Gone(short)
	if short.Err() != nil && ctx.Err() == nil {
		return nil
	}
	return err
}

// laid tells the counter that a card lies there, and waits until it knows. What
// was asked before was asked of another card, and is forgotten: its key is not
// tried on this one.
func (l *cardLoop) laid(ctx context.Context) {
	known := make(chan struct{})
	l.s.later(func() {
		l.drain()
		l.s.handle(flow.CardIs{Lies: true})
		close(known)
	})
	select {
	case <-known:
	case <-ctx.Done():
	}
}

// lies reads the card whenever that is asked for, until it is taken away. It is
// held all that time, so that no other program takes it while what it holds is
// shown. Each reading begins with a card that was reset.
func (l *cardLoop) lies(ctx context.Context, reader CardReader, card device.Card) error {
	defer func() { card.Close() }()
	for fresh := true; ; fresh = false {
		order, err := l.order(ctx, reader)
		if order == nil || err != nil {
			return err
		}
		if !fresh {
			card.Close()
			next, err := reset(ctx, reader)
			switch {
			case errors.Is(err, device.ErrUnplugged):
				return err
			case err != nil: // taken away, or it does not answer any more
				return nil
			}
			card = next
		}
		if err := l.answer(ctx, reader, card, *order); errors.Is(err, device.ErrRemoved) { // another may lie there by now
			return nil
		}
	}
}

// reset holds the card that lies there anew, which resets it.
func reset(ctx context.Context, reader CardReader) (device.Card, error) {
	short, stop := context.WithTimeout(ctx, 2*time.Second)
	defer stop()
	return reader.Card(short)
}

// order waits for a reading to be asked for; nil once the card is taken away.
func (l *cardLoop) order(ctx context.Context, reader CardReader) (*flow.ReadCard, error) {
	watching, stop := context.WithCancel(ctx)
	defer stop()
	gone := make(chan error, 1)
	go func() { gone <- reader.Gone(watching) }()
	select {
	case err := <-gone:
		return nil, err
	case order := <-l.asked:
		stop()
		if err := <-gone; err == nil || ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return &order, nil
	}
}

// answer reads the card once, tells the counter, and returns why it could not be
// read.
func (l *cardLoop) answer(ctx context.Context, reader CardReader, card device.Card, order flow.ReadCard) error {
	seen, err := l.see(ctx, reader, card, order)
	switch {
	case ctx.Err() != nil: // nobody looks any more
	case err != nil:
		l.s.tech.Warn("reading a chip", "err", err)
		no := flow.CardNotSeen{Ask: order.Ask, Tries: -1}
		no.Code, no.Tries = notSeen(err)
		l.s.Send(no)
	default:
		l.s.Send(flow.CardSeen{Ask: order.Ask, Seen: seen})
	}
	return err
}

func (l *cardLoop) see(ctx context.Context, reader CardReader, card device.Card, order flow.ReadCard) (*flow.Seen, error) {
	ctx, stop := context.WithTimeout(ctx, readingTime)
	defer stop()
	chips := l.s.opt.Chips
	o := emrtd.Options{Random: l.s.random, Today: l.s.now()}
	office := watched{reader: reader}
	if chips.Terminal != nil && order.Prints {
		office.Terminal = chips.Terminal()
		defer office.Close()
		o.Terminal = &office
	}
	var err error
	if chips.Trust != nil {
		if o.Trust, err = chips.Trust(); err != nil { // then nobody is trusted, and the lamp says so
			l.s.tech.Error("loading the issuers' certificates", "err", err)
		}
	}
	if c, ok := card.(interface{ Extended(context.Context) bool }); ok {
		o.Extended = c.Extended(ctx)
	}
	told := 0
	o.Progress = func(p emrtd.Progress) {
		if percent := reading(p, o.Terminal != nil); percent >= told+10 {
			told = percent
			l.s.Send(flow.CardProgress{Ask: order.Ask, Percent: percent})
		}
	}
	chip, err := emrtd.Read(ctx, card, emrtd.Access{MRZ: order.MRZ, CAN: order.CAN}, o)
	if err != nil {
		return nil, err
	}
	defer chip.Wipe()
	if office.gone != nil {
		return nil, office.gone
	}
	if why := unopened(chip); why != nil {
		l.s.tech.Warn("opening the prints in a chip", "err", why)
	}
	seen := seenOf(chip, o.Today, chips.JP2)
	switch {
	case chips.Terminal == nil || seen.Prints != "closed":
	case order.Prints: // the chip did not even show the key that a terminal signs for
		seen.Prints = "unopened"
	default:
		seen.Prints = "not_asked"
	}
	return seen, nil
}
