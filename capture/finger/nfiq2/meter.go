package nfiq2

import (
	"errors"
	"image"
	"math"
	"sync"
	"sync/atomic"

	"optag/capture/finger/nfiq2/points"
)

// ErrTooLittle is returned by [Meter.Measure] where the image shows too few
// ridges for the measures of NFIQ 2: fewer than ten blocks of 32 × 32 pixels in
// the foreground, or none that a measure can be taken of.
var ErrTooLittle = errors.New("measuring a print: too little ridge area")

// A Meter measures one print after the other and keeps its buffers between
// them. The zero Meter is ready. It is not for concurrent use.
type Meter struct {
	// Minutiae returns the places of the minutiae in a print, whose image begins
	// at (0, 0); the slice is read before the next call. Where it is nil, the four
	// measures that rest on minutiae are NaN.
	Minutiae func(img *image.Gray) []image.Point

	print    image.Gray // the image without its frame, while it is measured
	measures Measures
	err      error // of the blocks
	blocks   blocks
	contrast contrast
	roi      roi

	next   atomic.Int32 // the task that nobody has taken yet
	helper func()       // m.help
	group  sync.WaitGroup
}

// Measure returns the measures of a print at 500 ppi, 8-bit grey, ridges dark.
// The frame of white around it is cut off first. Where the measures have no
// value the error says why: the image is blank, too small, too large
// ([ErrBlank], [ErrSmall], [ErrLarge]) or shows too few ridges ([ErrTooLittle]).
// What is known is still returned, and the rest is NaN. In patterns that are no
// print a measure can be infinite or NaN without an error, as in the reference.
//
// It uses two processors where there are two, with the same result.
func (m *Meter) Measure(img *image.Gray) (Measures, Feedback, error) {
	for i := range m.measures {
		m.measures[i] = math.NaN()
	}
	at, err := crop(&m.print, img)
	if err != nil {
		m.roi.found = Region{}
		none := math.NaN()
		return m.measures, Feedback{none, none, none, none}, err
	}
	m.next.Store(0)
	if m.helper == nil {
		m.helper = m.help
	}
	m.group.Add(1)
	go m.helper()
	var minutiae []image.Point
	if m.Minutiae != nil {
		minutiae = m.Minutiae(&m.print)
	}
	m.work()
	m.group.Wait()
	m.roi.place(at, img.Rect.Size())
	f := m.finish(minutiae)
	m.print = image.Gray{}
	return m.measures, f, m.err
}

// help is what a second processor does.
func (m *Meter) help() {
	defer m.group.Done()
	m.work()
}

// work takes tasks until none is left. No task looks at what another writes.
func (m *Meter) work() {
	for {
		switch m.next.Add(1) {
		case 1:
			m.roi.measure(&m.print)
			m.measures[ROIArea] = m.roi.mean
			m.measures[CoherenceSum], m.measures[CoherenceRel] = m.roi.coherence(&m.print)
		case 2:
			m.contrast.measure(&m.print)
			m.measures[MMB], m.measures[Mu] = m.contrast.ofBlocks, m.contrast.mean
			m.err = m.blocks.measure(&m.print, &m.contrast, &m.measures)
		default:
			return
		}
	}
}

// finish takes the measures that rest on those of the tasks.
func (m *Meter) finish(minutiae []image.Point) Feedback {
	f := feedback(&m.contrast, &m.roi, len(minutiae))
	if m.Minutiae == nil {
		f.Minutiae = math.NaN()
		return f
	}
	p := points.Measure(&m.print, minutiae, m.contrast.mean, m.contrast.deviation)
	m.measures[MinutiaeInRect], m.measures[MinutiaeCount] = p.InRect, p.Count
	m.measures[MinutiaeMu], m.measures[MinutiaeOCL] = p.Mu, p.OCL
	return f
}

// Wipe overwrites what is left of the last print.
func (m *Meter) Wipe() {
	m.blocks.wipe()
	m.roi.wipe()
	m.contrast.wipe()
	m.measures = Measures{}
}
