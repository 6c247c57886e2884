package wsq

import (
	"fmt"
	"image"
)

// A Target is the size that a stream must have.
type Target struct {
	MinRatio, MaxRatio float64 // bytes of the frame to bytes of the stream; 0 is no bound
	MaxBytes           int     // of the stream; 0 is no bound
}

// Enrolment is the target for enrolment and transfer in TR-03121-3: from 10:1 to
// 20:1.
func Enrolment() Target { return Target{MinRatio: 10, MaxRatio: 20} }

// Chip is the target for the reference print on a chip in TR-03121-3: at most
// 18 kB. One that is larger comes out between 17 and 18 kB, whichever of 1,000
// or 1,024 bytes the reader takes for one.
func Chip() Target { return Target{MaxBytes: 18000} }

// A Result says how a stream was made to fit.
type Result struct {
	Rate  float64 // bits for a pixel that were aimed at
	Bytes int     // length of the stream
	Ratio float64 // bytes of the frame to bytes of the stream
}

// bounds are the least and the greatest length of the stream of a frame.
func (t Target) bounds(frame int) (least, most int) {
	most = 1 << 40
	if t.MinRatio > 0 {
		most = int(float64(frame) / t.MinRatio)
	}
	if t.MaxBytes > 0 {
		most = min(most, t.MaxBytes)
	}
	if t.MaxRatio > 0 {
		least = int(float64(frame)/t.MaxRatio) + 1
	}
	return least, most
}

// closeness is how near to a bound a stream must come that has missed it.
const closeness = 0.03

// trials bounds the search for a rate.
const trials = 24

// EncodeFor appends the stream of an image to dst. See the function [EncodeFor].
func (e *Encoder) EncodeFor(dst []byte, img *image.Gray, o Options, t Target) ([]byte, Result, error) {
	rate, err := e.load(img, o)
	if err != nil {
		return nil, Result{}, err
	}
	frame := e.info.Width * e.info.Height
	least, most := t.bounds(frame)
	aimLeast, aimMost := least, most
	low, high := float32(0), float32(maxRate)
	best := float32(0)
	for trial := range trials {
		e.trial, err = e.pack(e.trial[:0], o, rate)
		if err != nil {
			e.trial = e.trial[:0]
		}
		n := len(e.trial)
		if trial == 0 && n > most {
			aimLeast = max(least, most-int(closeness*float64(most)))
		} else if trial == 0 && n < least {
			aimMost = min(most, least+int(closeness*float64(least)))
		}
		if err == nil && n >= least && n <= most {
			best = rate
		}
		switch {
		case err != nil || n > aimMost:
			high = rate
		case n < aimLeast:
			low = rate
		default:
			return append(dst, e.trial...), e.result(rate, n, frame), nil
		}
		rate = low + float32((high-low)/2)
	}
	if best == 0 {
		return nil, Result{}, fmt.Errorf("encoding WSQ: %w", ErrTarget)
	}
	if e.trial, err = e.pack(e.trial[:0], o, best); err != nil {
		return nil, Result{}, err
	}
	return append(dst, e.trial...), e.result(best, len(e.trial), frame), nil
}

func (e *Encoder) result(rate float32, bytes, frame int) Result {
	return Result{Rate: float64(rate), Bytes: bytes, Ratio: float64(frame) / float64(bytes)}
}
