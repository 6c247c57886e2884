package nfiq2

import (
	"image"

	"optag/capture/finger/internal/portable"
)

// turn walks over the blocks of the foreground, turns each upright by its
// ridges and measures FDA, LCS and RVUP. Their turned patches are not quite the
// same: in FDA and RVUP the reference lays a second margin around the block and
// turns about the middle of that, two pixels beside the middle of the patch.
func (b *blocks) turn(img *image.Gray) {
	b.frequency, b.clarity, b.uniformity = b.frequency[:0], b.clarity[:0], b.uniformity[:0]
	const middle = side/2 + margin
	for i, ridges := range b.ridges {
		if !ridges {
			continue
		}
		left, top := i%b.cols*side, i/b.cols*side
		cos, sin := portable.Cos(b.angles[i]), portable.Sin(b.angles[i])

		b.narrow.cut(img, left, top, side+2*margin)
		b.patch.take(&b.narrow, cos, sin, middle, across)
		b.clarity = append(b.clarity, clarity(&b.patch))

		b.wide.cut(img, left-margin, top-margin, side+4*margin)
		b.patch.take(&b.wide, cos, sin, middle+margin, across)
		b.uniformity = appendUniformity(b.uniformity, &b.patch)

		b.patch.take(&b.wide, -sin, cos, middle+margin, along)
		b.frequency = append(b.frequency, b.wave.dominance(&b.patch))
	}
}
