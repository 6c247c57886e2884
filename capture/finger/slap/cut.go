package slap

import "math"

// split cuts a component, the last part, where its upper outline has a notch
// between two tips, and what is too wide for one finger in any case.
func (v *view) split(p part) {
	v.outline(&p)
	first := len(v.parts) - 1
	k, from := first, p.x0
	for range 2 * maxParts {
		x := v.notch(from, p.x1, v.deep)
		if x == 0 {
			break
		}
		if v.cut(k, x, notchReach) {
			k, from = len(v.parts)-1, x
		}
	}
	for k := first; k < len(v.parts); k++ {
		wide := v.parts[k]
		if !v.tooWide(&wide) {
			continue
		}
		x := v.notch(wide.x0, wide.x1, shallowNotch)
		if x > 0 && v.cut(k, x, notchReach) || v.cut(k, v.lightest(&wide), (wide.x1-wide.x0)*3/20) {
			k--
		}
	}
}

// tooWide reports whether a part must be two fingers or more.
func (v *view) tooWide(p *part) bool {
	return float64(v.breadth(p)) > min(v.limit, v.thickest) || float64(p.x1-p.x0) > v.limit
}

// notchReach is how far from straight below a notch two fingers may be parted,
// in cells.
const notchReach = 6

// lightest returns the column from which a part that is too wide is best cut
// downwards: that from which the way is lightest.
func (v *view) lightest(p *part) int {
	best, at := int32(math.MaxInt32), 0
	margin := (p.x1 - p.x0) * 3 / 10
	for x := p.x0 + margin; x <= p.x1-margin; x += 1 + (p.x1-p.x0)/24 {
		if c := v.sew(p, x, margin/2); c < best {
			best, at = c, x
		}
	}
	return at
}

// cut cuts part k downwards from column x, and reports whether it is cut in two
// that may be fingers; the one on the right becomes the last part.
func (v *view) cut(k, x, reach int) bool {
	left := &v.parts[k]
	right := *left
	right.label = uint8(len(v.parts) + 1)
	v.sew(left, x, reach)
	v.relabel(left, &right)
	if narrow := v.shoulder(left, &right); narrow != nil || len(v.parts) >= maxParts {
		v.mend(left, &right, narrow, x)
		return false
	}
	v.parts = append(v.parts, right)
	return true
}

// shoulder returns the one of two parts that is too narrow for a finger beside
// the other, as the shoulder of a thumb is whose print is hollow at the top.
func (v *view) shoulder(left, right *part) *part {
	enough := 25 // cells, an adult's little finger
	if v.thickest < thickestThumb {
		enough = thinnest // what is wide beside it may be several fingers
	}
	a, b := v.breadth(left), v.breadth(right)
	switch {
	case b == 0:
		return right
	case a < enough && 9*a < 5*b:
		return left
	case b < enough && 9*b < 5*a:
		return right
	}
	return nil
}

// breadth is the number of cells that a part has in a row, which half a dozen of
// its rows exceed: as many as two fingers share that touch at a corner.
func (v *view) breadth(p *part) int {
	if p.y0 > p.y1 {
		return 0
	}
	var counts [256]int
	for y := p.y0; y <= p.y1; y++ {
		n := 0
		for _, l := range v.label[y*v.w+p.x0 : y*v.w+p.x1+1] {
			if l == p.label {
				n++
			}
		}
		counts[min(255, n)]++
	}
	return share(&counts, max(0.75, 1-6.5/float64(p.y1-p.y0+1)))
}

// mend takes back a cut from column x, and levels the outline of the narrow part
// so that it is not cut again.
func (v *view) mend(left, right, narrow *part, x int) {
	from, to := x, left.x1
	if narrow != nil && narrow.x0 <= narrow.x1 {
		from, to = narrow.x0, narrow.x1
	}
	level := v.top[x]
	for i := from; i <= to; i++ {
		v.top[i] = max(v.top[i], level)
	}
	for y := right.y0; y <= right.y1; y++ {
		row := v.label[y*v.w+right.x0 : y*v.w+right.x1+1]
		for x, l := range row {
			if l == right.label {
				row[x] = left.label
			}
		}
	}
	left.x0, left.x1 = min(left.x0, right.x0), max(left.x1, right.x1)
	left.y0, left.y1 = min(left.y0, right.y0), max(left.y1, right.y1)
}

// relabel gives the cells on the right of the seam to the part on the right.
func (v *view) relabel(left, right *part) {
	x0, x1, y0, y1 := left.x0, right.x1, left.y0, left.y1
	label := left.label
	for _, p := range [2]*part{left, right} {
		p.x0, p.x1, p.y0, p.y1 = v.w, 0, v.h, 0
	}
	for y := y0; y <= y1; y++ {
		row := v.label[y*v.w:][:v.w]
		for x := x0; x <= x1; x++ {
			if row[x] != label {
				continue
			}
			p := left
			if x >= int(v.seam[y]) {
				p = right
				row[x] = p.label
			}
			p.x0, p.x1, p.y0, p.y1 = min(p.x0, x), max(p.x1, x), min(p.y0, y), max(p.y1, y)
		}
	}
}

// outline finds the highest cell of every column of a component.
func (v *view) outline(p *part) {
	for x := p.x0; x <= p.x1; x++ {
		v.top[x] = int16(p.y1 + 1)
		for y := p.y0; y <= p.y1; y++ {
			if v.label[y*v.w+x] == p.label {
				v.top[x] = int16(y)
				break
			}
		}
	}
}

// notch returns the first column right of from where the upper outline is lower
// than the tips on both sides of it, deep enough, each side as wide as half a
// finger at least; 0 where there is none.
func (v *view) notch(from, to, deep int) int {
	const wide = thinnest / 2
	high := int(v.top[from]) // the tip on the left
	low, at := high, from
	for x := from; x <= to; x++ {
		y := int(v.top[x])
		if low-high >= deep && low-y >= deep {
			if to-at < wide {
				return 0
			}
			if at-from >= wide {
				return at
			}
			high, low, at = y, y, x // a splinter on the left
		}
		if y < high {
			high, low, at = y, y, x
		}
		if y > low {
			low, at = y, x
		}
	}
	return 0
}
