package nfiq2

import "math"

// boundsOF part the histogram of OF (NFIQ 2.3.0).
func boundsOF() [9]float64 {
	return [9]float64{1.715e-2, 3.5e-2, 5.57e-2, 8.1e-2, 1.15e-1, 1.718e-1, 2.569e-1, 4.758e-1, 7.48e-1}
}

// measureOF takes the orientation flow of each block that has foreground on all
// eight sides: by how much its direction differs from theirs on the average,
// from 0 for 4° to 1 for 90°. Blocks that differ by less have no value. A
// direction and its opposite differ by 180°, as in the reference.
func (b *blocks) measureOF() {
	const degree = math.Pi / 180
	const least, most = 4 * degree, 90 * degree
	b.flow = b.flow[:0]
	for row := 1; row < b.rows-1; row++ {
		for col := 1; col < b.cols-1; col++ {
			difference, ok := b.bend(row*b.cols + col)
			if ok && difference > least {
				b.flow = append(b.flow, (difference-least)/(most-least))
			}
		}
	}
}

// bend is the mean difference between the direction of a block and those of its
// eight neighbours, in radians. It reports false where one of the nine is not
// foreground.
func (b *blocks) bend(at int) (difference float64, ok bool) {
	for _, row := range [3]int{at - b.cols, at, at + b.cols} {
		for i := row - 1; i <= row+1; i++ {
			if !b.ridges[i] {
				return 0, false
			}
			difference += math.Abs(b.angles[at] - b.angles[i])
		}
	}
	return difference / 8, true
}
