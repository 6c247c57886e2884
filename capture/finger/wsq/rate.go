package wsq

import (
	"errors"
	"fmt"
	"image"
	"math"
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
	most = math.MaxInt
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

// closeness is how near to the bound that it missed a stream must come.
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
	e.trial = grown(e.trial, streamRoom(frame))
	s := search{high: maxRate}
	s.least, s.most = t.bounds(frame)
	for range trials {
		e.trial, err = e.pack(e.trial[:0], o, rate)
		if errors.Is(err, errCoarse) {
			s.low = rate
		} else if s.settle(rate, len(e.trial)) {
			break
		}
		rate = s.low + float32((s.high-s.low)/2)
	}
	if s.best == 0 {
		return nil, Result{}, fmt.Errorf("encoding WSQ: %w", ErrTarget)
	}
	if dst, err = e.pack(dst, o, s.best); err != nil {
		return nil, Result{}, err
	}
	return dst, Result{Rate: float64(s.best), Bytes: s.size, Ratio: float64(frame) / float64(s.size)}, nil
}

// A search narrows the rate down between two that are too low and too high.
type search struct {
	low, high   float32
	least, most int     // length that the stream must have
	goal        [2]int  // length that ends the search
	best        float32 // the last rate whose stream kept within; 0 is none
	size        int     // of that stream
}

// settle takes in that a rate gave a stream of size bytes, 0 where it was too
// high to give one, and reports whether that is near enough.
func (s *search) settle(rate float32, size int) bool {
	if size > 0 && s.goal == [2]int{} {
		s.goal = s.goalFrom(size)
	}
	switch {
	case size == 0 || size > s.goal[1]:
		s.high = rate
	case size < s.goal[0]:
		s.low = rate
	default:
		s.best, s.size = rate, size
		return true
	}
	if size >= s.least && size <= s.most && size > 0 {
		s.best, s.size = rate, size
	}
	return false
}

// goalFrom is what is near enough after a first stream of size bytes: anything
// within the bounds where it keeps them, else the bound that it missed.
func (s *search) goalFrom(size int) [2]int {
	switch {
	case size > s.most:
		return [2]int{max(s.least, s.most-int(closeness*float64(s.most))), s.most}
	case size < s.least:
		return [2]int{s.least, min(s.most, s.least+int(closeness*float64(s.least)))}
	}
	return [2]int{s.least, s.most}
}
