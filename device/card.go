package device

import (
	"context"
	"errors"
)

// A Card is an integrated-circuit card (ISO/IEC 7816-4, ISO/IEC 14443) that
// lies in a reader, powered and held for this program alone.
type Card interface {
	// ATR is what the card, or the reader for a contactless one, answered to
	// the reset.
	ATR() []byte

	// Transmit sends one command APDU and returns what the card answers, the
	// status bytes SW1 and SW2 last. A status that is not 9000 is an answer and
	// no error. An error is or wraps [ErrRemoved], [ErrUnplugged], [ErrSilent]
	// or [ErrGarbled], or is that of ctx; after it the card is of no more use.
	Transmit(ctx context.Context, command []byte) ([]byte, error)

	// Close resets the card and lets go of it. Closing twice is allowed.
	Close() error
}

// A CardReader is one slot for cards.
type CardReader interface {
	// Info describes the reader. It is known from the moment of opening.
	Info() Info

	// Card waits until a card lies in the reader and returns it. One card is
	// held at a time: the one before is closed first. An error is or wraps
	// [ErrUnplugged] or [ErrSilent], or is that of ctx.
	Card(ctx context.Context) (Card, error)

	// Gone waits until no card lies in the reader; errors are those of Card.
	Gone(ctx context.Context) error

	// Close lets go of the reader and of its card. Closing twice is allowed.
	Close() error
}

// ErrRemoved: the card was taken out of the reader, or out of its field.
var ErrRemoved = errors.New("card removed")
