package wsq

import (
	"math"

	"optag/capture/finger/internal/portable"
)

// Constants of the specification's quantisation.
const (
	leastVariance = 1.01  // a subband that varies less is left out
	smoothImage   = 20000 // four lowest subbands that vary less: all pixels are measured
	zeroWidth     = 1.2   // width of the zero bin in bins
	binCentre     = 0.44  // where in its bin a coefficient is restored
)

// weight is the specification's weight A of a subband.
func weight(band int) float32 {
	switch band {
	case 52, 56:
		return 1.32
	case 53, 55, 58, 59:
		return 1.08
	case 54, 57:
		return 1.42
	}
	return 1
}

// halvings is how often the frame was halved on the way to a subband, across
// and down together: it has 1 of 2 to that power of the pixels.
func halvings(band int) int {
	switch {
	case band < 4:
		return 10
	case band < 51:
		return 8
	}
	return 4
}

// bins are the widths of the bins and of the zero bins; 0 leaves a subband out.
type bins struct {
	width, zero [bandCount]float32
}

// variances measures the subbands, in their middle or, in a smooth image, whole.
func (p *plane) variances() (v [bandCount]float32) {
	var sum float32
	for i := range 4 {
		v[i] = p.variance(middle(p.bands[i]))
		sum += v[i]
	}
	if sum < smoothImage {
		for i, b := range p.bands {
			v[i] = p.variance(b)
		}
		return v
	}
	for i, b := range p.bands[4:] {
		v[4+i] = p.variance(middle(b))
	}
	return v
}

// middle is the part of a subband that is measured.
func middle(b box) box {
	return box{b.x + b.w/8, b.y + 9*b.h/32, 3 * b.w / 4, 7 * b.h / 16}
}

// variance of a box; not a number where it is empty or one pixel.
func (p *plane) variance(b box) float32 {
	var sum, squares float32
	for y := range b.h {
		for _, v := range p.row(b, y) {
			sum += v
			squares += float32(v * v)
		}
	}
	count := b.w * b.h
	return float32(float64(squares-float32(sum*sum)/float32(count)) / (float64(count) - 1))
}

// binsFor chooses the bins for subbands of these variances at a rate in bits for
// a pixel.
func binsFor(variance *[bandCount]float32, rate float32) (b bins) {
	var sigma [bandCount]float32
	var list [bandCount]int
	all := list[:0]
	for i, v := range variance {
		if !(float64(v) >= leastVariance) { // also where v is not a number
			continue
		}
		all = append(all, i)
		sigma[i] = float32(math.Sqrt(float64(v)))
		b.width[i] = 1
		if i >= 4 {
			b.width[i] = float32(10 / float64(weight(i)*float32(portable.Log(float64(v)))))
		}
	}
	if len(all) == 0 {
		return b
	}
	q := proportion(all, &sigma, &b.width, rate)
	for _, i := range all {
		b.width[i] /= q
		b.zero[i] = float32(zeroWidth * float64(b.width[i]))
	}
	return b
}

// proportion is the constant q that brings the subbands of the list to the rate,
// after those that would get no bits have been taken from it.
func proportion(all []int, sigma, width *[bandCount]float32, rate float32) float32 {
	var buf [bandCount]int
	list := append(buf[:0], all...)
	for {
		share, product := float32(0), float32(1)
		for _, i := range list {
			share += 1 / float32(int(1)<<halvings(i))
			product = float32(float64(product) * root(float64(sigma[i]/width[i]), halvings(i)))
		}
		exponent := float64(rate/share) - 1
		q := float32(portable.Exp(float64(exponent*math.Ln2)) / 2.5 /
			portable.Exp(1/float64(share)*portable.Log(float64(product))))
		kept := list[:0]
		for _, i := range list {
			if float64(width[i]/q) < 5*float64(sigma[i]) {
				kept = append(kept, i)
			}
		}
		switch len(kept) {
		case len(list):
			return q
		case 0:
			return float32(math.Inf(1)) // bins too wide for any bit
		}
		list = kept
	}
}

// root is the root of x whose order is 2 to the power of n.
func root(x float64, n int) float64 {
	for range n {
		x = math.Sqrt(x)
	}
	return x
}
