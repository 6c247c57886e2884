package station

import (
	"context"
	"errors"

	"optag/device"
	"optag/device/emrtd"
	"optag/device/emrtd/lds"
)

// A Terminal opens the fingers of one chip. It asks a back office, and bounds the
// time that this takes.
type Terminal interface {
	emrtd.TerminalAuthenticator
	Close()
}

// A watched terminal waits for nothing once the card is taken away: while the
// back office thinks nobody asks the card anything, and nobody would notice.
type watched struct {
	Terminal
	reader CardReader
	gone   error // why there is no card any more; nil while there is
}

func (w *watched) Chain(ctx context.Context, cvca string) (chain [][]byte, err error) {
	w.while(ctx, func(ctx context.Context) { chain, err = w.Terminal.Chain(ctx, cvca) })
	return chain, err
}

func (w *watched) Sign(ctx context.Context, message []byte) (signature []byte, err error) {
	w.while(ctx, func(ctx context.Context) { signature, err = w.Terminal.Sign(ctx, message) })
	return signature, err
}

// while asks as long as the card lies there.
func (w *watched) while(ctx context.Context, ask func(context.Context)) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	left := make(chan error, 1)
	go func() {
		err := w.reader.Gone(ctx)
		if err == nil {
			err = device.ErrRemoved
		}
		if errors.Is(err, device.ErrRemoved) || errors.Is(err, device.ErrUnplugged) {
			stop()
		}
		left <- err
	}()
	ask(ctx)
	stop()
	if err := <-left; errors.Is(err, device.ErrRemoved) || errors.Is(err, device.ErrUnplugged) {
		w.gone = err
	}
}

// reading is how much of a chip was read, in percent: of the face, which is
// nearly all there is, and where prints are opened of both.
func reading(p emrtd.Progress, opens bool) int {
	percent := 100 * p.Read / max(p.Size, 1)
	switch {
	case p.File == lds.DG2 && opens:
		return percent / 2
	case p.File == lds.DG3 && opens:
		return 50 + percent/2
	case p.File == lds.DG2:
		return percent
	}
	return 0
}
