package nfiq2

// boundsRVUP part the histogram of RVUP (NFIQ 2.3.0).
func boundsRVUP() [9]float64 {
	return [9]float64{0.5, 0.667, 0.8, 1, 1.25, 1.5, 2, 24, 30}
}

// appendUniformity appends the ridge valley ratios of a patch: of each two whole
// stretches side by side, the width of the one divided by that of the other. As
// in the reference the first whole stretch is left out, the last column of the
// patch is not looked at, and from the right to the left every second quotient
// is turned over: an odd one where the first whole stretch is a ridge.
func appendUniformity(ratios []float64, patch *patch) []float64 {
	var p profile
	p.read(patch)
	var at [across]int
	changes := p.changes(&at, across-2)
	if len(changes) == 0 {
		return ratios
	}
	over := !p.ridge[changes[0]+1]
	for i := len(changes) - 1; i >= 3; i-- {
		ratio := float64(changes[i]-changes[i-1]) / float64(changes[i-1]-changes[i-2])
		if over {
			ratio = 1 / ratio
		}
		over = !over
		ratios = append(ratios, ratio)
	}
	return ratios
}
