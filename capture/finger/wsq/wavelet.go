package wsq

// The analysis filters of the specification, 9 taps low and 7 high, the centre
// first; the other half mirrors it.
const (
	low0, low1, low2, low3, low4 float32 = 0.85269867900940344, 0.37740285561265380, -0.11062440441842342, -0.02384946501938000, 0.03782845550699546
	high0, high1, high2, high3   float32 = 0.78848561640566439, -0.41809227322221221, -0.04068941760955844, 0.06453888262893845
)

// Taps of the longest filter that is decoded, and the pixels that a line is
// continued by at either end.
const (
	maxTaps = 32
	margin  = maxTaps/2 + 2
)

// A plane is the frame in floating point and what the transform works with.
type plane struct {
	tree
	w, h  int
	pix   []float32 // w × h
	half  []float32 // a node between its two passes, as wide as the node
	line  []float32 // one row or column with its continuation
	other []float32
}

// resize makes room for a frame of w × h pixels.
func (p *plane) resize(w, h int) {
	p.w, p.h = w, h
	p.tree.build(w, h)
	p.pix = grown(p.pix, w*h)
	p.half = grown(p.half, w*h)
	p.line = grown(p.line, max(w, h)+2*margin)
	p.other = grown(p.other, max(w, h)+2*margin)
}

// grown returns a slice of n elements, of s where it is large enough. One that is
// not is cleared, since nobody will wipe it.
func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		clear(s[:cap(s)])
		return make([]T, n)
	}
	return s[:n]
}

func (p *plane) wipe() {
	clear(p.pix[:cap(p.pix)])
	clear(p.half[:cap(p.half)])
	clear(p.line[:cap(p.line)])
	clear(p.other[:cap(p.other)])
}

// row is row y of a box.
func (p *plane) row(b box, y int) []float32 {
	at := (b.y+y)*p.w + b.x
	return p.pix[at : at+b.w]
}

// reflect is the place of i in a line of n pixels that continues as its mirror
// image about the middle of its first and last pixels.
func reflect(i, n int) int {
	if n == 1 {
		return 0
	}
	if i < 0 {
		i = -i
	}
	i %= 2 * (n - 1)
	if i >= n {
		i = 2*(n-1) - i
	}
	return i
}

// decompose splits the frame into its subbands.
func (p *plane) decompose() {
	for i := range p.nodes {
		if n := &p.nodes[i]; n.w > 0 && n.h > 0 {
			p.splitRows(n)
			p.splitColumns(n)
		}
	}
}

// splitRows filters the rows of a node into p.half.
func (p *plane) splitRows(n *node) {
	first, _ := halves(n.w, n.invX)
	line := p.line[:n.w+8]
	for y := range n.h {
		copy(line[4:], p.row(n.box, y))
		for i := 1; i <= 4; i++ {
			line[4-i] = line[4+reflect(-i, n.w)]
			line[3+n.w+i] = line[4+reflect(n.w-1+i, n.w)]
		}
		out := p.half[y*n.w : (y+1)*n.w]
		low, high := out[:first], out[first:]
		if n.invX {
			low, high = high, low
		}
		splitLine(low, high, line)
	}
}

// splitLine filters a line that is continued by four pixels at either end. low
// may be one longer than high.
func splitLine(low, high, line []float32) {
	low0, low1, low2, low3, low4 := low0, low1, low2, low3, low4
	high0, high1, high2, high3 := high0, high1, high2, high3
	for i := range high {
		x := (*[9]float32)(line)
		line = line[2:]
		l, h := float32(x[0]*low4), float32(x[2]*high3)
		l += float32(x[1] * low3)
		h += float32(x[3] * high2)
		l += float32(x[2] * low2)
		h += float32(x[4] * high1)
		l += float32(x[3] * low1)
		h += float32(x[5] * high0)
		l += float32(x[4] * low0)
		h += float32(x[6] * high1)
		l += float32(x[5] * low1)
		h += float32(x[7] * high2)
		l += float32(x[6] * low2)
		h += float32(x[8] * high3)
		l += float32(x[7] * low3)
		l += float32(x[8] * low4)
		low[i], high[i] = l, h
	}
	if len(low) > len(high) {
		x := (*[9]float32)(line)
		l := float32(x[0] * low4)
		l += float32(x[1] * low3)
		l += float32(x[2] * low2)
		l += float32(x[3] * low1)
		l += float32(x[4] * low0)
		l += float32(x[5] * low1)
		l += float32(x[6] * low2)
		l += float32(x[7] * low3)
		low[len(high)] = l + float32(x[8]*low4)
	}
}

// splitColumns filters the columns of a node from p.half back into the frame,
// all of them at once, row by row.
func (p *plane) splitColumns(n *node) {
	first, _ := halves(n.h, n.invY)
	low, high := 0, first
	if n.invY {
		low, high = first, 0
	}
	at := func(y int) []float32 {
		y = reflect(y, n.h) * n.w
		return p.half[y : y+n.w]
	}
	for i := range n.h / 2 {
		y := 2 * i
		splitPair(p.row(n.box, low+i), p.row(n.box, high+i),
			at(y-4), at(y-3), at(y-2), at(y-1), at(y), at(y+1), at(y+2), at(y+3), at(y+4))
	}
	if n.h%2 != 0 {
		y := n.h - 1
		lastLow(p.row(n.box, low+n.h/2), at(y-4), at(y-3), at(y-2), at(y-1), at(y), at(y+1), at(y+2), at(y+3), at(y+4))
	}
}

// splitPair makes one row of low and one of high frequencies of nine rows.
func splitPair(low, high, x0, x1, x2, x3, x4, x5, x6, x7, x8 []float32) {
	n := len(low)
	high, x0, x1, x2, x3, x4, x5, x6, x7, x8 = high[:n], x0[:n], x1[:n], x2[:n], x3[:n], x4[:n], x5[:n], x6[:n], x7[:n], x8[:n]
	low0, low1, low2, low3, low4 := low0, low1, low2, low3, low4
	high0, high1, high2, high3 := high0, high1, high2, high3
	for i := range low {
		l := float32(x0[i] * low4)
		l += float32(x1[i] * low3)
		v := x2[i]
		h := float32(v * high3)
		l += float32(v * low2)
		v = x3[i]
		h += float32(v * high2)
		l += float32(v * low1)
		v = x4[i]
		h += float32(v * high1)
		l += float32(v * low0)
		v = x5[i]
		h += float32(v * high0)
		l += float32(v * low1)
		v = x6[i]
		h += float32(v * high1)
		l += float32(v * low2)
		v = x7[i]
		h += float32(v * high2)
		l += float32(v * low3)
		v = x8[i]
		high[i] = h + float32(v*high3)
		low[i] = l + float32(v*low4)
	}
}

// lastLow makes the row of low frequencies that an odd height has over.
func lastLow(low, x0, x1, x2, x3, x4, x5, x6, x7, x8 []float32) {
	for i := range low {
		l := float32(x0[i] * low4)
		l += float32(x1[i] * low3)
		l += float32(x2[i] * low2)
		l += float32(x3[i] * low1)
		l += float32(x4[i] * low0)
		l += float32(x5[i] * low1)
		l += float32(x6[i] * low2)
		l += float32(x7[i] * low3)
		low[i] = l + float32(x8[i]*low4)
	}
}
