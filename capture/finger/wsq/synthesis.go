package wsq

// A bank is a pair of synthesis filters, both of odd length, as in every stream
// that follows the specification's default, or both of even length.
type bank struct {
	low, high [maxTaps]float32
	lows      reach
	highs     reach
}

// A reach says which taps of a filter meet which samples. A pixel takes every
// other tap.
type reach struct {
	taps  int // length of the filter
	start int // sample that the first tap of the first pixel meets
	shift int // 0 where the first pixel takes the odd taps, 1 where it takes the even ones
}

// lowReach and highReach follow from the length: half the filter lies on either
// side of the pixel.
func lowReach(taps int) reach {
	if taps%2 != 0 {
		return reach{taps, -(taps - 1) / 4, 1 - (taps-1)/2%2}
	}
	return reach{taps, -(taps / 4), 1 - taps/2%2}
}

func highReach(taps int) reach {
	if taps%2 != 0 {
		return reach{taps, -(taps + 1) / 4, 1 - (taps+1)/2%2}
	}
	return reach{taps, -(taps / 4), 1 - taps/2%2}
}

// usual reports whether the lengths are the specification's own.
func (b *bank) usual() bool { return b.lows.taps == 7 && b.highs.taps == 9 }

// compose restores the frame from its subbands.
func (p *plane) compose(b *bank) {
	for i := len(p.nodes) - 1; i >= 0; i-- {
		n := &p.nodes[i]
		switch {
		case n.w <= 0 || n.h <= 0:
		case b.usual() && n.w >= 6 && n.h >= 6:
			p.joinColumns79(n, b)
			p.joinRows79(n, b)
		default:
			p.joinColumns(n, b)
			p.joinRows(n, b)
		}
	}
}

// joinColumns79 joins the columns of a node into p.half with seven low taps and
// nine high ones, all columns at once, row by row.
func (p *plane) joinColumns79(n *node, b *bank) {
	lows, highs := n.h-n.h/2, n.h/2
	first, _ := halves(n.h, n.invY)
	lowAt, highAt := 0, first
	if n.invY {
		lowAt, highAt = first, 0
	}
	low := func(i int) []float32 { return p.row(n.box, lowAt+mirrorLow(i, lows, n.h%2 != 0)) }
	high := func(i int) []float32 { return p.row(n.box, highAt+mirrorHigh(i, highs, n.h%2 != 0)) }
	for i := range lows {
		even := p.half[2*i*n.w:][:n.w]
		if i < highs {
			joinPair(even, p.half[(2*i+1)*n.w:][:n.w], b,
				low(i-1), low(i), low(i+1), low(i+2), high(i-2), high(i-1), high(i), high(i+1), high(i+2))
		} else {
			joinEven(even, b, low(i-1), low(i), low(i+1), high(i-2), high(i-1), high(i), high(i+1))
		}
	}
}

// mirrorLow is the place of i among n low samples: the line continues as its
// mirror image about the first, and about the last or behind it.
func mirrorLow(i, n int, odd bool) int {
	switch {
	case i < 0:
		i = -i
	case i < n:
	case odd:
		i = 2*(n-1) - i
	default:
		i = 2*n - 1 - i
	}
	return i
}

// mirrorHigh is the place of i among n high samples.
func mirrorHigh(i, n int, odd bool) int {
	switch {
	case i < 0:
		i = -1 - i
	case i < n:
	case odd:
		i = 2*n - 1 - i
	default:
		i = 2*(n-1) - i
	}
	return i
}

// joinPair makes an even and an odd row of four low and five high ones.
func joinPair(even, odd []float32, b *bank, l0, l1, l2, l3, h0, h1, h2, h3, h4 []float32) {
	n := len(even)
	odd, l0, l1, l2, l3 = odd[:n], l0[:n], l1[:n], l2[:n], l3[:n]
	h0, h1, h2, h3, h4 = h0[:n], h1[:n], h2[:n], h3[:n], h4[:n]
	a0, a1, a2, a3 := b.low[3], b.low[2], b.low[1], b.low[0]
	c0, c1, c2, c3, c4 := b.high[4], b.high[3], b.high[2], b.high[1], b.high[0]
	for i := range even {
		v := l0[i]
		e, o := float32(v*a2), float32(v*a3)
		v = l1[i]
		e += float32(v * a0)
		o += float32(v * a1)
		v = l2[i]
		e += float32(v * a2)
		o += float32(v * a1)
		o += float32(l3[i] * a3)
		v = h0[i]
		e += float32(v * c3)
		o += float32(v * c4)
		v = h1[i]
		e += float32(v * c1)
		o += float32(v * c2)
		v = h2[i]
		e += float32(v * c1)
		o += float32(v * c0)
		v = h3[i]
		even[i] = e + float32(v*c3)
		o += float32(v * c2)
		odd[i] = o + float32(h4[i]*c4)
	}
}

// joinEven makes the even row that an odd height has over.
func joinEven(even []float32, b *bank, l0, l1, l2, h0, h1, h2, h3 []float32) {
	for i := range even {
		e := float32(l0[i] * b.low[1])
		e += float32(l1[i] * b.low[3])
		e += float32(l2[i] * b.low[5])
		e += float32(h0[i] * b.high[1])
		e += float32(h1[i] * b.high[3])
		e += float32(h2[i] * b.high[5])
		even[i] = e + float32(h3[i]*b.high[7])
	}
}

// joinRows79 joins the rows of a node from p.half into the frame.
func (p *plane) joinRows79(n *node, b *bank) {
	odd := n.w%2 != 0
	lows, highs := n.w-n.w/2, n.w/2
	low, high := p.line[:lows+3], p.other[:highs+4]
	for y := range n.h {
		in := p.half[y*n.w:][:n.w]
		if n.invX {
			copy(high[2:], in[:highs])
			copy(low[1:], in[highs:])
		} else {
			copy(low[1:], in[:lows])
			copy(high[2:], in[lows:])
		}
		low[0] = low[2]
		low[lows+1] = low[1+mirrorLow(lows, lows, odd)]
		low[lows+2] = low[1+mirrorLow(lows+1, lows, odd)]
		high[0], high[1] = high[3], high[2]
		for i := range 2 {
			high[2+highs+i] = high[2+mirrorHigh(highs+i, highs, odd)]
		}
		joinLine79(p.row(n.box, y), b, low, high)
	}
}

// joinLine79 joins a line whose low samples are continued by one in front and
// two behind, its high ones by two at either end.
func joinLine79(out []float32, b *bank, low, high []float32) {
	a0, a1, a2, a3 := b.low[3], b.low[2], b.low[1], b.low[0]
	c0, c1, c2, c3, c4 := b.high[4], b.high[3], b.high[2], b.high[1], b.high[0]
	for len(out) >= 2 {
		l, h := (*[4]float32)(low), (*[5]float32)(high)
		e, o := float32(l[0]*a2), float32(l[0]*a3)
		e += float32(l[1] * a0)
		o += float32(l[1] * a1)
		e += float32(l[2] * a2)
		o += float32(l[2] * a1)
		o += float32(l[3] * a3)
		e += float32(h[0] * c3)
		o += float32(h[0] * c4)
		e += float32(h[1] * c1)
		o += float32(h[1] * c2)
		e += float32(h[2] * c1)
		o += float32(h[2] * c0)
		e += float32(h[3] * c3)
		o += float32(h[3] * c2)
		o += float32(h[4] * c4)
		out[0], out[1] = e, o
		out, low, high = out[2:], low[1:], high[1:]
	}
	if len(out) == 1 {
		joinEven(out, b, low[:1], low[1:2], low[2:3], high[:1], high[1:2], high[2:3], high[3:4])
	}
}

// joinColumns and joinRows take any filters and any lengths, one line after the
// other.
func (p *plane) joinColumns(n *node, b *bank) {
	first, _ := halves(n.h, n.invY)
	for x := range n.w {
		lows, highs := p.line[margin:], p.other[margin:]
		if n.invY {
			lows, highs = highs, lows
		}
		for y := range n.h {
			v := p.pix[(n.y+y)*p.w+n.x+x]
			if y < first {
				lows[y] = v
			} else {
				highs[y-first] = v
			}
		}
		p.continueLine(n.h, b)
		for y := range n.h {
			p.half[y*n.w+x] = p.sample(y, b)
		}
	}
}

func (p *plane) joinRows(n *node, b *bank) {
	first, _ := halves(n.w, n.invX)
	for y := range n.h {
		in := p.half[y*n.w:][:n.w]
		if n.invX {
			copy(p.other[margin:], in[:first])
			copy(p.line[margin:], in[first:])
		} else {
			copy(p.line[margin:], in[:first])
			copy(p.other[margin:], in[first:])
		}
		p.continueLine(n.w, b)
		out := p.row(n.box, y)
		for x := range out {
			out[x] = p.sample(x, b)
		}
	}
}

// continueLine continues the low samples in p.line and the high ones in p.other,
// which begin at margin, for a line of n pixels.
func (p *plane) continueLine(n int, b *bank) {
	lows, highs := n-n/2, n/2
	fold := foldOdd
	if b.lows.taps%2 == 0 {
		fold = foldEven
	}
	low, high := p.line[margin:], p.other[margin:]
	for i := 1; i <= margin; i++ {
		p.line[margin-i] = folded(low, -i, lows, n, 0, fold)
		p.other[margin-i] = folded(high, -i, highs, n, 1, fold)
	}
	for i := range margin {
		low[lows+i] = folded(low, lows+i, lows, n, 0, fold)
		high[highs+i] = folded(high, highs+i, highs, n, 1, fold)
	}
}

// folded is sample i of a line that continues on either side of its count
// samples; phase is 0 for low samples, 1 for high ones.
func folded(s []float32, i, count, n, phase int, fold func(i, n, phase int) (int, float32)) float32 {
	i, sign := fold(i, n, phase)
	if i >= count {
		return 0
	}
	return sign * s[i]
}

// foldOdd belongs to filters of odd length: the line of n pixels is mirrored
// about its first and last ones.
func foldOdd(i, n, phase int) (int, float32) {
	return reflect(2*i+phase, n) / 2, 1
}

// foldEven belongs to filters of even length: the line is mirrored behind its
// first and last pixels, and high samples change their sign each time.
func foldEven(i, n, phase int) (int, float32) {
	sign := float32(1)
	for i < 0 || i > n-1-i {
		if i < 0 {
			i = -1 - i
		} else {
			i = n - 1 - i
		}
		if phase == 1 {
			sign = -sign
		}
	}
	if phase == 1 && 2*i == n-1 {
		sign = 0 // it is its own opposite
	}
	return i, sign
}

// sample is pixel i of the line in p.line and p.other.
func (p *plane) sample(i int, b *bank) float32 {
	at, tap := b.lows.of(i)
	sum := float32(p.line[at] * b.low[tap])
	for tap, at = tap+2, at+1; tap < b.lows.taps; tap, at = tap+2, at+1 {
		sum += float32(p.line[at] * b.low[tap])
	}
	at, tap = b.highs.of(i)
	for ; tap < b.highs.taps; tap, at = tap+2, at+1 {
		sum += float32(p.other[at] * b.high[tap])
	}
	return sum
}

// of is the place of the first sample that pixel i takes, and the tap it meets.
func (r reach) of(i int) (at, tap int) {
	i += r.shift
	return margin + r.start + i/2, 1 - i%2
}
