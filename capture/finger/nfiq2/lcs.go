package nfiq2

import "math"

// boundsLCS part the histogram of LCS (NFIQ 2.3.0).
func boundsLCS() [9]float64 {
	return [9]float64{0, 0.70, 0.74, 0.77, 0.79, 0.81, 0.83, 0.85, 0.87}
}

// clarity is the local clarity score of a patch, from 0 to 1: how cleanly the
// pixels of ridges are darker, and those of valleys lighter, than the trend. It
// is 0 where ridges or valleys have not the width of a finger's on the average.
func clarity(patch *patch) float64 {
	var p profile
	p.read(patch)
	var at [across]int
	changes := p.changes(&at, across-1)
	if len(changes) == 0 || !plausible(changes, p.ridge[0]) {
		return 0
	}
	var lightest [across]int // a pixel is dark below this
	for x := range lightest {
		lightest[x] = int(math.Ceil(p.trend[x]))
	}
	var light [across]int
	for y := range along {
		for x, v := range patch[y*across:][:across] {
			if int(v) >= lightest[x] {
				light[x]++
			}
		}
	}
	var wrong, all [2]int // in valleys, in ridges
	for x, ridge := range p.ridge {
		if ridge {
			wrong[1], all[1] = wrong[1]+light[x], all[1]+along
		} else {
			wrong[0], all[0] = wrong[0]+along-light[x], all[0]+along
		}
	}
	return 1 - float64((float64(wrong[0])/float64(all[0])+float64(wrong[1])/float64(all[1]))/2)
}

// plausible tells whether ridges are 3 to 10 pixels wide on the average, and
// valleys 2 to 10. The last stretch, which the border of the patch may cut, does
// not count; the first does, one pixel short of its width, as in the reference.
func plausible(changes []int, ridgeFirst bool) bool {
	var widths [2][across]float64 // of stretches like the first, of the others
	var n [2]int
	before := 0
	for i, at := range changes {
		// The largest width that the reference knows is 20 pixels.
		widths[i&1][n[i&1]] = float64(at-before) / 20
		n[i&1]++
		before = at
	}
	ridges, valleys := average(widths[0][:n[0]]), average(widths[1][:n[1]])
	if !ridgeFirst {
		ridges, valleys = valleys, ridges
	}
	return ridges >= 3./20 && ridges <= 10./20 && valleys >= 2./20 && valleys <= 10./20
}
