package slap

import "image"

// A Segmenter finds fingers. Its zero value is ready; it keeps its buffers from
// image to image and may be used by one goroutine at a time.
type Segmenter struct {
	segments []Segment
	faults   []Fault
}

// Segment finds the fingertips in an image, given the fingers that should be in
// it. It does not keep img.
func (s *Segmenter) Segment(img *image.Gray, expected Set) Result {
	s.segments, s.faults = s.segments[:0], append(s.faults[:0], Fault{Cause: NoFinger})
	return Result{Segments: s.segments, Faults: s.faults}
}

// Wipe overwrites what is kept of the last image.
func (s *Segmenter) Wipe() { clear(s.segments[:cap(s.segments)]) }
