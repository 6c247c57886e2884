package selftest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"optag/device"
)

// CardOptions say how a reader of cards is looked at, and the card that lies in it.
type CardOptions struct {
	// Select is a command that selects an application by its name, and so
	// changes nothing and opens nothing; Long is the same in extended lengths.
	Select, Long []byte

	// Advise says what to do about an error; nil is [Advise].
	Advise func(error) string

	Patient time.Duration // for a card that lies there to be had; default 5 s
}

// The limits of readers, in milliseconds. All ours: a chip in a field is powered
// in some 300 ms and answers a short command in some 20.
var (
	seenLimit    = Limit{Good: 1000, Bad: 4000}
	resetLimit   = Limit{Good: 1000, Bad: 3000}
	commandLimit = Limit{Good: 100, Bad: 500}
)

// commands is how many times the command is sent; the middle of the times counts.
const commands = 5

// Card checks a reader in which a card lies: how soon the card is had, how long
// it takes over a command and over a reset, and whether commands of extended
// length go through, which is returned too. The card is not opened. With an error
// the checks end early, and the last one tells of it.
func Card(ctx context.Context, r device.CardReader, o CardOptions) (checks []Check, long bool, err error) {
	if o.Advise == nil {
		o.Advise = Advise
	}
	if o.Patient <= 0 {
		o.Patient = 5 * time.Second
	}
	card, c, err := o.take(ctx, r, "seen", "A card that lies there is had in", seenLimit, "Run again; then another port, without a hub.")
	if checks = append(checks, c); err != nil {
		return checks, false, err
	}
	answered, err := o.command(ctx, card)
	if checks = append(checks, answered...); err != nil {
		return checks, false, err
	}
	c, long, err = o.extended(ctx, card)
	if checks = append(checks, c); err != nil {
		return checks, false, err
	}
	_, c, err = o.take(ctx, r, "reset", "Reset of the card", resetLimit, "Try another card; if all are slow, another reader.")
	return append(checks, c), long, err
}

// take has the card of a reader, the one before being reset, and says how soon.
func (o CardOptions) take(ctx context.Context, r device.CardReader, id, name string, l Limit, slow string) (device.Card, Check, error) {
	limited, stop := context.WithTimeout(ctx, o.Patient)
	defer stop()
	begun := time.Now()
	card, err := r.Card(limited)
	if err != nil {
		if limited.Err() != nil && ctx.Err() == nil {
			err = fmt.Errorf("waiting for the card: nothing came within %v: %w", o.Patient, device.ErrSilent)
		}
		return nil, Say(id, name, Fail, err.Error(), o.Advise(err)), err
	}
	return card, Judge(id, name, milliseconds(begun), "ms", l, slow), nil
}

func milliseconds(since time.Time) float64 { return time.Since(since).Seconds() * 1000 }

// command sends the command some times.
func (o CardOptions) command(ctx context.Context, card device.Card) ([]Check, error) {
	const id, name = "command", "A command is answered in"
	var took []float64
	var answer []byte
	for range commands {
		begun := time.Now()
		var err error
		if answer, err = card.Transmit(ctx, o.Select); err != nil {
			return []Check{Say(id, name, Fail, err.Error(), o.Advise(err))}, err
		}
		took = append(took, milliseconds(begun))
	}
	slices.Sort(took)
	return []Check{Judge(id, name, took[commands/2], "ms", commandLimit, "Try another card; if all are slow, another port or another reader."), application(answer)}, nil
}

// Status words (ISO/IEC 7816-4, 5.1.3).
const (
	done      = 0x9000
	closed    = 0x6982 // security status not satisfied
	usedLater = 0x6985 // conditions of use not satisfied
)

// application says whether the card has the one that was asked for. Cards that
// open by PACE alone name it only once they are open.
func application(answer []byte) Check {
	const id, name = "application", "Application of a travel document"
	switch s := status(answer); s {
	case done:
		return Say(id, name, Pass, "there", "")
	case closed, usedLater:
		return Say(id, name, Pass, "shown only once the card is open", "")
	default:
		return Say(id, name, Warn, fmt.Sprintf("not found, status %04X", s), "Lay a passport or a residence card into the reader; its chip is what is to be tested.")
	}
}

// status is the last two bytes of an answer; 0 where it has none.
func status(answer []byte) uint16 {
	if len(answer) < 2 {
		return 0
	}
	return binary.BigEndian.Uint16(answer[len(answer)-2:])
}

// extended sends the command in extended lengths where the reader says that it
// takes them. That it then fails at them is no error: the card may be had again.
func (o CardOptions) extended(ctx context.Context, card device.Card) (c Check, taken bool, err error) {
	const id, name = "extended", "Commands of extended length"
	says, ok := card.(interface{ Extended(context.Context) bool })
	switch {
	case !ok:
		return Skip(id, name, "A reader of this kind does not say; short ones are used."), false, nil
	case !says.Extended(ctx):
		return Say(id, name, Warn, "the reader does not say that it takes them; short ones are used", "Nothing, where reading is fast enough; else a newer driver, or another reader."), false, nil
	}
	answer, err := card.Transmit(ctx, o.Long)
	switch s := status(answer); {
	case errors.Is(err, device.ErrRemoved), errors.Is(err, device.ErrUnplugged), ctx.Err() != nil:
		return Say(id, name, Fail, err.Error(), o.Advise(err)), false, err
	case err != nil:
		return Say(id, name, Fail, "the reader says that it takes them, and does not: "+err.Error(), "Install the driver of the reader's maker, or use another reader."), false, nil
	case s == done || s == closed || s == usedLater:
		return Say(id, name, Pass, "taken by reader and card", ""), true, nil
	default:
		return Say(id, name, Pass, fmt.Sprintf("taken by the reader; this card takes short ones only (status %04X)", s), ""), false, nil
	}
}
