package zfm20

import (
	"context"
	"encoding/binary"
	"fmt"

	"optag/device"
)

// Capacity is how many fingers the module can know, at places from 0.
func (s *Scanner) Capacity() int { return s.capacity }

// Present reports whether a finger lies on the glass.
func (s *Scanner) Present(ctx context.Context) (there bool, err error) {
	err = s.call(ctx, "looking for a finger", func(ctx context.Context) error {
		code, _, err := s.ask(ctx, 0, cmdImage)
		there = code == ok || code == imageFailed
		if there || code == noFinger {
			return err
		}
		return answered(code, err)
	})
	return there && err == nil, err
}

// Identify looks at the finger on the glass and returns the place under which
// the module knows it, and how well they match (the module's own scale, of which
// only more and less is known). A [Code] as error is a reason why not: no
// finger, a bad picture, or a finger that is not known.
func (s *Scanner) Identify(ctx context.Context) (place, score int, err error) {
	err = s.call(ctx, "knowing a finger again", func(ctx context.Context) error {
		if err := s.features(ctx, 1); err != nil {
			return err
		}
		search := binary.BigEndian.AppendUint16([]byte{cmdSearch, 1, 0, 0}, uint16(s.capacity))
		code, found, err := s.ask(ctx, 4, search...)
		if err := answered(code, err); err != nil {
			return err
		}
		place, score = int(binary.BigEndian.Uint16(found)), int(binary.BigEndian.Uint16(found[2:]))
		if place >= s.capacity {
			return fmt.Errorf("a place of %d: %w", place, device.ErrGarbled)
		}
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	return place, score, nil
}

// Look takes the first or second picture, 1 or 2, of a finger that the module is
// to know. Errors are those of Identify.
func (s *Scanner) Look(ctx context.Context, nth int) error {
	if nth != 1 && nth != 2 {
		return fmt.Errorf("looking at a finger: there is no picture %d", nth)
	}
	return s.call(ctx, "looking at a finger", func(ctx context.Context) error { return s.features(ctx, byte(nth)) })
}

// Learn keeps the finger of which two pictures were taken, at a place of the
// module's memory, over the one that was there. What is kept is a template of
// the operator's finger: it is the site's duty to account for it.
func (s *Scanner) Learn(ctx context.Context, place int) error {
	if err := s.checkPlace(place); err != nil {
		return err
	}
	return s.call(ctx, "learning a finger", func(ctx context.Context) error {
		code, _, err := s.ask(ctx, 0, cmdCombine)
		if err := answered(code, err); err != nil {
			return err
		}
		code, _, err = s.ask(ctx, 0, binary.BigEndian.AppendUint16([]byte{cmdStore, 1}, uint16(place))...)
		return answered(code, err)
	})
}

// Forget deletes the finger at a place.
func (s *Scanner) Forget(ctx context.Context, place int) error {
	if err := s.checkPlace(place); err != nil {
		return err
	}
	return s.call(ctx, "forgetting a finger", func(ctx context.Context) error {
		code, _, err := s.ask(ctx, 0, append(binary.BigEndian.AppendUint16([]byte{cmdDelete}, uint16(place)), 0, 1)...)
		return answered(code, err)
	})
}

func (s *Scanner) checkPlace(place int) error {
	if place < 0 || place >= s.capacity {
		return fmt.Errorf("using place %d of the module, which has %d", place, s.capacity)
	}
	return nil
}

// call is one call at the module.
func (s *Scanner) call(ctx context.Context, what string, run func(context.Context) error) error {
	return s.use.Do(ctx, what, func(ctx context.Context) error {
		defer s.wipe()
		return run(ctx)
	})
}

// features takes a picture and makes a template of it in a buffer.
func (s *Scanner) features(ctx context.Context, buffer byte) error {
	code, _, err := s.ask(ctx, 0, cmdImage)
	if err := answered(code, err); err != nil {
		return err
	}
	code, _, err = s.ask(ctx, 0, cmdFeatures, buffer)
	return answered(code, err)
}

// answered makes an error of an answer: none of 00, the code itself where it is
// about the finger, and wrong data of the rest.
func answered(code Code, err error) error {
	if err != nil || code == ok {
		return err
	}
	switch code {
	case noFinger, imageFailed, tooMessy, tooFewPoints, noMatch, notFound, notCombined:
		return code
	}
	return fmt.Errorf("%w: %w", code, device.ErrGarbled)
}
