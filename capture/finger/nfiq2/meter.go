package nfiq2

import (
	"errors"
	"image"
	"math"
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
	blocks   blocks
	contrast contrast
	roi      roi

	region func()        // m.measureRegion
	done   chan struct{} // told when it is
}

// Measure returns the measures of a print at 500 ppi, 8-bit grey, ridges dark.
// The frame of white around it is cut off first. Where the measures have no
// value the error says why: the image is blank, too small, too large
// ([ErrBlank], [ErrSmall], [ErrLarge]) or shows too few ridges ([ErrTooLittle]).
// What is known is still returned, and the rest is NaN.
//
// It uses two processors where there are two, with the same result.
func (m *Meter) Measure(img *image.Gray) (Measures, Feedback, error) {
	for i := range m.measures {
		m.measures[i] = math.NaN()
	}
	none := math.NaN()
	at, err := crop(&m.print, img)
	if err != nil {
		m.roi.found = Region{}
		return m.measures, Feedback{none, none, none, none}, err
	}
	if m.region == nil {
		m.region, m.done = m.measureRegion, make(chan struct{})
	}
	go m.region()
	err = m.blocks.measure(&m.print, &m.measures)
	m.contrast.measure(&m.print)
	m.measures[MMB], m.measures[Mu] = m.contrast.ofBlocks, m.contrast.mean
	<-m.done
	m.roi.place(at, img.Rect.Size())
	f := feedback(&m.contrast, &m.roi, 0)
	f.Minutiae = none
	m.print = image.Gray{}
	return m.measures, f, err
}

// measureRegion takes the measures of the region of interest. It writes to
// nothing that the rest of Measure looks at.
func (m *Meter) measureRegion() {
	m.roi.measure(&m.print)
	m.measures[ROIArea] = m.roi.mean
	m.measures[CoherenceSum], m.measures[CoherenceRel] = m.roi.coherence(&m.print)
	m.done <- struct{}{}
}

// Wipe overwrites what is left of the last print.
func (m *Meter) Wipe() {
	m.blocks.wipe()
	m.roi.wipe()
	m.contrast = contrast{}
	m.measures = Measures{}
}
