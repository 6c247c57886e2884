package minutiae

import (
	"math"

	"optag/capture/finger/internal/portable"
)

// Minutiae up to leastDepth blocks from the rim of a print are mere cuts
// through ridges. Beyond mostDepth blocks the rim does not matter.
const (
	leastDepth = 1
	mostDepth  = 6
)

// depth is that of the block of a pixel.
func (e *Extractor) depth(x, y int) uint8 {
	return e.field.depth[y/block*e.blocks.X+x/block]
}

// leastQuality is that of the worst minutia kept. At this level the templates
// of sound prints have as many minutiae as those that NFIQ 2.3 counts.
const leastQuality = 25

// grade gives each minutia its quality: the chance in per cent that another
// impression of the place shows it too, by a logistic regression over prints
// that were turned, faded, covered with noise, or taken anew. It drops the
// minutiae that are hardly more than chance.
func (e *Extractor) grade(t *Template) {
	for i := range t.Minutiae {
		f := e.features(t, i)
		logit := weights[0]
		for k, v := range f {
			logit += float64(weights[k+1] * v)
		}
		t.Minutiae[i].Quality = uint8(1 + 99/(1+portable.Exp(-logit)))
	}
	kept := t.Minutiae[:0]
	for _, m := range t.Minutiae {
		if m.Quality >= leastQuality {
			kept = append(kept, m)
		}
	}
	t.Minutiae = kept
}

// weights are those of a constant and of the features.
var weights = [...]float64{-4.33, 0.329, 0.457, 0.0593, -0.0566}

// features are what tells a sound minutia: the contrast of the strengthened
// ridges around it, the depth in the print, the distance of the nearest other,
// and the angle between it and the ridges.
func (e *Extractor) features(t *Template, i int) [len(weights) - 1]float64 {
	m := &t.Minutiae[i]
	at := int(m.Y)/block*e.blocks.X + int(m.X)/block
	bend := int(int8(2*m.Angle + e.field.angle[at]))
	return [...]float64{
		float64(e.relief(int(m.X), int(m.Y))) / 16,
		float64(e.field.depth[at]),
		math.Sqrt(float64(company(t.Minutiae, i))),
		float64(min(40, max(bend, -bend))),
	}
}

// relief is the mean contrast of the strengthened ridges around a pixel, in
// 16ths of a grey level.
func (e *Extractor) relief(x, y int) int {
	const radius = 6
	sum := 0
	for dy := -radius; dy <= radius; dy++ {
		for _, v := range e.ridge[e.at(x-radius, y+dy):][:2*radius+1] {
			d := int(v) - 128
			sum += max(d, -d)
		}
	}
	return 16 * sum / ((2*radius + 1) * (2*radius + 1))
}

// company is the square of the distance from minutia i to the nearest other, in
// pixels, at most that of 30. It relies on the order of a template.
func company(all []Minutia, i int) int {
	const far = 30
	nearest := far * far
	for _, step := range [...]int{1, -1} {
		for k := i + step; k >= 0 && k < len(all); k += step {
			dx, dy := int(all[k].X)-int(all[i].X), int(all[k].Y)-int(all[i].Y)
			if dy*dy >= nearest {
				break
			}
			nearest = min(nearest, dx*dx+dy*dy)
		}
	}
	return nearest
}
