package zfm20

import (
	"context"
	"errors"
	"fmt"
	"time"

	"optag/device"
)

// The commands.
const (
	cmdImage      = 0x01 // take a picture
	cmdFeatures   = 0x02 // of the picture, into a buffer
	cmdSearch     = 0x04
	cmdCombine    = 0x05 // both buffers
	cmdStore      = 0x06
	cmdUpload     = 0x0a // the picture
	cmdDelete     = 0x0c
	cmdParameters = 0x0f
	cmdPassword   = 0x13
)

const (
	// heartbeat is how often a clear glass is reported.
	heartbeat = 250 * time.Millisecond

	// tries is how often a command is given whose answer was lost.
	tries = 3
)

// ask gives a command, and gives it again when its answer was lost or garbled:
// each may be given twice without harm.
func (s *Scanner) ask(ctx context.Context, size int, command ...byte) (code Code, answer []byte, err error) {
	for range tries {
		code, answer, err = s.w.ask(ctx, size, command...)
		again := code == 0x01 || errors.Is(err, device.ErrSilent) || errors.Is(err, device.ErrGarbled)
		if !again || ctx.Err() != nil {
			return code, answer, err
		}
	}
	return code, answer, err
}

// run yields frames until no more are wanted or the module fails. It always
// returns an error.
func (s *Scanner) run(ctx context.Context, yield device.Yield[device.Frame]) error {
	for taken := 0; ; {
		code, _, err := s.ask(ctx, 0, cmdImage)
		if err != nil {
			return fmt.Errorf("looking for a finger: %w", err)
		}
		beat := true
		switch {
		case code == noFinger:
			taken = 0
			err = yield(device.Frame{Image: s.white, PPI: EstimatedPPI()}, nil)
		case code == imageFailed:
			err = yield(device.Frame{}, device.PressHarder)
		case code != ok:
			return fmt.Errorf("looking for a finger: %w: %w", code, device.ErrGarbled)
		case s.o.Images == 0 || taken < s.o.Images:
			if err := s.upload(ctx); err != nil {
				return err
			}
			taken++
			beat = false
			err = yield(device.Frame{Image: s.pix, PPI: EstimatedPPI(), Contact: true}, nil)
		}
		if err != nil {
			return err
		}
		if beat {
			_ = device.Pause(ctx, heartbeat)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// upload reads the picture last taken, and reads it again where it came short or
// garbled: the module keeps it.
func (s *Scanner) upload(ctx context.Context) (err error) {
	for range tries {
		err = s.picture(ctx)
		if err == nil || ctx.Err() != nil || errors.Is(err, device.ErrUnplugged) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("reading picture: %w", err)
	}
	return nil
}

func (s *Scanner) picture(ctx context.Context) error {
	code, _, err := s.w.ask(ctx, 0, cmdUpload)
	switch {
	case err != nil:
		return err
	case code != ok:
		return fmt.Errorf("%w: %w", code, device.ErrGarbled)
	}
	s.w.unclear = true
	at := 0
	for {
		p, err := s.w.receive(ctx, packetTime, idData, idLast)
		switch {
		case err != nil:
			return err
		case at+len(p.data) > sent:
			return fmt.Errorf("more than %d bytes: %w", sent, device.ErrGarbled)
		}
		for i, v := range p.data {
			s.pix.Pix[2*(at+i)] = v >> 4 * 17
			s.pix.Pix[2*(at+i)+1] = v & 15 * 17
		}
		at += len(p.data)
		switch {
		case p.id != idLast:
		case at < sent:
			return fmt.Errorf("%d bytes of %d: %w", at, sent, device.ErrGarbled)
		default:
			s.w.unclear = false
			return nil
		}
	}
}
