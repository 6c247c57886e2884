package minutiae

// Ridges come in periods of 4 to 16 pixels at 500 ppi: those of small children
// and of broad thumbs.
const (
	leastLag = 3
	mostLag  = 18
	lags     = mostLag - leastLag + 1
)

// usual is the period where none could be measured, in 16ths of a pixel.
const usual = 9 * 16

// measurePeriod finds the period of the ridges by the autocorrelation of the
// smoothed print across them, averaged over neighbouring blocks.
func (e *Extractor) measurePeriod() {
	f := &e.field
	sums := &e.lags
	for i := range sums {
		sums[i] = fit(sums[i], len(f.angle))
	}
	e.perBlock(func(i, at int) {
		var profile [2*halfProfile + 1]int32
		centre := at + block/2*e.stride + block/2
		for k, offset := range e.kernels.normal[(int(f.angle[i])+4)>>3&(angles-1)] {
			profile[k] = int32(e.smooth[centre+int(offset)]) - 128
		}
		for lag := range lags {
			var sum int32
			for k, v := range profile[leastLag+lag:] {
				sum += v * profile[k]
			}
			sums[lag][i] = sum >> 4
		}
	})
	for i := range sums {
		f.blur(sums[i])
		for k := range sums[i] {
			sums[i][k] >>= 8
		}
		f.blur(sums[i])
	}
	for i := range f.period {
		f.period[i] = peak(sums, i)
	}
}

// peak is the lag of the first and highest maximum of the autocorrelation of
// block i, in 16ths of a pixel.
func peak(sums *[lags][]int32, i int) uint8 {
	best := 0
	for k := 1; k < lags-1; k++ {
		v := sums[k][i]
		if v > sums[k-1][i] && v >= sums[k+1][i] && v > 0 && (best == 0 || v > sums[best][i]) {
			best = k
		}
	}
	if best == 0 {
		return usual
	}
	a, b, c := int(sums[best-1][i]), int(sums[best][i]), int(sums[best+1][i])
	fine := 8 * (a - c) / max(1, a-2*b+c, 2*b-a-c) // the vertex of the parabola
	return uint8(min(255, 16*(best+leastLag)-fine))
}
