package finger

import (
	"errors"
	"image"
	"slices"

	"optag/capture/finger/minutiae"
	"optag/capture/finger/nfiq2"
	"optag/capture/finger/slap"
)

// An Assessor judges images of prints. It keeps what it needs between frames,
// so that judging a frame allocates nothing, and belongs to one goroutine. The
// zero Assessor is ready, and scores by the estimate.
type Assessor struct {
	// Model is NIST's forest, as a technician has installed it; nil where there
	// is none.
	Model *nfiq2.Model

	ready  nfiq2.Preparer
	meter  nfiq2.Meter
	ridges minutiae.Extractor
	print  minutiae.Template // of the image that is measured
	places []image.Point
	found  []Reason // in the image that is measured
	said   []Reason // last; handed out again when the same
	slaps  slap.Segmenter
	whole  *image.Gray // a slap at 500 ppi
	finger *image.Gray // one finger of it
	seen   [4]Fingertip
}

// Assess measures an image of a print, ridges dark, at the given pixels per
// inch across and down. It never fails: what is no print scores 0 with a
// reason.
func (a *Assessor) Assess(img *image.Gray, ppi [2]int) Quality {
	q := Quality{Algorithm: a.Algorithm()}
	m, f, err := a.Measure(img, ppi)
	a.found = a.found[:0]
	if err != nil {
		if r := nfiq2.ReasonOf(err); r != SmallArea {
			q.Reasons = a.say(append(a.found, r))
			return q
		}
	}
	q.Region = a.meter.Region()
	q.Reasons = a.say(nfiq2.Reasons(a.found, &m, f, q.Region))
	switch {
	case err != nil || !q.Print():
	case a.Model != nil:
		q.Score = a.Model.Score(m)
	default:
		q.Score, q.Error = nfiq2.Estimate(m)
	}
	return q
}

// say returns reasons in memory of their own, the same as last time where they
// are the same.
func (a *Assessor) say(reasons []Reason) []Reason {
	a.found = reasons
	if !slices.Equal(a.said, reasons) {
		a.said = slices.Clone(reasons)
	}
	return a.said
}

// Algorithm is how the assessor scores: [NFIQ2] where it has a model, else
// [Estimate].
func (a *Assessor) Algorithm() string {
	if a.Model != nil {
		return NFIQ2
	}
	return Estimate
}

// Measure returns the 69 measures of NFIQ 2 and its feedback. The errors are
// those of [nfiq2.Preparer] and [nfiq2.Meter]; [nfiq2.ReasonOf] says what to do.
func (a *Assessor) Measure(img *image.Gray, ppi [2]int) (nfiq2.Measures, nfiq2.Feedback, error) {
	grey, err := a.ready.Prepare(img, float64(ppi[0]), float64(ppi[1]))
	if err != nil {
		return nfiq2.Measures{}, nfiq2.Feedback{}, err
	}
	if a.meter.Minutiae == nil {
		a.meter.Minutiae = a.minutiae
	}
	return a.meter.Measure(grey)
}

// minutiae finds where the minutiae of a print at 500 ppi are.
func (a *Assessor) minutiae(img *image.Gray) []image.Point {
	a.ridges.Extract(&a.print, img)
	a.places = a.places[:0]
	for _, m := range a.print.Minutiae {
		a.places = append(a.places, image.Pt(int(m.X), int(m.Y)))
	}
	return a.places
}

// Template is what is kept of a print to recognise the finger. The caller wipes
// it.
func (a *Assessor) Template(img *image.Gray, ppi [2]int) *minutiae.Template {
	whole := img
	if img, _ = at500(img, ppi); img != whole {
		defer clear(img.Pix)
	}
	t := new(minutiae.Template)
	a.ridges.Extract(t, img)
	return t
}

// Wipe overwrites what is left of the last image.
func (a *Assessor) Wipe() {
	a.ready.Wipe()
	a.meter.Wipe()
	a.ridges.Wipe()
	a.print.Wipe()
	clear(a.places[:cap(a.places)])
	a.slaps.Wipe()
	for _, img := range []*image.Gray{a.whole, a.finger} {
		if img != nil {
			clear(img.Pix)
		}
	}
	a.seen = [4]Fingertip{}
}

// A SlapFault is what is wrong with a slap.
type SlapFault string

// The faults of a slap, named as package slap names them.
const (
	NoFingers     SlapFault = "no_finger"
	NotASlap      SlapFault = "not_a_slap"
	WrongHand     SlapFault = "wrong_hand"
	ExtraFinger   SlapFault = "extra_finger"
	MissingFinger SlapFault = "missing_finger"
	TurnedTooFar  SlapFault = "turned_too_far"
	CutOff        SlapFault = "cut_off"
	JoinedFingers SlapFault = "joined_fingers"
)

// SlapQuality is what one image of a slap is worth.
type SlapQuality struct {
	Found    int         // fingertips in the image
	Complete bool        // every finger asked for is among them
	Fault    SlapFault   // the gravest; "" when nothing is wrong
	Fingers  []Fingertip // those asked for, in that order, where Complete; valid until the next call
}

// A Fingertip is one finger of a slap.
type Fingertip struct {
	Box     slap.Box
	Quality Quality
}

// Slap finds the fingers asked for, two to four, in an image of a slap. Their
// quality is judged only while nothing is wrong with the slap.
func (a *Assessor) Slap(img *image.Gray, ppi [2]int, fingers []Position) SlapQuality {
	small := a.reduce(img, ppi)
	found := a.slaps.Segment(small, expected(fingers))
	q := SlapQuality{Found: len(found.Segments), Complete: true}
	if len(found.Faults) > 0 {
		q.Fault = SlapFault(found.Faults[0].Cause.String())
	}
	for i, p := range fingers {
		tip := &a.seen[i]
		*tip = Fingertip{}
		there := false
		for _, s := range found.Segments {
			if Position(s.Position) == p {
				tip.Box, there = s.Box, true
			}
		}
		q.Complete = q.Complete && there
	}
	if !q.Complete {
		return q
	}
	q.Fingers = a.seen[:len(fingers)]
	for i := range q.Fingers {
		tip := &q.Fingers[i]
		tip.Quality = a.Assess(a.tip(small, tip.Box), [2]int{500, 500})
	}
	return q
}

func expected(fingers []Position) slap.Set {
	var set slap.Set
	for _, p := range fingers {
		set |= slap.Of(slap.Position(p))
	}
	return set
}

// Cut cuts the fingers asked for out of an image of a slap: each upright, in its
// own size and resolution, in the middle of white.
func (a *Assessor) Cut(img *image.Gray, ppi [2]int, fingers []Position) ([]*image.Gray, error) {
	q := a.Slap(img, ppi, fingers)
	if !q.Complete {
		return nil, errors.New("not every finger of the slap was found")
	}
	scale := 1.0
	if ppi[0] >= 750 {
		scale = 2
	}
	cut := make([]*image.Gray, len(fingers))
	for i, tip := range q.Fingers {
		box := tip.Box
		box.X, box.Y, box.Width, box.Height = box.X*scale, box.Y*scale, box.Width*scale, box.Height*scale
		cut[i] = slap.Crop(img, box, tipSize(box))
	}
	return cut, nil
}

// tipSize is the size in which a fingertip is cut out: no smaller than a print
// may be.
func tipSize(b slap.Box) image.Point {
	return image.Pt(max(MinSide, int(b.Width)+1), max(MinSide, int(b.Height)+1))
}

// tip cuts a fingertip out for a look.
func (a *Assessor) tip(img *image.Gray, b slap.Box) *image.Gray {
	a.finger = sized(a.finger, tipSize(b))
	slap.CropInto(a.finger, img, b)
	return a.finger
}

// reduce returns the image at 500 ppi.
func (a *Assessor) reduce(img *image.Gray, ppi [2]int) *image.Gray {
	if ppi[0] < 750 {
		return img
	}
	a.whole = sized(a.whole, image.Pt(img.Rect.Dx()/2, img.Rect.Dy()/2))
	halve(a.whole, img)
	return a.whole
}

// sized returns an image of the given size, in the memory of another where that
// is large enough.
func sized(img *image.Gray, size image.Point) *image.Gray {
	if img == nil || cap(img.Pix) < size.X*size.Y {
		return image.NewGray(image.Rectangle{Max: size})
	}
	img.Pix, img.Stride, img.Rect = img.Pix[:size.X*size.Y], size.X, image.Rectangle{Max: size}
	return img
}

// at500 halves an image of 1000 ppi, so that every measure meets ridges of one
// size.
func at500(img *image.Gray, ppi [2]int) (*image.Gray, [2]int) {
	if ppi[0] < 750 || ppi[1] < 750 {
		return img, ppi
	}
	small := image.NewGray(image.Rect(0, 0, img.Rect.Dx()/2, img.Rect.Dy()/2))
	halve(small, img)
	return small, [2]int{ppi[0] / 2, ppi[1] / 2}
}

// halve fills an image with another of twice its size.
func halve(small, img *image.Gray) {
	for y := range small.Rect.Dy() {
		a, b := img.Pix[2*y*img.Stride:], img.Pix[(2*y+1)*img.Stride:]
		row := small.Pix[y*small.Stride:][:small.Rect.Dx()]
		for x := range row {
			row[x] = uint8((int(a[2*x]) + int(a[2*x+1]) + int(b[2*x]) + int(b[2*x+1]) + 2) / 4)
		}
	}
}
