package slap

import (
	"cmp"
	"math"
	"slices"

	"optag/capture/finger/internal/portable"
)

// Limits of a finger's width, in cells of 0.4 mm: a small child's little finger,
// and the thickest of four fingers, or of thumbs pressed flat.
const (
	thinnest       = 13
	thickestOfFour = 56
	thickestThumb  = 90
	maxParts       = 40
)

// A view is the mask turned so that fingers pointing in a supposed direction
// stand upright, cut into parts: fingertips, phalanges, dirt.
type view struct {
	turn     float64 // radians clockwise
	sin, cos float64
	srcW     int
	srcH     int
	w, h     int
	label    []uint8 // of a cell: part, counted from 1; 0 for none
	queue    []int32
	across   []int32
	top      []int16    // of a column of one component
	row      [][2]int16 // of a part and row: first and last cell
	parts    []part
	relief   *relief
	thickest float64 // cells, of a finger
	deep     int     // cells by which a notch lies below the tips beside it
	limit    float64 // cells; what is wider is two fingers
	cost     []int32 // of the lightest way from a notch to a cell beside it
	seam     []int16 // of a row: first column on the right of a cut
	byLabel  []uint8 // index of the part with a label
}

// A part is a piece of the mask between two notches.
type part struct {
	label          uint8
	x0, x1, y0, y1 int // first and last column and row
	tipX           int // column of its highest place
	width          float64
	mid, lean      float64 // its middle line: x = mid + lean·y
	rows           int     // rows that the middle line rests on
	joined         bool    // it touches a neighbour
	finger         int     // index of the finger to which it belongs, -1 for none
	tip            bool    // it is the top of that finger
}

// at is the middle of the part in row y.
func (p *part) at(y float64) float64 { return p.mid + float64(p.lean*y) }

// look turns the mask and takes it apart.
func (v *view) look(m *mask, r *relief, turn float64, deep int) {
	v.relief, v.deep = r, deep
	v.turn, v.sin, v.cos = turn, portable.Sin(turn), portable.Cos(turn)
	v.srcW, v.srcH = m.w, m.h
	w, h := float64(m.w), float64(m.h)
	v.w = int(float64(w*math.Abs(v.cos))+float64(h*math.Abs(v.sin))) + 2
	v.h = int(float64(w*math.Abs(v.sin))+float64(h*math.Abs(v.cos))) + 2
	v.label, v.top = resize(v.label, v.w*v.h), resize(v.top, v.w)
	v.rotate(m)
	v.parts = v.parts[:0]
	v.components()
	v.measure()
	slices.SortFunc(v.parts, func(a, b part) int { return cmp.Or(a.y0-b.y0, a.x0-b.x0) })
	v.byLabel = resize(v.byLabel, len(v.parts))
	for i := range v.parts {
		v.byLabel[v.parts[i].label-1] = uint8(i)
	}
	v.chain()
}

// unmarked is the label of a cell of the mask that no part has claimed yet.
const unmarked = 255

// rotate fills the labels with the turned mask.
func (v *view) rotate(m *mask) {
	const one = 1 << 16
	du, dv := int(math.Round(one*v.cos)), int(math.Round(one*v.sin))
	for y := range v.h {
		sx, sy := v.source(0.5, float64(y)+0.5)
		px, py := int(math.Round(float64(one*sx))), int(math.Round(float64(one*sy)))
		out := v.label[y*v.w:][:v.w]
		for x := range out {
			i, j := px>>16, py>>16
			out[x] = 0
			if uint(i) < uint(m.w) && uint(j) < uint(m.h) && m.in[j*m.w+i] != 0 {
				out[x] = unmarked
			}
			px, py = px+du, py+dv
		}
	}
}

// source is the place in the mask of a place in the view, in cells.
func (v *view) source(x, y float64) (sx, sy float64) {
	dx, dy := x-half(v.w), y-half(v.h)
	return half(v.srcW) + float64(v.cos*dx) - float64(v.sin*dy),
		half(v.srcH) + float64(v.sin*dx) + float64(v.cos*dy)
}

// target is the inverse of source.
func (v *view) target(sx, sy float64) (x, y float64) {
	dx, dy := sx-half(v.srcW), sy-half(v.srcH)
	return half(v.w) + float64(v.cos*dx) + float64(v.sin*dy),
		half(v.h) - float64(v.sin*dx) + float64(v.cos*dy)
}

// half is half of n, rounded by itself before anything is added to it.
func half(n int) float64 { return float64(float64(n) / 2) }

// components finds what hangs together, and cuts each at its notches.
func (v *view) components() {
	for i := range v.label {
		if v.label[i] != unmarked {
			continue
		}
		if len(v.parts) >= maxParts {
			v.label[i] = 0
			continue
		}
		p, area := v.flood(i, uint8(len(v.parts)+1))
		v.parts = append(v.parts, p)
		if area < thinnest*thinnest/2 {
			v.parts = v.parts[:len(v.parts)-1]
			v.erase(&p)
			continue
		}
		v.split(p)
	}
}

// flood labels what hangs together with a cell.
func (v *view) flood(start int, label uint8) (p part, area int) {
	p = part{label: label, x0: v.w, y0: v.h, finger: -1}
	v.queue = append(v.queue[:0], int32(start))
	v.label[start] = label
	for len(v.queue) > 0 {
		i := int(v.queue[len(v.queue)-1])
		v.queue = v.queue[:len(v.queue)-1]
		area++
		x, y := i%v.w, i/v.w
		p.x0, p.x1, p.y0, p.y1 = min(p.x0, x), max(p.x1, x), min(p.y0, y), max(p.y1, y)
		for _, j := range [4]int{i - 1, i + 1, i - v.w, i + v.w} {
			if uint(j) < uint(len(v.label)) && v.label[j] == unmarked && (j/v.w == y || j%v.w == x) {
				v.label[j] = label
				v.queue = append(v.queue, int32(j))
			}
		}
	}
	return p, area
}

// erase takes a part out of the view.
func (v *view) erase(p *part) {
	for y := p.y0; y <= p.y1; y++ {
		row := v.label[y*v.w+p.x0 : y*v.w+p.x1+1]
		for x, l := range row {
			if l == p.label {
				row[x] = 0
			}
		}
	}
}

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

// sew finds where to cut downwards from the notch in column x: along the way on
// which ridges are weakest, within reach of the column. It returns what that costs.
func (v *view) sew(p *part, x, reach int) int32 {
	wide := 2*reach + 1
	from := int(v.top[x])
	v.seam = resize(v.seam, v.h)
	for y := range from + 1 {
		v.seam[y] = int16(x)
	}
	n := p.y1 - from + 1
	v.cost = resize(v.cost, n*wide)
	for k := range n {
		for i := range wide {
			c := int32(abs(i - reach))
			if k > 0 {
				c = v.cheapest(k-1, i, wide) + v.strength(x+i-reach, from+k)
			} else if i != reach {
				c = 1 << 20
			}
			v.cost[k*wide+i] = c
		}
	}
	at := reach
	for i := range wide {
		if v.cost[(n-1)*wide+i] < v.cost[(n-1)*wide+at] {
			at = i
		}
	}
	least := v.cost[(n-1)*wide+at]
	for k := n - 1; k > 0; k-- {
		v.seam[from+k] = int16(x + at - reach)
		at = v.before(k-1, at, wide)
	}
	return least
}

const sideways = 24 // what a step aside costs, in units of ridge strength

// before is the place in row k from which place i of the next row is reached
// best.
func (v *view) before(k, i, wide int) int {
	row, best := v.cost[k*wide:][:wide], i
	for _, j := range [2]int{i - 1, i + 1} {
		if uint(j) < uint(wide) && row[j]+sideways < row[best]+sideways*int32(min(1, abs(best-i))) {
			best = j
		}
	}
	return best
}

// cheapest is what it costs to come from row k to place i of the next row.
func (v *view) cheapest(k, i, wide int) int32 {
	j := v.before(k, i, wide)
	return v.cost[k*wide+j] + sideways*int32(abs(j-i))
}

// strength is that of the ridges at a cell of the view.
func (v *view) strength(x, y int) int32 {
	sx, sy := v.source(float64(x)+0.5, float64(y)+0.5)
	i, j := int(sx), int(sy)
	if sx < 0 || sy < 0 || i >= v.srcW || j >= v.srcH {
		return 0
	}
	return int32(v.relief.strength[j*v.srcW+i])
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

// rippled reports whether a part shows ridges, which change within a cell and
// hardly from cell to cell, and not the edges and shades of something else. The
// two variances are in a ratio of 5 in the middle of prints, of 1.2 in the
// wettest, and of 0.3 to 0.6 in a portrait.
func (v *view) rippled(p *part) bool {
	const edge = 127 * 127 // no print changes so much from cell to cell: its rim
	var within, between int
	for y := p.y0; y <= p.y1; y++ {
		for x := p.x0; x <= p.x1; x++ {
			sx, sy := v.source(float64(x)+0.5, float64(y)+0.5)
			i, j := int(sx), int(sy)
			if v.label[y*v.w+x] != p.label || i < 0 || j < 0 || i >= v.srcW-1 || j >= v.srcH-1 {
				continue
			}
			here := v.relief.darkness(i, j)
			across, down := v.relief.darkness(i+1, j)-here, v.relief.darkness(i, j+1)-here
			if step := across*across + down*down; step < edge {
				within += int(v.relief.rough[j*v.srcW+i] / 16)
				between += step / 2
			}
		}
	}
	return 4*within >= 3*between
}

// touch marks fingertips that touch a neighbour: over a millimetre or more no
// light gap is seen between them.
func (v *view) touch() {
	for i := range v.parts {
		for k := range v.parts {
			a, b := &v.parts[i], &v.parts[k]
			if a.tip && b.tip && a.tipX < b.tipX && v.touching(a, b) {
				a.joined, b.joined = true, true
			}
		}
	}
}

// touching reports whether a part touches another on its right.
func (v *view) touching(a, b *part) bool {
	left, right, closed := v.rows(a), v.rows(b), 0
	for y := max(a.y0, b.y0); y <= min(a.y1, b.y1); y++ {
		from, to := left[y][1], right[y][0]
		if from >= 0 && to > from && to-from < 6 && !v.gap(float64(from), float64(to+1), float64(y)+0.5) {
			closed++
		}
	}
	return closed >= 3
}

// gap reports whether a place between two columns of the view shows no ridges.
func (v *view) gap(from, to, y float64) bool {
	w := 2 * v.relief.w
	for x := from - 1; x <= to+1; x += 0.5 {
		sx, sy := v.source(x, y)
		i, j := int(2*sx), int(2*sy)
		if i < 1 || j < 1 || i >= w-1 || j >= 2*v.relief.h-1 || !v.relief.ridge(j*w+i, w) {
			return true
		}
	}
	return false
}

func abs(v int) int { return max(v, -v) }

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

// measure finds the rows and the middle line of every part.
func (v *view) measure() {
	v.row = resize(v.row, len(v.parts)*v.h)
	for i := range v.row {
		v.row[i] = [2]int16{-1, -1}
	}
	for y := range v.h {
		for x, l := range v.label[y*v.w:][:v.w] {
			if l == 0 {
				continue
			}
			r := &v.row[(int(l)-1)*v.h+y]
			if r[0] < 0 {
				r[0] = int16(x)
			}
			r[1] = int16(x)
		}
	}
	for i := range v.parts {
		v.midline(&v.parts[i])
	}
}

// rows are those of a part.
func (v *view) rows(p *part) [][2]int16 { return v.row[(int(p.label)-1)*v.h:][:v.h] }

// midline fits the middle line of a part, and measures its width: that below
// which three quarters of its rows stay.
func (v *view) midline(p *part) {
	rows := v.rows(p)
	var counts [256]int
	for y := p.y0; y <= p.y1; y++ {
		if r := rows[y]; r[0] >= 0 {
			counts[min(255, int(r[1]-r[0])+1)]++
		}
	}
	p.width = float64(share(&counts, 0.75))
	var line fit
	v.gather(p, &line)
	p.mid, p.lean = line.solve()
	p.rows = int(line.n)
	r := rows[p.y0]
	p.tipX = int(r[0]+r[1]) / 2
}

// gather adds the middles of a part's rows to a fit, leaving out the round of
// the tip and rows that the rim of the image cuts.
func (v *view) gather(p *part, line *fit) {
	rows := v.rows(p)
	for y := p.y0; y <= p.y1; y++ {
		r := rows[y]
		if r[0] < 0 || float64(r[1]-r[0]+1) < 0.6*p.width || v.edge(int(r[0]), y) || v.edge(int(r[1]), y) {
			continue
		}
		line.add(float64(y)+0.5, half(int(r[0]+r[1])+1))
	}
}

// edge reports whether a cell lies at the rim of the image.
func (v *view) edge(x, y int) bool {
	sx, sy := v.source(float64(x)+0.5, float64(y)+0.5)
	return sx < 1.5 || sy < 1.5 || sx > float64(v.srcW)-1.5 || sy > float64(v.srcH)-1.5
}

// A fit is a line x = mid + lean·y through points, by least squares.
type fit struct{ n, y, x, yy, yx float64 }

func (f *fit) add(y, x float64) {
	f.n++
	f.y += y
	f.x += x
	f.yy += float64(y * y)
	f.yx += float64(y * x)
}

func (f *fit) solve() (mid, lean float64) {
	if f.n == 0 {
		return 0, 0
	}
	d := float64(f.n*f.yy) - float64(f.y*f.y)
	if f.n < 4 || d <= 0 {
		return f.x / f.n, 0
	}
	lean = (float64(f.n*f.yx) - float64(f.y*f.x)) / d
	return (f.x - float64(lean*f.y)) / f.n, lean
}

// chain joins parts that lie below one another to fingers.
func (v *view) chain() {
	for i := range v.parts {
		p := &v.parts[i]
		if over := v.above(i); over >= 0 {
			p.finger = v.parts[over].finger
			continue
		}
		height := float64(p.y1 - p.y0 + 1)
		whole := p.width >= thinnest && height >= 0.7*p.width
		if p.width <= v.thickest && (whole || height >= thinnest && p.width >= thinnest/2 && v.atRim(p)) {
			p.finger, p.tip = i, true
		}
	}
	for i := range v.parts {
		if !v.parts[i].tip {
			continue
		}
		var line fit
		for k := range v.parts {
			if v.parts[k].finger == i {
				v.gather(&v.parts[k], &line)
			}
		}
		p := &v.parts[i]
		p.mid, p.lean = line.solve()
		p.rows = int(line.n)
	}
	v.align()
}

// align turns fingers that the rim of the image cuts along their length as the
// others are turned: what is left of them hardly shows it.
func (v *view) align() {
	var leans [maxParts]float64
	n := 0
	for i := range v.parts {
		if p := &v.parts[i]; p.tip && !v.atRim(p) {
			leans[n] = p.lean
			n++
		}
	}
	slices.Sort(leans[:n])
	for i := range v.parts {
		p := &v.parts[i]
		if !p.tip || !v.atRim(p) {
			continue
		}
		own := float64(p.rows) / (float64(p.rows) + p.width)
		if p.rows < 6 {
			own = 0
		}
		p.lean = float64(own*p.lean) + float64((1-own)*(leans[n/2]+v.spread(p, n)))
		p.rows = 0
		p.mid = v.middle(p) - float64(p.lean*half(p.y0+p.y1))
	}
}

// spread is by how much more than the others a finger leans that lies outside of
// n others: about four degrees, to its side.
func (v *view) spread(p *part, n int) float64 {
	left, right := 0, 0
	for i := range v.parts {
		if q := &v.parts[i]; q.tip && q != p {
			if q.tipX < p.tipX {
				left++
			} else {
				right++
			}
		}
	}
	const outwards = 0.07
	switch {
	case n < 2 || left > 0 && right > 0:
		return 0
	case left > 0:
		return -outwards
	}
	return outwards
}

// middle is the mean column of a part.
func (v *view) middle(p *part) float64 {
	var sum, n float64
	for _, r := range v.rows(p)[p.y0 : p.y1+1] {
		if r[0] >= 0 {
			sum, n = sum+half(int(r[0]+r[1])+1), n+1
		}
	}
	return sum / max(1, n)
}

// atRim reports whether a part goes on beyond the rim of the image along much of
// its length.
func (v *view) atRim(p *part) bool {
	rows, n := v.rows(p), 0
	for y := p.y0; y <= p.y1; y++ {
		if r := rows[y]; r[0] >= 0 && (v.edge(int(r[0]), y) || v.edge(int(r[1]), y)) {
			n++
		}
	}
	return 2*n > p.y1-p.y0
}

// above returns the part of a finger of which part i is the continuation, -1
// where there is none. Lower phalanges of neighbours may hang together.
func (v *view) above(i int) int {
	p := &v.parts[i]
	for k := i - 1; k >= 0; k-- {
		q := &v.parts[k]
		if q.finger < 0 {
			continue
		}
		gap := float64(p.y0 - q.y1)
		if gap < -0.5*q.width || gap > 1.1*q.width {
			continue
		}
		y := float64(p.y0) + min(float64(0.3*p.width), half(p.y1-p.y0))
		r := v.rows(p)[int(y)]
		left, right := float64(r[0]), float64(r[1]+1)
		// The middle line of a short piece is not quite to be trusted.
		mean := half(q.y0 + q.y1)
		at := q.at(mean) + float64(0.6*float64(q.lean*(y-mean)))
		if math.Abs(float64((left+right)/2)-at) < 0.45*q.width && right-left < 1.25*q.width {
			return k
		}
		if right-left >= 1.25*q.width && left < at-float64(0.2*q.width) && right > at+float64(0.2*q.width) {
			return k
		}
	}
	return -1
}
